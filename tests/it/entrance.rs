//! What the console is opened on: the welcome screen, files, standard input.

use keyrite::app::look::{GlyphSet, ThemeName};
use keyrite::app::{Input, Opening};
use sequoia_openpgp::serialize::SerializeInto as _;

use crate::support::forge::{KeySpec, certificate, certify};
use crate::support::inputs::{cert, public};
use crate::support::program::Program;
use crate::support::story::Story;

fn welcome() -> Story {
    Story::open(&Opening::Welcome, (80, 24), ThemeName::None, GlyphSet::Unicode)
}

#[test]
fn the_welcome_screen_offers_what_works_and_says_what_does_not() {
    let mut story = welcome();
    story.expect("Try the demo").expect("/home/test/.gnupg").expect("Nothing is written");
    story.press("6").expect("signers are not invited by this version");
    story.press("2").expect("No certificate was found");
    story.expect("/home/test/.gnupg: there is no such file or folder");
    story.press("7").expect("/home/test/.gnupg").expect("there is no such file or folder");
}

#[test]
fn the_welcome_screen_knows_no_keys_of_other_screens() {
    let mut story = welcome();
    for key in ["7", "8", "9", "0", "r", "t", "v", "b"] {
        story.press(key).expect("Try the demo");
        assert!(story.model.layers.is_empty(), "{key}");
    }
    story.press("?").expect_not("screen: Findings").press("Esc");
    story.press(":").type_text("screen").expect("back").expect_not("screen: Findings");
}

#[test]
fn a_path_is_typed_and_a_tilde_is_the_home_folder() {
    let program = Program::new();
    let path = program.file("a.pgp", public(&cert("a")));
    let mut story = welcome();
    story.press("3").type_text(path.to_str().unwrap()).press("Enter");
    story.expect("a (TEST)").expect("1 certificate. 7 shows");
    let mut story = welcome();
    story.press("3").type_text("~/keys").press("Enter").expect("/home/test/keys: there is no such");
    // A path that was mistyped is not lost.
    story.expect("Esc goes back to the welcome screen.").press("Esc").expect("Try the demo");
    story.press("3").expect("path: ~/keys").press("Esc");
    let mut story = welcome();
    story.press("3 Enter").expect("Try the demo");
    story.press("3").type_text("x").press("Esc").expect("Try the demo");
}

#[test]
fn the_way_back_to_the_welcome_screen_forgets_no_comparison() {
    let mut story = welcome();
    story.press("1").expect("BREAKS FIRST").press("2 g v Enter");
    story.type_text(&"AB".repeat(20)).press("Enter Esc Esc");
    story.press(":").type_text("welcome").press("Enter").expect("Try the demo");
    story.press("q").expect("Leave keyrite?").expect("1 comparison of this").press("Enter");
    story.press("1 2").expect("MISMATCH");
}

#[test]
fn reading_again_keeps_the_page_and_the_selection_and_tells_a_lost_revocation() {
    use sequoia_openpgp::Packet;
    use sequoia_openpgp::types::ReasonForRevocation;
    let program = Program::new();
    let (a, b) = (cert("a"), cert("b"));
    let mut signer =
        b.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap();
    let revokes = b.revoke(&mut signer, ReasonForRevocation::KeyCompromised, b"TEST").unwrap();
    program.file("keys/a.pgp", public(&a));
    program.file("keys/b.pgp", public(&b));
    let revocation = program.file("keys/rev.pgp", Packet::from(revokes).to_vec().unwrap());
    let mut story = Story::view(vec![Input::Path(program.folder().join("keys"))], 100, 30);
    story.press("/").type_text("b@example").press("Enter g Enter ]").expect("revoked");
    story.press("r").expect("[User IDs]").expect("primary key of b (TEST)").expect("revoked");
    std::fs::remove_file(revocation).unwrap();
    story.press("r").expect("[User IDs]").expect("the revocation that was read before is gone");
    story.press("q").expect("match 'b@example'");
    assert_eq!(story.model.list.selection().unwrap().0.short_name(), "b (TEST)");
}

#[test]
fn equivalent_commands_fit_what_is_viewed() {
    let program = Program::new();
    let path = program.file("it's.pgp", public(&cert("a")));
    let mut story = Story::view(vec![Input::Path(path)], 160, 30);
    story.press("x").expect("gpg --show-keys --with-subkey-fingerprint '").expect("it'\\''s.pgp'");
    story.expect("sq inspect '").expect("keyrite keys --json --at 2026-11-20T14:02:00Z '");
    story.expect("gpg and sq speak of today");
    let mut story = Story::demo(100, 30);
    story.press("x").expect("keyrite demo --plain").expect_not("gpg");
}

#[test]
fn a_certification_by_a_revoked_key_is_not_praised() {
    use sequoia_openpgp::types::ReasonForRevocation;
    let program = Program::new();
    let revoked = KeySpec::new("C", "2025-01-01", None).revoked(
        ReasonForRevocation::KeyCompromised,
        "2026-01-01",
        "TEST",
    );
    let certifier = certificate(&["b (TEST)"], &revoked, &[]);
    let a = certify(&certifier, &cert("a"), "2025-06-01");
    let path = program.file("a.pgp", [public(&a), public(&certifier)].concat());
    let mut story = Story::view(vec![Input::Path(path)], 100, 30);
    story.press("/").type_text("a@example").press("Enter g Enter ] ] ]");
    story.expect("good b (TEST)").expect("but the key that made it is revoked");
}

#[test]
fn what_cannot_be_read_is_told_on_the_dashboard_and_stays_told() {
    let program = Program::new();
    let path = program.file("a.pgp", cert("a").as_tsk().to_vec().unwrap());
    let nothing = program.folder().join("missing.pgp");
    let mut story = Story::view(vec![Input::Path(path), Input::Path(nothing)], 80, 24);
    story.expect("7 shows 3 findings, 1 rejected part");
    story.press("j").expect("7 shows 3 findings, 1 rejected part.").expect("7 Find ▲4");
    story.press("7").expect("CUS-010").expect("rejected").press("G");
    story.expect("missing.pgp").expect("no such file or folder");
}
