//! Putting off the end of a key: whether the rules allow it, and until when.

use super::algorithm::Algorithm;
use super::assessment::Assessment;
use super::certificate::{Key, SelfSignature};
use super::fingerprint::Fingerprint;
use super::policy::Policy;
use super::schedule::Windows;
use super::text::counted;
use super::timestamp::{DAY, Timestamp};
use super::validity::{KeyVerdict, State};

/// A key whose end the rules let be put off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extendable {
    /// Its end until now; of a primary key that has none, now.
    pub ends: Timestamp,
    /// The latest end that it may get; absent where any will do.
    pub latest: Option<Timestamp>,
}

/// Why the end of a key is not put off.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoExtension {
    /// It has ended for ever.
    #[error(
        "it is revoked, and a revocation is for ever: root-generation and subkey-issuance make new keys"
    )]
    Revoked,
    /// No verifier takes its self-signature.
    #[error("no verifier accepts what binds it: see its page in the console")]
    Invalid,
    /// It is weaker than the rules want.
    #[error("{0} is weaker than the rules want: make a new key, and let this one end")]
    Weak(Algorithm),
    /// There is nothing to put off.
    #[error("it has no end of its own and lives as long as its primary key: leave it out")]
    Endless,
    /// The rules count how often.
    #[error("its end was put off {} already, and the rules allow {allowed}: make a new key", counted(*times, "time"))]
    TooOften {
        /// How often it was.
        times: usize,
        /// How often it may be.
        allowed: usize,
    },
    /// It would not live longer than it does.
    #[error("{} is not later than {}, when it ends now: an end is never brought forward", .wanted.date(), .ends.date())]
    NotLater {
        /// The end that is wanted.
        wanted: Timestamp,
        /// The end that it has.
        ends: Timestamp,
    },
    /// It would live too long.
    #[error("{} is too late: the rules let it live until {}", .wanted.date(), .latest.date())]
    TooLate {
        /// The end that is wanted.
        wanted: Timestamp,
        /// The latest that may be.
        latest: Timestamp,
    },
    /// The certificate has no such subkey.
    #[error("it has no subkey {}", .0.hex())]
    NoSuchKey(Fingerprint),
}

impl Extendable {
    /// Whether it may end then.
    pub fn check(&self, wanted: Timestamp) -> Result<(), NoExtension> {
        if wanted <= self.ends {
            return Err(NoExtension::NotLater { wanted, ends: self.ends });
        }
        match self.latest {
            Some(latest) if wanted > latest => Err(NoExtension::TooLate { wanted, latest }),
            _ => Ok(()),
        }
    }
}

/// Whether the end of the primary key may be put off, and until when: within
/// what the rules let it live from now on, and within its whole age. One that
/// never ends may get an end (EXP-001).
pub fn of_primary(one: &Assessment, policy: &Policy) -> Result<Extendable, NoExtension> {
    let key = &one.certificate.primary;
    let ends = extendable(key, &one.verdict.primary, policy)?.unwrap_or(one.verdict.at);
    let ids = one.certificate.user_ids.iter().zip(&one.verdict.user_ids);
    let living = ids.filter(|(_, verdict)| verdict.state != State::Revoked);
    let of_ids = living.flat_map(|(id, _)| &id.self_signatures);
    not_too_often(key.self_signatures.iter().chain(of_ids), one.verdict.at, policy)?;
    let lives = policy.primary_lives.map(|period| one.verdict.at.after(period));
    let age = policy.max_age.map(|period| key.created.after(period));
    Ok(Extendable { ends, latest: lives.into_iter().chain(age).min() })
}

/// The same of a subkey, whose primary key ends at `primary_ends`: by the
/// margin before that; one that signs within the use that the rules want, and
/// the windows around it.
pub fn of_subkey(
    one: &Assessment,
    subkey: &Fingerprint,
    primary_ends: Timestamp,
    policy: &Policy,
) -> Result<Extendable, NoExtension> {
    let found = one.keys().skip(1).find(|(key, _)| key.fingerprint == *subkey);
    let (key, verdict) = found.ok_or(NoExtension::NoSuchKey(*subkey))?;
    let ends = extendable(key, verdict, policy)?.ok_or(NoExtension::Endless)?;
    not_too_often(key.self_signatures.iter(), one.verdict.at, policy)?;
    let latest = primary_ends.plus(-i64::from(policy.margin) * DAY);
    let lives = policy.subkey_lives.filter(|_| verdict.capabilities.sign);
    let lives = lives.map(|period| key.created.after(period).plus(policy.windows.whole() * DAY));
    Ok(Extendable { ends, latest: lives.into_iter().chain([latest]).min() })
}

/// When everybody must be able to fetch the new end: so long before the old
/// one as the slowest channel needs.
#[must_use]
pub fn publish_before(old_end: Timestamp, windows: &Windows) -> Timestamp {
    old_end.plus(-i64::from(windows.reach) * DAY)
}

/// Its end, if it has one.
fn extendable(
    key: &Key,
    verdict: &KeyVerdict,
    policy: &Policy,
) -> Result<Option<Timestamp>, NoExtension> {
    match verdict.state {
        State::Revoked => return Err(NoExtension::Revoked),
        State::Invalid | State::NotYetValid => return Err(NoExtension::Invalid),
        // One that has ended can live again: that is what publishing late
        // comes to.
        State::Expired | State::Valid => {}
    }
    if !policy.allows(key.algorithm) {
        return Err(NoExtension::Weak(key.algorithm));
    }
    Ok(verdict.expires)
}

fn not_too_often<'a>(
    signatures: impl Iterator<Item = &'a SelfSignature>,
    now: Timestamp,
    policy: &Policy,
) -> Result<(), NoExtension> {
    let times = extensions(signatures, now);
    match policy.extensions {
        Some(allowed) if times >= allowed => Err(NoExtension::TooOften { times, allowed }),
        _ => Ok(()),
    }
}

/// How often a later end followed an earlier one.
pub fn extensions<'a>(
    signatures: impl Iterator<Item = &'a SelfSignature>,
    now: Timestamp,
) -> usize {
    let past = signatures.filter(|signature| signature.frame.created <= now);
    let mut stated: Vec<_> = past
        .filter_map(|s| {
            let seconds = s.key_validity.filter(|seconds| *seconds > 0)?;
            Some((s.frame.created, seconds))
        })
        .collect();
    stated.sort_unstable();
    let mut latest = None;
    let mut times = 0;
    for (_, seconds) in stated {
        times += usize::from(latest.is_some_and(|latest| seconds > latest));
        latest = latest.max(Some(seconds));
    }
    times
}
