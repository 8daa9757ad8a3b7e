//! The service inventory of a government, at a real Request Tracker.

use std::sync::atomic::Ordering;

use serde_json::Value;

use super::{Proxy, Server, target};
use crate::real_data::{catalogue, timed};

#[test]
#[ignore = "needs real data: GITSM_DATA=<folder> cargo test --test suite -- --ignored real_data"]
#[allow(clippy::print_stderr, reason = "figures are for whoever asked for them")]
fn a_government_catalogue_is_filled_in_once() {
    let Some(server) = Server::start() else { return };
    let proxy = Proxy::new(server.url.trim_start_matches("http://").trim_end_matches('/'));
    let repository = catalogue();
    let settings = repository.read("gitsm.toml");
    let url = format!("http://127.0.0.1:{}/", proxy.port);
    repository.write("gitsm.toml", settings + &target(&url) + "options.users = true\n");
    let calls = || (proxy.came.lock().unwrap().len(), proxy.writes.load(Ordering::SeqCst));
    let planned = timed("request-tracker, first plan", || server.plan(&repository, &["--format", "json"]));
    assert_eq!(planned.status, 0, "{}", planned.stderr);
    eprintln!("calls and writes so far: {:?}", calls());
    let planned: Value = serde_json::from_str(&planned.stdout).unwrap();
    // A group and a queue for each of 79 organisations, a queue for each of 1,751 services, a user and a file.
    assert_eq!(planned["summary"]["total"]["create"], 79 * 2 + 1751 + 2);
    let applied = timed("request-tracker, apply", || server.apply(&repository, &[]));
    assert_eq!(applied.status, 0, "{}", applied.stderr);
    eprintln!("calls and writes so far: {:?}", calls());
    let writes = calls().1;
    let again = timed("request-tracker, second plan", || server.plan(&repository, &["--detailed-exitcode"]));
    assert_eq!(again.status, 0, "{}", again.stdout);
    eprintln!("calls and writes so far: {:?}", calls());
    let applied = timed("request-tracker, second apply", || server.apply(&repository, &[]));
    assert_eq!((applied.status, calls().1), (0, writes), "{}", applied.stderr);
}
