//! How a page for the terminal looks: how wide, whether coloured, in blocks or in words.

use console::Style;

/// How a page looks. The default is what a file or a pipe gets: 80 columns, no colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// How wide the terminal is, in characters; a page is never narrower or wider than [`Look::WIDTHS`].
    pub columns: usize,
    /// Whether gains, losses and warnings are coloured. What a colour says stands there in signs or words too.
    pub colour: bool,
    /// Words in place of tables and block characters, as a screen reader reads them.
    pub plain: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { columns: 80, colour: false, plain: false }
    }
}

impl Look {
    /// The narrowest and the widest page, in characters: a narrower terminal breaks its lines, a wider one stays
    /// empty at the right.
    pub const WIDTHS: [usize; 2] = [60, 100];

    /// How wide the page is, in characters.
    pub fn width(&self) -> usize {
        let [narrowest, widest] = Self::WIDTHS;
        self.columns.clamp(narrowest, widest)
    }

    /// A text that begins with its sign, green for `+` and red for `-`, as it is for neither.
    pub(super) fn signed(&self, text: &str) -> String {
        match text.trim_start().chars().next() {
            Some('+') => self.styled(Style::new().green(), text),
            Some('-') => self.styled(Style::new().red(), text),
            _ => text.to_owned(),
        }
    }

    /// A text that stands out.
    pub(super) fn bold(&self, text: &str) -> String {
        self.styled(Style::new().bold(), text)
    }

    /// The mark of a warning.
    pub(super) fn warning(&self, text: &str) -> String {
        self.styled(Style::new().yellow().bold(), text)
    }

    /// What is taken away.
    pub(super) fn bad(&self, text: &str) -> String {
        self.styled(Style::new().red(), text)
    }

    /// What is added, or best.
    pub(super) fn good(&self, text: &str) -> String {
        self.styled(Style::new().green(), text)
    }

    fn styled(&self, style: Style, text: &str) -> String {
        match self.colour {
            true => style.force_styling(true).apply_to(text).to_string(),
            false => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_put_on_signs_and_only_where_it_is_asked_for() {
        let look = Look::default();
        assert_eq!([look.signed("  +1 %"), look.signed("-1 %"), look.signed("1")], ["  +1 %", "-1 %", "1"]);
        let look = Look { colour: true, ..look };
        assert_eq!(look.signed("+1 %"), "\u{1b}[32m+1 %\u{1b}[0m");
        assert_eq!(look.signed("-1 %"), "\u{1b}[31m-1 %\u{1b}[0m");
        assert_eq!(look.signed("1 %"), "1 %");
    }

    #[test]
    fn a_page_is_60_to_100_wide() {
        assert_eq!([20, 72, 300].map(|columns| Look { columns, ..Look::default() }.width()), [60, 72, 100]);
    }
}
