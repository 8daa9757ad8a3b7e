//! The `gitsm` command.

use std::{io::Write, process::ExitCode};

use gitsm::cli::{Cli, Exit, run};

fn main() -> ExitCode {
    match run(Cli::from_command_line()) {
        Ok(exit) => exit.into(),
        Err(error) => {
            // Nothing is left to do when even this cannot be written.
            let message = format!("{error:#}");
            let _ = writeln!(std::io::stderr(), "error: {}", gitsm::report::plain::line(&message));
            Exit::CouldNotRun.into()
        }
    }
}
