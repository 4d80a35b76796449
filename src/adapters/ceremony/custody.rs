//! Slots in ceremonies: what a parcel carries is put where a consumer finds
//! it, proved there, made current, and taken away.

use zeroize::Zeroizing;

use super::remarks::{Problem, remark};
use super::root::{nonce, secret};
use super::{CeremonyHands, Done, Inputs, done, receipt};
use crate::adapters::medium::{self, MediumError};
use crate::adapters::openpgp::{self, KeyError, open_parcel, prove_subkey, walk_export};
use crate::adapters::slots::{self, Access, Opened, key_in, value};
use crate::domain::custody::Stage;
use crate::domain::finding::FindingId;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::worded::Worded as _;
use crate::domain::workspace::Slot as Declared;
use crate::engine::effect::Value;
use crate::engine::event::{Remark, Weight};
use crate::engine::ports::{Job, Outcome, Reconciled};
use crate::engine::secret::Secret;
use crate::engine::slot::{
    Found, Observation, Promote, Promotion, Put, ReadBack, Seen, Slot, SlotError,
};

/// What stands on a parcel.
const CARD: &str = "parcel.json";

impl From<SlotError> for Problem {
    fn from(error: SlotError) -> Self {
        let message = error.to_string();
        match error {
            SlotError::Unreachable { .. } | SlotError::Refused { .. } => {
                Self::Failed(format!("{message}; nothing was changed there"))
            }
            SlotError::InDoubt { .. } => Self::InDoubt(message),
            SlotError::OtherPlace { .. } => Self::forbidden(
                FindingId::Cus011,
                message,
                "nothing was sent; sign in to the right account, or correct the place in \
                 keyrite.toml and begin again",
            ),
            SlotError::Changed { .. } => Self::forbidden(
                FindingId::Cus012,
                message,
                "nothing was written; find out who did that, give the run up and begin again",
            ),
            SlotError::Unfit { .. } | SlotError::Unable { .. } => Self::forbidden(
                FindingId::Cus013,
                message,
                "nothing was written; correct the slot in keyrite.toml and begin again",
            ),
        }
    }
}

impl CeremonyHands {
    fn declared(&self, id: &str) -> Result<&Declared, Problem> {
        let world = self.world.as_ref();
        let mut slots = world.iter().flat_map(|world| &world.team.workspace.slots);
        slots.find(|slot| slot.id == id).ok_or_else(|| {
            Problem::Failed(format!(
                "keyrite.toml has no slot '{}' any more",
                VisibleText::from_text(id)
            ))
        })
    }

    /// The slot of an effect. That its place is still the one that was looked
    /// at and typed is seen here.
    fn slot(&self, job: &Job<'_>) -> Result<(&Declared, Box<dyn Slot>), Problem> {
        let declared = self.declared(&job.effect.text("slot"))?;
        let typed = job.effect.text("place");
        if !typed.is_empty() && typed != declared.place {
            return Err(SlotError::Changed { place: typed }.into());
        }
        Ok((declared, self.place(declared, job)?))
    }

    fn place(&self, declared: &Declared, job: &Job<'_>) -> Result<Box<dyn Slot>, SlotError> {
        let access = Access { workspace: self.workspace.clone(), ..Access::default() };
        slots::open(declared, &access, job.at)
    }

    pub(super) fn read_parcel(&self, job: &Job<'_>) -> Done {
        if let (false, Some(path)) = (self.is_rehearsal(), medium::mounted_root()) {
            return Err(Problem::forbidden(
                FindingId::Cus001,
                format!(
                    "a medium with a primary key is mounted at {path}, on the machine with the network"
                ),
                "take it out, and look again; what could have read it decides whether that was a leak",
            ));
        }
        let inputs = Inputs(job.effect);
        let medium = inputs.medium("medium")?;
        let set = set(&inputs.fingerprint("subkey")?);
        for name in medium.read_back(&set)?.iter().filter(|name| *name != CARD) {
            if !openpgp::is_sealed(&medium.file(&set, name)?) {
                return Err(Problem::forbidden(
                    FindingId::Cer007,
                    format!("{name} can be read without a key"),
                    "treat the subkey as compromised, and destroy this medium",
                ));
            }
        }
        let card: serde_json::Value =
            serde_json::from_slice(&medium.file(&set, CARD)?).unwrap_or_default();
        if card["subkey"].as_str() != Some(inputs.text("subkey").as_str()) {
            return Err(MediumError::changed(CARD).into());
        }
        let consumer = card["consumer"].as_str().unwrap_or_default();
        let recipients = card["recipients"].as_array().cloned().unwrap_or_default();
        let recipients = recipients.iter().filter_map(|one| one.as_str().map(str::to_owned));
        let mut receipt = receipt([("consumer", consumer.to_owned())]);
        receipt.insert("recipients".to_owned(), Value::List(recipients.collect()));
        Ok(done(receipt))
    }

    /// The parcel, open in memory and walked through.
    fn opened(&self, job: &Job<'_>) -> Result<Opened, Problem> {
        let inputs = Inputs(job.effect);
        let (subkey, primary) = (inputs.fingerprint("subkey")?, inputs.fingerprint("fingerprint")?);
        let medium = inputs.medium("medium")?;
        let (set, hex) = (set(&subkey), subkey.hex());
        let sealed = |name: &str| medium.file(&set, &format!("{hex}.{name}.pgp"));
        let recipients = job.effect.items("recipients");
        let open = |sealed: &[u8]| -> Result<Zeroizing<Vec<u8>>, Problem> {
            if recipients.iter().any(|one| !one.is_empty()) {
                return self.open_with_own_key(sealed);
            }
            open_parcel(sealed, secret(job, "parcel")?).map_err(|error| match error {
                KeyError::WrongPassphrase => Problem::WrongSecret("parcel"),
                error => error.into(),
            })
        };
        let export = open(&sealed("key")?)?;
        let mut passphrase = open(&sealed("pass")?)?;
        walk_export(&export, &primary, &subkey).map_err(|fault| {
            Problem::forbidden(
                FindingId::Cus004,
                fault.to_string(),
                "nothing was sent; do not use this parcel, and find out where it comes from",
            )
        })?;
        let passphrase = Secret::take(&mut passphrase)
            .ok_or_else(|| Problem::Failed("the passphrase is too long".to_owned()))?;
        Ok(Opened { export, passphrase, subkey, certificate: self.newest(&primary)? })
    }

    pub(super) fn open_a_parcel(&self, job: &Job<'_>) -> Done {
        let opened = self.opened(job)?;
        let message = format!("TEST {}: made to try a key\n", nonce(job)).into_bytes();
        let (export, subkey) = (&opened.export, &opened.subkey);
        prove_subkey(export, subkey, &opened.passphrase, &opened.certificate, &message, job.at)
            .map_err(unproved)?;
        let chosen = job.effect.items("slots");
        let mut remarks = Vec::new();
        let mut slots = Vec::new();
        for id in &chosen {
            slots.push(self.declared(id)?);
        }
        for declared in &slots {
            let value = value(declared, &opened)?;
            let place = self.place(declared, job)?;
            let (length, limit) = (value.len(), place.limit());
            if length > limit {
                let why = format!("{length} bytes are to be put there, and it takes {limit}");
                return Err(SlotError::Unfit { place: declared.place.clone(), why }.into());
            }
        }
        remarks.extend(self.stores(&slots, job));
        let names: Vec<_> = slots.iter().map(|slot| slot.id.as_str()).collect();
        let text = format!("one secret subkey, {}, for {}", subkey.hex(), names.join(", "));
        Ok(Outcome { receipt: receipt([("opened", text)]), remarks })
    }

    /// What is to be said of where key and passphrase will be.
    fn stores(&self, slots: &[&Declared], job: &Job<'_>) -> Vec<Remark> {
        let mut remarks = Vec::new();
        let waivers = self.world.as_ref().map(|world| &world.team.workspace.waivers);
        let is_waived = |id: FindingId, slot: &str| {
            let mut waivers = waivers.into_iter().flatten();
            waivers.any(|one| one.finding == id && one.of == slot && one.holds(job.at))
        };
        for slot in slots {
            let is_joint = slot.has_key() && slot.has_passphrase();
            if is_joint && !is_waived(FindingId::Cus005, &slot.id) {
                remarks.push(remark(
                    FindingId::Cus005,
                    Weight::Stops,
                    format!("'{}' holds the key and its passphrase in one place", slot.id),
                    "use two slots, or waive CUS-005 for this one in keyrite.toml, with a reason",
                ));
            }
        }
        let has_key = slots.iter().any(|slot| slot.has_key());
        let is_open = slots.iter().any(|slot| slot.has_open_key());
        let has_passphrase = slots.iter().any(|slot| slot.has_passphrase());
        if has_key && !has_passphrase && !is_open {
            remarks.push(Remark {
                severity: crate::domain::finding::Severity::Warning,
                ..remark(
                    FindingId::Cus005,
                    Weight::Told,
                    "none of these slots holds the passphrase: the consumer must have it from \
                     elsewhere"
                        .to_owned(),
                    "choose the slot of the passphrase as well, if there is one",
                )
            });
        }
        remarks
    }

    pub(super) fn look_at_slot(&self, job: &Job<'_>) -> Done {
        let subkey = Inputs(job.effect).fingerprint("subkey")?;
        let (declared, slot) = self.slot(job)?;
        let seen = slot.observe()?;
        let abilities = slot.abilities();
        let held = self.held(declared, &seen, &subkey);
        let wanted = job.effect.text("for");
        let remarks = fits(&wanted, declared, &seen, held.as_ref(), slot.as_ref())?;
        let there: Vec<_> = seen.versions.iter().map(|one| self.words(declared, one)).collect();
        let there = if there.is_empty() { vec!["nothing".to_owned()] } else { there };
        let mut receipt = receipt([
            ("place", declared.place.clone()),
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
        receipt.insert("there".to_owned(), Value::List([there, seen.facts].concat()));
        Ok(Outcome { receipt, remarks })
    }

    /// The version with the secret of that subkey: by what the place says, or
    /// else by the record.
    fn held(&self, declared: &Declared, seen: &Observation, subkey: &Fingerprint) -> Option<Seen> {
        let is_of = |one: &&Seen| self.whose(declared, one) == Some(*subkey);
        let mut held: Vec<_> = seen.versions.iter().filter(is_of).cloned().collect();
        held.sort_by_key(|one| one.stage);
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
        let mut placed = register.into_iter().flat_map(|register| register.in_slot(&declared.id));
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
        let value = value(declared, &opened)?;
        let guard = job.effect.text("guard");
        let put = Put { name: job.id, subkey: opened.subkey, value: &value, guard: &guard };
        Ok(done(receipt([("version", slot.put_pending(&put)?)])))
    }

    pub(super) fn prove_slot(&self, job: &Job<'_>) -> Done {
        let opened = self.opened(job)?;
        let (declared, slot) = self.slot(job)?;
        let version = job.effect.text("version");
        if slot.abilities().read_back == ReadBack::Signature {
            return self.prove_by_signature(job, declared, &opened);
        }
        let found = slot.read_back(&version)?;
        if !found.is_same(&value(declared, &opened)?) {
            return Err(Problem::forbidden(
                FindingId::Cus014,
                format!("{} does not hold what was put there", declared.place),
                "it is pending, and nobody uses it: give the run up, take it away with \
                 custody-retire, and find out who changed it",
            ));
        }
        let proof = match key_in(declared, &found) {
            Some(key) if !declared.has_open_key() => {
                let message = format!("TEST {}: made to try a slot\n", nonce(job)).into_bytes();
                let (subkey, certificate) = (&opened.subkey, &opened.certificate);
                prove_subkey(&key, subkey, &opened.passphrase, certificate, &message, job.at)
                    .map_err(unproved)?;
                format!("read back, the same; it signs: TEST {}", nonce(job))
            }
            Some(_) | None => "read back, the same".to_owned(),
        };
        Ok(done(receipt([("proof", proof)])))
    }

    /// Opens what is sealed to the operator's own key.
    fn open_with_own_key(&self, _sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Problem> {
        Err(Problem::Failed("a parcel that is sealed to people is opened with gpg".to_owned()))
    }

    fn prove_by_signature(&self, _job: &Job<'_>, declared: &Declared, _opened: &Opened) -> Done {
        let message = format!(
            "{} shows its secrets to nobody: that it holds what was put there is not proved",
            declared.place
        );
        let remedy = "run the workflow that signs, or put on record why that is not needed";
        Ok(Outcome {
            receipt: receipt([("proof", "not proved".to_owned())]),
            remarks: vec![remark(FindingId::Cus014, Weight::Stops, message, remedy)],
        })
    }

    pub(super) fn promote(&self, job: &Job<'_>) -> Done {
        let (declared, slot) = self.slot(job)?;
        let value = match slot.abilities().promote {
            Promote::AtOnce => None,
            Promote::Rewrite => Some(value(declared, &self.opened(job)?)?),
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
        Ok(done(receipt([("version", slot.promote(&promotion)?)])))
    }

    pub(super) fn prove_current(&self, job: &Job<'_>) -> Done {
        let (declared, slot) = self.slot(job)?;
        let seen = slot.observe()?;
        let version = job.effect.text("version");
        let current = seen.at(Stage::Current);
        if !slot.abilities().observe {
            return Ok(done(receipt([("proof", "this place does not show it".to_owned())])));
        }
        if current.is_none_or(|current| current.version != version) {
            return Err(Problem::forbidden(
                FindingId::Cus014,
                format!("{} has another version than {version} as current", declared.place),
                "find out who has changed it; look again, or give the run up",
            ));
        }
        Ok(done(receipt([("proof", format!("current: {version}"))])))
    }

    pub(super) fn retire(&self, job: &Job<'_>) -> Done {
        let subkey = Inputs(job.effect).fingerprint("subkey")?;
        let (declared, slot) = self.slot(job)?;
        let seen = slot.observe()?;
        let is_of = |one: &&Seen| self.whose(declared, one) == Some(subkey);
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
        match self.held(declared, &seen, &subkey) {
            None => Ok(done(receipt([("proof", "it is not there".to_owned())]))),
            Some(held) => Err(Problem::forbidden(
                FindingId::Cus014,
                format!("{} still has it: {}", declared.place, self.words(declared, &held)),
                "look again after a while; otherwise take it away by hand, and look again",
            )),
        }
    }

    /// What became of something that was to be written to a slot.
    pub(super) fn reconcile_slot(&self, job: &Job<'_>) -> Reconciled {
        let found = self.slot(job).and_then(|(_, slot)| Ok(slot.find(job.id)?));
        match found {
            Ok(Found::There(version)) => Reconciled::Done(receipt([("version", version)])),
            Ok(Found::Nothing | Found::Again) => Reconciled::Nothing,
            Err(problem) => Reconciled::Unknown(problem.words()),
        }
    }
}

fn set(subkey: &Fingerprint) -> String {
    format!("parcel-{}", subkey.hex())
}

fn unproved(error: openpgp::NoProof) -> Problem {
    match error {
        openpgp::NoProof::NotCertified(KeyError::WrongPassphrase) => Problem::forbidden(
            FindingId::Cus004,
            "the passphrase in the parcel does not open the key in it".to_owned(),
            "nothing was sent; issue a new subkey",
        ),
        error => error.into(),
    }
}

/// Whether a slot is as it must be for what is intended.
fn fits(
    wanted: &str,
    declared: &Declared,
    seen: &Observation,
    held: Option<&Seen>,
    slot: &dyn Slot,
) -> Result<Vec<Remark>, Problem> {
    let unfit = |why: &str| -> Problem {
        SlotError::Unfit { place: declared.place.clone(), why: why.to_owned() }.into()
    };
    let stage = held.map(|one| one.stage);
    let abilities = slot.abilities();
    match (wanted, stage) {
        ("put", Some(Stage::Current)) => Err(unfit("this subkey is current there already")),
        ("put", _) if !abilities.pending => Err(unfit(
            "nothing can be pending there; custody-promote writes to it at the time of the change",
        )),
        ("promote", Some(Stage::Current)) => Err(unfit("this subkey is current there already")),
        ("promote", None) if abilities.pending => {
            Err(unfit("this subkey is not pending there: hold custody-upload before"))
        }
        ("retire", Some(Stage::Current)) => Err(unfit(
            "this subkey is current there: promote its successor before, or its user has none",
        )),
        _ if seen.is_frozen => Ok(vec![remark(
            FindingId::Cus012,
            Weight::Stops,
            format!("{} is frozen", declared.place),
            "find out why before anything is changed there",
        )]),
        _ => Ok(Vec::new()),
    }
}
