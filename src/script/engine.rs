//! The engine: rhai with what a strategy needs, and no more.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rhai::packages::{
    ArithmeticPackage, BasicArrayPackage, BasicFnPackage, BasicIteratorPackage, BasicMapPackage, BasicMathPackage,
    BasicStringPackage, LogicPackage, MoreStringPackage, Package,
};
use rhai::{Array, Dynamic, Engine, EvalAltResult, Identifier, Map, OptimizationLevel, Position};

use crate::error::Result;
use crate::script::host::Host;
use crate::script::modules::Modules;
use crate::script::{functions, lists, members, nodes, operators, position, scan, value};

// What a script may hold is bounded by these together: in each of its calls so many variables, each with so
// many items and names of entries. All of it stays below 256 MB.

/// How long a script may run: with the steps between two looks at the clock, no script takes a second. Time alone
/// never changes a result: it can only end in an error.
pub const MAXIMUM_TIME: Duration = Duration::from_millis(750);
/// How many steps a script may take.
pub const MAXIMUM_OPERATIONS: u64 = 200_000;
/// How deep its functions may call each other.
pub const MAXIMUM_CALLS: usize = 20;
/// How many bytes a text may have, and all texts of a list together.
pub const MAXIMUM_STRING: usize = 10_000;
/// How many items a list may have, with those inside it.
pub const MAXIMUM_ITEMS: usize = 500;
/// How many entries a record may have, with those inside it.
pub const MAXIMUM_ENTRIES: usize = 200;
/// How many bytes the names of a record's entries may have together.
pub const MAXIMUM_NAMES: usize = 16_000;

/// How many bytes are printed; what comes after is not shown.
const MAXIMUM_PRINT: usize = 100_000;
/// How many variables there may be at a time, in each call.
const MAXIMUM_VARIABLES: usize = 200;

/// An engine that knows the language, the nodes and the limits.
///
/// # Errors
/// Where a node cannot be called what it is called.
pub fn build(host: &Arc<Host>) -> Result<Engine> {
    let mut engine = Engine::new_raw();
    // Not among them: the clock (`timestamp`, `sleep`), reflection and JSON.
    ArithmeticPackage::new().register_into_engine(&mut engine);
    LogicPackage::new().register_into_engine(&mut engine);
    BasicMathPackage::new().register_into_engine(&mut engine);
    BasicStringPackage::new().register_into_engine(&mut engine);
    MoreStringPackage::new().register_into_engine(&mut engine);
    BasicArrayPackage::new().register_into_engine(&mut engine);
    BasicMapPackage::new().register_into_engine(&mut engine);
    BasicIteratorPackage::new().register_into_engine(&mut engine);
    BasicFnPackage::new().register_into_engine(&mut engine);
    limit(&mut engine);
    // With fast operators, `close > 5` skips what is registered for it and is `false`.
    engine.set_fast_operators(false);
    // The syntax tree keeps every place only if nothing is folded.
    engine.set_optimization_level(OptimizationLevel::None);
    let printed = Arc::new(AtomicUsize::new(0));
    let (by_print, by_debug) = (printed.clone(), printed);
    engine.on_print(move |text| print(&by_print, text));
    engine.on_debug(move |text, _, position| print(&by_debug, &format!("{position:?}: {text}")));
    engine.set_module_resolver(Modules::new(host.clone()));
    value::name_types(&mut engine);
    operators::register(&mut engine, host)?;
    members::register(&mut engine, host);
    functions::register(&mut engine, host);
    lists::register(&mut engine, host);
    scan::register(&mut engine, host);
    position::register(&mut engine);
    nodes::register(&mut engine, host)?;
    Ok(engine)
}

/// Prints a line, unless too much was printed before.
fn print(printed: &AtomicUsize, line: &str) {
    let before = printed.fetch_add(line.len() + 1, Ordering::Relaxed);
    if before <= MAXIMUM_PRINT {
        eprintln!("{line}");
    }
}

fn limit(engine: &mut Engine) {
    engine.set_strict_variables(true);
    engine.set_fail_on_invalid_map_property(true);
    engine.disable_symbol("eval");
    // A `switch` on a condition would take its default case in silence.
    engine.disable_symbol("switch");
    // What is wrong is told, even where a script would pass over it.
    engine.disable_symbol("try");
    engine.set_max_operations(MAXIMUM_OPERATIONS);
    engine.set_max_call_levels(MAXIMUM_CALLS);
    engine.set_max_expr_depths(128, 64);
    engine.set_max_string_size(MAXIMUM_STRING);
    engine.set_max_array_size(MAXIMUM_ITEMS);
    engine.set_max_map_size(MAXIMUM_ENTRIES);
    engine.set_max_variables(MAXIMUM_VARIABLES);
    engine.set_max_functions(1_000);
    engine.set_max_modules(32);
    limit_records(engine);
    let start = Instant::now();
    engine.on_progress(move |operations| {
        let late = operations % 1024 == 0 && start.elapsed() > MAXIMUM_TIME;
        late.then_some(Dynamic::UNIT)
    });
}

/// Refuses a record that is too large wherever it is read from a variable: every copy of it begins so.
/// Rhai itself counts neither the names nor what an assignment to an index adds.
fn limit_records(engine: &mut Engine) {
    #[expect(deprecated, reason = "rhai marks so what may change")]
    engine.on_var(|name, _, context| {
        let (entries, names) = context.scope().get(name).map_or((0, 0), record_size);
        match entries > MAXIMUM_ENTRIES || names > MAXIMUM_NAMES {
            true => Err(EvalAltResult::ErrorDataTooLarge("Size of object map".into(), Position::NONE).into()),
            false => Ok(None),
        }
    });
}

/// How many entries the records in a value have, and how many bytes their names.
fn record_size(value: &Dynamic) -> (usize, usize) {
    let sum = |sizes: &mut dyn Iterator<Item = (usize, usize)>| sizes.fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    if let Some(list) = value.read_lock::<Array>() {
        return sum(&mut list.iter().map(record_size));
    }
    let size = |(name, value): (&Identifier, &Dynamic)| {
        let (entries, names) = record_size(value);
        (entries + 1, names + name.len())
    };
    value.read_lock::<Map>().map_or((0, 0), |map| sum(&mut map.iter().map(size)))
}
