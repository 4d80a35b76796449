//! The certificate of a run: compared, and brought into the workspace.

use std::sync::Arc;

use super::accounts::{Account, accounts};
use super::media::CERTIFICATE;
use super::remarks::{Problem, remark};
use super::{CeremonyHands, Done, Inputs, done, receipt};
use crate::adapters::openpgp::{Bearer, Difference, PacketSet, Part, walk_public};
use crate::adapters::sources::read_file;
use crate::adapters::workspace;
use crate::domain::finding::FindingId;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::engine::event::{Remark, Weight};
use crate::engine::ports::{Job, Outcome, Reconciled};

impl CeremonyHands {
    pub(super) fn merge_certificate(&self, job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let fingerprint = inputs.fingerprint("fingerprint")?;
        let medium = inputs.medium("medium")?;
        let on_medium = PacketSet::read(&medium.file(&fingerprint.hex(), CERTIFICATE)?)?;
        let wrong = |error: &dyn std::fmt::Display| {
            Problem::forbidden(
                FindingId::Cer005,
                format!("what the workspace has under this name: {error}"),
                "nothing was changed; find out who put it there, and bring the right one back \
                 from the history of the workspace",
            )
        };
        let newest = PacketSet::read(&self.newest(&fingerprint)?).map_err(|e| wrong(&e))?;
        Difference::of(&on_medium, &newest).map_err(|error| wrong(&error))?;
        let (adopted, others): (Vec<_>, Vec<_>) =
            accounts(&self.workspace, &fingerprint).into_iter().partition(|one| one.is_adopted);
        let with_all = |set: PacketSet| adopted.iter().fold(set, |set, one| one.with(set));
        let brought = with_all(newest.clone().without(&newest));
        let real = with_all(newest.clone());
        let (mut known, mut remarks) = (on_medium, Vec::new());
        for other in &others {
            // What the workspace has as well is told of the workspace.
            let rest = other.without(known.clone(), &real);
            let void = Difference::of(&known, &rest)?.only_known;
            remarks.extend(void.iter().map(|part| void_on_medium(other, part)));
            known = other.without(known, &brought);
        }
        let known = with_all(known);
        let difference = Difference::of(&known, &newest)?;
        let (mut strange, mut explained) = (difference.only_newest, known);
        for other in &others {
            explained = other.with(explained);
            let rest = Difference::of(&explained, &newest)?.only_newest;
            let (still, void): (Vec<_>, Vec<_>) =
                strange.into_iter().partition(|part| rest.contains(part));
            remarks.extend(void.iter().map(|part| void_in_workspace(other, part)));
            strange = still;
        }
        let lists = [
            (&strange, "the workspace has, and no ceremony has made"),
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

    /// Whether the workspace has it. One that was cut off between the
    /// certificate and its declaration is brought to its end.
    pub(super) fn reconcile_adoption(&self, job: &Job<'_>) -> Reconciled {
        let is_there = || {
            let inputs = Inputs(job.effect);
            let newest = PacketSet::read(&self.newest(&inputs.fingerprint("fingerprint")?)?)?;
            let wanted = self.run.artifact(inputs.digest("certificate")?)?;
            Ok::<_, Problem>(PacketSet::read(&wanted)?.is_part_of(&newest))
        };
        if !matches!(is_there(), Ok(true)) {
            return Reconciled::Nothing;
        }
        match self.adopt_certificate(job) {
            Ok(outcome) => Reconciled::Done(outcome.receipt),
            Err(problem) => Reconciled::Unknown(problem.words()),
        }
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
}

/// A run that was given up, or is not finished, has left that on a medium.
fn void_on_medium(run: &Account, part: &Part) -> Remark {
    let message = format!(
        "this medium has what the run {} made, which {}: {}",
        run.run,
        run.ending,
        said(part)
    );
    let remedy = "nobody else used the primary key, and it is left out of what is made now; if \
                  the run was given up, see to it that its parcel is destroyed, and take this on \
                  you; if it was not, go on with it first";
    remark(FindingId::Cer005, Weight::Stops, message, remedy)
}

/// The same, in the workspace.
fn void_in_workspace(run: &Account, part: &Part) -> Remark {
    let message = format!(
        "the workspace has what the run {} made, which {} and did not bring it there: {}",
        run.run,
        run.ending,
        said(part)
    );
    let remedy = "if it was never published, bring certs/ back from the history of the workspace, \
                  and destroy the parcel; if it was, take this on you, and end it with \
                  subkey-revocation";
    remark(FindingId::Cer005, Weight::Stops, message, remedy)
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
