//! The words of the rules about what lies where.

use super::RuleText;
use crate::domain::finding::FindingId;

/// The words of one of them; absent for rules of another kind.
#[expect(clippy::too_many_lines, reason = "it is a table")]
#[expect(clippy::wildcard_enum_match_arm, reason = "the other rules have their own table")]
pub(super) const fn text(id: FindingId) -> Option<RuleText> {
    Some(match id {
        FindingId::Cer004 => RuleText {
            why: "A medium that nobody has opened for long, or a passphrase that nobody has typed, \
                  is found to be gone on the day on which it is needed.",
            fix: "Hold a recovery drill: keyrite ceremony start recovery-drill. It draws the \
                  medium by lot, and proves it on another machine.",
            source: "NIST SP 800-57 part 2, recovery; yearly drills of root key holders",
        },
        FindingId::Cer010 => RuleText {
            why: "Whoever has the medium can try passphrases for as long as they like, and nobody \
                  will know. Nothing that is done to the other media changes that.",
            fix: "Make a new key with root-generation, let both be published for as long as your \
                  users need, and end the old one. If the passphrase may be known, too, do not \
                  wait: certificate-revocation, with the reason compromised.",
            source: "NIST SP 800-57 part 1: a key that may be compromised is replaced",
        },
        FindingId::Cus001 => RuleText {
            why: "Whoever gets into a machine that is used every day gets every secret on it. That of \
                  the primary key makes subkeys that all verifiers accept, and nothing but a \
                  revocation of the whole certificate ends that; a subkey can be revoked alone.",
            fix: "Hold root-adoption: keyrite ceremony start root-adoption. It takes the key to two \
                  media, and removes the copies here, with proof; the secrets of subkeys stay. A key \
                  that others could have read is not adopted: replace it. Where the certificate is \
                  somebody's own, say so in keyrite.toml: class = \"person\".",
            source: "kernel.org maintainer guide: the certification key is kept offline (sec#)",
        },
        FindingId::Cus002 => RuleText {
            why: "One copy is lost to one broken stick, and two in one drawer to one fire. Without \
                  its primary key a certificate can neither be extended nor get a new subkey.",
            fix: "Hold lost-medium: it makes a second one from the one that is left, and proves \
                  both. Keep them at two places. If none is left, it says what can be done.",
            source: "kernel.org maintainer guide: backups of the primary key",
        },
        FindingId::Cus003 => RuleText {
            why: "Sticks forget. A listing shows that files are there, and a signature by the key \
                  shows that it can be used.",
            fix: "Hold a recovery drill with that medium. If it fails, restore it from the other \
                  one at once: lost-medium.",
            source: "NIST SP 800-57 part 1, backup; flash memory keeps its charge for years only",
        },
        FindingId::Cus004 => RuleText {
            why: "Whoever has the primary key makes subkeys that everybody trusts; in CI, that is \
                  everybody who can change a workflow. One secret subkey can be revoked alone.",
            fix: "Put secrets into slots with custody-upload: it looks at every packet before a \
                  byte leaves. If a primary key was in a slot, it has leaked: replace it.",
            source: "OpenDev's signing ceremony: only the subkey is exported for CI",
        },
        FindingId::Cus005 => RuleText {
            why: "A passphrase beside its key protects against nothing: whoever reads the place \
                  has both.",
            fix: "Use two slots, with readers of their own; or waive the rule for this slot, with a \
                  reason, where the consumer cannot read two.",
            source: "NIST SP 800-57 part 2: key-encrypting keys are kept apart",
        },
        FindingId::Cus006 => RuleText {
            why: "People leave and roles grow: after a year nobody knows who could have read a \
                  secret, and after a leak that is the first question.",
            fix: "List who can read the place (its page says how), write them into keyrite.toml as \
                  readers with the day on which you looked, and take those away who need it no more.",
            source: "Spack's open question: who has access, and how",
        },
        FindingId::Cus008 => RuleText {
            why: "Given a key ID, a name or a fingerprint without an exclamation mark, gpg signs with the \
                  newest subkey that it finds: an imported successor signs at once, before verifiers know it.",
            fix: "Give the user of the slot the whole fingerprint of the subkey with an exclamation mark \
                  behind it.",
            source: "GnuPG manual, how to specify a user ID; measured with gpg 2.2",
        },
        FindingId::Cus009 => RuleText {
            why: "Without a passphrase the place is all that protects the key: a copy of its \
                  storage, a backup or a log is the key.",
            fix: "Give the consumer a passphrase from another store. Where it cannot take one, say \
                  why in keyrite.toml (reason = \"...\"), and name who can read the place.",
            source: "NIST SP 800-57 part 1: private keys are encrypted where they are stored",
        },
        FindingId::Cus010 => RuleText {
            why: "Certificates are meant to be shared, and files that are meant to be shared are \
                  copied, mailed, committed and cached.",
            fix: "Find out who can read this file. If anybody else could, treat the keys as \
                  compromised; otherwise keep the secret offline and share the public \
                  certificate only.",
            source: "decision 0006",
        },
        FindingId::Cus011 => RuleText {
            why: "A profile, a context or a repository with the right name and the wrong owner takes \
                  a secret as readily as the right one, and does not give it back.",
            fix: "Sign in to the account that keyrite.toml names, or correct it there. If a secret \
                  was written to a wrong place by hand, treat the subkey as compromised.",
            source: "names are used again; account numbers, repository numbers and UIDs are not",
        },
        FindingId::Cus012 => RuleText {
            why: "What people agreed to was a change of what they saw. If somebody else has written \
                  there meanwhile, the same step does something else.",
            fix: "Find out who it was and why. Then begin the ceremony again, with the place as it \
                  is now.",
            source: "RFC 9110, section 13: lost updates",
        },
        FindingId::Cus013 => RuleText {
            why: "Each kind of place has a largest size and its own abilities; what does not fit is \
                  cut off or refused when it is too late.",
            fix: "Choose another content or another kind of slot in keyrite.toml; the page of the \
                  kind says what it takes.",
            source: "the limits that the vendors publish",
        },
        FindingId::Cus014 => RuleText {
            why: "A secret that is not what was written is found on the day of a release; one that \
                  is still there after it was taken away is found by somebody else.",
            fix: "Do not promote it. Take it away, find out who else writes there, and put it there \
                  again.",
            source: "NIST SP 800-57 part 2: keys are verified when they are received",
        },
        FindingId::Rev004 => RuleText {
            why: "When the key is stolen, a revocation certificate in somebody's hands is what ends \
                  it. People move, and forget what they have.",
            fix: "Ask the holder to look at it, and make the set anew: keyrite ceremony start \
                  revocation-set.",
            source: "Tails: the key's revocation shares, looked at every two years",
        },
        _ => return None,
    })
}
