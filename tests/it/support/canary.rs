//! Secrets that are known, and the search for them in everything that the
//! program leaves behind.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sequoia_openpgp::Cert;
use sequoia_openpgp::crypto::mpi::SecretKeyMaterial as Mpis;
use sequoia_openpgp::packet::key::SecretKeyMaterial;
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::serialize::MarshalInto as _;

use super::hall::{Hall, Sat};
use super::invariants::contents;

/// What was seen of a run, by the channel on which it was seen.
pub(crate) type Evidence = BTreeMap<String, Vec<u8>>;

/// A secret in one of its forms.
pub(crate) struct Needle {
    pub(crate) form: String,
    pub(crate) bytes: Vec<u8>,
}

/// A secret in all forms in which one gets out, each half by itself, so that a
/// part is found, too.
pub(crate) fn needles(name: &str, secret: &[u8]) -> Vec<Needle> {
    let (first, second) = secret.split_at(secret.len() / 2);
    assert!(first.len() >= 8, "too short to be told from chance");
    let mut all = Vec::new();
    for half in [first, second] {
        let mut add = |form: &str, bytes: Vec<u8>| {
            all.push(Needle { form: format!("{name}, {form}"), bytes });
        };
        add("raw", half.to_vec());
        add("reversed", half.iter().rev().copied().collect());
        let hex: String = half.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        add("HEX", hex.to_uppercase().into_bytes());
        add("hex", hex.into_bytes());
        add("UTF-16LE", half.iter().flat_map(|byte| [*byte, 0]).collect());
        add("UTF-16BE", half.iter().flat_map(|byte| [0, *byte]).collect());
        // Wherever in a text it begins; less what its neighbours change.
        for (shift, lost) in [(0, 0), (1, 2), (2, 3)] {
            let text = openssl::base64::encode_block(&[&vec![0; shift][..], half].concat());
            let whole = text.trim_end_matches('=').len() - 1;
            add("base64", text.as_bytes()[lost..whole].to_vec());
        }
    }
    all
}

/// The secret numbers of the keys of a file that a passphrase protects.
pub(crate) fn key_material(file: &[u8], passphrase: &[u8]) -> Vec<Vec<u8>> {
    let cert = Cert::from_bytes(file).unwrap();
    let keys = cert.keys().secret();
    keys.filter_map(|key| {
        let opened = key.key().clone().decrypt_secret(&passphrase.into()).ok()?;
        let SecretKeyMaterial::Unencrypted(plain) = opened.secret().clone() else { return None };
        // Behind the two bytes with its length.
        Some(plain.map(|numbers: &Mpis| numbers.to_vec().unwrap()[2..].to_vec()))
    })
    .collect()
}

/// Memory is looked through as a whole, so that passphrases of tests that run at
/// once begin and end differently: parts of them are looked for, too.
///
/// Everything that was written, said, or handed to programs: files now, files
/// of any time, both streams, arguments and environments.
pub(crate) fn evidence(hall: &Hall, sat: &Sat, trace: &Path) -> Evidence {
    let mut evidence = Evidence::new();
    evidence.insert("standard output".to_owned(), sat.out.clone().into_bytes());
    evidence.insert("standard error".to_owned(), sat.err.clone().into_bytes());
    let media = hall.medium("");
    for folder in [hall.path(""), "/dev/shm".into()] {
        for (path, bytes) in contents(&folder) {
            if !path.starts_with(&media) && path != trace {
                evidence.insert(format!("file {}", path.display()), bytes);
            }
        }
    }
    let text = fs::read(trace).unwrap();
    let lines = text.split(|byte| *byte == b'\n').map(decoded).enumerate();
    for (number, line) in lines {
        let shown = String::from_utf8_lossy(&line[..line.len().min(300)]).into_owned();
        if shown.contains(" execve(") {
            evidence.insert(format!("arguments and environment {number}"), line);
        } else if shown.contains(" write(") && is_kept(&shown, &media) {
            evidence.insert(format!("written, line {number}"), line);
        }
    }
    evidence
}

/// Whether what a closed process writes can be seen as it writes it: the system
/// shows its memory to root only. For others there is what is left behind.
pub(crate) fn sees_writes() -> bool {
    rustix::process::geteuid().is_root()
}

/// Whether a write goes to something that stays: no medium, and no pipe
/// between processes.
fn is_kept(shown: &str, media: &Path) -> bool {
    let other = [media.to_str().unwrap(), "<pipe:", "<socket:", "<UNIX"];
    !other.iter().any(|other| shown.contains(other))
}

/// A line of a trace in which all strings are hexadecimal, as it was meant.
fn decoded(line: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(line.len());
    let mut rest = line;
    while let [first, tail @ ..] = rest {
        if let [b'\\', b'x', high, low, behind @ ..] = rest
            && let Ok(digits) = std::str::from_utf8(&[*high, *low])
            && let Ok(byte) = u8::from_str_radix(digits, 16)
        {
            plain.push(byte);
            rest = behind;
        } else {
            plain.push(*first);
            rest = tail;
        }
    }
    plain
}

/// On which channels a secret is found, and in which forms.
pub(crate) fn search(evidence: &Evidence, needles: &[Needle]) -> Vec<String> {
    let mut found = Vec::new();
    for (channel, bytes) in evidence {
        for needle in needles {
            if bytes.windows(needle.bytes.len()).any(|part| part == needle.bytes) {
                found.push(format!("{channel}: {}", needle.form));
            }
        }
    }
    found
}
