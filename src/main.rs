//! The `gitsm` command.

use std::process::ExitCode;

use gitsm::cli::{Cli, Exit, complain, run};

fn main() -> ExitCode {
    match run(Cli::from_command_line()) {
        Ok(exit) => exit.into(),
        Err(error) => {
            complain(&error);
            Exit::CouldNotRun.into()
        }
    }
}
