//! The transcript as Markdown.

use std::fmt::Write as _;

use super::{Signed, Transcript, readable, sentences};
use crate::domain::text::{VisibleText, wrap};
use crate::engine::event::{Event, Remark, Weight};
use crate::engine::run::{Ending, Next};

/// Columns of a line.
const COLUMNS: usize = 96;

impl Signed<'_> {
    /// Nobody's.
    pub const NOBODY: Self = Self(&[]);

    /// Whether that person's is among them.
    #[must_use]
    pub fn has(self, person: &str) -> bool {
        self.0.contains(&person)
    }
}

impl Transcript<'_> {
    /// For people; everything in it is in the JSON document, too.
    #[must_use]
    pub fn text(&self, signed: Signed<'_>) -> String {
        let mut page = String::new();
        self.first_page(&mut page, signed);
        for told in self.told() {
            let _ = write!(page, "\n## {}\n\n", VisibleText::from_text(&told.title));
            for entry in told.entries {
                for (index, sentence) in sentences(&entry.event).iter().enumerate() {
                    let time = match index {
                        0 => format!("{} #{}", entry.moment.at, entry.seq),
                        _ => String::new(),
                    };
                    // Whatever people typed stays on its line.
                    let sentence = VisibleText::from_text(sentence);
                    let lines = wrap(sentence.as_str(), COLUMNS - 32);
                    let _ = writeln!(page, "    {time:<28}{}", lines.join(&format!("\n{:32}", "")));
                }
            }
        }
        let _ = write!(
            page,
            "\n## What comes next\n\n{}\n",
            if self.run.next() == Next::Ended(Ending::Abandoned) {
                VisibleText::from_text(&self.run.given_up()).into_string()
            } else {
                self.run.ceremony.next.to_owned()
            }
        );
        page
    }

    /// What stopped the run for good, until somebody took an answer back.
    fn answered_otherwise(&self) -> Vec<&Remark> {
        let (mut stopped, mut otherwise) = (Vec::new(), Vec::new());
        for entry in self.entries {
            match &entry.event {
                Event::Observed { remarks, .. } => {
                    stopped = remarks.iter().filter(|one| one.weight == Weight::Forbids).collect();
                }
                Event::Returned { .. } => otherwise.append(&mut stopped),
                // It was looked at again.
                Event::Completed { .. } => stopped.clear(),
                Event::Opened { .. }
                | Event::Answered { .. }
                | Event::PlanSealed { .. }
                | Event::Confirmed { .. }
                | Event::Intended { .. }
                | Event::Failed { .. }
                | Event::Waited { .. }
                | Event::Attested { .. }
                | Event::Exception { .. }
                | Event::Noted { .. }
                | Event::Paused { .. }
                | Event::Resumed { .. }
                | Event::Abandoned { .. }
                | Event::HandedOver { .. }
                | Event::TakenOver { .. }
                | Event::Recalled { .. }
                | Event::Closed { .. } => {}
            }
        }
        otherwise
    }

    fn first_page(&self, page: &mut String, signed: Signed<'_>) {
        let title = self.run.ceremony.title;
        let shown = |text: &str| VisibleText::from_text(text).into_string();
        let stamp = shown(&self.run.environment.to_uppercase());
        let _ = write!(page, "# {title}\n\nEnvironment: {stamp}\n");
        if stamp != "PRODUCTION" && stamp != "STAGING" {
            let _ = writeln!(page, "This is a {stamp}: its keys protect nothing.");
        }
        let witness = match self.run.witness() {
            Some(witness) if signed.has(&witness) => format!("{} (signed)", shown(&witness)),
            Some(witness) => {
                format!("{} (until a signature arrives: UNWITNESSED)", shown(&witness))
            }
            None => "nobody: UNWITNESSED".to_owned(),
        };
        let operator = &self.run.operator;
        let standing = if signed.has(operator) { "signed" } else { "unsigned" };
        let team = self.opened().0;
        let instant = |at: Option<_>| {
            at.map(|at: crate::domain::timestamp::Timestamp| at.iso()).unwrap_or_default()
        };
        for (name, value) in [
            ("Team", shown(team)),
            ("Run", self.id.to_owned()),
            ("Ceremony", format!("{} version {}", self.run.ceremony.id, self.run.ceremony.version)),
            ("Begun", instant(self.begun())),
            ("Ended", instant(self.ended())),
            ("Administrator", format!("{} ({standing})", shown(operator))),
            ("Witness", witness),
        ] {
            let _ = writeln!(page, "{name}: {value}");
        }
        let _ = writeln!(page, "Journal: {}", self.head);
        let _ = writeln!(page, "In words: {}", self.spoken_head());
        let exceptions = &self.run.exceptions;
        let _ = writeln!(page, "Exceptions: {}", exceptions.len());
        for exception in exceptions {
            let (place, by) = (shown(exception.place.as_str()), shown(&exception.by));
            let _ = writeln!(page, "  {place} by {by}: {}", shown(&exception.text));
        }
        let otherwise = self.answered_otherwise();
        if !otherwise.is_empty() {
            let _ = writeln!(page, "Stopped, and then answered otherwise: {}", otherwise.len());
        }
        for remark in otherwise {
            let _ = writeln!(page, "  {}: {}", remark.id, shown(&remark.message));
        }
        let made = ["fingerprint", "subkey"];
        let facts = self.run.facts().iter();
        let mut values: Vec<_> = facts
            .filter(|(name, _)| made.iter().any(|made| name.ends_with(&format!(".{made}"))))
            .map(|(name, value)| (name.rsplit('.').next().unwrap_or_default(), value.text()))
            .collect();
        values.sort_unstable();
        values.dedup();
        for (name, value) in values {
            let _ = writeln!(page, "Of the {name}: {}", shown(&readable(name, &value)));
        }
    }
}
