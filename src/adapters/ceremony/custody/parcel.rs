//! A parcel that is brought to the machine with the network: read, opened in
//! memory, and walked through before anything leaves.

use zeroize::Zeroizing;

use super::super::gnupg::GnupgHome;
use super::super::remarks::{Problem, remark};
use super::super::root::{nonce, secret};
use super::super::{CeremonyHands, Done, Inputs, done, receipt};
use crate::adapters::medium::{self, MediumError};
use crate::adapters::openpgp::{self, KeyError, open_parcel, prove_subkey, walk_export};
use crate::adapters::slots::{Opened, value};
use crate::domain::finding::{FindingId, Severity};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::workspace::Slot as Declared;
use crate::engine::chain::Digest;
use crate::engine::effect::Value;
use crate::engine::event::{Remark, Weight};
use crate::engine::place::PlaceError;
use crate::engine::ports::{Job, Outcome};
use crate::engine::secret::Secret;
use crate::engine::slot::{Slot, SlotValue};

/// What stands on a parcel.
const CARD: &str = "parcel.json";

/// What is read of it.
#[derive(serde::Deserialize)]
struct Card {
    subkey: String,
    consumer: String,
    recipients: Vec<String>,
}

impl CeremonyHands {
    pub(in super::super) fn read_parcel(&self, job: &Job<'_>) -> Done {
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
        let mut sealed = Vec::new();
        for name in medium.read_back(&set)?.iter().filter(|name| *name != CARD) {
            let bytes = medium.file(&set, name)?;
            sealed.push(pinned(name, &bytes));
            if !openpgp::is_sealed(&bytes) {
                return Err(Problem::forbidden(
                    FindingId::Cer007,
                    format!("{name} can be read without a key"),
                    "treat the subkey as compromised, and destroy this medium",
                ));
            }
        }
        let card: Card = serde_json::from_slice(&medium.file(&set, CARD)?)
            .map_err(|_| MediumError::changed(CARD))?;
        if card.subkey != inputs.text("subkey") {
            return Err(MediumError::changed(CARD).into());
        }
        self.is_for(&inputs.fingerprint("subkey")?, &card.consumer)?;
        let mut receipt = receipt([("consumer", card.consumer)]);
        receipt.insert("sealed".to_owned(), Value::List(sealed));
        receipt.insert("recipients".to_owned(), Value::List(card.recipients));
        Ok(done(receipt))
    }

    /// Whether the consumer that a parcel names is the one for which the
    /// subkey was made, by keyrite.toml and by the record.
    fn is_for(&self, subkey: &Fingerprint, named: &str) -> Result<(), Problem> {
        let world = self.world.iter();
        let declared = world.clone().flat_map(|world| &world.team.workspace.consumers);
        let declared = declared.filter(|one| one.subkey == Some(*subkey)).map(|one| &*one.id);
        let recorded = world.filter_map(|world| world.register.made_for(subkey));
        let mut others = declared.chain(recorded).filter(|known| *known != named);
        let Some(other) = others.next() else { return Ok(()) };
        let (named, other) = (VisibleText::from_text(named), VisibleText::from_text(other));
        Err(Problem::forbidden(
            FindingId::Cus012,
            format!(
                "the parcel says that {} is for '{named}', and it is for '{other}'",
                subkey.hex()
            ),
            "nothing was sent; do not use this parcel, and find out who has changed what stands on \
             it",
        ))
    }

    /// The parcel, open in memory and walked through.
    pub(super) fn opened(&self, job: &Job<'_>) -> Result<Opened, Problem> {
        let inputs = Inputs(job.effect);
        let (subkey, primary) = (inputs.fingerprint("subkey")?, inputs.fingerprint("fingerprint")?);
        let medium = inputs.medium("medium")?;
        let (set, hex) = (set(&subkey), subkey.hex());
        let seen = job.effect.items("sealed");
        let sealed = |name: &str| -> Result<Vec<u8>, Problem> {
            let name = format!("{hex}.{name}.pgp");
            let bytes = medium.file(&set, &name)?;
            if seen.contains(&pinned(&name, &bytes)) {
                return Ok(bytes);
            }
            Err(Problem::forbidden(
                FindingId::Cus012,
                format!("{name} is another file than when the parcel was looked at"),
                "nothing was sent; find out who has had the medium, give the run up and begin again",
            ))
        };
        let recipients = job.effect.items("recipients");
        let open = |sealed: &[u8]| -> Result<Zeroizing<Vec<u8>>, Problem> {
            if recipients.iter().any(|one| !one.is_empty()) {
                return self.open_with_own_key(sealed, secret(job, "parcel")?);
            }
            open_parcel(sealed, secret(job, "parcel")?).map_err(|error| {
                let is_wrong = matches!(error, KeyError::WrongPassphrase);
                if is_wrong { Problem::WrongSecret("parcel") } else { error.into() }
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
        let certificate = self.newest(&primary)?;
        // Each time: what lies on the medium may be another parcel by now.
        let message = format!("TEST {}: made to try a key\n", nonce(job)).into_bytes();
        prove_subkey(&export, &subkey, &passphrase, &certificate, &message, job.at)
            .map_err(unproved)?;
        Ok(Opened { export, passphrase, subkey, certificate })
    }

    pub(in super::super) fn open_a_parcel(&self, job: &Job<'_>) -> Done {
        let opened = self.opened(job)?;
        let chosen = job.effect.items("slots");
        let mut remarks = Vec::new();
        let mut slots = Vec::new();
        for id in &chosen {
            slots.push(self.declared(id)?);
        }
        for declared in &slots {
            fitting(declared, self.open_slot(declared, job)?.as_ref(), &opened)?;
        }
        remarks.extend(self.stores(&slots, job));
        let names: Vec<_> = slots.iter().map(|slot| slot.id.as_str()).collect();
        let text = format!("one secret subkey, {}, for {}", opened.subkey.hex(), names.join(", "));
        Ok(Outcome { receipt: receipt([("opened", text)]), remarks })
    }

    /// What is to be said of where key and passphrase will be.
    fn stores(&self, slots: &[Declared], job: &Job<'_>) -> Vec<Remark> {
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
        let has_key = slots.iter().any(Declared::has_key);
        let is_open = slots.iter().any(Declared::has_open_key);
        let has_passphrase = slots.iter().any(Declared::has_passphrase);
        if has_key && !has_passphrase && !is_open {
            remarks.push(Remark {
                severity: Severity::Warning,
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

    /// Opens what is sealed to the operator's own key, with the gpg that has
    /// it.
    fn open_with_own_key(
        &self,
        sealed: &[u8],
        passphrase: &Secret,
    ) -> Result<Zeroizing<Vec<u8>>, Problem> {
        let home = self.process.gnupg_home.as_deref().and_then(GnupgHome::at);
        let home = home.ok_or_else(|| {
            Problem::Failed(
                "the parcel is sealed to people, and there is no GnuPG home here with a key of \
                 theirs; set GNUPGHOME, or take the machine that has the key; nothing was sent"
                    .to_owned(),
            )
        })?;
        home.decrypt(sealed, passphrase)
    }
}

/// What a slot is to hold, if it is not too long for it.
pub(super) fn fitting(
    declared: &Declared,
    slot: &dyn Slot,
    opened: &Opened,
) -> Result<SlotValue, Problem> {
    let value = value(declared, opened)?;
    let (length, limit) = (value.len(), slot.limit());
    if length > limit {
        let why = format!("{length} bytes are to be put there, and it takes {limit}");
        return Err(PlaceError::Unfit { place: declared.place.clone(), why }.into());
    }
    Ok(value)
}

fn set(subkey: &Fingerprint) -> String {
    format!("parcel-{}", subkey.hex())
}

/// A file as it was seen: its name and its digest.
fn pinned(name: &str, bytes: &[u8]) -> String {
    format!("{name} {}", Digest::of(bytes))
}

/// Why what is there does not sign.
pub(super) fn unproved(error: openpgp::NoProof) -> Problem {
    if matches!(error, openpgp::NoProof::NotCertified(KeyError::WrongPassphrase)) {
        return Problem::forbidden(
            FindingId::Cus004,
            "the passphrase in the parcel does not open the key in it".to_owned(),
            "nothing was sent; issue a new subkey",
        );
    }
    error.into()
}
