//! Why an own key did not sign.

use serde::{Deserialize, Serialize};

use crate::domain::text::VisibleText;

/// Why an own key did not sign, or could not be looked for. Nothing was
/// signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum OwnKeyError {
    /// The program was built without the keystore.
    #[error("this build has no keystore, so it cannot reach your own keys; nothing was signed")]
    NotInThisBuild,
    /// The process that asks the keystore did not start, or broke off.
    #[error("the keystore's process broke off ({0}); nothing was signed")]
    BrokenOff(String),
    /// It did not answer in time.
    #[error("the keystore did not answer within {0} seconds and was ended; nothing was signed")]
    NoAnswer(u64),
    /// Somebody else's keystore would get the passphrase.
    #[error(
        "another program serves your keystore ({0}), and keyrite hands no passphrase to it; nothing was signed"
    )]
    ServedByOthers(String),
    /// The certificate itself is not known.
    #[error(
        "the certificate {0} is neither among what was read, nor in your certificate folder, nor a soft key; nothing was signed"
    )]
    NoCertificate(String),
    /// It has no key that may sign.
    #[error("the certificate {0} has no key that may sign at that time; nothing was signed")]
    NoSigningKey(String),
    /// Its keys are not in the keystore.
    #[error(
        "the secret of no signing key of {certificate} is in your keystore or with gpg-agent; nothing was signed"
    )]
    NotFound {
        /// The certificate.
        certificate: String,
    },
    /// They may be with gpg-agent, which knows keys only by numbers that the
    /// certificate turns into fingerprints.
    #[error(
        "no signing key of {certificate} is found; keys of gpg-agent are found by way of their certificate, which is not in {folder}; nothing was signed"
    )]
    NotInFolder {
        /// The certificate.
        certificate: String,
        /// The person's certificate folder.
        folder: String,
    },
    /// It needs a passphrase.
    #[error("the key {0} is locked by a passphrase; nothing was signed")]
    Locked(String),
    /// The passphrase does not unlock it.
    #[error("that passphrase does not unlock the key; nothing was signed")]
    WrongPassphrase,
    /// The keystore, gpg-agent or the file system refused.
    #[error("{0}; nothing was signed")]
    Refused(String),
}

impl OwnKeyError {
    /// What somebody else's words say, as they can be shown.
    #[cfg(feature = "keystore")]
    pub(super) fn refused(what: &str, error: &dyn std::fmt::Display) -> Self {
        Self::Refused(VisibleText::from_text(&format!("{what}: {error}")).into_string())
    }

    /// Whether a passphrase, or another one, may help.
    #[must_use]
    pub fn asks_for_passphrase(&self) -> bool {
        matches!(self, Self::Locked(_) | Self::WrongPassphrase)
    }

    /// What to do, where it is not another passphrase.
    #[must_use]
    pub fn remedies(&self, file: &str) -> Vec<String> {
        let file = VisibleText::from_text(file);
        let bring = format!(
            "gpg signs it as well: gpg --detach-sign --armor {} makes {}.asc",
            file.as_str(),
            file.as_str()
        );
        let first = match self {
            Self::NotInFolder { certificate, folder } => Some(format!(
                "put the public certificate into {folder}, then try again: gpg --export \
                 {certificate} | sq cert import"
            )),
            Self::NotFound { .. } => {
                Some("keyrite own-keys lists the keys that are found".to_owned())
            }
            Self::ServedByOthers(_) => Some("end that program, then try again".to_owned()),
            Self::NoCertificate(_) => {
                Some("bring the certificate: keyrite adopt, or sq cert import".to_owned())
            }
            Self::Locked(_) | Self::WrongPassphrase => {
                Some("try again with the passphrase of the key".to_owned())
            }
            Self::NotInThisBuild
            | Self::BrokenOff(_)
            | Self::NoAnswer(_)
            | Self::NoSigningKey(_)
            | Self::Refused(_) => None,
        };
        first.into_iter().chain([bring]).collect()
    }
}
