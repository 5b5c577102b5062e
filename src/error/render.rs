//! Drawing: a diagnostic with the line that it speaks of and a mark under the word.

use std::fmt;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, Severity, SourceCode};

use crate::error::{Diagnostic, Origin};

/// How many characters a line of the drawing may have.
const WIDTH: usize = 120;
/// What operators are made of.
const SYMBOLS: &str = "+-*/%<>=!&|:";
/// How many characters of a line are shown.
const CUT: usize = 100;

/// How many errors are drawn.
const MOST: usize = 20;
/// How many calls are named that something went wrong inside of.
const MOST_CALLERS: usize = 5;

/// A diagnostic as a person at a terminal reads it, without colours: what is wrong, the line of the
/// source with a mark under the word, and what to do next; then the others that came with it.
///
/// `source` gives the text of a file that an origin names. Without it, or where the place is not in it,
/// the drawing names the place in words.
///
/// # Examples
///
/// ```
/// use timeweave::error::{Diagnostic, Origin, render};
///
/// let origin = Origin { file: "mine.rhai".into(), line: 1, column: 7 };
/// let drawn = render(&Diagnostic::new("no such thing").at(origin), |_| Some("close.foo".into()));
/// assert!(drawn.contains("close.foo") && drawn.contains("mine.rhai:1:7"));
/// ```
pub fn render(diagnostic: &Diagnostic, source: impl Fn(&str) -> Option<String>) -> String {
    let draw = |diagnostic: &Diagnostic| {
        let text = diagnostic.origin().and_then(|origin| source(&origin.file));
        draw(diagnostic, text.as_deref())
    };
    let mut drawn = diagnostic.each().take(MOST).map(draw).collect::<Vec<_>>().join("\n");
    match diagnostic.each().count() {
        1 => {}
        count @ 2..=MOST => drawn += &format!("\n{count} errors\n"),
        count => drawn += &format!("\n{count} errors: the first {MOST} are shown\n"),
    }
    drawn
}

/// One error, without the others.
fn draw(diagnostic: &Diagnostic, source: Option<&str>) -> String {
    let mut message = diagnostic.message().to_owned();
    for caller in diagnostic.callers().iter().take(MOST_CALLERS) {
        message += &format!("\n{caller}");
    }
    if diagnostic.callers().len() > MOST_CALLERS {
        message += "\n…";
    }
    let excerpt = diagnostic.origin().zip(source).and_then(|(origin, source)| Excerpt::new(origin, source));
    let mut drawing = match (excerpt, diagnostic.origin()) {
        (Some(excerpt), Some(origin)) => Drawing {
            message,
            help: diagnostic.help(),
            // Miette counts columns in bytes: the place is named here, in characters.
            source: Some(NamedSource::new(origin.to_string(), excerpt.text)),
            span: Some(LabeledSpan::new(None, excerpt.start, excerpt.length)),
            severity: Severity::Error,
        },
        (_, Some(origin)) => Drawing::plain(format!("{origin}: {message}"), diagnostic.help()),
        (_, None) => Drawing::plain(message, diagnostic.help()),
    };
    if diagnostic.is_warning() {
        drawing.severity = Severity::Warning;
    }
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .with_width(WIDTH)
        .with_context_lines(1)
        .without_primary_span_start()
        .with_links(false);
    let mut drawn = String::new();
    match handler.render_report(&mut drawn, &drawing) {
        Ok(()) => drawn.lines().map(str::trim_end).collect::<Vec<_>>().join("\n") + "\n",
        Err(fmt::Error) => format!("{diagnostic}\n"),
    }
}

/// A text with its long lines cut, and the bytes of a word in it.
struct Excerpt {
    text: String,
    start: usize,
    length: usize,
}

impl Excerpt {
    /// The word at `origin`; none where that is not in the text.
    fn new(origin: &Origin, source: &str) -> Option<Self> {
        let row = origin.line.checked_sub(1)?;
        source.lines().nth(row)?;
        let mut excerpt = Self { text: String::with_capacity(source.len()), start: 0, length: 0 };
        for (index, line) in source.lines().enumerate() {
            let line = line.trim_end();
            let indent = line.chars().take_while(|c| c.is_whitespace()).count();
            let column = if index == row { origin.column.checked_sub(1).unwrap_or(indent) } else { 0 };
            let (shown, start) = cut(line, column);
            if index == row {
                excerpt.start = excerpt.text.len() + start;
                let whole_line = origin.column == 0;
                excerpt.length = if whole_line { shown.len() - start } else { word(&shown[start..]) };
            }
            excerpt.text.push_str(&shown);
            excerpt.text.push('\n');
        }
        Some(excerpt)
    }
}

/// What is shown of a line, with the byte in it of the character at `column` (or its end).
fn cut(line: &str, column: usize) -> (String, usize) {
    const BEFORE: usize = CUT / 2;
    let characters: Vec<char> = line.chars().collect();
    let column = column.min(characters.len());
    let first = match characters.len() > CUT {
        true => column.saturating_sub(BEFORE).min(characters.len() - CUT),
        false => 0,
    };
    let last = (first + CUT).min(characters.len());
    let mut shown = String::from(if first > 0 { "…" } else { "" });
    shown.extend(&characters[first..column]);
    let start = shown.len();
    shown.extend(&characters[column..last.max(column)]);
    if last < characters.len() {
        shown.push('…');
    }
    (shown, start)
}

/// How many bytes the word at the start of a text has: a name, a number, a quoted text or a symbol.
fn word(text: &str) -> usize {
    let plain = |c: char| c.is_alphanumeric() || c == '_';
    match text.chars().next() {
        Some('"') => text[1..].find('"').map_or(text.len(), |end| end + 2),
        Some(first) if first.is_ascii_digit() => text.find(|c: char| !plain(c) && c != '.').unwrap_or(text.len()),
        Some(first) if plain(first) => text.find(|c: char| !plain(c)).unwrap_or(text.len()),
        Some(first) if SYMBOLS.contains(first) => text.find(|c: char| !SYMBOLS.contains(c)).unwrap_or(text.len()),
        Some(first) => first.len_utf8(),
        None => 0,
    }
}

/// What miette draws.
struct Drawing<'a> {
    message: String,
    help: Option<&'a str>,
    source: Option<NamedSource<String>>,
    span: Option<LabeledSpan>,
    severity: Severity,
}

impl<'a> Drawing<'a> {
    fn plain(message: String, help: Option<&'a str>) -> Self {
        Self { message, help, source: None, span: None, severity: Severity::Error }
    }
}

impl fmt::Display for Drawing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Drawing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawing<'_> {}

impl miette::Diagnostic for Drawing<'_> {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.span.clone().map(|span| Box::new(std::iter::once(span)) as Box<dyn Iterator<Item = LabeledSpan>>)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Caller;

    fn at(line: usize, column: usize) -> Diagnostic {
        Diagnostic::new("it is wrong").at(Origin { file: "a.rhai".into(), line, column }).hint("do better")
    }

    #[test]
    fn the_mark_stands_under_the_word_whatever_stands_before_it() {
        // Letters of two bytes, of double width, and a tab: the mark's column on the screen is that of the word's.
        for (source, column, word) in
            [("let é = smaa(close)", 9, "smaa"), ("let 株 = smaa(close)", 9, "smaa"), ("\tsmaa(close)", 2, "smaa")]
        {
            let drawn = render(&at(1, column), |_| Some(source.into()));
            let lines: Vec<&str> = drawn.lines().collect();
            let row = lines.iter().position(|line| line.contains(word)).unwrap();
            let wide = |text: &str| text.chars().map(|c| if c == '株' { 2 } else { 1 }).sum::<usize>();
            let (start, _) = lines[row].split_once(word).unwrap();
            let (mark, _) = lines[row + 1].split_once('─').unwrap();
            assert_eq!(wide(start), wide(mark), "{drawn}");
        }
    }

    #[test]
    fn a_place_that_is_not_in_the_text_is_named_in_words() {
        for (diagnostic, source) in [(at(9, 1), Some("one line")), (at(1, 1), None), (at(0, 0), Some("x"))] {
            let place = diagnostic.origin().unwrap().to_string();
            assert!(render(&diagnostic, |_| source.map(String::from)).contains(&format!("{place}: it is wrong")));
        }
        assert!(render(&at(1, 99), |_| Some("short".into())).contains("short"), "beyond the end of the line");
    }

    #[test]
    fn several_errors_are_drawn_and_counted_each_in_its_file() {
        let elsewhere = Diagnostic::new("worse").at(Origin { file: "b.rhai".into(), line: 1, column: 1 });
        let both = at(1, 1).and(elsewhere);
        let drawn = render(&both, |file| Some(format!("text of {file}")));
        assert!(drawn.contains("text of a.rhai") && drawn.contains("text of b.rhai"), "{drawn}");
        assert!(drawn.ends_with("\n2 errors\n"), "{drawn}");
        let many = (1..30).fold(at(1, 1), |all, line| all.and(at(line, 1)));
        let drawn = render(&many, |_| None);
        assert_eq!(drawn.matches("it is wrong").count(), MOST);
        assert!(drawn.ends_with("30 errors: the first 20 are shown\n"), "{drawn}");
    }

    #[test]
    fn the_calls_that_led_there_stand_under_the_message() {
        let origin = |line| Origin { file: "a.rhai".into(), line, column: 1 };
        let called = |function: Option<&str>, line| Caller { function: function.map(Into::into), origin: origin(line) };
        let deep = (2..9).fold(at(1, 1).called(called(None, 1)), |all, line| all.called(called(Some("f"), line)));
        let drawn = render(&deep, |_| Some("text".into()));
        let lines: Vec<&str> = drawn.lines().take(7).map(|line| line.trim_start_matches(['×', '│', ' '])).collect();
        assert_eq!(lines[..3], ["it is wrong", "in a closure, called at a.rhai:1:1", "in `f`, called at a.rhai:2:1"]);
        assert_eq!(lines[6], "…");
    }

    #[test]
    fn of_a_long_line_the_part_around_the_word_is_shown() {
        let source = format!("{}smaa{}", "é".repeat(300), "x".repeat(300));
        for (column, word) in [(301, "smaa"), (1, "éé"), (604, "x"), (605, "xx")] {
            let drawn = render(&at(1, column), |_| Some(source.clone()));
            assert!(drawn.contains(word) && drawn.contains('…') && drawn.contains(&format!("a.rhai:1:{column}")));
            assert!(drawn.lines().all(|line| line.chars().count() <= WIDTH), "{drawn}");
        }
    }
}
