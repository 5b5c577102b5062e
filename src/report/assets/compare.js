"use strict";
// Runs side by side. Every text comes from the data and is set as text, never as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);

function element(name, text, parent) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (parent) parent.append(made);
  return made;
}

for (const doubt of data.doubts) element("p", doubt, byId("doubts")).className = "warning";

// Told apart by colour and by dashes: colours that stay different to the colour-blind, in light and in dark.
const HUES = [["#0b62c4", "#6cb2ff"], ["#a85200", "#f0a54a"], ["#0a7d5c", "#4cc9a0"], ["#8a3fb0", "#cf9cf0"], ["#7a6200", "#d9c14a"], ["#b0305c", "#ff8fb3"]];
const DASHES = ["", "8 4", "2 3", "12 4 2 4", "2 8"];
const STYLES = [0, 2, 1, 3, 4];
const dark = matchMedia("(prefers-color-scheme: dark)");
const { createChart, LineSeries, PriceScaleMode } = LightweightCharts;
const chart = createChart(byId("chart"), { autoSize: true, rightPriceScale: { borderVisible: false }, timeScale: { borderVisible: false, timeVisible: true, minBarSpacing: 0.001 } });
const lines = data.curves.map((curve, place) => {
  const series = chart.addSeries(LineSeries, { lineWidth: 2, lineStyle: STYLES[place % STYLES.length], priceLineVisible: false, lastValueVisible: false });
  series.setData(curve.map(([time, value]) => ({ time, value })));
  const item = element("li", undefined, byId("legend"));
  item.innerHTML = "<svg viewBox='0 0 34 10' aria-hidden='true'><line x1='0' y1='5' x2='34' y2='5' stroke-width='2.5'/></svg>";
  const stroke = item.querySelector("line");
  stroke.setAttribute("stroke-dasharray", DASHES[place % DASHES.length]);
  element("span", data.names[place] + " ", item);
  const last = curve.length ? curve[curve.length - 1][1].toFixed(2) : "";
  const value = element("span", last, item);
  value.className = "dim";
  return { series, stroke, value, last };
});
chart.subscribeCrosshairMove((moved) => {
  for (const line of lines) {
    const point = moved.seriesData.get(line.series);
    line.value.textContent = point ? point.value.toFixed(2) : line.last;
  }
});
function paint() {
  const style = getComputedStyle(document.body);
  chart.applyOptions({ layout: { background: { color: style.backgroundColor }, textColor: style.color, attributionLogo: false }, grid: { vertLines: { visible: false }, horzLines: { color: dark.matches ? "#20262d" : "#eceff2" } } });
  lines.forEach(({ series, stroke }, place) => {
    const color = HUES[place % HUES.length][dark.matches ? 1 : 0];
    series.applyOptions({ color });
    stroke.setAttribute("stroke", color);
  });
}
byId("log").addEventListener("change", ({ target }) => {
  chart.applyOptions({ rightPriceScale: { mode: target.checked ? PriceScaleMode.Logarithmic : PriceScaleMode.Normal } });
});
dark.addEventListener("change", paint);
paint();
chart.timeScale().fitContent();

const table = byId("figures");
const head = element("tr", undefined, element("thead", undefined, table));
element("th", "", head);
for (const name of data.names) element("th", name, head).scope = "col";
const body = element("tbody", undefined, table);
for (const row of data.rows) {
  const line = element("tr", undefined, body);
  element("th", row.name, line).scope = "row";
  row.cells.forEach((cell, run) => {
    element("td", row.best[run] ? cell + " *" : cell, line).className = row.best[run] ? "best" : "";
  });
}

data.changes.forEach((changes, place) => {
  const under = byId("changes");
  element("h2", `What changed from ${data.names[0]} to ${data.names[place + 1]}`, under);
  element("p", `Script: ${changes.script}.`, under);
  if (changes.script_diff) element("pre", changes.script_diff, under);
  if (!changes.settings.length) return;
  const box = element("div", undefined, under);
  box.className = "scroll";
  const settings = element("table", undefined, box);
  const titles = element("tr", undefined, element("thead", undefined, settings));
  for (const title of ["setting", data.names[0], data.names[place + 1]]) element("th", title, titles).scope = "col";
  const rows = element("tbody", undefined, settings);
  for (const { what, before, after } of changes.settings) {
    const line = element("tr", undefined, rows);
    element("th", what, line).scope = "row";
    element("td", before ?? "none", line);
    element("td", after ?? "none", line);
  }
});
