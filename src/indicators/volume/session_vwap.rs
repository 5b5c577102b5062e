//! `session_vwap`: the volume-weighted average price of the session.

use crate::indicators::volume::weighted::Weighted;
use crate::node::{IndicatorNode, Inputs, Machine, Parameter, Spec};

pub const NODE: IndicatorNode = IndicatorNode {
    spec: Spec {
        name: "session_vwap",
        family: "volume",
        doc: "Volume-weighted average price of the session so far, with lines some deviations above and below. It begins anew on each bar where `session` has another value than on the bar before. Not known where nothing has been traded yet.",
        formula: "vwap = sum(price * volume) / sum(volume); the lines are nbdev * sqrt(sum(volume * (price - vwap)²) / sum(volume)) away; bars.session numbers the trading days, bars.month and bars.year serve for longer spans",
        inputs: Inputs::Series(&["price", "volume", "session"]),
        parameters: &[Parameter::number("nbdev", 1.0, 0.0, f64::MAX, "Deviations from the average to each line.")],
        outputs: &["vwap", "upperband", "lowerband"],
        example: "session_vwap(typprice(bars(\"5m\")), bars(\"5m\").volume, bars(\"5m\").session).vwap",
        source: "Stephen Berkowitz, Dennis Logue and Eugene Noser, The Total Cost of Transactions on the NYSE, Journal of Finance 43, 1988.",
    },
    lookback: |_| Ok(0),
    machine: |arguments| {
        let factor = arguments.number("nbdev")?;
        Ok(Box::new(OfSession { session: f64::NAN, sums: Weighted::default(), factor }))
    },
};

#[derive(Clone)]
struct OfSession {
    session: f64,
    sums: Weighted,
    factor: f64,
}

impl Machine for OfSession {
    type Input = [f64; 3];
    type Output = [f64; 3];

    #[inline(always)]
    fn update(&mut self, [price, volume, session]: [f64; 3]) -> [f64; 3] {
        if session != self.session {
            self.session = session;
            self.sums = Weighted::default();
        }
        self.sums.next(price, volume, self.factor)
    }
}

#[cfg(test)]
mod tests {
    use super::NODE;
    use crate::indicators::testing::{assert_close, run};

    #[test]
    fn begins_anew_with_each_session() {
        let (price, volume) = ([2.0, 6.0, 6.0, 8.0], [1.0, 3.0, 2.0, 2.0]);
        let values = run(&NODE, &[&price, &volume, &[1.0, 1.0, 2.0, 2.0]], &[]);
        assert_close(&values[0], &[2.0, 5.0, 6.0, 7.0]);
        assert_close(&values[1], &[2.0, 5.0 + 3f64.sqrt(), 6.0, 8.0]);
        assert_close(&values[2], &[2.0, 5.0 - 3f64.sqrt(), 6.0, 6.0]);
    }
}
