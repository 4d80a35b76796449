//! `keyrite compare`: the keyed, blind comparison by line prompts.

use std::io::{BufRead, Write};

use super::keys;
use super::report::Report;
use crate::app::exit::Exit;
use crate::app::{App, Input};
use crate::domain::claim::{ClaimError, read_claim};
use crate::domain::comparison::{Channel, Comparison, Outcome, Settled, TRIES};
use crate::domain::fingerprint::Fingerprint;

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
    let ours = read_claim(ours)
        .map_err(|error| {
            Report::usage(format!("FPR is not a full fingerprint: {error}"))
                .hint("keyrite keys PATH shows the full fingerprints of your keys")
        })?
        .fingerprint;
    if !inputs.is_empty() {
        writeln!(out, "key: {}", name(app, inputs, &ours)?)?;
    }
    let channel = match channel {
        Some(channel) => channel,
        None => match ask_channel(input, out)? {
            Some(channel) => channel,
            None => return unfinished(out),
        },
    };
    writeln!(out, "channel: {} ({})", channel.word(), channel.worth())?;
    let mut comparison = Comparison::new(ours);
    while comparison.settled().is_none() {
        writeln!(
            out,
            "Type or paste what the OTHER side says (try {} of {TRIES}); ours is not shown:",
            comparison.tries() + 1
        )?;
        out.flush()?;
        let Some(line) = read_line(input)? else {
            return unfinished(out);
        };
        match read_claim(&line) {
            Err(ClaimError::Empty) => return unfinished(out),
            Err(error) => writeln!(out, "not compared: {error}")?,
            Ok(claim) => match comparison.attempt(&claim) {
                Outcome::Match => {}
                Outcome::Different { group, of } => writeln!(
                    out,
                    "DIFFERENT: the first difference is in group {group} of {of}. Ask for that \
                     group again; treat it as NOT the same key until that is explained."
                )?,
                Outcome::OtherVersion => writeln!(
                    out,
                    "DIFFERENT: one is a version 4 fingerprint, the other a version 6 one."
                )?,
            },
        }
    }
    let tries = comparison.tries();
    if let Some(Settled::Match) = comparison.settled() {
        writeln!(out, "MATCH: every digit is equal (try {tries}).")?;
        if channel == Channel::SameMachine {
            writeln!(out, "It proves nothing, because both values come from this machine.")?;
        }
        Ok(Exit::Ok)
    } else {
        writeln!(out, "MISMATCH after {tries} tries. Do not use this key before it is explained.")?;
        Ok(Exit::Mismatch)
    }
}

fn unfinished(out: &mut dyn Write) -> Result<Exit, Report> {
    writeln!(out, "Not finished: nothing is said about this key.")?;
    Ok(Exit::Mismatch)
}

fn name(app: &App, inputs: &[Input], ours: &Fingerprint) -> Result<String, Report> {
    let (_, assessments) = keys::assess(app, inputs);
    let found = assessments.iter().find_map(|assessment| {
        let index = assessment.certificate.keys().position(|key| key.fingerprint == *ours)?;
        Some(format!("{} of {}", assessment.role(index), assessment.name()))
    });
    found.ok_or_else(|| {
        Report::usage("no key with that fingerprint is in the given files")
            .hint("keyrite keys PATH shows the full fingerprints of the keys in PATH")
    })
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
