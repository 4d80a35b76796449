//! The tables of a workspace file, and what they mean.

mod tables;
mod words;

use std::collections::BTreeMap;

use toml::Spanned;

use self::tables::{
    BlackoutTable, ConsumerTable, CycleTable, Days, Document, KeyTable, PersonTable, ReaderTable,
    SettingValue, SlotTable, TargetTable, WaiverTable,
};
use self::words::Word;
use crate::adapters::profiles::{self, ProfileError};
use crate::domain::plan::Team;
use crate::domain::schedule::{Blackout, Cycle, Progress};
use crate::domain::text::VisibleText;
use crate::domain::workspace::{
    Consumer, Content, ManagedKey, Person, Problem, Setting, Slot, SlotReader, Target, Waiver,
    Workspace,
};

/// The schema of the file that this program writes and reads.
pub(super) const SCHEMA: i64 = 1;

/// Why a text is no workspace file.
pub(super) enum Refused {
    /// It was written for another version of this program.
    TooNew(i64),
    /// Lines that cannot be understood, or that contradict each other.
    Wrong(Vec<Problem>),
}

/// Understands the text of a workspace file.
pub(super) fn parse(text: &str) -> Result<Team, Refused> {
    let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at);
    let reader = Reader { text, ends: ends.collect() };
    // A newer file may have fields that are unknown here; that is said first.
    let table: toml::Table = toml::from_str(text).map_err(|error| reader.syntax(&error))?;
    if let Some(schema) = table.get("schema").and_then(toml::Value::as_integer)
        && schema != SCHEMA
    {
        if schema > SCHEMA {
            return Err(Refused::TooNew(schema));
        }
        let message = format!("there was never a schema {schema}; this one is {SCHEMA}");
        return Err(Refused::Wrong(vec![Problem { line: 1, message }]));
    }
    let document: Document = toml::from_str(text).map_err(|error| reader.syntax(&error))?;
    let mut problems = Vec::new();
    let team = reader.team(document, &mut problems);
    if let Some(team) = &team {
        problems.extend(team.workspace.problems());
    }
    problems.sort_by_key(|problem| problem.line);
    match team {
        Some(team) if problems.is_empty() => Ok(team),
        _ => Err(Refused::Wrong(problems)),
    }
}

/// The file comes from others by git: their text is spelled out like any.
fn seen(text: &str) -> String {
    VisibleText::from_text(text).into_string()
}

/// What turns tables into declarations, with their lines.
struct Reader<'a> {
    text: &'a str,
    /// Where its lines end.
    ends: Vec<usize>,
}

impl Reader<'_> {
    fn line(&self, at: usize) -> usize {
        1 + self.ends.partition_point(|end| *end < at)
    }

    fn line_of<T>(&self, spanned: &Spanned<T>) -> usize {
        self.line(spanned.span().start)
    }

    fn syntax(&self, error: &toml::de::Error) -> Refused {
        let line = self.line(error.span().map_or(0, |span| span.start));
        Refused::Wrong(vec![Problem { line, message: words::explain(error.message()) }])
    }

    fn team(&self, document: Document, problems: &mut Vec<Problem>) -> Option<Team> {
        let profile = seen(document.profile.get_ref());
        let line = self.line_of(&document.profile);
        let changes = document.policy.as_ref();
        let values = changes.into_iter().flat_map(Spanned::get_ref);
        for (name, _) in values.filter(|(_, value)| !value.is_table()) {
            let from = changes.map_or(0, |table| self.line_of(table));
            let line = self.line_of_word(from, name).unwrap_or(from);
            let message = format!("policy: '{}' is no group of rules", seen(name));
            problems.push(Problem { line, message });
        }
        let policy = profiles::load_with(&profile, changes.map(Spanned::get_ref));
        let policy = policy.map_err(|error| self.profile_problem(&error, line, changes));
        let mut special = Vec::new();
        let others = document.keys.iter().filter_map(|key| key.profile.as_ref());
        for name in others.filter(|name| *name.get_ref() != profile) {
            match profiles::load(&seen(name.get_ref())) {
                Ok(policy) => special.push(policy),
                Err(error) => {
                    problems.push(self.profile_problem(&error, self.line_of(name), None));
                }
            }
        }
        self.cycles_in_order(&document.cycles, problems);
        let blackouts = document.blackouts.iter().map(|b| (&b.from, &b.until));
        let absences = document.people.iter().flat_map(|p| &p.away).map(|d| (&d.from, &d.until));
        for (from, until) in blackouts.chain(absences) {
            if until.0 <= from.get_ref().0 {
                let message =
                    format!("it ends {}, which is not after its first day", until.0.date());
                problems.push(Problem { line: self.line_of(from), message });
            }
        }
        let workspace = self.workspace(document, profile);
        match policy {
            Ok(policy) => Some(Team { workspace, policy, special }),
            Err(problem) => {
                problems.push(problem);
                problems.extend(workspace.problems());
                None
            }
        }
    }

    /// What is wrong with a profile, or with the values that change it.
    fn profile_problem(
        &self,
        error: &ProfileError,
        line: usize,
        changes: Option<&Spanned<toml::Table>>,
    ) -> Problem {
        match error {
            ProfileError::Unknown { name } => {
                let near = words::nearest(name, profiles::names().into_iter());
                Problem { line, message: format!("no profile is called '{name}'; {near}") }
            }
            ProfileError::Toml { source, .. } => {
                let (place, message) = words::explain_policy(source);
                let from = changes.map_or(0, |table| self.line_of(table));
                Problem { line: self.line_of_word(from, &place).unwrap_or(line), message }
            }
        }
    }

    /// The first line from there on that begins with a word.
    fn line_of_word(&self, from: usize, word: &str) -> Option<usize> {
        let lines = self.text.lines().enumerate().map(|(index, line)| (index + 1, line));
        let mut lines = lines.skip_while(|(line, _)| *line < from);
        lines.find(|(_, line)| line.trim_start().starts_with(word)).map(|(line, _)| line)
    }

    fn cycles_in_order(&self, cycles: &[CycleTable], problems: &mut Vec<Problem>) {
        for pair in cycles.windows(2) {
            let [before, cycle] = pair else { continue };
            if cycle.begins.0 <= before.begins.0 {
                let message = format!(
                    "the cycle '{}' begins {}, which is not after '{}', {}: write them in order",
                    seen(cycle.id.get_ref()),
                    cycle.begins.0.date(),
                    seen(before.id.get_ref()),
                    before.begins.0.date()
                );
                problems.push(Problem { line: self.line_of(&cycle.id), message });
            }
        }
    }

    fn workspace(&self, document: Document, profile: String) -> Workspace {
        Workspace {
            name: seen(&document.name),
            environment: document.environment.0,
            profile,
            people: document.people.into_iter().map(|table| self.person(table)).collect(),
            keys: document.keys.into_iter().map(|table| self.key(table)).collect(),
            consumers: document.consumers.into_iter().map(|table| self.consumer(table)).collect(),
            slots: document.slots.into_iter().map(|table| self.slot(table)).collect(),
            targets: document.targets.into_iter().map(|table| self.target(table)).collect(),
            cycles: document.cycles.into_iter().map(cycle).collect(),
            blackouts: document.blackouts.into_iter().map(blackout).collect(),
            waivers: document.waivers.into_iter().map(|table| self.waiver(table)).collect(),
        }
    }

    fn person(&self, table: PersonTable) -> Person {
        let days = |days: Days| (days.from.into_inner().0, days.until.0);
        Person {
            line: self.line_of(&table.id),
            id: seen(table.id.get_ref()),
            name: seen(&table.name),
            fingerprint: table.fingerprint.map(|word| word.0),
            roles: table.roles.into_iter().map(|word| word.0).collect(),
            away: table.away.into_iter().map(days).collect(),
        }
    }

    fn key(&self, table: KeyTable) -> ManagedKey {
        ManagedKey {
            line: self.line_of(&table.certificate),
            certificate: table.certificate.into_inner().0,
            class: table.class.0,
            environment: table.environment.map(|word| word.0),
            profile: table.profile.map(|name| seen(name.get_ref())),
            replaces: table.replaces.map(|word| word.0),
        }
    }

    fn consumer(&self, table: ConsumerTable) -> Consumer {
        Consumer {
            line: self.line_of(&table.id),
            id: seen(table.id.get_ref()),
            label: seen(&table.label),
            certificate: table.certificate.0,
            subkey: table.subkey.map(|word| word.0),
            owner: table.owner.map(|owner| seen(&owner)),
            progress: table.progress.map_or(Progress::Nothing, |word| word.0),
            published: table.published.map(|word| word.0),
            activated: table.activated.map(|word| word.0),
            slots: table.slots.iter().map(|slot| seen(slot)).collect(),
        }
    }

    fn slot(&self, table: SlotTable) -> Slot {
        let entry = |(name, word): (String, Word<Content>)| (seen(&name), word.0);
        let mut contents: BTreeMap<_, _> = table.entries.into_iter().map(entry).collect();
        if contents.is_empty() || table.content.is_some() {
            contents.insert(String::new(), table.content.map_or(Content::Key, |word| word.0));
        }
        Slot {
            line: self.line_of(&table.id),
            id: seen(table.id.get_ref()),
            kind: table.kind.0,
            place: seen(&table.place),
            contents,
            environment: table.environment.map(|word| word.0),
            selector: table.selector.map(|selector| seen(&selector)),
            readers: table.readers.into_iter().map(slot_reader).collect(),
            reason: table.reason.map(|reason| seen(&reason)),
            settings: table.settings.into_iter().map(setting).collect(),
        }
    }

    fn target(&self, table: TargetTable) -> Target {
        Target {
            line: self.line_of(&table.id),
            id: seen(table.id.get_ref()),
            kind: table.kind.0,
            place: seen(&table.place),
            blocking: table.blocking,
            keeps_history: table.keeps_history,
            form: table.form.map(|word| word.0),
            certificates: table.certificates.into_iter().map(|word| word.0).collect(),
            settings: table.settings.into_iter().map(setting).collect(),
        }
    }

    fn waiver(&self, table: WaiverTable) -> Waiver {
        Waiver {
            line: self.line_of(&table.finding),
            finding: table.finding.into_inner().0,
            of: seen(&table.of),
            reason: seen(&table.reason),
            by: seen(&table.by),
            until: table.until.0,
        }
    }
}

fn slot_reader(table: ReaderTable) -> SlotReader {
    SlotReader { who: seen(&table.who), reviewed: table.reviewed.map(|word| word.0) }
}

fn setting((name, value): (String, SettingValue)) -> (String, Setting) {
    let value = match value {
        SettingValue::Text(text) => Setting::Text(seen(&text)),
        SettingValue::Number(number) => Setting::Text(number.to_string()),
        SettingValue::Truth(truth) => Setting::Text(truth.to_string()),
        SettingValue::List(items) => Setting::List(items.iter().map(|item| seen(item)).collect()),
        SettingValue::Map(items) => {
            Setting::Map(items.iter().map(|(key, value)| (seen(key), seen(value))).collect())
        }
    };
    (seen(&name), value)
}

fn cycle(table: CycleTable) -> Cycle {
    let begins = table.begins.0;
    Cycle {
        id: seen(table.id.get_ref()),
        begins,
        previous_done: table.previous_done.map_or(begins, |word| word.0),
        provisional: table.provisional,
    }
}

fn blackout(table: BlackoutTable) -> Blackout {
    let (from, until) = (table.from.into_inner().0, table.until.0);
    Blackout { reason: seen(&table.reason), from, until }
}
