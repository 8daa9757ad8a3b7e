//! What a rulebook becomes at a SCIM service on a day: groups with their members, and users.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    sort::{MEMBERS, Sort, external_id},
    support,
};
use crate::{
    decide::{
        engine::Engine,
        policy::{self, Offer},
    },
    ledger::{
        given::Given,
        holdings::{Giver, Holdings, in_force},
        standing::has_left,
    },
    model::{
        Entry, Rulebook,
        condition::Literal,
        person::{Person, PersonStatus},
        service::Lifecycle,
        settings,
    },
    plan::{Desired, Key, Wanted},
    target::{
        Book, TargetError, constructs,
        content::sorted,
        mark::{Owner, one_line},
    },
};

/// The option that says that users are made for people.
pub(super) const USERS: &str = "users";
/// The option that names the services whose entitlements the target knows.
pub(super) const SERVICES: &str = "services";
/// The name under which people have accounts at SCIM services, where it is not their address.
const ACCOUNT: &str = "scim";

/// Whether users are managed.
pub(super) fn manages_users(target: &settings::Target) -> bool {
    target.options.iter().any(|(id, value)| id.as_str() == USERS && *value == Literal::Boolean(true))
}

/// What the target must hold.
pub(super) fn desired(book: &Book<'_>) -> Result<Desired, TargetError> {
    let rulebook = book.rulebook;
    let undecidable = |error: &dyn std::fmt::Display| {
        TargetError::refused(format!("nobody can say who holds what: {error}"), "run `gitsm validate`")
    };
    let engine = Engine::new(rulebook).map_err(|error| undecidable(&error))?;
    let held = in_force(&engine, book.now, |_| true);
    // Whoever is left out loses what they have: that is for people to decide.
    if let [first, others @ ..] = held.undecided() {
        let more = if others.is_empty() { String::new() } else { format!(", and {} more", others.len()) };
        return Err(TargetError::refused(
            format!("nobody can say what comes with the bundles of `{}`{more}: {}", first.person, first.why),
            "mend the rule, or what the directory says of them: a second record of one person, for example",
        ));
    }
    let scope = Scope::of(book.settings, rulebook)?;
    let owner = book.owner();
    let mut groups = groups(rulebook, &scope);
    let holders = fill(rulebook, &held, &scope, &mut groups);
    let has_users = manages_users(book.settings);
    let mut objects = BTreeMap::new();
    let today = engine.date(book.now);
    let mut whose: BTreeMap<String, &Entry<Person>> = BTreeMap::new();
    for person in &rulebook.people {
        let is_here = !has_left(person, today)
            && person.status != PersonStatus::Joining
            && person.start.is_none_or(|first| first.0 <= today);
        // A system that knows some services only has nothing to do with those who hold nothing there.
        let is_known =
            holders.contains(person.id.as_str()) || (has_users && is_here && scope.is_everything());
        if !is_known {
            continue;
        }
        // One user of two people would have what either of them holds.
        if let Some(other) = whose.insert(user_name(person), person) {
            return Err(TargetError::refused(
                format!("`{}` and `{}` would have one user, `{}`", other.id, person.id, user_name(person)),
                "give one of them another address, or write the name of their user as `accounts.scim`",
            ));
        }
        if has_users {
            let key = Key::new(Sort::Account.kind(), person.id.as_str());
            objects.insert(key.clone(), account(&owner, &key, person));
        }
    }
    let names = names(&groups);
    for (key, group) in groups {
        let members = group.members.iter().filter_map(|person| rulebook.people.get(person));
        let members: BTreeSet<String> = members.map(|person| member(person, has_users)).collect();
        let content = json!({
            "displayName": names.get(&key).unwrap_or(&group.name),
            "externalId": external_id(&owner, &key),
            MEMBERS: members.into_iter().map(|id| json!({ "id": id })).collect::<Vec<_>>(),
        });
        objects.insert(key, wanted(group.name, &content));
    }
    Ok(Desired { objects, constructs: constructs(support::of, rulebook) })
}

fn wanted(name: String, content: &Value) -> Wanted {
    Wanted { name: Some(name), content: sorted(content), needs: Vec::new(), derived: false }
}

/// A user of somebody.
fn account(owner: &Owner, key: &Key, person: &Entry<Person>) -> Wanted {
    let mut content = json!({
        "active": true,
        "displayName": one_line(&person.name),
        "externalId": external_id(owner, key),
        "userName": user_name(person),
    });
    // An address that the rulebook does not know is no matter of it.
    let email = person.email.as_deref().map(str::trim).filter(|email| !email.is_empty());
    if let (Some(email), Some(fields)) = (email, content.as_object_mut()) {
        fields.insert("email".to_owned(), json!(email.to_lowercase()));
    }
    wanted(person.name.clone(), &content)
}

/// The name of somebody's user: that of their account, or else their address. Services take no notice of its case.
fn user_name(person: &Entry<Person>) -> String {
    let account = person.accounts.iter().find(|(system, _)| system.as_str() == ACCOUNT);
    let account = account.map(|(_, name)| name.as_str()).or(person.email.as_deref());
    let account = account.map(str::trim).filter(|name| !name.is_empty());
    account.unwrap_or(person.id.as_str()).to_lowercase()
}

/// Somebody as a member: by the user that is theirs, or where users are not managed by the name of one.
fn member(person: &Entry<Person>, has_users: bool) -> String {
    if has_users {
        Key::new(Sort::Account.kind(), person.id.as_str()).to_string()
    } else {
        format!("{}:{}", Sort::Account.word(), user_name(person))
    }
}

/// Which services the target knows; all when none are named.
struct Scope(Option<BTreeSet<String>>);

impl Scope {
    fn of(target: &settings::Target, rulebook: &Rulebook) -> Result<Self, TargetError> {
        let Some((_, services)) = target.options.iter().find(|(id, _)| id.as_str() == SERVICES) else {
            return Ok(Self(None));
        };
        let refused = |problem: String| {
            TargetError::refused(
                problem,
                "write services of the rulebook, such as `options.services = \"mail, sales\"`",
            )
        };
        let Literal::Text(services) = services else {
            return Err(refused("`options.services` is no text".to_owned()));
        };
        let services: BTreeSet<String> = services
            .split(',')
            .map(|service| service.trim().to_owned())
            .filter(|service| !service.is_empty())
            .collect();
        if services.is_empty() {
            return Err(refused("`options.services` names no service".to_owned()));
        }
        if let Some(service) =
            services.iter().find(|service| rulebook.services.get(service.as_str()).is_none())
        {
            let service = service.escape_debug();
            return Err(refused(format!(
                "`options.services` names `{service}`, and there is no such service"
            )));
        }
        Ok(Self(Some(services)))
    }

    const fn is_everything(&self) -> bool {
        self.0.is_none()
    }

    fn has(&self, service: &str) -> bool {
        self.0.as_ref().is_none_or(|services| services.contains(service))
    }
}

/// A group, and the people in it.
struct Group<'a> {
    name: String,
    members: BTreeSet<&'a str>,
}

/// The groups that there are even where nobody is in them.
fn groups<'a>(rulebook: &Rulebook, scope: &Scope) -> BTreeMap<Key, Group<'a>> {
    let empty = |name: &str| Group { name: one_line(name), members: BTreeSet::new() };
    let mut groups = BTreeMap::new();
    for offer in policy::offers(rulebook) {
        let is_gone = offer.service.lifecycle == Some(Lifecycle::Retired);
        if is_gone || !scope.has(offer.service.id.as_str()) {
            continue;
        }
        let key = Key::new(Sort::Entitlement.kind(), &offer.reference().to_string());
        groups.insert(key, empty(&called(&offer)));
        for name in offer.entitlement.groups.iter().filter(|name| !name.trim().is_empty()) {
            groups.insert(Key::new(Sort::Group.kind(), name), empty(name));
        }
    }
    for bundle in &rulebook.bundles {
        if bundle.value.entitlements.iter().any(|one| scope.has(one.service.as_str())) {
            groups.insert(Key::new(Sort::Bundle.kind(), bundle.id.as_str()), empty(&bundle.name));
        }
    }
    groups
}

/// Puts everybody into the groups of what they hold, and gives those who hold anything here.
fn fill<'a>(
    rulebook: &'a Rulebook,
    held: &Holdings<'a>,
    scope: &Scope,
    groups: &mut BTreeMap<Key, Group<'a>>,
) -> BTreeSet<&'a str> {
    let mut holders = BTreeSet::new();
    for person in &rulebook.people {
        let person = person.id.as_str();
        for (given, givers) in held.of_person(person) {
            let (key, name) = match given {
                Given::Access(entitlement) if scope.has(entitlement.service.as_str()) => {
                    let name = policy::offer(rulebook, entitlement).map(|offer| called(&offer));
                    let id = entitlement.to_string();
                    (Key::new(Sort::Entitlement.kind(), &id), one_line(&name.unwrap_or(id)))
                }
                Given::Group(name) => (Key::new(Sort::Group.kind(), name), one_line(name)),
                _ => continue,
            };
            // What is retired, or was given under another name, is there as long as somebody holds it.
            let is_known =
                groups.contains_key(&key) || givers.iter().any(|giver| gives(rulebook, *giver, scope));
            if !is_known {
                continue;
            }
            let group = groups.entry(key).or_insert_with(|| Group { name, members: BTreeSet::new() });
            group.members.insert(person);
            holders.insert(person);
            for giver in givers {
                let Giver::Bundle(bundle) = giver else { continue };
                if let Some(group) = groups.get_mut(&Key::new(Sort::Bundle.kind(), bundle.as_str())) {
                    group.members.insert(person);
                }
            }
        }
    }
    holders
}

/// What the group of an entitlement is called.
fn called(offer: &Offer<'_>) -> String {
    format!("{}: {}", offer.service.name, offer.entitlement.name)
}

/// Whether what gives something is about a service that the target knows.
fn gives(rulebook: &Rulebook, giver: Giver<'_>, scope: &Scope) -> bool {
    match giver {
        Giver::Grant(id) => rulebook
            .grants
            .get(id.as_str())
            .is_some_and(|grant| scope.has(grant.value.entitlement.service.as_str())),
        Giver::Bundle(_) => scope.is_everything(),
    }
}

/// What groups are called where their own name is taken, whatever its case: those that entitlements name have theirs.
fn names(groups: &BTreeMap<Key, Group<'_>>) -> BTreeMap<Key, String> {
    let is_named = |key: &Key| *key.kind == *Sort::Group.kind();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut names = BTreeMap::new();
    let first = groups.iter().filter(|(key, _)| is_named(key));
    for (key, group) in first.chain(groups.iter().filter(|(key, _)| !is_named(key))) {
        if !taken.insert(group.name.to_lowercase()) && !is_named(key) {
            names.insert(key.clone(), format!("{} ({})", group.name, key.id));
        }
    }
    names
}
