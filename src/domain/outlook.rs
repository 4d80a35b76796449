//! What of a certificate stops working next.
//!
//! A certificate whose primary key is valid can be of no use, because its
//! signing subkey is not: that is how projects fail unnoticed. So the outlook
//! looks at each key that signs or certifies, not at the primary key alone.

use super::certificate::{Certificate, KeyFlags};
use super::timestamp::{DAY, Timestamp};
use super::validity::{KeyVerdict, State, Verdict};

/// Seconds before an expiry from which on it is called soon: 60 days.
pub const SOON: i64 = 60 * DAY;

/// What comes next for a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// The primary key is valid and it could sign once, but no key of it can
    /// sign now.
    CannotSign {
        /// The key that could sign last, as index into [`Certificate::keys`].
        key: usize,
        /// When that ended, if it ended by time.
        since: Option<Timestamp>,
    },
    /// The first of its keys to expire.
    Expires {
        /// The key, as index into [`Certificate::keys`].
        key: usize,
        /// When.
        at: Timestamp,
        /// What can be done without it.
        left: Left,
    },
    /// It becomes valid only later.
    NotYetValid,
    /// Valid, and nothing of it expires.
    Lasting,
    /// Its primary key is expired, revoked or invalid.
    Ended,
}

/// What a certificate can still do after its next expiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Nothing: the primary key itself expires.
    Nothing,
    /// It is the last key that signs.
    NoSigning,
    /// Another key of it signs until then.
    SigningUntil(Timestamp),
    /// Another key of it signs without end.
    Signing,
}

/// How pressing an outlook is; sorts the most pressing first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Broken now.
    Now,
    /// Breaks within [`SOON`].
    Soon,
    /// Breaks later.
    Later,
    /// Not valid yet.
    Future,
    /// Never breaks by time.
    Never,
    /// Over.
    Past,
}

impl Outlook {
    /// The outlook of a certificate of which `verdict` speaks.
    #[must_use]
    pub fn of(certificate: &Certificate, verdict: &Verdict) -> Self {
        match verdict.primary.state {
            State::Invalid | State::Revoked | State::Expired => return Self::Ended,
            State::NotYetValid => return Self::NotYetValid,
            State::Valid => {}
        }
        debug_assert_eq!(certificate.subkeys.len(), verdict.subkeys.len());
        let signers = || verdict.keys().enumerate().filter(|(_, key)| key.capabilities.sign);
        let live = |key: &KeyVerdict| key.state == State::Valid;
        if signers().count() > 0 && !signers().any(|(_, key)| live(key)) {
            // The one that lived longest is the one that people relied on.
            let last = signers().max_by_key(|(_, key)| key.effective_expires);
            let (key, since) = last.map_or((0, None), |(index, key)| {
                (index, key.effective_expires.filter(|end| *end <= verdict.at))
            });
            return Self::CannotSign { key, since };
        }
        let works = |flags: KeyFlags| flags.sign || flags.certify;
        let first = verdict
            .keys()
            .enumerate()
            .filter(|(index, key)| live(key) && (*index == 0 || works(key.capabilities)))
            .filter_map(|(index, key)| Some((key.effective_expires?, index)))
            .min();
        let Some((at, key)) = first else {
            return Self::Lasting;
        };
        let left = if verdict.primary.effective_expires == Some(at) {
            Left::Nothing
        } else {
            let others = signers().filter(|(index, other)| *index != key && live(other));
            others
                .map(|(_, other)| other.effective_expires)
                .fold(Left::NoSigning, |left, expires| left.or_signing(expires, at))
        };
        // The primary key takes its subkeys along: it is what to name.
        let key = if left == Left::Nothing { 0 } else { key };
        Self::Expires { key, at, left }
    }

    /// How pressing it is, seen from `now`.
    #[must_use]
    pub fn urgency(&self, now: Timestamp) -> Urgency {
        match self {
            Self::CannotSign { .. } => Urgency::Now,
            Self::Expires { at, .. } if *at < now.plus(SOON) => Urgency::Soon,
            Self::Expires { .. } => Urgency::Later,
            Self::NotYetValid => Urgency::Future,
            Self::Lasting => Urgency::Never,
            Self::Ended => Urgency::Past,
        }
    }

    /// The instant it speaks of.
    #[must_use]
    pub fn instant(&self) -> Option<Timestamp> {
        match self {
            Self::CannotSign { since, .. } => *since,
            Self::Expires { at, .. } => Some(*at),
            Self::NotYetValid | Self::Lasting | Self::Ended => None,
        }
    }

    /// The key it speaks of, as index into [`Certificate::keys`].
    #[must_use]
    pub const fn key(&self) -> Option<usize> {
        match self {
            Self::CannotSign { key, .. } | Self::Expires { key, .. } => Some(*key),
            Self::NotYetValid | Self::Lasting | Self::Ended => None,
        }
    }
}

impl Left {
    fn or_signing(self, expires: Option<Timestamp>, after: Timestamp) -> Self {
        match (self, expires) {
            (Self::Signing, _) | (_, None) => Self::Signing,
            (other, Some(end)) if end <= after => other,
            (Self::SigningUntil(known), Some(end)) => Self::SigningUntil(known.max(end)),
            (Self::Nothing | Self::NoSigning, Some(end)) => Self::SigningUntil(end),
        }
    }
}

/// What stands in the row of a key: its state, or that it expires soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// No key of the certificate can sign any more.
    CannotSign,
    /// See [`State::Invalid`].
    Invalid,
    /// Valid, but not for much longer.
    Expiring,
    /// See [`State::Valid`].
    Valid,
    /// See [`State::NotYetValid`].
    NotYetValid,
    /// See [`State::Expired`].
    Expired,
    /// See [`State::Revoked`].
    Revoked,
    /// Its signatures are still being checked.
    Checking,
}

impl Standing {
    /// All standings, those that want attention first.
    pub const ALL: [Self; 8] = [
        Self::CannotSign,
        Self::Invalid,
        Self::Expiring,
        Self::Valid,
        Self::NotYetValid,
        Self::Expired,
        Self::Revoked,
        Self::Checking,
    ];

    /// The standing of one key.
    #[must_use]
    pub fn of_key(key: &KeyVerdict, now: Timestamp) -> Self {
        match key.state {
            State::Invalid => Self::Invalid,
            State::Revoked => Self::Revoked,
            State::NotYetValid => Self::NotYetValid,
            State::Expired => Self::Expired,
            State::Valid if key.effective_expires.is_some_and(|end| end < now.plus(SOON)) => {
                Self::Expiring
            }
            State::Valid => Self::Valid,
        }
    }

    /// The standing of a whole certificate.
    #[must_use]
    pub fn of_certificate(verdict: &Verdict, outlook: &Outlook) -> Self {
        match outlook.urgency(verdict.at) {
            Urgency::Now => Self::CannotSign,
            Urgency::Soon => Self::Expiring,
            Urgency::Later | Urgency::Future | Urgency::Never | Urgency::Past => {
                Self::of_key(&verdict.primary, verdict.at)
            }
        }
    }

    /// The words that stand in rows and counts.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::CannotSign => "cannot sign",
            Self::Invalid => "invalid",
            Self::Expiring => "expiring",
            Self::Valid => "valid",
            Self::NotYetValid => "not yet valid",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Checking => "checking",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::algorithm::Algorithm;
    use crate::domain::certificate::{Key, SecretMaterial};
    use crate::domain::fingerprint::Fingerprint;
    use crate::domain::validity::Reason;

    const NOW: Timestamp = Timestamp::from_unix(1_795_000_000);

    fn days(n: i64) -> Timestamp {
        NOW.plus(n * DAY)
    }

    fn certificate(subkeys: usize) -> Certificate {
        let key = Key {
            fingerprint: Fingerprint::V4([0; 20]),
            algorithm: Algorithm::Ed25519,
            created: Timestamp::from_unix(0),
            secret: SecretMaterial::Absent,
            self_signatures: Vec::new(),
            revocations: Vec::new(),
            foreign_revocations: 0,
        };
        Certificate {
            primary: key.clone(),
            subkeys: vec![key; subkeys],
            user_ids: Vec::new(),
            user_attributes: 0,
            bad_signatures: Vec::new(),
            unreadable_components: 0,
        }
    }

    fn key(letters: &str, state: State, expires: Option<Timestamp>) -> KeyVerdict {
        KeyVerdict {
            state,
            reasons: vec![Reason::NoSelfSignature],
            expires,
            effective_expires: expires,
            capabilities: KeyFlags {
                certify: letters.contains('C'),
                sign: letters.contains('S'),
                encrypt: letters.contains('E'),
                authenticate: false,
            },
            bound: None,
        }
    }

    fn outlook(primary: KeyVerdict, subkeys: Vec<KeyVerdict>) -> Outlook {
        let certificate = certificate(subkeys.len());
        let verdict = Verdict {
            at: NOW,
            primary,
            subkeys,
            user_ids: Vec::new(),
            primary_user_id: None,
            notes: Vec::new(),
        };
        Outlook::of(&certificate, &verdict)
    }

    #[test]
    fn a_valid_primary_with_a_dead_signing_subkey_cannot_sign() {
        let found = outlook(
            key("C", State::Valid, Some(days(400))),
            vec![
                key("S", State::Revoked, Some(days(500))),
                key("S", State::Expired, Some(days(-19))),
            ],
        );
        // The revoked one would have lived longest.
        assert_eq!(found, Outlook::CannotSign { key: 1, since: None });
        assert_eq!(found.urgency(NOW), Urgency::Now);
    }

    #[test]
    fn the_first_expiring_signing_subkey_is_named_with_what_is_left() {
        let found = outlook(
            key("C", State::Valid, Some(days(400))),
            vec![key("S", State::Valid, Some(days(12))), key("S", State::Valid, Some(days(200)))],
        );
        let left = Left::SigningUntil(NOW.plus(200 * DAY));
        assert_eq!(found, Outlook::Expires { key: 1, at: NOW.plus(12 * DAY), left });
        assert_eq!(found.urgency(NOW), Urgency::Soon);
    }

    #[test]
    fn the_last_signing_subkey_leaves_no_signing() {
        let found =
            outlook(key("C", State::Valid, None), vec![key("S", State::Valid, Some(days(100)))]);
        assert_eq!(
            found,
            Outlook::Expires { key: 1, at: NOW.plus(100 * DAY), left: Left::NoSigning }
        );
        assert_eq!(found.urgency(NOW), Urgency::Later);
    }

    #[test]
    fn the_primary_is_named_where_it_takes_its_subkeys_along() {
        let found = outlook(
            key("C", State::Valid, Some(days(30))),
            vec![key("S", State::Valid, Some(days(30)))],
        );
        assert_eq!(found, Outlook::Expires { key: 0, at: NOW.plus(30 * DAY), left: Left::Nothing });
    }

    #[test]
    fn an_encryption_subkey_does_not_press() {
        let found =
            outlook(key("CS", State::Valid, None), vec![key("E", State::Valid, Some(days(1)))]);
        assert_eq!(found, Outlook::Lasting);
    }

    #[test]
    fn what_is_over_is_over() {
        for state in [State::Invalid, State::Revoked, State::Expired] {
            assert_eq!(outlook(key("C", state, None), Vec::new()), Outlook::Ended);
        }
        assert_eq!(outlook(key("C", State::NotYetValid, None), Vec::new()), Outlook::NotYetValid);
    }
}
