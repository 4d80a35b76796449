//! What a ceremony can do to the world: a closed list. Each is given named
//! values, may need secrets, and leaves a receipt.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::chain::{Digest, canonical};
use crate::domain::worded::{Worded as _, worded};

worded! {
    /// What is done.
    pub enum EffectKind: "effect" {
        /// Gives a medium its random name, or recognises it by the name it
        /// has; refuses one that holds what does not belong there.
        EnrollMedium = "enroll-medium",
        /// Makes a certify-only primary key and writes it, encrypted, to a
        /// medium.
        MakeRoot = "make-root",
        /// Looks at a primary key that exists: what it is, whether it can be
        /// adopted, and where copies of its secret are.
        LookAtKey = "look-at-key",
        /// Takes a primary key from where it is, and writes it to a medium,
        /// encrypted with another passphrase.
        TakeRoot = "take-root",
        /// Removes a copy of the primary key's secret, and looks whether it is
        /// gone.
        RemoveCopy = "remove-copy",
        /// Looks for copies once more, and lets GnuPG try to sign with the
        /// primary key; neither may be.
        ProveGone = "prove-gone",
        /// Copies the encrypted primary key from one medium to another, byte
        /// for byte.
        CopyRoot = "copy-root",
        /// Reads a medium again and compares every file with its digest.
        ReadBack = "read-back",
        /// Opens the primary key of a medium and makes a certification with
        /// it, which is verified with the certificate alone.
        ProveRoot = "prove-root",
        /// Makes a hard revocation for the primary key or a subkey, tries it on
        /// a copy, and writes it to a medium with instructions.
        KeepRevocation = "keep-revocation",
        /// Puts the newest certificate of the workspace and that of the medium
        /// together, and finds what nobody accounts for.
        MergeCertificate = "merge-certificate",
        /// Makes a signing subkey for one consumer, and the parcel with its
        /// secret.
        IssueSubkey = "issue-subkey",
        /// Puts off the end of a subkey with the primary key alone.
        ExtendSubkey = "extend-subkey",
        /// The same of a subkey that signs, with its own secret as well.
        ExtendSigner = "extend-signer",
        /// Puts off the end of the primary key on the key and on its living
        /// user IDs, and joins what was made for its subkeys.
        ExtendPrimary = "extend-primary",
        /// Draws one of the media that have the primary key by the record.
        DrawMedium = "draw-medium",
        /// Opens the primary key of a medium and certifies with it what
        /// somebody has thought up, verified with the workspace's certificate.
        DrillRoot = "drill-root",
        /// Decides what is to be done about a medium with the primary key that
        /// is lost, by what people say and what the record knows.
        JudgeLoss = "judge-loss",
        /// Copies the primary key to a new medium, under another passphrase
        /// where that is wanted.
        RestoreRoot = "restore-root",
        /// Tries a kept revocation on a copy, and keeps nothing of it.
        TryRevocation = "try-revocation",
        /// Opens nothing: looks at the packets of a parcel and its digests.
        CheckParcel = "check-parcel",
        /// Makes a revocation with the chosen reason, inside the run that
        /// publishes it.
        Revoke = "revoke",
        /// Puts a kept revocation onto the certificate.
        ApplyRevocation = "apply-revocation",
        /// Writes the certificate of the run to a medium.
        WriteCertificate = "write-certificate",
        /// Brings the certificate of the run into the workspace.
        AdoptCertificate = "adopt-certificate",
        /// Writes a page with fingerprint, words and QR code for printing.
        WriteSheet = "write-sheet",
    }
}

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

impl EffectKind {
    /// What it must be given, and what it can be given (with a question mark).
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
            Self::DrawMedium => &["fingerprint"],
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
        }
    }

    /// What its receipt holds.
    #[must_use]
    pub const fn outputs(self) -> &'static [&'static str] {
        match self {
            Self::EnrollMedium => &["id", "device"],
            Self::MakeRoot | Self::TakeRoot => &["fingerprint", "digest", "certificate", "created"],
            Self::LookAtKey => &["what", "open", "ends", "signers", "copies"],
            Self::RemoveCopy | Self::ProveGone => &["proof"],
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
            Self::WriteCertificate | Self::AdoptCertificate | Self::WriteSheet => &["file"],
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
            | Self::WriteSheet => &[],
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

/// A value of a fact. It is public: it stands in journals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// Several texts.
    List(Vec<String>),
}

impl Value {
    /// The text; of a list, its items with commas.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::List(items) => items.join(", "),
        }
    }

    /// The items; of a single value, this one.
    #[must_use]
    pub fn items(&self) -> Vec<String> {
        match self {
            Self::List(items) => items.clone(),
            Self::Text(text) => vec![text.clone()],
            Self::Number(number) => vec![number.to_string()],
        }
    }

    /// As in a journal.
    #[must_use]
    pub fn json(&self) -> Json {
        match self {
            Self::Text(text) => Json::from(text.as_str()),
            Self::Number(number) => Json::from(*number),
            Self::List(items) => Json::from(items.clone()),
        }
    }

    /// From a journal.
    #[must_use]
    pub fn of_json(json: &Json) -> Option<Self> {
        match json {
            Json::String(text) => Some(Self::Text(text.clone())),
            Json::Number(number) => number.as_i64().map(Self::Number),
            Json::Array(items) => {
                let items = items.iter().map(|item| item.as_str().map(str::to_owned));
                items.collect::<Option<_>>().map(Self::List)
            }
            Json::Null | Json::Bool(_) | Json::Object(_) => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// Named values: answers, inputs, receipts.
pub type Values = BTreeMap<String, Value>;

/// As in a journal.
#[must_use]
pub fn json_of(values: &Values) -> Map<String, Json> {
    values.iter().map(|(name, value)| (name.clone(), value.json())).collect()
}

/// One thing to do, with everything that it is given but secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// What.
    pub kind: EffectKind,
    /// With what.
    pub inputs: Values,
}

impl Effect {
    /// An input as text; empty where it is not given.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.inputs.get(name).map(Value::text).unwrap_or_default()
    }

    /// The items of an input.
    #[must_use]
    pub fn items(&self, name: &str) -> Vec<String> {
        self.inputs.get(name).map(Value::items).unwrap_or_default()
    }

    /// Names what is done and with what: the same effect has the same digest,
    /// also after a restart.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut object = Map::new();
        object.insert("effect".to_owned(), Json::from(self.kind.word()));
        object.insert("inputs".to_owned(), Json::Object(json_of(&self.inputs)));
        Digest::of_kind("keyrite.effect/1", canonical(&object).as_bytes())
    }

    /// The secrets that it needs, given its inputs.
    pub fn secrets(&self) -> impl Iterator<Item = SecretUse> {
        let is_needed =
            |secret: &&SecretUse| secret.unless.is_none_or(|input| self.items(input).is_empty());
        self.kind.secrets().iter().filter(is_needed).copied()
    }
}
