//! Ctrl-C while a model trains: the first stops after the epoch and keeps what there is, the second ends at once.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::TERM_SIGNALS;
use signal_hook::flag;

/// What shells give a process that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Set by the first signal; signals do what they always do until [`listen`] is called.
pub fn stop() -> &'static AtomicBool {
    STOP.get_or_init(Arc::default)
}

/// From now on the first signal sets [`stop`], and the second ends the process.
pub fn listen() {
    let flag = STOP.get_or_init(Arc::default);
    for signal in TERM_SIGNALS {
        // Where a signal cannot be watched, it ends the process as before.
        let _ = flag::register_conditional_shutdown(*signal, INTERRUPTED, flag.clone());
        let _ = flag::register(*signal, flag.clone());
    }
}

/// Ends the process where a signal came and nothing stopped for it.
pub fn obey() {
    if stop().load(Ordering::Relaxed) {
        process::exit(INTERRUPTED);
    }
}
