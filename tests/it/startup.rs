//! The process closes itself before it does anything else.

use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::support::program::{BINARY, Program};

/// More than a pipe holds: it is written only when the program has begun to
/// read.
const MORE_THAN_A_PIPE: usize = 256 * 1024;

/// Somebody who is not root.
const SOMEBODY: &str = "1234";

/// A program that reads its input and has more to come.
struct Waiting {
    child: Child,
    /// Where its binary is, for as long as it runs.
    _folder: TempDir,
}

impl Waiting {
    /// Starts a program as somebody who is not root, which would own what is
    /// not closed, too.
    fn start(program: &str, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let binary = folder.path().join("program");
        std::fs::copy(program, &binary).unwrap();
        let mut command = if rustix::process::getuid().is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid", SOMEBODY, "--regid", SOMEBODY, "--clear-groups"]);
            command.arg(&binary);
            command
        } else {
            Command::new(&binary)
        };
        command.args(arguments).current_dir("/").env_clear().env("PATH", "/usr/bin:/bin");
        let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = child.spawn().unwrap();
        child.stdin.as_mut().unwrap().write_all(&vec![b' '; MORE_THAN_A_PIPE]).unwrap();
        Self { child, _folder: folder }
    }

    fn about(&self, file: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).unwrap()
    }

    /// Who owns what the system shows of its memory.
    fn owner(&self, file: &str) -> u32 {
        std::fs::metadata(format!("/proc/{}/{file}", self.child.id())).unwrap().uid()
    }

    /// The value behind a word in a file about it.
    fn value(&self, file: &str, word: &str) -> String {
        let text = self.about(file);
        let line = text.lines().find_map(|line| line.strip_prefix(word)).unwrap();
        line.split_whitespace().next().unwrap().to_owned()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

#[test]
fn no_core_no_reader_and_no_new_rights() {
    let keyrite = Waiting::start(BINARY, &["view", "-", "--plain"]);
    assert_eq!(keyrite.value("limits", "Max core file size"), "0");
    assert_eq!(keyrite.value("status", "NoNewPrivs:"), "1");
    // What others of the same user could read otherwise.
    let other = Waiting::start("/bin/cat", &[]);
    assert_eq!(other.value("status", "NoNewPrivs:"), "0");
    for file in ["environ", "mem"] {
        assert_ne!(other.owner(file), 0, "this case shows nothing");
        assert_eq!(keyrite.owner(file), 0, "{file}");
    }
}

#[test]
fn the_preflight_reads_back_that_the_process_is_closed() {
    let document = Program::new().run(&["preflight", "--json"]).json();
    let probes = document["probes"].as_array().unwrap();
    for id in ["HST-004", "HST-005"] {
        let probe = probes.iter().find(|probe| probe["id"] == id).unwrap();
        assert_eq!(probe["verdict"], "ok", "{probe}");
    }
}

#[test]
fn programs_are_started_as_before() {
    let program = Program::new();
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.current_dir(program.folder()).args(arguments);
        command.output().unwrap()
    };
    assert!(git(&["init", "-q"]).status.success());
    let text = "schema = 1\nname = \"TEST\"\nenvironment = \"demo\"\nprofile = \"strict\"\n";
    program.file("keyrite.toml", text);
    let mut install = program.command(&["merge", "--install"]);
    install.env("PATH", "/usr/bin:/bin");
    assert!(install.output().unwrap().status.success());
    let config = String::from_utf8(git(&["config", "--list", "--local"]).stdout).unwrap();
    assert!(config.contains("merge.keyrite"), "{config}");
}
