//! The verdict: in words, whether a model forecasts at all.

use serde::Serialize;

use crate::models::quality::baselines::BASELINES;
use crate::models::quality::evidence::{TOLD, mean_t};
use crate::models::quality::figures::{Figures, mean};
use crate::models::quality::judged::{Forecaster, losses};
use crate::models::quality::tested::Tested;

/// Whether what a model forecast was worth more than naive forecasts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// Which forecast is judged: the score, or without weights the group's with the smallest error.
    pub forecast: String,
    /// The baseline with the smallest error: squared, or by the model's own loss where that forecasts a quantile
    /// or a position.
    pub best_baseline: String,
    /// Whether the forecast's error is smaller than that baseline's.
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
        let of = |by, columns: &[Vec<f64>]| -> Vec<Vec<f64>> {
            columns.iter().map(|column| losses(tested.loss, by, column, &tested.target)).collect()
        };
        let (said, naive) = (of(Forecaster::Model, &tested.forecasts), of(Forecaster::Naive, &tested.baselines));
        let error = |losses: &Vec<f64>| mean(losses.iter().copied()).unwrap_or(f64::INFINITY);
        let best = |all: &[Vec<f64>]| (0..all.len()).min_by(|a, b| error(&all[*a]).total_cmp(&error(&all[*b])));
        let least = best(&naive)?;
        let judged = if blended { forecasts.len().checked_sub(1)? } else { best(&said)? };
        let (forecast, baseline) = (forecasts.get(judged)?, baselines.get(least)?);
        let lowest = error(&naive[least]);
        let better = forecasts.iter().zip(&said).filter(|(_, said)| error(said) < lowest);
        let better: Vec<&str> = better.map(|(figures, _)| figures.name.as_str()).collect();
        let beats = error(&said[judged]) < lowest;
        let leads: Vec<f64> = naive[least].iter().zip(&said[judged]).map(|(naive, said)| naive - said).collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A verdict on forecasts that are each so much of what comes and so much of something else, beside zero
    /// and a training mean of 0.1.
    fn verdict(samples: usize, forecasts: &[(&str, f64, f64)]) -> Verdict {
        let wave = |by: f64| (0..samples).map(|index| (index as f64 * by).sin()).collect::<Vec<f64>>();
        let (target, other) = (wave(0.37), wave(1.91));
        let mixed = |(_, told, noise): &(&str, f64, f64)| {
            target.iter().zip(&other).map(|(came, other)| told * came + noise * other).collect::<Vec<f64>>()
        };
        let tested = Tested {
            instants: (0..samples as i64).collect(),
            spans: vec![2; samples],
            forecasts: forecasts.iter().map(mixed).collect(),
            baselines: vec![vec![0.0; samples], vec![0.1; samples]],
            target,
            ..Tested::default()
        };
        let names = forecasts.iter().map(|(name, ..)| *name);
        let blended = forecasts.iter().any(|(name, ..)| *name == "score");
        let figures = tested.figures(names, &tested.forecasts);
        let baselines = tested.figures(BASELINES.into_iter(), &tested.baselines);
        Verdict::of(&tested, &figures, &baselines, blended).unwrap()
    }

    #[test]
    fn a_model_that_is_no_better_than_a_baseline_is_luck() {
        let verdict = verdict(400, &[("day", 0.0, 1.0), ("score", 0.0, 0.5)]);
        let text = "No forecast beats the best baseline (zero) on the test range: treat any profit as luck. \
                    The score's IC (-0.00, t -0.1) cannot be told from zero.";
        assert_eq!(verdict.text, text);
        assert!(verdict.doubt && !verdict.beats_best_baseline && verdict.lead_t.is_some_and(|t| t < 0.0));
    }

    #[test]
    fn a_score_that_is_worse_than_its_parts_is_said_to_be() {
        let verdict = verdict(400, &[("day", 0.5, 0.1), ("week", -1.0, 0.1), ("score", -0.5, 0.1)]);
        assert!(
            verdict
                .text
                .starts_with("The score does not beat the best baseline (zero) on the test range, as day would")
        );
        assert!(verdict.text.contains("IC is below zero (-0.9") && verdict.text.contains("before low outcomes"));
        assert!(verdict.doubt);
    }

    #[test]
    fn a_lead_is_told_from_chance_where_there_is_enough_to_tell() {
        let good = verdict(400, &[("day", 0.5, 0.1), ("week", 0.0, 1.0)]);
        assert!(good.text.starts_with("`day` beats the best baseline (zero) by more than chance explains (t +"));
        assert!(good.text.ends_with("can be told from zero.") && !good.doubt && good.beats_best_baseline);
        // The same forecast, on ten samples of labels two bars ahead.
        let short = verdict(10, &[("day", 0.5, 0.1)]);
        assert!(short.text.contains("a test range too short to tell that from chance") && short.doubt);
        assert!(short.text.contains("too short to tell its IC") && short.lead_t.is_none());
        let little = verdict(60, &[("day", 0.1, 0.25)]);
        assert!(little.beats_best_baseline == little.lead_t.is_some_and(|t| t > 0.0));
        assert!(little.doubt && little.lead_t.is_some_and(|t| t < TOLD), "{little:?}");
    }

    #[test]
    fn without_a_forecast_there_is_no_verdict() {
        assert_eq!(Verdict::of(&Tested::default(), &[], &[], false), None);
    }
}
