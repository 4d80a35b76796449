//! Answers and passphrases, line by line.

use std::io;

use super::Lines;
use super::input::Said;
use crate::domain::text::VisibleText;
use crate::engine::effect::{SecretUse, Values};
use crate::engine::question::Asked;
use crate::engine::runner::{Refused, Reply};
use crate::engine::secret::Secret;

const NOT_YET: &str =
    "nothing is encrypted with it yet: one that was chosen before an interruption is void";

impl Lines<'_, '_> {
    /// Asks one thing after the other; each answer is held against the rules
    /// before the next is asked.
    pub(super) fn ask(&mut self, asked: &[Asked]) -> io::Result<Result<(), Refused>> {
        let mut answers = Values::new();
        for one in asked {
            // The console has boxes to tick instead.
            let how = if one.field.kind.takes_several() { "; separated by commas" } else { "" };
            self.say(&format!("{}: {}{how}", one.field.label, one.field.help))?;
            for choice in one.choices.iter().take(40) {
                let label = if choice.label == choice.value { "" } else { choice.label.as_str() };
                self.say(format!("  {}  {label}", choice.value).trim_end())?;
            }
            let offer = match one.offer.as_str() {
                "" => String::new(),
                offer if one.field.kind.may_be_empty() => {
                    format!(" [{}; - for none]", VisibleText::from_text(offer))
                }
                offer => format!(" [{}]", VisibleText::from_text(offer)),
            };
            loop {
                let said = match self.read(&format!("{}{offer}", one.field.id))? {
                    Said::Text(text) if text.is_empty() => one.offer.clone(),
                    Said::Text(text) if text == "-" && one.field.kind.may_be_empty() => {
                        String::new()
                    }
                    Said::Text(text) => text,
                    Said::Command(command, rest) => return self.command(&command, &rest),
                    Said::Nothing => return Ok(self.runner.reply(Reply::Pause)),
                };
                answers.insert(one.field.id.to_owned(), said.into());
                match self.runner.hold(one.field, &answers) {
                    Ok(()) => break,
                    Err(wrong) => {
                        self.say(&format!("not taken: {}: {}", wrong.field, wrong.message))?;
                    }
                }
            }
        }
        Ok(self.runner.reply(Reply::Answers(answers)))
    }

    pub(super) fn secret(
        &mut self,
        secret: SecretUse,
        is_offered: bool,
    ) -> io::Result<Result<(), Refused>> {
        if secret.is_new && !is_offered {
            self.say(NOT_YET)?;
        }
        if secret.is_new && !is_offered && !self.secrets.is_file() {
            match self.read(&format!("{}: Enter makes one; or type 'own'", secret.label))? {
                Said::Text(text) if text == "own" => {}
                Said::Text(text) if !text.is_empty() => {
                    self.say(
                        "that was neither Enter nor 'own', and it was shown: if it was to be a \
                         passphrase, take another one",
                    )?;
                    return Ok(Ok(()));
                }
                Said::Text(_) => {
                    let made = self.runner.reply(Reply::Offer);
                    if made.is_ok() {
                        self.show_offered()?;
                    }
                    return Ok(made);
                }
                Said::Command(command, rest) => return self.command(&command, &rest),
                Said::Nothing => return Ok(self.runner.reply(Reply::Pause)),
            }
        }
        let wanted = if is_offered { "type it back" } else { "without echo" };
        let Some(typed) = self.hidden(&format!("{} ({wanted}): ", secret.label))? else {
            return Ok(self.runner.reply(Reply::Pause));
        };
        let again =
            if secret.is_new && !is_offered { self.hidden("the same again: ")? } else { None };
        Ok(self.runner.reply(Reply::Secret { secret: typed, again }))
    }

    /// Shows a passphrase that was made, for this one time, on the terminal
    /// itself: never where the output may be a file or a pipe.
    fn show_offered(&mut self) -> io::Result<()> {
        let Some(offered) = self.runner.offered() else { return Ok(()) };
        self.secrets
            .show("write it down on paper now; it is shown once and asked for again:\n", offered)
    }

    fn hidden(&mut self, label: &str) -> io::Result<Option<Secret>> {
        self.streams.out.flush()?;
        self.secrets.read(label)
    }
}
