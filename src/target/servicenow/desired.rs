//! What a rulebook becomes at `ServiceNow`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{
    api::is_id,
    forms,
    inventory::{MAPPED, MARK, sorted_list},
    lookups::{named, table_of},
    sort::{CRITICALITY, Sort, Takes, USERS},
    support, times,
};
use crate::{
    model::{
        Entry, Rulebook,
        article::{Article, ArticleAudience, ArticleState},
        category::Category,
        condition::Literal,
        person::Person,
        service::Service,
        settings,
        team::Team,
    },
    plan::{Desired, Key, Wanted},
    target::{
        Book, TargetError, constructs,
        content::sorted,
        mark::{Owner, one_line},
        offered::{called, is_here, is_offered},
    },
};

/// The options that there are.
pub(super) const OPTIONS: [&str; 3] = [CATALOG, KNOWLEDGE, SCOPE];
/// The catalogue that items and categories go into.
pub(super) const CATALOG: &str = "catalog";
/// The knowledge base that articles go into.
pub(super) const KNOWLEDGE: &str = "knowledge-base";
/// The scope of an exported project.
pub(super) const SCOPE: &str = "scope";
/// The `sys_id` of the catalogue that every instance has from the beginning, "Service Catalog".
const SERVICE_CATALOG: &str = "e0d08b13c3330100c8b837659bba8fb4";
/// The role of everybody who supports others.
const ITIL: &str = "itil";
/// The condition for articles that are written for them.
const SUPPORT: &str = "audience/support";

/// The text of an option.
pub(super) fn option<'t>(target: &'t settings::Target, name: &str) -> Option<&'t Literal> {
    target.options.iter().find(|(id, _)| id.as_str() == name).map(|(_, value)| value)
}

/// The `sys_id` that an option names.
fn id_option(target: &settings::Target, name: &str) -> Result<Option<String>, TargetError> {
    match option(target, name) {
        None => Ok(None),
        Some(Literal::Text(id)) if is_id(id) => Ok(Some(id.to_string())),
        Some(other) => Err(TargetError::refused(
            format!("`options.{name}` is `{}`, which is no `sys_id`", other.to_string().escape_debug()),
            "write the 32 letters and digits that `Copy sys_id` in the menu of the row gives",
        )),
    }
}

/// What the target must hold.
pub(super) fn desired(book: &Book<'_>) -> Result<Desired, TargetError> {
    let catalog = id_option(book.settings, CATALOG)?.unwrap_or_else(|| SERVICE_CATALOG.to_owned());
    let knowledge = id_option(book.settings, KNOWLEDGE)?;
    let rulebook = book.rulebook;
    let mut rows = Rows { owner: book.owner(), ..Rows::default() };
    for team in &rulebook.teams {
        rows.team(rulebook, team);
    }
    for category in &rulebook.categories {
        rows.category(category, &catalog);
    }
    times::schedules(rulebook, &mut rows)?;
    times::slas(rulebook, &mut rows)?;
    for service in rulebook.services.iter().filter(|service| service.lifecycle.is_none_or(is_offered)) {
        rows.service(rulebook, service);
    }
    let unsaid = forms::items(rulebook, &catalog, &mut rows)?;
    if let Some(base) = &knowledge {
        for article in rulebook.articles.iter().filter(|article| article.state == ArticleState::Published) {
            rows.article(rulebook, article, base);
        }
    }
    let mut constructs = constructs(support::of, rulebook);
    constructs.extend(support::unsaid(unsaid));
    if knowledge.is_none() {
        support::no_knowledge(&mut constructs);
    }
    Ok(Desired { objects: rows.objects, constructs })
}

/// A person as users are found: by their e-mail address, else by their id as user name.
pub(super) fn user(person: &Entry<Person>) -> String {
    let email = person.email.as_deref().map(str::trim).filter(|email| !email.is_empty());
    named(USERS, email.unwrap_or(person.id.as_str()))
}

/// Somebody of the rulebook who still has an identity that works.
fn here<'r>(rulebook: &'r Rulebook, id: &str) -> Option<&'r Entry<Person>> {
    rulebook.people.get(id).filter(|person| is_here(person))
}

/// The rows that are wanted.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) objects: BTreeMap<Key, Wanted>,
    /// Whose they are.
    pub(super) owner: Owner,
    /// Names that are taken, in lower case.
    names: BTreeSet<(Sort, String)>,
}

impl Rows {
    /// A name that no other row of a sort has: a later one gets its id behind.
    pub(super) fn name(&mut self, sort: Sort, id: &str, name: &str) -> String {
        let about = sort.about();
        let column = about.columns.iter().find(|column| column.name == about.name);
        let most = match column.map(|column| column.takes) {
            Some(Takes::Text(most)) => most,
            _ => 40,
        };
        let fitted = cut(name, most);
        if self.names.insert((sort, fitted.to_lowercase())) {
            return fitted;
        }
        let behind = format!(" ({id})");
        let room = most.saturating_sub(behind.chars().count());
        let named = cut(&format!("{}{behind}", cut(name, room)), most);
        self.names.insert((sort, named.to_lowercase()));
        named
    }

    /// Adds a row. What it refers to must be there before it.
    pub(super) fn add(&mut self, sort: Sort, id: &str, called: &str, content: Value) {
        let about = sort.about();
        let key = Key::new(about.kind, id);
        let mut content = match content {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        for column in about.columns {
            let Some(Value::String(value)) = content.get_mut(column.name) else { continue };
            match column.takes {
                Takes::Text(most) => *value = cut(value, most),
                Takes::Html(most) => *value = paragraphs(value, most),
                _ => {}
            }
        }
        content.insert(MARK.to_owned(), json!(MAPPED));
        let content = Value::Object(content);
        let needs = references(sort, &content).into_iter().filter(|need| *need != key).collect();
        let wanted =
            Wanted { name: Some(called.to_owned()), content: sorted(&content), needs, derived: false };
        self.objects.insert(key, wanted);
    }

    /// A group with its members.
    fn team(&mut self, rulebook: &Rulebook, team: &Entry<Team>) {
        let id = team.id.as_str();
        let people = team.members.iter().chain(&team.lead);
        let people = people.filter_map(|person| here(rulebook, person.as_str())).map(user);
        let lead = team.lead.as_ref().and_then(|lead| here(rulebook, lead.as_str())).map(user);
        let parent = team.parent.as_ref().filter(|parent| rulebook.teams.get(parent.as_str()).is_some());
        let content = json!({
            "name": self.name(Sort::Group, id, &team.name),
            "description": one_line(team.description.as_deref().unwrap_or_default()),
            "email": team.mailbox.as_deref().unwrap_or_default(),
            "parent": parent.map(|parent| format!("group/{parent}")).unwrap_or_default(),
            "manager": lead.unwrap_or_default(),
            "members": sorted_list(people),
        });
        self.add(Sort::Group, id, &team.name, content);
    }

    fn category(&mut self, category: &Entry<Category>, catalog: &str) {
        let id = category.id.as_str();
        let content = json!({
            "title": self.name(Sort::Category, id, &category.name),
            "description": one_line(category.description.as_deref().unwrap_or_default()),
            "parent": category.parent.as_ref().map(|parent| format!("category/{parent}")).unwrap_or_default(),
            "sc_catalog": catalog,
        });
        self.add(Sort::Category, id, &category.name, content);
    }

    /// A service, and the one offering of it.
    fn service(&mut self, rulebook: &Rulebook, service: &Entry<Service>) {
        let id = service.id.as_str();
        let tier = service.tier.as_ref().and_then(|tier| rulebook.tiers.get(tier.as_str()));
        let rank = tier.map_or(CRITICALITY.len(), |tier| tier.rank as usize).clamp(1, CRITICALITY.len());
        let sla = times::sla_of(rulebook, service);
        let group = service.support_team.as_ref().map(|team| format!("group/{team}")).unwrap_or_default();
        let about = one_line(service.description.as_deref().unwrap_or_default());
        let name = self.name(Sort::Service, id, &service.name);
        let content = json!({
            "name": name,
            "short_description": about,
            "busines_criticality": CRITICALITY.get(rank.saturating_sub(1)),
            "support_group": group,
            "service_level_requirement": sla.map(|sla| times::promise(&self.owner, sla.id.as_str())).unwrap_or_default(),
        });
        self.add(Sort::Service, id, &service.name, content);
        let offering = match sla {
            Some(sla) => format!("{} ({})", name, one_line(&sla.name)),
            None => name,
        };
        let content = json!({
            "name": self.name(Sort::Offering, id, &offering),
            "short_description": about,
            "parent": format!("service/{id}"),
            "support_group": group,
        });
        self.add(Sort::Offering, id, &service.name, content);
    }

    fn article(&mut self, rulebook: &Rulebook, article: &Entry<Article>, base: &str) {
        let id = article.id.as_str();
        let mut readers = Vec::new();
        if article.audience == ArticleAudience::Support {
            readers.push(format!("criteria/{SUPPORT}"));
            let content = json!({
                "name": self.names_criteria(SUPPORT, "People who support others"),
                "department": [],
                "role": [named(super::sort::ROLES, ITIL)],
                "match_all": "false",
                "advanced": "false",
            });
            self.add(Sort::Criteria, SUPPORT, "People who support others", content);
        }
        let summary = article.summary.as_deref().map(one_line).filter(|summary| !summary.is_empty());
        let mut text: Vec<String> = summary.into_iter().collect();
        text.extend(article.url.as_ref().map(|url| format!("Read it at {url}")));
        text.extend(article.owner.as_ref().map(|owner| format!("Kept right by {}", called(rulebook, owner))));
        text.extend(article.review_date.as_ref().map(|date| format!("Looked at next on {date}")));
        let content = json!({
            "short_description": self.name(Sort::Article, id, &article.title),
            "text": text.join("\n"),
            "kb_knowledge_base": base,
            "can_read_user_criteria": readers,
        });
        self.add(Sort::Article, id, &article.title, content);
    }

    /// The name of a condition, which all who need it share.
    fn names_criteria(&mut self, id: &str, name: &str) -> String {
        let there = self.objects.contains_key(&Key::new(Sort::Criteria.about().kind, id));
        if there { cut(name, 100) } else { self.name(Sort::Criteria, id, name) }
    }
}

/// The objects that the columns and parts of a content refer to.
pub(super) fn references(sort: Sort, content: &Value) -> BTreeSet<Key> {
    let about = sort.about();
    let refers = |takes: Takes| matches!(takes, Takes::Reference(_) | Takes::List(_));
    let mut fields: Vec<&str> =
        about.columns.iter().filter(|column| refers(column.takes)).map(|column| column.name).collect();
    if let Some(part) = about.part
        && let [only] = part.columns
        && refers(only.takes)
    {
        fields.push(part.field);
    }
    let mut keys = BTreeSet::new();
    for field in fields {
        let names: Vec<&str> = match content.get(field) {
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let names = names.into_iter().filter(|name| table_of(name).is_none() && !is_id(name));
        keys.extend(names.filter_map(Key::parse));
    }
    keys
}

/// A text of at most so many characters in one line.
pub(super) fn cut(text: &str, most: usize) -> String {
    let line = one_line(text);
    if line.chars().count() <= most {
        return line;
    }
    let cut: String = line.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", cut.trim_end())
}

/// Lines as paragraphs of HTML, as many as fit.
fn paragraphs(text: &str, most: usize) -> String {
    let mut out = String::new();
    for line in text.lines().map(one_line).filter(|line| !line.is_empty()) {
        let safe = line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let next = format!("<p>{safe}</p>");
        if out.chars().count() + next.chars().count() > most {
            break;
        }
        out.push_str(&next);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_letters_and_html_between_paragraphs() {
        assert_eq!(cut(" a\n b ", 3), "a b");
        assert_eq!(cut("übermorgen", 5), "über…");
        assert_eq!(cut("a bcd", 3), "a…");
        assert_eq!(paragraphs("a < b\n\n & c\n", 100), "<p>a &lt; b</p><p>&amp; c</p>");
        assert_eq!(paragraphs("long\nlonger", 12), "<p>long</p>");
    }

    #[test]
    fn names_that_are_taken_get_their_id_behind() {
        let mut rows = Rows::default();
        let long = "x".repeat(90);
        assert_eq!(rows.name(Sort::Group, "a", "Desk"), "Desk");
        assert_eq!(rows.name(Sort::Group, "b", "desk"), "desk (b)");
        assert_eq!(rows.name(Sort::Item, "b", "desk"), "desk", "each sort has its own");
        assert_eq!(rows.name(Sort::Group, "c", &long).chars().count(), 80);
        let second = rows.name(Sort::Group, "d", &long);
        assert!(second.ends_with("… (d)") && second.chars().count() == 80, "{second}");
    }
}
