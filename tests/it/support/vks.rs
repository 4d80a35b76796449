//! A keyserver that speaks as keys.openpgp.org does: user IDs are served once
//! the owner of the address has opened the link in a mail, certifications by
//! others where the certificate approves of them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use openpgp::cert::amalgamation::ValidateAmalgamation as _;
use openpgp::cert::{Cert, CertParser};
use openpgp::packet::Packet;
use openpgp::parse::Parse as _;
use openpgp::policy::StandardPolicy;
use openpgp::serialize::SerializeInto as _;
use openpgp::types::RevocationStatus;
use sequoia_openpgp as openpgp;
use serde_json::{Value as Json, json};

use super::web::{Answer, Request, Web};

/// What it has.
#[derive(Default)]
pub(crate) struct State {
    certs: BTreeMap<String, Cert>,
    /// Addresses that were verified, with their certificates.
    published: BTreeMap<String, String>,
    /// Addresses that a mail was sent to.
    pending: BTreeSet<String>,
    /// The links in the mails.
    links: BTreeMap<String, (String, String)>,
    /// Mails, in order: to whom, and the link.
    pub(crate) mails: Vec<(String, String)>,
    /// Whoever has uploaded may ask for mails with that.
    tokens: BTreeMap<String, String>,
    /// Answers each request so.
    pub(crate) trouble: Option<(u16, &'static str)>,
    /// Answers an upload with an array.
    pub(crate) says_arrays: bool,
    pub(crate) uploads: usize,
    base: String,
}

/// A server.
pub(crate) struct Vks {
    pub(crate) url: String,
    pub(crate) state: Arc<Mutex<State>>,
}

fn error(words: &str) -> Answer {
    Answer::new(400, "application/json", json!({ "error": words }).to_string())
}

fn not_found(what: &str) -> Answer {
    Answer::new(404, "text/plain", format!("No key found for {what}"))
}

impl Vks {
    pub(crate) fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        let web = Web::start(move |request| shared.lock().unwrap().answer(request));
        state.lock().unwrap().base.clone_from(&web.url);
        Self { url: web.url, state }
    }

    pub(crate) fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap())
    }

    /// Opens the links in all mails, as their owners do.
    pub(crate) fn open_mails(&self) {
        let mails = self.with(|state| state.mails.clone());
        for (_, link) in mails {
            let path = link.strip_prefix(&self.url).unwrap();
            assert!(
                self.ask("GET", path).contains("document.forms"),
                "a page that posts by itself"
            );
            assert!(self.ask("POST", path).starts_with("HTTP/1.1 200"));
        }
    }

    fn ask(&self, method: &str, path: &str) -> String {
        use std::io::Write as _;
        let mut stream = TcpStream::connect(self.url.trim_start_matches("http://")).unwrap();
        let head = format!("{method} {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl State {
    fn answer(&mut self, request: &Request) -> Answer {
        if let Some((status, words)) = self.trouble {
            return Answer::new(status, "text/plain", words);
        }
        let path: Vec<_> = request.path.trim_start_matches('/').split('/').collect();
        match (request.method.as_str(), path.as_slice()) {
            ("POST", ["vks", "v1", "upload"]) => self.upload(&request.body),
            ("POST", ["vks", "v1", "request-verify"]) => self.request_verify(&request.body),
            ("GET", ["vks", "v1", "by-fingerprint", name]) => self.by_fingerprint(name),
            ("GET", ["vks", "v1", "by-email", address]) => {
                let address = address.replace("%40", "@");
                match self.published.get(&address) {
                    Some(of) => self.served(of),
                    None => not_found(&format!("email address {address}")),
                }
            }
            ("GET", ["verify", _]) => {
                let page = "<html><form method=post></form><script>document.forms[0].submit()";
                Answer::new(200, "text/html", page)
            }
            ("POST", ["verify", token]) => match self.links.get(*token) {
                Some((of, address)) => {
                    self.pending.remove(address);
                    self.published.insert(address.clone(), of.clone());
                    Answer::new(200, "text/html", "<html>verified")
                }
                None => Answer::new(400, "text/html", "<html>expired"),
            },
            _ => not_found("this"),
        }
    }

    fn upload(&mut self, body: &[u8]) -> Answer {
        self.uploads += 1;
        let Some(text) = serde_json::from_slice::<Json>(body).ok() else {
            return error("Invalid JSON");
        };
        let Some(text) = text["keytext"].as_str().map(str::to_owned) else {
            return error("missing field `keytext`");
        };
        let certs: Result<Vec<Cert>, _> = match CertParser::from_bytes(text.as_bytes()) {
            Ok(parser) => parser.collect(),
            Err(_) => return error("Parsing of key data failed."),
        };
        let Some(certs) = certs.ok().filter(|certs| !certs.is_empty()) else {
            return error("Parsing of key data failed.");
        };
        if certs.iter().any(Cert::is_tsk) {
            return error("Whoops, please don't upload secret keys!");
        }
        let names: Vec<_> = certs.iter().map(|cert| cert.fingerprint().to_hex()).collect();
        for cert in certs {
            let name = cert.fingerprint().to_hex();
            let all = match self.certs.remove(&name) {
                Some(old) => old.merge_public(cert).unwrap(),
                None => cert,
            };
            if is_revoked(&all) {
                self.published.retain(|_, of| *of != name);
            }
            self.certs.insert(name, all);
        }
        let said = match names.as_slice() {
            [one] if !self.says_arrays => self.status(one),
            names => json!(names),
        };
        Answer::new(200, "application/json", said.to_string())
    }

    fn status(&mut self, of: &str) -> Json {
        let cert = &self.certs[of];
        let mut status = BTreeMap::new();
        for id in cert.userids().filter(|_| !is_revoked(cert)) {
            let Some(address) = id.userid().email().unwrap() else { continue };
            let word = match () {
                () if self.published.contains_key(address) => "published",
                () if self.pending.contains(address) => "pending",
                () => "unpublished",
            };
            status.insert(address.to_owned(), word);
        }
        let token = format!("token-{}-{of}", self.uploads);
        self.tokens.insert(token.clone(), of.to_owned());
        json!({ "key_fpr": of, "status": status, "token": token })
    }

    fn request_verify(&mut self, body: &[u8]) -> Answer {
        let Ok(asked) = serde_json::from_slice::<Json>(body) else { return error("Invalid JSON") };
        let token = asked["token"].as_str().unwrap_or_default();
        let Some(of) = self.tokens.get(token).cloned() else {
            return error("Upload session expired. Please try again.");
        };
        let own: Vec<_> =
            self.certs[&of].userids().map(|id| id.userid().email().unwrap()).collect();
        let own: Vec<_> = own.into_iter().flatten().map(str::to_owned).collect();
        for address in asked["addresses"].as_array().unwrap() {
            let address = address.as_str().unwrap().to_owned();
            // Others than its own are passed over without a word.
            if own.contains(&address) && !self.published.contains_key(&address) {
                let token = format!("mail{}", self.mails.len());
                self.mails.push((address.clone(), format!("{}/verify/{token}", self.base)));
                self.links.insert(token, (of.clone(), address.clone()));
                self.pending.insert(address);
            }
        }
        Answer::new(200, "application/json", self.status(&of).to_string())
    }

    fn by_fingerprint(&self, name: &str) -> Answer {
        let name = name.to_uppercase();
        let is_it = |cert: &&Cert| {
            cert.keys().any(|key| {
                let fingerprint = key.key().fingerprint().to_hex();
                fingerprint == name || (name.len() == 16 && fingerprint.ends_with(&name))
            })
        };
        match self.certs.values().find(is_it) {
            Some(cert) => self.served(&cert.fingerprint().to_hex()),
            None => not_found(&format!("fingerprint {name}")),
        }
    }

    fn served(&self, of: &str) -> Answer {
        let cert = &self.certs[of];
        let key = cert.primary_key();
        let mut packets: Vec<Packet> = vec![key.key().clone().into()];
        let own = key.self_signatures().chain(key.self_revocations()).cloned();
        packets.extend(own.map(Packet::from));
        for id in cert.userids() {
            let address = id.userid().email().unwrap();
            let is_open = |one: &str| self.published.get(one).is_some_and(|name| name == of);
            if is_revoked(cert) || !address.is_some_and(is_open) {
                continue;
            }
            packets.push(id.userid().clone().into());
            let own = id.self_signatures().chain(id.self_revocations()).cloned();
            packets.extend(own.map(Packet::from));
            let policy = StandardPolicy::new();
            if let Ok(valid) = id.with_policy(&policy, None) {
                let more = valid.approvals().chain(valid.approved_certifications()).cloned();
                packets.extend(more.map(Packet::from));
            }
        }
        for subkey in cert.keys().subkeys() {
            packets.push(subkey.key().clone().into());
            let own = subkey.self_signatures().chain(subkey.self_revocations()).cloned();
            packets.extend(own.map(Packet::from));
        }
        let served = Cert::from_packets(packets.into_iter()).unwrap();
        Answer::new(200, "application/pgp-keys", served.armored().to_vec().unwrap())
    }
}

fn is_revoked(cert: &Cert) -> bool {
    let policy = StandardPolicy::new();
    matches!(cert.revocation_status(&policy, None), RevocationStatus::Revoked(_))
}
