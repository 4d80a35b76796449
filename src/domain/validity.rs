//! What a verifier would say of a certificate at a given instant, and why.
//!
//! One rule for everything that keyrite shows. It selects, for each component,
//! the newest self-signature that is good, made by then, not ended and
//! accepted by the verifier's cut-offs, as RFC 9580 (5.2.3.10) and Sequoia do;
//! a test compares the two at every instant at which something can change.

use std::fmt;

use super::algorithm::Algorithm;
use super::certificate::{
    Certificate, Key, KeyFlags, Revocation, RevocationReason, SelfSignature, SignatureFrame, UserId,
};
use super::cutoff::{Cutoffs, HashSecurity, Refusal};
use super::text::VisibleText;
use super::timestamp::Timestamp;

/// The state of a key or user ID, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// No self-signature that a verifier accepts.
    Invalid,
    /// Revoked by the certificate itself.
    Revoked,
    /// Made, or bound, in the future.
    NotYetValid,
    /// Past its expiry, or past that of the primary key.
    Expired,
    /// None of these.
    Valid,
}

impl State {
    /// All states, the gravest first.
    pub const ALL: [Self; 5] =
        [Self::Invalid, Self::Revoked, Self::NotYetValid, Self::Expired, Self::Valid];

    /// The word of JSON documents and filters.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Revoked => "revoked",
            Self::NotYetValid => "not_yet_valid",
            Self::Expired => "expired",
            Self::Valid => "valid",
        }
    }
}

/// Why a component is in another state than valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is no good self-signature at all.
    NoSelfSignature,
    /// The newest candidate, or the key, is refused by a cut-off.
    Refused(Refusal),
    /// It is revoked.
    Revoked {
        /// The reason that the revocation states.
        reason: RevocationReason,
        /// When the revocation was made.
        created: Timestamp,
        /// What the revoker added in words.
        message: VisibleText,
    },
    /// It exists only later.
    NotYetValid {
        /// From when on.
        from: Timestamp,
    },
    /// Its validity period is over.
    Expired {
        /// Since when.
        at: Timestamp,
    },
    /// Its self-signature, not the key, has ended.
    SelfSignatureEnded {
        /// Since when.
        at: Timestamp,
    },
    /// The primary key is in this state, and so are its components.
    Primary(Box<Reason>),
}

impl Reason {
    fn state(&self) -> State {
        match self {
            Self::NoSelfSignature | Self::Refused(_) => State::Invalid,
            Self::Revoked { .. } => State::Revoked,
            Self::NotYetValid { .. } => State::NotYetValid,
            Self::Expired { .. } | Self::SelfSignatureEnded { .. } => State::Expired,
            Self::Primary(reason) => reason.state(),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSelfSignature => f.write_str("no good self-signature"),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Revoked { reason, created, message } => {
                let weight = if reason.is_hard() { "for all times" } else { "from then on" };
                write!(f, "revoked on {}, {}: {}", created.date(), weight, reason.word())?;
                if message.as_str().is_empty() { Ok(()) } else { write!(f, " ('{message}')") }
            }
            Self::NotYetValid { from } => write!(f, "not valid before {}", from.iso()),
            Self::Expired { at } => write!(f, "expired on {}", at.date()),
            Self::SelfSignatureEnded { at } => {
                write!(f, "its self-signature ended on {}", at.date())
            }
            Self::Primary(reason) => write!(f, "primary key: {reason}"),
        }
    }
}

/// The verdict on one primary key or subkey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyVerdict {
    /// Its state.
    pub state: State,
    /// Why it is not valid; empty exactly when it is.
    pub reasons: Vec<Reason>,
    /// The expiry that its own binding states.
    pub expires: Option<Timestamp>,
    /// The expiry that counts: not later than that of the primary key.
    pub effective_expires: Option<Timestamp>,
    /// What it may be used for.
    pub capabilities: KeyFlags,
    /// When the self-signature that counts was made; absent if none is accepted.
    pub bound: Option<Timestamp>,
}

/// The verdict on one user ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserIdVerdict {
    /// Its state.
    pub state: State,
    /// Why it is not valid; empty exactly when it is.
    pub reasons: Vec<Reason>,
}

/// The verdict on a whole certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The instant it speaks of.
    pub at: Timestamp,
    /// The primary key.
    pub primary: KeyVerdict,
    /// The subkeys, in the order of [`Certificate::subkeys`].
    pub subkeys: Vec<KeyVerdict>,
    /// The user IDs, in the order of [`Certificate::user_ids`].
    pub user_ids: Vec<UserIdVerdict>,
    /// Index of the primary user ID.
    pub primary_user_id: Option<usize>,
    /// What a person should know although it decides nothing.
    pub notes: Vec<Note>,
}

/// Something about a certificate that decides nothing by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// A revocation that claims to be the certificate's own is not good.
    BadRevocation,
    /// Self-signatures that are not good were ignored.
    BadSelfSignatures(usize),
    /// Somebody else says that he revokes it; that was not verified.
    ForeignRevocations(usize),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadRevocation => f.write_str(
                "a revocation of it does not verify: damaged or forged; do not use the key before that is explained",
            ),
            Self::BadSelfSignatures(1) => {
                f.write_str("1 self-signature does not verify and was ignored")
            }
            Self::BadSelfSignatures(n) => {
                write!(f, "{n} self-signatures do not verify and were ignored")
            }
            Self::ForeignRevocations(n) => write!(
                f,
                "{n} revocation(s) by other keys, perhaps designated revokers; not verified"
            ),
        }
    }
}

impl Verdict {
    /// The primary key's verdict, then those of the subkeys.
    pub fn keys(&self) -> impl Iterator<Item = &KeyVerdict> {
        std::iter::once(&self.primary).chain(&self.subkeys)
    }
}

/// Judges `certificate` at the instant `at`.
#[must_use]
pub fn judge(certificate: &Certificate, at: Timestamp, cutoffs: Cutoffs) -> Verdict {
    let judge = Judge { certificate, at, cutoffs };
    let (primary, primary_user_id) = judge.primary();
    let subkeys = certificate.subkeys.iter().map(|key| judge.subkey(key, &primary)).collect();
    let user_ids = certificate.user_ids.iter().map(|id| judge.user_id(id, &primary)).collect();
    Verdict { at, primary, subkeys, user_ids, primary_user_id, notes: notes(certificate) }
}

fn notes(certificate: &Certificate) -> Vec<Note> {
    let mut notes = Vec::new();
    if certificate.bad_signatures.iter().any(|signature| signature.revokes) {
        notes.push(Note::BadRevocation);
    }
    let bad = certificate.bad_signatures.iter().filter(|signature| !signature.revokes).count();
    if bad > 0 {
        notes.push(Note::BadSelfSignatures(bad));
    }
    let foreign = certificate.keys().map(|key| key.foreign_revocations).sum();
    if foreign > 0 {
        notes.push(Note::ForeignRevocations(foreign));
    }
    notes
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

        let verdict = KeyVerdict {
            state: gravest(&reasons),
            reasons,
            expires,
            effective_expires: expires,
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
        let effective_expires = earliest(inherited, primary.expires);

        let signature = match binding {
            Ok(signature) => Some(signature),
            Err(reason) => {
                reasons.push(reason);
                None
            }
        };
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

        KeyVerdict {
            state: gravest(&reasons),
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
        let security = user_id_security(&user_id.value);
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
        UserIdVerdict { state: gravest(&reasons), reasons }
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
            let security = user_id_security(&user_id.value);
            match self.binding(&user_id.self_signatures, security) {
                Err(reason) => problem = graver(problem, reason),
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
            Err(reason) => Err(graver(problem, reason).unwrap_or(Reason::NoSelfSignature)),
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

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Primary,
    Subkey,
}

fn is_more_primary(
    a: &(usize, &UserId, &SelfSignature, bool),
    b: &(usize, &UserId, &SelfSignature, bool),
) -> bool {
    let rank = |c: &(usize, &UserId, &SelfSignature, bool)| {
        (!c.3, c.2.primary_user_id, c.2.frame.created)
    };
    // Among equals the smaller value wins, so that the choice is stable.
    rank(a).cmp(&rank(b)).then_with(|| b.1.value.cmp(&a.1.value)).is_gt()
}

fn graver(problem: Option<Reason>, reason: Reason) -> Option<Reason> {
    let weight = |reason: &Reason| match reason {
        Reason::Refused(_) => 0,
        Reason::SelfSignatureEnded { .. } => 1,
        Reason::NotYetValid { .. } => 2,
        Reason::NoSelfSignature
        | Reason::Revoked { .. }
        | Reason::Expired { .. }
        | Reason::Primary(_) => 3,
    };
    match problem {
        Some(problem) if weight(&problem) <= weight(&reason) => Some(problem),
        _ => Some(reason),
    }
}

fn gravest(reasons: &[Reason]) -> State {
    reasons.iter().map(Reason::state).min().unwrap_or(State::Valid)
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

/// The stated key flags, or what the algorithm can do where none are stated,
/// as `GnuPG` reads old keys.
fn capabilities(
    key: &Key,
    binding: Option<&SelfSignature>,
    direct: Option<&SelfSignature>,
    role: Role,
) -> KeyFlags {
    let stated = |signature: &SelfSignature| signature.flags;
    if let Some(flags) = binding.and_then(stated).or_else(|| direct.and_then(stated)) {
        return flags;
    }
    let primary = role == Role::Primary;
    if binding.is_none() {
        // Nothing that is good says anything of this key.
        return KeyFlags::default();
    }
    match key.algorithm {
        Algorithm::Rsa { .. } => {
            KeyFlags { certify: primary, sign: true, encrypt: true, authenticate: true }
        }
        Algorithm::Dsa { .. }
        | Algorithm::EcDsa(_)
        | Algorithm::EdDsa(_)
        | Algorithm::Ed25519
        | Algorithm::Ed448 => {
            KeyFlags { certify: primary, sign: true, encrypt: false, authenticate: true }
        }
        Algorithm::ElGamal { .. }
        | Algorithm::EcDh { .. }
        | Algorithm::X25519
        | Algorithm::X448 => KeyFlags { encrypt: true, ..KeyFlags::default() },
        Algorithm::Unknown(_) => KeyFlags::default(),
    }
}

/// A user ID that could hide an attacker's collision block needs a hash
/// against which collisions are not known.
fn user_id_security(value: &[u8]) -> HashSecurity {
    // A block and a half of SHA-1: room enough for all but malicious names.
    let short = value.len() <= 96;
    let plain = std::str::from_utf8(value).is_ok_and(|text| !text.chars().any(char::is_control));
    if short && plain {
        HashSecurity::SecondPreimageResistance
    } else {
        HashSecurity::CollisionResistance
    }
}
