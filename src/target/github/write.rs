//! Writing: one label or team after the other, each read back.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    error::HubError,
    inventory::{self, Inventory, Item, Where, wanted_members},
    sort::Sort,
};
use crate::{
    forge::github::GitHub,
    plan::Key,
    target::{
        content::text,
        mark::marked,
        pen::{self, ObjectError, unchanged},
    },
};

/// Writes to one GitHub.
pub(super) struct Pen<'a> {
    pub(super) github: &'a GitHub,
    pub(super) place: &'a Where,
    pub(super) inventory: &'a mut Inventory,
}

impl pen::Pen for Pen<'_> {
    type Error = HubError;

    fn put(&mut self, key: &Key, wanted: &Value, before: Option<&str>) -> Result<String, HubError> {
        let is_team = Sort::of_kind(&key.kind) == Some(Sort::Team);
        let known = self.unchanged(key, wanted, before)?;
        if known.is_none() {
            ObjectError::taken(key, self.inventory.taken(key, text(wanted, "Name")).as_deref())?;
        }
        let item = match (is_team, &known) {
            (false, None) => {
                Some(self.github.post(&self.place.repository(&["labels"]), &label(wanted, "name"))?)
            }
            (true, None) => Some(self.github.post(&self.place.organisation(&["teams"]), &team(wanted))?),
            (false, Some(item)) if is_to_change(self.inventory, key, item, wanted) => {
                let path = self.place.repository(&["labels", &item.name]);
                Some(self.github.patch(&path, &label(wanted, "new_name"))?)
            }
            (true, Some(item)) if is_to_change(self.inventory, key, item, wanted) => {
                let path = self.place.organisation(&["teams", item.address()]);
                Some(self.github.patch(&path, &team(wanted))?)
            }
            _ => known.clone(),
        };
        let sort = if is_team { Sort::Team } else { Sort::ServiceLabel };
        self.inventory.note(sort, known.as_ref().map(Item::address), item.clone());
        if let Some(item) = item.filter(|_| is_team) {
            self.members(item.address(), &wanted_members(wanted))?;
        }
        Ok(pen::LOOK.to_owned())
    }

    /// Removes an object.
    fn delete(&mut self, key: &Key, before: Option<&str>) -> Result<(), HubError> {
        let Some(item) = self.unchanged(key, &Value::Null, before)? else { return Ok(()) };
        let sort = Sort::of_kind(&key.kind).unwrap_or(Sort::ServiceLabel);
        if sort == Sort::Team {
            self.github.delete(&self.place.organisation(&["teams", item.address()]))?;
        } else {
            self.github.delete(&self.place.repository(&["labels", &item.name]))?;
        }
        self.inventory.note(sort, Some(item.address()), None);
        Ok(())
    }

    fn held(&mut self, key: &Key, wanted: &Value) -> Result<Option<Value>, HubError> {
        Ok(self.look(key, wanted)?.map(|(_, held)| held))
    }
}

impl Pen<'_> {
    /// Makes sure that nobody changed the object since the plan was made, and gives it.
    fn unchanged(
        &mut self,
        key: &Key,
        wanted: &Value,
        before: Option<&str>,
    ) -> Result<Option<Item>, HubError> {
        let (item, held) = self.look(key, wanted)?.unzip();
        unchanged(key, held.as_ref(), before)?;
        Ok(item)
    }

    fn look(&mut self, key: &Key, wanted: &Value) -> Result<Option<(Item, Value)>, HubError> {
        let Some(sort) = Sort::of_kind(&key.kind).filter(|sort| sort.is_listed()) else { return Ok(None) };
        let name = Some(text(wanted, "Name")).filter(|name| !name.is_empty());
        let Some(listed) = self.inventory.find(key, name)?.cloned() else { return Ok(None) };
        // The list may be older than the object.
        let path = if sort == Sort::Team {
            self.place.organisation(&["teams", listed.address()])
        } else {
            self.place.repository(&["labels", &listed.name])
        };
        let now: Option<Item> = self.github.find(&path)?;
        self.inventory.note(sort, Some(listed.address()), now);
        let Some(item) = self.inventory.find(key, name)?.cloned() else { return Ok(None) };
        let members = if sort == Sort::Team {
            let wanted = wanted_members(wanted);
            Some(self.inventory.members(self.github, self.place, item.address(), &wanted)?)
        } else {
            None
        };
        let held = inventory::content(self.inventory, key, &item, members, wanted);
        Ok(Some((item, held)))
    }

    /// Makes a team have these members, as far as they are in the organisation: nobody is invited.
    fn members(&self, team: &str, wanted: &BTreeSet<String>) -> Result<(), HubError> {
        let held = self.inventory.members(self.github, self.place, team, wanted)?;
        for login in wanted.iter().filter(|login| !held.contains(*login) && self.inventory.has(login)) {
            let path = self.place.organisation(&["teams", team, "memberships", login]);
            self.github.put::<Value>(&path, &json!({ "role": "member" }))?;
        }
        for login in held.iter().filter(|login| !wanted.contains(*login)) {
            self.github.delete(&self.place.organisation(&["teams", team, "memberships", login]))?;
        }
        Ok(())
    }
}

/// Whether anything but the members differs.
fn is_to_change(inventory: &Inventory, key: &Key, item: &Item, wanted: &Value) -> bool {
    let held = inventory::content(inventory, key, item, None, wanted);
    let fields =
        ["Name", "Description", "Mark", "Colour"].iter().filter(|field| wanted.get(*field).is_some());
    fields.into_iter().any(|field| wanted.get(*field) != held.get(*field))
}

fn label(wanted: &Value, name: &str) -> Value {
    json!({
        name: text(wanted, "Name"),
        "color": text(wanted, "Colour"),
        "description": marked(text(wanted, "Description"), text(wanted, "Mark")),
    })
}

fn team(wanted: &Value) -> Value {
    json!({
        "name": text(wanted, "Name"),
        "description": marked(text(wanted, "Description"), text(wanted, "Mark")),
        // Seen, and asked for reviews, by everybody in the organisation.
        "privacy": "closed",
    })
}
