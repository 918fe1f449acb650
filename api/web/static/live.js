// Keeps what is shown up to date: dashboards by themselves, a client's page when its reader wants it.
(function () {
  "use strict";
  const main = document.querySelector("main[data-live]");
  if (!main || !window.EventSource) return;
  const chart = main.dataset.live === "self" ? "" : main.dataset.chart || "";
  const words = document.body.dataset;
  const REST = 5000; // a busy log moves on many times a second; readers need not
  let source = null;
  let known = main.dataset.known ? Number(main.dataset.known) : null;
  let shown = null;
  let resting = false;
  let missed = false;

  const bar = document.createElement("p");
  bar.className = "live";
  const note = document.createElement("span");
  note.setAttribute("aria-live", "polite");
  const pause = document.createElement("button");
  pause.type = "button";
  pause.className = "plain";
  pause.addEventListener("click", function () { if (source) stop(); else listen(); });
  bar.append(note, " ", pause);
  (main.querySelector("[data-live-place]") || main).prepend(bar);

  function offer() {
    const show = document.createElement("a");
    show.href = location.href.split("#")[0];
    show.textContent = words.show;
    note.className = "flag";
    note.replaceChildren(words.newer + " ", show);
  }
  // Nothing is changed under a hand that is at work: then it is only said that there is something new.
  function busy() {
    const at = document.activeElement;
    return Boolean(at && at !== main && main.contains(at) && at !== pause) || Boolean(main.querySelector("details[open]"));
  }
  async function refresh() {
    if (!source) return;
    if (resting) { missed = true; return; }
    resting = true;
    missed = false;
    window.setTimeout(function () { resting = false; if (missed) refresh(); }, REST);
    let page = null;
    try {
      const answer = await fetch(location.href, { headers: { "X-Unattended": "live" } });
      if (answer.ok) page = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main[data-live]");
    } catch (_) {
      missed = true; // the line was cut: the next turn asks again
    }
    if (!source || !page || page.innerHTML === shown) return;
    if (busy()) { offer(); return; }
    shown = page.innerHTML;
    const top = window.scrollY;
    while (bar.nextSibling) bar.nextSibling.remove(); // the bar stays, and whatever has the focus in it
    main.append(...page.childNodes);
    window.scrollTo(0, top);
    document.dispatchEvent(new Event("page:renewed"));
    note.className = "";
    note.textContent = words.updated + " " + new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  }
  function moved(event) {
    const now = JSON.parse(event.data);
    const value = chart ? now.sequence : now.position;
    const before = known;
    known = value;
    if (before === null || before === value) return;
    if (main.dataset.live === "self") refresh(); else offer();
  }
  function listen() {
    source = new EventSource("/api/v1/live" + (chart ? "?client=" + encodeURIComponent(chart) : ""));
    source.addEventListener("moved", moved);
    source.addEventListener("error", function (event) {
      // browsers ask again by themselves but for an answer that is no stream: a restart, or too many of them
      if (event.target.readyState === EventSource.CLOSED && event.target === source) window.setTimeout(function () { if (source === event.target) listen(); }, 2 * REST);
    });
    pause.textContent = words.pause;
  }
  function stop() {
    source.close();
    source = null;
    pause.textContent = words.resume;
  }
  window.addEventListener("pagehide", function () { if (source) source.close(); });
  window.addEventListener("pageshow", function (event) { if (event.persisted && source) listen(); });
  listen();
})();
