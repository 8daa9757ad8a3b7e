//! A GitHub that knows one pull request: as much of its interface as the gate uses, with pages of two entries, so that
//! whoever reads one page only is found out.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use serde_json::{Value, json};

use super::described::{self, Exchange};

/// How many entries a page has, whatever was asked for.
const PAGE: usize = 2;

/// What the server knows.
#[derive(Debug, Default)]
pub struct State {
    pub pull: Value,
    pub base: String,
    pub commits: Vec<Value>,
    pub reviews: Vec<Value>,
    /// What happened to the pull request.
    pub events: Vec<Value>,
    /// None when nobody may see it.
    pub activity: Option<Vec<Value>>,
    pub comments: Vec<Value>,
    pub statuses: Vec<(String, Value)>,
    /// `POST /repos/…`, with what came with it.
    pub written: Vec<String>,
    /// Whose token it is; none when it may not ask.
    pub login: Option<String>,
    /// The answer to paths that end so, instead of the usual one.
    pub broken: Option<(&'static str, u16)>,
    /// Moves the pull request on with each look at it.
    pub restless: bool,
    pub tokens: Vec<String>,
    /// The numbers of the pull requests that GitHub lists for a commit.
    pub of_commit: Vec<u64>,
    /// Deployments, with their states.
    pub deployments: Vec<(Value, Vec<Value>)>,
    /// Whether there can be none.
    pub no_deployments: bool,
    /// Issues, and the pull requests that gitsm opened.
    pub issues: Vec<Value>,
    pub pulls: Vec<Value>,
    /// Git objects that were made: trees and commits, by their numbers; and where branches are.
    pub trees: Vec<Value>,
    pub made: Vec<Value>,
    /// Accounts that nobody may ask for a review.
    pub outsiders: Vec<String>,
    /// How often somebody asked where the branch in force is, and what becomes of everything before the second time.
    pub looks: usize,
    pub meanwhile: Option<fn(&mut State)>,
    /// Where the branch in force is by the time of the merge, when somebody is faster.
    pub faster: Option<String>,
    /// Why a pull request cannot be merged.
    pub unmergeable: Option<&'static str>,
    /// What was asked and answered.
    pub exchanges: Vec<Exchange>,
    pub branches: std::collections::BTreeMap<String, String>,
}

/// A server that lives as long as its test.
pub struct Fake {
    pub port: u16,
    pub state: Arc<Mutex<State>>,
    over: Arc<AtomicBool>,
}

impl Fake {
    pub fn new(state: State) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (state, over) = (Arc::new(Mutex::new(state)), Arc::new(AtomicBool::new(false)));
        let (known, done) = (Arc::clone(&state), Arc::clone(&over));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                let known = Arc::clone(&known);
                thread::spawn(move || serve(stream.unwrap(), port, &known));
            }
        });
        Self { port, state, over }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        // A test that failed says so itself.
        if !thread::panicking() {
            let exchanges = std::mem::take(&mut self.state.lock().unwrap().exchanges);
            assert_eq!(described::wrong(&exchanges), Vec::<String>::new(), "no GitHub would be like that");
        }
    }
}

/// A request.
struct Asked {
    method: String,
    path: String,
    page: usize,
    query: String,
    body: Value,
    token: String,
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut length, mut token) = (0, String::new());
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "authorization" => token = value.to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let page = query.split('&').find_map(|pair| pair.strip_prefix("page=")?.parse().ok()).unwrap_or(1);
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    Some(Asked { method, path: path.to_owned(), page, query: query.to_owned(), body, token })
}

fn serve(mut stream: TcpStream, port: u16, state: &Mutex<State>) {
    let Some(asked) = read(&stream) else { return };
    let mut state = state.lock().unwrap();
    state.tokens.push(asked.token.clone());
    let (status, body, link) = answer(&mut state, &asked, port);
    let body = described::whole(&asked.method, &asked.path, status, body);
    let broken = state.broken.is_some_and(|(end, _)| asked.path.ends_with(end));
    state.exchanges.push(Exchange {
        method: asked.method.clone(),
        path: asked.path.clone(),
        body: asked.body.clone(),
        status,
        answer: body.clone(),
        broken,
    });
    let body = body.to_string();
    let link = link.map(|link| format!("link: {link}\r\n")).unwrap_or_default();
    let _ = write!(
        stream,
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n{link}content-length: {}\r\n\r\n{body}",
        body.len()
    );
}

fn answer(state: &mut State, asked: &Asked, port: u16) -> (u16, Value, Option<String>) {
    let missing = || (404, json!({ "message": "Not Found" }), None);
    let Some(path) = asked.path.strip_prefix("/repos/example/rulebook") else {
        return match (asked.path.as_str(), &state.login) {
            ("/user", Some(login)) => (200, json!({ "login": login }), None),
            ("/user", None) => (403, json!({ "message": "Resource not accessible by integration" }), None),
            _ => missing(),
        };
    };
    if let Some((end, status)) = state.broken
        && path.ends_with(end)
    {
        return (status, json!({ "message": "broken" }), None);
    }
    if asked.method != "GET" {
        state.written.push(format!("{} {path}", asked.method));
    }
    let list = |entries: &[Value]| {
        let start = (asked.page - 1) * PAGE;
        let page: Vec<Value> = entries.iter().skip(start).take(PAGE).cloned().collect();
        let pages = entries.len().div_ceil(PAGE).max(1);
        let to =
            |page: usize, rel| format!("<http://127.0.0.1:{port}{}?page={page}>; rel=\"{rel}\"", asked.path);
        let link =
            (asked.page < pages).then(|| format!("{}, {}", to(asked.page + 1, "next"), to(pages, "last")));
        (200, Value::Array(page), link)
    };
    match (asked.method.as_str(), path) {
        ("GET", "") => {
            (200, json!({ "id": 7, "full_name": "example/rulebook", "default_branch": "main" }), None)
        }
        ("GET", "/branches/main") => {
            state.looks += 1;
            if let Some(change) = state.meanwhile.filter(|_| state.looks == 2) {
                change(state);
            }
            (200, json!({ "name": "main", "commit": { "sha": state.base } }), None)
        }
        ("GET", "/pulls/12") => {
            let pull = state.pull.clone();
            if state.restless {
                let seconds = state.tokens.len() % 60;
                state.pull["updated_at"] = json!(format!("2026-11-19T11:00:{seconds:02}Z"));
            }
            (200, pull, None)
        }
        ("GET", "/pulls") if asked.query.contains("head=") => list(&open(&state.pulls)),
        ("GET", "/pulls") => {
            let other = json!({ "number": 11, "node_id": "p11", "head": { "sha": state.base } });
            list(&[
                other.clone(),
                json!({ "number": 10, "node_id": "p10", "head": other["head"] }),
                state.pull.clone(),
            ])
        }
        ("GET", "/pulls/12/commits") => list(&state.commits),
        ("GET", "/pulls/12/reviews") => list(&state.reviews),
        ("GET", "/issues/12/events") => list(&state.events),
        ("GET", "/activity") => match &state.activity {
            Some(activity) => list(activity),
            None => missing(),
        },
        ("GET", "/issues/12/comments") => list(&state.comments),
        ("POST", "/issues/12/comments") => {
            let id = 900 + state.comments.len();
            let login = state.login.clone().unwrap_or_else(|| "github-actions[bot]".to_owned());
            let comment = json!({ "id": id, "body": asked.body["body"], "user": { "login": login } });
            state.comments.push(comment.clone());
            (201, comment, None)
        }
        ("PATCH", path) if path.starts_with("/issues/comments/") => {
            let id: u64 = path.trim_start_matches("/issues/comments/").parse().unwrap();
            let Some(comment) = state.comments.iter_mut().find(|one| one["id"] == id) else {
                return missing();
            };
            comment["body"] = asked.body["body"].clone();
            (200, comment.clone(), None)
        }
        ("POST", path) if path.starts_with("/statuses/") => {
            let commit = path.trim_start_matches("/statuses/").to_owned();
            state.statuses.push((commit, asked.body.clone()));
            (201, json!({ "id": 1 }), None)
        }
        _ => made(state, asked, path).map_or_else(missing, |(status, value)| (status, value, None)),
    }
}

/// Those that are open.
fn open(all: &[Value]) -> Vec<Value> {
    all.iter().filter(|one| one["state"] == "open").cloned().collect()
}

/// What is made and found again: deployments, issues, commits and pull requests of gitsm's own.
fn made(state: &mut State, asked: &Asked, path: &str) -> Option<(u16, Value)> {
    let login = state.login.clone().unwrap_or_else(|| "github-actions[bot]".to_owned());
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let body = asked.body.clone();
    let find = |all: &mut Vec<Value>, number: &str| {
        all.iter().position(|one| one["number"].as_u64() == number.parse().ok())
    };
    let merge = |one: &mut Value, body: &Value| {
        for (key, value) in body.as_object().unwrap() {
            one[key] = value.clone();
        }
    };
    match (asked.method.as_str(), parts.as_slice()) {
        ("PATCH", ["issues", "12"]) => {
            merge(&mut state.pull, &body);
            Some((200, json!({ "number": 12, "state": state.pull["state"] })))
        }
        ("GET", ["commits", _, "pulls"]) => {
            let pulls = state.of_commit.iter().map(|number| json!({ "number": number }));
            Some((200, Value::Array(pulls.collect())))
        }
        ("GET", ["commits", commit, "statuses"]) => {
            let told = state.statuses.iter().filter(|(of, _)| of == commit).rev();
            let told = told.enumerate().map(|(place, (_, status))| {
                let mut status = status.clone();
                status["id"] = json!(place);
                if status.get("creator").is_none() {
                    status["creator"] = json!({ "login": login });
                }
                status
            });
            // Whatever the page: it is shorter than one.
            Some((200, Value::Array(told.collect())))
        }
        ("POST", ["deployments"]) if state.no_deployments => {
            Some((403, json!({ "message": "Resource not accessible by integration" })))
        }
        ("POST", ["deployments"]) => {
            state.deployments.push((body, Vec::new()));
            Some((201, json!({ "id": state.deployments.len() })))
        }
        ("POST", ["deployments", id, "statuses"]) => {
            let place: usize = id.parse().unwrap();
            state.deployments[place - 1].1.push(body);
            Some((201, json!({ "id": 1 })))
        }
        ("GET", ["issues"]) => Some((200, Value::Array(open(&state.issues)))),
        ("GET", ["issues", number]) => {
            let place = find(&mut state.issues, number)?;
            Some((200, state.issues[place].clone()))
        }
        ("POST", ["issues"]) => {
            let number = 100 + state.issues.len();
            let mut issue = json!({ "number": number, "id": number, "state": "open", "labels": [],
                                    "user": { "login": login, "id": 5 } });
            merge(&mut issue, &body);
            state.issues.push(issue.clone());
            Some((201, issue))
        }
        ("PATCH", ["issues", number]) => {
            let all =
                if find(&mut state.issues, number).is_some() { &mut state.issues } else { &mut state.pulls };
            let place = find(all, number)?;
            merge(&mut all[place], &body);
            Some((200, all[place].clone()))
        }
        ("GET", ["issues", number, "comments"]) => {
            let of = state.comments.iter().filter(|one| one["issue"].as_str() == Some(number));
            Some((200, Value::Array(of.cloned().collect())))
        }
        ("POST", ["issues", number, "comments"]) => {
            let id = 900 + state.comments.len();
            let comment =
                json!({ "id": id, "issue": number, "body": body["body"], "user": { "login": login } });
            state.comments.push(comment.clone());
            Some((201, comment))
        }
        _ => pulls(state, asked, &parts, &login),
    }
}

/// Pull requests that gitsm opened, and what is done to them.
fn pulls(state: &mut State, asked: &Asked, parts: &[&str], login: &str) -> Option<(u16, Value)> {
    let body = asked.body.clone();
    let find = |all: &mut Vec<Value>, number: &str| {
        all.iter().position(|one| one["number"].as_u64() == number.parse().ok())
    };
    let merge = |one: &mut Value, body: &Value| {
        for (key, value) in body.as_object().unwrap() {
            one[key] = value.clone();
        }
    };
    match (asked.method.as_str(), parts) {
        ("POST", ["pulls"]) => {
            let number = 200 + state.pulls.len();
            let own = json!({ "full_name": "example/rulebook" });
            let pull = json!({ "number": number, "id": number, "state": "open", "title": body["title"],
                               "body": body["body"], "head": { "ref": body["head"], "repo": own },
                               "base": { "ref": body["base"], "repo": own } });
            state.pulls.push(pull.clone());
            Some((201, pull))
        }
        ("POST", ["pulls", number, "requested_reviewers"]) => {
            let place = find(&mut state.pulls, number)?;
            let wanted: Vec<String> = serde_json::from_value(body["reviewers"].clone()).unwrap();
            if wanted.iter().any(|one| one == login || state.outsiders.contains(one)) {
                let message = "Reviews may only be requested from collaborators.";
                return Some((422, json!({ "message": message })));
            }
            let asked = wanted.iter().map(|login| json!({ "login": login })).collect::<Vec<_>>();
            let pull = &mut state.pulls[place];
            let known = pull["requested"].as_array().cloned().unwrap_or_default();
            pull["requested"] = known.into_iter().chain(asked).collect();
            let mut answer = pull.clone();
            answer.as_object_mut().unwrap().remove("requested");
            Some((201, answer))
        }
        ("PUT", ["pulls", "12", "merge"]) => {
            if let Some(why) = state.unmergeable {
                return Some((405, json!({ "message": why })));
            }
            if state.pull["head"]["sha"] != body["sha"] {
                return Some((
                    409,
                    json!({ "message": "Head branch was modified. Review and try the merge again." }),
                ));
            }
            let commit = "9".repeat(40);
            state.pull["merged"] = json!(true);
            state.pull["state"] = json!("closed");
            state.pull["merge_commit_sha"] = json!(commit);
            let onto = state.faster.clone().unwrap_or_else(|| state.base.clone());
            state.made.push(json!({ "sha": commit, "message": "Merged", "tree": { "sha": "tree" },
                                    "parents": [{ "sha": onto }] }));
            Some((
                200,
                json!({ "sha": commit, "merged": true, "message": "Pull Request successfully merged" }),
            ))
        }
        ("PATCH", ["pulls", number]) => {
            let place = find(&mut state.pulls, number)?;
            merge(&mut state.pulls[place], &body);
            Some((200, state.pulls[place].clone()))
        }
        _ => objects(state, asked, parts),
    }
}

/// Objects of Git and branches.
fn objects(state: &mut State, asked: &Asked, parts: &[&str]) -> Option<(u16, Value)> {
    let body = asked.body.clone();
    match (asked.method.as_str(), parts) {
        ("GET", ["git", "commits", id]) => {
            let base = state.base.clone();
            let known = state.made.iter().find(|one| one["sha"] == *id).cloned();
            let tip =
                json!({ "sha": base, "message": "Before", "tree": { "sha": "tree-of-base" }, "parents": [] });
            Some((200, known.or((*id == base).then_some(tip))?))
        }
        ("POST", ["git", "trees"]) => {
            state.trees.push(body);
            Some((201, json!({ "sha": format!("tree-{}", state.trees.len()) })))
        }
        ("POST", ["git", "commits"]) => {
            let id = format!("{:040x}", 0xabc_0000 + state.made.len());
            let parents = body["parents"].as_array().unwrap().iter().map(|parent| json!({ "sha": parent }));
            let parents: Vec<Value> = parents.collect();
            state.made.push(json!({ "sha": id, "message": body["message"], "tree": { "sha": body["tree"] },
                                    "parents": parents }));
            Some((201, json!({ "sha": id })))
        }
        ("GET", ["git", "ref", "heads", branch @ ..]) => {
            let at = state.branches.get(&branch.join("/"))?;
            Some((200, json!({ "object": { "sha": at } })))
        }
        ("POST", ["git", "refs"]) => {
            let name = body["ref"].as_str().unwrap().trim_start_matches("refs/heads/").to_owned();
            state.branches.insert(name, body["sha"].as_str().unwrap().to_owned());
            Some((201, json!({ "ref": body["ref"], "object": { "sha": body["sha"] } })))
        }
        ("PATCH", ["git", "refs", "heads", branch @ ..]) => {
            let name = branch.join("/");
            let answer = json!({ "ref": format!("refs/heads/{name}"), "object": { "sha": body["sha"] } });
            state.branches.insert(name, body["sha"].as_str().unwrap().to_owned());
            Some((200, answer))
        }
        _ => None,
    }
}
