//! What a rulebook becomes at GitHub.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    forms,
    owners::{self, Owners},
    rulesets,
    sort::{LABEL_DESCRIPTION, Sort, TEAM_DESCRIPTION, is_login, label_name, slug},
    support,
};
use crate::{
    model::{Entry, Rulebook, condition::Literal, person::Person, service::Lifecycle, settings, team::Team},
    plan::{Construct, Desired, Key, Support, Wanted},
    target::{
        Book, TargetError, constructs,
        content::sorted,
        mark::{Owner, fitting, one_line},
        offered::{is_here, is_offered},
    },
};

/// The option that says that teams are not managed, for a repository of a person.
pub(super) const TEAMS: &str = "teams";
/// The option that says that the ruleset of the repository is managed, for which the token needs more rights.
pub(super) const RULESET: &str = "ruleset";
/// The id of the one file of code owners, and of the one ruleset.
pub(super) const OWNERS: &str = "repository";
/// The system under which people have their account of GitHub.
const ACCOUNT: &str = "github";

/// Whether teams are managed.
pub(super) fn manages_teams(target: &settings::Target) -> bool {
    !target.options.iter().any(|(id, value)| id.as_str() == TEAMS && *value == Literal::Boolean(false))
}

/// Whether the ruleset of the repository is managed.
pub(super) fn manages_ruleset(target: &settings::Target) -> bool {
    target.options.iter().any(|(id, value)| id.as_str() == RULESET && *value == Literal::Boolean(true))
}

/// The owner and the name of the repository.
pub(super) fn repository(target: &settings::Target) -> Option<(&str, &str)> {
    target.repository.as_deref()?.split_once('/')
}

/// What the target must hold.
pub(super) fn desired(book: &Book<'_>) -> Result<Desired, TargetError> {
    let rulebook = book.rulebook;
    let accounts = accounts(rulebook)?;
    let owner = book.owner();
    let mut objects = Objects { all: BTreeMap::new(), owner: &owner };
    let in_use = |lifecycle: Option<Lifecycle>| lifecycle.is_none_or(is_offered);
    for service in rulebook.services.iter().filter(|service| in_use(service.lifecycle)) {
        let about = service.description.as_deref().unwrap_or(&service.name);
        objects.label(Sort::ServiceLabel, "service", service.id.as_str(), &service.name, about, "1d76db");
    }
    let priorities = &rulebook.settings.project.priorities;
    for (rank, priority) in priorities.iter().enumerate() {
        let about = if rank == 0 { "The most urgent.".to_owned() } else { format!("Urgency {}.", rank + 1) };
        let colour = COLOURS.get(rank).or(COLOURS.last()).copied().unwrap_or_default();
        objects.label(Sort::PriorityLabel, "priority", priority.as_str(), priority.as_str(), &about, colour);
    }
    for request in rulebook.request_types.iter().filter(|request| is_offered(request.lifecycle)) {
        let id = request.id.as_str();
        let about = request.description.as_deref().unwrap_or(&request.name);
        objects.label(Sort::RequestLabel, "request", id, &request.name, about, "0e8a16");
        let service = request.service.as_ref().and_then(|service| rulebook.services.get(service.as_str()));
        let service = service.filter(|service| in_use(service.lifecycle));
        let mut needs = vec![Key::new(Sort::RequestLabel.kind(), id)];
        needs.extend(service.map(|service| Key::new(Sort::ServiceLabel.kind(), service.id.as_str())));
        let mut labels = vec![label_name("request", id)];
        labels.extend(service.map(|service| label_name("service", service.id.as_str())));
        let form = forms::form(rulebook, request, &labels);
        objects.add(Sort::Form, id, &request.name, &form, needs);
    }
    let mut constructs = constructs(support::of, rulebook);
    let teams: Vec<&Entry<Team>> =
        if manages_teams(book.settings) { rulebook.teams.iter().collect() } else { Vec::new() };
    let mut slugs: BTreeMap<String, &str> = BTreeMap::new();
    let mut without: BTreeSet<&str> = BTreeSet::new();
    for team in &teams {
        if let Some(other) = slugs.insert(slug(team.id.as_str()), team.id.as_str()) {
            return Err(TargetError::refused(
                format!("the teams `{other}` and `{}` have the same name at GitHub", team.id),
                "give one of them another id",
            ));
        }
        without.extend(objects.team(rulebook, team, &accounts));
    }
    if !without.is_empty() {
        constructs.push(Construct {
            construct: "team.members".to_owned(),
            support: Support::Lost,
            reason: "they have no account: write `accounts.github` of these people".to_owned(),
            objects: without.len(),
        });
    }
    let organisation = repository(book.settings).map(|(owner, _)| owner).unwrap_or_default();
    let named = Owners { organisation, accounts: &accounts, teams: manages_teams(book.settings) };
    let (lines, nobody) = owners::lines(rulebook, &named);
    if nobody > 0 {
        constructs.push(Construct {
            construct: "governance.rule".to_owned(),
            support: Support::Lost,
            reason:
                "nobody whom the workflow asks by name or team has an account, so the path has no code owner"
                    .to_owned(),
            objects: nobody,
        });
    }
    let has_owners = !lines.is_empty();
    if has_owners {
        let needs = teams.iter().map(|team| Key::new(Sort::Team.kind(), team.id.as_str())).collect();
        objects.add(Sort::Owners, OWNERS, "Code owners", &owners::content(&lines), needs);
    }
    if let Some(ruleset) =
        rulesets::desired(rulebook, &owner, has_owners).filter(|_| manages_ruleset(book.settings))
    {
        objects.add(Sort::Ruleset, OWNERS, "Ruleset", &ruleset, Vec::new());
    }
    Ok(Desired { objects: objects.all, constructs })
}

/// From the most urgent priority on.
const COLOURS: [&str; 5] = ["b60205", "d93f0b", "fbca04", "c2e0c6", "bfd4f2"];

/// The accounts of people, in lower case: GitHub knows no other difference.
fn accounts(rulebook: &Rulebook) -> Result<BTreeMap<&str, String>, TargetError> {
    let mut accounts: BTreeMap<&str, String> = BTreeMap::new();
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for person in rulebook.people.iter().filter(|person| is_here(person)) {
        let Some((_, account)) = person.accounts.iter().find(|(system, _)| system.as_str() == ACCOUNT) else {
            continue;
        };
        if !is_login(account) {
            return Err(TargetError::refused(
                format!("`accounts.github` of `{}` is no name of an account", person.id),
                "write the name alone, such as `ana-silva`",
            ));
        }
        let account = account.to_ascii_lowercase();
        if let Some(other) = owners.insert(account.clone(), person.id.as_str()) {
            return Err(TargetError::refused(
                format!("`{other}` and `{}` have the same account at GitHub", person.id),
                "an account belongs to one person: take it away from the other",
            ));
        }
        accounts.insert(person.id.as_str(), account);
    }
    Ok(accounts)
}

struct Objects<'o> {
    all: BTreeMap<Key, Wanted>,
    owner: &'o Owner,
}

impl Objects<'_> {
    fn add(&mut self, sort: Sort, id: &str, name: &str, content: &Value, needs: Vec<Key>) {
        let wanted = Wanted { name: Some(name.to_owned()), content: sorted(content), needs, derived: false };
        self.all.insert(Key::new(sort.kind(), id), wanted);
    }

    fn label(&mut self, sort: Sort, prefix: &str, id: &str, name: &str, about: &str, colour: &str) {
        let mark = self.owner.mark(&Key::new(sort.kind(), id));
        let content = json!({
            "Name": label_name(prefix, id),
            "Description": fitting(about, &mark, LABEL_DESCRIPTION),
            "Colour": colour,
            "Mark": mark,
        });
        self.add(sort, id, name, &content, Vec::new());
    }

    /// A team with its members; gives those who have no account.
    fn team<'a>(
        &mut self,
        rulebook: &'a Rulebook,
        team: &Entry<Team>,
        accounts: &BTreeMap<&str, String>,
    ) -> Vec<&'a str> {
        let id = team.id.as_str();
        let people = team.members.iter().chain(&team.lead);
        let people: BTreeMap<&str, &Entry<Person>> = people
            .filter_map(|person| rulebook.people.get(person.as_str()))
            .filter(|person| is_here(person))
            .map(|person| (person.id.as_str(), person))
            .collect();
        let members: BTreeSet<&String> = people.keys().filter_map(|person| accounts.get(person)).collect();
        let mark = self.owner.mark(&Key::new(Sort::Team.kind(), id));
        // The name that people know goes into the description: what GitHub makes of it is not sure, and mentions and
        // code owners need it.
        let about = match &team.description {
            Some(description) => format!("{}: {description}", one_line(&team.name)),
            None => team.name.clone(),
        };
        let content = json!({
            "Name": slug(id),
            "Description": fitting(&about, &mark, TEAM_DESCRIPTION),
            "Members": members,
            "Mark": mark,
        });
        self.add(Sort::Team, id, &team.name, &content, Vec::new());
        people.into_keys().filter(|person| !accounts.contains_key(person)).collect()
    }
}
