//! What the account allows, and what fills.

use timeweave::backtest::{Backtest, Feed, Holding, Policies, rebalance};
use timeweave::data::{Bars, Column, Field};
use timeweave::strategy::{Account, Costs, Every, Matching, Rebalance};

use super::{bars, days, hold, rows};

fn account(account: Account) -> Policies {
    Policies { account: Account { cash: 1_000.0, ..account }, ..Policies::default() }
}

/// What is held of each instrument after the first bar's close, as fractions of 1,000.
fn shares(policies: Policies, weights: &[f64]) -> (Vec<f64>, Vec<String>) {
    let flat = days(&[(10.0, 10.0); 3]);
    let all: Vec<[f64; 3]> = weights.iter().map(|weight| [*weight; 3]).collect();
    let held: Vec<(&Bars, &[f64])> = all.iter().map(|weights| (&flat, weights.as_slice())).collect();
    let backtest = hold(policies, bars(9), &held);
    let mut shares = vec![0.0; weights.len()];
    for trade in &backtest.trades {
        shares[trade.instrument] += trade.side.sign() * (trade.units * 10.0 / 1_000.0 * 1e9).round() / 1e9;
    }
    (shares, told(&backtest))
}

fn told(backtest: &Backtest) -> Vec<String> {
    backtest.refusals().into_iter().map(|(what, times)| format!("{what} ({times})")).collect()
}

#[test]
fn weights_are_scaled_down_to_what_the_account_allows() {
    let default = Account::default();
    let leverage = "weights scaled down: leverage allows no more of all together (1)";
    assert_eq!(shares(account(default), &[1.0, -1.0]), (vec![0.5, -0.5], vec![leverage.into()]));
    let twice = Account { leverage: 2.0, ..default };
    assert_eq!(shares(account(twice), &[1.0, -1.0]), (vec![1.0, -1.0], vec![]));
    let third = 1.0 / 3.0;
    assert!(shares(account(default), &[third; 3]).1.is_empty(), "thirds that come to one are no more than it");
    let gross = Account { leverage: 2.0, max_gross: Some(0.8), ..default };
    let (held, said) = shares(account(gross), &[1.0, 0.6]);
    assert_eq!((held, said.len()), (vec![0.5, 0.3], 1));
    let net = Account { leverage: 2.0, max_net: Some(0.2), ..default };
    assert_eq!(shares(account(net), &[1.0, -0.6]).0, [0.5, -0.3]);
    let one = Account { max_position: Some(0.25), ..default };
    let (held, said) = shares(account(one), &[0.6, -0.3, 0.1]);
    assert_eq!(held, [0.25, -0.25, 0.1]);
    assert_eq!(said, ["weights scaled down: max_position allows no more of one instrument (1)"]);
}

#[test]
fn units_are_whole_lots_and_small_orders_are_refused() {
    let lots = Account { lot: 7.0, ..Account::default() };
    // Of 60 and 25 units, 56 and 21 are whole sevens.
    assert_eq!(shares(account(lots), &[0.6, -0.25]).0, [0.56, -0.21]);
    let least = Account { minimum_notional: 100.0, ..Account::default() };
    let (held, said) = shares(account(least), &[0.6, 0.05]);
    assert_eq!(held, [0.6, 0.0]);
    assert_eq!(said, ["made/B: long entry not filled: its value is below the minimum notional (1)"]);
    let few = Account { max_positions: Some(1), ..Account::default() };
    assert_eq!(shares(account(few), &[0.3, 0.3]).0, [0.3, 0.0]);
}

/// A tenth of 100 units fills on a bar: what is to be bought and what is to be sold goes on at the next opens.
#[test]
fn what_the_volume_does_not_let_fill_goes_on_at_the_next_opens() {
    let thin = |bars: &Bars| {
        bars.clone().with_fields(|field, column| match field {
            Field::Volume => Column::from(vec![100.0; column.len()]),
            _ => column.clone(),
        })
    };
    let flat = thin(&days(&[(10.0, 10.0); 9]));
    let costs = Costs { volume_limit: Some(0.1), ..Costs::default() };
    let policies = Policies { costs, ..account(Account::default()) };
    let weights = [0.25, 0.25, 0.25, 0.25, 0.0, 0.0, 0.0, 0.0, 0.0];
    let backtest = hold(policies, bars(4), &[(&flat, &weights)]);
    assert_eq!(
        rows(&backtest),
        [
            (0, 10.0, 1, 10.0, 5, 10.0, "rebalance"),
            (0, 10.0, 2, 10.0, 6, 10.0, "rebalance"),
            (0, 5.0, 3, 10.0, 7, 10.0, "rebalance"),
        ]
    );
    // A turn is closed first, and opened on the bars after it.
    let turning = [0.15, -0.15, -0.15, -0.15, -0.15, -0.15, -0.15, -0.15, -0.15];
    let turned = hold(policies, Rebalance { every: Every::Bars(2), drift: None }, &[(&flat, &turning)]);
    let expected = [
        (0, 10.0, 1, 10.0, 3, 10.0, "rebalance"),
        (0, 5.0, 2, 10.0, 4, 10.0, "rebalance"),
        (0, -5.0, 4, 10.0, 8, 10.0, "end_of_data"),
        (0, -10.0, 5, 10.0, 8, 10.0, "end_of_data"),
    ];
    assert_eq!(rows(&turned), expected);
}

/// Short by all of 1,000 at 10, the price doubles: equity is nothing, and trading stops.
#[test]
fn an_account_that_is_ruined_is_stopped() {
    let ruin = days(&[(10.0, 10.0), (10.0, 10.0), (10.0, 21.0), (21.0, 21.0), (21.0, 21.0), (21.0, 21.0)]);
    let backtest = hold(account(Account::default()), bars(1), &[(&ruin, &[-1.0; 6])]);
    assert_eq!(rows(&backtest), [(0, -100.0, 1, 10.0, 3, 21.0, "margin_call")]);
    // A margin call closes everything too; with the next look weights are held again.
    let margin = Account { maintenance_margin: 0.5, ..Account::default() };
    let up = days(&[(10.0, 10.0), (10.0, 10.0), (10.0, 14.0), (14.0, 14.0), (14.0, 14.0), (14.0, 14.0)]);
    let called = hold(account(margin), bars(1), &[(&up, &[-1.0; 6])]);
    let reasons: Vec<&str> = called.trades.iter().map(|trade| trade.reason.name()).collect();
    assert_eq!(reasons, ["margin_call", "end_of_data"]);
}

#[test]
fn what_does_not_fit_is_told() {
    let flat = days(&[(10.0, 10.0); 3]);
    let holding = |weights| Holding { feed: Feed::new("made/A".parse().unwrap(), &flat), weights };
    let error = rebalance(Policies::default(), bars(1), &[holding(&[0.5; 2])]).unwrap_err();
    assert_eq!(error.message(), "the weights of made/A are 2 values for 3 bars");
    let pine = Policies { matching: Matching::Pine, ..Policies::default() };
    let error = rebalance(pine, bars(1), &[holding(&[0.5; 3])]).unwrap_err();
    assert_eq!(error.message(), "target weights are held under the standard rules only");
    let mut beyond = holding(&[0.5; 3]);
    beyond.feed.end = 4;
    assert!(rebalance(Policies::default(), bars(1), &[beyond]).is_err());
    assert!(rebalance(Policies::default(), bars(1), &[]).is_err());
}
