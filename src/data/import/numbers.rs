//! Numbers as files write them: `1234.5`, `1,234.5`, `1.234,5`, `$187.00`, `1.23M`.

/// What stands between the whole and the fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decimal {
    /// `1234.5`, or `1,234.5` with separators of thousands.
    Point,
    /// `1234,5`, or `1.234,5` with separators of thousands.
    Comma,
}

impl Decimal {
    /// How the numbers of some cells are written.
    ///
    /// # Errors
    /// A cell that may mean either, where no other cell tells.
    pub fn guess<'a>(cells: impl Iterator<Item = &'a str>) -> Result<Self, &'a str> {
        let mut unsure = None;
        for cell in cells {
            let digits = bare(cell.trim());
            if !digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'-' | b'+')) {
                continue;
            }
            match (digits.rfind('.'), digits.rfind(',')) {
                (Some(point), Some(comma)) => return Ok(if point > comma { Decimal::Point } else { Decimal::Comma }),
                (Some(_), None) if digits.matches('.').count() == 1 => return Ok(Decimal::Point),
                // Only separators of thousands stand there more than once.
                (Some(_), None) => return Ok(Decimal::Comma),
                (None, Some(comma)) if digits.matches(',').count() > 1 || comma == 0 => return Ok(Decimal::Point),
                (None, Some(comma)) if digits.len() - comma != 4 => return Ok(Decimal::Comma),
                (None, Some(_)) => {
                    unsure.get_or_insert(cell);
                }
                (None, None) => (),
            }
        }
        unsure.map_or(Ok(Decimal::Point), Err)
    }

    /// The number that a cell holds.
    pub fn parse(self, cell: &str) -> Option<f64> {
        match self {
            Decimal::Point => cell.parse().ok().or_else(|| self.parse_slowly(cell)),
            Decimal::Comma => self.parse_slowly(cell),
        }
    }

    fn parse_slowly(self, cell: &str) -> Option<f64> {
        let digits = bare(cell);
        let (digits, factor) = match digits.strip_suffix(['K', 'M', 'B', 'k', 'm', 'b']) {
            Some(before) => (before.trim_end(), suffix(digits)),
            None => (digits, 1.0),
        };
        let (point, thousands) = match self {
            Decimal::Point => ('.', ','),
            Decimal::Comma => (',', '.'),
        };
        let (whole, fraction) = digits.split_once(point).unwrap_or((digits, ""));
        // Digits may only be missing on one side, and `nan`, `inf` and exponents were read without separators.
        let grouped =
            [thousands, '\'', ' ', '\u{a0}', '\u{202f}'].into_iter().find(|separator| whole.contains(*separator));
        let whole = match grouped {
            Some(separator) => joined(whole, separator)?,
            None => whole.to_owned(),
        };
        let text = if fraction.is_empty() { whole } else { format!("{whole}.{fraction}") };
        text.parse::<f64>().ok().map(|number| number * factor)
    }
}

/// Groups of three digits without what stands between them.
fn joined(whole: &str, separator: char) -> Option<String> {
    let mut groups = whole.split(separator);
    let first = groups.next()?;
    let digits = first.trim_start_matches(['-', '+']);
    let is_group = |group: &str| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit());
    let begins = (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    (begins && groups.all(is_group)).then(|| whole.replace(separator, ""))
}

/// A number without the sign of a currency.
fn bare(cell: &str) -> &str {
    cell.trim_start_matches(['$', '€', '£', '¥', '₹']).trim()
}

fn suffix(digits: &str) -> f64 {
    match digits.as_bytes().last() {
        Some(b'K' | b'k') => 1e3,
        Some(b'M' | b'm') => 1e6,
        _ => 1e9,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for (text, number) in [
            ("1234.5", 1234.5),
            ("1,234.5", 1234.5),
            ("-1,234,567", -1_234_567.0),
            ("$187.00", 187.0),
            ("1.23M", 1_230_000.0),
            ("45.6K", 45_600.0),
            ("2B", 2e9),
            ("1e5", 1e5),
            ("1 234 567.25", 1_234_567.25),
            ("1'234.5", 1234.5),
            (".5", 0.5),
        ] {
            assert_eq!(Decimal::Point.parse(text), Some(number), "{text}");
        }
        for (text, number) in [("12,5", 12.5), ("1.234,5", 1234.5), ("1.234", 1234.0), ("7", 7.0), ("1 234,5", 1234.5)]
        {
            assert_eq!(Decimal::Comma.parse(text), Some(number), "{text}");
        }
        for text in ["", "-", "12,5", "1,23,456", "1.2.3", "abc", "12%", "1,2345", "M"] {
            assert_eq!(Decimal::Point.parse(text), None, "{text}");
        }
        for text in ["12.5", "1,2,3", "1.23,4.5"] {
            assert_eq!(Decimal::Comma.parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_cell_tells_which_mark_it_is_or_nobody_knows() {
        let guess = |cells: &[&'static str]| Decimal::guess(cells.iter().copied());
        assert_eq!(guess(&["1,234", "12.5"]), Ok(Decimal::Point));
        assert_eq!(guess(&["1,234", "12,5"]), Ok(Decimal::Comma));
        assert_eq!(guess(&["1.234,5"]), Ok(Decimal::Comma));
        assert_eq!(guess(&["1,234,567"]), Ok(Decimal::Point));
        assert_eq!(guess(&["1.234.567"]), Ok(Decimal::Comma));
        assert_eq!(guess(&["1,234", "56"]), Err("1,234"));
        assert_eq!(guess(&["1234", "56"]), Ok(Decimal::Point));
    }
}
