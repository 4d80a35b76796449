//! Rules about what a workspace declares, and how it fits the certificates.

use super::lint;
use super::rules::rule_text;
use crate::domain::assessment::Assessment;
use crate::domain::finding::{Finding, FindingId, Severity};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::policy::Policy;
use crate::domain::text::{VisibleText, counted};
use crate::domain::timestamp::{DAY, Timestamp};
use crate::domain::validity::State;
use crate::domain::worded::Worded as _;
use crate::domain::workspace::{Class, Consumer, Evidence, Role, TargetKind, Workspace};

mod pages;

/// What the rules look at.
pub struct Declared<'a> {
    /// The instant.
    pub now: Timestamp,
    /// The declarations.
    pub workspace: &'a Workspace,
    /// The rules of a certificate.
    pub policy_of: &'a dyn Fn(&Fingerprint) -> &'a Policy,
    /// People that a ceremony needs.
    pub quorum: usize,
    /// The certificates.
    pub assessments: &'a [&'a Assessment],
    /// What was looked up; absent while it is not.
    pub evidence: Option<&'a Evidence>,
}

impl<'a> Declared<'a> {
    /// Whether it is known who has certified what.
    #[must_use]
    pub fn knows_certifiers(&self) -> bool {
        self.evidence.is_some() && self.roster().next().is_some()
    }

    /// The fingerprints of the roster.
    fn roster(&self) -> impl Iterator<Item = Fingerprint> {
        self.workspace.people.iter().filter_map(|person| person.fingerprint)
    }

    fn assessment(&self, certificate: &Fingerprint) -> Option<&'a Assessment> {
        self.assessments.iter().copied().find(|a| a.certificate.fingerprint() == *certificate)
    }
}

/// All that the rules find in the declarations.
#[must_use]
pub fn lint_declared(declared: &Declared<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    environments(declared, &mut findings);
    publication_lead(declared, &mut findings);
    selectors(declared, &mut findings);
    present(declared, &mut findings);
    history(declared, &mut findings);
    key_holders(declared, &mut findings);
    if let Some(evidence) = declared.evidence {
        certifications(declared, evidence, &mut findings);
        successions(declared, evidence, &mut findings);
        roster(declared, evidence, &mut findings);
        pages::check(declared, evidence, &mut findings);
    }
    findings
}

fn finding(
    id: FindingId,
    severity: Severity,
    subject: &str,
    about: Vec<Fingerprint>,
    message: String,
) -> Finding {
    Finding {
        id,
        severity,
        subject: VisibleText::again(subject),
        about,
        message,
        remedy: rule_text(id).fix.to_owned(),
    }
}

/// CAP-005.
fn environments(declared: &Declared<'_>, findings: &mut Vec<Finding>) {
    let workspace = declared.workspace;
    for consumer in &workspace.consumers {
        let own = workspace.environment_of(&consumer.certificate);
        let slots = workspace.slots.iter().filter(|slot| consumer.slots.contains(&slot.id));
        let elsewhere = slots.filter_map(|slot| {
            let environment = slot.environment.unwrap_or(workspace.environment);
            (environment != own).then_some((slot.id.as_str(), environment))
        });
        for (slot, environment) in elsewhere {
            let message = format!(
                "its key is of {}, its slot '{slot}' of {}",
                own.word(),
                environment.word()
            );
            let about = about(consumer);
            findings.push(finding(
                FindingId::Cap005,
                Severity::Error,
                &consumer.id,
                about,
                message,
            ));
        }
    }
    shared_between_certificates(declared, findings);
}

/// One subkey that two certificates of different environments have bound.
fn shared_between_certificates(declared: &Declared<'_>, findings: &mut Vec<Finding>) {
    if declared.workspace.keys.iter().all(|key| key.environment.is_none()) {
        return;
    }
    let environment_of =
        |a: &Assessment| declared.workspace.environment_of(&a.certificate.fingerprint());
    for (place, one) in declared.assessments.iter().enumerate() {
        for other in declared.assessments.iter().skip(place + 1) {
            if environment_of(one) == environment_of(other) {
                continue;
            }
            let subkeys = one.certificate.subkeys.iter();
            for key in subkeys.filter(|key| other.certificate.key(&key.fingerprint).is_some()) {
                let message = format!(
                    "the subkey {} is of {} and, in {}, of {}",
                    key.fingerprint.hex(),
                    environment_of(one).word(),
                    other.certificate.fingerprint().hex(),
                    environment_of(other).word()
                );
                let about = vec![one.certificate.fingerprint(), key.fingerprint];
                let id = FindingId::Cap005;
                findings.push(finding(id, Severity::Error, one.name(), about, message));
            }
        }
    }
}

fn about(consumer: &Consumer) -> Vec<Fingerprint> {
    std::iter::once(consumer.certificate).chain(consumer.subkey).collect()
}

/// EXP-004.
fn publication_lead(declared: &Declared<'_>, findings: &mut Vec<Finding>) {
    for consumer in &declared.workspace.consumers {
        let (Some(published), Some(activated)) = (consumer.published, consumer.activated) else {
            continue;
        };
        let days = (activated.unix() - published.unix()).div_euclid(DAY);
        let wanted = (declared.policy_of)(&consumer.certificate).windows.lead();
        if days < i64::from(wanted) {
            let message = format!(
                "published {}, first used {}: {days} days between them, the policy wants {wanted}",
                published.date(),
                activated.date()
            );
            let (id, about) = (FindingId::Exp004, about(consumer));
            findings.push(finding(id, Severity::Error, &consumer.id, about, message));
        }
    }
}

/// CUS-008.
fn selectors(declared: &Declared<'_>, findings: &mut Vec<Finding>) {
    let workspace = declared.workspace;
    for slot in &workspace.slots {
        let Some(selector) = &slot.selector else { continue };
        let consumers = workspace.consumers.iter().filter(|c| c.slots.contains(&slot.id));
        let consumers: Vec<_> = consumers.collect();
        let named = selector.strip_suffix('!');
        let is_whole = named.is_some_and(|name| {
            matches!(name.len(), 40 | 64) && name.chars().all(|c| c.is_ascii_hexdigit())
        });
        let other = consumers
            .iter()
            .filter_map(|consumer| consumer.subkey)
            .find(|key| !named.is_some_and(|name| key.hex().eq_ignore_ascii_case(name)));
        let message = match (is_whole, named, other) {
            (false, Some(_), _) => format!("'{selector}' is not a whole fingerprint"),
            (false, None, _) => {
                format!("'{selector}' lets gpg choose: it takes the newest subkey that signs")
            }
            (true, _, Some(key)) => {
                format!("'{selector}' is not the subkey of its consumer, {}", key.hex())
            }
            (true, _, None) => continue,
        };
        let about = consumers.first().map(|consumer| about(consumer)).unwrap_or_default();
        findings.push(finding(FindingId::Cus008, Severity::Error, &slot.id, about, message));
    }
}

/// CAP-002, of what is declared: its certificate is there, and has not ended.
fn present(declared: &Declared<'_>, findings: &mut Vec<Finding>) {
    let workspace = declared.workspace;
    let replaced = |key| workspace.keys.iter().any(|other| other.replaces == Some(key));
    for key in &workspace.keys {
        let message = match declared.assessment(&key.certificate) {
            None => "its certificate is declared and not there".to_owned(),
            Some(_) if key.class == Class::Root || replaced(key.certificate) => continue,
            Some(assessment) => match assessment.verdict.primary.state {
                State::Expired | State::Revoked => {
                    format!("the primary key: {}", assessment.outlook_words())
                }
                State::Valid | State::NotYetValid | State::Invalid => continue,
            },
        };
        let name =
            declared.assessment(&key.certificate).map_or(String::new(), |a| a.name().to_owned());
        let subject = if name.is_empty() { key.certificate.hex() } else { name };
        let (id, about) = (FindingId::Cap002, vec![key.certificate]);
        findings.push(finding(id, Severity::Error, &subject, about, message));
    }
}

/// PUB-004.
fn history(declared: &Declared<'_>, findings: &mut Vec<Finding>) {
    let ended = |a: &&&Assessment| {
        matches!(a.verdict.primary.state, State::Expired | State::Revoked)
            || a.verdict.keys().any(|key| matches!(key.state, State::Expired | State::Revoked))
    };
    let ended = declared.assessments.iter().filter(ended).count();
    if ended == 0 {
        return;
    }
    for target in declared.workspace.targets.iter().filter(|target| !target.keeps_history) {
        let message = format!(
            "it is declared not to keep what is no longer used, and {} with a key that has ended",
            match ended {
                1 => "there is one certificate".to_owned(),
                _ => format!("there are {}", counted(ended, "certificate")),
            }
        );
        let id = FindingId::Pub004;
        findings.push(finding(id, Severity::Error, &target.id, Vec::new(), message));
    }
}

/// OPS-001.
fn key_holders(declared: &Declared<'_>, findings: &mut Vec<Finding>) {
    let workspace = declared.workspace;
    if workspace.people.is_empty() {
        return;
    }
    let holders = || workspace.people.iter().filter(|p| p.roles.contains(&Role::KeyHolder));
    let there = holders().filter(|person| person.is_there(declared.now)).count();
    let wanted = declared.quorum + 1;
    if there < wanted {
        let message = format!(
            "{} can be asked today, of {} in the roster; {wanted} are wanted, one more than a \
             ceremony needs",
            counted(there, "key holder"),
            holders().count()
        );
        let (id, name) = (FindingId::Ops001, &workspace.name);
        findings.push(finding(id, Severity::Warning, name, Vec::new(), message));
    }
}

/// CRT-001, by certifications that were verified.
fn certifications(declared: &Declared<'_>, evidence: &Evidence, findings: &mut Vec<Finding>) {
    if !declared.knows_certifiers() {
        return;
    }
    for assessment in declared.assessments {
        let certificate = assessment.certificate.fingerprint();
        let ended = matches!(assessment.verdict.primary.state, State::Expired | State::Revoked);
        let wanted = (declared.policy_of)(&certificate).certifications;
        let by = evidence.certified_by.get(&certificate);
        let by = by.map_or(0, |by| declared.roster().filter(|one| by.contains(one)).count());
        if !ended && by < wanted {
            let message =
                format!("{by} of the roster have certified it, the policy wants {wanted}");
            let (id, name) = (FindingId::Crt001, assessment.name());
            findings.push(finding(id, Severity::Error, name, vec![certificate], message));
        }
    }
}

/// CRT-003.
fn successions(declared: &Declared<'_>, evidence: &Evidence, findings: &mut Vec<Finding>) {
    for key in &declared.workspace.keys {
        let (Some(old), Some(new)) = (key.replaces, declared.assessment(&key.certificate)) else {
            continue;
        };
        let by = evidence.certified_by.get(&key.certificate);
        if !by.is_some_and(|by| by.contains(&old)) {
            let message = format!("it replaces {}, which has not certified it", old.hex());
            let about = vec![key.certificate, old];
            findings.push(finding(FindingId::Crt003, Severity::Error, new.name(), about, message));
        }
    }
}

/// CRT-002.
fn roster(declared: &Declared<'_>, evidence: &Evidence, findings: &mut Vec<Finding>) {
    for person in &declared.workspace.people {
        let Some(fingerprint) = person.fingerprint else { continue };
        let found = evidence.people.iter().find(|a| a.certificate.fingerprint() == fingerprint);
        let message = match found {
            None => format!("people/{}.asc is not there", fingerprint.hex()),
            Some(assessment) if assessment.verdict.primary.state != State::Valid => {
                format!("the primary key: {}", assessment.outlook_words())
            }
            Some(assessment) => {
                let weak = lint(assessment, (declared.policy_of)(&fingerprint));
                let weak = weak.into_iter().find(|finding| {
                    finding.severity == Severity::Error && finding.id.word().starts_with("ALG-")
                });
                let Some(weak) = weak else { continue };
                format!("{}: {}", weak.id, weak.message)
            }
        };
        let (id, about) = (FindingId::Crt002, vec![fingerprint]);
        findings.push(finding(id, Severity::Warning, &person.id, about, message));
    }
}

impl Declared<'_> {
    /// Pages of the documentation that are declared as targets.
    fn pages(&self) -> impl Iterator<Item = &crate::domain::workspace::Target> {
        self.workspace.targets.iter().filter(|target| target.kind == TargetKind::Page)
    }
}
