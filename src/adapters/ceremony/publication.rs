//! Targets in ceremonies: a certificate is put where its users find it, and
//! looked at through their own door.

mod telling;

use self::telling::{incident, not_done, not_seen, state, trouble, was_seen};
use super::custody::{short, some_facts};
use super::remarks::{Problem, remark};
use super::{CeremonyHands, Done, Inputs, receipt};
use crate::adapters::drift::{Subject, look_at};
use crate::adapters::observed;
use crate::adapters::openpgp::{self, walk_public};
use crate::adapters::targets::{self, Reach};
use crate::domain::finding::{FindingId, Severity};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::publication::{
    CertificateForm, ComponentKind, Components, DriftRow, LEFT_ALONE, NOT_DONE, Verdict,
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

    fn target_of(&self, id: &str) -> Option<&Declared> {
        let mut targets = self.world.iter().flat_map(|world| &world.team.workspace.targets);
        targets.find(|target| target.id == id)
    }

    /// Whether a run waits for the target.
    fn is_awaited(&self, job: &Job<'_>) -> bool {
        let declared = self.target_of(&job.effect.text("target"));
        job.effect.text("everywhere") == "yes" || declared.is_some_and(|one| one.blocking)
    }

    fn target(&self, job: &Job<'_>) -> Result<(&Declared, Box<dyn Target>), Problem> {
        let id = job.effect.text("target");
        let declared = self.target_of(&id).ok_or_else(|| {
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
        let (id, waits) = (job.effect.text("target"), self.is_awaited(job));
        let (declared, place) = match self.target(job) {
            Ok(found) => found,
            Err(why) => return not_done(job, &id, waits, why),
        };
        let subject = self.subject(job)?;
        let (row, fresh) = self.sight(declared, place.as_ref(), &subject);
        // What is less than it was is made whole where people have agreed to
        // that; what the team has not made is never written over.
        let is_agreed = row.verdict() == Verdict::Rollback && was_seen(job, &row);
        if let Some(remark) = incident(job, &row).filter(|_| !is_agreed) {
            return Ok(Outcome { remarks: vec![remark], ..state(LEFT_ALONE, Vec::new()) });
        }
        // A server would take it once more; files are looked through for what
        // was cut off.
        let is_there = row.verdict() == Verdict::Match;
        if is_there && place.abilities().is_open {
            return Ok(state("was there", Vec::new()));
        }
        if let Some(why) = &row.trouble {
            return not_done(job, &id, waits, Problem::Failed(why.clone()));
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
            // Users have it; what could not be finished there is told.
            Err(error) if is_there && !is_for_later(&error) => {
                let remedy = "users get what was published; mend it before the next publication";
                let message = short(&error.to_string());
                let remarks = vec![remark(FindingId::Pub007, Weight::Told, message, remedy)];
                Ok(Outcome { remarks, ..state("was there", Vec::new()) })
            }
            Err(error) => not_done(job, &id, waits, trouble(error)),
        }
    }

    pub(super) fn prove_published(&self, job: &Job<'_>) -> Done {
        let again = job.effect.text("again");
        let last = if again.is_empty() { job.effect.text("state") } else { again };
        let is_done = ![NOT_DONE, ""].contains(&last.as_str());
        let (declared, place) = match self.target(job) {
            Ok(found) => found,
            Err(why) => return not_seen(job, is_done && self.is_awaited(job), why),
        };
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
        let mut remarks: Vec<_> = incident(job, &row).into_iter().collect();
        if is_done && last != LEFT_ALONE {
            // It was published, and users do not get it for all that.
            for remark in &mut remarks {
                remark.weight = Weight::Stops;
            }
        }
        if verdict != Verdict::Match && remarks.is_empty() {
            // Who went on without it has said so before.
            let weight = if is_done && self.is_awaited(job) { Weight::Stops } else { Weight::Told };
            let said = some_facts(row.words()).join("; ");
            let message = format!("{} is {}: {said}", declared.id, verdict.word());
            let remedy = match &row.awaits {
                Some(_) => "do that, then look again; the run can be left meanwhile",
                None if verdict == Verdict::Missing => {
                    "what was written is not there for its users: look at the address that they \
                         have (read), and look again"
                }
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

/// Whether the same may go well another time.
const fn is_for_later(error: &PlaceError) -> bool {
    matches!(
        error,
        PlaceError::Unreachable { .. } | PlaceError::Refused { .. } | PlaceError::Absent { .. }
    )
}

/// The name of the form that a target takes, among what effects are given.
fn form_input(declared: &Declared) -> &'static str {
    match declared.certificate_form() {
        CertificateForm::Minimal => "minimal",
        CertificateForm::Attested => "attested",
    }
}

fn digest(declared: &Declared) -> Digest {
    let Declared { id, kind, place, blocking, form, settings, .. } = declared;
    Digest::of(format!("{id:?} {kind:?} {place:?} {blocking} {form:?} {settings:?}").as_bytes())
}
