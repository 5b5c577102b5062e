"use strict";
// What the other scripts share: the run's data, elements, colours, numbers.
const data = JSON.parse(document.getElementById("data").textContent);
const byId = id => document.getElementById(id);
const make = (tag, text, className) => {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
};

// Columns come as little-endian numbers in base 64; what is not known is null here.
const bytes = text => Uint8Array.from(atob(text), character => character.charCodeAt(0)).buffer;
const floats = text => text === null ? null : Array.from(new Float32Array(bytes(text)), value => Number.isFinite(value) ? value : null);
const doubles = text => Array.from(new Float64Array(bytes(text)));

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
  byId("theme").setAttribute("aria-pressed", dark);
  for (const paint of paints) paint();
};
byId("theme").onclick = () => setTheme(document.documentElement.dataset.theme !== "dark");

// So many decimals that a column's differences show.
const decimals = columns => {
  let [low, high] = [Infinity, -Infinity];
  for (const column of columns) for (const value of column) if (value !== null) { low = Math.min(low, value); high = Math.max(high, value); }
  const span = high > low ? high - low : Math.abs(high) || 1;
  return Number.isFinite(span) ? Math.min(8, Math.max(0, 2 - Math.floor(Math.log10(span)))) : 2;
};
const written = (value, digits) => value === null || value === undefined ? "–" : value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const format = digits => ({ type: "custom", minMove: 10 ** -digits, formatter: value => written(value, digits) });

byId("title").textContent = data.title;
byId("subtitle").textContent = data.subtitle;
byId("parameters").textContent = data.parameters.join(", ");
byId("sample").textContent = data.sample;
byId("sample").hidden = data.in_sample;
for (const warning of data.warnings) byId("warnings").append(make("p", warning, "warning"));
// The figures that say most, in large type.
for (const name of ["total return", "Sharpe ratio", "maximum drawdown", "trades"]) {
  const figure = data.figures.find(one => one[0] === name);
  if (!figure) continue;
  const [, strategy, held] = figure, box = make("div");
  box.append(make("dt", name), make("dd", strategy), make("dd", held ? `buy and hold ${held}` : "", "dim"));
  byId("headline").append(box);
}
