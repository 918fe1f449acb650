// Help for auditors and operators: a slider over knowledge times, and work that shows its progress by itself.
(function () {
  "use strict";
  // The list of moments becomes a slider; its links are those of the list.
  document.querySelectorAll("[data-moments]").forEach(function (card) {
    const stops = Array.from(card.querySelectorAll("li"));
    const slider = card.querySelector(".slider");
    const range = slider.querySelector("input");
    const said = slider.querySelector("output");
    const links = slider.querySelector(".choices");
    function show() {
      const stop = stops[Number(range.value) - 1];
      said.textContent = stop.querySelector("span").textContent;
      range.setAttribute("aria-valuetext", said.textContent);
      links.replaceChildren(...Array.from(stop.querySelectorAll("a"), function (link) { return link.cloneNode(true); }));
    }
    range.addEventListener("input", show);
    slider.hidden = false;
    show();
  });
  // Running work is asked for again until it has ended; nothing moves but the card that tells of it.
  async function follow(card) {
    const answer = await fetch(location.href, { headers: { "X-Unattended": "work" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(card.id);
    if (answer.ok && fresh && fresh.innerHTML !== card.innerHTML) card.replaceWith(fresh);
  }
  function again() {
    const card = document.querySelector("[data-running]");
    if (card) window.setTimeout(function () { follow(card).catch(function () {}).finally(again); }, 2000);
  }
  again();
})();
