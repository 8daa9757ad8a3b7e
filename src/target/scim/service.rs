//! A SCIM service that is read for a plan, or written by an apply.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use serde_json::Value;

use super::{
    api::{About, Api},
    desired,
    error::ScimError,
    inventory::Inventory,
    sort::{Sort, external_id},
    write::Pen,
};
use crate::{
    http::{Address, Client, Limits},
    plan::{Construct, Desired, Found, Key, Observed, Support, Unmanaged},
    source::Directory,
    target::{
        Place, Reader, Step, TargetError, Writer,
        content::{digest, found, text, value_of},
        folder::{Folder, STATE},
        opening::Opening,
    },
};

/// The folder of a target that names none.
const FOLDER: &str = "scim";

/// One service.
#[derive(Debug)]
pub(super) struct Service {
    client: Client,
    url: String,
    folder: Folder,
    /// Whether users are managed. When they are not any more, those that were made stay as they are.
    users: bool,
    /// What it can do, and what is there; asked when something is written for the first time.
    known: Option<(About, Inventory)>,
    /// What was written last: the object, what it had to hold, and what it holds since.
    last: Option<(Key, Value, Held)>,
}

/// What an object holds since it was written: not known when writing failed, else its digest, if it is there.
#[derive(Debug)]
enum Held {
    NotKnown,
    Digest(Option<String>),
}

impl Service {
    /// Opens it: nothing is sent yet.
    pub(super) fn open(place: &Place<'_>) -> Result<Self, TargetError> {
        let opening = Opening { place, system: "SCIM" };
        let url = opening.url("https://id.example.com/scim/v2")?;
        opening.options(&[desired::USERS, desired::SERVICES])?;
        opening.flags(&[desired::USERS])?;
        let token = opening.token("SCIM_TOKEN")?;
        let address = Address::parse(url)?;
        let url = address.as_str().to_owned();
        let client = Client::new(address, Some(("Bearer", token)), Limits::default())?;
        Ok(Self {
            client,
            url,
            folder: opening.folder(FOLDER)?,
            users: desired::manages_users(place.settings),
            known: None,
            last: None,
        })
    }

    fn pen(&mut self) -> Result<Pen<'_>, ScimError> {
        let api = Api { client: &self.client };
        let known = match self.known.take() {
            Some(known) => known,
            None => (api.about()?, Inventory::read(&api, self.users)?),
        };
        let (about, inventory) = self.known.insert(known);
        Ok(Pen { api, about, inventory })
    }

    /// The ids of what stands for objects of the rulebook, or did.
    fn look(
        &self,
        inventory: &mut Inventory,
        wanted: &BTreeMap<&Key, Value>,
    ) -> Result<Vec<(Key, Sort, String)>, ScimError> {
        let keys: BTreeSet<Key> = wanted.keys().copied().chain(inventory.keys()).cloned().collect();
        let mut there = Vec::new();
        for key in keys {
            let Some(sort) = Sort::of_kind(&key.kind).filter(|sort| self.users || *sort != Sort::Account)
            else {
                continue;
            };
            let name = wanted.get(&key).map(|wanted| text(wanted, sort.name())).unwrap_or_default();
            if let Some(id) = inventory.find(&key, name)? {
                if sort == Sort::Account {
                    inventory.call(&id, &key);
                }
                there.push((key, sort, id));
            }
        }
        Ok(there)
    }
}

impl Reader for Service {
    fn place(&self) -> String {
        self.url.clone()
    }

    fn state_folder(&self) -> PathBuf {
        self.folder.path().join(STATE)
    }

    fn state(&self, make: bool) -> Result<Option<Directory>, TargetError> {
        self.folder.state(make)
    }

    fn observe(&self, desired: &Desired) -> Result<Observed, TargetError> {
        let api = Api { client: &self.client };
        api.about()?;
        let mut inventory = Inventory::read(&api, self.users)?;
        let wanted: BTreeMap<&Key, Value> =
            desired.objects.iter().map(|(key, wanted)| (key, value_of(&wanted.content))).collect();
        let there = self.look(&mut inventory, &wanted)?;
        // Lists need not hold members, nor all of them.
        let items = self.client.each(&there, |(_, sort, id)| match sort {
            Sort::Account => Ok(inventory.listed(sort.path(), id).cloned()),
            _ => Ok::<_, ScimError>(api.item(sort.path(), id)?.map(|item| item.value)),
        });
        let mut observed = Observed::default();
        let mut known = BTreeSet::new();
        for ((key, sort, id), item) in there.into_iter().zip(items) {
            // It was listed a moment ago.
            let item = item?.ok_or_else(|| ScimError::Moving { collection: sort.path().to_owned() })?;
            let wanted = wanted.get(&key).unwrap_or(&Value::Null);
            let content = inventory.content(&key, &item, wanted)?;
            known.insert((sort.path(), id));
            if !Inventory::is_gone(&key, &item) {
                let name = format!("{} {}", sort.word(), text(&item, sort.name()));
                let mark = external_id(&key);
                let marked = text(&item, "externalId") == mark;
                // Where nobody knows any more that gitsm made it, this is how it is shown.
                let name = if marked { format!("{name} ({mark})") } else { name };
                observed.objects.insert(key, Found { marked, ..found(name, &content, Vec::new()) });
            }
        }
        observed.unmanaged = inventory.strangers(&known).into_iter().map(|name| Unmanaged { name }).collect();
        let mut lacking = BTreeSet::new();
        for wanted in wanted.values() {
            lacking.extend(inventory.lacking(wanted)?);
        }
        if !lacking.is_empty() {
            observed.constructs.push(Construct {
                construct: "grant.beneficiary".to_owned(),
                support: Support::Lost,
                reason: "they have no user at the target, so they do not get what they hold: make users there, or write \
                         `options.users = true`"
                    .to_owned(),
                objects: lacking.len(),
            });
        }
        Ok(observed)
    }
}

impl Writer for Service {
    fn write(&mut self, step: &Step<'_>) -> Result<(), TargetError> {
        let key = &step.operation.object;
        let wanted = step.content.map(value_of);
        let before = step.operation.before.as_deref();
        self.last = Some((key.clone(), wanted.clone().unwrap_or_default(), Held::NotKnown));
        let mut pen = self.pen()?;
        let written = match &wanted {
            Some(wanted) => pen.put(key, wanted, before).map(Some),
            None => pen.delete(key, before).and_then(|()| pen.held(key, &Value::Null)),
        };
        match written {
            Ok(held) => {
                let held = held.as_ref().map(digest);
                self.last = Some((key.clone(), wanted.unwrap_or_default(), Held::Digest(held)));
                Ok(())
            }
            Err(error) => {
                // Something may have been made of which only the answer got lost: everything is listed again.
                self.known = None;
                Err(error.into())
            }
        }
    }

    fn read_back(&mut self, key: &Key) -> Result<Option<String>, TargetError> {
        let wanted = match self.last.take().filter(|(last, ..)| last == key) {
            // Writing ended with reading it.
            Some((_, _, Held::Digest(held))) => return Ok(held),
            Some((_, wanted, Held::NotKnown)) => wanted,
            None => Value::Null,
        };
        let held = self.pen()?.held(key, &wanted)?;
        Ok(held.as_ref().map(digest))
    }
}
