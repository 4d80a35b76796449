//! The words of the rules about what lies where.

use super::RuleText;
use crate::domain::finding::FindingId;

/// The words of one of them; absent for rules of another kind.
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
