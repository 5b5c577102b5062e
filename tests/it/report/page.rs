//! The terminal page and the snapshot's text.

use timeweave::backtest::Refused;
use timeweave::models::FoldQuality;
use timeweave::pipeline::Outcome;
use timeweave::report::{self, Look, ranges, snapshot, warnings};
use timeweave::script::{Options, compile};
use timeweave::standard_registry;
use timeweave::strategy::Fill;

use super::{bars, crossing, crossing_outcome, market, no_trades, one_bar, run, two_instruments, with_model};

/// As a pipe gets it.
fn page(outcome: &Outcome) -> String {
    report::page(outcome, &Look::default())
}

#[test]
fn report_page_of_a_run() {
    insta::assert_snapshot!(page(&crossing_outcome()));
}

#[test]
fn report_snapshot_of_a_run() {
    insta::assert_snapshot!(snapshot(&crossing_outcome()).unwrap());
}

#[test]
fn report_page_without_trades() {
    insta::assert_snapshot!(page(&no_trades()));
}

#[test]
fn report_page_of_one_bar() {
    insta::assert_snapshot!(page(&one_bar()));
}

#[test]
fn report_pages_fit_their_terminal() {
    let outcomes = [crossing_outcome(), two_instruments(), no_trades(), one_bar(), with_model()];
    for (columns, widest) in [(20, 60), (60, 60), (73, 73), (80, 80), (120, 100)] {
        let look = Look { columns, ..Look::default() };
        for text in outcomes.iter().map(|outcome| report::page(outcome, &look)) {
            for line in text.lines() {
                assert!(line.chars().count() <= widest, "{columns}: {line}");
                assert_eq!(line, line.trim_end());
            }
        }
    }
}

#[test]
fn report_colours_are_all_that_colour_adds() {
    for outcome in [crossing_outcome(), no_trades(), with_model()] {
        let look = Look { colour: true, ..Look::default() };
        let coloured = report::page(&outcome, &look);
        assert!(coloured.contains("\u{1b}[33m\u{1b}[1m!\u{1b}[0m"), "{coloured}");
        assert_eq!(console::strip_ansi_codes(&coloured), page(&outcome));
    }
}

#[test]
fn report_page_at_each_width_with_colour_and_in_words() {
    let outcome = with_model();
    for columns in [60, 80, 120] {
        let look = Look { columns, colour: columns == 120, plain: false };
        insta::assert_snapshot!(format!("page_{columns}"), report::page(&outcome, &look));
    }
    let plain = report::page(&outcome, &Look { plain: true, ..Look::default() });
    assert!(plain.lines().all(|line| line.is_ascii() && line == line.trim()), "{plain}");
    insta::assert_snapshot!("page_plain", plain);
    insta::assert_snapshot!(
        "page_plain_without_trades",
        report::page(&no_trades(), &Look { plain: true, ..Look::default() })
    );
}

#[test]
fn report_ranges_follow_one_another() {
    let outcome = with_model();
    let ranges = ranges(&outcome);
    let names: Vec<&str> = ranges.iter().map(|range| range.name.as_str()).collect();
    assert_eq!(names, ["trained", "validated", "tested", "traded"]);
    assert!(ranges[0].to < ranges[1].from && ranges[1].to < ranges[2].from, "{ranges:?}");
    // Daily bars are dated by their own day, so that the first bar that is tested is the first traded.
    assert_eq!(ranges[2].from, ranges[3].from);
    assert_eq!((ranges[3].count, ranges[3].meaning), (outcome.backtest.timestamps.len(), "out of sample"));
    assert_eq!(ranges[0].size(), format!("{} samples", outcome.models[0].trained.fits[0].ranges.train.samples));
}

#[test]
fn report_warnings_say_what_flatters() {
    let registry = standard_registry().unwrap();
    let mut strategy = crossing(&registry);
    strategy.fill = Fill::SameClose;
    let market = market(&strategy, |_| bars(60, 0));
    let warnings = warnings(&run(strategy, &registry, market).unwrap());
    assert!(warnings.iter().any(|warning| warning.contains("Market orders fill at the close")), "{warnings:?}");

    let mut outcome = with_model();
    outcome.strategy.in_sample = true;
    assert!(report::warnings(&outcome)[0].starts_with("IN SAMPLE"));
    assert!(page(&outcome).contains("IN SAMPLE"));
    assert_eq!(ranges(&outcome)[3].meaning, "IN SAMPLE");
}

#[test]
fn report_positions_closed_as_delisted_are_named() {
    let registry = standard_registry().unwrap();
    let text = "let day = bars(\"1d\"); strategy(#{ universe: [\"made_up/WAVE\", \"made_up/GONE\"], \
                long: #{ enter: day.close > 0 }, size: percent(40) })";
    let strategy = compile(text, "gone.rhai", &Options { registry: &registry, settings: &[] }).unwrap();
    let market = market(&strategy, |index| bars(if index == 0 { 200 } else { 40 }, 0));
    let warnings = warnings(&run(strategy, &registry, market).unwrap());
    let told: Vec<&String> = warnings.iter().filter(|warning| warning.contains("delisted")).collect();
    // Its 40th weekday.
    let expected = "Closed as delisted at the last close, after 30 days without a bar: made_up/GONE at 120 (its bar of \
                    1970-02-25).";
    assert_eq!(told, [expected]);
}

#[test]
fn report_what_was_not_done_on_many_instruments_is_one_line() {
    let mut outcome = crossing_outcome();
    let name = |place: usize| format!("made_up/S{place}").parse().unwrap();
    outcome.backtest.universe = (0..9).map(name).collect();
    let refused = |places: std::ops::Range<usize>, what: &'static str| {
        places.map(move |place| Refused { instrument: Some(place), what: what.into(), times: place + 1 })
    };
    outcome.backtest.refused = refused(0..9, "too much").chain(refused(3..5, "too little")).collect();
    let told: Vec<String> = warnings(&outcome).into_iter().filter(|text| text.contains("made_up/S")).collect();
    let expected = [
        "made_up/S3: too little (4 times).",
        "made_up/S4: too little (5 times).",
        "too much (45 times, on 9 instruments: made_up/S0, made_up/S1, made_up/S2, made_up/S3, …).",
    ];
    assert_eq!(told, expected);
}

#[test]
fn report_says_what_forecasts_are_worth() {
    let mut outcome = with_model();
    let quality = &outcome.models[0].quality;
    let text = quality.verdict.as_ref().unwrap().text.clone();
    let lines = page(&outcome);
    for name in ["near ", "far ", "score ", "zero (baseline)", "last value (baseline)", "ridge (baseline)"] {
        assert!(lines.contains(&format!("  {name}")), "{name}: {lines}");
    }
    let samples = quality.forecasts[0].samples;
    let independent = quality.forecasts[0].independent_samples.unwrap();
    let worth = format!("{samples} samples whose labels look 2 bars ahead count as {independent:.0} independent ones");
    // The page breaks lines where it must.
    let unbroken = |page: &str| page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(unbroken(&lines).contains(&worth), "{lines}");
    let text_of = snapshot(&outcome).unwrap();
    assert!(text_of.contains(&format!("verdict.text: {text}")));
    assert!(text_of.contains("score.calibration.10: ") && text_of.contains("importance.near.change: R² falls by "));
    assert!(text_of.contains("weights.near.mean: ") && text_of.contains("weights.far.1970: "));

    // A doubt is a warning; what is no doubt stands below the figures.
    for doubt in [true, false] {
        let verdict = outcome.models[0].quality.verdict.as_mut().unwrap();
        verdict.doubt = doubt;
        assert_eq!(warnings(&outcome).contains(&text), doubt);
        let told = if doubt { format!("! {text}") } else { text.clone() };
        let page = unbroken(&page(&outcome));
        assert!(page.contains(&told) && page.contains(&format!("! {text}")) == doubt, "{page}");
    }

    // Of several folds, the forecast that is judged; the page lists so many.
    let tested = outcome.models[0].trained.fits[0].ranges.test;
    let quality = &mut outcome.models[0].quality;
    let fold = FoldQuality { tested, forecasts: quality.forecasts.clone(), baselines: quality.baselines.clone() };
    quality.folds = vec![fold; 14];
    let text = page(&outcome);
    let from = &ranges(&outcome)[2].from;
    assert!(text.contains(&format!("  fold 12 from {from} ")) && !text.contains("fold 13"), "{text}");
    assert!(text.contains("  … and 2 folds more") && text.lines().all(|line| line.chars().count() <= 80));
    assert!(snapshot(&outcome).unwrap().contains("fold 14.score.r_squared: "));
}
