//! What a carry holds, by whom, and which runs go with it.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::{KIND, MAX_FILE, MAX_FILES, MAX_TOTAL, Place};
use crate::domain::timestamp::Timestamp;
use crate::domain::worded::Worded as _;
use crate::domain::workspace::Environment;
use crate::engine::audit::{Head, Writer, is_person, is_run};
use crate::engine::chain::{self, Digest};

/// A file of a carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Of its bytes.
    pub digest: Digest,
    /// How many they are.
    pub size: u64,
}

/// What stands in `manifest.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// 32 hexadecimal digits of chance.
    pub id: String,
    /// When it was made, by the clock there.
    pub at: Timestamp,
    /// Whose workspace.
    pub team: String,
    /// Whose trust is at stake.
    pub environment: Environment,
    /// The version of the program that made it.
    pub keyrite: String,
    /// The ceremonies of that program, with their versions.
    pub ceremonies: BTreeMap<String, u32>,
    /// Who made it.
    pub by: String,
    /// The audit chain of that person at that machine.
    pub writer: Writer,
    /// Its last line.
    pub head: Head,
    /// All files.
    pub files: BTreeMap<String, Listed>,
    /// The runs that are handed over, each with the carry that its journal
    /// names: this one, or an earlier one that never arrived.
    pub runs: BTreeMap<String, String>,
}

/// Why a manifest cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadManifest {
    /// It is spelled otherwise than keyrite does.
    #[error("it is not the list of a carry, or was changed")]
    Spelling,
    /// It is of a later kind.
    #[error("it was made by a later keyrite")]
    OtherKind,
    /// A member is not what it should be.
    #[error("its '{0}' is not what it should be")]
    Member(&'static str),
    /// It lists a file that keyrite does not carry.
    #[error("it lists '{0}', which is no file of a workspace that is carried")]
    Unknown(crate::domain::text::VisibleText),
    /// More than any workspace has.
    #[error("it lists more, or larger, files than any workspace has")]
    TooMuch,
}

const MEMBERS: [&str; 12] = [
    "at",
    "by",
    "ceremonies",
    "environment",
    "files",
    "head",
    "id",
    "keyrite",
    "runs",
    "schema",
    "team",
    "writer",
];

impl Manifest {
    /// The document, without its line feed.
    #[must_use]
    pub fn text(&self) -> String {
        let files: Map<_, _> = self
            .files
            .iter()
            .map(|(path, Listed { digest, size })| {
                (path.clone(), json!({ "sha256": digest.hex(), "size": size }))
            })
            .collect();
        let document = json!({
            "at": self.at.unix(),
            "by": self.by,
            "ceremonies": self.ceremonies,
            "environment": self.environment.word(),
            "files": files,
            "head": { "hash": self.head.hash.to_string(), "seq": self.head.seq },
            "id": self.id,
            "keyrite": self.keyrite,
            "runs": self.runs,
            "schema": KIND,
            "team": self.team,
            "writer": self.writer.as_str(),
        });
        document.as_object().map(chain::canonical).unwrap_or_default()
    }

    /// What both sides compare.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of_kind(KIND, self.text().as_bytes())
    }

    /// Reads the document, strictly: it has one spelling.
    pub fn parse(bytes: &[u8]) -> Result<Self, BadManifest> {
        let line = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let members = chain::read(line).map_err(|_| BadManifest::Spelling)?;
        match members.get("schema").and_then(Json::as_str) {
            Some(KIND) => {}
            Some(other) if other.starts_with("keyrite.carry/") => {
                return Err(BadManifest::OtherKind);
            }
            _ => return Err(BadManifest::Spelling),
        }
        if !members.keys().eq(MEMBERS) {
            return Err(BadManifest::Spelling);
        }
        let read = Members(&members);
        let manifest = Self {
            id: read.get("id", |json| json.as_str().filter(|id| is_id(id)).map(str::to_owned))?,
            at: read.get("at", Json::as_i64).map(Timestamp::from_unix)?,
            team: read.get("team", text)?,
            environment: read.get("environment", |json| Environment::from_word(json.as_str()?))?,
            keyrite: read.get("keyrite", text)?,
            ceremonies: read.get("ceremonies", |json| map(json, version))?,
            by: read.get("by", |json| text(json).filter(|by| is_person(by)))?,
            writer: read.get("writer", |json| Writer::parse(json.as_str()?))?,
            head: read.get("head", head)?,
            files: read.get("files", |json| map(json, listed))?,
            runs: read.get("runs", |json| map(json, |id| text(id).filter(|id| is_id(id))))?,
        };
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), BadManifest> {
        if let Some(path) = self.files.keys().find(|path| Place::of(path).is_none()) {
            let path = crate::domain::text::VisibleText::from_text(path);
            return Err(BadManifest::Unknown(path));
        }
        let sizes = self.files.values().map(|file| file.size);
        let total = sizes.clone().try_fold(0u64, u64::checked_add);
        let is_bounded = self.files.len() <= MAX_FILES
            && sizes.max().is_none_or(|size| size <= MAX_FILE)
            && total.is_some_and(|total| total <= MAX_TOTAL);
        if !is_bounded {
            return Err(BadManifest::TooMuch);
        }
        let journal = |run: &String| format!("runs/{run}/journal.jsonl");
        if !self.runs.keys().all(|run| is_run(run) && self.files.contains_key(&journal(run))) {
            return Err(BadManifest::Member("runs"));
        }
        if !self.files.contains_key("keyrite.toml") {
            return Err(BadManifest::Member("files"));
        }
        Ok(())
    }

    /// How the program that made it differs from this one, where that
    /// matters to runs.
    #[must_use]
    pub fn other_versions(&self, keyrite: &str, ceremonies: &BTreeMap<String, u32>) -> Vec<String> {
        let mut told = Vec::new();
        if self.keyrite != keyrite {
            let theirs = crate::domain::text::VisibleText::from_text(&self.keyrite);
            told.push(format!("keyrite is {theirs} there, and {keyrite} here"));
        }
        let all: std::collections::BTreeSet<_> =
            self.ceremonies.keys().chain(ceremonies.keys()).collect();
        for id in all {
            let (there, here) = (self.ceremonies.get(id), ceremonies.get(id));
            if there != here {
                let word = |version: Option<&u32>| match version {
                    Some(version) => format!("version {version}"),
                    None => "unknown".to_owned(),
                };
                let id = crate::domain::text::VisibleText::from_text(id);
                told.push(format!("{id} is {} there, and {} here", word(there), word(here)));
            }
        }
        told
    }
}

struct Members<'a>(&'a Map<String, Json>);

impl Members<'_> {
    fn get<T>(
        &self,
        name: &'static str,
        read: impl Fn(&Json) -> Option<T>,
    ) -> Result<T, BadManifest> {
        self.0.get(name).and_then(read).ok_or(BadManifest::Member(name))
    }
}

fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn text(json: &Json) -> Option<String> {
    json.as_str().map(str::to_owned)
}

fn version(json: &Json) -> Option<u32> {
    u32::try_from(json.as_u64()?).ok()
}

fn map<T>(json: &Json, read: impl Fn(&Json) -> Option<T>) -> Option<BTreeMap<String, T>> {
    let members = json.as_object()?.iter();
    members.map(|(name, json)| Some((name.clone(), read(json)?))).collect()
}

fn head(json: &Json) -> Option<Head> {
    let head = json.as_object().filter(|head| head.keys().eq(["hash", "seq"]))?;
    let seq = head.get("seq")?.as_u64()?;
    Some(Head { seq, hash: Digest::parse(head.get("hash")?.as_str()?)? })
}

fn listed(json: &Json) -> Option<Listed> {
    let file = json.as_object().filter(|file| file.keys().eq(["sha256", "size"]))?;
    let digest = Digest::parse(file.get("sha256")?.as_str()?)?;
    Some(Listed { digest, size: file.get("size")?.as_u64()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let file = |bytes: &[u8]| Listed { digest: Digest::of(bytes), size: 3 };
        let run = "20261120T140200Z-abcdefgh";
        Manifest {
            id: "0123456789abcdef0123456789abcdef".to_owned(),
            at: Timestamp::from_unix(1_795_183_320),
            team: "TEST".to_owned(),
            environment: Environment::Rehearsal,
            keyrite: "0.1.0".to_owned(),
            ceremonies: BTreeMap::from([("root-generation".to_owned(), 1)]),
            by: "alice".to_owned(),
            writer: Writer::parse("alice-0a1b2c3d").unwrap(),
            head: Head { seq: 7, hash: Digest::of(b"head") },
            files: BTreeMap::from([
                ("keyrite.toml".to_owned(), file(b"a")),
                (format!("runs/{run}/journal.jsonl"), file(b"b")),
            ]),
            runs: BTreeMap::from([(run.to_owned(), "0123456789abcdef0123456789abcdef".to_owned())]),
        }
    }

    #[test]
    fn it_is_read_as_it_was_written_and_each_change_shows() {
        let manifest = manifest();
        let text = manifest.text();
        assert_eq!(Manifest::parse(text.as_bytes()), Ok(manifest.clone()));
        assert_eq!(Manifest::parse(format!("{text}\n").as_bytes()), Ok(manifest.clone()));
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let other = Manifest::parse(&bytes).map(|other| other.digest());
            assert_ne!(other, Ok(manifest.digest()), "{at}");
        }
    }

    #[test]
    fn what_no_workspace_has_is_refused() {
        let changed = |change: &dyn Fn(&mut Manifest)| {
            let mut manifest = manifest();
            change(&mut manifest);
            Manifest::parse(manifest.text().as_bytes()).unwrap_err().to_string()
        };
        let file = |size| Listed { digest: Digest::of(b"x"), size };
        let add = |path: &str| {
            let path = path.to_owned();
            changed(&move |m| {
                m.files.insert(path.clone(), file(1));
            })
        };
        assert!(add("../x").contains("'../x', which is no file"));
        assert!(add("autorun.inf").contains("no file of a workspace"));
        assert!(add("a\u{1b}[2J").contains("no file of a workspace"));
        assert!(!add("a\u{1b}[2J").contains('\u{1b}'));
        let large = changed(&|m| {
            m.files.insert("keyrite.toml".into(), file(MAX_FILE + 1));
        });
        assert!(large.contains("larger"), "{large}");
        assert!(changed(&|m| m.id = "x".into()).contains("'id'"));
        assert!(changed(&|m| m.files.clear()).contains("'runs'"));
        let stray = changed(&|m| {
            m.runs.insert("20261120T140200Z-bbbbbbbb".into(), m.id.clone());
        });
        assert!(stray.contains("'runs'"), "{stray}");
        let later = manifest().text().replace("keyrite.carry/1", "keyrite.carry/2");
        assert_eq!(Manifest::parse(later.as_bytes()), Err(BadManifest::OtherKind));
    }

    #[test]
    fn other_versions_are_told() {
        let manifest = manifest();
        assert_eq!(manifest.other_versions("0.1.0", &manifest.ceremonies), Vec::<String>::new());
        let here = BTreeMap::from([("root-generation".to_owned(), 2), ("review".to_owned(), 1)]);
        let told = manifest.other_versions("0.2.0", &here).join("; ");
        assert_eq!(
            told,
            "keyrite is 0.1.0 there, and 0.2.0 here; review is unknown there, and version 1 here; \
             root-generation is version 1 there, and version 2 here"
        );
    }
}
