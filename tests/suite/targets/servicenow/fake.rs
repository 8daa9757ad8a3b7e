//! What stands in for an instance: the Table API with a state, and with the columns of `columns.json`, which says where they
//! come from. It is stricter than an instance, which ignores what it does not know and takes what it is given: a column that
//! there is not, a word that is none of the choices, a length of time that is none and a reference to nothing are refused.
//! Queries are as forgiving as there: a condition on an unknown column is dropped.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use serde_json::{Map, Value, json};

use crate::support::root;

/// The token that it knows.
pub const TOKEN: &str = "canary-7f3a";
/// The catalogue and the knowledge base that are there from the beginning.
pub const CATALOG: &str = "e0d08b13c3330100c8b837659bba8fb4";
pub const KNOWLEDGE: &str = "dfc19531bf2021003f07e2c1ac0739ab";

pub type Row = BTreeMap<String, String>;

/// What is there.
#[derive(Default)]
pub struct State {
    pub tables: BTreeMap<String, BTreeMap<String, Row>>,
    /// Rows that access rules hide: they are counted, and do not come.
    pub hidden: BTreeSet<String>,
    /// A table that gets a row more each time a page of it is read.
    pub moving: Option<&'static str>,
    /// Whether a row gets the `sys_id` that somebody gives.
    pub honours: bool,
    /// A rule that sets a column of a table whenever it is written.
    pub rule: Option<(&'static str, &'static str, &'static str)>,
    /// What columns take.
    columns: Value,
    made: usize,
}

/// An instance on this machine.
pub struct Fake {
    pub port: u16,
    pub writes: Arc<AtomicUsize>,
    state: Arc<Mutex<State>>,
    over: Arc<AtomicBool>,
}

impl Fake {
    pub fn start() -> Self {
        let columns = std::fs::read_to_string(root().join("tests/servers/servicenow/columns.json")).unwrap();
        let mut state =
            State { columns: serde_json::from_str(&columns).unwrap(), honours: true, ..State::default() };
        state.tables.entry("sc_catalog".into()).or_default().insert(CATALOG.into(), Row::new());
        state.tables.entry("kb_knowledge_base".into()).or_default().insert(KNOWLEDGE.into(), Row::new());
        for (table, rows) in [
            (
                "sys_user",
                vec![
                    [("email", "ana@example.com"), ("user_name", "ana"), ("active", "true")],
                    [("email", "Ben@example.com"), ("user_name", "ben"), ("active", "true")],
                    [("email", "eve@example.com"), ("user_name", "eve"), ("active", "true")],
                    [("email", "dan@example.com"), ("user_name", "dan"), ("active", "false")],
                ],
            ),
            ("cmn_department", vec![[("id", "it"), ("name", "IT"), ("code", "1")]]),
            ("sys_user_role", vec![[("name", "itil"), ("description", "Fulfils"), ("suffix", "itil")]]),
        ] {
            for row in rows {
                state.insert(table, &row);
            }
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let fake =
            Self { port, writes: Arc::default(), state: Arc::new(Mutex::new(state)), over: Arc::default() };
        let (state, over, writes) =
            (Arc::clone(&fake.state), Arc::clone(&fake.over), Arc::clone(&fake.writes));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::SeqCst) {
                    break;
                }
                let (state, writes) = (Arc::clone(&state), Arc::clone(&writes));
                thread::spawn(move || {
                    // Who was cut off is no matter of the instance.
                    let _ = serve(stream.unwrap(), &state, &writes);
                });
            }
        });
        fake
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // Wakes the loop.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl State {
    /// Makes a row as somebody else would, and gives its `sys_id`.
    pub fn insert(&mut self, table: &str, columns: &[(&str, &str)]) -> String {
        let id = self.fresh();
        let row = columns.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.tables.entry(table.to_owned()).or_default().insert(id.clone(), row);
        id
    }

    fn fresh(&mut self) -> String {
        self.made += 1;
        format!("{:032x}", 0xfa_ce00_0000_u64 + self.made as u64)
    }

    /// The rows of which a column has this value, by `sys_id`.
    pub fn find(&self, table: &str, column: &str, value: &str) -> Vec<(String, Row)> {
        let rows = self.tables.get(table).into_iter().flatten();
        let found = rows.filter(|(_, row)| row.get(column).is_some_and(|held| held == value));
        found.map(|(id, row)| (id.clone(), row.clone())).collect()
    }

    /// The only row of which a column has this value.
    pub fn one(&self, table: &str, column: &str, value: &str) -> (String, Row) {
        let found = self.find(table, column, value);
        assert_eq!(found.len(), 1, "{table}.{column} = {value}: {found:?}");
        found.into_iter().next().unwrap()
    }

    /// Changes a row as somebody else would.
    pub fn set(&mut self, table: &str, id: &str, column: &str, value: &str) {
        let row = self.tables.get_mut(table).unwrap().get_mut(id).unwrap();
        row.insert(column.to_owned(), value.to_owned());
    }

    pub fn remove(&mut self, table: &str, id: &str) {
        self.tables.get_mut(table).unwrap().remove(id).unwrap();
    }

    /// Forgets a column, as an older instance would not have it.
    pub fn without(&mut self, table: &str, column: &str) {
        self.columns[table].as_object_mut().unwrap().remove(column).unwrap();
    }

    pub fn count(&self) -> usize {
        self.tables.values().map(BTreeMap::len).sum()
    }

    /// Why a row must not become this.
    fn refusal(&self, table: &str, id: &str, body: &Map<String, Value>) -> Option<String> {
        for (name, value) in body.iter().filter(|(name, _)| *name != "sys_id") {
            let of = &self.columns[table][name];
            let Some(value) = value.as_str() else { return Some(format!("{name}: no text")) };
            if of.is_null() {
                return Some(format!("{name}: no column of {table}"));
            }
            let text = |name: &str| of[name].as_str().unwrap_or_default();
            let exists = |id: &str| {
                let tables: Vec<&str> = match text("table") {
                    "" => self.tables.keys().map(String::as_str).collect(),
                    table => vec![table],
                };
                tables.iter().any(|table| self.tables.get(*table).is_some_and(|rows| rows.contains_key(id)))
            };
            let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let fits = match text("takes") {
                "Boolean" => matches!(value, "true" | "false"),
                "Integer" => digits(value),
                "Duration" => jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", value)
                    .is_ok_and(|at| at.year() == 1970),
                "ScheduleDateTime" => jiff::civil::DateTime::strptime("%Y%m%dT%H%M%S", value).is_ok(),
                "Reference" => value.is_empty() || exists(value),
                "List" => value.is_empty() || value.split(',').all(exists),
                "Email" => value.is_empty() || value.contains('@'),
                _ => true,
            };
            let words = of["words"].as_array();
            let is_word = words.is_none_or(|words| words.iter().any(|word| word == value));
            let most = of["most"].as_u64().unwrap_or(u64::MAX);
            if !fits || !is_word || value.chars().count() as u64 > most {
                return Some(format!("{name}: `{value}` is not what {table} takes"));
            }
            let other = |(other, row): (&String, &Row)| {
                other != id && row.get(name).is_some_and(|held| held == value)
            };
            if of["unique"] == true && self.tables.get(table).into_iter().flatten().any(other) {
                return Some(format!("{name}: `{value}` is there already"));
            }
        }
        None
    }

    fn put(&mut self, table: &str, id: &str, body: &Map<String, Value>) {
        let rule = self.rule.filter(|(of, _, _)| *of == table);
        let row = self.tables.entry(table.to_owned()).or_default().entry(id.to_owned()).or_default();
        for (name, value) in body.iter().filter(|(name, _)| *name != "sys_id") {
            row.insert(name.clone(), value.as_str().unwrap_or_default().to_owned());
        }
        if table == "sc_cat_item" || table == "cmdb_ci_service" {
            row.insert("sys_class_name".to_owned(), table.to_owned());
        }
        if let Some((_, column, value)) = rule {
            row.insert(column.to_owned(), value.to_owned());
        }
    }

    fn rows(&mut self, table: &str, query: &BTreeMap<String, String>) -> (Vec<Value>, usize) {
        if self.moving.is_some_and(|moving| moving == table) {
            self.insert(table, &[("title", "another")]);
        }
        let columns = self.columns[table].clone();
        let conditions: Vec<&str> =
            query.get("sysparm_query").map(String::as_str).unwrap_or_default().split('^').collect();
        assert!(conditions.contains(&"ORDERBYsys_id"), "pages need an order");
        let empty = BTreeMap::new();
        let rows = self.tables.get(table).unwrap_or(&empty);
        let found = rows.iter().filter(|(id, row)| {
            let held = |name: &str| {
                let own =
                    if name == "sys_id" { id.as_str() } else { row.get(name).map_or("", String::as_str) };
                own.to_lowercase()
            };
            conditions.iter().all(|condition| {
                let (name, values) = match (condition.split_once("IN"), condition.split_once('=')) {
                    (Some((name, values)), _) if !name.contains('=') => (name, values.split(',').collect()),
                    (_, Some((name, value))) => (name, vec![value]),
                    _ => return true,
                };
                let is_known = name == "sys_id" || !columns[name].is_null();
                !is_known || values.iter().any(|value| value.to_lowercase() == held(name))
            })
        });
        let found: Vec<(&String, &Row)> = found.collect();
        let number = |name: &str| query.get(name).and_then(|value| value.parse::<usize>().ok());
        let page = found
            .iter()
            .skip(number("sysparm_offset").unwrap_or(0))
            .take(number("sysparm_limit").unwrap_or(10_000));
        let fields: Vec<&str> = query["sysparm_fields"].split(',').collect();
        let seen = page.filter(|(id, _)| !self.hidden.contains(*id));
        (seen.map(|(id, row)| shown(id, row, &fields)).collect(), found.len())
    }
}

fn shown(id: &str, row: &Row, fields: &[&str]) -> Value {
    let value = |name: &str| {
        if name == "sys_id" { json!(id) } else { json!(row.get(name).map_or("", String::as_str)) }
    };
    fields.iter().map(|name| ((*name).to_owned(), value(name))).collect::<Map<_, _>>().into()
}

fn serve(mut stream: TcpStream, state: &Mutex<State>, writes: &AtomicUsize) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let (mut length, mut authorised) = (0, false);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        authorised |= lower.trim() == format!("authorization: bearer {TOKEN}");
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut words = first.split_whitespace();
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let url = url_of(target);
    if !method.is_empty() && method != "GET" {
        writes.fetch_add(1, Ordering::SeqCst);
    }
    let (status, total, answer) = if authorised {
        answer(&mut state.lock().unwrap(), method, &url, &body)
    } else {
        (
            "401 Unauthorized",
            None,
            json!({ "error": { "message": "User Not Authenticated" }, "status": "failure" }),
        )
    };
    let text = if answer.is_null() { String::new() } else { answer.to_string() };
    let total = total.map_or_else(String::new, |total| format!("x-total-count: {total}\r\n"));
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{total}connection: close\r\ncontent-length: {}\r\n\r\n{text}",
        text.len()
    )
}

/// The segments of a path, and the values of its query.
struct Url {
    path: Vec<String>,
    query: BTreeMap<String, String>,
}

fn url_of(target: &str) -> Url {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let query = pairs.map(|(name, value)| (decoded(name), decoded(value))).collect();
    Url { path: path.trim_start_matches('/').split('/').map(decoded).collect(), query }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut letters = text.bytes();
    while let Some(letter) = letters.next() {
        bytes.push(match letter {
            b'+' => b' ',
            b'%' => {
                let hex = [letters.next().unwrap(), letters.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap()
            }
            letter => letter,
        });
    }
    String::from_utf8(bytes).unwrap()
}

fn answer(state: &mut State, method: &str, url: &Url, body: &[u8]) -> (&'static str, Option<usize>, Value) {
    let failed =
        |message: String| json!({ "error": { "message": message, "detail": "" }, "status": "failure" });
    let path: Vec<&str> = url.path.iter().map(String::as_str).collect();
    let (table, id) = match path.as_slice() {
        ["api", "now", "table", table] => (*table, None),
        ["api", "now", "table", table, id] => (*table, Some(*id)),
        _ => {
            return ("400 Bad Request", None, failed("Requested URI does not represent any resource".into()));
        }
    };
    if state.columns[table].is_null() {
        return ("400 Bad Request", None, failed(format!("Invalid table {table}")));
    }
    let is_there = id.is_none_or(|id| state.tables.get(table).is_some_and(|rows| rows.contains_key(id)));
    if !is_there {
        return ("404 Not Found", None, failed("No Record found".into()));
    }
    let body: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    let id = id.unwrap_or_default();
    if matches!(method, "POST" | "PATCH")
        && let Some(refusal) = state.refusal(table, id, &body)
    {
        return ("403 Forbidden", None, failed(refusal));
    }
    match method {
        "GET" if id.is_empty() => {
            let (rows, total) = state.rows(table, &url.query);
            ("200 OK", Some(total), json!({ "result": rows }))
        }
        "GET" => {
            let fields: Vec<&str> = url.query["sysparm_fields"].split(',').collect();
            ("200 OK", None, json!({ "result": shown(id, &state.tables[table][id], &fields) }))
        }
        "POST" => {
            let given =
                body.get("sys_id").and_then(Value::as_str).filter(|_| state.honours).map(str::to_owned);
            let id = given.unwrap_or_else(|| state.fresh());
            if state.tables.get(table).is_some_and(|rows| rows.contains_key(&id)) {
                return ("403 Forbidden", None, failed("Unique Key violation".into()));
            }
            state.put(table, &id, &body);
            ("201 Created", None, json!({ "result": { "sys_id": id } }))
        }
        "PATCH" => {
            state.put(table, id, &body);
            ("200 OK", None, json!({ "result": { "sys_id": id } }))
        }
        _ => {
            state.remove(table, id);
            ("204 No Content", None, Value::Null)
        }
    }
}
