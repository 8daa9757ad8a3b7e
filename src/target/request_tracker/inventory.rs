//! What is at a Request Tracker: which of it is known by its mark, and by its name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    api::{Api, Item, plain, set, text},
    desired::member,
    error::RtError,
    sort::Sort,
};
use crate::{
    plan::Key,
    target::mark::{Owner, Whose, of_others, unmarked},
};

/// The custom field of articles that holds their text.
pub(super) const BODY: &str = "Content";

/// Everything that was listed.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    owner: Owner,
    /// What carries the mark of another owner, by its path at REST and its id: its name, and that of the owner.
    others: BTreeMap<(&'static str, String), (String, String)>,
    /// The ids of what carries the mark of an object. More than one is a mistake, unless all but one are disabled.
    marked: BTreeMap<Key, Vec<String>>,
    /// The ids of what carries no mark, by its path at REST and its name in lower case.
    unmarked: BTreeMap<(&'static str, String), Vec<String>>,
    /// What stands for a principal or a class, by its path and id: `group/network`, or `group:Duty` without a mark.
    called: BTreeMap<(&'static str, String), String>,
    /// The names of users by what they are called as members.
    users: BTreeMap<String, String>,
}

/// An object as it is found.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) sort: Sort,
    pub(super) id: String,
    pub(super) item: Item,
    /// Whether it is in use.
    pub(super) live: bool,
}

impl Inventory {
    /// Lists everything.
    pub(super) fn read(api: &Api<'_>, owner: &Owner) -> Result<Self, RtError> {
        // Queues of both sorts are one list.
        let sorts = [Sort::User, Sort::Group, Sort::TeamQueue, Sort::Field, Sort::Class, Sort::Article];
        let lists = api.client.each(&sorts, |sort| {
            let about = sort.about();
            let everything = match sort {
                Sort::Group => ("Domain", "=", "UserDefined"),
                _ => ("id", ">", "0"),
            };
            let also = if *sort == Sort::User { "EmailAddress" } else { "Disabled" };
            api.list(about.list, &["Name", about.mark, also], everything)
        });
        let mut inventory = Self { owner: owner.clone(), ..Self::default() };
        for (sort, list) in sorts.into_iter().zip(lists) {
            for item in list? {
                inventory.note(sort, &item);
            }
        }
        Ok(inventory)
    }

    /// Notes an object of a list, or one that was just made.
    pub(super) fn note(&mut self, sort: Sort, item: &Value) {
        let about = sort.about();
        let field = |name: &str| text(item, name).unwrap_or_default();
        // Users are listed with their names as ids, and read with their numbers.
        let (name, id) =
            if sort == Sort::User { (field("Name"), field("Name")) } else { (field("Name"), field("id")) };
        if sort == Sort::User {
            let email = field("EmailAddress");
            self.users.insert(member(Some(&email), &name), name.clone());
            self.users.entry(name.to_lowercase()).or_insert_with(|| name.clone());
        }
        let described = field(about.mark);
        let whose = self.owner.whose_described(&described);
        if let Whose::Others(owner) = whose {
            self.called.insert((about.path, id.clone()), format!("{}:{name}", about.path));
            self.others.insert((about.path, id), (name, owner));
            return;
        }
        // A mark of something else, copied from another object, is none.
        let is_of = |key: &Key| Sort::of_kind(&key.kind).is_some_and(|sort| sort.about().path == about.path);
        if let Whose::Own(key) = whose
            && is_of(&key)
        {
            self.called.insert((about.path, id.clone()), key.to_string());
            let ids = self.marked.entry(key).or_default();
            if !ids.contains(&id) {
                ids.push(id);
            }
        } else {
            self.called.insert((about.path, id.clone()), format!("{}:{name}", about.path));
            self.unmarked.entry((about.path, name.to_lowercase())).or_default().push(id);
        }
    }

    /// Notes that an object carries the mark of a key from now on.
    pub(super) fn own(&mut self, sort: Sort, key: &Key, id: &str) {
        let path = sort.about().path;
        for (_, ids) in self.unmarked.iter_mut().filter(|((other, _), _)| *other == path) {
            ids.retain(|other| other != id);
        }
        self.called.insert((path, id.to_owned()), key.to_string());
        let ids = self.marked.entry(key.clone()).or_default();
        if !ids.iter().any(|other| other == id) {
            ids.push(id.to_owned());
        }
    }

    /// The objects that carry marks.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.marked.keys()
    }

    /// The id of the object that carries the mark of a key, for something that refers to it.
    pub(super) fn id(&self, key: &str) -> Option<&str> {
        let ids = self.marked.get(&Key::parse(key)?)?;
        ids.last().map(String::as_str)
    }

    /// Whether a member has a user.
    pub(super) fn user(&self, member: &str) -> Option<&str> {
        self.users.get(member).map(String::as_str)
    }

    /// The owner of what has the name of something that is wanted, when it is another one.
    pub(super) fn taken(&self, key: &Key, name: &str) -> Option<&str> {
        let about = Sort::of_kind(&key.kind)?.about();
        let of_sort = self.others.iter().filter(|((path, _), _)| about.named && *path == about.path);
        let mut called = of_sort.filter(|(_, (other, _))| other.to_lowercase() == name.to_lowercase());
        called.next().map(|(_, (_, owner))| owner.as_str())
    }

    /// What is there without a mark of one's own, but for what is known all the same, by its path and id, and for what belongs to
    /// Request Tracker itself.
    pub(super) fn strangers(&self, known: &BTreeSet<(&'static str, String)>) -> BTreeSet<String> {
        let own = |path: &str, name: &str| path == "user" || (path == "queue" && name == "___approvals");
        let names = self.unmarked.iter().filter(|((path, name), _)| !own(path, name));
        let places = names.flat_map(|((path, _), ids)| ids.iter().map(move |id| (*path, id.clone())));
        let places = places.filter(|place| !known.contains(place));
        let called = places.filter_map(|place| self.called.get(&place));
        let others = self.others.iter().filter(|((path, _), _)| *path != "user");
        let others = others.map(|((path, _), (name, owner))| of_others(&format!("{path} {name}"), owner));
        called.map(|called| called.replacen(':', " ", 1)).chain(others).collect()
    }

    /// The object that stands for a key: the one in use that carries its mark, else, where names are unique, the one
    /// without a mark that has its name, else a disabled one with its mark.
    pub(super) fn find(
        &self,
        api: &Api<'_>,
        key: &Key,
        name: Option<&str>,
    ) -> Result<Option<Known>, RtError> {
        let Some(sort) = Sort::of_kind(&key.kind) else { return Ok(None) };
        let marked = self.marked.get(key).map(Vec::as_slice).unwrap_or_default();
        let mut disabled = None;
        let mark = self.owner.mark(key);
        if let Some(known) = only(api, sort, key, marked, &mark, &mut disabled)? {
            return Ok(Some(known));
        }
        let name = name.filter(|_| sort.about().named).map(str::to_lowercase);
        let named = name.and_then(|name| self.unmarked.get(&(sort.about().path, name)));
        let mut ignored = None;
        let named = named.map(Vec::as_slice).unwrap_or_default();
        let found = only(api, sort, key, named, &mark, &mut ignored)?;
        Ok(found.or(disabled))
    }

    /// What an object holds, in the form in which plans compare it. `has_queue` says of a custom field whether its queue
    /// has it.
    pub(super) fn content(&self, key: &Key, known: &Known, has_queue: bool) -> Value {
        let about = known.sort.about();
        let value = &known.item.value;
        let mut content = json!({});
        for field in about.fields {
            let held = text(value, field).unwrap_or_default();
            let held = if *field == about.mark { unmarked(&held).0.to_owned() } else { held };
            set(&mut content, field, json!(held));
        }
        match known.sort {
            Sort::Group => {
                let members =
                    references(value, "Members").into_iter().map(|(path, id)| self.member(path, &id));
                set(&mut content, "Members", json!(members.collect::<BTreeSet<_>>()));
            }
            Sort::TeamQueue | Sort::RequestQueue => {
                let watchers =
                    references(value, "AdminCc").into_iter().map(|(path, id)| self.call(path, &id));
                set(&mut content, "AdminCc", json!(watchers.collect::<BTreeSet<_>>()));
            }
            Sort::Field => {
                set(
                    &mut content,
                    "Queue",
                    json!(if has_queue { queue_of(key).to_string() } else { String::new() }),
                );
                if text(value, "Type").as_deref() == Some("Select") {
                    set(&mut content, "Values", value.get("Values").cloned().unwrap_or_else(|| json!([])));
                }
            }
            Sort::Article => {
                let class = value.get("Class").and_then(reference);
                set(&mut content, "Class", json!(class.map(|(path, id)| self.call(path, &id))));
                set(&mut content, BODY, json!(body(value)));
            }
            Sort::User | Sort::Class => {}
        }
        let carried = text(value, about.mark).unwrap_or_default();
        set(&mut content, "Mark", json!(self.owner.mark_of(key, &carried)));
        content
    }

    /// A member of a group: a user as desired groups call them, anything else by its path.
    fn member(&self, path: &'static str, id: &str) -> String {
        if path != "user" {
            return self.call(path, id);
        }
        let called = self.users.iter().find(|(called, name)| name.as_str() == id && called.contains('@'));
        called.map_or_else(|| id.to_lowercase(), |(called, _)| called.clone())
    }

    fn call(&self, path: &'static str, id: &str) -> String {
        let called = self.called.get(&(path, id.to_owned())).cloned();
        called.unwrap_or_else(|| format!("{path}:{id}"))
    }
}

/// The one of these that is in use; the first disabled one goes to `disabled`.
fn only(
    api: &Api<'_>,
    sort: Sort,
    key: &Key,
    ids: &[String],
    mark: &str,
    disabled: &mut Option<Known>,
) -> Result<Option<Known>, RtError> {
    let mut found: Option<Known> = None;
    for id in ids {
        // What was listed and is not there was deleted meanwhile or is hidden: to make it anew would make it twice.
        let sort_at_rest = sort.about().path;
        let Some(item) = api.item(sort_at_rest, id)? else {
            return Err(RtError::Gone { sort: sort_at_rest, id: id.clone() });
        };
        let live = text(&item.value, "Disabled").is_none_or(|disabled| disabled == "0");
        let known = Known { sort, id: id.clone(), item, live };
        match (live, &found) {
            (false, _) => {
                disabled.get_or_insert(known);
            }
            (true, None) => found = Some(known),
            (true, Some(first)) => {
                return Err(RtError::Ambiguous {
                    key: key.to_string(),
                    sort: sort.about().path,
                    first: first.id.clone(),
                    second: id.clone(),
                    marker: mark.to_owned(),
                });
            }
        }
    }
    Ok(found)
}

/// What a list of principals refers to.
fn references(value: &Value, field: &str) -> Vec<(&'static str, String)> {
    value.get(field).and_then(Value::as_array).into_iter().flatten().filter_map(reference).collect()
}

/// What a reference refers to: its path and its id.
fn reference(value: &Value) -> Option<(&'static str, String)> {
    let path = match value.get("type")?.as_str()? {
        "group" => "group",
        "user" => "user",
        "class" => "class",
        _ => "principal",
    };
    Some((path, text(value, "id")?))
}

/// The text of an article.
fn body(value: &Value) -> String {
    let fields = value.get("CustomFields").and_then(Value::as_array).into_iter().flatten();
    let mut fields = fields.filter(|field| text(field, "name").as_deref() == Some(BODY));
    fields
        .next()
        .and_then(|field| plain(field.get("values")?.get(0)?))
        .unwrap_or_default()
        .replace("\r\n", "\n")
}

/// The queue of a custom field, which is named by its request type and its field.
pub(super) fn queue_of(field: &Key) -> Key {
    let request = field.id.split('/').next().unwrap_or_default();
    Key::new(Sort::RequestQueue.about().kind, request)
}

/// The custom fields of tickets that a queue has.
pub(super) fn fields_of(queue: &Value) -> Vec<String> {
    let fields = queue.get("TicketCustomFields").and_then(Value::as_array).into_iter().flatten();
    fields.filter_map(|field| text(field, "id")).collect()
}
