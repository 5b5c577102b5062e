//! AAPL adjusted by its splits and dividends, against the adjusted closes that WIKI published, and bought and held.

use chrono::NaiveDate;
use timeweave::backtest::{Backtest, Entry, Feed, Policies, Request, RequestAction, Size, replay};
use timeweave::data::{Adjust, Bars, Catalog, Column, Field, Manifest, parquet_bytes};
use timeweave::node::Side;
use timeweave::time::{Calendar, Timeframe, Timestamp};

use super::{instant, timeframe};

/// Two for one, both times.
const SPLITS: [&str; 2] = ["2000-06-21", "2005-02-28"];
const DIVIDENDS: [&str; 3] = ["2012-08-09", "2012-11-07", "2013-02-07"];
const DIVIDEND: f64 = 2.65;

fn apple() -> Bars {
    let catalog = Catalog::open(concat!(env!("CARGO_MANIFEST_DIR"), "/datasets")).unwrap();
    catalog.bars(&"us_equities/AAPL".parse().unwrap(), Timeframe::DAY, Adjust::None).unwrap()
}

/// As traded, with the columns that say what happened; and without the adjusted closes.
fn as_traded() -> Bars {
    let bars = apple();
    let on = |dates: &[&str], value: f64, other: f64| -> Vec<f64> {
        let days: Vec<NaiveDate> = dates.iter().map(|date| date.parse().unwrap()).collect();
        let at = |open: &i64| if days.contains(&Timestamp(*open).date()) { value } else { other };
        let column: Vec<f64> = bars.timestamps().iter().map(at).collect();
        assert_eq!(column.iter().filter(|found| **found == value).count(), dates.len());
        column
    };
    let fields = Field::ALL.map(|field| bars.field(field).to_vec());
    let plain = Bars::new(Timeframe::DAY, bars.calendar(), bars.timestamps().to_vec(), fields).unwrap();
    let plain = plain.with_column("split_factor", on(&SPLITS, 2.0, 1.0)).unwrap();
    plain.with_column("dividend", on(&DIVIDENDS, DIVIDEND, 0.0)).unwrap()
}

fn returns(close: &Column) -> Vec<f64> {
    close.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()
}

/// WIKI puts a dividend into shares at the close of its day, not at the close before it: the day's return is the price
/// and the dividend over the close before, ours the price over what the dividend leaves of that. All other days agree.
#[test]
fn total_adjustment_is_what_wiki_published() {
    let (raw, ours, theirs) = (as_traded(), Adjust::Total.apply(as_traded()).unwrap(), apple());
    let (ours, theirs) = (returns(ours.field(Field::Close)), returns(theirs.column("adj_close").unwrap()));
    let (close, dividend) = (raw.field(Field::Close), raw.column("dividend").unwrap());
    let mut paid = 0;
    for (bar, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        let (before, now, dividend) = (close[bar], close[bar + 1], dividend[bar + 1]);
        let (expected, of_wiki) = match dividend {
            0.0 => (theirs, theirs),
            _ => (now / (before - dividend) - 1.0, (now + dividend) / before - 1.0),
        };
        paid += usize::from(dividend != 0.0);
        // Its prices are given to 14 digits.
        assert!((ours - expected).abs() < 1e-10, "the return of bar {}: {ours}, not {expected}", bar + 1);
        assert!((of_wiki - theirs).abs() < 1e-10, "the return of bar {}: {theirs}, not {of_wiki}", bar + 1);
    }
    assert_eq!(paid, DIVIDENDS.len());
}

#[test]
fn splits_leave_no_jump() {
    let (raw, splits) = (as_traded(), Adjust::Splits.apply(as_traded()).unwrap());
    let at = |date: &str| raw.timestamps().iter().position(|open| *open == instant(date).0).unwrap();
    let (before, after) = (returns(raw.field(Field::Close)), returns(splits.field(Field::Close)));
    for date in SPLITS {
        let bar = at(date) - 1;
        assert!(before[bar] < -0.4 && after[bar].abs() < 0.15, "{date}: {} and {}", before[bar], after[bar]);
        assert!((1.0 + after[bar] - 2.0 * (1.0 + before[bar])).abs() < 1e-12);
    }
    // AAPL lost half in a day once: on 2000-09-29, after a warning of its profits.
    let halved: Vec<String> =
        (0..after.len()).filter(|bar| after[*bar].abs() > 0.3).map(|bar| raw.timestamp(bar + 1).to_string()).collect();
    assert_eq!(halved, ["2000-09-29"]);
    let [first, last] = [0, raw.len() - 1];
    assert_eq!(splits.field(Field::Volume)[first], raw.field(Field::Volume)[first] * 4.0);
    assert_eq!(splits.field(Field::Close)[last], raw.field(Field::Close)[last]);
    assert_eq!(splits.column("dividend").unwrap()[at(DIVIDENDS[0])], DIVIDEND);
}

#[test]
fn weeks_of_prices_as_traded_do_not_mix_shares() {
    // Wednesday 2000-06-21: the week is in the shares of its Friday, and so is what was traded on Monday.
    let (raw, splits) = (as_traded(), Adjust::Splits.apply(as_traded()).unwrap());
    let [raw, splits] = [raw, splits].map(|bars| bars.resample(Timeframe::WEEK, &Calendar::Weekdays).unwrap());
    let week = raw.timestamps().iter().position(|open| *open == instant("2000-06-19").0).unwrap();
    for field in Field::ALL {
        let later = if field == Field::Volume { 0.5 } else { 2.0 };
        assert_eq!(raw.field(field)[week], splits.field(field)[week] * later, "{}", field.name());
    }
    assert_eq!(raw.column("split_factor").unwrap()[week], 2.0);
    assert_eq!(raw.column("dividend").unwrap().iter().filter(|paid| **paid == DIVIDEND).count(), 3);
    let returns = |bars: &Bars| returns(bars.field(Field::Close));
    assert!((returns(&raw)[week - 1] - (returns(&splits)[week - 1] - 1.0) / 2.0).abs() < 1e-12);
}

/// Buys with all cash at the second open, and holds.
fn held(bars: &Bars) -> Backtest {
    let buy = RequestAction::Enter(Entry { size: Size::FreeMargin(1.0), ..Entry::market(Side::Long, 1.0) });
    let backtest = replay(
        Policies::default(),
        &[Feed::new("us_equities/AAPL".parse().unwrap(), bars)],
        &[Request { instrument: 0, bar: 0, action: buy }],
    )
    .unwrap();
    backtest.check_books().unwrap();
    backtest
}

#[test]
fn held_as_traded_it_earns_prices_and_dividends() {
    let (raw, splits) = (as_traded(), Adjust::Splits.apply(as_traded()).unwrap());
    let (as_is, adjusted) = (held(&raw), held(&splits));
    // 100,000 at the open of 2000-03-02, twice two for one, and three times 2.65 for each share in the end.
    let shares = 100_000.0 / raw.field(Field::Open)[1] * 4.0;
    let last = *raw.field(Field::Close).last().unwrap();
    let by_hand = shares * last + shares * 3.0 * DIVIDEND;
    for backtest in [&as_is, &adjusted] {
        let equity = *backtest.equity.last().unwrap();
        assert!((equity / by_hand - 1.0).abs() < 1e-12, "{equity}, not {by_hand}");
        let paid: Vec<String> =
            backtest.accruals.iter().map(|paid| backtest.timestamps[paid.bar].to_string()).collect();
        assert_eq!(paid, DIVIDENDS);
        // Held from the first close on, its dividends in cash.
        let shares = 100_000.0 / raw.field(Field::Close)[0] * 4.0;
        let benchmark = *backtest.buy_and_hold.last().unwrap();
        assert!((benchmark / (shares * (last + 3.0 * DIVIDEND)) - 1.0).abs() < 1e-12);
    }
    // In between they differ by rounding alone.
    for (a, b) in as_is.equity.iter().zip(&adjusted.equity) {
        assert!((a / b - 1.0).abs() < 1e-12, "{a} and {b}");
    }
    // With each dividend put back into shares at the close before it, it is what "total" gives.
    let total = held(&Adjust::Total.apply(as_traded()).unwrap());
    let close = raw.field(Field::Close);
    let reinvested = raw.actions().unwrap().iter().fold(100_000.0 / raw.field(Field::Open)[1], |shares, action| {
        shares * action.split / (1.0 - action.dividend * action.split / close[action.bar - 1])
    });
    assert!((total.equity.last().unwrap() / (reinvested * last) - 1.0).abs() < 1e-12);
    assert!(total.accruals.is_empty());
}

#[test]
fn a_dataset_is_adjusted_by_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("set/X")).unwrap();
    std::fs::write(Manifest::path(&folder.path().join("set")), "calendar = \"weekdays\"\n").unwrap();
    let write = |bars: &Bars| {
        let bytes = parquet_bytes(&bars.to_record_batch().unwrap()).unwrap();
        std::fs::write(folder.path().join("set/X/1d.parquet"), bytes).unwrap();
        Catalog::open(folder.path()).unwrap()
    };
    let week = |catalog: &Catalog, adjust| catalog.bars(&"set/X".parse().unwrap(), timeframe("1wk"), adjust);
    let catalog = write(&as_traded());
    let total = Adjust::Total.apply(as_traded()).unwrap().resample(Timeframe::WEEK, &Calendar::Weekdays).unwrap();
    assert_eq!(week(&catalog, Adjust::Total).unwrap(), total);
    assert_eq!(week(&catalog, Adjust::Splits).unwrap().column("split_factor"), None);
    let catalog = write(&apple());
    let error = week(&catalog, Adjust::Splits).unwrap_err();
    assert_eq!(error.message(), "prices cannot be adjusted for splits: there is no column `split_factor`");
    assert!(error.origin().is_none() && error.help().unwrap().contains("adj_close"));
}
