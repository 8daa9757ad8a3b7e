//! Who holds what, and what gives it to them: counted, so that ending one thing takes nothing that another gives.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    given::{self, Given},
    standing::{Standing, has_left, standing},
};
use crate::{
    decide::{birthright, engine::Engine, policy, undecidable::Undecidable},
    model::{Entry, Id, Rulebook, grant::Grant, person::PersonStatus},
};

/// What gives something to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Giver<'a> {
    /// A grant.
    Grant(&'a Id),
    /// A bundle that comes with what they are.
    Bundle(&'a Id),
}

impl std::fmt::Display for Giver<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Grant(id) => write!(formatter, "grant:{id}"),
            Self::Bundle(id) => write!(formatter, "bundle:{id}"),
        }
    }
}

/// That something gives somebody certain things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim<'a> {
    /// Who has it.
    pub person: &'a str,
    /// What gives it.
    pub by: Giver<'a>,
    /// What it is.
    pub given: BTreeSet<Given>,
}

/// Somebody of whom nobody can say what comes with their bundles.
#[derive(Debug, Clone, PartialEq)]
pub struct Undecided<'a> {
    /// Who.
    pub person: &'a str,
    /// Why not.
    pub why: Undecidable,
}

/// What everybody holds, each thing once, with all that gives it.
#[derive(Debug, Default, PartialEq)]
pub struct Holdings<'a> {
    people: BTreeMap<&'a str, BTreeMap<Given, BTreeSet<Giver<'a>>>>,
    undecided: Vec<Undecided<'a>>,
}

impl<'a> Holdings<'a> {
    /// What follows from claims.
    #[must_use]
    pub fn of(claims: impl IntoIterator<Item = Claim<'a>>) -> Self {
        let mut people: BTreeMap<&str, BTreeMap<Given, BTreeSet<Giver<'a>>>> = BTreeMap::new();
        for claim in claims {
            let own = people.entry(claim.person).or_default();
            for given in claim.given {
                own.entry(given).or_default().insert(claim.by);
            }
        }
        Self { people, undecided: Vec::new() }
    }

    /// Those of whom nobody can say what comes with their bundles. They hold what they were granted, and nothing else: one
    /// person about whom a rule is unclear is in nobody else's way, and keeps nothing by it.
    #[must_use]
    pub fn undecided(&self) -> &[Undecided<'a>] {
        &self.undecided
    }

    /// What somebody holds, with what gives it.
    pub fn of_person(&self, person: &str) -> impl Iterator<Item = (&Given, &BTreeSet<Giver<'a>>)> {
        self.people.get(person).into_iter().flatten()
    }

    /// What gives something to somebody.
    pub fn givers(&self, person: &str, given: &Given) -> impl Iterator<Item = Giver<'a>> {
        self.people.get(person).and_then(|own| own.get(given)).into_iter().flatten().copied()
    }

    /// What somebody holds here and not there, in the order of people and things.
    #[must_use]
    pub fn beyond(&self, other: &Self) -> Vec<(&'a str, &Given)> {
        let mut found = Vec::new();
        for (person, own) in &self.people {
            let theirs = other.people.get(person);
            let lost = own.keys().filter(|given| theirs.is_none_or(|theirs| !theirs.contains_key(*given)));
            found.extend(lost.map(|given| (*person, given)));
        }
        found
    }
}

/// What a grant gives to its holder.
#[must_use]
pub fn claim<'a>(rulebook: &Rulebook, grant: &'a Entry<Grant>) -> Claim<'a> {
    Claim {
        person: grant.value.beneficiary.as_str(),
        by: Giver::Grant(&grant.id),
        given: given::of_grant(rulebook, &grant.value),
    }
}

/// What bundles give to those who are here, of the people who are looked at: what a decision about the bundle gives at
/// once. What somebody has to agree to comes with a grant, once they have. Beside it those of whom nobody can say.
pub fn birthrights<'a>(
    engine: &Engine<'a>,
    now: Timestamp,
    looked_at: impl Fn(&str) -> bool,
) -> (Vec<Claim<'a>>, Vec<Undecided<'a>>) {
    let rulebook = engine.rulebook();
    let today = engine.date(now);
    let (mut claims, mut undecided) = (Vec::new(), Vec::new());
    if rulebook.bundles.is_empty() {
        return (claims, undecided);
    }
    for person in rulebook.people.iter().filter(|person| looked_at(person.id.as_str())) {
        let not_yet =
            person.status == PersonStatus::Joining || person.start.is_some_and(|first| first.0 > today);
        if not_yet || has_left(person, today) {
            continue;
        }
        let own = match birthright::of_person(engine, person, now) {
            Ok(own) => own,
            Err(why) => {
                undecided.push(Undecided { person: person.id.as_str(), why });
                continue;
            }
        };
        for own in own {
            let mut given = BTreeSet::new();
            for reference in own.given {
                if let Some(offer) = policy::offer(rulebook, reference) {
                    given.extend(given::of_entitlement(reference, offer.entitlement));
                }
            }
            claims.push(Claim { person: person.id.as_str(), by: Giver::Bundle(&own.bundle.id), given });
        }
    }
    (claims, undecided)
}

/// What those who are looked at are to hold at an instant: what the grants in force and the bundles give, and nothing else.
pub fn in_force<'a>(engine: &Engine<'a>, now: Timestamp, looked_at: impl Fn(&str) -> bool) -> Holdings<'a> {
    let rulebook = engine.rulebook();
    let grants = rulebook.grants.iter().filter(|grant| looked_at(grant.value.beneficiary.as_str()));
    let grants = grants.filter(|grant| standing(engine, grant, now) == Standing::InForce);
    let claims: Vec<_> = grants.map(|grant| claim(rulebook, grant)).collect();
    let (birthrights, undecided) = birthrights(engine, now, looked_at);
    Holdings { undecided, ..Holdings::of(claims.into_iter().chain(birthrights)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::rulebook;

    /// Ana is in sales, with a bundle of a mailbox and of reports.
    const BOOK: &str = r#"
[person.ana]
name = "Ana"
department = "sales"

[person.ben]
name = "Ben"

[service.mail]
name = "Mail"
lifecycle = "active"
entitlement.user = { name = "User", risk = "low" }
entitlement.reports = { name = "Reports", risk = "low" }

[bundle.sales]
name = "Sales"
when.subject.department = "sales"
entitlements = ["mail/user", "mail/reports"]

[workflow.one]
name = "One"
[[workflow.one.stage]]
id = "somebody"
approvers = ["person:ben"]

[access.user]
applies-to.entitlement = "mail/user"
[[access.user.rule]]
id = "all"
decision = "auto-approve"
"#;

    /// What Ana holds under some more rules, or why nobody knows what comes with her bundles.
    fn held(more: &str) -> Result<Vec<String>, Undecidable> {
        let book = rulebook(&format!("{BOOK}{more}"));
        let engine = Engine::new(&book).unwrap();
        let held = in_force(&engine, "2026-06-15T12:00:00Z".parse().unwrap(), |_| true);
        assert_eq!(held.of_person("ben").count(), 0, "he has no bundle");
        let own = held.of_person("ana").map(|(given, _)| given.to_string()).collect();
        match held.undecided() {
            [] => Ok(own),
            [one] => {
                assert_eq!((one.person, own), ("ana", Vec::<String>::new()), "what is unclear is not hers");
                Err(one.why.clone())
            }
            more => panic!("{more:?}"),
        }
    }

    fn reports(rule: &str) -> String {
        format!(
            "[access.reports]\napplies-to.entitlement = \"mail/reports\"\n[[access.reports.rule]]\nid = \"all\"\n{rule}\n"
        )
    }

    #[test]
    fn a_bundle_gives_what_nobody_has_to_agree_to() {
        let both = ["access mail/reports", "access mail/user"];
        assert_eq!(held(&reports("decision = \"auto-approve\"")).unwrap(), both);
        assert_eq!(held(&reports("decision.workflow = \"one\"")).unwrap(), ["access mail/user"]);
        // Once somebody has agreed, there is a grant.
        let grant =
            "[grant.one]\nbeneficiary = \"ana\"\nentitlement = \"mail/reports\"\nstart = 2026-06-01\n";
        assert_eq!(held(&(reports("decision.workflow = \"one\"") + grant)).unwrap(), both);
    }

    #[test]
    fn a_bundle_gives_nothing_that_is_denied() {
        // One thing of a request that is denied denies all of it.
        assert_eq!(held(&reports("decision = \"deny\"")).unwrap(), [""; 0]);
        let guardrail = "[guardrail.none]\ndescription = \"no mail\"\napplies-to.entitlement = \"mail/user\"\ndeny = true\n";
        assert_eq!(held(&(reports("decision = \"auto-approve\"") + guardrail)).unwrap(), [""; 0]);
    }

    #[test]
    fn what_nobody_can_decide_is_not_held_by_guess() {
        // Two policies about the same, and nothing says which is read first.
        let one = reports("decision = \"auto-approve\"");
        let other = one.replace("reports", "other").replace("mail/other", "mail/reports");
        assert!(held(&(one + &other)).is_err());
    }

    #[test]
    fn what_nobody_agreed_to_yet_takes_nothing_of_a_bundle_away() {
        let apart = |state: &str| {
            reports("decision = \"auto-approve\"")
                + "\n[service.pay]\nname = \"Pay\"\nlifecycle = \"active\"\n\
                   entitlement.create = { name = \"Create\", risk = \"low\" }\n\
                   [sod.pay]\ndescription = \"apart\"\nentitlements = [\"mail/user\", \"pay/create\"]\nrisk = \"low\"\n\
                   decision.workflow = \"one\"\n\
                   [grant.pay]\nbeneficiary = \"ana\"\nentitlement = \"pay/create\"\nstart = 2026-06-01\n"
                + &format!("state = \"{state}\"\n")
        };
        assert_eq!(held(&apart("requested")).unwrap(), ["access mail/reports", "access mail/user"]);
        // Once it is granted both are held, and somebody has to agree to that.
        assert_eq!(held(&apart("active")).unwrap(), ["access mail/reports", "access pay/create"]);
        // A grant says which duty its people agreed to, and not against what: what they said no to may be the other half.
        let agreed = |decision: &str| {
            held(&(apart("active") + &format!("decision = {{ {decision}, rules = [\"sod:pay\"] }}\n")))
                .unwrap()
        };
        assert_eq!(agreed("verdict = \"approved\""), ["access mail/reports", "access pay/create"]);
        assert_eq!(agreed("verdict = \"auto-approved\""), ["access mail/reports", "access pay/create"]);
    }

    #[test]
    fn a_bundle_gives_nothing_that_people_said_no_to() {
        // She asked for both at once, was given one of them, and has moved to where the other one comes with the role.
        let grant = |id: &str, entitlement: &str, rest: &str| {
            format!(
                "[grant.{id}]\nbeneficiary = \"ana\"\nentitlement = \"{entitlement}\"\nstart = 2026-06-01\n{rest}"
            )
        };
        let approved = "state = \"active\"\ndecision = { verdict = \"approved\", rules = [\"sod:mail\"] }\n\
                        approval = [{ stage = \"somebody\", by = \"ben\", at = 2026-06-01T10:00:00Z }]\n";
        let rejected = "state = \"ended\"\ndecision = { verdict = \"needs-approval\", rules = [\"sod:mail\"] }\n\
                        ended = { at = 2026-06-01T11:00:00Z, why = \"rejected\", reason = \"no\" }\n";
        let book = |decision: &str| {
            "[service.pay]\nname = \"Pay\"\nlifecycle = \"active\"\n\
             entitlement.create = { name = \"Create\", risk = \"low\" }\n\
             [sod.mail]\ndescription = \"apart\"\nentitlements = [\"mail/user\", \"pay/create\"]\nrisk = \"low\"\n"
                .to_owned()
                + decision
                + &grant("pay", "pay/create", approved)
                + &grant("user", "mail/user", rejected)
                + &reports("decision = \"auto-approve\"")
        };
        let without = ["access mail/reports", "access pay/create"];
        assert_eq!(held(&book("decision.workflow = \"one\"\n")).unwrap(), without);
        // All of a request is denied, and with it the rest of the bundle.
        assert_eq!(held(&book("decision = \"deny\"\n")).unwrap(), ["access pay/create"]);
    }

    #[test]
    fn one_person_of_whom_nobody_knows_is_in_nobody_elses_way() {
        let book = rulebook(&format!(
            "{BOOK}{}{}",
            reports("decision = \"auto-approve\""),
            r#"
[person.carl]
name = "Carl"
department = "sales"

# Rita has two records, and what she holds under one of them matters.
[person.rita]
name = "Rita"
email = "rita@example.com"
department = "sales"

[person.rita-admin]
name = "Rita as administrator"
email = "rita@example.com"

[grant.admin]
beneficiary = "rita-admin"
entitlement = "mail/user"
start = 2026-06-01

[guardrail.one]
description = "whoever has a mailbox has one"
applies-to.entitlement = "mail/user"
when.grants.entitlements.contains = "mail/user"
deny = true
"#
        ));
        let engine = Engine::new(&book).unwrap();
        let held = in_force(&engine, "2026-06-15T12:00:00Z".parse().unwrap(), |_| true);
        let undecided: Vec<&str> = held.undecided().iter().map(|one| one.person).collect();
        assert_eq!(undecided, ["rita"]);
        assert_eq!((held.of_person("carl").count(), held.of_person("rita").count()), (2, 0));
        assert_eq!(held.of_person("rita-admin").count(), 1, "what was granted is held");
    }
}
