//! The certificate of a run: compared, and brought into the workspace.

use std::sync::Arc;

use super::media::CERTIFICATE;
use super::remarks::{Problem, remark};
use super::{CeremonyHands, Done, Inputs, done, receipt};
use crate::adapters::openpgp::{Bearer, Part, difference, walk_public};
use crate::adapters::runs::{self, RunFolder};
use crate::adapters::sources::read_file;
use crate::adapters::workspace;
use crate::domain::finding::FindingId;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::engine::chain::Digest;
use crate::engine::effect::Value;
use crate::engine::event::{Event, Weight};
use crate::engine::ports::{Job, Outcome};

impl CeremonyHands {
    pub(super) fn merge_certificate(&self, job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let fingerprint = inputs.fingerprint("fingerprint")?;
        let medium = inputs.medium("medium")?;
        let on_medium = medium.file(&fingerprint.hex(), CERTIFICATE)?;
        let newest = self.newest(&fingerprint)?;
        // What ceremonies have made is accounted for.
        let mut known = on_medium;
        for made in self.made_before(&fingerprint) {
            known = difference(&known, &made)?.merged;
        }
        let difference = difference(&known, &newest).map_err(|error| {
            Problem::forbidden(
                FindingId::Cer005,
                format!("what the workspace has under this name: {error}"),
                "nothing was changed; find out who put it there, and bring the right one back \
                 from the history of the workspace",
            )
        })?;
        let mut remarks = Vec::new();
        let lists = [
            (&difference.only_newest, "the workspace has, and no ceremony has made"),
            (&difference.only_known, "the workspace lacks"),
        ];
        for (parts, what) in lists {
            remarks.extend(parts.iter().map(|part| {
                let remedy = "if nobody of the team can say who made it, the primary key was used \
                              by somebody else: stop, and call the holders of the revocation \
                              certificates";
                remark(FindingId::Cer005, Weight::Stops, format!("{what}: {}", said(part)), remedy)
            }));
        }
        walk_public(&difference.merged)?;
        let certificate = self.run.keep(&difference.merged)?;
        Ok(Outcome { receipt: receipt([("certificate", certificate.to_string())]), remarks })
    }

    pub(super) fn adopt_certificate(&self, job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let fingerprint = inputs.fingerprint("fingerprint")?;
        let certificate = self.run.artifact(inputs.digest("certificate")?)?;
        walk_public(&certificate)?;
        let copies = [Arc::<[u8]>::from(certificate)];
        let failed = |error: workspace::WorkspaceError| Problem::Failed(error.to_string());
        workspace::bring(&self.workspace, &fingerprint, &copies).map_err(failed)?;
        let subkey = match inputs.text("subkey").as_str() {
            "" => None,
            _ => Some(inputs.fingerprint("subkey")?),
        };
        let consumer = inputs.text("consumer");
        let consumer = subkey.map(|subkey| (consumer.as_str(), subkey));
        workspace::declare_made(&self.workspace, &fingerprint, consumer).map_err(failed)?;
        Ok(done(receipt([("file", format!("certs/{}.asc", fingerprint.hex()))])))
    }

    /// The certificate as the workspace has it.
    pub(super) fn newest(&self, fingerprint: &Fingerprint) -> Result<Vec<u8>, Problem> {
        self.read_certificate(workspace::CERTS, fingerprint)
    }

    /// The certificate of somebody of the roster.
    pub(super) fn of_person(&self, fingerprint: &Fingerprint) -> Result<Vec<u8>, Problem> {
        self.read_certificate(workspace::PEOPLE, fingerprint)
    }

    fn read_certificate(
        &self,
        folder: &str,
        fingerprint: &Fingerprint,
    ) -> Result<Vec<u8>, Problem> {
        let name = format!("{folder}/{}.asc", fingerprint.hex());
        let bytes = read_file(&self.workspace.join(&name));
        bytes.map_err(|error| Problem::Failed(format!("{name}: {error}")))
    }

    /// The certificates of that key that runs in this workspace have made.
    fn made_before(&self, fingerprint: &Fingerprint) -> Vec<Vec<u8>> {
        let mut made = Vec::new();
        for id in runs::list(&self.workspace).unwrap_or_default() {
            let Ok(folder) = RunFolder::find(&self.workspace, &id) else { continue };
            let Ok(found) = folder.journal() else { continue };
            for entry in found.journal.entries() {
                let Event::Completed { receipt, .. } = &entry.event else { continue };
                let digest = receipt.get("certificate").map(Value::text);
                let Some(digest) = digest.and_then(|text| Digest::parse(&text)) else { continue };
                let of_this = |bytes: &Vec<u8>| {
                    crate::adapters::openpgp::PacketSet::read(bytes)
                        .is_ok_and(|set| set.fingerprint() == *fingerprint)
                };
                made.extend(folder.artifact(digest).ok().filter(of_this));
            }
        }
        made
    }
}

fn said(part: &Part) -> String {
    match part {
        Part::Subkey(fingerprint) => format!("the subkey {}", fingerprint.grouped()),
        Part::UserId(text) => format!("the user ID '{text}'"),
        Part::UserAttribute => "a user attribute".to_owned(),
        Part::Unverified => "a packet that cannot be verified".to_owned(),
        Part::SelfSignature { on, revokes, created } => {
            let what = if *revokes { "a revocation of" } else { "a signature on" };
            let on = match on {
                Bearer::Key(fingerprint) => VisibleText::from_text(&fingerprint.grouped()),
                Bearer::UserId(text) => text.clone(),
            };
            let when = created.map(|at| format!(", made {at}")).unwrap_or_default();
            format!("{what} {on}{when}")
        }
    }
}
