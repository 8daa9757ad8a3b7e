//! Secrets: where they come from, and that nothing shows them.

use super::{
    super::{Address, SecretError},
    CANARY, Client, Method, Request, Secret, client, get, limits,
    server::{Server, answer, json},
};

fn command(script: &str) -> Vec<String> {
    ["sh", "-c", script].map(str::to_owned).to_vec()
}

#[test]
fn a_secret_is_what_a_command_prints_without_the_end_of_its_line() {
    let secret = Secret::from_command(&command(&format!("echo {CANARY}"))).unwrap();
    assert_eq!(secret.reveal(), CANARY);
}

#[test]
fn commands_that_print_no_token_are_refused_without_repeating_what_they_print() {
    for (script, problem) in [
        ("exit 0", "is empty"),
        ("echo canary-7f3a9c two", "spaces"),
        ("printf 'canary-7f3a9c\\nsecond'", "line ends"),
        ("head -c 9000 /dev/zero | tr '\\0' a", "too long"),
        ("echo canary-7f3a9c; exit 3", "ended with"),
    ] {
        let error = Secret::from_command(&command(script)).unwrap_err();
        assert!(error.to_string().contains(problem), "{script}: {error}");
        assert!(!format!("{error} {error:?}").contains(CANARY), "{error:?}");
    }
    let error = Secret::from_command(&["no-such-program".to_owned()]).unwrap_err();
    assert!(error.to_string().contains("cannot be started"), "{error}");
    assert!(matches!(Secret::from_command(&[]), Err(SecretError::Command { .. })));
}

#[test]
fn a_variable_that_is_not_set_is_named() {
    let error = Secret::from_environment("GITSM_TEST_UNSET").unwrap_err();
    assert!(error.to_string().contains("`GITSM_TEST_UNSET` is not set"), "{error}");
}

#[test]
fn the_token_is_sent_and_shown_nowhere() {
    let server = Server::answering(&[json("[]")]);
    let client = client(&server.url());
    get(&client).unwrap();
    assert_eq!(server.received()[0].header("authorization"), Some("token canary-7f3a9c"));
    let answer = client.send(&Request::new(Method::Get, &["things"])).unwrap();
    assert!(!format!("{client:?} {answer:?}").contains(CANARY));
}

#[test]
fn a_system_that_repeats_the_token_does_not_make_it_known() {
    let padding = "x".repeat(195);
    for answer in [
        answer("400 Bad Request", "", &format!("you sent {CANARY}")),
        answer("500 Oops", "", &format!("{{\"message\": \"you sent {CANARY}\"}}")),
        answer("403 No", "", &format!("{padding} {CANARY}")),
        answer("302 Found", &format!("location: http://{CANARY}:{CANARY}@127.0.0.1/?t={CANARY}\r\n"), ""),
        json(&format!("\"{CANARY}\"")),
    ] {
        let server = Server::answering(std::slice::from_ref(&answer));
        let client = client(&server.url());
        let error = client
            .send(&Request::new(Method::Post, &["things"]))
            .and_then(|answer| answer.json::<u64>())
            .unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("canary"), "{answer}: {shown}");
    }
}

#[test]
fn addresses_that_would_give_the_token_away_are_refused() {
    for (url, problem) in [
        ("rt.example.com", "is no address"),
        ("ftp://rt.example.com", "not the address of a web server"),
        ("http://rt.example.com", "readable for everybody"),
        ("https://root:canary-7f3a9c@rt.example.com", "holds a name or password"),
        ("https://rt.example.com/?token=1", "leave out"),
        ("https://rt.example.com/#top", "leave out"),
    ] {
        let error = Address::parse(url).unwrap_err().to_string();
        assert!(error.contains(problem), "{url}: {error}");
        assert!(!error.contains(CANARY), "{error}");
    }
    for url in [
        "https://rt.example.com",
        "https://example.com/rt/",
        "http://127.0.0.1:8080",
        "http://[::1]:1",
        "http://localhost",
    ] {
        Address::parse(url).unwrap();
    }
}

#[test]
fn a_name_in_a_path_leads_nowhere_else() {
    let server = Server::answering(&[json("[]")]);
    let token = Secret::of(CANARY, "the test").unwrap();
    let address = Address::parse(&server.url()).unwrap();
    let client = Client::new(address, Some(("token", token)), limits()).unwrap();
    client.send(&Request::new(Method::Get, &["queue", "../a/b?c#d e"]).query("q", "a&b=c")).unwrap();
    client.send(&Request::new(Method::Get, &["..", "queue"])).unwrap();
    let lines: Vec<String> = server.received().into_iter().map(|received| received.line).collect();
    assert_eq!(lines, ["GET /api/queue/..%2Fa%2Fb%3Fc%23d%20e?q=a%26b%3Dc", "GET /api/queue"]);
}
