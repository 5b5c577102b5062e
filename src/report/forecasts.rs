//! How good a model's forecasts are, as report.html shows it: tables, and a chart of their calibration.

use serde_json::{Value, json};

use crate::models::{Figures, FoldQuality, Importance, MeanWeight, Quality};
use crate::pipeline::{Fitted, Outcome};
use crate::report::charts::{brief, history};
use crate::report::format::{count, optional, share, signed_ratio, significant};
use crate::report::ranges::bar_date;

/// What report.html says of a model: the verdict, tables, calibration, and how training went.
pub(super) fn forecasts(outcome: &Outcome, number: usize, model: &Fitted) -> Value {
    let several = outcome.models.len() > 1;
    let of = if several { format!(" of model {}", number + 1) } else { String::new() };
    let quality = &model.quality;
    let mut tables = vec![table(
        format!("Forecasts{of} on the test range"),
        note(quality),
        FIGURES,
        &[1],
        rows(quality).map(|(figures, mark)| row(figures, mark)).collect(),
    )];
    if !quality.folds.is_empty() {
        tables.push(folds(outcome, &of, quality));
    }
    if !quality.weights.is_empty() {
        tables.push(weights(&of, &quality.weights));
    }
    if let Some(importance) = &quality.importance {
        tables.push(inputs(&of, importance));
    }
    json!({
        "verdict": quality.verdict.as_ref().map(|verdict| &verdict.text),
        "doubt": quality.verdict.as_ref().is_some_and(|verdict| verdict.doubt),
        "tables": tables,
        "calibration_title": format!("Calibration of the forecasts{of}"),
        "calibration_note": "Each forecast's bars in ten parts of one size, from the lowest forecasts to the highest: \
                             what was forecast in the mean, and what came. Where a forecast is of use, the second \
                             line rises with the first.",
        "calibration": rows(quality).filter_map(|(figures, mark)| calibration(figures, mark)).collect::<Vec<_>>(),
        "history_title": format!("Loss by epoch{of}"),
        "history": history(model),
    })
}

/// The forecasts, then the baselines, each with what is written after its name.
pub(super) fn rows(quality: &Quality) -> impl Iterator<Item = (&Figures, &'static str)> {
    let baselines = quality.baselines.iter().map(|figures| (figures, " (baseline)"));
    quality.forecasts.iter().map(|figures| (figures, "")).chain(baselines)
}

/// The interval of the hit rate.
pub(super) fn interval(figures: &Figures) -> Option<[f64; 2]> {
    Some([figures.hit_rate_low?, figures.hit_rate_high?])
}

/// What the samples are worth: `514 samples whose labels look 5 bars ahead count as 103 independent ones`; none
/// where each is one.
pub(super) fn worth(quality: &Quality) -> Option<String> {
    let figures = quality.forecasts.last()?;
    let independent = figures.independent_samples?;
    (figures.samples as f64 - independent >= 0.5).then(|| {
        let labels = match quality.label_bars > 1.0 {
            true => format!(" whose labels look {} bars ahead", significant(quality.label_bars, 3)),
            false => String::new(),
        };
        let (samples, independent) = (count(figures.samples), count(independent.round() as usize));
        format!("{samples} samples{labels} count as {independent} independent ones")
    })
}

const FIGURES: &str = "forecast|R²|hit rate|95 %|IC|t|correlation|mean squared error";

fn row(figures: &Figures, mark: &str) -> Vec<String> {
    vec![
        figures.name.replace('_', " ") + mark,
        optional(figures.r_squared, |value| format!("{value:+.4}")),
        optional(figures.hit_rate, share),
        interval(figures).map_or_else(|| "n/a".into(), |[low, high]| format!("{} to {}", share(low), share(high))),
        optional(figures.information_coefficient, signed_ratio),
        optional(figures.information_coefficient_t, |t| format!("{t:+.1}")),
        optional(figures.correlation, signed_ratio),
        optional(figures.mean_squared_error, |value| format!("{value:.3e}")),
    ]
}

/// A table as the page takes it: all columns but the first hold numbers.
fn table(title: String, note: String, head: &str, signed: &[usize], rows: Vec<Vec<String>>) -> Value {
    let head: Vec<&str> = head.split('|').collect();
    json!({
        "title": title,
        "note": note,
        "head": head,
        "numbers": (1..head.len()).collect::<Vec<_>>(),
        "signed": signed,
        "rows": rows,
    })
}

fn note(quality: &Quality) -> String {
    let worth = worth(quality).map(|worth| format!(" {worth}.")).unwrap_or_default();
    format!(
        "R²: above 0 the forecast's squared error is smaller than that of the training range's mean. Hit rate: how \
         often the sign was right, with Wilson's interval. IC: rank correlation with what came; below 2 in size, its t \
         cannot be told from zero.{worth} The baselines need no network: a forecast that does not beat them all has \
         learned nothing of use. Last value: the last label that was known by then. Ridge: a straight line through the \
         same features, fitted to the training range."
    )
}

fn folds(outcome: &Outcome, of: &str, quality: &Quality) -> Value {
    let row = |(number, fold): (usize, &FoldQuality)| {
        let date = |instant| bar_date(outcome, instant);
        let from = format!("{}: {} to {}", number + 1, date(fold.tested.from), date(fold.tested.to));
        let all = fold.forecasts.iter().map(|figures| (figures, ""));
        let all = all.chain(fold.baselines.iter().map(|figures| (figures, " (baseline)")));
        all.map(move |(figures, mark)| {
            let mut cells = row(figures, mark);
            cells.insert(0, from.clone());
            cells.insert(2, count(figures.samples));
            cells
        })
        .collect::<Vec<_>>()
    };
    let rows: Vec<Vec<String>> = quality.folds.iter().enumerate().flat_map(row).collect();
    let head = FIGURES.replacen('|', "|samples|", 1);
    let note = "The same of each fold: of the bars that one fit of the model was tested on.".to_owned();
    let mut table = table(format!("Forecasts{of} by fold"), note, &format!("fold|{head}"), &[3], rows);
    table["numbers"] = json!((2..head.split('|').count() + 1).collect::<Vec<_>>());
    table
}

fn weights(of: &str, weights: &[MeanWeight]) -> Value {
    let years = weights.first().map(|weight| &weight.by_year[..]).unwrap_or_default();
    let head: String = years.iter().map(|year| format!("|{}", year.year)).collect();
    let row = |weight: &MeanWeight| {
        let mut cells = vec![weight.group.clone(), optional(weight.mean, share), optional(weight.deviation, share)];
        cells.extend(weight.by_year.iter().map(|year| share(year.mean)));
        cells
    };
    table(
        format!("Mean weights{of} on the test range"),
        "How much each timeframe counted, over all bars and by year. Where the deviation is near 0, the weights hardly \
         depend on what is given."
            .into(),
        &format!("timeframe|mean|deviation{head}"),
        &[],
        weights.iter().map(row).collect(),
    )
}

fn inputs(of: &str, importance: &Importance) -> Value {
    let mut inputs: Vec<_> = importance.inputs.iter().collect();
    inputs.sort_by(|a, b| b.error_rise.total_cmp(&a.error_rise));
    let fall = |value: Option<f64>| optional(value, |fall| format!("{fall:+.4}"));
    let rows = inputs.iter().map(|input| {
        let rise = format!("{:+.2e}", input.error_rise);
        vec![input.input.clone(), fall(input.r_squared_fall), rise, input.forecast.clone()]
    });
    let most = inputs.iter().map(|input| input.error_rise.abs()).fold(f64::MIN_POSITIVE, f64::max);
    let note = format!(
        "What a forecast loses when one input tells of other bars: by how much R² falls and the squared error rises. \
         Measured on {} samples with one shuffle: small differences are chance, and inputs that tell the same stand in \
         for each other.",
        count(importance.samples)
    );
    let title = format!("What each input{of} is worth");
    let mut table = table(title, note, "input|R² falls by|error rises by|of|", &[1], rows.map(bar_cell).collect());
    table["numbers"] = json!([1, 2]);
    table["bars"] = inputs.iter().map(|input| brief(input.error_rise / most)).collect();
    table
}

/// A row with an empty cell, which the page draws a bar into.
fn bar_cell(mut cells: Vec<String>) -> Vec<String> {
    cells.push(String::new());
    cells
}

/// The tenths of a forecast; none for one that never changes.
fn calibration(figures: &Figures, mark: &str) -> Option<Value> {
    let tenths = &figures.calibration;
    (!tenths.is_empty()).then(|| {
        json!({
            "name": figures.name.replace('_', " ") + mark,
            "forecast": tenths.iter().map(|tenth| brief(tenth.mean_forecast)).collect::<Vec<_>>(),
            "outcome": tenths.iter().map(|tenth| brief(tenth.mean_outcome)).collect::<Vec<_>>(),
        })
    })
}
