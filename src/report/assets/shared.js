"use strict";
// What the pages share: their data, elements, colours, numbers. Every text comes from the data and is set as text, never
// as markup.
const data = JSON.parse(document.getElementById("data").textContent);
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
const looked = new Map();
const lookUp = name => {
  probe.style.color = `var(${name})`;
  pen.fillStyle = getComputedStyle(probe).color;
  pen.fillRect(0, 0, 1, 1);
  looked.set(name, pen.getImageData(0, 0, 1, 1).data.slice(0, 3).join(", "));
  return looked.get(name);
};
const colour = (name, opacity = 1) => `rgba(${looked.get(name) ?? lookUp(name)}, ${opacity})`;
const hue = index => `--hue-${index % 6}`;

// What is to be painted again when the theme changes.
const paints = [];
const painted = paint => { paints.push(paint); paint(); };
const setTheme = dark => {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  byId("theme").setAttribute("aria-pressed", dark);
  looked.clear();
  for (const paint of paints) paint();
};
// The theme is the system's, until the button chooses the other.
const darkness = matchMedia("(prefers-color-scheme: dark)");
darkness.onchange = () => setTheme(darkness.matches);
byId("theme").onclick = () => setTheme(document.documentElement.dataset.theme !== "dark");

// So many decimals that a column's differences show.
const decimals = columns => {
  let [low, high] = [Infinity, -Infinity];
  for (const column of columns) for (const value of column) if (value !== null) { low = Math.min(low, value); high = Math.max(high, value); }
  const span = high > low ? high - low : Math.abs(high) || 1;
  return Number.isFinite(span) ? Math.min(8, Math.max(0, 2 - Math.floor(Math.log10(span)))) : 2;
};
const written = (value, digits) => value === null || value === undefined ? "–" : value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: "negative" });
const format = digits => ({ type: "custom", minMove: 10 ** -digits, formatter: value => written(value, digits) });
// Whether values go so far that a logarithmic scale shows them better.
const wentFar = values => {
  const known = values.filter(value => value > 0);
  return known.length > 0 && known.reduce((a, b) => Math.max(a, b)) > 4 * known.reduce((a, b) => Math.min(a, b));
};

// How a chart's ground looks. Whose the charts are stands at the end of the page.
const frame = () => ({
  layout: { attributionLogo: false, background: { color: colour("--back") }, textColor: colour("--dim"), panes: { separatorColor: colour("--line") } },
  grid: { vertLines: { color: colour("--grid") }, horzLines: { color: colour("--grid") } },
  rightPriceScale: { borderVisible: false, entireTextOnly: true },
  timeScale: { borderVisible: false },
});

// The charts of the page.
const charts = [];
const framed = chart => {
  charts.push(chart);
  painted(() => chart.applyOptions(frame()));
  return chart;
};

// A chart that has the focus is moved by the arrow keys and zoomed by + and -.
const movable = (element, chart) => {
  element.onkeydown = event => {
    const scale = chart.timeScale(), seen = scale.getVisibleLogicalRange();
    const [left, right] = { ArrowLeft: [-.1, -.1], ArrowRight: [.1, .1], "+": [.2, -.2], "-": [-.25, .25] }[event.key] ?? [];
    if (left === undefined || !seen || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const width = seen.to - seen.from;
    scale.setVisibleLogicalRange({ from: seen.from + left * width, to: seen.to + right * width });
  };
};

// On paper everything is light.
let wasDark = false;
addEventListener("beforeprint", () => { wasDark = document.documentElement.dataset.theme === "dark"; setTheme(false); });
addEventListener("afterprint", () => setTheme(wasDark));

// Wide tables scroll; the keyboard must be able to scroll them too.
const reachable = () => {
  for (const box of document.querySelectorAll(".scroll, pre")) if (!box.querySelector("tr.trade")) box.tabIndex = 0;
};
