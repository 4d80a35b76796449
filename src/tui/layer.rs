//! What lies over a screen: menus, texts to read, questions, forms.
//!
//! A stack of plain values. The topmost gets the keys.

mod found;
mod run;
mod waive;

use tui_input::Input as Line;

pub use self::found::{FoundForm, FoundQuestion};
pub use self::run::{ConfirmFocus, ConfirmForm, SayForm, SayKind, SecretForm};
pub use self::waive::{WaiveField, WaiveForm};
use super::action::Action;
use super::keymap::Scope;
use super::message::Level;
use crate::domain::comparison::{Channel, Comparison};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::outlook::Standing;
use crate::engine::secret::Secret;

/// One layer. It is never cloned: secrets may be in it.
#[derive(Debug)]
pub enum Layer {
    /// The line in which the filter is typed.
    Filter(Line),
    /// The line in which the path of a file or folder is typed, and whether it
    /// is that of a workspace.
    Path(Line, bool),
    /// All commands, found by typing.
    Palette(Palette),
    /// A list of choices.
    Menu(Menu),
    /// A text.
    Reader(Reader),
    /// The QR code of a fingerprint.
    Qr(Fingerprint),
    /// A yes-or-no question.
    Dialog(Dialog),
    /// The comparison of a fingerprint.
    Compare(Box<CompareForm>),
    /// A finding that is to be lived with.
    Waive(Box<WaiveForm>),
    /// The questions of a new workspace.
    Found(Box<FoundForm>),
    /// Something that cannot be undone, about to be confirmed.
    Confirm(Box<ConfirmForm>),
    /// The field for a secret.
    Secret(Box<SecretForm>),
    /// A passphrase that was made, for the one time that it is shown.
    Offered(Secret),
    /// Words for the record of a run.
    Say(Box<SayForm>),
}

impl Layer {
    /// The scopes whose keys are live, the innermost first.
    #[must_use]
    pub fn scopes(&self) -> Vec<Scope> {
        let scope = self.scope();
        if self.has_field() { vec![scope, Scope::Text] } else { vec![scope] }
    }

    /// Whether a field has the focus that lies among buttons.
    fn has_field(&self) -> bool {
        let is_field = |focus: ConfirmFocus| matches!(focus, ConfirmFocus::Field(_));
        if let Self::Confirm(form) = self {
            is_field(form.focus)
        } else if let Self::Say(form) = self {
            is_field(form.focus)
        } else {
            false
        }
    }

    fn scope(&self) -> Scope {
        match self {
            Self::Confirm(_) | Self::Say(_) => Scope::Confirm,
            Self::Secret(_) | Self::Offered(_) => Scope::Secret,
            Self::Filter(_) | Self::Path(..) | Self::Palette(_) | Self::Waive(_) => Scope::Text,
            Self::Menu(_) => Scope::Menu,
            Self::Reader(_) | Self::Qr(_) => Scope::Reader,
            Self::Dialog(_) => Scope::Dialog,
            Self::Compare(form) => match form.stage {
                Stage::Channel(_) => Scope::Menu,
                Stage::Value => Scope::Text,
                Stage::Settled => Scope::Reader,
            },
            Self::Found(form) => match form.question {
                FoundQuestion::Name | FoundQuestion::Places => Scope::Text,
                FoundQuestion::Profile => Scope::Menu,
                FoundQuestion::Keys => Scope::Form,
                FoundQuestion::Review => Scope::Dialog,
            },
        }
    }
}

/// The command palette.
#[derive(Clone, Debug, Default)]
pub struct Palette {
    /// What was typed.
    pub line: Line,
    /// The commands that fit, the best first.
    pub found: Vec<Entry>,
    /// The chosen one.
    pub selected: usize,
}

/// A command of palette or action menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What happens.
    pub action: Action,
    /// What it is called.
    pub label: String,
    /// The key that does the same.
    pub chord: String,
}

/// A list of choices.
#[derive(Clone, Debug)]
pub struct Menu {
    /// What is to be chosen.
    pub title: String,
    /// The choices.
    pub choices: Vec<Choice>,
    /// The chosen one.
    pub selected: usize,
}

/// One choice.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What it is called.
    pub label: String,
    /// What stands at the right of it.
    pub note: String,
    /// What happens.
    pub effect: Effect,
}

/// What a choice does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// As if the key of that action were pressed.
    Do(Action),
    /// Begins to compare the selected certificate's key of that place.
    Compare(usize),
    /// Begins a run of that ceremony, with that person to drive it.
    Begin(&'static str, String),
    /// Says something for the record of the run.
    Say(SayKind),
    /// Shows only certificates of that standing, or all.
    Facet(Option<Standing>),
    /// Sends a public value to the terminal's clipboard.
    Copy {
        /// What it is, for the message.
        what: &'static str,
        /// The value.
        text: String,
    },
}

impl Menu {
    /// Moves the choice.
    pub fn move_by(&mut self, steps: isize) {
        let last = self.choices.len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(steps).min(last);
    }
}

/// A text to read.
#[derive(Clone, Debug)]
pub struct Reader {
    /// What it is.
    pub title: String,
    /// Its lines.
    pub lines: Vec<String>,
    /// The first line on the screen.
    pub top: usize,
    /// What `copy` sends to the terminal; nothing if absent.
    pub copy: Option<String>,
}

/// A yes-or-no question. The focus starts on No.
#[derive(Clone, Debug)]
pub struct Dialog {
    /// What is asked.
    pub question: String,
    /// What it means.
    pub lines: Vec<String>,
    /// Whether Yes has the focus.
    pub yes: bool,
    /// What Yes does.
    pub effect: Question,
}

/// What a dialog asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Whether to leave the program.
    Quit,
}

/// The keyed, blind comparison of a fingerprint.
#[derive(Clone, Debug)]
pub struct CompareForm {
    /// Whose fingerprint.
    pub name: String,
    /// How the form calls the key, without its fingerprint.
    pub subject: String,
    /// What a match does not mean.
    pub caveat: Option<String>,
    /// Where the form is.
    pub stage: Stage,
    /// How the value reached the person.
    pub channel: Option<Channel>,
    /// What was typed.
    pub line: Line,
    /// Whether some of it was pasted.
    pub pasted: bool,
    /// The comparison; it keeps our value to itself.
    pub comparison: Comparison,
    /// What is to be said of the last attempt.
    pub outcome: Option<(Level, String)>,
    /// What the demo's card says; it differs in one digit.
    pub card: Option<String>,
}

/// The steps of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The channel is chosen.
    Channel(usize),
    /// The value is typed.
    Value,
    /// The result stays.
    Settled,
}
