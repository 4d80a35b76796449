//! The Custody screen: all of it can be read at every size, and places are
//! asked by a key and never without.

use std::fs;

use keyrite::app::Opening;
use keyrite::app::look::{GlyphSet, ThemeName};

use crate::support::pilot::Stage;
use crate::support::story::Story;

/// A subkey's secret in two slots, pending.
fn uploaded() -> Stage {
    Stage::after(&["root-generation", "subkey-issuance", "custody-upload"])
}

fn open(stage: &Stage, size: (u16, u16)) -> Story {
    let declaration = Box::new(stage.app.workspace(&stage.folder).unwrap());
    let opening = Opening::Workspace { folder: stage.folder.clone(), declaration };
    Story::with(stage.app.clone(), &opening, size, ThemeName::None, GlyphSet::Unicode)
}

#[test]
fn all_of_a_slot_can_be_read_at_every_size() {
    let stage = uploaded();
    for size in [(60, 16), (80, 24), (120, 40)] {
        let mut story = open(&stage, size);
        // The list itself says in which slot it is.
        story.press("6 g").expect("slot-key").expect("Enter all of it").press("Enter");
        let mut all = story.screen();
        for _ in 0..40 {
            all += &story.press("Down").screen();
        }
        for wanted in ["Place", "Subkey", "Readers", "If lost", "If leaked", "subkey-revocation"] {
            assert!(all.contains(wanted), "{wanted} at {size:?}\n{all}");
        }
        story.press("Esc G Enter").expect("Medium").press("Esc").expect("WITH");
    }
}

#[test]
fn places_are_asked_with_a_key_and_never_without() {
    let stage = uploaded();
    let path = stage.medium("slot-key");
    let mut story = open(&stage, (80, 24));
    story.press("6 j k 1 6 Enter Esc").expect("R asks the places");
    assert!(story.looks.is_empty());
    story.press("R").expect("asking 2 places, and fetching no secret");
    // It goes on in the background.
    story.press("j").expect("being asked").press("1 3 6 R").expect("asked already");
    assert_eq!(story.looks.len(), 1);
    story.look().expect("2 places asked").press("g").expect("As the places said at");
    story.expect("seen").expect_not("not seen");

    fs::remove_dir_all(&path).unwrap();
    fs::write(&path, "TEST").unwrap();
    story.press("R").look().expect("1 of 2 places could not be seen");
    story.press("g").expect("not seen").press("Enter").expect("Not seen");
    story.press("Esc r k").expect("R asks the places");
}

#[test]
fn what_is_frozen_is_shown_by_the_record_with_the_run_that_did_it() {
    let stage = uploaded();
    stage.hold("custody-promote");
    let run = stage.hold("custody-freeze").journal().run().to_owned();
    let mut story = open(&stage, (120, 40));
    story.press("6 g").expect("frozen").press("Enter").expect("nobody reads it since");
    story.expect(&run).expect("TEST a suspicion").press("Esc R").look().press("g").expect("frozen");
}

#[test]
fn where_there_is_no_place_nothing_is_asked() {
    let mut story = Story::view(Opening::Demo.inputs(), 80, 24);
    story.press("6 R").expect("there is no place to ask");
    assert!(story.looks.is_empty());
}

#[test]
fn the_demo_shows_made_up_slots_and_asks_nobody() {
    for size in [(60, 16), (80, 24), (100, 30)] {
        let mut story = Story::demo(size.0, size.1);
        story.press("6").expect("Made up: the demo asks nobody");
        let mut all = story.screen();
        for _ in 0..8 {
            all += &story.press("j").screen();
        }
        for wanted in ["unknown in slot", "pending in slot", "current in slot", "left in slot"] {
            assert!(all.contains(wanted), "{wanted} at {size:?}\n{all}");
        }
        assert!(all.contains("previous in slot") && all.contains("not seen"), "{all}");
        story.press("R").expect("the demo asks nobody: what is shown is made up");
        assert!(story.looks.is_empty());
        // What is read anew is made up anew.
        story.press("r 6 g").expect("unknown in slot").press("Enter");
        let mut page = story.screen();
        for _ in 0..20 {
            page += &story.press("Down").screen();
        }
        for wanted in ["aws-passphrase", "If leaked", "Made up: the demo asks nobody."] {
            assert!(page.contains(wanted), "{wanted} at {size:?}\n{page}");
        }
    }
}
