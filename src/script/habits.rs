//! Habits: what people write who come from other languages, and what they mean.

/// Symbols and words that stand where an operator must, and what is meant.
const SLIPS: [(&str, &str); 11] = [
    ("=>", "write `>=`"),
    ("=<", "write `<=`"),
    ("<>", "write `!=`"),
    ("AND ", "write `and`"),
    ("OR ", "write `or`"),
    ("And ", "write `and`"),
    ("Or ", "write `or`"),
    ("is ", "write `==`, `>` or another comparison"),
    ("++", "write n += 1"),
    ("--", "write n -= 1"),
    ("? ", "write select(condition, a, b)"),
];

/// The slip that a text begins with, and what to write.
pub fn slip(text: &str) -> Option<(&'static str, &'static str)> {
    SLIPS.iter().find(|(slip, _)| text.starts_with(slip)).map(|(slip, hint)| (slip.trim_end(), *hint))
}

const LET: &str = "a variable is declared with `let`: let length = 20;";
const FUNCTION: &str = "a function is written fn trend(series) { sma(series, 50) }";
const NOTHING: &str = "there is no such value: leave the entry out, or write `()` for nothing";
const IMPORT: &str = "a module is a script below this one's folder: import \"lib/trend\" as trend;";
const PLAIN: &str = "functions stand by themselves: sma(close, 20)";
const CLOSURE: &str = "a closure is written |x| x * 2";
const COLUMN: &str = "columns belong to bars: let close = bars(\"1d\").close;";

/// Words of other languages, and what to write.
const WORDS: [(&[&str], &str); 15] = [
    (&["var", "int", "double", "float", "string", "bool", "auto", "static", "dim"], LET),
    (&["function", "def", "func", "sub", "method"], FUNCTION),
    (&["None", "null", "NULL", "nil", "undefined", "na", "nan", "NaN", "nothing"], NOTHING),
    (&["numpy", "pandas", "from", "require", "use", "using", "include"], IMPORT),
    (&["ta", "talib", "np", "pd", "math", "Math"], PLAIN),
    (&["lambda"], CLOSURE),
    (&["open", "high", "low", "close", "volume", "Open", "High", "Low", "Close", "Volume"], COLUMN),
    (&["True", "TRUE"], "write `true`"),
    (&["False", "FALSE"], "write `false`"),
    (&["elif", "elseif", "elsif"], "write `else if`"),
    (&["not", "NOT"], "write not(condition), with brackets"),
    (&["console"], "print(\"…\") writes a line"),
    (&["input"], "a number that is set from outside is param(\"length\", 20, #{ min: 2, max: 200 })"),
    (&["new"], "a list is written [1, 2], a record #{ a: 1 }"),
    (&["#"], "a comment begins with `//`"),
];

/// What to write for a word of another language.
pub fn word(word: &str) -> Option<&'static str> {
    WORDS.iter().find(|(words, _)| words.contains(&word)).map(|(_, hint)| *hint)
}

/// Functions of other languages, and what to write.
const FUNCTIONS: [(&[&str], &str); 4] = [
    (&["na", "nz", "isnan", "is_nan"], "a comparison with what is not known is false: no test is needed"),
    (&["iff", "where", "ifelse", "cond"], "write select(condition, a, b)"),
    (&["indicator", "study", "backtest", "buy", "sell"], "a script ends with strategy(#{ … }), whose rules trade"),
    (&["len", "length", "size", "count"], "a series has a value a bar; how many bars there are is not known here"),
];

/// What to write for a function of another language.
pub fn function(name: &str) -> Option<&'static str> {
    FUNCTIONS.iter().find(|(names, _)| names.contains(&name)).map(|(_, hint)| *hint)
}

/// What is meant by an unknown word, as told by what stands before and behind it on its line.
pub fn around(before: &str, behind: &str) -> Option<&'static str> {
    let next = behind.trim_start();
    let assigned = next.starts_with('=') && !next.starts_with("==") && !next.starts_with("=>");
    if before.trim_end().ends_with("import") {
        Some(IMPORT)
    } else if next.trim_start_matches([')', ' ']).starts_with("=>") {
        Some(CLOSURE)
    } else if assigned && before.trim().is_empty() {
        Some("declare it first: let …")
    } else if assigned {
        Some("parameters by name stand in a record: sma(close, #{ timeperiod: 20 })")
    } else if next.starts_with(':') && !next.starts_with("::") {
        Some("a record is written with `#` before its brace: #{ name: value }")
    } else if behind.starts_with(['"', '\'']) {
        Some("a text with values in it is written `sma${length}`, in backticks")
    } else {
        None
    }
}
