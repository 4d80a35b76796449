//! The folder of a team: `keyrite.toml`, and the certificates beside it.

mod adopt;
mod create;
mod document;
mod edit;
mod made;
mod rehearsal;
mod template;

use std::path::{Path, PathBuf};

pub use self::adopt::{Brought, bring, misplaced};
pub use self::create::create;
pub use self::edit::{declare, waive};
pub use self::made::declare_made;
pub use self::rehearsal::create_rehearsal;
pub use self::template::{Adopted, Founding};
use super::sources::read_file;
use crate::domain::plan::Team;
use crate::domain::text::VisibleText;
use crate::domain::workspace::Problem;

/// The name of the file in which a team writes down its keys.
pub const FILE: &str = "keyrite.toml";
/// The folder of the certificates.
pub const CERTS: &str = "certs";
/// The folder of the roster's certificates.
pub const PEOPLE: &str = "people";

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
        "{path}: schema {schema}, and this keyrite knows up to {}: use a newer keyrite; nothing was changed",
        document::SCHEMA
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
    /// Somebody else has changed the file since it was read.
    #[error(
        "{0} was changed since it was read; nothing was written: read it again, then do the same \
         once more"
    )]
    Changed(VisibleText),
    /// It contradicts what is declared.
    #[error("{0}; nothing was written")]
    Refused(String),
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

/// What a workspace file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// What it declares, and its rules.
    pub team: Team,
    /// The very text; an edit of another one is refused.
    pub text: String,
}

/// Reads the workspace in `folder`, strictly.
pub fn read(folder: &Path) -> Result<Declaration, WorkspaceError> {
    let path = folder.join(FILE);
    let shown = visible(&path);
    if !path.exists() {
        return Err(WorkspaceError::Missing(visible(folder)));
    }
    let unreadable = |message: String| WorkspaceError::Unreadable { path: shown.clone(), message };
    let bytes = read_file(&path).map_err(|error| unreadable(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable("not UTF-8".to_owned()))?;
    parse(text, &shown)
}

/// Understands a text that is part of the program.
pub fn of_text(text: &str) -> Result<Declaration, WorkspaceError> {
    parse(text.to_owned(), &VisibleText::from_text(FILE))
}

/// Understands the text of a workspace file.
fn parse(text: String, path: &VisibleText) -> Result<Declaration, WorkspaceError> {
    match document::parse(&text) {
        Ok(team) => Ok(Declaration { team, text }),
        Err(document::Refused::TooNew(schema)) => {
            Err(WorkspaceError::TooNew { path: path.clone(), schema })
        }
        Err(document::Refused::Wrong(problems)) => {
            Err(WorkspaceError::Wrong { path: path.clone(), problems })
        }
    }
}

/// The text of a page that a workspace declares; a relative path begins in
/// its folder.
pub fn page(folder: &Path, place: &str) -> Result<String, String> {
    let bytes =
        read_file(&folder.join(place)).map_err(|error| format!("it cannot be read: {error}"))?;
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

/// The name of a file or folder, fit to be shown.
fn visible(path: &Path) -> VisibleText {
    VisibleText::from_bytes(path.as_os_str().as_encoded_bytes())
}

/// The workspace that `folder`, or a folder above it, is in.
#[must_use]
pub fn find(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|folder| folder.join(FILE).exists()).map(Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::schedule::Progress;

    const FPR: &str = "7E6A3F1942C80B5DD19E54A7A3C1F08E6B2D9A47";

    fn file(more: &str) -> String {
        format!(
            "schema = 1\nname = \"TEST\"\nenvironment = \"production\"\nprofile = \"strict\"\n{more}"
        )
    }

    fn error(text: &str) -> String {
        parse(text.to_owned(), &VisibleText::from_text("k.toml")).unwrap_err().to_string()
    }

    #[test]
    fn a_whole_file_is_read() {
        let text = file(&format!(
            "[[people]]\nid = \"a\"\nname = \"A TEST\"\n[[consumers]]\nid = \"ci\"\n\
             certificate = \"{FPR}\"\nowner = \"a\"\nprogress = \"published\"\n[[blackouts]]\n\
             reason = \"holidays\"\nfrom = \"2026-12-20\"\nuntil = \"2027-01-06\"\n"
        ));
        let workspace = parse(text, &VisibleText::default()).unwrap().team.workspace;
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
                "k.toml:3: 'prod' is no environment; did you mean 'production'?",
            ),
            (file("[[consumers]\n"), "k.toml:5: "),
            (file(&twins), "k.toml:10: 'a' and 'b' have the same subkey"),
            (file(&twins), "k.toml:10: no person is called 'x'; there is no person yet"),
            (
                file("[policy.windows]\nslak = 3\n"),
                "k.toml:6: policy.windows: there is no field 'slak' here; did you mean 'slack'?",
            ),
            (
                file("[policy.windows]\noverlap = 3\nslack = \"long\"\n"),
                "k.toml:7: policy.windows.slack: this is a whole number without quotes",
            ),
            (
                file(
                    "[[cycles]]\nid = \"b\"\nbegins = \"2026-10-01\"\n\
                     [[cycles]]\nid = \"a\"\nbegins = \"2026-04-01\"\n",
                ),
                "k.toml:9: the cycle 'a' begins 2026-04-01, which is not after 'b'",
            ),
            (
                file(
                    "[[waivers]]\nfinding = \"EXP-002\"\nof = \"x\"\nreason = \" \"\nby = \"al\"\n\
                     until = \"2027-01-01\"\n",
                ),
                "k.toml:6: no person is called 'al'",
            ),
            (file("[[waivers]]\nfinding = \"EXP-02\"\n"), "did you mean 'EXP-002'?"),
            (
                file("[[blackouts]]\nreason = \"x\"\nfrom = 2026-12-20\nuntil = \"2027-01-01\"\n"),
                "k.toml:7: a date or word stands in quotes",
            ),
            (file("[people]\nid = \"x\"\n"), "write it in double brackets, such as [[people]]"),
            (file("[[people]]\nid = x\n"), "k.toml:6: a word stands in quotes"),
            (file("[[people]]\nid = \"x\"\nname = \"X\"\nroles = \"witness\"\n"), "this is a list"),
            (
                file(
                    "[[blackouts]]\nreason = \"x\"\nfrom = \"2027-01-06\"\nuntil = \"2026-12-20\"\n",
                ),
                "k.toml:7: it ends 2026-12-20, which is not after its first day",
            ),
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
