//! The console without a terminal: keys in, screens out. The real key table,
//! the real update and the real reading; nothing waits.

use std::sync::mpsc::{self, Receiver, Sender};

use keyrite::adapters::environment::Environment;
use keyrite::app::look::{Abilities, GlyphSet, Look, ThemeName};
use keyrite::app::{App, Input, Opening};
use keyrite::engine::reading::ReadingEvent;
use keyrite::tui::event::{Event, Request};
use keyrite::tui::keymap::{Chord, KeyMap};
use keyrite::tui::model::{Model, Setting};
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
    /// What was sent to the clipboard.
    pub(crate) copied: Vec<String>,
    /// Whether the person has left.
    pub(crate) left: bool,
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
        let look = Look { theme: Some(theme), glyphs: Some(glyphs) };
        let skin = Skin::new(look, Abilities::ALL).unwrap();
        let model = Model::new(setting(&app), skin, KeyMap::of_console().unwrap(), opening);
        let (sender, events) = mpsc::channel();
        let terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let mut story =
            Self { model, app, terminal, sender, events, copied: Vec::new(), left: false };
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
                Request::Copy(text) => self.copied.push(text),
                Request::Quit => self.left = true,
                Request::Open(opening) => {
                    self.model = self.model.reopened(setting(&self.app), &opening);
                    let requests = update::begin(&mut self.model, &opening);
                    self.carry_out(requests);
                }
                Request::Redraw | Request::Suspend => {}
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
