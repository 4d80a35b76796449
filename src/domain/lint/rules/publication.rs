//! The words of the rules about places of publication.

use super::RuleText;
use crate::domain::finding::FindingId;

/// The words of one of them; absent for rules of another kind.
#[expect(clippy::wildcard_enum_match_arm, reason = "the other rules have their own table")]
pub(super) const fn text(id: FindingId) -> Option<RuleText> {
    Some(match id {
        FindingId::Pub001 => RuleText {
            why: "Who has the older certificate refuses what a new subkey signs, and trusts a subkey \
                  that was revoked. An upload that went well says nothing about what users get.",
            fix: "Look what stands between: keyrite drift --parts. Publish it there once more: keyrite \
                  ceremony start publication. Where a target is gone for good, take it out of \
                  keyrite.toml and tell its users.",
            source: "RFC 7583: a key is used after the slowest channel has it",
        },
        FindingId::Pub002 => RuleText {
            why: "Only the primary key can add subkeys and user IDs that verifiers take. If a copy has \
                  some that nobody of the team has made, somebody else has that key, or has put \
                  another certificate into your place. A copy that has lost a revocation makes users \
                  trust what was stolen.",
            fix: "Write nothing over it: it is evidence. Save what is served, and find out whether a \
                  colleague has published something that this workspace lacks. If not, call the \
                  holders of the revocation certificates: docs/guides/publication.md.",
            source: "The Update Framework: rollback and arbitrary-package attacks",
        },
        FindingId::Pub003 => RuleText {
            why: "Whoever can change the only place where a fingerprint stands can change the \
                  fingerprint. Users who compare two places see it.",
            fix: "Declare a second target that somebody else runs: a keyserver beside your own pages, \
                  or a repository beside your bucket.",
            source: "Qubes OS: fingerprints in several independent places",
        },
        FindingId::Pub004 => RuleText {
            why: "Signatures of years ago are verified with the certificates of then. Where those are gone, \
                  old releases cannot be verified any more.",
            fix: "Keep every certificate on the target, the ended and the revoked ones, too; then say \
                  keeps_history = true.",
            source: "Apache KEYS files; Slurm Factory: old keys are only ever added to",
        },
        FindingId::Pub005 => RuleText {
            why: "Users compare what a page shows with what their program says. A key ID can be made to \
                  match, an unbroken line of digits is not compared, and a wrong fingerprint teaches them to \
                  ignore the difference.",
            fix: "Show the whole fingerprint in groups of four, as keyrite keys prints it, and the same one \
                  on every page.",
            source: "Qubes OS: fingerprints in several independent places",
        },
        FindingId::Pub006 => RuleText {
            why: "keys.openpgp.org serves no certification by others that the certificate itself has \
                  not approved, because anybody could flood it with such.",
            fix: "Approve the certifications that count with the primary key, offline: sq key \
                  approvals update. Then publish the certificate again.",
            source: "hagrid: attested certifications; draft-dkg-openpgp-1pa3pc",
        },
        FindingId::Pub007 => RuleText {
            why: "A bucket or a folder with the right name and the wrong owner is read by nobody, or by \
                  somebody else's users. What changes between the plan and the write was not agreed \
                  to by anybody.",
            fix: "Sign in to the account that keyrite.toml names, or correct it there. If somebody else \
                  has written meanwhile, find out who, and begin the ceremony again.",
            source: "RFC 9110, section 13: lost updates; expected bucket owners of S3",
        },
        _ => return None,
    })
}
