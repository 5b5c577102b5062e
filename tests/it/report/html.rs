//! report.html: what it shows, and that names stay data.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use timeweave::error::Result;
use timeweave::models::FoldQuality;
use timeweave::pipeline::{MarketData, Outcome};
use timeweave::report::report_html;
use timeweave::standard_registry;

use super::{bars, crossing, crossing_outcome, market, no_trades, one_bar, run, two_instruments, with_model};

/// The data of a report, as the page's script reads it.
fn data(outcome: &Outcome) -> Value {
    let html = report_html(outcome).unwrap();
    let (_, rest) = html.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

/// A column of the charts: floats in base 64, NaN where not known.
fn column(value: &Value) -> Vec<f32> {
    let bytes = STANDARD.decode(value.as_str().unwrap()).unwrap();
    bytes.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect()
}

fn texts(values: &Value) -> Vec<&str> {
    values.as_array().unwrap().iter().map(|value| value.as_str().unwrap()).collect()
}

#[test]
fn report_html_takes_names_as_data() {
    let name = "</script><script>alert('1')</script>&<!--";
    let mut outcome = crossing_outcome();
    outcome.strategy.name = name.into();
    let plain = report_html(&crossing_outcome()).unwrap();
    let html = report_html(&outcome).unwrap();
    let elements = |html: &str| (html.matches("<script").count(), html.matches("</script").count());
    assert_eq!(elements(&html), elements(&plain));
    assert_eq!(elements(&html), (3, 3));
    assert!(html.contains("<title>&lt;/script>&lt;script>alert('1')&lt;/script>&amp;&lt;!--</title>"));
    assert_eq!(data(&outcome)["title"], name);
}

#[test]
fn report_html_is_complete_and_fetches_nothing() {
    let html = report_html(&crossing_outcome()).unwrap();
    assert!(html.starts_with("<!doctype html>") && html.trim_end().ends_with("</html>"));
    for mark in ["{{title}}", "{{style}}", "{{data}}", "{{library}}", "{{script}}"] {
        assert!(!html.contains(mark), "{mark}");
    }
    assert!(html.contains("default-src 'none'"));
    assert!(!html.contains(" src=") && !html.contains("<link"));
}

#[test]
fn report_html_draws_each_instrument_with_its_own_trades() {
    let outcome = two_instruments();
    let data = data(&outcome);
    let instruments = data["instruments"].as_array().unwrap();
    assert_eq!(
        instruments.iter().map(|one| one["name"].as_str().unwrap()).collect::<Vec<_>>(),
        ["made_up/A", "made_up/B"]
    );
    for (index, one) in instruments.iter().enumerate() {
        let own = outcome.backtest.trades.iter().filter(|trade| trade.instrument == index).count();
        assert!(own > 0);
        assert_eq!(one["trades"].as_array().unwrap().len(), own);
        // Doubles: two floats each.
        assert_eq!(column(&one["time"]).len(), 160);
        for name in ["open", "high", "low", "close", "volume"] {
            assert_eq!(column(&one[name]).len(), 80, "{name}");
        }
        // One line for each series, in the order of the panes.
        assert_eq!(one["lines"].as_array().unwrap().len(), 3);
    }
    assert_ne!(instruments[0]["close"], instruments[1]["close"]);
    let panes = data["panes"].as_array().unwrap();
    let places: Vec<&str> = panes.iter().map(|pane| pane["place"].as_str().unwrap()).collect();
    // The average lies near the price and is drawn over it; what does not has a pane of its own.
    assert_eq!(places, ["own", "own", "price"]);
}

#[test]
fn report_html_shows_ranges_weights_and_losses_of_a_model() {
    let outcome = with_model();
    let data = data(&outcome);
    assert!(data["sample"].as_str().unwrap().starts_with("Out of sample"));
    assert_eq!(data["ranges"].as_array().unwrap().len(), 4);
    let weights = &data["panes"][1];
    assert_eq!((weights["place"].as_str().unwrap(), texts(&weights["series"])), ("weights", vec!["near", "far"]));
    // The script plots them too; they are drawn once.
    assert_eq!(data["panes"].as_array().unwrap().len(), 3);
    let lines: Vec<Vec<f32>> = data["instruments"][0]["lines"].as_array().unwrap().iter().map(column).collect();
    let mut known = 0;
    for (near, far) in lines[2].iter().zip(&lines[3]).filter(|(near, far)| near.is_finite() && far.is_finite()) {
        assert!((near + far - 1.0).abs() < 1e-6);
        known += 1;
    }
    // Before the weights, what came and what was forecast: the label of every bar that has one.
    let forecast = &data["panes"][0];
    assert_eq!(texts(&forecast["series"]), ["what came", "score"]);
    let targets = &outcome.models[0].targets[0];
    for (drawn, target) in lines[0].iter().zip(targets.iter()) {
        assert!(drawn.is_nan() && target.is_nan() || *drawn == *target as f32);
    }
    assert!(targets.iter().filter(|target| target.is_finite()).count() > known);
    let spans = data["spans"].as_array().unwrap();
    let kinds: Vec<&str> = spans.iter().map(|span| span["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["training", "validation", "test", "traded"]);
    let ends: Vec<i64> =
        spans[..3].iter().flat_map(|span| ["from", "to"].map(|end| span[end].as_i64().unwrap())).collect();
    assert!(ends.is_sorted(), "{ends:?}");
    assert_eq!(known, outcome.backtest.timestamps.len());
    let history = &data["models"][0]["history"][0];
    let epochs = outcome.models[0].trained.fits[0].history.len();
    assert_eq!(history["phase"], "joint");
    assert_eq!(history["validation"].as_array().unwrap().len(), epochs);
    let kept = history["kept"].as_u64().unwrap() as usize;
    let losses = outcome.models[0].trained.fits[0].history.iter().map(|epoch| epoch.validation_loss);
    let lowest = losses.clone().fold(f64::INFINITY, f64::min);
    assert_eq!(losses.clone().position(|loss| loss == lowest), Some(kept - 1));
}

#[test]
fn report_html_of_odd_runs() {
    let none = data(&no_trades());
    assert_eq!(none["trades"].as_array().unwrap().len(), 0);
    assert_eq!(none["trades_note"], "There was no trade.");
    // A series without a value is drawn as nothing, and is no price.
    assert_eq!((&none["panes"][0]["title"], &none["panes"][0]["place"]), (&"never".into(), &"own".into()));
    assert!(column(&none["instruments"][0]["lines"][0]).iter().all(|value| value.is_nan()));
    assert!(none["distributions"].as_array().unwrap().is_empty());
    let one = data(&one_bar());
    assert!(one["timeline"]["rolling_sharpe"].is_null());
    assert_eq!(column(&one["instruments"][0]["close"]).len(), 1);
    assert_eq!(column(&one["timeline"]["drawdown"]), [0.0]);
}

#[test]
fn report_market_data_must_be_that_of_the_strategy() {
    let registry = standard_registry().unwrap();
    let refused = |market: MarketData| -> String {
        let result: Result<Outcome> = run(crossing(&registry), &registry, market);
        result.err().unwrap().message().to_owned()
    };
    let strategy = crossing(&registry);
    let whole = || market(&strategy, |_| bars(60, 0));
    let mut other = whole();
    other.instruments[0].instrument = "made_up/OTHER".parse().unwrap();
    assert_eq!(refused(other), "the bars are those of [made_up/OTHER], the universe is [made_up/WAVE]");
    let mut without = whole();
    without.instruments[0].bars.clear();
    assert_eq!(refused(without), "made_up/WAVE has no bars at 1d");
    assert_eq!(refused(market(&strategy, |_| bars(0, 0))), "made_up/WAVE has no bars at 1d");

    // The hash is that of the values: a trained model is used again only on the same ones.
    assert_eq!(whole().inputs, whole().inputs);
    assert_ne!(whole().inputs, market(&strategy, |_| bars(60, 1)).inputs);
    assert_ne!(whole().inputs, market(&strategy, |_| bars(59, 0)).inputs);
}

#[test]
fn report_html_has_tables_of_months_drawdowns_and_groups() {
    let titles = |of: &Outcome| -> Vec<String> {
        data(of)["tables"].as_array().unwrap().iter().map(|table| table["title"].as_str().unwrap().to_owned()).collect()
    };
    let outcome = two_instruments();
    let names = [
        "Returns by month",
        "Worst drawdowns",
        "Trades by side",
        "Trades by exit",
        "Trades by instrument",
        "More figures",
    ];
    assert_eq!(titles(&outcome), names);
    let data = data(&outcome);
    for table in data["tables"].as_array().unwrap() {
        let columns = table["head"].as_array().unwrap().len();
        for row in table["rows"].as_array().unwrap() {
            assert_eq!(row.as_array().unwrap().len(), columns, "{}", table["title"]);
        }
        let listed = table["numbers"].as_array().unwrap().iter().chain(table["signed"].as_array().unwrap());
        assert!(listed.into_iter().all(|column| (column.as_u64().unwrap() as usize) < columns));
    }
    // 80 weekdays from the first of January 1970: the months that there are, and no others.
    let months = texts(&data["tables"][0]["rows"][0]);
    assert_eq!(months[0], "1970");
    assert!(months[1..5].iter().all(|cell| !cell.is_empty()) && months[5..13].iter().all(|cell| cell.is_empty()));
    let of_side = texts(&data["tables"][2]["rows"][0]);
    assert_eq!((of_side[0], of_side[1]), ("long", outcome.backtest.trades.len().to_string().as_str()));
    // Nodes are named in words, instruments as they are called.
    let first = |table: usize| texts(&data["tables"][table]["rows"][0])[0];
    assert_eq!((first(3), first(4)), ("signal", "made_up/A"));
    let data = self::data(&crossing_outcome());
    let exits = data["tables"][3]["rows"].as_array().unwrap();
    assert!(exits.iter().any(|row| row[0] == "stop loss"), "{exits:?}");

    assert_eq!(titles(&no_trades()), ["Returns by month", "More figures"]);
}

#[test]
fn report_html_shows_what_forecasts_are_worth() {
    let mut outcome = with_model();
    let fold = FoldQuality {
        tested: outcome.models[0].trained.fits[0].ranges.test,
        forecasts: outcome.models[0].quality.forecasts.clone(),
        baselines: outcome.models[0].quality.baselines.clone(),
    };
    outcome.models[0].quality.folds = vec![fold.clone(), fold];
    let model = &data(&outcome)["models"][0];
    let quality = &outcome.models[0].quality;
    assert_eq!(model["verdict"], quality.verdict.as_ref().unwrap().text.as_str());
    let tables = model["tables"].as_array().unwrap();
    let titles: Vec<&str> = tables.iter().map(|table| table["title"].as_str().unwrap()).collect();
    let expected = [
        "Forecasts on the test range",
        "Forecasts by fold",
        "Mean weights on the test range",
        "What each input is worth",
    ];
    assert_eq!(titles, expected);
    for table in tables {
        let columns = table["head"].as_array().unwrap().len();
        assert!(table["rows"].as_array().unwrap().iter().all(|row| row.as_array().unwrap().len() == columns));
        let listed = table["numbers"].as_array().unwrap().iter().chain(table["signed"].as_array().unwrap());
        assert!(listed.into_iter().all(|column| (column.as_u64().unwrap() as usize) < columns));
    }
    // Three forecasts and four baselines, of the whole and of each fold.
    assert_eq!(tables[0]["rows"].as_array().unwrap().len(), 7);
    assert_eq!(tables[1]["rows"].as_array().unwrap().len(), 14);
    // The largest bar is as long as bars are; they stand in order.
    let bars: Vec<f64> = tables[3]["bars"].as_array().unwrap().iter().map(|bar| bar.as_f64().unwrap()).collect();
    assert_eq!(bars.len(), 3);
    assert!(bars.is_sorted_by(|a, b| a >= b) && bars.iter().any(|bar| bar.abs() == 1.0), "{bars:?}");
    // What never changes has no tenths.
    let calibrated: Vec<&str> =
        model["calibration"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(calibrated, ["near", "far", "score", "last value (baseline)", "ridge (baseline)"]);
    assert_eq!(model["calibration"][0]["outcome"].as_array().unwrap().len(), 10);
}
