// Tables: plain ones, and ones with shaded cells.

// Columns named in `numbers` are aligned to the right.
const rowOf = (cells, numbers) => {
  const row = make("tr");
  cells.forEach((text, column) => {
    const cell = make(column ? "td" : "th", text, numbers.includes(column) ? "number" : "");
    if (!column) cell.scope = "row";
    row.append(cell);
  });
  return row;
};
// The caption is for those who do not see the heading above.
const table = (target, caption, head, rows, numbers, change) => {
  const top = make("tr");
  head.forEach((name, column) => {
    const cell = make(name ? "th" : "td", name, numbers.includes(column) ? "number" : "");
    if (name) cell.scope = "col";
    top.append(cell);
  });
  const body = make("tbody");
  rows.forEach((cells, index) => {
    const row = rowOf(cells, numbers);
    if (change) change(row, index);
    body.append(row);
  });
  target.append(make("caption", caption, "unseen"));
  if (head.length) target.createTHead().append(top);
  target.append(body);
};

// A table with a heading of its own; gains and losses of the columns in `signed` are coloured, those in `heat` shaded
// against one another too; `bars`, from -1 to 1, are drawn into the last column.
const addTable = (target, one) => {
  const box = make("div", undefined, one.rows.length > 100 ? "scroll tall" : "scroll"), grid = make("table");
  box.append(grid);
  target.append(make("h2", one.title), make("p", one.note, "dim"), box);
  const heat = one.heat ?? [];
  const sizes = one.rows.flatMap(row => heat.map(column => Math.abs(parseFloat(row[column].replace(/,/g, ""))))).filter(Number.isFinite).sort((a, b) => a - b);
  // One extreme month does not make all others pale.
  const most = sizes.length ? sizes[Math.floor((sizes.length - 1) * .95)] : 0;
  table(grid, one.title, one.head, one.rows, one.numbers, (row, index) => {
    for (const column of one.signed) {
      const cell = row.children[column], sign = cell.textContent[0];
      if (sign !== "+" && sign !== "-") continue;
      cell.classList.add(sign === "+" ? "good" : "bad");
      const size = Math.abs(parseFloat(cell.textContent.replace(/,/g, "")));
      if (!heat.includes(column) || !(most > 0)) continue;
      cell.classList.add("heat");
      cell.style.setProperty("--heat", `${Math.round(4 + 18 * Math.min(1, size / most))}%`);
    }
    if (!one.bars) return;
    const bar = make("div", undefined, `bar ${one.bars[index] < 0 ? "below" : "above"}`);
    bar.style.width = `${Math.abs(one.bars[index] ?? 0) * 6}rem`;
    row.lastChild.append(bar);
  });
};
