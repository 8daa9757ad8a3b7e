//! Draws people: what they are, when they are here, who answers for them, and whether they have a second record.

use jiff::civil::Date;

use super::draw::{Draw, PEOPLE, TEAMS, day, quoted};

pub(super) fn person(draw: &mut Draw, index: usize, today: Date) -> Vec<String> {
    let mut person = vec![format!("[person.u{index}]"), "name = \"Person\"".to_owned()];
    let employment =
        draw.pick(&["employee", "employee", "employee", "contractor", "service-account", "agent"]);
    person.push(format!("employment = \"{employment}\""));
    draw.some(75, "department", |draw| quoted(draw.pick(&["it", "sales"])), &mut person);
    draw.some(40, "title", |draw| quoted(draw.pick(&["Engineer", "engineer", "E"])), &mut person);
    draw.some(60, "location", |draw| quoted(draw.pick(&["de-berlin", "de-", "fr-lyon", "de"])), &mut person);
    let other = |draw: &mut Draw| format!("u{}", (index + 1 + draw.below(PEOPLE - 1)) % PEOPLE);
    draw.some(75, "manager", |draw| quoted(other(draw)), &mut person);
    let status = |draw: &mut Draw| quoted(draw.pick(&["joining", "on-leave", "inactive", "active"]));
    draw.some(25, "status", status, &mut person);
    draw.some(20, "start", |draw| day(draw, today), &mut person);
    draw.some(25, "end", |draw| day(draw, today), &mut person);
    // Few have a second record, which shows in the address or in an account.
    draw.some(
        10,
        "email",
        |draw| quoted(draw.pick(&["a@b.example", "A@b.example", "c@b.example"])),
        &mut person,
    );
    draw.some(10, "accounts.git", |draw| quoted(draw.pick(&["one", "One ", "two"])), &mut person);
    draw.some(50, "attributes.level", |draw| draw.pick(&["-1", "0", "1", "2"]).to_owned(), &mut person);
    if matches!(employment, "service-account" | "agent") {
        let team = format!("team:t{}", draw.below(TEAMS));
        let owner = if draw.chance(60) { format!("person:{}", other(draw)) } else { team };
        person.push(format!("owner = \"{owner}\""));
    }
    person
}
