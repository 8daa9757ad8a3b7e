//! Names that are there, written in another way than a field wants them.
//!
//! The shape of an object is checked before anything is known about the other objects, so what somebody most
//! likely meant is looked up afterwards, once every file was read.

use super::{codes, suggest::nearest};
use crate::{
    diag::{Diagnostic, Edit, FileId, Fix, Safety, Span},
    model::{Id, Kind, Principal, Rulebook},
};

/// A text that was refused and may name something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// Where it stands: the primary place of the finding about it.
    pub span: Span,
    /// The text.
    pub text: String,
    /// What the field wants.
    pub wants: Wants,
}

/// What a field wants in place of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wants {
    /// Somebody who can act: `team:desk`.
    Somebody,
    /// The id of an object.
    Id,
    /// An entitlement with its service: `mail/mailbox`.
    Entitlement,
    /// The heading of an object of a kind, of which only a part is written.
    Object(Kind),
    /// A table with one key, which is the name of a kind: `decision.workflow = "manager"`.
    Keyed {
        /// The key that the text stands under.
        under: String,
        /// Where that key ends.
        end: u32,
        /// The key of the table.
        key: String,
    },
}

/// Says what was meant in the findings about texts that name something.
pub(super) fn suggest(rulebook: &Rulebook, guesses: &[(FileId, Guess)], found: &mut Vec<Diagnostic>) {
    for (file, guess) in guesses {
        if let Wants::Object(kind) = guess.wants {
            part_of_another(rulebook, *file, guess, kind, found);
            continue;
        }
        let Some(meant) = meant(rulebook, guess) else { continue };
        let about = |one: &&mut Diagnostic| one.primary.file == *file && one.primary.span == guess.span;
        let Some(diagnostic) = found.iter_mut().find(about) else { continue };
        let replace = |text: String| Edit { file: *file, span: guess.span, text };
        let (shown, edits) = match (meant.as_slice(), &guess.wants) {
            ([], _) => continue,
            ([only], Wants::Keyed { under, end, key }) => {
                let after = Span { start: *end, end: *end };
                let edit = Edit { file: *file, span: after, text: format!(".{key}") };
                (format!("{under}.{key} = \"{only}\""), vec![edit])
            }
            ([only], _) => (only.clone(), vec![replace(super::slips::quoted(only))]),
            (several, _) => (several.join("` or `"), Vec::new()),
        };
        diagnostic.help = Some(format!("did you mean `{shown}`?"));
        diagnostic.fix = (!edits.is_empty()).then(|| Fix {
            title: format!("write `{shown}`"),
            safety: Safety::Suggestion,
            edits,
        });
    }
}

/// Says of an object of which only parts are written that there is one with nearly this id, in place of the keys that it lacks.
fn part_of_another(
    rulebook: &Rulebook,
    file: FileId,
    guess: &Guess,
    kind: Kind,
    found: &mut Vec<Diagnostic>,
) {
    let name = kind.name();
    let lacks = |one: &Diagnostic| {
        one.code == &codes::MISSING_KEY && one.primary.file == file && one.primary.span == guess.span
    };
    let near = nearest(&guess.text, rulebook.ids(kind)).map(str::to_owned);
    let Some((near, origin)) = near.and_then(|near| Some((near.clone(), rulebook.origin(kind, &near)?)))
    else {
        return;
    };
    let mut is_first = true;
    found.retain_mut(|one| {
        if !lacks(one) {
            return true;
        }
        if is_first {
            let message = format!("there is no {name} `{}` that this could be a part of", guess.text);
            *one = Diagnostic::new(&codes::MISSING_KEY, file, guess.span, message)
                .label(format!("no `[{name}.{}]`", guess.text))
                .related(
                    origin.file,
                    origin.span,
                    format!("{} with a similar id is defined here", kind.with_article()),
                )
                .help(format!("did you mean `{near}`?"))
                .replace_with(format!("write `{near}`"), near.clone(), Safety::Suggestion);
        }
        std::mem::take(&mut is_first)
    });
}

/// What may be meant. None when the text names nothing.
fn meant(rulebook: &Rulebook, guess: &Guess) -> Option<Vec<String>> {
    let text = guess.text.trim().trim_start_matches('@');
    match &guess.wants {
        Wants::Keyed { key, .. } => {
            let kind = Kind::from_name(key)?;
            rulebook.origin(kind, text).map(|_| vec![text.to_owned()])
        }
        Wants::Somebody => {
            let role = Principal::parse(&format!("role:{text}")).map(|role| role.to_string());
            let ids = people_and_teams(rulebook, text).into_iter().map(|(kind, id)| format!("{kind}:{id}"));
            Some(role.into_iter().chain(ids).collect())
        }
        Wants::Object(_) => None,
        Wants::Entitlement => {
            let text = text.rsplit(['/', ':', '.']).next().unwrap_or(text);
            let services = rulebook.services.iter();
            let of = services.filter(|service| service.value.entitlement.contains_key(text));
            Some(of.map(|service| format!("{}/{text}", service.id)).collect())
        }
        Wants::Id => {
            let named = people_and_teams(rulebook, text).into_iter();
            Some(named.filter(|(_, id)| id.as_str() != text).map(|(_, id)| id.to_string()).collect())
        }
    }
}

/// The teams and people of this id, name or address.
fn people_and_teams<'r>(rulebook: &'r Rulebook, text: &str) -> Vec<(&'static str, &'r Id)> {
    let is = |other: &str| other.eq_ignore_ascii_case(text);
    let teams = rulebook
        .teams
        .iter()
        .filter(|team| is(team.id.as_str()) || is(&team.name) || team.mailbox.as_deref().is_some_and(is));
    let people = rulebook.people.iter().filter(|person| {
        is(person.id.as_str()) || is(&person.name) || person.email.as_ref().is_some_and(|email| is(email))
    });
    let teams = teams.map(|team| ("team", &team.id));
    teams.chain(people.map(|person| ("person", &person.id))).collect()
}
