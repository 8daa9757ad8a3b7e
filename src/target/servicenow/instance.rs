//! An instance that is read for a plan, or written by an apply.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use serde_json::Value;

use super::{
    api::{Api, is_id, text},
    desired::{CATALOG, KNOWLEDGE, OPTIONS, references},
    error::NowError,
    ids::Ids,
    inventory::{Inventory, Known, is_lost, parts, without_users},
    lookups::names_in,
    sort::Sort,
    support,
    write::Pen,
};
use crate::{
    http::{Address, Client, Limits},
    plan::{Desired, Key, Observed, Unmanaged},
    source::Directory,
    target::{
        Open, Place, Reader, Step, TargetError, Writer,
        content::{found, text as plain, texts, value_of},
        folder::Folder,
        mark::Owner,
        opening::Opening,
        pen::Pen as _,
    },
};

/// The folder of a target that names none.
pub(super) const FOLDER: &str = "servicenow";

/// One instance.
#[derive(Debug)]
pub(super) struct Instance {
    client: Client,
    url: String,
    owner: Owner,
    root: Folder,
    /// What is there and which row is what; read when something is written for the first time.
    seen: Option<(Inventory, Ids)>,
}

/// The folder in which an instance has what is known about it.
pub(super) fn folder(place: &Place<'_>) -> Result<Folder, TargetError> {
    Opening { place, system: "ServiceNow" }.folder(FOLDER)
}

impl Open for Instance {
    fn open(place: &Place<'_>) -> Result<Self, TargetError> {
        let opening = Opening { place, system: "ServiceNow" };
        let url = opening.url("https://example.service-now.com")?;
        opening.options(&OPTIONS)?;
        let token = opening.token("SERVICENOW_TOKEN")?;
        let address = Address::parse(url)?;
        let url = address.as_str().to_owned();
        let client = Client::new(address, Some(("Bearer", token)), Limits::default())?;
        Ok(Self { client, url, owner: place.owner(), root: folder(place)?, seen: None })
    }
}

impl Instance {
    /// Everything in use that stands for an object of the rulebook, or did. What is known by what it is called alone can lie
    /// in something that is, so that is looked for until nothing more is found.
    fn look(
        inventory: &mut Inventory,
        ids: &Ids,
        wanted: &BTreeMap<&Key, Value>,
    ) -> Result<Vec<(Key, Known)>, NowError> {
        let mut open: BTreeSet<&Key> = wanted.keys().copied().chain(ids.keys()).collect();
        let mut live: BTreeMap<Key, Known> = BTreeMap::new();
        loop {
            let mut found = Vec::new();
            for key in &open {
                if let Some(known) = inventory.find(ids, key, wanted.get(key))?.filter(Known::is_live) {
                    inventory.own(known.sort, key, &known.id);
                    found.push((*key, known));
                }
            }
            if found.is_empty() {
                return Ok(live.into_iter().collect());
            }
            for (key, known) in found {
                open.remove(key);
                live.insert(key.clone(), known);
            }
        }
    }

    /// Makes sure that the rows are there that the options name: what lies in a catalogue that there is not is seen by nobody.
    fn given<'v>(api: &Api<'_>, wanted: impl Iterator<Item = &'v Value>) -> Result<(), NowError> {
        let given =
            [(CATALOG, "sc_catalogs", "sc_catalog"), (KNOWLEDGE, "kb_knowledge_base", "kb_knowledge_base")];
        let mut found: BTreeMap<(&str, &str), String> = BTreeMap::new();
        for content in wanted {
            for (option, field, table) in given {
                let names = texts(content, field).chain([plain(content, field)]);
                let id = names.into_iter().find(|name| is_id(name)).map(str::to_owned);
                found.extend(id.map(|id| ((option, table), id)));
            }
        }
        for ((option, table), id) in found {
            if api.row(table, &id, &["sys_id"])?.is_none() {
                return Err(TargetError::refused(
                    format!(
                        "there is no row {id} of `{table}` at the instance, which `options.{option}` names"
                    ),
                    "write the `sys_id` of one that is there",
                )
                .into());
            }
        }
        Ok(())
    }

    fn pen(&mut self) -> Result<Pen<'_>, NowError> {
        let api = Api { client: &self.client };
        let seen = if let Some(seen) = self.seen.take() {
            seen
        } else {
            let ids = Ids::read(&self.root, self.owner.clone())?;
            let mut inventory = Inventory::read(&api)?;
            let keys: Vec<Key> = ids.keys().cloned().collect();
            inventory.learn(&ids, &keys);
            (inventory, ids)
        };
        let (inventory, ids) = self.seen.insert(seen);
        Ok(Pen { api, inventory, ids, root: &self.root })
    }

    fn read(&self, desired: &Desired) -> Result<Observed, NowError> {
        let api = Api { client: &self.client };
        let ids = Ids::read(&self.root, self.owner.clone())?;
        let wanted: BTreeMap<&Key, Value> =
            desired.objects.iter().map(|(key, wanted)| (key, value_of(&wanted.content))).collect();
        let mut inventory = Inventory::read(&api)?;
        Self::given(&api, wanted.values())?;
        inventory.learn(&ids, wanted.keys().copied().chain(ids.keys()));
        inventory.lookups.fetch(&api, wanted.values().flat_map(names_in))?;
        let live = Self::look(&mut inventory, &ids, &wanted)?;
        let mut rows: BTreeMap<(Sort, String), Vec<Value>> = BTreeMap::new();
        for sort in Sort::ALL {
            let Some(part) = sort.about().part else { continue };
            let owners: BTreeSet<String> = live
                .iter()
                .filter(|(_, known)| known.sort == sort)
                .map(|(_, known)| known.id.clone())
                .collect();
            let found = parts(&api, part, &owners)?;
            rows.extend(found.into_iter().map(|(owner, rows)| ((sort, owner), rows)));
        }
        for sort in Sort::ALL {
            let of_sort = live.iter().filter(|(_, known)| known.sort == sort);
            let of_sort: Vec<&Value> = of_sort.map(|(_, known)| &known.row).collect();
            let parts = rows.iter().filter(|((of, _), _)| *of == sort);
            let parts: Vec<Value> = parts.flat_map(|(_, rows)| rows.clone()).collect();
            inventory.identify(&api, sort, &of_sort, &parts)?;
        }
        let mut observed = Observed::default();
        let mut referred: BTreeMap<Key, Vec<Key>> = BTreeMap::new();
        let mut contents = Vec::new();
        for (key, known) in &live {
            let own = rows.get(&(known.sort, known.id.clone())).map(Vec::as_slice).unwrap_or_default();
            let mut content = inventory.content(&ids, key, known, own);
            if let Some(wanted) = wanted.get(key) {
                without_users(&inventory.lookups, wanted, &mut content);
            }
            for other in references(known.sort, &content).into_iter().filter(|other| other != key) {
                referred.entry(other).or_default().push(key.clone());
            }
            contents.push((key, known, content));
        }
        for (key, known, content) in contents {
            let about = known.sort.about();
            let name = format!("{} {}", about.table, text(&known.row, about.name));
            let found = found(name, &content, referred.remove(key).unwrap_or_default());
            observed.objects.insert(key.clone(), found);
        }
        let known = live.iter().map(|(_, known)| (known.sort, known.id.clone())).collect();
        observed.unmanaged = inventory.strangers(&known).into_iter().map(|name| Unmanaged { name }).collect();
        let names: BTreeSet<String> = wanted.values().flat_map(names_in).collect();
        let lost = names.iter().filter(|name| is_lost(&inventory.lookups, name)).count();
        observed.constructs.extend(support::without_user(lost));
        let others = names.iter().filter(|name| !name.starts_with("user:"));
        let missing: Vec<&str> =
            others.filter(|name| inventory.lookups.is_missing(name)).map(String::as_str).collect();
        observed.constructs.extend(support::not_there(&missing));
        Ok(observed)
    }
}

impl Reader for Instance {
    fn place(&self) -> String {
        self.url.clone()
    }

    fn state_folder(&self) -> PathBuf {
        self.root.state_folder()
    }

    fn state(&self, make: bool) -> Result<Option<Directory>, TargetError> {
        self.root.state(make)
    }

    fn observe(&self, desired: &Desired) -> Result<Observed, TargetError> {
        Ok(self.read(desired)?)
    }
}

impl Writer for Instance {
    fn write(&mut self, step: &Step<'_>) -> Result<Option<String>, TargetError> {
        let written = self.pen()?.write(step);
        if written.is_err() {
            // Something may have been made of which only the answer got lost: everything is listed again.
            self.seen = None;
        }
        Ok(written?)
    }

    fn read_back(&mut self, step: &Step<'_>) -> Result<Option<String>, TargetError> {
        Ok(self.pen()?.read_back(step)?)
    }
}
