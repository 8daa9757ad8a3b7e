//! Keys and tables that stand in a file twice: where the first one is.

use std::collections::HashMap;

use toml_parser::{
    ErrorSink, ParseError, Source,
    parser::{Event, EventKind, RecursionGuard, parse_document},
};

use super::codes;
use crate::diag::{Diagnostic, FileId, Span};

/// How deep tables may be nested; the parser that reads values has a limit of its own, which is lower.
const DEEPEST: u32 = 128;

/// Where each key of a file stands. Keys are nodes of a tree, so that a key with many parts costs no more than
/// its parts.
#[derive(Debug, Default)]
pub(super) struct Repeated<'t> {
    /// The node of a part below another one; parts of an entry of a list are below its number.
    nodes: HashMap<(usize, Part<'t>), usize>,
    /// The places of each node.
    places: Vec<Vec<Place>>,
    /// The node of a key, by where the key starts.
    by_start: HashMap<u32, usize>,
    /// How many entries a list of tables has so far.
    entries: HashMap<usize, usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Part<'t> {
    Key(&'t str),
    Entry(usize),
}

#[derive(Debug, Clone, Copy)]
struct Place {
    span: Span,
    /// What stands there: the key of a value, the end of a heading, or a part of a longer key.
    role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Value,
    Heading,
    Part,
}

struct Errors;

impl ErrorSink for Errors {
    fn report_error(&mut self, _: ParseError) {}
}

impl<'t> Repeated<'t> {
    /// Looks through a text, which need not be sound.
    pub(super) fn find(text: &'t str) -> Self {
        let source = Source::new(text);
        let tokens = source.lex().into_vec();
        let mut events: Vec<Event> = Vec::new();
        let mut receiver = |event: Event| events.push(event);
        let mut guard = RecursionGuard::new(&mut receiver, DEEPEST);
        parse_document(&tokens, &mut guard, &mut Errors);
        let mut found = Self { places: vec![Vec::new()], ..Self::default() };
        found.walk(text, &events);
        found
    }

    fn walk(&mut self, text: &'t str, events: &[Event]) {
        // The table that keys are added to, and the tables around it while one is written inline.
        let (mut table, mut around) = (0, Vec::new());
        let mut parts: Vec<(&'t str, Span)> = Vec::new();
        let (mut heading, mut value) = (false, 0);
        for event in events {
            let span = Span::new(event.span().start(), event.span().end());
            match event.kind() {
                EventKind::StdTableOpen | EventKind::ArrayTableOpen => {
                    (heading, table) = (true, 0);
                    around.clear();
                    parts.clear();
                }
                EventKind::SimpleKey => {
                    let written = text.get(span.range()).unwrap_or_default();
                    parts.push((written.trim_matches(['"', '\'']), span));
                }
                EventKind::StdTableClose if heading => {
                    table = self.add(0, &parts, Role::Heading);
                    parts.clear();
                    heading = false;
                }
                EventKind::ArrayTableClose if heading => {
                    let list = self.add(0, &parts, Role::Heading);
                    let number = self.entries.entry(list).or_default();
                    *number += 1;
                    let entry = Part::Entry(*number);
                    table = self.below(list, entry);
                    parts.clear();
                    heading = false;
                }
                EventKind::KeyValSep => {
                    value = self.add(table, &parts, Role::Value);
                    parts.clear();
                }
                EventKind::InlineTableOpen => {
                    around.push(table);
                    table = value;
                }
                EventKind::InlineTableClose => table = around.pop().unwrap_or(table),
                EventKind::ArrayOpen => {
                    // What is in a list is told apart by where the list's entries start.
                    value = self.below(value, Part::Entry(span.start as usize));
                }
                EventKind::ValueSep => {
                    parts.clear();
                    if around.is_empty() {
                        value = self.below(value, Part::Entry(span.start as usize));
                    }
                }
                _ => {}
            }
        }
    }

    fn add(&mut self, table: usize, parts: &[(&'t str, Span)], role: Role) -> usize {
        let mut node = table;
        for (index, (name, span)) in parts.iter().enumerate() {
            let last = index + 1 == parts.len();
            node = self.below(node, Part::Key(name));
            let role = if last { role } else { Role::Part };
            if let Some(places) = self.places.get_mut(node) {
                places.push(Place { span: *span, role });
            }
            self.by_start.insert(span.start, node);
            // A heading below a list goes on with its last entry.
            if let (false, Some(number)) = (last, self.entries.get(&node).copied()) {
                node = self.below(node, Part::Entry(number));
            }
        }
        node
    }

    fn below(&mut self, node: usize, part: Part<'t>) -> usize {
        let next = self.places.len();
        let below = *self.nodes.entry((node, part)).or_insert(next);
        if below == next {
            self.places.push(Vec::new());
        }
        below
    }

    /// Where a key that starts at an offset stood before: where it was given a value or opened as a table, or else
    /// where it was part of a longer key.
    fn first(&self, start: u32) -> Option<Place> {
        let places = self.places.get(*self.by_start.get(&start)?)?;
        let before = || places.iter().filter(|place| place.span.start < start);
        before().find(|place| place.role != Role::Part).or_else(|| before().next()).copied()
    }

    fn role(&self, start: u32) -> Option<Role> {
        let places = self.places.get(*self.by_start.get(&start)?)?;
        places.iter().find(|place| place.span.start == start).map(|place| place.role)
    }
}

/// The finding about a key that cannot stand where it stands again.
pub(super) fn diagnostic(
    file: FileId,
    text: &str,
    message: &str,
    span: Span,
    repeated: &Repeated<'_>,
) -> Diagnostic {
    let name = text.get(span.range()).unwrap_or_default();
    let first = repeated.first(span.start);
    let is_table = repeated.role(span.start) != Some(Role::Value);
    let (what, label, help) = if message.starts_with("cannot extend") {
        (
            format!("`{name}` has a value, so it cannot be a table as well"),
            "used as a table",
            "write what belongs to it in one place",
        )
    } else if is_table && first.is_some_and(|first| first.role == Role::Value) {
        (
            format!("`{name}` has a value, so it cannot be a table as well"),
            "opened as a table",
            "remove one of the two, or give one another name",
        )
    } else if is_table {
        (
            format!("the table `{name}` is opened twice"),
            "the second time",
            "write all of its keys under the first heading, or give one of them another id",
        )
    } else {
        (format!("the key `{name}` stands here twice"), "the second one", "keep one of them")
    };
    let diagnostic = Diagnostic::new(&codes::SYNTAX, file, span, what).label(label).help(help);
    match first {
        Some(first) => diagnostic.related(file, first.span, "the first one"),
        None => diagnostic,
    }
}
