//! What a workspace means today: what is due, what is wrong, and what the
//! team has chosen to live with.

use std::fmt::{self, Write as _};

use super::assessment::Assessment;
use super::certificate::Key;
use super::finding::{Finding, FindingId, Severity};
use super::fingerprint::Fingerprint;
use super::inventory::LoneRevocation;
use super::lint::{
    Declared, lint, lint_comparison, lint_custody, lint_declared, lint_lone, lint_material,
    lint_offline, lint_slots, lint_targets,
};
use super::period::Period;
use super::policy::Policy;
use super::schedule::{
    Action, ActionKind, Impossible, Line, Rule, Term, drills, in_order, next_actions,
};
use super::timestamp::Timestamp;
use super::validity::{KeyVerdict, State};
use super::workspace::{Consumer, Environment, Evidence, Waiver, Workspace};

/// What was read of the certificates.
#[derive(Clone, Copy, Debug)]
pub struct Read<'a> {
    /// What is judged of them.
    pub assessments: &'a [&'a Assessment],
    /// What was told while they were read.
    pub findings: &'a [Finding],
    /// Revocations that stood alone.
    pub lone: &'a [LoneRevocation],
}

/// A workspace together with its rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// What it declares.
    pub workspace: Workspace,
    /// The rules that hold for all keys without rules of their own.
    pub policy: Policy,
    /// The rules of keys that have a profile of their own.
    pub special: Vec<Policy>,
}

/// What it means at one instant.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The keys of each consumer.
    pub lines: Vec<Line>,
    /// Rules by which no rotation can work.
    pub refusals: Vec<Refusal>,
    /// What must happen next, what breaks first at the front.
    pub actions: Vec<Action>,
    /// What is wrong, the gravest first.
    pub findings: Vec<Judged>,
    /// Waivers that waive nothing.
    pub idle: Vec<Waiver>,
}

/// A rule by which no rotation can work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Whose.
    pub consumer: String,
    /// Why not.
    pub why: Impossible,
    /// The nearest rule that can work.
    pub nearest: Rule,
}

/// A finding, and what the team says to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The finding.
    pub finding: Finding,
    /// The waiver that was signed off for it.
    pub waiver: Option<Waiver>,
    /// Whether that waiver holds.
    pub is_waived: bool,
}

impl Team {
    /// A team that has declared nothing, with the rules of a profile.
    #[must_use]
    pub fn of_profile(name: &str, policy: Policy) -> Self {
        let profile = policy.profile.clone();
        let workspace = Workspace::empty(name.to_owned(), Environment::Production, profile);
        Self { workspace, policy, special: Vec::new() }
    }

    /// The rules of that certificate.
    #[must_use]
    pub fn policy_of(&self, certificate: &Fingerprint) -> &Policy {
        let own = self.workspace.key(certificate).and_then(|key| key.profile.as_ref());
        own.and_then(|name| self.special.iter().find(|policy| policy.profile == *name))
            .unwrap_or(&self.policy)
    }

    /// What everything means at `now`.
    ///
    /// `evidence` is absent as long as it was not looked up, and then nothing
    /// is concluded from it.
    #[must_use]
    pub fn plan(&self, now: Timestamp, read: &Read<'_>, evidence: Option<&Evidence>) -> Plan {
        let mut lines = self.lines(read.assessments);
        let mut refusals = Vec::new();
        for line in &lines {
            let mut rule = line.rule.clone();
            // What is over holds up nobody.
            rule.blackouts.retain(|blackout| blackout.until > now);
            if let Err(why) = rule.check() {
                let (consumer, nearest) = (line.consumer.clone(), rule.nearest());
                refusals.push(Refusal { consumer, why, nearest });
            }
        }
        // From a rule that cannot work nothing is worked out.
        lines.retain(|line| !refusals.iter().any(|refusal| refusal.consumer == line.consumer));
        let mut findings = self.findings(now, read.assessments, evidence);
        findings.extend(read.findings.iter().cloned());
        findings.extend(read.lone.iter().filter_map(|lone| lint_lone(lone, now)));
        let mut findings: Vec<_> =
            findings.into_iter().map(|finding| self.judge(now, finding)).collect();
        findings.sort_by(|a, b| order(a).cmp(&order(b)));
        // What is found on one machine only is waived there.
        let is_idle = |waiver: &&Waiver| {
            waiver.finding != FindingId::Cus001
                && !findings.iter().any(|judged| waiver.is_for(&judged.finding))
        };
        let idle = self.workspace.waivers.iter().filter(is_idle).cloned().collect();
        let mut actions = next_actions(now, &lines);
        if let Some(evidence) = evidence {
            let name = |one: &&Assessment| (one.certificate.fingerprint(), one.name().to_owned());
            let is_over = |state| matches!(state, State::Expired | State::Revoked);
            let used = read.assessments.iter().filter(|a| !is_over(a.verdict.primary.state));
            let keys: Vec<_> = used.map(name).collect();
            actions.extend(drills(now, &evidence.register, &keys));
            in_order(&mut actions);
        }
        Plan { lines, refusals, actions, findings, idle }
    }

    /// The lines of keys, as far as their certificates are there.
    #[must_use]
    pub fn lines(&self, assessments: &[&Assessment]) -> Vec<Line> {
        self.workspace.consumers.iter().map(|c| self.line(c, assessments)).collect()
    }

    fn line(&self, consumer: &Consumer, assessments: &[&Assessment]) -> Line {
        let policy = self.policy_of(&consumer.certificate);
        let term = policy.subkey_lives.or(policy.primary_lives).unwrap_or(Period::Months(12));
        let assessment =
            assessments.iter().find(|a| a.certificate.fingerprint() == consumer.certificate);
        let key = assessment
            .and_then(|a| a.keys().find(|(key, _)| Some(key.fingerprint) == consumer.subkey));
        let is_over = |state| matches!(state, State::Revoked | State::Invalid);
        let usable =
            key.filter(|(_, verdict)| !is_over(verdict.state) && verdict.capabilities.sign);
        let own_end = usable.and_then(|(_, verdict)| verdict.effective_expires);
        // A key that does not say when it ends is used for the policy's term.
        let ends = usable.map(|(key, _)| own_end.unwrap_or_else(|| key.created.after(term)));
        let successor = assessment.and_then(|a| self.successor(consumer, a));
        let replaced = Some(consumer.certificate);
        let is_replaced = self.workspace.keys.iter().any(|key| key.replaces == replaced);
        let rule = Rule {
            term: match self.workspace.cycles.as_slice() {
                [] => Term::Calendar(term),
                cycles => Term::Cycles(cycles.to_vec()),
            },
            windows: policy.windows,
            blackouts: self.workspace.blackouts.clone(),
            margin: policy.margin,
        };
        Line {
            owner: consumer.owner.clone(),
            begins: key.map(|(key, _)| key.created),
            ends,
            is_endless: usable.is_some() && own_end.is_none(),
            broken: broken(consumer, assessment.copied(), key),
            lacks_successor: assessment.is_some() && successor.is_none() && !is_replaced,
            successor,
            // The successor of a primary key that signs is another primary key.
            primary_ends: assessment
                .filter(|_| consumer.subkey != Some(consumer.certificate))
                .and_then(|a| a.verdict.primary.expires),
            progress: consumer.progress,
            ..Line::new(&consumer.id, rule)
        }
    }

    /// The newest key of its certificate that signs for no consumer, if it is
    /// newer than the present one.
    fn successor(
        &self,
        consumer: &Consumer,
        assessment: &Assessment,
    ) -> Option<(Fingerprint, Option<Timestamp>)> {
        let present = assessment.certificate.key(&consumer.subkey?)?.created;
        let declared = |key| self.workspace.consumers.iter().any(|c| c.subkey == Some(key));
        let candidates = assessment.keys().skip(1).filter(|(key, verdict)| {
            verdict.capabilities.sign
                && matches!(verdict.state, State::Valid | State::NotYetValid)
                && key.created > present
                && !declared(key.fingerprint)
        });
        let newest = candidates.max_by_key(|(key, _)| key.created);
        newest.map(|(key, verdict)| (key.fingerprint, verdict.effective_expires))
    }

    fn findings(
        &self,
        now: Timestamp,
        assessments: &[&Assessment],
        evidence: Option<&Evidence>,
    ) -> Vec<Finding> {
        let mut findings: Vec<_> = assessments
            .iter()
            .flat_map(|a| lint(a, self.policy_of(&a.certificate.fingerprint())))
            .collect();
        let declared = Declared {
            now,
            workspace: &self.workspace,
            policy_of: &|certificate| self.policy_of(certificate),
            quorum: self.policy.quorum,
            assessments,
            evidence,
        };
        if let Some(evidence) = evidence {
            findings.extend(evidence.told.iter().cloned());
            findings.extend(lint_custody(&evidence.register, assessments, now));
            findings.extend(lint_slots(&self.workspace, &evidence.register, now));
            let managed: Vec<_> = assessments.iter().map(|a| a.certificate.fingerprint()).collect();
            findings.extend(lint_targets(&self.workspace, &managed, &evidence.watched));
            findings.extend(lint_offline(&evidence.on_machine, assessments));
            let weaknesses = &evidence.weaknesses;
            findings.extend(assessments.iter().flat_map(|a| {
                lint_material(a, self.policy_of(&a.certificate.fingerprint()), weaknesses)
            }));
            findings.extend(lint_comparison(weaknesses));
        }
        if declared.knows_certifiers() {
            // Certifications that were only counted say less.
            findings.retain(|finding| finding.id != FindingId::Crt001);
        }
        findings.extend(lint_declared(&declared));
        findings
    }

    /// What the team says to a finding.
    fn judge(&self, now: Timestamp, finding: Finding) -> Judged {
        let waivers = self.workspace.waivers.iter().filter(|waiver| waiver.is_for(&finding));
        let waiver = waivers.max_by_key(|waiver| waiver.until).cloned();
        let is_waived = waiver.as_ref().is_some_and(|waiver| waiver.holds(now));
        Judged { finding, waiver, is_waived }
    }
}

/// Why the key that is declared cannot sign.
fn broken(
    consumer: &Consumer,
    assessment: Option<&Assessment>,
    key: Option<(&Key, &KeyVerdict)>,
) -> Option<(ActionKind, String)> {
    let subkey = consumer.subkey?;
    let why = match (assessment, key) {
        (None, _) => {
            format!("its certificate is not there: certs/{}.asc", consumer.certificate.hex())
        }
        (Some(_), None) => {
            format!(
                "its certificate {} has no key {}: is it spelled right, and brought in (keyrite adopt)?",
                consumer.certificate.hex(),
                subkey.hex()
            )
        }
        (_, Some((key, verdict))) if !verdict.capabilities.sign => {
            format!("its key {} may not sign", key.fingerprint.hex())
        }
        (_, Some((_, verdict))) if matches!(verdict.state, State::Revoked | State::Invalid) => {
            let why = verdict.reasons.first().map(ToString::to_string).unwrap_or_default();
            format!("its key is {}: {why}", verdict.state.word())
        }
        _ => return None,
    };
    // A key that is not there may be spelled wrong, or not brought in yet.
    let kind = if key.is_none() { ActionKind::Declare } else { ActionKind::Generate };
    Some((kind, why))
}

fn order(judged: &Judged) -> (bool, Severity, FindingId, &str) {
    let finding = &judged.finding;
    (judged.is_waived, finding.severity, finding.id, finding.subject.as_str())
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the plan for '{}' cannot work: {}", self.consumer, self.why)
    }
}

impl Refusal {
    /// The nearest plan that can work, in words.
    #[must_use]
    pub fn remedy(&self) -> String {
        let windows = self.nearest.windows;
        let mut words = format!(
            "the nearest that does: overlap {} days, slack {} days",
            windows.overlap, windows.slack
        );
        match (&self.nearest.term, &self.why) {
            (Term::Calendar(period), _) => {
                let _ = write!(words, ", keys in use for {period}");
            }
            (Term::Cycles(_), Impossible::TermTooShort { needed, .. }) => {
                let _ = write!(words, ", cycles at least {needed} days apart");
            }
            _ => {}
        }
        words
    }
}

impl Plan {
    /// Findings that nobody has signed off.
    pub fn open(&self) -> impl Iterator<Item = &Judged> {
        self.findings.iter().filter(|judged| !judged.is_waived)
    }
}

impl Judged {
    /// What is to be said of its waiver; nothing where there is none.
    #[must_use]
    pub fn waiver_words(&self, now: Timestamp) -> Option<String> {
        let waiver = self.waiver.as_ref()?;
        let (by, reason) = (&waiver.by, &waiver.reason);
        Some(if self.is_waived {
            format!("waived by {by} until {}: {reason}", waiver.until.date_with_distance(now))
        } else if waiver.until > now {
            format!("the waiver by {by} until {} is too long to hold", waiver.until.date())
        } else {
            format!("the waiver by {by} ended {}", waiver.until.date_with_distance(now))
        })
    }
}
