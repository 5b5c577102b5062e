//! Policies: what trading costs, what it is done with, and how orders fill.

use crate::strategy::{Account, Costs, Fill, Intrabar, Matching, Strategy};

/// What the broker goes by.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Policies {
    /// What trading costs.
    pub costs: Costs,
    /// Cash, lot and leverage.
    pub account: Account,
    /// Whose rules match orders with bars.
    pub matching: Matching,
    /// When a market order fills.
    pub fill: Fill,
    /// What happened first in a bar that touched both a stop and a target.
    pub intrabar: Intrabar,
}

impl Policies {
    /// Those that a strategy declared.
    pub fn of(strategy: &Strategy) -> Self {
        let Strategy { costs, account, matching, fill, intrabar, .. } = *strategy;
        Self { costs, account, matching, fill, intrabar }
    }
}
