//! Systems that answer what a test wants them to: what no real server says, and no server is needed for.

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

/// A request: its method, its path with the query, and its body.
pub struct Asked {
    pub method: String,
    pub path: String,
    pub body: Value,
}

/// A status with further headers, each with its end, and a body.
pub type Answered = (String, String);

type Answering = dyn Fn(&Asked) -> Answered + Send + Sync;

/// A server on this machine.
pub struct StandIn {
    pub url: String,
    port: u16,
    over: Arc<AtomicBool>,
}

impl StandIn {
    pub fn new(answering: impl Fn(&Asked) -> Answered + Send + Sync + 'static) -> Self {
        let answering: Arc<Answering> = Arc::new(answering);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let over = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&over);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::SeqCst) {
                    break;
                }
                let (stream, answering) = (stream.unwrap(), Arc::clone(&answering));
                thread::spawn(move || serve(stream, &*answering));
            }
        });
        Self { url: format!("http://127.0.0.1:{port}"), port, over }
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn serve(mut stream: TcpStream, answering: &Answering) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let asked = Asked { method, path, body: serde_json::from_slice(&body).unwrap_or_default() };
    let (status, body) = answering(&asked);
    let whole = format!(
        "HTTP/1.1 {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        status.trim_end(),
        body.len()
    );
    stream.write_all(whole.as_bytes()).ok()
}

pub fn ok(body: &Value) -> Answered {
    ("200 OK".to_owned(), body.to_string())
}

pub fn missing() -> Answered {
    ("404 Not Found".to_owned(), json!({ "message": "Not Found" }).to_string())
}

/// The labels of every repository of somebody at a GitHub.
#[derive(Clone, Default)]
pub struct Labels(Arc<Mutex<Vec<(String, Value)>>>);

impl Labels {
    /// A GitHub that has labels and nothing else.
    pub fn serve(&self) -> StandIn {
        let labels = self.clone();
        StandIn::new(move |asked| labels.answer(asked).unwrap_or_else(missing))
    }

    /// The labels of a repository, such as `example/site`.
    pub fn of(&self, repository: &str) -> Vec<Value> {
        let labels = self.0.lock().unwrap();
        labels.iter().filter(|(of, _)| of == repository).map(|(_, label)| label.clone()).collect()
    }

    /// Adds one.
    pub fn add(&self, repository: &str, name: &str, description: &str) {
        let label = json!({ "name": name, "description": description, "color": "ffffff" });
        self.0.lock().unwrap().push((repository.to_owned(), label));
    }

    /// Changes the descriptions of so many labels, but for their marks.
    pub fn change(&self, repository: &str, most: usize) {
        let mut labels = self.0.lock().unwrap();
        for (_, label) in labels.iter_mut().filter(|(of, _)| of == repository).take(most) {
            let text = format!("by hand {}", label["description"].as_str().unwrap());
            label["description"] = json!(text);
        }
    }

    fn answer(&self, asked: &Asked) -> Option<Answered> {
        let path = asked.path.split('?').next()?;
        let parts: Vec<String> = path.trim_matches('/').split('/').map(decoded).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let ["repos", owner, name, rest @ ..] = parts.as_slice() else { return None };
        let repository = format!("{owner}/{name}");
        let mut labels = self.0.lock().unwrap();
        let place = |labels: &[(String, Value)], name: &str| {
            labels.iter().position(|(of, label)| *of == repository && label["name"] == name)
        };
        match (asked.method.as_str(), rest) {
            ("GET", []) => Some(ok(
                &json!({ "owner": { "type": "User", "login": owner }, "archived": false, "name": name }),
            )),
            ("GET", ["labels"]) => {
                let own: Vec<&Value> =
                    labels.iter().filter(|(of, _)| *of == repository).map(|(_, label)| label).collect();
                Some(ok(&if asked.path.contains("page=2") { json!([]) } else { json!(own) }))
            }
            ("POST", ["labels"]) => {
                labels.push((repository, asked.body.clone()));
                Some(("201 Created".to_owned(), asked.body.to_string()))
            }
            ("GET", ["labels", name]) => place(&labels, name).map(|at| ok(&labels[at].1)),
            ("PATCH", ["labels", name]) => {
                let at = place(&labels, name)?;
                for (field, value) in asked.body.as_object()? {
                    let field = if field == "new_name" { "name" } else { field };
                    labels[at].1[field] = value.clone();
                }
                Some(ok(&labels[at].1))
            }
            ("DELETE", ["labels", name]) => {
                let at = place(&labels, name)?;
                labels.remove(at);
                Some(("204 No Content".to_owned(), String::new()))
            }
            _ => None,
        }
    }
}

/// A part of a path as it was before it was written into an address.
fn decoded(part: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        let digits = [rest.clone().next(), rest.clone().nth(1)];
        match (byte, digits) {
            (b'%', [Some(high), Some(low)]) => {
                let digits = String::from_utf8(vec![high, low]).unwrap();
                bytes.push(u8::from_str_radix(&digits, 16).unwrap());
                rest.nth(1);
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap()
}
