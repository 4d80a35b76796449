//! The folder of a team: `keyrite.toml`, and the certificates beside it.

mod create;

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

pub use self::create::{Founding, create};
use super::sources::read_file;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::schedule::{Blackout, Progress};
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::domain::workspace::{Consumer, Environment, Person, Problem, Workspace};

/// The name of the file in which a team writes down its keys.
pub const FILE: &str = "keyrite.toml";
/// The folder of the certificates.
pub const CERTS: &str = "certs";
/// The schema of the file that this program writes and reads.
const SCHEMA: i64 = 1;

/// Why a workspace cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// There is none.
    #[error("{0} is no workspace: it has no {FILE}")]
    Missing(VisibleText),
    /// The file cannot be read.
    #[error("{path}: {message}")]
    Unreadable {
        /// The file.
        path: VisibleText,
        /// Why.
        message: String,
    },
    /// It was written for another version of this program.
    #[error(
        "{path}: schema {schema}, and this keyrite knows up to {SCHEMA}: use a newer keyrite; nothing was changed"
    )]
    TooNew {
        /// The file.
        path: VisibleText,
        /// The schema it says.
        schema: i64,
    },
    /// Lines that cannot be understood, or that contradict each other.
    #[error("{}", lines(path, problems))]
    Wrong {
        /// The file.
        path: VisibleText,
        /// What is wrong.
        problems: Vec<Problem>,
    },
    /// The folder cannot be written.
    #[error("{path}: {message}")]
    Unwritable {
        /// The file or folder.
        path: VisibleText,
        /// Why.
        message: String,
    },
}

fn lines(path: &VisibleText, problems: &[Problem]) -> String {
    let line = |p: &Problem| format!("{path}:{}: {}", p.line, p.message);
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[expect(dead_code, reason = "it was looked at before")]
    schema: i64,
    name: String,
    environment: Word<Environment>,
    profile: Spanned<String>,
    #[serde(default)]
    people: Vec<PersonTable>,
    #[serde(default)]
    consumers: Vec<ConsumerTable>,
    #[serde(default)]
    blackouts: Vec<BlackoutTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonTable {
    id: Spanned<String>,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConsumerTable {
    id: Spanned<String>,
    #[serde(default)]
    label: String,
    certificate: Word<Fingerprint>,
    subkey: Option<Word<Fingerprint>>,
    owner: Option<String>,
    progress: Option<Word<Progress>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BlackoutTable {
    reason: String,
    from: Word<Timestamp>,
    until: Word<Timestamp>,
}

/// A value that is written as a word.
#[derive(Deserialize)]
#[serde(try_from = "String", bound(deserialize = "T: FromWord"))]
struct Word<T: FromWord>(T);

trait FromWord: Sized {
    fn from_word(word: &str) -> Result<Self, String>;
}

impl<T: FromWord> TryFrom<String> for Word<T> {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        T::from_word(&word).map(Self)
    }
}

impl FromWord for Environment {
    fn from_word(word: &str) -> Result<Self, String> {
        let known = Environment::ALL.map(Environment::word).join(", ");
        Self::from_word(word)
            .ok_or_else(|| format!("'{word}' is no environment; there are {known}"))
    }
}

impl FromWord for Fingerprint {
    fn from_word(word: &str) -> Result<Self, String> {
        let claim = crate::domain::claim::read_claim(word);
        claim.map(|claim| claim.fingerprint).map_err(|error| format!("no fingerprint: {error}"))
    }
}

impl FromWord for Progress {
    fn from_word(word: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|progress| progress.word() == word);
        let known = Self::ALL.map(Self::word).join(", ");
        found.ok_or_else(|| format!("'{word}' is no step of a rotation; there are {known}"))
    }
}

impl FromWord for Timestamp {
    fn from_word(word: &str) -> Result<Self, String> {
        Self::parse(word).map_err(|error| error.to_string())
    }
}

/// Reads the workspace in `folder`, strictly.
pub fn read(folder: &Path, profiles: &[&str]) -> Result<Workspace, WorkspaceError> {
    let path = folder.join(FILE);
    let shown = VisibleText::from_bytes(path.as_os_str().as_encoded_bytes());
    if !path.exists() {
        let folder = VisibleText::from_bytes(folder.as_os_str().as_encoded_bytes());
        return Err(WorkspaceError::Missing(folder));
    }
    let unreadable = |message: String| WorkspaceError::Unreadable { path: shown.clone(), message };
    let bytes = read_file(&path).map_err(|error| unreadable(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable("not UTF-8".to_owned()))?;
    parse(&text, &shown, profiles)
}

fn parse(text: &str, path: &VisibleText, profiles: &[&str]) -> Result<Workspace, WorkspaceError> {
    let wrong = |problems| WorkspaceError::Wrong { path: path.clone(), problems };
    let line = |at: usize| 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
    let syntax = |error: &toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start);
        wrong(vec![Problem { line: line(at), message: explain(error.message()) }])
    };
    // A newer file may have fields that are unknown here; that is said first.
    let table: toml::Table = toml::from_str(text).map_err(|error| syntax(&error))?;
    if let Some(schema) = table.get("schema").and_then(toml::Value::as_integer)
        && schema > SCHEMA
    {
        return Err(WorkspaceError::TooNew { path: path.clone(), schema });
    }
    let document: Document = toml::from_str(text).map_err(|error| syntax(&error))?;
    // The file comes from others by git: their text is spelled out like any.
    let seen = |text: &str| VisibleText::from_text(text).into_string();
    let profile = seen(document.profile.get_ref());
    let mut problems = Vec::new();
    if !profiles.contains(&profile.as_str()) {
        let near = nearest(&profile, profiles.iter().copied());
        let message = format!("no profile is called '{profile}'; {near}");
        problems.push(Problem { line: line(document.profile.span().start), message });
    }
    let consumer = |table: ConsumerTable| Consumer {
        line: line(table.id.span().start),
        id: seen(table.id.get_ref()),
        label: seen(&table.label),
        certificate: table.certificate.0,
        subkey: table.subkey.map(|word| word.0),
        owner: table.owner.map(|owner| seen(&owner)),
        progress: table.progress.map_or(Progress::Nothing, |word| word.0),
    };
    let workspace = Workspace {
        name: seen(&document.name),
        environment: document.environment.0,
        profile,
        people: document
            .people
            .into_iter()
            .map(|table| Person {
                line: line(table.id.span().start),
                id: seen(table.id.get_ref()),
                name: seen(&table.name),
            })
            .collect(),
        consumers: document.consumers.into_iter().map(consumer).collect(),
        blackouts: document
            .blackouts
            .into_iter()
            .map(|b| Blackout { reason: seen(&b.reason), from: b.from.0, until: b.until.0 })
            .collect(),
    };
    problems.extend(workspace.problems());
    if problems.is_empty() { Ok(workspace) } else { Err(wrong(problems)) }
}

/// The library's message, with what is nearest to an unknown field.
fn explain(message: &str) -> String {
    let message = VisibleText::from_text(message).into_string();
    let mut quoted = message.split('`').skip(1).step_by(2);
    match (message.starts_with("unknown field"), quoted.next()) {
        (true, Some(unknown)) => {
            let near = nearest(unknown, quoted);
            format!("there is no field '{unknown}' here; {near}")
        }
        _ => message.trim_end().to_owned(),
    }
}

fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<_> = known.collect();
    let near = known
        .iter()
        .max_by(|a, b| strsim::jaro_winkler(word, a).total_cmp(&strsim::jaro_winkler(word, b)));
    match near {
        Some(near) if strsim::jaro_winkler(word, near) > 0.8 => format!("did you mean '{near}'?"),
        _ => format!("there are {}", known.join(", ")),
    }
}

/// The workspace that `folder`, or a folder above it, is in.
#[must_use]
pub fn find(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|folder| folder.join(FILE).is_file()).map(Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FPR: &str = "7E6A3F1942C80B5DD19E54A7A3C1F08E6B2D9A47";

    fn file(more: &str) -> String {
        format!(
            "schema = 1\nname = \"TEST\"\nenvironment = \"production\"\nprofile = \"strict\"\n{more}"
        )
    }

    fn error(text: &str) -> String {
        parse(text, &VisibleText::from_text("k.toml"), &["strict", "small-team"])
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_whole_file_is_read() {
        let text = file(&format!(
            "[[people]]\nid = \"a\"\nname = \"A TEST\"\n[[consumers]]\nid = \"ci\"\n\
             certificate = \"{FPR}\"\nowner = \"a\"\nprogress = \"published\"\n[[blackouts]]\n\
             reason = \"holidays\"\nfrom = \"2026-12-20\"\nuntil = \"2027-01-06\"\n"
        ));
        let workspace = parse(&text, &VisibleText::default(), &["strict"]).unwrap();
        assert_eq!(workspace.consumers[0].progress, Progress::Published);
        assert_eq!((workspace.people[0].line, workspace.consumers[0].line), (6, 9));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_what_is_near() {
        let twins = format!(
            "[[consumers]]\nid = \"a\"\ncertificate = \"{FPR}\"\nsubkey = \"{FPR}\"\n\
             [[consumers]]\nid = \"b\"\ncertificate = \"{FPR}\"\nsubkey = \"{FPR}\"\nowner = \"x\"\n"
        );
        for (text, wanted) in [
            (file("nam = 1\n"), "k.toml:5: there is no field 'nam' here; did you mean 'name'?"),
            (
                file("").replace("strict", "stric"),
                "k.toml:4: no profile is called 'stric'; did you mean 'strict'?",
            ),
            (
                file("").replace("production", "prod"),
                "k.toml:3: 'prod' is no environment; there are production",
            ),
            (file("[[consumers]\n"), "k.toml:5: "),
            (file(&twins), "k.toml:10: 'a' and 'b' have the same subkey"),
            (file(&twins), "k.toml:10: no person is called 'x'"),
            (
                file("").replace("schema = 1", "schema = 2\nnew = true"),
                "k.toml: schema 2, and this keyrite knows up to 1",
            ),
            (
                file("[[blackouts]]\nreason = \"x\"\nfrom = \"soon\"\nuntil = \"2027-01-06\"\n"),
                "k.toml:7: 'soon' is not a date",
            ),
        ] {
            let error = error(&text);
            assert!(error.contains(wanted), "{wanted}: {error}");
        }
    }
}
