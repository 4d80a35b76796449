//! The console after a run: it shows what the run has left, unasked.

use std::fs;

use keyrite::engine::runner::Prompt;
use keyrite::tui::model::Screen;

use crate::held::{begin, go_on, open, until, view};
use crate::support::pilot::Stage;
use crate::support::story::Story;

/// Holds the run that is open to its end.
fn finish(story: &mut Story, stage: &Stage) {
    for _ in 0..100 {
        if matches!(view(story).prompt, Prompt::Ended(_)) {
            return;
        }
        go_on(story, stage);
    }
    panic!("it does not end\n{}", story.screen());
}

#[test]
fn what_a_ceremony_has_made_is_shown_without_being_asked_for() {
    let stage = Stage::new();
    let mut story = open(&stage);
    story.expect("no certificates");
    begin(&mut story);
    finish(&mut story, &stage);
    // What is said of the run stays in view while it is read.
    story.expect("is done").expect("The run is over").press("Enter");
    story.press("1").expect("1 certificate").expect_not("no certificates");
    assert_eq!(story.model.list.items().len(), 1);
    story.press("6").expect("primary key");
}

#[test]
fn the_filter_and_the_selection_stay_when_a_run_is_left() {
    let stage = Stage::after(&["root-generation", "subkey-issuance"]);
    let mut story = open(&stage);
    story.press("/").type_text("test").press("Enter l j");
    let before = (story.model.target_fingerprint(), story.model.list.selected());
    assert!(story.model.list.selected() > 0, "{}", story.screen());
    begin(&mut story);
    until(&mut story, &stage, "machine");
    // Meanwhile the subkey is revoked elsewhere.
    let other = stage.twin();
    other.hold("subkey-revocation");
    let name = format!("certs/{}.asc", stage.certificate());
    fs::copy(other.folder.join(&name), stage.folder.join(&name)).unwrap();
    let reading = story.model.reading;
    story.press("q").expect("paused, all is kept");
    assert_eq!((story.model.screen, story.model.reading), (Screen::Ceremonies, reading + 1));
    story.press("1").expect("of 1 certificate match 'test'");
    assert_eq!((story.model.target_fingerprint(), story.model.list.selected()), before);
    story.press("Esc").expect("revoked");
}

#[test]
fn what_was_given_up_is_read_again_too() {
    let stage = Stage::new();
    let mut story = open(&stage);
    begin(&mut story);
    let reading = story.model.reading;
    story.press("A").type_text("we begin again").press("Tab Tab Enter");
    story.expect("The run is given up.");
    assert_eq!(story.model.reading, reading + 1);
    story.press("q").expect("CEREMONY");
    assert_eq!(story.model.reading, reading + 1, "leaving it reads nothing once more");
}

#[test]
fn while_something_is_done_no_key_is_offered_that_would_be_refused() {
    let stage = Stage::new();
    let mut story = open(&stage);
    begin(&mut story);
    story.expect("q pauses").expect("Tab next");
    story.model.held.as_mut().unwrap().busy = Some(std::time::Duration::ZERO);
    story.pass(std::time::Duration::from_millis(250));
    story.expect("it is not cut off").expect_not("q pauses").expect_not("Tab next");
}
