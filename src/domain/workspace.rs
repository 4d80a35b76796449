//! What a team writes down of its keys: who they are, what signs for what,
//! and when nobody can be asked.

mod declared;
mod evidence;
mod places;
mod setting;
mod slot;
mod slot_place;
mod target;

pub use declared::{Class, Consumer, Environment, ManagedKey, Person, Role, Waiver};
pub use evidence::{Evidence, OnMachine};
pub use setting::{Form, Known, Setting};
pub use slot::{Content, Slot, SlotKind, SlotReader};
pub use slot_place::SlotPlace;
pub use target::{Target, TargetKind};

use std::collections::{BTreeSet, HashMap, HashSet};

use super::fingerprint::Fingerprint;
use super::schedule::{Blackout, Cycle};

/// All of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// The team's or project's name.
    pub name: String,
    /// Whose trust is at stake.
    pub environment: Environment,
    /// The preset of the rules.
    pub profile: String,
    /// The roster.
    pub people: Vec<Person>,
    /// The certificates, where more is to be said of them.
    pub keys: Vec<ManagedKey>,
    /// The signers.
    pub consumers: Vec<Consumer>,
    /// Where their secrets live.
    pub slots: Vec<Slot>,
    /// Where certificates are published.
    pub targets: Vec<Target>,
    /// The cycles of development by which keys are changed, in their order;
    /// none: keys are changed by the calendar.
    pub cycles: Vec<Cycle>,
    /// When nobody can be asked.
    pub blackouts: Vec<Blackout>,
    /// The findings that are lived with.
    pub waivers: Vec<Waiver>,
}

/// What is wrong with the declarations, and in which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line of the file.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// How many names a message lists.
const NAMED: usize = 12;

impl Workspace {
    /// A workspace that declares nothing.
    #[must_use]
    pub fn empty(name: String, environment: Environment, profile: String) -> Self {
        Self {
            name,
            environment,
            profile,
            people: Vec::new(),
            keys: Vec::new(),
            consumers: Vec::new(),
            slots: Vec::new(),
            targets: Vec::new(),
            cycles: Vec::new(),
            blackouts: Vec::new(),
            waivers: Vec::new(),
        }
    }

    /// What is said of that certificate.
    #[must_use]
    pub fn key(&self, certificate: &Fingerprint) -> Option<&ManagedKey> {
        self.keys.iter().find(|key| key.certificate == *certificate)
    }

    /// Whether that certificate is declared.
    #[must_use]
    pub fn knows(&self, certificate: &Fingerprint) -> bool {
        self.key(certificate).is_some()
            || self.consumers.iter().any(|consumer| consumer.certificate == *certificate)
    }

    /// The environment in which that certificate is trusted.
    #[must_use]
    pub fn environment_of(&self, certificate: &Fingerprint) -> Environment {
        self.key(certificate).and_then(|key| key.environment).unwrap_or(self.environment)
    }

    /// Whether the secret of its primary key belongs offline: not that of a
    /// person's own certificate, nor of one to practise with.
    #[must_use]
    pub fn belongs_offline(&self, certificate: &Fingerprint) -> bool {
        let is_person = self.people.iter().any(|one| one.fingerprint == Some(*certificate))
            || self.key(certificate).is_some_and(|key| key.class == Class::Person);
        let environment = self.environment_of(certificate);
        !is_person && matches!(environment, Environment::Production | Environment::Staging)
    }

    /// Whether nothing signs, though it is not one of offline roots or people.
    #[must_use]
    pub fn declares_no_signer(&self) -> bool {
        let is_quiet = |key: &ManagedKey| matches!(key.class, Class::Root | Class::Person);
        self.consumers.is_empty() && (self.keys.is_empty() || !self.keys.iter().all(is_quiet))
    }

    /// What contradicts itself in it.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        twice(&mut problems, "person", self.people.iter().map(|p| (p.id.as_str(), p.line)));
        twice(&mut problems, "consumer", self.consumers.iter().map(|c| (c.id.as_str(), c.line)));
        twice(&mut problems, "slot", self.slots.iter().map(|s| (s.id.as_str(), s.line)));
        let in_consumers = self.consumers.iter();
        let in_consumers = in_consumers.flat_map(|c| c.slots.iter().map(|s| (s.as_str(), c.line)));
        twice(&mut problems, "slot of a consumer", in_consumers);
        twice(
            &mut problems,
            "place of a slot",
            self.slots.iter().map(|s| (s.place.as_str(), s.line)),
        );
        twice(&mut problems, "target", self.targets.iter().map(|t| (t.id.as_str(), t.line)));
        let certificates = self.people.iter().filter_map(|p| Some((p.fingerprint?.hex(), p.line)));
        let certificates: Vec<_> = certificates.collect();
        twice(
            &mut problems,
            "certificate of a person",
            certificates.iter().map(|(id, line)| (id.as_str(), *line)),
        );
        let keys: Vec<_> = self.keys.iter().map(|k| (k.certificate.hex(), k.line)).collect();
        twice(&mut problems, "key", keys.iter().map(|(id, line)| (id.as_str(), *line)));
        self.shared_subkeys(&mut problems);
        self.unknown_names(&mut problems);
        self.odd_waivers(&mut problems);
        for slot in &self.slots {
            let told = slot.problems().into_iter();
            problems.extend(told.map(|message| Problem { line: slot.line, message }));
        }
        for target in &self.targets {
            let told = target.problems().into_iter();
            problems.extend(told.map(|message| Problem { line: target.line, message }));
        }
        problems.sort_by_key(|problem| problem.line);
        problems
    }

    fn shared_subkeys(&self, problems: &mut Vec<Problem>) {
        let mut before: HashMap<Fingerprint, &Consumer> = HashMap::new();
        for consumer in &self.consumers {
            let Some(subkey) = consumer.subkey else { continue };
            if let Some(twin) = before.insert(subkey, consumer) {
                let message = format!(
                    "'{}' and '{}' have the same subkey: each consumer has one of its own",
                    twin.id, consumer.id
                );
                problems.push(Problem { line: consumer.line, message });
            }
        }
    }

    fn unknown_names(&self, problems: &mut Vec<Problem>) {
        let people: BTreeSet<_> = self.people.iter().map(|person| person.id.as_str()).collect();
        let slots: BTreeSet<_> = self.slots.iter().map(|slot| slot.id.as_str()).collect();
        let mut need = |known: &BTreeSet<&str>, noun: &str, word: &str, line| {
            if !known.contains(word) {
                let some: Vec<_> = known.iter().take(NAMED).copied().collect();
                let there = match some.as_slice() {
                    [] => format!("there is no {noun} yet"),
                    some => format!("there are {}", some.join(", ")),
                };
                let message = format!("no {noun} is called '{word}'; {there}");
                problems.push(Problem { line, message });
            }
        };
        for consumer in &self.consumers {
            if let Some(owner) = &consumer.owner {
                need(&people, "person", owner, consumer.line);
            }
            for slot in &consumer.slots {
                need(&slots, "slot", slot, consumer.line);
            }
        }
        for waiver in &self.waivers {
            need(&people, "person", &waiver.by, waiver.line);
        }
    }

    fn odd_waivers(&self, problems: &mut Vec<Problem>) {
        for waiver in self.waivers.iter().filter(|waiver| waiver.reason.trim().is_empty()) {
            let message = format!("the waiver of {} gives no reason", waiver.finding);
            problems.push(Problem { line: waiver.line, message });
        }
    }
}

/// Tells each name that was there before.
fn twice<'a>(
    problems: &mut Vec<Problem>,
    noun: &str,
    names: impl Iterator<Item = (&'a str, usize)>,
) {
    let mut seen = HashSet::new();
    for (name, line) in names {
        if !seen.insert(name) {
            problems.push(Problem { line, message: format!("the {noun} '{name}' is there twice") });
        }
    }
}
