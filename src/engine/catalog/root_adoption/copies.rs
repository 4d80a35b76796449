//! The copies of the key that are to go, and the subkeys that stay.

use super::FINGERPRINT;
use crate::engine::definition::{Class, Field, FieldKind, Kind, Source, Step};
use crate::engine::effect::EffectKind;

/// The list of the copies.
const EACH: &str = "look.copies";

pub(super) const CONFIRM: Step = Step::new(
    "confirm-removal",
    "Confirm that a copy goes",
    "Both media were proved. What is removed here does not come back; on an SSD, in snapshots and \
     in backup services old blocks may stay, and no program can promise otherwise. If the copies \
     are on another machine, pause here, and carry the run back to it: keyrite carry out.",
    Kind::Confirm(Class::C3, &[FINGERPRINT]),
)
.each(EACH);

pub(super) const REMOVE: Step = Step::new(
    "remove",
    "Remove a copy",
    "What GnuPG keeps, GnuPG deletes: the primary key's secret, and no subkey's. Another file is \
     overwritten and removed. The certificate stays.",
    Kind::Perform(EffectKind::RemoveCopy, &[("copy", Source::Item), ("fingerprint", FINGERPRINT)]),
)
.irreversible()
.each(EACH)
.command("gpg --delete-secret-keys FINGERPRINT!");

pub(super) const PROVE_GONE: Step = Step::new(
    "prove-gone",
    "Prove that it is gone",
    "All places are looked through again, and GnuPG is asked to sign with the primary key: it \
     must say that it has no such secret.",
    Kind::Verify(
        EffectKind::ProveGone,
        &[
            ("path", Source::Fact("source.path")),
            ("fingerprint", FINGERPRINT),
            ("places", Source::Optional("source.places")),
            ("copies", Source::Fact(EACH)),
        ],
    ),
)
.command("gpg --list-secret-keys");

pub(super) const SIGNER: Step = Step::new(
    "signer",
    "A subkey that signs already",
    "It is in the certificate, and its secret stays with its consumer. Say what becomes of it, so \
     that it is not forgotten.",
    Kind::Attest(&[Field {
        id: "fate",
        label: "What becomes of it",
        help: "replaced: it signs until the new subkey does, and is revoked then; goes-on: it is \
               the subkey of another consumer; revoked: at once, with subkey-revocation",
        kind: FieldKind::Word(&["replaced", "goes-on", "revoked"]),
    }]),
)
.each("look.signers");
