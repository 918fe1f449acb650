// Small help for people with a keyboard and for filters; every page works without it.
(function () {
  "use strict";
  document.addEventListener("keydown", function (event) {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !typing) {
      const search = Array.from(document.querySelectorAll("[type=search]")).find(function (field) { return field.offsetParent; });
      if (search) {
        event.preventDefault();
        search.focus();
      }
    }
  });
  // A menu that lies over the page closes as people expect: by Escape, and by a click elsewhere.
  document.querySelectorAll("details.menu, details.record").forEach(function (menu) {
    document.addEventListener("keydown", function (event) {
      if (event.key === "Escape" && menu.open) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    });
    document.addEventListener("click", function (event) { if (!menu.contains(event.target)) menu.open = false; });
  });
  // The facts of a storyboard stand open where they stand beside the page (app.css shows them so from the first moment).
  const beside = window.matchMedia("(min-width: 1180px)");
  document.querySelectorAll("details.at-hand").forEach(function (facts) {
    const fit = function () { facts.open = beside.matches; };
    beside.addEventListener("change", fit);
    fit();
  });
  // Record: what is typed leaves the commands that have it in their name; Enter opens the first.
  document.querySelectorAll(".commands [type=search]").forEach(function (box) {
    const all = box.closest(".commands"), links = Array.from(all.querySelectorAll("section a"));
    box.addEventListener("input", function () {
      const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
      links.forEach(function (link) {
        const text = (link.textContent + " " + link.closest("section").querySelector("h2").textContent).toLowerCase();
        link.hidden = !words.every(function (word) { return text.includes(word); });
      });
      all.querySelectorAll("section").forEach(function (part) { part.hidden = !part.querySelector("a:not([hidden])"); });
      all.querySelector(".none").hidden = links.some(function (link) { return !link.hidden; });
    });
    box.addEventListener("keydown", function (event) {
      const first = links.find(function (link) { return !link.hidden; });
      if (event.key === "Enter" && box.value && first) first.click();
    });
  });
  // Another kind of session brings its usual length, unless somebody gave the minutes.
  document.querySelectorAll("form[data-usual]").forEach(function (form) {
    const usual = JSON.parse(form.dataset.usual);
    const kind = form.elements.kind, minutes = form.elements.minutes;
    let before = kind.value;
    kind.addEventListener("change", function () {
      if (minutes.value === String(usual[before]) && usual[kind.value]) {
        minutes.value = usual[kind.value];
        minutes.dispatchEvent(new Event("input", { bubbles: true }));
      }
      before = kind.value;
    });
    form.addEventListener("draft:restored", function () { before = kind.value; });
    form.addEventListener("reset", function () { window.setTimeout(function () { before = kind.value; }); });
  });
  // The sheet of a group by keys: a mark, then the next client; L goes to the minutes of who came late or left early.
  document.querySelectorAll("table.sheet").forEach(function (sheet) {
    const marks = { p: "there", a: "missed", e: "excused" };
    sheet.addEventListener("keydown", function (event) {
      const row = event.target.closest("tr");
      if (!row || !event.target.matches("select[data-mark]") || event.ctrlKey || event.metaKey || event.altKey) return;
      const key = event.key.toLowerCase();
      if (key !== "l" && !(key in marks)) return;
      event.preventDefault();
      event.target.value = key === "l" ? "there" : marks[key];
      event.target.dispatchEvent(new Event("input", { bubbles: true }));
      const next = key === "l" ? row.querySelector("input[type=number]") : row.nextElementSibling && row.nextElementSibling.querySelector("select[data-mark]");
      if (next) next.focus();
    });
  });
  // A period in words and its days are two ways to say one thing: who chooses one lets go of the other.
  document.querySelectorAll("form.filters").forEach(function (form) {
    const field = form.elements, days = [field.from, field.to].filter(Boolean);
    if (!field.period) return;
    field.period.addEventListener("change", function () { if (field.period.value) days.forEach(function (day) { day.value = ""; }); });
    days.forEach(function (day) { day.addEventListener("change", function () { if (day.value) field.period.value = ""; }); });
  });
  // Where the rows of a table are cards (app.css), some browsers forget that it is a table: it says so by itself.
  const ROLES = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };
  function tell() {
    document.querySelectorAll("table:is(.people, .stacked, .sheet)").forEach(function (table) {
      [table, ...table.querySelectorAll("thead, tbody, tr, th, td")].forEach(function (part) {
        part.setAttribute("role", ROLES[part.tagName] || (part.closest("thead") ? "columnheader" : "rowheader"));
      });
    });
  }
  document.addEventListener("page:renewed", tell);
  tell();
  document.addEventListener("change", function (event) {
    if (event.target.matches("form[data-auto] select")) event.target.form.requestSubmit();
  });
})();
