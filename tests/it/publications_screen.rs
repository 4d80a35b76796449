//! The Publications screen: what users get of each target, by the record until
//! the targets are asked.

use std::fs;

use keyrite::app::Opening;
use keyrite::app::look::{GlyphSet, ThemeName};
use sequoia_openpgp::serialize::SerializeInto as _;

use crate::support::pilot::Stage;
use crate::support::story::Story;
use crate::target_files::cert;

fn open(stage: &Stage, size: (u16, u16)) -> Story {
    let declaration = Box::new(stage.app.workspace(&stage.folder).unwrap());
    let opening = Opening::Workspace { folder: stage.folder.clone(), declaration };
    Story::with(stage.app.clone(), &opening, size, ThemeName::None, GlyphSet::Unicode)
}

fn team() -> Stage {
    Stage::after(&["root-generation", "subkey-issuance"])
}

#[test]
fn targets_are_asked_with_a_key_and_never_without() {
    let stage = team();
    let mut story = open(&stage, (80, 24));
    story.press("5").expect("not looked at").expect("files").expect("R asks the targets");
    assert!(story.drifts.is_empty());
    story.press("R").expect("asking 2 targets").press("R").expect("asked already");
    assert_eq!(story.drifts.len(), 1);
    story.ask_targets().expect("2 of 2 are not as they should be").expect("missing");
    stage.hold("publication");
    // What is on record counts until they are asked.
    story.press("R").ask_targets().expect("all targets give their users what they should");
    story.expect("match").press("Enter").expect("users get what was published").press("Esc");
    drop(story);
    let mut story = open(&stage, (80, 24));
    story.press("5").expect("match").expect("By the record");
}

#[test]
fn the_difference_of_expected_and_found_is_shown_at_every_size() {
    let stage = team();
    stage.hold("publication");
    stage.hold("subkey-revocation");
    let certificate = stage.certificate();
    let file = stage.folder.join("published").join(format!("{certificate}.gpg"));
    let strange = cert("stranger", &[]).strip_secret_key_material().to_vec().unwrap();
    fs::write(&file, strange).unwrap();
    for size in [(60, 16), (80, 24), (120, 40)] {
        let mut story = open(&stage, size);
        story.press("5 R").ask_targets().expect("1 incident").press("g").expect("foreign");
        story.press("Enter");
        let mut all = story.screen();
        for _ in 0..40 {
            all += &story.press("Down").screen();
        }
        for wanted in ["another certificate is", "Lacks", "revocation of", "PUB-002", "Door"] {
            assert!(all.contains(wanted), "{wanted} at {size:?}\n{all}");
        }
        story.press("Esc G Enter").expect("stale").press("Esc");
    }
}

#[test]
fn the_demo_shows_made_up_targets_and_asks_nobody() {
    let mut story = Story::demo(80, 24);
    story.press("5").expect("rollback").expect("stale").expect("unreachable").expect("match");
    story.expect("foreign").expect("missing").expect("Made up: the demo asks nobody");
    story.press("R").expect("the demo asks nobody");
    assert!(story.drifts.is_empty());
    story.press("g Enter").expect("Gone").expect("PUB-002").press("Esc");
    story.press("j Enter").expect("another certificate is there").expect("PUB-002").press("Esc");
}

#[test]
fn where_there_is_no_target_the_screen_says_what_it_is_for() {
    let stage = team();
    let file = stage.folder.join("keyrite.toml");
    let text = fs::read_to_string(&file).unwrap();
    let (before, _) = text.split_once("\n[[targets]]\nid = \"files\"").unwrap();
    fs::write(&file, before).unwrap();
    let mut story = open(&stage, (80, 24));
    story.press("5").expect("declares no target").press("R").expect("there is nothing to ask");
    assert!(story.drifts.is_empty());
}
