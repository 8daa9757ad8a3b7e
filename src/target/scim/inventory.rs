//! What is at a SCIM service: which of it is known by its external id, and by its name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    api::Api,
    error::ScimError,
    sort::{MEMBERS, Sort, external_id, whose},
};
use crate::{
    plan::Key,
    target::{
        content::text,
        mark::{Owner, Whose, of_others},
    },
};

/// The fields of users and of groups that are listed.
const USER: [&str; 5] = ["userName", "externalId", "active", "displayName", "emails"];
const GROUP: [&str; 2] = ["displayName", "externalId"];
const USERS: &str = Sort::Account.path();
const GROUPS: &str = Sort::Group.path();

/// Everything that was listed.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    owner: Owner,
    /// The owners of what has the external id of another one, by endpoint and id.
    others: BTreeMap<(&'static str, String), String>,
    /// By endpoint and id.
    listed: BTreeMap<(&'static str, String), Value>,
    /// The ids of what has the external id of an object.
    marked: BTreeMap<Key, BTreeSet<String>>,
    /// The ids of what has another external id or none, by endpoint and name in lower case.
    unmarked: BTreeMap<(&'static str, String), BTreeSet<String>>,
    /// The ids of users by name and by address, in lower case.
    names: BTreeMap<String, BTreeSet<String>>,
    addresses: BTreeMap<String, BTreeSet<String>>,
    /// Users that stand for accounts because of their names.
    called: BTreeMap<String, Key>,
    /// Whether users are managed, so that members are known by the accounts that they are.
    users: bool,
}

impl Inventory {
    /// Lists everything.
    pub(super) fn read(api: &Api<'_>, owner: &Owner, users: bool) -> Result<Self, ScimError> {
        let lists = [(USERS, &USER[..]), (GROUPS, &GROUP[..])];
        let listed = api.client.each(&lists, |(path, fields)| api.list(path, fields, None));
        let mut inventory = Self { owner: owner.clone(), users, ..Self::default() };
        for ((path, _), items) in lists.into_iter().zip(listed) {
            for item in items? {
                inventory.note(path, &item);
            }
        }
        Ok(inventory)
    }

    /// Notes an object of a list, or as it was just read.
    pub(super) fn note(&mut self, path: &'static str, item: &Value) {
        let id = text(item, "id").to_owned();
        self.forget(path, &id);
        let name = text(item, if path == USERS { "userName" } else { "displayName" }).to_lowercase();
        match self.whose(path, item) {
            Whose::Own(key) => {
                self.marked.entry(key).or_default().insert(id.clone());
            }
            Whose::Nobodys => {
                self.unmarked.entry((path, name.clone())).or_default().insert(id.clone());
            }
            Whose::Others(owner) => {
                self.others.insert((path, id.clone()), owner);
            }
        }
        if path == USERS {
            self.names.entry(name).or_default().insert(id.clone());
            for address in addresses(item) {
                self.addresses.entry(address).or_default().insert(id.clone());
            }
        }
        self.listed.insert((path, id), item.clone());
    }

    /// Forgets an object.
    pub(super) fn forget(&mut self, path: &'static str, id: &str) {
        let Some(item) = self.listed.remove(&(path, id.to_owned())) else { return };
        let name = text(&item, if path == USERS { "userName" } else { "displayName" }).to_lowercase();
        if let Whose::Own(key) = self.whose(path, &item)
            && let Some(ids) = self.marked.get_mut(&key)
        {
            ids.remove(id);
        }
        self.others.remove(&(path, id.to_owned()));
        if let Some(ids) = self.unmarked.get_mut(&(path, name.clone())) {
            ids.remove(id);
        }
        if path == USERS {
            if let Some(ids) = self.names.get_mut(&name) {
                ids.remove(id);
            }
            for address in addresses(&item) {
                if let Some(ids) = self.addresses.get_mut(&address) {
                    ids.remove(id);
                }
            }
        }
    }

    /// Whose an object is, by its external id.
    fn whose(&self, path: &'static str, item: &Value) -> Whose {
        whose(&self.owner, text(item, "externalId"), path)
    }

    /// The external id of an object.
    pub(super) fn external_id(&self, key: &Key) -> String {
        external_id(&self.owner, key)
    }

    /// Whether an object is gitsm's own for this rulebook.
    pub(super) fn is_own(&self, key: &Key, item: &Value) -> bool {
        let sort = Sort::of_kind(&key.kind);
        sort.is_some_and(|sort| self.whose(sort.path(), item) == Whose::Own(key.clone()))
    }

    /// The owner of what has the name of something that is wanted, when it is another one.
    pub(super) fn taken(&self, key: &Key, name: &str) -> Option<&str> {
        let sort = Sort::of_kind(&key.kind)?;
        let of_sort = self.others.iter().filter(|((path, _), _)| *path == sort.path());
        let mut called = of_sort.filter(|(place, _)| {
            let named = self.listed.get(*place).map(|item| text(item, sort.name()).to_lowercase());
            named.is_some_and(|named| named == name.to_lowercase())
        });
        called.next().map(|(_, owner)| owner.as_str())
    }

    /// Notes that a user stands for an account although it does not say so.
    pub(super) fn call(&mut self, id: &str, key: &Key) {
        self.called.insert(id.to_owned(), key.clone());
    }

    /// The objects that have external ids of gitsm.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.marked.iter().filter(|(_, ids)| !ids.is_empty()).map(|(key, _)| key)
    }

    /// What was listed of an object.
    pub(super) fn listed(&self, path: &'static str, id: &str) -> Option<&Value> {
        self.listed.get(&(path, id.to_owned()))
    }

    /// What is there and not gitsm's own, but for what stands for an object all the same.
    pub(super) fn strangers(&self, known: &BTreeSet<(&'static str, String)>) -> BTreeSet<String> {
        let own = self.unmarked.iter().filter(|((path, _), _)| self.users || *path != USERS);
        let own = own.flat_map(|((path, _), ids)| ids.iter().map(move |id| (*path, id.clone())));
        let others = self.others.keys().filter(|(path, _)| self.users || *path != USERS).cloned();
        let others = own.filter(|place| !known.contains(place)).chain(others);
        let named = others.filter_map(|place| {
            let item = self.listed.get(&place)?;
            // A disabled user has no access.
            let (word, name) = if place.0 == USERS { ("user", "userName") } else { ("group", "displayName") };
            let called = format!("{word} {}", text(item, name));
            let called = self.others.get(&place).map_or(called.clone(), |owner| of_others(&called, owner));
            is_active(item).then_some(called)
        });
        named.collect()
    }

    /// The id of the object that stands for a key: the one that has its external id, or else the one without that has its
    /// name.
    pub(super) fn find(&self, key: &Key, name: &str) -> Result<Option<String>, ScimError> {
        let Some(sort) = Sort::of_kind(&key.kind) else { return Ok(None) };
        if let Some(ids) = self.marked.get(key).filter(|ids| !ids.is_empty()) {
            let mark = self.external_id(key);
            let help = format!(
                "take the external id `{mark}` away from all but the one that is meant, or delete them"
            );
            return self.only(sort, &key.to_string(), ids, help);
        }
        let place = (sort.path(), name.to_lowercase());
        match self.unmarked.get(&place).filter(|ids| !ids.is_empty() && !name.is_empty()) {
            Some(ids) => {
                let help = format!(
                    "nobody knows which of them is meant: give that one the external id `{}`, or rename the others",
                    self.external_id(key)
                );
                self.only(sort, &key.to_string(), ids, help)
            }
            None => Ok(None),
        }
    }

    /// The one of some objects that is in use, or the only one.
    fn only(
        &self,
        sort: Sort,
        what: &str,
        ids: &BTreeSet<String>,
        help: String,
    ) -> Result<Option<String>, ScimError> {
        let active = |id: &&String| self.listed(sort.path(), id).is_some_and(is_active);
        let in_use: Vec<&String> = ids.iter().filter(active).collect();
        let meant = if in_use.is_empty() { ids.iter().collect() } else { in_use };
        match meant.as_slice() {
            [] => Ok(None),
            [id] => Ok(Some((*id).clone())),
            several => {
                let ids: Vec<String> = several.iter().map(|id| format!("`{id}`")).collect();
                let (key, ids) = (what.to_owned(), ids.join(", "));
                Err(ScimError::Ambiguous { key, what: sort.word(), ids, help })
            }
        }
    }

    /// The user that is meant by a member as desired groups call them.
    pub(super) fn user(&self, member: &str) -> Result<Option<String>, ScimError> {
        let Some(name) = member.strip_prefix("user:") else {
            let Some(key) = Key::parse(member) else { return Ok(None) };
            return self.find(&key, "");
        };
        let by =
            |ids: &BTreeMap<String, BTreeSet<String>>| ids.get(name).filter(|ids| !ids.is_empty()).cloned();
        let Some(ids) = by(&self.names).or_else(|| by(&self.addresses)) else { return Ok(None) };
        let help = "nobody knows which of them is meant: give one of them an address of its own, or write the name of \
                    the user as `accounts.scim` of the person";
        self.only(Sort::Account, member, &ids, help.to_owned())
    }

    /// Whether somebody with a user disabled by gitsm, or by somebody else, counts as not there. A disabled user that is
    /// not gitsm's own is in the way.
    pub(super) fn is_gone(&self, key: &Key, value: &Value) -> bool {
        self.is_own(key, value) && !is_active(value)
    }

    /// What an object holds, in the form in which plans compare it. What is not wanted to be known is left out.
    pub(super) fn content(&self, key: &Key, value: &Value, wanted: &Value) -> Result<Value, ScimError> {
        if Sort::of_kind(&key.kind) == Some(Sort::Account) {
            let mut content = json!({
                "active": is_active(value),
                "displayName": text(value, "displayName"),
                "email": primary(value).map(|email| text(email, "value").to_lowercase()).unwrap_or_default(),
                "externalId": text(value, "externalId"),
                "userName": text(value, "userName").to_lowercase(),
            });
            if let Some(fields) =
                content.as_object_mut().filter(|_| wanted.is_object() && wanted.get("email").is_none())
            {
                fields.remove("email");
            }
            return Ok(content);
        }
        let mut members: BTreeSet<String> = self.members(value, wanted).into_keys().collect();
        members.extend(self.lacking(wanted)?);
        let members: Vec<Value> = members.into_iter().map(|id| json!({ "id": id })).collect();
        Ok(json!({
            "displayName": text(value, "displayName"),
            "externalId": text(value, "externalId"),
            MEMBERS: members,
        }))
    }

    /// The members of a group: their ids by what they are called where it is wanted to have certain ones.
    pub(super) fn members(&self, group: &Value, wanted: &Value) -> BTreeMap<String, String> {
        let wanted: BTreeSet<&str> = wanted_members(wanted).collect();
        let mut members: BTreeMap<String, String> = BTreeMap::new();
        for member in group.get(MEMBERS).and_then(Value::as_array).into_iter().flatten() {
            let id = text(member, "value").to_owned();
            let name = self.member(&id, &wanted);
            // Two that have one name are two.
            let name = if members.contains_key(&name) { format!("{name} ({id})") } else { name };
            members.insert(name, id);
        }
        members
    }

    fn member(&self, id: &str, wanted: &BTreeSet<&str>) -> String {
        if let Some(user) = self.listed(USERS, id) {
            let own = match self.whose(USERS, user) {
                Whose::Own(key) => Some(key),
                Whose::Nobodys | Whose::Others(_) => None,
            };
            return match own.as_ref().or_else(|| self.called.get(id)).filter(|_| self.users) {
                Some(key) => key.to_string(),
                None => self.reached(id, user, wanted),
            };
        }
        match self.listed(GROUPS, id) {
            Some(group) => format!("group:{}", text(group, "displayName")),
            None => format!("unknown:{id}"),
        }
    }

    /// What a user is called who is no account: by their name, or by an address where they are wanted by it and it leads to
    /// them.
    fn reached(&self, id: &str, user: &Value, wanted: &BTreeSet<&str>) -> String {
        let called = |name: &str| format!("user:{name}");
        let is_wanted = |way: &String| {
            wanted.contains(way.as_str()) && self.user(way).ok().flatten().as_deref() == Some(id)
        };
        let found = addresses(user).map(|address| called(&address)).find(is_wanted);
        found.unwrap_or_else(|| called(&text(user, "userName").to_lowercase()))
    }

    /// Members that are wanted and have no user, where nobody makes one: they cannot be there, count as held, and are told
    /// as lost.
    pub(super) fn lacking(&self, wanted: &Value) -> Result<Vec<String>, ScimError> {
        let mut lacking = Vec::new();
        for member in wanted_members(wanted).filter(|_| !self.users) {
            if self.user(member)?.is_none() {
                lacking.push(member.to_owned());
            }
        }
        Ok(lacking)
    }
}

/// The members that a group must have.
pub(super) fn wanted_members(wanted: &Value) -> impl Iterator<Item = &str> {
    let members = wanted.get(MEMBERS).and_then(Value::as_array).into_iter().flatten();
    members.filter_map(|member| member.get("id")?.as_str())
}

/// Whether something is in use. Groups always are, and so are users of whom nothing else is said.
pub(super) fn is_active(value: &Value) -> bool {
    match value.get("active") {
        Some(Value::Bool(active)) => *active,
        Some(Value::String(active)) => !active.eq_ignore_ascii_case("false"),
        _ => true,
    }
}

/// The address that counts: the one that is called primary, or else for work, or else the first.
pub(super) fn primary(user: &Value) -> Option<&Value> {
    let emails = user.get("emails")?.as_array()?;
    let primary = emails.iter().find(|email| email.get("primary") == Some(&Value::Bool(true)));
    let work = || emails.iter().find(|email| email.get("type").and_then(Value::as_str) == Some("work"));
    primary.or_else(work).or_else(|| emails.first())
}

fn addresses(user: &Value) -> impl Iterator<Item = String> {
    let emails = user.get("emails").and_then(Value::as_array).into_iter().flatten();
    emails.map(|email| text(email, "value").trim().to_lowercase()).filter(|address| !address.is_empty())
}
