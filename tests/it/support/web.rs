//! A server on the web, on a port of its own, that answers as a test wants:
//! also with what no server should.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use openssl::ssl::SslStream;

use super::cluster::authority;

/// What is asked.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// With its query.
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// Status, headers, and a body.
    Of(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// So many bytes of a body that were not all promised.
    Long(u64),
    /// The connection is closed.
    Reset,
    /// Nothing, for as long as the client waits.
    Hangs,
}

impl Answer {
    pub(crate) fn new(status: u16, media: &str, body: impl AsRef<[u8]>) -> Self {
        let media = vec![("content-type", media.to_owned())];
        Self::Of(status, media, body.as_ref().to_vec())
    }

    pub(crate) fn to(status: u16, location: &str) -> Self {
        Self::Of(status, vec![("location", location.to_owned())], Vec::new())
    }
}

trait Stream: Read + Write {}
impl Stream for TcpStream {}
impl Stream for SslStream<TcpStream> {}

/// A server.
pub(crate) struct Web {
    pub(crate) url: String,
    /// The certificate of its authority, where it encrypts.
    pub(crate) ca: Option<Vec<u8>>,
    /// How much of long bodies was taken, in bytes.
    pub(crate) taken: Arc<AtomicU64>,
}

impl Web {
    pub(crate) fn start(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        Self::serve(answer, false)
    }

    /// The same with TLS, and a certificate that nobody knows.
    pub(crate) fn encrypted(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        Self::serve(answer, true)
    }

    /// The files of a folder.
    pub(crate) fn of_folder(folder: &Path, media: &'static str) -> Self {
        let folder = folder.to_owned();
        Self::start(move |request| file(&folder, &request.path, media))
    }

    fn serve(
        answer: impl Fn(&Request) -> Answer + Send + Sync + 'static,
        is_encrypted: bool,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let authority = is_encrypted.then(authority);
        let ca = authority.as_ref().map(|(ca, _)| ca.to_pem().unwrap());
        let scheme = if is_encrypted { "https" } else { "http" };
        let acceptor = authority.map(|(_, acceptor)| acceptor);
        let (answer, taken) = (Arc::new(answer), Arc::new(AtomicU64::new(0)));
        let counted = taken.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, acceptor) = (answer.clone(), acceptor.clone());
                let counted = counted.clone();
                std::thread::spawn(move || match acceptor {
                    None => talk(stream, answer.as_ref(), &counted),
                    Some(acceptor) => {
                        if let Ok(stream) = acceptor.accept(stream) {
                            talk(stream, answer.as_ref(), &counted);
                        }
                    }
                });
            }
        });
        Self { url: format!("{scheme}://127.0.0.1:{port}"), ca, taken }
    }
}

fn file(folder: &Path, path: &str, media: &str) -> Answer {
    let path = path.split('?').next().unwrap().trim_start_matches('/');
    let path: PathBuf = folder.join(path);
    match std::fs::read(path) {
        Ok(bytes) => Answer::new(200, media, bytes),
        Err(_) => Answer::new(404, "text/plain", "there is none"),
    }
}

fn read(stream: &mut dyn Stream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    if headers.contains_key("expect") {
        reader.get_mut().write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { method, path, headers, body })
}

fn talk(mut stream: impl Stream, answer: &dyn Fn(&Request) -> Answer, taken: &AtomicU64) {
    let Some(request) = read(&mut stream) else { return };
    match answer(&request) {
        Answer::Of(status, headers, body) => {
            let mut head = format!("HTTP/1.1 {status} TEST\r\nconnection: close\r\n");
            for (name, value) in headers {
                let _ = write!(head, "{name}: {value}\r\n");
            }
            let _ = write!(head, "content-length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(head.as_bytes());
            if request.method != "HEAD" {
                let _ = stream.write_all(&body);
            }
            let _ = stream.flush();
        }
        Answer::Long(length) => {
            let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: \
                        application/pgp-keys\r\n\r\n";
            let _ = stream.write_all(head.as_bytes());
            let chunk = vec![b'A'; 1024 * 1024];
            for _ in 0..length / 1024 / 1024 {
                if stream.write_all(&chunk).is_err() {
                    return;
                }
                taken.fetch_add(1024 * 1024, Ordering::SeqCst);
            }
        }
        Answer::Reset => {}
        Answer::Hangs => {
            // For as long as the client holds its end.
            let mut byte = [0];
            let _ = stream.read(&mut byte);
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
