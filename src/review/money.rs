//! Costs, sizes and the account.

use crate::error::Diagnostic;
use crate::review::subject::Subject;
use crate::strategy::{Costs, Fill};

/// The exits that set a stop at the fill.
const STOPS: [&str; 2] = ["stop_loss", "trailing_stop"];

/// The exits that leave with a part.
const PARTS: [&str; 2] = ["scale_out", "scale_out_when"];

pub(super) fn look(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let strategy = subject.strategy;
    let mut found = Vec::new();
    if strategy.costs == Costs::default() && strategy.slippage_distance.is_none() {
        found.push(
            Diagnostic::warning("trading costs nothing: no commission, no spread, no slippage")
                .hint("add what your broker takes, such as costs: #{ commission: bps(5), slippage: bps(2) }")
                .at(subject.script()),
        );
    }
    let size = &strategy.size;
    let origin = size.origin.clone().or_else(|| subject.script());
    let stops = strategy.exits.iter().any(|exit| STOPS.contains(&exit.node.as_str()));
    if size.node == "risk" && !stops {
        found.push(
            Diagnostic::warning(
                "the size is a risk against the stop, but no exit sets one: no position is ever opened",
            )
            .hint("add stop_loss(…) or trailing_stop(…) to `exits`")
            .at(origin.clone()),
        );
    }
    let parts = strategy.exits.iter().filter(|exit| PARTS.contains(&exit.node.as_str()));
    let shares: f64 = parts.filter_map(|exit| exit.arguments.percent("share").ok()).sum();
    if let Some(part) = strategy.exits.iter().find(|exit| PARTS.contains(&exit.node.as_str()))
        && shares > 1.0 + 1e-9
    {
        let message =
            format!("the parts that leave come to {:.0} % of the position: the last finds less", shares * 100.0);
        let hint = "a share is of what was entered with, not of what is left";
        found.push(Diagnostic::warning(message).hint(hint).at(part.origin.clone()));
    }
    let (count, leverage) = (subject.instruments.len(), strategy.account.leverage);
    let adds = subject.sides().any(|(_, rules)| rules.add > 0);
    if let ("percent", Ok(fraction)) = (size.node.as_str(), size.arguments.percent("fraction"))
        && adds
        && fraction * 2.0 > leverage
    {
        let message = format!(
            "each entry takes {} % of equity, of which there are {} %: little or nothing is left to add with",
            fraction * 100.0,
            leverage * 100.0
        );
        found.push(Diagnostic::warning(message).hint("a smaller size lets `add` add").at(origin.clone()));
    }
    if let ("percent", Ok(fraction)) = (size.node.as_str(), size.arguments.percent("fraction"))
        && count > 1
        && strategy.weights.is_none()
        && fraction * 2.0 > leverage
    {
        let message = format!(
            "each position takes {} % of equity, of which there are {} %: while one is open, no other of the {count} \
             instruments is traded in full",
            fraction * 100.0,
            leverage * 100.0
        );
        let share = (leverage / count as f64 * 100.0).floor();
        found.push(
            Diagnostic::warning(message).hint(format!("size: percent({share}) lets all be held at once")).at(origin),
        );
    }
    if strategy.fill == Fill::SameClose {
        found.push(
            Diagnostic::warning("orders fill at the close that made them: a price that is known only once it is gone")
                .hint("fill: \"next_open\" is what a broker does")
                .at(subject.script()),
        );
    }
    if strategy.in_sample && !subject.plan.models.is_empty() {
        found.push(
            Diagnostic::warning("in_sample is true: the model forecasts the bars that it was trained on")
                .hint("take it out before believing a figure")
                .at(subject.script()),
        );
    }
    found
}
