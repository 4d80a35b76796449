//! A keyserver of the SKS kind, on a port of its own, for as long as a test
//! needs it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running keyserver.
pub(crate) struct Sks {
    process: Child,
    pub(crate) port: u16,
    _folder: tempfile::TempDir,
}

/// Two ports that nobody has, one after the other.
fn ports() -> [u16; 2] {
    let bound = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    bound.each_ref().map(|one| one.local_addr().unwrap().port())
}

impl Sks {
    /// It is built around one certificate: without any it does not start.
    pub(crate) fn start(certificate: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path();
        for name in
            ["dump", "etc/sks", "var/log/sks", "var/lib/sks", "var/run/sks", "var/spool/sks"]
        {
            fs::create_dir_all(base.join(name)).unwrap();
        }
        let [port, recon] = ports();
        let settings = format!(
            "hostname: localhost\nhkp_address: 127.0.0.1\nhkp_port: {port}\nrecon_address: \
             127.0.0.1\nrecon_port: {recon}\ndisable_mailsync:\n"
        );
        fs::write(base.join("etc/sks/sksconf"), settings).unwrap();
        let dump = base.join("dump/first.pgp");
        fs::write(&dump, certificate).unwrap();
        let sks = |words: &[&Path]| {
            let mut command = Command::new("/usr/sbin/sks");
            command.args(words).arg("-basedir").arg(base).current_dir(base).stdin(Stdio::null());
            command
        };
        let built = sks(&[Path::new("build"), &dump]).output().unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let mut process = sks(&[Path::new("db"), Path::new("-stdoutlog"), Path::new("-debug")])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap());
        let mut lines = lines.lines().map_while(Result::ok);
        assert!(lines.any(|line| line.contains("Applied filters")), "the keyserver does not start");
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, port, _folder: folder }
    }

    pub(crate) fn place(&self) -> String {
        format!("hkp://127.0.0.1:{}", self.port)
    }
}

impl Drop for Sks {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
