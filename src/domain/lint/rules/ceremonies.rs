//! The words of the rules that stop a ceremony.

use super::RuleText;
use crate::domain::finding::FindingId;

/// The words of one of them; absent for rules of another kind.
#[expect(clippy::wildcard_enum_match_arm, reason = "the other rules have their own table")]
pub(super) const fn text(id: FindingId) -> Option<RuleText> {
    Some(match id {
        FindingId::Cer005 => RuleText {
            why: "Whoever has the primary key can make subkeys and signatures that look like \
                  yours. A part of the certificate that no ceremony has made is how that shows.",
            fix: "Ask everybody who could have used the key, also before keyrite was used. If \
                  somebody can say what it is and when it was made, take it on you with that \
                  reason. If nobody can, the primary key is in other hands: call the holders of \
                  the revocation certificates. Where a run is named that was given up, nobody \
                  else was at work: what it left is void, and is destroyed or revoked.",
            source: "the ceremonies of OpenDev and Debian; RFC 9580, section 5.2",
        },
        FindingId::Cer006 => RuleText {
            why: "What is shown to work once, with nothing but what users have, will work for \
                  users. A listing shows nothing.",
            fix: "Give the run up and begin again with other media. If it happens twice, keep \
                  both transcripts and look for the cause before you make a key.",
            source: "kernel.org maintainer guide; IANA's signer, which verifies before it writes",
        },
        FindingId::Cer007 => RuleText {
            why: "An export that holds more than one secret subkey, or the primary key, gives \
                  whoever gets it more than they should have; and what is published is public \
                  for ever.",
            fix: "Nothing was written. If a certificate of the workspace holds a secret, treat \
                  that key as compromised; if an export does, report it.",
            source: "gpg's --export-secret-subkeys, which exports all of them",
        },
        FindingId::Cer008 => RuleText {
            why: "What was in CI, in an image or on a machine of others may have been copied by \
                  anybody who could read it, and nobody would know. Two media do not make such a \
                  key safe. A stub, or a card, has no secret that could be brought onto media.",
            fix: "A key that was exposed is compromised: make a new one with root-generation, end \
                  this one with certificate-revocation and the reason compromised, and sign again \
                  what it has signed. A stub is adopted from where the whole key is. A key that \
                  has expired is extended first, with the program that holds it.",
            source: "Linux Foundation IT policies; the seed in which the key was in the image",
        },
        FindingId::Cer009 => RuleText {
            why: "A primary key is as safe as its worst copy. One that stays behind in a GnuPG \
                  home or in an old backup makes the offline media worth nothing.",
            fix: "Remove what is named, and look again. What a file system with snapshots, an \
                  SSD or a backup service still keeps can only be found where it is: look \
                  there, too.",
            source: "kernel.org maintainer guide (sec#); measured with gpg 2.2",
        },
        FindingId::Med001 => RuleText {
            why: "Links lead elsewhere, a file with two names changes behind your back, and what \
                  nobody wrote down was put there by somebody else.",
            fix: "Use a blank medium. Where other files are meant to be there, look at them, and \
                  take them on you with a reason.",
            source: "decision 0016; the transfer media of pgp-clean-room",
        },
        FindingId::Med002 => RuleText {
            why: "Two copies on one device are lost together. A folder of the machine is no \
                  copy that can be taken away from it.",
            fix: "Put in the device that belongs there, mount it where it was mounted, and look \
                  again.",
            source: "kernel.org maintainer guide; drduh's guide (two media)",
        },
        FindingId::Med003 => RuleText {
            why: "Media write what they like, and keep it as long as they like. Bytes that \
                  changed once will change again.",
            fix: "Do not use this medium. Nothing is lost as long as the other one is whole: \
                  give the run up, or begin again with a new medium.",
            source: "oxidecomputer's offline keystore, which prints the digest of each medium",
        },
        FindingId::Rev003 => RuleText {
            why: "A revocation for another key, with another reason, or that verifiers pass over \
                  is found out on the day it is needed. gpg's menu numbers are not the numbers \
                  in the signature, and its .rev files give no reason.",
            fix: "Make one with revocation-set, which tries it on a copy.",
            source: "measured with gpg 2.2; RFC 9580, section 5.2.3.31",
        },
        FindingId::Rev005 => RuleText {
            why: "Beside the key it is lost with the key; on a networked machine it is used by \
                  whoever gets in.",
            fix: "Keep it on a medium of its own, with a person who can be reached.",
            source: "Linux Foundation IT policies",
        },
        _ => return None,
    })
}
