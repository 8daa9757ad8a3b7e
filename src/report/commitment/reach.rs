//! Who is reached: whoever of a team is on call, and the team to which an incident goes; in words.

use super::{
    more::who,
    words::{local, share},
};
use crate::{
    impact::commitments::{About, Called, Rota, Route, Routed},
    load::words::in_a_row,
    model::{Id, Kind, Principal, Selector, incident::Incident},
};

/// How many people or services are named before they are counted.
const MOST_NAMED: usize = 3;

/// Others who are called by the same words.
pub(super) fn called(called: &Called) -> String {
    let ids = |ids: &[Id]| match ids {
        [] => "nobody".to_owned(),
        ids => in_a_row(&ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>(), "and"),
    };
    let is = if called.after.len() > 1 { "are" } else { "is" };
    let about = match called.about.first().map(|first| first.kind) {
        None => String::new(),
        Some(Kind::Person) => format!(" for tickets of {}", few(&called.about)),
        Some(_) => format!(" for incidents about {}", few(&called.about)),
    };
    let (now, was) = (ids(&called.after), ids(&called.before));
    format!("as {}, {now} {is} called instead of {was}{about}", who(&called.who))
}

/// The first of some objects by their ids, and how many more there are.
fn few(all: &[Selector]) -> String {
    let mut parts: Vec<String> = all.iter().take(MOST_NAMED).map(|one| format!("`{}`", one.id)).collect();
    let more = all.len().saturating_sub(MOST_NAMED);
    parts.extend((more > 0).then(|| format!("{more} more")));
    in_a_row(&parts, "and")
}

/// Who of a team is on call that was not, one line for each thing that can be said about it.
pub(super) fn on_call(rota: &Rota) -> Vec<String> {
    let who = |who: &Option<Id>| who.as_ref().map_or_else(|| "nobody".to_owned(), |id| format!("`{id}`"));
    let ids = |ids: &[Id]| in_a_row(&ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>(), "and");
    let mut lines = vec![format!(
        "from {} ({}) {} is on call instead of {}; somebody else is in {} of the time",
        local(rota.first, &rota.zone),
        rota.zone.iana_name().unwrap_or("UTC"),
        who(&rota.after),
        who(&rota.before),
        share(rota.seconds, rota.of),
    )];
    let takes = |ids: &[Id]| if ids.len() == 1 { "takes" } else { "take" };
    let does = |ids: &[Id]| if ids.len() == 1 { "does" } else { "do" };
    if !rota.new.is_empty() {
        lines.push(format!("{} {} turns now", ids(&rota.new), takes(&rota.new)));
    }
    if !rota.gone.is_empty() {
        lines.push(format!("{} {} not take turns any more", ids(&rota.gone), does(&rota.gone)));
    }
    let by: Vec<String> = rota.by.iter().map(|by| format!("`{by}`")).collect();
    lines.push(format!("whoever is on call is reached by {}", in_a_row(&by, "and")));
    lines
}

/// Where incidents go instead of where they went.
pub(super) fn routed(routed: &Routed) -> String {
    let about = match routed.about {
        About::Anything | About::Subjects => "incidents",
        About::NoService => "incidents about no service",
    };
    let when: Vec<&str> = routed.when.iter().map(String::as_str).filter(|when| *when != "always").collect();
    let when = if when.is_empty() { String::new() } else { format!(" when {}", when.join("; or ")) };
    format!("{about} go {} instead of {}{when}", route(&routed.after), route(&routed.before))
}

fn route(route: &Route) -> String {
    let queue = |queue: &Option<String>| {
        queue.as_ref().map(|queue| format!(" (queue `{queue}`)")).unwrap_or_default()
    };
    match route {
        Route::Nobody => "to nobody".to_owned(),
        Route::Team(team, of) => format!("to the team `{team}`{}", queue(of)),
        Route::OnCall(team, of) => format!("to whoever of `{team}` is on call{}", queue(of)),
        Route::ItemTeam(of) => format!("to the team of the item that failed{}", queue(of)),
    }
}

/// The team of a route, as data names it.
pub(super) fn team(route: &Route) -> Option<String> {
    match route {
        Route::Nobody => None,
        Route::Team(team, _) | Route::OnCall(team, _) => Some(Principal::Team(team.clone()).to_string()),
        Route::ItemTeam(_) => Some("the team of the item".to_owned()),
    }
}

/// The command that decides about an incident.
pub(super) fn command(incident: &Incident) -> String {
    let is_plain = |word: &str| word.chars().all(|one| one.is_ascii_alphanumeric() || one == '-');
    if !incident.attributes.is_empty() || !is_plain(&incident.impact) || !is_plain(&incident.urgency) {
        let json = serde_json::json!({ "incident": incident }).to_string().replace('\'', "\u{2019}");
        return format!("echo '{json}' | gitsm simulate incident --incident -");
    }
    let mut words = vec!["gitsm simulate incident".to_owned()];
    words.extend(incident.service.iter().map(|id| format!("--service {id}")));
    words.push(format!("--impact {} --urgency {}", incident.impact, incident.urgency));
    words.extend(incident.requester.iter().map(|id| format!("--requester {id}")));
    words.extend(incident.category.iter().map(|id| format!("--category {id}")));
    words.extend(incident.configuration_item.iter().map(|id| format!("--configuration-item {id}")));
    words.extend(incident.channel.iter().map(|id| format!("--channel {id}")));
    if incident.affected_users > 0 {
        words.push(format!("--affected-users {}", incident.affected_users));
    }
    if incident.children > 0 {
        words.push(format!("--children {}", incident.children));
    }
    words.extend(incident.parent.iter().map(|number| format!("--parent {number}")));
    words.extend(incident.security.then(|| "--security".to_owned()));
    words.join(" ")
}
