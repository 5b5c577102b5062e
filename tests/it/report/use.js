// Runs last: it uses the page as a person would, and leaves what it saw.
addEventListener("load", () => setTimeout(() => {
  const seen = { faults, requests: performance.getEntriesByType("resource").length };
  const range = () => { const seen = chart.timeScale().getVisibleLogicalRange(); return seen ? Math.round(seen.to - seen.from) : 0; };
  seen.panes = chart.panes().length;
  seen.whole = range();
  // Where a line stops, nothing may lead from it to where it goes on.
  const lines = charts[0].panes().flatMap(pane => pane.getSeries()).filter(series => ["Line", "Area", "Baseline"].includes(series.seriesType()));
  seen.ends = lines.flatMap(series => series.data()).filter(point => [point.color, point.lineColor].includes("transparent")).length;
  seen.points = points([1, 2, 3, 4], [5, null, 6, 7], { color: "none" });
  seen.light = getComputedStyle(document.body).backgroundColor;
  byId("theme").click();
  seen.dark = getComputedStyle(document.body).backgroundColor;
  seen.pressed = byId("theme").getAttribute("aria-pressed");
  byId("theme").click();
  const rows = () => [...document.querySelectorAll("tr.trade")];
  seen.rows = rows().length;
  if (rows().length) {
    byId("trades-which").value = "lost";
    byId("trades-which").onchange();
    seen.lost = rows().length;
    seen.lost_wrongly = rows().filter(row => row.children[9].classList.contains("good")).length;
    byId("trades-which").value = "all";
    byId("trades-filter").value = "no such words";
    byId("trades-filter").oninput();
    seen.found = rows().length;
    byId("trades-filter").value = "";
    byId("trades-filter").oninput();
    const profits = () => rows().map(row => parseFloat(row.children[9].textContent.replace(/,/g, "")));
    document.querySelectorAll("#trades thead button")[9].click();
    seen.falling = profits();
    document.querySelectorAll("#trades thead button")[9].click();
    seen.rising = profits();
    rows()[0].focus();
    rows()[0].dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }));
    seen.moved = document.activeElement === rows()[1];
    rows()[0].click();
    seen.chosen = document.querySelectorAll("tr.chosen").length;
  }
  setTimeout(() => {
    seen.trade = range();
    byId("zoom-all").click();
    setTimeout(() => {
      seen.all = range();
      const small = [...document.querySelectorAll("button, select, input, a, [tabindex='0']")].filter(one => one.tabIndex < 0 && !one.closest("tr.trade"));
      seen.unreachable = small.length;
      seen.headings = document.querySelectorAll("h1").length;
      leave(seen);
    }, 1000);
  }, 500);
}, 300));
