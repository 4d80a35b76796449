//! What a team writes down of its keys: who they are, what signs for what,
//! and when nobody can be asked.

use super::assessment::Assessment;
use super::fingerprint::Fingerprint;
use super::period::Period;
use super::policy::Policy;
use super::schedule::{Blackout, Line, Progress, Rule, Term};
use super::validity::State;

/// The environments in which keys live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// Users trust what is signed here.
    Production,
    /// The same steps, before they count.
    Staging,
    /// Practice on throw-away keys.
    Rehearsal,
    /// Made-up keys.
    Demo,
}

impl Environment {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Production, Self::Staging, Self::Rehearsal, Self::Demo];

    /// The word of the workspace file and of screens.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Staging => "staging",
            Self::Rehearsal => "rehearsal",
            Self::Demo => "demo",
        }
    }

    /// The environment of that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|environment| environment.word() == word)
    }
}

/// Somebody of the team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// A short name, for the other declarations.
    pub id: String,
    /// The whole name.
    pub name: String,
    /// The line of the file.
    pub line: usize,
}

/// One signer identity: exactly one subkey signs for it at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consumer {
    /// A short name.
    pub id: String,
    /// What it is.
    pub label: String,
    /// The certificate.
    pub certificate: Fingerprint,
    /// The subkey that signs for it now; absent before the first one.
    pub subkey: Option<Fingerprint>,
    /// The person who has to act.
    pub owner: Option<String>,
    /// How far the next rotation is, by what the team has written down.
    pub progress: Progress,
    /// The line of the file.
    pub line: usize,
}

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
    /// The signers.
    pub consumers: Vec<Consumer>,
    /// When nobody can be asked.
    pub blackouts: Vec<Blackout>,
}

/// What is wrong with the declarations, and in which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line of the file.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl Workspace {
    /// What contradicts itself in it.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut say = |line, message| problems.push(Problem { line, message });
        for (place, person) in self.people.iter().enumerate() {
            if self.people.iter().take(place).any(|other| other.id == person.id) {
                say(person.line, format!("the person '{}' is there twice", person.id));
            }
        }
        for (place, consumer) in self.consumers.iter().enumerate() {
            let before = || self.consumers.iter().take(place);
            if before().any(|other| other.id == consumer.id) {
                say(consumer.line, format!("the consumer '{}' is there twice", consumer.id));
            }
            let twin =
                before().find(|other| consumer.subkey.is_some() && other.subkey == consumer.subkey);
            if let Some(twin) = twin {
                let text = format!(
                    "'{}' and '{}' have the same subkey: each consumer has one of its own",
                    twin.id, consumer.id
                );
                say(consumer.line, text);
            }
            let owner = consumer.owner.as_ref();
            if let Some(owner) = owner.filter(|o| !self.people.iter().any(|p| p.id == **o)) {
                say(consumer.line, format!("no person is called '{owner}'"));
            }
        }
        problems
    }

    /// The lines of keys, as far as their certificates are there.
    #[must_use]
    pub fn lines(&self, policy: &Policy, assessments: &[Assessment]) -> Vec<Line> {
        let term = policy.subkey_lives.or(policy.primary_lives).unwrap_or(Period::Months(12));
        let line = |consumer: &Consumer| {
            let assessment =
                assessments.iter().find(|a| a.certificate.fingerprint() == consumer.certificate);
            let key = assessment
                .and_then(|a| a.keys().find(|(key, _)| Some(key.fingerprint) == consumer.subkey));
            // A key that does not say when it ends is used for the policy's
            // term.
            let ends = key.and_then(|(key, verdict)| match verdict.state {
                State::Valid | State::Expired | State::NotYetValid => {
                    Some(verdict.effective_expires.unwrap_or_else(|| key.created.after(term)))
                }
                State::Revoked | State::Invalid => None,
            });
            Line {
                consumer: consumer.id.clone(),
                owner: consumer.owner.clone(),
                rule: Rule {
                    term: Term::Calendar(term),
                    windows: policy.windows,
                    blackouts: self.blackouts.clone(),
                    margin: policy.margin,
                },
                ends,
                is_broken: consumer.subkey.is_some() && ends.is_none(),
                primary_ends: assessment.and_then(|a| a.verdict.primary.expires),
                progress: consumer.progress,
            }
        };
        self.consumers.iter().map(line).collect()
    }
}
