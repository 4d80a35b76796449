//! The console on a team's workspace: made, opened, read anew, changed.

use std::path::PathBuf;

use keyrite::adapters::environment::Environment;
use keyrite::app::look::{GlyphSet, ThemeName};
use keyrite::app::{App, Input, Opening};
use keyrite::domain::timestamp::Timestamp;
use sequoia_openpgp::serialize::SerializeInto as _;

use crate::support::forge::{KeySpec, certificate};
use crate::support::program::Program;
use crate::support::story::Story;

/// Certificates of which two are one's own.
fn keyring(program: &Program) -> PathBuf {
    let release = certificate(
        &["Release TEST <release@example.org>"],
        &KeySpec::new("C", "2025-06-01", Some("2028-06-01")),
        &[KeySpec::new("S", "2025-12-01", Some("2026-12-31"))],
    );
    let nightly = certificate(
        &["Nightly TEST <nightly@example.org>"],
        &KeySpec::new("CS", "2025-06-01", Some("2027-06-01")),
        &[],
    );
    let dead = certificate(
        &["Dead TEST <dead@example.org>"],
        &KeySpec::new("C", "2024-06-01", Some("2028-06-01")),
        &[KeySpec::new("S", "2024-06-01", Some("2026-06-01"))],
    );
    let friend = certificate(
        &["Friend TEST <friend@example.org>"],
        &KeySpec::new("C", "2025-06-01", Some("2028-06-01")),
        &[KeySpec::new("S", "2025-06-01", Some("2028-05-01"))],
    );
    let all = [release, nightly, dead, friend];
    let all = all.map(|cert| cert.strip_secret_key_material().to_vec().unwrap());
    program.file("keys.pgp", all.concat())
}

fn looking(program: &Program) -> Story {
    let path = keyring(program);
    let mut story = Story::view(vec![Input::Path(path)], 100, 30);
    story.model.here = PathBuf::from(program.folder());
    story
}

/// Answers all four questions; adopts all but the last key.
fn answer(story: &mut Story) {
    story.press("w").expect("1 of 4").type_text("Halyard Releases").press("Enter");
    story.expect("2 of 4").expect("A team of one to three").press("Enter");
    story.expect("3 of 4").expect("keys.openpgp.org").press("Enter");
    story.expect("4 of 4").expect("0 keys of 4 so far");
    for _ in 0..3 {
        story.press("Space j");
    }
    story.expect("3 keys of 4 so far").press("Enter").expect("make it?");
}

fn open(program: &Program, size: (u16, u16)) -> Story {
    let folder = program.folder().join("halyard-releases");
    let app = App::new(Environment::default());
    let declaration = Box::new(app.workspace(&folder).unwrap());
    let opening = Opening::Workspace { folder, declaration };
    Story::open(&opening, size, ThemeName::None, GlyphSet::Unicode)
}

fn file(program: &Program) -> PathBuf {
    program.folder().join("halyard-releases/keyrite.toml")
}

#[test]
fn four_questions_make_a_workspace_whose_first_screen_says_what_is_due() {
    let program = Program::new();
    let mut story = looking(&program);
    answer(&mut story);
    story.expect("/halyard-releases").expect("Adopts     3 keys").expect("[ Cancel ]");
    story.press("Tab Enter");
    story.expect("PRODUCTION  Halyard Releases").expect("made, with 3 consumers");
    // The dead one first: its successor is overdue for months.
    story.expect("overdue  generate signer-3").expect("overdue  generate signer-1");
    story.expect("by 2026-11-14 (-6 d)").expect("no owner");
    let text = std::fs::read_to_string(file(&program)).unwrap();
    assert!(
        text.contains("name = \"Halyard Releases\"") && text.contains("kind = \"vks\""),
        "{text}"
    );
    // Cron says the same.
    let outcome = program.run(&["check", "--in", "halyard-releases", "--at", "2026-11-20"]);
    assert_eq!(outcome.code, Some(4), "{outcome:?}");
    assert!(outcome.err.contains("overdue: generate signer-1 by 2026-11-14 ("), "{outcome:?}");
    // And the console opens it again from the folder.
    open(&program, (80, 24)).expect("overdue  generate signer-3").expect("Halyard Releases");
}

#[test]
fn nothing_is_made_before_the_last_question_and_esc_goes_back_one_by_one() {
    let program = Program::new();
    let mut story = looking(&program);
    answer(&mut story);
    // The focus is on Cancel, and Enter takes it.
    story.press("Enter").expect_not("make it?");
    answer(&mut story);
    story.press("Esc").expect("4 of 4").press("Esc").expect("3 of 4");
    story.press("Esc").expect("2 of 4").press("Esc").expect("1 of 4").press("Esc");
    assert!(story.model.layers.is_empty());
    assert!(!file(&program).exists());
}

#[test]
fn answers_that_cannot_be_are_told_at_their_question() {
    let program = Program::new();
    program.file("taken/x", "");
    let mut story = looking(&program);
    story.press("w Enter").expect("a name with letters or digits");
    story.type_text("Taken").press("Enter").expect("'taken' is here already");
    story.type_text(" 2").press("Enter Enter").type_text(" ftp://x").press("Enter");
    story.expect("'ftp://x' is no place that is known");
}

#[test]
fn a_folder_that_cannot_be_written_is_told_and_nothing_is_lost() {
    let program = Program::new();
    let mut story = looking(&program);
    // Where the folder should be made is a file.
    story.model.here = program.file("here", "");
    answer(&mut story);
    story.press("Tab Enter").expect("That was not done").expect("cannot be written");
    story.expect("What was shown before stays").press("Esc").expect("Release TEST");
}

#[test]
fn the_timeline_shows_keys_successors_and_gaps() {
    let program = Program::new();
    let mut story = looking(&program);
    answer(&mut story);
    story.press("Tab Enter 3").expect("24 months").expect("signer-1").expect("T today");
    story.expect("g 2026-10-31 (-20 d)  p 2026-11-03 (-17 d)  a 2026-12-03 (13 d)");
    story.press("j j").expect("signer-3: present key ended 2026-06-01");
    story.expect("gap from 2026-06-01 to 2026-12-23: a successor cannot sign earlier");
    story.press("-").expect("48 months").press("+ +").expect("12 months").press("+ + +");
    story.expect("6 months").press("l l").expect_not("2026-12 ").press("T").expect("2026-12 ");
    story.press("i").expect("keyrite schedule --ics --in").press("y");
    assert!(story.copied[0].starts_with("keyrite schedule --ics --in /"), "{:?}", story.copied);
    for (width, height) in [(60, 16), (80, 24), (160, 50)] {
        story.press("Esc").resize(width, height).press("3").expect("signer-1").expect("gap from");
    }
}

#[test]
fn what_to_do_next_is_told_with_its_formula() {
    let program = Program::new();
    let mut story = looking(&program);
    story.press("d").expect("w makes one of these keys").press("Esc");
    // Without a workspace the subkeys that sign stand there themselves.
    story.press("3 j j j j").expect("signing subkey ended 2026-06-01").press("i");
    story.expect("steps are planned in a workspace").press("1");
    answer(&mut story);
    story
        .press("Tab Enter d")
        .expect("because old key ends 2026-06-01 - 14 d slack - 14 d overlap");
    let text = std::fs::read_to_string(file(&program)).unwrap();
    let none = text.split("[[consumers]]").next().unwrap();
    std::fs::write(file(&program), none).unwrap();
    story.press("Esc r d").expect("The workspace declares no consumer");
}

#[test]
fn a_finding_is_waived_in_the_file_whose_comments_stay() {
    let program = Program::new();
    let mut story = looking(&program);
    answer(&mut story);
    story.press("Tab Enter 7");
    story.expect("error   CAP-002  Dead TEST").press("w").expect("say in keyrite.toml who is in");
    let people = "\n# the two of us\n[[people]]\nid = \"al\"\nname = \"Al TEST\"\n[[people]]\nid = \"bo\"\nname = \"Bo TEST\"\n";
    let text = std::fs::read_to_string(file(&program)).unwrap() + people;
    std::fs::write(file(&program), &text).unwrap();
    story.press("r w").expect("Live with CAP-002").expect("Signed off by (al, bo)");
    story.press("Enter Enter Enter").expect("no person is called that; there are al, bo");
    story.type_text("bo").press("Enter Enter Enter").expect("say why");
    story.type_text("retired next week").press("Enter").type_text("2026-11-01").press("Enter");
    story.expect("2026-11-01 is over").press("Ctrl-u").type_text("2027-01-01").press("Enter");
    story.expect("CAP-002 is waived until 2027-01-01").expect("1 waived");
    let after = std::fs::read_to_string(file(&program)).unwrap();
    assert!(after.starts_with(&text), "{after}");
    assert!(after.contains("reason = \"retired next week\"\nby = \"bo\"\nuntil = \"2027-01-01\""));
    // It stands at the end of the list, told as waived.
    story.press("G").expect("waived by bo until 2027-01-01 (42 d): retired next week");
    let outcome = program.run(&["lint", "--in", "halyard-releases", "--at", "2026-11-20"]);
    assert!(outcome.out.contains("waived: CAP-002"), "{}", outcome.out);
    let outcome = program.run(&["lint", "--in", "halyard-releases", "--at", "2027-02-01"]);
    assert!(outcome.out.contains("waiver: the waiver by bo ended 2027-01-01"), "{}", outcome.out);
}

#[test]
fn a_file_that_was_edited_while_it_was_open_is_not_overwritten() {
    let program = Program::new();
    let mut story = looking(&program);
    answer(&mut story);
    story.press("Tab Enter");
    let people = "\n[[people]]\nid = \"al\"\nname = \"Al TEST\"\n";
    let text = std::fs::read_to_string(file(&program)).unwrap() + people;
    std::fs::write(file(&program), &text).unwrap();
    story.press("7 r w").type_text("because").press("Enter").type_text("2027-01-01");
    let theirs = format!("{text}# mine\n");
    std::fs::write(file(&program), &theirs).unwrap();
    story.press("Enter").expect("was changed since it was read; nothing was");
    assert_eq!(std::fs::read_to_string(file(&program)).unwrap(), theirs);
    story.press("Esc r w").type_text("because").press("Enter").type_text("2027-01-01");
    story.press("Enter").expect("is waived until");
    assert!(std::fs::read_to_string(file(&program)).unwrap().contains("# mine\n\n[[waivers]]"));
}

#[test]
fn a_file_that_is_wrong_now_is_told_and_what_was_read_stays() {
    let program = Program::new();
    let mut story = looking(&program);
    answer(&mut story);
    story.press("Tab Enter");
    let text = std::fs::read_to_string(file(&program)).unwrap();
    std::fs::write(file(&program), format!("{text}[[wavers]]\n")).unwrap();
    story.press("r").expect("there is no field 'wavers' here; did you");
    story.expect("What was shown before stays.").press("Esc").expect("generate signer-1");
    // It is not forgotten on any screen.
    story.press("3").expect("keyrite.toml is wrong now").press("1");
    // On the command line it is told with its line.
    let outcome = program.run(&["check", "--in", "halyard-releases"]);
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    let line = text.lines().count() + 1;
    assert!(outcome.err.contains(&format!("keyrite.toml:{line}: ")), "{outcome:?}");
}

#[test]
fn a_workspace_is_opened_by_its_path() {
    let program = Program::new();
    let mut story = looking(&program);
    answer(&mut story);
    story.press("Tab Enter");
    let opening = Opening::Welcome;
    let mut story = Story::open(&opening, (80, 24), ThemeName::None, GlyphSet::Unicode);
    let folder = program.folder().join("halyard-releases");
    story.press("4").expect("Open a workspace").type_text("/nowhere").press("Enter");
    story.expect("/nowhere is no workspace: it has no keyrite.toml").press("Esc 4 Ctrl-u");
    story.type_text(folder.to_str().unwrap()).press("Enter").expect("Halyard Releases");
}

#[test]
fn a_plan_that_cannot_work_is_told_first() {
    let program = Program::new();
    let mut story = looking(&program);
    answer(&mut story);
    story.press("Tab Enter");
    let text = std::fs::read_to_string(file(&program)).unwrap();
    let text = format!("{text}\n[policy.windows]\nslack = 0\n");
    std::fs::write(file(&program), text).unwrap();
    story.press("r").expect("the plan for 'signer-1' cannot work: the successor is made");
    story.press("d").expect("the nearest that does: overlap 14 days, slack 7 days");
    story.press("Esc 0 G").expect("windows.slack = 0");
}

#[test]
fn keys_that_are_looked_at_are_held_against_any_profile() {
    let program = Program::new();
    let mut story = looking(&program);
    story.press("7").expect("By the rules of small-team");
    story.press(":").type_text("next profile").press("Enter").expect("By the rules of strict");
    story.press("w").expect("a waiver is kept in a workspace");
    story.press("g Enter").expect("[Identity]").press("q").expect("By the rules of strict");
}

#[test]
fn time_moves_the_plan_at_midnight() {
    let program = Program::new();
    let mut story = looking(&program);
    answer(&mut story);
    story.press("Tab Enter").expect("later    generate signer-2");
    story.model.move_to(Timestamp::parse("2027-04-01").unwrap());
    story.press("Esc").expect("due      generate signer-2");
}
