//! The run that is held at this console: what it shows, what was typed, and
//! where the focus is.

use std::time::Duration;

use tui_input::Input as Line;

use crate::domain::text::VisibleText;
use crate::engine::definition::FieldKind;
use crate::engine::effect::{Value, Values};
use crate::engine::event::Place;
use crate::engine::question::{Asked, Choice};
use crate::engine::runner::{Prompt, Refused, RunView};

/// A run that is open at this console.
#[derive(Debug)]
pub struct Held {
    /// Tells its reports from those of the one before.
    pub number: u64,
    /// What it is called until it has said something itself.
    pub title: String,
    /// What it shows; absent until it is open.
    pub view: Option<RunView>,
    /// Since when something is being done.
    pub busy: Option<Duration>,
    /// What was told since then.
    pub notices: Vec<VisibleText>,
    /// The questions, and what was answered.
    pub answers: Vec<Answer>,
    /// Which field or button has the focus: the fields come first.
    pub focus: usize,
    /// The first line of the step that is in view.
    pub top: usize,
    /// How many lines of the step are in view at once.
    pub rows: usize,
    /// Whether its last line has been in view.
    pub is_read: bool,
    /// How many lines of the account are below those in view.
    pub behind: usize,
}

/// A question with what was answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What is asked, and what is offered.
    pub asked: Asked,
    /// What was answered.
    pub said: Said,
    /// Why that does not hold.
    pub wrong: Option<String>,
}

/// What was answered, by the kind of the question.
#[derive(Clone, Debug)]
pub enum Said {
    /// A line that is typed.
    Typed(Line),
    /// One of the choices, or none yet.
    One(Option<usize>),
    /// Some of the choices; the second is the one that Space ticks.
    Several(Vec<bool>, usize),
}

/// What can be pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Button {
    /// Goes on: answers, looks, seals, does it, asks again, closes.
    Go,
    /// Opens what has to be typed.
    Confirm,
    /// Has a passphrase made.
    Make,
    /// Opens the field for a secret.
    Secret,
    /// Takes what was found on somebody.
    Except,
    /// Takes the last answers back, where letters do nothing.
    Back,
    /// Asks why it is given up, where letters do nothing.
    Abandon,
    /// Pauses.
    Pause,
    /// Goes back to the ceremonies.
    Leave,
}

impl Held {
    /// A run that is being opened.
    #[must_use]
    pub fn opening(number: u64, title: String, since: Duration) -> Self {
        Self {
            number,
            title,
            view: None,
            busy: Some(since),
            notices: Vec::new(),
            answers: Vec::new(),
            focus: 0,
            top: 0,
            rows: 0,
            is_read: false,
            behind: 0,
        }
    }

    /// Shows the run anew; what was typed stays where it was only refused.
    pub fn show(&mut self, view: RunView) {
        self.busy = None;
        self.notices.clear();
        self.behind = 0;
        let before = self.view.as_ref().and_then(|view| view.place.clone());
        let is_asked_again = before.is_some() && before == view.place;
        if let Some(Refused::Answers(wrong)) = &view.refused {
            for answer in &mut self.answers {
                let message = wrong.iter().find(|one| one.field == answer.asked.field.id);
                answer.wrong = message.map(|one| one.message.clone());
            }
            self.focus = self.answers.iter().position(|one| one.wrong.is_some()).unwrap_or(0);
        } else if !(is_asked_again && matches!(view.prompt, Prompt::Ask(_))) {
            self.top = 0;
            self.is_read = false;
            self.answers = if let Prompt::Ask(asked) = &view.prompt {
                asked.iter().cloned().map(Answer::of).collect()
            } else {
                Vec::new()
            };
            self.focus = 0;
        }
        self.view = Some(view);
        if self.is_at_irreversible() {
            let pause = self.buttons().iter().position(|button| *button == Button::Pause);
            self.focus = self.answers.len() + pause.unwrap_or(0);
        }
    }

    /// Whether a plan is shown that nobody has read to its end.
    #[must_use]
    pub fn is_unread_plan(&self) -> bool {
        let view = self.view.as_ref();
        !self.is_read && view.is_some_and(|view| matches!(view.prompt, Prompt::Plan { .. }))
    }

    /// Whether the run has come to its end.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.view.as_ref().is_some_and(|view| matches!(view.prompt, Prompt::Ended(_)))
    }

    /// Whether what is done next cannot be taken back.
    #[must_use]
    pub fn is_at_irreversible(&self) -> bool {
        self.view.as_ref().is_some_and(|view| {
            matches!(view.prompt, Prompt::Perform(_))
                && view.step.is_some_and(|step| !step.reversible)
        })
    }

    /// What can be pressed now.
    #[must_use]
    pub fn buttons(&self) -> Vec<Button> {
        let Some(view) = &self.view else { return Vec::new() };
        let back = view.can_go_back.then_some(Button::Back);
        let with = |first: &[Button]| {
            let last = [Button::Pause].into_iter().chain(back).chain([Button::Abandon]);
            first.iter().copied().chain(last).collect()
        };
        match &view.prompt {
            Prompt::Ask(_)
            | Prompt::Check
            | Prompt::Plan { .. }
            | Prompt::Perform(_)
            | Prompt::Wait { .. }
            | Prompt::Doubt(_)
            | Prompt::Close
            | Prompt::Halted { can_except: false, .. } => vec![Button::Go, Button::Pause],
            Prompt::Confirm(_) => vec![Button::Confirm, Button::Pause, Button::Abandon],
            Prompt::Secret { secret, is_offered: false } if secret.is_new => {
                with(&[Button::Make, Button::Secret])
            }
            Prompt::Secret { is_offered: true, .. } => with(&[Button::Secret, Button::Make]),
            Prompt::Secret { .. } => with(&[Button::Secret]),
            Prompt::Halted { can_except: true, .. } => {
                vec![Button::Go, Button::Except, Button::Pause]
            }
            Prompt::Paused | Prompt::Ended(_) => vec![Button::Leave],
        }
    }

    /// The button that has the focus.
    #[must_use]
    pub fn button(&self) -> Option<Button> {
        let at = self.focus.checked_sub(self.answers.len())?;
        self.buttons().get(at).copied()
    }

    /// Moves the focus; the ends meet.
    pub fn turn(&mut self, forward: bool) {
        let all = (self.answers.len() + self.buttons().len()).max(1);
        self.focus = if forward { self.focus + 1 } else { self.focus + all - 1 } % all;
    }

    /// Whether characters are typed now.
    #[must_use]
    pub fn is_typing(&self) -> bool {
        let answer = self.answers.get(self.focus);
        answer.is_some_and(|answer| matches!(answer.said, Said::Typed(_)))
    }

    /// The field that has the focus.
    pub fn answer(&mut self) -> Option<&mut Answer> {
        self.answers.get_mut(self.focus)
    }

    /// The answers, by field.
    #[must_use]
    pub fn values(&self) -> Values {
        let value =
            |answer: &Answer| (answer.asked.field.id.to_owned(), Value::from(answer.text()));
        self.answers.iter().map(value).collect()
    }

    /// Where it is.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        self.view.as_ref().and_then(|view| view.place.as_ref())
    }
}

impl Answer {
    /// The question with what is offered.
    fn of(mut asked: Asked) -> Self {
        if matches!(asked.field.kind, FieldKind::Second(_) | FieldKind::SecondUnless { .. }) {
            let nobody = Choice { value: String::new(), label: "nobody".to_owned() };
            asked.choices.push(nobody);
        }
        let offer = asked.offer.as_str();
        let is_offered = |choice: &Choice| choice.value == offer && !offer.is_empty();
        let said = match asked.field.kind {
            FieldKind::Word(_)
            | FieldKind::Algorithm
            | FieldKind::Person(_)
            | FieldKind::Second(_)
            | FieldKind::SecondUnless { .. }
            | FieldKind::Certificate
            | FieldKind::KnownMedium(_)
            | FieldKind::Signer
            | FieldKind::Placed(_)
            | FieldKind::Subkey(_) => Said::One(asked.choices.iter().position(is_offered)),
            FieldKind::Slots(_) | FieldKind::Targets { .. } => {
                Said::Several(vec![true; asked.choices.len()], 0)
            }
            FieldKind::AnySlots(_) => {
                let offered: Vec<_> = offer.split(", ").collect();
                let choices = asked.choices.iter();
                Said::Several(choices.map(|one| offered.contains(&one.value.as_str())).collect(), 0)
            }
            FieldKind::People(_) | FieldKind::Recipients | FieldKind::Subkeys { .. } => {
                Said::Several(asked.choices.iter().map(is_offered).collect(), 0)
            }
            FieldKind::Text { .. }
            | FieldKind::OtherPlace(_)
            | FieldKind::PrimaryLife
            | FieldKind::SubkeyLife(_)
            | FieldKind::PrimaryEnd(_)
            | FieldKind::SubkeyEnd { .. }
            | FieldKind::UserIds
            | FieldKind::Consumer
            | FieldKind::Medium
            | FieldKind::File
            | FieldKind::Paths
            | FieldKind::Fingerprint
            | FieldKind::Day
            | FieldKind::PublishedSince(_)
            | FieldKind::DayWithin(_) => Said::Typed(Line::new(offer.to_owned())),
        };
        Self { asked, said, wrong: None }
    }

    /// What is answered, as the engine takes it.
    #[must_use]
    pub fn text(&self) -> String {
        let choices = self.asked.choices.iter();
        match &self.said {
            Said::Typed(line) => line.value().trim().to_owned(),
            Said::One(at) => {
                let chosen = at.and_then(|at| self.asked.choices.get(at));
                chosen.map(|choice| choice.value.clone()).unwrap_or_default()
            }
            Said::Several(ticked, _) => {
                let chosen = choices.zip(ticked).filter(|(_, is_ticked)| **is_ticked);
                chosen.map(|(choice, _)| choice.value.as_str()).collect::<Vec<_>>().join(", ")
            }
        }
    }

    /// Takes the next choice, or the one before; the ends meet.
    pub fn step(&mut self, forward: bool) {
        let count = self.asked.choices.len();
        if count == 0 {
            return;
        }
        let next = |at: Option<usize>| match at {
            None if forward => 0,
            None => count - 1,
            Some(at) if forward => (at + 1) % count,
            Some(at) => (at + count - 1) % count,
        };
        self.wrong = None;
        match &mut self.said {
            Said::One(at) => *at = Some(next(*at)),
            Said::Several(_, at) => *at = next(Some(*at)),
            Said::Typed(line) => {
                let mut choices = self.asked.choices.iter();
                let at = next(choices.position(|choice| choice.value == line.value()));
                let chosen = self.asked.choices.get(at).map(|choice| choice.value.clone());
                *line = Line::new(chosen.unwrap_or_default());
            }
        }
    }

    /// Ticks the choice, or takes the next one.
    pub fn tick(&mut self) {
        self.wrong = None;
        if let Said::Several(ticked, at) = &mut self.said {
            if let Some(tick) = ticked.get_mut(*at) {
                *tick = !*tick;
            }
        } else {
            self.step(true);
        }
    }
}
