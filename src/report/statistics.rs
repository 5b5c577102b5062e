//! The tables of report.html that go beyond the headline figures: months, drawdowns, groups of trades, and
//! every other figure with what it means.

use serde::Serialize;

use crate::metrics::{Benchmark, Distribution, Drawdowns, Group, Metrics, Period, Ratios, Rolling, Trading};
use crate::pipeline::{Ambiguity, Outcome};
use crate::report::format::{count, money, optional, percent, points, ratio, share, signed_ratio, tenths};

/// A table with a title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Table {
    /// What it shows.
    pub title: &'static str,
    /// How to read it; empty where it needs no word.
    pub note: &'static str,
    /// The names of the columns.
    pub head: Vec<String>,
    /// The columns that hold numbers.
    pub numbers: Vec<usize>,
    /// The columns whose gains and losses are coloured.
    pub signed: Vec<usize>,
    /// The columns whose cells are shaded by how much they gained or lost, against one another.
    pub heat: Vec<usize>,
    /// The cells, row by row.
    pub rows: Vec<Vec<String>>,
}

/// The tables of a run, in the order in which people look for them. One without rows is left out.
pub fn statistics(outcome: &Outcome) -> Vec<Table> {
    let metrics = &outcome.metrics;
    let several = metrics.by_instrument.len() > 1;
    let all = [
        Some(months(metrics)),
        Some(worst(&metrics.drawdowns)),
        Some(groups("Trades by side", "side", &metrics.by_side)),
        Some(groups("Trades by exit", "exit", &in_words(&metrics.by_exit))),
        several.then(|| groups("Trades by instrument", "instrument", &metrics.by_instrument)),
        (outcome.ambiguity.trades > 0).then(|| order_of_events(outcome)),
        Some(more(metrics)),
    ];
    all.into_iter().flatten().filter(|table| !table.rows.is_empty()).collect()
}

fn words(text: &str) -> Vec<String> {
    text.split('|').map(str::to_owned).collect()
}

fn months(metrics: &Metrics) -> Table {
    let cell = |period: Option<&Period>| period.and_then(|period| period.total_return).map_or_else(String::new, points);
    let row = |year: &Period| {
        let month = |number: u32| {
            let month = metrics.by_month.iter().find(|one| one.year == year.year && one.month == Some(number));
            cell(month)
        };
        let mut row = vec![year.year.to_string()];
        row.extend((1..=12).map(month));
        row.extend([cell(Some(year)), optional(year.buy_and_hold, points), optional(year.maximum_drawdown, points)]);
        row.push(count(year.trades));
        row
    };
    Table {
        title: "Returns by month",
        note: "In percent of the equity before. Held: buying and holding. Drawdown: the deepest fall within the year. \
               Trades count where they ended.",
        head: words("|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|year|held|drawdown|trades"),
        numbers: (1..17).collect(),
        signed: (1..15).collect(),
        heat: (1..13).collect(),
        rows: metrics.by_year.iter().map(row).collect(),
    }
}

fn worst(drawdowns: &Drawdowns) -> Table {
    let rows = drawdowns.worst.iter().map(|fall| {
        let until = fall.until.clone().unwrap_or_else(|| "not yet".into());
        vec![
            percent(fall.depth),
            fall.from.clone(),
            fall.bottom.clone(),
            until,
            count(fall.bars),
            count(fall.days as usize),
        ]
    });
    Table {
        title: "Worst drawdowns",
        note: "From a highest equity, over the bottom, until it was reached again.",
        head: words("depth|from|bottom|until|bars|days"),
        numbers: vec![0, 4, 5],
        signed: Vec::new(),
        heat: Vec::new(),
        rows: rows.collect(),
    }
}

/// Groups by the names of nodes, in words: `stop loss`.
fn in_words(groups: &[Group]) -> Vec<Group> {
    groups.iter().map(|group| Group { name: group.name.replace('_', " "), ..group.clone() }).collect()
}

fn groups(title: &'static str, of: &str, groups: &[Group]) -> Table {
    let row = |group: &Group| {
        vec![
            group.name.clone(),
            count(group.trades),
            optional(group.win_rate, share),
            money(group.profit),
            optional(group.expectancy, money),
            optional(group.expectancy_fraction, percent),
            optional(group.profit_factor, ratio),
            optional(group.average_holding_bars, tenths),
            optional(group.average_adverse_excursion, percent),
            optional(group.average_favourable_excursion, percent),
            optional(group.edge_ratio, ratio),
        ]
    };
    Table {
        title,
        note: "Adverse and favourable: the worst and the best that a trade stood at, in the mean, of its entry \
               price; the edge ratio is the second over the first.",
        head: words(&format!(
            "{of}|trades|won|profit|a trade|of its value|profit factor|bars held|adverse|favourable|edge ratio"
        )),
        numbers: (1..11).collect(),
        signed: vec![5],
        heat: Vec::new(),
        rows: groups.iter().map(row).collect(),
    }
}

fn order_of_events(outcome: &Outcome) -> Table {
    let row = |name: &str, total_return: f64, sharpe: Option<f64>| {
        vec![name.to_owned(), percent(total_return), optional(sharpe, ratio)]
    };
    let Ambiguity { stop_first, target_first, .. } = outcome.ambiguity;
    let performance = &outcome.metrics.performance;
    Table {
        title: "Order of events inside bars",
        note: "Some bars touched both a stop and a target, or an entry and a stop: which came first, bars do not say. \
               What the run would have come to had the one or the other always come first.",
        head: words("which came first|total return|Sharpe ratio"),
        numbers: vec![1, 2],
        signed: vec![1],
        heat: Vec::new(),
        rows: vec![
            row("as this run had it", performance.total_return, performance.sharpe),
            row("always the stop", stop_first.total_return, stop_first.sharpe),
            row("always the target", target_first.total_return, target_first.sharpe),
        ],
    }
}

fn more(metrics: &Metrics) -> Table {
    let mut rows = Vec::new();
    let mut add = |name: &str, value: String, meaning: &str| rows.push(vec![name.into(), value, meaning.into()]);
    let Metrics { benchmark, ratios, distribution, drawdowns, trading, rolling, .. } = metrics;
    against_the_benchmark(benchmark, &mut add);
    against_risk(ratios, &mut add);
    of_drawdowns(drawdowns, &mut add);
    of_bars(distribution, &mut add);
    of_windows(rolling.as_ref(), &mut add);
    of_trades(trading, &mut add);
    Table {
        title: "More figures",
        note: "metrics.json has them all, unrounded.",
        head: words("figure|value|what it is"),
        numbers: vec![1],
        signed: Vec::new(),
        heat: Vec::new(),
        rows,
    }
}

type Add<'a> = dyn FnMut(&str, String, &str) + 'a;

fn against_the_benchmark(benchmark: &Benchmark, add: &mut Add<'_>) {
    let Benchmark { correlation, r_squared, tracking_error, information_ratio, .. } = benchmark;
    add("correlation", optional(*correlation, signed_ratio), "of the bars' returns with those of buying and holding");
    add("R²", optional(*r_squared, ratio), "share of the variance that buying and holding explains");
    add(
        "tracking error",
        optional(*tracking_error, share),
        "deviation of the difference from buying and holding, a year",
    );
    add(
        "information ratio",
        optional(*information_ratio, signed_ratio),
        "mean difference over the tracking error, a year",
    );
    add("Treynor ratio", optional(benchmark.treynor_ratio, signed_ratio), "mean return a year over beta");
    add(
        "up capture",
        optional(benchmark.up_capture, ratio),
        "growth over the bars on which the benchmark rose, over its own",
    );
    add("down capture", optional(benchmark.down_capture, ratio), "the same over the bars on which it fell");
    add("batting average", optional(benchmark.batting_average, share), "share of the bars that beat the benchmark");
}

fn against_risk(ratios: &Ratios, add: &mut Add<'_>) {
    add("omega ratio", optional(ratios.omega, ratio), "gains of bars over their losses");
    add("gain to pain", optional(ratios.gain_to_pain, signed_ratio), "sum of the returns over that of the losses");
    add("common sense ratio", optional(ratios.common_sense_ratio, ratio), "omega times tail ratio");
    add("CPC index", optional(ratios.cpc_index, ratio), "omega times win rate times payoff ratio of bars");
    add("recovery factor", optional(ratios.recovery_factor, ratio), "sum of the returns over maximum drawdown");
    add("ulcer performance", optional(ratios.ulcer_performance_index, ratio), "total return over ulcer index");
    add("serenity index", optional(ratios.serenity_index, ratio), "sum of the returns over ulcer index and pitfall");
    add(
        "smart Sharpe ratio",
        optional(ratios.smart_sharpe, ratio),
        "less what returns that follow one another flatter",
    );
    add("smart Sortino ratio", optional(ratios.smart_sortino, ratio), "the same");
    add("probabilistic Sharpe", optional(ratios.probabilistic_sharpe, share), "how probable a true ratio above 0 is");
    add("stability", optional(ratios.stability, ratio), "R² of the logarithm of equity against time");
}

fn of_drawdowns(drawdowns: &Drawdowns, add: &mut Add<'_>) {
    let days = |days: f64| format!("{} days", tenths(days));
    add("drawdowns", count(drawdowns.count), "falls from a highest equity");
    add("average drawdown", optional(drawdowns.average, percent), "their mean depth");
    add("average duration", optional(drawdowns.average_days, days), "from the top until it was reached again");
    add("longest duration", optional(drawdowns.longest_days, days), "of any drawdown, the deepest or not");
    add(
        "ulcer index",
        optional(drawdowns.ulcer_index, share),
        "root mean square of how far equity stood below its highest",
    );
    add("pain index", optional(drawdowns.pain_index, share), "mean of the same");
}

fn of_bars(distribution: &Distribution, add: &mut Add<'_>) {
    let fine = |fraction: f64| format!("{:+.3} %", fraction * 100.0);
    add("best bar", optional(distribution.best, fine), "the greatest return of a bar");
    add("worst bar", optional(distribution.worst, fine), "the smallest");
    add(
        "bars won",
        optional(distribution.win_rate, share),
        "share of the bars that earned among those that earned or lost",
    );
    add("skew", optional(distribution.skew, signed_ratio), "below 0: losses reach further than gains");
    add("kurtosis", optional(distribution.kurtosis, signed_ratio), "above 0: extremes are more frequent than normal");
    add("value at risk, 5 %", optional(distribution.value_at_risk, fine), "one bar of twenty was worse");
    add(
        "expected shortfall",
        optional(distribution.conditional_value_at_risk, fine),
        "mean of the worst bar of twenty",
    );
    add("tail ratio", optional(distribution.tail_ratio, ratio), "95 % quantile over 5 % quantile");
    add("autocorrelation", optional(distribution.autocorrelation, signed_ratio), "of a return with the one before");
}

fn of_windows(rolling: Option<&Rolling>, add: &mut Add<'_>) {
    let Some(Rolling { sharpe, maximum_drawdown, .. }) = rolling else { return };
    let half_years = "in windows of half a year";
    add("lowest Sharpe ratio", optional(sharpe.map(|all| all.lowest), ratio), half_years);
    add("highest Sharpe ratio", optional(sharpe.map(|all| all.highest), ratio), half_years);
    add("last Sharpe ratio", optional(sharpe.and_then(|all| all.last), ratio), "of the last half year");
    add("last drawdown", optional(maximum_drawdown.and_then(|all| all.last), percent), "deepest of the last half year");
}

fn of_trades(trading: &Trading, add: &mut Add<'_>) {
    add("average trade", optional(trading.average_trade, percent), "geometric mean, of the entry's value");
    add("best trade", optional(trading.best_trade, percent), "of the entry's value");
    add("worst trade", optional(trading.worst_trade, percent), "of the entry's value");
    add("payoff ratio", optional(trading.payoff_ratio, ratio), "average win over average loss");
    add(
        "Kelly criterion",
        optional(trading.kelly_criterion, percent),
        "the fraction that win rate and payoff would bet",
    );
    add("winning streak", count(trading.longest_winning_streak), "most wins in a row");
    add("losing streak", count(trading.longest_losing_streak), "most losses in a row");
    add(
        "adverse excursion",
        optional(trading.average_adverse_excursion, percent),
        "the worst a trade stood at, in the mean",
    );
    add("favourable excursion", optional(trading.average_favourable_excursion, percent), "the best, in the mean");
    add(
        "longest holding",
        optional(trading.longest_holding_days, |days| format!("{} days", tenths(days))),
        "entry to exit",
    );
}
