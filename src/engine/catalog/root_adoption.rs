//! A primary key that releases are signed with today becomes an offline root,
//! gets a signing subkey, and is removed from where it was.

use super::holders::{AWAY_HOLDER, BACK_HOLDER, HOLDER_MEDIUM, RECEIVED, kept_by_holder};
use super::{HOLDERS, MACHINE, PEOPLE, PLAN};
use crate::domain::custody::Held;
use crate::domain::workspace::Role;
use crate::engine::definition::{Ceremony, Keep, Kind, Source, Step};

mod copies;
mod key;
mod media;
mod subkey;

const FINGERPRINT: Source = Source::Fact("source.fingerprint");
const A: Source = Source::Fact("media.a");
const A_ID: Source = Source::Fact("enroll-a.id");
const B: Source = Source::Fact("media.b");
const B_ID: Source = Source::Fact("enroll-b.id");
const DIGEST: Source = Source::Fact("take-root.digest");
const CERTIFICATE: Source = Source::Fact("take-root.certificate");
const ISSUED: Source = Source::Fact("issue.certificate");
const SUBKEY: Source = Source::Fact("issue.subkey");

const WHO_KEEPS: Step = Step::new(
    "holders",
    "Who keeps revocation certificates",
    "When the primary key is lost or stolen, they are the only thing that can end it.",
    Kind::Ask(&[HOLDERS]),
)
.offline();

pub(super) static CEREMONY: Ceremony = Ceremony {
    id: "root-adoption",
    version: 1,
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
        Keep::new(Held::Root, "prove-a", FINGERPRINT, A_ID)
            .at("kept.a_number", "kept.a_location")
            .in_place_of_others(),
        Keep::new(Held::Root, "prove-b", FINGERPRINT, B_ID)
            .at("kept.b_number", "kept.b_location")
            .in_place_of_others(),
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
        media::MEDIA,
        subkey::SPEC,
        subkey::MEDIA,
        WHO_KEEPS,
        HOLDER_MEDIUM,
        media::ENROLL_A,
        media::ENROLL_B,
        subkey::ENROLL_PARCEL,
        subkey::ENROLL_KEEPER,
        PLAN,
        key::AGREE,
        key::TAKE,
        media::COPY,
        media::AWAY_A,
        media::BACK_A,
        media::READ_A,
        media::PROVE_A,
        media::AWAY_B,
        media::BACK_B,
        media::READ_B,
        media::PROVE_B,
        key::ENROLL_HOLDER,
        key::KEEP_REVOCATION,
        AWAY_HOLDER,
        BACK_HOLDER,
        key::READ_HOLDER,
        RECEIVED,
        subkey::ISSUE,
        subkey::AWAY,
        subkey::BACK,
        subkey::CHECK,
        subkey::KEEP_REVOCATION,
        subkey::READ_KEEPER,
        media::RENEW_A,
        media::RENEW_B,
        subkey::COMPARE,
        subkey::ADOPT,
        media::SHEET,
        copies::CONFIRM,
        copies::REMOVE,
        copies::PROVE_GONE,
        media::KEPT,
        copies::SIGNER,
    ],
};
