//! What people sign: the transcripts of ceremonies, with keys of their own or
//! with a detached signature that they bring.

use std::path::Path;

use super::account::{Account, TRANSCRIPT};
use super::{App, AuditError, CeremonyError, Input};
use crate::adapters::openpgp::{armor_signature, verify_detached};
use crate::adapters::runs::{RunError, RunFolder};
use crate::adapters::sources::read_file;
use crate::adapters::workspace::PEOPLE;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::worded::Worded as _;
use crate::domain::workspace::{Person, Role};
use crate::engine::audit::Record;
use crate::engine::chain::Digest;
use crate::engine::transcript::Signed;

/// Why a signature over a transcript is not taken.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The run, or its transcript, cannot be read.
    #[error(transparent)]
    Ceremony(#[from] CeremonyError),
    /// Nobody of the roster is called that, or has no certificate.
    #[error("{0}")]
    Nobody(String),
    /// It is not by anybody of the roster.
    #[error("the signature is not taken: {0}; nothing was written")]
    Refused(String),
    /// It cannot be written down.
    #[error(transparent)]
    Log(#[from] AuditError),
}

/// A signature over a transcript, and what is said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Who, by the id of the roster.
    pub person: String,
    /// The roles that the roster gives.
    pub roles: Vec<Role>,
    /// Whose certificate.
    pub certificate: Fingerprint,
    /// Why it does not count, where it does not.
    pub wrong: Option<String>,
}

impl Signature {
    /// As a line of lists.
    #[must_use]
    pub fn line(&self) -> String {
        let roles: Vec<_> = self.roles.iter().map(|role| role.word()).collect();
        match &self.wrong {
            None => format!("signed by {} ({})", self.person, roles.join(", ")),
            Some(why) => format!("a signature by {} does not count: {why}", self.person),
        }
    }
}

/// The transcript of a run, for reading.
#[derive(Debug)]
pub struct Told {
    /// As Markdown. Nothing in it moves a terminal.
    pub text: String,
    /// The signatures over it.
    pub signatures: Vec<Signature>,
    /// The bytes that people sign, or why they are not as they should be in
    /// the folder of the run.
    pub kept: Result<Vec<u8>, CeremonyError>,
}

/// Who has signed a transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signing {
    /// The signatures over it.
    pub signatures: Vec<Signature>,
    /// Whether the witness of the run has.
    pub is_witnessed: bool,
    /// Why nothing can be said of it, where that is so.
    pub wrong: Option<String>,
}

impl Signing {
    /// The people whose signatures count.
    #[must_use]
    pub fn by(&self) -> Vec<&str> {
        let good = self.signatures.iter().filter(|one| one.wrong.is_none());
        good.map(|one| one.person.as_str()).collect()
    }

    /// In a few words.
    #[must_use]
    pub fn words(&self) -> String {
        let by = self.by();
        match (&self.wrong, by.as_slice(), self.is_witnessed) {
            (Some(why), ..) => format!("transcript: {why}"),
            (None, [], _) => "unsigned, UNWITNESSED".to_owned(),
            (None, by, true) => format!("signed by {}", by.join(", ")),
            (None, by, false) => format!("signed by {}; UNWITNESSED", by.join(", ")),
        }
    }
}

impl App {
    /// The certificate of somebody of the roster, which is read for signing.
    pub fn signer(&self, folder: &Path, person: &str) -> Result<Fingerprint, SigningError> {
        let team = self.workspace(folder).map_err(CeremonyError::from)?.team;
        let known = team.workspace.people.iter().find(|one| one.id == person);
        let person = VisibleText::from_text(person);
        let nobody = |text: String| SigningError::Nobody(text);
        let known = known.ok_or_else(|| nobody(format!("nobody in keyrite.toml is '{person}'")))?;
        let fingerprint = known.fingerprint.ok_or_else(|| {
            nobody(format!(
                "'{person}' has no fingerprint in keyrite.toml, so that nobody can tell whose \
                 signature it is: add fingerprint = \"FPR\" there, below [[people]], and the \
                 certificate as {PEOPLE}/FPR.asc (gpg --armor --export FPR; in a rehearsal any key \
                 will do)"
            ))
        })?;
        let file = folder.join(PEOPLE).join(format!("{}.asc", fingerprint.hex()));
        let _ = self.read(&[Input::Path(file)]);
        Ok(fingerprint)
    }

    /// A file that somebody points at: a detached signature.
    pub fn small_file(&self, path: &Path) -> Result<Vec<u8>, String> {
        read_file(path).map_err(|error| error.to_string())
    }

    /// The transcript of a run that has ended, and who has signed it.
    pub fn transcript(&self, folder: &Path, run: &str) -> Result<Told, SigningError> {
        let account = Account::find(folder, run)?;
        let mut kept = account.keep();
        let signatures = match &kept {
            Ok(data) => self.signatures(folder, &account, data)?,
            Err(_) => Vec::new(),
        };
        let text = account.text(Signed(&signing(&account, &signatures).by()));
        if let Ok(Err(error)) = kept.as_ref().map(|_| account.keep_text(&text)) {
            kept = Err(error);
        }
        Ok(Told { text, signatures, kept: kept.map_err(CeremonyError::from) })
    }

    /// Writes the transcript of a run that has ended, where it is not there.
    pub fn keep_transcript(&self, folder: &Path, run: &str) -> Result<(), CeremonyError> {
        let account = Account::find(folder, run)?;
        account.keep()?;
        Ok(())
    }

    /// The bytes that people sign.
    pub fn transcript_bytes(&self, folder: &Path, run: &str) -> Result<Vec<u8>, SigningError> {
        Ok(Account::find(folder, run)?.keep().map_err(CeremonyError::from)?)
    }

    /// Who has signed the transcript of a run that has ended.
    #[must_use]
    pub fn signing(&self, folder: &Path, run: &str) -> Signing {
        let looked = || {
            let account = Account::find(folder, run)?;
            let data = account.read().map_err(CeremonyError::from)?;
            let signatures = self.signatures(folder, &account, &data)?;
            Ok::<_, SigningError>(signing(&account, &signatures))
        };
        looked().unwrap_or_else(|error| Signing {
            signatures: Vec::new(),
            is_witnessed: false,
            wrong: Some(error.to_string()),
        })
    }

    /// Puts a detached signature beside the transcript, if somebody of the
    /// roster has made it, or the one who is named; says who.
    pub fn sign_transcript(
        &self,
        folder: &Path,
        run: &str,
        (signature, by): (&[u8], Option<&str>),
    ) -> Result<Signature, SigningError> {
        let refused = |why: String| SigningError::Refused(why);
        let data = self.transcript_bytes(folder, run)?;
        let armor = armor_signature(signature).map_err(|error| refused(error.to_string()))?;
        let team = self.workspace(folder).map_err(CeremonyError::from)?.team;
        let mut why = Vec::new();
        let named = |person: &&Person| by.is_none_or(|by| by == person.id);
        for person in team.workspace.people.iter().filter(named) {
            let Some(fingerprint) = person.fingerprint else { continue };
            match self.checked(folder, fingerprint, &armor, &data) {
                Ok(()) => {
                    return self.put(folder, run, person, fingerprint, &armor, &data);
                }
                Err(error) => why.push(format!("by {}? {error}", person.id)),
            }
        }
        if why.is_empty() {
            // Nobody who is meant has a certificate; said as when one signs here.
            let person = by.or_else(|| team.workspace.people.first().map(|one| one.id.as_str()));
            self.signer(folder, person.unwrap_or_default())?;
        }
        Err(refused(why.join("; ")))
    }

    fn checked(
        &self,
        folder: &Path,
        fingerprint: Fingerprint,
        armor: &[u8],
        data: &[u8],
    ) -> Result<(), String> {
        let name = format!("{PEOPLE}/{}.asc", fingerprint.hex());
        let certificate =
            read_file(&folder.join(&name)).map_err(|error| format!("{name}: {error}"))?;
        let signed = verify_detached(&certificate, armor, data, self.now());
        let signed = signed.map_err(|error| error.to_string())?;
        if signed.signer == fingerprint {
            Ok(())
        } else {
            Err(format!("{name} holds another certificate"))
        }
    }

    fn put(
        &self,
        folder: &Path,
        run: &str,
        person: &Person,
        fingerprint: Fingerprint,
        armor: &[u8],
        data: &[u8],
    ) -> Result<Signature, SigningError> {
        let place = RunFolder::find(folder, run).map_err(CeremonyError::from)?;
        let mut log = self.audit_log(folder, &person.id)?;
        let name = format!("{TRANSCRIPT}.{}.asc", fingerprint.hex());
        place.write(&name, armor).map_err(CeremonyError::from)?;
        let body = [
            ("certificate", fingerprint.hex()),
            ("run", run.to_owned()),
            ("transcript", Digest::of(data).to_string()),
        ];
        let body = body.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        let kind = "transcript-signed".to_owned();
        log.append(Record { actor: person.id.clone(), kind, body, run: None }, self.now())?;
        Ok(Signature {
            person: person.id.clone(),
            roles: person.roles.clone(),
            certificate: fingerprint,
            wrong: None,
        })
    }

    /// The signatures over a transcript, held against the roster of today.
    fn signatures(
        &self,
        folder: &Path,
        account: &Account,
        data: &[u8],
    ) -> Result<Vec<Signature>, SigningError> {
        let team = self.workspace(folder).map_err(CeremonyError::from)?.team;
        let mut signatures = Vec::new();
        for person in &team.workspace.people {
            let Some(fingerprint) = person.fingerprint else { continue };
            let name = format!("{TRANSCRIPT}.{}.asc", fingerprint.hex());
            let armor = match account.place().read(&name) {
                Ok(armor) => armor,
                Err(RunError::Missing(_)) => continue,
                Err(error) => return Err(CeremonyError::from(error).into()),
            };
            signatures.push(Signature {
                person: person.id.clone(),
                roles: person.roles.clone(),
                certificate: fingerprint,
                wrong: self.checked(folder, fingerprint, &armor, data).err(),
            });
        }
        Ok(signatures)
    }
}

/// What the signatures over a transcript come to.
fn signing(account: &Account, signatures: &[Signature]) -> Signing {
    let witness = account.witness();
    let is_witness = |one: &Signature| one.wrong.is_none() && Some(&one.person) == witness.as_ref();
    Signing {
        is_witnessed: signatures.iter().any(is_witness),
        signatures: signatures.to_vec(),
        wrong: None,
    }
}
