//! A proxy before a real server, in which one write goes wrong.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

/// What goes wrong.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// The server does what it is asked, and nobody hears of it.
    LostReply,
    /// The server does what it is asked, and half of the answer arrives.
    Truncated,
    /// The server is not asked, and this is the answer.
    Status(&'static str),
}

/// A proxy on this machine.
pub struct Proxy {
    pub port: u16,
    /// How many writes came.
    pub writes: Arc<AtomicUsize>,
    /// Whether the fault happened.
    pub failed: Arc<AtomicBool>,
    /// What came: the first line of each request, and its body.
    pub came: Arc<Mutex<Vec<(String, String)>>>,
    plan: Arc<Mutex<Plan>>,
    over: Arc<AtomicBool>,
}

#[derive(Default)]
struct Plan {
    /// The number of the write that goes wrong, from now on, and how.
    fault: Option<(usize, Fault)>,
    /// The answer to everything.
    refuse: Option<&'static str>,
}

/// Answers what the server itself has no answer to: a whole answer for the first line and the body of a request.
type Lacking = dyn Fn(&str, &str) -> Option<String> + Send + Sync;

impl Proxy {
    pub fn new(upstream: &str) -> Self {
        Self::with(upstream, |_, _| None)
    }

    /// A proxy that stands in for what the server lacks.
    pub fn with(
        upstream: &str,
        lacking: impl Fn(&str, &str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let lacking: Arc<Lacking> = Arc::new(lacking);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Self {
            port: listener.local_addr().unwrap().port(),
            writes: Arc::default(),
            failed: Arc::default(),
            came: Arc::default(),
            plan: Arc::default(),
            over: Arc::default(),
        };
        let upstream = upstream.to_owned();
        let (writes, failed, came, plan, over) = (
            Arc::clone(&proxy.writes),
            Arc::clone(&proxy.failed),
            Arc::clone(&proxy.came),
            Arc::clone(&proxy.plan),
            Arc::clone(&proxy.over),
        );
        thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::SeqCst) {
                    break;
                }
                let (lacking, upstream, writes, failed, came, plan) = (
                    Arc::clone(&lacking),
                    upstream.clone(),
                    Arc::clone(&writes),
                    Arc::clone(&failed),
                    Arc::clone(&came),
                    Arc::clone(&plan),
                );
                thread::spawn(move || {
                    // Who was cut off is no matter of the proxy.
                    let _ = pass(stream.unwrap(), &upstream, &*lacking, &writes, &failed, &came, &plan);
                });
            }
        });
        proxy
    }

    /// Lets a write go wrong, counted from 1 and from now on.
    pub fn fail(&self, number: usize, fault: Fault) {
        let now = self.writes.load(Ordering::SeqCst);
        self.plan.lock().unwrap().fault = Some((now + number, fault));
    }

    /// Answers everything with this status from now on.
    pub fn refuse(&self, status: &'static str) {
        self.plan.lock().unwrap().refuse = Some(status);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // Wakes the loop.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// Passes one request on, and closes the connection after its answer.
fn pass(
    mut client: TcpStream,
    upstream: &str,
    lacking: &Lacking,
    writes: &AtomicUsize,
    failed: &AtomicBool,
    came: &Mutex<Vec<(String, String)>>,
    plan: &Mutex<Plan>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut headers = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
        if !lower.starts_with("connection:") {
            headers.push_str(&line);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let line = first.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    let text = String::from_utf8_lossy(&body).into_owned();
    came.lock().unwrap().push((line.clone(), text.clone()));
    // A search is sent as a POST with a query.
    let is_write = !first.starts_with("GET ") && !first.contains('?');
    let number = if is_write { writes.fetch_add(1, Ordering::SeqCst) + 1 } else { 0 };
    let (fault, refuse) = {
        let plan = plan.lock().unwrap();
        (plan.fault.filter(|(at, _)| *at == number && is_write).map(|(_, fault)| fault), plan.refuse)
    };
    failed.fetch_or(fault.is_some(), Ordering::SeqCst);
    let status = match fault {
        Some(Fault::Status(status)) => Some(status),
        _ => refuse,
    };
    if let Some(status) = status {
        return write!(client, "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    }
    let mut answer = Vec::new();
    if let Some(own) = lacking(&line, &text) {
        answer = own.into_bytes();
    } else {
        let mut server = TcpStream::connect(upstream)?;
        write!(server, "{first}{headers}Connection: close\r\n\r\n")?;
        server.write_all(&body)?;
        server.read_to_end(&mut answer)?;
    }
    match fault {
        Some(Fault::LostReply) => Ok(()),
        Some(_) => client.write_all(&answer[..answer.len() - 10]),
        None => client.write_all(&answer),
    }
}
