//! The client against a server that does everything wrong.

use std::{io::Write as _, thread, time::Duration};

use serde_json::{Value, json as value};

use super::{ForgeError, GitHub};
use crate::http::{
    Address, Fault, Secret,
    tests::{
        CANARY, limits,
        server::{Server, answer, json},
    },
};

fn client(url: &str) -> GitHub {
    let token = Secret::of(CANARY, "the test").unwrap();
    GitHub::new(Address::parse(url).unwrap(), Some(token), limits()).unwrap()
}

fn get(server: &Server) -> Result<Value, ForgeError> {
    client(&server.url()).get(&["repos", "example", "desk"])
}

fn post(server: &Server) -> Result<Value, ForgeError> {
    client(&server.url()).post(&["repos", "example", "desk", "labels"], &value!({ "name": "one" }))
}

fn all(server: &Server) -> Result<Vec<Value>, ForgeError> {
    client(&server.url()).all(&["repos", "example", "desk", "labels"], &[])
}

/// A page of labels with these ids; the links name other pages.
fn page(ids: &[u32], links: &[(&str, &str)]) -> String {
    let items: Vec<Value> = ids.iter().map(|id| value!({ "id": id })).collect();
    let links: Vec<String> = links.iter().map(|(rel, to)| format!("<{to}>; rel=\"{rel}\"")).collect();
    let header = if links.is_empty() { String::new() } else { format!("link: {}\r\n", links.join(", ")) };
    answer("200 OK", &format!("content-type: application/json\r\n{header}"), &Value::from(items).to_string())
}

/// A server whose pages name one another by its own address.
fn pages(make: impl Fn(usize, &str) -> String + Send + Sync + 'static) -> Server {
    Server::new(move |index, received, stream| {
        let host = received.header("host").unwrap().to_owned();
        let _ = stream.write_all(make(index, &format!("http://{host}/api/things")).as_bytes());
    })
}

#[test]
fn requests_say_which_interface_is_meant_and_carry_the_token() {
    let server = Server::answering(&[json("{\"a\": 1}")]);
    assert_eq!(get(&server).unwrap(), value!({ "a": 1 }));
    let received = &server.received()[0];
    assert_eq!(received.line, "GET /api/repos/example/desk");
    assert_eq!(received.header("authorization"), Some("Bearer canary-7f3a9c"));
    assert_eq!(received.header("x-github-api-version"), Some("2022-11-28"));
    let server = Server::answering(&[json("[]")]);
    let github = client(&server.url());
    github.all::<Value>(&["repos", "a/b", "..", "c d"], &[("state", "all")]).unwrap();
    assert_eq!(server.received()[0].line, "GET /api/repos/a%2Fb/c%20d?state=all&per_page=100");
    assert!(!format!("{github:?}").contains("canary"));
}

#[test]
fn an_empty_answer_is_nothing() {
    let server = Server::answering(&[answer("204 No Content", "", "")]);
    client(&server.url()).delete(&["a"]).unwrap();
    client(&server.url()).put::<()>(&["a"], &value!({})).unwrap();
    assert_eq!(server.received()[0].line, "DELETE /api/a");
    assert_eq!(server.received()[1].body, "{}");
}

#[test]
fn a_redirect_to_another_host_is_not_followed() {
    let other = Server::answering(&[json("[]")]);
    let there = format!("location: {}\r\n", other.url());
    for status in ["301 Moved", "302 Found", "307 Temporary"] {
        let server = Server::answering(&[answer(status, &there, "")]);
        let error = get(&server).unwrap_err();
        assert!(matches!(error.fault(), Some(Fault::Moved { .. })), "{error}");
    }
    assert_eq!(other.received().len(), 0);
}

#[test]
fn a_next_page_on_another_host_is_not_read() {
    let other = Server::answering(&[json("[]")]);
    let elsewhere = format!("{}/things?page=2", other.url());
    let server = Server::answering(&[page(&[1], &[("next", &elsewhere)])]);
    let error = all(&server).unwrap_err();
    assert!(matches!(error.fault(), Some(Fault::Elsewhere { .. })), "{error}");
    assert_eq!((other.received().len(), server.received().len()), (0, 1));
    // Its nearest neighbour: the same page on the same host.
    let server = pages(|index, own| match index {
        0 => page(&[1], &[("next", &format!("{own}?page=2")), ("last", &format!("{own}?page=2"))]),
        _ => page(&[2], &[]),
    });
    assert_eq!(all(&server).unwrap(), [value!({ "id": 1 }), value!({ "id": 2 })]);
    assert_eq!(server.received()[1].line, "GET /api/things?page=2");
}

#[test]
fn a_write_that_may_have_been_done_is_sent_once() {
    for status in ["500 Oops", "502 Bad", "503 Busy"] {
        let server = Server::answering(&[answer(status, "retry-after: 0\r\n", ""), json("{}")]);
        let error = post(&server).unwrap_err();
        assert!(matches!(error.fault(), Some(Fault::Failed { .. })), "{error}");
        assert_eq!(server.received().len(), 1, "{status}");
        let server = Server::answering(&[answer(status, "", ""), json("{}")]);
        get(&server).unwrap();
        assert_eq!(server.received().len(), 2, "reads are sent again");
    }
}

#[test]
fn whoever_asks_too_often_waits_and_is_not_said_to_lack_rights() {
    let limited = answer("403 Forbidden", "x-ratelimit-remaining: 0\r\nx-ratelimit-reset: 1\r\n", "");
    let server = Server::answering(&[limited, json("{}")]);
    post(&server).unwrap();
    assert_eq!(server.received().len(), 2, "nothing was done, so it is sent again");
    let later = jiff::Timestamp::now().as_second() + 3_600;
    let headers = format!("x-ratelimit-remaining: 0\r\nx-ratelimit-reset: {later}\r\n");
    let server = Server::answering(&[answer("403 Forbidden", &headers, "")]);
    let error = post(&server).unwrap_err();
    assert!(matches!(error.fault(), Some(Fault::TooMany { after: Some(after) }) if after.as_secs() > 3_500));
    assert_eq!(error.status(), Some(429));
    let server = Server::answering(&[answer(
        "403 Forbidden",
        "x-ratelimit-remaining: 9\r\n",
        "{\"message\": \"Must have admin rights\"}",
    )]);
    let error = post(&server).unwrap_err();
    assert_eq!(error.status(), Some(403));
    assert!(error.to_string().contains("Must have admin rights"), "{error}");
}

#[test]
fn what_is_not_there_may_be_hidden() {
    let server = Server::answering(&[answer("404 Not Found", "", "{\"message\": \"Not Found\"}")]);
    let error = get(&server).unwrap_err();
    assert!(error.to_string().contains("when the token may not see it"), "{error}");
    assert_eq!(client(&server.url()).find::<Value>(&["a"]).unwrap(), None);
    for (status, code) in [("401 No", 401), ("409 Conflict", 409), ("422 Unprocessable", 422)] {
        let server = Server::answering(&[answer(status, "", "{\"message\": \"Validation Failed\"}")]);
        let error = client(&server.url()).find::<Value>(&["a"]).unwrap_err();
        assert_eq!(error.status(), Some(code), "{error}");
    }
}

#[test]
fn a_body_that_stalls_is_not_waited_for() {
    let server = Server::new(|_, _, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[");
        thread::sleep(Duration::from_secs(2));
    });
    let error = post(&server).unwrap_err();
    assert!(matches!(error.fault(), Some(Fault::Slow { awaited: "the rest of the answer", .. })), "{error}");
}

#[test]
fn a_body_of_200_mb_is_not_read() {
    let announced = answer("200 OK", "", "").replace("content-length: 0", "content-length: 200000000");
    let error = post(&Server::answering(&[announced])).unwrap_err();
    assert!(matches!(error.fault(), Some(Fault::TooLarge { .. })), "{error}");
    let endless = Server::new(|_, _, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
        while stream.write_all(chunk.as_bytes()).is_ok() {}
    });
    let error = post(&endless).unwrap_err();
    assert!(matches!(error.fault(), Some(Fault::TooLarge { .. })), "{error}");
}

#[test]
fn a_web_page_or_another_shape_is_no_answer() {
    #[derive(Debug, serde::Deserialize)]
    struct Numbered {
        #[allow(dead_code, reason = "only its type matters")]
        id: u64,
    }
    let html = answer("200 OK", "content-type: text/html\r\n", "<!doctype html>");
    for result in [get(&Server::answering(std::slice::from_ref(&html))), post(&Server::answering(&[html]))] {
        let error = result.unwrap_err();
        assert!(error.to_string().contains("a web page and not JSON"), "{error}");
    }
    let other = Server::answering(&[json(&format!("{{\"id\": \"{CANARY}\"}}"))]);
    let error = client(&other.url()).get::<Numbered>(&["a"]).unwrap_err();
    assert!(matches!(error.fault(), Some(Fault::Unexpected { .. })), "{error}");
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    // A list that is none.
    let error = all(&Server::answering(&[json("{\"message\": \"hello\"}")])).unwrap_err();
    assert!(matches!(error.fault(), Some(Fault::Unexpected { .. })), "{error}");
}

#[test]
fn a_page_that_comes_again_is_an_error() {
    // The same entries under another address.
    let server = pages(|index, own| page(&[1, 2], &[("next", &format!("{own}?page={}", index + 2))]));
    assert!(matches!(all(&server), Err(ForgeError::Moving { .. })));
    // Empty pages that lead to one another.
    let server = pages(|_, own| page(&[], &[("next", &format!("{own}?page=2"))]));
    assert!(matches!(all(&server), Err(ForgeError::Moving { .. })));
    assert_eq!(server.received().len(), 2);
}

#[test]
fn a_list_without_an_end_is_an_error() {
    let endless = pages(|index, own| {
        page(&[u32::try_from(index).unwrap()], &[("next", &format!("{own}?page={}", index + 2))])
    });
    let github = client(&endless.url()).with_pages(5);
    let error = github.all::<Value>(&["a"], &[]).unwrap_err();
    assert!(matches!(error, ForgeError::Endless { pages: 5, .. }), "{error}");
    assert_eq!(endless.received().len(), 5);
}

#[test]
fn totals_that_do_not_add_up_are_errors() {
    let server = pages(|_, own| page(&[1], &[("last", &format!("{own}?page=3"))]));
    let error = all(&server).unwrap_err();
    assert!(matches!(error, ForgeError::Short { said: 3, came: 1, .. }), "{error}");
    let total = |total: u32| {
        let body = value!({ "total_count": total, "items": [{ "id": 1 }, { "id": 2 }] });
        all(&Server::answering(&[json(&body.to_string())]))
    };
    assert!(matches!(total(3), Err(ForgeError::Short { said: 3, came: 2, .. })));
    assert!(matches!(total(1), Err(ForgeError::Short { said: 1, came: 2, .. })));
    assert_eq!(total(2).unwrap().len(), 2);
    let incomplete = json("{\"total_count\": 0, \"incomplete_results\": true, \"items\": []}");
    assert!(matches!(all(&Server::answering(&[incomplete])), Err(ForgeError::Incomplete { .. })));
    // The last of two pages is missing.
    let server = pages(|index, own| match index {
        0 => page(&[1], &[("next", &format!("{own}?page=2")), ("last", &format!("{own}?page=3"))]),
        _ => page(&[2], &[]),
    });
    assert!(matches!(all(&server), Err(ForgeError::Short { said: 3, came: 2, .. })));
}

#[test]
fn a_page_that_does_not_come_is_no_short_list() {
    let server = pages(|index, own| match index {
        0 => page(&[1], &[("next", &format!("{own}?page=2"))]),
        _ => answer("403 Forbidden", "", ""),
    });
    assert_eq!(all(&server).unwrap_err().status(), Some(403));
}

#[test]
fn no_error_shows_the_token() {
    for answer in [
        answer("422 No", "", &format!("{{\"message\": \"you sent {CANARY}\"}}")),
        answer("403 No", "", CANARY),
        answer("302 Found", &format!("location: http://{CANARY}@127.0.0.1/?t={CANARY}\r\n"), ""),
        page(&[1], &[("next", &format!("http://127.0.0.1:1/?t={CANARY}"))]),
        page(&[1], &[("next", CANARY)]),
    ] {
        let error = all(&Server::answering(std::slice::from_ref(&answer))).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("canary"), "{answer}: {shown}");
    }
}
