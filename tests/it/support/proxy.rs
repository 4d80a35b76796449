//! Something between a client and a server that loses, delays and refuses, as
//! networks and services do.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// It is asked too often.
    Throttled,
    /// The server is broken.
    Broken,
    /// The connection is closed before anything was done.
    Reset,
    /// It is done, and the answer is lost.
    LostAnswer,
    /// The credentials have just ended.
    Expired,
    /// Nobody ever answers.
    Hangs,
    /// What is answered has no end.
    Endless,
    /// The service refuses: the name of its error, and what it says.
    Says(&'static str, &'static str),
}

/// A proxy for HTTP/1.1 on a port of its own.
pub(crate) struct Proxy {
    pub(crate) url: String,
    /// Requests that came for what is disturbed.
    pub(crate) met: Arc<AtomicUsize>,
    /// Everything that was sent, byte for byte.
    pub(crate) sent: Arc<Mutex<Vec<u8>>>,
}

impl Proxy {
    /// In front of a server: the first `times` requests whose head has
    /// `word` in it are disturbed.
    pub(crate) fn before(server: &str, word: &'static str, mishap: Mishap, times: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = server.trim_start_matches("http://").to_owned();
        let (met, sent) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (counted, kept) = (met.clone(), sent.clone());
        std::thread::spawn(move || {
            // Connections that hang stay open as long as this lives.
            let mut held = Vec::new();
            for client in listener.incoming().map_while(Result::ok) {
                let Some((head, request)) = read(&client) else { continue };
                kept.lock().unwrap().extend_from_slice(&request);
                let is_meant = head.to_lowercase().contains(&word.to_lowercase());
                let is_disturbed = is_meant && counted.fetch_add(1, Ordering::SeqCst) < times;
                let mishap = is_disturbed.then_some(mishap);
                if mishap == Some(Mishap::Hangs) {
                    held.push(client);
                    continue;
                }
                serve(client, &server, &request, mishap);
            }
        });
        Self { url, met, sent }
    }
}

/// The head of a request, and all of it.
fn read(client: &TcpStream) -> Option<(String, Vec<u8>)> {
    let mut reader = BufReader::new(client);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let lower = head.to_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length:"));
    let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    // One request for each connection.
    let closing = head.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    Some((head, [closing.into_bytes(), body].concat()))
}

fn serve(mut client: TcpStream, server: &str, request: &[u8], mishap: Option<Mishap>) {
    let say = |status: &str, kind: &str, text: &str| {
        let body = format!("{{\"__type\":\"{kind}\",\"Message\":{text:?}}}");
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/x-amz-json-1.1\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
    };
    let refuse = |status: &str, kind: &str| say(status, kind, "TEST");
    let answer = match mishap {
        Some(Mishap::Throttled) => refuse("400 Bad Request", "ThrottlingException").into_bytes(),
        Some(Mishap::Broken) => {
            refuse("500 Internal Server Error", "InternalServiceError").into_bytes()
        }
        Some(Mishap::Expired) => refuse("400 Bad Request", "ExpiredTokenException").into_bytes(),
        Some(Mishap::Says(kind, text)) => say("400 Bad Request", kind, text).into_bytes(),
        Some(Mishap::Endless) => {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\n\r\n";
            let _ = client.write_all(head.as_bytes());
            while client.write_all(&[b' '; 8 * 1024]).is_ok() {}
            return;
        }
        Some(Mishap::Reset | Mishap::Hangs) => return,
        Some(Mishap::LostAnswer) => {
            forward(server, request);
            return;
        }
        None => forward(server, request),
    };
    let _ = client.write_all(&answer);
}

fn forward(server: &str, request: &[u8]) -> Vec<u8> {
    let mut upstream = TcpStream::connect(server).unwrap();
    upstream.write_all(request).unwrap();
    let mut answer = Vec::new();
    let _ = upstream.read_to_end(&mut answer);
    // A client that keeps the connection would wait on a closed one.
    let text = String::from_utf8_lossy(&answer).into_owned();
    match text.split_once("\r\n\r\n") {
        Some((head, _)) if !head.to_lowercase().contains("connection: close") => {
            let at = head.len();
            [&answer[..at], b"\r\nConnection: close", &answer[at..]].concat()
        }
        _ => answer,
    }
}
