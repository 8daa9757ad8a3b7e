//! Draws repositories, and requests in them, with a liking for the edges: a day or a second before and after,
//! nothing, the same twice.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde_json::{Map, json};

use super::{draw_person::person, world::World};

/// Numbers that follow from a seed.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    pub(super) fn some(
        &mut self,
        percent: u64,
        name: &str,
        value: impl FnOnce(&mut Self) -> String,
        lines: &mut Vec<String>,
    ) {
        if self.chance(percent) {
            let value = value(self);
            lines.push(format!("{name} = {value}"));
        }
    }

    /// Different ones of `prefix0` to `prefix(end - 1)`, at least one, at most `most`.
    pub(super) fn several(&mut self, prefix: &str, end: usize, most: usize) -> Vec<String> {
        let count = 1 + self.below(most);
        let mut found: Vec<String> = Vec::new();
        for _ in 0..count {
            let one = format!("{prefix}{}", self.below(end));
            if !found.contains(&one) {
                found.push(one);
            }
        }
        found
    }
}

pub(super) const PEOPLE: usize = 8;
pub(super) const TEAMS: usize = 3;
const SERVICES: usize = 2;
const ENTITLEMENTS: usize = 3;
const WORKFLOWS: usize = 4;
const POLICIES: usize = 5;
const GUARDRAILS: usize = 3;
const DUTIES: usize = 2;
const LENGTHS: [&str; 9] = ["1h", "86399s", "1d", "86401s", "2d", "29d", "30d", "31d", "365d"];
const EVIDENCE: [&str; 5] = ["justification", "ticket", "training", "mfa", "project"];
const MODES: [&str; 2] = ["record", "warn"];

pub(super) fn quoted(text: impl std::fmt::Display) -> String {
    format!("\"{text}\"")
}

pub(super) fn list(items: &[String]) -> String {
    format!("[{}]", items.iter().map(quoted).collect::<Vec<_>>().join(", "))
}

/// Draws a world with so many requests.
pub(crate) fn world(draw: &mut Draw, requests: usize) -> World {
    let zone = draw.pick(&["Europe/Berlin", "America/New_York", "UTC", "Asia/Kolkata"]);
    let today: Date = draw.pick(&["2026-06-15", "2026-03-29", "2026-10-25", "2027-12-31"]).parse().unwrap();
    let default = draw.pick(&["\"deny\"", "\"deny\"", "{ workflow = \"w0\" }"]);
    let settings = format!(
        "[project]\nname = \"Test\"\ntime-zone = \"{zone}\"\n[decision]\ndefault = {default}\n\
         [attribute.subject.level]\ntype = \"integer\"\noptional = true\n"
    );
    let mut objects = Vec::new();
    for index in 0..PEOPLE {
        objects.push(person(draw, index, today));
    }
    for index in 0..TEAMS {
        let mut team = vec![format!("[team.t{index}]"), "name = \"Team\"".to_owned()];
        draw.some(90, "members", |draw| list(&draw.several("u", PEOPLE, 4)), &mut team);
        draw.some(70, "lead", |draw| quoted(format!("u{}", draw.below(PEOPLE))), &mut team);
        objects.push(team);
    }
    for index in 0..2 {
        let mut category = vec![format!("[category.c{index}]"), "name = \"Category\"".to_owned()];
        category.push(format!("function = \"{}\"", draw.pick(&["it", "hr"])));
        draw.some(70, "owner", |draw| quoted(owner(draw)), &mut category);
        if index == 1 {
            draw.some(60, "parent", |_| quoted("c0"), &mut category);
        }
        objects.push(category);
    }
    for index in 0..SERVICES {
        objects.push(service(draw, index));
    }
    for index in 0..WORKFLOWS {
        objects.push(workflow(draw, index));
    }
    for index in 0..POLICIES {
        objects.push(policy(draw, index, today));
    }
    for index in 0..=draw.below(GUARDRAILS) {
        objects.push(guardrail(draw, index, today));
    }
    for index in 0..=draw.below(DUTIES) {
        objects.push(duties(draw, index));
    }
    for index in 0..draw.below(4) {
        objects.push(exception(draw, index, today));
    }
    for index in 0..draw.below(5) {
        let mut grant = vec![format!("[grant.h{index}]")];
        grant.push(format!("beneficiary = \"u{}\"", draw.below(PEOPLE)));
        grant.push(format!("entitlement = \"{}\"", entitlement(draw)));
        grant.push(format!("start = {}", day(draw, today)));
        draw.some(75, "end", |draw| day(draw, today), &mut grant);
        draw.some(
            35,
            "state",
            |draw| quoted(draw.pick(&["removed", "revoked", "requested", "requested"])),
            &mut grant,
        );
        draw.some(
            60,
            "asked.at",
            |draw| format!("{}T{}:00:00Z", day(draw, today), draw.pick(&["00", "09"])),
            &mut grant,
        );
        objects.push(grant);
    }
    let zone = TimeZone::get(zone).unwrap();
    let requests = (0..requests).map(|_| (request(draw), instant(draw, today, &zone))).collect();
    World { settings, objects, requests }
}

/// The edges of a day, and its middle.
fn instant(draw: &mut Draw, today: Date, zone: &TimeZone) -> Timestamp {
    let midnight = today.to_zoned(zone.clone()).unwrap().timestamp();
    let next = today.tomorrow().unwrap().to_zoned(zone.clone()).unwrap().timestamp();
    match draw.below(5) {
        0 => midnight,
        1 => midnight - 1.second(),
        2 => next - 1.second(),
        3 => next,
        _ => midnight + 10.hours(),
    }
}

pub(super) fn day(draw: &mut Draw, today: Date) -> String {
    let days = draw.pick(&[-30, -2, -1, 0, 0, 1, 1, 2, 3, 29, 30, 31]);
    (today + days.days()).to_string()
}

pub(super) fn entitlement(draw: &mut Draw) -> String {
    format!("s{}/e{}", draw.below(SERVICES), draw.below(ENTITLEMENTS))
}

fn owner(draw: &mut Draw) -> String {
    match draw.below(3) {
        0 => format!("person:u{}", draw.below(PEOPLE)),
        _ => format!("team:t{}", draw.below(TEAMS)),
    }
}

pub(super) fn principals(draw: &mut Draw, most: usize) -> String {
    let roles = [
        "manager",
        "manager",
        "manager-2",
        "manager-3",
        "service-owner",
        "entitlement-owner",
        "team-lead",
        "category-owner",
    ];
    let count = 1 + draw.below(most);
    let mut found: Vec<String> = Vec::new();
    for _ in 0..count {
        let one = if draw.chance(40) { format!("role:{}", draw.pick(&roles)) } else { owner(draw) };
        if !found.contains(&one) {
            found.push(one);
        }
    }
    list(&found)
}

fn service(draw: &mut Draw, index: usize) -> Vec<String> {
    let mut service = vec![format!("[service.s{index}]"), "name = \"Service\"".to_owned()];
    let lifecycle = if draw.chance(95) {
        draw.pick(&["active", "active", "deprecated"])
    } else {
        draw.pick(&["retired", "proposed"])
    };
    service.push(format!("lifecycle = \"{lifecycle}\""));
    draw.some(85, "owner", |draw| quoted(owner(draw)), &mut service);
    draw.some(60, "support-team", |draw| quoted(format!("t{}", draw.below(TEAMS))), &mut service);
    draw.some(80, "category", |draw| quoted(format!("c{}", draw.below(2))), &mut service);
    for part in 0..ENTITLEMENTS {
        let name = |field: &str| format!("entitlement.e{part}.{field}");
        service.push(format!("{} = \"E\"", name("name")));
        let risk = draw.pick(&["low", "low", "medium", "high", "critical"]);
        service.push(format!("{} = \"{risk}\"", name("risk")));
        draw.some(30, &name("privileged"), |_| "true".to_owned(), &mut service);
        draw.some(30, &name("owner"), |draw| quoted(owner(draw)), &mut service);
        draw.some(30, &name("role"), |draw| quoted(draw.pick(&["admin", "user"])), &mut service);
        draw.some(40, &name("max-duration"), |draw| quoted(draw.pick(&LENGTHS)), &mut service);
        draw.some(10, &name("training"), |_| quoted("course"), &mut service);
        draw.some(10, &name("environment"), |_| quoted("test"), &mut service);
        draw.some(4, &name("requestable"), |_| "false".to_owned(), &mut service);
    }
    service
}

fn workflow(draw: &mut Draw, index: usize) -> Vec<String> {
    let mut workflow = vec![format!("[workflow.w{index}]"), "name = \"Workflow\"".to_owned()];
    draw.some(15, "distinct", |_| "false".to_owned(), &mut workflow);
    for stage in 0..=draw.pick(&[0, 0, 1, 1, 2]) {
        workflow.push(format!("[[workflow.w{index}.stage]]"));
        workflow.push(format!("id = \"g{stage}\""));
        workflow.push(format!("approvers = {}", principals(draw, 3)));
        draw.some(
            15,
            "approvers-when",
            |draw| format!("{{ {} }}", condition(draw, "person", 1, Date::ZERO)),
            &mut workflow,
        );
        let need = |draw: &mut Draw| {
            draw.pick(&["1", "2", "3", "\"all\"", "\"50%\"", "\"1%\"", "\"66.6667%\""]).to_owned()
        };
        draw.some(30, "need", need, &mut workflow);
        draw.some(40, "fallback", |draw| principals(draw, 2), &mut workflow);
        draw.some(10, "require", |draw| list(&[draw.pick(&EVIDENCE).to_owned()]), &mut workflow);
    }
    workflow
}

fn scope(draw: &mut Draw) -> String {
    match draw.below(4) {
        0 => format!("{{ entitlement = \"{}\" }}", entitlement(draw)),
        1 => format!("{{ service = \"s{}\" }}", draw.below(SERVICES)),
        2 => format!("{{ category = \"c{}\" }}", draw.below(2)),
        _ => "\"everything\"".to_owned(),
    }
}

fn policy(draw: &mut Draw, index: usize, today: Date) -> Vec<String> {
    let mut policy = vec![format!("[access.a{index}]"), format!("applies-to = {}", scope(draw))];
    policy.push(format!("order = {}", (index + 3) % POLICIES));
    for rule in 0..=draw.below(3) {
        policy.push(format!("[[access.a{index}.rule]]"));
        policy.push(format!("id = \"r{rule}\""));
        draw.some(80, "when", |draw| format!("{{ {} }}", conditions(draw, "access", 2, today)), &mut policy);
        let decision = match draw.below(6) {
            0 => "\"deny\"".to_owned(),
            1 | 2 => "\"auto-approve\"".to_owned(),
            _ => format!("{{ workflow = \"w{}\" }}", draw.below(WORKFLOWS)),
        };
        policy.push(format!("decision = {decision}"));
        draw.some(30, "max-duration", |draw| quoted(draw.pick(&LENGTHS)), &mut policy);
        draw.some(20, "require", |draw| list(&[draw.pick(&EVIDENCE).to_owned()]), &mut policy);
        draw.some(10, "mode", |draw| quoted(draw.pick(&MODES)), &mut policy);
    }
    policy
}

pub(crate) fn guardrail(draw: &mut Draw, index: usize, today: Date) -> Vec<String> {
    let mut guardrail = vec![format!("[guardrail.d{index}]"), "description = \"guardrail\"".to_owned()];
    draw.some(40, "applies-to", scope, &mut guardrail);
    draw.some(80, "when", |draw| format!("{{ {} }}", conditions(draw, "access", 2, today)), &mut guardrail);
    match draw.below(5) {
        0 => guardrail.push("deny = true".to_owned()),
        1 | 2 => guardrail.push(format!("require-approval = \"w{}\"", draw.below(WORKFLOWS))),
        3 => guardrail.push(format!("max-duration = \"{}\"", draw.pick(&LENGTHS))),
        _ => guardrail.push(format!("require = [\"{}\"]", draw.pick(&EVIDENCE))),
    }
    draw.some(10, "mode", |draw| quoted(draw.pick(&MODES)), &mut guardrail);
    guardrail
}

pub(super) fn some_entitlements(draw: &mut Draw, least: usize) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let count = least + draw.below(3);
    while found.len() < count {
        let one = entitlement(draw);
        if !found.contains(&one) {
            found.push(one);
        }
    }
    found
}

fn duties(draw: &mut Draw, index: usize) -> Vec<String> {
    let mut duties =
        vec![format!("[sod.o{index}]"), "description = \"duties\"".to_owned(), "risk = \"high\"".to_owned()];
    let mut sides = some_entitlements(draw, 2);
    if draw.chance(50) {
        let other = sides.split_off(1 + draw.below(sides.len() - 1));
        duties.push(format!("against = {}", list(&other)));
    }
    duties.push(format!("entitlements = {}", list(&sides)));
    let decision = if draw.chance(50) {
        "\"deny\"".to_owned()
    } else {
        format!("{{ workflow = \"w{}\" }}", draw.below(WORKFLOWS))
    };
    duties.push(format!("decision = {decision}"));
    draw.some(10, "mode", |draw| quoted(draw.pick(&MODES)), &mut duties);
    duties
}

fn exception(draw: &mut Draw, index: usize, today: Date) -> Vec<String> {
    let mut exception = vec![format!("[exception.x{index}]")];
    let rule = match draw.below(5) {
        0 => format!("access:a{}/r0", draw.below(POLICIES)),
        1 => "sod:o0".to_owned(),
        _ => "guardrail:d0".to_owned(),
    };
    exception.push(format!("rule = \"{rule}\""));
    draw.some(30, "people", |draw| list(&draw.several("u", PEOPLE, 5)), &mut exception);
    draw.some(40, "entitlements", |draw| list(&some_entitlements(draw, 2)), &mut exception);
    draw.some(95, "approved-by", |draw| quoted(format!("u{}", draw.below(PEOPLE))), &mut exception);
    draw.some(40, "from", |draw| day(draw, today), &mut exception);
    draw.some(95, "expires", |draw| day(draw, today), &mut exception);
    exception
}

fn request(draw: &mut Draw) -> serde_json::Value {
    let mut request = Map::new();
    let mut put = |name: &str, value: serde_json::Value| request.insert(name.to_owned(), value);
    put("requester", json!(format!("u{}", draw.below(PEOPLE))));
    if draw.chance(50) {
        put("beneficiary", json!(format!("u{}", draw.below(PEOPLE))));
    }
    let mut items: Vec<String> = (0..draw.pick(&[1, 1, 1, 2, 2, 3])).map(|_| entitlement(draw)).collect();
    if draw.chance(97) {
        items.sort();
        items.dedup();
    }
    put("entitlements", json!(items));
    if draw.chance(85) {
        put("duration", json!(draw.pick(&LENGTHS)));
    } else if draw.chance(5) {
        put("duration", json!("0d"));
    }
    if draw.chance(60) {
        put("justification", json!(draw.pick(&["because", "because", "", "  "])));
    }
    if draw.chance(30) {
        put("ticket", json!(draw.pick(&["T-1", " "])));
    }
    if draw.chance(20) {
        put("project", json!("P"));
    }
    if draw.chance(40) {
        put("evidence", json!([draw.pick(&["training", "mfa"])]));
    }
    if draw.chance(10) {
        put("pending", json!([entitlement(draw)]));
    }
    if draw.chance(20) {
        put("emergency", json!(true));
    }
    if draw.chance(5) {
        put("environment", json!(draw.pick(&["test", "production"])));
    }
    serde_json::Value::Object(request)
}

/// One condition or two about different things, as the inside of a table.
fn conditions(draw: &mut Draw, about: &str, depth: usize, today: Date) -> String {
    let first = condition(draw, about, depth, today);
    let second = condition(draw, about, depth, today);
    let head = |condition: &str| {
        condition.split([' ', '=']).next().unwrap().split('.').take(2).collect::<Vec<_>>().join(".")
    };
    if draw.chance(30) && head(&first) != head(&second) { format!("{first}, {second}") } else { first }
}

pub(super) fn condition(draw: &mut Draw, about: &str, depth: usize, today: Date) -> String {
    if depth > 0 && draw.chance(25) {
        let (one, two) =
            (conditions(draw, about, depth - 1, today), conditions(draw, about, depth - 1, today));
        return match draw.below(4) {
            0 => format!("any = [{{ {one} }}, {{ {two} }}]"),
            1 => format!("all = [{{ {one} }}, {{ {two} }}]"),
            _ => format!("not = {{ {one} }}"),
        };
    }
    let whose = if about == "person" { "subject" } else { draw.pick(&["subject", "subject", "requester"]) };
    if about == "person" || draw.chance(50) { of_person(draw, whose, today) } else { of_request(draw, today) }
}

fn words(draw: &mut Draw, name: &str, values: &[&str]) -> String {
    let (one, two) = (draw.pick(values), draw.pick(values));
    match draw.below(4) {
        0 | 1 => format!("{name} = \"{one}\""),
        2 if one != two => format!("{name} = [\"{one}\", \"{two}\"]"),
        _ => format!("{name}.not-in = [\"{one}\"]"),
    }
}

fn numbers(draw: &mut Draw, name: &str, values: &[String]) -> String {
    let value = &values[draw.below(values.len())];
    match draw.below(6) {
        0 => format!("{name} = {value}"),
        1 => format!("{name}.not-in = [{value}]"),
        _ => format!("{name}.{} = {value}", draw.pick(&["min", "max", "above", "below"])),
    }
}

fn of_person(draw: &mut Draw, whose: &str, today: Date) -> String {
    let ids = ["u0", "u1", "u2", "u3", "u4", "u5", "u6", "u7"];
    let name = |field: &str| format!("{whose}.{field}");
    match draw.below(12) {
        0 | 1 => words(draw, &name("department"), &["it", "sales", "hr"]),
        2 => words(draw, &name("title"), &["Engineer", "engineer"]),
        3 => format!(
            "{} = \"{}\"",
            name("location.glob"),
            draw.pick(&["de-*", "*-*", "??", "*", "d*n", "?e-*"])
        ),
        4 => words(draw, &name("employment"), &["employee", "contractor", "service-account", "agent"]),
        5 => words(draw, &name("status"), &["active", "on-leave", "joining"]),
        6 => words(draw, &name("manager"), &ids),
        7 => words(draw, &name("id"), &ids),
        8 => format!("{} = \"t{}\"", name("teams.contains"), draw.below(TEAMS)),
        9 if today != Date::ZERO => {
            let field = name(draw.pick(&["start", "end"]));
            let day = day(draw, today);
            numbers(draw, &field, &[day])
        }
        10 => {
            let field = draw.pick(&["department", "location", "manager", "level", "end"]);
            format!("{} = {}", name(&format!("{field}.exists")), draw.chance(50))
        }
        _ => numbers(draw, &name("level"), &["-1", "0", "1", "2"].map(str::to_owned)),
    }
}

fn of_request(draw: &mut Draw, today: Date) -> String {
    let lengths = LENGTHS.map(quoted);
    match draw.below(15) {
        0 | 1 => numbers(draw, "request.duration", &lengths),
        2 => numbers(draw, "entitlement.risk", &["low", "medium", "high", "critical"].map(quoted)),
        3 => format!("entitlement.privileged = {}", draw.chance(50)),
        4 => format!("requester.is-beneficiary = {}", draw.chance(50)),
        5 => format!("requester.is-manager = {}", draw.chance(50)),
        6 => format!("request.emergency = {}", draw.chance(50)),
        7 => format!(
            "request.{}.exists = {}",
            draw.pick(&["duration", "justification", "ticket"]),
            draw.chance(50)
        ),
        8 => {
            let hour = draw.pick(&["00:00:00Z", "22:00:00Z", "10:00:00Z"]);
            format!("request.instant.{} = {today}T{hour}", draw.pick(&["min", "max", "above", "below"]))
        }
        9 => numbers(draw, "grants.count", &["0", "1", "2"].map(str::to_owned)),
        10 => format!("grants.services.contains = \"s{}\"", draw.below(SERVICES)),
        11 => format!("grants.entitlements.contains = {}", list(&some_entitlements(draw, 1))),
        12 => words(draw, "service.category", &["c0", "c1"]),
        13 => words(draw, "entitlement.id", &["s0/e0", "s0/e1", "s1/e0", "s1/e1"]),
        _ => words(draw, "entitlement.role", &["admin", "user"]),
    }
}
