//! The help text of every command, completions and manual pages.

use clap::{Command, CommandFactory as _};
use gitsm::cli::Cli;

use crate::{
    golden::Folder,
    support::{Repository, command, gitsm, run},
};

/// Every command with its name as it is typed.
fn commands() -> Vec<(Vec<String>, Command)> {
    fn walk(command: &Command, path: &[String], all: &mut Vec<(Vec<String>, Command)>) {
        all.push((path.to_vec(), command.clone()));
        for subcommand in command.get_subcommands().filter(|command| command.get_name() != "help") {
            let mut path = path.to_vec();
            path.push(subcommand.get_name().to_owned());
            walk(subcommand, &path, all);
        }
    }
    let mut all = Vec::new();
    walk(&Cli::command(), &[], &mut all);
    all
}

#[test]
fn the_help_of_every_command_is_kept() {
    let folder = Repository::empty();
    let mut kept = Folder::new("tests/snapshots/help", ".txt");
    for (path, _) in commands() {
        let mut arguments: Vec<&str> = path.iter().map(String::as_str).collect();
        arguments.push("--help");
        let run = gitsm(&arguments, folder.path());
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{path:?}");
        let name = if path.is_empty() { "gitsm".to_owned() } else { path.join("-") };
        kept.check(&name, &run.stdout);
    }
    kept.finish();
}

#[test]
fn every_command_and_argument_says_what_it_is() {
    for (path, command) in commands() {
        assert!(command.get_about().is_some(), "{path:?} has no description");
        for argument in command.get_arguments() {
            let id = argument.get_id().as_str();
            if !["help", "version"].contains(&id) {
                assert!(argument.get_help().is_some(), "{path:?}: `{id}` has no description");
            }
        }
    }
    Cli::command().debug_assert();
}

#[test]
fn completions_name_every_command() {
    let folder = Repository::empty();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = gitsm(&["completions", shell], folder.path());
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{shell}");
        for (path, _) in commands() {
            for word in path {
                assert!(run.stdout.contains(&word), "{shell} does not know `{word}`");
            }
        }
    }
    assert_eq!(gitsm(&["completions", "tcsh"], folder.path()).status, 2);
}

#[test]
fn there_is_a_manual_page_for_every_command() {
    let folder = Repository::empty();
    let run = gitsm(&["man", "--out", "pages"], folder.path());
    assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    for (path, _) in commands() {
        let mut name = vec!["gitsm".to_owned()];
        name.extend(path);
        let page = folder.read(&format!("pages/{}.1", name.join("-")));
        assert!(page.contains(".SH SYNOPSIS"), "{name:?}");
    }
    let run = gitsm(&["man"], folder.path());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains(".SH SUBCOMMANDS"));
}

#[test]
fn colour_is_as_asked_for_in_help_and_mistakes_too() {
    let folder = Repository::empty();
    let coloured = |arguments: &[&str], environment: &[(&str, &str)]| {
        let mut command = command(arguments, folder.path());
        command.envs(environment.iter().copied());
        let run = run(command);
        let shown = format!("{}{}", run.stdout, run.stderr);
        assert!(!shown.is_empty(), "{arguments:?}");
        shown.contains('\u{1b}')
    };
    let forced = [("CLICOLOR_FORCE", "1")];
    for arguments in [
        &["--help"][..],
        &["help"],
        &["validate", "--help"],
        &["validate", "--formt", "json"],
        &["validat"],
        &["import", "csv"],
    ] {
        for (first, second, wanted) in
            [("--color=always", "", true), ("--color", "always", true), ("--color=never", "", false)]
        {
            let colour: Vec<&str> = [first, second].into_iter().filter(|word| !word.is_empty()).collect();
            let before = [&colour, arguments].concat();
            let after = [arguments, &colour].concat();
            let environment: &[(&str, &str)] = if wanted { &[("NO_COLOR", "1")] } else { &forced };
            assert_eq!(coloured(&before, environment), wanted, "{before:?}");
            // The command `help` takes the names of commands and nothing else.
            if arguments != ["help"] {
                assert_eq!(coloured(&after, environment), wanted, "{after:?}");
            }
        }
        assert!(!coloured(arguments, &[]), "{arguments:?}: nothing is a terminal here");
        assert!(!coloured(arguments, &[("CLICOLOR_FORCE", "0"), ("NO_COLOR", "1")]), "{arguments:?}");
    }
    let unknown = gitsm(&["--color", "sometimes", "validate"], folder.path());
    assert_eq!(unknown.status, 2, "{unknown:?}");
}

#[test]
fn manual_pages_are_replaced_whole_and_nothing_else_is_left() {
    let folder = Repository::empty();
    folder.write("pages/gitsm.1", "old");
    assert_eq!(gitsm(&["man", "--out", "pages"], folder.path()).status, 0);
    assert!(folder.read("pages/gitsm.1").contains(".SH SYNOPSIS"));
    let mut names: Vec<String> = std::fs::read_dir(folder.path().join("pages"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.iter().all(|name| name.starts_with("gitsm") && name.ends_with(".1")), "{names:?}");
    folder.write("file", "");
    assert_eq!(gitsm(&["man", "--out", "file"], folder.path()).status, 2);
}
