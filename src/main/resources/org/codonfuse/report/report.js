"use strict";

/* Draws the charts of the page from the JSON in it, and makes its tables sortable. */
(() => {
  const page = JSON.parse(document.getElementById("charts").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
  /* Okabe and Ito's colours, as org.codonfuse.report.chart.Palette has them, and for dark ground. */
  const LIGHT = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#7a5195"];
  const DARK = ["#56a8e0", "#f08440", "#2fc497", "#e3a1c5", "#8fd0f7", "#f2bd4b", "#b48bd0"];

  const light = {
    text: "#1a1a1a", quiet: "#595959", rule: "#e4e4e0", line: "#8a8a86",
    ground: "#ffffff", missing: "#efefec", neutral: "#767676", colours: LIGHT,
  };
  const night = {
    text: "#e8e6e1", quiet: "#a8a6a0", rule: "#303134", line: "#77777a",
    ground: "#17181a", missing: "#26272a", neutral: "#a0a0a0", colours: DARK,
  };

  const number = (value) => {
    if (value === null || value === undefined || Number.isNaN(value)) return "–";
    const size = Math.abs(value);
    const text =
      size !== 0 && (size < 1e-3 || size >= 1e6)
        ? value.toExponential(2)
        : String(Number(value.toPrecision(4)));
    return text.replace("-", "−");
  };
  const safe = (text) => echarts.format.encodeHTML(String(text));
  const colour = (theme, place) =>
    place < 0 ? theme.neutral : theme.colours[place % theme.colours.length];
  const fade = (hex, alpha) =>
    `rgba(${[1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)).join(",")},${alpha})`;

  /* What is left for the legend of the chart that is being drawn, beside its tools. */
  let room = 0;

  /* What all charts have in common. */
  function common(theme, narrow, names) {
    const legend = [...new Set(names)].filter((name) => name !== "");
    return {
      animation: false,
      backgroundColor: "transparent",
      textStyle: { fontFamily: FONT, color: theme.text, fontSize: 12 },
      grid: { left: 8, right: 16, top: 44, bottom: 8,
        outerBoundsMode: "same", outerBoundsContain: "all" },
      legend: {
        show: legend.length > 1, data: legend, type: "scroll", left: 0, top: 8, width: room,
        itemWidth: 18, itemHeight: 9, itemGap: 14, inactiveColor: theme.line,
        textStyle: { color: theme.text, fontSize: 12 },
        pageTextStyle: { color: theme.quiet }, pageIconColor: theme.text,
        pageIconInactiveColor: theme.line,
      },
      toolbox: {
        right: 0, top: 0, itemSize: 13, itemGap: 10,
        iconStyle: { borderColor: theme.quiet },
        emphasis: { iconStyle: { borderColor: theme.text, textFill: theme.text } },
        feature: {
          dataZoom: { title: { zoom: "Zoom into a range", back: "Undo zoom" }, filterMode: "none" },
          restore: { title: "Whole chart" },
          saveAsImage: { title: "Save as SVG", type: "svg", backgroundColor: theme.ground },
        },
      },
      tooltip: {
        confine: true, backgroundColor: theme.ground, borderColor: theme.line, borderWidth: 1,
        padding: [6, 9], textStyle: { color: theme.text, fontSize: 12, fontFamily: FONT },
        extraCssText: "box-shadow:none;max-width:20rem;white-space:normal;overflow-wrap:anywhere",
      },
    };
  }

  function axis(theme, of, vertical, extra) {
    return {
      type: "value", name: of.name, nameLocation: "middle", nameGap: vertical ? 44 : 28,
      min: of.min, max: of.max, scale: true,
      nameTextStyle: { color: theme.text, fontSize: 12 },
      axisLine: { show: true, onZero: false, lineStyle: { color: theme.line } },
      axisTick: { show: true, lineStyle: { color: theme.line } },
      axisLabel: { color: theme.quiet, fontSize: 11, formatter: number, hideOverlap: true },
      splitLine: { show: vertical, lineStyle: { color: theme.rule } },
      ...extra,
    };
  }

  /* A filled shape between two lists of points that neither legend nor tooltip knows. */
  function area(name, points, fill) {
    return {
      type: "custom", name, silent: true, z: 1, clip: true, tooltip: { show: false },
      itemStyle: { color: fill },
      data: points,
      renderItem: (params, api) => {
        if (params.dataIndex > 0) return null;
        return {
          type: "polygon",
          shape: { points: points.map((point) => api.coord(point)) },
          style: { fill },
        };
      },
    };
  }

  function lines(chart, theme, narrow) {
    const option = common(theme, narrow, chart.lines.map((line) => line.name));
    const whole = chart.lines.every((line) => line.x.every(Number.isInteger));
    option.xAxis = axis(theme, chart.x, false, whole ? { minInterval: 1 } : {});
    option.yAxis = axis(theme, chart.y, true);
    option.tooltip.trigger = "axis";
    option.tooltip.axisPointer = { lineStyle: { color: theme.line } };
    option.legend.itemStyle = { opacity: 0 };
    option.tooltip.order = "valueDesc";
    option.tooltip.formatter = (items) =>
      [`${safe(chart.x.name)} ${number(items[0].value[0])}`]
        .concat(items.map((i) => `${i.marker}${safe(i.seriesName)} <b>${number(i.value[1])}</b>`))
        .join("<br>");
    option.series = [];
    /* Behind the lines, but after them in order: the legend shows the first of a name. */
    const bands = [];
    chart.lines.forEach((line, place) => {
      const tone = colour(theme, line.colour);
      if (line.low) {
        const known = line.x.map((x, i) => i).filter((i) => line.low[i] !== null);
        const edge = (side) => known.map((i) => [line.x[i], side[i]]);
        bands.push(
          area(line.name, [...edge(line.low), ...edge(line.high).reverse()], fade(tone, 0.16)));
      }
      const round = Math.floor(place / theme.colours.length) % 3;
      option.series.push({
        type: "line", name: line.name, data: line.x.map((x, i) => [x, line.y[i]]),
        showSymbol: line.x.length < 2, symbolSize: 5, z: 3,
        itemStyle: { color: tone },
        lineStyle: { width: line.dashed ? 1.5 : 2, color: tone,
          type: line.dashed ? [5, 4] : round === 1 ? [1, 3] : "solid" },
        emphasis: { focus: "series" },
        blur: { lineStyle: { opacity: 0.2 } },
        markLine: place === 0 && chart.marks.length > 0 ? marks(chart.marks, theme) : undefined,
      });
    });
    option.series.push(...bands);
    return option;
  }

  /* Their names are one beside the other: where two are close, both are read. */
  const marks = (all, theme) => ({
    silent: true, symbol: "none",
    lineStyle: { color: theme.quiet, type: [2, 3], width: 1 },
    label: { color: theme.quiet, fontSize: 11, position: "insideEndTop" },
    data: all.map((of) => ({ xAxis: of.x, label: { formatter: of.name } })),
  });

  /* Limits a little outside the numbers and the distance of marks, all round. */
  function limits(values) {
    const known = values.filter((value) => value !== null);
    if (known.length === 0) return [0, 1, 0.2];
    let low = known.reduce((a, b) => Math.min(a, b));
    let high = known.reduce((a, b) => Math.max(a, b));
    if (low === high) [low, high] = [low - 1, high + 1];
    const margin = (high - low) * 0.02;
    const least = (high - low) / 8;
    const unit = 10 ** Math.floor(Math.log10(least));
    const step = [1, 2, 5, 10].map((times) => times * unit).find((size) => size >= least);
    const exact = (value) => Number(value.toPrecision(12));
    return [
      exact(Math.floor((low - margin) / step) * step),
      exact(Math.ceil((high + margin) / step) * step),
      exact(step),
    ];
  }

  function points(chart, theme, narrow) {
    const option = common(theme, narrow, chart.groups.map((group) => group.name));
    const all = (side) => chart.groups.flatMap((group) => group[side]);
    let [x, y] = [limits(all("x")), limits(all("y"))];
    if (chart.guide && chart.guide.slope === 1) x = y = limits([...all("x"), ...all("y")]);
    const side = (of, [min, max, interval]) =>
      of.min === undefined && of.max === undefined
        ? { min, max, interval }
        : { min: of.min ?? min, max: of.max ?? max };
    option.xAxis = axis(theme, chart.x, false,
      { ...side(chart.x, x), splitLine: { show: true, lineStyle: { color: theme.rule } } });
    option.yAxis = axis(theme, chart.y, true, side(chart.y, y));
    option.xAxis.axisLine.onZero = option.yAxis.axisLine.onZero = false;
    const size = all("x").length;
    option.tooltip.trigger = "item";
    option.tooltip.formatter = (item) => {
      const group = chart.groups[item.seriesIndex];
      const label = group.labels === undefined ? "" : page.labels[group.labels][item.dataIndex];
      return [
        label === "" ? "" : `<b>${safe(label)}</b>`,
        chart.groups.length > 1 ? safe(group.name) : "",
        `${safe(chart.x.name)} ${number(item.value[0])}`,
        `${safe(chart.y.name)} ${number(item.value[1])}`,
        chart.scale ? `${safe(chart.scale.name)} ${number(item.value[2])}` : "",
      ].filter((part) => part !== "").join("<br>");
    };
    option.series = chart.groups.map((group) => ({
      type: "scatter", name: group.name, z: 3, clip: true,
      data: group.x.map((value, i) =>
        group.values ? [value, group.y[i], group.values[i]] : [value, group.y[i]]),
      symbolSize: size > 3000 ? 3.5 : size > 600 ? 5 : 7,
      itemStyle: { color: colour(theme, group.colour), opacity: size > 3000 ? 0.45 : 0.7 },
      emphasis: { scale: 1.6 },
    }));
    if (chart.guide) {
      const { slope, low, high, name } = chart.guide;
      const end = (at, shift) => [at, slope * at + shift];
      if (low < high) {
        option.series.push(area(name,
          [end(x[0], low), end(x[1], low), end(x[1], high), end(x[0], high)],
          fade(theme.neutral, 0.16)));
      }
      option.series.push({
        type: "line", silent: true, z: 2, symbol: "none", clip: true,
        lineStyle: { color: theme.neutral, width: 1 }, itemStyle: { color: theme.neutral },
        data: [end(x[0], 0), end(x[1], 0)],
      });
      if (low < high && name !== "") {
        option.legend.show = true;
        option.legend.data.push(name);
      }
    }
    if (chart.scale) scale(option, chart.scale, theme, { dimension: 2,
      seriesIndex: chart.groups.map((_, i) => i) });
    return option;
  }

  function scale(option, of, theme, extra) {
    /* Below the tools where it does not fit beside them. */
    const beside = option.legend.show || room > 380;
    option.visualMap = {
      type: "continuous", min: of.min, max: of.max, calculable: false, orient: "horizontal",
      left: 0, top: option.legend.show ? 36 : beside ? 0 : 24, itemWidth: 10, itemHeight: 140,
      text: [`${number(of.max)}  ${of.name}`, number(of.min)],
      textStyle: { color: theme.text, fontSize: 11 },
      inRange: { color: of.colours }, hoverLink: false, ...extra,
    };
    option.grid.top = option.legend.show ? 74 : beside ? 44 : 66;
  }

  /* Whether no two series have a category in common, so that they need no room beside another. */
  const exclusive = (chart) => chart.categories.every((_, i) =>
    chart.series.filter((series) => series.values[i] !== null).length < 2);

  function bars(chart, theme, narrow) {
    const option = common(theme, narrow, chart.series.map((series) => series.name));
    const dots = chart.form === "DOTS";
    const names = {
      type: "category", data: chart.categories, name: dots ? "" : chart.category, inverse: dots,
      nameLocation: "middle", nameGap: 28, nameTextStyle: { color: theme.text, fontSize: 12 },
      axisLine: { lineStyle: { color: theme.line } },
      axisTick: { show: chart.form === "HISTOGRAM", lineStyle: { color: theme.line } },
      axisLabel: { color: dots ? theme.text : theme.quiet, fontSize: 11, hideOverlap: true,
        interval: dots ? 0 : "auto", width: narrow ? 110 : 200, overflow: "truncate",
        ...(dots ? {} : { alignMinLabel: "left", alignMaxLabel: "right" }) },
    };
    const values = axis(theme, chart.value, !dots, {
      scale: dots, splitLine: { show: true, lineStyle: { color: theme.rule } } });
    [option.xAxis, option.yAxis] = dots ? [values, names] : [names, values];
    option.tooltip.trigger = "item";
    option.tooltip.formatter = (item) => {
      const series = chart.series[item.seriesIndex % chart.series.length];
      const i = item.dataIndex;
      const interval = series.low && series.low[i] !== null
        ? ` (${number(series.low[i])} to ${number(series.high[i])})` : "";
      return [safe(chart.categories[i]), chart.series.length > 1 ? safe(series.name) : "",
        `${safe(chart.value.name)} <b>${number(series.values[i])}</b>${interval}`]
        .filter((part) => part !== "").join("<br>");
    };
    const many = chart.series.length;
    const gap = 0.25;
    option.series = chart.series.map((series) => dots
      ? null
      : {
        type: "bar", name: series.name, data: series.values, barGap: "0%",
        barCategoryGap: chart.form === "HISTOGRAM" ? "4%" : `${gap * 100}%`,
        stack: chart.form === "HISTOGRAM" ? "all" : undefined,
        barMaxWidth: chart.form === "HISTOGRAM" ? undefined : 72,
        itemStyle: { color: colour(theme, series.colour) },
      });
    /* The place of a series within the band of its category, from -0.5 to 0.5. */
    const shift = (place) =>
      (many === 1 || (dots && exclusive(chart)) ? 0 : (1 - gap) * ((place + 0.5) / many - 0.5));
    const whisker = (series, place) => ({
      type: "custom", name: series.name, z: 4, clip: true, silent: !dots,
      itemStyle: { color: colour(theme, series.colour) },
      encode: dots ? { x: [1, 2, 3], y: 0 } : { x: 0, y: [1, 2, 3] },
      data: series.values.map((value, i) =>
        [i, value, series.low ? series.low[i] : value, series.high ? series.high[i] : value]),
      renderItem: (params, api) => {
        const value = api.value(1);
        if (Number.isNaN(value)) return null;
        const at = (number) => api.coord(dots ? [number, api.value(0)] : [api.value(0), number]);
        const band = api.size([1, 1])[dots ? 1 : 0];
        const offset = shift(place) * (dots ? Math.min(band, 22 * many) : Math.min(band, 72 * many / (1 - gap)));
        const move = ([a, b]) => (dots ? [a, b + offset] : [a + offset, b]);
        const [x, y] = move(at(value));
        const [x1, y1] = move(at(api.value(2)));
        const [x2, y2] = move(at(api.value(3)));
        const tone = colour(theme, series.colour);
        const line = { type: "line", shape: { x1, y1, x2, y2 },
          style: { stroke: dots ? tone : theme.text, lineWidth: dots ? 2 : 1 } };
        return { type: "group", children: dots
          ? [line, { type: "circle", shape: { cx: x, cy: y, r: 4.5 }, style: { fill: tone } }]
          : [line] };
      },
    });
    option.series = dots
      ? chart.series.map(whisker)
      : option.series.concat(chart.series.filter((series) => series.low)
        .map((series) => whisker(series, chart.series.indexOf(series))));
    return option;
  }

  function cells(chart, theme, narrow) {
    const option = common(theme, narrow, []);
    const first = (i) => i === 0 || chart.groups[i] !== chart.groups[i - 1];
    const label = { color: theme.text, fontSize: 11 };
    const edge = { axisLine: { show: false }, axisTick: { show: false },
      nameLocation: "middle", nameTextStyle: { color: theme.text, fontSize: 12 } };
    const many = chart.columns.length > (narrow ? 5 : 12)
      && chart.columns.some((name) => name.length > 2);
    const width = chart.groups.length || narrow ? 70 : 110;
    const every = (count, most) => (i) => i % Math.ceil(count / most) === 0;
    /* Of a group the first row and then each fifth has its name. */
    const fifth = (i) => first(i)
      || (i - (chart.groups.length ? chart.groups.indexOf(chart.groups[i]) : 0) + 1) % 5 === 0;
    option.xAxis = { type: "category", data: chart.columns, name: chart.x, nameGap: many ? 70 : 30,
      axisLabel: { ...label, rotate: many ? 90 : 0, interval: every(chart.columns.length, narrow ? 14 : 48),
        width: many ? 62 : undefined, overflow: "truncate" }, ...edge };
    option.yAxis = { type: "category", data: chart.rows, inverse: true, name: chart.y, nameGap: width + 8,
      axisLabel: { ...label, width, interval: chart.rows.length > MANY ? fifth : 0, overflow: "truncate",
        formatter: (name, i) => (chart.groups.length && first(i) ? `{g|${chart.groups[i]}} ${name}` : name),
        rich: { g: { color: theme.quiet, fontSize: 11 } } }, ...edge };
    option.tooltip.formatter = (item) => {
      const [column, row, value] = item.value;
      const group = chart.groups.length ? `${safe(chart.groups[row])} ` : "";
      const text = chart.texts.length ? chart.texts[row][column] : "";
      return [`${group}<b>${safe(chart.rows[row])}</b>`, `${safe(chart.x)} ${safe(chart.columns[column])}`,
        `${safe(chart.scale.name)} <b>${number(value)}</b>`, text === "" ? "" : safe(text)]
        .filter((part) => part !== "").join("<br>");
    };
    option.series = [{
      type: "heatmap",
      data: chart.values.flatMap((row, y) => row.map((value, x) => [x, y, value ?? "-"])),
      itemStyle: { borderColor: theme.ground, 
        borderWidth: Math.max(chart.rows.length, chart.columns.length) > MANY ? 0 : 1 },
      emphasis: { itemStyle: { borderColor: theme.text, borderWidth: 1.5 } },
      label: chart.texts.length && !narrow
        ? { show: true, fontSize: 11, formatter: (item) => chart.texts[item.value[1]][item.value[0]] }
        : { show: false },
    }];
    scale(option, chart.scale, theme, {});
    return option;
  }

  const KINDS = { line: lines, scatter: points, bar: bars, heatmap: cells };

  /* Rows of heatmaps that have no room for a name each. */
  const MANY = 66;

  /* Charts with a row for each category are as high as these need. */
  function height(chart, narrow) {
    if (chart.kind === "heatmap") {
      const rows = chart.rows.length;
      return rows * (rows > MANY ? 9 : rows > 40 ? 16 : 22) + 170;
    }
    if (chart.kind === "bar" && chart.form === "DOTS") {
      const room = chart.categories.length > 40 ? 17 : 28;
      return chart.categories.length
        * (exclusive(chart) ? room : Math.max(room - 2, 18 * chart.series.length)) + 96;
    }
    if (chart.kind === "scatter" && chart.guide && chart.guide.slope === 1) return narrow ? 380 : 520;
    return narrow ? 320 : 384;
  }

  const drawn = new Map();
  let printing = false;

  function draw(element) {
    if (element.clientWidth === 0) {
      drawn.get(element)?.dispose();
      drawn.delete(element);
      near.observe(element);
      return;
    }
    const chart = page.charts[Number(element.dataset.chart)];
    const narrow = element.clientWidth < 520;
    const theme = dark.matches && !printing ? night : light;
    if (chart.kind === "scatter" && chart.guide && chart.guide.slope === 1) {
      element.style.maxWidth = "38rem";
    }
    element.style.height = `${height(chart, narrow)}px`;
    room = element.clientWidth - 112;
    drawn.get(element)?.dispose();
    const size = chart.kind === "scatter"
      ? chart.groups.reduce((sum, group) => sum + group.x.length, 0)
      : chart.kind === "heatmap" ? chart.rows.length * chart.columns.length : 0;
    const heavy = size > 1500;
    const drawing = echarts.init(element, null,
      { renderer: heavy ? "canvas" : "svg", devicePixelRatio: Math.max(2, devicePixelRatio) });
    const option = KINDS[chart.kind](chart, theme, narrow);
    if (heavy) {
      Object.assign(option.toolbox.feature.saveAsImage, { type: "png", title: "Save as PNG" });
    }
    drawing.setOption(option);
    drawn.set(element, drawing);
  }

  const places = [...document.querySelectorAll(".chart")];
  const redraw = () => [...drawn.keys()].forEach(draw);
  const near = new IntersectionObserver((entries) => {
    entries.filter((entry) => entry.isIntersecting).forEach((entry) => {
      near.unobserve(entry.target);
      if (!drawn.has(entry.target)) draw(entry.target);
    });
  }, { rootMargin: "800px" });
  places.forEach((place) => {
    const chart = page.charts[Number(place.dataset.chart)];
    place.style.height = `${height(chart, place.clientWidth < 520)}px`;
    near.observe(place);
  });
  dark.addEventListener("change", redraw);
  let wait = 0;
  let width = innerWidth;
  addEventListener("resize", () => {
    if (printing || innerWidth === width) return;
    width = innerWidth;
    clearTimeout(wait);
    wait = setTimeout(redraw, 150);
  });
  addEventListener("beforeprint", () => {
    printing = true;
    places.forEach(draw);
  });
  addEventListener("afterprint", () => {
    printing = false;
    redraw();
  });

  /* Tables: a button in each head sorts by its column, first from the top, then the other way. */
  const order = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.order === undefined ? cell.textContent : Number(cell.dataset.order);
  };
  const compare = (a, b) => {
    if (typeof a === "number" && typeof b === "number") return b - a;
    if (typeof a === "number") return -1;
    if (typeof b === "number") return 1;
    return a.localeCompare(b, "en", { numeric: true });
  };
  document.querySelectorAll("table.sortable").forEach((table) => {
    const heads = [...table.tHead.rows[0].cells];
    const body = table.tBodies[0];
    heads.forEach((head, column) => {
      const numeric = head.classList.contains("number");
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const before = head.getAttribute("aria-sort");
        const first = numeric ? "descending" : "ascending";
        const next = before === first ? (numeric ? "ascending" : "descending") : first;
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", next);
        const sign = next === first ? 1 : -1;
        const rows = [...body.rows].map((row) => [order(row, column), row]);
        /* What has no number stays at the end in both directions. */
        rows.sort(([a], [b]) =>
          numeric && typeof a !== typeof b ? compare(a, b) : sign * compare(a, b));
        body.append(...rows.map(([, row]) => row));
      });
    });
  });
})();
