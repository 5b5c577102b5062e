//! The operator matrix: every operator on every pair of kinds, in both orders.

use timeweave::error::Diagnostic;
use timeweave::expr::{Condition, ConditionKind, Series, SeriesKind};

use super::nodes::strategy;

const ARITHMETIC: [&str; 6] = ["+", "-", "*", "/", "%", "**"];
const COMPARISONS: [&str; 6] = [">", ">=", "<", "<=", "==", "!="];
const LOGIC: [&str; 4] = ["and", "or", "&", "|"];

/// How an operand is written, and what it is as part of an expression.
const NUMBERS: [(&str, &str); 2] = [("3", "3.0"), ("2.5", "2.5")];
const SERIES: [(&str, &str); 2] = [("close", "close"), ("open", "open")];
const CONDITIONS: [(&str, &str); 2] = [("up", "(close > open)"), ("down", "(close < open)")];
const FLAGS: [(&str, &str); 2] = [("true", "true"), ("false", "false")];
/// What no operator takes.
const OTHERS: [&str; 8] =
    ["day", "future_return(close, 5)", "percent(8)", "price(close)", "macd(close)", "\"text\"", "[1]", "#{ a: 1 }"];

fn show(series: &Series) -> String {
    match series.kind() {
        SeriesKind::Constant(value) => format!("{value:?}"),
        SeriesKind::Column(_, name) => name.to_string(),
        SeriesKind::Unary(operator, a) => format!("{}({})", operator.name(), show(a)),
        SeriesKind::Binary(operator, a, b) => format!("({} {} {})", show(a), operator.name(), show(b)),
        SeriesKind::Select(c, a, b) => format!("select({}, {}, {})", show_condition(c), show(a), show(b)),
        SeriesKind::Shift(a, bars) => format!("{}[{bars}]", show(a)),
        SeriesKind::Across(across, a) => format!("{}({})", across.name(), show(a)),
        SeriesKind::Output(call, output) => format!("{}.{}", call.node, call.outputs[*output]),
        other => format!("{other:?}"),
    }
}

fn show_condition(condition: &Condition) -> String {
    match condition.kind() {
        ConditionKind::Constant(value) => format!("{value}"),
        ConditionKind::Compare(comparison, a, b) => format!("({} {} {})", show(a), comparison.name(), show(b)),
        ConditionKind::CrossesAbove(a, b) => format!("crosses_above({}, {})", show(a), show(b)),
        ConditionKind::CrossesBelow(a, b) => format!("crosses_below({}, {})", show(a), show(b)),
        ConditionKind::And(a, b) => format!("({} and {})", show_condition(a), show_condition(b)),
        ConditionKind::Or(a, b) => format!("({} or {})", show_condition(a), show_condition(b)),
        ConditionKind::Not(a) => format!("not({})", show_condition(a)),
        ConditionKind::Shift(a, bars) => format!("{}[{bars}]", show_condition(a)),
        ConditionKind::Pick(pick, a) => format!("{}({}, {})", pick.name(), pick.count(), show(a)),
    }
}

fn run(expression: &str, ending: &str) -> Result<timeweave::strategy::Strategy, Diagnostic> {
    strategy(&format!(
        "let day = bars(\"1d\"); let close = day.close; let open = day.open;
         let up = close > open; let down = close < open;
         let it = {expression};
         strategy(#{{ universe: \"us_equities/AAPL\", {ending} }})"
    ))
}

/// The series that an expression makes.
fn series(expression: &str) -> Result<String, Diagnostic> {
    run(expression, "long: #{ enter: true }, plot: #{ it: it }").map(|strategy| show(&strategy.plot[0].1))
}

/// The condition that an expression makes.
fn condition(expression: &str) -> Result<String, Diagnostic> {
    run(expression, "long: #{ enter: it }").map(|strategy| show_condition(&strategy.long.unwrap().enter))
}

/// That the operator itself refuses, at its own place.
fn refuses(expression: &str, operator: &str) {
    let error = condition(expression).err().unwrap_or_else(|| panic!("{expression} is not refused"));
    assert!(error.message().starts_with(&format!("`{operator}` ")), "{expression}: {error}");
    assert_eq!(error.origin().unwrap().line, 3, "{expression}: {error}");
}

fn pairs<'a>(left: &[(&'a str, &'a str)], right: &[(&'a str, &'a str)]) -> Vec<[(&'a str, &'a str); 2]> {
    left.iter().flat_map(|a| right.iter().map(move |b| [*a, *b])).collect()
}

#[test]
fn series_and_numbers_compute_and_compare_in_both_orders() {
    let mut sides = pairs(&SERIES, &SERIES);
    sides.extend(pairs(&SERIES, &NUMBERS));
    sides.extend(pairs(&NUMBERS, &SERIES));
    for [(a, shown_a), (b, shown_b)] in sides {
        for operator in ARITHMETIC {
            assert_eq!(series(&format!("{a} {operator} {b}")).unwrap(), format!("({shown_a} {operator} {shown_b})"));
        }
        for operator in COMPARISONS {
            assert_eq!(condition(&format!("{a} {operator} {b}")).unwrap(), format!("({shown_a} {operator} {shown_b})"));
        }
        for operator in LOGIC {
            refuses(&format!("{a} {operator} {b}"), operator);
        }
    }
}

#[test]
fn conditions_and_truth_values_join_in_both_orders() {
    let mut sides = pairs(&CONDITIONS, &CONDITIONS);
    sides.extend(pairs(&CONDITIONS, &FLAGS));
    sides.extend(pairs(&FLAGS, &CONDITIONS));
    for [(a, shown_a), (b, shown_b)] in sides {
        for operator in LOGIC {
            let word = match operator {
                "&" => "and",
                "|" => "or",
                word => word,
            };
            assert_eq!(condition(&format!("{a} {operator} {b}")).unwrap(), format!("({shown_a} {word} {shown_b})"));
        }
        for operator in ARITHMETIC.iter().chain(&COMPARISONS) {
            refuses(&format!("{a} {operator} {b}"), operator);
        }
    }
}

#[test]
fn what_has_no_meaning_is_refused_and_no_comparison_is_silently_false() {
    let mut sides = pairs(&CONDITIONS, &[SERIES, NUMBERS].concat());
    sides.extend(pairs(&[SERIES, NUMBERS].concat(), &CONDITIONS));
    let ours = ["close", "up"].into_iter().chain(OTHERS.into_iter().take(5));
    let mut all: Vec<(String, String)> = sides.iter().map(|[(a, _), (b, _)]| (a.to_string(), b.to_string())).collect();
    for own in ours {
        for other in OTHERS {
            all.push((own.into(), other.into()));
            all.push((other.into(), own.into()));
        }
    }
    for (a, b) in all {
        for operator in ARITHMETIC.iter().chain(&COMPARISONS).chain(&LOGIC) {
            refuses(&format!("{a} {operator} {b}"), operator);
        }
    }
    let plain = ["5", "2.5", "true", "\"text\"", "[1]", "#{ a: 1 }"];
    for (i, a) in plain.iter().enumerate() {
        for b in plain.iter().enumerate().filter(|(j, _)| i != *j && i.max(*j) > 1).map(|(_, b)| b) {
            for operator in COMPARISONS {
                refuses(&format!("{a} {operator} {b}"), operator);
            }
        }
    }
}

#[test]
fn plain_numbers_and_truth_values_keep_their_usual_meaning() {
    for (expression, value) in [
        ("1 + 2 * 3", "7.0"),
        ("7 / 2", "3.0"),
        ("7.0 / 2", "3.5"),
        ("2 ** 3", "8.0"),
        ("7 % 4", "3.0"),
        ("-(2.5)", "-2.5"),
        ("max(1, 2.5)", "2.5"),
        ("min(3, 2)", "2.0"),
        ("sqrt(16)", "4.0"),
        ("abs(-3)", "3.0"),
        ("floor(2.5) + ceil(2.5)", "5.0"),
        ("sign(-2.0)", "-1.0"),
        ("log10(1000)", "3.0"),
        ("sin(0) + cos(0) + tan(0.0)", "1.0"),
        ("asin(0) + acos(1) + atan(0)", "0.0"),
        ("sinh(0) + cosh(0) + tanh(0)", "1.0"),
    ] {
        assert_eq!(series(expression).unwrap(), value, "{expression}");
    }
    for (expression, value) in [
        ("1 < 2.5 and 2.5 >= 2", "true"),
        ("1 == 1.0", "true"),
        ("1 != 1 or 3 > 4", "false"),
        ("true & false | true", "true"),
        ("not(1 > 2) and !(2 > 3)", "true"),
        ("\"a\" == \"a\" and \"a\" < \"b\"", "true"),
        ("5 == ()", "false"),
        ("1 < 2 && 2 < 3", "true"),
    ] {
        assert_eq!(condition(expression).unwrap(), value, "{expression}");
    }
}

#[test]
fn a_plain_number_that_a_function_has_no_value_for_is_refused() {
    for expression in ["sqrt(-1)", "sqrt(-1.0)", "ln(0.0)", "log10(0)", "acos(2.0)", "asin(-1.5)", "exp(1e4)"] {
        let error = series(expression).expect_err(expression);
        assert!(error.to_string().contains("has no value for"), "{expression}: {error}");
    }
}

#[test]
fn words_bind_looser_than_comparisons_and_and_tighter_than_or() {
    let shown = condition("close > 1 + 2 * open and up or down and not(up)").unwrap();
    let up = "(close > open)";
    let wanted = format!("(((close > (1.0 + (2.0 * open))) and {up}) or ((close < open) and not({up})))");
    assert_eq!(shown, wanted);
    assert_eq!(condition("close > 1 & open > 2").unwrap(), "((close > 1.0) and (open > 2.0))");
}

#[test]
fn unary_operators_indices_and_functions() {
    for (expression, shown) in [
        ("-close", "-(close)"),
        ("+close", "close"),
        ("-close ** 2", "(-(close) ** 2.0)"),
        ("close[1]", "close[1]"),
        ("close[0]", "close[0]"),
        ("(close - open)[2]", "(close - open)[2]"),
        ("shift(close, 3)", "close[3]"),
        ("close.shift(3)", "close[3]"),
        ("select(up, 1, -1)", "select((close > open), 1.0, -1.0)"),
        ("select(up and true, close, open)", "select(((close > open) and true), close, open)"),
        ("min(close, 5)", "(close min 5.0)"),
        ("max(2.5, close)", "(2.5 max close)"),
        ("abs(close - open)", "abs((close - open))"),
        ("close.sqrt()", "sqrt(close)"),
        ("close.log10()", "log10(close)"),
        ("sin(cos(tan(close)))", "sin(cos(tan(close)))"),
        ("asin(acos(atan(close)))", "asin(acos(atan(close)))"),
        ("sinh(cosh(tanh(close)))", "sinh(cosh(tanh(close)))"),
        ("exp(ln(close))", "exp(ln(close))"),
        ("floor(close) + ceil(close) + sign(close)", "((floor(close) + ceil(close)) + sign(close))"),
        ("sma(close, 5)", "sma.value"),
        ("close.sma(5)", "sma.value"),
        ("close.sma(#{ timeperiod: 5 })", "sma.value"),
        ("macd(close).macdhist", "macd.macdhist"),
        ("day.adj_close", "adj_close"),
        ("{ const C = close; C[1] + C.abs() }", "(close[1] + abs(close))"),
        ("{ const D = day; D.close }", "close"),
        ("{ let f = |bars| close[bars] + day.open; f.call(2) + close }", "((close[2] + open) + close)"),
        ("day.close.sma(10)[1].abs()", "abs(sma.value[1])"),
        ("#{ a: [close, open] }.a[1][2]", "open[2]"),
        ("up", "select((close > open), 1.0, 0.0)"),
    ] {
        assert_eq!(series(expression).unwrap(), shown, "{expression}");
    }
    for (expression, shown) in [
        ("!up", "not((close > open))"),
        ("not(up)", "not((close > open))"),
        ("up.not()", "not((close > open))"),
        ("up[1]", "(close > open)[1]"),
        ("shift(up, 2)", "(close > open)[2]"),
        ("crosses_above(close, 5)", "crosses_above(close, 5.0)"),
        ("close.crosses_below(open)", "crosses_below(close, open)"),
    ] {
        assert_eq!(condition(expression).unwrap(), shown, "{expression}");
    }
    for expression in
        ["-up", "-day", "!close", "!day", "-percent(8)", "-future_return(close, 5)", "not(close)", "not(5)"]
    {
        let error = condition(expression).err().unwrap_or_else(|| panic!("{expression} is not refused"));
        assert_eq!(error.origin().unwrap().line, 3, "{error}");
    }
}

#[test]
fn an_assignment_with_an_operator_means_the_operator() {
    let shown = series("{ let x = close; x += 1; x *= open; x }").unwrap();
    assert_eq!(shown, "((close + 1.0) * open)");
    let error = series("{ let x = close; x += \"text\"; x }").unwrap_err();
    assert!(error.message().starts_with("`+` cannot take a series and the text"), "{error}");
}
