// Draws every chart of the page from the JSON beside it, in the colours of the page's theme.
(function () {
  "use strict";
  const NARROW = 560;
  // A colour of the figure is the name of one in app.css, perhaps with an opacity: var(--c1), var(--c1)33.
  function resolved(value, style) {
    if (typeof value === "string") {
      const named = /^var\((--[\w-]+)\)([0-9a-f]{2})?$/.exec(value);
      return named ? style.getPropertyValue(named[1]).trim() + (named[2] || "") : value;
    }
    if (Array.isArray(value)) return value.map(function (one) { return resolved(one, style); });
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(function ([name, one]) { return [name, resolved(one, style)]; }));
    }
    return value;
  }
  // Long names of groups stand in two or three lines where there is little room beside the axis.
  function broken(name) {
    return typeof name === "string" ? name.replace(/(.{12,}?)[ ·]+(?=.{4})/g, "$1<br>") : name;
  }
  function themed(layout, style, narrow) {
    const tone = function (name) { return style.getPropertyValue(name).trim(); };
    const line = tone("--line");
    const family = tone("--font");
    const axis = function (own) {
      const title = own && own.title ? { text: own.title.text, font: { size: 12, color: tone("--muted") }, standoff: 10 } : undefined;
      const base = { gridcolor: line, zerolinecolor: tone("--edge"), linecolor: line, automargin: true, tickfont: { size: 12 } };
      return Object.assign(base, own, { title: title, fixedrange: narrow });
    };
    return Object.assign({}, layout, {
      xaxis: axis(layout.xaxis),
      yaxis: axis(layout.yaxis),
      font: { family: family, color: tone("--ink"), size: 12 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      margin: { l: narrow ? 8 : 56, r: 14, t: 10, b: 44 },
      legend: { orientation: "h", yref: "container", y: 0, yanchor: "bottom", x: 0, font: { size: 12 } },
      hoverlabel: { font: { size: 13, family: family } },
    });
  }
  function draw() {
    const style = getComputedStyle(document.documentElement);
    document.querySelectorAll("[data-chart]").forEach(function (box) {
      const figure = JSON.parse(document.getElementById(box.dataset.chart).textContent);
      const narrow = box.clientWidth < NARROW;
      const data = resolved(figure.data, style);
      if (narrow) data.forEach(function (trace) { if (trace.orientation === "h" || trace.error_x) trace.y = trace.y.map(broken); });
      const quiet = { displaylogo: false, responsive: true, displayModeBar: false };
      if (!box.classList.contains("drawn")) box.replaceChildren();
      Plotly.react(box, data, themed(figure.layout, style, narrow), quiet);
      box.classList.add("drawn");
    });
  }
  if (window.Plotly) draw();
  document.addEventListener("page:renewed", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
