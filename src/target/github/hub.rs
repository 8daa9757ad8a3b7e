//! A GitHub that is read for a plan, or written by an apply.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use serde::Deserialize;
use serde_json::Value;

use super::{
    desired,
    error::HubError,
    files::Files,
    inventory::{self, Inventory, Item, Where, wanted_members},
    rulesets,
    sort::Sort,
    write::Pen,
};
use crate::{
    forge::github::{API, GitHub},
    http::{Address, Limits},
    plan::{Construct, Desired, Found, Key, Observed, Support, Unmanaged},
    source::Directory,
    target::{
        Open, Place, Reader, Step, TargetError, Writer,
        content::{digest, found, text, texts, value_of},
        mark::Owner,
        opening::Opening,
        pen::{Pen as _, unchanged},
    },
};

/// One repository at GitHub, with the organisation that it belongs to.
#[derive(Debug)]
pub(super) struct Hub {
    github: GitHub,
    place: Where,
    owner: Owner,
    shown: String,
    files: Files,
    /// Whether the ruleset of the repository is managed.
    ruleset: bool,
    /// What is there; listed when something is written for the first time.
    inventory: Option<Inventory>,
}

/// A label or team that is there, with the members of a team.
type Standing = (Key, Item, Option<BTreeSet<String>>);

/// The repository, as it comes.
#[derive(Debug, Deserialize)]
struct Repository {
    owner: Account,
    archived: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct Account {
    #[serde(rename = "type")]
    sort: Option<String>,
}

impl Open for Hub {
    fn open(place: &Place<'_>) -> Result<Self, TargetError> {
        let opening = Opening { place, system: "GitHub" };
        let settings = place.settings;
        let (owner, name) = desired::repository(settings).ok_or_else(|| {
            opening.refused(
                "does not say which repository is meant",
                "write `repository = \"example/service-desk\"`",
            )
        })?;
        opening.options(&[desired::TEAMS, desired::RULESET])?;
        opening.flags(&[desired::TEAMS, desired::RULESET])?;
        let token = opening.token("GITHUB_TOKEN")?;
        let address = Address::parse(settings.url.as_deref().unwrap_or(API))?;
        let shown = format!("{}/{name} at {}", owner, address.as_str());
        let github = GitHub::new(address, Some(token), Limits::default())?;
        let place_at =
            Where { owner: owner.to_owned(), name: name.to_owned(), teams: desired::manages_teams(settings) };
        Ok(Self {
            github,
            place: place_at,
            owner: place.owner(),
            shown,
            files: Files::open(opening)?,
            ruleset: desired::manages_ruleset(settings),
            inventory: None,
        })
    }
}

impl Hub {
    /// Makes sure that the repository is there, and that its owner can have teams.
    fn look_at_repository(&self) -> Result<(), TargetError> {
        let repository: Repository = self.github.get(&self.place.repository(&[]))?;
        let name = format!("{}/{}", self.place.owner, self.place.name);
        if repository.archived == Some(true) {
            return Err(TargetError::refused(
                format!("the repository `{name}` is archived, so nothing can be changed there"),
                "name another one, or take it out of the archive",
            ));
        }
        if self.place.teams && repository.owner.sort.as_deref() != Some("Organization") {
            return Err(TargetError::refused(
                format!("the owner of the repository `{name}` is no organisation, and has no teams"),
                "write `options.teams = false`, or name a repository of an organisation",
            ));
        }
        Ok(())
    }

    /// Every label and team that stands for an object of the rulebook, or did, with its members.
    fn look(&self, inventory: &Inventory, wanted: &BTreeMap<&Key, Value>) -> Result<Vec<Standing>, HubError> {
        let keys: BTreeSet<Key> = wanted.keys().map(|key| (*key).clone()).chain(inventory.keys()).collect();
        let mut there = Vec::new();
        for key in keys {
            let name = wanted.get(&key).map(|wanted| text(wanted, "Name"));
            if let Some(item) = inventory.find(&key, name)? {
                there.push((key, item.clone()));
            }
        }
        let members = self.github.each(&there, |(key, item)| {
            if Sort::of_kind(&key.kind) != Some(Sort::Team) {
                return Ok(None);
            }
            let wanted = wanted.get(key).map(wanted_members).unwrap_or_default();
            inventory.members(&self.github, &self.place, item.address(), &wanted).map(Some)
        });
        there.into_iter().zip(members).map(|((key, item), members)| Ok((key, item, members?))).collect()
    }

    fn pen(&mut self) -> Result<Pen<'_>, HubError> {
        let inventory = match self.inventory.take() {
            Some(inventory) => inventory,
            None => Inventory::read(&self.github, &self.place, self.owner.clone())?,
        };
        Ok(Pen { github: &self.github, place: &self.place, inventory: self.inventory.insert(inventory) })
    }
}

fn ruleset() -> Key {
    Key::new(Sort::Ruleset.kind(), desired::OWNERS)
}

fn is_file(key: &Key) -> bool {
    Sort::of_kind(&key.kind).is_some_and(Sort::is_file)
}

impl Reader for Hub {
    fn place(&self) -> String {
        self.shown.clone()
    }

    fn state_folder(&self) -> PathBuf {
        self.files.root.state_folder()
    }

    fn state(&self, make: bool) -> Result<Option<Directory>, TargetError> {
        self.files.root.state(make)
    }

    fn observe(&self, desired: &Desired) -> Result<Observed, TargetError> {
        self.look_at_repository()?;
        let inventory = Inventory::read(&self.github, &self.place, self.owner.clone())?;
        let wanted: BTreeMap<&Key, Value> = desired
            .objects
            .iter()
            .filter(|(key, _)| Sort::of_kind(&key.kind).is_some_and(Sort::is_listed))
            .map(|(key, wanted)| (key, value_of(&wanted.content)))
            .collect();
        let mut observed = Observed::default();
        let mut known = BTreeSet::new();
        for (key, item, members) in self.look(&inventory, &wanted)? {
            let is_team = members.is_some();
            known.insert((is_team, item.address().to_owned()));
            let wanted = wanted.get(&key).unwrap_or(&Value::Null);
            let content = inventory::content(&inventory, &key, &item, members, wanted);
            let name = format!("{} {}", if is_team { "team" } else { "label" }, item.name);
            observed.objects.insert(key, found(name, &content, Vec::new()));
        }
        let missing = wanted.iter().filter(|(key, _)| !observed.objects.contains_key(key));
        let taken = missing
            .filter_map(|(key, wanted)| Some(((*key).clone(), inventory.taken(key, text(wanted, "Name"))?)));
        observed.taken = taken.collect();
        let (files, mut others) = self.files.list()?;
        if self.ruleset {
            let key = ruleset();
            let there = rulesets::read(&self.github, &self.place, &key, &self.owner)?;
            others.extend(there.others);
            if let Some((_, content)) = there.own {
                let name = format!("ruleset {}", text(&content, "name"));
                // Its name is its mark.
                observed.objects.insert(key, Found { marked: true, ..found(name, &content, Vec::new()) });
            }
        }
        let mut refers: BTreeMap<Key, Vec<Key>> = BTreeMap::new();
        for key in files {
            let Some(content) = self.files.read(&key)? else { continue };
            if Sort::of_kind(&key.kind) == Some(Sort::Form) {
                let label = Key::new(Sort::RequestLabel.kind(), &key.id);
                refers.entry(label).or_default().push(key.clone());
            }
            observed.objects.insert(key.clone(), found(self.files.name(&key), &content, Vec::new()));
            let owners = content.get("Lines").and_then(Value::as_array).into_iter().flatten();
            let slugs: BTreeSet<&str> = owners
                .flat_map(|line| texts(line, "owners"))
                .filter_map(|owner| owner.split_once('/').map(|(_, slug)| slug))
                .collect();
            for slug in slugs {
                let team = observed.objects.keys().find(|team| {
                    Sort::of_kind(&team.kind) == Some(Sort::Team) && super::sort::slug(&team.id) == slug
                });
                if let Some(team) = team.cloned() {
                    refers.entry(team).or_default().push(key.clone());
                }
            }
        }
        for (key, by) in refers {
            if let Some(found) = observed.objects.get_mut(&key) {
                found.referred_by = by;
            }
        }
        let strangers = inventory.strangers(&known).into_iter().chain(others);
        observed.unmanaged = strangers.map(|name| Unmanaged { name }).collect();
        let outside: BTreeSet<String> =
            wanted.values().flat_map(wanted_members).filter(|login| !inventory.has(login)).collect();
        if !outside.is_empty() {
            observed.constructs.push(Construct {
                construct: "team.members".to_owned(),
                support: Support::Lost,
                reason: "they are not in the organisation, and nobody is invited: invite them there"
                    .to_owned(),
                objects: outside.len(),
            });
        }
        Ok(observed)
    }
}

impl Writer for Hub {
    fn write(&mut self, step: &Step<'_>) -> Result<Option<String>, TargetError> {
        let key = &step.operation.object;
        let wanted = step.content.map(value_of);
        let before = step.operation.before.as_deref();
        if is_file(key) {
            unchanged(key, self.files.read(key)?.as_ref(), before)?;
            match wanted {
                Some(wanted) => self.files.write(key, &wanted)?,
                None => self.files.remove(key)?,
            }
            return self.read_back(step);
        }
        if *key == ruleset() {
            let own = rulesets::read(&self.github, &self.place, key, &self.owner)?.own;
            unchanged(key, own.as_ref().map(|(_, content)| content), before)?;
            let id = own.as_ref().map(|(id, _)| id.as_str());
            rulesets::write(&self.github, &self.place, id, wanted.as_ref())?;
            return self.read_back(step);
        }
        let written = self.pen()?.write(step);
        if written.is_err() {
            // Something may have been made of which only the answer got lost: everything is listed again.
            self.inventory = None;
        }
        Ok(written?)
    }

    fn read_back(&mut self, step: &Step<'_>) -> Result<Option<String>, TargetError> {
        let key = &step.operation.object;
        if is_file(key) {
            return Ok(self.files.read(key)?.as_ref().map(digest));
        }
        if *key == ruleset() {
            let own = rulesets::read(&self.github, &self.place, key, &self.owner)?.own;
            return Ok(own.map(|(_, content)| digest(&content)));
        }
        Ok(self.pen()?.read_back(step)?)
    }
}
