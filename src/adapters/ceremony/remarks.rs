//! What goes wrong, in the words of a run.

use crate::adapters::medium::MediumError;
use crate::adapters::openpgp::{
    ExportFault, KeyError, NoProof, PublicFault, RevocationFault, UnionError,
};
use crate::adapters::runs::RunError;
use crate::domain::finding::{FindingId, Severity};
use crate::domain::host::{Hold, Locality, Probe, blocking};
use crate::domain::policy::Policy;
use crate::domain::workspace::Environment;
use crate::engine::event::{Remark, Weight};
use crate::engine::ports::Trouble;

/// Why an effect does not come to its end.
#[derive(Debug)]
pub(super) enum Problem {
    /// A passphrase does not open what it should.
    WrongSecret(&'static str),
    /// Something is as it must not be.
    Refused(Remark),
    /// It could not be done; nothing of it is left.
    Failed(String),
    /// It may have been done.
    InDoubt(String),
}

impl Problem {
    pub(super) fn into_trouble(self) -> Trouble {
        match self {
            Self::WrongSecret(name) => Trouble::WrongSecret(name),
            Self::Refused(remark) => Trouble::Refused(vec![remark]),
            Self::Failed(message) => Trouble::Failed(message),
            Self::InDoubt(message) => Trouble::InDoubt(message),
        }
    }

    /// What happened, in words.
    pub(super) fn words(self) -> String {
        match self {
            Self::WrongSecret(name) => format!("the passphrase '{name}' does not open it"),
            Self::Refused(remark) => remark.message,
            Self::Failed(message) | Self::InDoubt(message) => message,
        }
    }

    /// Something that nobody can take on themselves.
    pub(super) fn forbidden(id: FindingId, message: String, remedy: &str) -> Self {
        Self::Refused(remark(id, Weight::Forbids, message, remedy))
    }
}

/// A remark of the severity error.
pub(super) fn remark(id: FindingId, weight: Weight, message: String, remedy: &str) -> Remark {
    Remark { id, severity: Severity::Error, message, remedy: remedy.to_owned(), weight }
}

impl From<MediumError> for Problem {
    fn from(error: MediumError) -> Self {
        let message = error.to_string();
        match error {
            MediumError::Missing(_) | MediumError::Unnamed(_) | MediumError::Io { .. } => {
                Self::Failed(message)
            }
            MediumError::Other(_) => Self::forbidden(
                FindingId::Med002,
                message,
                "put the right medium in and mount it where it was, then look again",
            ),
            MediumError::Changed(_) => Self::forbidden(
                FindingId::Med003,
                message,
                "do not trust this medium any more: take a new one, and begin the ceremony again",
            ),
            MediumError::Odd(..) => Self::forbidden(
                FindingId::Med001,
                message,
                "find out who put it there; use a blank medium",
            ),
        }
    }
}

impl From<KeyError> for Problem {
    fn from(error: KeyError) -> Self {
        if matches!(error, KeyError::WrongPassphrase) {
            return Self::WrongSecret("root");
        }
        Self::Failed(error.to_string())
    }
}

impl From<RunError> for Problem {
    fn from(error: RunError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<UnionError> for Problem {
    fn from(error: UnionError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<NoProof> for Problem {
    fn from(error: NoProof) -> Self {
        if let NoProof::NotCertified(KeyError::WrongPassphrase) = error {
            return Self::WrongSecret("root");
        }
        Self::forbidden(
            FindingId::Cer006,
            error.to_string(),
            "do not use this key: give the run up and begin again",
        )
    }
}

impl From<ExportFault> for Problem {
    fn from(error: ExportFault) -> Self {
        Self::forbidden(
            FindingId::Cer007,
            error.to_string(),
            "nothing was written; tell the makers of keyrite",
        )
    }
}

impl From<PublicFault> for Problem {
    fn from(error: PublicFault) -> Self {
        Self::forbidden(
            FindingId::Cer007,
            error.to_string(),
            "nothing was written; find out how a secret came into a certificate",
        )
    }
}

impl From<RevocationFault> for Problem {
    fn from(error: RevocationFault) -> Self {
        if let RevocationFault::Library(message) = error {
            return Self::Failed(message.into_string());
        }
        Self::forbidden(
            FindingId::Rev003,
            error.to_string(),
            "nothing was changed; take the revocation that belongs to this key",
        )
    }
}

/// What the machine has against a ceremony.
pub(super) fn remarks_of_host(
    policy: &Policy,
    environment: Environment,
    locality: Locality,
    probes: &[Probe],
) -> Vec<Remark> {
    let blocks = blocking(policy, environment, locality, probes);
    let weight = |id: FindingId| {
        let block = blocks.iter().find(|block| block.probe.id == id);
        match block.map(|block| block.hold) {
            Some(Hold::Refused) => Weight::Forbids,
            Some(Hold::Exception) => Weight::Stops,
            None => Weight::Told,
        }
    };
    let found = probes.iter().filter_map(|probe| probe.finding.as_ref());
    found
        .map(|finding| Remark {
            id: finding.id,
            severity: finding.severity,
            message: finding.message.clone(),
            remedy: finding.remedy.clone(),
            weight: weight(finding.id),
        })
        .collect()
}
