// Runs last: what a keyboard and a screen reader find.
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const named = element => `${element.tagName.toLowerCase()}#${element.closest("[id]")?.id ?? ""} "${element.textContent.trim().slice(0, 40)}"`;
const nameOf = element => (element.ariaLabel ?? element.labels?.[0]?.textContent ?? element.textContent ?? "").trim();
const isShown = element => element.checkVisibility() && element.getClientRects().length > 0;

addEventListener("load", () => setTimeout(async () => {
  const seen = { faults };
  try {
    // Tables that lay out a chart are within an image, which is read as one thing.
    const tables = all("table").filter(table => !table.closest("[role=img]") && table.rows.length);
    seen.tables = tables.length;
    seen.without_caption = tables.filter(table => table.firstElementChild !== table.caption || !table.caption?.textContent.trim()).map(named);
    seen.without_scope = tables.flatMap(table => all("th", table).filter(cell => cell.scope !== (cell.closest("thead") ? "col" : "row") || !cell.textContent.trim())).map(named);
    seen.rows_without_name = tables.flatMap(table => all("tbody tr", table).filter(row => row.cells[0].tagName !== "TH")).map(named);
    seen.charts = all("[role=img]").map(chart => chart.ariaLabel);
    seen.charts_unmarked = charts.filter(chart => !chart.chartElement().closest("[role=img]")).length;
    seen.without_name = all("button, select, input, a").filter(isShown).filter(element => !nameOf(element)).map(named);
    const levels = all("h1, h2, h3").filter(isShown).map(heading => Number(heading.tagName[1]));
    seen.levels = levels.filter((level, i) => level > (levels[i - 1] ?? 0) + 1).length;
    seen.landmarks = ["main", "footer", "html[lang]", "title"].filter(selector => all(selector).length !== 1);

    // The first stop of the tab key leads past the chart.
    const stops = all("a[href], button, select, input, [tabindex='0']").filter(element => element.tabIndex >= 0);
    const skip = stops[0];
    seen.skip = skip.className === "skip" && all(skip.getAttribute("href")).length === 1;
    skip.focus();
    seen.skip_shown = skip.getBoundingClientRect().left >= 0;
    // A key makes focus visible, as with a person.
    seen.without_outline = stops.filter(element => {
      element.focus({ focusVisible: true });
      return isShown(element) && (document.activeElement !== element || getComputedStyle(element).outlineStyle === "none");
    }).map(named);

    // The chart draws, and knows what is seen, in the next frame.
    const main = byId("chart"), scale = chart.timeScale(), drawn = () => new Promise(done => setTimeout(done, 100));
    scale.setVisibleLogicalRange({ from: 20, to: 60 });
    seen.moves = [];
    for (const key of ["", "+", "ArrowLeft", "-", "x"]) {
      main.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      await drawn();
      const { from, to } = scale.getVisibleLogicalRange();
      seen.moves.push([Math.round(from), Math.round(to)]);
    }

    setTheme(true);
    const theme = () => document.documentElement.dataset.theme;
    dispatchEvent(new Event("beforeprint"));
    seen.printed = theme();
    dispatchEvent(new Event("afterprint"));
    seen.after = theme();
  } catch (error) { faults.push(String(error)); }
  leave(seen);
}, 500));
