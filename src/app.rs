//! The composition root: the only module that names concrete adapters.
//!
//! Both front ends talk to this and to nothing below it that is impure.

mod account;
mod audit;
mod carry;
mod ceremony;
pub mod conduct;
mod demo;
#[cfg(feature = "network")]
mod drift;
pub mod exit;
mod host;
pub mod look;
mod own_keys;
mod published;
mod rehearsal;
mod signing;
mod slots;
mod team;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Sender;

use crate::adapters::clock::{Clock, Stopwatch};
use crate::adapters::environment::Environment;
use crate::adapters::intake::{self, Shelf};

use crate::adapters::openpgp;
use crate::adapters::profiles;
use crate::adapters::slots::Access;
use crate::adapters::workspace;
use crate::domain::cutoff::Cutoffs;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::inspection::Inspection;
use crate::domain::plan::Team;
use crate::domain::timestamp::Timestamp;
use crate::engine::notice::Notices;
use crate::engine::reading::{Reading, ReadingEvent};

pub use self::account::TRANSCRIPT;
pub use self::audit::{AuditError, CheckpointError, Checkpointed};
pub use self::carry::{
    CarryingError, Incoming, LOG as CARRIED_LOG, Outgoing, Recalled, Sent, Taken,
};
pub use self::ceremony::{Beginning, CeremonyError, Listed, RunState};
pub use self::demo::{demo_custody, demo_drift};
pub use self::signing::{Signature, Signing, SigningError, Told};
pub use self::slots::Slots;
pub use self::team::{NewWorkspace, policy};
pub use crate::adapters::carry::CarryError;
pub use crate::adapters::credential_store::CredentialError;
pub use crate::adapters::digest::of_file as file_digest;
pub use crate::adapters::keyboard::forget_typed;
pub use crate::adapters::merge::{MergeError, Sides};
pub use crate::adapters::merge_driver::{InstallError, Installed};
pub use crate::adapters::openpgp::UnionError;
pub use crate::adapters::own_keys::{AskedBy, KeyPlace, OwnKey, OwnKeyError, OwnKeys};
pub use crate::adapters::profiles::{ProfileError, names as profile_names};
pub use crate::adapters::secret_source::SecretSource;
pub use crate::adapters::sources::Input;
pub use crate::adapters::workspace::{Brought, Declaration, WorkspaceError};

/// The public certificates of the demo.
const DEMO_KEYRING: &[u8] = include_bytes!("../assets/demo/keyring.pgp");

/// What the demo declares of them.
const DEMO_WORKSPACE: &str = include_str!("../assets/demo/keyrite.toml");

/// The rules for keys that are only looked at.
const UNSAVED_PROFILE: &str = "small-team";

/// The instant at which the demo's clock stands: 2026-11-20T14:02:00Z.
pub const DEMO_NOW: Timestamp = Timestamp::from_unix(1_795_183_320);

/// What the console is opened on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// The choices for somebody who has no workspace here.
    Welcome,
    /// The made-up keys.
    Demo,
    /// Keys that exist, read-only.
    View(Vec<Input>),
    /// The same, to make a workspace of them.
    Found(Vec<Input>),
    /// A workspace.
    Workspace {
        /// Its folder.
        folder: PathBuf,
        /// What its file says.
        declaration: Box<Declaration>,
    },
}

impl Opening {
    /// What is read for it.
    #[must_use]
    pub fn inputs(&self) -> Vec<Input> {
        match self {
            Self::Welcome => Vec::new(),
            Self::Demo => vec![Input::Embedded { name: "demo", bytes: DEMO_KEYRING }],
            Self::View(inputs) | Self::Found(inputs) => inputs.clone(),
            Self::Workspace { folder, .. } => vec![Input::Path(App::certificates_of(folder))],
        }
    }

    /// The folder of the workspace.
    #[must_use]
    pub fn folder(&self) -> Option<&PathBuf> {
        match self {
            Self::Workspace { folder, .. } => Some(folder),
            Self::Welcome | Self::Demo | Self::View(_) | Self::Found(_) => None,
        }
    }

    /// What is declared of it: keys that are looked at are held against the
    /// rules of a small team.
    #[must_use]
    pub fn declaration(&self) -> Option<Declaration> {
        match self {
            Self::Welcome => None,
            Self::Demo => workspace::of_text(DEMO_WORKSPACE).ok(),
            Self::View(_) | Self::Found(_) => {
                let policy = profiles::load(UNSAVED_PROFILE).ok()?;
                let team = Team::of_profile("not saved", policy);
                Some(Declaration { team, text: String::new() })
            }
            Self::Workspace { declaration, .. } => Some((**declaration).clone()),
        }
    }
}

/// Everything a front end can ask for.
#[derive(Clone, Debug)]
pub struct App {
    environment: Arc<Environment>,
    clock: Clock,
    verifiers: Clock,
    stopwatch: Stopwatch,
    shelf: Shelf,
    access: Arc<Access>,
}

impl App {
    /// The program on the system's clock.
    #[must_use]
    pub fn new(environment: Environment) -> Self {
        Self {
            environment: Arc::new(environment),
            clock: Clock::System,
            verifiers: Clock::System,
            stopwatch: Stopwatch::start(),
            shelf: Shelf::default(),
            access: Arc::default(),
        }
    }

    /// The same, asking about another day. The cut-offs of verifiers stay
    /// those of today.
    #[must_use]
    pub fn at(self, at: Timestamp) -> Self {
        Self { clock: Clock::Stopped(at), ..self }
    }

    /// The demo: its clock stands still.
    #[must_use]
    pub fn demo(self) -> Self {
        Self { clock: Clock::Stopped(DEMO_NOW), verifiers: Clock::Stopped(DEMO_NOW), ..self }
    }

    /// The same, with what slots are asked with.
    #[must_use]
    pub fn with_access(self, access: Access) -> Self {
        Self { access: Arc::new(access), ..self }
    }

    /// The same, telling there when a slot is asked once more.
    #[must_use]
    pub fn telling(self, notices: Notices) -> Self {
        let access = Access { notices, ..(*self.access).clone() };
        self.with_access(access)
    }

    /// With what the slots of a workspace are asked.
    fn access(&self, folder: &Path) -> Access {
        Access { workspace: folder.to_owned(), ..(*self.access).clone() }
    }

    /// What was found in the environment.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The instant about which questions are asked.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Time since some fixed instant, for pacing only.
    #[must_use]
    pub fn monotonic(&self) -> std::time::Duration {
        self.stopwatch.elapsed()
    }

    /// Whether the clock runs.
    #[must_use]
    pub fn clock_runs(&self) -> bool {
        self.clock == Clock::System
    }

    /// The rules of today's verifiers.
    #[must_use]
    pub fn cutoffs(&self) -> Cutoffs {
        Cutoffs::as_of(self.verifiers.now())
    }

    /// All copies of a certificate that was read, merged, in ASCII armor.
    pub fn armored(&self, fingerprint: &Fingerprint) -> Result<String, String> {
        openpgp::armor(&self.shelf.copies(fingerprint)).map_err(|error| error.to_string())
    }

    /// Reads `inputs` and returns when all is verified.
    #[must_use]
    pub fn read(&self, inputs: &[Input]) -> Reading {
        let (sender, events) = std::sync::mpsc::channel();
        intake::read(inputs, &self.shelf, &|event| {
            let _ = sender.send(event);
        });
        drop(sender);
        let mut reading = Reading::begin();
        for event in events {
            reading.apply(event);
        }
        reading
    }

    /// Reads `inputs` in the background; `report` gets the events.
    pub fn start_reading<E: Send + 'static>(
        &self,
        inputs: Vec<Input>,
        report: Sender<E>,
        event: impl Fn(ReadingEvent) -> E + Send + Sync + 'static,
    ) {
        let shelf = self.shelf.clone();
        self.background(move || {
            intake::read(&inputs, &shelf, &|happened| {
                let _ = report.send(event(happened));
            });
        });
    }

    /// Takes a closer look at a certificate, in the background.
    pub fn start_inspection<E: Send + 'static>(
        &self,
        fingerprint: Fingerprint,
        report: Sender<E>,
        event: impl FnOnce(Result<Inspection, String>) -> E + Send + 'static,
    ) {
        let shelf = self.shelf.clone();
        self.background(move || {
            let copies = shelf.copies(&fingerprint);
            let inspection = openpgp::inspect(&copies, &|issuer| shelf.of_issuer(issuer))
                .map_err(|error| error.to_string());
            let _ = report.send(event(inspection));
        });
    }

    /// Runs `job` on a thread of its own.
    pub fn background(&self, job: impl FnOnce() + Send + 'static) {
        #[expect(clippy::disallowed_methods, reason = "app owns the threads")]
        std::thread::spawn(job);
    }
}
