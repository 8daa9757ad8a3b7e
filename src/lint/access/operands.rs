//! Values in conditions that nothing has.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    analysis::Analysis,
    attributes::{each_test, operand},
    sites::Site,
};
use crate::{
    decide::{
        glob,
        person::Directory,
        policy::{offer, offers},
        value::{Value, fits},
        vocabulary::{Member, Type},
    },
    diag::{Code, code},
    lint::{Context, Finding, Location, tickets::words_of_matrices},
    load::{suggest::nearest, words::list},
    model::{
        EntitlementRef, Kind, Rulebook,
        condition::{Literal, Operator, Test},
        location::Near,
        service::Entitlement,
    },
};

/// A word is not in a closed vocabulary.
pub(super) static UNKNOWN_WORD: Code = code!("GS4004", "unknown-word", fixed Error, "a condition compares with a word that the attribute cannot be");
/// An object does not exist.
pub(super) static UNKNOWN_OBJECT: Code = code!("GS4005", "unknown-object-in-condition", fixed Error, "a condition names an object that does not exist");
/// Nobody in the directory has the value.
pub(super) static NOBODY_HAS: Code = code!(
    "GS4006",
    "value-nobody-has",
    Warning,
    "a condition compares with a value that nobody in the directory and no entitlement has"
);
/// A pattern has no wildcard.
pub(super) static NO_WILDCARD: Code =
    code!("GS4007", "pattern-without-wildcard", Warning, "a pattern has no wildcard, so it is one value");
/// A pattern matches nothing.
pub(super) static PATTERN_FOR_NOTHING: Code =
    code!("GS4008", "pattern-for-nothing", Warning, "a pattern matches nothing that there is");
/// A value is listed twice.
pub(super) static REPEATED: Code =
    code!("GS4009", "repeated-value", Warning, "a list in a condition holds a value twice");

/// Calls `visit` for every text in a test that makes sense, with the type of the attribute. The text is a
/// pattern when the operator is `glob`.
fn each_text<'a>(
    analysis: &'a Analysis<'a>,
    mut visit: impl FnMut(&Site<'a>, &'a Test, &Type<'a>, &'a str, Location),
) {
    let vocabulary = analysis.directory().vocabulary();
    each_test(analysis.sites(), |site, test| {
        let Some(resolved) = vocabulary.of(test) else { return };
        if !fits(test.operator, &resolved.values) {
            return;
        }
        for literal in &test.operands {
            if let Literal::Text(text) = literal {
                visit(site, test, &resolved.values, text, operand(site, test, literal));
            }
        }
    });
}

fn suggest<'t>(
    finding: &mut Finding,
    written: &str,
    known: impl IntoIterator<Item = &'t str> + Clone,
    otherwise: String,
) {
    match nearest(written, known) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help(otherwise),
    };
}

pub(super) fn unknown_word(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    each_text(context.analysis, |_, test, values, text, at| {
        let of_matrices: Vec<&str>;
        let words = match values {
            Type::Choice(words) | Type::Ordered(words) | Type::Set(Member::Word(words)) => words,
            Type::Text => {
                of_matrices = words_of_matrices(rulebook, test).into_iter().collect();
                &of_matrices
            }
            _ => return,
        };
        // Without any words the declaration itself is wrong.
        if test.operator == Operator::Glob || words.is_empty() || words.contains(&text) {
            return;
        }
        let message = format!("`{}` is never `{text}`", test.attribute());
        let finding = context.report(at, message);
        finding.label("no such word");
        suggest(
            finding,
            text,
            words.iter().copied(),
            format!("it is one of {}", list(words.iter().copied())),
        );
    });
}

pub(super) fn unknown_object(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    each_text(context.analysis, |_, test, values, text, at| {
        let kind = match (values, test.operator) {
            (_, Operator::Glob) => return,
            (Type::Instant, Operator::Within) => Kind::Calendar,
            (Type::Id(kind) | Type::Set(Member::Id(kind)), _) => *kind,
            (Type::Entitlement | Type::Set(Member::Entitlement), _) => {
                unknown_entitlement(context, at, test, text);
                return;
            }
            _ => return,
        };
        if rulebook.origin(kind, text).is_some() {
            return;
        }
        let name = kind.name();
        let near = nearest(text, rulebook.ids(kind));
        let finding = context.report(at, format!("there is no {name} `{text}`"));
        finding.label(format!("`{}` is the id of {}", test.attribute(), kind.with_article()));
        if let Some(origin) = near.and_then(|near| rulebook.origin(kind, near)) {
            let there = Location::Bytes(origin.file, origin.span);
            finding.related(there, format!("{} with a similar id is defined here", kind.with_article()));
        }
        match near {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help(format!("define it as `[{name}.{text}]`, or name one that there is")),
        };
    });
}

fn unknown_entitlement(context: &mut Context<'_>, at: Location, test: &Test, written: &str) {
    let rulebook = context.rulebook;
    if EntitlementRef::parse(written).is_some_and(|wanted| offer(rulebook, &wanted).is_some()) {
        return;
    }
    let known: Vec<String> = offers(rulebook).map(|offer| offer.reference().to_string()).collect();
    let finding = context.report(at, format!("there is no entitlement `{written}`"));
    finding.label(format!("`{}` is written `service/entitlement`", test.attribute()));
    let service =
        EntitlementRef::parse(written).and_then(|wanted| rulebook.services.get(wanted.service.as_str()));
    if let Some(service) = service {
        finding.related(service.at(""), "the service is defined here");
    }
    let otherwise = "name an entitlement of a service, such as `salesforce/sales-standard`".to_owned();
    suggest(finding, written, known.iter().map(String::as_str), otherwise);
}

/// What entitlements have in an attribute that is free text; `None` for any other attribute.
fn of_entitlements(rulebook: &Rulebook, test: &Test) -> Option<BTreeSet<String>> {
    let value: fn(&Entitlement) -> Option<&String> = match (&*test.namespace, &*test.name) {
        ("entitlement", "role") => |entitlement| entitlement.role.as_ref(),
        ("entitlement", "licence-tier") => |entitlement| entitlement.licence_tier.as_ref(),
        _ => return None,
    };
    Some(offers(rulebook).filter_map(|offer| value(offer.entitlement)).cloned().collect())
}

/// The values that people and entitlements have, for attributes that are free text.
struct Found<'a> {
    directory: &'a Directory<'a>,
    known: BTreeMap<String, BTreeSet<String>>,
}

impl<'a> Found<'a> {
    fn new(directory: &'a Directory<'a>) -> Self {
        Self { directory, known: BTreeMap::new() }
    }

    /// What people or entitlements have; empty when the attribute is one of neither or none has any value.
    fn values(&mut self, test: &Test) -> &BTreeSet<String> {
        let person = matches!(&*test.namespace, "subject" | "requester");
        let Self { directory, known } = self;
        known.entry(test.attribute()).or_insert_with(|| {
            if let Some(known) = of_entitlements(directory.vocabulary().rulebook(), test) {
                return known;
            }
            let people = directory.present().filter(|_| person);
            let value = |value| match value {
                Value::Text(written) => Some(written.to_owned()),
                _ => None,
            };
            people.filter_map(|one| value(directory.value(one, &test.name, &Type::Text))).collect()
        })
    }
}

pub(super) fn nobody_has(context: &mut Context<'_>) {
    let mut found = Found::new(context.analysis.directory());
    each_text(context.analysis, |_, test, values, text, at| {
        if *values != Type::Text || test.operator == Operator::Glob {
            return;
        }
        let known = found.values(test);
        let person = &*test.namespace != "entitlement";
        // Where no person has any value the directory does not say; a catalogue says all that there is.
        let custom = !matches!(&*test.name, "role" | "licence-tier");
        if (known.is_empty() && (person || custom)) || known.contains(text) {
            return;
        }
        let (who, label, there) = if person {
            ("nobody", "no such value in the directory", "the directory has")
        } else {
            ("no entitlement", "no such value in the catalogue", "the entitlements have")
        };
        let message = format!("{who} has `{text}` as `{}`", test.attribute());
        let finding = context.report(at, message);
        finding.label(label);
        let otherwise = if known.is_empty() {
            "give it to an entitlement, or remove the test".to_owned()
        } else {
            format!("{there} {}", list(known.iter().map(String::as_str)))
        };
        suggest(finding, text, known.iter().map(String::as_str), otherwise);
    });
}

pub(super) fn no_wildcard(context: &mut Context<'_>) {
    each_text(context.analysis, |_, test, _, text, at| {
        if test.operator != Operator::Glob || glob::has_wildcard(text) {
            return;
        }
        context
            .report(at, format!("the pattern `{text}` matches only itself"))
            .label("no `*` or `?` in it")
            .help(format!("write the value without `glob`, or add a wildcard: `{text}*`"));
    });
}

pub(super) fn pattern_for_nothing(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let mut found = Found::new(context.analysis.directory());
    each_text(context.analysis, |_, test, values, text, at| {
        if test.operator != Operator::Glob || !glob::has_wildcard(text) {
            return;
        }
        let known: Vec<String> = match values {
            Type::Text => found.values(test).iter().cloned().collect(),
            Type::Choice(words) | Type::Ordered(words) => {
                words.iter().map(|word| (*word).to_owned()).collect()
            }
            Type::Id(kind) => rulebook.ids(*kind).into_iter().map(str::to_owned).collect(),
            Type::Entitlement => offers(rulebook).map(|offer| offer.reference().to_string()).collect(),
            _ => return,
        };
        if known.is_empty() || known.iter().any(|known| glob::matches(text, known)) {
            return;
        }
        let message = format!("no `{}` is like `{text}`", test.attribute());
        let finding = context.report(at, message);
        finding.label("matches nothing that there is");
        finding.help(format!("there are {}", list(known.iter().map(String::as_str))));
    });
}

pub(super) fn repeated(context: &mut Context<'_>) {
    each_test(context.analysis.sites(), |site, test| {
        let Some(twice) = super::repeated(&test.operands) else { return };
        let again = test.operands.iter().rposition(|literal| literal == twice).unwrap_or_default();
        let at = Location::near(site.origin, test.place, Near::Entry(again));
        context
            .report(at, format!("`{twice}` is listed twice for `{}`", test.attribute()))
            .label("again")
            .related(operand(site, test, twice), "the first one")
            .help("remove one of them, or write what was meant instead");
    });
}
