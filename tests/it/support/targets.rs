//! What every target promises, and certificates to publish.

use keyrite::adapters::openpgp::{components_of, publishable, served};
use keyrite::domain::fingerprint::Fingerprint;
use keyrite::domain::publication::{
    CertificateForm, Components, Expected, Judgement, Served, Verdict, judge, judge_page,
};
use keyrite::domain::text::VisibleText;
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::workspace::{Setting, Target as Declared, TargetKind};
use keyrite::engine::place::PlaceError;
use keyrite::engine::target::{Door, Found, Publication, Sight, Target};
use sequoia_openpgp::Cert;
use sequoia_openpgp::packet::UserID;
use sequoia_openpgp::serialize::SerializeInto as _;

use super::forge::{KeySpec, add_subkey, certificate};

pub(crate) fn target(kind: TargetKind, place: &str, settings: &[(&str, &str)]) -> Declared {
    let mut target = Declared::of_place("/tmp", 1).unwrap();
    (target.kind, target.place) = (kind, place.to_owned());
    let text = |(name, text): &(&str, &str)| (name.to_string(), Setting::Text(text.to_string()));
    target.settings = settings.iter().map(text).collect();
    assert_eq!(target.problems(), Vec::<String>::new());
    target
}

/// A certificate that is to be published.
pub(crate) struct Made {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) armored: Vec<u8>,
    pub(crate) binary: Vec<u8>,
    user_ids: Vec<VisibleText>,
    pub(crate) addresses: Vec<String>,
}

impl Made {
    pub(crate) fn of(cert: &Cert) -> Self {
        Self::in_form(cert, CertificateForm::Minimal)
    }

    pub(crate) fn in_form(cert: &Cert, form: CertificateForm) -> Self {
        let bytes = cert.clone().strip_secret_key_material().to_vec().unwrap();
        let at = Timestamp::parse("2026-06-01").unwrap();
        let made = publishable(&bytes, form, at).unwrap();
        let fingerprint = Fingerprint::from_hex(&cert.fingerprint().to_hex()).unwrap();
        let text = |id: &[u8]| VisibleText::from_bytes(id);
        let user_ids = cert.userids().map(|one| text(one.userid().value())).collect();
        let address = |id: &UserID| id.email().ok().flatten().map(str::to_owned);
        let addresses = cert.userids().filter_map(|one| address(one.userid())).collect();
        let (armored, binary) = (made.armored.into_bytes(), made.binary);
        Self { fingerprint, armored, binary, user_ids, addresses }
    }

    pub(crate) fn look(&self, place: &dyn Target) -> Sight {
        place.look(&self.fingerprint, &self.addresses).unwrap()
    }

    pub(crate) fn publish(&self, place: &dyn Target) -> Result<Vec<String>, PlaceError> {
        let guard = self.look(place).guard;
        self.publish_seen(place, &guard)
    }

    pub(crate) fn publish_seen(
        &self,
        place: &dyn Target,
        guard: &str,
    ) -> Result<Vec<String>, PlaceError> {
        place.publish(&Publication {
            certificate: self.fingerprint,
            armored: &self.armored,
            binary: &self.binary,
            user_ids: &self.user_ids,
            addresses: &self.addresses,
            guard,
        })
    }
}

pub(crate) fn cert(name: &str, more: &[KeySpec]) -> Cert {
    let id = format!("{name} TEST <{name}@example.org>");
    let primary = KeySpec::new("C", "2025-06-01", Some("2028-06-01"));
    let signer = KeySpec::new("S", "2025-12-01", Some("2026-12-31"));
    certificate(&[&id], &primary, &[&[signer][..], more].concat())
}

/// How a door stands for somebody who knows only that certificate.
pub(crate) fn judged(
    place: &dyn Target,
    made: &Made,
    door: &Door,
    before: &Components,
) -> Judgement {
    let own = components_of(&made.armored).unwrap();
    let expected = Expected {
        certificate: made.fingerprint,
        wanted: own.clone(),
        own,
        high_water: before.clone(),
        is_open: place.abilities().is_open,
        others: None,
    };
    match &door.found {
        Found::Packets { bytes, is_collection } => {
            judge(&expected, &served(bytes, &made.fingerprint, *is_collection))
        }
        Found::Page(text) => judge_page(&expected, text).0,
        Found::Index { .. } | Found::Right => Judgement::of(Verdict::Match),
        Found::Wrong(why) => {
            Judgement { facts: vec![why.clone()], ..Judgement::of(Verdict::Stale) }
        }
        Found::Nothing => judge(&expected, &Served::Nothing),
        Found::Unreachable(why) => judge(&expected, &Served::Unreachable(why.clone())),
    }
}

/// How the first door stands.
pub(crate) fn judged_first(place: &dyn Target, made: &Made) -> Judgement {
    judged(place, made, &made.look(place).doors[0], &Components::default())
}

/// The gravest verdict over all doors.
pub(crate) fn verdict(place: &dyn Target, made: &Made, before: &Components) -> Verdict {
    let sight = made.look(place);
    let all = sight.doors.iter().map(|door| judged(place, made, door, before).verdict);
    all.min().unwrap()
}

/// Users get all of it by each door.
#[track_caller]
pub(crate) fn is_right(place: &dyn Target, made: &Made) {
    let sight = made.look(place);
    assert!(!sight.doors.is_empty());
    for door in &sight.doors {
        let judgement = judged(place, made, door, &Components::default());
        assert_eq!(judgement.verdict, Verdict::Match, "{}: {judgement:?}", door.name);
    }
}

/// Opens the target, as another process would.
pub(crate) type Open<'a> = &'a dyn Fn() -> Box<dyn Target>;

/// What every target promises. `then` is what people do after a publication.
pub(crate) fn promises(open: Open<'_>, then: &dyn Fn()) {
    let (old, made, other) = serves(open, then);
    // More of it, and never less again.
    let signer = KeySpec::new("S", "2026-01-01", Some("2026-12-31"));
    let newer = Made::of(&add_subkey(&old, &signer));
    assert_eq!(verdict(open().as_ref(), &newer, &Components::default()), Verdict::Stale);
    assert!(!newer.publish(open().as_ref()).unwrap().is_empty());
    then();
    is_right(open().as_ref(), &newer);
    let less = made.publish(open().as_ref());
    let is_refused = match &less {
        Ok(written) => written.is_empty(),
        Err(error) => matches!(error, PlaceError::Unfit { .. }),
    };
    assert!(is_refused, "{less:?}");
    is_right(open().as_ref(), &newer);
    is_right(open().as_ref(), &other);
}

/// What is published is served, once, and beside that of others; tells what
/// was.
pub(crate) fn serves(open: Open<'_>, then: &dyn Fn()) -> (Cert, Made, Made) {
    let old = cert("release", &[]);
    let made = Made::of(&old);
    let empty = made.look(open().as_ref());
    assert!(!empty.doors.is_empty());
    for door in &empty.doors {
        assert_eq!(door.found, Found::Nothing, "{}", door.name);
    }
    assert!(open().limit() >= made.armored.len());
    assert!(!made.publish(open().as_ref()).unwrap().is_empty());
    then();
    is_right(open().as_ref(), &made);
    // After a lost answer the same is asked once more, with what was seen
    // before; and again by somebody who has looked.
    assert_eq!(made.publish_seen(open().as_ref(), &empty.guard), Ok(Vec::new()));
    assert_eq!(made.publish(open().as_ref()), Ok(Vec::new()));
    // Another one beside it.
    let other = Made::of(&cert("institution", &[]));
    other.publish(open().as_ref()).unwrap();
    then();
    is_right(open().as_ref(), &other);
    is_right(open().as_ref(), &made);
    (old, made, other)
}
