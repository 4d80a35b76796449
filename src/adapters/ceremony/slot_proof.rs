//! The proof of a place that shows its secrets to nobody: its user signs.

use super::remarks::{Problem, remark};
use super::{CeremonyHands, Done, done, receipt};
use crate::adapters::slots::{Opened, is_signed_by};
use crate::domain::finding::FindingId;
use crate::domain::workspace::Slot as Declared;
use crate::engine::custody::NOT_PROVED;
use crate::engine::event::Weight;
use crate::engine::place::PlaceError;
use crate::engine::ports::{Job, Outcome};
use crate::engine::slot::Slot;

impl CeremonyHands {
    /// Its user signs a nonce; the signature is of the very subkey, or there
    /// is no proof.
    pub(super) fn prove_by_signature(
        job: &Job<'_>,
        declared: &Declared,
        slot: &dyn Slot,
        opened: &Opened,
    ) -> Done {
        let unproved = |why: &str, remedy: &str| {
            let message = format!(
                "{} shows its secrets to nobody: that it holds what was put there is not \
                 proved{why}",
                declared.place
            );
            Ok(Outcome {
                receipt: receipt([("proof", NOT_PROVED.to_owned())]),
                remarks: vec![remark(FindingId::Cus014, Weight::Stops, message, remedy)],
            })
        };
        if !declared.has_key() {
            let why = "; nothing signs with it alone";
            return unproved(why, "it is proved with the key's slot, or put it on record");
        }
        let nonce = format!("TEST {}", job.id);
        let (version, passphrase) = (job.effect.text("version"), Some(&opened.passphrase));
        let signature = match slot.ask_for_signature(&nonce, &version, passphrase) {
            Ok(Some(signature)) => signature,
            Ok(None) => {
                let remedy = "run the workflow that signs, or put on record why that is not needed";
                return unproved("", remedy);
            }
            Err(error @ (PlaceError::OtherPlace { .. } | PlaceError::Changed { .. })) => {
                return Err(error.into());
            }
            Err(error) => {
                let remedy = "mend that and look again, or put on record why it is not needed";
                return unproved(&format!(": {error}"), remedy);
            }
        };
        let (subkey, certificate) = (&opened.subkey, &opened.certificate);
        let Err(found) = is_signed_by(subkey, &nonce, &signature, certificate, job.at) else {
            return Ok(done(receipt([("proof", format!("its user signs: {nonce}"))])));
        };
        Err(Problem::forbidden(
            FindingId::Cus014,
            format!("{} does not sign with {}: {found}", declared.place, subkey.hex()),
            "it is pending, and nobody uses it: give the run up, take it away with \
             custody-retire, and find out what is there",
        ))
    }
}
