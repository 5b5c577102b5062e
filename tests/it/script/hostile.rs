//! Hostile scripts: any text at all is read and planned, or told off; soon, in little memory, without a panic.

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};
use proptest::sample::select;
use proptest::strategy::BoxedStrategy;
use proptest::test_runner::Config;
use timeweave::error::render;
use timeweave::node::Registry;
use timeweave::plan::Plan;
use timeweave::script::{Options, compile};
use timeweave::standard_registry;

use super::mutants::{EXAMPLES, example, mutate};

/// Far above what the slowest takes; a machine may be busy with other things.
const LIMIT: Duration = Duration::from_secs(5);

/// Reads and plans a text; how long that takes. It may be refused, at a place, in words.
fn read(text: &str, registry: &Registry) -> Duration {
    let start = Instant::now();
    let options = Options { registry, settings: &[] };
    let planned = compile(text, "hostile.rhai", &options).and_then(|strategy| Plan::new(&strategy, registry));
    match planned {
        Ok(plan) => drop(plan.explain()),
        Err(error) => {
            for error in error.each() {
                assert!(error.origin().is_some(), "{error}\n{text}");
                assert!(!error.message().is_empty() && !error.message().contains("timeweave::"), "{error}\n{text}");
            }
            assert!(!render(&error, |_| Some(text.into())).is_empty());
        }
    }
    start.elapsed()
}

/// The slowest text so far, and how many there were.
static SLOWEST: Mutex<(Duration, usize)> = Mutex::new((Duration::ZERO, 0));

fn check(text: &str, registry: &Registry) {
    let took = read(text, registry);
    assert!(took < LIMIT, "{took:?}:\n{text}");
    let mut slowest = SLOWEST.lock().unwrap();
    slowest.1 += 1;
    if took > slowest.0 {
        slowest.0 = took;
        println!("slowest so far, the {}th: {took:?} for {} bytes", slowest.1, text.len());
    }
}

const NAMES: [&str; 12] = ["a", "b", "c", "f", "day", "week", "close", "x", "n", "forecast", "blend", "this"];
const FUNCTIONS: [&str; 40] = [
    "sma",
    "rsi",
    "atr",
    "macd",
    "bbands",
    "adx",
    "natr",
    "returns",
    "stddev",
    "lstm",
    "dynamic_weight",
    "strategy",
    "bars",
    "param",
    "percent",
    "bps",
    "price",
    "select",
    "shift",
    "crosses_above",
    "not",
    "min",
    "max",
    "abs",
    "sqrt",
    "ln",
    "future_return",
    "stop_loss",
    "take_profit",
    "trailing_stop",
    "time_stop",
    "exit_when",
    "units",
    "cash",
    "risk",
    "print",
    "f",
    "call",
    "len",
    "type_of",
];
const METHODS: [&str; 16] = [
    "close",
    "open",
    "adj_close",
    "score",
    "weights",
    "macd",
    "macdhist",
    "day",
    "map(|n| n)",
    "filter(|n| n > 1)",
    "reduce(|s, n| s + n)",
    "len()",
    "push(a)",
    "keys()",
    "sma(5)",
    "call(a)",
];
const LITERALS: [&str; 24] = [
    "0",
    "1",
    "2",
    "5",
    "-1",
    "20",
    "100000",
    "9223372036854775807",
    "0.5",
    "1e308",
    "-0.0",
    "true",
    "false",
    "()",
    "\"1d\"",
    "\"1wk\"",
    "\"us_equities/AAPL\"",
    "\"\"",
    "\"x\"",
    "`t${a}`",
    "'c'",
    "0..5",
    "percent(8)",
    "bps(5)",
];
const OPERATORS: [&str; 24] = [
    "+", "-", "*", "/", "%", "**", "<", "<=", ">", ">=", "==", "!=", "and", "or", "&", "|", "&&", "||", "in", "=",
    "+=", "^", "<<", "??",
];
const KEYS: [&str; 26] = [
    "universe",
    "long",
    "short",
    "enter",
    "exit",
    "exits",
    "size",
    "costs",
    "commission",
    "slippage",
    "account",
    "cash",
    "leverage",
    "fill",
    "plot",
    "inputs",
    "target",
    "lookback",
    "hidden",
    "split",
    "train",
    "given",
    "day",
    "min",
    "max",
    "timeperiod",
];
const WORDS: [&str; 30] = [
    "let",
    "const",
    "fn",
    "if",
    "else",
    "while",
    "loop",
    "for",
    "in",
    "do",
    "until",
    "return",
    "break",
    "continue",
    "import",
    "export",
    "as",
    "switch",
    "throw",
    "try",
    "catch",
    "private",
    "global",
    "Fn",
    "eval",
    "this",
    "is_def_var",
    "curry",
    "is_shared",
    "debug",
];
const SYMBOLS: [&str; 30] = [
    "(", ")", "[", "]", "{", "}", "#{", ",", ";", ":", "::", ".", "?.", "?[", "=", "=>", "->", "|", "||", "!", "~",
    "@", "\"", "'", "`", "${", "//", "/*", "*/", "\\",
];

/// An expression, as a grammar would make it: well formed, and mostly nonsense.
fn expression() -> BoxedStrategy<String> {
    let leaf = prop_oneof![select(&NAMES[..]), select(&LITERALS[..])].prop_map(String::from);
    let grow = |inner: BoxedStrategy<String>| {
        let several = || prop::collection::vec(inner.clone(), 0..4);
        let entries = prop::collection::vec((select(&KEYS[..]), inner.clone()), 0..4).prop_map(|entries| {
            let entries: Vec<String> = entries.into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
            format!("#{{ {} }}", entries.join(", "))
        });
        prop_oneof![
            4 => (select(&FUNCTIONS[..]), several()).prop_map(|(name, given)| format!("{name}({})", given.join(", "))),
            4 => (inner.clone(), select(&OPERATORS[..]), inner.clone()).prop_map(|(a, o, b)| format!("({a} {o} {b})")),
            2 => (inner.clone(), select(&METHODS[..])).prop_map(|(a, method)| format!("{a}.{method}")),
            2 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a}[{b}]")),
            2 => entries,
            1 => several().prop_map(|items| format!("[{}]", items.join(", "))),
            1 => inner.clone().prop_map(|body| format!("|n| {body}")),
            1 => (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("if {a} {{ {b} }} else {{ {c} }}")),
            1 => (select(&["-", "!", "+"][..]), inner.clone()).prop_map(|(sign, a)| format!("{sign}{a}")),
        ]
    };
    leaf.prop_recursive(5, 40, 4, move |inner| grow(inner.boxed())).boxed()
}

fn statement() -> BoxedStrategy<String> {
    let name = || select(&NAMES[..]);
    prop_oneof![
        6 => (name(), expression()).prop_map(|(name, value)| format!("let {name} = {value};")),
        2 => (name(), select(&["=", "+=", "*="][..]), expression()).prop_map(|(name, o, value)| format!("{name} {o} {value};")),
        2 => expression().prop_map(|value| format!("{value};")),
        1 => (name(), expression(), expression()).prop_map(|(n, list, body)| format!("for {n} in {list} {{ {body}; }}")),
        1 => (expression(), expression()).prop_map(|(a, body)| format!("while {a} {{ {body}; }}")),
        1 => (name(), expression()).prop_map(|(name, body)| format!("loop {{ {name} = {body}; }}")),
        1 => (name(), expression(), expression()).prop_map(|(n, a, b)| format!("fn f({n}) {{ let a = {a}; {b} }}")),
        1 => expression().prop_map(|value| format!("return {value};")),
        1 => Just("import \"lib/x\" as x;".into()),
    ]
    .boxed()
}

/// A script that begins as most do, so that what follows has something to work on.
fn program() -> impl Strategy<Value = String> {
    let rules = (expression(), expression(), prop::collection::vec((select(&KEYS[..]), expression()), 0..3));
    (prop::collection::vec(statement(), 0..8), rules).prop_map(|(statements, (enter, exit, more))| {
        let more: String = more.into_iter().map(|(key, value)| format!(", {key}: {value}")).collect();
        format!(
            "let day = bars(\"1d\"); let week = bars(\"1wk\"); let close = day.close; let a = sma(close, 5);\n{}\n\
             strategy(#{{ universe: \"us_equities/AAPL\", long: #{{ enter: {enter}, exit: {exit} }}{more} }})",
            statements.join("\n")
        )
    })
}

/// A series that means something, made of two timeframes.
fn series() -> BoxedStrategy<String> {
    let leaf = select(&["close", "day.open", "day.high", "week.close", "week.volume", "day.adj_close"][..]);
    let grow = |inner: BoxedStrategy<String>| {
        let arithmetic = select(&["+", "-", "*", "/", "%", "**"][..]);
        let number = select(&["2", "0.5", "-3", "1e6"][..]);
        let rule = (inner.clone(), select(&[">", "<=", "=="][..]), inner.clone())
            .prop_map(|(a, operator, b)| format!("{a} {operator} {b} and not({b} < {a})"));
        prop_oneof![
            3 => (inner.clone(), 2..60_u32).prop_map(|(a, length)| format!("sma({a}, {length})")),
            2 => (inner.clone(), 2..60_u32).prop_map(|(a, length)| format!("{a}.rsi(#{{ timeperiod: {length} }})")),
            1 => inner.clone().prop_map(|a| format!("macd({a}).macdhist")),
            1 => inner.clone().prop_map(|a| format!("(natr(day, 14) + {a})")),
            3 => (inner.clone(), arithmetic.clone(), inner.clone()).prop_map(|(a, o, b)| format!("({a} {o} {b})")),
            2 => (number, arithmetic, inner.clone()).prop_map(|(a, o, b)| format!("({a} {o} {b})")),
            1 => (inner.clone(), 0..9_u32).prop_map(|(a, bars)| format!("{a}[{bars}]")),
            1 => (rule, inner.clone(), inner.clone()).prop_map(|(c, a, b)| format!("select({c}, {a}, {b})")),
            1 => inner.clone().prop_map(|a| format!("[1, 2, 3].map(|n| {a} * n).reduce(|sum, a| sum + a, 0)")),
            1 => inner.clone().prop_map(|a| format!("twice({a})")),
        ]
    };
    leaf.prop_map(String::from).prop_recursive(5, 40, 3, move |inner| grow(inner.boxed())).boxed()
}

/// Words and symbols in no order at all.
fn soup() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        select(&NAMES[..]),
        select(&FUNCTIONS[..]),
        select(&LITERALS[..]),
        select(&OPERATORS[..]),
        select(&KEYS[..]),
        select(&WORDS[..]),
        select(&SYMBOLS[..]),
        select(&SYMBOLS[..]),
    ];
    prop::collection::vec((word, select(&["", " ", " ", "\n"][..])), 0..60)
        .prop_map(|words| words.into_iter().map(|(word, space)| format!("{word}{space}")).collect())
}

thread_local! {
    static REGISTRY: Registry = standard_registry().unwrap();
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(cases()) })]

    #[test]
    fn a_script_of_sound_grammar_is_planned_or_told_off(text in program()) {
        REGISTRY.with(|registry| check(&text, registry));
    }

    #[test]
    fn a_strategy_that_means_something_is_planned(a in series(), b in series(), c in series(), in_function: bool) {
        let (before, level) = if in_function { ("fn level(x) { x * 2 }", "level(c)") } else { ("", "c * 2") };
        let text = format!(
            "{before} fn twice(x) {{ x + x }} let day = bars(\"1d\"); let week = bars(\"1wk\"); let close = day.close;
             let a = {a}; let b = {b}; let c = {c};
             strategy(#{{
                 universe: \"us_equities/AAPL\", long: #{{ enter: a > b, exit: crosses_below(b, c) }},
                 exits: [stop_loss({level}), time_stop(5)], size: percent(50), plot: #{{ a: a, rest: #{{ b: b, c: c }} }},
             }})"
        );
        REGISTRY.with(|registry| {
            let strategy = compile(&text, "sound.rhai", &Options { registry, settings: &[] });
            let strategy = strategy.unwrap_or_else(|error| panic!("{error}\n{text}"));
            Plan::new(&strategy, registry).unwrap_or_else(|error| panic!("{error}\n{text}"));
        });
    }

    #[test]
    fn a_soup_of_words_is_told_off(text in soup()) {
        REGISTRY.with(|registry| check(&text, registry));
    }

    #[test]
    fn any_text_is_told_off(text in any::<String>()) {
        REGISTRY.with(|registry| check(&text, registry));
    }

    #[test]
    fn an_example_that_is_broken_is_planned_or_told_off(
        changes in prop::collection::vec((0..4_u8, any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..8),
        which in 0..EXAMPLES.len(),
        spliced in expression(),
        place in any::<prop::sample::Index>(),
    ) {
        let mut words = mutate(example(EXAMPLES[which]), &changes);
        words.insert(place.index(words.len()), spliced);
        REGISTRY.with(|registry| check(&words.concat(), registry));
    }
}

/// A few seconds' worth, unless the environment asks for more.
fn cases() -> u32 {
    Config::default().cases.max(256)
}

/// Scripts that use as much as they are let, of time, of memory or of the stack.
fn worst() -> Vec<String> {
    let begin = "let day = bars(\"1d\"); let x = day.close; ";
    let end = "strategy(#{ universe: \"us_equities/AAPL\", long: #{ enter: x > 1 } })";
    let body = |text: &str| format!("{begin}{text} {end}");
    vec![
        // Expressions that share their parts: each is small, and written out they have no end.
        body("for n in 0..60 { x = x + x; }"),
        body("for n in 0..900 { x = x * x; }"),
        body("for n in 0..400 { x = select(x > x, x, x); }"),
        body("for n in 0..300 { x = sma(x + x, 2); }"),
        body("let c = x > 1; for n in 0..500 { c = c and c; } x = select(c, x, 1);"),
        body("for n in 0..450 { x = x[1] + x[2]; }"),
        body("for n in 0..900 { x = x + n; }"),
        body("let all = []; for n in 1..490 { all.push(sma(x, n)); } for y in all { x = max(y, y * 2); }"),
        body("let m = 1; for n in 0..30 { m = #{ a: m, b: m }; }"),
        // As many expressions as may be made, each different.
        body("for n in 0..60000 { let y = x + n; }"),
        body("for n in 0..50 { let y = x; for m in 0..900 { y = y + m * n; } x = max(x, y); }"),
        // Texts, lists and records as large as they may be, made and copied over and over.
        body("let t = \"x\"; t.pad(990, \"y\"); loop { let u = t + \"z\"; }"),
        body("let t = \"x\"; t.pad(990, \"y\"); let all = []; loop { all.push(t + \"z\"); }"),
        body(
            "let t = \"x\"; t.pad(990, \"y\"); let m = #{}; for n in 0..490 { m[`${n}`] = t + n; } loop { let k = m; k.a = 1; }",
        ),
        body("let t = \"x\"; t.pad(990, \"y\"); loop { let u = t; u.replace(\"y\", \"zz\"); }"),
        body("let t = \"xy\"; t.pad(990, \"xy\"); loop { let u = t.split(\"x\"); }"),
        body("let a = []; a.pad(490, 1); loop { let b = a + 1; }"),
        body("let a = []; a.pad(490, 1); loop { let b = a.map(|n| n + 1); }"),
        body("let a = []; for n in 0..20 { let b = []; b.pad(20, n); a.push(b); } loop { let b = a; b[0][0] = 1; }"),
        body("let m = #{}; for n in 0..490 { m[`k${n}`] = n; } loop { let k = m; k.a = 1; }"),
        body("let a = []; loop { a.push(|n| n); }"),
        body(
            "let a = []; loop { let b = []; for n in 0..200 { let t = \"x\"; t.pad(990, \"y\"); b.push(t + n); } a.push(b); }",
        ),
        // In each call as many variables as there may be, each as large as may be.
        format!(
            "fn f(n, m) {{ {} f(n + 1, m) }}\nlet m = #{{}}; for n in 0..190 {{ m[`entry ${{n}} of a record with long names of its own`] = n; }} f(0, m)",
            (0..190).map(|n| format!("let v{n} = m; v{n}.a = 1; ")).collect::<String>()
        ),
        body(
            "let t = \"x\"; t.pad(9900, \"y\"); let m = #{}; for n in 0..190 { m[t + n] = n; } let all = []; loop { all.push(m); }",
        ),
        body(
            "let t = \"x\"; t.pad(190, \"y\"); let m = #{}; for n in 0..80 { m[t + n] = x; } let all = []; loop { all.push(stop_loss(m)); all.push(lstm(#{ inputs: #{ day: m }, target: future_return(x, 1) })); }",
        ),
        body(
            "let l = []; l.pad(490, x); let all = []; loop { all.push(lstm(#{ inputs: #{ day: l }, target: future_return(x, 1) })); }",
        ),
        body("let t = \"x\"; t.pad(9900, \"y\"); let n = 0; loop { n += 1; param(t + n, 1); }"),
        body(
            "let a = [1]; let f = || a; let b = [a, a]; b.push(a); let m = #{ a: a }; m.b = a; m[\"c\"] = b; a.push(m); a += a; f.call();",
        ),
        body("let a = 1; let f = || { a += 1; a }; let b = [a, f]; b[0] = a; b += [a]; loop { b.push(f.call()); }"),
        "let a = []; loop { a.push(bars(\"1d\")); }".into(),
        "fn f(n) { let t = \"x\"; t.pad(990, \"y\"); f(n + 1) } f(0)".into(),
        "fn f(n) { f(n + 1) + f(n + 2) } f(0)".into(),
        "let f = |f| f.call(f); f.call(f)".into(),
        "loop { let x = 1; }".into(),
        "let t = \"x\"; t.pad(9000, \"y\"); loop { print(t); }".into(),
        "while true { smaa(1); }".into(),
        "loop { sma(1, 2); }".into(),
        "for n in 0..1000000 { unknown }".into(),
        // Long texts.
        "x + ".repeat(200_000),
        "let x = 1;\n".repeat(90_000),
        format!("let x = [{}];", "1, ".repeat(300_000)),
        format!("let x = #{{ {} }};", (0..60_000).map(|n| format!("k{n}: 1, ")).collect::<String>()),
        (0..60_000).map(|n| format!("fn f{n}() {{ }}\n")).collect(),
        format!(
            "{}{end}",
            (0..990).map(|n| format!("fn f{n}(x) {{ let y = x; y + x * x - x / x }}\n")).collect::<String>()
        ),
        (0..40_000).map(|n| format!("unknown{n} + known{n};\n")).collect(),
        "\"".repeat(500_000),
        "/*".repeat(500_000),
        "(".repeat(1_000_000),
        "é".repeat(500_000),
        "`${".repeat(300_000),
        format!("let x = \"{}\";", "y".repeat(900_000)),
        format!("let {} = 1;", "y".repeat(900_000)),
        "strategy(".repeat(100_000),
        "|x| ".repeat(100_000),
        "if true { ".repeat(100_000),
        "a.".repeat(300_000),
        "a[".repeat(300_000),
        "a::".repeat(300_000),
        "!".repeat(900_000),
        "-".repeat(900_000),
        "1..".repeat(300_000),
        "a ** ".repeat(200_000),
    ]
}

#[test]
fn the_worst_scripts_come_to_an_end_soon() {
    let registry = standard_registry().unwrap();
    let mut slowest = Duration::ZERO;
    for text in worst() {
        let took = read(&text, &registry);
        let shown: String = text.chars().take(150).collect();
        assert!(took < LIMIT, "{took:?}: {shown}");
        if took > slowest {
            println!("{took:?}: {shown}");
            slowest = took;
        }
    }
}

/// The runner reads each in a process that may take 256 MB of address space, all included.
#[cfg(target_os = "linux")]
#[test]
fn the_worst_scripts_stay_within_little_memory() {
    let folder = tempfile::TempDir::new().unwrap();
    for (index, text) in worst().into_iter().enumerate() {
        let script = folder.path().join(format!("worst{index}.rhai"));
        std::fs::write(&script, &text).unwrap();
        let output = Command::new("sh")
            .args(["-c", "ulimit -v 262144; exec \"$0\" explain \"$1\""])
            .args([Path::new(env!("CARGO_BIN_EXE_runner")), &script])
            .output()
            .unwrap();
        let shown: String = text.chars().take(150).collect();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{:?}: {shown}\n{told}", output.status);
        assert!(output.status.success() || told.contains('×'), "{shown}\n{told}");
    }
}
