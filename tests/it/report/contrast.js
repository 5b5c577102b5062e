// Runs last: how far every text, and every line of the charts, stands out from what is behind it, in light and in dark.
const parsed = text => {
  const numbers = text.match(/-?[\d.]+(?:e-?\d+)?/g).map(Number);
  if (text.startsWith("rgb")) return [...numbers.slice(0, 3).map(part => part / 255), numbers[3] ?? 1];
  if (text.startsWith("color(srgb ")) return [...numbers.slice(0, 3), numbers[3] ?? 1];
  throw new Error(`a colour in a notation that is not read here: ${text}`);
};
const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
const linear = part => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4;
// https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
const luminance = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
const ratio = (one, other) => {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + .05) / (low + .05);
};

// What lies behind an element: the backgrounds up the tree, to one that hides what is behind it.
const behind = (element, ground) => {
  const layers = [];
  for (let at = element; at; at = at.parentElement) {
    const style = getComputedStyle(at);
    if (style.backgroundImage !== "none") throw new Error(`${named(at)} has a picture behind it`);
    if (style.opacity !== "1") throw new Error(`${named(at)} can be seen through`);
    const layer = parsed(style.backgroundColor);
    if (ground && at.classList.contains("chart")) { layers.push(ground); break; }
    layers.push(layer);
    if (layer[3] === 1) break;
  }
  return layers.reverse().reduce((below, layer) => over(layer, below), [1, 1, 1, 1]);
};
const named = element => {
  const id = element.closest("[id]")?.id;
  const text = (element.textContent || element.placeholder || "").trim().slice(0, 40);
  return `${element.tagName.toLowerCase()}${element.className ? "." + element.className : ""}${id ? " in #" + id : ""} "${text}"`;
};
const hasText = element => [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());

const texts = found => {
  for (const element of document.querySelectorAll("body *")) {
    if (["SCRIPT", "STYLE", "OPTION"].includes(element.tagName)) continue;
    const control = ["SELECT", "INPUT"].includes(element.tagName);
    if (!hasText(element) && !control) continue;
    if (!element.checkVisibility({ visibilityProperty: true }) || !element.getClientRects().length) continue;
    const style = getComputedStyle(element), size = parseFloat(style.fontSize);
    const needed = size >= 24 || size >= 18.66 && style.fontWeight >= 700 ? 3 : 4.5;
    const colours = [style.color];
    if (element.placeholder) colours.push(getComputedStyle(element, "::placeholder").color);
    // A legend stands on its chart, whatever is drawn there.
    const grounds = element.closest(".chart") ? lines().map(line => line.colour) : [null];
    for (const ground of grounds) {
      const back = behind(element, ground);
      for (const colour of colours) {
        const reached = ratio(over(parsed(colour), back), back);
        found.texts += 1;
        found.lowest = Math.min(found.lowest, reached);
        if (reached < needed) found.low.push(`${named(element)}: ${reached.toFixed(2)} of ${needed}`);
      }
    }
  }
};

// The colours that the charts draw with, on what is behind them.
const KINDS = {
  Line: ["color"], Histogram: ["color"], Area: ["topColor", "bottomColor"], Baseline: ["topLineColor", "bottomLineColor"],
  Candlestick: ["borderUpColor", "borderDownColor", "wickUpColor", "wickDownColor"],
};
const lines = () => charts.flatMap((chart, number) => {
  const back = parsed(chart.options().layout.background.color);
  return chart.panes().flatMap((pane, place) => pane.getSeries().flatMap(series => KINDS[series.seriesType()].map(part => {
    const name = `chart ${number}, pane ${place}, ${series.seriesType()}.${part}`;
    return { name, back, colour: over(parsed(series.options()[part]), back) };
  })));
});
const drawn = found => {
  for (const { name, back, colour } of lines()) {
    found.lines += 1;
    if (ratio(colour, back) < 3) found.low.push(`${name}: ${ratio(colour, back).toFixed(2)} of 3`);
  }
  // Names on shaded spans, over which others may be shaded too.
  for (const { spans } of data.spans ? [behindPrice, behindDrawdown] : []) for (const { name, text, fill } of spans.filter(span => span.name)) {
    const under = over(parsed(fill), parsed(colour("--back")));
    for (const upper of ["rgba(0, 0, 0, 0)", ...spans.filter(span => !span.name).map(span => span.fill)]) {
      const ground = over(parsed(upper), under), reached = ratio(parsed(text), ground);
      found.names += 1;
      if (reached < 4.5) found.low.push(`${name} on a span: ${reached.toFixed(2)} of 4.5`);
    }
  }
  for (const chart of charts) {
    const { background, textColor } = chart.options().layout, reached = ratio(parsed(textColor), parsed(background.color));
    if (reached < 4.5) found.low.push(`the axes of a chart: ${reached.toFixed(2)} of 4.5`);
  }
};

// Two colours as the colour-blind see them: matrices of Machado, Oliveira and Fernandes (2009) for a missing kind of
// cone, on linear light; the distance is that of OKLab.
const EYES = {
  "three kinds of cones": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[.152286, 1.052583, -.204868], [.114503, .786281, .099216], [-.003882, -.048116, 1.051998]],
  deuteranopia: [[.367322, .860646, -.227968], [.280085, .672501, .047413], [-.01182, .04294, .968881]],
  tritanopia: [[1.255528, -.076749, -.178779], [-.078411, .930809, .147602], [.004733, .691367, .3039]],
};
const times = (matrix, vector) => matrix.map(row => row.reduce((sum, part, i) => sum + part * vector[i], 0));
const perceived = (colour, eye) => {
  const light = times(EYES[eye], colour.slice(0, 3).map(linear)).map(part => Math.min(1, Math.max(0, part)));
  const cones = times([[.4122214708, .5363325363, .0514459929], [.2119034982, .6806995451, .1073969566], [.0883024619, .2817188376, .6299787005]], light).map(Math.cbrt);
  return times([[.2104542553, .793617785, -.0040720468], [1.9779984951, -2.428592205, .4505937099], [.0259040371, .7827717662, -.808675766]], cones);
};
const apart = found => {
  const names = [0, 1, 2, 3, 4, 5].map(hue), pairs = names.flatMap((one, i) => names.slice(0, i).map(other => [one, other]));
  // What was forecast and what came; what earned and what lost.
  for (const [one, other] of [...pairs, ["--candle", "--hue-0"], ["--good", "--bad"]]) for (const eye of Object.keys(EYES)) {
    const [a, b] = [one, other].map(name => perceived(parsed(colour(name)), eye));
    const distance = Math.hypot(...a.map((part, i) => part - b[i]));
    found.nearest = Math.min(found.nearest, distance);
    if (distance < .08) found.low.push(`${one} and ${other} look alike with ${eye}: ${distance.toFixed(3)} of 0.08`);
  }
};

addEventListener("load", () => setTimeout(() => {
  const seen = { faults };
  const row = document.querySelector("tr.trade");
  row?.click();
  row?.nextElementSibling?.focus();
  setTimeout(() => {
    try {
      for (const dark of [false, true]) {
        setTheme(dark);
        const found = { low: [], texts: 0, lines: 0, names: 0, lowest: 21, nearest: 1 };
        texts(found);
        drawn(found);
        apart(found);
        seen[dark ? "dark" : "light"] = found;
      }
    } catch (error) { faults.push(String(error)); }
    leave(seen);
  }, 300);
}, 300));
