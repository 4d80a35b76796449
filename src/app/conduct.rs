//! A run on a thread of its own: making keys and opening them takes long, and
//! a front end that draws must not wait for it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};

use super::{App, Beginning, CeremonyError};
use crate::domain::text::VisibleText;
use crate::engine::notice::Notices;
use crate::engine::runner::{Prompt, Reply, RunView, Runner};
use crate::engine::secret::Secret;

/// Which run is wanted.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// A new one of that ceremony.
    Begin(&'static str, Beginning),
    /// The one of that name.
    Resume(String),
}

/// What a run says.
#[derive(Debug)]
pub enum RunReport {
    /// A passphrase was made, to be shown once. The view follows.
    Offered(Secret),
    /// What is to be shown now; the last word after each reply.
    View(Box<RunView>),
    /// It cannot be begun or taken up.
    Refused(String),
    /// Something happens while an effect is under way. The view follows.
    Notice(VisibleText),
    /// Nobody conducts it any more; the last report of all.
    Left,
}

/// Says something to a run, and tells what came of it.
#[must_use]
pub fn answer(runner: &mut Runner, reply: Reply) -> Vec<RunReport> {
    let is_offer = matches!(reply, Reply::Offer);
    let refused = runner.reply(reply).err();
    let offered = runner.offered().filter(|_| is_offer && refused.is_none());
    // Copied into a page of its own; what was copied from is zeroed.
    let offered = offered.and_then(|made| Secret::take(&mut made.expose().to_vec()));
    let view = RunReport::View(Box::new(runner.view(refused)));
    offered.map(RunReport::Offered).into_iter().chain([view]).collect()
}

/// Sends the last report, also where the thread fails.
struct Tell<F: Fn(RunReport)>(Arc<F>);

impl<F: Fn(RunReport)> Drop for Tell<F> {
    fn drop(&mut self) {
        (self.0)(RunReport::Left);
    }
}

impl App {
    /// Conducts a run in the background. It takes replies until the sender is
    /// dropped, and pauses then, as soon as an effect that is under way has
    /// come to its end.
    pub fn start_run<E: Send + 'static>(
        &self,
        folder: PathBuf,
        wanted: Wanted,
        report: Sender<E>,
        event: impl Fn(RunReport) -> E + Send + Sync + 'static,
    ) -> Sender<Reply> {
        let (sender, replies) = mpsc::channel();
        let say = Arc::new(move |told| {
            let _ = report.send(event(told));
        });
        let notice = say.clone();
        let app = self.clone().telling(Notices::to(move |text| notice(RunReport::Notice(text))));
        self.background(move || {
            let tell = Tell(say);
            let mut runner = match app.open_run(&folder, wanted) {
                Ok(runner) => runner,
                Err(error) => return (tell.0)(RunReport::Refused(error.to_string())),
            };
            (tell.0)(RunReport::View(Box::new(runner.view(None))));
            for reply in replies {
                answer(&mut runner, reply).into_iter().for_each(&*tell.0);
            }
            if !matches!(runner.prompt(), Prompt::Paused | Prompt::Ended(_)) {
                // Where even that cannot be written, the journal stands as it
                // is, which is a pause, too.
                let _ = runner.reply(Reply::Pause);
            }
        });
        sender
    }

    fn open_run(&self, folder: &Path, wanted: Wanted) -> Result<Runner, CeremonyError> {
        match wanted {
            Wanted::Begin(ceremony, beginning) => self.begin_run(folder, ceremony, beginning),
            Wanted::Resume(id) => self.resume_run(folder, &id),
        }
    }
}
