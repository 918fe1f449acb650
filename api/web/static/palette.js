// The find box suggests while somebody types: pages, forms for the client who is open or chosen, and charts. Without this
// file it is the form that searches. What was typed goes by POST with the form's token: no name stands in an address.
(function () {
  "use strict";
  const box = document.getElementById("find");
  const keys = document.getElementById("keys");
  if (!box) return;
  const form = box.form, list = document.getElementById("found"), told = document.getElementById("found-told");
  const SHORTEST = 3, REST = 150; // letters; ms after the last key
  const here = form.dataset.chart ? { name: form.dataset.chart, to: form.dataset.to } : null;
  let palette = null, asked = null, timer = null, options = [], active = -1, chosen = null, clients = [], closed = false, waiting = false;

  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", list.id);
  box.setAttribute("aria-expanded", "false");

  const plain = function (text) { return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase(); };
  const fits = function (text, wanted) {
    const has = plain(text).split(/[^\p{L}\p{N}]+/u);
    return plain(wanted).split(/\s+/).filter(Boolean).every(function (word) { return has.some(function (one) { return one.startsWith(word); }); });
  };
  async function load() {
    if (palette) return;
    palette = { pages: [], forms: [] };
    try {
      const answer = await fetch("/palette.json");
      if (answer.ok) palette = await answer.json();
    } catch (_) { /* pages are in the navigation as well */ }
    if (box.value || chosen) show(options[active]);
  }
  function formsOf(client, text) {
    return palette.forms.filter(function (one) { return fits(one.name + " " + one.command.replace(/^record-/, ""), text); }).map(function (one) {
      return { name: one.name, about: client.name, to: client.to + "/record/" + one.command };
    });
  }
  function local(text) {
    if (!palette || (!text && !chosen)) return [];
    if (chosen) return formsOf(chosen, text);
    const named = palette.pages.filter(function (one) { return fits(one.name, text); });
    const below = palette.pages.filter(function (one) { return !named.includes(one) && fits(one.name + " " + one.place, text); });
    const pages = named.concat(below);
    return (here ? formsOf(here, text).slice(0, 5) : []).concat(pages.slice(0, 6).map(function (one) {
      return { name: one.name, about: one.place === one.name ? "" : one.place, to: one.to };
    }));
  }
  // What comes late opens nothing that was closed meanwhile, and leaves the mark where it is.
  function show(marked) {
    options = local(box.value.trim()).concat(chosen ? [] : clients);
    list.replaceChildren(...options.map(function (one, number) {
      const item = document.createElement("li");
      item.id = "found-" + number;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      const name = document.createElement("b"), about = document.createElement("small");
      name.dir = about.dir = "auto";
      name.textContent = one.name;
      about.textContent = one.about;
      item.append(name, " ", about);
      item.addEventListener("mousedown", function (event) { event.preventDefault(); });
      item.addEventListener("click", function () { go(one); });
      return item;
    }));
    const still = marked ? options.findIndex(function (one) { return one.to === marked.to; }) : -1;
    open(options.length > 0 && !closed);
    mark(still < 0 && chosen && options.length ? 0 : still);
    told.textContent = box.value || chosen ? form.dataset.told.replace("{count}", options.length) : "";
  }
  function open(whether) {
    list.hidden = !whether;
    box.setAttribute("aria-expanded", String(whether));
    if (!whether) mark(-1);
  }
  function mark(number) {
    active = number;
    Array.from(list.children).forEach(function (item, index) { item.setAttribute("aria-selected", String(index === number)); });
    if (number < 0 || list.hidden) { box.removeAttribute("aria-activedescendant"); return; }
    box.setAttribute("aria-activedescendant", "found-" + number);
    list.children[number].scrollIntoView({ block: "nearest" });
  }
  // What alone fits needs no arrow; a clinician's words are looked for among charts first.
  function isOnly() { return !list.hidden && (form.dataset.suggest ? options.length === 1 && !waiting : options.length > 0); }
  function go(one) { window.location.assign(one.to); }
  function choose(one) {
    chosen = one;
    form.querySelector("[data-chosen]").textContent = one ? one.name : "";
    box.value = "";
    clients = [];
    show();
  }
  async function ask() {
    const text = box.value.trim();
    if (asked) asked.abort();
    clients = [];
    if (chosen || !form.dataset.suggest || text.length < SHORTEST) { waiting = false; show(); return; }
    const mine = asked = new AbortController();
    try {
      const body = new URLSearchParams({ csrf: form.elements.csrf.value, chart: text });
      const answer = await fetch(form.dataset.suggest, { method: "POST", body: body, signal: mine.signal });
      const found = answer.ok ? (await answer.json()).clients : [];
      if (asked !== mine) return;
      clients = found.map(function (one) { return Object.assign({ client: true }, one); });
      waiting = false;
    } catch (_) {
      return; // a newer question, or no line: the form still searches
    }
    if (document.activeElement === box) show(options[active]);
  }
  box.addEventListener("focus", load);
  box.addEventListener("input", function () {
    window.clearTimeout(timer);
    clients = [];
    closed = false;
    waiting = true;
    show();
    timer = window.setTimeout(ask, REST);
  });
  box.addEventListener("blur", function () { open(false); });
  box.addEventListener("keydown", function (event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!options.length) return;
      event.preventDefault();
      closed = false;
      if (list.hidden) open(true);
      const steps = options.length + 1; // the box itself stands between the last and the first
      mark((active + 1 + (event.key === "ArrowDown" ? 1 : -1) + steps) % steps - 1);
    } else if (event.key === "Enter" && (active >= 0 || isOnly())) {
      event.preventDefault();
      go(options[Math.max(active, 0)]);
    } else if (event.key === "ArrowRight" && active >= 0 && options[active].client && palette.forms.length && box.selectionEnd === box.value.length) {
      event.preventDefault();
      choose(options[active]);
    } else if (event.key === "Backspace" && chosen && !box.value) {
      choose(null);
    } else if (event.key === "Escape") {
      if (chosen) choose(null); else if (list.hidden) box.value = ""; else { closed = true; open(false); }
      event.preventDefault();
    }
  });
  form.addEventListener("submit", function (event) { if (chosen || !form.dataset.suggest) event.preventDefault(); });
  document.addEventListener("keydown", function (event) {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      if (keys.open) keys.close();
      box.focus();
      box.select();
    } else if (event.key === "?" && !typing && !keys.open) {
      event.preventDefault();
      keys.showModal();
    }
  });
})();
