// Runs side by side: their equity drawn together, their figures, and what changed.
const { createChart, LineSeries } = LightweightCharts;

for (const doubt of data.doubts) byId("doubts").append(make("p", doubt, "warning"));

// Curves are told apart by colour and by dashes: in the legend's drawing, and as the charts number them.
const DASHES = [["", 0], ["8 4", 2], ["2 3", 1], ["12 4 2 4", 3], ["2 8", 4]];
const chart = framed(createChart(byId("chart"), { autoSize: true, timeScale: { timeVisible: true, rightOffsetPixels: 16, lockVisibleTimeRangeOnResize: true, minBarSpacing: 0.001 }, grid: { vertLines: { visible: false } } }));
const curves = data.curves.map((curve, place) => {
  const [dashes, lineStyle] = DASHES[place % DASHES.length];
  const series = chart.addSeries(LineSeries, { lineWidth: 2, lineStyle, priceLineVisible: false, lastValueVisible: false, priceFormat: format(2) });
  series.setData(curve.map(([time, value]) => ({ time, value })));
  painted(() => series.applyOptions({ color: colour(hue(place)) }));
  const item = make("li"), value = make("b");
  item.innerHTML = `<svg viewBox="0 0 34 10" aria-hidden="true"><path d="M0 5H34" stroke="var(${hue(place)})" stroke-width="2.5" stroke-dasharray="${dashes}"/></svg>`;
  item.append(make("span", data.names[place]), value);
  byId("legend").append(item);
  return { series, value, last: curve.at(-1)?.[1] };
});
byId("chart").ariaLabel = `Equity of each run over time, 100 at its start. At the end: ${curves.map(({ last }, place) => `${data.names[place]} ${written(last, 2)}`).join(", ")}.`;
const tell = points => {
  for (const { series, value, last } of curves) value.textContent = written(points?.get(series)?.value ?? last, 2);
};
chart.subscribeCrosshairMove(moved => tell(moved.seriesData));
tell();

// A logarithmic scale shows equal returns as equal heights: shown at first where equity went far.
const logarithmic = byId("log");
const rescale = () => chart.priceScale("right").applyOptions({ mode: logarithmic.checked ? 1 : 0 });
logarithmic.checked = wentFar(data.curves.flatMap(curve => curve.map(point => point[1])));
logarithmic.onchange = rescale;
rescale();

const runs = data.names.map((_, run) => run + 1);
table(byId("figures"), "Figures", ["figure", ...data.names], data.rows.map(row => [row.name, ...row.cells]), runs, (row, index) => {
  data.rows[index].best.forEach((isBest, run) => {
    if (!isBest) return;
    row.children[run + 1].textContent += " *";
    row.children[run + 1].className += " best";
  });
});
data.changes.forEach((changes, place) => {
  const names = [data.names[0], data.names[place + 1]], under = byId("changes");
  under.append(make("h2", `What changed from ${names[0]} to ${names[1]}`), make("p", `Script: ${changes.script}.`));
  if (changes.script_diff) under.append(make("pre", changes.script_diff));
  if (!changes.settings.length) return;
  const box = make("div", undefined, "scroll"), settings = make("table");
  table(settings, `Settings of ${names[0]} and ${names[1]}`, ["setting", ...names], changes.settings.map(({ what, before, after }) => [what, before ?? "none", after ?? "none"]), []);
  box.append(settings);
  under.append(box);
});

reachable();
movable(byId("chart"), chart);
setTheme(darkness.matches);
// Once the chart has its size.
requestAnimationFrame(() => chart.timeScale().fitContent());
