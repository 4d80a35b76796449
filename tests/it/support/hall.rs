//! The real binary holding ceremonies line by line: its prompts are read as
//! they come, and answered as somebody would who does not get tired.

mod answers;

use std::fs;
use std::io::Write as _;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::io::{FdFlags, fcntl_setfd};
use tempfile::TempDir;

use super::old_home::OldHome;
use super::pilot::PASSPHRASE;
use super::program::{BINARY, Outcome, finish};
use super::sitting::PATIENCE;
pub(crate) use super::sitting::{Answer, Prompt, Sat, Sitting, label, subject};

/// Prompts of one sitting, at the most.
const PROMPTS: usize = 300;

/// A rehearsal in a home of its own.
pub(crate) struct Hall {
    home: TempDir,
    /// The keyrite that is tried.
    binary: String,
    /// Set before every program that is started here.
    pub(crate) variables: Vec<(String, String)>,
    /// Where media are mounted, where that is not in the workspace.
    media: Option<PathBuf>,
}

impl Hall {
    pub(crate) fn new() -> Self {
        Self::of(BINARY)
    }

    /// A rehearsal with that keyrite.
    pub(crate) fn of(binary: &str) -> Self {
        let hall = Self::empty(binary);
        let made = hall.run(&["ceremony", "rehearse", "team"]);
        assert_eq!(made.code, Some(0), "{made:?}");
        hall
    }

    /// Another machine, on which the same media are mounted at the same
    /// places.
    pub(crate) fn beside(first: &Self) -> Self {
        let mut hall = Self::empty(BINARY);
        hall.media = Some(first.path("team/media"));
        hall
    }

    fn empty(binary: &str) -> Self {
        // Kills are no power cuts, so that a folder in memory does.
        let memory = Path::new("/dev/shm");
        let home = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let (home, variables) = (home.unwrap(), Vec::new());
        let hall = Self { home, binary: binary.to_owned(), variables, media: None };
        fs::create_dir(hall.path("runtime")).unwrap();
        fs::create_dir(hall.path("tmp")).unwrap();
        hall
    }

    /// The same after a ceremony.
    pub(crate) fn after(ceremony: &str) -> Self {
        let hall = Self::new();
        hall.hold(ceremony);
        hall
    }

    /// A `GnuPG` home with the key that is signed with today, and an export of
    /// it beside.
    pub(crate) fn old_home(&self) -> OldHome {
        let path = self.path("gnupg");
        if path.is_dir() {
            return OldHome::at(&path, PASSPHRASE);
        }
        let home = OldHome::make(&path, "ed25519", "2y", PASSPHRASE);
        home.export(&self.path("backup.asc"), false);
        home
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub(crate) fn medium(&self, name: &str) -> PathBuf {
        self.media.clone().unwrap_or_else(|| self.path("team/media")).join(name)
    }

    /// The certificates of the workspace, by their fingerprints.
    pub(crate) fn certificates(&self) -> Vec<String> {
        names(&self.path("team/certs"))
            .iter()
            .filter_map(|name| name.strip_suffix(".asc").map(str::to_owned))
            .collect()
    }

    /// Where the medium is that the lot has drawn.
    fn drawn(&self) -> String {
        let run = self.folder_of(&self.run_of("recovery-drill"));
        let text = fs::read_to_string(run.join("journal.jsonl")).unwrap();
        let lines = text.lines().filter_map(|line| serde_json::from_str(line).ok());
        let drawn = |line: serde_json::Value| {
            let receipt = &line["body"]["receipt"];
            receipt["known"].as_array()?;
            receipt["id"].as_str().map(str::to_owned)
        };
        let id = lines.filter_map(drawn).next_back().unwrap();
        let media = ["root-a", "root-b"].map(|name| self.medium(name));
        let is_it = |medium: &&PathBuf| {
            fs::read_to_string(medium.join("keyrite/medium.json")).unwrap().contains(&id)
        };
        media.iter().find(is_it).unwrap().to_str().unwrap().to_owned()
    }

    /// The random name of a medium.
    fn id_of(&self, medium: &str) -> String {
        let text = fs::read_to_string(self.medium(medium).join("keyrite/medium.json")).unwrap();
        let name: serde_json::Value = serde_json::from_str(&text).unwrap();
        name["id"].as_str().unwrap().to_owned()
    }

    /// The subkey of the parcel.
    pub(crate) fn subkey(&self) -> String {
        let sets = names(&self.medium("parcel/keyrite"));
        let parcel = sets.iter().find_map(|name| name.strip_prefix("parcel-"));
        parcel.unwrap().to_owned()
    }

    /// The runs of the workspace.
    pub(crate) fn runs(&self) -> Vec<serde_json::Value> {
        let listed = self.run(&["ceremony", "runs", "--json", "--in", "team"]);
        listed.json()["runs"].as_array().unwrap().clone()
    }

    /// The only run of a ceremony.
    pub(crate) fn run_of(&self, ceremony: &str) -> String {
        let runs = self.runs();
        let mut of = runs.iter().filter(|run| run["ceremony"] == ceremony);
        let run = of.next().unwrap_or_else(|| panic!("no run of {ceremony}: {runs:?}"));
        run["id"].as_str().unwrap().to_owned()
    }

    /// The folder of a run.
    pub(crate) fn folder_of(&self, run: &str) -> PathBuf {
        self.path("team/runs").join(run)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.home.path())
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", "/usr/bin:/bin")
            .env("XDG_RUNTIME_DIR", self.path("runtime"))
            .env("TMPDIR", self.path("tmp"))
            .env("LANG", "C.UTF-8")
            .env("TERM", "xterm-256color")
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs keyrite to its end, without input.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        self.run_with(arguments, "")
    }

    /// The same, with that on its standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Outcome {
        self.run_behind(&[], arguments, input)
    }

    /// The same, behind the words of `prefix`.
    pub(crate) fn run_behind(&self, prefix: &[&str], arguments: &[&str], input: &str) -> Outcome {
        let words = [prefix, &[self.binary.as_str()], arguments].concat();
        let mut command = self.command(words[0]);
        command.args(&words[1..]);
        finish(command, input.as_bytes(), PATIENCE).expect("it hangs")
    }

    /// Starts keyrite behind the words of `prefix`, to be talked to.
    pub(crate) fn spawn(&self, prefix: &[&str], arguments: &[&str]) -> Child {
        let words = [prefix, &[self.binary.as_str()], arguments].concat();
        let mut command = self.command(words[0]);
        command.args(&words[1..]).stdin(Stdio::piped()).stdout(Stdio::piped());
        command.stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Begins a ceremony behind the words of `prefix`.
    pub(crate) fn start(&self, prefix: &[&str], ceremony: &str) -> Sitting {
        self.sit(prefix, &["start", ceremony], &[PASSPHRASE; 24])
    }

    /// Takes a run up, or the newest one.
    pub(crate) fn resume(&self, prefix: &[&str], run: Option<&str>) -> Sitting {
        let words: Vec<_> = ["resume"].into_iter().chain(run).collect();
        self.sit(prefix, &words, &[PASSPHRASE; 24])
    }

    /// Starts a sitting, with these lines where passphrases are read.
    pub(crate) fn sit(&self, prefix: &[&str], words: &[&str], lines: &[&str]) -> Sitting {
        let (reader, mut writer) = std::io::pipe().unwrap();
        for line in lines {
            writeln!(writer, "{line}").unwrap();
        }
        drop(writer);
        fcntl_setfd(&reader, FdFlags::empty()).unwrap();
        let number = reader.as_raw_fd().to_string();
        let mut all = prefix.to_vec();
        all.extend([self.binary.as_str(), "ceremony"]);
        all.extend_from_slice(words);
        all.extend(["--in", "team", "--passphrase-fd", &number]);
        let mut command = self.command(all[0]);
        command.args(&all[1..]);
        Sitting::begin(command)
    }

    /// Answers everything until the program ends.
    pub(crate) fn pilot(&self, sitting: Sitting) -> Sat {
        self.pilot_with(sitting, &mut |_| Answer::Usual)
    }

    /// The same, where `other` may answer otherwise.
    pub(crate) fn pilot_with(
        &self,
        mut sitting: Sitting,
        other: &mut dyn FnMut(&Prompt) -> Answer,
    ) -> Sat {
        for _ in 0..PROMPTS {
            let Some(prompt) = sitting.prompt() else { return sitting.end() };
            match other(&prompt) {
                Answer::Say(text) => sitting.say(&text),
                Answer::Leave => sitting.leave(),
                Answer::Usual if prompt.label.starts_with("mend it") => sitting.leave(),
                Answer::Usual => sitting.say(&self.answer(&prompt)),
            }
        }
        panic!("it does not end:\n{}", sitting.said);
    }

    /// Holds a whole ceremony.
    pub(crate) fn hold(&self, ceremony: &str) -> Sat {
        let sat = self.pilot(self.start(&[], ceremony));
        assert!(sat.status.success(), "{sat:#?}");
        sat
    }

    /// Goes on with what is open, or begins: what somebody does who comes back.
    pub(crate) fn go_on(&self, ceremony: &str) -> Sat {
        let is_open = self.runs().iter().any(|run| {
            run["ceremony"] == ceremony
                && matches!(run["state"].as_str(), Some("paused" | "halted"))
        });
        let is_closed = self
            .runs()
            .iter()
            .any(|run| run["ceremony"] == ceremony && run["state"].as_str() == Some("closed"));
        let sitting = match (is_open, is_closed) {
            (true, _) => self.resume(&[], None),
            (false, true) => self.resume(&[], Some(&self.run_of(ceremony))),
            (false, false) => self.start(&[], ceremony),
        };
        self.look_again(sitting)
    }

    /// The same, for a run that something stopped which is mended now.
    pub(crate) fn look_again(&self, sitting: Sitting) -> Sat {
        let mut looks = 1;
        self.pilot_with(sitting, &mut |prompt| {
            if !prompt.label.starts_with("mend it") || looks == 0 {
                return Answer::Usual;
            }
            looks -= 1;
            Answer::Say(String::new())
        })
    }

    /// A keyrite that was killed could not ask the agent of its trial to leave.
    pub(crate) fn dismiss_agents(&self) {
        let homes = names(&self.path("runtime")).into_iter();
        let homes = homes.map(|name| self.path("runtime").join(name));
        for home in homes.chain([self.path("gnupg")].into_iter().filter(|home| home.is_dir())) {
            let mut end = self.command("gpgconf");
            let _ = end.args(["--kill", "all"]).env("GNUPGHOME", home).output();
        }
    }
}

impl Drop for Hall {
    fn drop(&mut self) {
        self.dismiss_agents();
    }
}

/// The names in a folder, in their order.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<_> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
