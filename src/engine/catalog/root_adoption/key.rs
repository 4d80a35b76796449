//! The key: where it is, what it is, and how it comes onto medium A.

use super::{A, A_ID, FINGERPRINT};
use crate::engine::catalog::two_media::ROOT;
use crate::engine::definition::{Class, Field, FieldKind, Kind, Source, Step};
use crate::engine::effect::EffectKind;

const PATH: Source = Source::Fact("source.path");
const PLACES: Source = Source::Optional("source.places");

pub(super) const SOURCE: Step = Step::new(
    "source",
    "Where the key is, and where it has been",
    "A key that others could have copied cannot be made safe again: then nothing is adopted. A \
     copy that is forgotten makes the media worth nothing.",
    Kind::Ask(&[
        Field {
            id: "exposed",
            label: "Where else has its secret ever been",
            help: "in CI, in an image or artifact, on a machine that others use, too; never: with \
                   its people only, and they are sure; unknown: nobody can say",
            kind: FieldKind::Word(&["unknown", "ci", "image", "shared", "never"]),
        },
        Field {
            id: "path",
            label: "Where the key is now",
            help: "a GnuPG home such as /home/anna/.gnupg, or the file of an export or a backup",
            kind: FieldKind::File,
        },
        Field {
            id: "fingerprint",
            label: "Its fingerprint",
            help: "all 40 digits, as gpg --fingerprint shows it, or better from paper",
            kind: FieldKind::Fingerprint,
        },
        Field {
            id: "places",
            label: "Where else there may be copies of it",
            help: "GnuPG homes, folders and files, with semicolons between them; folders are not \
                   entered deeper; empty where there are none",
            kind: FieldKind::Paths,
        },
    ]),
);

pub(super) const LOOK: Step = Step::new(
    "look",
    "Look at the key and for its copies",
    "Whether it is whole, in use and strong enough, and in which files its secret is. Nothing is \
     opened and nothing is changed.",
    Kind::Verify(
        EffectKind::LookAtKey,
        &[
            ("path", PATH),
            ("fingerprint", FINGERPRINT),
            ("exposed", Source::Fact("source.exposed")),
            ("places", PLACES),
        ],
    ),
)
.command("gpg --list-secret-keys --with-keygrip");

pub(super) const AGREE: Step = Step::new(
    "agree",
    "Agree to the plan",
    "Read it aloud, every file that will be removed too, and compare its digest.",
    Kind::Confirm(Class::C2, &[Source::Fact("plan.digest")]),
)
.offline();

pub(super) const TAKE: Step = Step::new(
    ROOT,
    "Take the primary key onto medium A",
    "It goes from where it is through memory onto the medium, under a new passphrase; no file is \
     written in between. The secrets of subkeys are not taken along.",
    Kind::Perform(
        EffectKind::TakeRoot,
        &[
            ("path", PATH),
            ("fingerprint", FINGERPRINT),
            ("open", Source::Optional("look.open")),
            ("medium", A),
            ("medium_id", A_ID),
        ],
    ),
)
.offline();
