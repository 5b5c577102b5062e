//! Bars put into a dataset that has some.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::collection::btree_map;
use proptest::prelude::{any, proptest};
use timeweave::data::{About, Bars, Dataset, Field, Merge};
use timeweave::time::{Calendar, Timeframe, Timestamp};

/// Daily bars of these days, each with this close.
fn daily(closes: &[(i64, f64)]) -> Bars {
    let column = |of: fn(f64) -> f64| closes.iter().map(|(_, close)| of(*close)).collect::<Vec<f64>>();
    let days = closes.iter().map(|(day, _)| day * Timestamp::DAY).collect();
    let fields = [column(|x| x), column(|x| x + 1.0), column(|x| x / 2.0), column(|x| x), column(|_| 10.0)];
    Bars::new(Timeframe::DAY, &Calendar::Continuous, days, fields).unwrap()
}

fn open(folder: &Path) -> Dataset {
    let about = About { calendar: Some(Calendar::Continuous), ..About::default() };
    Dataset::open(folder, "made", &about).unwrap()
}

fn closes(folder: &Path) -> Vec<(i64, f64)> {
    let bars = open(folder).stored("X", Timeframe::DAY).unwrap().unwrap();
    bars.timestamps().iter().map(|day| day / Timestamp::DAY).zip(bars.field(Field::Close).iter().copied()).collect()
}

/// Stores the first bars, then the others, and gives what an error says and asks for.
fn refused(first: &[(i64, f64)], then: &[(i64, f64)], merge: Merge) -> String {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).store("X", &daily(first), Merge::New).unwrap();
    let error = open(folder.path()).store("X", &daily(then), merge).unwrap_err();
    assert_eq!(closes(folder.path()), first, "what was stored stays");
    format!("{}; {}", error.message(), error.help().unwrap_or_default())
}

#[test]
fn bars_go_on_from_those_stored() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).store("X", &daily(&[(1, 10.0), (2, 11.0)]), Merge::New).unwrap();
    let stored = open(folder.path()).store("X", &daily(&[(2, 11.0), (3, 12.0), (5, 13.0)]), Merge::Append).unwrap();
    assert_eq!((stored.bars, stored.added, stored.changed), (4, 2, 0));
    assert_eq!(closes(folder.path()), [(1, 10.0), (2, 11.0), (3, 12.0), (5, 13.0)]);
}

#[test]
fn nothing_that_is_stored_is_lost_unless_it_is_asked_for() {
    let two = [(1, 10.0), (3, 11.0)];
    insta::assert_snapshot!(refused(&two, &[(4, 1.0)], Merge::New));
    insta::assert_snapshot!(refused(&two, &[(3, 11.5), (4, 1.0)], Merge::Append));
    insta::assert_snapshot!(refused(&two, &[(2, 10.5), (4, 1.0)], Merge::Append));
}

#[test]
fn columns_are_the_same_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let with = daily(&[(1, 10.0)]).with_column("adj_close", vec![9.0]).unwrap();
    open(folder.path()).store("X", &with, Merge::New).unwrap();
    let lacking = open(folder.path()).store("X", &daily(&[(2, 10.0)]), Merge::Append).unwrap_err();
    assert_eq!(lacking.message(), "the stored bars have a column `adj_close`, which those that come in lack");
}

proptest! {
    #[test]
    fn an_update_is_a_map_updated(old in btree_map(0_i64..40, 1_u8..9, 1..20), new in btree_map(0_i64..40, any::<u8>(), 1..20)) {
        let rows = |map: &BTreeMap<i64, u8>| map.iter().map(|(day, close)| (*day, f64::from(*close) + 1.0)).collect::<Vec<_>>();
        let folder = tempfile::tempdir().unwrap();
        open(folder.path()).store("X", &daily(&rows(&old)), Merge::New).unwrap();
        let stored = open(folder.path()).store("X", &daily(&rows(&new)), Merge::Update).unwrap();
        let mut both = old.clone();
        both.extend(&new);
        assert_eq!(closes(folder.path()), rows(&both));
        assert_eq!(stored.added, both.len() - old.len());
        assert_eq!(stored.changed, new.iter().filter(|(day, close)| old.get(day).is_some_and(|old| old != *close)).count());
    }
}
