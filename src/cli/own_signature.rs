//! A signature by somebody's own key: made by the keystore, or brought.

use std::io::Write;
use std::path::Path;

use super::report::Report;
use crate::app::{App, OwnKeyError, SecretSource};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;

/// What is signed.
pub(super) struct ToSign<'a> {
    /// The file with it.
    pub(super) path: &'a Path,
    /// Its bytes.
    pub(super) data: &'a [u8],
    /// The command to which a signature can be brought, up to its file.
    pub(super) bring: &'a str,
}

/// How often a passphrase may be wrong.
const TRIES: usize = 3;

/// Signs with a key of that certificate. A passphrase that is kept is used; one that was typed is kept
/// only where that is asked for.
pub(super) fn sign(
    app: &App,
    certificate: Fingerprint,
    what: &ToSign<'_>,
    keep: bool,
    out: &mut dyn Write,
) -> Result<String, Report> {
    // Where there is no store, nothing is kept in it.
    let mut passphrase = app.kept_passphrase(&certificate).ok().flatten();
    let mut secrets = SecretSource::open(None).map_err(Report::failed)?;
    for _ in 0..=TRIES {
        match app.sign_with_own_key(certificate, what.data, passphrase.as_ref(), app.now()) {
            Ok(signature) => {
                if let Some(passphrase) = passphrase.filter(|_| keep) {
                    match app.keep_passphrase(&certificate, passphrase) {
                        Ok(()) => writeln!(out, "its passphrase is kept by your system")?,
                        Err(error) => writeln!(out, "its passphrase is not kept: {error}")?,
                    }
                }
                return Ok(signature);
            }
            Err(error) if error.asks_for_passphrase() => {
                writeln!(out, "{error}")?;
                out.flush()?;
                let typed = secrets.read("passphrase of your own key (without echo): ")?;
                passphrase = Some(typed.ok_or_else(|| Report::failed("no passphrase was given"))?);
            }
            Err(error) => return Err(refused(&error, what)),
        }
    }
    Err(refused(&OwnKeyError::WrongPassphrase, what))
}

fn refused(error: &OwnKeyError, what: &ToSign<'_>) -> Report {
    let path = what.path.to_string_lossy();
    let report = Report::failed(error.to_string());
    let report = error.remedies(&path).into_iter().fold(report, Report::hint);
    report.hint(format!("then: {} {}.asc", what.bring, VisibleText::from_text(&path)))
}

/// A signature that somebody has brought.
pub(super) fn brought(app: &App, file: &Path) -> Result<Vec<u8>, Report> {
    app.small_file(file).map_err(|error| {
        let file = VisibleText::from_bytes(file.as_os_str().as_encoded_bytes());
        Report::usage(format!("{file}: {error}"))
    })
}
