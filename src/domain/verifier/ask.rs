//! Holding a certificate against the rules of one verifier.

use super::dates;
use super::{Accepted, KeyOpinion, Opinion, RULES, Refusal, Rule, Verifier};
use crate::domain::algorithm::Algorithm;
use crate::domain::assessment::Assessment;
use crate::domain::certificate::{Certificate, Key, SelfSignature, UserId};
use crate::domain::cutoff::{Cutoffs, HashSecurity};
use crate::domain::text::counted;
use crate::domain::timestamp::Timestamp;
use crate::domain::validity::{KeyVerdict, Reason, State, Verdict, judge};

/// What `verifier` says of a certificate.
pub(super) fn ask(verifier: Verifier, assessment: &Assessment) -> Opinion {
    let certificate = &assessment.certificate;
    // Each verifier has cut-offs of its own; before the first of them, only
    // dates, revocations and bindings count.
    let verdict = judge(certificate, assessment.verdict.at, Cutoffs::NONE);
    let signers = signers(&verdict);
    let mut keys: Vec<KeyOpinion> = certificate
        .keys()
        .zip(verdict.keys())
        .enumerate()
        .filter(|(place, _)| signers.contains(place))
        .map(|(place, (key, of_key))| {
            let question =
                Question { verifier, certificate, now: verdict.at, place, key, verdict: of_key };
            let role = if place == 0 { "primary key" } else { "signing subkey" };
            KeyOpinion { fingerprint: key.fingerprint, role, refusals: question.refusals() }
        })
        .collect();
    keys.sort_by_key(|key| std::cmp::Reverse(key.accepted()));
    Opinion { verifier, keys }
}

/// The places of the keys that sign; where none does now, of those that did or
/// will.
fn signers(verdict: &Verdict) -> Vec<usize> {
    let signs = |verdict: &&KeyVerdict| verdict.capabilities.sign;
    let all: Vec<_> = verdict.keys().enumerate().filter(|(_, verdict)| signs(verdict)).collect();
    let valid = all.iter().filter(|(_, verdict)| verdict.state == State::Valid).map(|(i, _)| *i);
    match valid.collect::<Vec<_>>() {
        none if none.is_empty() => all.into_iter().map(|(place, _)| place).collect(),
        valid => valid,
    }
}

/// One key before one verifier.
struct Question<'a> {
    verifier: Verifier,
    certificate: &'a Certificate,
    now: Timestamp,
    place: usize,
    key: &'a Key,
    verdict: &'a KeyVerdict,
}

impl Question<'_> {
    fn refusals(&self) -> Vec<Refusal> {
        let rules = RULES.iter().filter(|entry| entry.verifier == self.verifier);
        let mut refusals: Vec<Refusal> = rules
            .filter_map(|entry| {
                let (accepted, why) = self.apply(entry.rule)?;
                Some(Refusal { rule: entry.rule, accepted, why })
            })
            .filter(|refusal| refusal.accepted != Accepted::Always)
            .collect();
        refusals.sort_by_key(|refusal| refusal.accepted);
        refusals
    }

    /// How long the key is accepted in spite of a rule, and why no longer.
    fn apply(&self, rule: Rule) -> Option<(Accepted, String)> {
        let never = |holds: bool, why: &str| holds.then(|| (Accepted::Never, why.to_owned()));
        match rule {
            Rule::Ended => self.ended(),
            Rule::Revocation => {
                let keys = [self.key, &self.certificate.primary];
                let revoked = keys.into_iter().any(|key| !key.revocations.is_empty());
                never(revoked, "it is revoked; no date or reason limits that")
            }
            Rule::Version6 => {
                never(self.certificate.fingerprint().version() == 6, "it does not read version 6")
            }
            Rule::NewCurve => self
                .algorithm(|algorithm| matches!(algorithm, Algorithm::Ed25519 | Algorithm::Ed448)),
            Rule::EdDsa => self.algorithm(|algorithm| matches!(algorithm, Algorithm::EdDsa(_))),
            Rule::EcDsa => self.algorithm(|algorithm| matches!(algorithm, Algorithm::EcDsa(_))),
            Rule::Key => Some(self.size()),
            Rule::Hash => self.hash(),
            Rule::Subkey => never(self.place > 0, "it verifies with the primary key only"),
            Rule::Flags => never(!self.says_that_it_signs(), "no key flags say that it signs"),
            Rule::UserId => {
                let named = self.certificate.user_ids.iter().any(UserId::is_bound);
                never(!named, "the certificate has no user ID that it has signed")
            }
            Rule::Certifications => {
                let count = self.certificate.certifications();
                let why =
                    format!("the certificate has {} by others", counted(count, "certification"));
                never(count > 0, &why)
            }
        }
    }

    fn ended(&self) -> Option<(Accepted, String)> {
        let Some(reason) = self.verdict.reasons.first() else {
            let end = self.verdict.effective_expires?;
            return Some((Accepted::Until(end), "it ends".to_owned()));
        };
        Some((until(reason), reason.to_string()))
    }

    /// The primary key must be read, too, for its subkeys to be of any use.
    fn algorithm(&self, refused: impl Fn(Algorithm) -> bool) -> Option<(Accepted, String)> {
        let keys = [self.key, &self.certificate.primary];
        let key = keys.into_iter().find(|key| refused(key.algorithm))?;
        Some((Accepted::Never, format!("it cannot use {}", key.algorithm)))
    }

    fn size(&self) -> (Accepted, String) {
        let keys = [self.key.algorithm, self.certificate.primary.algorithm];
        let of = |algorithm| dates::key(self.verifier, algorithm);
        let [own, primary] = keys;
        let algorithm = if of(primary) < of(own) { primary } else { own };
        (of(algorithm), format!("it refuses {algorithm}"))
    }

    /// A verifier falls back to an older self-signature that it accepts.
    fn hash(&self) -> Option<(Accepted, String)> {
        let primary = self.primary();
        let primary_until = primary.iter().map(|(_, until)| *until).max()?;
        // rpm of EL 9 imports all of the subkeys or nothing.
        let all = self.verifier == Verifier::RpmEl9;
        let others = self.certificate.subkeys.iter();
        let others =
            others.filter(|key| all || key.fingerprint == self.key.fingerprint).filter_map(|key| {
                let bindings = self.past(&key.self_signatures);
                bindings.map(|signature| self.binding(signature)).max()
            });
        let until = others.min().map_or(primary_until, |until| until.min(primary_until));
        let what = if primary_until == until { "the primary key" } else { "a subkey" };
        Some((until, format!("it refuses the hash of the self-signatures on {what}")))
    }

    fn primary(&self) -> Vec<(&SelfSignature, Accepted)> {
        let plain = HashSecurity::SecondPreimageResistance;
        let of_ids = self.certificate.user_ids.iter().flat_map(|id| {
            let security = HashSecurity::of_user_id(&id.value);
            id.self_signatures.iter().map(move |signature| (signature, security))
        });
        let direct = self.certificate.primary.self_signatures.iter().map(|s| (s, plain));
        of_ids
            .chain(direct)
            .filter(|(signature, _)| signature.frame.created <= self.now)
            .map(|(s, security)| (s, dates::hash(self.verifier, s.frame.hash, security)))
            .collect()
    }

    fn binding(&self, signature: &SelfSignature) -> Accepted {
        let of = |hash| dates::hash(self.verifier, hash, HashSecurity::SecondPreimageResistance);
        let back = signature.back_signatures.iter().map(|back| of(back.hash)).max();
        of(signature.frame.hash).min(back.unwrap_or(Accepted::Always))
    }

    fn past<'b>(&self, signatures: &'b [SelfSignature]) -> impl Iterator<Item = &'b SelfSignature> {
        let now = self.now;
        signatures.iter().filter(move |signature| signature.frame.created <= now)
    }

    fn says_that_it_signs(&self) -> bool {
        let says = |signature: &SelfSignature| signature.flags.is_some_and(|flags| flags.sign);
        match self.place {
            0 => self.primary().iter().any(|(signature, _)| says(signature)),
            _ => self.past(&self.key.self_signatures).any(says),
        }
    }
}

/// How long a key was accepted that is not valid any more.
fn until(reason: &Reason) -> Accepted {
    match reason {
        Reason::Expired { at } | Reason::SelfSignatureEnded { at } => Accepted::Until(*at),
        Reason::Revoked { reason, created, .. } if !reason.is_hard() => Accepted::Until(*created),
        Reason::Primary(reason) => until(reason),
        Reason::Revoked { .. }
        | Reason::NoSelfSignature
        | Reason::Refused(_)
        | Reason::NotYetValid { .. } => Accepted::Never,
    }
}
