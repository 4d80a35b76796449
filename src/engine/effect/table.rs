//! What each effect is given, what it leaves, and which secrets it needs.

use super::EffectKind;

/// A secret that an effect needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretUse {
    /// By this name it is kept for as long as the run is open.
    pub name: &'static str,
    /// What it is, for the one who types it.
    pub label: &'static str,
    /// Whether it is chosen here, so that it is written down and typed twice.
    pub is_new: bool,
    /// It is not needed where this input is given.
    pub unless: Option<&'static str>,
}

const ROOT: SecretUse =
    SecretUse { name: "root", label: "passphrase of the primary key", is_new: false, unless: None };
const NEW_ROOT: SecretUse = SecretUse { is_new: true, ..ROOT };
const SOURCE: SecretUse = SecretUse {
    name: "source",
    label: "passphrase that the key has now",
    is_new: false,
    unless: Some("open"),
};
const OLD_ROOT: SecretUse = SecretUse { unless: Some("same"), ..SOURCE };
const OTHER_ROOT: SecretUse = SecretUse { unless: Some("same"), ..NEW_ROOT };
const TRANSPORT: SecretUse = SecretUse {
    name: "transport",
    label: "passphrase of the parcel",
    is_new: true,
    unless: Some("recipients"),
};

const SUBKEY: SecretUse = SecretUse {
    name: "subkey",
    label: "passphrase of the parcel, or of the key file",
    is_new: false,
    unless: None,
};

/// What opens a parcel that is brought back.
const PARCEL: SecretUse = SecretUse {
    name: "parcel",
    label: "passphrase of the parcel, or of your own key that it is sealed to",
    is_new: false,
    unless: None,
};
/// The same, where the place needs the secret once more.
const AGAIN: SecretUse = SecretUse { unless: Some("at_once"), ..PARCEL };

impl EffectKind {
    /// What it must be given, and what it can be given (with a question mark).
    #[expect(clippy::too_many_lines, reason = "it is a table")]
    #[must_use]
    pub const fn inputs(self) -> &'static [&'static str] {
        match self {
            Self::EnrollMedium => {
                &["path", "holds", "is?", "not?", "not_device?", "nor_device?", "others?"]
            }
            Self::MakeRoot => {
                &["medium", "medium_id", "algorithm", "protection", "user_ids", "ends"]
            }
            Self::LookAtKey => &["path", "fingerprint", "exposed", "places?"],
            Self::TakeRoot => &["path", "fingerprint", "open?", "medium", "medium_id"],
            Self::RemoveCopy => &["copy", "fingerprint"],
            Self::ProveGone => &["path", "fingerprint", "places?", "copies"],
            Self::CopyRoot => {
                &["from", "from_id", "medium", "medium_id", "fingerprint", "digest", "certificate"]
            }
            Self::ReadBack => &["medium", "medium_id", "fingerprint", "digest?"],
            Self::ProveRoot | Self::MergeCertificate => &["medium", "medium_id", "fingerprint"],
            Self::KeepRevocation => &[
                "root",
                "root_id",
                "fingerprint",
                "certificate?",
                "subkey?",
                "holder",
                "medium",
                "medium_id",
            ],
            Self::IssueSubkey => &[
                "root",
                "root_id",
                "fingerprint",
                "certificate",
                "consumer",
                "algorithm",
                "ends",
                "form",
                "recipients?",
                "medium",
                "medium_id",
            ],
            Self::ExtendSubkey | Self::ExtendSigner => &[
                "root",
                "root_id",
                "fingerprint",
                "certificate",
                "subkey",
                "ends",
                "within",
                "file?",
            ],
            Self::ExtendPrimary => {
                &["root", "root_id", "fingerprint", "certificate", "ends", "subkeys?", "signers?"]
            }
            Self::DrawMedium | Self::MakePublication => &["fingerprint"],
            Self::JudgeLoss => &["fingerprint", "medium", "how", "passphrase", "left"],
            Self::RestoreRoot => {
                &["from", "from_id", "medium", "medium_id", "fingerprint", "certificate", "same?"]
            }
            Self::DrillRoot => &["medium", "medium_id", "fingerprint", "nonce"],
            Self::TryRevocation => &["file", "fingerprint"],
            Self::CheckParcel => &["medium", "medium_id", "subkey", "digest"],
            Self::Revoke => &["root", "root_id", "fingerprint", "subkey?", "reason", "message?"],
            Self::ApplyRevocation => &["file", "fingerprint", "subkey?"],
            Self::WriteCertificate => &["medium", "medium_id", "fingerprint", "certificate"],
            Self::AdoptCertificate => &["fingerprint", "certificate", "consumer?", "subkey?"],
            Self::WriteSheet => &["fingerprint", "certificate", "media?"],
            Self::ReadParcel => &["medium", "medium_id", "subkey"],
            Self::OpenParcel => {
                &["medium", "medium_id", "subkey", "fingerprint", "recipients?", "sealed", "slots"]
            }
            Self::CheckLead => &["subkey", "since"],
            Self::LookAtSlot => &["slot", "subkey", "for"],
            Self::PutPending => &[
                "slot",
                "place",
                "declared",
                "guard",
                "medium",
                "medium_id",
                "subkey",
                "fingerprint",
                "recipients?",
                "sealed",
            ],
            Self::ProveSlot => &[
                "slot",
                "place",
                "declared",
                "version",
                "medium",
                "medium_id",
                "subkey",
                "fingerprint",
                "recipients?",
                "sealed",
            ],
            Self::Promote => &[
                "slot",
                "place",
                "declared",
                "guard",
                "version",
                "subkey",
                "fingerprint",
                "at_once?",
                "medium?",
                "medium_id?",
                "recipients?",
                "sealed?",
            ],
            Self::ProveCurrent => &["slot", "place", "declared", "version", "subkey"],
            Self::Retire | Self::ProveAbsent => &["slot", "place", "declared", "subkey"],
            Self::LookAtFreeze => &["slot", "what"],
            Self::Freeze => &["slot", "place", "declared", "what"],
            Self::ProveFrozen => &["slot", "place", "declared", "what", "state"],
            Self::LookAtTarget => &["target", "fingerprint", "minimal", "attested"],
            Self::Publish => &[
                "seen",
                "target",
                "place",
                "declared",
                "guard",
                "fingerprint",
                "minimal",
                "attested",
                "last?",
                "everywhere?",
            ],
            Self::ProvePublished => &[
                "seen",
                "target",
                "place",
                "declared",
                "fingerprint",
                "minimal",
                "attested",
                "state",
                "again?",
                "everywhere?",
            ],
            Self::WriteAnnouncement => &["fingerprint", "minimal", "targets"],
        }
    }

    /// What its receipt holds.
    #[must_use]
    pub const fn outputs(self) -> &'static [&'static str] {
        match self {
            Self::EnrollMedium => &["id", "device"],
            Self::MakeRoot | Self::TakeRoot => &["fingerprint", "digest", "certificate", "created"],
            Self::LookAtKey => &["what", "open", "ends", "signers", "copies"],
            Self::RemoveCopy
            | Self::ProveGone
            | Self::CheckLead
            | Self::ProveSlot
            | Self::ProveCurrent
            | Self::ProveAbsent
            | Self::ProveFrozen => &["proof"],
            Self::CopyRoot | Self::ReadBack => &["files"],
            Self::ProveRoot => &["nonce"],
            Self::KeepRevocation | Self::RestoreRoot => &["digest"],
            Self::MergeCertificate | Self::ExtendSubkey | Self::ExtendSigner => &["certificate"],
            Self::ExtendPrimary => &["certificate", "user_ids", "ended", "publish_before", "trial"],
            Self::IssueSubkey => &["subkey", "certificate", "digest", "trial"],
            Self::DrawMedium => &["id", "kept", "known"],
            Self::JudgeLoss => &["way", "mends", "same", "gone", "exposed", "void", "signers"],
            Self::DrillRoot => &["nonce", "proof", "digest", "minutes"],
            Self::TryRevocation => &["reason", "created"],
            Self::CheckParcel => &["packets"],
            Self::Revoke | Self::ApplyRevocation => &["certificate", "revocation"],
            Self::WriteCertificate
            | Self::AdoptCertificate
            | Self::WriteSheet
            | Self::WriteAnnouncement => &["file"],
            Self::ReadParcel => &["consumer", "recipients", "sealed"],
            Self::OpenParcel => &["opened"],
            Self::LookAtSlot => &[
                "place",
                "declared",
                "guard",
                "does",
                "there",
                "version",
                "at_once",
                "certificate",
            ],
            Self::PutPending | Self::Promote => &["version"],
            Self::Retire => &["gone"],
            Self::LookAtFreeze => &["place", "declared", "able", "by_hand", "state"],
            Self::Freeze => &["state"],
            Self::MakePublication => &["minimal", "attested", "has", "everywhere"],
            Self::LookAtTarget => &["place", "declared", "guard", "verdict", "there"],
            Self::Publish => &["state", "written"],
            Self::ProvePublished => &["verdict", "there"],
        }
    }

    /// The secrets it may need.
    #[must_use]
    pub const fn secrets(self) -> &'static [SecretUse] {
        match self {
            Self::MakeRoot => &[NEW_ROOT],
            Self::TakeRoot => &[SOURCE, NEW_ROOT],
            Self::RestoreRoot => &[OLD_ROOT, OTHER_ROOT],
            Self::ProveRoot
            | Self::KeepRevocation
            | Self::Revoke
            | Self::ExtendSubkey
            | Self::ExtendPrimary
            | Self::DrillRoot => &[ROOT],
            Self::ExtendSigner => &[ROOT, SUBKEY],
            Self::IssueSubkey => &[ROOT, TRANSPORT],
            Self::OpenParcel | Self::PutPending | Self::ProveSlot => &[PARCEL],
            Self::Promote => &[AGAIN],
            Self::EnrollMedium
            | Self::LookAtKey
            | Self::RemoveCopy
            | Self::ProveGone
            | Self::CopyRoot
            | Self::ReadBack
            | Self::MergeCertificate
            | Self::DrawMedium
            | Self::JudgeLoss
            | Self::TryRevocation
            | Self::CheckParcel
            | Self::ApplyRevocation
            | Self::WriteCertificate
            | Self::AdoptCertificate
            | Self::WriteSheet
            | Self::ReadParcel
            | Self::CheckLead
            | Self::LookAtSlot
            | Self::ProveCurrent
            | Self::Retire
            | Self::ProveAbsent
            | Self::LookAtFreeze
            | Self::Freeze
            | Self::ProveFrozen
            | Self::MakePublication
            | Self::LookAtTarget
            | Self::Publish
            | Self::ProvePublished
            | Self::WriteAnnouncement => &[],
        }
    }

    /// Whether it makes a signature, so that the clock must be right.
    #[must_use]
    pub const fn signs(self) -> bool {
        matches!(
            self,
            Self::MakeRoot
                | Self::TakeRoot
                | Self::ProveRoot
                | Self::KeepRevocation
                | Self::IssueSubkey
                | Self::ExtendSubkey
                | Self::ExtendSigner
                | Self::ExtendPrimary
                | Self::DrillRoot
                | Self::Revoke
        )
    }
}
