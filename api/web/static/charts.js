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
  // Where there is little room beside the axis, the names of groups stand above their marks, in a line or two of their own.
  function named(data, layout, width, style) {
    const rows = data.filter(function (trace) { return trace.orientation === "h" || trace.error_x; });
    if (!rows.length) return layout;
    const names = Array.from(new Set(rows.flatMap(function (trace) { return trace.y; }))), most = Math.floor((width - 36) / 5.6);
    rows.forEach(function (trace) { if (trace.type === "bar") trace.width = 0.42 / rows.length; });
    const above = names.map(function (name) {
      const long = String(name).length > most, end = long ? name.lastIndexOf(" ", most) : 0;
      const text = end > 0 ? name.slice(0, end) + "<br>" + name.slice(end + 1) : name;
      return {
        x: 0, xref: "paper", xanchor: "left", y: name, yref: "y", yshift: end > 0 ? 17 : 13, text: text, align: "left",
        showarrow: false, borderpad: 0, font: { size: end > 0 ? 10 : 12 }, bgcolor: style.getPropertyValue("--surface").trim(),
      };
    });
    return Object.assign({}, layout, {
      annotations: (layout.annotations || []).concat(above),
      yaxis: Object.assign({}, layout.yaxis, { showticklabels: false }),
    });
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
      margin: { l: narrow ? 16 : 56, r: narrow ? 20 : 14, t: 10, b: 44 },
      legend: { orientation: "h", yref: "container", y: 0, yanchor: "bottom", x: 0, font: { size: 12 } },
      hoverlabel: { font: { size: 13, family: family } },
    });
  }
  // Months and days of an axis by their names in the page's language, the day first as everywhere on the page.
  function inLanguage() {
    const page = document.documentElement.lang || "en";
    const named = function (what, form, times) {
      const say = new Intl.DateTimeFormat(page, Object.assign({ timeZone: "UTC" }, { [what]: form }));
      return times.map(function (at) { return say.format(at).replace(/\.$/, ""); });
    };
    const months = Array.from({ length: 12 }, function (_, month) { return Date.UTC(2024, month, 15); });
    const days = Array.from({ length: 7 }, function (_, day) { return Date.UTC(2024, 8, 1 + day); });
    Plotly.register({
      moduleType: "locale", name: "page", dictionary: {}, // beside Plotly's own, which gives what is not said here
      format: {
        days: named("weekday", "long", days), shortDays: named("weekday", "short", days),
        months: named("month", "long", months), shortMonths: named("month", "short", months),
        date: "%-d %b %Y", year: "%Y", month: "%b %Y", dayMonth: "%-d %b", dayMonthYear: "%-d %b %Y",
      },
    });
  }
  function draw() {
    const style = getComputedStyle(document.documentElement);
    document.querySelectorAll("[data-chart]").forEach(function (box) {
      const figure = JSON.parse(document.getElementById(box.dataset.chart).textContent);
      const narrow = box.clientWidth < NARROW;
      const data = resolved(figure.data, style);
      const layout = narrow ? named(data, figure.layout, box.clientWidth, style) : figure.layout;
      const quiet = { locale: "page", displaylogo: false, responsive: true, displayModeBar: false };
      if (!box.classList.contains("drawn")) box.replaceChildren();
      Plotly.react(box, data, themed(layout, style, narrow), quiet);
      box.classList.add("drawn");
    });
  }
  if (window.Plotly) {
    inLanguage();
    draw();
  }
  document.addEventListener("page:renewed", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
