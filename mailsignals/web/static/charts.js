/* Draws every <div class="chart" data-chart="KIND" data-view="JSON">; the figures come with the page.

   A view has `x`: times in seconds since 1970, ascending; `timezone`: of the labels; `unit`: "%", "hours", or a noun.
   lines:    `lines`: [{name, colour, dashed, values}], and, if any, `spans`: [{from, to, name}], `marks`: [{at, name}]
   shares:   the same without spans and marks, from 0% to 100%; lines differ by their dashes
   mirrored: `up` and `down`: {name, colour, values}, bars above and below one line
   months:   `lines`: [{name, shares, colour, dashed, values, unanswered}], lines on a logarithmic axis of durations over
             bars of shares; `x` are first days of months
   calibration: `said`, `came`: shares, in the order of `said`; no `x`; the diagonal shows perfect calibration
   A colour is the name of a variable of the style sheet, such as "theirs". Null draws nothing. */

(function () {
  "use strict";

  const HEIGHT = 240, LOW = 190;
  const FONT = '12px "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
  const SHARES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5];
  const MAGNITUDES = [
    [1 / 60, "1 min"], [1 / 6, "10 min"], [1, "1 h"], [6, "6 h"], [24, "1 day"], [168, "7 days"], [720, "30 days"],
    [8760, "365 days"],
  ];

  function height(element) {
    return element.classList.contains("low") ? LOW : HEIGHT;
  }

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  }

  function amount(value, unit) {
    if (value == null) return "–";
    if (unit === "%") return (100 * value).toFixed(value && value < 0.1 ? 1 : 0) + "%";
    if (unit !== "hours") return value.toLocaleString("en") + " " + unit;
    if (value < 1) return Math.max(1, Math.round(60 * value)) + " min";
    return value < 48 ? round(value) + " h" : round(value / 24) + " days";
  }

  function round(value) {
    return value >= 10 ? Math.round(value) : Math.round(10 * value) / 10;
  }

  /* Dates as the pages write them: 1 Dec 2026. */
  function dates(timezone) {
    const form = new Intl.DateTimeFormat("en-US", { timeZone: timezone, day: "numeric", month: "short", year: "numeric" });
    const parts = (at) => Object.fromEntries(form.formatToParts(at * 1000).map(({ type, value }) => [type, value]));
    const joined = (...names) => (at) => names.map((name) => parts(at)[name]).join(" ");
    return { day: joined("day", "month"), month: joined("month", "year"), date: joined("day", "month", "year") };
  }

  /* The options that all charts share. */
  function frame(view, width, more) {
    const { day, month, date } = dates(view.timezone);
    const short = view.x[view.x.length - 1] - view.x[0] > 300 * 86400 ? month : day;
    const axis = { stroke: colour("soft"), font: FONT, grid: { stroke: colour("line"), width: 1 }, ticks: { show: false } };
    return Object.assign(
      {
        width: width,
        tzDate: (at) => uPlot.tzDate(new Date(at * 1000), view.timezone),
        cursor: { drag: { x: false, y: false }, y: false },
        legend: { live: true },
        padding: [8, 24, 0, 0],
      },
      more,
      {
        axes: [
          Object.assign({}, axis, { values: (_, at) => at.map(short), space: 70, size: 30 }),
          Object.assign({}, axis, { size: 62 }, more.vertical),
        ],
        series: [{ label: view.of || "Day", value: (_, at) => (at == null ? "–" : date(at)) }].concat(more.series),
      }
    );
  }

  function label(line, unit, more) {
    return Object.assign({ label: line.name, stroke: colour(line.colour), value: (_, at) => amount(at, unit) }, more);
  }

  function lines(view, width) {
    const top = Math.max(view.least || 0, ...view.lines.flatMap((line) => line.values));
    return {
      options: frame(view, width, {
        scales: { x: { time: true, range: () => [view.x[0], Math.max(view.until || 0, view.x[view.x.length - 1])] }, y: { range: [0, 1.25 * top || 1] } },
        series: view.lines.map((line) =>
          label(line, view.unit, { width: 2, dash: line.dashed ? [10, 5] : [], points: { show: view.x.length < 40, size: 5 }, spanGaps: false })
        ),
        vertical: Object.assign({ values: (_, at) => at.map((each) => amount(each, view.unit)) }, view.unit === "%" ? { incrs: SHARES } : {}),
        hooks: { drawClear: [(plot) => spans(plot, view.spans || [])], draw: [(plot) => marks(plot, view)] },
      }),
      data: [view.x].concat(view.lines.map((line) => line.values)),
    };
  }

  /* Lines differ by their dashes, too, so that nobody has to tell colours apart. */
  const DASHES = [["solid", []], ["dashed", [10, 5]], ["dotted", [2, 4]]];

  function shares(view, width) {
    const { options, data } = lines(view, width);
    const step = Math.ceil((70 * view.x.length) / width);
    options.padding = [8, 28, 0, 0];
    options.scales.y.range = [0, 1.02];
    options.axes[0].splits = () => view.x.filter((_, number) => number % step === 0);
    options.axes[1].values = (_, at) => at.map((each) => Math.round(100 * each) + "%");
    options.series.slice(1).forEach((series, number) => { series.dash = DASHES[number % DASHES.length][1]; });
    options.legend = { live: true, markers: { dash: (_, number) => DASHES[(number - 1) % DASHES.length][0] } };
    return { options: options, data: data };
  }

  function spans(plot, found) {
    const { left, top, width, height } = plot.bbox;
    for (const span of found) {
      const from = Math.max(left, plot.valToPos(span.from, "x", true));
      const to = Math.min(left + width, plot.valToPos(span.to, "x", true));
      if (to <= from) continue;
      plot.ctx.fillStyle = colour("high-soft");
      plot.ctx.fillRect(from, top, Math.max(to - from, 2), height);
    }
  }

  /* Each stands below the one before if they would run into each other. */
  function marks(plot, view) {
    const { left, top, width, height } = plot.bbox;
    const scale = devicePixelRatio, context = plot.ctx;
    const named = (view.marks || []).concat((view.spans || []).map((span) => ({ at: span.from, name: span.name, bare: true })));
    const ends = [];
    context.save();
    context.font = FONT.replace("12px", 12 * scale + "px");
    context.textBaseline = "top";
    context.textAlign = "left";
    for (const mark of named.sort((one, other) => one.at - other.at)) {
      const at = Math.max(left, plot.valToPos(mark.at, "x", true));
      if (at > left + width + 1) continue;
      const wide = context.measureText(mark.name).width + 10 * scale;
      const begin = Math.min(at + 4 * scale, left + width - wide);
      let row = ends.findIndex((end) => end <= begin);
      if (row < 0) row = ends.length;
      ends[row] = begin + wide;
      if (!mark.bare) {
        context.strokeStyle = colour("ink");
        context.lineWidth = scale;
        context.setLineDash([4 * scale, 3 * scale]);
        context.beginPath();
        context.moveTo(at, top);
        context.lineTo(at, top + height);
        context.stroke();
      }
      context.fillStyle = colour(mark.bare ? "high" : "ink");
      context.fillText(mark.name, begin, top + (2 + 15 * row) * scale);
    }
    context.restore();
  }

  function mirrored(view, width) {
    const most = Math.max(1, ...view.up.values, ...view.down.values);
    const bars = uPlot.paths.bars({ size: [0.8, 40], align: 1 });
    const bar = (side, sign) =>
      label(side, view.unit, {
        fill: colour(side.colour), width: 0, paths: bars, points: { show: false },
        value: (_, at) => (at == null ? "–" : amount(sign * at, view.unit)),
      });
    return {
      options: frame(view, width, {
        scales: { x: { time: true, range: (_, from, to) => [from, to + (view.step || 0)] }, y: { range: [-most, most] } },
        series: [bar(view.up, 1), bar(view.down, -1)],
        vertical: { values: (_, at) => at.map((each) => Math.abs(each).toLocaleString("en")), incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000] },
      }),
      data: [view.x, view.up.values, view.down.values.map((value) => -value)],
    };
  }

  function months(view, width) {
    const known = view.lines.flatMap((line) => line.values).filter((value) => value != null);
    const range = [0.5 * Math.min(1, ...known), 2 * Math.max(24, ...known)];
    const within = MAGNITUDES.filter(([value]) => value >= range[0] && value <= range[1]);
    const named = new Map(within);
    const half = 15.2 * 86400, last = view.x[view.x.length - 1];
    const step = Math.ceil((72 * view.x.length) / Math.max(width - 110, 64));
    const { month } = dates(view.timezone);
    const bars = (line, place) => ({
      label: line.shares, scale: "share", fill: colour(line.colour) + "40", stroke: colour(line.colour) + "90", width: 1, points: { show: false },
      paths: uPlot.paths.bars({ size: [0.36, 14], align: place === 0 ? -1 : 1 }), value: (_, at) => amount(at, "%"),
    });
    const median = (line) =>
      label(line, "hours", { width: 2, dash: line.dashed ? [6, 4] : [], spanGaps: true, points: { show: true, size: 6, fill: colour(line.colour) } });
    const options = frame(view, width, {
      scales: { x: { time: true, range: () => [view.x[0] - half, last + half] }, y: { distr: 3, range: range }, share: { range: [0, 1.02] } },
      series: view.lines.map(bars).concat(view.lines.map(median)),
      vertical: { splits: () => within.map(([value]) => value), filter: (_, splits) => splits, values: (_, at) => at.map((each) => named.get(each)) },
    });
    options.padding = [8, 4, 0, 0];
    options.axes[0].splits = () => view.x.filter((_, place) => (view.x.length - 1 - place) % step === 0);
    options.axes[0].values = (_, at) => at.map(month);
    options.series[0].value = (_, at) => (at == null ? "–" : month(at));
    options.axes.push({
      scale: "share", side: 1, size: 44, stroke: colour("soft"), font: FONT, grid: { show: false }, ticks: { show: false },
      splits: () => [0, 0.5, 1], values: (_, at) => at.map((each) => amount(each, "%")),
    });
    return {
      options: options,
      data: [view.x].concat(view.lines.map((line) => line.unanswered), view.lines.map((line) => line.values)),
    };
  }

  function calibration(view, width) {
    const end = 1.08 * Math.max(...view.said, ...view.came, 0.01);
    const share = (of) => (_, at) => (at == null ? "–" : of + amount(at, "%"));
    const axis = (name) => ({
      stroke: colour("soft"), font: FONT, label: name, labelFont: FONT, labelSize: 18, grid: { stroke: colour("line"), width: 1 },
      ticks: { show: false }, values: (_, at) => at.map((each) => amount(each, "%")),
    });
    return {
      options: {
        width: width,
        cursor: { drag: { x: false, y: false }, y: false },
        padding: [8, 12, 0, 0],
        scales: { x: { time: false, range: [0, end] }, y: { range: [0, end] } },
        axes: [Object.assign(axis("Predicted chance"), { size: 30 }), Object.assign(axis(view.event), { size: 52 })],
        series: [
          { label: "Predicted", value: share("") },
          { label: "Perfect calibration", stroke: colour("soft"), width: 1, dash: [4, 4], points: { show: false }, value: share("") },
          { label: "Observed", stroke: colour("theirs"), width: 2, points: { show: true, size: 7, fill: colour("theirs") }, value: share("") },
        ],
      },
      data: [view.said, view.said, view.came],
    };
  }

  const KINDS = { lines: lines, shares: shares, mirrored: mirrored, months: months, calibration: calibration };
  const drawn = new Map();

  function draw(element) {
    const width = element.clientWidth;
    const kind = KINDS[element.dataset.chart];
    if (!width || !kind) return;
    const made = kind(JSON.parse(element.dataset.view), width);
    made.options.height = height(element);
    if (drawn.has(element)) drawn.get(element).destroy();
    drawn.set(element, new uPlot(made.options, made.data, element));
  }

  const widths = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const plot = drawn.get(target);
      if (!plot) draw(target);
      else if (plot.width !== target.clientWidth) plot.setSize({ width: target.clientWidth, height: height(target) });
    }
  });

  function begin(root) {
    root.querySelectorAll(".chart[data-chart]").forEach((element) => widths.observe(element));
  }

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => [...drawn.keys()].forEach(draw));
  document.addEventListener("DOMContentLoaded", () => begin(document));
  document.addEventListener("htmx:load", (event) => begin(event.detail.elt));
})();
