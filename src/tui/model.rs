//! Everything the console knows; the screens are drawn from it alone.

mod audit;
mod ceremonies;
mod comparisons;
mod custody;
mod harvest;
mod held;
mod page;
mod publications;
mod reading;
mod span;
mod team;

pub use audit::Audit;
pub use ceremonies::{Ceremonies, Offer, Seen};
pub use comparisons::{ComparisonRecord, Comparisons};
pub use custody::{Custody, Kept};
pub use harvest::Harvest;
pub use held::{Answer, Button, Held, Said};
pub use page::{Detail, Look, Tab};
pub use publications::{Publications, Published};
pub use span::Window;
pub use team::{Managed, Told};

use std::time::Duration;

use super::keymap::{KeyMap, Scope};
use super::layer::Layer;
use super::list::{Item, KeyList};
use super::message::{Level, Message};
use super::skin::Skin;
use crate::app::{Input, Opening};
use crate::domain::cutoff::Cutoffs;
use crate::domain::finding::Finding;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::inventory::{LoneRevocation, PassedOver, Rejected};
use crate::domain::timestamp::Timestamp;
use crate::engine::reading::Stage;
use crate::engine::runner::Prompt;

/// What the console was opened on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nothing yet.
    Welcome,
    /// The made-up keys.
    Demo,
    /// Keys that exist, read-only.
    View,
    /// What a team has written down of its keys.
    Workspace,
}

/// The screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// What somebody without a workspace can do.
    Welcome,
    /// Counts, what breaks first, all keys.
    Dashboard,
    /// All keys, with more of the screen.
    Keys,
    /// One key.
    Detail,
    /// The keys of each consumer in time.
    Timeline,
    /// What can be begun and what is under way.
    Ceremonies,
    /// A run of a ceremony.
    Run,
    /// What users of each target get.
    Publications,
    /// What lies where.
    Custody,
    /// The log of what was done.
    Audit,
    /// What was found and what was rejected.
    Findings,
    /// The rules, and how the console looks.
    Settings,
    /// A screen of later work.
    Later(LaterScreen),
}

/// Screens that this version has no content for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the screens")]
pub enum LaterScreen {
    People,
}

/// How dates are written in rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dates {
    /// `2026-12-02 (12 d)`.
    #[default]
    WithDistance,
    /// `2026-12-02T14:00:00Z`.
    Full,
}

/// The state of the console. It is never cloned: secrets may be in its layers
/// while they are typed.
#[derive(Debug)]
pub struct Model {
    /// The instant about which everything speaks.
    pub now: Timestamp,
    /// Whether that instant follows the clock.
    pub clock_runs: bool,
    /// Time since some fixed instant, for what waits.
    pub monotonic: Duration,
    /// The rules of today's verifiers.
    pub cutoffs: Cutoffs,
    /// Colours and characters.
    pub skin: Skin,
    /// The key table.
    pub keymap: KeyMap,
    /// Columns and rows of the window.
    pub size: (u16, u16),
    /// What it was opened on.
    pub place: Place,
    /// The screen.
    pub screen: Screen,
    /// What lies over it.
    pub layers: Vec<Layer>,
    /// What was read, to read it again.
    pub inputs: Vec<Input>,
    /// The number of the present reading.
    pub reading: u64,
    /// What a reading brings in while the one before is still shown.
    pub incoming: Option<Box<Harvest>>,
    /// The reading that nobody has asked for: only alarms are said of it.
    pub quiet: Option<u64>,
    /// How far it is.
    pub stage: Stage,
    /// Certificates whose signatures are checked.
    pub verified: usize,
    /// The keys.
    pub list: KeyList,
    /// Parts of the input that are no certificates.
    pub rejected: Vec<Rejected>,
    /// What in folders is no key material.
    pub passed_over: Vec<PassedOver>,
    /// What should be told.
    pub findings: Vec<Finding>,
    /// Revocations that stood alone.
    pub lone: Vec<LoneRevocation>,
    /// The chosen finding.
    pub findings_at: usize,
    /// The first finding on the screen.
    pub findings_top: usize,
    /// The workspace, or what stands for one.
    pub managed: Option<Managed>,
    /// What can be begun, and what is under way.
    pub ceremonies: Ceremonies,
    /// The run that is open here.
    pub held: Option<Box<Held>>,
    /// Whether the run wants something that no frame has shown yet: what was
    /// typed until then was not meant for it.
    pub is_unseen: bool,
    /// What lies where, as far as the record does not say it.
    pub custody: Custody,
    /// What users of each target get.
    pub publications: Publications,
    /// How many runs were opened.
    pub runs: u64,
    /// The log of what was done.
    pub audit: Audit,
    /// What the timeline shows.
    pub window: Window,
    /// The first line of the settings on the screen.
    pub settings_top: usize,
    /// The page of one key.
    pub detail: Option<Detail>,
    /// The closer look.
    pub look: Option<Look>,
    /// The chosen row of the welcome screen.
    pub welcome: usize,
    /// Whether the welcome screen was there before.
    pub has_welcome: bool,
    /// What was typed as a path on it.
    pub typed_path: String,
    /// The user's `GnuPG` home.
    pub gnupg_home: Option<std::path::PathBuf>,
    /// The user's home folder, for paths that begin with `~`.
    pub home: Option<std::path::PathBuf>,
    /// The present folder.
    pub here: std::path::PathBuf,
    /// The message at the foot.
    pub message: Option<Message>,
    /// All messages of this session.
    pub messages: Vec<Message>,
    /// All comparisons of this session.
    pub comparisons: Comparisons,
    /// The demo's tip that is shown.
    pub tip: Option<usize>,
    /// How dates are written.
    pub dates: Dates,
}

/// What a new model needs to know of the world.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The instant about which everything speaks.
    pub now: Timestamp,
    /// Whether that instant follows the clock.
    pub clock_runs: bool,
    /// The rules of today's verifiers.
    pub cutoffs: Cutoffs,
    /// The user's `GnuPG` home.
    pub gnupg_home: Option<std::path::PathBuf>,
    /// The user's home folder.
    pub home: Option<std::path::PathBuf>,
    /// The present folder.
    pub here: std::path::PathBuf,
}

impl Model {
    /// A console that has just been opened.
    #[must_use]
    pub fn new(setting: Setting, skin: Skin, keymap: KeyMap, opening: &Opening) -> Self {
        let (place, screen, tip) = match opening {
            Opening::Welcome => (Place::Welcome, Screen::Welcome, None),
            Opening::Demo => (Place::Demo, Screen::Dashboard, Some(0)),
            Opening::View(_) | Opening::Found(_) => (Place::View, Screen::Dashboard, None),
            Opening::Workspace { .. } => (Place::Workspace, Screen::Dashboard, None),
        };
        Self {
            now: setting.now,
            clock_runs: setting.clock_runs,
            monotonic: Duration::ZERO,
            cutoffs: setting.cutoffs,
            skin,
            keymap,
            size: (80, 24),
            place,
            screen,
            layers: Vec::new(),
            inputs: Vec::new(),
            reading: 0,
            incoming: None,
            quiet: None,
            stage: Stage::Idle,
            verified: 0,
            list: KeyList::default(),
            rejected: Vec::new(),
            passed_over: Vec::new(),
            findings: Vec::new(),
            lone: Vec::new(),
            findings_at: 0,
            findings_top: 0,
            managed: Managed::of(opening),
            ceremonies: Ceremonies::default(),
            held: None,
            is_unseen: false,
            custody: Custody::default(),
            publications: Publications::default(),
            runs: 0,
            audit: Audit::default(),
            window: Window::default(),
            settings_top: 0,
            detail: None,
            look: None,
            welcome: 0,
            has_welcome: *opening == Opening::Welcome,
            typed_path: String::new(),
            gnupg_home: setting.gnupg_home,
            home: setting.home,
            here: setting.here,
            message: None,
            messages: Vec::new(),
            comparisons: Comparisons::default(),
            tip,
            dates: Dates::default(),
        }
    }

    /// The same console on something else: how it looks and what must not be
    /// forgotten stays.
    #[must_use]
    pub fn reopened(&self, setting: Setting, opening: &Opening) -> Self {
        Self {
            size: self.size,
            // What an abandoned reading still sends must not be taken for
            // news of the next one.
            reading: self.reading,
            runs: self.runs,
            monotonic: self.monotonic,
            message: self.message.clone(),
            messages: self.messages.clone(),
            comparisons: self.comparisons.clone(),
            has_welcome: self.has_welcome,
            typed_path: self.typed_path.clone(),
            welcome: self.welcome,
            ..Self::new(setting, self.skin, self.keymap.clone(), opening)
        }
    }

    /// The scopes whose keys are live, the innermost first.
    #[must_use]
    pub fn scopes(&self) -> Vec<Scope> {
        match self.layers.last() {
            Some(layer) => layer.scopes(),
            None => self.screen_scopes(),
        }
    }

    /// The scopes of the screen, whatever lies over it.
    #[must_use]
    pub fn screen_scopes(&self) -> Vec<Scope> {
        match self.screen {
            Screen::Dashboard | Screen::Keys => {
                vec![Scope::List, Scope::Screens, Scope::Everywhere]
            }
            Screen::Detail => vec![Scope::Detail, Scope::Screens, Scope::Everywhere],
            Screen::Welcome => vec![Scope::Welcome, Scope::Everywhere],
            Screen::Findings => vec![Scope::Findings, Scope::Screens, Scope::Everywhere],
            Screen::Timeline => vec![Scope::Timeline, Scope::Screens, Scope::Everywhere],
            Screen::Ceremonies => vec![Scope::Ceremonies, Scope::Screens, Scope::Everywhere],
            Screen::Audit => vec![Scope::Audit, Scope::Screens, Scope::Everywhere],
            // A run takes the whole screen: no key leads away by mistake.
            Screen::Run if self.is_typing() => vec![Scope::RunField, Scope::Text],
            Screen::Run if self.wants_typing() => vec![Scope::RunTyping],
            Screen::Run => vec![Scope::Run],
            Screen::Custody => vec![Scope::Custody, Scope::Screens, Scope::Everywhere],
            Screen::Publications => {
                vec![Scope::Publications, Scope::Screens, Scope::Everywhere]
            }
            Screen::Settings | Screen::Later(_) => {
                vec![Scope::Screens, Scope::Everywhere]
            }
        }
    }

    fn is_typing(&self) -> bool {
        self.held.as_ref().is_some_and(|held| held.busy.is_none() && held.is_typing())
    }

    /// Whether something is typed as soon as a button has opened where: until
    /// then letters must do nothing.
    fn wants_typing(&self) -> bool {
        let view = self.held.as_ref().and_then(|held| held.view.as_ref());
        view.is_some_and(|view| matches!(view.prompt, Prompt::Secret { .. } | Prompt::Confirm(_)))
    }

    /// Whether something is being done that must not be cut off.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.held.as_ref().is_some_and(|held| held.busy.is_some())
    }

    /// Whether the screen changes with time alone.
    #[must_use]
    pub fn is_restless(&self) -> bool {
        self.is_busy() || matches!(self.layers.last(), Some(Layer::Confirm(_)))
    }

    /// The certificate and key that actions apply to.
    #[must_use]
    pub fn target(&self) -> Option<(&Item, usize)> {
        match (self.screen, &self.detail) {
            (Screen::Detail, Some(detail)) => {
                Some((self.list.item(&detail.fingerprint)?, detail.key))
            }
            (Screen::Dashboard | Screen::Keys, _) => self.list.selection(),
            _ => None,
        }
    }

    /// The fingerprint that actions apply to.
    #[must_use]
    pub fn target_fingerprint(&self) -> Option<Fingerprint> {
        let (item, key) = self.target()?;
        let of_key = item
            .assessment
            .as_ref()
            .and_then(|assessment| assessment.certificate.keys().nth(key))
            .map(|key| key.fingerprint);
        Some(of_key.unwrap_or(item.listed.fingerprint))
    }

    /// Shows a message until the next key and keeps it.
    pub fn say(&mut self, level: Level, text: impl Into<String>) {
        let message = Message { at: self.now, level, text: text.into() };
        self.messages.push(message.clone());
        self.message = Some(message);
    }
}
