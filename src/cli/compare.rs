//! `keyrite compare`: the keyed, blind comparison by line prompts.

use std::io::{BufRead, Write};

use super::keys;
use super::report::Report;
use crate::app::exit::Exit;
use crate::app::{App, Input};
use crate::domain::assessment::Assessment;
use crate::domain::claim::{ClaimError, read_claim};
use crate::domain::comparison::{Channel, Comparison, Settled, TRIES};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;

/// Longer lines are no fingerprint in any form.
const MAX_LINE: u64 = 4096;

/// Asks for the other side's value and says whether it is ours.
pub fn run(
    app: &App,
    ours: &str,
    inputs: &[Input],
    channel: Option<Channel>,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> Result<Exit, Report> {
    let (mut comparison, caveat) = our_key(app, ours, inputs, out)?;
    let channel = match channel {
        Some(channel) => channel,
        None => match ask_channel(input, out)? {
            Some(channel) => channel,
            None => return unfinished(out),
        },
    };
    writeln!(out, "channel: {} ({})", channel.word(), channel.worth())?;
    while comparison.settled().is_none() {
        let tries = comparison.tries() + 1;
        writeln!(
            out,
            "Type or paste what the OTHER side says (try {tries} of {TRIES}); ours is not shown:"
        )?;
        out.flush()?;
        let Some(line) = read_line(input)? else {
            break;
        };
        match read_claim(&line) {
            Err(ClaimError::Empty) => break,
            Err(error) => writeln!(out, "not compared: {error}")?,
            Ok(claim) => writeln!(out, "{}", comparison.attempt(&claim).words(claim.form))?,
        }
    }
    // A difference that was seen is not forgotten by leaving.
    comparison.give_up();
    match comparison.settled() {
        None => unfinished(out),
        Some(Settled::Match) => {
            if let Some(caveat) = caveat {
                writeln!(out, "{caveat}")?;
            }
            if channel == Channel::SameMachine {
                writeln!(out, "It proves nothing, because both values come from this machine.")?;
            }
            Ok(Exit::Ok)
        }
        Some(Settled::Mismatch) => {
            writeln!(out, "MISMATCH. Do not use this key before that is explained.")?;
            Ok(Exit::Mismatch)
        }
    }
}

fn unfinished(out: &mut dyn Write) -> Result<Exit, Report> {
    writeln!(out, "Not finished: nothing is said about this key.")?;
    Ok(Exit::Mismatch)
}

/// The key on our side: by its fingerprint, or by a name that only one
/// certificate in the given files has; and what a match does not mean.
fn our_key(
    app: &App,
    ours: &str,
    inputs: &[Input],
    out: &mut dyn Write,
) -> Result<(Comparison, Option<String>), Report> {
    let claim = read_claim(ours);
    if inputs.is_empty() {
        let not_a_fingerprint = |error| {
            Report::usage(format!("KEY is not a full fingerprint: {error}"))
                .hint("keyrite keys PATH shows the full fingerprints of your keys")
                .hint("keyrite compare NAME PATH takes a name, so that ours is never in view")
        };
        let claim = claim.map_err(not_a_fingerprint)?;
        return Ok((Comparison::new(claim.fingerprint, Vec::new()), None));
    }
    let (_, assessments) = keys::assess(app, inputs);
    let (assessment, index) = match claim {
        Ok(claim) => by_fingerprint(&assessments, &claim.fingerprint)?,
        Err(_) => by_name(&assessments, ours)?,
    };
    writeln!(out, "key: {}", assessment.blind_name(index))?;
    assessment
        .comparison(index)
        .map(|comparison| (comparison, assessment.caveat(index)))
        .ok_or_else(|| Report::failed("the key has no fingerprint"))
}

fn by_fingerprint<'a>(
    assessments: &'a [Assessment],
    ours: &Fingerprint,
) -> Result<(&'a Assessment, usize), Report> {
    let found = assessments.iter().find_map(|assessment| {
        let index = assessment.certificate.keys().position(|key| key.fingerprint == *ours)?;
        Some((assessment, index))
    });
    found.ok_or_else(|| {
        Report::usage("no key with that fingerprint is in the given files")
            .hint("keyrite keys PATH shows the full fingerprints of the keys in PATH")
    })
}

fn by_name<'a>(
    assessments: &'a [Assessment],
    name: &str,
) -> Result<(&'a Assessment, usize), Report> {
    let wanted = name.to_lowercase();
    let mut found = assessments.iter().filter(|assessment| {
        let ids = &assessment.certificate.user_ids;
        ids.iter().any(|id| id.text.as_str().to_lowercase().contains(&wanted))
    });
    let name = VisibleText::from_text(name);
    match (found.next(), found.count()) {
        (Some(assessment), 0) => Ok((assessment, 0)),
        (None, _) => Err(Report::usage(format!(
            "'{name}' is no full fingerprint, and no certificate in the given files is called so"
        ))),
        (Some(_), more) => Err(Report::usage(format!(
            "{} certificates in the given files are called '{name}'; say more of the name",
            more + 1
        ))),
    }
}

fn ask_channel(input: &mut dyn BufRead, out: &mut dyn Write) -> Result<Option<Channel>, Report> {
    writeln!(out, "How did the other side's value reach you?")?;
    for (index, channel) in Channel::ALL.into_iter().enumerate() {
        writeln!(out, "  {} {}: {}", index + 1, channel.word(), channel.worth())?;
    }
    loop {
        writeln!(out, "Number or word:")?;
        out.flush()?;
        let Some(line) = read_line(input)? else {
            return Ok(None);
        };
        let line = line.trim();
        if line.is_empty() {
            return Ok(None);
        }
        let by_number = line
            .parse::<usize>()
            .ok()
            .and_then(|number| Channel::ALL.get(number.checked_sub(1)?).copied());
        if let Some(channel) = by_number.or_else(|| Channel::from_word(line)) {
            return Ok(Some(channel));
        }
        writeln!(out, "Choose a number from 1 to {}.", Channel::ALL.len())?;
    }
}

fn read_line(input: &mut dyn BufRead) -> Result<Option<String>, Report> {
    use std::io::Read as _;
    let mut line = Vec::new();
    let read = input
        .take(MAX_LINE)
        .read_until(b'\n', &mut line)
        .map_err(|error| Report::failed(format!("cannot read the answer: {error}")))?;
    Ok((read > 0).then(|| String::from_utf8_lossy(&line).into_owned()))
}
