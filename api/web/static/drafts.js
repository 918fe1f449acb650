// What was typed survives a lost connection, a closed page and the end of a session: in this tab only, for its writer
// only, and until it is recorded. Kept are the fields that somebody changed, each under its own name (a mark of a group
// carries its client), for half a day.
(function () {
  "use strict";
  const LONGEST = 12 * 3600 * 1000;
  const SENT = "draft-sent";
  const writer = document.body.dataset.writer;
  const read = function (place) { try { return JSON.parse(sessionStorage.getItem(place)); } catch (_) { return null; } };
  const drafts = function () { return Object.keys(sessionStorage).filter(function (name) { return name.startsWith("draft:"); }); };

  document.querySelectorAll("form[action='/sign-out']").forEach(function (form) { form.addEventListener("submit", function () { sessionStorage.clear(); }); });
  if (writer) {
    const recorded = new URLSearchParams(location.search);
    const sent = sessionStorage.getItem(SENT);
    sessionStorage.removeItem(SENT);
    if (sent && (recorded.has("recorded") || recorded.has("charted"))) sessionStorage.removeItem(sent);
    // of another person at this tab, or too old: nobody shall find it
    drafts().forEach(function (place) {
      const kept = read(place);
      if (!kept || kept.writer !== writer || Date.now() - kept.at > LONGEST) sessionStorage.removeItem(place);
    });
  }

  function fieldsOf(form) { return Array.from(form.elements).filter(function (field) { return field.name && field.type !== "hidden" && field.type !== "checkbox"; }); }
  function valuesOf(form, name) { return fieldsOf(form).filter(function (field) { return field.name === name && (field.type !== "radio" || field.checked); }).map(function (field) { return field.value; }); }
  function restore(form, fields) {
    Object.entries(fields).forEach(function (one) {
      fieldsOf(form).filter(function (field) { return field.name === one[0]; }).forEach(function (field, number) {
        if (field.type === "radio") field.checked = field.value === one[1][0];
        else if (one[1][number] !== undefined) field.value = one[1][number];
      });
    });
  }
  function offerAfresh(form, place, changed) {
    const note = document.createElement("p");
    note.className = "flag";
    note.setAttribute("role", "status");
    note.textContent = document.body.dataset.kept + " ";
    const clear = document.createElement("button");
    clear.type = "button";
    clear.className = "plain";
    clear.textContent = document.body.dataset.afresh;
    clear.addEventListener("click", function () { sessionStorage.removeItem(place); changed.clear(); form.reset(); note.remove(); });
    note.append(clear);
    form.before(note);
  }
  document.querySelectorAll("form[data-draft]").forEach(function (form) {
    const place = "draft:" + form.dataset.draft;
    const kept = read(place);
    const changed = new Set(kept ? Object.keys(kept.fields) : []);
    const fits = kept && fieldsOf(form).some(function (field) { return changed.has(field.name); });
    if (fits && !document.querySelector(".alert, [data-holds]")) { // a form that was refused or asked holds what was typed already
      restore(form, kept.fields);
      form.dispatchEvent(new Event("draft:restored"));
      offerAfresh(form, place, changed);
    }
    form.addEventListener("input", function (event) {
      if (!event.target.name || event.target.type === "checkbox") return;
      changed.add(event.target.name);
      const fields = {};
      changed.forEach(function (name) {
        const values = valuesOf(form, name);
        if (values.length) fields[name] = values;
        else if (kept && kept.fields[name]) fields[name] = kept.fields[name]; // a client of another slot
      });
      sessionStorage.setItem(place, JSON.stringify({ writer: writer, at: Date.now(), fields: fields }));
    });
    form.addEventListener("submit", function () {
      sessionStorage.setItem(SENT, place);
      // after the form is read: a button that is off by then would not be sent
      window.setTimeout(function () { form.querySelectorAll("button").forEach(function (button) { button.disabled = true; }); });
    });
    window.addEventListener("pageshow", function () { form.querySelectorAll("button").forEach(function (button) { button.disabled = false; }); });
  });
})();
