//! The console without a terminal: keys in, screens out. The real key table,
//! the real update and the real reading; nothing waits.

use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use keyrite::adapters::environment::Environment;
use keyrite::app::conduct::{self, RunReport};
use keyrite::app::look::{Abilities, GlyphSet, Look, ThemeName};
use keyrite::app::{App, DEMO_NOW, Input, Listed, Opening, RunState};
use keyrite::domain::host::Locality;
use keyrite::engine::reading::ReadingEvent;
use keyrite::engine::runner::{Reply, Runner};
use keyrite::tui::event::{CeremoniesEvent, CeremoniesRequest, Event, Request};
use keyrite::tui::keymap::{Chord, KeyMap};
use keyrite::tui::model::{Model, Seen, Setting};
use keyrite::tui::skin::Skin;
use keyrite::tui::{outside, update, view};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// A person at the console.
pub(crate) struct Story {
    pub(crate) model: Model,
    app: App,
    terminal: Terminal<TestBackend>,
    sender: Sender<Event>,
    events: Receiver<Event>,
    /// Makes the runs of tests that need no files; they are held right here.
    pub(crate) runs: Option<Box<dyn Fn() -> Runner>>,
    desk: Desk,
    /// Workspaces whose places are to be asked, until `look` does it.
    pub(crate) looks: Vec<PathBuf>,
    /// Workspaces whose targets are to be asked, until `ask_targets` does it.
    pub(crate) drifts: Vec<PathBuf>,
    /// What was sent to the clipboard.
    pub(crate) copied: Vec<String>,
    /// Whether the person has left.
    pub(crate) left: bool,
    /// Whether it went to the background.
    pub(crate) suspended: bool,
}

/// Where a run is conducted.
enum Desk {
    Nowhere,
    /// On a thread of its own, as in the console.
    Thread(Sender<Reply>),
    Here(Box<Runner>),
}

fn setting(app: &App) -> Setting {
    Setting {
        now: app.now(),
        clock_runs: app.clock_runs(),
        cutoffs: app.cutoffs(),
        gnupg_home: Some("/home/test/.gnupg".into()),
        home: Some("/home/test".into()),
        here: "/home/test/work".into(),
    }
}

impl Story {
    /// Opens the demo.
    pub(crate) fn demo(width: u16, height: u16) -> Self {
        Self::open(&Opening::Demo, (width, height), ThemeName::None, GlyphSet::Unicode)
    }

    /// Opens the console on certificates.
    pub(crate) fn view(inputs: Vec<Input>, width: u16, height: u16) -> Self {
        let opening = Opening::View(inputs);
        Self::open(&opening, (width, height), ThemeName::None, GlyphSet::Unicode)
    }

    /// Opens the console in that look.
    pub(crate) fn open(
        opening: &Opening,
        (width, height): (u16, u16),
        theme: ThemeName,
        glyphs: GlyphSet,
    ) -> Self {
        let app = App::new(Environment::default()).demo();
        Self::with(app, opening, (width, height), theme, glyphs)
    }

    /// Opens the console of that program.
    pub(crate) fn with(
        app: App,
        opening: &Opening,
        (width, height): (u16, u16),
        theme: ThemeName,
        glyphs: GlyphSet,
    ) -> Self {
        let look = Look { theme: Some(theme), glyphs: Some(glyphs) };
        let skin = Skin::new(look, Abilities::ALL).unwrap();
        let model = Model::new(setting(&app), skin, KeyMap::of_console().unwrap(), opening);
        let (sender, events) = mpsc::channel();
        let terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let mut story = Self {
            model,
            app,
            terminal,
            sender,
            events,
            runs: None,
            desk: Desk::Nowhere,
            looks: Vec::new(),
            drifts: Vec::new(),
            copied: Vec::new(),
            left: false,
            suspended: false,
        };
        let requests = update::begin(&mut story.model, opening);
        story.carry_out(requests);
        story.draw();
        story
    }

    /// Presses keys: names of the key table, separated by blanks.
    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        for name in keys.split_whitespace() {
            let key = Chord::parse(name).unwrap().event();
            self.event(Event::Key(key));
        }
        self
    }

    /// Keys and text that come in together, before the next frame.
    pub(crate) fn at_once(&mut self, keys: &[&str]) -> &mut Self {
        for name in keys {
            let key = Chord::parse(name).unwrap().event();
            let requests = update::update(&mut self.model, Event::Key(key));
            self.carry_out(requests);
        }
        self.draw();
        self
    }

    /// Types a text, character by character.
    pub(crate) fn type_text(&mut self, text: &str) -> &mut Self {
        for character in text.chars() {
            let code = crossterm::event::KeyCode::Char(character);
            self.event(Event::Key(code.into()));
        }
        self
    }

    /// Something happens.
    pub(crate) fn event(&mut self, event: Event) -> &mut Self {
        let requests = update::update(&mut self.model, event);
        self.carry_out(requests);
        self.draw();
        self
    }

    fn carry_out(&mut self, requests: Vec<Request>) {
        for request in requests {
            match request {
                Request::Read(number, inputs) => {
                    let event = move |event| Event::Reading(number, event);
                    self.app.start_reading(inputs, self.sender.clone(), event);
                    self.wait_for(|event| {
                        matches!(event, Event::Reading(_, ReadingEvent::Finished))
                    });
                }
                Request::Inspect(fingerprint) => {
                    let event = move |result| Event::Inspected { fingerprint, result };
                    self.app.start_inspection(fingerprint, self.sender.clone(), event);
                    self.wait_for(|event| matches!(event, Event::Inspected { .. }));
                }
                Request::Team(request) => {
                    let event = Event::Team(outside::answer(&self.app, request));
                    let requests = update::update(&mut self.model, event);
                    self.carry_out(requests);
                }
                Request::Ceremonies(request) => {
                    let found = match request {
                        // What this machine is like is no part of a story.
                        CeremoniesRequest::Machine { .. } => CeremoniesEvent::Machine(machine()),
                        CeremoniesRequest::Runs(_) if self.runs.is_some() => {
                            CeremoniesEvent::Runs(Ok(runs()))
                        }
                        CeremoniesRequest::Audit(_) if self.runs.is_some() => continue,
                        request => outside::find_out(&self.app, request),
                    };
                    self.take(Event::Ceremonies(found));
                }
                Request::Conduct(number, folder, wanted) => {
                    if let Some(make) = &self.runs {
                        let runner = make();
                        let view = RunReport::View(Box::new(runner.view(None)));
                        self.desk = Desk::Here(Box::new(runner));
                        self.take(Event::Run(number, view));
                    } else {
                        let event = move |report| Event::Run(number, report);
                        let sender = self.sender.clone();
                        self.desk = Desk::Thread(self.app.start_run(folder, wanted, sender, event));
                        self.wait_for(is_answer);
                    }
                }
                Request::Say(reply) => match &mut self.desk {
                    Desk::Nowhere => {}
                    Desk::Thread(replies) => {
                        if replies.send(reply).is_ok() {
                            self.wait_for(is_answer);
                        }
                    }
                    Desk::Here(runner) => {
                        let number = self.model.runs;
                        for report in conduct::answer(runner, reply) {
                            self.take(Event::Run(number, report));
                        }
                    }
                },
                Request::LetGo => match std::mem::replace(&mut self.desk, Desk::Nowhere) {
                    Desk::Nowhere => {}
                    Desk::Thread(replies) => {
                        drop(replies);
                        self.wait_for(|event| matches!(event, Event::Run(_, RunReport::Left)));
                    }
                    Desk::Here(_) => {
                        let number = self.model.runs;
                        self.take(Event::Run(number, RunReport::Left));
                    }
                },
                Request::Look(folder) => self.looks.push(folder),
                Request::Drift(folder) => self.drifts.push(folder),
                Request::Copy(text) => self.copied.push(text),
                Request::Quit => self.left = true,
                Request::Open(opening) => {
                    self.model = self.model.reopened(setting(&self.app), &opening);
                    let requests = update::begin(&mut self.model, &opening);
                    self.carry_out(requests);
                }
                Request::Suspend => self.suspended = true,
                Request::Redraw => {}
                #[cfg(debug_assertions)]
                Request::Fail => {}
            }
        }
    }

    /// Takes events until the last one of a kind.
    fn wait_for(&mut self, is_last: impl Fn(&Event) -> bool) {
        loop {
            let event = self.events.recv().unwrap();
            let last = is_last(&event);
            let requests = update::update(&mut self.model, event);
            self.carry_out(requests);
            if last {
                return;
            }
        }
    }

    /// Takes an event into account, without a frame.
    pub(crate) fn take(&mut self, event: Event) {
        let requests = update::update(&mut self.model, event);
        self.carry_out(requests);
    }

    /// The places are asked.
    pub(crate) fn look(&mut self) -> &mut Self {
        for folder in std::mem::take(&mut self.looks) {
            let seen = self.app.look_at_slots(&folder).map_err(|error| error.to_string());
            self.event(Event::Looked(folder, seen));
        }
        self
    }

    /// The targets are asked.
    pub(crate) fn ask_targets(&mut self) -> &mut Self {
        for folder in std::mem::take(&mut self.drifts) {
            let seen = self.app.look_at_targets(&folder);
            self.event(Event::Drifted(folder, seen));
        }
        self
    }

    /// Time passes.
    pub(crate) fn pass(&mut self, time: Duration) -> &mut Self {
        self.model.monotonic += time;
        self.event(Event::Tick)
    }

    /// The console goes away, and with it whoever speaks to the run.
    pub(crate) fn hang_up(&mut self) {
        self.carry_out(vec![Request::LetGo]);
    }

    /// What the run says that is held here, without files.
    pub(crate) fn runner(&self) -> Option<&Runner> {
        match &self.desk {
            Desk::Here(runner) => Some(runner),
            Desk::Nowhere | Desk::Thread(_) => None,
        }
    }

    fn draw(&mut self) {
        self.terminal.draw(|frame| view::draw(frame, &mut self.model)).unwrap();
    }

    /// Gives the window another size.
    pub(crate) fn resize(&mut self, width: u16, height: u16) -> &mut Self {
        self.terminal.backend_mut().resize(width, height);
        self.event(Event::Resize { width, height })
    }

    /// The screen as text.
    pub(crate) fn screen(&self) -> String {
        let buffer = self.terminal.backend().buffer();
        let area = buffer.area;
        let mut screen = String::new();
        for y in area.top()..area.bottom() {
            let row: String = (area.left()..area.right())
                .map(|x| buffer.cell((x, y)).unwrap().symbol())
                .collect();
            screen.push_str(row.trim_end());
            screen.push('\n');
        }
        screen
    }

    /// The screen with its styles.
    pub(crate) fn styled(&self) -> String {
        format!("{:?}", self.terminal.backend().buffer())
    }

    /// Checks that the screen says something.
    #[track_caller]
    pub(crate) fn expect(&mut self, text: &str) -> &mut Self {
        assert!(self.screen().contains(text), "no '{text}' on\n{}", self.screen());
        self
    }

    /// Checks that the screen does not say something.
    #[track_caller]
    pub(crate) fn expect_not(&mut self, text: &str) -> &mut Self {
        assert!(!self.screen().contains(text), "'{text}' on\n{}", self.screen());
        self
    }
}

fn is_answer(event: &Event) -> bool {
    matches!(event, Event::Run(_, RunReport::View(_) | RunReport::Left))
}

/// A machine on which a ceremony would be stopped.
fn machine() -> Vec<Seen> {
    let seen = |mark, word: &str, hold| Seen {
        locality: Locality::Offline,
        mark,
        word: word.to_owned(),
        hold,
    };
    vec![
        seen("!!", "network up: eth0", Some(keyrite::domain::host::Hold::Exception)),
        seen("ok", "no swap", None),
        seen("ok", "clock", None),
        seen("--", "hardware clock", None),
    ]
}

/// Runs of a workspace: one that is paused, and one that was done.
fn runs() -> Vec<Listed> {
    let run = |id: &str, state, next: Option<&str>, steps: (usize, usize)| Listed {
        id: id.to_owned(),
        ceremony: "root-generation".to_owned(),
        operator: "driver".to_owned(),
        begun: DEMO_NOW,
        state,
        next: next.map(str::to_owned),
        steps: (steps.0, Some(steps.1)),
        signing: None,
    };
    vec![
        run("20261120T140200Z-testtest", RunState::Open, Some("Seal the plan"), (10, 36)),
        run("20261119T090000Z-testdone", RunState::Closed, None, (36, 36)),
    ]
}
