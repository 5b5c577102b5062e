//! What rhai cannot read, told so that a person can act on it.

use std::sync::Arc;

use rhai::{LexError, ParseError, ParseErrorType};

use crate::error::{Diagnostic, Origin};
use crate::script::host::Host;
use crate::script::places::origin;
use crate::script::value::type_in_words;
use crate::script::{functions, habits};

/// Why a text is no script.
pub fn unreadable(host: &Host, file: &Arc<str>, text: &str, error: ParseError) -> Diagnostic {
    let ParseError(kind, position) = error;
    let place = match position.line() {
        Some(line) if line <= text.lines().count() => origin(file, position),
        _ => end(file, text),
    };
    let (before, behind) = around(text, &place);
    if let Some((slip, hint)) = habits::slip(behind) {
        return Diagnostic::new(format!("`{slip}` is no operator")).hint(hint).at(place);
    }
    match *kind {
        ParseErrorType::VariableUndefined(name) => match argument_by_name(host, before, behind, &name) {
            Some(diagnostic) => diagnostic.at(place),
            None => unknown_variable(host, text, &name, before, behind).at(place),
        },
        ParseErrorType::MissingToken(token, what) => follow(missing(&token, &what), &token, text, &place).at(place),
        kind => {
            let diagnostic = describe(&kind);
            let percent = behind.starts_with(')') && before.trim_end().ends_with('%');
            let number = before.trim_end().ends_with(',') && behind.starts_with(|c: char| c.is_ascii_digit());
            match (percent, number) {
                (true, _) => diagnostic.hint("write percent(8) for 8 %"),
                (_, true) => diagnostic.hint("a number has no `,` in it: 100000 or 100_000"),
                _ => diagnostic,
            }
            .at(place)
        }
    }
}

/// What stands before a place on its line, and from it on.
fn around<'a>(text: &'a str, place: &Origin) -> (&'a str, &'a str) {
    let line = text.lines().nth(place.line.saturating_sub(1)).unwrap_or_default();
    let start = line.char_indices().nth(place.column.saturating_sub(1)).map_or(line.len(), |(byte, _)| byte);
    line.split_at(start)
}

/// Words that a statement of the outermost level begins with.
const LINE_WORDS: [&str; 4] = ["let ", "fn ", "const ", "import "];

/// Whether more braces are opened than closed above a place, as far as symbols tell.
fn is_open(text: &str, place: &Origin) -> bool {
    let above = || text.lines().take(place.line.saturating_sub(1)).flat_map(str::chars);
    above().filter(|c| *c == '{').count() > above().filter(|c| *c == '}').count()
}

/// What the text around a place says of why something is missing there.
fn follow(diagnostic: Diagnostic, token: &str, text: &str, place: &Origin) -> Diagnostic {
    let (before, behind) = around(text, place);
    let above = text.lines().nth(place.line.saturating_sub(2)).unwrap_or_default();
    if behind.starts_with("if ") {
        diagnostic.hint("a choice is written if a > b { 1 } else { 2 }, or select(condition, a, b) for each bar")
    } else if behind.starts_with(':') {
        diagnostic.hint("blocks stand in braces, { … }, and records in #{ name: value }")
    } else if behind.starts_with(';') {
        diagnostic.hint("`,` stands between entries and items, and `;` only behind a statement")
    } else if token == "}" && behind.starts_with([')', ']']) {
        diagnostic.hint(format!("is the `{}` one too many?", &behind[..1]))
    } else if before.is_empty() && LINE_WORDS.iter().any(|word| behind.starts_with(word)) && is_open(text, place) {
        diagnostic.hint("is a `}` missing above?")
    } else if before.trim().is_empty() && above.contains("//") {
        diagnostic.hint("what stands behind `//` is a comment, and is not read")
    } else {
        diagnostic
    }
}

/// The end of the text: where something is missing that has no place of its own.
fn end(file: &Arc<str>, text: &str) -> Origin {
    let line = text.trim_end().lines().count().max(1);
    let column = text.lines().nth(line - 1).map_or(0, |last| last.trim_end().chars().count());
    Origin { file: file.clone(), line, column: column + 1 }
}

/// A parse error without what only the whole script can say.
pub fn describe(kind: &ParseErrorType) -> Diagnostic {
    match kind {
        ParseErrorType::BadInput(LexError::UnterminatedString) => {
            Diagnostic::new("a text has no closing quotation mark on its line").hint("a text begins and ends with `\"`")
        }
        ParseErrorType::BadInput(LexError::ImproperSymbol(word, _)) if word == "eval" => {
            Diagnostic::new("`eval` is switched off: a strategy is what its text says")
        }
        ParseErrorType::Reserved(word) if word == "switch" => {
            Diagnostic::new("`switch` is switched off: it cannot tell the bars of a series apart")
                .hint("write if … else … for a plain value, select(condition, a, b) for a value on each bar")
        }
        ParseErrorType::BadInput(LexError::UnexpectedInput(symbol)) if symbol.chars().all(char::is_alphabetic) => {
            Diagnostic::new(format!("`{symbol}` cannot stand in a name"))
                .hint("names are made of the letters a to z, of digits and of `_`")
        }
        ParseErrorType::BadInput(LexError::UnexpectedInput(symbol)) => match symbol.as_str() {
            ";" | "," | ")" | "]" | "}" => Diagnostic::new(format!("a value is missing before `{symbol}`")),
            "“" | "”" | "„" | "‘" | "’" | "«" | "»" => {
                Diagnostic::new(format!("`{symbol}` is no quotation mark"))
                    .hint("a text stands in straight ones: \"1d\"")
            }
            _ => Diagnostic::new(format!("`{symbol}` cannot stand here")),
        },
        ParseErrorType::BadInput(LexError::MalformedChar(_)) => {
            Diagnostic::new("a text stands in `\"`, not in `'`").hint("write it so: \"1d\"")
        }
        ParseErrorType::BadInput(LexError::MalformedEscapeSequence(sequence)) => {
            Diagnostic::new(format!("`{sequence}` means nothing in a text")).hint("a backslash is written `\\\\`")
        }
        ParseErrorType::BadInput(LexError::ImproperSymbol(word, _)) if word == "=" => {
            Diagnostic::new("`=` gives a variable its value, and cannot stand here")
                .hint("two values are compared with `==`")
        }
        ParseErrorType::UnknownOperator(symbol) => Diagnostic::new(format!("`{symbol}` is no operator")),
        ParseErrorType::BadInput(LexError::ImproperSymbol(symbol, help)) => {
            let diagnostic = Diagnostic::new(format!("`{symbol}` means nothing in a script"));
            let meant = help.split("hould it be").nth(1).and_then(|meant| meant.split('\'').nth(1));
            match meant {
                Some(meant) => diagnostic.hint(format!("did you mean `{meant}`?")),
                None => diagnostic,
            }
        }
        ParseErrorType::Reserved(word) if word == "try" => {
            Diagnostic::new("`try` is switched off: a strategy is not run with what is wrong in it")
                .hint("take what is wrong out of the script")
        }
        ParseErrorType::Reserved(word) => match habits::word(word) {
            Some(hint) => Diagnostic::new(format!("`{word}` means nothing in a script")).hint(hint),
            None => Diagnostic::new(format!("`{word}` is a reserved word"))
                .hint("give it another name, such as one with a `_` behind it"),
        },
        ParseErrorType::MissingToken(token, what) => missing(token, what),
        ParseErrorType::PropertyExpected => Diagnostic::new("the name of a property or of an entry must stand here"),
        ParseErrorType::VariableExpected => Diagnostic::new("the name of a variable must stand here"),
        ParseErrorType::BadInput(LexError::MalformedNumber(text)) => Diagnostic::new(format!("`{text}` is no number")),
        ParseErrorType::UnexpectedEOF => Diagnostic::new("the script ends in the middle of something"),
        ParseErrorType::DuplicatedProperty(name) => {
            Diagnostic::new(format!("the record has `{name}` twice")).hint("keep one of them")
        }
        ParseErrorType::ExprTooDeep => {
            Diagnostic::new("an expression is nested too deeply").hint("give parts of it names with `let`")
        }
        ParseErrorType::ModuleUndefined(name) => Diagnostic::new(format!("there is no module called `{name}`"))
            .hint(format!("import it: import \"{name}\" as {name};")),
        ParseErrorType::AssignmentToConstant(name) => constant(name),
        ParseErrorType::MismatchedType(wanted, given) => {
            let wanted =
                if wanted.contains("iter") { "a list or a range, such as 1..10".into() } else { type_in_words(wanted) };
            Diagnostic::new(format!("this is {}, but must be {wanted}", type_in_words(given)))
        }
        ParseErrorType::WrongFnDefinition => {
            Diagnostic::new("a function is defined inside another function or a block")
                .hint("move it to the outermost level of the script")
        }
        ParseErrorType::FnDuplicatedDefinition(name, count) => {
            let plural = if *count == 1 { "" } else { "s" };
            Diagnostic::new(format!("there is a function `{name}` with {count} parameter{plural} already"))
        }
        ParseErrorType::FnDuplicatedParam(name, parameter) => {
            Diagnostic::new(format!("`{name}` has two parameters called `{parameter}`"))
        }
        ParseErrorType::VariableUndefined(name) => Diagnostic::new(format!("there is no variable called `{name}`")),
        other => Diagnostic::new(lower(&other.to_string())),
    }
}

fn missing(token: &str, what: &str) -> Diagnostic {
    let quoted = what.split('\'').nth(1).unwrap_or_default();
    let message = match what {
        _ if what.contains("object map literal") && token == "," => {
            "a `,` or an operator is missing between two entries of a record".into()
        }
        _ if what.contains("array literal") && token == "," => {
            "a `,` or an operator is missing between two items of a list".into()
        }
        _ if what.contains("arguments to function call") => {
            format!("a `,` or a `)` is missing behind an argument of `{quoted}`")
        }
        _ if what.contains("parameters of function") => {
            return Diagnostic::new(format!("the parameters of `{quoted}` are names with `,` between them"))
                .hint("a parameter has no default and no type: give each argument where the function is called");
        }
        _ if what.contains("statement block") => format!("a `{token}` is missing before a block"),
        _ if what.contains("index expression") => {
            return Diagnostic::new(format!("a `{token}` is missing behind an index"))
                .hint("an index is one whole number: close[1] is the value one bar ago");
        }
        _ if what.contains("follow the property") => {
            return Diagnostic::new(format!("a `{token}` is missing behind `{quoted}`"))
                .hint("an entry of a record is a name, a `:` and a value");
        }
        _ if what.contains("terminate this statement") => "a `;` is missing between two statements".into(),
        _ => {
            let what = lower(what).replace("object map literal", "record").replace("array literal", "list");
            format!("a `{token}` is missing {what}")
        }
    };
    Diagnostic::new(message)
}

/// `rsi(close, timeperiod: 14)` and `timeperiod = 14`, as in other languages: behind `(` or `,` a name, and
/// a value behind it.
fn argument_by_name(host: &Host, before: &str, behind: &str, name: &str) -> Option<Diagnostic> {
    let before = before.trim_end();
    let behind = behind.strip_prefix(name)?.trim_start().strip_prefix([':', '='])?;
    if !before.ends_with(['(', ',']) || behind.starts_with(['=', ':']) {
        return None;
    }
    let value = behind.split([',', ')', ';']).next().unwrap_or_default().trim();
    let message = format!("there is no variable called `{name}`, and an argument cannot be named like this");
    let hint = format!("name arguments in a record, behind those without a name: #{{ {name}: {value} }}");
    let diagnostic = Diagnostic::new(message).hint(hint);
    Some(match open_call(before).and_then(|function| host.registry.spec(function)) {
        Some(spec) => diagnostic.also(format!("it is {}", spec.signature())),
        None => diagnostic,
    })
}

/// The function whose brackets are still open at the end of a text.
fn open_call(text: &str) -> Option<&str> {
    let mut open = 0;
    let bracket = text.char_indices().rev().find(|(_, character)| {
        open += match character {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        open > 0
    })?;
    let function = text[..bracket.0].trim_end();
    let start = function.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |byte| byte + 1);
    function.get(start..)
}

/// A constant is given another value.
pub fn constant(name: &str) -> Diagnostic {
    Diagnostic::new(format!("`{name}` is a constant, and cannot be given another value"))
        .hint("declare it with `let` if it must change")
}

/// What may be meant by an unknown variable.
fn unknown_variable(host: &Host, text: &str, name: &str, before: &str, behind: &str) -> Diagnostic {
    let diagnostic = describe(&ParseErrorType::VariableUndefined(name.into()));
    let behind = behind.strip_prefix(name).unwrap_or(behind);
    if let Some(hint) = habits::around(before, behind) {
        return diagnostic.hint(hint);
    }
    let known = declared(text);
    if !known.contains(&name)
        && let Some(hint) = habits::word(name)
    {
        return diagnostic.hint(hint);
    }
    let language = functions::find(name).map(|function| function.signature.to_string());
    let signature = language.or_else(|| host.registry.spec(name).map(|spec| spec.signature()));
    if let Some(signature) = signature {
        return diagnostic.hint(format!("`{name}` is a function: {signature}"));
    }
    if known.contains(&name) {
        return diagnostic
            .hint("a variable is known from its `let` on, and not inside a function: hand it over as an argument");
    }
    match known.is_empty() {
        true => diagnostic,
        false => diagnostic.did_you_mean(name, known),
    }
}

/// The names that a text declares, as far as words tell: rhai keeps no tree of what it cannot read.
fn declared(text: &str) -> Vec<&str> {
    let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    let mut names = Vec::new();
    for line in code {
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
        match words.next() {
            Some("fn") => names.extend(words.skip(1)),
            first => {
                let mut previous = first.unwrap_or_default();
                for word in words {
                    if matches!(previous, "let" | "const" | "for") {
                        names.push(word);
                    }
                    previous = word;
                }
            }
        }
    }
    names
}

/// A text that begins with a small letter.
pub fn lower(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or(String::new(), |first| first.to_lowercase().chain(characters).collect())
}
