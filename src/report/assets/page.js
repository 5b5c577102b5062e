// The head of the report: what ran, what it came to, what to beware of.
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
