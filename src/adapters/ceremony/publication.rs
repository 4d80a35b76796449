//! Targets in ceremonies: a certificate is put where its users find it, and
//! looked at through their own door.

use super::custody::{short, some_facts};
use super::remarks::{Problem, remark};
use super::{CeremonyHands, Done, Inputs, done, receipt};
use crate::adapters::drift::{Subject, look_at};
use crate::adapters::observed;
use crate::adapters::openpgp::{self, walk_public};
use crate::adapters::targets::{self, Reach};
use crate::domain::finding::{FindingId, Severity};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::publication::{
    CertificateForm, ComponentKind, Components, DriftRow, NOT_DONE, Verdict,
};
use crate::domain::text::VisibleText;
use crate::domain::worded::Worded as _;
use crate::domain::workspace::Target as Declared;
use crate::engine::chain::Digest;
use crate::engine::effect::Value;
use crate::engine::event::{Remark, Weight};
use crate::engine::place::PlaceError;
use crate::engine::ports::{Job, Outcome};
use crate::engine::target::{Publication, Target};

/// What is done with a target that serves what it should not.
const INCIDENT: &str = "left alone";

/// What is said of it.
const FOREIGN: &str = "nothing is written there. If somebody of the team has published what this \
                       workspace lacks, take the newest workspace (git pull, keyrite carry in) and \
                       begin again. Otherwise save what is there: it is evidence, and \
                       docs/guides/publication.md says how to go on. The other targets get it when \
                       that is on record";
/// The same, of one that serves less than it did.
const ROLLBACK: &str = "find out who took it away, and save what is there. If that is on record, it is \
                        published there once more, with the others";

impl CeremonyHands {
    pub(super) fn make_publication(&self, job: &Job<'_>) -> Done {
        let fingerprint = Inputs(job.effect).fingerprint("fingerprint")?;
        let newest = self.newest(&fingerprint)?;
        walk_public(&newest)?;
        let made = |form| openpgp::publishable(&newest, form, job.at);
        let (minimal, attested) =
            (made(CertificateForm::Minimal)?, made(CertificateForm::Attested)?);
        let digests = [&minimal, &attested].map(|one| {
            walk_public(one.armored.as_bytes())?;
            Ok::<_, Problem>(self.run.keep(one.armored.as_bytes())?.to_string())
        });
        let [minimal_digest, attested_digest] = digests;
        let has = minimal.components.0.values().filter(|one| {
            matches!(
                one.kind,
                ComponentKind::Subkey | ComponentKind::UserId | ComponentKind::Revocation
            )
        });
        let has = has.map(|one| VisibleText::from_text(&one.words()).into_string()).collect();
        let everywhere = self.has_unpublished_revocation(&fingerprint, &minimal.components);
        let mut receipt = receipt([
            ("minimal", minimal_digest?),
            ("attested", attested_digest?),
            ("everywhere", if everywhere { "yes".to_owned() } else { String::new() }),
        ]);
        receipt.insert("has".to_owned(), Value::List(some_facts(has)));
        let (all, approved) = openpgp::certifications(&newest, job.at)?;
        let remarks = self.left_out(&fingerprint, all, approved).into_iter().collect();
        Ok(Outcome { receipt, remarks })
    }

    /// Whether a target has not been seen to serve each of its revocations.
    fn has_unpublished_revocation(&self, of: &Fingerprint, made: &Components) -> bool {
        let targets = self.world.iter().flat_map(|world| &world.team.workspace.targets);
        let mut targets = targets.filter(|target| target.takes(of));
        let revocations = || made.0.iter().filter(|(_, one)| one.kind == ComponentKind::Revocation);
        targets.any(|target| {
            let served = observed::memory(&self.workspace, &target.id, of).high_water;
            revocations().any(|(digest, _)| !served.0.contains_key(digest))
        })
    }

    /// Certifications that do not go out although a target would take them.
    fn left_out(&self, of: &Fingerprint, all: usize, approved: usize) -> Option<Remark> {
        let mut targets = self.world.iter().flat_map(|world| &world.team.workspace.targets);
        let takes =
            targets.any(|one| one.takes(of) && one.certificate_form() == CertificateForm::Attested);
        let left = all.checked_sub(approved).filter(|left| takes && *left > 0)?;
        Some(Remark {
            id: FindingId::Pub006,
            severity: Severity::Note,
            message: format!("{left} of {all} certifications by others are not approved"),
            remedy: "they are not published; sq key approvals update approves them with the \
                     primary key"
                .to_owned(),
            weight: Weight::Told,
        })
    }

    fn target(&self, job: &Job<'_>) -> Result<(&Declared, Box<dyn Target>), Problem> {
        let id = job.effect.text("target");
        let mut targets = self.world.iter().flat_map(|world| &world.team.workspace.targets);
        let declared = targets.find(|target| target.id == id).ok_or_else(|| {
            let id = VisibleText::from_text(&id);
            Problem::Failed(format!("keyrite.toml has no target '{id}' any more"))
        })?;
        let agreed = job.effect.text("declared");
        if !agreed.is_empty() && agreed != digest(declared).to_string() {
            return Err(Problem::forbidden(
                FindingId::Pub007,
                format!("the target '{id}' is declared otherwise than when people agreed"),
                "nothing was written; put keyrite.toml back as it was, or begin again",
            ));
        }
        let reach = Reach::with(self.access.clone());
        Ok((declared, targets::open(declared, &reach).map_err(trouble)?))
    }

    /// What is published, as its parts.
    fn subject(&self, job: &Job<'_>) -> Result<Subject, Problem> {
        let inputs = Inputs(job.effect);
        let certificate = inputs.fingerprint("fingerprint")?;
        let newest = self.newest(&certificate)?;
        let artifact = |name| Ok::<_, Problem>(self.run.artifact(inputs.digest(name)?)?);
        let (minimal, attested) = (artifact("minimal")?, artifact("attested")?);
        let mut own = openpgp::components_of(&newest)?;
        own.join(&openpgp::components_of(&attested)?);
        let certificates = self.world.iter().flat_map(|world| &world.certificates);
        Ok(Subject {
            certificate,
            own,
            minimal: openpgp::components_of(&minimal)?,
            attested: openpgp::components_of(&attested)?,
            addresses: openpgp::addresses(&minimal, job.at)?,
            every_address: openpgp::every_address(&minimal)?,
            team: certificates.map(|one| one.certificate.fingerprint()).collect(),
            at: job.at,
        })
    }

    /// What users of a target get now, and its guard.
    fn sight(
        &self,
        declared: &Declared,
        place: &dyn Target,
        subject: &Subject,
    ) -> (DriftRow, String) {
        let before = observed::memory(&self.workspace, &declared.id, &subject.certificate);
        look_at(place, subject, DriftRow::begin(declared, subject.certificate, &before))
    }

    pub(super) fn look_at_target(&self, job: &Job<'_>) -> Done {
        let (declared, place) = self.target(job)?;
        let subject = self.subject(job)?;
        let name = form_input(declared);
        let length = self.run.artifact(Inputs(job.effect).digest(name)?)?.len();
        if length > place.limit() {
            let limit = place.limit();
            return Err(Problem::forbidden(
                FindingId::Pub007,
                format!("{} takes {limit} bytes at the most, and these are {length}", declared.id),
                "nothing was written; publish the minimal form there: form = \"minimal\"",
            ));
        }
        let (row, guard) = self.sight(declared, place.as_ref(), &subject);
        let mut remarks: Vec<_> = incident(job, &row).into_iter().collect();
        if row.verdict() == Verdict::Unreachable {
            let said = some_facts(row.words()).join("; ");
            let message = format!("{} cannot be looked at: {said}", declared.id);
            let remedy =
                "the others do not wait for it; it is tried again when all of them are done";
            remarks.push(remark(FindingId::Pub001, Weight::Told, short(&message), remedy));
        }
        let mut receipt = receipt([
            ("place", declared.place.clone()),
            ("declared", digest(declared).to_string()),
            ("guard", guard),
            ("verdict", row.verdict().word().to_owned()),
        ]);
        receipt.insert("there".to_owned(), Value::List(some_facts(row.words())));
        Ok(Outcome { receipt, remarks })
    }

    /// The same once more changes nothing.
    pub(super) fn publish(&self, job: &Job<'_>) -> Done {
        let (declared, place) = self.target(job)?;
        let subject = self.subject(job)?;
        let (row, fresh) = self.sight(declared, place.as_ref(), &subject);
        // What is less than it was is made whole where people have agreed to
        // that; what the team has not made is never written over.
        let is_agreed = row.verdict() == Verdict::Rollback && was_seen(job, &row);
        if let Some(remark) = incident(job, &row).filter(|_| !is_agreed) {
            return Ok(Outcome { remarks: vec![remark], ..state(INCIDENT, Vec::new()) });
        }
        // A server would take it once more; files are looked through for what
        // was cut off.
        let is_there = row.verdict() == Verdict::Match;
        if is_there && place.abilities().is_open {
            return Ok(state("was there", Vec::new()));
        }
        if let Some(why) = &row.trouble {
            return Ok(not_done(job, declared, why));
        }
        let armored = self.run.artifact(Inputs(job.effect).digest(form_input(declared))?)?;
        let binary = openpgp::binary_of(&armored)?;
        let agreed = job.effect.text("guard");
        // What could not be looked at then is taken as it is now.
        let guard = if agreed.is_empty() { &fresh } else { &agreed };
        let names = subject.minimal.0.values().filter(|one| one.kind == ComponentKind::UserId);
        let names: Vec<_> = names.map(|one| VisibleText::from_text(&one.of)).collect();
        let publication = Publication {
            certificate: subject.certificate,
            armored: &armored,
            binary: &binary,
            user_ids: &names,
            addresses: subject.addresses_at(place.as_ref()),
            guard,
        };
        match place.publish(&publication) {
            Ok(written) if is_there && written.is_empty() => Ok(state("was there", written)),
            Ok(written) => Ok(state("published", written)),
            Err(
                error @ (PlaceError::Unreachable { .. }
                | PlaceError::Refused { .. }
                | PlaceError::Absent { .. }),
            ) => Ok(not_done(job, declared, &error.to_string())),
            // Users have it; what could not be finished there is told.
            Err(error) if is_there => {
                let remedy = "users get what was published; mend it before the next publication";
                let message = short(&error.to_string());
                let remarks = vec![remark(FindingId::Pub007, Weight::Told, message, remedy)];
                Ok(Outcome { remarks, ..state("was there", Vec::new()) })
            }
            Err(error) => Err(trouble(error)),
        }
    }

    pub(super) fn prove_published(&self, job: &Job<'_>) -> Done {
        let (declared, place) = self.target(job)?;
        let subject = self.subject(job)?;
        let (row, _) = self.sight(declared, place.as_ref(), &subject);
        let verdict = row.verdict();
        let writer = observed::writer(self.process.state.as_deref(), &self.workspace);
        if let Some(writer) = writer {
            let noted =
                observed::note(&self.workspace, &writer, &declared.id, row.observed(job.at));
            noted.map_err(|error| {
                Problem::Failed(format!("observed/ cannot be written: {error}"))
            })?;
        }
        let again = job.effect.text("again");
        let last = if again.is_empty() { job.effect.text("state") } else { again };
        let mut remarks: Vec<_> = incident(job, &row).into_iter().collect();
        if ![INCIDENT, NOT_DONE, ""].contains(&last.as_str()) {
            // It was published, and users do not get it for all that.
            for remark in &mut remarks {
                remark.weight = Weight::Stops;
            }
        }
        if verdict != Verdict::Match && remarks.is_empty() {
            // Who went on without it has said so before.
            let waits = is_awaited(job, declared) && ![NOT_DONE, ""].contains(&last.as_str());
            let weight = if waits { Weight::Stops } else { Weight::Told };
            let said = some_facts(row.words()).join("; ");
            let message = format!("{} is {}: {said}", declared.id, verdict.word());
            let remedy = match &row.awaits {
                Some(_) => "do that, then look again; the run can be left meanwhile",
                None => {
                    "a cache gives the older one for a while: look again later, the run can be \
                         left meanwhile; otherwise find out what stands between"
                }
            };
            remarks.push(remark(FindingId::Pub001, weight, short(&message), remedy));
        }
        let mut receipt = receipt([("verdict", verdict.word().to_owned())]);
        receipt.insert("there".to_owned(), Value::List(some_facts(row.words())));
        Ok(Outcome { receipt, remarks })
    }
}

/// Whether people have seen it so before they agreed.
fn was_seen(job: &Job<'_>, row: &DriftRow) -> bool {
    job.effect.text("seen") == row.verdict().word()
}

/// What is not to be written over; it stops the run where nobody has put it on
/// record yet.
fn incident(job: &Job<'_>, row: &DriftRow) -> Option<Remark> {
    let verdict = row.verdict();
    let remedy = match verdict {
        Verdict::Foreign => FOREIGN,
        Verdict::Rollback => ROLLBACK,
        Verdict::Unreachable | Verdict::Missing | Verdict::Stale | Verdict::Match => return None,
    };
    let weight = if was_seen(job, row) { Weight::Told } else { Weight::Stops };
    let said = some_facts(row.words()).join("; ");
    let message = short(&format!("{} is {}: {said}", row.target.id, verdict.word()));
    Some(remark(FindingId::Pub002, weight, message, remedy))
}

/// The name of the form that a target takes, among what effects are given.
fn form_input(declared: &Declared) -> &'static str {
    match declared.certificate_form() {
        CertificateForm::Minimal => "minimal",
        CertificateForm::Attested => "attested",
    }
}

/// Whether a run waits for it.
fn is_awaited(job: &Job<'_>, declared: &Declared) -> bool {
    declared.blocking || job.effect.text("everywhere") == "yes"
}

fn state(state: &str, written: Vec<String>) -> Outcome {
    let mut receipt = receipt([("state", state.to_owned())]);
    receipt.insert("written".to_owned(), Value::List(some_facts(written)));
    done(receipt)
}

/// A target that does not do it keeps the others waiting only when all of them
/// have had their turn.
fn not_done(job: &Job<'_>, declared: &Declared, why: &str) -> Outcome {
    let is_last = !job.effect.text("last").is_empty();
    let (weight, remedy) = match is_last && is_awaited(job, declared) {
        true => (
            Weight::Stops,
            "look again when it answers: that publishes it; the run can be left meanwhile. Whoever \
             goes on without it says why",
        ),
        false if is_last => (Weight::Told, "no rotation waits for it: publish there another day"),
        false => (Weight::Told, "the others have their turn, then it is tried again"),
    };
    let message = short(&format!("{} has not taken it, and nothing is lost: {why}", declared.id));
    let remarks = vec![remark(FindingId::Pub001, weight, message, remedy)];
    Outcome { remarks, ..state(NOT_DONE, Vec::new()) }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what a failure has")]
fn trouble(error: PlaceError) -> Problem {
    let message = short(&error.to_string());
    match error {
        PlaceError::Unreachable { .. } | PlaceError::Refused { .. } | PlaceError::Absent { .. } => {
            Problem::Failed(message)
        }
        PlaceError::InDoubt { .. } => Problem::InDoubt(message),
        PlaceError::OtherPlace { .. } => Problem::forbidden(
            FindingId::Pub007,
            message,
            "nothing was sent; sign in to the right account, or correct the place in keyrite.toml \
             and begin again",
        ),
        PlaceError::Changed { .. } => Problem::forbidden(
            FindingId::Pub007,
            message,
            "nothing was written over what somebody else has put there; find out who it was, give \
             the run up and begin again",
        ),
        PlaceError::Unfit { .. } | PlaceError::Unable { .. } => Problem::forbidden(
            FindingId::Pub007,
            message,
            "nothing was written; correct the target in keyrite.toml, or what is there, and begin \
             again",
        ),
    }
}

fn digest(declared: &Declared) -> Digest {
    let Declared { id, kind, place, blocking, form, settings, .. } = declared;
    Digest::of(format!("{id:?} {kind:?} {place:?} {blocking} {form:?} {settings:?}").as_bytes())
}
