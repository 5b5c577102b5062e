// The table of trades, which can be put in order, filtered and taken away.

const HEAD = ["#", "instrument", "side", "units", "entry", "at", "exit", "at", "bars", "profit", "return", "worst", "best", "reason"];
const NUMBERS = [0, 3, 5, 7, 8, 9, 10, 11, 12];

// The trades; `show` is told of the one that is chosen.
const addTrades = show => {
  byId("trades-note").textContent = [data.trades_note, data.trades.length ? "Click a row, or go to it with the arrow keys and press Enter, to see the trade in the chart. Worst and best: how far it stood against and for, of the entry price." : ""].join(" ").trim();
  byId("trades-controls").hidden = !data.trades.length;
  if (!data.trades.length) return;
  const rows = data.trades.map(trade => {
    const row = rowOf(trade.cells, NUMBERS);
    row.className = "trade";
    row.tabIndex = -1;
    row.onclick = () => {
      for (const other of rows) {
        other.classList.toggle("chosen", other === row);
        other.ariaCurrent = other === row ? "true" : null;
      }
      show(trade);
    };
    for (const column of [9, 10]) row.children[column].classList.add(trade.good ? "good" : "bad");
    return row;
  });
  const top = make("tr"), body = make("tbody"), head = make("thead");
  let [by, down] = [0, false];
  const key = (trade, column) => trade.order[column] ?? trade.cells[column];
  const arrange = () => {
    const words = byId("trades-filter").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const which = byId("trades-which").value;
    const kept = data.trades.map((trade, index) => index).filter(index => {
      const trade = data.trades[index], text = trade.cells.join(" ").toLowerCase();
      const outcome = { won: trade.good, lost: !trade.good, long: trade.cells[2] === "long", short: trade.cells[2] === "short" }[which] ?? true;
      return outcome && words.every(word => text.includes(word));
    });
    kept.sort((a, b) => {
      const [x, y] = [key(data.trades[a], by), key(data.trades[b], by)];
      return ((x < y ? -1 : x > y ? 1 : 0) || a - b) * (down ? -1 : 1);
    });
    body.replaceChildren(...kept.map(index => rows[index]));
    // One stop for the tab key; the arrow keys go from row to row.
    rows.forEach(row => { row.tabIndex = -1; });
    if (kept.length) rows[kept[0]].tabIndex = 0;
    [...top.children].forEach((cell, column) => cell.setAttribute("aria-sort", column !== by ? "none" : down ? "descending" : "ascending"));
    byId("trades-count").textContent = `${kept.length.toLocaleString("en")} of ${data.trades.length.toLocaleString("en")} shown`;
  };
  HEAD.forEach((name, column) => {
    const cell = make("th", undefined, NUMBERS.includes(column) ? "number" : ""), button = make("button", name, "order");
    cell.scope = "col";
    button.type = "button";
    button.onclick = () => { [by, down] = [column, by === column ? !down : NUMBERS.includes(column) && column > 0]; arrange(); };
    cell.append(button);
    top.append(cell);
  });
  head.append(top);
  byId("trades").append(make("caption", "Trades", "unseen"), head, body);
  byId("trades-filter").oninput = arrange;
  byId("trades-which").onchange = arrange;
  byId("trades-download").hidden = data.trades_csv === null;
  byId("trades-download").onclick = () => {
    const link = make("a");
    link.href = URL.createObjectURL(new Blob([data.trades_csv], { type: "text/csv" }));
    link.download = "trades.csv";
    link.click();
    URL.revokeObjectURL(link.href);
  };
  byId("trades").onkeydown = event => {
    const row = event.target.closest("tr.trade");
    if (!row) return;
    const goal = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling, Home: body.firstElementChild, End: body.lastElementChild, Enter: row, " ": row }[event.key];
    if (goal === undefined) return;
    event.preventDefault();
    if (goal === row && (event.key === "Enter" || event.key === " ")) return row.click();
    if (!goal) return;
    row.tabIndex = -1;
    goal.tabIndex = 0;
    goal.focus();
  };
  arrange();
};
