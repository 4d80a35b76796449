//! The hands of ceremonies: what their effects do to media, workspaces and
//! keys.

mod accounts;
mod adoption;
mod announcement;
mod certificate;
mod copies;
mod custody;
mod drill;
mod extension;
mod gnupg;
mod known;
mod loss;
mod media;
#[cfg(feature = "network")]
mod publication;
#[cfg(not(feature = "network"))]
#[path = "ceremony/publication/absent.rs"]
mod publication;
mod remarks;
mod revocation;
mod root;
mod search;
mod sheet;
mod slot_proof;
mod subkey;
mod surroundings;
mod trial;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use self::surroundings::Machine;

use self::remarks::{Problem, remarks_of_host};
use super::environment::Environment as Process;
use super::host;
use super::medium::Medium;
use super::openpgp::StretchCost;
use super::runs::RunFolder;
use super::slots::Access;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::host::{Asked, Locality, newest_signature, probe};
use crate::domain::keyspec::Protection;
use crate::domain::timestamp::Timestamp;
use crate::domain::worded::Worded;
use crate::domain::workspace::Environment;
use crate::engine::chain::Digest;
use crate::engine::effect::{Effect, EffectKind, Value, Values};
use crate::engine::event::Remark;
use crate::engine::ports::{Hands, Job, Outcome, Reconciled, Trouble};
use crate::engine::question::World;

/// Reads a workspace anew.
pub type ReadWorld = Box<dyn FnMut() -> Result<World, String> + Send>;

/// What changes the world in a run.
pub struct CeremonyHands {
    /// The workspace.
    workspace: PathBuf,
    /// With what slots are asked.
    access: Access,
    /// Whose trust is at stake.
    environment: Environment,
    /// The folder of the run.
    run: RunFolder,
    /// What this process found in its environment.
    process: Process,
    read_world: ReadWorld,
    /// As it was read last.
    world: Option<World>,
    /// Encrypted bytes that were made or read in this sitting, by digest: for
    /// who has one slot for two media.
    stash: BTreeMap<Digest, Vec<u8>>,
}

/// What an effect comes to.
type Done = Result<Outcome, Problem>;

impl CeremonyHands {
    /// For a run in the workspace of `access`.
    #[must_use]
    pub fn new(
        access: Access,
        environment: Environment,
        run: RunFolder,
        process: &Process,
        read_world: ReadWorld,
    ) -> Self {
        Self {
            workspace: access.workspace.clone(),
            access,
            environment,
            run,
            process: process.clone(),
            read_world,
            world: None,
            stash: BTreeMap::new(),
        }
    }

    /// Whether keys are thrown away afterwards, so that passphrases may be
    /// tried quickly and folders stand for media.
    fn is_rehearsal(&self) -> bool {
        matches!(self.environment, Environment::Rehearsal | Environment::Demo)
    }

    fn cost(&self) -> StretchCost {
        if self.is_rehearsal() { StretchCost::Rehearsal } else { StretchCost::Full }
    }

    fn dispatch(&mut self, job: &Job<'_>) -> Done {
        match job.effect.kind {
            EffectKind::EnrollMedium => self.enroll(job),
            EffectKind::MakeRoot => self.make_root(job),
            EffectKind::LookAtKey => self.look_at_key(job),
            EffectKind::TakeRoot => self.take_root(job),
            EffectKind::RemoveCopy => self.remove_copy(job),
            EffectKind::ProveGone => self.prove_gone(job),
            EffectKind::CopyRoot => self.copy_root(job),
            EffectKind::ReadBack => Self::read_back(job),
            EffectKind::ProveRoot => Self::prove_root(job),
            EffectKind::KeepRevocation => self.keep_revocation(job),
            EffectKind::MergeCertificate => self.merge_certificate(job),
            EffectKind::IssueSubkey => self.issue_subkey(job),
            EffectKind::ExtendSubkey => self.extend_subkey(job),
            EffectKind::ExtendSigner => self.extend_signer(job),
            EffectKind::ExtendPrimary => self.extend_primary(job),
            EffectKind::DrawMedium => self.draw_medium(job),
            EffectKind::DrillRoot => self.drill_root(job),
            EffectKind::JudgeLoss => self.judge_loss(job),
            EffectKind::RestoreRoot => self.restore_root(job),
            EffectKind::TryRevocation => self.try_revocation(job),
            EffectKind::CheckParcel => Self::check_parcel(job),
            EffectKind::Revoke => self.revoke(job),
            EffectKind::ApplyRevocation => self.apply_revocation(job),
            EffectKind::WriteCertificate => self.write_certificate(job),
            EffectKind::AdoptCertificate => self.adopt_certificate(job),
            EffectKind::WriteSheet => self.write_sheet(job),
            EffectKind::ReadParcel => self.read_parcel(job),
            EffectKind::OpenParcel => self.open_a_parcel(job),
            EffectKind::CheckLead => self.check_lead(job),
            EffectKind::LookAtSlot => self.look_at_slot(job),
            EffectKind::PutPending => self.put_pending(job),
            EffectKind::ProveSlot => self.prove_slot(job),
            EffectKind::Promote => self.promote(job),
            EffectKind::ProveCurrent => self.prove_current(job),
            EffectKind::Retire => self.retire(job),
            EffectKind::ProveAbsent => self.prove_absent(job),
            EffectKind::LookAtFreeze => self.look_at_freeze(job),
            EffectKind::Freeze => self.freeze(job),
            EffectKind::ProveFrozen => self.prove_frozen(job),
            EffectKind::MakePublication => self.make_publication(job),
            EffectKind::LookAtTarget => self.look_at_target(job),
            EffectKind::Publish => self.publish(job),
            EffectKind::ProvePublished => self.prove_published(job),
            EffectKind::WriteAnnouncement => self.write_announcement(job),
        }
    }
}

impl Hands for CeremonyHands {
    fn look(&mut self, locality: Option<Locality>, since: Timestamp) -> Vec<Remark> {
        let facts = host::observe(Path::new("/"), &self.process);
        let certificates = self.world.iter().flat_map(|world| &world.certificates);
        let asked = Asked {
            now: super::clock::Clock::System.now(),
            newest_signature: newest_signature(certificates.map(|one| &*one.certificate)),
            last_record: Some(since),
            locality: locality.unwrap_or(Locality::Online),
        };
        let probes = probe(&facts, &asked);
        let policy = self.world.as_ref().map(|world| &world.team.policy);
        policy.map_or_else(Vec::new, |policy| {
            remarks_of_host(policy, self.environment, asked.locality, &probes)
        })
    }

    fn perform(&mut self, job: &Job<'_>) -> Result<Outcome, Trouble> {
        // What was done under this name is not done again.
        if let (true, Reconciled::Done(receipt)) = (leaves_its_name(job), self.reconcile(job)) {
            return Ok(Outcome { receipt, remarks: Vec::new() });
        }
        self.dispatch(job).map_err(Problem::into_trouble)
    }

    fn reconcile(&mut self, job: &Job<'_>) -> Reconciled {
        if job.effect.kind == EffectKind::AdoptCertificate {
            return self.reconcile_adoption(job);
        }
        if job.effect.kind == EffectKind::RemoveCopy {
            return copies::reconcile(job);
        }
        if matches!(job.effect.kind, EffectKind::PutPending | EffectKind::Promote) {
            return self.reconcile_slot(job);
        }
        if job.effect.kind == EffectKind::Freeze {
            return self.reconcile_freeze(job);
        }
        // The others write nothing, or the same once more.
        if leaves_its_name(job) { media::reconcile(job) } else { Reconciled::Nothing }
    }

    fn awaited(&mut self, path: &str, id: Option<&str>) -> Result<(), String> {
        media::awaited(Path::new(path), id)
    }

    fn world(&mut self) -> Result<World, String> {
        let world = (self.read_world)()?;
        self.world = Some(world.clone());
        Ok(world)
    }

    fn keep_transcript(&mut self, json: &str, text: &str) -> Result<(), String> {
        for (name, content) in [("transcript.json", json), ("transcript.md", text)] {
            self.run.write(name, content.as_bytes()).map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

/// Whether it leaves its random name on a medium, with its receipt.
fn leaves_its_name(job: &Job<'_>) -> bool {
    match job.effect.kind {
        EffectKind::MakeRoot
        | EffectKind::TakeRoot
        | EffectKind::CopyRoot
        | EffectKind::RestoreRoot
        | EffectKind::KeepRevocation
        | EffectKind::IssueSubkey
        | EffectKind::WriteCertificate => true,
        EffectKind::EnrollMedium
        | EffectKind::LookAtKey
        | EffectKind::RemoveCopy
        | EffectKind::ProveGone
        | EffectKind::ReadBack
        | EffectKind::ProveRoot
        | EffectKind::MergeCertificate
        | EffectKind::ExtendSubkey
        | EffectKind::ExtendSigner
        | EffectKind::ExtendPrimary
        | EffectKind::DrawMedium
        | EffectKind::DrillRoot
        | EffectKind::JudgeLoss
        | EffectKind::TryRevocation
        | EffectKind::CheckParcel
        | EffectKind::Revoke
        | EffectKind::ApplyRevocation
        | EffectKind::AdoptCertificate
        | EffectKind::WriteSheet
        | EffectKind::ReadParcel
        | EffectKind::OpenParcel
        | EffectKind::CheckLead
        | EffectKind::LookAtSlot
        | EffectKind::PutPending
        | EffectKind::ProveSlot
        | EffectKind::Promote
        | EffectKind::ProveCurrent
        | EffectKind::Retire
        | EffectKind::ProveAbsent
        | EffectKind::LookAtFreeze
        | EffectKind::Freeze
        | EffectKind::ProveFrozen
        | EffectKind::MakePublication
        | EffectKind::LookAtTarget
        | EffectKind::Publish
        | EffectKind::ProvePublished
        | EffectKind::WriteAnnouncement => false,
    }
}

/// The inputs of an effect, as what they are.
struct Inputs<'a>(&'a Effect);

impl Inputs<'_> {
    fn text(&self, name: &str) -> String {
        self.0.text(name)
    }

    fn fingerprint(&self, name: &str) -> Result<Fingerprint, Problem> {
        Fingerprint::from_hex(&self.text(name))
            .ok_or_else(|| Problem::Failed(format!("'{name}' is no fingerprint")))
    }

    fn digest(&self, name: &str) -> Result<Digest, Problem> {
        Digest::parse(&self.text(name))
            .ok_or_else(|| Problem::Failed(format!("'{name}' is no digest")))
    }

    fn word<W: Worded>(&self, name: &str) -> Result<W, Problem> {
        W::from_word(&self.text(name))
            .ok_or_else(|| Problem::Failed(format!("'{name}' is no {}", W::NOUN)))
    }

    fn instant(&self, name: &str) -> Option<Timestamp> {
        match self.0.inputs.get(name) {
            Some(Value::Number(seconds)) => Some(Timestamp::from_unix(*seconds)),
            Some(Value::Text(_) | Value::List(_)) | None => None,
        }
    }

    fn protection(&self) -> Protection {
        Protection::from_word(&self.text("protection")).unwrap_or(Protection::Iterated)
    }

    /// The medium in `name`, whose identity is in `name_id`.
    fn medium(&self, name: &str) -> Result<Medium, Problem> {
        let id = self.text(&format!("{name}_id"));
        Ok(Medium::open(Path::new(&self.text(name)), &id)?)
    }
}

/// A receipt.
fn receipt<const N: usize>(values: [(&str, String); N]) -> Values {
    values.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
}

/// An effect that was done, with nothing to remark.
const fn done(receipt: Values) -> Outcome {
    Outcome { receipt, remarks: Vec::new() }
}
