//! A service that keeps objects as S3 does, and is as strict: checksums,
//! preconditions, the owner of the bucket and its region are held against what
//! is true.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::hash::{MessageDigest, hash};
use openssl::sha::sha256;

use super::moto::{ACCOUNT, REGION};
use super::web::{Answer, Request, Web};

/// What it has.
#[derive(Default)]
pub(crate) struct State {
    /// Objects, by `/bucket/key`.
    pub(crate) objects: BTreeMap<String, Vec<u8>>,
    /// A byte of each body that comes is another one.
    pub(crate) damages: bool,
    /// The next writes conflict with one that is under way.
    pub(crate) conflicts: usize,
    /// What was sent: methods and paths.
    pub(crate) log: Vec<String>,
    /// Where the bucket is, if not where everybody thinks.
    pub(crate) region: Option<&'static str>,
}

pub(crate) struct StrictS3 {
    pub(crate) url: String,
    pub(crate) state: Arc<Mutex<State>>,
}

fn refusal(status: u16, code: &str) -> Answer {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>TEST \
         {code}</Message></Error>"
    );
    Answer::new(status, "application/xml", body)
}

fn etag(bytes: &[u8]) -> String {
    let digest = hash(MessageDigest::md5(), bytes).unwrap();
    let hex: Vec<_> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{}\"", hex.concat())
}

impl StrictS3 {
    pub(crate) fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        let web = Web::start(move |request| shared.lock().unwrap().answer(request));
        Self { url: web.url, state }
    }

    pub(crate) fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap())
    }
}

impl State {
    fn answer(&mut self, request: &Request) -> Answer {
        let path = request.path.split('?').next().unwrap().to_owned();
        self.log.push(format!("{} {path}", request.method));
        let signed = request.header("authorization").unwrap_or_default();
        let region = self.region.unwrap_or(REGION);
        if !signed.contains(&format!("/{region}/s3/aws4_request")) {
            let Answer::Of(status, mut headers, body) = refusal(301, "PermanentRedirect") else {
                unreachable!()
            };
            headers.push(("x-amz-bucket-region", region.to_owned()));
            return Answer::Of(status, headers, body);
        }
        if request.header("x-amz-expected-bucket-owner").is_some_and(|owner| owner != ACCOUNT) {
            return refusal(403, "AccessDenied");
        }
        if !path.starts_with("/halyard/") {
            return refusal(404, "NoSuchBucket");
        }
        match request.method.as_str() {
            "GET" => match self.objects.get(&path) {
                Some(bytes) => {
                    let media = "application/pgp-keys".to_owned();
                    let headers = vec![("etag", etag(bytes)), ("content-type", media)];
                    Answer::Of(200, headers, bytes.clone())
                }
                None => refusal(404, "NoSuchKey"),
            },
            "PUT" => self.put(path, request),
            method => panic!("{method} is not expected"),
        }
    }

    fn put(&mut self, path: String, request: &Request) -> Answer {
        let mut body = request.body.clone();
        assert!(request.header("content-encoding").is_none(), "no trailers are read here");
        if self.damages {
            body[0] ^= 1;
        }
        let sum = request.header("x-amz-checksum-sha256");
        let Some(sum) = sum else { return refusal(400, "InvalidRequest") };
        if STANDARD.decode(sum).ok().as_deref() != Some(&sha256(&body)[..]) {
            return refusal(400, "BadDigest");
        }
        if let Some(sum) = request.header("content-md5") {
            let found = hash(MessageDigest::md5(), &body).unwrap();
            if STANDARD.decode(sum).ok().as_deref() != Some(&found[..]) {
                return refusal(400, "BadDigest");
            }
        }
        if self.conflicts > 0 {
            self.conflicts -= 1;
            return refusal(409, "ConditionalRequestConflict");
        }
        let there = self.objects.get(&path).map(|bytes| etag(bytes));
        match (request.header("if-match"), request.header("if-none-match"), there) {
            (None, Some("*"), None) => {}
            (Some(wanted), None, Some(found)) if wanted == found => {}
            (None, None, _) => panic!("a write without a condition"),
            _ => return refusal(412, "PreconditionFailed"),
        }
        let tag = etag(&body);
        self.objects.insert(path, body);
        Answer::Of(200, vec![("etag", tag)], Vec::new())
    }
}
