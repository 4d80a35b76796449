//! Real file systems in files, mounted as a person mounts a stick. Only root
//! may; where the machine does not let the tests, they say so.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A disk in a file, with a file system.
pub(crate) struct Disk {
    /// Where its file is: apart from everything that is searched for secrets.
    _folder: TempDir,
    image: PathBuf,
    point: PathBuf,
}

impl Disk {
    /// A new one of that kind, mounted at `point`, which is made where there
    /// is none.
    pub(crate) fn mount(kind: &str, point: &Path) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("image");
        let file = File::create(&image).unwrap();
        file.set_len(8 << 20).unwrap();
        let quiet: &[&str] = if kind == "ext4" { &["-q", "-F"] } else { &[] };
        let make = format!("mkfs.{kind}");
        if !run(&make, quiet, &[&image]) {
            return not_tried(&format!("{make} is not there, or does not work"));
        }
        std::fs::create_dir_all(point).unwrap();
        let disk = Self { _folder: folder, image, point: point.to_owned() };
        if !disk.put_in() {
            return not_tried(&format!("this machine does not let the tests mount {kind}"));
        }
        Some(disk)
    }

    pub(crate) fn point(&self) -> &Path {
        &self.point
    }

    /// Mounts it again.
    pub(crate) fn put_in(&self) -> bool {
        self.put_in_at(&self.point)
    }

    /// Mounts it where another one belongs.
    pub(crate) fn put_in_at(&self, point: &Path) -> bool {
        run("mount", &["-o", "loop"], &[&self.image, point])
    }

    /// Unmounts it, as a person does.
    pub(crate) fn take_out(&self) {
        take_out(&self.point);
    }

    /// Nothing can be written to it, or it can again.
    pub(crate) fn lock(&self, is_locked: bool) {
        let how = if is_locked { "remount,ro" } else { "remount,rw" };
        assert!(run("mount", &["-o", how], &[&self.point]));
    }

    /// Shows it at a second place.
    pub(crate) fn show_at(&self, point: &Path) -> bool {
        std::fs::create_dir_all(point).unwrap();
        run("mount", &["--bind"], &[&self.point, point])
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = run("umount", &["--lazy"], &[&self.point]);
    }
}

/// A folder under which media come and go for another namespace, too.
pub(crate) struct Shared(PathBuf);

impl Shared {
    pub(crate) fn new(folder: &Path) -> Option<Self> {
        let is_shared = run("mount", &["--bind"], &[folder, folder])
            && run("mount", &["--make-shared"], &[folder]);
        if !is_shared {
            return not_tried("this machine does not let the tests share mounts");
        }
        Some(Self(folder.to_owned()))
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let _ = run("umount", &["--lazy"], &[&self.0]);
    }
}

/// Says so where nobody can overlook it: not to what the tests keep quiet.
fn not_tried<T>(why: &str) -> Option<T> {
    let _ = writeln!(std::io::stderr(), "NOT TRIED: {why}");
    None
}

/// Unmounts what is mounted there.
pub(crate) fn take_out(point: &Path) {
    assert!(run("umount", &[], &[point]), "{} is in use", point.display());
}

fn run(program: &str, words: &[&str], paths: &[&Path]) -> bool {
    let mut command = Command::new(program);
    command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").args(words).args(paths);
    command.output().is_ok_and(|output| output.status.success())
}
