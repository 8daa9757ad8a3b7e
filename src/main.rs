//! The `gitsm` command.

use std::process::ExitCode;

use gitsm::cli::{Cli, Exit, complain, run};

/// Rulebooks are many small objects, which it makes and frees faster than most systems do.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match run(Cli::from_command_line()) {
        Ok(exit) => exit.into(),
        Err(error) => {
            complain(&error);
            Exit::CouldNotRun.into()
        }
    }
}
