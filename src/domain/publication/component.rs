//! What a certificate is made of, for comparing copies of it: everything that
//! its primary key speaks for.

use std::collections::BTreeMap;

use crate::domain::fingerprint::Fingerprint;
use crate::domain::timestamp::Timestamp;
use crate::domain::worded::worded;

worded! {
    /// What a part of a certificate is.
    pub enum ComponentKind: "part of a certificate" {
        /// A subkey.
        Subkey = "subkey",
        /// A user ID.
        UserId = "user-id",
        /// A user attribute, which no program shows.
        UserAttribute = "user-attribute",
        /// A signature of the primary key, verified.
        SelfSignature = "self-signature",
        /// The same, that revokes something.
        Revocation = "revocation",
        /// A packet, or a signature that claims to be the primary key's, that
        /// cannot be verified: anybody may have put it there.
        Unverified = "unverified",
    }
}

/// A part of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// What it is.
    pub kind: ComponentKind,
    /// What it is, or what the signature is on: a fingerprint, a user ID.
    pub of: String,
    /// When a signature says it was made.
    pub created: Option<Timestamp>,
}

impl Component {
    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        use crate::domain::worded::Worded as _;
        let (kind, of) = (self.kind.word(), &self.of);
        let on = match self.kind {
            ComponentKind::SelfSignature | ComponentKind::Revocation => " of",
            ComponentKind::Subkey
            | ComponentKind::UserId
            | ComponentKind::UserAttribute
            | ComponentKind::Unverified => "",
        };
        let made = self.created.map(|at| format!(", made {}", at.date())).unwrap_or_default();
        if of.is_empty() { format!("{kind}{made}") } else { format!("{kind}{on} {of}{made}") }
    }
}

/// The parts of a copy of a certificate, by the SHA-256 of what tells each
/// from all others: of a signature what it signs, and not what anybody could
/// have added to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Components(pub BTreeMap<String, Component>);

impl Components {
    /// What `other` does not have.
    pub fn lacking_in<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a Component> {
        self.0.iter().filter(|(digest, _)| !other.0.contains_key(*digest)).map(|(_, one)| one)
    }

    /// Takes in all of another copy.
    pub fn join(&mut self, other: &Self) {
        self.0.extend(other.0.iter().map(|(digest, one)| (digest.clone(), one.clone())));
    }

    /// Those that stand without the user IDs that are revoked, or have none of
    /// these addresses, and without the signatures on them.
    #[must_use]
    pub fn without_withdrawn(&self, certificate: &Fingerprint, addresses: &[String]) -> Self {
        let is_revoked = |of: &str| {
            let mut all = self.0.values();
            all.any(|one| one.kind == ComponentKind::Revocation && one.of == of)
        };
        let is_over = is_revoked(&certificate.hex());
        let names: Vec<_> =
            self.0.values().filter(|one| one.kind == ComponentKind::UserId).collect();
        let is_withdrawn = |one: &Component| {
            let is_name = names.iter().any(|name| name.of == one.of);
            let is_shown = addresses.iter().any(|address| one.of.contains(address.as_str()));
            is_name && (is_over || !is_shown || is_revoked(&one.of))
        };
        let kept = self.0.iter().filter(|(_, one)| !is_withdrawn(one));
        Self(kept.map(|(digest, one)| (digest.clone(), one.clone())).collect())
    }

    /// Those that `other` has as well.
    #[must_use]
    pub fn also_in(&self, other: &Self) -> Self {
        let both = self.0.iter().filter(|(digest, _)| other.0.contains_key(*digest));
        Self(both.map(|(digest, one)| (digest.clone(), one.clone())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_keyserver_does_not_show_are_left_out_with_their_signatures() {
        let key = Fingerprint::from_hex(&"A".repeat(40)).unwrap();
        let part = |at: usize, kind, of: &str| {
            (at.to_string(), Component { kind, of: of.to_owned(), created: None })
        };
        let parts = |revoked: &str| {
            let all = [
                (ComponentKind::UserId, "one <one@example.org>"),
                (ComponentKind::SelfSignature, "one <one@example.org>"),
                (ComponentKind::UserId, "two <two@example.org>"),
                (ComponentKind::UserId, "no address"),
                (ComponentKind::Revocation, revoked),
                (ComponentKind::Subkey, "B"),
            ];
            let all = all.into_iter().enumerate();
            Components(all.map(|(at, (kind, of))| part(at, kind, of)).collect())
        };
        let shown = |revoked: &str, addresses: &[&str]| {
            let addresses: Vec<_> = addresses.iter().map(|one| (*one).to_owned()).collect();
            let left = parts(revoked).without_withdrawn(&key, &addresses);
            left.0.values().map(|one| one.of.clone()).collect::<Vec<_>>()
        };
        let (one, two) = ("one <one@example.org>", "two <two@example.org>");
        let both = ["one@example.org", "two@example.org"];
        assert_eq!(shown("B", &both), [one, one, two, "B", "B"]);
        assert_eq!(shown("B", &both[..1]), [one, one, "B", "B"]);
        assert_eq!(shown(one, &both), [two, "B"]);
        assert_eq!(shown(&key.hex(), &both), [&key.hex(), "B"]);
    }
}
