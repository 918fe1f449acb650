// Says that a session is about to end, while its reader can still keep it; when it has ended, what the page shows of
// clients goes from the screen. What was typed is a draft by then (drafts.js).
(function () {
  "use strict";
  const words = document.body.dataset;
  if (!words.writer) return;
  const WARN = 120; // seconds
  const AGAIN = 30; // after a line that was cut
  let timer = null;
  let warning = null;

  function later(seconds) {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, seconds * 1000);
  }
  function warn() {
    if (warning) return;
    warning = document.createElement("div");
    warning.className = "flag bad ending";
    warning.setAttribute("role", "alert");
    const stay = document.createElement("button");
    stay.type = "button";
    stay.textContent = words.stay;
    stay.addEventListener("click", function () { ask({ stay: true }); });
    warning.append(words.ending + " ", stay);
    document.body.append(warning);
  }
  async function ask(how) {
    let left = null;
    try {
      const answer = await fetch("/session", how && how.stay ? {} : { headers: { "X-Unattended": "session" } });
      left = (await answer.json()).left;
    } catch (_) {
      later(AGAIN);
      return;
    }
    if (left <= 0) {
      location.replace("/?ended=1&next=" + encodeURIComponent(location.pathname + location.search));
    } else if (left <= WARN) {
      warn();
      later(left);
    } else {
      if (warning) warning.remove();
      warning = null;
      later(left - WARN);
    }
  }
  document.addEventListener("visibilitychange", function () { if (!document.hidden) ask(); });
  ask();
})();
