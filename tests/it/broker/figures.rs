//! Figures of costs and account: from the script, from `dataset.toml`, and where each of them comes from.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use timeweave::data::{Catalog, Manifest};
use timeweave::error::{Diagnostic, Result};
use timeweave::pipeline::{Options, Outcome, evaluate, settle};
use timeweave::report::run_json;
use timeweave::script::{self, compile};
use timeweave::standard_registry;
use timeweave::strategy::{Account, Costs, Hours, ImpactModel, Strategy, Tier, Tiers};

use super::rules::bars_with_volume;

/// A strategy that buys and holds, with these entries.
fn declared(universe: &str, entries: &str) -> Strategy {
    let text = format!(
        "let day = bars(\"1d\");\nstrategy(#{{ universe: {universe}, long: #{{ enter: day.close > 0, exit: day.close < 0 }}, {entries} }})"
    );
    let registry = standard_registry().unwrap();
    compile(&text, "costs.rhai", &script::Options { registry: &registry, settings: &[] }).unwrap()
}

/// Datasets with the tables of what trading costs that are given for each; with bars of `X`.
fn datasets(folder: &Path, tables: &[(&str, &str)]) -> Catalog {
    let rows: Vec<[f64; 4]> = (0..30).map(|day| [100.0 + day as f64; 4]).collect();
    let bars = bars_with_volume(&(0..30).collect::<Vec<_>>(), &rows, &[1_000.0; 30]);
    for (dataset, table) in tables {
        let path = folder.join(dataset);
        fs::create_dir_all(path.join("X")).unwrap();
        fs::write(path.join("dataset.toml"), format!("calendar = \"24x7\"\n{table}")).unwrap();
        bars.write_parquet(&path.join("X/1d.parquet")).unwrap();
    }
    Catalog::open(folder).unwrap()
}

fn settled(tables: &[(&str, &str)], universe: &str, entries: &str) -> Result<Strategy> {
    let folder = tempfile::tempdir().unwrap();
    let catalog = datasets(folder.path(), tables);
    settle(declared(universe, entries), &standard_registry().unwrap(), &catalog)
}

fn refused(tables: &[(&str, &str)], universe: &str, entries: &str) -> (String, Option<(usize, usize)>) {
    let error: Diagnostic = settled(tables, universe, entries).unwrap_err();
    (error.message().to_string(), error.origin().map(|origin| (origin.line, origin.column)))
}

#[test]
fn figures_of_a_script_are_what_it_says() {
    let strategy = declared(
        "\"a/X\"",
        "costs: #{ commission: bps(10), commission_fixed: 1, commission_per_unit: 0.01, commission_minimum: 2,
            tiers: [#{ above: 1_000_000, commission: bps(8) }, #{ above: 5_000_000, commission_per_unit: 0 }],
            spread: bps(2), slippage: atr(day, 14) * 0.1, slippage_amount: 0.03,
            impact: percent(10), impact_model: \"linear\",
            volume_limit: percent(5), borrow: percent(3), funding: bps(-1), funding_hours: [4, 12],
            interest: percent(2), margin_interest: percent(6) },
        account: #{ cash: 5_000, lot: 1, initial_margin: percent(50), maintenance_margin: percent(25), tick: 0.01,
            minimum_notional: 10, max_positions: 3, max_position: percent(40), max_gross: percent(150),
            max_net: percent(80) }",
    );
    let tier = |above, commission, commission_per_unit| Tier { above, commission, commission_per_unit };
    let costs = Costs {
        commission: 0.001,
        commission_fixed: 1.0,
        commission_per_unit: 0.01,
        commission_minimum: 2.0,
        tiers: Tiers::new(&[tier(1e6, 0.0008, 0.01), tier(5e6, 0.001, 0.0)]).unwrap(),
        spread: 0.0002,
        slippage: 0.0,
        slippage_amount: 0.03,
        impact: 0.1,
        impact_model: ImpactModel::Linear,
        volume_limit: Some(0.05),
        borrow: 0.03,
        funding: -0.0001,
        funding_hours: Hours::new([4, 12]),
        interest: 0.02,
        margin_interest: 0.06,
    };
    let account = Account {
        cash: 5_000.0,
        lot: 1.0,
        leverage: 2.0,
        maintenance_margin: 0.25,
        tick: 0.01,
        minimum_notional: 10.0,
        max_positions: Some(3),
        max_position: Some(0.4),
        max_gross: Some(1.5),
        max_net: Some(0.8),
    };
    assert_eq!((strategy.costs, strategy.account), (costs, account));
    assert!(strategy.slippage_distance.is_some());
    let sources: Vec<String> = strategy.figures.all().map(|(_, source)| source.to_string()).collect();
    assert_eq!(sources.iter().filter(|source| *source == "script").count(), sources.len() - 1, "all but leverage");
    // What is said of no figure is nothing of it.
    let plain = declared("\"a/X\"", "size: units(1)");
    assert_eq!((plain.costs, plain.account), (Costs::default(), Account::default()));
    assert!(plain.figures.all().all(|(_, source)| source.to_string() == "default"));
}

#[test]
fn figures_of_a_dataset_hold_where_the_script_says_nothing() {
    let table = "[trading]\ncommission = 0.002\nspread = 0.001\ntick = 0.5\nfunding_hours = [0, 12]\nborrow = 0.1\n\
                 tiers = [{ above = 1000, commission = 0.001 }]";
    let strategy = settled(&[("a", table)], "\"a/X\"", "costs: #{ spread: bps(1) }").unwrap();
    assert_eq!((strategy.costs.commission, strategy.costs.spread, strategy.costs.borrow), (0.002, 0.0001, 0.1));
    assert_eq!((strategy.account.tick, strategy.costs.funding_hours), (0.5, Hours::new([0, 12])));
    assert_eq!(strategy.costs.tiers.as_slice()[0].commission, 0.001);
    let source = |name| strategy.figures.source(name).to_string();
    assert_eq!(
        ["commission", "spread", "tick", "slippage"].map(source),
        ["dataset a", "script", "dataset a", "default"]
    );
    // A commission of the script's own is not undercut by tiers of another.
    let own = settled(&[("a", table)], "\"a/X\"", "costs: #{ commission: bps(5) }").unwrap();
    assert!(own.costs.tiers.as_slice().is_empty());
    assert_eq!(own.figures.source("tiers").to_string(), "default");
}

#[test]
fn figures_that_datasets_do_not_agree_on_are_the_scripts_to_say() {
    let tables = [("a", "[trading]\ncommission = 0.002"), ("b", "[trading]\ncommission = 0.001")];
    let both = "[\"a/X\", \"b/X\"]";
    let (message, place) = refused(&tables, both, "size: units(1)");
    assert_eq!(message, "the datasets differ in `commission`: a says 0.002, b says 0.001");
    assert_eq!(place, Some((2, 31)), "where the universe names b/X");
    let strategy = settled(&tables, both, "costs: #{ commission: bps(5) }").unwrap();
    assert_eq!(strategy.costs.commission, 0.0005);
    let (message, _) = refused(&[("a", ""), tables[1]], both, "size: units(1)");
    assert_eq!(message, "the datasets differ in `commission`: a says nothing, b says 0.001");
}

#[test]
fn figures_that_do_not_fit_are_named_where_they_stand() {
    let refused = |line: &str| refused(&[("a", &format!("[trading]\n{line}"))], "\"a/X\"", "size: units(1)");
    let (message, place) = refused("comission = 0.1");
    assert_eq!(
        (message.as_str(), place.map(|place| place.0)),
        ("`trading` has no parameter called `comission`", Some(3))
    );
    let (message, _) = refused("commission = 2");
    assert_eq!(message, "`commission` of `trading` is percent(200): percent(0) to percent(100) are allowed");
    let (message, _) = refused("tick = \"small\"");
    assert_eq!(message, "`tick` of `trading` is the text \"small\", but takes a number");
    let (message, _) = refused("cash = 100");
    assert_eq!(message, "`trading` has no parameter called `cash`");
    let (message, _) = refused("tiers = [{ above = 2 }, { above = 1 }]");
    assert_eq!(message, "a tier above 1 follows one above 2");
}

#[test]
fn figures_of_two_currencies_do_not_share_an_account() {
    let tables = [("a", "currency = \"USD\""), ("b", "currency = \"EUR\""), ("c", "")];
    let (message, place) = refused(&tables, "[\"a/X\", \"b/X\"]", "size: units(1)");
    assert_eq!(message, "b/X is priced in EUR, the dataset a in USD: an account holds one currency");
    assert_eq!(place, Some((2, 31)));
    // Where a dataset does not say, nothing is known to be wrong.
    assert!(settled(&tables, "[\"a/X\", \"c/X\"]", "size: units(1)").is_ok());
}

#[test]
fn figures_stand_in_run_json_with_their_sources() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = datasets(folder.path(), &[("a", "[trading]\ncommission = 0.002\ntick = 0.5\n")]);
    let registry = standard_registry().unwrap();
    let strategy =
        declared("\"a/X\"", "costs: #{ slippage: atr(day, 3) * 0.5 }, account: #{ leverage: 2 }, size: units(1)");
    let evaluated = evaluate(strategy, &registry, &catalog, &Options::default(), &mut |_| {}).unwrap();
    let outcome: Outcome = evaluated.backtest(&registry).unwrap();
    let run: Value = serde_json::from_str(&run_json(&outcome).unwrap()).unwrap();
    assert_eq!(run["costs"]["commission"], json!(0.002));
    assert_eq!(run["costs"]["slippage"], json!("series"));
    assert_eq!(run["account"]["initial_margin"], json!(0.5));
    let sources = ["commission", "tick", "slippage", "leverage", "borrow"].map(|name| run["sources"][name].clone());
    assert_eq!(sources, ["dataset a", "dataset a", "script", "script", "default"].map(|source| json!(source)));
    // The first bar whose average true range is known is the fourth: bars rise by 1 without a range.
    let trade = &outcome.backtest.trades[0];
    assert_eq!((trade.entry_bar, trade.entry_price), (4, 104.5));
    assert_eq!(outcome.backtest.refusals()[0].1, 3, "{:?}", outcome.backtest.refusals());
}

#[test]
fn figures_survive_when_the_files_of_a_dataset_are_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let text = "calendar = \"24x7\"\n\n[trading]\ntick = 0.01\n\n[files]\n\"Y\" = \"old\"\n\n[later]\n";
    let read = Manifest::parse(text, "dataset.toml").unwrap_err();
    assert_eq!(read.message(), "there is no key `later` in a dataset.toml");
    for text in
        ["[trading]\ntick = 0.01\n\n[files]\n\"Y\" = \"old\"\n", "[files]\n\"Y\" = \"old\"\n\n[trading]\ntick = 0.01\n"]
    {
        let catalog = datasets(folder.path(), &[("a", text)]);
        assert_eq!(catalog.record("a").unwrap(), ["X/1d.parquet"]);
        let manifest = catalog.manifest("a").unwrap();
        assert_eq!(manifest.trading["tick"].value.as_float(), Some(0.01));
        assert_eq!(manifest.files.keys().collect::<Vec<_>>(), ["X/1d.parquet"]);
    }
}
