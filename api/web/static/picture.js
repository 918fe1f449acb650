// The picture of a journey: fits the screen, zooms and moves by buttons, wheel, drag and keys, says what is pointed at.
// The slider of knowledge times. Without it the picture scrolls, periods are links, and the slider is a list.
(function () {
  "use strict";
  const LEFT = 104, EDGE = 8, SHORTEST = 2, TICK = 84;
  const svg = document.getElementById("picture");
  if (svg) draw(svg);
  document.querySelectorAll("form.known").forEach(slide);

  function draw(svg) {
    const days = Number(svg.dataset.days), first = Number(svg.dataset.first), height = svg.viewBox.baseVal.height;
    const region = svg.parentElement, card = svg.closest(".picture"), detail = card.querySelector(".detail");
    const marks = Array.from(svg.querySelectorAll("[data-d]"), function (node) {
      const y = (node.getAttribute("transform").match(/[\d.]+ (-?[\d.]+)/) || [0, 0])[1];
      return { node: node, at: Number(node.dataset.d), y: y };
    }).sort(function (one, other) { return one.at - other.at; });
    const bars = Array.from(svg.querySelectorAll("[data-a]")), lines = Array.from(svg.querySelectorAll("[data-p]"));
    const ticks = svg.querySelector("#ticks"), lane = svg.querySelectorAll("path.lane[d^=M0]");
    const short = new Intl.DateTimeFormat(document.documentElement.lang, { month: "short", timeZone: "UTC" });
    function said(date, pattern) {
      return pattern.replace(/MMM|d|y/g, function (part) {
        return { MMM: short.format(date), d: date.getUTCDate(), y: date.getUTCFullYear() }[part];
      });
    }
    let start = 0, end = days, plot = 0;

    function x(at) { return (at - start) / (end - start) * plot; }
    function at(clientX) { return start + (clientX - svg.getBoundingClientRect().left - LEFT) / plot * (end - start); }

    function paint() {
      marks.forEach(function (mark) {
        mark.node.setAttribute("transform", "translate(" + x(mark.at).toFixed(1) + " " + mark.y + ")");
        mark.node.toggleAttribute("hidden", mark.at < start || mark.at > end);
      });
      bars.forEach(function (bar) {
        const from = x(Number(bar.dataset.a));
        bar.setAttribute("x", from.toFixed(1));
        bar.setAttribute("width", Math.max(3, x(Number(bar.dataset.b)) - from).toFixed(1));
      });
      lines.forEach(function (line) {
        line.setAttribute("points", line.dataset.p.split(" ").map(function (point) {
          const parts = point.split(",");
          return x(Number(parts[0])).toFixed(1) + "," + parts[1];
        }).join(" "));
      });
      tick();
    }

    function tick() {
      const span = end - start;
      let last = -TICK, text = "";
      for (let each = Math.ceil(start); each < end; each += 1) {
        const date = new Date((first + each - 719163) * 86400000);
        if (span > 120 ? date.getUTCDate() !== 1 : span > 35 && date.getUTCDay() !== 1) continue;
        const place = x(each);
        if (place - last < TICK || place > plot - TICK + EDGE) continue;
        text += '<path class="lane" d="M' + place.toFixed(1) + " 18V" + (height - 4) + '"/><text x="' + place.toFixed(1) + '" y="12">' + said(date, span > 120 ? svg.dataset.month : svg.dataset.day) + "</text>";
        last = place;
      }
      ticks.innerHTML = text;
    }

    function show(from, to) {
      const length = Math.min(days, Math.max(SHORTEST, to - from));
      start = Math.max(0, Math.min(days - length, from));
      end = start + length;
      paint();
    }
    function zoom(factor, around) {
      const middle = around === undefined ? (start + end) / 2 : around;
      show(middle - (middle - start) * factor, middle + (end - middle) * factor);
    }
    function fit() {
      const width = Math.max(280, region.clientWidth);
      plot = width - LEFT - EDGE;
      svg.setAttribute("viewBox", "0 0 " + width + " " + height);
      svg.querySelector("#plot rect").setAttribute("width", plot + 2 * EDGE);
      lane.forEach(function (path) { path.setAttribute("d", path.getAttribute("d").replace(/H\d+/, "H" + width)); });
      paint();
    }

    svg.classList.add("fitted");
    detail.hidden = false;
    const hint = window.matchMedia("(hover: none)").matches ? detail.dataset.touch : detail.dataset.hint;
    detail.textContent = hint;
    card.querySelector(".zoom").hidden = false;
    new ResizeObserver(fit).observe(region);

    function tell(event) {
      const node = event.target.closest("a, rect, text, [data-d]"), title = node && node.querySelector("title");
      detail.textContent = title ? title.textContent : hint;
    }
    svg.addEventListener("pointerover", tell);
    svg.addEventListener("focusin", tell);
    svg.addEventListener("pointerleave", tell);

    // What the arrows lead to: in each lane its signs and bars by their day.
    const rows = Array.from(svg.querySelectorAll(".row"), function (row) {
      return Array.from(row.querySelectorAll("a"), function (node) {
        const bar = node.querySelector("[data-a]");
        return bar ? { node: node, from: Number(bar.dataset.a), to: Number(bar.dataset.b) } : { node: node, from: Number(node.dataset.d), to: Number(node.dataset.d) };
      }).sort(function (one, other) { return one.from - other.from; });
    });
    function shown(row) { return row.filter(function (one) { return one.to >= start && one.from <= end; }); }
    function here() {
      for (let row = 0; row < rows.length; row += 1) {
        const one = rows[row].find(function (one) { return one.node === document.activeElement; });
        if (one) return { row: row, one: one };
      }
      return null;
    }
    function aim(one) { if (one) one.node.focus({ preventScroll: true }); }
    function along(by) {
      const now = here();
      if (!now) {
        const row = shown(rows.find(function (row) { return shown(row).length; }) || []);
        return aim(row[by > 0 ? 0 : row.length - 1]);
      }
      const row = shown(rows[now.row]);
      aim(row[Math.max(0, Math.min(row.length - 1, row.indexOf(now.one) + by))]);
    }
    function across(by) {
      const now = here();
      if (!now) return false;  // the page scrolls
      for (let row = now.row + by; row >= 0 && row < rows.length; row += by) {
        const near = shown(rows[row]).sort(function (one, other) { return away(one, now.one) - away(other, now.one); });
        if (near.length) { aim(near[0]); break; }
      }
      return true;
    }
    function away(one, from) { return Math.max(0, one.from - from.to, from.from - one.to); }
    function pan(share) { const by = (end - start) * share; show(start + by, end + by); }
    function focus() { const now = here(); return now ? Math.max(start, now.one.from) : undefined; }
    const keys = {
      "+": function () { zoom(.5, focus()); }, "=": function () { zoom(.5, focus()); }, "-": function () { zoom(2, focus()); },
      "0": function () { show(0, days); }, "Escape": function () { region.focus(); },
      "ArrowRight": function (event) { if (event.shiftKey) pan(.25); else along(1); },
      "ArrowLeft": function (event) { if (event.shiftKey) pan(-.25); else along(-1); },
      "ArrowDown": function () { return across(1); }, "ArrowUp": function () { return across(-1); },
    };
    region.addEventListener("keydown", function (event) {
      if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
      if (keys[event.key](event) !== false) event.preventDefault();
    });
    region.addEventListener("wheel", function (event) {
      const aside = Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.shiftKey ? event.deltaY : 0;
      if (!event.ctrlKey && !event.metaKey && !aside) return;  // the wheel alone scrolls the page
      event.preventDefault();
      if (aside) pan(aside / 600);
      else zoom(event.deltaY > 0 ? 1.25 : .8, at(event.clientX));
    }, { passive: false });
    card.querySelectorAll("[data-pan]").forEach(function (button) {
      button.addEventListener("click", function () { pan(Number(button.dataset.pan)); });
    });
    card.querySelectorAll("[data-zoom]").forEach(function (button) {
      button.addEventListener("click", function () {
        zoom(Number(button.dataset.zoom));
      });
    });

    let from = null, brush = null;
    svg.addEventListener("pointerdown", function (event) {
      if (event.button === 0 && event.isPrimary && event.clientX - svg.getBoundingClientRect().left > LEFT) from = event.clientX;
    });
    svg.addEventListener("dragstart", function (event) { event.preventDefault(); });
    window.addEventListener("pointermove", function (event) {
      if (from === null || (!brush && Math.abs(event.clientX - from) < 6)) return;
      if (!brush) {
        brush = document.createElementNS(svg.namespaceURI, "rect");
        brush.setAttribute("class", "brush");
        brush.setAttribute("height", height);
        svg.append(brush);
      }
      const edge = svg.getBoundingClientRect().left;
      brush.setAttribute("x", Math.max(LEFT, Math.min(from, event.clientX) - edge));
      brush.setAttribute("width", Math.abs(event.clientX - from));
    });
    window.addEventListener("pointerup", function (event) {
      if (brush) {
        brush.remove();
        svg.addEventListener("click", function (click) { click.preventDefault(); }, { once: true, capture: true });
        show(at(Math.min(from, event.clientX)), at(Math.max(from, event.clientX)));
      }
      from = brush = null;
    });
    window.addEventListener("pointercancel", function () { if (brush) brush.remove(); from = brush = null; });
    svg.addEventListener("dblclick", function () { show(0, days); });
  }

  function slide(form) {
    const list = form.querySelector("select"), label = list.closest("label");
    const values = Array.from(list.options).reverse();  // the latest, which is now, stands at the right
    const range = document.createElement("input"), told = document.createElement("output");
    range.type = "range";
    range.ariaLabel = label.querySelector("span").textContent;  // the label itself names the list, which it holds first
    range.max = values.length - 1;
    range.value = values.indexOf(list.selectedOptions[0]);
    function tell() {
      told.textContent = range.ariaValueText = values[range.value].textContent;
      list.value = values[range.value].value;
    }
    range.addEventListener("input", tell);
    list.hidden = true;
    label.append(range, told);
    tell();
  }
})();
