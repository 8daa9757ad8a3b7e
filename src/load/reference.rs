//! References: does what they name exist?

use std::collections::{BTreeMap, BTreeSet};

use super::{codes, doubt::Doubt, suggest::nearest, words::list};
use crate::{
    diag::{Diagnostic, FileId, Safety, Span},
    model::{Kind, Reference, Rulebook, Target},
};

/// So many references to nothing are worth being kept. Whoever has more has one mistake, and not so many.
const MOST: usize = 20_000;

/// Findings that are only counted.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    /// How many.
    pub(super) number: usize,
    /// The files that they are about.
    pub(super) files: BTreeSet<FileId>,
}

/// Checks every reference of the rulebook against it, and those of objects that could not be used. Objects in `broken`
/// exist and could not be used; what else may exist is in `doubt`. Gives the findings that were not kept.
pub(super) fn check(
    rulebook: &Rulebook,
    others: &[Reference],
    broken: &BTreeSet<(Kind, String)>,
    doubt: &mut Doubt,
    found: &mut Vec<Diagnostic>,
) -> LeftOut {
    let mut suggestions = Suggestions { rulebook, known: BTreeMap::new() };
    let (before, mut left_out) = (found.len(), LeftOut::default());
    for reference in rulebook.references.iter().chain(others) {
        for one in found.drain((before + MOST).min(found.len())..) {
            left_out.number += 1;
            left_out.files.insert(one.primary.file);
        }
        match &reference.to {
            Target::Priority(_) if doubt.priorities => {}
            Target::Priority(priority) => check_priority(rulebook, reference, priority, found),
            Target::Object { kind, id, part } => {
                if broken.contains(&(*kind, id.to_string())) {
                    continue;
                }
                let Some(origin) = rulebook.origin(*kind, id) else {
                    if doubt.may_exist(*kind, id) {
                        continue;
                    }
                    let near = suggestions.near(*kind, id);
                    found.push(dangling(rulebook, reference, *kind, id, near.as_deref()));
                    continue;
                };
                let Some(part) = part else { continue };
                let parts = rulebook.parts(*kind, id);
                if !parts.iter().any(|known| known.as_str() == &**part) {
                    let names: Vec<&str> = parts.iter().map(|known| known.as_str()).collect();
                    let (kind, what) = (kind.name(), part_name(*kind));
                    let mut diagnostic = Diagnostic::new(
                        &codes::DANGLING_REFERENCE,
                        reference.origin.file,
                        reference.origin.span,
                        format!("the {kind} `{id}` has no {what} `{part}`"),
                    )
                    .label(format!("no such {what}"))
                    .related(
                        origin.file,
                        origin.span,
                        format!("the {kind} is defined here"),
                    );
                    diagnostic = match nearest(part, names.iter().copied()) {
                        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                        None if names.is_empty() => diagnostic.help(format!("it has no {what} at all")),
                        None => diagnostic.help(format!("it has {}", list(names))),
                    };
                    found.push(diagnostic);
                }
            }
        }
    }
    left_out
}

/// How many different missing ids are compared with all that exist. After so many, something else is wrong than a
/// slip of the finger, and comparing each with a large directory would take longer than everything else.
const MOST_SUGGESTIONS: usize = 100;

/// The ids that were most likely meant, each looked for once.
struct Suggestions<'r> {
    rulebook: &'r Rulebook,
    known: BTreeMap<(Kind, String), Option<String>>,
}

impl Suggestions<'_> {
    fn near(&mut self, kind: Kind, id: &str) -> Option<String> {
        let key = (kind, id.to_owned());
        if let Some(near) = self.known.get(&key) {
            return near.clone();
        }
        if self.known.len() >= MOST_SUGGESTIONS {
            return None;
        }
        let near = nearest(id, self.rulebook.ids(kind)).map(str::to_owned);
        self.known.insert(key, near.clone());
        near
    }
}

fn part_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Service => "entitlement",
        Kind::Workflow => "stage",
        Kind::Escalation | Kind::RequestType => "step",
        _ => "rule",
    }
}

fn check_priority(rulebook: &Rulebook, reference: &Reference, priority: &str, found: &mut Vec<Diagnostic>) {
    let known = &rulebook.settings.project.priorities;
    if known.iter().any(|id| id.as_str() == priority) {
        return;
    }
    let names = || known.iter().map(crate::model::Id::as_str);
    let diagnostic = Diagnostic::new(
        &codes::DANGLING_REFERENCE,
        reference.origin.file,
        reference.origin.span,
        format!("there is no priority `{priority}`"),
    )
    .label("no such priority");
    found.push(match nearest(priority, names()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("`project.priorities` in gitsm.toml lists {}", list(names()))),
    });
}

fn dangling(
    rulebook: &Rulebook,
    reference: &Reference,
    kind: Kind,
    id: &str,
    near: Option<&str>,
) -> Diagnostic {
    let Reference { origin, .. } = reference;
    let elsewhere = Kind::ALL
        .into_iter()
        .filter(|other| *other != kind)
        .find_map(|other| rulebook.origin(other, id).map(|origin| (other, origin)));
    let name = kind.name();
    // A name that is nearly right is likelier than one of another kind.
    if let (None, Some((other, there))) = (near, elsewhere) {
        let diagnostic = Diagnostic::new(
            &codes::WRONG_KIND,
            origin.file,
            origin.span,
            format!("`{id}` is {}, and {} is expected here", other.with_article(), kind.with_article()),
        )
        .label(format!("not {}", kind.with_article()))
        .related(there.file, there.span, "defined here");
        // What says its kind is `kind:id`, and says the wrong one.
        let says_kind = span_length(origin.span) == name.len() + id.len() + 3;
        let can_be_both = [kind, other].iter().all(|kind| matches!(kind, Kind::Team | Kind::Person));
        if says_kind && can_be_both {
            let meant = format!("{}:{id}", other.name());
            return diagnostic.help(format!("did you mean `{meant}`?")).replace_with(
                format!("write `{meant}`"),
                format!("\"{meant}\""),
                Safety::Suggestion,
            );
        }
        let known = if rulebook.count(kind) > FEW { Vec::new() } else { rulebook.ids(kind) };
        let define = format!("define `[{name}.{}]`", key(id));
        return diagnostic.help(if known.is_empty() {
            format!("name {}, or {define}", kind.with_article())
        } else {
            format!("name {}, which is one of {}, or {define}", kind.with_article(), list(known))
        });
    }
    let mut diagnostic = Diagnostic::new(
        &codes::DANGLING_REFERENCE,
        origin.file,
        origin.span,
        format!("there is no {name} `{id}`"),
    )
    .label(format!("no such {name}"));
    if let Some((near, there)) = near.and_then(|near| Some((near, rulebook.origin(kind, near)?))) {
        diagnostic = diagnostic
            .related(
                there.file,
                there.span,
                format!("{} with a similar id is defined here", kind.with_article()),
            )
            .help(format!("did you mean `{near}`?"));
        // The edit keeps the quotes and any prefix: it replaces just the id inside the string.
        if let Some(span) = inner(origin.span, id) {
            diagnostic.fix = Some(crate::diag::Fix {
                title: format!("write `{near}`"),
                safety: Safety::Suggestion,
                edits: vec![crate::diag::Edit { file: origin.file, span, text: near.to_owned() }],
            });
        }
        return diagnostic;
    }
    diagnostic.help(format!("define it as `[{name}.{}]` in any file below the roots", key(id)))
}

/// So many objects of a kind can be listed.
const FEW: usize = 10;

/// An id as part of a heading: a dot outside of quotes would divide it.
fn key(id: &str) -> String {
    if id.contains('.') { format!("\"{id}\"") } else { id.to_owned() }
}

fn span_length(span: Span) -> usize {
    span.range().len()
}

/// The bytes of an id inside a quoted string that holds nothing else.
fn inner(span: Span, id: &str) -> Option<Span> {
    let (start, end) = (span.start as usize, span.end as usize);
    (end.checked_sub(start)? == id.len() + 2).then(|| Span::new(start + 1, end - 1))
}
