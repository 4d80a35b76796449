//! What a ceremony can do to the world: a closed list. Each is given named
//! values, may need secrets, and leaves a receipt.

use serde_json::{Map, Value as Json};

mod table;
mod value;

pub use self::table::SecretUse;
pub use self::value::{Value, Values, json_of};
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
        /// Reads what stands on a parcel, and sees that it is sealed.
        ReadParcel = "read-parcel",
        /// Opens a parcel in memory: one secret subkey, the right one, which
        /// signs with these very bytes and fits into the slots.
        OpenParcel = "open-parcel",
        /// Recognises the place of a slot, and sees what is there without its
        /// secret.
        LookAtSlot = "look-at-slot",
        /// Puts what the slot is to hold there, pending.
        PutPending = "put-pending",
        /// Reads it back and compares it; what is there signs.
        ProveSlot = "prove-slot",
        /// Holds against the rules for how long a subkey has been published.
        CheckLead = "check-lead",
        /// Makes what is pending current.
        Promote = "promote",
        /// Sees that the slot's user gets that version now.
        ProveCurrent = "prove-current",
        /// Takes the secret of a subkey out of a slot.
        Retire = "retire",
        /// Sees that it is there no more.
        ProveAbsent = "prove-absent",
        /// Recognises the place of a slot, and sees whether its user can be kept
        /// from it.
        LookAtFreeze = "look-at-freeze",
        /// Keeps a slot's user from reading it, or lets them again.
        Freeze = "freeze",
        /// Sees that it is so.
        ProveFrozen = "prove-frozen",
        /// Makes the bytes that are published, once and in both forms.
        MakePublication = "make-publication",
        /// Sees what users of a target get, and holds it against what they
        /// should.
        LookAtTarget = "look-at-target",
        /// Puts the certificate there.
        Publish = "publish",
        /// Sees that users get it.
        ProvePublished = "prove-published",
        /// Writes what users are told: a mail, ready to be sent.
        WriteAnnouncement = "write-announcement",
    }
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
