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
    sort::Sort,
    write::Pen,
};
use crate::{
    http::{Address, Client, Limits},
    plan::{Construct, Desired, Found, Key, Observed, Support, Unmanaged},
    source::Directory,
    target::{
        Open, Place, Reader, Step, TargetError, Writer,
        content::{found, text, value_of},
        folder::Folder,
        mark::Owner,
        opening::Opening,
        pen::Pen as _,
    },
};

/// The folder of a target that names none.
const FOLDER: &str = "scim";

/// One service.
#[derive(Debug)]
pub(super) struct Service {
    client: Client,
    url: String,
    owner: Owner,
    folder: Folder,
    /// Whether users are managed. When they are not any more, those that were made stay as they are.
    users: bool,
    /// What it can do, and what is there; asked when something is written for the first time.
    known: Option<(About, Inventory)>,
}

impl Open for Service {
    fn open(place: &Place<'_>) -> Result<Self, TargetError> {
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
            owner: place.owner(),
            folder: opening.folder(FOLDER)?,
            users: desired::manages_users(place.settings),
            known: None,
        })
    }
}

impl Service {
    fn pen(&mut self) -> Result<Pen<'_>, ScimError> {
        let api = Api { client: &self.client };
        let known = match self.known.take() {
            Some(known) => known,
            None => (api.about()?, Inventory::read(&api, &self.owner, self.users)?),
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
        self.folder.state_folder()
    }

    fn state(&self, make: bool) -> Result<Option<Directory>, TargetError> {
        self.folder.state(make)
    }

    fn observe(&self, desired: &Desired) -> Result<Observed, TargetError> {
        let api = Api { client: &self.client };
        api.about()?;
        let mut inventory = Inventory::read(&api, &self.owner, self.users)?;
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
            if !inventory.is_gone(&key, &item) {
                let name = format!("{} {}", sort.word(), text(&item, sort.name()));
                let marked = inventory.is_own(&key, &item);
                // Where nobody knows any more that gitsm made it, this is how it is shown.
                let name = if marked { format!("{name} ({})", text(&item, "externalId")) } else { name };
                observed.objects.insert(key, Found { marked, ..found(name, &content, Vec::new()) });
            }
        }
        for (key, wanted) in wanted.iter().filter(|(key, _)| !observed.objects.contains_key(key)) {
            let Some(sort) = Sort::of_kind(&key.kind) else { continue };
            let owner = inventory.taken(key, text(wanted, sort.name()));
            observed.taken.extend(owner.map(|owner| ((*key).clone(), owner.to_owned())));
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
    fn write(&mut self, step: &Step<'_>) -> Result<Option<String>, TargetError> {
        let written = self.pen()?.write(step);
        if written.is_err() {
            // Something may have been made of which only the answer got lost: everything is listed again.
            self.known = None;
        }
        Ok(written?)
    }

    fn read_back(&mut self, step: &Step<'_>) -> Result<Option<String>, TargetError> {
        Ok(self.pen()?.read_back(step)?)
    }
}
