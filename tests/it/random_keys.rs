//! Keys at random, at any speed, with every run parked where something would
//! be confirmed: nothing ever is.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use crossterm::event::KeyCode;
use keyrite::app::Opening;
use keyrite::app::look::{GlyphSet, ThemeName};
use keyrite::engine::catalog::CATALOG;
use keyrite::engine::definition::Ceremony;
use keyrite::engine::event::Event as Entry;
use keyrite::engine::runner::{Prompt, Runner};
use keyrite::tui::event::Event;
use keyrite::tui::keymap::Chord;

use crate::support::dry_run::{self, Weather};
use crate::support::pilot::{Stage, typed};
use crate::support::story::Story;

/// A generator of numbers: xorshift.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        let count = u64::try_from(all.len()).unwrap();
        all[usize::try_from(self.below(count)).unwrap()]
    }
}

/// Keys that do something in a run; the first ones lead to a confirmation.
const KEYS: [&str; 36] = [
    "Enter",
    "Enter",
    "Enter",
    "Enter",
    "Tab",
    "Tab",
    "Tab",
    "Shift-Tab",
    "Space",
    "Up",
    "Down",
    "Left",
    "Right",
    "b",
    "i",
    "A",
    "x",
    "1",
    "2",
    "3",
    "?",
    "PgUp",
    "PgDn",
    "y",
    "Y",
    "Backspace",
    "Ctrl-u",
    "Ctrl-w",
    "F1",
    "p",
    "Esc",
    "q",
    "Esc",
    "Esc",
    "G",
    "Home",
];

/// A run that is about to confirm for the `number`th time, if it ever does.
fn parked(
    ceremony: &'static Ceremony,
    world: &keyrite::engine::question::World,
    number: usize,
) -> Option<Runner> {
    let mut runner = dry_run::begin(ceremony, world.clone(), Weather::Fine);
    let confirmed = |runner: &Runner| {
        let entries = runner.journal().entries().iter();
        entries.filter(|entry| matches!(entry.event, Entry::Confirmed { .. })).count()
    };
    dry_run::fly(&mut runner, &|runner, prompt| {
        matches!(prompt, Prompt::Confirm(_)) && confirmed(runner) == number
    })
    .then_some(runner)
}

/// Whether one of these entries confirms, or begins what cannot be undone.
fn goes_too_far(runner: &Runner, from: usize) -> bool {
    runner.journal().entries().iter().skip(from).any(|entry| match &entry.event {
        Entry::Confirmed { .. } => true,
        Entry::Intended { at, .. } => !runner.run().step(at).unwrap().reversible,
        _ => false,
    })
}

#[test]
fn keys_at_random_never_confirm_and_never_do_what_cannot_be_undone() {
    let all = if std::env::var("KEYRITE_CASES").is_ok() { 1_000_000 } else { 200_000 };
    let stage = Stage::new();
    stage.hold("root-generation");
    stage.hold("subkey-issuance");
    let world = stage.app.world(&stage.folder).unwrap();
    let mut places = Vec::new();
    for ceremony in CATALOG {
        for number in 0.. {
            if parked(ceremony, &world, number).is_none() {
                break;
            }
            places.push((ceremony, number));
        }
    }
    assert_eq!(places.len(), 19, "every confirmation of the catalog");
    let empty = Stage::new();
    let mut chance = Chance(0x6b65_7972_6974_6521);
    let (mut confirmations, mut pastes) = (0, 0);
    for (ceremony, number) in places {
        let before = parked(ceremony, &world, number).unwrap().journal().entries().len();
        let begun = Rc::new(Cell::new(0));
        let (count, world) = (begun.clone(), world.clone());
        let declaration = Box::new(empty.app.workspace(&empty.folder).unwrap());
        let opening = Opening::Workspace { folder: empty.folder.clone(), declaration };
        let (theme, glyphs) = (ThemeName::None, GlyphSet::Unicode);
        let mut story = Story::with(empty.app.clone(), &opening, (80, 24), theme, glyphs);
        story.runs = Some(Box::new(move || {
            count.set(count.get() + 1);
            parked(ceremony, &world, number).unwrap()
        }));
        for _ in 0..all / 7 {
            if story.model.held.is_none() {
                story.model.layers.clear();
                story.press("1 4 g Enter");
                assert!(story.model.held.is_some(), "{}", story.screen());
            }
            story.model.monotonic += Duration::from_millis(chance.below(5000));
            let is_confirming =
                story.model.scopes().contains(&keyrite::tui::keymap::Scope::Confirm);
            confirmations += usize::from(is_confirming);
            let event = match chance.below(100) {
                0 => {
                    pastes += 1;
                    Event::Paste(right(&story))
                }
                1..40 if is_confirming => {
                    let digits = b"0123456789abcdef";
                    let at = usize::try_from(chance.below(16)).unwrap();
                    Event::Key(KeyCode::Char(char::from(digits[at])).into())
                }
                _ => Event::Key(Chord::parse(chance.of(&KEYS)).unwrap().event()),
            };
            // As if every frame were drawn in between.
            story.model.is_unseen = false;
            if chance.below(97) == 0 {
                story.event(event);
            } else {
                story.take(event);
            }
            if let Some(runner) = story.runner() {
                assert!(!goes_too_far(runner, before), "{} {number}", ceremony.id);
            }
        }
        let count = begun.get();
        assert!(count > 10, "runs are left and taken up: {} {number} {count}", ceremony.id);
    }
    assert!(confirmations > all / 20 && pastes > all / 200, "{confirmations} {pastes}");
}

/// What has to be typed, to be pasted.
fn right(story: &Story) -> String {
    match story.runner().map(Runner::prompt) {
        Some(Prompt::Confirm(confirmation)) => typed(&confirmation).remove(0),
        _ => "TEST".to_owned(),
    }
}
