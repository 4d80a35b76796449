//! The rule of validity against Sequoia's own policy, at every instant at
//! which something can change.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use keyrite::adapters::openpgp::{Secrets, What, carve, read};
use keyrite::domain::certificate::{Certificate, SignatureFrame};
use keyrite::domain::cutoff::Cutoffs;
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::validity::{KeyVerdict, State, judge};
use rayon::prelude::*;
use sequoia_openpgp as openpgp;
use sequoia_openpgp::Cert;
use sequoia_openpgp::cert::amalgamation::key::PrimaryKey as _;
use sequoia_openpgp::cert::amalgamation::{ValidAmalgamation as _, ValidateAmalgamation as _};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::types::RevocationStatus;

use crate::support::corpus;

/// The day whose verifiers are asked.
const TODAY: Timestamp = Timestamp::from_unix(1_795_000_000);

fn system_time(t: Timestamp) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(t.unix()).unwrap())
}

/// All instants at which the verdict can change, and the seconds around them.
fn instants(certificate: &Certificate) -> BTreeSet<Timestamp> {
    let mut instants = BTreeSet::from([TODAY]);
    let mut around = |t: Timestamp| {
        for shift in -1..=1 {
            let t = t.plus(shift);
            if u32::try_from(t.unix()).is_ok() {
                instants.insert(t);
            }
        }
    };
    let frame = |frame: &SignatureFrame, around: &mut dyn FnMut(Timestamp)| {
        around(frame.created);
        if let Some(end) = frame.ends() {
            around(end);
        }
    };
    let directs = certificate.primary.self_signatures.iter();
    let ids = certificate.user_ids.iter().flat_map(|id| &id.self_signatures);
    let primary_periods: Vec<u32> =
        directs.chain(ids).filter_map(|signature| signature.key_validity).collect();
    for key in certificate.keys() {
        around(key.created);
        for signature in &key.self_signatures {
            frame(&signature.frame, &mut around);
            for back in &signature.back_signatures {
                frame(back, &mut around);
            }
        }
        for revocation in &key.revocations {
            frame(&revocation.frame, &mut around);
        }
        let own = key.self_signatures.iter().filter_map(|signature| signature.key_validity);
        for period in own.chain(primary_periods.iter().copied()) {
            around(key.created.plus(i64::from(period)));
        }
    }
    for id in &certificate.user_ids {
        for signature in &id.self_signatures {
            frame(&signature.frame, &mut around);
        }
        for revocation in &id.revocations {
            frame(&revocation.frame, &mut around);
        }
    }
    instants
}

/// Compares one certificate at all its instants; returns how many and what
/// differs.
fn compare(bytes: &[u8]) -> (usize, Vec<String>) {
    let Ok(cert) = Cert::from_bytes(bytes) else {
        return (0, Vec::new());
    };
    let Ok(certificate) = read(&[bytes], &Secrets::new()) else {
        return (0, vec![format!("{}: only Sequoia reads it", cert.fingerprint())]);
    };
    let policy = StandardPolicy::at(system_time(TODAY));
    let mut differences = Vec::new();
    let instants = instants(&certificate);
    for at in &instants {
        let verdict = judge(&certificate, *at, Cutoffs::as_of(TODAY));
        let t = system_time(*at);
        for key in cert.keys() {
            let fingerprint = key.key().fingerprint();
            // A corpus certificate binds its primary key as a subkey, too.
            let (_, (ours, _)) = verdict
                .keys()
                .zip(certificate.keys())
                .enumerate()
                .find(|(index, (_, ours))| {
                    (*index == 0) == key.primary()
                        && ours.fingerprint.as_bytes() == fingerprint.as_bytes()
                })
                .unwrap();
            let theirs = theirs(&cert, &key, &policy, t);
            let agree = match &theirs {
                Theirs::Bound(state) => ours.bound.is_some() && ours.state == *state,
                Theirs::Unbound { revoked } => {
                    ours.bound.is_none()
                        && ours.state != State::Valid
                        && (!revoked || matches!(ours.state, State::Invalid | State::Revoked))
                }
            };
            if !agree || !well_formed(ours) {
                differences.push(format!("{fingerprint} at {at}: {ours:?}, theirs {theirs:?}"));
            }
        }
        for (id, ours) in certificate.user_ids.iter().zip(&verdict.user_ids) {
            let theirs = cert.userids().find(|u| u.userid().value() == &*id.value).unwrap();
            let valid = theirs
                .with_policy(&policy, t)
                .is_ok_and(|u| !matches!(u.revocation_status(), RevocationStatus::Revoked(_)));
            // We also call the user IDs of a revoked certificate revoked.
            let revoked = matches!(verdict.primary.state, State::Revoked | State::Invalid);
            if (ours.state == State::Valid) != (valid && !revoked) {
                differences.push(format!("{} at {at}: {ours:?}, theirs {valid}", id.text));
            }
        }
        let their_primary = cert
            .with_policy(&policy, t)
            .ok()
            .and_then(|valid| valid.primary_userid().ok().map(|u| u.userid().value().to_vec()));
        let our_primary = verdict
            .primary_user_id
            .filter(|_| verdict.primary.bound.is_some())
            .map(|index| certificate.user_ids[index].value.to_vec());
        if their_primary != our_primary {
            differences.push(format!("{}: primary user ID at {at}", certificate.fingerprint()));
        }
    }
    (instants.len(), differences)
}

fn well_formed(verdict: &KeyVerdict) -> bool {
    (verdict.state == State::Valid) == verdict.reasons.is_empty()
}

#[derive(Debug)]
enum Theirs {
    Bound(State),
    Unbound { revoked: bool },
}

fn theirs(
    cert: &Cert,
    key: &openpgp::cert::amalgamation::key::ErasedKeyAmalgamation<
        '_,
        openpgp::packet::key::PublicParts,
    >,
    policy: &StandardPolicy<'_>,
    t: SystemTime,
) -> Theirs {
    let is_revoked = |status| matches!(status, RevocationStatus::Revoked(_));
    let cert_revoked = is_revoked(cert.revocation_status(policy, t));
    match key.with_policy(policy, t) {
        Err(_) => Theirs::Unbound { revoked: cert_revoked },
        Ok(valid) => {
            let state = if cert_revoked || is_revoked(valid.revocation_status()) {
                State::Revoked
            } else {
                match valid.alive() {
                    Ok(()) => State::Valid,
                    Err(error) => match error.root_cause().downcast_ref::<openpgp::Error>() {
                        Some(openpgp::Error::Expired(_)) => State::Expired,
                        Some(openpgp::Error::NotYetLive(_)) => State::NotYetValid,
                        other => panic!("{other:?}"),
                    },
                }
            };
            Theirs::Bound(state)
        }
    }
}

fn compare_files(files: &[std::path::PathBuf]) -> (usize, usize, Vec<String>) {
    let contents: Vec<_> = files.iter().map(|path| std::fs::read(path).unwrap()).collect();
    let pieces: Vec<_> = contents
        .iter()
        .flat_map(|content| carve(content))
        .filter_map(|found| match found.what {
            What::Certificate(bytes) => Some(bytes),
            What::Signature(_) | What::Rejected(_) => None,
        })
        .collect();
    let (instants, differences) = pieces.par_iter().map(|bytes| compare(bytes)).reduce(
        || (0, Vec::new()),
        |mut a, b| {
            a.1.extend(b.1);
            (a.0 + b.0, a.1)
        },
    );
    (pieces.len(), instants, differences)
}

#[test]
fn verdicts_on_debian_keyrings_agree_with_sequoia_at_every_boundary() {
    let (certificates, instants, differences) = compare_files(&corpus::debian_keyrings());
    println!("{certificates} certificates, {instants} instants");
    assert!(certificates > 1200 && instants > 30_000, "{certificates} {instants}");
    assert!(
        differences.is_empty(),
        "{} differences, first {:#?}",
        differences.len(),
        &differences[..differences.len().min(5)]
    );
}

#[test]
fn verdicts_on_foreign_corpora_agree_with_sequoia_at_every_boundary() {
    let (certificates, instants, differences) = compare_files(corpus::foreign_files());
    println!("{certificates} certificates, {instants} instants");
    assert!(certificates > 200 && instants > 1_000, "{certificates} {instants}");
    assert!(
        differences.is_empty(),
        "{} differences, first {:#?}",
        differences.len(),
        &differences[..differences.len().min(5)]
    );
}
