//! What a second computation knows besides: bundles, request types, people who are asked later, rotas, and what peers
//! hold.

use serde_json::json;

use super::{
    draw::{Draw, condition, entitlement, list, principals, some_entitlements},
    world::World,
};

const BUNDLES: usize = 2;
const TYPES: usize = 3;

const CALENDARS: &str = r#"[calendar.ka]
name = "Always"
time-zone = "Europe/Berlin"
weekly = { mon-sun = ["00:00-24:00"] }
[calendar.ko]
name = "Office"
time-zone = "Europe/Berlin"
weekly = { mon-fri = ["09:00-17:00"] }"#;

/// Adds all of it to a world.
pub(super) fn widen(draw: &mut Draw, world: &mut World) {
    for object in &mut world.objects {
        let head = object.first().cloned().unwrap();
        if head.starts_with("[team.") && draw.chance(70) {
            let rotation = list(&draw.several("u", 8, 3));
            let shift = draw.pick(&["1d", "7d", "12h"]);
            let start = draw.pick(&["2026-03-01", "2026-06-15", "2026-10-24", "2028-01-01"]);
            let calendar = draw.pick(&["ka", "ka", "ko"]);
            object.push(format!(
                "on-call = {{ calendar = \"{calendar}\", rotation = {rotation}, shift = \"{shift}\", start = {start} }}"
            ));
        } else if head.starts_with("[workflow.") {
            let lines = std::mem::take(object);
            for line in lines {
                let Some(named) = line.strip_prefix("approvers = [") else {
                    object.push(line);
                    continue;
                };
                if draw.chance(20) {
                    object.push(format!("approvers = [\"on-call:t{}\", {named}", draw.below(3)));
                } else {
                    object.push(line);
                }
                if draw.chance(40) {
                    object.push("within = \"1d\"".to_owned());
                    let escalates = draw.chance(75);
                    let then = if escalates {
                        format!("{{ escalate = {} }}", principals(draw, 2))
                    } else {
                        "\"deny\"".to_owned()
                    };
                    object.push(format!("on-timeout = {then}"));
                }
            }
        }
    }
    world.objects.push(CALENDARS.lines().map(str::to_owned).collect());
    for index in 0..BUNDLES {
        world.objects.push(vec![
            format!("[bundle.b{index}]"),
            "name = \"Bundle\"".to_owned(),
            format!("when = {{ {} }}", condition(draw, "person", 1, jiff::civil::Date::ZERO)),
            format!("entitlements = {}", list(&some_entitlements(draw, 1))),
        ]);
    }
    for index in 0..TYPES {
        world.objects.push(request_type(draw, index));
    }
    if draw.chance(50) {
        let share = draw.pick(&["0", "1", "50", "100"]);
        let side = draw.pick(&["min", "above", "below"]);
        world.objects.push(vec![
            "[access.p0]".to_owned(),
            "order = 20".to_owned(),
            format!("applies-to = {}", draw.pick(&["\"everything\"", "{ service = \"s0\" }"])),
            "[[access.p0.rule]]".to_owned(),
            "id = \"r0\"".to_owned(),
            format!("when = {{ peers.share.{side} = {share} }}"),
            format!("decision = {}", draw.pick(&["\"auto-approve\"", "{ workflow = \"w0\" }"])),
        ]);
    }
    for (request, _) in &mut world.requests {
        let request = request.as_object_mut().unwrap();
        if draw.chance(25) {
            request.insert("bundle".to_owned(), json!(format!("b{}", draw.below(BUNDLES))));
            if draw.chance(60) {
                request.insert("entitlements".to_owned(), json!([]));
            }
        }
        if draw.chance(25) {
            request.insert("type".to_owned(), json!(format!("y{}", draw.below(TYPES))));
        }
    }
}

fn request_type(draw: &mut Draw, index: usize) -> Vec<String> {
    let mut lines = vec![format!("[request-type.y{index}]"), "name = \"Type\"".to_owned()];
    lines.push("category = \"c0\"".to_owned());
    lines.push("event = \"provision\"".to_owned());
    let mut some = |percent: u64, line: String, draw: &mut Draw| {
        if draw.chance(percent) {
            lines.push(line);
        }
    };
    let workflow = format!("workflow = \"w{}\"", draw.below(4));
    some(60, workflow, draw);
    let lifecycle = format!("lifecycle = \"{}\"", draw.pick(&["retired", "deprecated", "active", "active"]));
    some(30, lifecycle, draw);
    let when =
        format!("available-when = {{ {} }}", condition(draw, "access", 1, "2026-06-15".parse().unwrap()));
    some(40, when, draw);
    let offered = if draw.chance(30) { vec![entitlement(draw)] } else { some_entitlements(draw, 3) };
    some(30, format!("entitlements = {}", list(&offered)), draw);
    lines
}
