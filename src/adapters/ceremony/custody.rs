//! Slots in ceremonies: what a parcel carries is put where a consumer finds
//! it, proved there, made current, and taken away.

mod bounds;
mod freeze;
mod lead;
mod parcel;
mod proved;

use self::bounds::{in_doubt, message, named};
#[cfg_attr(not(feature = "network"), expect(unused_imports, reason = "for targets"))]
pub(super) use self::bounds::{short, some_facts};
use self::parcel::{fitting, unproved};
use super::remarks::{Problem, remark};
use super::root::nonce;
use super::{CeremonyHands, Done, Inputs, done, receipt};
use crate::adapters::openpgp::{prove_open_subkey, prove_subkey};
use crate::adapters::slots::{self, key_in, value};
use crate::adapters::workspace;
use crate::domain::custody::Stage;
use crate::domain::finding::FindingId;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::worded::Worded as _;
use crate::domain::workspace::Slot as Declared;
use crate::engine::chain::Digest;
use crate::engine::effect::{EffectKind, Value};
use crate::engine::event::{Remark, Weight};
use crate::engine::place::PlaceError;
use crate::engine::ports::{Job, Outcome, Reconciled};
use crate::engine::slot::{Found, Observation, Promote, Promotion, Put, ReadBack, Seen, Slot};

impl From<PlaceError> for Problem {
    fn from(error: PlaceError) -> Self {
        let message = message(&error);
        match error {
            PlaceError::Unreachable { .. }
            | PlaceError::Absent { .. }
            | PlaceError::Refused { .. } => {
                Self::Failed(format!("{message}; nothing was changed there"))
            }
            PlaceError::InDoubt { .. } => Self::InDoubt(message),
            PlaceError::OtherPlace { .. } => Self::forbidden(
                FindingId::Cus011,
                message,
                "nothing was sent; sign in to the right account, or correct the place in \
                 keyrite.toml and begin again",
            ),
            PlaceError::Changed { .. } => Self::forbidden(
                FindingId::Cus012,
                message,
                "nothing was written; find out who did that, give the run up and begin again",
            ),
            PlaceError::Unfit { .. } | PlaceError::Unable { .. } => Self::forbidden(
                FindingId::Cus013,
                message,
                "nothing was written; correct the slot in keyrite.toml and begin again",
            ),
        }
    }
}

impl CeremonyHands {
    /// As it stands in keyrite.toml now: somebody may have written there since
    /// the run was opened.
    fn declared(&self, id: &str) -> Result<Declared, Problem> {
        let read = workspace::read(&self.workspace).map_err(|error| {
            Problem::Failed(format!("keyrite.toml cannot be read any more: {error}"))
        })?;
        let mut slots = read.team.workspace.slots.into_iter();
        slots.find(|slot| slot.id == id).ok_or_else(|| {
            Problem::Failed(format!(
                "keyrite.toml has no slot '{}' any more",
                VisibleText::from_text(id)
            ))
        })
    }

    /// The slot of an effect. That its place is still the one that was looked
    /// at and typed is seen here.
    fn slot(&self, job: &Job<'_>) -> Result<(Declared, Box<dyn Slot>), Problem> {
        let declared = self.declared(&job.effect.text("slot"))?;
        let (typed, agreed) = (job.effect.text("place"), job.effect.text("declared"));
        let is_same = typed == declared.place && agreed == digest(&declared).to_string();
        if !typed.is_empty() && !is_same {
            return Err(Problem::forbidden(
                FindingId::Cus012,
                format!("the slot '{}' is declared otherwise than when people agreed", declared.id),
                "nothing was written; put keyrite.toml back as it was, or begin again",
            ));
        }
        let slot = self.open_slot(&declared, job)?;
        Ok((declared, slot))
    }

    fn open_slot(&self, declared: &Declared, job: &Job<'_>) -> Result<Box<dyn Slot>, PlaceError> {
        slots::open(declared, &self.access, job.at)
    }

    pub(super) fn look_at_slot(&self, job: &Job<'_>) -> Done {
        let subkey = Inputs(job.effect).fingerprint("subkey")?;
        let (declared, slot) = self.slot(job)?;
        let seen = slot.observe()?;
        let abilities = slot.abilities();
        let held = self.held(&declared, &seen, &subkey);
        let wanted = job.effect.text("for");
        let frozen = self.frozen_by(&declared);
        // What its user gets may be this subkey, whatever version it is called.
        let current = seen.at(Stage::Current).filter(|_| wanted == "retire");
        let whose = current.map(|one| self.whose(&declared, one));
        let used = current.filter(|_| whose == Some(Some(subkey))).or(held.as_ref());
        let mut remarks = fits(&wanted, &declared, &seen, used, slot.as_ref(), &frozen)?;
        let pending = seen.at(Stage::Pending).filter(|_| wanted == "put");
        remarks.extend(pending.map(|one| {
            let (place, other) = (&declared.place, self.words(&declared, one));
            remark(
                FindingId::Cus012,
                Weight::Told,
                format!("{place} has something that is pending: {other}"),
                "what is uploaded now takes its place there, or stands beside it",
            )
        }));
        if whose == Some(None) {
            let place = &declared.place;
            remarks.push(remark(
                FindingId::Cus014,
                Weight::Stops,
                format!("whose key is current at {place} is not known: it may be this one"),
                "look at what its user gets before this is taken away",
            ));
        }
        if let (true, Some(held)) = (wanted == "promote", &held) {
            self.unchanged(&declared, held)?;
        }
        if wanted == "promote" && abilities.pending && !self.is_proved(&declared, held.as_ref()) {
            remarks.push(remark(
                FindingId::Cus014,
                Weight::Stops,
                format!("no run has proved this version at {}", declared.place),
                "hold custody-upload for this subkey; what somebody else has put there may be \
                 anything",
            ));
        }
        let there: Vec<_> = seen.versions.iter().map(|one| self.words(&declared, one)).collect();
        let there = if there.is_empty() { vec!["nothing".to_owned()] } else { there };
        let mut receipt = receipt([
            ("place", declared.place.clone()),
            ("declared", digest(&declared).to_string()),
            ("guard", seen.guard.clone()),
            ("version", held.map(|one| one.version).unwrap_or_default()),
            ("certificate", self.primary_of(&subkey)),
            (
                "at_once",
                if abilities.promote == Promote::AtOnce { "yes".to_owned() } else { String::new() },
            ),
        ]);
        let does = abilities.words().into_iter().map(str::to_owned).collect();
        receipt.insert("does".to_owned(), Value::List(does));
        let there = [there, seen.facts].concat();
        receipt.insert("there".to_owned(), Value::List(some_facts(there)));
        Ok(Outcome { receipt, remarks })
    }

    /// The version with the secret of that subkey: by what the place says, or
    /// else by the record.
    fn held(&self, declared: &Declared, seen: &Observation, subkey: &Fingerprint) -> Option<Seen> {
        let is_of = |one: &&Seen| self.whose(declared, one) == Some(*subkey);
        let mut held: Vec<_> = seen.versions.iter().filter(is_of).cloned().collect();
        // What a run has proved comes before what somebody else has put there.
        held.sort_by_key(|one| (!self.is_proved(declared, Some(one)), one.stage));
        held.into_iter().next()
    }

    /// The certificate that has the subkey; empty where there is none.
    fn primary_of(&self, subkey: &Fingerprint) -> String {
        let certificates = self.world.iter().flat_map(|world| &world.certificates);
        let has = |one: &&crate::domain::assessment::Assessment| {
            one.keys().any(|(key, _)| key.fingerprint == *subkey)
        };
        certificates
            .filter(has)
            .map(|one| one.certificate.fingerprint().hex())
            .next()
            .unwrap_or_default()
    }

    fn whose(&self, declared: &Declared, seen: &Seen) -> Option<Fingerprint> {
        let register = self.world.as_ref().map(|world| &world.register);
        let mut placed =
            register.into_iter().flat_map(|register| register.in_place(&declared.place));
        let by_record = placed.find(|one| one.version == seen.version).map(|one| one.subkey);
        seen.subkey.or(by_record)
    }

    fn words(&self, declared: &Declared, seen: &Seen) -> String {
        let whose = self.whose(declared, seen).map(|key| key.hex());
        let whose = whose.unwrap_or_else(|| "a key that is not known".to_owned());
        format!("{}: {whose} ({})", seen.stage.word(), VisibleText::from_text(&seen.version))
    }

    pub(super) fn put_pending(&self, job: &Job<'_>) -> Done {
        let opened = self.opened(job)?;
        let (declared, slot) = self.slot(job)?;
        let value = fitting(&declared, slot.as_ref(), &opened)?;
        let guard = job.effect.text("guard");
        let put = Put { name: job.id, subkey: opened.subkey, value: &value, guard: &guard };
        Ok(done(receipt([("version", named(&declared, slot.put_pending(&put)?)?)])))
    }

    pub(super) fn prove_slot(&self, job: &Job<'_>) -> Done {
        let opened = self.opened(job)?;
        let (declared, slot) = self.slot(job)?;
        let version = job.effect.text("version");
        if slot.abilities().read_back == ReadBack::Signature {
            return Self::prove_by_signature(job, &declared, slot.as_ref(), &opened);
        }
        let found = slot.read_back(&version)?;
        if !found.is_same(&value(&declared, &opened)?) {
            return Err(Problem::forbidden(
                FindingId::Cus014,
                format!("{} does not hold what was put there", declared.place),
                "it is pending, and nobody uses it: give the run up, take it away with \
                 custody-retire, and find out who changed it",
            ));
        }
        let mut body = None;
        if slot.abilities().observe {
            let seen = slot.observe()?;
            let there = seen.version(&version);
            body = there.and_then(|one| one.body.clone());
            // What was read is what lies there as that.
            if body.is_some() && !slot.read_back(&version)?.is_same(&found) {
                return Err(PlaceError::Changed { place: declared.place }.into());
            }
            let stage = there.map(|one| one.stage);
            if !matches!(stage, Some(Stage::Pending | Stage::Current)) {
                return Err(Problem::forbidden(
                    FindingId::Cus012,
                    format!("{} holds it, and it is not pending any more", declared.place),
                    "somebody else has written there since: nobody uses it; find out who, take it \
                     away with custody-retire, and upload again",
                ));
            }
        }
        let mut proof = "read back, the same".to_owned();
        if let Some(key) = key_in(&declared, &found) {
            let message = format!("TEST {}: made to try a slot\n", nonce(job)).into_bytes();
            let (subkey, certificate) = (&opened.subkey, &opened.certificate);
            let signs = if declared.has_open_key() {
                prove_open_subkey(&key, subkey, certificate, &message, job.at)
            } else {
                prove_subkey(&key, subkey, &opened.passphrase, certificate, &message, job.at)
            };
            signs.map_err(unproved)?;
            proof = format!("{proof}; it signs: TEST {}", nonce(job));
        }
        let mut receipt = receipt([("proof", proof)]);
        if let Some(body) = body {
            receipt.insert("body".to_owned(), Value::from(body));
        }
        Ok(done(receipt))
    }

    pub(super) fn promote(&self, job: &Job<'_>) -> Done {
        let (declared, slot) = self.slot(job)?;
        let value = match slot.abilities().promote {
            Promote::AtOnce => None,
            Promote::Rewrite => Some(fitting(&declared, slot.as_ref(), &self.opened(job)?)?),
        };
        let subkey = Inputs(job.effect).fingerprint("subkey")?;
        let (version, guard) = (job.effect.text("version"), job.effect.text("guard"));
        let promotion = Promotion {
            name: job.id,
            subkey,
            version: &version,
            value: value.as_ref(),
            guard: &guard,
        };
        Ok(done(receipt([("version", named(&declared, slot.promote(&promotion)?)?)])))
    }

    pub(super) fn retire(&self, job: &Job<'_>) -> Done {
        let subkey = Inputs(job.effect).fingerprint("subkey")?;
        let (declared, slot) = self.slot(job)?;
        let seen = slot.observe()?;
        let is_of = |one: &&Seen| self.whose(&declared, one) == Some(subkey);
        let versions: Vec<_> =
            seen.versions.iter().filter(is_of).map(|one| one.version.clone()).collect();
        for version in &versions {
            slot.retire(version)?;
        }
        let text =
            if versions.is_empty() { "nothing was there".to_owned() } else { versions.join(", ") };
        Ok(done(receipt([("gone", text)])))
    }

    pub(super) fn prove_absent(&self, job: &Job<'_>) -> Done {
        let subkey = Inputs(job.effect).fingerprint("subkey")?;
        let (declared, slot) = self.slot(job)?;
        let seen = slot.observe()?;
        match self.held(&declared, &seen, &subkey) {
            None => Ok(done(receipt([("proof", slot.absence().to_owned())]))),
            Some(held) => Err(Problem::forbidden(
                FindingId::Cus014,
                format!("{} still has it: {}", declared.place, self.words(&declared, &held)),
                "look again after a while; otherwise take it away by hand, and look again",
            )),
        }
    }

    /// What became of something that was to be written to a slot.
    pub(super) fn reconcile_slot(&self, job: &Job<'_>) -> Reconciled {
        let found = self.slot(job).and_then(|(declared, slot)| {
            if job.effect.kind != EffectKind::Promote {
                return slot.find(job.id).map_err(in_doubt);
            }
            // It has no version of its own: what is current tells it.
            let (seen, version) = (slot.observe().map_err(in_doubt)?, job.effect.text("version"));
            let is_done = seen.at(Stage::Current).is_some_and(|one| one.version == version);
            let done = is_done.then(|| named(&declared, version)).transpose()?;
            Ok(done.map_or(Found::Again, Found::There))
        });
        match found {
            Ok(Found::There(version)) => Reconciled::Done(receipt([("version", version)])),
            Ok(Found::Nothing | Found::Again) => Reconciled::Nothing,
            Err(problem) => Reconciled::Unknown(problem.words()),
        }
    }
}

/// Whether a slot is as it must be for what is intended.
fn fits(
    wanted: &str,
    declared: &Declared,
    seen: &Observation,
    held: Option<&Seen>,
    slot: &dyn Slot,
    frozen: &str,
) -> Result<Vec<Remark>, Problem> {
    let unfit = |why: &str| {
        let message = format!("{}: {why}", declared.place);
        let remedy = "nothing was written; go back (:back) and choose another subkey or slot";
        Problem::forbidden(FindingId::Cus013, message, remedy)
    };
    let stage = held.map(|one| one.stage);
    let abilities = slot.abilities();
    match (wanted, stage) {
        ("put" | "promote", Some(Stage::Current)) => {
            Err(unfit("this subkey is current there already"))
        }
        ("put", _) if !abilities.pending => Err(unfit(
            "nothing can be pending there; custody-promote writes to it at the time of the change",
        )),
        ("promote", None) if abilities.pending => {
            Err(unfit("this subkey is not pending there: hold custody-upload before"))
        }
        ("retire", Some(Stage::Current)) => Err(unfit(
            "this subkey is current there: promote its successor before, or its user has none",
        )),
        _ if seen.is_frozen => Ok(vec![remark(
            FindingId::Cus012,
            Weight::Stops,
            format!("{} is frozen {frozen}", declared.place),
            "find out why before anything is changed there; custody-freeze lets its consumer again",
        )]),
        _ => Ok(Vec::new()),
    }
}

/// Another one as soon as a slot is declared otherwise, in anything that says
/// what is written where.
fn digest(declared: &Declared) -> Digest {
    let Declared { id, kind, place, contents, settings, .. } = declared;
    Digest::of(format!("{id:?} {kind:?} {place:?} {contents:?} {settings:?}").as_bytes())
}
