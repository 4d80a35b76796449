//! A run as questions line by line: the same engine as the console.

mod asked;
mod input;

use std::io;

use self::input::Said;
use super::Streams;
use super::confirm;
use super::show::COLUMNS;
use crate::app::SecretSource;
use crate::app::exit::Exit;
use crate::cli::report::Report;
use crate::domain::text::{VisibleText, width, wrap};
use crate::domain::worded::Worded as _;
use crate::engine::effect::Effect;
use crate::engine::event::{Event, Place, Remark};
use crate::engine::run::{Ending, Next, Planned, in_words, numbered};
use crate::engine::runner::{Prompt, Refused, Reply, Runner};
use crate::engine::transcript::{is_for_people, readable, results};

const HELP: &str = "\
  :pause            keep everything and go away; this is what the end of the input does, too
  :back             take the last answers back, as long as the plan is not sealed
  :note TEXT        put something on record
  :except TEXT      take what stops the run on you (the witness, where there is one)
  :abandon TEXT     give the run up, with a reason
  :steps            all steps, and which are done
  :command          what shows the same without keyrite
  :help             this list";

/// Where a folder stands for a medium.
const AWAY: &str = " (a folder: give it another name)";
const BACK: &str = " (a folder: give it its name back)";

/// A run with the streams on which it is held.
pub(super) struct Lines<'a, 'b> {
    pub(super) runner: Runner,
    pub(super) secrets: SecretSource,
    pub(super) streams: &'a mut Streams<'b>,
    /// The step of which the heading was written.
    pub(super) shown: Option<Place>,
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
            let before = self.runner.journal().entries().len();
            let done = self.answer(prompt)?;
            self.noted(before)?;
            if self.has_acted(before) {
                self.forget_typed()?;
            }
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
                self.plan(&confirmation.planned)?;
                for line in confirm::lines(&confirmation) {
                    self.say(&line)?;
                }
                let mut typed = Vec::new();
                for typing in &confirmation.typings {
                    self.forget_typed()?;
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
            Prompt::Wait { path, comes_back } => {
                let (how, folder, enter) = if comes_back {
                    (
                        format!("put it in again and mount it at {path}"),
                        BACK,
                        "Enter when it is back",
                    )
                } else {
                    (format!("unmount {path} and take it out"), AWAY, "Enter when it is out")
                };
                let folder = if self.runner.is_rehearsal() { folder } else { "" };
                self.say(&format!("{how}{folder}"))?;
                self.enter(enter)
            }
            Prompt::Halted { remarks, can_except } => {
                self.halted(&remarks, can_except)?;
                self.enter("mend it, then Enter looks again")
            }
            Prompt::Doubt(why) => {
                self.say(&format!("not known: {why}"))?;
                self.say("safe: nothing is done again before it is known what happened")?;
                self.enter("Enter looks again whether it happened")
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
            "{}: {}{of} [{}, {}{undo}]",
            numbered(number, self.runner.run().total()),
            step.title,
            step.word(),
            step.place_word()
        ))?;
        self.say(&format!("  {}", step.why))?;
        if let Some(failure) = self.runner.run().failure() {
            self.say(&format!("  last time: {failure}"))?;
            self.say("  safe: this step counts as not done, and all before it is kept; mend it and try again")?;
        }
        self.shown = Some(at);
        Ok(())
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
                HELP.lines().try_for_each(|line| self.say(line))?;
                Ok(())
            }
        })
    }

    fn plan(&mut self, planned: &[Planned]) -> io::Result<()> {
        for (index, one) in in_words(planned).iter().enumerate() {
            self.say(&format!("  {:>2}  {}", index + 1, one.title))?;
            for input in &one.inputs {
                self.say(&format!("        {input}"))?;
            }
        }
        Ok(())
    }

    fn effect(&mut self, effect: &Effect) -> io::Result<()> {
        self.say(&format!("will do: {}", effect.kind.word()))?;
        for (name, value) in effect.inputs.iter().filter(|(name, _)| is_for_people(name)) {
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
        if self.runner.run().way_back().is_some() {
            self.say("where an answer has led here: :back takes the last ones back")?;
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
            Ending::Abandoned => format!("the run is given up\n{}", self.runner.run().given_up()),
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

    /// What was found and stops nothing.
    fn noted(&mut self, before: usize) -> io::Result<()> {
        if matches!(self.runner.run().next(), Next::Halted(_)) {
            return Ok(());
        }
        let entries = self.runner.journal().entries().iter().skip(before);
        let (mut remarks, mut found) = (Vec::new(), Vec::new());
        for entry in entries {
            if let Event::Observed { remarks: seen, .. } = &entry.event {
                remarks.extend(seen.iter().cloned());
            }
            if let Event::Completed { receipt, .. } = &entry.event {
                found.extend(results(receipt));
            }
        }
        for result in found {
            self.say(&format!("  {result}"))?;
        }
        for remark in remarks {
            let (severity, id) = (remark.severity.word(), remark.id);
            self.say(&format!(
                "  on record, stops nothing here: {severity} {id}: {}",
                remark.message
            ))?;
        }
        Ok(())
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        broken(text).iter().try_for_each(|line| writeln!(self.streams.out, "{line}"))
    }
}

/// A text in lines, broken between words; where a word is longer than a line
/// nothing is broken, so that it can be copied.
fn broken(text: &str) -> Vec<String> {
    if text.split(' ').any(|word| width(word) > COLUMNS) {
        return vec![text.to_owned()];
    }
    wrap(text, COLUMNS)
}
