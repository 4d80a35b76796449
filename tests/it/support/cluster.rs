//! A Kubernetes that keeps Secrets and `ConfigMap`s: TLS, tokens, `Status`
//! objects, and what goes wrong. Each object that is sent has to be one of the
//! published interface, field by field.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyrite::engine::chain::Digest;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{SslAcceptor, SslMethod};
use openssl::x509::extension::{BasicConstraints, ExtendedKeyUsage, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509NameBuilder};
use serde_json::{Value as Json, json};

use super::cluster_store::Object;
use super::github::Fault;

pub(crate) const UID: &str = "0b9a1c3e-5f0d-4a6e-9d0a-2f1c7b7f9a10";
pub(crate) const TOKEN: &str = "TEST-token-of-a-service-account";
pub(crate) const USER: &str = "system:serviceaccount:pipeline:keyrite";

/// All that is there.
pub(crate) struct State {
    pub(crate) uid: String,
    pub(crate) token: String,
    /// By resource, namespace and name.
    pub(crate) objects: BTreeMap<(String, String, String), Object>,
    /// Verbs and resources, such as `list secrets`.
    pub(crate) denied: Vec<&'static str>,
    /// Method, a part of the path, what goes wrong, how often.
    pub(crate) faults: Vec<(&'static str, &'static str, Fault, u32)>,
    /// Objects on a page, at the most.
    pub(crate) page: usize,
    /// What no list has: it was made just after.
    pub(crate) hidden: Option<&'static str>,
    /// What was asked, in order; with `metadata` where only that was given.
    pub(crate) log: Vec<String>,
    /// Everything that was sent, byte for byte.
    pub(crate) sent: Vec<u8>,
    /// What no client should have sent.
    problems: Vec<String>,
    pub(super) revision: u64,
}

pub(crate) struct Cluster {
    pub(crate) url: String,
    /// The certificate of its authority.
    ca: X509,
    state: Arc<Mutex<State>>,
}

pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: Vec<String>,
    pub(super) query: BTreeMap<String, String>,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(super) fn query(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }

    /// Whether only the metadata is wanted.
    pub(super) fn is_of_metadata(&self) -> bool {
        self.header("accept").contains("as=PartialObjectMetadata")
    }
}

/// A status and a body.
pub(super) type Answer = (u16, Json);

impl Cluster {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let (ca, acceptor) = authority();
        let state = State {
            uid: UID.to_owned(),
            token: TOKEN.to_owned(),
            objects: BTreeMap::new(),
            denied: Vec::new(),
            faults: Vec::new(),
            page: 500,
            hidden: None,
            log: Vec::new(),
            sent: Vec::new(),
            problems: Vec::new(),
            revision: 100,
        };
        let state = Arc::new(Mutex::new(state));
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, acceptor) = (shared.clone(), acceptor.clone());
                std::thread::spawn(move || acceptor.accept(stream).map(|one| serve(one, &shared)));
            }
        });
        Self { url, ca, state }
    }

    pub(crate) fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap())
    }

    /// The SHA-256 of the certificate of its authority.
    pub(crate) fn ca(&self) -> String {
        Digest::of(&self.ca.to_der().unwrap()).hex()
    }

    /// Writes a kubeconfig that leads there.
    pub(crate) fn kubeconfig(&self, folder: &Path) -> PathBuf {
        let path = folder.join("kubeconfig");
        let ca = STANDARD.encode(self.ca.to_pem().unwrap());
        let url = &self.url;
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: test\nclusters:\n- name: test\n  \
             cluster:\n    server: {url}\n    certificate-authority-data: {ca}\ncontexts:\n- name: \
             test\n  context: {{cluster: test, user: test, namespace: pipeline}}\nusers:\n- name: \
             test\n  user: {{token: {TOKEN}}}\n"
        );
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The requests that change something.
    pub(crate) fn writes(&self) -> Vec<String> {
        let is_write =
            |one: &&String| !one.starts_with("GET") && !one.contains("selfsubjectreviews");
        self.with(|state| state.log.iter().filter(is_write).cloned().collect())
    }

    /// Changes an entry behind everybody's back.
    pub(crate) fn falsify(&self, secret: &str, entry: &str, text: &str) {
        let key = ("secrets".to_owned(), "pipeline".to_owned(), secret.to_owned());
        let text = STANDARD.encode(text);
        self.with(|state| state.objects.get_mut(&key).unwrap().json["data"][entry] = text.into());
    }

    /// An entry of a Secret, as text.
    pub(crate) fn entry(&self, secret: &str, entry: &str) -> Option<String> {
        let key = ("secrets".to_owned(), "pipeline".to_owned(), secret.to_owned());
        self.with(|state| {
            let text = state.objects.get(&key)?.json["data"][entry].as_str()?.to_owned();
            Some(String::from_utf8(STANDARD.decode(text).unwrap()).unwrap())
        })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let problems = &state.problems;
        assert!(problems.is_empty() || std::thread::panicking(), "{problems:#?}");
    }
}

fn key() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

fn certificate(name: &str, key: &PKey<Private>) -> X509Builder {
    let mut builder = X509::builder().unwrap();
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_nid(Nid::COMMONNAME, name).unwrap();
    let serial = BigNum::from_u32(u32::try_from(name.len()).unwrap()).unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&subject.build()).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(2).unwrap()).unwrap();
    builder.set_pubkey(key).unwrap();
    builder
}

/// An authority, and what speaks as a server that it has certified.
pub(super) fn authority() -> (X509, SslAcceptor) {
    let (own, server) = (key(), key());
    let mut ca = certificate("TEST authority", &own);
    ca.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
    let ca = {
        let name = {
            let mut name = X509NameBuilder::new().unwrap();
            name.append_entry_by_nid(Nid::COMMONNAME, "TEST authority").unwrap();
            name.build()
        };
        ca.set_issuer_name(&name).unwrap();
        ca.sign(&own, MessageDigest::sha256()).unwrap();
        ca.build()
    };
    let mut one = certificate("TEST server", &server);
    one.set_issuer_name(ca.subject_name()).unwrap();
    let mut names = SubjectAlternativeName::new();
    let names = names.ip("127.0.0.1").build(&one.x509v3_context(Some(&ca), None)).unwrap();
    one.append_extension(names).unwrap();
    one.append_extension(ExtendedKeyUsage::new().server_auth().build().unwrap()).unwrap();
    one.sign(&own, MessageDigest::sha256()).unwrap();
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).unwrap();
    acceptor.set_private_key(&server).unwrap();
    acceptor.set_certificate(&one.build()).unwrap();
    (ca, acceptor.build())
}

fn read(stream: &mut impl Read) -> Option<(Request, Vec<u8>)> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        reader.read_line(&mut head).ok().filter(|length| *length > 0)?;
    }
    let mut lines = head.lines();
    let mut words = lines.next()?.split_whitespace().map(str::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    let header = |line: &str| {
        line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()))
    };
    let headers: BTreeMap<_, _> = lines.filter_map(header).collect();
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let path = path.split('/').skip(1).filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let pair = |pair: &str| pair.split_once('=').map(|(a, b)| (a.to_owned(), b.to_owned()));
    let query = query.split('&').filter_map(pair).collect();
    let all = [head.as_bytes(), &body].concat();
    Some((Request { method, path, query, headers, body }, all))
}

fn serve(mut stream: impl Read + Write, shared: &Mutex<State>) {
    let Some((request, all)) = read(&mut stream) else { return };
    let path = request.path.join("/");
    let mut state = shared.lock().unwrap();
    let what = if request.is_of_metadata() { " metadata" } else { "" };
    state.log.push(format!("{}{what} /{path}", request.method));
    state.sent.extend(all);
    let is_it = |one: &&mut (&str, &str, Fault, u32)| {
        one.3 > 0 && one.0 == request.method && path.contains(one.1)
    };
    let fault = state.faults.iter_mut().find(is_it).map(|one| {
        one.3 -= 1;
        one.2
    });
    let (status, body) = match fault {
        Some(Fault::Reset) => return,
        Some(Fault::Hang) => {
            drop(state);
            std::thread::sleep(Duration::from_secs(2));
            return;
        }
        Some(Fault::Status(code, _)) => failure(code, "TEST", "TEST"),
        Some(Fault::Lost) => {
            state.answer(&request);
            return;
        }
        None => state.answer(&request),
    };
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status} TEST\r\ncontent-type: application/json\r\ncontent-length: \
         {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}

/// What the interface answers where it does not do what is asked.
pub(super) fn failure(code: u16, reason: &str, message: &str) -> Answer {
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code,
    });
    (code, status)
}

impl State {
    pub(super) fn wrong(&mut self, what: &str) -> Answer {
        self.problems.push(what.to_owned());
        failure(400, "BadRequest", what)
    }

    fn answer(&mut self, request: &Request) -> Answer {
        if request.header("authorization") != format!("Bearer {}", self.token) {
            return failure(401, "Unauthorized", "Unauthorized");
        }
        let body: Json = serde_json::from_slice(&request.body).unwrap_or_default();
        let path: Vec<_> = request.path.iter().map(String::as_str).collect();
        let method = request.method.as_str();
        match (method, path.as_slice()) {
            ("GET", ["version"]) => {
                (200, json!({ "major": "1", "minor": "30", "gitVersion": "v1.30.0" }))
            }
            ("GET", ["api"]) => (200, json!({ "kind": "APIVersions", "versions": ["v1"] })),
            ("GET", ["apis"]) => {
                (200, json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": [] }))
            }
            ("GET", ["api", "v1"]) => (200, resources()),
            ("POST", ["apis", "authentication.k8s.io", "v1", "selfsubjectreviews"]) => {
                let mut review = body;
                review["status"] = json!({ "userInfo": { "username": USER } });
                (201, review)
            }
            ("GET", ["api", "v1", "namespaces", "kube-system"]) => {
                if self.denied.contains(&"get namespaces") {
                    return failure(403, "Forbidden", "namespaces \"kube-system\" is forbidden");
                }
                let metadata = json!({ "name": "kube-system", "uid": self.uid });
                let kind =
                    if request.is_of_metadata() { "PartialObjectMetadata" } else { "Namespace" };
                (200, json!({ "kind": kind, "apiVersion": "v1", "metadata": metadata }))
            }
            (
                _,
                [
                    "api",
                    "v1",
                    "namespaces",
                    space @ ("pipeline" | "notary"),
                    kind @ ("secrets" | "configmaps"),
                    rest @ ..,
                ],
            ) if rest.len() < 2 => {
                let verb = match (method, rest) {
                    ("GET", []) => "list",
                    ("GET", _) => "get",
                    ("POST", _) => "create",
                    ("PATCH", _) => "patch",
                    ("PUT", _) => "update",
                    _ => "delete",
                };
                if self.denied.contains(&format!("{verb} {kind}").as_str()) {
                    let message = format!(
                        "{kind} is forbidden: User \"{USER}\" cannot {verb} resource \"{kind}\" in \
                         API group \"\" in the namespace \"{space}\""
                    );
                    return failure(403, "Forbidden", &message);
                }
                self.store(request, (kind, space), rest.first().copied(), &body)
            }
            (_, ["api", "v1", "namespaces", other, ..]) => {
                failure(404, "NotFound", &format!("namespaces \"{other}\" not found"))
            }
            _ => failure(404, "NotFound", "the server could not find the requested resource"),
        }
    }
}

fn resources() -> Json {
    let resource = |(name, kind): (&str, &str)| {
        json!({
            "name": name, "singularName": "", "namespaced": true, "kind": kind,
            "verbs": ["create", "delete", "get", "list", "patch", "update"],
        })
    };
    let all = [("secrets", "Secret"), ("configmaps", "ConfigMap")].map(resource);
    json!({ "kind": "APIResourceList", "groupVersion": "v1", "resources": all })
}
