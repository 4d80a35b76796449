//! What lies over a run: confirmations, secrets, words for the record.

use std::time::Duration;

use tui_input::Input as Line;

use crate::engine::run::Confirmation;
use crate::engine::secret::Secret;

/// After opening, the button of a confirmation stays locked for so long.
const READING: Duration = Duration::from_secs(3);
/// After a key, likewise: whoever holds a key down confirms nothing.
const STILLNESS: Duration = Duration::from_millis(500);

/// Something that cannot be undone, about to be confirmed.
#[derive(Clone, Debug)]
pub struct ConfirmForm {
    /// What happens, as a title.
    pub title: String,
    /// What is confirmed, and what has to be typed.
    pub confirmation: Confirmation,
    /// What follows from it.
    pub follows: Vec<String>,
    /// What was typed, in the order of the typings.
    pub typed: Vec<Line>,
    /// What has the focus.
    pub focus: ConfirmFocus,
    /// The first line of what is confirmed that is in view.
    pub top: usize,
    /// How many of its lines are in view; the drawing tells.
    pub shown: usize,
    /// How many lines at its end nobody has seen yet; likewise.
    pub unread: usize,
    /// When it was opened.
    pub opened: Duration,
    /// When the last key was pressed.
    pub touched: Duration,
    /// Why it was not taken.
    pub problem: Option<String>,
}

/// What has the focus in a confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfirmFocus {
    /// The button that closes it; the focus starts here.
    Cancel,
    /// A field.
    Field(usize),
    /// The button that confirms.
    Confirm,
}

impl ConfirmForm {
    /// For how long the button is still locked; zero when it is not.
    #[must_use]
    pub fn locked(&self, now: Duration) -> Duration {
        let reading = (self.opened + READING).saturating_sub(now);
        reading.max((self.touched + STILLNESS).saturating_sub(now))
    }

    /// Moves the focus: Cancel, the fields, the button; the ends meet.
    pub fn turn(&mut self, forward: bool) {
        let fields = self.typed.len();
        let here = match self.focus {
            ConfirmFocus::Cancel => 0,
            ConfirmFocus::Field(at) => at + 1,
            ConfirmFocus::Confirm => fields + 1,
        };
        let all = fields + 2;
        let there = if forward { here + 1 } else { here + all - 1 } % all;
        self.focus = match there {
            0 => ConfirmFocus::Cancel,
            at if at <= fields => ConfirmFocus::Field(at - 1),
            _ => ConfirmFocus::Confirm,
        };
    }

    /// The line that is typed in.
    pub fn line(&mut self) -> Option<&mut Line> {
        match self.focus {
            ConfirmFocus::Field(at) => self.typed.get_mut(at),
            ConfirmFocus::Cancel | ConfirmFocus::Confirm => None,
        }
    }
}

/// The field for a secret. It cannot be cloned, and prints as `[redacted]`.
#[derive(Debug)]
pub struct SecretForm {
    /// Which secret.
    pub label: String,
    /// What for.
    pub why: String,
    /// As it is typed.
    pub first: Secret,
    /// As it is typed again, where it is chosen here.
    pub again: Option<Secret>,
    /// Whether the second of the two is typed now.
    pub at_again: bool,
    /// Why something was not taken.
    pub problem: Option<String>,
}

impl SecretForm {
    /// The one that is typed now.
    pub fn typed(&mut self) -> &mut Secret {
        match &mut self.again {
            Some(again) if self.at_again => again,
            _ => &mut self.first,
        }
    }
}

/// What is said for the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SayKind {
    /// Something worth knowing.
    Note,
    /// What was found is taken on oneself.
    Exception,
    /// The run is given up.
    Abandon,
}

/// Words for the record.
#[derive(Clone, Debug)]
pub struct SayForm {
    /// What for.
    pub kind: SayKind,
    /// Who says it.
    pub by: String,
    /// What that means.
    pub about: String,
    /// The words.
    pub line: Line,
    /// What has the focus: the line, or one of the two buttons.
    pub focus: ConfirmFocus,
    /// Why it was not taken.
    pub problem: Option<String>,
}
