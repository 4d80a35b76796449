//! The operator's own keys: soft keys and keys of gpg-agent sign through the
//! keystore, and gpg verifies.

use std::net::TcpListener;

use keyrite::adapters::own_keys::{AskedBy, KeyPlace, OwnKeyError, SigningRequest};
use keyrite::domain::fingerprint::Fingerprint;
use keyrite::domain::timestamp::Timestamp;
use keyrite::engine::secret::Secret;
use sequoia_openpgp::Cert;
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::serialize::SerializeInto as _;

use crate::support::forge::{KeySpec, certificate};
use crate::support::own_home::{OwnHome, protected};

const DATA: &[u8] = b"{\"TEST\":\"transcript\"}\n";
const PASSPHRASE: &str = "TEST correct horse";

fn at() -> Timestamp {
    Timestamp::parse("2025-06-01T12:34:56Z").unwrap()
}

fn secret(text: &str) -> Secret {
    Secret::take(&mut text.as_bytes().to_vec()).unwrap()
}

fn own(name: &str) -> Cert {
    let subkey = KeySpec::new("S", "2025-01-02", None);
    certificate(&[name], &KeySpec::new("C", "2025-01-01", None), &[subkey])
}

fn fingerprint(cert: &Cert) -> Fingerprint {
    Fingerprint::from_bytes(cert.fingerprint().as_bytes()).unwrap()
}

fn public(cert: &Cert) -> Vec<u8> {
    cert.clone().strip_secret_key_material().to_vec().unwrap()
}

fn sign(
    home: &OwnHome,
    certificate: Fingerprint,
    public: &[u8],
    passphrase: Option<&str>,
) -> Result<String, OwnKeyError> {
    let passphrase = passphrase.map(secret);
    let passphrase = passphrase.as_ref();
    home.keys().sign(&SigningRequest { certificate, public, data: DATA, passphrase, at: at() })
}

/// gpg says that the signature is good, by which key, and when it was made.
fn assert_verifies(home: &OwnHome, signature: &str, signing_key: &str) {
    let lines = home.verify(DATA, signature);
    let valid = format!("[GNUPG:] VALIDSIG {signing_key} 2025-06-01 {}", at().unix());
    assert!(lines.iter().any(|line| line.starts_with(&valid)), "{lines:#?}");
    let other = home.verify(b"something else", signature);
    assert!(other.iter().any(|line| line.contains("BADSIG")), "{other:#?}");
}

#[test]
fn a_soft_key_signs_and_gpg_verifies() {
    let home = OwnHome::new();
    let cert = own("Own TEST <own@example.org>");
    home.put_soft_key(&cert);
    home.import(&public(&cert));
    let signing_key = cert.keys().subkeys().next().unwrap().key().fingerprint().to_hex();
    // It is found without its certificate being anywhere else.
    let signature = sign(&home, fingerprint(&cert), b"", None).unwrap();
    assert_verifies(&home, &signature, &signing_key);
    let keys = home.keys().list(at()).unwrap();
    let [key] = keys.as_slice() else { panic!("{keys:?}") };
    assert_eq!((&key.fingerprint, &key.certificate), (&signing_key, &cert.fingerprint().to_hex()));
    assert_eq!(key.name, "Own TEST <own@example.org>");
    assert_eq!((key.place, key.is_locked), (KeyPlace::SoftKey, false));
    // Before it was made it could not sign.
    assert_eq!(home.keys().list(Timestamp::parse("2024-01-01").unwrap()), Ok(Vec::new()));
}

#[test]
fn a_locked_soft_key_signs_with_its_passphrase_and_is_locked_again() {
    let home = OwnHome::new();
    let cert = own("Locked TEST");
    home.put_soft_key(&protected(&cert, PASSPHRASE));
    home.import(&public(&cert));
    let signing_key = cert.keys().subkeys().next().unwrap().key().fingerprint().to_hex();
    let locked = Err(OwnKeyError::Locked(signing_key.clone()));
    assert_eq!(sign(&home, fingerprint(&cert), b"", None), locked);
    for wrong in ["", "TEST", "TEST correct horse "] {
        let refused = sign(&home, fingerprint(&cert), b"", Some(wrong));
        assert_eq!(refused, Err(OwnKeyError::WrongPassphrase));
    }
    let signature = sign(&home, fingerprint(&cert), b"", Some(PASSPHRASE)).unwrap();
    assert_verifies(&home, &signature, &signing_key);
    assert_eq!(sign(&home, fingerprint(&cert), b"", None), locked);
    let keys = home.keys().list(at()).unwrap();
    assert!(keys[0].is_locked && keys[0].asked_by == AskedBy::Keyrite, "{keys:?}");
}

#[test]
fn a_key_of_gpg_agent_signs_once_its_certificate_was_offered() {
    let home = OwnHome::new();
    let cert = own("Agent TEST");
    home.import(&cert.as_tsk().to_vec().unwrap());
    let signing_key = cert.keys().subkeys().next().unwrap().key().fingerprint().to_hex();
    let public = public(&cert);
    let refused = sign(&home, fingerprint(&cert), &public, None).unwrap_err();
    let OwnKeyError::NotInFolder { folder, .. } = &refused else { panic!("{refused}") };
    assert_eq!(folder, home.certificates().to_str().unwrap());
    assert!(refused.remedies("transcript.json")[0].contains(folder));
    // Nothing was written before the yes.
    assert!(!home.certificates().exists());
    home.keys().offer_certificate(&public).unwrap();
    let keys = home.keys().list(at()).unwrap();
    assert_eq!((keys[0].place, keys[0].asked_by), (KeyPlace::GpgAgent, AskedBy::Pinentry));
    let signature = sign(&home, fingerprint(&cert), &public, None).unwrap();
    assert_verifies(&home, &signature, &signing_key);
    // Now it is found by its fingerprint alone, and the list says so.
    assert!(sign(&home, fingerprint(&cert), b"", None).is_ok());
    let outcome = home.run(&["own-keys"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(outcome.out.contains("Agent TEST\n") && outcome.out.contains(&signing_key));
    assert!(outcome.out.contains("with gpg-agent; needs no passphrase now"), "{outcome:?}");
}

#[test]
fn a_locked_key_of_gpg_agent_takes_the_passphrase_from_us() {
    let home = OwnHome::new();
    let cert = own("Agent TEST");
    let path =
        home.program.file("key.pgp", protected(&cert, PASSPHRASE).as_tsk().to_vec().unwrap());
    home.gpg.run(&["--passphrase", PASSPHRASE, "--import", path.to_str().unwrap()]);
    let public = public(&cert);
    home.keys().offer_certificate(&public).unwrap();
    home.gpg.forget_passphrases();
    assert!(home.keys().list(at()).unwrap()[0].is_locked);
    // Here is no pinentry that could ask.
    let signing_key = cert.keys().subkeys().next().unwrap().key().fingerprint().to_hex();
    let refused = sign(&home, fingerprint(&cert), &public, None);
    assert_eq!(refused, Err(OwnKeyError::Locked(signing_key.clone())));
    let refused = sign(&home, fingerprint(&cert), &public, Some("TEST"));
    assert_eq!(refused, Err(OwnKeyError::WrongPassphrase));
    let signature = sign(&home, fingerprint(&cert), &public, Some(PASSPHRASE)).unwrap();
    assert_verifies(&home, &signature, &signing_key);
}

#[test]
fn pinentry_asks_where_no_passphrase_is_given() {
    let home = OwnHome::new();
    let cert = own("Agent TEST");
    let path =
        home.program.file("key.pgp", protected(&cert, PASSPHRASE).as_tsk().to_vec().unwrap());
    home.gpg.run(&["--passphrase", PASSPHRASE, "--import", path.to_str().unwrap()]);
    home.import(&public(&cert));
    home.keys().offer_certificate(&public(&cert)).unwrap();
    home.gpg.use_pinentry_that_answers(PASSPHRASE);
    let signature = sign(&home, fingerprint(&cert), b"", None).unwrap();
    let signing_key = cert.keys().subkeys().next().unwrap().key().fingerprint().to_hex();
    assert_verifies(&home, &signature, &signing_key);
    // The agent remembers it for its own time, which the list tells.
    assert!(!home.keys().list(at()).unwrap()[0].is_locked);
}

#[test]
fn what_is_not_found_is_told_with_what_to_do() {
    let home = OwnHome::new();
    let cert = own("Elsewhere TEST");
    let unknown = sign(&home, fingerprint(&cert), b"", None).unwrap_err();
    assert_eq!(unknown, OwnKeyError::NoCertificate(cert.fingerprint().to_hex()));
    home.keys().offer_certificate(&public(&cert)).unwrap();
    let without_key = sign(&home, fingerprint(&cert), b"", None).unwrap_err();
    assert!(matches!(without_key, OwnKeyError::NotFound { .. }), "{without_key}");
    let certifier = certificate(&["TEST"], &KeySpec::new("C", "2025-01-01", None), &[]);
    home.put_soft_key(&certifier);
    let no_signer = sign(&home, fingerprint(&certifier), b"", None).unwrap_err();
    assert!(matches!(no_signer, OwnKeyError::NoSigningKey(_)), "{no_signer}");
    for error in [unknown, without_key, no_signer] {
        assert!(error.to_string().ends_with("nothing was signed"), "{error}");
        let bring = "gpg signs it as well: gpg --detach-sign --armor t.json makes t.json.asc";
        assert_eq!(error.remedies("t.json").last().unwrap(), bring);
    }
}

#[test]
fn an_offered_certificate_is_joined_with_what_is_there_and_never_a_secret() {
    let home = OwnHome::new();
    let cert = own("First TEST");
    home.keys().offer_certificate(&public(&cert)).unwrap();
    let only_primary = cert.clone().retain_subkeys(|_| false);
    home.keys().offer_certificate(&public(&only_primary)).unwrap();
    let hex = cert.fingerprint().to_hex().to_lowercase();
    let file = home.certificates().join(&hex[..2]).join(&hex[2..]);
    let kept = Cert::from_bytes(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(kept.keys().subkeys().count(), 1);
    // A folder that cannot be is told with the system's words.
    let nowhere = home.keys().with("PGP_CERT_D", file.join("folder"));
    let refused = nowhere.offer_certificate(&public(&cert)).unwrap_err();
    assert!(refused.to_string().contains("Not a directory"), "{refused}");
    let refused = home.keys().offer_certificate(&cert.as_tsk().to_vec().unwrap()).unwrap_err();
    assert!(refused.to_string().contains("it holds a secret key"), "{refused}");
    assert_eq!(Cert::from_bytes(&std::fs::read(&file).unwrap()).unwrap(), kept);
}

#[test]
fn no_passphrase_is_handed_to_a_server_of_somebody_else() {
    let home = OwnHome::new();
    let cert = own("Locked TEST");
    home.put_soft_key(&protected(&cert, PASSPHRASE));
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap().to_string();
    let cookie = [vec![7; 32], address.clone().into_bytes()].concat();
    std::fs::write(home.keystore().join("keystore.cookie"), cookie).unwrap();
    let refused = sign(&home, fingerprint(&cert), b"", Some(PASSPHRASE));
    assert_eq!(refused, Err(OwnKeyError::ServedByOthers(address)));
    // What is left of one that has ended is in nobody's way.
    drop(server);
    assert!(sign(&home, fingerprint(&cert), b"", Some(PASSPHRASE)).is_ok());
}

#[test]
fn an_empty_list_says_what_is_looked_for() {
    let home = OwnHome::new();
    let outcome = home.run(&["own-keys"]);
    assert_eq!((outcome.code, outcome.err.as_str()), (Some(0), ""), "{outcome:?}");
    assert!(outcome.out.starts_with("No key of yours is found that could sign."), "{outcome:?}");
    let json = home.run(&["own-keys", "--json"]).json();
    assert_eq!(json["schema"], "keyrite.own-keys/1");
    assert_eq!(json["keys"], serde_json::json!([]));
    home.put_soft_key(&protected(&own("Own TEST\u{202e}"), PASSPHRASE));
    let json = home.run(&["own-keys", "--json"]).json();
    assert_eq!(json["keys"][0]["place"], "soft-key");
    assert_eq!(json["keys"][0]["is_locked"], true);
    assert!(json["keys"][0]["name"].as_str().unwrap().contains("\\u{202e}"), "{json}");
}

#[test]
fn the_helper_refuses_what_is_no_request() {
    let home = OwnHome::new();
    for input in [b"".as_slice(), b"hello", &[0xff; 64], b"\0\0\0\x02{}"] {
        let outcome = home.program.run_with(&["own-keys", "answer"], input);
        assert_eq!((outcome.code, outcome.out.as_str()), (Some(1), ""), "{outcome:?}");
    }
}
