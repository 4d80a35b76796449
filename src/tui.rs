//! The console: one of the two front ends.
//!
//! One thread and one channel of closed events. It draws, waits, takes events
//! into account, and passes on what the model asks for; everything slow
//! happens on other threads.

pub mod action;
pub mod event;
pub mod keymap;
pub mod layer;
pub mod list;
pub mod message;
pub mod model;
pub mod outside;
pub mod screens;
pub mod skin;
mod terminal;
pub mod tips;
pub mod update;
pub mod view;
pub mod widgets;

use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use crossterm::event as input;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGTERM, SIGTSTP};

use self::event::{Event, Request, Signal};
use self::keymap::{KeyMap, KeyMapError};
use self::model::{Model, Setting};
use self::skin::Skin;
use self::terminal::Screen;
use crate::app::conduct::RunReport;
use crate::app::exit::Exit;
use crate::app::look::{Abilities, Look};
use crate::app::{App, Opening};
use crate::engine::runner::Reply;

/// Why the console ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// The terminal cannot be used.
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] io::Error),
    /// The key table is wrong.
    #[error(transparent)]
    KeyMap(#[from] KeyMapError),
    /// A theme is wrong.
    #[error("the theme cannot be read: {0}")]
    Theme(#[from] toml::de::Error),
}

/// While only progress comes in, a frame is drawn this often.
const PACE: Duration = Duration::from_millis(40);

/// While something turns or counts down, a frame is drawn this often.
const RESTLESS: Duration = Duration::from_millis(200);

/// No effect takes longer, on any machine.
const LONGEST_EFFECT: Duration = Duration::from_mins(5);

/// Opens the console and stays until the person leaves.
pub fn run(app: App, opening: &Opening, look: Look) -> Result<Exit, ConsoleError> {
    let environment = app.environment();
    let abilities = Abilities {
        colours: !environment.no_color,
        true_colour: environment.true_color,
        boxes: environment.unicode,
        utf8: environment.utf8,
    };
    let skin = Skin::new(look, abilities)?;
    let keymap = KeyMap::of_console()?;
    let model = Model::new(setting(&app), skin, keymap, opening);
    let (sender, events) = mpsc::channel();
    let mut console = Console {
        replies: None,
        is_conducting: false,
        started: app.clone(),
        app,
        model,
        screen: Screen::take()?,
        sender,
        drawn: Duration::ZERO,
    };
    let first = update::begin(&mut console.model, opening);
    // The first frame comes before any file is read.
    console.draw()?;
    listen(&console.app, &console.sender)?;
    console.carry_out(first)?;
    let stayed = console.stay(&events);
    console.let_go(&events);
    match stayed {
        // The terminal vanished while something was drawn: the same as SIGHUP,
        // which is on its way.
        Err(ConsoleError::Terminal(error)) if error.raw_os_error() == Some(EIO) => Ok(Exit::Hangup),
        result => result,
    }
}

/// What writing to a terminal that is gone ends with, on Linux and BSD.
const EIO: i32 = 5;

fn setting(app: &App) -> Setting {
    Setting {
        now: app.now(),
        clock_runs: app.clock_runs(),
        cutoffs: app.cutoffs(),
        gnupg_home: app.environment().gnupg_home.clone(),
        home: app.environment().home.clone(),
        here: app.environment().folder.clone(),
    }
}

struct Console {
    /// As it was started; the demo has another clock.
    started: App,
    app: App,
    model: Model,
    screen: Screen,
    sender: Sender<Event>,
    drawn: Duration,
    /// Where what is said to the open run goes.
    replies: Option<Sender<Reply>>,
    /// Whether the thread of a run is still there.
    is_conducting: bool,
}

impl Console {
    fn draw(&mut self) -> io::Result<()> {
        self.drawn = self.app.monotonic();
        self.screen.draw(&mut self.model)
    }

    /// Waits for events until one of them says to leave.
    fn stay(&mut self, events: &Receiver<Event>) -> Result<Exit, ConsoleError> {
        loop {
            let first = match events.recv_timeout(self.patience()) {
                Ok(event) => event,
                Err(RecvTimeoutError::Timeout) => Event::Tick,
                Err(RecvTimeoutError::Disconnected) => Event::InputLost,
            };
            let mut batch = vec![first];
            self.drain(events, &mut batch);
            self.notice_end(&batch);
            for event in batch {
                let exit = exit_of(&event);
                self.model.monotonic = self.app.monotonic();
                if matches!(event, Event::Tick) {
                    let now = self.app.now();
                    self.model.move_to(now);
                }
                let requests = update::update(&mut self.model, event);
                if self.carry_out(requests)? {
                    return Ok(exit);
                }
            }
            self.draw()?;
        }
    }

    /// Takes what has come in meanwhile. Progress alone waits for the pace,
    /// so that drawing does not hold up what it shows.
    fn drain(&self, events: &Receiver<Event>, batch: &mut Vec<Event>) {
        loop {
            let only_progress = batch.iter().all(|event| matches!(event, Event::Reading(..)));
            let pause = PACE.saturating_sub(self.app.monotonic().saturating_sub(self.drawn));
            let next = if only_progress && !pause.is_zero() {
                events.recv_timeout(pause).ok()
            } else {
                events.try_recv().ok()
            };
            match next {
                Some(event) => batch.push(event),
                None => return,
            }
            // A person's key is not kept waiting behind a flood.
            if batch.len() >= 4096 {
                return;
            }
        }
    }

    /// Notices that nobody conducts the run any more, before anything of the
    /// batch can end the console.
    fn notice_end(&mut self, batch: &[Event]) {
        let number = self.model.runs;
        let is_end =
            |event: &Event| matches!(event, Event::Run(of, RunReport::Left) if *of == number);
        if batch.iter().any(is_end) {
            self.is_conducting = false;
        }
    }

    /// How long nothing may happen until the screen is drawn anew.
    fn patience(&self) -> Duration {
        if self.model.is_restless() { RESTLESS } else { self.until_next_minute() }
    }

    /// Has the open run pause, however the console ends, and waits until that
    /// is written down: an effect that is under way comes to its end first.
    fn let_go(&mut self, events: &Receiver<Event>) {
        self.replies = None;
        if !self.is_conducting {
            return;
        }
        loop {
            match events.recv_timeout(LONGEST_EFFECT) {
                Ok(Event::Run(number, RunReport::Left)) if number == self.model.runs => return,
                Ok(_) => {}
                // What is in the journal is safe; more cannot be done.
                Err(_) => return,
            }
        }
    }

    fn until_next_minute(&self) -> Duration {
        const HOUR: Duration = Duration::from_hours(1);
        if !self.model.clock_runs {
            return HOUR;
        }
        let second = u64::try_from(self.app.now().unix().rem_euclid(60)).unwrap_or(0);
        Duration::from_secs(60 - second)
    }

    /// Does what the model asks for; says whether it is time to leave.
    fn carry_out(&mut self, requests: Vec<Request>) -> Result<bool, ConsoleError> {
        for request in requests {
            match request {
                Request::Read(number, inputs) => {
                    let event = move |event| Event::Reading(number, event);
                    self.app.start_reading(inputs, self.sender.clone(), event);
                }
                Request::Inspect(fingerprint) => {
                    let event = move |result| Event::Inspected { fingerprint, result };
                    self.app.start_inspection(fingerprint, self.sender.clone(), event);
                }
                Request::Team(request) => {
                    let (app, sender) = (self.app.clone(), self.sender.clone());
                    self.app.background(move || {
                        let _ = sender.send(Event::Team(outside::answer(&app, request)));
                    });
                }
                Request::Ceremonies(request) => {
                    let (app, sender) = (self.app.clone(), self.sender.clone());
                    self.app.background(move || {
                        let found = outside::find_out(&app, request);
                        let _ = sender.send(Event::Ceremonies(found));
                    });
                }
                Request::Look(folder) => {
                    let (app, sender) = (self.app.clone(), self.sender.clone());
                    self.app.background(move || {
                        let seen = app.look_at_slots(&folder).map_err(|error| error.to_string());
                        let _ = sender.send(Event::Looked(folder, seen));
                    });
                }
                Request::Drift(folder) => {
                    let (app, sender) = (self.app.clone(), self.sender.clone());
                    self.app.background(move || {
                        let seen = app.look_at_targets(&folder);
                        let _ = sender.send(Event::Drifted(folder, seen));
                    });
                }
                Request::Conduct(number, folder, wanted) => {
                    let event = move |report| Event::Run(number, report);
                    let sender = self.sender.clone();
                    self.replies = Some(self.app.start_run(folder, wanted, sender, event));
                    self.is_conducting = true;
                }
                Request::Say(reply) => {
                    if let Some(replies) = &self.replies {
                        let _ = replies.send(reply);
                    }
                }
                Request::LetGo => self.replies = None,
                Request::Copy(text) => Screen::copy(&text)?,
                Request::Open(opening) => self.open(&opening)?,
                Request::Redraw => self.screen.redraw()?,
                Request::Suspend => self.screen.suspend()?,
                Request::Quit => return Ok(true),
                #[cfg(debug_assertions)]
                Request::Fail => return Err(io::Error::other("as asked for").into()),
            }
        }
        Ok(false)
    }

    fn open(&mut self, opening: &Opening) -> Result<(), ConsoleError> {
        self.app = match opening {
            Opening::Demo => self.started.clone().demo(),
            Opening::Welcome | Opening::View(_) | Opening::Found(_) | Opening::Workspace { .. } => {
                self.started.clone()
            }
        };
        self.model = self.model.reopened(setting(&self.app), opening);
        let requests = update::begin(&mut self.model, opening);
        self.carry_out(requests)?;
        Ok(())
    }
}

/// How the program ends, if this event ends it.
fn exit_of(event: &Event) -> Exit {
    match event {
        Event::Signal(Signal::Terminate) => Exit::Terminated,
        Event::Signal(Signal::Hangup) | Event::InputLost => Exit::Hangup,
        Event::Key(_)
        | Event::Paste(_)
        | Event::Resize { .. }
        | Event::Tick
        | Event::Reading(..)
        | Event::Inspected { .. }
        | Event::Team(_)
        | Event::Ceremonies(_)
        | Event::Looked(..)
        | Event::Drifted(..)
        | Event::Run(..)
        | Event::Signal(Signal::Suspend | Signal::Continue) => Exit::Ok,
    }
}

/// Starts to listen to the keyboard and to signals.
fn listen(app: &App, sender: &Sender<Event>) -> io::Result<()> {
    let signals = signal_hook::iterator::Signals::new([SIGTERM, SIGHUP, SIGTSTP, SIGCONT])?;
    let to_console = sender.clone();
    app.background(move || forward_signals(signals, &to_console));
    let to_console = sender.clone();
    app.background(move || forward_keys(&to_console));
    Ok(())
}

fn forward_signals(mut signals: signal_hook::iterator::Signals, console: &Sender<Event>) {
    for signal in signals.forever() {
        let event = match signal {
            SIGTERM => Signal::Terminate,
            SIGHUP => Signal::Hangup,
            SIGTSTP => Signal::Suspend,
            _ => Signal::Continue,
        };
        if console.send(Event::Signal(event)).is_err() {
            return;
        }
    }
}

fn forward_keys(console: &Sender<Event>) {
    loop {
        let event = match input::read() {
            Ok(input::Event::Key(key)) => Event::Key(key),
            Ok(input::Event::Paste(text)) => Event::Paste(text),
            Ok(input::Event::Resize(width, height)) => Event::Resize { width, height },
            Ok(_) => continue,
            Err(_) => Event::InputLost,
        };
        let lost = matches!(event, Event::InputLost);
        if console.send(event).is_err() || lost {
            return;
        }
    }
}
