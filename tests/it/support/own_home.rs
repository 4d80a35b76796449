//! The home of an operator, with soft keys and a gpg-agent of its own.

use std::path::{Path, PathBuf};

use keyrite::adapters::own_keys::OwnKeys;
use sequoia_openpgp::Cert;
use sequoia_openpgp::cert::amalgamation::key::PrimaryKey as _;
use sequoia_openpgp::crypto::Password;
use sequoia_openpgp::packet::Packet;
use sequoia_openpgp::serialize::SerializeInto as _;

use super::gpg::Gpg;
use super::program::{BINARY, Program};

/// A home that is removed, and whose agent is ended, with this value.
pub(crate) struct OwnHome {
    pub(crate) program: Program,
    pub(crate) gpg: Gpg,
}

impl OwnHome {
    pub(crate) fn new() -> Self {
        Self { program: Program::new(), gpg: Gpg::new() }
    }

    /// What points every library at this home, and at no other.
    pub(crate) fn variables(&self) -> Vec<(&'static str, PathBuf)> {
        vec![
            ("HOME", self.program.folder().to_owned()),
            ("SEQUOIA_HOME", self.program.folder().to_owned()),
            ("XDG_DATA_HOME", self.program.folder().join(".local/share")),
            ("PGP_CERT_D", self.certificates()),
            ("GNUPGHOME", self.gpg.home().to_owned()),
        ]
    }

    /// The way to the keys in it.
    pub(crate) fn keys(&self) -> OwnKeys {
        self.variables()
            .into_iter()
            .fold(OwnKeys::new(BINARY.into()), |keys, (name, value)| keys.with(name, value))
    }

    /// The certificate folder.
    pub(crate) fn certificates(&self) -> PathBuf {
        self.program.folder().join(".local/share/pgp.cert.d")
    }

    /// The keystore.
    pub(crate) fn keystore(&self) -> PathBuf {
        self.program.folder().join(".local/share/sequoia/keystore")
    }

    /// Puts a soft key into it.
    pub(crate) fn put_soft_key(&self, cert: &Cert) {
        let folder = self.keystore().join("softkeys");
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join(format!("{:X}.pgp", cert.fingerprint()));
        std::fs::write(file, cert.as_tsk().to_vec().unwrap()).unwrap();
    }

    /// Runs the program in it.
    pub(crate) fn run(&self, arguments: &[&str]) -> super::program::Outcome {
        let mut command = self.program.command(arguments);
        command.envs(self.variables()).env("PATH", "/usr/bin:/bin");
        let limit = std::time::Duration::from_mins(1);
        super::program::finish(command, b"", limit).expect("it hangs")
    }

    /// What gpg's status lines say of a detached signature; the certificate
    /// must be in its home.
    pub(crate) fn verify(&self, data: &[u8], signature: &str) -> Vec<String> {
        let data = self.program.file("data", data);
        let signature = self.program.file("data.asc", signature);
        let [data, signature] = [&data, &signature].map(|path| path.to_str().unwrap());
        self.gpg.lines(&["--status-fd", "1", "--verify", signature, data])
    }

    /// A file for gpg to read.
    pub(crate) fn import(&self, bytes: &[u8]) {
        let path = self.program.file("import.pgp", bytes);
        self.gpg.run(&["--import", path_text(&path)]);
    }
}

fn path_text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The same certificate, its secrets protected by a passphrase.
pub(crate) fn protected(cert: &Cert, passphrase: &str) -> Cert {
    let password = Password::from(passphrase);
    let packets: Vec<Packet> = cert
        .keys()
        .secret()
        .map(|key| {
            let is_primary = key.primary();
            let key = key.key().clone().encrypt_secret(&password).unwrap();
            if is_primary {
                Packet::SecretKey(key.role_into_primary())
            } else {
                Packet::SecretSubkey(key.role_into_subordinate())
            }
        })
        .collect();
    cert.clone().insert_packets(packets).unwrap().0
}
