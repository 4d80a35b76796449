//! What users of a target get of a certificate, held against what they should
//! get.

use super::openpgp::{self, KeyError};
use super::targets;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::publication::{
    CertificateForm, Components, DoorRow, DriftRow, Expected, Judgement, Memory, Served, Since,
    Verdict, judge, judge_page,
};
use crate::domain::timestamp::Timestamp;
use crate::domain::workspace::Target as Declared;
use crate::engine::target::{Door, Found, Target};

/// How many targets are asked at a time.
const AT_ONCE: usize = 64;
/// For how many seconds a cache may have an older copy, whatever it says.
const OLDEST: u32 = 24 * 60 * 60;

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
    /// The certificates of the team.
    pub team: Vec<Fingerprint>,
    /// Now.
    pub at: Timestamp,
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
            team: vec![certificate],
            at,
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

/// How targets stand for certificates, with what was served there before. All
/// of them are asked at once.
#[must_use]
pub fn look_at_all(
    asked: &[(&Declared, &Subject, Memory)],
    reach: &targets::Reach,
) -> Vec<DriftRow> {
    let mut rows = Vec::new();
    for some in asked.chunks(AT_ONCE) {
        std::thread::scope(|scope| {
            let look = |(target, subject, before): &(&Declared, &Subject, Memory)| {
                look(target, subject, before, reach)
            };
            let looks: Vec<_> = some.iter().map(|one| scope.spawn(move || look(one))).collect();
            let looks = looks.into_iter().zip(some);
            rows.extend(looks.map(|(thread, (target, subject, before))| {
                thread.join().unwrap_or_else(|_| DriftRow {
                    trouble: Some("the look has failed: tell the makers of keyrite".to_owned()),
                    ..DriftRow::begin(target, subject.certificate, before)
                })
            }));
        });
    }
    rows
}

/// How a target stands for a certificate.
fn look(target: &Declared, subject: &Subject, before: &Memory, reach: &targets::Reach) -> DriftRow {
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
    let others = row.target.others().map(|others| [others, subject.team.clone()].concat());
    let expected =
        Expected { certificate, wanted, own, high_water: served_before, is_open, others };
    let mut high_water = row.high_water.clone();
    let judged = |door| judged(door, &expected, &row.since, subject.at, &mut high_water);
    let doors = sight.doors.into_iter().map(judged).collect();
    let new = high_water.0.keys().filter(|digest| !row.high_water.0.contains_key(*digest));
    let since = row.since.clone().into_iter().chain(new.map(|new| (new.clone(), subject.at)));
    let since = since.collect();
    let (facts, awaits) = (sight.facts, sight.awaits);
    (DriftRow { doors, facts, awaits, high_water, since, ..row }, sight.guard)
}

fn judged(
    door: Door,
    expected: &Expected,
    since: &Since,
    at: Timestamp,
    high_water: &mut Components,
) -> DoorRow {
    let certificate = &expected.certificate;
    // What a cache took in before something was seen cannot have it.
    let taken = door.age.map(|age| at.plus(-i64::from(age.min(OLDEST))));
    let then = taken.map(|taken| expected.as_of(taken, since));
    let expected = then.as_ref().unwrap_or(expected);
    let judgement = match door.found {
        Found::Packets { bytes, is_collection } => {
            let served = openpgp::served(&bytes, certificate, is_collection);
            if let Served::Certificate(found) = &served {
                // What the team has not made is no mark to be held.
                high_water.join(&found.also_in(&expected.own));
            }
            let judgement = judge(expected, &served);
            if is_collection {
                judgement.beside(&openpgp::others_in(&bytes, certificate), expected)
            } else {
                judgement
            }
        }
        Found::Index { beside } => Judgement::of(Verdict::Match).beside(&beside, expected),
        Found::Right => Judgement::of(Verdict::Match),
        Found::Wrong(why) => Judgement { facts: vec![why], ..Judgement::of(Verdict::Stale) },
        Found::Page(text) => {
            let (judgement, shown) = judge_page(expected, &text);
            high_water.join(&shown.also_in(&expected.own));
            judgement
        }
        Found::Nothing if !door.has_certificate => {
            let is_new = expected.high_water.0.is_empty();
            let verdict = if is_new { Verdict::Missing } else { Verdict::Stale };
            Judgement { facts: vec!["it is not there".to_owned()], ..Judgement::of(verdict) }
        }
        Found::Nothing => judge(expected, &Served::Nothing),
        Found::Unreachable(why) => judge(expected, &Served::Unreachable(why)),
    };
    let mut judgement = judgement;
    if let Some(age) = door.age.filter(|_| judgement.verdict != Verdict::Match) {
        let (long, now) = (Timestamp::from_unix(i64::from(age)), Timestamp::from_unix(0));
        let age = if age < 60 { format!("{age} s") } else { long.distance_from(now) };
        judgement.facts.push(format!("it comes from a cache, which has had it for {age}"));
    }
    DoorRow { name: door.name, judgement }
}
