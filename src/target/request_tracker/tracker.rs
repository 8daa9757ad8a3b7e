//! A Request Tracker that is read for a plan, or written by an apply.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use serde_json::Value;

use super::{
    api::{Api, text},
    desired::{self, CONFIGURATION, member},
    error::RtError,
    files::Files,
    inventory::{Inventory, Known, fields_of, queue_of},
    sort::Sort,
    write::{Pen, without_users},
};
use crate::{
    http::{Address, Client, Limits},
    plan::{Construct, Desired, Key, Observed, Support, Unmanaged},
    source::Directory,
    target::{
        Open, Place, Reader, Step, TargetError, Writer,
        content::{digest, found, value_of},
        mark::Owner,
        opening::Opening,
        pen::{Pen as _, unchanged},
    },
};

/// One Request Tracker.
#[derive(Debug)]
pub(super) struct Tracker {
    client: Client,
    url: String,
    owner: Owner,
    files: Files,
    /// Whether users are managed. When they are not any more, those that were made stay as they are.
    users: bool,
    /// What is there; listed when something is written for the first time.
    inventory: Option<Inventory>,
}

impl Open for Tracker {
    fn open(place: &Place<'_>) -> Result<Self, TargetError> {
        let opening = Opening { place, system: "Request Tracker" };
        let url = opening.url("https://rt.example.com")?;
        opening.options(&[desired::USERS])?;
        opening.flags(&[desired::USERS])?;
        let token = opening.token("RT_TOKEN")?;
        let address = Address::parse(url)?;
        let url = address.as_str().to_owned();
        let client = Client::new(address, Some(("token", token)), Limits::default())?;
        Ok(Self {
            client,
            url,
            owner: place.owner(),
            files: Files::open(opening)?,
            users: desired::manages_users(place.settings),
            inventory: None,
        })
    }
}

impl Tracker {
    fn api(&self) -> Api<'_> {
        Api { client: &self.client }
    }

    /// Everything that stands for an object of the rulebook, or did.
    fn look(&self, inventory: &Inventory, desired: &Desired) -> Result<Vec<(Key, Known)>, RtError> {
        let names: BTreeMap<&Key, Option<String>> = desired
            .objects
            .iter()
            .map(|(key, wanted)| (key, text(&value_of(&wanted.content), "Name")))
            .collect();
        let ours = inventory.keys().filter(|key| self.users || Sort::of_kind(&key.kind) != Some(Sort::User));
        let keys: BTreeSet<&Key> = names.keys().copied().chain(ours).collect();
        let keys: Vec<(&Key, Option<&str>)> =
            keys.into_iter().map(|key| (key, names.get(key).and_then(Option::as_deref))).collect();
        let api = self.api();
        let found = self.client.each(&keys, |(key, name)| inventory.find(&api, key, *name));
        let mut live = Vec::new();
        for ((key, _), found) in keys.iter().zip(found) {
            if let Some(known) = found?.filter(|known| known.live) {
                live.push(((*key).clone(), known));
            }
        }
        Ok(live)
    }

    fn pen(&mut self) -> Result<Pen<'_>, RtError> {
        let api = Api { client: &self.client };
        let inventory = match self.inventory.take() {
            Some(inventory) => inventory,
            None => Inventory::read(&api, &self.owner)?,
        };
        Ok(Pen { api, inventory: self.inventory.insert(inventory) })
    }
}

impl Reader for Tracker {
    fn place(&self) -> String {
        self.url.clone()
    }

    fn state_folder(&self) -> PathBuf {
        self.files.root.state_folder()
    }

    fn state(&self, make: bool) -> Result<Option<Directory>, TargetError> {
        self.files.root.state(make)
    }

    fn observe(&self, desired: &Desired) -> Result<Observed, TargetError> {
        let api = self.api();
        api.version()?;
        let inventory = Inventory::read(&api, &self.owner)?;
        let live = self.look(&inventory, desired)?;
        let known = live.iter().map(|(_, known)| (known.sort.about().path, known.id.clone())).collect();
        // A custom field says nothing of its queue, but the queue of its fields.
        let mut queues: BTreeSet<(String, String)> = BTreeSet::new();
        let mut watched: BTreeMap<Key, Vec<Key>> = BTreeMap::new();
        for (key, known) in live.iter().filter(|(_, known)| known.sort.about().path == "queue") {
            for field in fields_of(&known.item.value) {
                queues.insert((field, key.to_string()));
            }
            let content = inventory.content(key, known, false);
            for group in content.get("AdminCc").and_then(Value::as_array).into_iter().flatten() {
                if let Some(group) = group.as_str().and_then(Key::parse) {
                    watched.entry(group).or_default().push(key.clone());
                }
            }
        }
        // Members whose users this plan makes are not missing.
        let users = desired.objects.iter().filter(|(key, _)| Sort::of_kind(&key.kind) == Some(Sort::User));
        let coming: BTreeSet<String> = users
            .map(|(key, wanted)| member(text(&value_of(&wanted.content), "EmailAddress").as_deref(), &key.id))
            .collect();
        let mut observed = Observed::default();
        let mut missing = 0;
        let mut lacking: BTreeMap<&Key, Value> = BTreeMap::new();
        for (key, wanted) in &desired.objects {
            let mut wanted = value_of(&wanted.content);
            let Some(Value::Array(members)) = wanted.get_mut("Members") else { continue };
            members.retain(|member| {
                member
                    .as_str()
                    .is_some_and(|member| !coming.contains(member) && inventory.user(member).is_none())
            });
            missing += members.len();
            lacking.insert(key, wanted);
        }
        for (key, known) in live {
            let has_queue = queues.contains(&(known.id.clone(), queue_of(&key).to_string()));
            let mut content = inventory.content(&key, &known, has_queue);
            if let Some(wanted) = lacking.get(&key) {
                without_users(&inventory, wanted, &mut content);
            }
            let referred_by = watched.remove(&key).unwrap_or_default();
            let name = format!("{} {}", known.sort.about().path, text(&content, "Name").unwrap_or_default());
            observed.objects.insert(key, found(name, &content, referred_by));
        }
        for (key, wanted) in &desired.objects {
            if observed.objects.contains_key(key) {
                continue;
            }
            let name = text(&value_of(&wanted.content), "Name").unwrap_or_default();
            let owner = inventory.taken(key, &name);
            observed.taken.extend(owner.map(|owner| (key.clone(), owner.to_owned())));
        }
        if let Some(content) = self.files.read()? {
            let key = Key::new(CONFIGURATION, desired::LEVELS);
            observed
                .objects
                .insert(key, found("the file of service levels".to_owned(), &content, Vec::new()));
        }
        observed.unmanaged = inventory.strangers(&known).into_iter().map(|name| Unmanaged { name }).collect();
        if missing > 0 {
            observed.constructs.push(Construct {
                construct: "team.members".to_owned(),
                support: Support::Lost,
                reason:
                    "they have no user at Request Tracker: make them there, or write `options.users = true`"
                        .to_owned(),
                objects: missing,
            });
        }
        Ok(observed)
    }
}

impl Writer for Tracker {
    fn write(&mut self, step: &Step<'_>) -> Result<Option<String>, TargetError> {
        let key = &step.operation.object;
        if &*key.kind == CONFIGURATION {
            unchanged(key, self.files.read()?.as_ref(), step.operation.before.as_deref())?;
            match step.content.map(value_of) {
                Some(wanted) => self.files.write(&wanted)?,
                None => self.files.remove()?,
            }
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
        if &*step.operation.object.kind == CONFIGURATION {
            return Ok(self.files.read()?.as_ref().map(digest));
        }
        Ok(self.pen()?.read_back(step)?)
    }
}
