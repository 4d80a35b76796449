//! Files under names that users are told of, and where nothing else keeps the
//! ones before, one that never changes for each digest.

use super::store::{Ask, File, Files, Kept, Layout};
use crate::domain::fingerprint::Fingerprint;
use crate::engine::chain::Digest;
use crate::engine::target::{Door, Publication};

/// The media type of a certificate.
pub(super) const MEDIA: &str = "application/pgp-keys";
/// Stands for the fingerprint in a name.
const FPR: &str = "FPR";

/// Files with those names.
pub(super) struct Plain {
    /// Paths, in which `FPR` stands for the fingerprint. Those that end in
    /// `.gpg` or `.pgp` have the packets alone, the others ASCII armor.
    names: Vec<String>,
    /// Whether there is also `<FPR>/<sha256>.asc`.
    keeps_each: bool,
}

impl Plain {
    /// With the names that are declared, or else `usual`.
    pub(super) fn new(
        declared: &[String],
        usual: &[&str],
        keeps_each: bool,
    ) -> Result<Self, String> {
        let usual = usual.iter().map(|name| (*name).to_owned());
        let names: Vec<_> = if declared.is_empty() { usual.collect() } else { declared.to_vec() };
        let is_good = |name: &&String| {
            let has_parts = name.split('/').all(|part| !matches!(part, "" | "." | ".." | ".git"));
            has_parts
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./+".contains(&byte))
        };
        match names.iter().find(|name| !is_good(name)) {
            None => Ok(Self { names, keeps_each }),
            Some(_) => {
                Err("names are paths of letters, digits and -_+. within the place".to_owned())
            }
        }
    }
}

fn is_binary(path: &str) -> bool {
    [".gpg", ".pgp"].iter().any(|end| path.ends_with(end))
}

impl Layout for Plain {
    fn moving(&self, certificate: &Fingerprint, _: &[String]) -> Vec<String> {
        self.names.iter().map(|name| name.replace(FPR, &certificate.hex())).collect()
    }

    fn doors(&self, certificate: &Fingerprint, addresses: &[String], ask: Ask<'_>) -> Vec<Door> {
        let paths = self.moving(certificate, addresses);
        paths.iter().map(|path| ask(path).packets(false)).collect()
    }

    fn files(&self, publication: &Publication<'_>, _: Kept<'_>) -> Files {
        let digest = Digest::of(publication.armored).hex();
        let each = format!("{}/{digest}.asc", publication.certificate.hex());
        let each = self.keeps_each.then_some((each, true));
        let moving = self.moving(&publication.certificate, publication.addresses);
        let paths = each.into_iter().chain(moving.into_iter().map(|path| (path, false)));
        let file = |(path, is_fixed): (String, bool)| {
            let bytes = if is_binary(&path) { publication.binary } else { publication.armored };
            File { path, bytes: bytes.to_vec(), media: MEDIA, is_fixed }
        };
        Ok(Ok(paths.map(file).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_within_the_place() {
        let is_good = |name: &str| Plain::new(&[name.to_owned()], &[], false).is_ok();
        for good in ["release.pub", "keys/FPR.gpg", "KEY_1+2.asc"] {
            assert!(is_good(good), "{good}");
        }
        for bad in ["", "/etc/x", "../x", "a//b", ".git/config", "a b", "x\n", "."] {
            assert!(!is_good(bad), "{bad}");
        }
    }

    #[test]
    fn a_name_is_told_of_in_the_form_of_its_ending() {
        let names = ["release.pub".to_owned(), "FPR.gpg".to_owned()];
        let certificate = Fingerprint::from_hex(&"A".repeat(40)).unwrap();
        let publication = Publication {
            certificate,
            armored: b"armored",
            binary: b"binary",
            user_ids: &[],
            addresses: &[],
            guard: "",
        };
        let plain = Plain::new(&names, &[], false).unwrap();
        let files = plain.files(&publication, &|_| Ok(None)).unwrap().unwrap();
        let files: Vec<_> =
            files.iter().map(|file| (file.path.as_str(), file.bytes.as_slice())).collect();
        let binary = format!("{}.gpg", certificate.hex());
        assert_eq!(files, [("release.pub", &b"armored"[..]), (&binary, b"binary")]);
    }
}
