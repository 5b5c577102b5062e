//! The parabolic stop that `sar` and `sarext` follow.

/// How fast the stop follows a trend in one direction.
#[derive(Clone, Copy)]
pub struct Pace {
    first: f64,
    step: f64,
    maximum: f64,
}

impl Pace {
    /// The factor begins at `first`; each new extreme of the trend adds `step`, up to `maximum`.
    pub fn new(first: f64, step: f64, maximum: f64) -> Self {
        Self { first: first.min(maximum), step: step.min(maximum), maximum }
    }
}

/// The stop on one bar.
#[derive(Clone, Copy)]
pub struct Stop {
    pub level: f64,
    /// Whether it lies below a rising price.
    pub rising: bool,
}

/// Wilder's parabolic stop and reverse.
#[derive(Clone)]
pub struct Parabolic {
    rising: Pace,
    falling: Pace,
    start: Option<Stop>,
    offset: f64,
    /// High and low of the last bar.
    last: Option<[f64; 2]>,
    trend: Option<Trend>,
}

#[derive(Clone, Copy)]
struct Trend {
    rising: bool,
    /// The stop for the next bar.
    stop: f64,
    extreme: f64,
    factor: f64,
}

impl Parabolic {
    pub fn new(rising: Pace, falling: Pace) -> Self {
        Self { rising, falling, start: None, offset: 0.0, last: None, trend: None }
    }

    /// The same with the stop that the first trend begins with, where it is not read off the bars,
    /// and with the part of itself that the stop stays further away where it turns.
    pub fn extended(self, start: Option<Stop>, offset: f64) -> Self {
        Self { start, offset, ..self }
    }

    fn pace(&self, rising: bool) -> Pace {
        if rising { self.rising } else { self.falling }
    }

    /// The trend before the second bar: down where that bar moves down further than up.
    fn begin(&self, last: [f64; 2], [high, low]: [f64; 2]) -> Trend {
        let start = self.start.unwrap_or_else(|| {
            let (up, down) = (high - last[0], last[1] - low);
            let rising = !(down > 0.0 && down > up);
            Stop { level: if rising { last[1] } else { last[0] }, rising }
        });
        let rising = start.rising;
        let extreme = if rising { high } else { low };
        Trend { rising, stop: start.level, extreme, factor: self.pace(rising).first }
    }

    /// Takes the high and the low of the next bar and gives the stop; none on the first.
    #[inline(always)]
    pub fn next(&mut self, bar: [f64; 2]) -> Option<Stop> {
        let last = self.last.replace(bar)?;
        // The second bar has no earlier bar that its stop must stay outside of.
        let (mut trend, last) = match self.trend {
            Some(trend) => (trend, last),
            None => (self.begin(last, bar), bar),
        };
        let [high, low] = bar;
        let touched = if trend.rising { low <= trend.stop } else { high >= trend.stop };
        let outside = |stop: f64, rising: bool| {
            if rising { stop.min(last[1]).min(low) } else { stop.max(last[0]).max(high) }
        };
        let level = if touched {
            trend.rising = !trend.rising;
            trend.factor = self.pace(trend.rising).first;
            let level = outside(trend.extreme, trend.rising);
            trend.extreme = if trend.rising { high } else { low };
            if trend.rising { level - level * self.offset } else { level + level * self.offset }
        } else {
            let farther = if trend.rising { high > trend.extreme } else { low < trend.extreme };
            if farther {
                let pace = self.pace(trend.rising);
                trend.extreme = if trend.rising { high } else { low };
                trend.factor = (trend.factor + pace.step).min(pace.maximum);
            }
            trend.stop
        };
        trend.stop = outside(level + trend.factor * (trend.extreme - level), trend.rising);
        self.trend = Some(trend);
        Some(Stop { level, rising: trend.rising })
    }
}
