//! `runner tune`: variants of a script's models compared by cross-validation, without a look at their test range.

use std::slice;
use std::str::FromStr;

use clap::{ArgAction, Args};
use serde_json::{Value, json};
use timeweave::data::Catalog;
use timeweave::error::{Diagnostic, Result};
use timeweave::models::{CrossValidation, HeldOut};
use timeweave::pipeline::cross_validate;
use timeweave::script::Setting;
use timeweave::standard_registry;

use crate::arguments::{Options, ScriptArguments};
use crate::output::{line, text};
use crate::progress::Meter;
use crate::run::use_threads;
use crate::stages;

/// What a comparison of variants takes.
#[derive(Debug, Args)]
pub struct TuneArguments {
    #[command(flatten)]
    script: ScriptArguments,
    /// Values of a parameter that the script declares; may be given several times: every combination is tried
    #[arg(long = "vary", value_name = "NAME=A,B,…", required = true, value_parser = vary)]
    varied: Vec<Varied>,
    /// Into how many groups the bars before the test range are divided
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u8).range(2..=20))]
    groups: u8,
    /// How many of them are held out at a time; every choice is held out once
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=19))]
    held_out: u8,
    /// Print every loss as JSON
    #[arg(long)]
    json: bool,
    /// No progress, only the table and errors
    #[arg(short, long)]
    quiet: bool,
    /// Tell of each stage and how long it took, on stderr; -vv of each file and model too
    #[arg(short, long, action = ArgAction::Count, conflicts_with = "quiet")]
    verbose: u8,
    #[command(flatten)]
    options: Options,
}

/// A parameter and its values.
#[derive(Clone, Debug)]
struct Varied(Vec<Setting>);

fn vary(given: &str) -> std::result::Result<Varied, String> {
    let (name, values) = given.split_once('=').ok_or("write a name and numbers: hidden=16,32,64")?;
    let setting = |value: &str| Setting::from_str(&format!("{name}={value}")).map_err(|error| error.to_string());
    values.split(',').map(setting).collect::<std::result::Result<_, _>>().map(Varied)
}

/// A combination of values, and what it came to.
struct Variant {
    settings: Vec<Setting>,
    losses: Vec<HeldOut>,
}

impl Variant {
    fn mean(&self) -> f64 {
        self.losses.iter().map(|held| held.loss).sum::<f64>() / self.losses.len() as f64
    }

    fn deviation(&self) -> f64 {
        let mean = self.mean();
        (self.losses.iter().map(|held| (held.loss - mean).powi(2)).sum::<f64>() / self.losses.len() as f64).sqrt()
    }
}

/// Trains every variant on every division and prints them, the best first.
pub fn run(arguments: &TuneArguments) -> Result<()> {
    let TuneArguments { script, varied, groups, held_out, options, .. } = arguments;
    use_threads(options)?;
    if held_out >= groups {
        return Err(Diagnostic::new(format!(
            "--held-out is {held_out}, but there are {groups} groups: none is left to train on"
        ))
        .hint("hold out fewer groups than there are: --groups 6 --held-out 2"));
    }
    let division = CrossValidation { groups: usize::from(*groups), held_out: usize::from(*held_out) };
    let (registry, catalog) = (standard_registry()?, Catalog::open(&options.datasets)?);
    let combinations = combinations(varied);
    let told = stages::listen(arguments.verbose);
    let mut meter = Meter::new(arguments.quiet || told);
    let mut variants = Vec::new();
    let tried = combinations.len();
    for (number, settings) in combinations.into_iter().enumerate() {
        meter.variant(number + 1, tried);
        let strategy = script.variant(&settings, &registry)?;
        let tell = &mut |progress: &_| meter.show(progress);
        let mut models = cross_validate(strategy, &registry, &catalog, options.device, division, tell)?;
        let (Some(losses), true) = (models.pop(), models.is_empty()) else {
            return Err(Diagnostic::new("`tune` compares variants of one model, and the script has none, or several")
                .hint("take out the other models while you tune one"));
        };
        variants.push(Variant { settings, losses });
    }
    meter.clear();
    variants.sort_by(|a, b| a.mean().total_cmp(&b.mean()));
    if arguments.json { in_json(&variants) } else { text(table(&variants)) }
}

fn combinations(varied: &[Varied]) -> Vec<Vec<Setting>> {
    let mut all = vec![Vec::new()];
    for Varied(values) in varied {
        let with = |settings: &Vec<Setting>| {
            values.iter().map(|value| [settings.as_slice(), slice::from_ref(value)].concat()).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(with).collect();
    }
    all
}

fn table(variants: &[Variant]) -> String {
    let mut page = String::new();
    let name = |variant: &Variant| {
        let settings = variant.settings.iter().map(|setting| format!("{} = {}", setting.name, setting.value));
        settings.collect::<Vec<_>>().join(", ")
    };
    let width = variants.iter().map(|variant| name(variant).chars().count()).max().unwrap_or(0).max("variant".len());
    page += &format!("{:<width$}  {:>10}  {:>10}\n", "variant", "mean loss", "deviation");
    for variant in variants {
        page += &format!("{:<width$}  {:>10.5}  {:>10.5}\n", name(variant), variant.mean(), variant.deviation());
    }
    let divisions = variants.first().map_or(0, |variant| variant.losses.len());
    let tried = variants.len();
    if let [first, rest @ ..] = variants
        && !rest.is_empty()
        && rest.iter().all(|variant| variant.losses == first.losses)
    {
        page += "\nAll are the same: what was varied changes nothing that the model depends on.\n";
        return page;
    }
    page += &format!(
        "\n{tried} variants on {divisions} divisions each; the test range was not looked at. The more variants are tried, the\n\
         better the best of them looks by chance: a lead far below the deviation means nothing.\n"
    );
    page
}

fn in_json(variants: &[Variant]) -> Result<()> {
    let variant = |variant: &Variant| -> Value {
        let settings: serde_json::Map<String, Value> =
            variant.settings.iter().map(|setting| (setting.name.clone(), setting.value.into())).collect();
        let divisions = variant.losses.iter().map(|held| {
            json!({ "held_out": held.groups, "trained": held.trained, "samples": held.samples, "loss": held.loss })
        });
        json!({
            "settings": settings,
            "mean_loss": variant.mean(),
            "deviation": variant.deviation(),
            "divisions": divisions.collect::<Vec<_>>(),
        })
    };
    let written = serde_json::to_string_pretty(&variants.iter().map(variant).collect::<Vec<_>>());
    line(written.map_err(|error| Diagnostic::new(format!("the variants cannot be written: {error}")))?)
}
