//! The `gitsm` command.

fn main() {}
