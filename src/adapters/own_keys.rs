//! The operator's own keys, through Sequoia's keystore: soft keys, and those
//! behind gpg-agent and so on cards.
//!
//! The keystore cannot lock a key again, keeps what it has unlocked for as
//! long as its process lives, and passes passphrases over a loopback socket.
//! So each request is answered by a process of its own, this same program,
//! that ends with its answer. Nothing is started before something is asked;
//! what is asked first may start gpg-agent, and that stays.

#[cfg(feature = "keystore")]
mod client;
mod error;
#[cfg(feature = "keystore")]
mod helper;
#[cfg(feature = "keystore")]
mod places;
#[cfg(feature = "keystore")]
mod protocol;

use std::ffi::OsString;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::fingerprint::Fingerprint;
use crate::domain::timestamp::Timestamp;
use crate::engine::secret::Secret;

pub use self::error::OwnKeyError;
#[cfg(feature = "keystore")]
pub use self::helper::serve;

/// A key of the operator's that can sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnKey {
    /// Its fingerprint in upper-case hexadecimal.
    pub fingerprint: String,
    /// That of its certificate.
    pub certificate: String,
    /// A user ID that the certificate has signed, as it can be shown.
    pub name: String,
    /// Where its secret is.
    pub place: KeyPlace,
    /// Whether a passphrase is needed before it signs.
    pub is_locked: bool,
    /// Who asks for the passphrase.
    pub asked_by: AskedBy,
}

/// Where the secret of an own key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyPlace {
    /// In a file of Sequoia's keystore.
    SoftKey,
    /// With `GnuPG`'s agent, perhaps on a card.
    GpgAgent,
}

/// Who asks for the passphrase of an own key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AskedBy {
    /// This program does.
    Keyrite,
    /// `GnuPG`'s pinentry does, unless this program gives one.
    Pinentry,
}

/// What is to be signed, and as whom.
pub struct SigningRequest<'a> {
    /// The person's certificate.
    pub certificate: Fingerprint,
    /// Its public bytes; where there are none, it is looked for in the
    /// person's certificate folder and among the soft keys.
    pub public: &'a [u8],
    /// The bytes to sign.
    pub data: &'a [u8],
    /// What unlocks the key. Without one a key of gpg-agent lets pinentry ask,
    /// which draws over a console in the same terminal.
    pub passphrase: Option<&'a Secret>,
    /// When it is signed.
    pub at: Timestamp,
}

/// The way to the operator's own keys.
#[derive(Clone, Debug)]
pub struct OwnKeys {
    /// This program.
    #[cfg_attr(
        not(feature = "keystore"),
        expect(dead_code, reason = "without the keystore nothing is started")
    )]
    executable: PathBuf,
    /// What it finds in its environment beside ours, such as other homes.
    variables: Vec<(OsString, OsString)>,
}

impl OwnKeys {
    /// By way of `executable`, which is this program.
    #[must_use]
    pub fn new(executable: PathBuf) -> Self {
        Self { executable, variables: Vec::new() }
    }

    /// With another value of a variable: `SEQUOIA_HOME` moves the keystore,
    /// `HOME` all of it.
    #[must_use]
    pub fn with(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }
}

#[cfg(not(feature = "keystore"))]
impl OwnKeys {
    /// The keys that could sign at that time.
    pub fn list(&self, _at: Timestamp) -> Result<Vec<OwnKey>, OwnKeyError> {
        Err(OwnKeyError::NotInThisBuild)
    }

    /// A detached signature in ASCII armor.
    pub fn sign(&self, _request: &SigningRequest<'_>) -> Result<String, OwnKeyError> {
        Err(OwnKeyError::NotInThisBuild)
    }

    /// Puts a public certificate into the person's certificate folder.
    pub fn offer_certificate(&self, _public: &[u8]) -> Result<(), OwnKeyError> {
        Err(OwnKeyError::NotInThisBuild)
    }
}

/// Answers one request; here there is nobody to answer.
#[cfg(not(feature = "keystore"))]
pub fn serve(_out: &mut dyn std::io::Write) -> std::io::Result<()> {
    Err(std::io::Error::other(OwnKeyError::NotInThisBuild.to_string()))
}
