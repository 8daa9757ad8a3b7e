//! What a rulebook becomes at Request Tracker.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    api::set,
    levels,
    sort::{DESCRIPTION, NAME, Sort, TITLE},
    support,
};
use crate::{
    model::{
        Entry, Rulebook,
        article::{Article, ArticleAudience, ArticleState},
        condition::Literal,
        person::Person,
        request_type::{Field, FieldType, RequestType},
        settings,
        team::Team,
    },
    plan::{Desired, Key, Wanted},
    target::{
        Book, TargetError, constructs,
        content::sorted,
        mark::{Owner, fitting, fitting_name, one_line},
        offered::{called, fulfilling, is_here, is_offered, options},
    },
};

/// The kind of files of configuration, and the one that there is.
pub(super) const CONFIGURATION: &str = "configuration";
pub(super) const LEVELS: &str = "service-levels";

/// The option that says that users are made for members of teams.
pub(super) const USERS: &str = "users";

/// Whether the users of members of teams are managed.
pub(super) fn manages_users(target: &settings::Target) -> bool {
    target.options.iter().any(|(id, value)| id.as_str() == USERS && *value == Literal::Boolean(true))
}

/// What the target must hold.
pub(super) fn desired(book: &Book<'_>) -> Result<Desired, TargetError> {
    let rulebook = book.rulebook;
    let users = manages_users(book.settings);
    let owner = book.owner();
    let mut objects = Objects { all: BTreeMap::new(), owner: &owner };
    let teams: Vec<&Entry<Team>> = rulebook.teams.iter().collect();
    let requests: Vec<&Entry<RequestType>> =
        rulebook.request_types.iter().filter(|request| is_offered(request.lifecycle)).collect();
    let group_names = Names::of(teams.iter().map(|team| (team.id.as_str(), team.name.as_str())));
    // Team queues and request queues share one name space: the later ones give way.
    let teams_and_requests = teams.iter().map(|team| (format!("team-queue/{}", team.id), team.name.as_str()));
    let requested =
        requests.iter().map(|request| (format!("request-queue/{}", request.id), request.name.as_str()));
    let all: Vec<(String, &str)> = teams_and_requests.chain(requested).collect();
    let queue_names = Names::of(all.iter().map(|(key, name)| (key.as_str(), *name)));
    for team in &teams {
        objects.team(rulebook, team, &group_names, &queue_names, users);
    }
    let mut queues = BTreeMap::new();
    for request in &requests {
        let name = queue_names.get(&format!("request-queue/{}", request.id));
        objects.request(rulebook, request, &name);
        queues.insert(request.id.to_string(), name);
    }
    for article in rulebook.articles.iter().filter(|article| article.state == ArticleState::Published) {
        objects.article(rulebook, article);
    }
    let mut objects = objects.all;
    let levels = levels::desired(rulebook, &queues)?;
    // An empty rulebook says nothing, not even that there are no levels.
    if !objects.is_empty() {
        let content = sorted(&levels);
        let wanted = Wanted { name: None, content, needs: Vec::new(), derived: false };
        objects.insert(Key::new(CONFIGURATION, LEVELS), wanted);
    }
    Ok(Desired { objects, constructs: constructs(support::of, rulebook) })
}

/// Names as they fit, by what has them. Request Tracker wants them to be different, whatever their case: those that are not get
/// their id behind.
struct Names<'a>(BTreeMap<&'a str, String>);

impl<'a> Names<'a> {
    fn of(names: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let fitting = names.map(|(key, name)| {
            let fitted = fitting_name(name, "", NAME);
            if seen.insert(fitted.to_lowercase()) {
                return (key, fitted);
            }
            let id = key.rsplit('/').next().unwrap_or(key);
            (key, fitting_name(name, &format!(" ({id})"), NAME))
        });
        Self(fitting.collect())
    }

    fn get(&self, key: &str) -> String {
        self.0.get(key).cloned().unwrap_or_default()
    }
}

/// The person as members of a group are known: by their e-mail address, which both sides have.
pub(super) fn member(email: Option<&str>, name: &str) -> String {
    email.filter(|email| !email.trim().is_empty()).unwrap_or(name).trim().to_lowercase()
}

struct Objects<'o> {
    all: BTreeMap<Key, Wanted>,
    owner: &'o Owner,
}

impl Objects<'_> {
    fn add(&mut self, sort: Sort, id: &str, name: &str, mut content: Value, needs: Vec<Key>) {
        let key = Key::new(sort.about().kind, id);
        set(&mut content, "Mark", json!(self.owner.mark(&key)));
        let content = sorted(&content);
        let wanted = Wanted { name: Some(name.to_owned()), content, needs, derived: false };
        self.all.insert(key, wanted);
    }

    /// A text as it fits beside the mark of an object.
    fn fitting(&self, text: Option<&str>, kind: &str, id: &str) -> String {
        fitting(text.unwrap_or_default(), &self.owner.mark(&Key::new(kind, id)), DESCRIPTION)
    }

    /// A group with its members, and a queue that the group watches.
    fn team(
        &mut self,
        rulebook: &Rulebook,
        team: &Entry<Team>,
        groups: &Names<'_>,
        queues: &Names<'_>,
        users: bool,
    ) {
        let id = team.id.as_str();
        let people = team.members.iter().chain(&team.lead);
        let people: BTreeMap<&str, &Entry<Person>> = people
            .filter_map(|person| rulebook.people.get(person.as_str()))
            .filter(|person| is_here(person))
            .map(|person| (person.id.as_str(), person))
            .collect();
        let mut needs = Vec::new();
        if users {
            for person in people.values() {
                self.user(person);
                needs.push(Key::new("user", person.id.as_str()));
            }
        }
        let members: BTreeSet<String> =
            people.values().map(|person| member(person.email.as_deref(), person.id.as_str())).collect();
        let name = groups.get(id);
        let about = team.description.as_deref();
        let description = self.fitting(about, "group", id);
        let content = json!({ "Name": name, "Description": description, "Members": members });
        self.add(Sort::Group, id, &team.name, content, needs);
        let content = json!({
            "Name": queues.get(&format!("team-queue/{id}")),
            "Description": self.fitting(about, "team-queue", id),
            "CorrespondAddress": team.mailbox.as_deref().unwrap_or_default(),
            "SLADisabled": "0",
            "AdminCc": [format!("group/{id}")],
        });
        self.add(Sort::TeamQueue, id, &team.name, content, vec![Key::new("group", id)]);
    }

    fn user(&mut self, person: &Entry<Person>) {
        let content = json!({
            "Name": person.id.as_str(),
            "EmailAddress": person.email.as_deref().unwrap_or_default(),
            "RealName": one_line(&person.name),
            "Privileged": "1",
        });
        self.add(Sort::User, person.id.as_str(), &person.name, content, Vec::new());
    }

    /// A queue that the team watches which fulfils the request, with a custom field for each field of the form.
    fn request(&mut self, rulebook: &Rulebook, request: &Entry<RequestType>, name: &str) {
        let id = request.id.as_str();
        let group = fulfilling(rulebook, request).map(|team| Key::new("group", &team));
        let content = json!({
            "Name": name,
            "Description": self.fitting(request.description.as_deref(), "request-queue", id),
            "CorrespondAddress": "",
            "SLADisabled": "0",
            "AdminCc": group.iter().map(Key::to_string).collect::<Vec<_>>(),
        });
        let queue = Key::new("request-queue", id);
        self.add(Sort::RequestQueue, id, &request.name, content, group.into_iter().collect());
        let mut before = None;
        for (field_id, field) in &request.field {
            let key = Key::new("field", &format!("{id}/{field_id}"));
            // Request Tracker shows them in the order in which they were made.
            let needs = [Some(queue.clone()), before.replace(key.clone())].into_iter().flatten().collect();
            let about = self.fitting(field.help.as_deref(), "field", &key.id);
            let content = custom_field(field, &about, &queue);
            self.add(Sort::Field, &key.id, &field.label, content, needs);
        }
    }

    fn article(&mut self, rulebook: &Rulebook, article: &Entry<Article>) {
        let id = article.id.as_str();
        let (class, name, about) = match article.audience {
            ArticleAudience::Everybody => ("knowledge", "Knowledge", "Articles for everybody."),
            ArticleAudience::Support => {
                ("support", "Knowledge for support", "Articles for people who support others.")
            }
        };
        let class = Key::new("class", class);
        self.add(Sort::Class, &class.id, name, json!({ "Name": name, "Description": about }), Vec::new());
        let summary = article.summary.as_deref().unwrap_or_default();
        let mut text: Vec<String> = Vec::new();
        text.extend(Some(one_line(summary)).filter(|summary| !summary.is_empty()));
        text.extend(article.url.as_ref().map(|url| format!("Read it at {url}")));
        text.extend(article.owner.as_ref().map(|owner| format!("Kept right by {}", called(rulebook, owner))));
        text.extend(article.review_date.as_ref().map(|date| format!("Looked at next on {date}")));
        let content = json!({
            "Name": fitting_name(&article.title, "", TITLE),
            "Summary": self.fitting(Some(summary), "article", id),
            "Class": class.to_string(),
            "Content": text.join("\n"),
        });
        self.add(Sort::Article, id, &article.title, content, vec![class]);
    }
}

/// A field of a form as a custom field of tickets.
fn custom_field(field: &Field, about: &str, queue: &Key) -> Value {
    let (sort, most, values): (&str, &str, Vec<String>) = match field.field_type {
        FieldType::LongText => ("Text", "1", Vec::new()),
        FieldType::Date => ("Date", "1", Vec::new()),
        FieldType::Attachment => ("Binary", "0", Vec::new()),
        FieldType::Boolean => ("Select", "1", vec!["yes".to_owned(), "no".to_owned()]),
        FieldType::Choice => ("Select", "1", options(field)),
        FieldType::Choices => ("Select", "0", options(field)),
        _ => ("Freeform", "1", Vec::new()),
    };
    let pattern = match (field.field_type, field.required) {
        (FieldType::Number, true) => "(?#Whole number)^-?\\d+$",
        (FieldType::Number, false) => "(?#Whole number)^(?:-?\\d+)?$",
        (FieldType::Attachment, _) | (_, false) => "",
        (_, true) => "(?#Mandatory).",
    };
    let mut content = json!({
        "Name": fitting_name(&field.label, "", NAME),
        "Description": about,
        "Type": sort,
        "MaxValues": most,
        "Pattern": pattern,
        "LookupType": "RT::Queue-RT::Ticket",
        "Queue": queue.to_string(),
    });
    if sort == "Select" {
        set(&mut content, "Values", json!(values));
    }
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_long_or_taken_fit_and_stay_different() {
        let long = "é".repeat(150);
        let names = [("q/a", long.as_str()), ("q/b", long.as_str()), ("q/c", "Desk"), ("q/d", "desk")];
        let fitted = Names::of(names.into_iter());
        let [first, second] = ["q/a", "q/b"].map(|key| fitted.get(key));
        assert!(first.len() <= 200 && first.len() > 195 && first.ends_with('…'), "{first}");
        assert!(second.len() <= 200 && second.len() > 195 && second.ends_with("… (b)"), "{second}");
        assert_eq!((fitted.get("q/c"), fitted.get("q/d")), ("Desk".to_owned(), "desk (d)".to_owned()));
    }
}
