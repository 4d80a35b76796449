//! What users of a target get of a certificate, held against what they should
//! get.

use std::path::Path;

use super::openpgp::{self, KeyError};
use super::{observed, targets};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::publication::{
    CertificateForm, Components, DoorRow, DriftRow, Expected, Judgement, Served, Verdict, judge,
};
use crate::domain::timestamp::Timestamp;
use crate::domain::workspace::Target as Declared;
use crate::engine::target::{Door, Found, Target};

/// How many targets are asked at a time.
const AT_ONCE: usize = 64;

/// A certificate that is published, and what is known of it.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Which.
    pub certificate: Fingerprint,
    /// All that the team has made.
    pub own: Components,
    /// What is published without certifications by others.
    pub minimal: Components,
    /// The same, with those that are approved.
    pub attested: Components,
    /// The addresses of user IDs that are not revoked.
    pub addresses: Vec<String>,
    /// Those of all user IDs.
    pub every_address: Vec<String>,
}

impl Subject {
    /// As it is to be published at that time.
    pub fn of(certificate: Fingerprint, newest: &[u8], at: Timestamp) -> Result<Self, KeyError> {
        let form = |form| openpgp::publishable(newest, form, at).map(|one| one.components);
        Ok(Self {
            certificate,
            own: openpgp::components_of(newest)?,
            minimal: form(CertificateForm::Minimal)?,
            attested: form(CertificateForm::Attested)?,
            addresses: openpgp::addresses(newest, at)?,
            every_address: openpgp::every_address(newest)?,
        })
    }

    /// By these addresses users of a target look for it: a keyserver withdraws
    /// what is revoked, of files somebody has to tell.
    pub(super) fn addresses_at(&self, place: &dyn Target) -> &[String] {
        if place.abilities().withdraws { &self.addresses } else { &self.every_address }
    }

    /// What a target is to serve.
    fn wanted(&self, form: CertificateForm) -> &Components {
        match form {
            CertificateForm::Minimal => &self.minimal,
            CertificateForm::Attested => &self.attested,
        }
    }
}

/// All that a target has been seen to serve of a certificate, by the record.
#[must_use]
pub fn high_water(workspace: &Path, target: &str, certificate: &Fingerprint) -> Components {
    let mut all = Components::default();
    for one in observed::read(workspace, target) {
        if one.certificate == *certificate {
            all.join(&one.high_water);
        }
    }
    all
}

/// How targets stand for certificates, with what was served there before. All
/// of them are asked at once.
#[must_use]
pub fn look_at_all(
    asked: &[(&Declared, &Subject, Components)],
    reach: &targets::Reach,
) -> Vec<DriftRow> {
    let mut rows = Vec::new();
    for some in asked.chunks(AT_ONCE) {
        std::thread::scope(|scope| {
            let look = |(target, subject, before): &(&Declared, &Subject, Components)| {
                look(target, subject, before.clone(), reach)
            };
            let looks: Vec<_> = some.iter().map(|one| scope.spawn(move || look(one))).collect();
            let looks = looks.into_iter().zip(some);
            rows.extend(looks.map(|(thread, (target, subject, before))| {
                thread.join().unwrap_or_else(|_| DriftRow {
                    trouble: Some("the look has failed: tell the makers of keyrite".to_owned()),
                    ..DriftRow::begin(target, subject.certificate, before.clone())
                })
            }));
        });
    }
    rows
}

/// How a target stands for a certificate.
fn look(
    target: &Declared,
    subject: &Subject,
    before: Components,
    reach: &targets::Reach,
) -> DriftRow {
    let row = DriftRow::begin(target, subject.certificate, before);
    match targets::open(target, reach) {
        Ok(place) => look_at(place.as_ref(), subject, row).0,
        Err(error) => DriftRow { trouble: Some(error.to_string()), ..row },
    }
}

/// The same, of a target that is open, and what the place is like for who
/// writes there next. What was served before stands in `row`.
pub(super) fn look_at(place: &dyn Target, subject: &Subject, row: DriftRow) -> (DriftRow, String) {
    let sight = match place.look(&subject.certificate, subject.addresses_at(place)) {
        Ok(sight) => sight,
        Err(error) => {
            return (DriftRow { trouble: Some(error.to_string()), ..row }, String::new());
        }
    };
    let abilities = place.abilities();
    let (certificate, own) = (subject.certificate, subject.own.clone());
    let wanted = subject.wanted(row.target.certificate_form());
    let shown = |all: &Components| {
        if !abilities.withdraws {
            return all.clone();
        }
        // A revocation says of which names the others are.
        let mut all = all.clone();
        all.join(wanted);
        all.without_withdrawn(&certificate, &subject.addresses)
    };
    let served_before = shown(&row.high_water).also_in(&row.high_water);
    let (wanted, is_open) = (shown(wanted), abilities.is_open);
    let expected = Expected { certificate, wanted, own, high_water: served_before, is_open };
    let mut high_water = row.high_water.clone();
    let doors = sight.doors.into_iter().map(|door| judged(door, &expected, &mut high_water));
    let doors = doors.collect();
    (DriftRow { doors, facts: sight.facts, awaits: sight.awaits, high_water, ..row }, sight.guard)
}

fn judged(door: Door, expected: &Expected, high_water: &mut Components) -> DoorRow {
    let certificate = &expected.certificate;
    let judgement = match door.found {
        Found::Packets { bytes, is_collection } => {
            let served = openpgp::served(&bytes, certificate, is_collection);
            if let Served::Certificate(found) = &served {
                // What the team has not made is no mark to be held.
                high_water.join(&found.also_in(&expected.own));
            }
            judge(expected, &served)
        }
        Found::Right => Judgement::of(Verdict::Match),
        Found::Wrong(why) => Judgement { facts: vec![why], ..Judgement::of(Verdict::Stale) },
        Found::Nothing => judge(expected, &Served::Nothing),
        Found::Unreachable(why) => judge(expected, &Served::Unreachable(why)),
    };
    DoorRow { name: door.name, judgement }
}
