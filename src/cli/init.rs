//! `keyrite init`: a new workspace.

use std::io::Write;
use std::path::Path;

use super::keys::assess;
use super::merge;
use super::opened::report;
use super::report::Report;
use crate::app::exit::Exit;
use crate::app::{App, Input, NewWorkspace, policy};
use crate::domain::assessment::Assessment;
use crate::domain::claim::read_claim;
use crate::domain::text::{VisibleText, counted};
use crate::domain::workspace::{Environment, Target};

/// Certificates that are adopted without being named.
const FEW: usize = 3;

/// What is wanted of a new workspace.
pub struct Wanted<'a> {
    /// Where it is made.
    pub folder: &'a Path,
    /// What it is called, if not like its folder.
    pub name: Option<&'a str>,
    /// Whose trust is at stake.
    pub environment: Environment,
    /// The rules.
    pub profile: &'a str,
    /// What the certificates are read from.
    pub inputs: &'a [Input],
    /// Which of them it adopts, by fingerprints or parts of names; none: all.
    pub only: &'a [String],
    /// Whether many are adopted without being named.
    pub all: bool,
    /// Where they are published.
    pub places: &'a [String],
}

/// Makes the workspace and adopts certificates.
pub fn init(app: &App, wanted: &Wanted<'_>, out: &mut dyn Write) -> Result<Exit, Report> {
    policy(wanted.profile).map_err(|error| Report::usage(error.to_string()))?;
    let places = wanted.places.iter().enumerate();
    let targets = places.map(|(index, place)| Target::of_place(place, index + 1));
    let targets = targets.collect::<Result<_, _>>().map_err(Report::usage)?;
    let (inventory, mut assessments) = assess(app, wanted.inputs);
    if assessments.is_empty() && !wanted.inputs.is_empty() {
        let told = inventory.rejected.iter().map(|r| format!("{}: {}", r.place(), r.reason));
        let told: Vec<_> = told.collect();
        let text = format!("no certificate to adopt; nothing was made; {}", told.join("; "));
        return Err(Report { exit: Exit::NoInput, ..Report::usage(text) });
    }
    for word in wanted.only {
        if !assessments.iter().any(|assessment| is_meant(assessment, word)) {
            let text = format!("no certificate is called '{word}'; nothing was made");
            return Err(Report::usage(text).hint("keyrite keys PATH lists their names"));
        }
    }
    if wanted.only.is_empty() && assessments.len() > FEW && !wanted.all {
        let text = format!(
            "there are {}, and most of many are somebody else's; nothing was made",
            counted(assessments.len(), "certificate")
        );
        return Err(Report::usage(text)
            .hint("--key FINGERPRINT or --key NAME, once or more, says which are yours")
            .hint("--all adopts all of them"));
    }
    if !wanted.only.is_empty() {
        assessments.retain(|a| wanted.only.iter().any(|word| is_meant(a, word)));
    }
    let folder = wanted.folder;
    let name = wanted.name.map_or_else(
        || folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        str::to_owned,
    );
    let new = NewWorkspace {
        folder: folder.to_owned(),
        name,
        environment: wanted.environment,
        profile: wanted.profile.to_owned(),
        targets,
        adopted: assessments,
    };
    let consumers = app.found(&new).map_err(|error| match app.find_workspace(Some(folder)) {
        Ok(_) => report(&error)
            .hint("keyrite adopt PATH, in it, brings certificates into one that is there")
            .hint("keyrite merge --install, in it, tells git how to merge it"),
        Err(_) => report(&error),
    })?;
    let shown = VisibleText::from_bytes(folder.as_os_str().as_encoded_bytes());
    writeln!(
        out,
        "made: {shown} with {} and {}",
        counted(new.adopted.len(), "certificate"),
        counted(consumers, "consumer")
    )?;
    super::plain::rejected(out, &inventory)?;
    let installed = app.install_merging(folder);
    merge::tell(out, installed.map_err(|error| merge::not_installed(&error))?)?;
    writeln!(
        out,
        "next: say in {shown}/keyrite.toml who is who, then: keyrite schedule --in {shown}"
    )?;
    Ok(super::keys::incomplete(&inventory))
}

/// Whether a fingerprint, or a part of a name, means that certificate.
pub(super) fn is_meant(assessment: &Assessment, word: &str) -> bool {
    if let Ok(claim) = read_claim(word) {
        return assessment.certificate.key(&claim.fingerprint).is_some();
    }
    let word = word.trim().to_lowercase();
    if word.is_empty() {
        return false;
    }
    let ids = &assessment.certificate.user_ids;
    ids.iter().any(|id| id.is_bound() && id.text.as_str().to_lowercase().contains(&word))
}
