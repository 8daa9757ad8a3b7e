//! What many lints look at, worked out once for all of them: every condition with where it stands, the people,
//! and which entitlements are decided about alike.

use std::{
    collections::HashMap,
    hash::{Hash, Hasher},
    sync::OnceLock,
};

use jiff::civil::Date;
use rayon::prelude::*;

use super::sites::{self, Site};
use crate::{
    decide::{
        person::{Directory, is_able},
        policy::{self, Offer, fact, nearness, offers, policies},
        value::{self, Value},
        vocabulary::{Resolved, Vocabulary},
    },
    lint::{organisation::identity::is_in_doubt, survey::Survey},
    model::{
        Entry, Id, Rulebook,
        access::{Access, Mode, Rule},
        condition::{Condition, Literal, Test},
        person::Person,
    },
};

/// What is known about a whole rulebook before any lint looks at it.
#[derive(Debug)]
pub(in crate::lint) struct Analysis<'a> {
    directory: Directory<'a>,
    sites: Vec<Site<'a>>,
    /// The sort of each policy, see [`Analysis::sort`].
    sorts: HashMap<&'a Id, u32>,
    considered: Vec<Considered<'a>>,
    survey: OnceLock<Survey<'a>>,
}

/// An entitlement with what decides about it.
#[derive(Debug)]
pub(in crate::lint) struct Considered<'a> {
    /// The entitlement.
    pub(in crate::lint) offer: Offer<'a>,
    /// The policies that are about it, in the order in which they are read.
    pub(in crate::lint) policies: Policies<'a>,
    /// The case: entitlements of one case have the same rules at the same places of their policies, and the
    /// same is left of every condition once all that is known about the entitlement is put in. What is
    /// decided about one of them is decided about all, by the rules at the same places.
    pub(in crate::lint) case: u32,
}

impl<'a> Analysis<'a> {
    /// Looks at a rulebook as it is on `today`.
    pub(in crate::lint) fn new(rulebook: &'a Rulebook, today: Date) -> Self {
        let directory = Directory::new(rulebook, today);
        let vocabulary = directory.vocabulary();
        let (sites, (sorts, considered)) = rayon::join(
            || sites::sites(vocabulary),
            || {
                let sorts = sorts(rulebook);
                let considered = considered(vocabulary, &sorts);
                (sorts, considered)
            },
        );
        Self { directory, sites, sorts, considered, survey: OnceLock::new() }
    }

    /// The same without taking anything for alike: every policy is a sort and every entitlement a case of its
    /// own, so that each lint looks at each of them. Slow, and plainly right.
    #[cfg(test)]
    fn unshared(rulebook: &'a Rulebook, today: Date) -> Self {
        let mut analysis = Self::new(rulebook, today);
        analysis.sorts = (0..).zip(&rulebook.access).map(|(sort, policy)| (&policy.id, sort)).collect();
        for (case, one) in (0..).zip(&mut analysis.considered) {
            one.case = case;
        }
        analysis
    }

    /// The people.
    pub(in crate::lint) fn directory(&self) -> &Directory<'a> {
        &self.directory
    }

    /// Who can ask for what, and whether enough people can agree. Whoever may or may not have left counts: that
    /// is a finding of its own.
    pub(super) fn survey(&self) -> &Survey<'a> {
        let today = self.directory.today();
        let counts = |person: &Person| {
            is_able(person, today) || person.employment.is_human() && is_in_doubt(person, today)
        };
        self.survey.get_or_init(|| Survey::new(self, &counts))
    }

    /// Every condition, by kind and id.
    pub(super) fn sites(&self) -> &[Site<'a>] {
        &self.sites
    }

    /// The sort of a policy. Policies of one sort have the same rules, apart from their ids and descriptions:
    /// conditions, decisions, terms and modes.
    pub(super) fn sort(&self, policy: &Entry<Access>) -> Option<u32> {
        self.sorts.get(&policy.id).copied()
    }

    /// Every entitlement, by service and then in the order in which they were written.
    pub(in crate::lint) fn considered(&self) -> &[Considered<'a>] {
        &self.considered
    }
}

/// Rules that are compared by what they do.
struct Alike<'a>(&'a [Rule]);

impl Hash for Alike<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.len().hash(state);
        for rule in self.0 {
            Condition::hash(&rule.when, state);
            rule.decision.hash(state);
        }
    }
}

impl PartialEq for Alike<'_> {
    fn eq(&self, other: &Self) -> bool {
        let alike = |(one, other): (&Rule, &Rule)| {
            one.decision == other.decision
                && one.max_duration == other.max_duration
                && one.require == other.require
                && one.mode == other.mode
                && one.when == other.when
        };
        self.0.len() == other.0.len() && self.0.iter().zip(other.0).all(alike)
    }
}

impl Eq for Alike<'_> {}

fn sorts(rulebook: &Rulebook) -> HashMap<&Id, u32> {
    let mut known: HashMap<Alike<'_>, u32> = HashMap::new();
    let mut next = 0;
    let mut sort = |policy| {
        *known.entry(policy).or_insert_with(|| {
            next += 1;
            next
        })
    };
    rulebook.access.iter().map(|policy| (&policy.id, sort(Alike(&policy.value.rule)))).collect()
}

/// A test of something that is known about an entitlement, with the type of its attribute.
struct Known<'a> {
    test: &'a Test,
    resolved: Resolved<'a>,
}

/// The tests of rules and guardrails that what is known about an entitlement can answer.
#[derive(Default)]
struct Asked<'a> {
    /// One test of each attribute other than ids: its value is what matters.
    values: Vec<&'a Test>,
    /// Tests of ids by policies of each sort: their answers matter, since every entitlement has its own id.
    ids: HashMap<u32, Vec<Known<'a>>>,
    /// The same of guardrails.
    ids_of_guardrails: Vec<Known<'a>>,
}

impl<'a> Asked<'a> {
    fn new(vocabulary: &Vocabulary<'a>, sorts: &HashMap<&Id, u32>) -> Self {
        let rulebook = vocabulary.rulebook();
        let mut asked = Self::default();
        let mut done = vec![false; sorts.len() + 1];
        for policy in &rulebook.access {
            let Some(sort) = sorts.get(&policy.id).copied() else { continue };
            let Some(done) = done.get_mut(sort as usize) else { continue };
            if std::mem::replace(done, true) {
                continue;
            }
            let mut ids = Vec::new();
            for rule in policy.value.rule.iter().filter(|rule| rule.mode == Mode::Enforce) {
                asked.note(vocabulary, &rule.when, &mut ids);
            }
            if !ids.is_empty() {
                asked.ids.insert(sort, ids);
            }
        }
        let mut ids = Vec::new();
        for guardrail in rulebook.guardrails.iter().filter(|guardrail| guardrail.mode == Mode::Enforce) {
            asked.note(vocabulary, &guardrail.value.when, &mut ids);
        }
        asked.ids_of_guardrails = ids;
        asked
    }

    fn note(&mut self, vocabulary: &Vocabulary<'a>, condition: &'a Condition, ids: &mut Vec<Known<'a>>) {
        condition.tests(&mut |test, _| {
            if !matches!(&*test.namespace, "service" | "entitlement") {
                return;
            }
            if &*test.name == "id" {
                ids.extend(vocabulary.of(test).map(|resolved| Known { test, resolved }));
                return;
            }
            let same = |known: &&Test| known.namespace == test.namespace && known.name == test.name;
            if !self.values.iter().any(same) {
                self.values.push(test);
            }
        });
    }
}

/// The policies about an entitlement, in the order in which they are read.
type Policies<'a> = Box<[&'a Entry<Access>]>;

/// What makes entitlements one case.
#[derive(PartialEq, Eq, Hash)]
struct Likeness<'a> {
    sorts: Box<[u32]>,
    values: Box<[Option<Word<'a>>]>,
    answers: Box<[bool]>,
}

/// A value that is known about an entitlement.
#[derive(PartialEq, Eq, Hash)]
enum Word<'a> {
    Absent,
    Text(&'a str),
    Number(i64),
    Boolean(bool),
    /// What the rulebook says of an attribute that it declares.
    Declared(&'a Literal),
}

fn likeness<'a>(
    rulebook: &'a Rulebook,
    sorts: &HashMap<&Id, u32>,
    asked: &Asked<'a>,
    offer: &Offer<'a>,
    policies: &[&'a Entry<Access>],
) -> Likeness<'a> {
    let (service, entitlement) = (&offer.service.value.attributes, &offer.entitlement.attributes);
    let word = |test: &&'a Test| {
        let own = if &*test.namespace == "service" { service } else { entitlement };
        if let Some(literal) = own.get(&*test.name) {
            return Some(Word::Declared(literal));
        }
        Some(match fact(rulebook, offer, test, false)? {
            Value::Text(text) => Word::Text(text),
            Value::Number(number) => Word::Number(number),
            Value::Boolean(yes) => Word::Boolean(yes),
            _ => Word::Absent,
        })
    };
    let sorts: Box<[u32]> =
        policies.iter().map(|policy| sorts.get(&policy.id).copied().unwrap_or_default()).collect();
    let mut answers: Vec<bool> = Vec::new();
    for guardrail in &rulebook.guardrails {
        if let Some(scope) = &guardrail.value.applies_to {
            answers.push(nearness(rulebook, scope, offer).is_some());
        }
    }
    let of_policies = sorts.iter().filter_map(|sort| asked.ids.get(sort)).flatten();
    let mut name = None;
    for Known { test, resolved } in of_policies.chain(&asked.ids_of_guardrails) {
        let id = if &*test.namespace == "service" {
            offer.service.id.as_str()
        } else {
            name.get_or_insert_with(|| offer.reference().to_string()).as_str()
        };
        answers.push(value::passes(test, &resolved.values, &Value::Text(id)).unwrap_or_default());
    }
    Likeness { sorts, values: asked.values.iter().map(word).collect(), answers: answers.into() }
}

fn considered<'a>(vocabulary: &Vocabulary<'a>, sorts: &HashMap<&'a Id, u32>) -> Vec<Considered<'a>> {
    let rulebook = vocabulary.rulebook();
    let asked = Asked::new(vocabulary, sorts);
    let services: Vec<_> = rulebook.services.iter().collect();
    let each: Vec<(Offer<'a>, Policies<'a>, Likeness<'a>)> = services
        .into_par_iter()
        .flat_map_iter(policy::offers_of)
        .map(|offer| {
            let policies: Policies<'a> = policies(vocabulary, &offer).into();
            let likeness = likeness(rulebook, sorts, &asked, &offer, &policies);
            (offer, policies, likeness)
        })
        .collect();
    debug_assert_eq!(each.len(), offers(rulebook).count(), "every entitlement is considered");
    let mut cases: HashMap<Likeness<'a>, u32> = HashMap::new();
    each.into_iter()
        .map(|(offer, policies, likeness)| {
            let next = u32::try_from(cases.len()).unwrap_or(u32::MAX);
            Considered { offer, policies, case: *cases.entry(likeness).or_insert(next) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use jiff::civil::date;
    use proptest::{collection::vec, option, prelude::*, sample::select};

    use super::{super::LINTS, *};
    use crate::{decide::testing::rulebook, lint::Context};

    const CONDITIONS: &[&str] = &[
        "",
        "when.entitlement.risk = \"low\"",
        "when.entitlement.risk.min = \"medium\"",
        "when.entitlement.role = \"admin\"",
        "when.entitlement.id = \"mail/a\"",
        "when.service.id = \"wiki\"",
        "when.service.category = \"software\"",
        "when.not.service.id.glob = \"w*\"",
        "when.subject.department = \"it\"",
        "when.not.subject.department = \"it\"",
        "when.request.duration.max = \"7d\"",
        "when.any = [{ subject.department = \"it\" }, { entitlement.risk = \"high\" }]",
        "when.subject.nonsense = 1",
    ];
    const DECISIONS: &[&str] = &["\"auto-approve\"", "\"deny\"", "{ workflow = \"one\" }"];
    const SCOPES: &[&str] = &[
        "\"everything\"",
        "{ category = \"software\" }",
        "{ service = \"mail\" }",
        "{ service = \"wiki\" }",
        "{ entitlement = \"mail/b\" }",
    ];

    fn policies() -> impl Strategy<Value = String> {
        let rule = (select(CONDITIONS), select(DECISIONS), option::of(select(vec!["5d", "90d"])));
        vec((select(SCOPES), vec(rule, 0..4)), 0..5).prop_map(|policies| {
            let mut text = String::new();
            for (number, (scope, rules)) in policies.iter().enumerate() {
                let _ = writeln!(text, "[access.a{number}]\napplies-to = {scope}\norder = {number}\n");
                let _ = if rules.is_empty() { writeln!(text, "rule = []") } else { Ok(()) };
                for (index, (when, decision, cap)) in rules.iter().enumerate() {
                    let _ = writeln!(text, "[[access.a{number}.rule]]\nid = \"r{index}\"\n{when}");
                    let _ = writeln!(text, "decision = {decision}");
                    let _ = cap.map_or(Ok(()), |cap| writeln!(text, "max-duration = \"{cap}\""));
                }
            }
            text
        })
    }

    fn guardrails() -> impl Strategy<Value = String> {
        let effect = select(vec!["deny = true", "require-approval = \"one\""]);
        vec((option::of(select(SCOPES)), select(CONDITIONS), effect), 0..3).prop_map(|guardrails| {
            let mut text = String::new();
            for (number, (scope, when, effect)) in guardrails.iter().enumerate() {
                let _ = writeln!(text, "[guardrail.g{number}]\ndescription = \"g\"\n{when}\n{effect}");
                let _ = scope.map_or(Ok(()), |scope| writeln!(text, "applies-to = {scope}"));
            }
            text
        })
    }

    fn services() -> impl Strategy<Value = String> {
        let entitlement = (select(vec!["low", "medium", "high"]), option::of(select(vec!["admin", "user"])));
        vec((entitlement, option::of(0u8..2)), 6).prop_map(|entitlements| {
            let mut text = String::new();
            for (number, ((risk, role), days)) in entitlements.iter().enumerate() {
                let service = ["mail", "wiki", "chat"][number / 2];
                let id = ["a", "b"][number % 2];
                if id == "a" {
                    let category = if service == "chat" { "other" } else { "software" };
                    let _ = writeln!(text, "[service.{service}]\nname = \"S\"\ncategory = \"{category}\"");
                }
                let _ =
                    writeln!(text, "[service.{service}.entitlement.{id}]\nname = \"E\"\nrisk = \"{risk}\"");
                let _ = role.map_or(Ok(()), |role| writeln!(text, "role = \"{role}\""));
                let _ = days.map_or(Ok(()), |days| writeln!(text, "max-duration = \"{}d\"", days * 60 + 1));
            }
            text
        })
    }

    const REST: &str = r#"
category.software = { name = "Software", function = "it" }
category.other = { name = "Other", function = "it", parent = "software" }
workflow.one = { name = "One", stage = [{ id = "a", approvers = ["role:manager"] }] }
exception.e = { rule = "guardrail:g0", reason = "r", expires = 2027-01-01, approved-by = "ana", entitlements = ["mail/a"] }
"#;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(192))]

        /// What is said of one policy or entitlement and repeated of others is what is found by looking at
        /// each.
        #[test]
        fn what_is_alike_is_decided_alike(
            services in services(),
            policies in policies(),
            guardrails in guardrails(),
            waived in any::<bool>(),
        ) {
            let rest = if waived { REST } else { REST.split("exception").next().unwrap() };
            let text = format!("{rest}\n{services}\n{policies}\n{guardrails}");
            let rulebook = rulebook(&text);
            prop_assert_eq!(rulebook.services.len(), 3, "{}", text);
            let today = date(2026, 11, 20);
            let (shared, unshared) = (Analysis::new(&rulebook, today), Analysis::unshared(&rulebook, today));
            for lint in LINTS {
                let found = |analysis| {
                    let mut context = Context::new(analysis, lint.code);
                    (lint.check)(&mut context);
                    format!("{:#?}", context.into_findings())
                };
                prop_assert_eq!(found(&shared), found(&unshared), "{}: {}", lint.code.id, text);
            }
        }
    }

    #[test]
    fn entitlements_are_one_case_when_the_same_is_known_about_them() {
        let text = |second: &str| {
            format!(
                "{REST}\nservice.mail = {{ name = \"M\", entitlement.a = {{ name = \"A\", risk = \"low\" }}, entitlement.b = {second} }}\naccess.x = {{ applies-to = \"everything\", rule = [{{ id = \"r\", when.entitlement.risk = \"low\", decision = \"deny\" }}] }}"
            )
        };
        for (second, alike) in [
            ("{ name = \"B\", risk = \"low\", role = \"r\" }", true),
            ("{ name = \"B\", risk = \"high\" }", false),
        ] {
            let rulebook = rulebook(&text(second));
            let analysis = Analysis::new(&rulebook, date(2026, 11, 20));
            let cases: Vec<u32> = analysis.considered().iter().map(|one| one.case).collect();
            assert_eq!(cases[0] == cases[1], alike, "{second}");
        }
    }
}
