//! A primary key comes onto two media and is proved on both, and its holders
//! get what ends it: the same whether it is made anew or exists.

use super::holders::{EACH, HOLDER, HOLDER_ID, OTHER_HOLDERS};
use super::{HOLDERS, LOCATION, NUMBER};
use crate::domain::custody::Held;
use crate::engine::definition::{Field, FieldKind, Keep, Kind, Source, Step, Until};
use crate::engine::effect::EffectKind;

pub(super) const A: Source = Source::Fact("media.a");
pub(super) const A_ID: Source = Source::Fact("enroll-a.id");
pub(super) const B: Source = Source::Fact("media.b");
pub(super) const B_ID: Source = Source::Fact("enroll-b.id");
/// The step that brings the key onto medium A.
pub(super) const ROOT: &str = "make-root";
pub(super) const FINGERPRINT: Source = Source::Fact("make-root.fingerprint");
pub(super) const DIGEST: Source = Source::Fact("make-root.digest");
pub(super) const CERTIFICATE: Source = Source::Fact("make-root.certificate");

/// The copy on medium A.
pub(super) const KEPT_A: Keep =
    Keep::new(Held::Root, "prove-a", FINGERPRINT, A_ID).at("kept.a_number", "kept.a_location");
/// The copy on medium B.
pub(super) const KEPT_B: Keep =
    Keep::new(Held::Root, "prove-b", FINGERPRINT, B_ID).at("kept.b_number", "kept.b_location");

const TWO: &[Field] = &[
    Field {
        id: "a",
        label: "Medium A",
        help: "where it is mounted, such as /media/anna/ROOT-A; blank, of one make",
        kind: FieldKind::Medium,
    },
    Field {
        id: "b",
        label: "Medium B",
        help: "another device, of another make, that will be kept in another place",
        kind: FieldKind::Medium,
    },
];

const PLACES: &[Field] = &[
    Field { id: "a_number", label: "Bag number of medium A", ..NUMBER },
    Field { id: "a_location", label: "Code of the place of medium A", ..LOCATION },
    Field { id: "b_number", label: "Bag number of medium B", ..NUMBER },
    Field {
        id: "b_location",
        label: "Code of the place of medium B",
        help: "a code, no address, and another place than that of medium A: one fire takes one of them",
        kind: FieldKind::OtherPlace("a_location"),
    },
];

pub(super) const MEDIA: Step = Step::new(
    "media",
    "Put in the media",
    "Two, because one breaks or gets lost; of different make, because a bad batch fails \
     together.",
    Kind::Ask(TWO),
)
.offline();

pub(super) const WHO_KEEPS: Step = Step::new(
    "holders",
    "Who keeps revocation certificates",
    "When the primary key is lost or stolen, they are the only thing that can end it.",
    Kind::Ask(&[HOLDERS]),
)
.offline();

pub(super) const ENROLL_A: Step = Step::new(
    "enroll-a",
    "Name medium A",
    "A random name tells media apart that look the same; one that holds something else is \
     refused.",
    Kind::Perform(EffectKind::EnrollMedium, &[("path", A), ("holds", Source::Text("root"))]),
)
.offline();

pub(super) const ENROLL_B: Step = Step::new(
    "enroll-b",
    "Name medium B",
    "The same device is not two media.",
    Kind::Perform(
        EffectKind::EnrollMedium,
        &[
            ("path", B),
            ("holds", Source::Text("root")),
            ("not", A_ID),
            ("not_device", Source::Fact("enroll-a.device")),
        ],
    ),
)
.offline();

pub(super) const COPY: Step = Step::new(
    "copy-b",
    "Copy it to medium B",
    "The same encrypted bytes, compared by their digest.",
    Kind::Perform(
        EffectKind::CopyRoot,
        &[
            ("from", A),
            ("from_id", A_ID),
            ("medium", B),
            ("medium_id", B_ID),
            ("fingerprint", FINGERPRINT),
            ("digest", DIGEST),
            ("certificate", CERTIFICATE),
        ],
    ),
)
.offline();

pub(super) const AWAY_A: Step = Step::new(
    "away-a",
    "Take medium A out",
    "What was only in a cache is not on the medium.",
    Kind::Wait(Until::Away(A)),
)
.offline();

pub(super) const BACK_A: Step = Step::new(
    "back-a",
    "Put medium A back",
    "It must be the same one.",
    Kind::Wait(Until::Back { path: A, id: A_ID }),
)
.offline();

pub(super) const READ_A: Step = Step::new(
    "read-a",
    "Read medium A again",
    "Every file is compared with the digest that was written down.",
    Kind::Verify(
        EffectKind::ReadBack,
        &[("medium", A), ("medium_id", A_ID), ("fingerprint", FINGERPRINT), ("digest", DIGEST)],
    ),
)
.offline()
.command("sha256sum keyrite/*/*");

pub(super) const PROVE_A: Step = Step::new(
    "prove-a",
    "Prove medium A",
    "A listing proves nothing: the key is opened and certifies a throw-away key, and that \
     is verified with the certificate alone.",
    Kind::Verify(
        EffectKind::ProveRoot,
        &[("medium", A), ("medium_id", A_ID), ("fingerprint", FINGERPRINT)],
    ),
)
.offline();

pub(super) const AWAY_B: Step = Step::new(
    "away-b",
    "Take medium B out",
    "What was only in a cache is not on the medium.",
    Kind::Wait(Until::Away(B)),
)
.offline();

pub(super) const BACK_B: Step = Step::new(
    "back-b",
    "Put medium B back",
    "It must be the same one.",
    Kind::Wait(Until::Back { path: B, id: B_ID }),
)
.offline();

pub(super) const READ_B: Step = Step::new(
    "read-b",
    "Read medium B again",
    "Every file is compared with the digest that was written down.",
    Kind::Verify(
        EffectKind::ReadBack,
        &[("medium", B), ("medium_id", B_ID), ("fingerprint", FINGERPRINT), ("digest", DIGEST)],
    ),
)
.offline()
.command("sha256sum keyrite/*/*");

pub(super) const PROVE_B: Step = Step::new(
    "prove-b",
    "Prove medium B",
    "The second copy must open, too.",
    Kind::Verify(
        EffectKind::ProveRoot,
        &[("medium", B), ("medium_id", B_ID), ("fingerprint", FINGERPRINT)],
    ),
)
.offline();

pub(super) const KEPT: Step = Step::new(
    "kept",
    "Where the media are kept",
    "Whoever needs them in a year has nothing but this.",
    Kind::Attest(PLACES),
);

pub(super) const ENROLL_HOLDER: Step = Step::new(
    "enroll-holder",
    "Name the medium of a holder",
    "It must be another device than those of the primary key (REV-005), and nobody else's.",
    Kind::Perform(
        EffectKind::EnrollMedium,
        &[
            ("path", HOLDER),
            ("holds", Source::Text("revocation")),
            ("not_device", Source::Fact("enroll-a.device")),
            ("nor_device", Source::Fact("enroll-b.device")),
            ("others", OTHER_HOLDERS),
        ],
    ),
)
.offline()
.each(EACH);

pub(super) const KEEP_REVOCATION: Step = Step::new(
    "keep-revocation",
    "Make a revocation certificate",
    "Hard, for the case that the key got into other hands: it is tried on a copy, and written \
     with its armor broken so that nobody imports it by mistake.",
    Kind::Perform(
        EffectKind::KeepRevocation,
        &[
            ("root", B),
            ("root_id", B_ID),
            ("fingerprint", FINGERPRINT),
            ("holder", Source::Item),
            ("medium", HOLDER),
            ("medium_id", HOLDER_ID),
        ],
    ),
)
.offline()
.each(EACH);

pub(super) const READ_HOLDER: Step = Step::new(
    "read-holder",
    "Read the medium of a holder again",
    "A revocation certificate that cannot be read is none.",
    Kind::Verify(
        EffectKind::ReadBack,
        &[("medium", HOLDER), ("medium_id", HOLDER_ID), ("fingerprint", FINGERPRINT)],
    ),
)
.offline()
.each(EACH);
