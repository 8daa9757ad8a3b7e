//! References: does what they name exist?

use std::collections::{BTreeMap, BTreeSet};

use super::{codes, suggest::nearest, words::list};
use crate::{
    diag::{Diagnostic, Safety, Span},
    model::{Kind, Reference, Rulebook, Target},
};

/// Checks every reference of the rulebook against it. Objects in `broken` exist and could not be read.
pub fn check(rulebook: &Rulebook, broken: &BTreeSet<(Kind, String)>, found: &mut Vec<Diagnostic>) {
    let mut suggestions = Suggestions { rulebook, known: BTreeMap::new() };
    for reference in &rulebook.references {
        match &reference.to {
            Target::Priority(priority) => check_priority(rulebook, reference, priority, found),
            Target::Object { kind, id, part } => {
                if broken.contains(&(*kind, id.to_string())) {
                    continue;
                }
                let Some(origin) = rulebook.origin(*kind, id) else {
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
        return Diagnostic::new(
            &codes::WRONG_KIND,
            origin.file,
            origin.span,
            format!("`{id}` is {}, and {} is expected here", other.with_article(), kind.with_article()),
        )
        .label(format!("not {}", kind.with_article()))
        .related(there.file, there.span, "defined here")
        .help(format!("name {}, or define `[{name}.{id}]`", kind.with_article()));
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
    // A dot outside of quotes would divide the id.
    let key = if id.contains('.') { format!("\"{id}\"") } else { id.to_owned() };
    diagnostic.help(format!("define it as `[{name}.{key}]` in any file below the roots"))
}

/// The bytes of an id inside a quoted string that holds nothing else.
fn inner(span: Span, id: &str) -> Option<Span> {
    let (start, end) = (span.start as usize, span.end as usize);
    (end.checked_sub(start)? == id.len() + 2).then(|| Span::new(start + 1, end - 1))
}
