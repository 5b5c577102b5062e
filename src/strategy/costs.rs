//! Costs: what trading and holding cost.

use crate::error::{Diagnostic, Result};

/// What trading and holding cost. All that are given are added up.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Costs {
    /// Commission, as a fraction of the value traded.
    pub commission: f64,
    /// Commission for each fill, in the account's currency.
    pub commission_fixed: f64,
    /// Commission for each unit traded, in the account's currency.
    pub commission_per_unit: f64,
    /// The least that a fill's commission comes to, in the account's currency.
    pub commission_minimum: f64,
    /// Other commissions for who trades much.
    pub tiers: Tiers,
    /// The gap between bid and ask as a fraction of the price: half of it is lost on each fill at
    /// a market price.
    pub spread: f64,
    /// How much worse than the market price a market order or a stop fills, as a fraction of it.
    pub slippage: f64,
    /// The same as an amount in price units: so many ticks of the instrument.
    pub slippage_amount: f64,
    /// How far an order that takes a whole bar's volume moves the price against itself, as a fraction
    /// of it; [`Costs::impact_of`] says what a smaller one does.
    pub impact: f64,
    /// How the impact grows with the share of the volume.
    pub impact_model: ImpactModel,
    /// The largest share of a bar's volume that fills; all of it where there is an impact and no limit,
    /// and no limit where there is neither.
    pub volume_limit: Option<f64>,
    /// Fee for what is sold short, a year, as a fraction of its value.
    pub borrow: f64,
    /// What a long position pays a short one at each of the funding hours, as a fraction of its value;
    /// negative where shorts pay.
    pub funding: f64,
    /// When funding is paid.
    pub funding_hours: Hours,
    /// Interest earned on cash, a year. The value of what is sold short is taken off the cash first:
    /// its proceeds earn nothing.
    pub interest: f64,
    /// Interest paid on cash below zero, a year.
    pub margin_interest: f64,
}

impl Costs {
    /// By how much an order moves the price against itself, as a fraction of the price. `share` is what
    /// has been traded in the bar, this order included, over the bar's volume; from 0 to 1.
    ///
    /// `impact × √share`, `impact × share` or `impact × share²`, as the [`ImpactModel`] says.
    pub fn impact_of(&self, share: f64) -> f64 {
        // A volume that is not known, or none at all, is taken as used up.
        let share = if share < 1.0 { share.max(0.0) } else { 1.0 };
        self.impact
            * match self.impact_model {
                ImpactModel::SquareRoot => share.sqrt(),
                ImpactModel::Linear => share,
                ImpactModel::Quadratic => share * share,
            }
    }

    /// The largest share of a bar's volume that fills, where there is one.
    pub fn volume_share(&self) -> Option<f64> {
        self.volume_limit.or((self.impact > 0.0).then_some(1.0))
    }

    /// Whether anything is charged or paid while nothing is traded.
    pub fn accrue(&self) -> bool {
        [self.borrow, self.funding, self.interest, self.margin_interest].iter().any(|rate| *rate != 0.0)
    }
}

/// How the impact of an order grows with its share of a bar's volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ImpactModel {
    /// With its square root: what most measurements of large orders find (Grinold and Kahn 1999;
    /// Almgren, Thum, Hauptmann and Li 2005; Tóth and others 2011).
    #[default]
    SquareRoot,
    /// In proportion (Kyle 1985).
    Linear,
    /// With its square, as Zipline's `VolumeShareSlippage`.
    Quadratic,
}

impl ImpactModel {
    /// Its name in scripts.
    pub fn name(self) -> &'static str {
        match self {
            ImpactModel::SquareRoot => "square_root",
            ImpactModel::Linear => "linear",
            ImpactModel::Quadratic => "quadratic",
        }
    }
}

/// The commission of who has traded for more than so much in the last 30 days.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Tier {
    /// It holds where the value of the fills of the last 30 days is above this.
    pub above: f64,
    /// Commission, as a fraction of the value traded.
    pub commission: f64,
    /// Commission for each unit traded, in the account's currency.
    pub commission_per_unit: f64,
}

/// Tiers in order; none by default.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Tiers {
    tiers: [Tier; Tiers::MOST],
    count: usize,
}

impl Tiers {
    /// The most that there may be.
    pub const MOST: usize = 12;

    /// Tiers, each above the one before.
    ///
    /// # Errors
    /// Where there are too many, or they do not rise.
    pub fn new(tiers: &[Tier]) -> Result<Self> {
        if tiers.len() > Self::MOST {
            return Err(Diagnostic::new(format!("{} tiers are given: {} are allowed", tiers.len(), Self::MOST)));
        }
        if let Some(pair) = tiers.windows(2).find(|pair| pair[1].above <= pair[0].above) {
            let message = format!("a tier above {} follows one above {}", pair[1].above, pair[0].above);
            return Err(Diagnostic::new(message).hint("write the tiers in order, the smallest traded value first"));
        }
        let mut all = Self { count: tiers.len(), ..Self::default() };
        all.tiers[..tiers.len()].copy_from_slice(tiers);
        Ok(all)
    }

    /// Those that there are, in order.
    pub fn as_slice(&self) -> &[Tier] {
        &self.tiers[..self.count]
    }

    /// The same, to be changed.
    pub fn as_mut_slice(&mut self) -> &mut [Tier] {
        &mut self.tiers[..self.count]
    }

    /// The tier of a traded value; none below the first.
    pub fn at(&self, traded: f64) -> Option<&Tier> {
        self.as_slice().iter().rev().find(|tier| traded > tier.above)
    }
}

/// Hours of the day, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours(u32);

impl Default for Hours {
    /// 0, 8 and 16: what most exchanges of perpetual futures use.
    fn default() -> Self {
        Self::new([0, 8, 16])
    }
}

impl Hours {
    /// These hours, from 0 to 23; others are passed over.
    pub fn new(hours: impl IntoIterator<Item = u32>) -> Self {
        Self(hours.into_iter().filter(|hour| *hour < 24).fold(0, |all, hour| all | 1 << hour))
    }

    /// Each of them, in order.
    pub fn iter(self) -> impl Iterator<Item = u32> {
        (0..24).filter(move |hour| self.0 >> hour & 1 == 1)
    }

    /// How many there are.
    pub fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// How many of them come at an hour of the day or before it.
    pub fn until(self, hour: u32) -> u32 {
        (self.0 & ((2_u32 << hour.min(23)) - 1)).count_ones()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_holds_above_its_value() {
        let tier = |above, commission| Tier { above, commission, commission_per_unit: 0.0 };
        let tiers = Tiers::new(&[tier(100.0, 0.002), tier(1_000.0, 0.001)]).unwrap();
        let at = |traded| tiers.at(traded).map(|tier| tier.commission);
        assert_eq!([100.0, 100.5, 1_000.0, 1e9].map(at), [None, Some(0.002), Some(0.002), Some(0.001)]);
        assert!(Tiers::new(&[tier(100.0, 0.0), tier(100.0, 0.0)]).is_err());
        assert!(Tiers::new(&[Tier::default(); Tiers::MOST + 1]).is_err());
    }

    #[test]
    fn impact_grows_as_its_model_says() {
        let costs = |impact_model| Costs { impact: 0.1, impact_model, ..Costs::default() };
        let of = |model| costs(model).impact_of(0.25);
        assert_eq!(of(ImpactModel::SquareRoot), 0.1 * 0.5);
        assert_eq!(of(ImpactModel::Linear), 0.1 * 0.25);
        assert_eq!(of(ImpactModel::Quadratic), 0.1 * 0.0625);
        assert_eq!(costs(ImpactModel::Linear).impact_of(7.0), 0.1, "no more than the whole volume");
        assert_eq!((costs(ImpactModel::Linear).volume_share(), Costs::default().volume_share()), (Some(1.0), None));
    }

    #[test]
    fn hours_are_counted() {
        let hours = Hours::new([16, 0, 8, 99]);
        assert_eq!(hours, Hours::default());
        assert_eq!(hours.iter().collect::<Vec<_>>(), [0, 8, 16]);
        assert_eq!([0, 7, 8, 23].map(|hour| hours.until(hour)), [1, 1, 2, 3]);
    }
}
