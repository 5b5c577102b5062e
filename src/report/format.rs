//! How numbers are written for people: percentages, money, ratios; and how a text is broken into lines.

use std::fmt::Write;

/// A fraction as a percentage with its sign, unless it is zero: `+1,003.12 %`.
pub fn percent(fraction: f64) -> String {
    if !fraction.is_finite() {
        return "n/a".into();
    }
    let text = format!("{:+.2}", fraction * 100.0);
    if text.ends_with("0.00") && text.len() == 5 {
        return "0.00 %".into();
    }
    let (sign, digits) = text.split_at(1);
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, "00"));
    format!("{sign}{}.{rest} %", thousands(whole))
}

/// A fraction in percent with its sign, unless it is zero, as cells of tables have it: `+3.1`.
pub fn points(fraction: f64) -> String {
    if !fraction.is_finite() {
        return "n/a".into();
    }
    let text = format!("{:+.1}", fraction * 100.0);
    if matches!(text.as_str(), "+0.0" | "-0.0") { "0.0".into() } else { text }
}

/// A figure that may not be defined: `n/a` where it is not.
pub fn optional(value: Option<f64>, write: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| "n/a".into(), write)
}

/// A fraction as a percentage without a sign: `54.3 %`.
pub fn share(fraction: f64) -> String {
    if fraction.is_finite() { format!("{:.1} %", fraction * 100.0) } else { "n/a".into() }
}

/// A ratio: `1.23`.
pub fn ratio(value: f64) -> String {
    decimal(value, 2)
}

/// A ratio that may be of either sign: `+0.12`.
pub fn signed_ratio(value: f64) -> String {
    if value.is_finite() { format!("{value:+.2}") } else { "n/a".into() }
}

/// An amount of money with thousands separated: `103,120.55`.
pub fn money(amount: f64) -> String {
    decimal(amount, 2)
}

/// A mean number of days or bars: `1,541.0`.
pub fn tenths(value: f64) -> String {
    decimal(value, 1)
}

/// A number with so many decimals, thousands separated and zero without a sign.
fn decimal(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return "n/a".into();
    }
    let text = format!("{:.digits$}", value.abs());
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let sign = if value < 0.0 && text.chars().any(|c| c.is_ascii_digit() && c != '0') { "-" } else { "" };
    format!("{sign}{}.{rest}", thousands(whole))
}

/// A count with thousands separated: `1,312`.
pub fn count(value: usize) -> String {
    thousands(&value.to_string())
}

fn thousands(digits: &str) -> String {
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number rounded to so many significant digits, written without an exponent where it is near 1.
pub fn significant(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return "n/a".into();
    }
    if value == 0.0 {
        return "0".into();
    }
    let rounded = format!("{value:.*e}", digits.saturating_sub(1));
    let value: f64 = rounded.parse().unwrap_or(value);
    if (1e-5..1e15).contains(&value.abs()) { format!("{value}") } else { rounded }
}

/// A line of block characters for a column of numbers, its lowest value at the bottom.
pub fn sparkline(values: &[f64], width: usize) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let known: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let (low, high) = known.iter().fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
    let width = width.min(known.len());
    let block = |column: usize| {
        let value = known[(column + 1) * known.len() / width - 1];
        let share = if high > low { (value - low) / (high - low) } else { 0.5 };
        BLOCKS[((share * 7.0).round() as usize).min(7)]
    };
    (0..width).map(block).collect()
}

/// How far each value stands below the highest so far, the initial one included: fractions, zero or negative.
pub fn falls(initial: f64, equity: &[f64]) -> Vec<f64> {
    let mut highest = initial;
    let fall = |value: &f64| {
        highest = highest.max(*value);
        value / highest - 1.0
    };
    equity.iter().map(fall).collect()
}

/// The lowest of each of so many parts, so that a short fall is not lost between two of them.
pub fn lows(values: &[f64], parts: usize) -> Vec<f64> {
    let parts = parts.min(values.len());
    let part = |part: usize| &values[part * values.len() / parts..(part + 1) * values.len() / parts];
    (0..parts).map(|number| part(number).iter().copied().fold(f64::NAN, f64::min)).collect()
}

/// The lines of a text, broken at spaces so that none is wider than `width` characters unless a
/// word is.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Writes a text that begins with `mark`, its further lines below the first, none wider than `width`
/// characters unless a word is.
///
/// ```
/// use timeweave::report::paragraph;
///
/// let mut page = String::new();
/// paragraph(&mut page, "  ! ", "few trades: the figures say little", 20);
/// assert_eq!(page, "  ! few trades: the\n    figures say\n    little\n");
/// ```
pub fn paragraph(page: &mut String, mark: &str, text: &str, width: usize) {
    let indent = mark.chars().count();
    for (number, line) in wrap(text, width.saturating_sub(indent)).iter().enumerate() {
        let _ = match number {
            0 => writeln!(page, "{mark}{line}"),
            _ => writeln!(page, "{:indent$}{line}", ""),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(money(103_120.549), "103,120.55");
        assert_eq!(money(-1_234_567.0), "-1,234,567.00");
        assert_eq!(money(-0.001), "0.00");
        assert_eq!(percent(-0.0312), "-3.12 %");
        assert_eq!(percent(12.345_678), "+1,234.57 %");
        assert_eq!((percent(0.0), percent(-0.00001)), ("0.00 %".into(), "0.00 %".into()));
        assert_eq!(percent(0.1), "+10.00 %");
        assert_eq!(percent(f64::NAN), "n/a");
        assert_eq!([points(0.0312), points(-0.5), points(-0.0001)], ["+3.1", "-50.0", "0.0"]);
        assert_eq!((optional(None, ratio), optional(Some(1.5), ratio)), ("n/a".into(), "1.50".into()));
        assert_eq!(
            (ratio(-4_349.238), ratio(-0.004), tenths(1_540.96)),
            ("-4,349.24".into(), "0.00".into(), "1,541.0".into())
        );
        assert_eq!(count(1_312), "1,312");
        assert_eq!(significant(0.123_456_789, 6), "0.123457");
        assert_eq!(significant(123_456_789.0, 6), "123457000");
        assert_eq!(significant(1.5e-9, 6), "1.50000e-9");
    }

    #[test]
    fn a_sparkline_ends_at_the_last_value() {
        assert_eq!(sparkline(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], 8), "▁▂▃▄▅▆▇█");
        assert_eq!(sparkline(&[5.0, 5.0], 10), "▅▅");
        assert_eq!(sparkline(&[], 10), "");
        assert_eq!(sparkline(&[1.0; 100], 10).chars().count(), 10);
    }

    #[test]
    fn falls_count_from_the_initial_value_and_none_is_lost() {
        assert_eq!(falls(100.0, &[50.0, 200.0, 100.0]), [-0.5, 0.0, -0.5]);
        assert_eq!(lows(&[0.0, -3.0, 0.0, 0.0, -1.0], 2), [-3.0, -1.0]);
        assert_eq!(lows(&[-1.0], 10), [-1.0]);
        assert!(lows(&[], 10).is_empty() && falls(1.0, &[]).is_empty());
    }

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a verylongword b", 5), ["a", "verylongword", "b"]);
        assert!(wrap(" ", 5).is_empty());
    }
}
