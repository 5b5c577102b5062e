"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const { createChart, createOptionsChart, createSeriesMarkers, LineSeries, AreaSeries, BaselineSeries, CandlestickSeries } = LightweightCharts;
const byId = id => document.getElementById(id);
const make = (tag, text, className) => {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
};

// A colour of the style sheet as the charts take it, in the theme that is shown.
const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const probe = document.body.appendChild(make("span"));
probe.hidden = true;
const colour = (name, opacity = 1) => {
  probe.style.color = `var(${name})`;
  pen.fillStyle = getComputedStyle(probe).color;
  pen.fillRect(0, 0, 1, 1);
  const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
  return `rgba(${red}, ${green}, ${blue}, ${opacity})`;
};
const hue = index => `--hue-${index % 6}`;

// What is to be painted again when the theme changes.
const paints = [];
const painted = paint => { paints.push(paint); paint(); };
const setTheme = dark => {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  for (const paint of paints) paint();
};

byId("title").textContent = data.title;
byId("subtitle").textContent = data.subtitle;
byId("parameters").textContent = data.parameters.join(", ");
byId("sample").textContent = data.sample;
byId("sample").hidden = data.in_sample;
for (const warning of data.warnings) byId("warnings").append(make("p", warning, "warning"));

// Columns named in `numbers` are aligned to the right.
const table = (target, head, rows, numbers, change) => {
  const cell = (tag, text, column, scope) => {
    const element = make(tag, text, numbers.includes(column) ? "number" : "");
    if (scope) element.scope = scope;
    return element;
  };
  const top = make("tr");
  head.forEach((name, column) => top.append(cell("th", name, column, "col")));
  const body = make("tbody");
  rows.forEach((cells, index) => {
    const row = make("tr");
    cells.forEach((text, column) => row.append(column ? cell("td", text, column) : cell("th", text, column, "row")));
    if (change) change(row, index);
    body.append(row);
  });
  if (head.length) target.append(make("thead"));
  if (head.length) target.firstChild.append(top);
  target.append(body);
};

const frame = () => ({
  layout: { background: { color: colour("--back") }, textColor: colour("--dim"), panes: { separatorColor: colour("--line") } },
  grid: { vertLines: { color: colour("--grid") }, horzLines: { color: colour("--grid") } },
});
const plain = { lineWidth: 2, priceLineVisible: false, lastValueVisible: false, crosshairMarkerVisible: false };

// So many decimals that a column's differences show.
const decimals = columns => {
  let [low, high] = [Infinity, -Infinity];
  for (const column of columns) for (const value of column) if (value !== null) { low = Math.min(low, value); high = Math.max(high, value); }
  const span = high > low ? high - low : Math.abs(high) || 1;
  return Number.isFinite(span) ? Math.min(8, Math.max(0, 2 - Math.floor(Math.log10(span)))) : 2;
};
const written = (value, digits) => value === null || value === undefined ? "–" : value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const format = digits => ({ type: "custom", minMove: 10 ** -digits, formatter: value => written(value, digits) });

const chart = createChart(byId("chart"), { autoSize: true, timeScale: { timeVisible: data.intraday, borderVisible: false, rightOffsetPixels: 16, minBarSpacing: 0.001 }, rightPriceScale: { borderVisible: false } });
painted(() => chart.applyOptions(frame()));

// Each pane: its height, and in its legend the series with the columns that the legend reads.
const panes = [];
const addPane = (height, title) => { panes.push({ height, title, entries: [] }); return panes.length - 1; };
const instrument = () => data.instruments[drawn];
let drawn = 0;

const pricePane = addPane(300, "");
const equityPane = addPane(150, "");
const drawdownPane = addPane(100, "");

const candles = chart.addSeries(CandlestickSeries, { priceLineVisible: false, lastValueVisible: false }, pricePane);
painted(() => candles.applyOptions({
  upColor: colour("--back"), downColor: colour("--candle"), borderUpColor: colour("--candle"), borderDownColor: colour("--candle"),
  wickUpColor: colour("--candle"), wickDownColor: colour("--candle"),
}));
const markers = createSeriesMarkers(candles, []);
const closes = { name: "close", hue: "--candle", digits: 2, column: () => instrument().close, time: () => instrument().time };
panes[pricePane].entries.push(closes);

const timeline = data.timeline;
const overTimeline = (name, column, pane, colourName, digits) => {
  const series = chart.addSeries(LineSeries, { ...plain, priceFormat: format(digits) }, pane);
  painted(() => series.applyOptions({ color: colour(colourName) }));
  series.setData(timeline.time.map((time, i) => column[i] === null ? { time } : { time, value: column[i] }));
  panes[pane].entries.push({ name, hue: colourName, digits, column: () => column, time: () => timeline.time });
};
const moneyDigits = Math.max(0, Math.min(2, decimals([timeline.equity, timeline.buy_and_hold])));
overTimeline("equity", timeline.equity, equityPane, "--hue-0", moneyDigits);
overTimeline("buy and hold", timeline.buy_and_hold, equityPane, "--hue-1", moneyDigits);
const drawdown = chart.addSeries(BaselineSeries, { ...plain, lineWidth: 1, baseValue: { type: "price", price: 0 }, priceFormat: format(1) }, drawdownPane);
painted(() => drawdown.applyOptions({ topLineColor: colour("--bad"), bottomLineColor: colour("--bad"), bottomFillColor1: colour("--bad", .25), bottomFillColor2: colour("--bad", .25) }));
drawdown.setData(timeline.time.map((time, i) => ({ time, value: timeline.drawdown[i] ?? 0 })));
panes[drawdownPane].entries.push({ name: "drawdown, %", hue: "--bad", digits: 1, column: () => timeline.drawdown, time: () => timeline.time });
if (timeline.rolling_sharpe) overTimeline("Sharpe ratio of the last half year", timeline.rolling_sharpe, addPane(100, ""), "--hue-2", 2);

// The plotted series, in the order of each instrument's lines.
const lines = [];
for (const pane of data.panes) {
  const stacked = pane.place === "weights";
  const at = pane.place === "price" ? pricePane : addPane(130, pane.series.length === 1 && pane.series[0] === pane.title ? "" : pane.title);
  const first = lines.length;
  const digits = stacked ? 2 : decimals(data.instruments.flatMap(one => pane.series.map((_, i) => one.lines[first + i])));
  pane.series.forEach((name, i) => {
    const index = first + i;
    // The price pane has the candles' colour already; elsewhere the first hue comes first.
    const colourName = hue(i);
    const entry = { name, hue: colourName, digits, column: () => instrument().lines[index], time: () => instrument().time };
    lines.push({ at, stacked, first, index, digits, colourName });
    panes[at].entries.push(entry);
  });
}
// Stacked areas are drawn from the topmost down, each over the one before it.
for (const line of [...lines].sort((a, b) => a.at - b.at || (a.stacked ? b.index - a.index : a.index - b.index))) {
  if (line.stacked) {
    const options = { ...plain, lineWidth: 1, priceFormat: format(2), autoscaleInfoProvider: () => ({ priceRange: { minValue: 0, maxValue: 1 } }) };
    line.series = chart.addSeries(AreaSeries, options, line.at);
    line.series.priceScale().applyOptions({ scaleMargins: { top: .22, bottom: .02 } });
    painted(() => line.series.applyOptions({ lineColor: colour("--back"), topColor: colour(line.colourName), bottomColor: colour(line.colourName) }));
  } else {
    line.series = chart.addSeries(LineSeries, { ...plain, lineWidth: line.at === pricePane ? 1.5 : 2, priceFormat: format(line.at === pricePane ? 2 : line.digits) }, line.at);
    painted(() => line.series.applyOptions({ color: colour(line.colourName) }));
  }
}

const drawTrades = () => {
  const marks = [];
  for (const [entry, exit, long, good] of instrument().trades) {
    const color = colour(good ? "--good" : "--bad");
    marks.push({ time: entry, position: long ? "belowBar" : "aboveBar", shape: long ? "arrowUp" : "arrowDown", color, size: 1 });
    marks.push({ time: exit, position: long ? "aboveBar" : "belowBar", shape: "circle", color, size: .5 });
  }
  markers.setMarkers(marks.sort((a, b) => a.time - b.time));
};
paints.push(drawTrades);

const draw = index => {
  drawn = index;
  const one = instrument();
  closes.name = `${one.name} close`;
  closes.digits = Math.max(2, decimals([one.close]) - 1);
  candles.applyOptions({ priceFormat: format(closes.digits) });
  candles.setData(one.time.map((time, i) => one.close[i] === null ? { time } : { time, open: one.open[i], high: one.high[i], low: one.low[i], close: one.close[i] }));
  for (const line of lines) {
    const value = i => {
      if (!line.stacked) return one.lines[line.index][i];
      let sum = 0;
      for (let j = line.first; j <= line.index; j++) sum = one.lines[j][i] === null ? null : sum + one.lines[j][i];
      return sum;
    };
    line.series.setData(one.time.map((time, i) => value(i) === null ? { time } : { time, value: value(i) }));
  }
  drawTrades();
  tell();
};

// Legends: the values under the crosshair, else the last known ones.
const indexAt = (times, time) => {
  let [low, high] = [0, times.length - 1];
  while (low < high) { const middle = (low + high + 1) >> 1; if (times[middle] <= time) low = middle; else high = middle - 1; }
  return low;
};
const tell = time => {
  for (const pane of panes) for (const entry of pane.entries) if (entry.value) {
    const column = entry.column();
    let index = time === undefined ? column.length - 1 : indexAt(entry.time(), time);
    if (time === undefined) while (index > 0 && column[index] === null) index -= 1;
    entry.value.textContent = `${entry.name}  ${written(column[index], entry.digits)}`;
  }
};
const addLegends = () => chart.panes().forEach((pane, i) => {
  const cell = pane.getHTMLElement()?.children[1]?.firstElementChild;
  if (!cell || cell.querySelector(".pane-legend")) return;
  const legend = make("div", undefined, "legend pane-legend");
  if (panes[i].title) legend.append(make("span", panes[i].title));
  for (const entry of panes[i].entries) {
    const item = make("span"), mark = make("i");
    mark.style.background = `var(${entry.hue})`;
    entry.value = make("b");
    entry.value.style.fontWeight = "normal";
    item.append(mark, entry.value);
    legend.append(item);
  }
  cell.append(legend);
});
byId("chart").style.height = `${panes.reduce((sum, pane) => sum + pane.height, 40)}px`;
chart.panes().forEach((pane, i) => pane.setStretchFactor(panes[i].height));
chart.subscribeCrosshairMove(move => tell(move.time));

const choice = byId("instrument");
data.instruments.forEach((one, i) => { const option = make("option", one.name); option.value = i; choice.append(option); });
byId("choice").hidden = data.instruments.length < 2;
choice.onchange = () => draw(Number(choice.value));

// A logarithmic scale shows equal returns as equal heights: shown at first where the price went far.
const logarithmic = byId("log");
const rescale = () => { for (const pane of [pricePane, equityPane]) chart.priceScale("right", pane).applyOptions({ mode: logarithmic.checked ? 1 : 0 }); };
const known = data.instruments[0].close.filter(value => value > 0);
logarithmic.checked = known.length > 0 && known.reduce((a, b) => Math.max(a, b)) > 4 * known.reduce((a, b) => Math.min(a, b));
logarithmic.onchange = rescale;
rescale();

table(byId("ranges"), ["range", "from", "to", "size", ""], data.ranges, [3]);
table(byId("figures"), ["figure", "strategy", "buy and hold", "what it is"], data.figures, [1, 2]);
// A table with a heading of its own; gains and losses of the columns in `signed` are coloured; `bars`, from -1 to 1,
// are drawn into the last column.
const addTable = (target, one) => {
  const box = make("div", undefined, one.rows.length > 100 ? "scroll tall" : "scroll"), grid = make("table");
  box.append(grid);
  target.append(make("h2", one.title), make("p", one.note, "dim"), box);
  table(grid, one.head, one.rows, one.numbers, (row, index) => {
    for (const column of one.signed) {
      const sign = row.children[column].textContent[0];
      if (sign === "+" || sign === "-") row.children[column].classList.add(sign === "+" ? "good" : "bad");
    }
    if (!one.bars) return;
    const bar = make("div", undefined, `bar ${one.bars[index] < 0 ? "below" : "above"}`);
    bar.style.width = `${Math.abs(one.bars[index] ?? 0) * 6}rem`;
    row.lastChild.append(bar);
  });
};
data.tables.forEach(one => addTable(byId("tables"), one));

// What is to be done once everything has its size.
const sized = [];
// A small chart of columns over 1, 2, 3, …: [label, column, colour, marked place or null] each.
const panel = (target, name, title, lines) => {
  const box = make("div"), element = make("div", undefined, "chart");
  element.setAttribute("role", "img");
  element.setAttribute("aria-label", title);
  box.append(make("h3", name), element);
  target.append(box);
  const small = createOptionsChart(element, { autoSize: true, rightPriceScale: { borderVisible: false, scaleMargins: { top: .2, bottom: .08 } }, timeScale: { borderVisible: false }, localization: { precision: 0 }, layout: { attributionLogo: false } });
  painted(() => small.applyOptions(frame()));
  const legend = make("div", undefined, "legend pane-legend");
  const digits = decimals(lines.map(line => line[1]));
  lines.forEach(([label, column, colourName, marked]) => {
    const series = small.addSeries(LineSeries, { ...plain, priceFormat: format(digits) });
    painted(() => series.applyOptions({ color: colour(colourName) }));
    series.setData(column.map((value, i) => value === null ? { time: i + 1 } : { time: i + 1, value }));
    if (marked !== null) {
      const mark = createSeriesMarkers(series, []);
      painted(() => mark.setMarkers([{ time: marked, position: "inBar", shape: "circle", color: colour(colourName), size: 1 }]));
    }
    const item = make("span"), line = make("i");
    line.style.background = `var(${colourName})`;
    item.append(line, label);
    legend.append(item);
  });
  element.append(legend);
  sized.push(() => small.timeScale().fitContent());
};
data.models.forEach(model => {
  const target = byId("models");
  const [first, ...others] = model.tables;
  addTable(target, first);
  if (model.verdict) target.append(make("p", model.verdict, model.doubt ? "warning" : "sample"));
  if (model.calibration.length) {
    const charts = make("div", undefined, "losses");
    target.append(make("h2", model.calibration_title), make("p", model.calibration_note, "dim"), charts);
    for (const one of model.calibration) {
      panel(charts, one.name, `Mean forecast and outcome in each tenth of the forecasts: ${one.name}`, [["forecast", one.forecast, "--hue-0", null], ["what came", one.outcome, "--hue-1", null]]);
    }
  }
  others.forEach(one => addTable(target, one));
  const losses = make("div", undefined, "losses");
  if (model.history.length) target.append(make("h2", model.history_title), losses);
  for (const phase of model.history) {
    const kept = phase.kept === null ? "" : `; epoch ${phase.kept} was kept`;
    const name = `${phase.phase}: ${phase.train.length} epochs${kept}`;
    panel(losses, name, `Loss by epoch, ${name}`, [["training", phase.train, "--hue-0", null], ["validation", phase.validation, "--hue-1", phase.kept]]);
  }
});

const show = trade => {
  if (trade.instrument !== drawn) { choice.value = trade.instrument; draw(trade.instrument); }
  const pad = Math.max((trade.to - trade.from) * .5, data.spacing * 20);
  chart.timeScale().setVisibleRange({ from: trade.from - pad, to: trade.to + pad });
  byId("chart").scrollIntoView({ block: "center" });
};
byId("trades-note").textContent = [data.trades_note, data.trades.length ? "Click a row, or go to it with the arrow keys and press Enter, to see the trade in the chart." : ""].join(" ").trim();
if (data.trades.length) {
  table(byId("trades"), ["#", "instrument", "side", "units", "entry", "at", "exit", "at", "profit", "return", "reason"], data.trades.map(trade => trade.cells), [0, 3, 5, 7, 8, 9], (row, index) => {
    const trade = data.trades[index];
    row.className = "trade";
    // One stop for the tab key; the arrow keys go from row to row.
    row.tabIndex = index ? -1 : 0;
    row.onclick = () => show(trade);
    for (const column of [8, 9]) row.children[column].classList.add(trade.good ? "good" : "bad");
  });
  byId("trades").onkeydown = event => {
    const row = event.target.closest("tr.trade");
    if (!row) return;
    const goal = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling, Home: row.parentElement.firstElementChild, End: row.parentElement.lastElementChild, Enter: row, " ": row }[event.key];
    if (goal === undefined) return;
    event.preventDefault();
    if (goal === row && (event.key === "Enter" || event.key === " ")) return row.click();
    if (!goal) return;
    row.tabIndex = -1;
    goal.tabIndex = 0;
    goal.focus();
  };
}
table(byId("charges"), ["costs and account", "", "from"], data.charges, [1]);
table(byId("inputs"), [], data.inputs, []);
// Wide tables scroll; the keyboard must be able to scroll them too.
for (const box of document.querySelectorAll(".scroll")) if (!box.querySelector("tr.trade")) box.tabIndex = 0;

draw(0);
chart.timeScale().fitContent();
requestAnimationFrame(() => { addLegends(); tell(); for (const fit of sized) fit(); });
setTheme(matchMedia("(prefers-color-scheme: dark)").matches);
byId("theme").onclick = () => setTheme(document.documentElement.dataset.theme !== "dark");
