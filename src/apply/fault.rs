//! Places at which a test can stop the program, to kill it there. A program that is built for use has none.

/// The variable that names the place: `written:3` is the third time that something was written.
#[cfg(debug_assertions)]
const VARIABLE: &str = "GITSM_STOP_AT";

/// Stops here when a test asks for it: until `go` comes on the standard input, or for ever.
#[cfg(debug_assertions)]
pub(super) fn point(name: &str) {
    use std::{
        collections::BTreeMap,
        io::Write as _,
        sync::{Mutex, OnceLock},
    };
    static SEEN: OnceLock<Mutex<BTreeMap<String, u32>>> = OnceLock::new();
    let Ok(wanted) = std::env::var(VARIABLE) else { return };
    let Ok(mut seen) = SEEN.get_or_init(Mutex::default).lock() else { return };
    let count = seen.entry(name.to_owned()).or_default();
    *count += 1;
    if wanted == format!("{name}:{count}") {
        let _ = writeln!(std::io::stderr(), "stopped at {wanted}");
        let mut line = String::new();
        if std::io::stdin().read_line(&mut line).is_ok() && line.trim() == "go" {
            return;
        }
        loop {
            std::thread::park();
        }
    }
}

/// Does nothing.
#[cfg(not(debug_assertions))]
pub(super) const fn point(_: &str) {}
