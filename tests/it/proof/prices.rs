//! Adjusted prices: what was paid out later is in them, and no prefix can undo it.

use timeweave::proof::PriceLevel;
use timeweave::standard_registry;

use super::proof;

fn level(enter: &str, exits: &str, more: &str) -> PriceLevel {
    let text = format!(
        r#"let day = bars("1d");
strategy(#{{
    universe: "us_equities/MSFT",
    long: #{{ enter: {enter}, exit: rsi(day.close, 3) > 60 }},
    exits: [{exits}],
    {more}
}})"#
    );
    let proof = proof(&text, &standard_registry().unwrap(), 2);
    assert!(proof.holds());
    proof.price_level
}

#[test]
fn what_compares_prices_with_prices_does_not_depend_on_their_level() {
    let enter = "day.close > sma(day.close, 50) and rsi(day.close, 3) < 30";
    let costs = "costs: #{ commission: bps(5), commission_fixed: 1, commission_minimum: 2 }, size: risk(percent(1)),";
    assert_eq!(
        level(enter, "stop_loss(atr(day, 14) * 2), trailing_stop(percent(8))", costs),
        PriceLevel::DoesNotMatter
    );
}

#[test]
fn a_price_beside_a_number_depends_on_it() {
    let enter = "day.close > 25 and rsi(day.close, 3) < 30";
    let found = level(enter, "", "");
    let PriceLevel::Rule { name, bars, origin, .. } = found else { panic!("{found:?}") };
    assert_eq!(name, "long.enter");
    assert!(bars > 10 && origin.unwrap().line == 4);
    // As traded, the price is what everybody saw.
    assert_eq!(level(enter, "", r#"adjust: "none","#), PriceLevel::NotAdjusted);
}

#[test]
fn so_does_a_stop_at_a_distance_in_dollars() {
    let found = level("rsi(day.close, 3) < 30", "stop_loss(day.close * 0 + 1.5)", "");
    assert!(matches!(found, PriceLevel::Trades { trades, .. } if trades > 10), "{found:?}");
}
