//! A run as questions line by line: the same engine as the console.

use std::io;

use super::Streams;
use super::confirm;
use crate::app::SecretSource;
use crate::app::exit::Exit;
use crate::cli::report::Report;
use crate::domain::text::{VisibleText, wrap};
use crate::domain::worded::Worded as _;
use crate::engine::effect::{Effect, SecretUse, Values};
use crate::engine::event::{Place, Remark};
use crate::engine::question::Asked;
use crate::engine::run::{Ending, Planned};
use crate::engine::runner::{Prompt, Refused, Reply, Runner};
use crate::engine::transcript::readable;

/// Columns of a line.
const COLUMNS: usize = 92;

const HELP: &str = "\
  :pause            keep everything and go away; this is what the end of the input does, too
  :back             take the last answers back, as long as the plan is not sealed
  :note TEXT        put something on record
  :except TEXT      take what stops the run on you (the witness, where there is one)
  :abandon TEXT     give the run up, with a reason
  :steps            all steps, and which are done
  :command          what shows the same without keyrite
  :help             this list";

/// A run with the streams on which it is held.
pub(super) struct Lines<'a, 'b> {
    pub(super) runner: Runner,
    pub(super) secrets: SecretSource,
    pub(super) streams: &'a mut Streams<'b>,
    /// The step of which the heading was written.
    pub(super) shown: Option<Place>,
}

/// What a person typed at a prompt.
enum Said {
    Text(String),
    Command(String, String),
    Nothing,
}

impl Lines<'_, '_> {
    /// Runs it until it ends, or until somebody goes away.
    pub(super) fn drive(&mut self) -> Result<Exit, Report> {
        self.say(&format!(
            "run {} of {}, {}",
            self.runner.journal().run(),
            self.runner.run().ceremony.id,
            self.runner.run().environment.to_uppercase()
        ))?;
        loop {
            self.heading()?;
            let prompt = self.runner.prompt();
            if let Prompt::Ended(ending) = prompt {
                return self.ended(ending);
            }
            if let Prompt::Paused = prompt {
                return self.paused();
            }
            let done = self.answer(prompt)?;
            if let Err(refused) = done {
                self.refused(&refused)?;
                if let Refused::Record(error) = refused {
                    return Err(Report::failed(format!("{error}; nothing more was done"))
                        .hint("what is written is safe; make room or mend the disk, and take the run up again")
                        .hint(self.resume_command()));
                }
            }
        }
    }

    fn answer(&mut self, prompt: Prompt) -> io::Result<Result<(), Refused>> {
        match prompt {
            Prompt::Ask(asked) => self.ask(&asked),
            Prompt::Plan { planned, digest } => {
                self.plan(&planned)?;
                self.say(&format!("digest of the plan: {digest}"))?;
                self.enter("Enter seals the plan")
            }
            Prompt::Check => self.enter("Enter looks"),
            Prompt::Confirm(confirmation) => {
                if !self.streams.is_interactive && !self.runner.is_rehearsal() {
                    self.say("this is confirmed on a terminal only, and not through a pipe")?;
                    return Ok(self.runner.reply(Reply::Pause));
                }
                for line in confirm::lines(&confirmation) {
                    self.say(&line)?;
                }
                let mut typed = Vec::new();
                for typing in &confirmation.typings {
                    match self.read(&format!("{}, by {}", typing.label, typing.by))? {
                        Said::Text(text) => typed.push(text),
                        Said::Command(command, rest) => return self.command(&command, &rest),
                        Said::Nothing => return Ok(self.runner.reply(Reply::Pause)),
                    }
                }
                if confirmation.typings.is_empty() {
                    return self.enter("Enter confirms");
                }
                Ok(self.runner.reply(Reply::Typed(typed)))
            }
            Prompt::Secret { secret, is_offered } => self.secret(secret, is_offered),
            Prompt::Perform(effect) => {
                self.effect(&effect)?;
                self.enter("Enter does it")
            }
            Prompt::Wait { path, comes_back: false } => {
                self.enter(&format!("unmount {path} and take it out; then Enter"))
            }
            Prompt::Wait { path, comes_back: true } => {
                self.enter(&format!("put it in again at {path} and mount it; then Enter"))
            }
            Prompt::Halted { remarks, can_except } => {
                self.halted(&remarks, can_except)?;
                self.enter("mend it, then Enter looks again")
            }
            Prompt::Doubt(why) => {
                self.say(&format!("not known: {why}"))?;
                self.say("safe: nothing is done again before it is known what happened")?;
                self.enter("Enter asks again")
            }
            Prompt::Close => self.enter("all is done; Enter writes the transcript"),
            Prompt::Paused | Prompt::Ended(_) => Ok(Ok(())),
        }
    }

    fn heading(&mut self) -> io::Result<()> {
        let Some((step, at)) = self.runner.step() else { return Ok(()) };
        if self.shown.as_ref() == Some(&at) {
            return Ok(());
        }
        let all = self.runner.run().shown();
        let number = all.iter().position(|shown| shown.place == at).map_or(0, |index| index + 1);
        let of = at.item().map(|item| format!(" ({item})")).unwrap_or_default();
        let undo = if step.reversible { "" } else { "; CANNOT BE UNDONE" };
        self.say("")?;
        self.say(&format!(
            "step {number} of {}: {}{of} [{}, {}{undo}]",
            all.len(),
            step.title,
            step.word(),
            step.place_word()
        ))?;
        for line in wrap(step.why, COLUMNS) {
            self.say(&format!("  {line}"))?;
        }
        if let Some(failure) = self.runner.run().failure() {
            self.say(&format!("  last time: {failure}"))?;
            self.say("  safe: this step counts as not done, and all before it is kept; mend it and try again")?;
        }
        self.shown = Some(at);
        Ok(())
    }

    fn ask(&mut self, asked: &[Asked]) -> io::Result<Result<(), Refused>> {
        let mut answers = Values::new();
        for one in asked {
            self.say(&format!("{}: {}", one.field.label, one.field.help))?;
            for choice in one.choices.iter().take(40) {
                let label = if choice.label == choice.value { "" } else { choice.label.as_str() };
                self.say(format!("  {}  {label}", choice.value).trim_end())?;
            }
            let offer = match one.offer.as_str() {
                "" => String::new(),
                offer => format!(" [{}]", VisibleText::from_text(offer)),
            };
            match self.read(&format!("{}{offer}", one.field.id))? {
                Said::Text(text) if text.is_empty() => {
                    answers.insert(one.field.id.to_owned(), one.offer.as_str().into());
                }
                Said::Text(text) => {
                    answers.insert(one.field.id.to_owned(), text.into());
                }
                Said::Command(command, rest) => return self.command(&command, &rest),
                Said::Nothing => return Ok(self.runner.reply(Reply::Pause)),
            }
        }
        Ok(self.runner.reply(Reply::Answers(answers)))
    }

    fn secret(&mut self, secret: SecretUse, is_offered: bool) -> io::Result<Result<(), Refused>> {
        if secret.is_new && !is_offered && !self.secrets.is_file() {
            match self.read(&format!("{}: Enter makes one; or type 'own'", secret.label))? {
                Said::Text(text) if text == "own" => {}
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
        self.secrets.show(
            "write it down on paper now; it is shown once and asked for again:\n\n  ",
            offered,
        )
    }

    fn hidden(&mut self, label: &str) -> io::Result<Option<crate::engine::secret::Secret>> {
        self.streams.out.flush()?;
        self.secrets.read(label)
    }

    fn enter(&mut self, what: &str) -> io::Result<Result<(), Refused>> {
        match self.read(what)? {
            Said::Text(_) => {
                self.shown = None;
                Ok(self.runner.reply(Reply::Go))
            }
            Said::Command(command, rest) => self.command(&command, &rest),
            Said::Nothing => Ok(self.runner.reply(Reply::Pause)),
        }
    }

    fn command(&mut self, command: &str, rest: &str) -> io::Result<Result<(), Refused>> {
        let text = rest.to_owned();
        Ok(match command {
            "pause" => self.runner.reply(Reply::Pause),
            "back" => self.runner.reply(Reply::Back),
            "note" => self.runner.reply(Reply::Note { text }),
            "abandon" => self.runner.reply(Reply::Abandon { reason: text }),
            "except" => {
                let run = self.runner.run();
                let by = run.witness().unwrap_or_else(|| run.operator.clone());
                self.runner.reply(Reply::Exception { text, by })
            }
            "steps" => {
                for step in self.runner.run().shown() {
                    let mark = if step.is_done { "done" } else { "    " };
                    self.say(&format!("  {mark}  {}", step.title))?;
                }
                Ok(())
            }
            "command" => {
                let command = self.runner.step().map_or("", |(step, _)| step.command);
                let none = "nothing but keyrite shows this step";
                self.say(if command.is_empty() { none } else { command })?;
                Ok(())
            }
            _ => {
                self.say(HELP)?;
                Ok(())
            }
        })
    }

    fn plan(&mut self, planned: &[Planned]) -> io::Result<()> {
        for (index, one) in planned.iter().enumerate() {
            let undo = if one.reversible { "" } else { " (cannot be undone)" };
            self.say(&format!("  {:>2}  {}{undo}", index + 1, one.title))?;
            for (name, value) in &one.inputs {
                let value = readable(name, value);
                self.say(&format!("        {name}: {}", VisibleText::from_text(&value)))?;
            }
        }
        Ok(())
    }

    fn effect(&mut self, effect: &Effect) -> io::Result<()> {
        self.say(&format!("will do: {}", effect.kind.word()))?;
        for (name, value) in &effect.inputs {
            let value = readable(name, &value.text());
            self.say(&format!("  {name}: {}", VisibleText::from_text(&value)))?;
        }
        Ok(())
    }

    fn halted(&mut self, remarks: &[Remark], can_except: bool) -> io::Result<()> {
        self.say("STOPPED")?;
        for remark in remarks {
            self.say(&format!("  {} {}: {}", remark.severity.word(), remark.id, remark.message))?;
            self.say(&format!("    {}", remark.remedy))?;
        }
        self.say("safe: everything that was done is on record, and nothing more is done")?;
        if can_except {
            self.say("somebody can take it on themselves: :except and a reason")?;
        } else {
            self.say("nobody can take this on themselves: mend it, or :abandon and a reason")?;
        }
        Ok(())
    }

    fn refused(&mut self, refused: &Refused) -> io::Result<()> {
        let Refused::Answers(wrong) = refused else {
            return self.say(&format!("not taken: {refused}"));
        };
        for one in wrong {
            self.say(&format!("not taken: {}: {}", one.field, one.message))?;
        }
        Ok(())
    }

    fn ended(&mut self, ending: Ending) -> Result<Exit, Report> {
        let (ceremony, run) = (self.runner.run().ceremony, self.runner.journal().run());
        let text = match ending {
            Ending::Closed => format!("done: the run is closed\n{}", ceremony.next),
            Ending::Abandoned => format!("the run is given up\n{}", ceremony.given_up),
        };
        let more = format!("transcript: keyrite ceremony transcript {run}");
        self.say("")?;
        for line in text.lines().flat_map(|line| wrap(line, COLUMNS)) {
            self.say(&line)?;
        }
        self.say(&more)?;
        Ok(Exit::Ok)
    }

    fn paused(&mut self) -> Result<Exit, Report> {
        self.say("")?;
        self.say("paused; everything that was done is kept, and passphrases are forgotten")?;
        let resume = self.resume_command();
        self.say(&format!("go on: {resume}"))?;
        Ok(Exit::Paused)
    }

    fn resume_command(&self) -> String {
        format!("keyrite ceremony resume {}", self.runner.journal().run())
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.streams.out, "{text}")
    }

    /// Reads one line; absent at the end of the input.
    fn read(&mut self, label: &str) -> io::Result<Said> {
        write!(self.streams.out, "{label}: ")?;
        self.streams.out.flush()?;
        let mut bytes = Vec::new();
        let mut input = io::Read::take(&mut *self.streams.input, 64 * 1024);
        if io::BufRead::read_until(&mut input, b'\n', &mut bytes)? == 0 {
            writeln!(self.streams.out)?;
            return Ok(Said::Nothing);
        }
        let text = String::from_utf8_lossy(&bytes).trim().to_owned();
        Ok(match text.strip_prefix(':') {
            Some(command) => {
                let (word, rest) = command.split_once(' ').unwrap_or((command, ""));
                Said::Command(word.to_owned(), rest.trim().to_owned())
            }
            None => Said::Text(text),
        })
    }
}
