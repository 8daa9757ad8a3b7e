//! More than the second computation knows: calendars, peers, attributes that must not be absent and are, rules
//! with many alternatives.

use serde_json::json;

use super::{draw::Draw, world::World};

const SETTINGS: &str = r#"
[attribute.subject.grade]
type = "integer"
[attribute.subject.clearance]
type = "ordered"
values = ["none", "some", "full"]
optional = true
[attribute.service.zone]
type = "choice"
values = ["inside", "outside"]
[attribute.entitlement.size]
type = "ordered"
values = ["small", "medium", "large"]
optional = true
[attribute.request.region]
type = "text"
"#;

const CALENDARS: &str = r#"[calendar.k0]
name = "Office"
time-zone = "Europe/Berlin"
weekly = { mon-fri = ["08:00-12:00", "13:00-17:00"] }
holidays = { 2026-06-15 = "Holiday" }
[calendar.k1]
name = "Nights"
time-zone = "America/New_York"
weekly = { sun-sat = ["22:00-06:00"] }
[tier.gold]
name = "Gold"
rank = 1"#;

/// Adds all of it to a world.
pub(super) fn enrich(draw: &mut Draw, world: &mut World) {
    world.settings += SETTINGS;
    for object in &mut world.objects {
        let head = object.first().cloned().unwrap();
        if head.starts_with("[person.") {
            if draw.chance(93) {
                object.push(format!("attributes.grade = {}", draw.pick(&[-1, 0, 1, 5])));
            }
            if draw.chance(60) {
                object.push(format!("attributes.clearance = \"{}\"", draw.pick(&["none", "some", "full"])));
            }
        } else if head.starts_with("[service.") {
            if draw.chance(80) {
                object.push(format!("support-hours = \"k{}\"", draw.below(2)));
            }
            if draw.chance(80) {
                object.push(format!("attributes.zone = \"{}\"", draw.pick(&["inside", "outside"])));
            }
            if draw.chance(80) {
                object.push("tier = \"gold\"".to_owned());
            }
            for part in 0..3 {
                if draw.chance(60) {
                    let size = draw.pick(&["small", "medium", "large"]);
                    object.push(format!("entitlement.e{part}.attributes.size = \"{size}\""));
                }
            }
        } else if head.starts_with("[access.") && draw.chance(3) {
            // Nobody knows where such a policy stands among others.
            object.retain(|line| !line.starts_with("order"));
        }
    }
    world.objects.push(CALENDARS.lines().map(str::to_owned).collect());
    for index in 0..draw.below(3) {
        let mut policy = vec![format!("[access.m{index}]"), format!("order = {}", 10 + index)];
        let scope = draw.pick(&["\"everything\"", "{ service = \"s0\" }", "{ category = \"c0\" }"]);
        policy.push(format!("applies-to = {scope}"));
        for rule in 0..=draw.below(4) {
            policy.push(format!("[[access.m{index}.rule]]"));
            policy.push(format!("id = \"r{rule}\""));
            policy.push(format!("when = {{ {} }}", conditions(draw, 2)));
            let decision = draw.pick(&["\"deny\"", "\"auto-approve\"", "{ workflow = \"w1\" }"]);
            policy.push(format!("decision = {decision}"));
            if draw.chance(15) {
                policy.push(format!("mode = \"{}\"", draw.pick(&["record", "warn"])));
            }
        }
        world.objects.push(policy);
    }
    if draw.chance(50) {
        let mut guardrail = vec!["[guardrail.m]".to_owned(), "description = \"more\"".to_owned()];
        guardrail.push(format!("when = {{ {} }}", conditions(draw, 1)));
        guardrail
            .push(draw.pick(&["deny = true", "max-duration = \"1d\"", "require = [\"mfa\"]"]).to_owned());
        if draw.chance(30) {
            guardrail.push("applies-to.service = \"s1\"".to_owned());
        }
        if draw.chance(15) {
            guardrail.push("mode = \"record\"".to_owned());
        }
        world.objects.push(guardrail);
    }
    for (request, _) in &mut world.requests {
        let request = request.as_object_mut().unwrap();
        // Most ask for one thing, which is what matters here.
        if draw.chance(80) {
            request["entitlements"].as_array_mut().unwrap().truncate(1);
        }
        if draw.chance(2) {
            request.insert("beneficiary".to_owned(), json!("nobody"));
        }
        if draw.chance(10) {
            request.insert("service".to_owned(), json!(draw.pick(&["s0", "s1"])));
        }
        if draw.chance(2) {
            request.insert("duration".to_owned(), json!("36525d"));
        }
    }
}

fn conditions(draw: &mut Draw, depth: usize) -> String {
    if depth > 0 && draw.chance(45) {
        let (one, two) = (conditions(draw, depth - 1), conditions(draw, depth - 1));
        return match draw.below(4) {
            0 => format!("any = [{{ {one} }}, {{ {two} }}]"),
            1 => format!("all = [{{ {one} }}, {{ {two} }}]"),
            2 => format!("not = {{ any = [{{ {one} }}, {{ {two} }}] }}"),
            _ => format!("not = {{ {one} }}"),
        };
    }
    let side = draw.pick(&["min", "max", "above", "below"]);
    let number = draw.pick(&["-2", "-1", "0", "1", "4", "5", "6"]);
    match draw.below(15) {
        0 => format!("request.instant.within = \"k{}\"", draw.below(2)),
        1 => format!("request.outside-hours = {}", draw.chance(50)),
        2 => format!("subject.grade.{side} = {number}"),
        3 => format!("requester.grade = {number}"),
        4 => format!("subject.grade.exists = {}", draw.chance(50)),
        5 => format!("subject.clearance.{side} = \"{}\"", draw.pick(&["none", "some", "full"])),
        6 => format!("requester.clearance.glob = \"{}\"", draw.pick(&["*o*", "f*", "?ome"])),
        7 => format!("peers.share.{side} = {}", draw.pick(&["0", "1", "50", "100"])),
        8 => format!("peers.{}.{side} = {}", draw.pick(&["approved", "denied"]), draw.pick(&["0", "1", "3"])),
        9 => format!("service.zone = \"{}\"", draw.pick(&["inside", "outside"])),
        10 => format!("entitlement.size.{side} = \"{}\"", draw.pick(&["small", "medium", "large"])),
        11 => {
            format!("service.tier.{}", draw.pick(&["exists = true", "not-in = [\"gold\"]", "glob = \"g*\""]))
        }
        12 => format!("request.region.{}", draw.pick(&["exists = false", "glob = \"e*\""])),
        13 => {
            let text = draw.pick(&["glob = \"P*\"", "glob = \"*\"", "not-in = [\"P\", \"Q\"]"]);
            format!("request.project.{text}")
        }
        _ => format!("subject.teams.contains = [\"t0\", \"t{}\"]", draw.below(3)),
    }
}
