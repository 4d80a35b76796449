//! The rule itself: which self-signature counts, and what follows from it.

use super::capabilities::{Role, capabilities};
use super::gravity::{graver, sorted};
use super::notes::notes;
use super::{KeyVerdict, Reason, State, UserIdVerdict, Verdict};
use crate::domain::certificate::{
    Certificate, Key, Revocation, SelfSignature, SignatureFrame, UserId,
};
use crate::domain::cutoff::{Cutoffs, HashSecurity};
use crate::domain::timestamp::Timestamp;

/// Judges `certificate` at the instant `at`.
#[must_use]
pub fn judge(certificate: &Certificate, at: Timestamp, cutoffs: Cutoffs) -> Verdict {
    let judge = Judge { certificate, at, cutoffs };
    let (primary, primary_user_id) = judge.primary();
    let subkeys = certificate.subkeys.iter().map(|key| judge.subkey(key, &primary)).collect();
    let user_ids = certificate.user_ids.iter().map(|id| judge.user_id(id, &primary)).collect();
    Verdict {
        at,
        primary,
        subkeys,
        user_ids,
        primary_user_id,
        notes: notes(certificate, at, cutoffs),
    }
}

struct Judge<'a> {
    certificate: &'a Certificate,
    at: Timestamp,
    cutoffs: Cutoffs,
}

/// The self-signature that speaks for the primary key, and whose it is.
struct PrimaryBinding<'a> {
    signature: &'a SelfSignature,
    user_id: Option<usize>,
}

impl<'a> Judge<'a> {
    fn primary(&self) -> (KeyVerdict, Option<usize>) {
        let key = &self.certificate.primary;
        let mut reasons = Vec::new();
        let binding = self.primary_binding();
        let direct = self.direct_key();
        let accepted = self.cutoffs.key(key.algorithm).map_err(Reason::Refused);

        // What the key says of itself is shown even where it is not accepted.
        let stated = match &binding {
            Ok(binding) => Some(binding.signature),
            Err(_) => self.newest_statement(
                self.certificate
                    .user_ids
                    .iter()
                    .flat_map(|id| &id.self_signatures)
                    .chain(&key.self_signatures),
            ),
        };
        let expires = expiry(key, stated, direct);

        let (signature, user_id) = match binding {
            Ok(binding) => (Some(binding.signature), binding.user_id),
            Err(reason) => {
                reasons.push(reason);
                (None, None)
            }
        };
        // A refused key has no binding that counts, so that a newer
        // self-signature does not take back a soft revocation either.
        let usable = signature.filter(|_| accepted.is_ok());
        reasons.extend(accepted.err());
        let newest = match (usable, direct.filter(|_| usable.is_some())) {
            (Some(a), Some(b)) if b.frame.created > a.frame.created => Some(b),
            (a, _) => a,
        };
        reasons.extend(self.revocation(
            &key.revocations,
            newest,
            HashSecurity::SecondPreimageResistance,
            HardRevocations::AreFinal,
        ));
        reasons.extend(self.lifetime(key, expires));

        let (state, reasons) = sorted(reasons);
        let verdict = KeyVerdict {
            state,
            reasons,
            expires,
            effective_expires: earliest(expires, signature.and_then(|s| s.frame.ends())),
            capabilities: capabilities(key, stated, direct, Role::Primary),
            bound: usable.map(|signature| signature.frame.created),
        };
        (verdict, user_id)
    }

    fn subkey(&self, key: &Key, primary: &KeyVerdict) -> KeyVerdict {
        let mut reasons = Vec::new();
        let binding = self.binding(&key.self_signatures, HashSecurity::SecondPreimageResistance);
        let direct = self.direct_key();
        let stated = match &binding {
            Ok(signature) => Some(*signature),
            Err(_) => self.newest_statement(key.self_signatures.iter()),
        };
        let expires = stated.and_then(|signature| own_expiry(key, signature));
        // Sequoia applies the period of a direct-key signature to subkeys
        // that state none, counted from the subkey's own creation.
        let inherited = expiry(key, stated, direct);

        let signature = match binding {
            Ok(signature) => Some(signature),
            Err(reason) => {
                reasons.push(reason);
                None
            }
        };
        let own_end = earliest(inherited, signature.and_then(|s| s.frame.ends()));
        let effective_expires = earliest(own_end, primary.effective_expires);
        let accepted = self.cutoffs.key(key.algorithm).map_err(Reason::Refused);
        let usable = signature.filter(|_| accepted.is_ok());
        reasons.extend(accepted.err());
        reasons.extend(self.revocation(
            &key.revocations,
            signature,
            HashSecurity::SecondPreimageResistance,
            HardRevocations::AreFinal,
        ));
        reasons.extend(self.lifetime(key, inherited));
        reasons.extend(primary.reasons.iter().cloned().map(Box::new).map(Reason::Primary));

        let (state, reasons) = sorted(reasons);
        KeyVerdict {
            state,
            reasons,
            expires,
            effective_expires,
            capabilities: capabilities(key, stated, None, Role::Subkey),
            bound: usable
                .filter(|_| primary.bound.is_some())
                .map(|signature| signature.frame.created),
        }
    }

    fn user_id(&self, user_id: &UserId, primary: &KeyVerdict) -> UserIdVerdict {
        let mut reasons = Vec::new();
        let security = HashSecurity::of_user_id(&user_id.value);
        let binding = self.binding(&user_id.self_signatures, security);
        let signature = match binding {
            Ok(signature) => Some(signature),
            Err(reason) => {
                reasons.push(reason);
                None
            }
        };
        reasons.extend(self.revocation(
            &user_id.revocations,
            signature,
            security,
            HardRevocations::CanBeOverridden,
        ));
        reasons.extend(
            primary
                .reasons
                .iter()
                .filter(|reason| matches!(reason.state(), State::Invalid | State::Revoked))
                .cloned()
                .map(Box::new)
                .map(Reason::Primary),
        );
        let (state, reasons) = sorted(reasons);
        UserIdVerdict { state, reasons }
    }

    /// The newest self-signature that counts at this instant.
    fn binding(
        &self,
        signatures: &'a [SelfSignature],
        security: HashSecurity,
    ) -> Result<&'a SelfSignature, Reason> {
        let mut first_problem = None;
        for signature in signatures.iter().filter(|s| s.frame.created <= self.at) {
            match self.acceptable(signature, security) {
                Ok(()) => return Ok(signature),
                Err(reason) => first_problem = first_problem.or(Some(reason)),
            }
        }
        let later = || {
            let from = signatures.iter().map(|s| s.frame.created).filter(|t| *t > self.at).min()?;
            Some(Reason::NotYetValid { from })
        };
        Err(first_problem.or_else(later).unwrap_or(Reason::NoSelfSignature))
    }

    fn acceptable(&self, signature: &SelfSignature, security: HashSecurity) -> Result<(), Reason> {
        self.alive_and_accepted(&signature.frame, security)?;
        let signs = signature.flags.is_some_and(|flags| flags.sign);
        if !signs || signature.back_signatures.is_empty() {
            return Ok(());
        }
        let mut first_problem = None;
        for back in &signature.back_signatures {
            match self.alive_and_accepted(back, security) {
                Ok(()) => return Ok(()),
                Err(reason) => first_problem = first_problem.or(Some(reason)),
            }
        }
        Err(first_problem.unwrap_or(Reason::NoSelfSignature))
    }

    fn alive_and_accepted(
        &self,
        frame: &SignatureFrame,
        security: HashSecurity,
    ) -> Result<(), Reason> {
        if let Some(at) = frame.ends().filter(|end| *end <= self.at) {
            return Err(Reason::SelfSignatureEnded { at });
        }
        if frame.created > self.at {
            return Err(Reason::NotYetValid { from: frame.created });
        }
        self.cutoffs.signature(frame, security).map_err(Reason::Refused)
    }

    fn direct_key(&self) -> Option<&'a SelfSignature> {
        let signatures = &self.certificate.primary.self_signatures;
        self.binding(signatures, HashSecurity::SecondPreimageResistance).ok()
    }

    /// The self-signature of the primary user ID, or else the direct-key
    /// signature.
    fn primary_binding(&self) -> Result<PrimaryBinding<'a>, Reason> {
        let mut best: Option<(usize, &UserId, &SelfSignature, bool)> = None;
        let mut problem = None;
        for (index, user_id) in self.certificate.user_ids.iter().enumerate() {
            let security = HashSecurity::of_user_id(&user_id.value);
            match self.binding(&user_id.self_signatures, security) {
                Err(reason) => problem = Some(graver(problem, reason)),
                Ok(signature) => {
                    let revoked = self
                        .revocation(
                            &user_id.revocations,
                            Some(signature),
                            security,
                            HardRevocations::CanBeOverridden,
                        )
                        .is_some();
                    let candidate = (index, user_id, signature, revoked);
                    if best.as_ref().is_none_or(|best| is_more_primary(&candidate, best)) {
                        best = Some(candidate);
                    }
                }
            }
        }
        if let Some((index, _, signature, _)) = best {
            return Ok(PrimaryBinding { signature, user_id: Some(index) });
        }
        let signatures = &self.certificate.primary.self_signatures;
        match self.binding(signatures, HashSecurity::SecondPreimageResistance) {
            Ok(signature) => Ok(PrimaryBinding { signature, user_id: None }),
            Err(reason) => Err(graver(problem, reason)),
        }
    }

    /// The newest self-signature made by then, or else the first one to come,
    /// whether or not a verifier accepts it.
    fn newest_statement(
        &self,
        signatures: impl Iterator<Item = &'a SelfSignature>,
    ) -> Option<&'a SelfSignature> {
        let (past, future): (Vec<_>, Vec<_>) =
            signatures.partition(|signature| signature.frame.created <= self.at);
        past.into_iter()
            .max_by_key(|signature| signature.frame.created)
            .or_else(|| future.into_iter().min_by_key(|signature| signature.frame.created))
    }

    fn revocation(
        &self,
        revocations: &'a [Revocation],
        newest: Option<&SelfSignature>,
        security: HashSecurity,
        hard: HardRevocations,
    ) -> Option<Reason> {
        let counts = |revocation: &&Revocation| {
            let frame = &revocation.frame;
            if self.cutoffs.revocation(frame, security).is_err() {
                return false;
            }
            if hard == HardRevocations::AreFinal && revocation.reason.is_hard() {
                return true;
            }
            let overridden = newest.is_some_and(|newest| newest.frame.created > frame.created);
            let ended = frame.ends().is_some_and(|end| end <= self.at);
            !overridden && !ended && frame.created <= self.at
        };
        revocations
            .iter()
            .filter(counts)
            // The gravest one is shown: hard before soft, then the earliest.
            .min_by_key(|revocation| (!revocation.reason.is_hard(), revocation.frame.created))
            .map(|revocation| Reason::Revoked {
                reason: revocation.reason,
                created: revocation.frame.created,
                message: revocation.message.clone(),
            })
    }

    fn lifetime(&self, key: &Key, expires: Option<Timestamp>) -> Option<Reason> {
        if let Some(at) = expires.filter(|end| *end <= self.at) {
            return Some(Reason::Expired { at });
        }
        (key.created > self.at).then_some(Reason::NotYetValid { from: key.created })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum HardRevocations {
    /// Of keys: nothing takes them back.
    AreFinal,
    /// Of user IDs: a newer self-signature does.
    CanBeOverridden,
}

fn is_more_primary(
    a: &(usize, &UserId, &SelfSignature, bool),
    b: &(usize, &UserId, &SelfSignature, bool),
) -> bool {
    let rank =
        |c: &(usize, &UserId, &SelfSignature, bool)| (!c.3, c.2.primary_user_id, c.2.frame.created);
    // Among equals the smaller value wins, so that the choice is stable.
    rank(a).cmp(&rank(b)).then_with(|| b.1.value.cmp(&a.1.value)).is_gt()
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The expiry that the signature states for the key; zero means none.
fn own_expiry(key: &Key, signature: &SelfSignature) -> Option<Timestamp> {
    signature
        .key_validity
        .filter(|seconds| *seconds > 0)
        .map(|seconds| key.created.plus(i64::from(seconds)))
}

/// The expiry from the binding, or from the direct-key signature where the
/// binding is silent.
fn expiry(
    key: &Key,
    binding: Option<&SelfSignature>,
    direct: Option<&SelfSignature>,
) -> Option<Timestamp> {
    let speaks = binding.filter(|signature| signature.key_validity.is_some()).or(direct)?;
    own_expiry(key, speaks)
}
