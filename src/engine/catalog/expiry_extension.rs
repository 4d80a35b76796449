//! C07: the end of a primary key, and of its subkeys, is put off.

use super::{CERTIFICATE, MACHINE, PEOPLE, PLAN, ROOT_MEDIUM, away, back, read};
use crate::domain::custody::Held;
use crate::domain::workspace::Role;
use crate::engine::definition::{
    Ceremony, Class, Field, FieldKind, Input, Keep, Kind, Source, Step,
};
use crate::engine::effect::EffectKind;

const ROOT: Source = Source::Fact("key.root");
const ROOT_ID: Source = Source::Fact("enroll-root.id");
const FINGERPRINT: Source = Source::Fact("key.certificate");
const MERGED: Source = Source::Fact("merge.certificate");
const EXTENDED: Source = Source::Fact("extend.certificate");
const SECOND: Source = Source::Fact("second.path");
const SECOND_ID: Source = Source::Fact("enroll-second.id");
const WITH_SECOND: (&str, &str) = ("media.second", "yes");

const SUBKEY_ENDS: Field = Field {
    id: "ends",
    label: "Until when this subkey lives",
    help: "a period from now (1y) or a day, later than its end now; its primary key must outlive it",
    kind: FieldKind::SubkeyEnd { of: "key.certificate", within: "spec.ends" },
};

const SPEC: &[Field] = &[
    Field {
        id: "ends",
        label: "Until when the primary key lives",
        help: "a period from now (2y) or a day, later than its end now and not later than the rules let",
        kind: FieldKind::PrimaryEnd("key.certificate"),
    },
    Field {
        id: "subkeys",
        label: "Other subkeys that live longer with it",
        help: "those for encryption and authentication, or none",
        kind: FieldKind::Subkeys { of: "key.certificate", signing: false },
    },
    Field {
        id: "signers",
        label: "Signing subkeys that live longer",
        help: "only those whose secret is here, in a parcel or a key file; empty: none, and \
               subkey-issuance makes a new one",
        kind: FieldKind::Subkeys { of: "key.certificate", signing: true },
    },
];

const SIGNER: &[Field] = &[
    SUBKEY_ENDS,
    Field {
        id: "file",
        label: "Where its secret is",
        help: "the parcel that was sealed with a passphrase (.../parcel-FPR/FPR.key.pgp), or a key \
               file: what gpg --decrypt makes of a parcel for a person",
        kind: FieldKind::File,
    },
];

const RENEW: Inputs = &[
    ("root", ROOT),
    ("root_id", ROOT_ID),
    ("fingerprint", FINGERPRINT),
    ("certificate", MERGED),
    ("subkey", Source::Item),
    ("ends", Source::Fact("subkey.ends")),
    ("within", Source::Fact("spec.ends")),
];

const RENEW_SIGNER: Inputs = &[
    ("root", ROOT),
    ("root_id", ROOT_ID),
    ("fingerprint", FINGERPRINT),
    ("certificate", MERGED),
    ("subkey", Source::Item),
    ("ends", Source::Fact("signer.ends")),
    ("within", Source::Fact("spec.ends")),
    ("file", Source::Fact("signer.file")),
];

type Inputs = &'static [Input];

const WRITE_ROOT: Inputs = &[
    ("medium", ROOT),
    ("medium_id", ROOT_ID),
    ("fingerprint", FINGERPRINT),
    ("certificate", EXTENDED),
];

const WRITE_SECOND: Inputs = &[
    ("medium", SECOND),
    ("medium_id", SECOND_ID),
    ("fingerprint", FINGERPRINT),
    ("certificate", EXTENDED),
];

const READ_ROOT: Inputs = &[("medium", ROOT), ("medium_id", ROOT_ID), ("fingerprint", FINGERPRINT)];

const READ_SECOND: Inputs =
    &[("medium", SECOND), ("medium_id", SECOND_ID), ("fingerprint", FINGERPRINT)];

const fn write(id: &'static str, title: &'static str, inputs: Inputs) -> Step {
    let why = "So that the next ceremony knows the new end. Not before the workspace has it: a run \
               that is given up leaves nothing on the root.";
    Step::new(id, title, why, Kind::Perform(EffectKind::WriteCertificate, inputs)).offline()
}

pub(super) static CEREMONY: Ceremony = Ceremony {
    id: "expiry-extension",
    version: 1,
    title: "Put off the end of a key",
    purpose: "A primary key that is still good lives longer, and with it the subkeys that you \
              choose: everybody gets the new end by fetching the certificate again.",
    needs: &[
        "a machine without a network, with the newest workspace",
        "one medium with the primary key, and its passphrase; better all of them",
        "for each signing subkey that is to live longer: its parcel and the parcel's passphrase, \
         or its key file and passphrase",
    ],
    changes: "The certificate of the workspace, and of the media that are here, ends later. \
              Nothing is removed: who does not fetch it sees the old end.",
    given_up: "Before the certificate is in the workspace: nothing was changed, and the new \
               signatures are void. Afterwards the new end is real: publish it. Destroy key files \
               that were made for this.",
    next: "publication brings the new end to everybody before the day that was named; all clients, \
           and the machines that sign, must fetch the certificate again. A signing subkey that was \
           left as it is gets a successor by subkey-issuance.",
    roles: &[Role::Administrator, Role::Witness, Role::KeyHolder],
    keeps: &[Keep::new(Held::Root, "extend", FINGERPRINT, ROOT_ID)],
    loses: &[],
    steps: &[
        PEOPLE,
        MACHINE,
        Step::new(
            "key",
            "Which key lives longer",
            "Only one that is good: never one that may be in other hands, or that is weaker than \
             the rules want.",
            Kind::Ask(&[CERTIFICATE, ROOT_MEDIUM]),
        )
        .offline(),
        Step::new(
            "enroll-root",
            "Recognise the medium with the primary key",
            "By the random name that it was given.",
            Kind::Perform(
                EffectKind::EnrollMedium,
                &[("path", ROOT), ("holds", Source::Text("root"))],
            ),
        )
        .offline(),
        Step::new(
            "merge",
            "Compare the certificates",
            "A self-signature or subkey that nobody accounts for means that somebody else used the \
             primary key: then the ceremony stops.",
            Kind::Verify(
                EffectKind::MergeCertificate,
                &[("medium", ROOT), ("medium_id", ROOT_ID), ("fingerprint", FINGERPRINT)],
            ),
        )
        .offline(),
        Step::new(
            "spec",
            "What lives longer, and until when",
            "The primary key signs the new end of other subkeys alone. A signing subkey has to sign \
             it as well, or anybody could claim it: its secret must be here, in the parcel that was \
             sealed with a passphrase, or as the key file that its holder has opened with gpg. Or \
             leave it as it is: subkey-issuance makes a new one.",
            Kind::Ask(SPEC),
        )
        .offline()
        .command("gpg --list-keys --with-colons"),
        Step::new(
            "subkey",
            "The end of a subkey",
            "Each can have an end of its own.",
            Kind::Ask(&[SUBKEY_ENDS]),
        )
        .offline()
        .each("spec.subkeys"),
        Step::new(
            "signer",
            "The end of a signing subkey, and its secret",
            "The file is only read. Destroy a key file afterwards: it is one more copy of the \
             secret.",
            Kind::Ask(SIGNER),
        )
        .offline()
        .each("spec.signers")
        .command("gpg --decrypt FPR.key.pgp > FPR.key; gpg --decrypt FPR.pass.pgp"),
        Step::new(
            "media",
            "The other medium",
            "A medium with an old certificate is told at the next ceremony, and renewed there.",
            Kind::Ask(&[Field {
                id: "second",
                label: "Is the other medium with the primary key here, too",
                help: "yes: its certificate is renewed as well; no: the next drill will tell",
                kind: FieldKind::Word(&["no", "yes"]),
            }]),
        )
        .offline(),
        Step::new(
            "second",
            "Where the other medium is",
            "So that both know the new end.",
            Kind::Ask(&[Field {
                id: "path",
                label: "The other medium with the primary key",
                help: "where it is mounted",
                kind: FieldKind::Medium,
            }]),
        )
        .offline()
        .only_if(WITH_SECOND.0, WITH_SECOND.1),
        Step::new(
            "enroll-second",
            "Recognise the other medium",
            "It must be another one than the first.",
            Kind::Perform(
                EffectKind::EnrollMedium,
                &[
                    ("path", SECOND),
                    ("holds", Source::Text("root")),
                    ("not", ROOT_ID),
                    ("not_device", Source::Fact("enroll-root.device")),
                ],
            ),
        )
        .offline()
        .only_if(WITH_SECOND.0, WITH_SECOND.1),
        PLAN,
        Step::new(
            "agree",
            "Agree to the plan",
            "Read it aloud and compare its digest.",
            Kind::Confirm(Class::C2, &[Source::Fact("plan.digest")]),
        )
        .offline(),
        Step::new(
            "extend-subkey",
            "Put off the end of a subkey",
            "The primary key binds it once more, until later.",
            Kind::Perform(EffectKind::ExtendSubkey, RENEW),
        )
        .offline()
        .each("spec.subkeys"),
        Step::new(
            "extend-signer",
            "Put off the end of a signing subkey",
            "Both keys sign: the primary key that the subkey is its own, and the subkey that it \
             belongs to it.",
            Kind::Perform(EffectKind::ExtendSigner, RENEW_SIGNER),
        )
        .offline()
        .each("spec.signers"),
        Step::new(
            "extend",
            "Put off the end of the primary key",
            "On the key and on every living user ID, because programs read it in different places. \
             Old and new together must say the new end: here, and in GnuPG.",
            Kind::Perform(
                EffectKind::ExtendPrimary,
                &[
                    ("root", ROOT),
                    ("root_id", ROOT_ID),
                    ("fingerprint", FINGERPRINT),
                    ("certificate", MERGED),
                    ("ends", Source::Fact("spec.ends")),
                    ("subkeys", Source::Others("extend-subkey.certificate")),
                    ("signers", Source::Others("extend-signer.certificate")),
                ],
            ),
        )
        .offline(),
        Step::new(
            "fingerprint",
            "Compare the fingerprint",
            "It stays the same: who has it from paper keeps it.",
            Kind::Confirm(Class::C3, &[FINGERPRINT]),
        ),
        Step::new(
            "adopt",
            "Bring the certificate into the workspace",
            "What is in the workspace gets published. A new end that was published is not taken \
             back: the key could only be revoked.",
            Kind::Perform(
                EffectKind::AdoptCertificate,
                &[("fingerprint", FINGERPRINT), ("certificate", EXTENDED)],
            ),
        )
        .irreversible(),
        write("renew-root", "Write the certificate to the medium of the root", WRITE_ROOT),
        away("away-root", ROOT),
        back("back-root", ROOT, ROOT_ID),
        read("read-root", READ_ROOT),
        write("renew-second", "Write the certificate to the other medium", WRITE_SECOND)
            .only_if(WITH_SECOND.0, WITH_SECOND.1),
        away("away-second", SECOND).only_if(WITH_SECOND.0, WITH_SECOND.1),
        back("back-second", SECOND, SECOND_ID).only_if(WITH_SECOND.0, WITH_SECOND.1),
        read("read-second", READ_SECOND).only_if(WITH_SECOND.0, WITH_SECOND.1),
        Step::new(
            "publish",
            "The day before which it must be published",
            "The old end, less what the slowest channel needs. Whoever has not fetched the \
             certificate by the old end sees a key that has ended. If the day is over, publish at \
             once and tell everybody; never set a clock back.",
            Kind::Confirm(Class::C1, &[Source::Fact("extend.publish_before")]),
        ),
        Step::new(
            "notice",
            "Who publishes it, and who tells the users",
            "Clients keep the old certificate until somebody tells them to refresh it.",
            Kind::Attest(&[
                Field {
                    id: "by",
                    label: "Who publishes it",
                    help: "somebody of the team, by name",
                    kind: FieldKind::Text { required: true },
                },
                Field {
                    id: "notice",
                    label: "Where users are told to fetch it again",
                    help: "release notes, a page, a list; '-' where nobody has to",
                    kind: FieldKind::Text { required: true },
                },
            ]),
        ),
    ],
};
