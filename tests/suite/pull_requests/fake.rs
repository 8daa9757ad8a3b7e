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

/// How many entries a page has, whatever was asked for.
const PAGE: usize = 2;

/// What the server knows.
#[derive(Debug, Default)]
pub struct State {
    pub pull: Value,
    pub base: String,
    pub commits: Vec<Value>,
    pub reviews: Vec<Value>,
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
    }
}

/// A request.
struct Asked {
    method: String,
    path: String,
    page: usize,
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
    Some(Asked { method, path: path.to_owned(), page, body, token })
}

fn serve(mut stream: TcpStream, port: u16, state: &Mutex<State>) {
    let Some(asked) = read(&stream) else { return };
    let mut state = state.lock().unwrap();
    state.tokens.push(asked.token.clone());
    let (status, body, link) = answer(&mut state, &asked, port);
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
        ("GET", "/branches/main") => (200, json!({ "name": "main", "commit": { "sha": state.base } }), None),
        ("GET", "/pulls/12") => {
            let pull = state.pull.clone();
            if state.restless {
                let seconds = state.tokens.len() % 60;
                state.pull["updated_at"] = json!(format!("2026-11-19T11:00:{seconds:02}Z"));
            }
            (200, pull, None)
        }
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
        _ => missing(),
    }
}
