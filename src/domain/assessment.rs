//! A certificate with all that is judged of it at one instant.

use std::sync::Arc;

use super::certificate::{Certificate, Key};
use super::comparison::Comparison;
use super::cutoff::Cutoffs;
use super::fingerprint::Fingerprint;
use super::outlook::{Left, Outlook, Standing, Urgency};
use super::text::VisibleText;
use super::timestamp::Timestamp;
use super::validity::{KeyVerdict, Reason, State, Verdict, judge};

/// A judged certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// The facts.
    pub certificate: Arc<Certificate>,
    /// What a verifier says.
    pub verdict: Verdict,
    /// What comes next.
    pub outlook: Outlook,
}

impl Assessment {
    /// Judges `certificate` at `now`.
    #[must_use]
    pub fn of(certificate: Arc<Certificate>, now: Timestamp, cutoffs: Cutoffs) -> Self {
        let verdict = judge(&certificate, now, cutoffs);
        let outlook = Outlook::of(&certificate, &verdict);
        Self { certificate, verdict, outlook }
    }

    /// The primary user ID, or else the first one for which it has signed.
    #[must_use]
    pub fn name(&self) -> &str {
        let ids = &self.certificate.user_ids;
        let primary = self.verdict.primary_user_id.and_then(|index| ids.get(index));
        match primary.or_else(|| ids.iter().find(|id| id.is_bound())) {
            Some(id) if id.text.as_str().trim().is_empty() => "(empty user ID)",
            Some(id) => id.text.as_str(),
            None if ids.is_empty() => "(no user ID)",
            None => "(no user ID that it has signed)",
        }
    }

    /// The name without the mail address, where there is more than that.
    #[must_use]
    pub fn short_name(&self) -> &str {
        short(self.name())
    }

    /// The standing of the whole certificate.
    #[must_use]
    pub fn standing(&self) -> Standing {
        Standing::of_certificate(&self.verdict, &self.outlook)
    }

    /// Each key with its verdict, the primary key first.
    pub fn keys(&self) -> impl Iterator<Item = (&Key, &KeyVerdict)> {
        self.certificate.keys().zip(self.verdict.keys())
    }

    /// Sorts what breaks first to the front.
    #[must_use]
    pub fn order(&self) -> (Urgency, Timestamp, VisibleText) {
        let far = Timestamp::from_unix(i64::MAX);
        let urgency = self.outlook.urgency(self.verdict.at);
        let name = VisibleText::from_text(self.name());
        (urgency, self.outlook.instant().unwrap_or(far), name)
    }

    /// The keys that sign for somebody: the subkeys that do now; without one
    /// the primary key, if it does; or else the subkey that did last, for
    /// whoever used it needs a successor.
    #[must_use]
    pub fn signers(&self) -> Vec<Fingerprint> {
        let signs = |state| {
            move |(key, verdict): (&Key, &KeyVerdict)| {
                let signs = verdict.state == state && verdict.capabilities.sign;
                signs.then_some((verdict.effective_expires, key.fingerprint))
            }
        };
        let subkeys: Vec<_> = self.keys().skip(1).filter_map(signs(State::Valid)).collect();
        if !subkeys.is_empty() {
            return subkeys.into_iter().map(|(_, key)| key).collect();
        }
        let primary = self.keys().take(1).find_map(signs(State::Valid));
        let last = || self.keys().filter_map(signs(State::Expired)).max();
        primary.or_else(last).map(|(_, key)| key).into_iter().collect()
    }

    /// How the key at `index` is called beside its certificate's name.
    #[must_use]
    pub fn role(&self, index: usize) -> &'static str {
        let capabilities = self.verdict.keys().nth(index).map(|key| key.capabilities);
        match (index, capabilities) {
            (0, _) => "primary key",
            (_, Some(flags)) if flags.sign => "signing subkey",
            (_, Some(flags)) if flags.encrypt => "encryption subkey",
            (_, Some(flags)) if flags.authenticate => "authentication subkey",
            _ => "subkey",
        }
    }

    /// Begins a comparison of the key at `index`.
    #[must_use]
    pub fn comparison(&self, index: usize) -> Option<Comparison> {
        let mut others: Vec<_> = self
            .certificate
            .keys()
            .enumerate()
            .map(|(place, key)| (key.fingerprint, self.role(place)))
            .collect();
        if index >= others.len() {
            return None;
        }
        let (ours, _) = others.swap_remove(index);
        Some(Comparison::new(ours, others))
    }

    /// What a match of the key at `index` does not mean, where it is not valid.
    #[must_use]
    pub fn caveat(&self, index: usize) -> Option<String> {
        let verdict = self.verdict.keys().nth(index)?;
        let reason = verdict.reasons.first()?;
        let state = verdict.state.word().replace('_', " ");
        Some(format!(
            "The {} is {state} ({reason}); a match does not change that.",
            self.role(index)
        ))
    }

    /// How a comparison calls the key at `index`. A user ID can hold anything,
    /// even the fingerprint that must not be in view.
    #[must_use]
    pub fn blind_name(&self, index: usize) -> String {
        let name = self.name();
        let reveals = self.certificate.keys().any(|key| key.fingerprint.is_shown_in(name));
        let name =
            if reveals { "a certificate that has its fingerprint in its name" } else { name };
        format!("{} of {name}", self.role(index))
    }

    /// Whether the outlook speaks of the key at `index`, or of all of it.
    #[must_use]
    pub fn outlook_is_about(&self, index: usize) -> bool {
        index == 0 || self.outlook.key() == Some(index)
    }

    /// The next thing that stops working, in one sentence without the name.
    #[must_use]
    pub fn outlook_words(&self) -> String {
        let now = self.verdict.at;
        match self.outlook {
            Outlook::CannotSign { key, since } => {
                let role = self.role(key);
                let why = self
                    .verdict
                    .keys()
                    .nth(key)
                    .and_then(|verdict| verdict.reasons.first())
                    .map_or("it is not valid".to_owned(), Reason::to_string);
                match since {
                    Some(at) => format!("{role} expired {}", at.date_with_distance(now)),
                    None => format!("{role}: {why}"),
                }
            }
            Outlook::Expires { key, at, .. } => {
                format!("{} expires {}", self.role(key), at.date_with_distance(now))
            }
            Outlook::NotYetValid => "not valid yet".to_owned(),
            Outlook::Lasting => "nothing of it expires".to_owned(),
            Outlook::Ended => {
                self.verdict.primary.reasons.first().map_or(String::new(), Reason::to_string)
            }
        }
    }

    /// Why that matters, in one sentence.
    #[must_use]
    pub fn consequence(&self) -> Option<String> {
        let now = self.verdict.at;
        match self.outlook {
            Outlook::CannotSign { .. } => Some(
                "the primary key is valid, but no key of it can sign: issue a signing subkey"
                    .to_owned(),
            ),
            Outlook::Expires { left: Left::Nothing, .. } => Some(
                "then nothing it signs is accepted any more: extend the primary key".to_owned(),
            ),
            Outlook::Expires { left: Left::NoSigning, .. } => {
                Some("no other key of it signs after that: issue its successor".to_owned())
            }
            Outlook::Expires { left: Left::SigningUntil(until), .. } => Some(format!(
                "another key of it signs until {}; move its users there before",
                until.date_with_distance(now)
            )),
            Outlook::Expires { left: Left::Signing, .. } => {
                Some("another key of it signs without end; move its users there before".to_owned())
            }
            Outlook::NotYetValid | Outlook::Lasting | Outlook::Ended => None,
        }
    }
}

/// A user ID without the mail address at its end, for rows.
#[must_use]
pub fn short(user_id: &str) -> &str {
    match user_id.rsplit_once(" <") {
        Some((name, address)) if address.ends_with('>') && !name.trim().is_empty() => name,
        _ => user_id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_drop_the_address_only() {
        for (user_id, name) in [
            ("Root (TEST) <root@example.org>", "Root (TEST)"),
            ("root@example.org", "root@example.org"),
            ("<root@example.org>", "<root@example.org>"),
            (" <root@example.org>", " <root@example.org>"),
            ("a <b> c", "a <b> c"),
        ] {
            assert_eq!(short(user_id), name);
        }
    }
}
