//! `runner data list`: the datasets, their instruments and what is stored of them.

use timeweave::data::Catalog;
use timeweave::error::Result;
use timeweave::time::Timeframe;

use crate::output::line;

/// Runs `runner data list`.
pub fn run(catalog: &Catalog) -> Result<()> {
    let datasets = catalog.datasets()?;
    if datasets.is_empty() {
        line("no datasets yet: `runner data import` makes one")?;
    }
    for dataset in datasets {
        let manifest = catalog.manifest(&dataset)?;
        line(format_args!("{dataset}  ({}, {})", manifest.calendar.name_and_timezone(), manifest.currency))?;
        for instrument in catalog.instruments(&dataset)? {
            let timeframes: Vec<String> = catalog.timeframes(&instrument)?.iter().map(Timeframe::to_string).collect();
            line(format_args!("  {instrument}  {}", timeframes.join(" ")))?;
        }
        for series in catalog.external_series(&dataset)? {
            line(format_args!("  {dataset}/{series}  external series"))?;
        }
    }
    Ok(())
}
