//! Our side of `benches/peers/data.py`: a file of one-minute bars into memory, and hours made of them.
//!
//! `FILE REPEATS` prints a line of JSON: the seconds of each turn, and what the bars come to.

#![allow(clippy::unwrap_used)] // what fails here fails the bench

use std::env;
use std::path::Path;
use std::time::Instant;

use serde_json::json;
use timeweave::data::{Bars, Field};
use timeweave::time::{Calendar, Timeframe};

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let [path, repeats] = &arguments[..] else {
        println!("this is asked by benches/peers/data.py");
        return;
    };
    let [minute, hour] = ["1m", "1h"].map(|text| text.parse::<Timeframe>().unwrap());
    let read = || Bars::read_parquet(Path::new(path), minute, &Calendar::Continuous).unwrap();
    let bars = read();
    let hours = bars.resample(hour, &Calendar::Continuous).unwrap();
    let (mut reading, mut resampling) = (Vec::new(), Vec::new());
    for _ in 0..repeats.parse::<usize>().unwrap() {
        let start = Instant::now();
        let again = read();
        reading.push(start.elapsed().as_secs_f64());
        drop(again);
        let start = Instant::now();
        let again = bars.resample(hour, &Calendar::Continuous).unwrap();
        resampling.push(start.elapsed().as_secs_f64());
        drop(again);
    }
    let sum = |bars: &Bars, field: Field| bars.field(field).iter().sum::<f64>();
    let answer = json!({
        "read": reading,
        "resample": resampling,
        "bars": [bars.len(), sum(&bars, Field::Close)],
        "hours": [hours.len(), sum(&hours, Field::High), sum(&hours, Field::Volume)],
    });
    println!("{answer}");
}
