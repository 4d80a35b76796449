//! Somebody who holds ceremonies without getting tired: answers every
//! question, takes media out and puts them in, and types what is to be typed.

mod answers;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use keyrite::adapters::ceremony::{CeremonyHands, Machine};
use keyrite::adapters::environment::Environment;
use keyrite::adapters::record::FileRecord;
use keyrite::adapters::runs::{self, OpenJournal, RunFolder};
use keyrite::adapters::slots::Access;
use keyrite::app::App;
use keyrite::domain::worded::Worded as _;
use keyrite::domain::workspace::Environment as Stake;
use keyrite::engine::chain::Digest;
use keyrite::engine::definition::{Ceremony, Class};
use keyrite::engine::effect::Values;
use keyrite::engine::event::{Event, Remark};
use keyrite::engine::ports::{Hands, Record, Surroundings};
use keyrite::engine::runner::{Ports, Prompt, Refused, Reply, Runner};
use keyrite::engine::secret::Secret;
use tempfile::TempDir;

use super::old_home::OldHome;
use super::tree::copy;

/// What all passphrases of tests are.
pub(crate) const PASSPHRASE: &str = "TEST correct horse battery staple";

/// A rehearsal with its folders.
pub(crate) struct Stage {
    home: TempDir,
    pub(crate) app: App,
    pub(crate) folder: PathBuf,
    /// What is answered otherwise than usual, by step and field.
    pub(crate) otherwise: BTreeMap<&'static str, String>,
    /// With what slots are asked.
    pub(crate) access: Access,
}

/// Puts something between the engine and the world.
pub(crate) type Wrap<'a> =
    &'a dyn Fn(Box<dyn Record>, Box<dyn Hands>) -> (Box<dyn Record>, Box<dyn Hands>);

/// Nothing between them.
pub(crate) fn plainly(
    record: Box<dyn Record>,
    hands: Box<dyn Hands>,
) -> (Box<dyn Record>, Box<dyn Hands>) {
    (record, hands)
}

impl Stage {
    pub(crate) fn new() -> Self {
        let home = quick_folder();
        let folder = home.path().join("team");
        let environment = Environment {
            folder: home.path().to_owned(),
            state: Some(home.path().join("state")),
            ..Environment::default()
        };
        let app = App::new(environment);
        app.found_rehearsal(&folder, "small-team").unwrap();
        Self { home, app, folder, otherwise: BTreeMap::new(), access: Access::default() }
    }

    /// One at which these ceremonies have been held, one after the other.
    pub(crate) fn after(ceremonies: &[&str]) -> Self {
        let stage = Self::new();
        for ceremony in ceremonies {
            stage.hold(ceremony);
        }
        stage
    }

    /// Where it is.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// A copy of everything as it is now.
    pub(crate) fn twin(&self) -> Self {
        let home = quick_folder();
        copy(self.home.path(), home.path());
        // A machine remembers its chains by the place of the workspace: the
        // copy is another machine, which begins a chain of its own.
        let folder = home.path().join("team");
        let environment = Environment {
            folder: home.path().to_owned(),
            state: Some(home.path().join("state")),
            ..Environment::default()
        };
        let otherwise = self.otherwise.clone();
        let access = self.access.clone();
        Self { app: App::new(environment), home, folder, otherwise, access }
    }

    /// A `GnuPG` home with the key that is signed with today, a backup of its
    /// key file, and an export beside it.
    pub(crate) fn old_home(&self) -> OldHome {
        let path = self.home.path().join("gnupg");
        if path.is_dir() {
            return OldHome::at(&path, PASSPHRASE);
        }
        let home = OldHome::make(&path, "ed25519", "2y", PASSPHRASE);
        home.export(&self.export(), true);
        home
    }

    /// An old export of that key.
    pub(crate) fn export(&self) -> PathBuf {
        self.home.path().join("backup.asc")
    }

    pub(crate) fn medium(&self, name: &str) -> PathBuf {
        self.folder.join("media").join(name)
    }

    pub(crate) fn certificate(&self) -> String {
        let name = fs::read_dir(self.folder.join("certs")).unwrap().next().unwrap().unwrap();
        name.path().file_stem().unwrap().to_str().unwrap().to_owned()
    }

    /// The sealed secret of a subkey.
    pub(crate) fn parcel(&self, subkey: &str) -> String {
        let folder = self.medium("parcel");
        format!("{}/keyrite/parcel-{subkey}/{subkey}.key.pgp", folder.display())
    }

    /// The random name of a medium.
    pub(crate) fn id_of(&self, medium: &str) -> String {
        let text = fs::read_to_string(self.medium(medium).join("keyrite/medium.json")).unwrap();
        let name: serde_json::Value = serde_json::from_str(&text).unwrap();
        name["id"].as_str().unwrap().to_owned()
    }

    /// Where the medium of the root with that name is.
    pub(crate) fn medium_of(&self, id: &str) -> String {
        let media = ["root-a", "root-b"].map(|name| self.medium(name));
        let is_it = |medium: &&PathBuf| {
            let name = fs::read_to_string(medium.join("keyrite/medium.json"));
            name.unwrap().contains(id)
        };
        media.iter().find(is_it).unwrap().to_str().unwrap().to_owned()
    }

    /// Waits until what is signed next is younger than the certificate.
    fn grow_older(&self) {
        let path = self.folder.join("certs").join(format!("{}.asc", self.certificate()));
        let seconds = |at: SystemTime| at.duration_since(UNIX_EPOCH).unwrap().as_secs();
        let made = seconds(fs::metadata(path).unwrap().modified().unwrap());
        while seconds(SystemTime::now()) <= made {
            std::thread::yield_now();
        }
    }

    pub(crate) fn subkey(&self) -> String {
        let world = self.app.world(&self.folder).unwrap();
        world.certificates[0].certificate.subkeys[0].fingerprint.hex()
    }

    /// Begins a run of that ceremony.
    pub(crate) fn begin(
        &self,
        ceremony: &'static Ceremony,
        wrap: Wrap<'_>,
    ) -> Result<Runner, Refused> {
        let mut machine = Machine::new();
        let mut chance = [0; 5];
        machine.random(&mut chance).unwrap();
        let id = runs::new_id(machine.moment().at, chance);
        let run = RunFolder::create(&self.folder, &id).unwrap();
        let journal = OpenJournal::begin(&run).unwrap();
        let opened = Event::Opened {
            ceremony: ceremony.id.to_owned(),
            version: ceremony.version,
            environment: Stake::Rehearsal.word().to_owned(),
            operator: "driver".to_owned(),
            team: "TEST".to_owned(),
            quorum: 1,
            policy: "small-team".to_owned(),
            workspace: Digest::ZERO,
            given: Values::new(),
        };
        let ports = self.ports(run, &id, journal, wrap);
        Runner::begin(ceremony, &id, opened, ports)
    }

    /// Takes a run up again, as another process would.
    pub(crate) fn resume(
        &self,
        ceremony: &'static Ceremony,
        id: &str,
        wrap: Wrap<'_>,
    ) -> Result<Runner, Refused> {
        let run = RunFolder::find(&self.folder, id).unwrap();
        let (journal, found) = patiently(|| OpenJournal::open(&run));
        let log = patiently(|| self.app.audit_log(&self.folder, "driver"));
        let mut record = FileRecord::new(id, journal, log);
        record.catch_up(&found.journal, Machine::new().moment().at).unwrap();
        let ports = self.wrapped(run, record, wrap);
        Runner::resume(ceremony, found.journal, "driver", found.torn, ports)
    }

    fn ports(&self, run: RunFolder, id: &str, journal: OpenJournal, wrap: Wrap<'_>) -> Ports {
        let log = patiently(|| self.app.audit_log(&self.folder, "driver"));
        self.wrapped(run, FileRecord::new(id, journal, log), wrap)
    }

    fn wrapped(&self, run: RunFolder, record: FileRecord, wrap: Wrap<'_>) -> Ports {
        let (app, folder) = (self.app.clone(), self.folder.clone());
        let read = Box::new(move || app.world(&folder).map_err(|error| error.to_string()));
        let process = self.app.environment();
        let access = Access { workspace: self.folder.clone(), ..self.access.clone() };
        let hands = CeremonyHands::new(access, Stake::Rehearsal, run, process, read);
        let (record, hands) = wrap(Box::new(record), Box::new(hands));
        Ports { record, hands, surroundings: Box::new(Machine::new()) }
    }

    /// Answers one prompt.
    pub(crate) fn fly(&self, runner: &mut Runner) -> Result<(), Refused> {
        let ceremony = runner.run().ceremony.id;
        let place = runner.step().map(|(_, at)| at.as_str().to_owned()).unwrap_or_default();
        let reply = match runner.prompt() {
            Prompt::Ask(asked) => Reply::Answers(
                asked
                    .iter()
                    .map(|one| {
                        let id = one.field.id;
                        let drawn = runner.run().fact("draw.id", None);
                        let said = match drawn {
                            Some(drawn) if id == "root" => self.medium_of(&drawn.text()),
                            _ => self.answer(ceremony, &place, id, &one.offer),
                        };
                        (id.to_owned(), said.into())
                    })
                    .collect(),
            ),
            Prompt::Confirm(confirmation) => Reply::Typed(typed(&confirmation)),
            Prompt::Secret { secret, .. } => {
                Reply::Secret { secret: passphrase(), again: secret.is_new.then(passphrase) }
            }
            Prompt::Wait { path, comes_back } => {
                let away = format!("{path}.away");
                let (from, to) = if comes_back { (&away, &path) } else { (&path, &away) };
                if Path::new(from).exists() {
                    fs::rename(from, to).unwrap();
                }
                Reply::Go
            }
            Prompt::Perform(_) if place.starts_with("extend") => {
                self.grow_older();
                Reply::Go
            }
            Prompt::Halted { remarks, .. } => panic!("{place} is halted: {remarks:?}"),
            Prompt::Check
            | Prompt::Plan { .. }
            | Prompt::Perform(_)
            | Prompt::Doubt(_)
            | Prompt::Close => Reply::Go,
            Prompt::Paused | Prompt::Ended(_) => return Ok(()),
        };
        runner.reply(reply)
    }

    /// Goes on to the end.
    pub(crate) fn land(&self, runner: &mut Runner) -> Result<(), Refused> {
        for _ in 0..200 {
            if matches!(runner.prompt(), Prompt::Ended(_)) {
                return Ok(());
            }
            self.fly(runner)?;
            let last = runner.journal().entries().last().map(|entry| &entry.event);
            if let Some(Event::Failed { error, .. }) = last {
                panic!("it failed: {error}");
            }
        }
        panic!("it does not end: {:?}", runner.prompt());
    }

    /// Holds a whole ceremony.
    pub(crate) fn hold(&self, id: &str) -> Runner {
        let ceremony = keyrite::engine::catalog::find(id).unwrap();
        let mut runner = self.begin(ceremony, &plainly).unwrap();
        self.land(&mut runner).unwrap();
        runner
    }
}

/// Goes on until something stops the run; returns what it says.
pub(crate) fn stopped(stage: &Stage, runner: &mut Runner) -> Vec<Remark> {
    for _ in 0..200 {
        if let Prompt::Halted { remarks, .. } = runner.prompt() {
            return remarks;
        }
        assert!(!matches!(runner.prompt(), Prompt::Ended(_)), "nothing has stopped it");
        stage.fly(runner).unwrap();
    }
    panic!("it goes on and on");
}

/// Goes on until the step of that name is next.
pub(crate) fn until(stage: &Stage, runner: &mut Runner, step: &str) {
    for _ in 0..200 {
        if runner.step().is_some_and(|(_, at)| at.as_str() == step) {
            return;
        }
        stage.fly(runner).unwrap();
    }
    panic!("'{step}' never comes");
}

/// What has to be typed, as somebody would who reads it.
pub(crate) fn typed(confirmation: &keyrite::engine::run::Confirmation) -> Vec<String> {
    let digits = confirmation.subject.trim_start_matches("sha256:");
    let half = digits.len() / 2;
    match confirmation.typings.len() {
        0 => Vec::new(),
        1 if confirmation.class == Class::C1 => vec![digits.to_owned()],
        1 => vec![digits[digits.len() - 8..].to_owned()],
        _ => [digits[..half].to_owned(), digits[half..].to_owned()]
            .into_iter()
            .chain(confirmation.place.clone())
            .collect(),
    }
}

pub(crate) fn passphrase() -> Secret {
    Secret::take(&mut PASSPHRASE.as_bytes().to_vec()).unwrap()
}

/// In memory, where there is such a folder: what syncing costs is not the
/// question of the tests that use this.
fn quick_folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

/// Something that wrappers share with a test.
pub(crate) type Shared<T> = Arc<Mutex<T>>;

/// A process that another test has just forked holds this one's locks until it
/// has become another program.
fn patiently<T, E: std::fmt::Debug>(mut open: impl FnMut() -> Result<T, E>) -> T {
    for _ in 0..100_000 {
        if let Ok(opened) = open() {
            return opened;
        }
        std::thread::yield_now();
    }
    open().unwrap()
}
