// Small charts over something other than time, the tables, and the beginning.

// What is to be done once everything has its size.
const sized = [];
const smallChart = (target, name, title, precision) => {
  const box = make("div"), element = make("div", undefined, "chart");
  element.role = "img";
  element.ariaLabel = title;
  box.append(make("h3", name), element);
  target.append(box);
  const small = framed(createOptionsChart(element, { autoSize: true, rightPriceScale: { scaleMargins: { top: .2, bottom: .08 } }, localization: { precision } }));
  const legend = make("div", undefined, "legend pane-legend");
  element.append(legend);
  const label = (text, colourName) => {
    const item = make("span"), line = make("i");
    line.style.background = `var(${colourName})`;
    item.append(line, text);
    legend.append(item);
  };
  // Whole labels under the first and the last of so many points.
  const fit = (count, margin) => sized.push(() => small.timeScale().setVisibleLogicalRange({ from: -margin, to: count - 1 + margin }));
  return { small, label, fit };
};
// Columns over 1, 2, 3, …: [label, column, colour, marked place or null] each.
const panel = (target, name, title, lines) => {
  const digits = decimals(lines.map(line => line[1]));
  const course = ([text, column]) => `${text} from ${written(column[0], digits)} to ${written(column.at(-1), digits)}`;
  const { small, label, fit } = smallChart(target, name, `${title}: ${lines.map(course).join(", ")}.`, 0);
  fit(lines[0][1].length, lines[0][1].length / 20);
  lines.forEach(([text, column, colourName, marked]) => {
    const series = small.addSeries(LineSeries, { ...plain, priceFormat: format(digits) });
    painted(() => series.applyOptions({ color: colour(colourName) }));
    series.setData(column.map((value, i) => value === null ? { time: i + 1 } : { time: i + 1, value }));
    if (marked !== null) {
      const mark = createSeriesMarkers(series, []);
      painted(() => mark.setMarkers([{ time: marked, position: "inBar", shape: "circle", color: colour(colourName), size: 1 }]));
    }
    label(text, colourName);
  });
};
// Counts over bins of percent; several series stand before one another.
const histogram = (target, one) => {
  const digits = decimals([one.middles]);
  const { small, label, fit } = smallChart(target, one.title, `${one.title}, how many in each bin from ${written(one.middles[0], digits)} to ${written(one.middles.at(-1), digits)}: ${one.series.map(({ name }) => name).join(" and ")}. ${one.note}`, Math.min(digits, 3));
  for (const { name, colour: colourName, counts } of one.series) {
    const series = small.addSeries(HistogramSeries, { priceLineVisible: false, lastValueVisible: false, priceFormat: format(0) });
    painted(() => series.applyOptions({ color: colour(colourName, one.series.length > 1 ? .7 : 1) }));
    series.setData(one.middles.map((time, i) => ({ time, value: counts[i] })));
    label(name, colourName);
  }
  fit(one.middles.length, one.middles.length / 20);
  target.lastChild.append(make("p", one.note, "dim"));
};

table(byId("ranges"), "What was done with which bars", ["range", "from", "to", "size", "meaning"], data.ranges, [3]);
table(byId("figures"), "Figures", ["figure", "strategy", "buy and hold", "what it is"], data.figures, [1, 2]);
data.tables.forEach(one => addTable(byId("tables"), one));
byId("distributions-title").hidden = !data.distributions.length;
data.distributions.forEach(one => histogram(byId("distributions"), one));
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
addTrades(show);
byId("again").hidden = data.command === null;
byId("command").textContent = data.command ?? "";
table(byId("charges"), "Costs and account", ["costs and account", "value", "from"], data.charges, [1]);
table(byId("inputs"), "Files and calendars", [], data.inputs, []);
reachable();

movable(byId("chart"), chart);
draw(0);
if (traded) seeTraded(); else seeAll();
requestAnimationFrame(() => { addLegends(); tell(); for (const fit of sized) fit(); });
setTheme(darkness.matches);
