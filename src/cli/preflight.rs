//! `keyrite preflight`: whether a ceremony could begin on this machine.

use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::keys::assess;
use super::opened::report;
use super::report::Report;
use crate::app::exit::Exit;
use crate::app::{App, Input, policy};
use crate::domain::assessment::Assessment;
use crate::domain::host::{
    Asked, Block, Bound, Hold, HostFacts, Locality, Probe, blocking, newest_signature, probe,
};
use crate::domain::policy::Policy;
use crate::domain::text::counted;
use crate::domain::worded::Worded as _;
use crate::domain::workspace::Environment;

/// The rules where there is no workspace.
const PROFILE: &str = "small-team";

/// The JSON document `keyrite.preflight/1`.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    at: String,
    environment: &'static str,
    profile: &'a str,
    locality: &'static str,
    not_before: NotBefore,
    probes: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct NotBefore {
    at: String,
    because: &'static str,
}

#[derive(Serialize)]
struct Entry<'a> {
    id: &'static str,
    verdict: &'static str,
    word: &'a str,
    severity: Option<&'static str>,
    message: Option<&'a str>,
    remedy: Option<&'a str>,
    blocks: Option<&'static str>,
}

/// The rules of the workspace, and what its certificates know of the time.
struct Rules {
    policy: Policy,
    environment: Environment,
    assessments: Vec<Assessment>,
}

impl Rules {
    /// Those of the workspace that is named or found here; without one, those
    /// of a small team in production.
    fn of(app: &App, named: Option<&Path>) -> Result<Self, Report> {
        let folder = match app.find_workspace(named) {
            Ok(folder) => folder,
            Err(error) if named.is_some() => return Err(report(&error)),
            Err(_) => {
                let policy = policy(PROFILE).map_err(|error| Report::failed(error.to_string()))?;
                let environment = Environment::Production;
                return Ok(Self { policy, environment, assessments: Vec::new() });
            }
        };
        let team = app.workspace(&folder).map_err(|error| report(&error))?.team;
        let (_, assessments) = assess(app, &[Input::Path(App::certificates_of(&folder))]);
        Ok(Self { policy: team.policy, environment: team.workspace.environment, assessments })
    }
}

/// What was looked at, and what it comes to.
struct Looked<'a> {
    rules: &'a Rules,
    asked: Asked,
    bound: Bound,
    probes: &'a [Probe],
    blocks: Vec<Block<'a>>,
}

impl Looked<'_> {
    /// How a look stops the ceremony, if it does.
    fn hold(&self, probe: &Probe) -> Option<Hold> {
        self.blocks.iter().find(|block| block.probe.id == probe.id).map(|block| block.hold)
    }
}

/// Looks at the machine; ends with 8 where something stops a ceremony.
pub fn run(
    app: &App,
    folder: Option<&Path>,
    locality: Locality,
    json: bool,
    out: &mut dyn Write,
) -> Result<Exit, Report> {
    let rules = Rules::of(app, folder)?;
    let newest = newest_signature(rules.assessments.iter().map(|one| &*one.certificate));
    let asked = app.ask_host(locality, newest, None);
    let facts: HostFacts = app.host();
    let probes = probe(&facts, &asked);
    let blocks = blocking(&rules.policy, rules.environment, locality, &probes);
    let bound = asked.bound(&facts);
    let looked = Looked { rules: &rules, asked, bound, probes: &probes, blocks };
    if json {
        as_json(&looked, out)?;
    } else {
        as_text(&looked, out)?;
    }
    Ok(if looked.blocks.is_empty() { Exit::Ok } else { Exit::Findings })
}

fn as_json(looked: &Looked<'_>, out: &mut dyn Write) -> std::io::Result<()> {
    let document = Document {
        schema: "keyrite.preflight/1",
        at: looked.asked.now.iso(),
        environment: looked.rules.environment.word(),
        profile: &looked.rules.policy.profile,
        locality: looked.asked.locality.word(),
        not_before: NotBefore { at: looked.bound.at.iso(), because: looked.bound.what },
        probes: looked.probes.iter().map(|probe| Entry::of(looked, probe)).collect(),
    };
    serde_json::to_writer(&mut *out, &document).map_err(std::io::Error::from)?;
    writeln!(out)
}

impl<'a> Entry<'a> {
    fn of(looked: &Looked<'_>, probe: &'a Probe) -> Self {
        let finding = probe.finding.as_ref();
        Self {
            id: probe.id.word(),
            verdict: probe.verdict.word(),
            word: &probe.word,
            severity: finding.map(|finding| finding.severity.word()),
            message: finding.map(|finding| finding.message.as_str()),
            remedy: finding.map(|finding| finding.remedy.as_str()),
            blocks: looked.hold(probe).map(Hold::word),
        }
    }
}

fn as_text(looked: &Looked<'_>, out: &mut dyn Write) -> std::io::Result<()> {
    let Looked { rules, asked, bound, probes, blocks } = looked;
    let (policy, environment) = (&rules.policy, rules.environment.word());
    writeln!(out, "as of: {}, by this machine's clock", asked.now.iso())?;
    writeln!(out, "not before: {}, when {}", bound.at.iso(), bound.what)?;
    writeln!(out, "environment: {environment}; place: {}", asked.locality.word())?;
    writeln!(out, "profile: {} ({})", policy.words(), policy.about)?;
    for probe in *probes {
        writeln!(out, "[{}] {}", probe.verdict.mark(), probe.word)?;
        let Some(finding) = &probe.finding else { continue };
        writeln!(out, "  {}: {} {}", finding.severity.word(), finding.id, finding.message)?;
        writeln!(out, "  it stops: {}", stops(looked.hold(probe)))?;
        writeln!(out, "  what to do: {}", finding.remedy)?;
    }
    let found = probes.iter().filter(|probe| probe.finding.is_some()).count();
    writeln!(
        out,
        "found: {}; {} of them {} an {} ceremony",
        counted(found, "finding"),
        blocks.len(),
        if blocks.len() == 1 { "stops" } else { "stop" },
        asked.locality.word()
    )
}

/// What a hold means to people.
fn stops(hold: Option<Hold>) -> &'static str {
    match hold {
        None => "nothing",
        Some(Hold::Exception) => "a ceremony, unless an exception is put on record",
        Some(Hold::Refused) => "a ceremony, without exception",
    }
}
