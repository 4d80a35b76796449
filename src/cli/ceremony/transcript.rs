//! The transcript of a run, and signatures over it.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{refused, show};
use crate::app::exit::Exit;
use crate::app::{App, SigningError, TRANSCRIPT};
use crate::cli::own_signature::{self, ToSign, brought};
use crate::cli::report::Report;
use crate::domain::text::VisibleText;

/// A signature that is wanted.
pub(super) struct Wanted {
    /// Whose.
    pub(super) person: Option<String>,
    /// The file in which it is brought.
    pub(super) signature: Option<PathBuf>,
    /// Whether the system's credential store keeps the passphrase.
    pub(super) keep_passphrase: bool,
}

/// Prints it: for people, with who has signed it, or the bytes that they sign.
pub(super) fn print(
    app: &App,
    folder: &Path,
    run: &str,
    json: bool,
    out: &mut dyn Write,
) -> Result<Exit, Report> {
    let told = app.transcript(folder, run).map_err(unsigned)?;
    if !json {
        out.write_all(told.text.as_bytes())?;
        show::signatures(out, &told.signatures)?;
    }
    let bytes = told.kept.map_err(refused)?;
    if json {
        out.write_all(&bytes)?;
    }
    Ok(Exit::Ok)
}

/// Signs it with a key of one's own, or takes a signature that is brought.
pub(super) fn sign(
    app: &App,
    folder: &Path,
    run: &str,
    wanted: &Wanted,
    out: &mut dyn Write,
) -> Result<Exit, Report> {
    let path = folder.join("runs").join(run).join(TRANSCRIPT);
    let path = std::path::absolute(&path).unwrap_or(path);
    let bring = format!("keyrite ceremony sign {run} --signature");
    let shown = VisibleText::from_bytes(path.as_os_str().as_encoded_bytes());
    let helped = |error| {
        unsigned(error)
            .hint(format!("what is signed: {shown}"))
            .hint(format!("gpg --detach-sign --armor --output FILE {shown}"))
            .hint(format!("then: {bring} FILE"))
    };
    let person = wanted.person.as_deref();
    let bytes = if let Some(file) = &wanted.signature {
        brought(app, file)?
    } else {
        let data = app.transcript_bytes(folder, run).map_err(unsigned)?;
        let signer = app.signer(folder, person.unwrap_or_default()).map_err(helped)?;
        let what = ToSign { path: &path, data: &data, bring: &bring };
        own_signature::sign(app, signer, &what, wanted.keep_passphrase, out)?.into_bytes()
    };
    let signed = app.sign_transcript(folder, run, (&bytes, person)).map_err(helped)?;
    writeln!(out, "{}", signed.line())?;
    Ok(Exit::Ok)
}

/// Why a signature is not taken.
fn unsigned(error: SigningError) -> Report {
    if let SigningError::Ceremony(error) = error {
        return refused(error);
    }
    Report::usage(error.to_string())
}
