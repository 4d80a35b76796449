//! The workspace that the console is on.

use std::path::PathBuf;

use super::{Model, Screen};
use crate::app::Opening;
use crate::domain::finding::{Finding, Severity};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::inventory::{PassedOver, Rejected};
use crate::domain::period::Period;
use crate::domain::plan::{Judged, Plan, Read, Team};
use crate::domain::schedule::Track;
use crate::domain::text::counted;
use crate::domain::timestamp::Timestamp;
use crate::domain::validity::Note;
use crate::domain::workspace::Evidence;
use crate::engine::reading::Stage;
use crate::tui::list::Item;

/// How far ahead rotations are worked out: as far as the timeline can show.
const AHEAD: Period = Period::Months(20 * 12);

/// A workspace with what it means at this instant.
#[derive(Clone, Debug)]
pub struct Managed {
    /// Where it is kept; absent: nowhere.
    pub folder: Option<PathBuf>,
    /// What it declares, and its rules.
    pub team: Team,
    /// The text of its file as it was read.
    pub text: String,
    /// Whether the file is wrong now, so that an older one is shown.
    pub is_stale: bool,
    /// What was looked up.
    pub evidence: Option<Evidence>,
    /// What is due and what is wrong.
    pub plan: Plan,
    /// Errors and warnings that nobody has signed off; counted once, for every
    /// frame shows them.
    graver: usize,
    /// The keys of each consumer in time.
    pub tracks: Vec<(String, Track)>,
}

impl Managed {
    /// The workspace that the console was opened on, before anything is read.
    #[must_use]
    pub fn of(opening: &Opening) -> Option<Self> {
        let declaration = opening.declaration()?;
        Some(Self {
            folder: opening.folder().cloned(),
            team: declaration.team,
            text: declaration.text,
            is_stale: false,
            evidence: None,
            plan: Plan::default(),
            graver: 0,
            tracks: Vec::new(),
        })
    }

    fn work_out(&mut self, now: Timestamp, read: &Read<'_>) {
        self.plan = self.team.plan(now, read, self.evidence.as_ref());
        let is_graver = |judged: &&Judged| judged.finding.severity < Severity::Note;
        self.graver = self.plan.open().filter(is_graver).count();
        let until = now.after(AHEAD);
        let lines = self.plan.lines.iter();
        self.tracks = lines.map(|l| (l.consumer.clone(), l.track(now, until))).collect();
    }
}

/// One thing that the screen Findings tells.
#[derive(Clone, Copy, Debug)]
pub enum Told<'a> {
    /// A rule is broken.
    Finding(&'a Judged),
    /// Reading told it, and nothing is worked out yet.
    Early(&'a Finding),
    /// Something about the signatures of a certificate.
    Note(&'a Item, &'a Note),
    /// A part of the input that is no certificate.
    Rejected(&'a Rejected),
    /// Something in a folder that is no key material.
    PassedOver(&'a PassedOver),
}

impl Model {
    /// Works out what is due and what is wrong from what was read.
    pub fn replan(&mut self) {
        let Some(managed) = &mut self.managed else { return };
        let items = self.list.items().iter();
        let assessments: Vec<_> = items.filter_map(|item| item.assessment.as_ref()).collect();
        let read = Read { assessments: &assessments, findings: &self.findings, lone: &self.lone };
        managed.work_out(self.now, &read);
    }

    /// The plan, once all is read.
    #[must_use]
    pub fn plan(&self) -> Option<&Plan> {
        let is_read = self.stage == Stage::Finished || self.incoming.is_some();
        self.managed.as_ref().filter(|_| is_read).map(|managed| &managed.plan)
    }

    /// Everything that the screen Findings tells, in its order.
    pub fn all_told(&self) -> impl Iterator<Item = Told<'_>> {
        let judged = self.plan().map_or(&[][..], |plan| &plan.findings);
        let early = if self.plan().is_none() { self.findings.as_slice() } else { &[] };
        let notes = self.list.notes().map(|(item, note)| Told::Note(item, note));
        judged
            .iter()
            .map(Told::Finding)
            .chain(early.iter().map(Told::Early))
            .chain(notes)
            .chain(self.all_rejected().map(Told::Rejected))
            .chain(self.passed_over.iter().map(Told::PassedOver))
    }

    /// What the screen Findings tells, in words.
    #[must_use]
    pub fn told_words(&self) -> String {
        let parts: Vec<_> = [
            (self.graver_findings(), "finding"),
            (self.all_rejected().count(), "rejected part"),
            (self.list.notes().count(), "note"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| counted(count, noun))
        .collect();
        parts.join(", ")
    }

    /// How many things the screen Findings tells that need somebody.
    #[must_use]
    pub fn told(&self) -> usize {
        self.graver_findings() + self.all_rejected().count() + self.list.notes().count()
    }

    /// Parts of the certificates and of the roster that cannot be read.
    fn all_rejected(&self) -> impl Iterator<Item = &Rejected> {
        let evidence = self.managed.as_ref().and_then(|managed| managed.evidence.as_ref());
        self.rejected.iter().chain(evidence.into_iter().flat_map(|evidence| &evidence.rejected))
    }

    /// Errors and warnings that nobody has signed off.
    fn graver_findings(&self) -> usize {
        match (self.plan(), &self.managed) {
            (Some(_), Some(managed)) => managed.graver,
            _ => self.findings.len(),
        }
    }

    /// The finding under the cursor.
    #[must_use]
    pub fn selected_finding(&self) -> Option<&Judged> {
        if self.screen != Screen::Findings {
            return None;
        }
        match self.all_told().nth(self.findings_at) {
            Some(Told::Finding(judged)) => Some(judged),
            _ => None,
        }
    }

    /// The certificates of what was read.
    #[must_use]
    pub fn certificates(&self) -> Vec<Fingerprint> {
        self.list.items().iter().map(|item| item.listed.fingerprint).collect()
    }
}
