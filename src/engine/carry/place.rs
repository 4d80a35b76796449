//! The files of a workspace that are carried. Everything else stays behind,
//! and is refused where it comes.

use crate::engine::audit::{Writer, is_run};
use crate::engine::chain::Digest;

/// What a file of a workspace is, by its place; a closed list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// `keyrite.toml`.
    Declared,
    /// `certs/<FPR>.asc`, `people/<FPR>.asc`: the certificate with that
    /// fingerprint, in upper-case digits.
    Certificate(String),
    /// `audit/<writer>.jsonl`: it only grows.
    Chain(Writer),
    /// `runs/<run>/journal.jsonl`: it only grows.
    Journal(String),
    /// `runs/<run>/artifacts/<sha256>`: bytes of that digest.
    Artifact(Digest),
    /// What is written once: transcripts, signatures, checkpoints, what was
    /// set aside.
    Kept,
    /// `observed/<writer>/<target>.json`.
    Observed,
}

impl Place {
    /// Reads a path with `/` between its names; absent where keyrite writes
    /// none such.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let names: Vec<_> = path.split('/').collect();
        match names.as_slice() {
            ["keyrite.toml"] => Some(Self::Declared),
            ["certs" | "people", name] => {
                let fingerprint = name.strip_suffix(".asc").filter(|name| is_fingerprint(name))?;
                Some(Self::Certificate(fingerprint.to_owned()))
            }
            ["audit", name] => match name.strip_suffix(".jsonl") {
                Some(writer) => Writer::parse(writer).map(Self::Chain),
                None => is_torn_tail(name).then_some(Self::Kept),
            },
            ["audit", "checkpoints", name] => is_of_a_checkpoint(name).then_some(Self::Kept),
            ["runs", run, rest @ ..] if is_run(run) => Self::in_run(run, rest),
            ["observed", writer, name] => {
                Writer::parse(writer)?;
                let is_target = name.strip_suffix(".json").is_some_and(is_plain);
                is_target.then_some(Self::Observed)
            }
            _ => None,
        }
    }

    fn in_run(run: &str, rest: &[&str]) -> Option<Self> {
        match *rest {
            ["journal.jsonl"] => Some(Self::Journal(run.to_owned())),
            ["artifacts", name] => {
                Digest::parse(name).filter(|digest| digest.hex() == name).map(Self::Artifact)
            }
            ["sheet.txt" | "transcript.json" | "transcript.md"] => Some(Self::Kept),
            [name] => {
                let aside = ["journal.torn-", "journal.forked-"];
                let aside = aside.iter().find_map(|before| name.strip_prefix(before));
                let is_aside = aside.is_some_and(|hex| {
                    Digest::parse(hex).is_some_and(|digest| digest.hex() == hex)
                });
                let signer = name.strip_prefix("transcript.json.");
                let signer = signer.and_then(|rest| rest.strip_suffix(".asc"));
                (is_aside || signer.is_some_and(is_fingerprint)).then_some(Self::Kept)
            }
            _ => None,
        }
    }

    /// Whether its lines are only ever added to.
    #[must_use]
    pub const fn only_grows(&self) -> bool {
        matches!(self, Self::Chain(_) | Self::Journal(_))
    }

    /// Whether one that is not here yet speaks for itself: certificates and
    /// what is declared decide whom people trust, and are never just taken.
    #[must_use]
    pub const fn is_taken_when_new(&self) -> bool {
        !matches!(self, Self::Declared | Self::Certificate(_))
    }
}

fn is_fingerprint(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'))
}

fn is_torn_tail(name: &str) -> bool {
    name.split_once(".torn-").is_some_and(|(writer, place)| {
        let is_number = |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit());
        Writer::parse(writer).is_some()
            && place.split('-').count() <= 2
            && place.split('-').all(is_number)
    })
}

fn is_of_a_checkpoint(name: &str) -> bool {
    let is_text = |name: &str| {
        let place = name.strip_suffix(".txt").and_then(|name| name.rsplit_once('-'));
        place.is_some_and(|(writer, seq)| {
            Writer::parse(writer).is_some()
                && !seq.is_empty()
                && seq.bytes().all(|b| b.is_ascii_digit())
        })
    };
    let signed = name.strip_suffix(".asc").and_then(|name| name.rsplit_once('.'));
    is_text(name) || signed.is_some_and(|(text, signer)| is_text(text) && is_fingerprint(signer))
}

/// Whether it is a name that no file system and no terminal minds.
fn is_plain(name: &str) -> bool {
    name.len() <= 128
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FPR: &str = "7E6A3F1942C80B5DD19E54A7A3C1F08E6B2D9A47";
    const RUN: &str = "runs/20261120T140200Z-abcdefgh";

    #[test]
    fn what_keyrite_writes_is_known() {
        let digest = Digest::of(b"x");
        for (path, place) in [
            ("keyrite.toml".to_owned(), Place::Declared),
            (format!("certs/{FPR}.asc"), Place::Certificate(FPR.to_owned())),
            (
                "audit/al-0a1b2c3d.jsonl".to_owned(),
                Place::Chain(Writer::parse("al-0a1b2c3d").unwrap()),
            ),
            ("audit/al-0a1b2c3d.torn-17".to_owned(), Place::Kept),
            ("audit/checkpoints/al-0a1b2c3d-17.txt".to_owned(), Place::Kept),
            (format!("audit/checkpoints/al-0a1b2c3d-17.txt.{FPR}.asc"), Place::Kept),
            (
                format!("{RUN}/journal.jsonl"),
                Place::Journal("20261120T140200Z-abcdefgh".to_owned()),
            ),
            (format!("{RUN}/artifacts/{}", digest.hex()), Place::Artifact(digest)),
            (format!("{RUN}/transcript.json.{FPR}.asc"), Place::Kept),
            (format!("{RUN}/journal.torn-{}", digest.hex()), Place::Kept),
            ("observed/al-0a1b2c3d/wkd.json".to_owned(), Place::Observed),
        ] {
            assert_eq!(Place::of(&path), Some(place), "{path}");
        }
    }

    #[test]
    fn nothing_else_is_and_no_path_leads_elsewhere() {
        for path in [
            "",
            "/keyrite.toml",
            "./keyrite.toml",
            "../keyrite.toml",
            "keyrite.toml/",
            "keyrite.toml\n",
            ".gitattributes",
            "certs/../keyrite.toml",
            "certs//x.asc",
            "certs/alice.asc",
            "certs/7e6a3f1942c80b5dd19e54a7a3c1f08e6b2d9a47.asc",
            "audit/.al-0a1b2c3d.jsonl.new",
            "audit/checkpoints/x.txt",
            "audit/al-0a1b2c3d.torn-",
            "runs/x/journal.jsonl",
            "runs/20261120T140200Z-abcdefgh",
            "runs/20261120T140200Z-abcdefgh/root.pgp",
            "runs/20261120T140200Z-abcdefgh/artifacts/00",
            "runs/20261120T140200Z-abcdefgh/artifacts/../journal.jsonl",
            "observed/al-0a1b2c3d/.json",
            "observed/al-0a1b2c3d/a\u{1b}b.json",
            "autorun.inf",
        ] {
            assert_eq!(Place::of(path), None, "{path}");
        }
    }
}
