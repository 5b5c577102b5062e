// The chart: panes over one time axis, with price, trades, the account, and what models and scripts show.
const { createChart, createOptionsChart, createSeriesMarkers, LineSeries, AreaSeries, BaselineSeries, CandlestickSeries, HistogramSeries } = LightweightCharts;

// Columns come as little-endian numbers in base 64; what is not known is null here.
const bytes = text => Uint8Array.from(atob(text), character => character.charCodeAt(0)).buffer;
const floats = text => text === null ? null : Array.from(new Float32Array(bytes(text)), value => Number.isFinite(value) ? value : null);
const doubles = text => Array.from(new Float64Array(bytes(text)));

const plain = { lineWidth: 2, priceLineVisible: false, lastValueVisible: false, crosshairMarkerVisible: false };

const chart = framed(createChart(byId("chart"), { autoSize: true, timeScale: { timeVisible: data.intraday, rightOffsetPixels: 16, lockVisibleTimeRangeOnResize: true, minBarSpacing: 0.001, enableConflation: data.instruments[0].time.length > 20_000 } }));

// Each pane: its height, and in its legend the series with the columns that the legend reads.
const panes = [];
const addPane = (height, title) => { panes.push({ height, title, entries: [] }); return panes.length - 1; };

// The instrument that is drawn. Its columns are unpacked when it is first looked at.
let drawn = 0;
const unpacked = [];
const instrument = () => unpacked[drawn] ??= (({ time, open, high, low, close, volume, lines, ...other }) => ({
  ...other, time: doubles(time), open: floats(open), high: floats(high), low: floats(low), close: floats(close), volume: floats(volume), lines: lines.map(floats),
}))(data.instruments[drawn]);

const pricePane = addPane(320, "");
const equityPane = addPane(150, "");
const drawdownPane = addPane(100, "");
const heldPane = addPane(80, "");

const candles = chart.addSeries(CandlestickSeries, { priceLineVisible: false, lastValueVisible: false }, pricePane);
painted(() => candles.applyOptions({
  upColor: colour("--back"), downColor: colour("--candle"), borderUpColor: colour("--candle"), borderDownColor: colour("--candle"),
  wickUpColor: colour("--candle"), wickDownColor: colour("--candle"),
}));
const volumes = chart.addSeries(HistogramSeries, { priceLineVisible: false, lastValueVisible: false, priceScaleId: "volume", priceFormat: { type: "volume" } }, pricePane);
// Under it is room for the names of what is shaded.
volumes.priceScale().applyOptions({ scaleMargins: { top: .82, bottom: data.models.length ? .055 : 0 } });
painted(() => volumes.applyOptions({ color: colour("--candle", .8) }));
const markers = createSeriesMarkers(candles, []);
const closes = { name: "close", hue: "--candle", digits: 2, column: () => instrument().close, time: () => instrument().time };
panes[pricePane].entries.push(closes, { name: "volume", hue: "--candle", digits: 0, column: () => instrument().volume, time: () => instrument().time });

const timeline = { ...data.timeline, time: doubles(data.timeline.time) };
for (const name of ["equity", "buy_and_hold", "drawdown", "exposure", "rolling_sharpe"]) timeline[name] = floats(timeline[name]);
// What is not known is not drawn; nor is a line across it, which the last point before it would begin: that looks as
// `last` says.
const CLEAR = { color: "transparent", lineColor: "transparent", topColor: "transparent", bottomColor: "transparent" };
const points = (time, values, last = {}) => time.map((time, i) => values[i] === null ? { time } : values[i + 1] === null ? { time, value: values[i], ...last } : { time, value: values[i] });
const overTimeline = (name, column, pane, colourName, digits) => {
  const series = chart.addSeries(LineSeries, { ...plain, priceFormat: format(digits) }, pane);
  painted(() => series.applyOptions({ color: colour(colourName) }));
  series.setData(points(timeline.time, column, CLEAR));
  panes[pane].entries.push({ name, hue: colourName, digits, column: () => column, time: () => timeline.time });
};
// A line with what lies between it and zero.
const fromZero = (name, column, pane, colourName, options) => {
  const series = chart.addSeries(BaselineSeries, { ...plain, lineWidth: 1, baseValue: { type: "price", price: 0 }, priceFormat: format(1), ...options }, pane);
  painted(() => series.applyOptions({
    topLineColor: colour(colourName), topFillColor1: colour(colourName, .25), topFillColor2: colour(colourName, .25),
    bottomLineColor: colour(colourName), bottomFillColor1: colour(colourName, .25), bottomFillColor2: colour(colourName, .25),
  }));
  series.setData(points(timeline.time, column));
  panes[pane].entries.push({ name, hue: colourName, digits: 1, column: () => column, time: () => timeline.time });
};
const moneyDigits = Math.max(0, Math.min(2, decimals([timeline.equity, timeline.buy_and_hold])));
overTimeline("equity", timeline.equity, equityPane, "--hue-0", moneyDigits);
overTimeline("buy and hold", timeline.buy_and_hold, equityPane, "--hue-1", moneyDigits);
fromZero("drawdown, %", timeline.drawdown, drawdownPane, "--bad");
fromZero("net position, % of equity", timeline.exposure, heldPane, "--hue-0", { lineType: 1 });
if (timeline.rolling_sharpe) overTimeline("Sharpe ratio of the last half year", timeline.rolling_sharpe, addPane(100, ""), "--hue-2", 2);

// The plotted series, in the order of each instrument's lines.
const lines = [];
for (const pane of data.panes) {
  const stacked = pane.place === "weights";
  const at = pane.place === "price" ? pricePane : addPane(130, pane.series.length === 1 && pane.series[0] === pane.title ? "" : pane.title);
  const first = lines.length;
  pane.series.forEach((name, i) => {
    const index = first + i;
    // What came is the ground on which a forecast is seen.
    const colourName = pane.place !== "forecast" ? hue(i) : i ? hue(i - 1) : "--candle";
    const entry = { name, hue: colourName, digits: 2, column: () => instrument().lines[index], time: () => instrument().time };
    lines.push({ at, stacked, first, count: pane.series.length, index, entry });
    panes[at].entries.push(entry);
  });
}
// Stacked areas are drawn from the topmost down, each over the one before it.
for (const line of [...lines].sort((a, b) => a.at - b.at || (a.stacked ? b.index - a.index : a.index - b.index))) {
  if (line.stacked) {
    const options = { ...plain, lineWidth: 1, priceFormat: format(2), autoscaleInfoProvider: () => ({ priceRange: { minValue: 0, maxValue: 1 } }) };
    line.series = chart.addSeries(AreaSeries, options, line.at);
    painted(() => line.series.applyOptions({ lineColor: colour("--back"), topColor: colour(line.entry.hue), bottomColor: colour(line.entry.hue) }));
  } else {
    line.series = chart.addSeries(LineSeries, { ...plain, lineWidth: line.at === pricePane ? 1.5 : line.entry.hue === "--candle" ? 1 : 2 }, line.at);
    painted(() => line.series.applyOptions({ color: colour(line.entry.hue) }));
  }
}

// What is shaded: what the models saw, the trades that were held, the worst drawdowns.
const behindPrice = new Spans(), behindDrawdown = new Spans();
chart.panes()[pricePane].attachPrimitive(behindPrice);
chart.panes()[drawdownPane].attachPrimitive(behindDrawdown);
let chosen = null, within = [];
const shade = () => {
  const fills = { training: colour("--candle", .16), validation: colour("--hue-4", .12), test: colour("--hue-0", .05) };
  const named = data.spans.filter(span => span.kind !== "traded");
  const ranges = named.map(span => ({ ...span, fill: fills[span.kind], text: colour("--text") }));
  const held = within.map(([from, to, , good]) => ({ from, to, fill: colour(good ? "--good" : "--bad", .13) }));
  const one = chosen ? [{ ...chosen, fill: colour("--hue-0", .22) }] : [];
  behindPrice.set([...ranges, ...held, ...one]);
  behindDrawdown.set(data.drawdowns.map(span => ({ ...span, fill: colour("--bad", .09), text: colour("--text") })));
};
// The trades within what is seen of the time axis; none where there are more than could be told apart.
const MANY = 150;
const drawTrades = () => {
  const range = chart.timeScale().getVisibleRange();
  within = range ? instrument().trades.filter(([from, to]) => to >= range.from && from <= range.to) : [];
  byId("many").textContent = within.length > MANY ? `${within.length.toLocaleString("en")} trades here: zoom in to see them.` : "";
  if (within.length > MANY) within = [];
  const marks = [];
  for (const [entry, exit, long, good] of within) {
    const color = colour(good ? "--good" : "--bad");
    marks.push({ time: entry, position: long ? "belowBar" : "aboveBar", shape: long ? "arrowUp" : "arrowDown", color, size: 1 });
    marks.push({ time: exit, position: long ? "aboveBar" : "belowBar", shape: "circle", color, size: .5 });
  }
  markers.setMarkers(marks.sort((a, b) => a.time - b.time));
  shade();
};
paints.push(drawTrades);
let asked = false;
chart.timeScale().subscribeVisibleTimeRangeChange(() => {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => { asked = false; drawTrades(); tell(); });
});

const draw = index => {
  drawn = index;
  const one = instrument();
  closes.name = `${data.instruments[index].name} close`;
  closes.digits = Math.max(2, decimals([one.close]) - 1);
  candles.applyOptions({ priceFormat: format(closes.digits) });
  candles.setData(one.time.map((time, i) => one.close[i] === null ? { time } : { time, open: one.open[i], high: one.high[i], low: one.low[i], close: one.close[i] }));
  volumes.setData(points(one.time, one.volume));
  for (const line of lines) {
    const columns = one.lines.slice(line.first, line.first + line.count);
    line.entry.digits = line.stacked ? 2 : decimals(columns);
    // An area lies on those before it.
    const below = line.stacked ? columns.slice(0, line.index - line.first) : [];
    const values = below.reduce((sums, column) => sums.map((sum, i) => sum === null || column[i] === null ? null : sum + column[i]), one.lines[line.index]);
    line.series.applyOptions({ priceFormat: format(line.at === pricePane ? 2 : line.entry.digits) });
    line.series.setData(points(one.time, values, CLEAR));
  }
  drawTrades();
  tell();
  const last = column => written(column[column.length - 1], moneyDigits);
  const fall = data.figures.find(([name]) => name === "maximum drawdown")[1];
  byId("chart").ariaLabel = `${data.instruments[index].name} with ${one.trades.length.toLocaleString("en")} trades over time. Equity came to ${last(timeline.equity)}, buy and hold to ${last(timeline.buy_and_hold)}; maximum drawdown ${fall}. Below: ${panes.slice(1).map(pane => pane.title || pane.entries[0].name).join("; ")}. The tables below hold the figures.`;
};

// Legends: the values under the crosshair, else the last known ones of what is seen.
const indexAt = (times, time) => {
  let [low, high] = [0, times.length - 1];
  while (low < high) { const middle = (low + high + 1) >> 1; if (times[middle] <= time) low = middle; else high = middle - 1; }
  return low;
};
const tell = time => {
  const until = time ?? chart.timeScale().getVisibleRange()?.to;
  for (const pane of panes) for (const entry of pane.entries) if (entry.value) {
    const column = entry.column(), times = entry.time();
    let index = until === undefined ? column.length - 1 : indexAt(times, until);
    if (time === undefined) while (index > 0 && column[index] === null) index -= 1;
    const before = until !== undefined && until < times[0];
    entry.value.textContent = `${entry.name}  ${written(before ? null : column[index], entry.digits)}`;
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
    item.append(mark, entry.value);
    legend.append(item);
  }
  cell.append(legend);
});
byId("chart").style.height = `${panes.reduce((sum, pane) => sum + pane.height, 40)}px`;
chart.panes().forEach((pane, i) => {
  pane.setStretchFactor(panes[i].height);
  // What is drawn begins under the legend and ends above the names of what is shaded; stacked areas stand on the ground.
  const bottom = lines.some(line => line.stacked && line.at === i) ? .02 : i === drawdownPane ? .2 : .1;
  chart.priceScale("right", i).applyOptions({ scaleMargins: { top: Math.max(.15, 28 / panes[i].height), bottom } });
});
chart.subscribeCrosshairMove(move => tell(move.time));

const choice = byId("instrument");
data.instruments.forEach((one, i) => { const option = make("option", one.name); option.value = i; choice.append(option); });
byId("choice").hidden = data.instruments.length < 2;
choice.onchange = () => { chosen = null; draw(Number(choice.value)); };

// A logarithmic scale shows equal returns as equal heights: shown at first where the price went far.
const logarithmic = byId("log");
const rescale = () => { for (const pane of [pricePane, equityPane]) chart.priceScale("right", pane).applyOptions({ mode: logarithmic.checked ? 1 : 0 }); };
logarithmic.checked = wentFar(instrument().close);
logarithmic.onchange = rescale;
rescale();

// What is seen of the time axis.
// With room for the whole of the last label.
const view = (from, to) => {
  const scale = chart.timeScale(), [first, last] = [from, to].map(time => scale.timeToIndex(time, true));
  if (last !== null) scale.setVisibleLogicalRange({ from: first - .5, to: last + .5 + (last - first) * .025 });
};
const traded = data.spans.find(span => span.kind === "traded");
const seeAll = () => { const { time } = instrument(); if (time.length) view(time[0], time[time.length - 1]); };
byId("zoom-all").onclick = seeAll;
// What came before the first trade is a part of what is seen, where there is any.
const seeTraded = () => traded && view(traded.from - (traded.to - traded.from) * (data.models.length ? .25 : 0), traded.to);
byId("zoom-traded").onclick = seeTraded;
byId("zoom-year").onclick = () => traded && view(Math.max(traded.from, traded.to - 365 * 86400), traded.to);
const show = trade => {
  chosen = { from: trade.from, to: trade.to };
  if (trade.instrument !== drawn) { choice.value = trade.instrument; draw(trade.instrument); } else shade();
  const pad = Math.max((trade.to - trade.from) * .5, data.spacing * 20);
  view(trade.from - pad, trade.to + pad);
  byId("chart").scrollIntoView({ block: "nearest" });
};
