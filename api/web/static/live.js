// Keeps what is shown up to date: dashboards by themselves, a client's page when its reader wants it.
(function () {
  "use strict";
  const main = document.querySelector("main[data-live]");
  if (!main || !window.EventSource) return;
  const chart = main.dataset.live;
  const words = document.body.dataset;
  const REST = 5000; // a busy log moves on many times a second; readers need not
  let source = null;
  let known = null;
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
  main.prepend(bar);

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
    if (resting) { missed = true; return; }
    resting = true;
    missed = false;
    window.setTimeout(function () { resting = false; if (missed) refresh(); }, REST);
    const answer = await fetch(location.href, { headers: { "X-Unattended": "live" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main[data-live]");
    if (!answer.ok || !page || page.innerHTML === shown) return;
    if (busy()) { offer(); return; }
    shown = page.innerHTML;
    const top = window.scrollY;
    main.replaceChildren(bar, ...page.childNodes);
    window.scrollTo(0, top);
    document.dispatchEvent(new Event("charts:draw"));
    note.className = "";
    note.textContent = words.updated + " " + new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  }
  function moved(event) {
    const now = JSON.parse(event.data);
    const value = chart ? now.sequence : now.position;
    const before = known;
    known = value;
    if (before === null || before === value) return;
    if (chart) offer(); else refresh();
  }
  function listen() {
    source = new EventSource("/api/v1/live" + (chart ? "?client=" + encodeURIComponent(chart) : ""));
    source.addEventListener("moved", moved);
    pause.textContent = words.pause;
  }
  function stop() {
    source.close();
    source = null;
    pause.textContent = words.resume;
  }
  window.addEventListener("pagehide", function () { if (source) source.close(); });
  listen();
})();
