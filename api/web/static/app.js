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
  document.querySelectorAll("details.menu").forEach(function (menu) {
    document.addEventListener("keydown", function (event) {
      if (event.key === "Escape" && menu.open) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    });
    document.addEventListener("click", function (event) { if (!menu.contains(event.target)) menu.open = false; });
  });
  // What was typed survives a lost connection or a closed page, in this tab only, until it is recorded.
  document.querySelectorAll("form[data-draft]").forEach(function (form) {
    const place = "draft:" + form.dataset.draft;
    const fields = function () { return Array.from(form.elements).filter(function (field) { return field.name && field.type !== "hidden"; }); };
    const kept = JSON.parse(sessionStorage.getItem(place) || "null");
    if (kept && !document.querySelector(".alert")) {
      fields().forEach(function (field, number) { if (kept[number] !== undefined) { field.value = kept[number]; } });
      const note = document.createElement("p");
      note.className = "flag";
      note.setAttribute("role", "status");
      note.textContent = document.body.dataset.kept + " ";
      const clear = document.createElement("button");
      clear.type = "button";
      clear.className = "plain";
      clear.textContent = document.body.dataset.afresh;
      clear.addEventListener("click", function () { sessionStorage.removeItem(place); form.reset(); note.remove(); });
      note.append(clear);
      form.before(note);
    }
    form.addEventListener("input", function () {
      sessionStorage.setItem(place, JSON.stringify(fields().map(function (field) { return field.value; })));
    });
    form.addEventListener("submit", function () { form.querySelectorAll("button").forEach(function (button) { button.disabled = true; }); });
    window.addEventListener("pageshow", function () { form.querySelectorAll("button").forEach(function (button) { button.disabled = false; }); });
  });
  if (new URLSearchParams(location.search).has("recorded")) {
    Object.keys(sessionStorage).filter(function (name) { return name.startsWith("draft:" + location.pathname) || name === "draft:/clients/new"; }).forEach(function (name) { sessionStorage.removeItem(name); });
  }
  document.querySelectorAll("form[action='/sign-out']").forEach(function (form) { form.addEventListener("submit", function () { sessionStorage.clear(); }); });
  document.addEventListener("change", function (event) {
    if (event.target.matches("form[data-auto] select")) event.target.form.requestSubmit();
  });
})();
