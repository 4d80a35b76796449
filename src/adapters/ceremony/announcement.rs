//! What users are told of a publication.

use std::fmt::Write as _;

use super::remarks::Problem;
use super::{CeremonyHands, Done, Inputs, done, receipt};
use crate::domain::assessment::Assessment;
use crate::domain::certificate::{Key, UserId};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::{VisibleText, wrap};
use crate::domain::timestamp::Timestamp;
use crate::domain::validity::{KeyVerdict, Reason, State};
use crate::domain::worded::Worded as _;
use crate::domain::workspace::{Environment, Target, TargetKind, Workspace};
use crate::engine::ports::Job;

/// The file, within the folder of the run.
const FILE: &str = "announcement.eml";
/// Columns of a mail.
const COLUMNS: usize = 72;
/// The statement that one key takes the place of another, likewise.
const TRANSITION: &str = "transition-statement.txt";

impl CeremonyHands {
    pub(super) fn write_announcement(&self, job: &Job<'_>) -> Done {
        let fingerprint = Inputs(job.effect).fingerprint("fingerprint")?;
        let Some(world) = &self.world else {
            return Err(Problem::Failed("the workspace cannot be read".to_owned()));
        };
        let mut certificates = world.certificates.iter();
        let one = certificates.find(|one| one.certificate.fingerprint() == fingerprint);
        let one = one.ok_or_else(|| {
            Problem::Failed(format!("certs/{}.asc is not there any more", fingerprint.hex()))
        })?;
        let names = job.effect.items("targets");
        let targets = world.team.workspace.targets.iter().filter(|one| names.contains(&one.id));
        let targets: Vec<_> = targets.collect();
        let keys = &world.team.workspace.keys;
        let replaced = keys.iter().find(|key| key.certificate == fingerprint);
        let replaced = replaced.and_then(|key| key.replaces);
        let mail = mail(&world.team.workspace, one, &targets, replaced, job.at);
        if let Some(old) = replaced {
            let text = transition(&world.team.workspace.name, one, &old, job.at);
            self.run.write(TRANSITION, text.as_bytes())?;
        }
        let path = self.run.write(FILE, mail.as_bytes())?;
        Ok(done(receipt([("file", path.display().to_string())])))
    }
}

/// From whom it is, where the user ID has an address: the name is quoted, so
/// that nothing in it is read as an address.
fn sender(user_id: &str) -> Option<String> {
    let (name, rest) = user_id.rsplit_once('<')?;
    let address = rest.strip_suffix('>')?;
    let name = VisibleText::from_text(name.trim());
    let name = name.as_str().replace(['"', '\\'], "");
    is_address(address).then(|| format!("From: \"{name}\" <{address}>\n"))
}

/// A mail that programs open as a draft: whoever sends it fills in to whom.
fn mail(
    team: &Workspace,
    one: &Assessment,
    targets: &[&Target],
    replaced: Option<Fingerprint>,
    at: Timestamp,
) -> String {
    let name = VisibleText::from_text(&team.name);
    let fingerprint = one.certificate.fingerprint();
    let is_over = one.verdict.primary.state == State::Revoked;
    let has_revoked = one.keys().any(|(_, verdict)| verdict.state == State::Revoked);
    let what = match (is_over, has_revoked) {
        (true, _) => "it is revoked, do not use it",
        (false, true) => "a subkey of it is revoked",
        (false, false) => "take it in again",
    };
    let is_real = matches!(team.environment, Environment::Production);
    let stamp = if is_real { String::new() } else { team.environment.word().to_uppercase() + ": " };
    let mut text = sender(one.name()).unwrap_or_default();
    let date = at.in_mail().map(|date| format!("Date: {date}\n"));
    text.push_str(&date.unwrap_or_default());
    let _ = write!(
        text,
        "X-Unsent: 1\nSubject: {stamp}The release key of {name}: {what}\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
    );
    let mut lines = Vec::new();
    if !is_real {
        lines.push(format!("{stamp}nobody relies on this key, and this mail is sent to nobody.\n"));
    }
    lines.push(format!("The release key of {name}, as of {}:\n", at.date()));
    lines.push(format!("    {}", VisibleText::from_text(one.name())));
    lines.push(format!("    {}\n", fingerprint.grouped()));
    let keys = one.keys().enumerate();
    lines.extend(keys.flat_map(|(index, (key, verdict))| about(index == 0, key, verdict)));
    if let Some(old) = replaced {
        lines.push("\nIt takes the place of the key".to_owned());
        lines.push(format!("    {}", old.grouped()));
        lines.push(
            "which has certified it. What the old key has signed while it was in use can still be \
             verified with it."
                .to_owned(),
        );
    }
    lines.push(if is_over {
        "\nTake the certificate in again, so that your tools know it:\n".to_owned()
    } else {
        "\nTake it in again where you have an older one: a new subkey, a later end and a revocation \
         are known only then. Compare the whole fingerprint with a second source.\n"
            .to_owned()
    });
    let addresses: Vec<_> = one.certificate.user_ids.iter().filter_map(address_of).collect();
    lines.extend(targets.iter().flat_map(|target| way(target, &fingerprint, &addresses)));
    lines.push(format!("    gpg --import {}.asc", fingerprint.hex()));
    lines.push(format!("    gpg --fingerprint {}", fingerprint.hex()));
    for line in lines.iter().flat_map(|line| line.split('\n')) {
        // What is typed is not broken.
        let columns = if line.starts_with("    ") { usize::MAX } else { COLUMNS };
        for line in wrap(line, columns) {
            let _ = writeln!(text, "{line}");
        }
    }
    text
}

/// What is said of a key: whether it is good, and what becomes of what it has
/// signed.
fn about(is_primary: bool, key: &Key, verdict: &KeyVerdict) -> Vec<String> {
    let role = if is_primary { "Primary key" } else { "Subkey" };
    let revoked = verdict.reasons.iter().find_map(|reason| match reason {
        Reason::Revoked { reason, created, .. } => Some((reason, created)),
        Reason::NoSelfSignature
        | Reason::Refused(_)
        | Reason::NotYetValid { .. }
        | Reason::Expired { .. }
        | Reason::SelfSignatureEnded { .. }
        | Reason::Primary(_) => None,
    });
    let digits = format!("    {}", key.fingerprint.grouped());
    let Some((reason, created)) = revoked else {
        let until = |end: Timestamp| format!("until {}", end.date());
        let ends = verdict.expires.map_or_else(|| "without an end".to_owned(), until);
        let state = verdict.state.word();
        return vec![format!("{role}, {}, {state}, {ends}:", key.algorithm), digits];
    };
    let what = if reason.is_hard() {
        "Trust nothing that it has signed, whatever its date.".to_owned()
    } else {
        format!("What it has signed before {} stays good, and nothing since.", created.date())
    };
    let head = format!("{role}, {}, REVOKED on {}:", key.algorithm, created.date());
    vec![head, digits, format!("    {}. {what}", reason.word())]
}

/// The mail address of a user ID that is not revoked.
fn address_of(id: &UserId) -> Option<String> {
    let (_, rest) = id.text.as_str().rsplit_once('<')?;
    let address = rest.strip_suffix('>').filter(|_| id.revocations.is_empty())?;
    is_address(address).then(|| address.to_owned())
}

fn is_address(address: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@.-_+".contains(c);
    address.contains('@') && address.chars().all(is_plain)
}

/// A statement that is worth something when both keys have signed it.
fn transition(team: &str, one: &Assessment, old: &Fingerprint, at: Timestamp) -> String {
    let new = one.certificate.fingerprint();
    let (team, name) = (VisibleText::from_text(team), VisibleText::from_text(one.name()));
    format!(
        "{team} signs with a new key from {day} on.\n\nThe new key:\n\n    {name}\n    {new_digits}\n\n\
         takes the place of the old one:\n\n    {old_digits}\n\nThe old key is not compromised. What it \
         has signed can be verified with it as before;\nnothing new is signed with it. It has certified the \
         new key. Compare both fingerprints\nwith what you have.\n\nThis statement counts when both keys have \
         signed it:\n\n    gpg --local-user {old_hex} --local-user {new_hex} --clearsign {TRANSITION}\n",
        day = at.date(),
        new_digits = new.grouped(),
        old_digits = old.grouped(),
        old_hex = old.hex(),
        new_hex = new.hex(),
    )
}

/// How users get it from a target; nothing where they have no way to it.
fn way(target: &Target, certificate: &Fingerprint, addresses: &[String]) -> Vec<String> {
    let hex = certificate.hex();
    let place = VisibleText::from_text(&target.place);
    let read = target.text("read").filter(|read| read.contains("://"));
    let read = read.map(|read| VisibleText::from_text(read.trim_end_matches('/')));
    let fetched =
        |path: &str| read.iter().map(|read| format!("    curl -fsSLO {read}/{path}")).collect();
    let usual = ["FPR.asc".to_owned()];
    let names = if target.list("names").is_empty() { &usual[..] } else { target.list("names") };
    match target.kind {
        TargetKind::Hkp => vec![format!("    gpg --keyserver {place} --recv-keys {hex}")],
        TargetKind::Vks => {
            let host = place.as_str().trim_start_matches("https://");
            vec![format!("    gpg --keyserver hkps://{host} --recv-keys {hex}")]
        }
        TargetKind::Wkd => {
            let domain = format!("@{}", target.text("domain").unwrap_or_default());
            let ours = addresses.iter().filter(|address| address.ends_with(&domain));
            ours.map(|address| format!("    gpg --locate-external-keys {address}")).collect()
        }
        TargetKind::S3 | TargetKind::Directory | TargetKind::Git => {
            fetched(&names.first().map_or(String::new(), |name| name.replace("FPR", &hex)))
        }
        TargetKind::ApacheKeys => fetched(target.place.rsplit('/').next().unwrap_or_default()),
        TargetKind::SpackMirror => {
            let keys = "spack buildcache keys --install --trust";
            read.iter().map(|read| format!("    {keys}    # of the mirror {read}")).collect()
        }
        TargetKind::Page => read.iter().map(|read| format!("    {read}    # to compare")).collect(),
        TargetKind::SecretManager => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_from_the_owner_of_the_certificate_and_from_nobody_else() {
        let from = |id| sender(id).unwrap_or_default();
        assert_eq!(from("TEST Team <t@example.org>"), "From: \"TEST Team\" <t@example.org>\n");
        assert_eq!(
            from("TEST \", <a@b.c> <t@example.org>"),
            "From: \"TEST , <a@b.c>\" <t@example.org>\n"
        );
        for id in ["TEST", "TEST <a b@c.d>", "TEST <a@b.c>, x", "TEST <a@b\nBcc: x>"] {
            assert_eq!(sender(id), None, "{id}");
        }
    }
}
