// Draws every chart of the page from the JSON beside it, in the colours of the page's theme.
(function () {
  "use strict";
  function themed(layout) {
    const style = getComputedStyle(document.documentElement);
    const ink = style.getPropertyValue("--ink").trim();
    const line = style.getPropertyValue("--line").trim();
    const axis = { gridcolor: line, zerolinecolor: line, linecolor: line, automargin: true };
    return Object.assign({}, layout, {
      xaxis: Object.assign({}, axis, layout.xaxis),
      yaxis: Object.assign({}, axis, layout.yaxis),
      font: { family: style.getPropertyValue("--font").trim(), color: ink, size: 13 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      margin: { l: 60, r: 16, t: 12, b: 48 },
      legend: { orientation: "h", y: -0.3 },
      hoverlabel: { font: { size: 13 } },
    });
  }
  function draw() {
    document.querySelectorAll("[data-chart]").forEach(function (box) {
      const figure = JSON.parse(document.getElementById(box.dataset.chart).textContent);
      const quiet = { displaylogo: false, responsive: true, modeBarButtonsToRemove: ["lasso2d", "select2d"] };
      Plotly.react(box, figure.data, themed(figure.layout), quiet);
      box.classList.add("drawn");
    });
  }
  if (window.Plotly) draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
