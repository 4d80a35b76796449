//! What users are told of a publication.

use std::fmt::Write as _;

use super::remarks::Problem;
use super::{CeremonyHands, Done, Inputs, done, receipt};
use crate::domain::assessment::Assessment;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::domain::validity::State;
use crate::domain::worded::Worded as _;
use crate::domain::workspace::{Target, TargetKind};
use crate::engine::ports::Job;

/// The file, within the folder of the run.
const FILE: &str = "announcement.eml";
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
        let mail = mail(&world.team.workspace.name, one, &targets, replaced, job.at);
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
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@.-_+".contains(c);
    let is_address = address.contains('@') && address.chars().all(is_plain);
    let name = VisibleText::from_text(name.trim());
    let name = name.as_str().replace(['"', '\\'], "");
    is_address.then(|| format!("From: \"{name}\" <{address}>\n"))
}

/// A mail that programs open as a draft: whoever sends it fills in to whom.
fn mail(
    team: &str,
    one: &Assessment,
    targets: &[&Target],
    replaced: Option<Fingerprint>,
    at: Timestamp,
) -> String {
    let team = VisibleText::from_text(team);
    let fingerprint = one.certificate.fingerprint();
    let is_over = matches!(one.verdict.primary.state, State::Revoked);
    let has_revoked = one.keys().any(|(_, verdict)| verdict.state == State::Revoked);
    let what = match (is_over, has_revoked) {
        (true, _) => "it is revoked, do not use it",
        (false, true) => "a subkey of it is revoked",
        (false, false) => "as it is published now",
    };
    let mut text = sender(one.name()).unwrap_or_default();
    let date = at.in_mail().map(|date| format!("Date: {date}\n"));
    text.push_str(&date.unwrap_or_default());
    let _ = write!(
        text,
        "X-Unsent: 1\nSubject: The release key of {team}: {what}\nMIME-Version: 1.0\nContent-Type: \
         text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
    );
    let _ = writeln!(text, "The release key of {team}, as of {}:\n", at.date());
    let _ = writeln!(text, "    {}", VisibleText::from_text(one.name()));
    let _ = writeln!(text, "    {}\n", fingerprint.grouped());
    for (index, (key, verdict)) in one.keys().enumerate() {
        let role = if index == 0 { "primary key" } else { "subkey" };
        let ends = verdict
            .expires
            .map_or_else(|| "no end".to_owned(), |end| format!("until {}", end.date()));
        let _ = writeln!(text, "{role}, {}, {}, {ends}:", key.algorithm, verdict.state.word());
        let _ = writeln!(text, "    {}", key.fingerprint.grouped());
        if verdict.state == State::Revoked {
            text.push_str("    Do not trust what it signs from now on.\n");
        }
    }
    if let Some(old) = replaced {
        let _ = writeln!(
            text,
            "\nIt takes the place of the key\n    {}\nwhich has certified it. What the old key signed \
             while it was in use can still be verified with it. Sign nothing for us to the old one \
             any more.",
            old.grouped()
        );
    }
    text.push_str(if is_over {
        "\nTake the certificate in again (gpg --refresh-keys, or as below), so that your tools know \
         it.\n"
    } else {
        "\nTake it in again where you have an older one: a new subkey, a later end and a revocation \
         are known only then. Compare the whole fingerprint with a second source.\n"
    });
    let public: Vec<_> = targets.iter().filter_map(|target| address(target)).collect();
    if !public.is_empty() {
        text.push_str("\nIt is published at:\n");
    }
    for place in public {
        let _ = writeln!(text, "    {}", VisibleText::from_text(&place));
    }
    let _ = writeln!(
        text,
        "\nWith GnuPG, from a file:\n    gpg --import FILE && gpg --fingerprint {}",
        fingerprint.hex()
    );
    text
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

/// What users ask for; absent where they have no way to a place of ours.
fn address(target: &Target) -> Option<String> {
    let is_address = |place: &&str| place.contains("://") && !place.starts_with("s3://");
    let own = Some(target.place.as_str()).filter(is_address);
    let place = match target.kind {
        // What stands in the settings is where we look.
        TargetKind::Wkd | TargetKind::Hkp | TargetKind::Vks => own,
        TargetKind::S3
        | TargetKind::Git
        | TargetKind::ApacheKeys
        | TargetKind::SpackMirror
        | TargetKind::Directory
        | TargetKind::Page => target.text("read").or(own),
        TargetKind::SecretManager => None,
    };
    Some(format!("{} ({})", place?, target.kind.word()))
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
