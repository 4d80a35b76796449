//! Why each rule is there, and what to do where it is broken. The pages of
//! the findings are generated from this.

use crate::domain::finding::FindingId;

mod ceremonies;
mod custody;
mod publication;

/// The words of one rule.
#[derive(Clone, Copy, Debug)]
pub struct RuleText {
    /// Why the rule is there.
    pub why: &'static str,
    /// What to do where it is broken, the safe thing first.
    pub fix: &'static str,
    /// Where the rule comes from.
    pub source: &'static str,
}

/// The words of a rule.
#[expect(clippy::too_many_lines, reason = "it is a table")]
#[must_use]
pub const fn rule_text(id: FindingId) -> RuleText {
    if let Some(text) = ceremonies::text(id) {
        return text;
    }
    if let Some(text) = custody::text(id) {
        return text;
    }
    if let Some(text) = publication::text(id) {
        return text;
    }
    match id {
        FindingId::Alg001 => RuleText {
            why: "Shorter RSA keys are within reach of those who can pay for it before the \
                  signatures made with them lose their worth. Apache wants 4096 bits of release \
                  keys, NIST gives 2048 bits 112 bits of strength.",
            fix: "Nothing mends a key that is too short: make a new one of the policy's size, and \
                  rotate to it in time.",
            source: "Apache release signing; NIST SP 800-57 part 1",
        },
        FindingId::Alg002 => RuleText {
            why: "A DSA signature with a bad random number gives the secret away, and verifiers \
                  of today refuse or soon refuse both algorithms.",
            fix: "Make a key with another algorithm, and rotate to it.",
            source: "Apache release signing; the cut-offs of Sequoia's policy",
        },
        FindingId::Alg003 => RuleText {
            why: "A curve that not all of your users' verifiers know makes signatures that they \
                  cannot check.",
            fix: "Make a key on a curve that the policy allows, or change the policy if all of \
                  your verifiers know this one.",
            source: "RFC 9580, section 9.2",
        },
        FindingId::Alg004 => RuleText {
            why: "With MD5 and SHA-1 somebody else can make a certificate with the same hash. \
                  Verifiers of today refuse such signatures, so that the key is of no use.",
            fix: "Make the self-signature anew with SHA-256 or better, for instance by extending \
                  the expiry; the key stays the same.",
            source: "riseup OpenPGP best practices; the cut-offs of Sequoia's policy",
        },
        FindingId::Alg005 => RuleText {
            why: "Version 3 signatures have no room for flags, ends and reasons, and verifiers of \
                  today refuse them. A version 3 key is not read at all, because its fingerprint \
                  can be forged: it stands among what was rejected, with that reason.",
            fix: "Make the self-signature anew; every program of the last twenty years writes \
                  version 4. Replace a version 3 key by a new one.",
            source: "riseup OpenPGP best practices; RFC 9580, section 5.2.2; the cut-offs of \
                     Sequoia's policy",
        },
        FindingId::Alg006 => RuleText {
            why: "Faulty generators made keys whose secret can be worked out from the public \
                  part: an exponent that does nothing, a modulus with a small factor, with two \
                  primes that are close to each other, with primes of the form that the Infineon \
                  library made (ROCA), or with a prime that another key has as well.",
            fix: "Treat the secret as known to others: revoke the key as compromised, make a new \
                  one with another program or device, and find out what the old one has signed.",
            source: "Heninger and others, Mining Your Ps and Qs (2012); Nemec and others, The \
                     Return of Coppersmith's Attack (2017), CVE-2017-15361; CVE-2022-26320",
        },
        FindingId::Alg007 => RuleText {
            why: "Old verifiers answer that they do not know the algorithm, and users take that \
                  for a bad signature.",
            fix: "Find out what your users verify with; if one of these is among them, sign with \
                  an RSA key for them.",
            source: "release notes of GnuPG 2.1; the page of the verifiers",
        },
        FindingId::Cap001 => RuleText {
            why: "A primary key that only certifies can stay offline: nothing that is done every \
                  day needs it. One that signs ends up where signatures are made.",
            fix: "Issue a signing subkey, move signing to it, and take the primary key offline. \
                  The flags change with the next self-signature.",
            source: "kernel.org maintainer guide; drduh's guide",
        },
        FindingId::Cap002 => RuleText {
            why: "Nothing can be signed, though the primary key looks well: that is how releases \
                  come to a halt unnoticed.",
            fix: "Issue a signing subkey, publish the certificate, and give the secret to whoever \
                  signs.",
            source: "kernel.org maintainer guide",
        },
        FindingId::Cap003 => RuleText {
            why: "What a release key is not for should not be possible with it: each further \
                  subkey is one more secret to keep.",
            fix: "Revoke the subkey if nobody uses it; else make a certificate of its own for \
                  that use.",
            source: "Slurm Factory's plan for its keys: signing only, not encryption",
        },
        FindingId::Cap004 => RuleText {
            why: "Without a back signature anybody could adopt somebody else's signing key as his \
                  subkey. Verifiers refuse its signatures.",
            fix: "Look for a whole copy of the certificate; else bind the subkey anew, which adds \
                  the back signature.",
            source: "RFC 9580, section 5.2.1.10",
        },
        FindingId::Cap006 => RuleText {
            why: "Programs take the newest subkey that can sign, whether or not it is the one \
                  that you mean; and every one of them is a secret somewhere.",
            fix: "Retire the subkeys that nobody signs with; name the one that you mean by its \
                  full fingerprint with an exclamation mark.",
            source: "measured with gpg 2.2",
        },
        FindingId::Exp001 => RuleText {
            why: "A primary key whose secret is lost ends by itself only if it has an end; and an \
                  end that comes round makes people practise.",
            fix: "Set an end: keyrite ceremony start expiry-extension. It can be put off later, as \
                  often as the rules allow.",
            source: "riseup OpenPGP best practices",
        },
        FindingId::Exp002 => RuleText {
            why: "The secret of a signing subkey lives on machines that are online. The shorter \
                  it lives, the less a leak is worth.",
            fix: "Issue a successor with the policy's length, and let this one end.",
            source: "the plans behind the profiles: 90 days to two years",
        },
        FindingId::Exp003 => RuleText {
            why: "A subkey ends with its primary key, whatever it says itself. Programs that show \
                  the subkey's own date promise what does not hold, and gpg makes such subkeys \
                  without a word.",
            fix: "Extend the primary key first, or issue the subkey with an earlier end.",
            source: "measured with gpg 2.2",
        },
        FindingId::Exp005 => RuleText {
            why: "Users need the successor before it is used, and a step that comes late must not \
                  be an outage.",
            fix: "Begin the rotation now: make the successor, publish it, and use it when it has \
                  reached your users.",
            source: "RFC 7583; tuf-on-ci's signing period",
        },
        FindingId::Exp006 => RuleText {
            why: "Verifiers take a key from the future for invalid and skip it without a word: a \
                  wrong clock when it was made.",
            fix: "Check the clocks; then make the key anew with the right time.",
            source: "measured with gpg 2.2",
        },
        FindingId::Exp007 => RuleText {
            why: "Programs differ in whose end they take, so that the key ends on different days \
                  for different users.",
            fix: "Make the self-signatures of all user IDs anew with one and the same end.",
            source: "rnp's key validity tests",
        },
        FindingId::Exp008 => RuleText {
            why: "An end that is put off again and again is no end: the secret of such a key has \
                  had years to leak, and nobody has practised how to replace it. A subkey's term \
                  is the matter of EXP-002.",
            fix: "Do not extend it again: make the successor, have the old key certify it, and \
                  rotate to it before the old one ends.",
            source: "NIST SP 800-57 part 1, section 5.3 (cryptoperiods)",
        },
        FindingId::Uid001 => RuleText {
            why: "A comment says what the name does not, is taken for part of it, and is wrong \
                  when the circumstances change.",
            fix: "Add a user ID without the comment, make it the primary one, and revoke the old \
                  one.",
            source: "riseup OpenPGP best practices",
        },
        FindingId::Uid002 => RuleText {
            why: "Such characters make a name look like another one on some screens.",
            fix: "Do not use the certificate before its owner has explained it; the owner revokes \
                  that user ID.",
            source: "Unicode technical report 36; measured with gpg 2.2",
        },
        FindingId::Uid003 => RuleText {
            why: "The primary user ID decides the key's expiry and flags. Where none or several \
                  are marked, programs choose differently.",
            fix: "Mark one of them with the next self-signatures.",
            source: "RFC 9580, section 5.2.3.27",
        },
        FindingId::Uid004 => RuleText {
            why: "Keyservers refuse large certificates, and old programs hang on them.",
            fix: "Publish a copy without the certifications that you did not ask for.",
            source: "the limits of hockeypuck and keys.openpgp.org",
        },
        FindingId::Crt001 => RuleText {
            why: "Certifications by others let users check a key that they have not seen before. \
                  This counts what the packets say; it does not verify them.",
            fix: "Ask the others of the team to compare the fingerprint and to certify it.",
            source: "OpenDev's signing key management; Arch Linux master keys",
        },
        FindingId::Cap005 => RuleText {
            why: "A key of staging is within reach of more people and programs than one of production: who \
                  has it could sign what users of production trust.",
            fix: "Issue a subkey of its own for each environment, and say in keyrite.toml which slot is of \
                  which.",
            source: "APX: different keys for each environment",
        },
        FindingId::Exp004 => RuleText {
            why: "A verifier that has not fetched the certificate again does not know the new subkey, and \
                  refuses what it signs. The lead gives the slowest channel time.",
            fix: "Sign with the old subkey until the lead is over, if it still can; publish the next one in \
                  time, and write both days down.",
            source: "Slurm Factory: 30 days; OpenDev: at least a month; RFC 7583, Ipub",
        },
        FindingId::Crt002 => RuleText {
            why: "A certification by a certificate that is expired, revoked or weak convinces nobody.",
            fix: "Get the present certificate from the person over a second channel, compare its \
                  fingerprint, and put it into people/<FPR>.asc.",
            source: "OpenDev key signing; Arch Linux master keys",
        },
        FindingId::Crt003 => RuleText {
            why: "Users trust the old certificate. Its certification of the new one is the proof that both \
                  are of the same team.",
            fix: "Certify the new certificate with the old primary key while it is valid, merge and publish \
                  both.",
            source: "OpenDev: the next key is signed with the present one",
        },
        FindingId::Log001 => RuleText {
            why: "A line that does not name the one before it was changed, moved, or put there by \
                  somebody else, and nothing that follows it proves anything.",
            fix: "Keep the file as it is, for whoever looks into it. Compare it with git and with \
                  the copies of the others (git log -p -- audit), and bring back the one that \
                  keyrite audit verify accepts. Where none is left, begin a new chain with keyrite \
                  audit begin, and sign a checkpoint of it.",
            source: "RFC 8785; docs/reference/audit-log.md",
        },
        FindingId::Log002 => RuleText {
            why: "A chain cannot show that its end was cut off. Checkpoints that people have signed, \
                  the chains of others and the journals can, as long as they are good themselves. A \
                  run that no chain names can be anybody's, and counts for nothing.",
            fix: "Bring the missing lines and files back from git or another machine (git log -p -- \
                  audit runs). A signature that is not good, or whose certificate is not in people/, \
                  proves nothing: ask who put it there (or that run), and sign the checkpoint anew.",
            source: "docs/reference/audit-log.md",
        },
        FindingId::Log003 => RuleText {
            why: "Who can change the log can change all of it, up to the newest place that was \
                  signed and kept elsewhere.",
            fix: "Write a checkpoint with keyrite audit checkpoint, sign it, and keep a copy of both \
                  outside: on a medium, in another repository, in storage that locks objects.",
            source: "IANA DPS for the root zone KSK, audit logging; docs/reference/audit-log.md",
        },
        FindingId::Log004 => RuleText {
            why: "The machine stopped while a line was written. Nothing was done that this line \
                  says, because a line is safe on the disk before anything is done.",
            fix: "Nothing is lost: whoever wrote it starts keyrite on that machine, which sets the \
                  torn line aside and records that. Commit both files.",
            source: "docs/reference/audit-log.md",
        },
        FindingId::Log005 => RuleText {
            why: "A clock that goes backwards makes signatures that seem to be older than their \
                  keys, and lets an act be dated before another.",
            fix: "Find out which of the two times was wrong, write that down, and set the clock \
                  before the next ceremony. The lines stay as they are.",
            source: "docs/reference/audit-log.md",
        },
        FindingId::Log006 => RuleText {
            why: "Two lines for one place mean that somebody has written a second history: the log \
                  was brought back from an old copy and went on, a machine was cloned, or \
                  somebody wants to hide what was there.",
            fix: "Keep both, and do nothing that needs the log. Find out on which machine each was \
                  written, and which one the checkpoints and the others name. The writer of it \
                  begins a new chain with keyrite audit begin.",
            source: "docs/reference/audit-log.md",
        },
        FindingId::Ops001 => RuleText {
            why: "When exactly as many holders are there as a ceremony needs, one illness stops the \
                  revocation of a stolen key.",
            fix: "Plan absences so that they do not overlap, or name and train one more key holder.",
            source: "Sigstore root key holders: duty rota",
        },
        FindingId::Hst001 => RuleText {
            why: "Whoever reaches the machine on which a root key is made can try to take it. An offline \
                  ceremony in production is refused while a network is up.",
            fix: "Pull the cables, switch the radios off (rfkill block all) and take what is left down (ip \
                  link set NAME down). Then look again: keyrite preflight --offline.",
            source: "IANA: the laptop of a root key ceremony has no network; drduh's guide",
        },
        FindingId::Hst002 => RuleText {
            why: "A default route shows that the machine is set up to reach others, also where the interface \
                  is hidden in another place. An offline ceremony in production is refused with one.",
            fix: "Stop what manages the network, and remove the route: ip route del default, ip -6 route del \
                  default.",
            source: "keyrite: a second look at the same question",
        },
        FindingId::Hst003 => RuleText {
            why: "What is swapped out stays on the disk after the machine is off. keyrite locks the pages of \
                  its own secrets; copies in libraries and in the programs that it starts are not locked.",
            fix: "Switch swap off for the ceremony: swapoff -a. A live system without swap never had it.",
            source: "Tails, which never uses swap; measured: a process that locks all of its memory cannot \
                     start threads",
        },
        FindingId::Hst004 => RuleText {
            why: "A core file is a copy of the memory with all that was secret in it, and a handler of crashes \
                  may send it away.",
            fix: "keyrite sets its own limit to zero and hides its memory from handlers. Where that failed, \
                  find out what forbids it, for instance a filter of system calls; until then, make no keys \
                  on this machine.",
            source: "core(5); prctl(2), PR_SET_DUMPABLE",
        },
        FindingId::Hst005 => RuleText {
            why: "Any other program of the same user can read the memory of a process that is not closed to \
                  it, and a program with the set-user-ID bit could be started to get rights that the person \
                  does not have.",
            fix: "keyrite closes itself when it starts. Where that failed, find out what forbids it, for \
                  instance a filter of system calls; until then, make no keys on this machine.",
            source: "ptrace(2); prctl(2), PR_SET_DUMPABLE and PR_SET_NO_NEW_PRIVS",
        },
        FindingId::Hst006 => RuleText {
            why: "A trial import into GnuPG writes a home with a secret key. On a disk it can be found again \
                  after it was deleted; so without a folder in memory the trial is left out, and on record.",
            fix: "Mount one where the user may write: mount -t tmpfs -o mode=1777 tmpfs /tmp, or set \
                  XDG_RUNTIME_DIR to one.",
            source: "drduh's guide (a home on tmpfs)",
        },
        FindingId::Hst007 => RuleText {
            why: "The creation time of a signature is the machine's word. A key that is made by a fast clock is \
                  skipped by gpg without an error, and one by a slow clock is older than what it replaces. \
                  Going on needs an exception on record.",
            fix: "Compare with a clock that you trust, and set both: date -u -s, then hwclock --systohc --utc. \
                  A difference of whole hours is a hardware clock in local time.",
            source: "measured with gpg 2.2 and sqv: keys from the future",
        },
        FindingId::Hst008 => RuleText {
            why: "The newest signature of the input, the last record of the log and this program itself were \
                  made in the past. A clock that is before them is wrong, and what it dates is older than \
                  its own parent. There is no exception.",
            fix: "Set the clock by one that you trust: date -u -s, then hwclock --systohc --utc. Where the \
                  clock is right, the newest signature or record was made by a wrong one: look at it first.",
            source: "measured with gpg 2.2 and sqv: signatures from before their key",
        },
        FindingId::Hst009 => RuleText {
            why: "A recorder keeps what is shown, a passphrase that is shown once to be written down among \
                  it, and a multiplexer shows it to everyone who attaches and keeps it for scrolling.",
            fix: "Leave it, and begin again in a terminal of its own, best the machine's own console.",
            source: "script(1), screen(1), tmux(1)",
        },
        FindingId::Rev002 => RuleText {
            why: "A soft revocation counts from the day on which it was made. One that is made in \
                  advance and used years later takes away every signature of the years between. \
                  One with the reason compromised takes all of them, which is what it is for.",
            fix: "Destroy it, and make one with the reason compromised to be kept. Make a soft \
                  one on the day on which it is published.",
            source: "RFC 9580, section 5.2.3.31; measured with gpg 2.2 and Sequoia",
        },
        // They have their words there.
        FindingId::Cer004
        | FindingId::Cer010
        | FindingId::Cus001
        | FindingId::Cus002
        | FindingId::Cus003
        | FindingId::Cus004
        | FindingId::Cus005
        | FindingId::Cus006
        | FindingId::Cus008
        | FindingId::Cus009
        | FindingId::Cus010
        | FindingId::Cus011
        | FindingId::Cus012
        | FindingId::Cus013
        | FindingId::Cus014
        | FindingId::Rev004
        | FindingId::Cer005
        | FindingId::Cer006
        | FindingId::Cer007
        | FindingId::Cer008
        | FindingId::Cer009
        | FindingId::Med001
        | FindingId::Med002
        | FindingId::Med003
        | FindingId::Pub001
        | FindingId::Pub002
        | FindingId::Pub003
        | FindingId::Pub004
        | FindingId::Pub005
        | FindingId::Pub006
        | FindingId::Pub007
        | FindingId::Rev003
        | FindingId::Rev005 => RuleText { why: "", fix: "", source: "" },
    }
}
