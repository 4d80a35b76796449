//! A subkey is revoked.

use super::revocation::{
    ADOPT_KEPT, ADOPT_MADE, APPLY, ENROLL_EXPORT, ENROLL_ROOT, EXPORT_MEDIUM, KEPT_FILE, LOOK,
    REASON, REVOKE, WAY, WRITE_KEPT, WRITE_MADE,
};
use super::{CERTIFICATE, PEOPLE, PLAN};
use crate::domain::workspace::Role;
use crate::engine::definition::{Ceremony, Class, Field, FieldKind, Kind, Source, Step};

pub(super) static CEREMONY: Ceremony = Ceremony {
    id: "subkey-revocation",
    version: 1,
    title: "Revoke a subkey",
    purpose: "A subkey whose secret leaked, or that is no longer used, is revoked: with a certificate \
              that was kept, or with one that is made now.",
    needs: &[
        "the kept revocation certificate; or a machine without a network, a medium with the \
         primary key, and its passphrase",
        "a medium for the revoked certificate",
    ],
    changes: "The certificate of the workspace is revoked, in whole or in part, for ever.",
    given_up: "Nothing was revoked unless the certificate was brought into the workspace; if it \
               was, go on: a revocation is only ever published.",
    next: "publication publishes the revocation, first and everywhere. subkey-issuance makes a successor; \
           what the subkey signed must be signed again.",
    roles: &[Role::Administrator, Role::Witness, Role::RevocationHolder],
    keeps: &[],
    loses: &[],
    steps: &[
        PEOPLE,
        Step::new(
            "key",
            "Which key",
            "It cannot be taken back: look twice.",
            Kind::Ask(&[CERTIFICATE]),
        ),
        Step::new(
            "subkey",
            "Which subkey",
            "Only this one ends; the others go on signing.",
            Kind::Ask(&[Field {
                id: "subkey",
                label: "The subkey",
                help: "its whole fingerprint",
                kind: FieldKind::Subkey("key.certificate"),
            }]),
        ),
        WAY,
        KEPT_FILE,
        LOOK,
        REASON,
        EXPORT_MEDIUM,
        ENROLL_ROOT,
        ENROLL_EXPORT,
        PLAN,
        APPLY,
        Step::new(
            "confirm",
            "Confirm that the subkey ends",
            "Nothing takes a revocation back. Two people read the fingerprint from two places.",
            Kind::Confirm(Class::C3, &[Source::Fact("subkey.subkey")]),
        ),
        REVOKE,
        ADOPT_KEPT,
        ADOPT_MADE,
        WRITE_KEPT,
        WRITE_MADE,
    ],
};
