//! A primary key that releases are signed with today becomes an offline root,
//! gets a signing subkey, and is removed from where it was.

use super::holders::{AWAY_HOLDER, BACK_HOLDER, HOLDER_MEDIUM, RECEIVED, kept_by_holder};
use super::two_media::{self, A, A_ID, CERTIFICATE};
use super::{MACHINE, PEOPLE, PLAN};
use crate::domain::custody::Held;
use crate::domain::workspace::Role;
use crate::engine::definition::{Ceremony, Keep, Source};

mod copies;
mod key;
mod subkey;

const FINGERPRINT: Source = Source::Fact("source.fingerprint");
const ISSUED: Source = Source::Fact("issue.certificate");
const SUBKEY: Source = Source::Fact("issue.subkey");

pub(super) static CEREMONY: Ceremony = Ceremony {
    id: "root-adoption",
    version: 2,
    title: "Make an offline root of a key that exists",
    purpose: "A primary key that is in a GnuPG home, an export or a backup comes onto two media \
              that were proved to work, with revocation certificates and a subkey that signs in \
              its place; then it is removed from where it was. Its fingerprint stays.",
    needs: &[
        "the machine with the key, its network off; or the export of the key on a medium, for a \
         machine without a network",
        "the passphrase that the key has now",
        "two blank media of different make for the primary key",
        "a medium for the parcel of the new subkey, and one for its revocation certificate",
        "one medium for each person who keeps a revocation certificate",
        "paper and pen for the new passphrase",
    ],
    changes: "Two media with the primary key under a new passphrase. A revocation certificate for \
              each holder. One more subkey, and the parcel with its secret. The copies that were \
              named or found are gone; the secrets of other subkeys stay where they are.",
    given_up: "Before the first copy is removed: the key is where it was. Destroy media A and B, \
               the revocation certificates and the parcel; where the certificate is in the \
               workspace already, go on instead, or end the new subkey with subkey-revocation. \
               Afterwards: the media have the only key. Keep them, and remove the copies that are \
               left by hand.",
    next: "The new subkey signs once it is published: custody-upload, then publication. keyrite \
           lint shows what is left: the primary key may go on signing by its flags (CAP-001), \
           which no consumer can use any more, because its secret is offline. Subkeys that signed \
           before are ended with subkey-revocation once theirs is replaced.",
    roles: &[Role::Administrator, Role::Witness, Role::KeyHolder, Role::RevocationHolder],
    keeps: &[
        two_media::KEPT_A.in_place_of_others(),
        two_media::KEPT_B.in_place_of_others(),
        kept_by_holder(FINGERPRINT),
        Keep::new(Held::Parcel, "check-parcel", SUBKEY, Source::Fact("enroll-parcel.id")),
        Keep::new(Held::Revocation, "read-keeper", SUBKEY, Source::Fact("enroll-keeper.id"))
            .held_by(Source::Fact("parcel.holder")),
    ],
    loses: &[],
    steps: &[
        PEOPLE,
        key::SOURCE,
        key::LOOK,
        MACHINE,
        two_media::MEDIA,
        subkey::SPEC,
        subkey::MEDIA,
        two_media::WHO_KEEPS,
        HOLDER_MEDIUM,
        two_media::ENROLL_A,
        two_media::ENROLL_B,
        subkey::ENROLL_PARCEL,
        subkey::ENROLL_KEEPER,
        PLAN,
        key::AGREE,
        key::TAKE,
        two_media::COPY,
        two_media::AWAY_A,
        two_media::BACK_A,
        two_media::READ_A,
        two_media::PROVE_A,
        two_media::AWAY_B,
        two_media::BACK_B,
        two_media::READ_B,
        two_media::PROVE_B,
        two_media::ENROLL_HOLDER,
        two_media::KEEP_REVOCATION,
        AWAY_HOLDER,
        BACK_HOLDER,
        two_media::READ_HOLDER,
        RECEIVED,
        subkey::ISSUE,
        subkey::AWAY,
        subkey::BACK,
        subkey::CHECK,
        subkey::KEEP_REVOCATION,
        subkey::READ_KEEPER,
        subkey::RENEW_A,
        subkey::RENEW_B,
        subkey::COMPARE,
        subkey::ADOPT,
        subkey::SHEET,
        copies::CONFIRM,
        copies::REMOVE,
        copies::PROVE_GONE,
        two_media::KEPT,
        copies::SIGNER,
    ],
};
