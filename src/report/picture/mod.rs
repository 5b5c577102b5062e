//! A picture of a run: equity beside buy-and-hold, and the drawdown below it, as a PNG.

mod canvas;
mod scale;

use crate::error::Result;
use crate::report::KeptRun;
use crate::report::format::{falls, money, percent};
use crate::report::picture::canvas::{Align, Canvas, Ink, Panel};
use crate::report::picture::scale::{Scale, years};
use crate::time::Timestamp;

/// How large the picture is, in pixels: what links to a page are shown with.
const SIZE: [u32; 2] = [1200, 630];
const EQUITY: Panel = Panel { left: 40.0, right: 1060.0, top: 120.0, bottom: 420.0 };
const DRAWDOWN: Panel = Panel { left: 40.0, right: 1060.0, top: 460.0, bottom: 580.0 };

/// The picture of a run that was made before. The same files give the same bytes.
///
/// # Errors
/// Where equity.parquet cannot be read, or holds no bar.
pub fn picture(run: &KeptRun) -> Result<Vec<u8>> {
    let (instants, equity) = run.account("equity")?;
    let (_, other) = run.account("buy_and_hold")?;
    let initial = run.metrics["initial_equity"].as_f64().or(equity.first().copied()).unwrap_or(1.0);
    let falls = falls(initial, &equity);
    let mut canvas = Canvas::new(SIZE)?;
    heading(&mut canvas, run, &instants, &equity);

    let scale = Scale::of([equity.as_slice(), &other, &[initial]].into_iter().flatten().copied());
    for tick in scale.ticks(5) {
        let y = EQUITY.y(&scale, tick);
        canvas.line([EQUITY.left, y], [EQUITY.right, y], Ink::Grid);
        canvas.text(&amount(tick), [EQUITY.right + 12.0, y + 5.0], 15.0, Align::Left, Ink::Dim);
    }
    canvas.curve(&EQUITY.points(&scale, &other), 1.5, Ink::Other);
    canvas.curve(&EQUITY.points(&scale, &equity), 2.5, Ink::Own);

    let depth = Scale::of(falls.iter().copied().chain([0.0]));
    for tick in depth.ticks(3) {
        let y = DRAWDOWN.y(&depth, tick);
        canvas.line([DRAWDOWN.left, y], [DRAWDOWN.right, y], Ink::Grid);
        let text = format!("{:.0} %", tick * 100.0);
        canvas.text(&text.replace("-0 %", "0 %"), [DRAWDOWN.right + 12.0, y + 5.0], 15.0, Align::Left, Ink::Dim);
    }
    canvas.area(&DRAWDOWN.points(&depth, &falls), DRAWDOWN.y(&depth, 0.0), Ink::Loss);
    canvas.text("drawdown", [DRAWDOWN.left, DRAWDOWN.top - 12.0], 16.0, Align::Left, Ink::Loss);

    for (place, text) in years(&instants, 12) {
        let x = DRAWDOWN.x(place, instants.len());
        canvas.line([x, DRAWDOWN.bottom], [x, DRAWDOWN.bottom + 6.0], Ink::Dim);
        canvas.text(&text, [x, DRAWDOWN.bottom + 26.0], 15.0, Align::Middle, Ink::Dim);
    }
    canvas.png()
}

/// What was run, when, and what came of it; and which line is whose.
fn heading(canvas: &mut Canvas, run: &KeptRun, instants: &[i64], equity: &[f64]) {
    let name = run.run["strategy"].as_str().unwrap_or("run");
    let universe: Vec<&str> =
        run.run["universe"].as_array().into_iter().flatten().filter_map(|name| name.as_str()).collect();
    let traded = match universe.as_slice() {
        [first, rest @ ..] if rest.len() > 2 => format!("{first} and {} more", rest.len()),
        all => all.join(", "),
    };
    let dates =
        [instants.first(), instants.last()].map(|one| one.map_or(String::new(), |one| Timestamp(*one).to_string()));
    canvas.text(&shortened(name, 44), [EQUITY.left, 48.0], 30.0, Align::Left, Ink::Text);
    let under = format!("{}, {} to {}", shortened(&traded, 60), dates[0], dates[1]);
    canvas.text(&under, [EQUITY.left, 76.0], 17.0, Align::Left, Ink::Dim);
    let figure = |name: &str| run.metrics[name].as_f64().map_or("n/a".into(), percent);
    let total = format!("{} total return", figure("total_return"));
    canvas.text(&total, [1160.0, 48.0], 24.0, Align::Right, Ink::Text);
    let fall = format!("{} maximum drawdown", figure("maximum_drawdown"));
    canvas.text(&fall, [1160.0, 76.0], 17.0, Align::Right, Ink::Dim);
    let ended = equity.last().map_or(String::new(), |last| format!("equity {}", money(*last)));
    let width = canvas.text(&ended, [EQUITY.left, 106.0], 16.0, Align::Left, Ink::Own);
    canvas.text("buy and hold", [EQUITY.left + width + 24.0, 106.0], 16.0, Align::Left, Ink::Other);
    // Every page says so, and pictures are passed on without theirs.
    if run.metrics["out_of_sample"] == false {
        canvas.text("IN SAMPLE", [1160.0, 106.0], 20.0, Align::Right, Ink::Loss);
    }
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

/// An amount on an axis: `250k`, `1.2M`.
fn amount(value: f64) -> String {
    let (size, unit) = match value.abs() {
        million if million >= 1e6 => (1e6, "M"),
        thousand if thousand >= 1e4 => (1e3, "k"),
        _ => (1.0, ""),
    };
    let text = format!("{:.2}", value / size);
    format!("{}{unit}", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_on_an_axis_are_short() {
        assert_eq!([0.0, 950.5, 25_000.0, 1_250_000.0, -20_000.0].map(amount), ["0", "950.5", "25k", "1.25M", "-20k"]);
        assert_eq!(shortened("abcdef", 4), "abc…");
    }
}
