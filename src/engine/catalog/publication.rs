//! C05: a certificate is put where its users find it, and looked at through
//! their own door.

use super::{CERTIFICATE, PEOPLE, PLAN};
use crate::domain::workspace::Role;
use crate::engine::definition::{Ceremony, Class, Field, FieldKind, Input, Kind, Source, Step};
use crate::engine::effect::EffectKind;

const FINGERPRINT: Source = Source::Fact("key.certificate");
const MINIMAL: Source = Source::Fact("make.minimal");
const ATTESTED: Source = Source::Fact("make.attested");
const EVERYWHERE: Source = Source::Optional("make.everywhere");
const EACH: &str = "where.targets";

const TARGETS: &[Field] = &[Field {
    id: "targets",
    label: "The targets",
    help: "those of keyrite.toml; a revocation goes to all of them",
    kind: FieldKind::Targets { of: "key.certificate", all: "make.everywhere" },
}];

/// What every step takes that writes to a target or reads from it after people
/// have agreed: the target as they saw it, and what is to be there; then what
/// the step takes besides.
macro_rules! at_target {
    ($($more:expr),* $(,)?) => {
        &[
            ("seen", Source::Fact("look.verdict")),
            ("target", Source::Item),
            ("place", Source::Fact("look.place")),
            ("declared", Source::Fact("look.declared")),
            ("fingerprint", FINGERPRINT),
            ("minimal", MINIMAL),
            ("attested", ATTESTED),
            $($more),*
        ]
    };
}

/// What guards a write against what others wrote meanwhile.
const GUARD: Input = ("guard", Source::Fact("look.guard"));

const WRITING: &[Input] = at_target![GUARD];

const WRITING_AGAIN: &[Input] =
    at_target![GUARD, ("last", Source::Text("yes")), ("everywhere", EVERYWHERE)];

const LOOKING: &[Input] = at_target![("state", Source::Text(""))];

const PROVING: &[Input] = at_target![
    ("state", Source::Fact("publish.state")),
    ("again", Source::Optional("again.state")),
    ("everywhere", EVERYWHERE),
];

const TOLD: &[Field] = &[
    Field {
        id: "by",
        label: "Who tells the users, and how",
        help: "the mail that was written, a news item, a release note",
        kind: FieldKind::Text { required: true },
    },
    Field {
        id: "second",
        label: "Where the fingerprint stands that does not depend on these targets",
        help: "a printed page, a talk, another project's documentation (PUB-003); empty for none",
        kind: FieldKind::Text { required: false },
    },
];

pub(super) static CEREMONY: Ceremony = Ceremony {
    id: "publication",
    version: 1,
    title: "Publish a certificate",
    purpose: "The same bytes, made once, are put where users find the certificate; then each place \
              is looked at as its users do. Only what they get counts.",
    needs: &[
        "the machine with the network, and access to the targets",
        "the newest workspace: what is not in it is not published",
        "the mailbox of each user ID, where a keyserver asks its owner",
    ],
    changes: "Users of each target get the certificate as it is in the workspace. Keyservers never \
              forget: what was published stays published.",
    given_up: "Each target has it, or what it had before; the record says which. Nothing is half \
               written: begin again for the rest.",
    next: "keyrite drift looks at all targets every day. A new subkey is brought to its consumer \
           (custody-upload), and signs after the time that the rules want (custody-promote).",
    roles: &[Role::OnlineOperator, Role::Witness],
    keeps: &[],
    loses: &[],
    steps: &[
        PEOPLE,
        Step::new(
            "machine",
            "Look at the machine",
            "It has a network, so that it must have no medium with a primary key. (In a rehearsal \
             folders stand for media: nothing looks for those.)",
            Kind::Check,
        )
        .online()
        .command("findmnt --real; date -u"),
        Step::new(
            "key",
            "Which certificate",
            "As it is in the workspace, and no other.",
            Kind::Ask(&[CERTIFICATE]),
        ),
        Step::new(
            "make",
            "Make what is published",
            "Once, in two forms: without certifications by others, which break some readers, and with \
             those that the certificate has approved. No secret, and nothing that is meant to stay at \
             home.",
            Kind::Perform(EffectKind::MakePublication, &[("fingerprint", FINGERPRINT)]),
        )
        .online()
        .command("gpg --list-packets certs/FINGERPRINT.asc"),
        Step::new(
            "where",
            "Which targets",
            "All of them, if nothing speaks against it.",
            Kind::Ask(TARGETS),
        )
        .online(),
        Step::new(
            "look",
            "Look at the target",
            "As its users do. What the team has not made, or less than there was, is an incident. \
             Nothing is ever written over what the team has not made; the other targets go on when \
             somebody has put that on record.",
            Kind::Verify(
                EffectKind::LookAtTarget,
                &[
                    ("target", Source::Item),
                    ("fingerprint", FINGERPRINT),
                    ("minimal", MINIMAL),
                    ("attested", ATTESTED),
                ],
            ),
        )
        .online()
        .each(EACH),
        PLAN,
        Step::new(
            "agree",
            "Agree to what is published",
            "What keyservers have, they have for ever.",
            Kind::Confirm(Class::C2, &[FINGERPRINT]),
        )
        .online(),
        Step::new(
            "publish",
            "Put it there",
            "Those that a rotation waits for come first. A target that does not answer, or does not take \
             it, keeps nobody waiting: it has its turn again. From here on keyrite publish goes on by \
             itself.",
            Kind::Perform(EffectKind::Publish, WRITING),
        )
        .online()
        .irreversible()
        .each(EACH),
        Step::new(
            "glance",
            "Look at it for the first time",
            "What users get already is on record before anything is waited for.",
            Kind::Verify(EffectKind::ProvePublished, LOOKING),
        )
        .online()
        .each(EACH),
        Step::new(
            "tried",
            "Look at the machine again",
            "Every target was tried once. Now those that did not answer have their second turn, and \
             each is looked at once more.",
            Kind::Check,
        )
        .online(),
        Step::new(
            "again",
            "Put it there, once more",
            "It did not answer before.",
            Kind::Perform(EffectKind::Publish, WRITING_AGAIN),
        )
        .online()
        .irreversible()
        .each(EACH)
        .only_if("publish.state", "not done"),
        Step::new(
            "prove",
            "Look at it as users do",
            "By their door, not by the one through which it was written. A cache may have the older \
             one for a while, and a keyserver may ask the owner of the address by mail: leave the run, \
             and come back.",
            Kind::Verify(EffectKind::ProvePublished, PROVING),
        )
        .online()
        .each(EACH),
        Step::new(
            "announce",
            "Write what users are told",
            "A mail, ready to be sent: what has changed, and the whole fingerprint. People send it.",
            Kind::Perform(
                EffectKind::WriteAnnouncement,
                &[
                    ("fingerprint", FINGERPRINT),
                    ("minimal", MINIMAL),
                    ("targets", Source::Fact(EACH)),
                ],
            ),
        )
        .online(),
        Step::new(
            "told",
            "Who tells the users",
            "Whoever compares a fingerprint wants to find it in two places that nobody can change at \
             once.",
            Kind::Attest(TOLD),
        ),
    ],
};
