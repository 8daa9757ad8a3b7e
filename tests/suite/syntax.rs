//! Mistakes in the syntax, each said in words of gitsm, once, with what to write instead.

use serde_json::Value;

use crate::support::{Repository, gitsm};

/// The findings about a document.
fn findings(text: &str) -> Vec<Value> {
    let repository = Repository::base();
    repository.write("catalog/a.toml", text);
    let run = gitsm(&["validate", "--format", "json", "--now", "2026-11-20T12:00:00Z"], repository.path());
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    report["findings"].as_array().unwrap().clone()
}

/// The text at the place of a finding.
fn at<'t>(text: &'t str, place: &Value) -> &'t str {
    let offset = |key: &str| usize::try_from(place[key].as_u64().unwrap()).unwrap();
    text.get(offset("start")..offset("end")).unwrap()
}

#[test]
fn each_mistake_is_one_finding_that_says_what_to_write() {
    for (text, place, message, help) in [
        ("[team.a]\nname = Wiki\n", "Wiki", "a text stands without quotes", "write `\"Wiki\"`"),
        ("[team.a]\nx = [ana, ben]\n", "ana", "a text stands without quotes", "write `\"ana\"`"),
        ("[team.a]\nx = 4 hours # long\n", "4 hours", "a text stands without quotes", "write `\"4h\"`"),
        ("[team.a]\nx = yes\n", "yes", "`yes` is no value of TOML", "write `true`"),
        ("[team.a]\nx = null\n", "null", "`null` is no value of TOML", "leave the key out"),
        ("[team.a]\nx = “Wiki”\n", "“Wiki”", "the quotes are typographic", "write `\"Wiki\"`"),
        ("[team.a]\nx = 2026/1/31\n", "2026/1/31", "the date", "write `2026-01-31`"),
        ("[team.a]\nx = 2026-02-30\n", "2026-02-30", "there is no date `2026-02-30`", "year-month-day"),
        ("[team.a]\nx = 2026-02-03T24:00:00Z\n", "2026-02-03T24:00:00Z", "there is no instant", "T09:00:00Z"),
        ("[team.a]\nx = 010\n", "010", "`010` is no number", "without zeros"),
        ("[team.a]\nx =\n", "", "a key has no value", "write `key = value`"),
        ("[team.a]\nx: 1\n", ":", "a colon stands where an equals sign must", "write `key = value`"),
        ("[team.a]\nx = 1 y = 2\n", "1 y = 2", "two keys stand on one line", "on a line of its own"),
        ("[team.a]\nx == 1\n", "=", "there are two equals signs", "write one `=`"),
        ("[team.a]\nmy key = 1\n", "k", "this is neither a key with its value nor a heading", "after `#`"),
        ("[team.a]\nname = \"Wiki\nx = 1\n", "\"Wiki", "a text is not closed", "the quote again"),
        ("[team.a]\nname = '''Wiki\nx = 1\n", "'''Wiki", "a text is not closed", "three quotes"),
        ("[team.a]\nx = \"C:\\dir\"\n", "d", "a backslash that means nothing", "single quotes"),
        ("[team.a]\nx = [1,\n\n[team.b]\nname = \"B\"\n", "[", "the list that starts here", "write `]`"),
        ("[team.a]\nx = { a = 1\ny = 2\n", "{", "the table that starts here", "write `}`"),
        ("[team.a\nname = \"A\"\n", "", "the heading of a table is not closed", "`[kind.id]`"),
        (
            "<<<<<<< main\nx = 1\n=======\nx = 2\n>>>>>>> b\n",
            "<<<<<<<",
            "a merge conflict",
            "one of the two sides",
        ),
    ] {
        let found = findings(text);
        assert_eq!(found.len(), 1, "{text}\n{found:#?}");
        let one = &found[0];
        assert_eq!(one["code"], "GS1006", "{text}");
        assert_eq!(at(text, &one["place"]), place, "{text}\n{one:#}");
        assert!(one["message"].as_str().unwrap().starts_with(message), "{text}\n{one:#}");
        assert!(one["help"].as_str().unwrap().contains(help), "{text}\n{one:#}");
    }
}

#[test]
fn what_is_offered_in_place_of_a_value_can_be_read() {
    for text in ["Wiki", "4 hours", "yes", "“Wiki”", "2026/1/31", "C:\\dir", "a'b", "24:00"] {
        let text = format!("[team.a]\nx = {text}\n");
        let found = findings(&text);
        let edit = &found[0]["fix"]["edits"][0];
        let mended = text.replace(at(&text, &edit["place"]), edit["text"].as_str().unwrap());
        let found = findings(&mended);
        assert!(!found.is_empty(), "the team lacks keys");
        assert!(found.iter().all(|one| one["code"] != "GS1006"), "{mended}\n{found:#?}");
    }
}

#[test]
fn what_stands_twice_shows_where_it_stands_first() {
    for (text, message, first) in [
        ("[team.a]\nname = \"A\"\nlead = \"b\"\nname = \"C\"\n", "the key `name` stands here twice", 2),
        ("[team.a]\n[team.b]\n[team.a]\n", "the table `a` is opened twice", 1),
        ("[team.a.on-call]\n[team.a]\n[team.b]\n[team.a]\n", "the table `a` is opened twice", 2),
        ("team.a.name = \"A\"\n[team.a]\n", "the table `a` is opened twice", 1),
        // What belongs to the copy is not said again.
        (
            "[team.a]\nname = \"A\"\nlead = \"b\"\n[team.a]\nname = \"A\"\nlead = \"b\"\n",
            "the table `a` is opened twice",
            1,
        ),
        ("[a]\nb = 1\n[a.b]\n", "`b` has a value, so it cannot be a table as well", 2),
        ("x = 1\nx.y = 2\n", "`x` has a value, so it cannot be a table as well", 1),
        ("[[a.b]]\nc = 1\n[[a.b]]\nc = 1\nc = 2\n", "the key `c` stands here twice", 4),
        ("[[a.b]]\n[a.b.c]\n[[a.b]]\n[a.b.c]\n[a.b.c]\n", "the table `c` is opened twice", 4),
        ("x = [\n{ a = 1 },\n{ a = 1, a = 2 }]\n", "the key `a` stands here twice", 3),
        ("x = { a = 1, b = { a = 1 }, a = 2 }\n", "the key `a` stands here twice", 1),
    ] {
        let found = findings(text);
        assert_eq!(found.len(), 1, "{text}\n{found:#?}");
        assert_eq!(found[0]["message"], message, "{text}");
        let place = &found[0]["related"][0];
        assert_eq!(place["line"], first, "{text}");
        let start = &found[0]["place"]["start"];
        assert!(place["start"].as_u64() < start.as_u64(), "{text}");
        assert_eq!(at(text, place), at(text, &found[0]["place"]), "{text}");
    }
    let text = "[team.a]\nname = \"A\"\n[team.a]\nname = \"A\"\n[team.b]\nx = 1\nx = 2\n";
    let messages: Vec<Value> = findings(text).iter().map(|finding| finding["message"].clone()).collect();
    assert_eq!(messages, ["the table `a` is opened twice", "the key `x` stands here twice"]);
}

#[test]
fn escapes_of_a_later_version_are_offered_in_the_spelling_that_all_read() {
    let text = "[team.wiki]\nname = \"Wiki\"\nmembers = [\"ana\", \"ben\"]\nlead = \"ana\"\nmailbox = \"wiki@example.com\"\n";
    let repository = Repository::base();
    repository.write("catalog/a.toml", format!("{text}description = \"\\x41\\e[1m, \\\\e and \\x7e\"\n"));
    let run = gitsm(&["validate", "--fix", "--now", "2026-11-20T12:00:00Z"], repository.path());
    assert_eq!(run.status, 0, "{run:?}");
    let mended = format!("{text}description = \"\\u0041\\u001b[1m, \\\\e and \\u007e\"\n");
    assert_eq!(repository.read("catalog/a.toml"), mended);
}
