//! The verdict: in words, whether a model forecasts at all.

use serde::Serialize;

use crate::models::quality::baselines::BASELINES;
use crate::models::quality::evidence::{TOLD, mean_t};
use crate::models::quality::figures::Figures;
use crate::models::quality::tested::Tested;

/// Whether what a model forecast was worth more than naive forecasts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// Which forecast is judged: the score, or without weights the group's with the smallest error.
    pub forecast: String,
    /// The baseline with the smallest squared error.
    pub best_baseline: String,
    /// Whether the forecast's squared error is smaller than that baseline's.
    pub beats_best_baseline: bool,
    /// The t-value of how much smaller it is, for as many observations as the samples are worth
    /// (Diebold & Mariano 1995).
    pub lead_t: Option<f64>,
    /// Whether there is reason to doubt that the model forecasts anything.
    pub doubt: bool,
    /// All that in a sentence or two.
    pub text: String,
}

impl Verdict {
    /// Judges forecasts beside baselines on the same samples. None without either.
    pub fn of(tested: &Tested, forecasts: &[Figures], baselines: &[Figures], blended: bool) -> Option<Self> {
        let error = |figures: &Figures| figures.mean_squared_error.unwrap_or(f64::INFINITY);
        let best = |all: &[Figures]| (0..all.len()).min_by(|a, b| error(&all[*a]).total_cmp(&error(&all[*b])));
        let naive = best(baselines)?;
        let judged = if blended { forecasts.len().checked_sub(1)? } else { best(forecasts)? };
        let (forecast, baseline) = (&forecasts[judged], &baselines[naive]);
        let better: Vec<&str> = forecasts
            .iter()
            .filter(|figures| error(figures) < error(baseline))
            .map(|figures| figures.name.as_str())
            .collect();
        let beats = error(forecast) < error(baseline);
        let losses = tested.forecasts[judged].iter().zip(&tested.baselines[naive]).zip(&tested.target);
        let leads: Vec<f64> =
            losses.map(|((said, naive), came)| (naive - came).powi(2) - (said - came).powi(2)).collect();
        let lead_t = mean_t(&leads, &tested.instants, tested.span());
        let told = beats && lead_t.is_some_and(|t| t >= TOLD);
        let against = format!("the best baseline ({})", words(&baseline.name));
        let luck = "treat any profit as luck";
        let who = subject(&forecast.name);
        let errors = match better.as_slice() {
            [] => format!("No forecast beats {against} on the test range: {luck}."),
            better if !beats => {
                format!("{who} does not beat {against} on the test range, as {} would: {luck}.", better.join(", "))
            }
            _ => match lead_t {
                None => format!(
                    "{who} has a smaller error than {against}, on a test range too short to tell that from chance: \
                     {luck}."
                ),
                Some(t) if !told => format!(
                    "{who} has a smaller error than {against}, but by no more than chance explains (t {t:+.1}): {luck}."
                ),
                Some(t) => format!("{who} beats {against} by more than chance explains (t {t:+.1})."),
            },
        };
        let ranks = ranks(forecast);
        Some(Self {
            forecast: forecast.name.clone(),
            best_baseline: baseline.name.clone(),
            beats_best_baseline: beats,
            lead_t,
            doubt: !told || forecast.information_coefficient_t.is_none_or(|t| t < TOLD),
            text: format!("{errors} {ranks}").trim_end().to_owned(),
        })
    }
}

/// What the rank correlation tells.
fn ranks(forecast: &Figures) -> String {
    let whose = if forecast.name == "score" { "The score's" } else { "Its" };
    let Some(coefficient) = forecast.information_coefficient else { return String::new() };
    match forecast.information_coefficient_t {
        None => {
            format!("The test range is too short to tell {} IC ({coefficient:+.2}) from zero.", whose.to_lowercase())
        }
        Some(t) if t >= TOLD => format!("{whose} IC ({coefficient:+.2}, t {t:+.1}) can be told from zero."),
        Some(t) if t <= -TOLD => {
            format!("{whose} IC is below zero ({coefficient:+.2}, t {t:+.1}): high forecasts came before low outcomes.")
        }
        Some(t) => format!("{whose} IC ({coefficient:+.2}, t {t:+.1}) cannot be told from zero."),
    }
}

fn subject(name: &str) -> String {
    if name == "score" { "The score".into() } else { format!("`{name}`") }
}

/// A baseline's name in words.
fn words(name: &str) -> String {
    match name {
        name if name == BASELINES[0] => "zero".into(),
        name => format!("the {}", name.replace('_', " ")),
    }
}
