//! A GitHub that takes secrets of Actions: what its published description
//! says of paths, methods, headers and bodies is wanted of each request.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crypto_box::SecretKey;
use crypto_box::aead::OsRng;
use keyrite::domain::timestamp::Timestamp;
use serde_json::{Value as Json, json};

pub(crate) const TOKEN: &str = "ghp_TESTTESTTESTTESTTESTTESTTESTTESTTEST";

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    /// This status, and seconds to wait.
    Status(u16, Option<u32>),
    /// It is done, and the connection breaks.
    Lost,
    /// The connection breaks before anything is done.
    Reset,
    /// There is no answer for a while, and nothing is done.
    Hang,
}

#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) text: String,
    pub(super) updated: i64,
    pub(crate) visibility: Option<String>,
    pub(crate) selected: Vec<u64>,
}

pub(super) struct Run {
    pub(super) id: u64,
    pub(super) inputs: BTreeMap<String, String>,
    pub(super) polls: u32,
    pub(super) ended: Option<(bool, String)>,
}

/// All that is there.
pub(crate) struct State {
    pub(crate) full_name: String,
    pub(crate) number: u64,
    pub(crate) visibility: String,
    pub(crate) token: String,
    /// By path: `repos/o/r/actions/secrets/NAME`.
    pub(crate) things: BTreeMap<String, Stored>,
    pub(crate) workflow: Option<String>,
    /// Method, a part of the path, what goes wrong, how often.
    pub(crate) faults: Vec<(&'static str, &'static str, Fault, u32)>,
    /// Public key changes with the next write.
    pub(crate) new_key: bool,
    /// What was asked, in order.
    pub(crate) log: Vec<String>,
    /// The same with everything in it: what was asked of the interface itself.
    pub(crate) requests: Vec<Json>,
    /// What was sealed, as it came, and with which key.
    pub(crate) sealed: VecDeque<(Vec<u8>, [u8; 32])>,
    /// What no client should have sent.
    problems: Vec<String>,
    pub(super) key: SecretKey,
    pub(super) clock: i64,
    pub(super) runs: Vec<Run>,
    pub(super) port: u16,
}

pub(crate) struct Github {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

struct Request {
    method: String,
    path: Vec<String>,
    query: BTreeMap<String, String>,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

pub(super) type Answer = (u16, Option<Json>);

impl Github {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = State {
            full_name: "halyard/halyard".to_owned(),
            number: 4711,
            visibility: "private".to_owned(),
            token: TOKEN.to_owned(),
            things: BTreeMap::new(),
            workflow: None,
            faults: Vec::new(),
            new_key: false,
            log: Vec::new(),
            requests: Vec::new(),
            sealed: VecDeque::new(),
            problems: Vec::new(),
            key: SecretKey::generate(&mut OsRng),
            clock: Timestamp::parse("2026-01-05").unwrap().unix(),
            runs: Vec::new(),
            port,
        };
        let state = Arc::new(Mutex::new(state));
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { url: format!("http://127.0.0.1:{port}"), state }
    }

    pub(crate) fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap())
    }

    /// The requests that change something.
    pub(crate) fn writes(&self) -> Vec<String> {
        self.with(|state| state.log.iter().filter(|one| !one.starts_with("GET")).cloned().collect())
    }

    pub(crate) fn text(&self, path: &str) -> Option<String> {
        self.with(|state| state.things.get(path).map(|one| one.text.clone()))
    }
}

impl Drop for Github {
    fn drop(&mut self) {
        let problems = self.with(|state| state.problems.clone());
        assert!(problems.is_empty() || std::thread::panicking(), "{problems:#?}");
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || (rest.next().unwrap() as char).to_digit(16).unwrap();
        bytes.push(if byte == b'%' { u8::try_from(digit() * 16 + digit()).unwrap() } else { byte });
    }
    String::from_utf8(bytes).unwrap()
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length: &String| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let path = path.split('/').skip(1).map(decoded).collect();
    let pair = |pair: &str| pair.split_once('=').map(|(a, b)| (decoded(a), decoded(b)));
    let query = query.split('&').filter_map(pair).collect();
    Some(Request { method, path, query, headers, body })
}

fn serve(mut stream: TcpStream, shared: &Mutex<State>) {
    let Some(request) = read(&stream) else { return };
    let path = request.path.join("/");
    let mut state = shared.lock().unwrap();
    state.log.push(format!("{} /{path}", request.method));
    if !path.starts_with("blob/") {
        let body: Option<Json> = serde_json::from_slice(&request.body).ok();
        state.requests.push(json!({
            "method": request.method, "path": request.path, "query": request.query, "body": body,
        }));
    }
    let is_it = |one: &&mut (&str, &str, Fault, u32)| {
        one.3 > 0 && one.0 == request.method && path.contains(one.1)
    };
    let fault = state.faults.iter_mut().find(is_it).map(|one| {
        one.3 -= 1;
        one.2
    });
    let (mut extra, answer) = match fault {
        Some(Fault::Reset) => return,
        Some(Fault::Hang) => {
            drop(state);
            std::thread::sleep(Duration::from_secs(2));
            return;
        }
        Some(Fault::Status(status, wait)) => {
            let wait = wait.map(|wait| format!("retry-after: {wait}\r\n"));
            (wait.unwrap_or_default(), (status, Some(json!({ "message": "TEST" }))))
        }
        Some(Fault::Lost) | None => (String::new(), state.answer(&request)),
    };
    if fault == Some(Fault::Lost) {
        return;
    }
    let (status, body) = answer;
    let mut body = body.map(|body| body.to_string()).unwrap_or_default();
    if let (301 | 302, Some(to)) =
        (status, body.strip_prefix('"').and_then(|b| b.strip_suffix('"')))
    {
        extra = format!("location: {to}\r\n");
        body = String::new();
    }
    if path.starts_with("blob/") {
        body = serde_json::from_str::<String>(&body).unwrap_or_default();
    }
    let head = format!(
        "HTTP/1.1 {status} TEST\r\ncontent-type: application/json\r\n{extra}content-length: {}\r\n\
         connection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}

pub(super) fn message(status: u16, message: &str) -> Answer {
    (status, Some(json!({ "message": message, "status": status.to_string() })))
}

impl State {
    pub(super) fn wrong(&mut self, what: &str) -> Answer {
        self.problems.push(what.to_owned());
        message(400, what)
    }

    fn answer(&mut self, request: &Request) -> Answer {
        let header = |name: &str| request.headers.get(name).map_or("", String::as_str);
        let path: Vec<_> = request.path.iter().map(String::as_str).collect();
        if let ["blob", id] = path.as_slice() {
            if !header("authorization").is_empty() {
                return self.wrong("the token went to another server");
            }
            let run = self.runs.iter().find(|run| run.id.to_string() == *id).unwrap();
            return (200, Some(json!(run.ended.as_ref().unwrap().1)));
        }
        if header("user-agent").is_empty() {
            return self.wrong("no user agent");
        }
        if header("accept") != "application/vnd.github+json"
            || header("x-github-api-version") != "2022-11-28"
        {
            return self.wrong(&format!("headers: {:?}", request.headers.keys()));
        }
        if header("authorization") != format!("Bearer {}", self.token) {
            return message(401, "Bad credentials");
        }
        let body: Json = serde_json::from_slice(&request.body).unwrap_or_default();
        if !request.body.is_empty()
            && (header("content-type") != "application/json" || !body.is_object())
        {
            return self.wrong("a body that is no JSON");
        }
        let per_page = request.query.get("per_page").map_or(30, |n| n.parse().unwrap());
        let page = request.query.get("page").map_or(1, |n| n.parse::<usize>().unwrap());
        assert!((1..=100).contains(&per_page) && page > 0);
        let window = ((page - 1) * per_page, per_page);
        let repository: Vec<_> = self.full_name.split('/').map(str::to_owned).collect();
        let is_here = |owner: &str, name: &str| owner == repository[0] && name == repository[1];
        let method = request.method.as_str();
        match (method, path.as_slice()) {
            ("GET", ["repos", "halyard", "old"]) => {
                let url = format!("http://127.0.0.1:{}/repositories/{}", self.port, self.number);
                (301, Some(json!(url)))
            }
            ("GET", ["repos", owner, name]) if is_here(owner, name) => {
                (200, Some(self.repository()))
            }
            ("GET", ["repos", "halyard", "halyard"]) => (200, Some(self.repository())),
            ("GET", ["orgs", "halyard"]) => (200, Some(json!({ "login": "halyard", "id": 815 }))),
            ("GET", ["repos", owner, name, "environments", environment])
                if is_here(owner, name) && *environment == "release/x" =>
            {
                (200, Some(json!({ "name": environment, "id": 1 })))
            }
            (_, ["repos", owner, name, "actions", rest @ ..])
                if is_here(owner, name) && matches!(rest, ["workflows" | "runs" | "jobs", ..]) =>
            {
                self.workflows(method, rest, &body, &request.query)
            }
            (
                _,
                ["repos", owner, name, "actions", kind, ..]
                | ["repos", owner, name, "environments", "release/x", kind, ..],
            ) if is_here(owner, name) && matches!(*kind, "secrets" | "variables") => {
                self.store(method, &path, &body, window)
            }
            (_, ["orgs", "halyard", "actions", "secrets" | "variables", ..]) => {
                self.store(method, &path, &body, window)
            }
            _ => message(404, "Not Found"),
        }
    }

    fn repository(&self) -> Json {
        json!({
            "id": self.number, "full_name": self.full_name, "visibility": self.visibility,
            "private": self.visibility != "public", "default_branch": "main",
        })
    }
}
