//! Every way in which an answer can fail.

use std::{
    io::Write as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use serde_json::json as value;

use super::{
    super::Fault,
    HttpError, Method, Request, client, get, post,
    server::{Server, answer, json},
};

/// The error that one answer gives, for a read that is not worth asking again and for a write.
fn error(answer: String) -> HttpError {
    let server = Server::answering(&[answer]);
    post(&client(&server.url())).unwrap_err()
}

#[test]
fn each_refusal_is_an_error_of_its_own_that_says_what_to_do() {
    for (status, headers, body, words) in [
        ("401 Unauthorized", "", "", "make a new one"),
        ("403 Forbidden", "", "No permission", "with the words \"No permission\": give its user the rights"),
        ("404 Not Found", "", "", "deleted meanwhile"),
        ("409 Conflict", "", r#"{"message":"Name in use"}"#, "\"Name in use\": plan again"),
        (
            "412 Precondition Failed",
            "",
            "",
            "somebody else changed it meanwhile (412), and nothing was written",
        ),
        ("400 Bad Request", "", r#"["Bad name."]"#, "refuses this (400), with the words \"Bad name\""),
        ("422 No", "", "\u{1b}[31mred\r\nline", "with the words \"[31mred line\""),
        ("500 Oops", "", "<html>a page</html>", "the system failed (500): its own log says why"),
        ("503 Busy", "retry-after: 9999\r\n", "", "left alone for 9999 s"),
        (
            "301 Moved",
            "location: https://other.example.com/x?y\r\n",
            "",
            "sends elsewhere, to https://other.example.com/x, and the token is not taken there",
        ),
    ] {
        let error = error(answer(status, headers, body));
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.to_string().starts_with("POST http://127.0.0.1:"), "{error}");
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let other = Server::answering(&[json("[]")]);
    let there = format!("location: {}\r\n", other.url());
    let server = Server::answering(&[answer("302 Found", &there, "")]);
    let error = get(&client(&server.url())).unwrap_err();
    assert!(matches!(error.fault(), Fault::Moved { .. }), "{error}");
    assert_eq!(other.received().len(), 0);
}

#[test]
fn reads_are_sent_again_when_that_can_help() {
    for failure in [
        answer("500 Oops", "", ""),
        answer("503 Busy", "", ""),
        answer("429 Slow down", "retry-after: 0\r\n", ""),
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[1".to_owned(),
        String::new(),
    ] {
        let server = Server::answering(&[failure.clone(), json("[1]")]);
        assert_eq!(get(&client(&server.url())).unwrap(), value!([1]), "{failure}");
        assert_eq!(server.received().len(), 2, "{failure}");
    }
    for failure in [answer("404 Not Found", "", ""), answer("401 No", "", ""), answer("501 Never", "", "")] {
        let server = Server::answering(&[failure.clone(), json("[1]")]);
        get(&client(&server.url())).unwrap_err();
        assert_eq!(server.received().len(), 1, "{failure}");
    }
}

#[test]
fn a_write_is_sent_again_only_when_it_did_nothing() {
    let server = Server::answering(&[answer("429 Slow down", "retry-after: 0\r\n", ""), json("1")]);
    assert_eq!(post(&client(&server.url())).unwrap(), value!(1));
    assert_eq!(server.received().len(), 2);
    assert_eq!(server.received()[1].body, r#"{"name":"one"}"#);
    for failure in [answer("500 Oops", "", ""), answer("503 Busy", "retry-after: 0\r\n", ""), String::new()] {
        let server = Server::answering(&[failure.clone(), json("1")]);
        let error = post(&client(&server.url())).unwrap_err();
        assert!(error.may_have_been_done(), "{error}");
        assert_eq!(server.received().len(), 1, "{failure}");
        // A search is sent as a write and is none.
        let server = Server::answering(&[failure.clone(), json("1")]);
        client(&server.url()).send(&Request::new(Method::Post, &["things"]).reads()).unwrap();
        assert_eq!(server.received().len(), 2, "{failure}");
    }
}

#[test]
fn a_body_is_of_the_sort_that_the_request_says() {
    let server = Server::answering(&[json("1")]);
    let client = client(&server.url());
    post(&client).unwrap();
    let own = "application/scim+json";
    let request = Request::new(Method::Post, &["things"]).body(value!({})).header("content-type", own);
    client.send(&request.header("accept", own)).unwrap();
    let received = server.received();
    let all = |number: usize, name: &str| -> Vec<String> {
        let headers = received[number].headers.iter().filter(|(known, _)| known == name);
        headers.map(|(_, value)| value.clone()).collect()
    };
    for name in ["content-type", "accept"] {
        assert_eq!((all(0, name), all(1, name)), (vec!["application/json".to_owned()], vec![own.to_owned()]));
    }
}

#[test]
fn a_system_that_stays_broken_is_left_alone_after_some_attempts() {
    let server = Server::answering(&[answer("500 Oops", "", "")]);
    let client = client(&server.url());
    get(&client).unwrap_err();
    assert_eq!(server.received().len(), 4);
    assert_eq!(client.sent(), 4);
}

#[test]
fn what_the_system_asks_to_wait_is_waited_for_within_bounds() {
    let began = Instant::now();
    let server = Server::answering(&[answer("429 Slow down", "retry-after: 1\r\n", ""), json("1")]);
    get(&client(&server.url())).unwrap();
    assert!(began.elapsed() >= Duration::from_secs(1));
    let began = Instant::now();
    let later = Timestamp::now() + SignedDuration::from_hours(1);
    let date = rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&later).unwrap();
    let server = Server::answering(&[answer("429 Slow down", &format!("retry-after: {date}\r\n"), "")]);
    let error = get(&client(&server.url())).unwrap_err();
    let Fault::TooMany { after: Some(after) } = error.fault() else { panic!("{error}") };
    assert!(after.as_secs() > 3500, "{error}");
    assert!(began.elapsed() < Duration::from_secs(1), "an hour is not waited for");
    assert_eq!(server.received().len(), 1);
}

#[test]
fn nobody_answers() {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = post(&client(&format!("http://127.0.0.1:{port}"))).unwrap_err();
    assert!(matches!(error.fault(), Fault::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("does the system run"), "{error}");
    assert!(!error.may_have_been_done());
}

#[test]
fn an_answer_that_never_begins_or_never_ends_is_not_waited_for() {
    let silent = Server::new(|_, _, _| thread::sleep(Duration::from_secs(2)));
    let error = post(&client(&silent.url())).unwrap_err();
    assert!(matches!(error.fault(), Fault::Slow { awaited: "the answer", .. }), "{error}");
    assert!(error.may_have_been_done());
    let dripping = Server::new(|_, _, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
        for _ in 0..40 {
            let _ = stream.write_all(b" ").and_then(|()| stream.flush());
            thread::sleep(Duration::from_millis(25));
        }
    });
    let error = post(&client(&dripping.url())).unwrap_err();
    assert!(matches!(error.fault(), Fault::Slow { awaited: "the rest of the answer", .. }), "{error}");
}

#[test]
fn an_answer_that_is_too_large_is_not_read() {
    let announced = answer("200 OK", "", "");
    let announced = announced.replace("content-length: 0", "content-length: 200000000");
    let error = error(announced);
    assert_eq!(error.fault(), &Fault::TooLarge { most: 10_000 });
    let endless = Server::new(|_, _, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
        while stream.write_all(chunk.as_bytes()).is_ok() {}
    });
    let error = post(&client(&endless.url())).unwrap_err();
    assert_eq!(error.fault(), &Fault::TooLarge { most: 10_000 });
    let fits = Server::answering(&[json(&format!("[{}]", " ".repeat(9_998)))]);
    assert_eq!(get(&client(&fits.url())).unwrap(), value!([]));
}

#[test]
fn truncated_bodies_and_other_texts_are_no_answer() {
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[1,2";
    assert!(matches!(error(cut.to_owned()).fault(), Fault::Cut { .. }));
    for (headers, body, words) in [
        ("content-type: text/html; charset=utf-8\r\n", "<!doctype html>", "a web page and not JSON"),
        ("", "<html>", "a web page"),
        ("content-type: application/json\r\n", "[1,2", "cut or broken text"),
        ("content-type: application/json\r\ncontent-encoding: gzip\r\n", "\u{1f}", "something else"),
    ] {
        let error = error(answer("200 OK", headers, body));
        assert!(error.to_string().contains(words), "{error}");
    }
    let server = Server::answering(&[json(r#"{"pages": "many"}"#)]);
    let answer = client(&server.url()).send(&Request::new(Method::Get, &["things"])).unwrap();
    let error = answer.json::<std::collections::BTreeMap<String, u32>>().unwrap_err();
    assert!(matches!(error.fault(), Fault::Unexpected { .. }), "{error}");
}

#[test]
fn depth_is_bounded() {
    let deep = "[".repeat(4_000) + &"]".repeat(4_000);
    assert!(matches!(error(json(&deep)).fault(), Fault::NotJson { .. }));
}

#[test]
fn a_server_without_a_certificate_gets_no_token() {
    let server = Server::new(|_, _, stream| {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let url = server.url().replace("http:", "https:");
    // What comes is no TLS: the server reads no line of HTTP and hangs up.
    let error = post(&client(&url)).unwrap_err();
    assert!(matches!(error.fault(), Fault::Tls { .. } | Fault::Unreachable { .. }), "{error}");
    assert!(!error.may_have_been_done());
    assert_eq!(server.received().len(), 0);
}

#[test]
fn clocks_that_differ_much_are_told() {
    for (minutes, told) in [(-20, Some("20 minutes behind")), (20, Some("minutes ahead of")), (-2, None)] {
        let then = Timestamp::now()
            + SignedDuration::from_mins(minutes)
            + SignedDuration::from_secs(minutes.signum());
        let date = rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&then).unwrap();
        let error = error(answer("401 Unauthorized", &format!("date: {date}\r\n"), "")).to_string();
        match told {
            Some(words) => assert!(error.contains(words), "{error}"),
            None => assert!(!error.contains("clock"), "{error}"),
        }
    }
}

#[test]
fn the_next_page_is_only_read_from_the_same_place() {
    let server = Server::answering(&[json("[]")]);
    let client = client(&server.url());
    let request = Request::new(Method::Get, &["things"]);
    let first = client.send(&request).unwrap();
    for next in ["?page=2", "/api/things?page=2", &format!("{}/things?page=2", server.url())] {
        client.follow(&first, next, &request).unwrap();
        assert_eq!(server.received().last().unwrap().line, "GET /api/things?page=2", "{next}");
    }
    let before = server.received().len();
    let port = server.port;
    for next in [
        "http://other.example.com/api/things?page=2".to_owned(),
        format!("https://127.0.0.1:{port}/api/things"),
        format!("http://127.0.0.1:{}/api/things", port.wrapping_add(1)),
        format!("http://user@127.0.0.1:{port}/api/things"),
        "/elsewhere".to_owned(),
        "../things".to_owned(),
        "//other.example.com/api/".to_owned(),
    ] {
        let error = client.follow(&first, &next, &request).unwrap_err();
        assert!(matches!(error.fault(), Fault::Elsewhere { .. }), "{next}: {error}");
    }
    assert_eq!(server.received().len(), before);
}

#[test]
fn no_more_requests_than_allowed_run_at_once_and_results_keep_their_order() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (running, peak) = (Arc::clone(&now), Arc::clone(&most));
    let server = Server::new(move |_, received, stream| {
        peak.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(20));
        running.fetch_sub(1, Ordering::SeqCst);
        let number = received.line.rsplit('/').next().unwrap();
        stream.write_all(json(number).as_bytes()).unwrap();
    });
    let client = client(&server.url());
    let items: Vec<u64> = (0..20).collect();
    let results = client.each(&items, |item| {
        client.send(&Request::new(Method::Get, &[&item.to_string()])).unwrap().json::<u64>().unwrap()
    });
    assert_eq!(results, items);
    assert_eq!(most.load(Ordering::SeqCst), 3);
}
