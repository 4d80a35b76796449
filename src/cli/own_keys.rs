//! `keyrite own-keys`: the operator's own keys that could sign.

use std::io::{self, Write};

use serde::Serialize;

use super::args::OwnKeysCommand;
use super::report::Report;
use crate::app::exit::Exit;
use crate::app::{App, AskedBy, CredentialError, KeyPlace, OwnKey, OwnKeyError};
use crate::domain::fingerprint::Fingerprint;

/// The document `keyrite.own-keys/1`.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    at: String,
    keys: &'a [OwnKey],
}

/// Lists them, or does what is asked instead.
pub fn run(
    app: &App,
    json: bool,
    what: Option<&OwnKeysCommand>,
    out: &mut dyn Write,
) -> Result<Exit, Report> {
    match what {
        None => list(app, json, out),
        Some(OwnKeysCommand::Forget { fingerprint }) => forget(app, fingerprint, out),
        Some(OwnKeysCommand::Answer) => {
            app.answer_for_own_keys(out).map_err(|error| Report::failed(error.to_string()))?;
            Ok(Exit::Ok)
        }
    }
}

fn list(app: &App, json: bool, out: &mut dyn Write) -> Result<Exit, Report> {
    let keys = app.list_own_keys().map_err(|error| report(&error))?;
    if json {
        let document = Document { schema: "keyrite.own-keys/1", at: app.now().iso(), keys: &keys };
        serde_json::to_writer_pretty(&mut *out, &document).map_err(io::Error::from)?;
        writeln!(out)?;
        return Ok(Exit::Ok);
    }
    if keys.is_empty() {
        out.write_all(EMPTY.as_bytes())?;
    }
    for key in &keys {
        writeln!(out, "{}", key.name)?;
        writeln!(out, "  certificate  {}", key.certificate)?;
        writeln!(out, "  signing key  {}", key.fingerprint)?;
        writeln!(out, "  its secret   {}", where_and_how(key))?;
    }
    Ok(Exit::Ok)
}

fn where_and_how(key: &OwnKey) -> String {
    let place = match key.place {
        KeyPlace::SoftKey => "soft key of Sequoia's keystore",
        KeyPlace::GpgAgent => "with gpg-agent",
    };
    let lock = match (key.is_locked, key.asked_by) {
        (false, _) => "needs no passphrase now",
        (true, AskedBy::Keyrite) => "locked; keyrite asks for the passphrase",
        (true, AskedBy::Pinentry) => "locked; keyrite asks for the passphrase, or gpg's pinentry",
    };
    format!("{place}; {lock}")
}

const EMPTY: &str = "\
No key of yours is found that could sign. What is looked for:
  soft keys of Sequoia's keystore      sq key import FILE puts one there
  keys of gpg-agent, also on cards     found by way of their public certificate in your
                                       certificate folder: gpg --export FPR | sq cert import
A key of GnuPG's keyring that is not here signs as well: gpg --detach-sign --armor FILE makes
FILE.asc, and keyrite ceremony sign RUN --signature FILE.asc takes it.
";

/// Forgets the passphrase that is kept for a certificate.
fn forget(app: &App, certificate: &Fingerprint, out: &mut dyn Write) -> Result<Exit, Report> {
    match app.forget_passphrase(certificate) {
        Ok(true) => writeln!(out, "forgotten: the passphrase of {certificate}")?,
        Ok(false) => writeln!(out, "no passphrase of {certificate} was kept")?,
        Err(error) => return Err(not_forgotten(&error)),
    }
    Ok(Exit::Ok)
}

fn not_forgotten(error: &CredentialError) -> Report {
    Report::failed(error.to_string()).hint("keyrite keeps passphrases nowhere else")
}

fn report(error: &OwnKeyError) -> Report {
    let report = Report::failed(error.to_string());
    error.remedies("FILE").into_iter().fold(report, Report::hint)
}
