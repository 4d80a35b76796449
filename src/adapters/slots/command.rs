//! A program of the user that takes the value on its standard input, and puts
//! it where a consumer finds it: kubeseal, sops, `hiera-eyaml`, Zuul's
//! `encrypt_secret`.
//!
//! Exactly the file that was hashed is started: by its open descriptor, so
//! that no other can take its name in between.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rustix::io::{FdFlags, fcntl_setfd};

use super::files::trouble;
use super::screen;
use crate::adapters::environment;
use crate::adapters::process::{self, Bounds};
use crate::adapters::sources;
use crate::domain::text::VisibleText;
use crate::engine::chain::Digest;
use crate::engine::place::PlaceError;
use crate::engine::slot::{
    Abilities, Found, Observation, Promote, Promotion, Put, ReadBack, Slot, SlotValue,
};

/// How long it may take, and how much of what it says is kept.
const BOUNDS: Bounds = Bounds { time: Duration::from_mins(2), room: 8 * 1024 };
/// More than any subkey with its certificate, in bytes.
const LIMIT: usize = 1024 * 1024;

/// A program.
pub(super) struct CommandSlot {
    place: String,
    argv: Vec<String>,
    digest: String,
    variables: Vec<String>,
}

impl CommandSlot {
    /// Nothing is started yet.
    pub(super) fn new(
        place: &str,
        argv: &[String],
        digest: &str,
        variables: &[String],
    ) -> Result<Self, PlaceError> {
        let slot = Self {
            place: place.to_owned(),
            argv: argv.to_vec(),
            digest: digest.to_ascii_lowercase(),
            variables: variables.to_vec(),
        };
        if !argv.first().is_some_and(|program| program.starts_with('/')) {
            return Err(slot.unfit("its argv has to begin with the whole path of the program"));
        }
        if slot.digest.len() != 64 || !slot.digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(slot.unfit("its digest has to be the SHA-256 of the program: sha256sum"));
        }
        Ok(slot)
    }

    fn unfit(&self, why: &str) -> PlaceError {
        PlaceError::Unfit { place: self.place.clone(), why: why.to_owned() }
    }

    fn unable(&self, what: &'static str) -> PlaceError {
        PlaceError::Unable { place: self.place.clone(), what }
    }

    fn io(&self, error: &std::io::Error) -> PlaceError {
        trouble(&self.place, error)
    }

    fn path(&self) -> &str {
        self.argv.first().map_or("", String::as_str)
    }

    /// The program, open, once it was found to be the declared one.
    fn program(&self) -> Result<File, PlaceError> {
        let other = |found: &str| PlaceError::OtherPlace {
            place: self.place.clone(),
            found: VisibleText::from_text(found),
        };
        let mut file = sources::open(Path::new(self.path()))
            .map_err(|error| other(&format!("{}: {error}", self.path())))?;
        let found = file.metadata().map_err(|error| self.io(&error))?;
        if found.permissions().mode() & 0o022 != 0 {
            return Err(self.unfit("others than its owner can write to the program: chmod go-w"));
        }
        let mut chunk = vec![0; 64 * 1024];
        let digest = Digest::of_parts(|| {
            let length = file.read(&mut chunk)?;
            Ok::<_, std::io::Error>(
                chunk.get(..length).filter(|part| !part.is_empty()).map(<[u8]>::to_vec),
            )
        })
        .map_err(|error| self.io(&error))?;
        if digest.hex() != self.digest {
            return Err(other(&format!("the SHA-256 of {} is {}", self.path(), digest.hex())));
        }
        file.seek(SeekFrom::Start(0)).map_err(|error| self.io(&error))?;
        Ok(file)
    }

    fn command(&self, file: &File) -> std::io::Result<Command> {
        // A script is opened once more by its interpreter.
        fcntl_setfd(file, FdFlags::empty())?;
        #[expect(clippy::disallowed_methods, reason = "programs are started by adapters")]
        let mut command = Command::new(format!("/proc/self/fd/{}", file.as_raw_fd()));
        command.arg0(self.path()).args(self.argv.iter().skip(1)).current_dir("/");
        command.env_clear().envs(environment::variables(&self.variables));
        Ok(command)
    }

    fn guard(&self) -> String {
        let all = [self.argv.join("\0"), self.digest.clone(), self.variables.join("\0")];
        Digest::of(all.join("\n").as_bytes()).to_string()
    }
}

/// What it said, unless a part of the value is in it, as it is or encoded.
fn shown(said: &[u8], value: &[u8]) -> VisibleText {
    if screen::tells(said, value) {
        return VisibleText::from_text(screen::HIDDEN);
    }
    VisibleText::from_bytes(said.trim_ascii())
}

impl Slot for CommandSlot {
    fn abilities(&self) -> Abilities {
        Abilities {
            observe: false,
            pending: false,
            read_back: ReadBack::Signature,
            promote: Promote::Rewrite,
            freeze: false,
            retire: false,
        }
    }

    fn limit(&self) -> usize {
        LIMIT
    }

    /// What would be run. Nothing is.
    fn observe(&self) -> Result<Observation, PlaceError> {
        self.program()?;
        let words: Vec<_> = self.argv.iter().map(|word| format!("{word:?}")).collect();
        let argv = VisibleText::from_text(&words.join(" "));
        let mut facts = vec![format!("runs {argv}"), format!("its SHA-256 is {}", self.digest)];
        if !self.variables.is_empty() {
            let names = VisibleText::from_text(&self.variables.join(", "));
            facts.push(format!("it sees {names}"));
        }
        Ok(Observation { facts, guard: self.guard(), ..Observation::default() })
    }

    fn put_pending(&self, _: &Put<'_>) -> Result<String, PlaceError> {
        Err(self.unable("keep something that its user does not get yet"))
    }

    fn find(&self, _: &str) -> Result<Found, PlaceError> {
        Ok(Found::Again)
    }

    fn read_back(&self, _: &str) -> Result<SlotValue, PlaceError> {
        Err(self.unable("show what was put there"))
    }

    fn promote(&self, promotion: &Promotion<'_>) -> Result<String, PlaceError> {
        if promotion.guard != self.guard() {
            return Err(PlaceError::Changed { place: self.place.clone() });
        }
        let value = promotion.value.and_then(SlotValue::single);
        let value = value.ok_or_else(|| self.unfit("it takes one value"))?;
        let file = self.program()?;
        let command = self.command(&file).map_err(|error| self.io(&error))?;
        let in_doubt = |why: &str| PlaceError::InDoubt {
            place: self.place.clone(),
            why: VisibleText::from_text(why),
        };
        let ran =
            process::run(command, value, BOUNDS).map_err(|error| in_doubt(&error.to_string()))?;
        let said = shown(&[ran.stdout.as_slice(), &ran.stderr].concat(), value);
        match ran.status.map(|status| (status.success(), status.code())) {
            Some((true, _)) => Ok(promotion.name.to_owned()),
            Some((false, Some(code))) => {
                // It may have written before it failed.
                Err(in_doubt(&format!("{} ended with {code}: {said}", self.path())))
            }
            Some((false, None)) => Err(in_doubt(&format!("{} was killed: {said}", self.path()))),
            None => {
                let seconds = BOUNDS.time.as_secs();
                Err(in_doubt(&format!("{} took more than {seconds} seconds", self.path())))
            }
        }
    }

    fn freeze(&self, _: bool) -> Result<(), PlaceError> {
        Err(self.unable("freeze it"))
    }

    fn retire(&self, _: &str) -> Result<(), PlaceError> {
        Err(self.unable("take a version away"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_said_is_shown_without_the_secret() {
        let value = b"a long secret of many letters";
        assert_eq!(shown(b" all well\n", value).as_str(), "all well");
        assert!(!shown(b"got: secret of many!", value).as_str().contains("many"));
        assert_eq!(shown(b"a secret", value).as_str(), "a secret");
        assert!(!shown(b"it was abc", b"abc").as_str().contains("abc"));
        assert_eq!(shown(b"x", b"").as_str(), "x");
        assert!(!shown(b"it was [97, 98, 99]", b"abc").as_str().contains("97"));
        assert!(!shown(b"it was YWJj", b"abc").as_str().contains("YWJj"));
    }

    fn run(words: &[&str], time: Duration) -> (Option<std::process::ExitStatus>, String) {
        #[expect(clippy::disallowed_methods, reason = "programs are started by adapters")]
        let mut command = Command::new(words[0]);
        command.args(&words[1..]);
        let ran = process::run(command, b"TEST", Bounds { time, ..BOUNDS }).unwrap();
        (ran.status, String::from_utf8([ran.stdout.as_slice(), &ran.stderr].concat()).unwrap())
    }

    #[test]
    fn all_that_a_program_said_before_it_ended_is_heard() {
        let long = Duration::from_secs(20);
        let bounds = |room| Bounds { time: long, room };
        for (room, heard) in [(100_000, 60_000), (10_000, 10_000)] {
            #[expect(clippy::disallowed_methods, reason = "programs are started by adapters")]
            let mut command = Command::new("/bin/sh");
            command.args(["-c", "head -c 60000 /dev/zero"]);
            let ran = process::run(command, b"", bounds(room)).unwrap();
            assert_eq!(ran.stdout.len(), heard);
        }
    }

    #[test]
    fn a_program_without_a_terminal_has_none_and_is_ended_in_time() {
        let bounds = Bounds { time: Duration::from_secs(20), room: 1000 };
        let run = |script: &str, bounds| {
            let set = |command: &mut Command| {
                command.args(["-c", script]);
            };
            process::run_without_terminal("/bin/sh", set, bounds).unwrap()
        };
        let ran = run("echo x > /dev/tty || echo none", bounds);
        assert_eq!(*ran.stdout, b"none\n", "{:?}", String::from_utf8_lossy(&ran.stderr));
        let ran = run(
            "sleep 600 & echo $!; sleep 600",
            Bounds { time: Duration::from_secs(1), ..bounds },
        );
        assert!(ran.status.is_none());
        assert!(has_ended(&String::from_utf8_lossy(&ran.stdout)), "{:?}", ran.stdout);
    }

    #[test]
    fn a_program_that_never_ends_is_ended_with_all_that_it_has_started() {
        let short = Duration::from_millis(50);
        assert_eq!(run(&["/bin/sleep", "600"], short), (None, String::new()));
        let script = "sleep 600 & echo $!; sleep 600";
        let (status, child) = run(&["/bin/sh", "-c", script], Duration::from_secs(2));
        assert_eq!(status, None);
        assert!(has_ended(&child), "{child}");
    }

    #[test]
    fn what_a_program_leaves_behind_is_not_waited_for() {
        // Who waited for it would have waited too long.
        let long = Duration::from_secs(20);
        let (status, child) = run(&["/bin/sh", "-c", "sleep 600 & echo $!; cat >&2"], long);
        assert!(status.unwrap().success());
        let (child, copied) = child.split_once('\n').unwrap();
        assert_eq!(copied, "TEST");
        assert!(has_ended(child), "{child}");
        // Not even what has left its group.
        let script = "setsid sleep 40 & exit 3";
        assert_eq!(run(&["/bin/sh", "-c", script], long).0.unwrap().code(), Some(3));
    }

    /// Nobody is there under that number, or nothing of it but its number.
    fn has_ended(pid: &str) -> bool {
        let state = || {
            let path = format!("/proc/{}/stat", pid.trim());
            let stat = sources::read_file(Path::new(&path)).unwrap_or_default();
            let stat = String::from_utf8_lossy(&stat).into_owned();
            stat.rsplit_once(") ").map(|(_, rest)| rest.chars().next().unwrap_or('Z'))
        };
        (0..1_000_000).any(|_| matches!(state(), None | Some('Z' | 'X')))
    }
}
