//! What is shown, for people: 80 columns, headings, labels on the left.

use super::{
    KindCount, Objects,
    approval::{Approvals, ResolvedStage, Rule, is_enforced},
    columns,
    object::{EntitlementInForce, Hours, Link, Object, ServiceLevel, TargetsInForce},
    people::{Somebody, Who},
    words,
};
use crate::{
    cli::terminal::{self, Paint, WIDTH, plain, push},
    model::Group,
};

/// The width of labels, so that the texts beside them stand below each other.
const LABEL: usize = 14;
/// After so many references the rest is counted.
const MANY: usize = 20;

/// The kinds with their counts.
pub(super) fn kinds(name: &str, kinds: &[KindCount], styles: Paint) -> String {
    let mut text = format!("{}\n", styles.heading(&plain(name)));
    for group in Group::ALL {
        let of_group: Vec<&KindCount> =
            kinds.iter().filter(|kind| kind.group == group && kind.count > 0).collect();
        if of_group.is_empty() {
            continue;
        }
        push(&mut text, format_args!("\n{}\n", styles.heading(group.title())));
        for kind in of_group {
            let name = styles.name(&format!("{:<18}", kind.kind));
            push(
                &mut text,
                format_args!("  {name} {:>6}  {}\n", kind.count, styles.faint(&cut(kind.summary, 51))),
            );
        }
    }
    let none: Vec<&str> = kinds.iter().filter(|kind| kind.count == 0).map(|kind| kind.kind).collect();
    if !none.is_empty() {
        text.push('\n');
        text.push_str(&hang("none of", &none.join(", "), 0, styles));
    }
    text.push_str("\n`gitsm show KIND` lists the objects of a kind\n");
    text
}

/// The objects of a kind as a table.
///
/// Where not the `whole` repository could be read, nobody knows whether there are others. Rows are cut to `width`
/// columns, if there is such a limit.
pub(super) fn objects(objects: &Objects<'_>, whole: bool, width: Option<u16>, styles: Paint) -> String {
    if objects.list.is_empty() {
        let place = if whole { "the repository" } else { "what could be read" };
        return format!("there is no {} in {place}\n", objects.kind);
    }
    let columns = columns::of(objects.of);
    let headings: Vec<&str> =
        std::iter::once("id").chain(columns.iter().map(|(heading, _)| *heading)).collect();
    let mut table = terminal::table(&headings);
    for listed in &objects.list {
        let cells = columns.iter().map(|(_, cell)| plain(&cell.text(&listed.fields)));
        table.add_row(std::iter::once(listed.id.to_owned()).chain(cells));
    }
    match width {
        Some(width) => terminal::fit_into(&mut table, width, &[0]),
        None => {
            table.set_content_arrangement(comfy_table::ContentArrangement::Disabled);
        }
    }
    let number = objects.list.len();
    let count = if number == 1 { "1 object".to_owned() } else { format!("{number} objects") };
    let rest = format!("\n{count}; `gitsm show {}/ID` shows one\n", objects.kind);
    terminal::lines(table, 0, styles) + &styles.faint(&rest)
}

/// One object.
pub(super) fn object(object: &Object, styles: Paint) -> String {
    let field = |key: &str| object.fields.get(key).map(words::value).unwrap_or_default();
    let name = [field("name"), field("title")].into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    let mut text = styles.name(&format!("{}/{}", object.kind, object.id));
    if !name.is_empty() {
        push(&mut text, format_args!("  {}", styles.heading(&plain(&name))));
    }
    push(&mut text, format_args!("\n{}\n", styles.faint(&object.place.to_string())));
    let description = [field("description"), field("summary")].concat();
    if !description.is_empty() {
        text.push('\n');
        text.push_str(&wrap(&plain(&description), "", ""));
    }
    text.push('\n');
    let fields = words::fields(&object.fields, &elsewhere(object));
    let widest = fields.iter().map(|(label, _)| label.chars().count()).max().unwrap_or_default();
    for (label, value) in fields {
        text.push_str(&hang_at(widest.clamp(LABEL, 32), &plain(&label), &plain(&value), 0, styles));
    }
    people(object, styles, &mut text);
    if let Some(tier) = &object.tier {
        section("Tier", styles, &mut text);
        let cost = tier.downtime_cost.as_ref().map(|cost| format!(", an hour of downtime costs {cost}"));
        let line = format!("{}: rank {}{}", tier.name, tier.rank, cost.unwrap_or_default());
        text.push_str(&hang(&tier.id, &plain(&line), 2, styles));
        if let Some(availability) = &tier.availability {
            text.push_str(&hang("availability", availability, 2, styles));
        }
    }
    if let Some(level) = &object.service_level {
        service_level(level, styles, &mut text);
    }
    if let Some(hours) = &object.hours {
        section("Open", styles, &mut text);
        hours_of(hours, styles, &mut text);
    }
    entitlements(&object.entitlements, styles, &mut text);
    let own = format!("{} {}", object.kind, object.id);
    approvals(&object.approvals, &own, styles, &mut text);
    refers_to(&object.refers_to, styles, &mut text);
    referred_by(&object.referred_by, styles, &mut text);
    text
}

/// Fields that have a section of their own or stand at the top.
fn elsewhere(object: &Object) -> Vec<&'static str> {
    let mut fields = vec!["name", "description"];
    fields.extend(object.owner.as_ref().map(|_| "owner"));
    fields.extend(object.support.as_ref().map(|_| "support-team"));
    fields.extend(object.tier.as_ref().map(|_| "tier"));
    fields.extend(match object.kind {
        "service" => &["entitlement"][..],
        "team" => &["members"],
        "sla" => &["target", "calendar", "at-risk", "escalation", "supported-by"],
        "ola" | "supplier-contract" => &["target", "calendar"],
        "workflow" => &["stage"],
        "access" => &["rule"],
        "calendar" => &["weekly", "time-zone"],
        "article" => &["title", "summary"],
        _ => &[],
    });
    fields
}

fn people(object: &Object, styles: Paint, text: &mut String) {
    for (title, who) in [("Owner", &object.owner), ("Support", &object.support)] {
        let Some(who) = who else { continue };
        section(title, styles, text);
        text.push_str(&hang(&who.written, &plain(&who.meaning), 2, styles));
        if !matches!(who.people.as_slice(), [only] if only.name == who.meaning) {
            text.push_str(&hang("", &names(&who.people), 2, styles));
        }
    }
    for (title, people) in
        [("Members", &object.members), ("Managers", &object.managers), ("Reports", &object.reports)]
    {
        if people.is_empty() {
            continue;
        }
        section(&format!("{title} ({})", people.len()), styles, text);
        let mut table = terminal::table(&[]);
        for person in people.iter().take(MANY * 5) {
            let title = person.title.as_deref().unwrap_or_default();
            table.add_row([person.id.clone(), plain(&person.name), plain(title), person.status.to_owned()]);
        }
        terminal::fit(&mut table, 2, &[0, 3]);
        text.push_str(&terminal::lines(table, 2, styles));
        more(people.len(), MANY * 5, text);
    }
}

/// A heading and the target below it.
type TargetColumn = (&'static str, fn(&TargetsInForce) -> Option<&String>);

fn service_level(level: &ServiceLevel, styles: Paint, text: &mut String) {
    section("Service level", styles, text);
    let through = level.through.as_ref().map(|through| format!(", through {through}")).unwrap_or_default();
    text.push_str(&hang(&level.agreement, &plain(&format!("{}{through}", level.name)), 2, styles));
    if !level.targets.is_empty() {
        let columns: [TargetColumn; 4] = [
            ("respond", |targets| targets.respond.as_ref()),
            ("update", |targets| targets.update.as_ref()),
            ("workaround", |targets| targets.workaround.as_ref()),
            ("resolve", |targets| targets.resolve.as_ref()),
        ];
        let used: Vec<_> = columns
            .into_iter()
            .filter(|(_, get)| level.targets.iter().any(|targets| get(targets).is_some()))
            .collect();
        let headings: Vec<&str> =
            std::iter::once("priority").chain(used.iter().map(|(heading, _)| *heading)).collect();
        let mut table = terminal::table(&headings);
        for targets in &level.targets {
            let cells = used.iter().map(|(_, get)| get(targets).cloned().unwrap_or_else(|| "-".to_owned()));
            table.add_row(std::iter::once(targets.priority.clone()).chain(cells));
        }
        text.push_str(&terminal::lines(table, 2, styles));
    }
    hours_of(&level.calendar, styles, text);
    for (label, value) in [
        ("at risk", level.at_risk.join(", ")),
        ("escalation", level.escalation.clone().unwrap_or_default()),
        ("rests on", level.supported_by.join(", ")),
    ] {
        if !value.is_empty() {
            text.push_str(&hang(label, &value, 2, styles));
        }
    }
}

fn hours_of(hours: &Hours, styles: Paint, text: &mut String) {
    let weekly = if hours.weekly.is_empty() { "never open".to_owned() } else { hours.weekly.join(", ") };
    let days = |number: usize, what: &str| match number {
        0 => String::new(),
        1 => format!("; 1 {what}"),
        _ => format!("; {number} {what}s"),
    };
    let line = format!(
        "{weekly} ({}){}{}",
        hours.time_zone,
        days(hours.holidays, "holiday"),
        days(hours.overrides, "day with other hour")
    );
    text.push_str(&hang("calendar", &plain(&format!("{}: {line}", hours.id)), 2, styles));
}

fn entitlements(entitlements: &[EntitlementInForce], styles: Paint, text: &mut String) {
    if entitlements.is_empty() {
        return;
    }
    section(&format!("Entitlements ({})", entitlements.len()), styles, text);
    let mut table = terminal::table(&["id", "name", "risk", "at most", "recertify", "owner"]);
    for entitlement in entitlements {
        let privileged = if entitlement.privileged { ", privileged" } else { "" };
        let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        table.add_row([
            entitlement.id.clone(),
            plain(&entitlement.name),
            format!("{}{privileged}", entitlement.risk),
            or_dash(&entitlement.max_duration),
            or_dash(&entitlement.recertify),
            or_dash(&entitlement.owner),
        ]);
    }
    terminal::fit(&mut table, 2, &[0, 2, 3, 4]);
    text.push_str(&terminal::lines(table, 2, styles));
}

/// Rules about `own` need not say that they are.
fn approvals(approvals: &Approvals, own: &str, styles: Paint, text: &mut String) {
    rules("Access rules, the first that matches decides", &approvals.rules, own, styles, text);
    rules("Guardrails, every one that matches applies", &approvals.guardrails, own, styles, text);
    for workflow in &approvals.workflows {
        section(&format!("Workflow {}", workflow.id), styles, text);
        text.push_str(&wrap(&plain(&workflow.name), "  ", "  "));
        for (number, stage) in (1..).zip(&workflow.stages) {
            stage_of(number, stage, styles, text);
        }
    }
}

fn rules(title: &str, rules: &[Rule], own: &str, styles: Paint, text: &mut String) {
    if rules.is_empty() {
        return;
    }
    section(title, styles, text);
    for rule in rules {
        push(
            text,
            format_args!("  {}  {}\n", styles.name(&rule.reference), styles.faint(&rule.place.to_string())),
        );
        let mode = if is_enforced(rule.mode) { String::new() } else { format!(" ({} only)", rule.mode) };
        let when = if rule.when.is_empty() { "always" } else { &rule.when };
        if rule.applies_to != own && rule.applies_to != "everything" {
            text.push_str(&hang("for", &plain(&rule.applies_to), 4, styles));
        }
        text.push_str(&hang("when", &plain(when), 4, styles));
        text.push_str(&hang("then", &plain(&format!("{}{mode}", rule.does)), 4, styles));
    }
}

fn stage_of(number: usize, stage: &ResolvedStage, styles: Paint, text: &mut String) {
    push(text, format_args!("  {number}. {}\n", styles.name(&stage.id)));
    for (index, who) in stage.approvers.iter().enumerate() {
        let label = if index == 0 { format!("{} of", stage.need) } else { "or".to_owned() };
        text.push_str(&hang(&label, &described(who), 4, styles));
    }
    if let Some(when) = &stage.approvers_when {
        let label = if stage.approvers.is_empty() { format!("{} of", stage.need) } else { "or".to_owned() };
        text.push_str(&hang(&label, &plain(&format!("everybody for whom {when}")), 4, styles));
    }
    if let Some(within) = &stage.within {
        text.push_str(&hang("within", &plain(within), 4, styles));
    }
    for who in &stage.fallback {
        text.push_str(&hang("if nobody", &described(who), 4, styles));
    }
}

/// Who is meant, with names.
fn described(who: &Who) -> String {
    match who.people.as_slice() {
        [] => format!("{} ({})", who.written, plain(&who.meaning)),
        [only] if only.name == who.meaning => format!("{} ({})", plain(&only.name), who.written),
        people => format!("{} ({}): {}", who.written, plain(&who.meaning), names(people)),
    }
}

/// The names of people; who cannot act is marked with why.
fn names(people: &[Somebody]) -> String {
    let mut shown: Vec<String> = people
        .iter()
        .take(MANY)
        .map(|person| {
            let name = plain(&person.name);
            if person.can_act { name } else { format!("{name} [{}]", person.status) }
        })
        .collect();
    if people.len() > MANY {
        shown.push(format!("and {} more", people.len() - MANY));
    }
    if shown.is_empty() { "nobody".to_owned() } else { shown.join(", ") }
}

fn refers_to(links: &[Link], styles: Paint, text: &mut String) {
    let mut rows: Vec<(&Link, Vec<String>)> = Vec::new();
    for link in links {
        match rows.iter_mut().find(|(other, _)| other.object == link.object) {
            Some((_, fields)) => fields.push(plain(&link.field)),
            None => rows.push((link, vec![plain(&link.field)])),
        }
    }
    let mut table = terminal::table(&[]);
    for (link, fields) in rows.iter().take(MANY) {
        let name = match (&link.name, &link.place) {
            (_, None) => "not found",
            (Some(name), _) => name,
            (None, _) => "",
        };
        table.add_row([plain(&link.object), plain(name), fields.join(", ")]);
    }
    references("Refers to", table, rows.len(), styles, text);
}

fn referred_by(links: &[Link], styles: Paint, text: &mut String) {
    // Several fields on the same line share a row.
    let mut rows: Vec<(&str, String, Vec<String>)> = Vec::new();
    for link in links {
        let place = link.place.as_ref().map(ToString::to_string).unwrap_or_default();
        match rows.iter_mut().find(|(object, at, _)| *object == link.object && *at == place) {
            Some((_, _, fields)) => fields.push(plain(&link.field)),
            None => rows.push((&link.object, place, vec![plain(&link.field)])),
        }
    }
    let mut table = terminal::table(&[]);
    for (object, place, fields) in rows.iter().take(MANY) {
        table.add_row([plain(object), fields.join(", "), plain(place)]);
    }
    // Places are what one goes to next: rather than cut them, they get lines of their own.
    if table.column_max_content_widths().iter().sum::<u16>() + 6 <= WIDTH {
        references("Referred to by", table, rows.len(), styles, text);
        return;
    }
    section(&format!("Referred to by ({})", rows.len()), styles, text);
    for (object, place, fields) in rows.iter().take(MANY) {
        push(text, format_args!("  {}  {}\n", styles.name(&plain(object)), plain(&fields.join(", "))));
        push(text, format_args!("      {}\n", styles.faint(&plain(place))));
    }
    more(rows.len(), MANY, text);
}

fn references(title: &str, mut table: comfy_table::Table, rows: usize, styles: Paint, text: &mut String) {
    if rows == 0 {
        return;
    }
    section(&format!("{title} ({rows})"), styles, text);
    terminal::fit(&mut table, 2, &[0]);
    text.push_str(&terminal::lines(table, 2, styles));
    more(rows, MANY, text);
}

fn more(number: usize, shown: usize, text: &mut String) {
    if number > shown {
        push(text, format_args!("  and {} more: `--format json` lists all\n", number - shown));
    }
}

fn section(title: &str, styles: Paint, text: &mut String) {
    push(text, format_args!("\n{}\n", styles.heading(title)));
}

/// A label and a text beside it, wrapped.
fn hang(label: &str, value: &str, indent: usize, styles: Paint) -> String {
    hang_at(LABEL, label, value, indent, styles)
}

/// The same with labels of another width.
fn hang_at(column: usize, label: &str, value: &str, indent: usize, styles: Paint) -> String {
    let width = column.max(label.chars().count());
    let start = format!("{:indent$}{label:<width$}  ", "");
    let next = " ".repeat(indent + column + 2);
    let wrapped = wrap(value, &start, &next);
    // The label is styled after wrapping, so that the styles do not count as width.
    match wrapped.strip_prefix(&start) {
        Some(rest) => {
            let label = styles.faint(label) + &" ".repeat(width - label.chars().count());
            format!("{:indent$}{label}  {rest}", "")
        }
        None => wrapped,
    }
}

/// Wraps words: the first line starts with `first`, the others with `next`.
fn wrap(value: &str, first: &str, next: &str) -> String {
    let mut text = String::new();
    let mut line = first.to_owned();
    let mut empty = true;
    for word in value.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH.into() {
            text.push_str(line.trim_end());
            text.push('\n');
            next.clone_into(&mut line);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    text.push_str(if empty { first } else { line.as_str() });
    text.push('\n');
    text
}

/// A text of at most so many characters.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}
