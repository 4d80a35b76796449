//! Issuing a subkey, and looking at its parcel.

use serde_json::{Map, Value as Json};
use zeroize::Zeroizing;

use super::media::write;
use super::remarks::{Problem, remark};
use super::root::{nonce, secret, unlock};
use super::surroundings::machine_passphrase;
use super::trial::{NoTrial, Trial, try_in_gnupg};
use super::{CeremonyHands, Done, Inputs, done, receipt};
use crate::adapters::medium::MediumError;
use crate::adapters::openpgp::{
    self, ExportForm, Lock, SubkeySpec, prove_subkey, seal_to, seal_with, walk_export, walk_public,
    with_public_primary,
};
use crate::domain::finding::FindingId;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::keyspec::Protection;
use crate::domain::text::VisibleText;
use crate::engine::chain::{Digest, canonical};
use crate::engine::event::{Remark, Weight};
use crate::engine::ports::{Job, Outcome};

/// What stands on a parcel.
const CARD: &str = "parcel.json";

impl CeremonyHands {
    pub(super) fn issue_subkey(&self, job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let fingerprint = inputs.fingerprint("fingerprint")?;
        let root = inputs.medium("root")?;
        let medium = inputs.medium("medium")?;
        if medium.id == root.id {
            return Err(MediumError::Odd(
                VisibleText::from_text("the medium of the parcel"),
                "it is the one that holds the primary key",
            )
            .into());
        }
        let newest = self.run.artifact(inputs.digest("certificate")?)?;
        let recipients = self.recipients(job)?;
        let (mut opened, _) = unlock(&root, &fingerprint, job)?;
        let spec = SubkeySpec {
            algorithm: inputs.word("algorithm")?,
            created: job.at,
            expires: inputs.instant("ends"),
        };
        let passphrase = machine_passphrase().map_err(Problem::Failed)?;
        // GnuPG must be able to open it.
        let lock =
            Lock { passphrase: &passphrase, protection: Protection::Iterated, cost: self.cost() };
        let issued = openpgp::issue(&mut opened, &newest, &spec, &lock, "made in advance")?;
        drop(opened);
        let is_public = inputs.text("form") == "public-primary";
        let export = Zeroizing::new(if is_public {
            with_public_primary(&issued.export)?
        } else {
            issued.export.clone()
        });
        let facts = walk_export(&export, &fingerprint, &issued.fingerprint)?;
        if (facts.form == ExportForm::PublicPrimary) != is_public {
            return Err(Problem::forbidden(
                FindingId::Cer007,
                "the export has another form than was asked for".to_owned(),
                "nothing was written; tell the makers of keyrite",
            ));
        }
        let message = format!("TEST {}: made to try a key\n", nonce(job)).into_bytes();
        let subkey = issued.fingerprint;
        let public = &issued.certificate;
        prove_subkey(&export, &subkey, &passphrase, public, &message, job.at)?;
        let (trial, said) = self.trial(&export, &passphrase, &subkey, is_public)?;
        walk_public(public)?;
        let seal = |data: &[u8]| match recipients.as_slice() {
            [] => seal_with(data, secret(job, "transport")?).map_err(Problem::from),
            certificates => seal_to(data, certificates, job.at).map_err(Problem::from),
        };
        let (key, pass) = (seal(&export)?, seal(passphrase.expose())?);
        let certificate = self.run.keep(public)?;
        let name = subkey.hex();
        let names = [format!("{name}.key.pgp"), format!("{name}.pass.pgp")];
        let card = card(job, &fingerprint, &subkey, [(&names[0], &key), (&names[1], &pass)]);
        let receipt = receipt([
            ("subkey", name.clone()),
            ("certificate", certificate.to_string()),
            ("digest", Digest::of(card.as_bytes()).to_string()),
            ("trial", trial),
        ]);
        let files = [
            (names[0].as_str(), &key[..]),
            (names[1].as_str(), &pass[..]),
            (CARD, card.as_bytes()),
        ];
        write(&medium, &format!("parcel-{name}"), &files, job, &receipt)?;
        Ok(Outcome { receipt, remarks: said.into_iter().collect() })
    }

    /// Whether `GnuPG` takes it, too, in words; and what to say where it does
    /// not, which nobody but its users has to mind.
    fn trial(
        &self,
        export: &[u8],
        passphrase: &crate::engine::secret::Secret,
        subkey: &Fingerprint,
        is_public: bool,
    ) -> Result<(String, Option<Remark>), Problem> {
        if is_public {
            return Ok((Trial::Skipped("GnuPG 2.2 refuses this form").to_string(), None));
        }
        match try_in_gnupg(&self.process, export, passphrase, subkey) {
            Ok(trial) => Ok((trial.to_string(), None)),
            Err(NoTrial::Unprepared(error)) => Err(Problem::Failed(format!(
                "the trial in GnuPG cannot be made: {error}; nothing was written"
            ))),
            Err(NoTrial::Refused(why)) => {
                let message = format!("GnuPG does not take it: {why}");
                let remedy =
                    "give the run up and begin again, or take it on you if nobody uses GnuPG";
                let said = remark(FindingId::Cer006, Weight::Stops, message.clone(), remedy);
                Ok((message, Some(said)))
            }
        }
    }

    fn recipients(&self, job: &Job<'_>) -> Result<Vec<Vec<u8>>, Problem> {
        let world = self.world.as_ref();
        let people = world.map(|world| world.team.workspace.people.as_slice()).unwrap_or_default();
        let certificate = |id: String| {
            let person = people.iter().find(|person| person.id == id);
            let fingerprint = person.and_then(|person| person.fingerprint);
            let missing = || Problem::Failed(format!("'{id}' has no certificate in keyrite.toml"));
            self.of_person(&fingerprint.ok_or_else(missing)?)
        };
        job.effect.items("recipients").into_iter().map(certificate).collect()
    }

    pub(super) fn check_parcel(job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let medium = inputs.medium("medium")?;
        let set = format!("parcel-{}", inputs.fingerprint("subkey")?.hex());
        let names = medium.read_back(&set)?;
        let card = medium.file(&set, CARD)?;
        if Digest::of(&card) != inputs.digest("digest")? {
            return Err(MediumError::changed(CARD).into());
        }
        for name in names.iter().filter(|name| *name != CARD) {
            let bytes = medium.file(&set, name)?;
            if !openpgp::is_sealed(&bytes) {
                return Err(Problem::forbidden(
                    FindingId::Cer007,
                    format!("{name} can be read without a key"),
                    "destroy this medium: the secret on it is open; give the run up",
                ));
            }
        }
        Ok(done(receipt([("packets", names.join(", "))])))
    }
}

/// What stands on a parcel.
fn card(
    job: &Job<'_>,
    certificate: &Fingerprint,
    subkey: &Fingerprint,
    files: [(&String, &Vec<u8>); 2],
) -> String {
    let text = |text: String| Json::from(text);
    let digest =
        |(name, bytes): (&String, &Vec<u8>)| (name.clone(), text(Digest::of(bytes).to_string()));
    let to = Json::from(job.effect.items("recipients"));
    let card: Map<String, Json> = [
        ("schema", text("keyrite.parcel/1".to_owned())),
        ("certificate", text(certificate.hex())),
        ("subkey", text(subkey.hex())),
        ("consumer", text(job.effect.text("consumer"))),
        ("form", text(job.effect.text("form"))),
        ("recipients", to),
        ("made", Json::from(job.at.unix())),
        ("effect", text(job.id.to_owned())),
        ("files", Json::Object(files.into_iter().map(digest).collect())),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    canonical(&card) + "\n"
}
