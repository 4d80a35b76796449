//! Roots, subkeys and passphrases of tests, made by the program itself.

use std::sync::LazyLock;

use keyrite::adapters::openpgp::{
    Issued, Lock, NewRoot, RootSpec, StretchCost, SubkeySpec, Unlocked, issue, make_root, open,
};
use keyrite::domain::keyspec::{KeyAlgorithm, Protection};
use keyrite::domain::timestamp::{DAY, Timestamp};
use keyrite::engine::secret::Secret;

/// The day on which the roots of tests are made.
pub(crate) fn birth() -> Timestamp {
    Timestamp::parse("2026-03-01T12:00:00Z").unwrap()
}

/// A day of that many days later.
pub(crate) fn day(days: i64) -> Timestamp {
    birth().plus(days * DAY)
}

pub(crate) fn secret(text: &str) -> Secret {
    Secret::take(&mut text.to_owned().into_bytes()).unwrap()
}

pub(crate) const ROOT_PASSPHRASE: &str = "TEST root passphrase";
pub(crate) const SUBKEY_PASSPHRASE: &str = "TEST subkey passphrase";

/// A quick lock, for keys that are thrown away.
pub(crate) fn quick(passphrase: &Secret) -> Lock<'_> {
    Lock { passphrase, protection: Protection::Iterated, cost: StretchCost::Rehearsal }
}

pub(crate) fn user_ids() -> Vec<String> {
    ["TEST Releases <releases@example.org>", "TEST Second <second@example.org>"]
        .map(str::to_owned)
        .to_vec()
}

/// A root that was made at [`birth`] and lasts two years.
pub(crate) fn root(algorithm: KeyAlgorithm) -> NewRoot {
    let user_ids = user_ids();
    let (created, expires) = (birth(), Some(day(730)));
    let spec = RootSpec { algorithm, user_ids: &user_ids, created, expires };
    make_root(&spec, &quick(&secret(ROOT_PASSPHRASE))).unwrap()
}

pub(crate) fn opened(root: &NewRoot) -> Unlocked {
    open(&root.secret, &root.fingerprint, &secret(ROOT_PASSPHRASE)).unwrap()
}

/// A subkey of the root, made ten days after it for a year.
pub(crate) fn subkey(root: &NewRoot, newest: &[u8], algorithm: KeyAlgorithm) -> Issued {
    let spec = SubkeySpec { algorithm, created: day(10), expires: Some(day(375)) };
    let passphrase = secret(SUBKEY_PASSPHRASE);
    issue(&mut opened(root), newest, &spec, &quick(&passphrase), "TEST: lost").unwrap()
}

/// One Ed25519 root with a subkey, for tests that only look at it.
pub(crate) static SHARED: LazyLock<(NewRoot, Issued)> = LazyLock::new(|| {
    let root = root(KeyAlgorithm::Ed25519);
    let issued = subkey(&root, &root.certificate, KeyAlgorithm::Ed25519);
    (root, issued)
});
