//! A primary key is revoked, and all its subkeys with it.

use super::revocation::{
    ADOPT_KEPT, ADOPT_MADE, APPLY, ENROLL_EXPORT, ENROLL_ROOT, EXPORT_MEDIUM, KEPT_FILE, LOOK,
    REASON, REVOKE, WAY, WRITE_KEPT, WRITE_MADE,
};
use super::{CERTIFICATE, PEOPLE, PLAN};
use crate::domain::workspace::Role;
use crate::engine::definition::{Ceremony, Class, Kind, Source, Step};

pub(super) static CEREMONY: Ceremony = Ceremony {
    id: "certificate-revocation",
    version: 1,
    title: "Revoke a certificate",
    purpose: "A primary key that got into other hands, or that is no longer used, is revoked with all \
              its subkeys: with a certificate that was kept, or with one that is made now.",
    needs: &[
        "the kept revocation certificate; or a machine without a network, a medium with the \
         primary key, and its passphrase",
        "a medium for the revoked certificate",
    ],
    changes: "The certificate of the workspace is revoked, in whole or in part, for ever.",
    given_up: "Nothing was revoked unless the certificate was brought into the workspace; if it \
               was, go on: a revocation is only ever published.",
    next: "publication publishes the revocation, first and everywhere, and goes on doing so. \
           root-generation makes a new root, which the old one does not certify.",
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
            "Confirm that the primary key ends",
            "Nothing takes a revocation back. Two people read the fingerprint from two places.",
            Kind::Confirm(Class::C3, &[Source::Fact("key.certificate")]),
        ),
        REVOKE,
        ADOPT_KEPT,
        ADOPT_MADE,
        WRITE_KEPT,
        WRITE_MADE,
    ],
};
