//! What people do in the console, as keys and what they then see.

use keyrite::app::Opening;
use keyrite::app::look::ThemeName;
use keyrite::tui::event::Event;

use crate::support::story::Story;

#[test]
fn the_first_frame_names_what_breaks_first_when_why_and_the_key_to_press() {
    let mut story = looking();
    story
        .expect("BREAKS FIRST")
        .expect("Halyard Release Root 2025 (TEST)")
        .expect("2026-12-02 (12 d)")
        .expect("no other key of it signs after")
        .expect("Enter opens it");
}

#[test]
fn the_first_frame_of_the_demo_says_what_to_do_for_whom_and_by_when() {
    for (width, height) in [(60, 16), (80, 24), (100, 30)] {
        let mut story = Story::demo(width, height);
        story.expect("DEMO").expect("overdue  generate build-aws");
    }
    let mut story = Story::demo(100, 30);
    story
        .expect("BREAKS FIRST")
        .expect("overdue  activate release-ci")
        .expect("by 2026-11-18 (-2 d)")
        .expect("rosa");
}

/// The demo's keys, without what the demo declares.
fn looking() -> Story {
    Story::view(Opening::Demo.inputs(), 80, 24)
}

#[test]
fn enter_opens_what_breaks_first_and_q_goes_back() {
    let mut story = Story::demo(80, 24);
    story.press("Enter");
    story.expect("[Identity]").expect("signing subkey").expect("expires 2026-12-02 (12 d)");
    story.press("q").expect("BREAKS FIRST");
    assert!(!story.left);
    story.press("q");
    assert!(story.left);
}

#[test]
fn a_green_primary_with_a_dead_subkey_is_told() {
    let mut story = Story::demo(80, 24);
    story.expect("CANNOT SIGN").expect("since 2026-11-01 (-19 d)");
}

#[test]
fn all_tabs_of_a_key_have_content() {
    let mut story = Story::demo(100, 30);
    story.press("/").type_text("okafor").press("Enter g Enter");
    for (tab, content) in [
        ("[Identity]", "For reading aloud"),
        ("[User IDs]", "M. Okafor (TEST) <okafor@halyard.example>"),
        ("[Subkeys]", "signing subkey: valid"),
        ("[Certifications]", "good Halyard Release Root 2025"),
        ("[Policy]", "SHA-512 is accepted"),
        ("[Packets]", "Public Key"),
    ] {
        story.expect(tab).expect(content).press("]");
    }
    story.expect("[Identity]");
    story.press("[").expect("[Packets]");
}

#[test]
fn an_unknown_issuer_is_not_called_good() {
    let mut story = Story::demo(100, 30);
    story.press("/").type_text("okafor").press("Enter g Enter ] ] ]");
    story.expect("issuer unknown");
}

#[test]
fn the_cut_off_that_makes_a_key_invalid_is_named() {
    let mut story = Story::demo(100, 30);
    story.press("/").type_text("packages").press("Enter g Enter ] ] ] ]");
    story
        .expect("policy: signatures with SHA-1 are refused since 2023-02-01")
        .expect("(no second pre-image");
}

#[test]
fn the_filter_narrows_inverts_and_is_cleared() {
    let mut story = Story::demo(80, 24);
    story.press("2 /").type_text("state:revoked");
    story.expect("2 of 12").expect_not("Release Root 2025");
    story.press("Enter").expect("2 of 12 certificates match");
    story.press("Esc").expect("12 certificates");
    story.press("/").type_text("!halyard").press("Enter");
    story.expect("0 of 12").expect("Nothing matches the filter");
    story.press("/ Esc").expect("12 certificates");
}

#[test]
fn facets_show_one_state_only() {
    let mut story = Story::demo(80, 24);
    story.press("f").expect("Show only").expect("cannot sign");
    story.press("j Enter").expect("1 of 12 certificates match 'state:cannot_sign'");
}

#[test]
fn sorting_changes_the_order_and_keeps_the_selection() {
    let mut story = Story::demo(80, 24);
    story.press("2");
    let selected = |story: &Story| {
        story.model.list.selection().map(|(item, key)| (item.listed.fingerprint, key))
    };
    story.press("j");
    let before = selected(&story);
    story.press("s").expect("sorted by name");
    assert_eq!(selected(&story), before);
    story.press("g");
    assert_eq!(
        story.model.list.selection().unwrap().0.short_name(),
        "Halyard Build Cache AWS (TEST)"
    );
    story.press("G").expect("Mirror Operator");
}

#[test]
fn folding_hides_subkeys_and_unfolding_shows_them() {
    let mut story = Story::demo(80, 24);
    story.press("2 g").expect("9247 5");
    story.press("h").expect_not("9247 5");
    story.press("l").expect("9247 5");
}

#[test]
fn b_goes_to_what_breaks_first_from_anywhere_in_the_list() {
    let mut story = looking();
    story.press("G").expect("b goes there");
    story.press("b").expect("Enter opens it.").expect_not("b goes there");
}

#[test]
fn the_comparison_is_blind_and_finds_the_wrong_digit_of_the_demo_card() {
    let mut story = Story::demo(80, 24);
    story.press("/").type_text("okafor").press("Enter g v");
    story.expect("How does the other side's value reach you?");
    story.press("j j j Enter").expect("channel: paper; try 1 of 3");
    let screen = story.screen();
    let card = screen.split("their card says: ").nth(1).unwrap();
    let card: String = card.lines().next().unwrap().trim_end_matches([' ', '│']).to_owned();
    let ours = story.model.target_fingerprint().unwrap().grouped();
    assert_ne!(card, ours);
    story.expect_not(&ours);
    story.type_text(&card).expect("complete; Enter compares");
    story.press("Enter").expect("group 8 of 10").expect_not(&ours);
    // The right value after a difference matches.
    story.press("Ctrl-u").type_text(&ours).press("Enter");
    story.expect("MATCH: every digit is equal.");
    story.press("Esc Enter").expect("MATCH, paper");
}

#[test]
fn leaving_after_a_difference_records_the_mismatch_and_it_stays() {
    let mut story = Story::demo(80, 24);
    story.press("2 g v Enter").type_text(&"AB".repeat(20)).press("Enter");
    story.expect("DIFFERENT: the first difference is in group 1 of 10");
    story.press("Esc").expect("MISMATCH. It stays with this key.");
    story.press("Esc").expect("MISMATCH");
    story.press("r").expect("MISMATCH");
    story.press("q").expect("Leave keyrite?").expect("1 comparison of this");
    assert!(!story.left);
    story.press("Enter");
    assert!(!story.left, "the focus starts on No");
    story.press("q Tab Enter");
    assert!(story.left);
}

#[test]
fn a_comparison_without_an_attempt_says_nothing() {
    let mut story = Story::demo(80, 24);
    story.press("v Enter Enter").type_text("7E6A").press("Esc");
    assert!(story.model.comparisons.all().is_empty());
    story.expect("BREAKS FIRST");
}

#[test]
fn pasting_is_noted_in_the_record_and_newlines_do_not_submit() {
    let mut story = Story::demo(80, 24);
    story.press("v").expect("Compare which key?").press("j Enter Enter");
    let ours = story.model.target_fingerprint().unwrap().grouped();
    story.event(Event::Paste(format!("{ours}\n")));
    story.expect("complete; Enter compares");
    story.press("Enter").expect("pasted");
    assert!(story.model.comparisons.all()[0].pasted);
}

#[test]
fn pasting_outside_a_text_field_changes_nothing() {
    for keys in ["", "2", "Enter", "7", "4", "f", "?", "Q"] {
        let mut story = Story::demo(80, 24);
        story.press(keys);
        let (screen, layers) = (story.model.screen, story.model.layers.len());
        story.event(Event::Paste("qqyyyy\n".to_owned()));
        assert!(!story.left);
        assert_eq!((story.model.screen, story.model.layers.len()), (screen, layers));
        assert!(story.model.message.as_ref().unwrap().text.contains("text fields only"));
    }
}

#[test]
fn holding_enter_and_y_never_leaves_or_records_anything() {
    let mut story = Story::demo(80, 24);
    for _ in 0..300 {
        story.press("Enter");
    }
    assert!(!story.left && story.model.comparisons.all().is_empty());
}

#[test]
fn copying_sends_public_values_and_says_that_nobody_knows() {
    let mut story = Story::demo(80, 24);
    let ours = story.model.target_fingerprint().unwrap();
    story.press("y").expect("sent to the terminal's clipboard");
    assert_eq!(story.copied, [ours.hex()]);
    story.press("Y j j Enter");
    assert_eq!(story.copied[1], ours.uri());
}

#[test]
fn the_palette_finds_commands_by_typing() {
    let mut story = Story::demo(80, 24);
    story.press(":").type_text("findings").press("Enter").expect("By the rules of");
    story.press(":").type_text("xyzzy").expect("no command is called like that");
    story.press("Enter");
    assert!(story.model.layers.is_empty());
}

#[test]
fn the_palette_changes_theme_and_characters() {
    let mut story = Story::demo(80, 24);
    story.press(":").type_text("colours").press("Enter");
    assert_eq!(story.model.skin.theme_name, ThemeName::Dark);
    story.press(":").type_text("glyphs").press("Enter");
    story.expect("cannot sign").expect_not("✗");
}

#[test]
fn help_lists_the_keys_of_the_screen_and_is_the_last_item_of_the_last_line() {
    for (width, height) in [(60, 16), (80, 24), (100, 30), (160, 50)] {
        let mut story = Story::demo(width, height);
        let screen = story.screen();
        assert!(screen.lines().last().unwrap().ends_with("? help"), "{screen}");
        story.press("?").expect("Help: the keys that work here").expect("go to what breaks first");
        story.press("Esc").expect("overdue");
    }
}

#[test]
fn screens_of_later_work_say_honestly_that_they_are_empty() {
    let mut story = Story::demo(80, 24);
    story.press("9").expect("People").expect("This version has nothing to show here yet.");
    story.press("0").expect("Settings of this session");
    story.press("Esc").expect("BREAKS FIRST");
}

#[test]
fn the_armored_certificate_is_shown_without_its_user_ids_in_the_header() {
    let mut story = Story::demo(100, 30);
    story.press("a").expect("-----BEGIN PGP PUBLIC KEY BLOCK-----").expect_not("Comment:");
    story.press("y");
    assert!(story.copied[0].ends_with("-----END PGP PUBLIC KEY BLOCK-----\n"));
}

#[test]
fn a_small_window_says_how_large_it_must_be() {
    let mut story = Story::demo(80, 24);
    story.resize(40, 10).expect("This window is 40x10.").expect("cannot sign 1");
    story.resize(80, 24).expect("BREAKS FIRST");
    story.press("q");
    assert!(story.left);
}

#[test]
fn tips_can_be_turned_and_closed() {
    let mut story = Story::demo(80, 24);
    story.expect("Tip 1 of 4");
    story.press("Tab").expect("Tip 2 of 4").press("Tab Tab").expect("Tip 4 of 4");
    story.press("Esc").expect_not("Tip ");
    story.press("Tab").expect("Tip 1 of 4");
}

#[test]
fn b_says_when_the_filter_hides_what_breaks_first() {
    let mut story = looking();
    story.press("/").type_text("state:revoked").press("Enter b").expect("the filter hides");
    story.press("Esc b").expect("Enter opens it.");
}

#[test]
fn a_filter_without_the_selected_key_selects_the_first_row() {
    let mut story = Story::demo(80, 24);
    story.press("G /").type_text("okafor").press("Enter");
    assert_eq!(story.model.list.selected(), 0);
    assert!(story.model.list.selection().unwrap().0.name().contains("Okafor"));
}

#[test]
fn keys_that_come_in_together_act_on_what_the_ones_before_have_shown() {
    let mut story = Story::demo(80, 24);
    story.at_once(&["/", "o", "k", "a", "f", "o", "r", "Enter", "g", "v", "Enter"]);
    story.expect("primary key of M. Okafor");
    let mut story = Story::demo(80, 24);
    story.at_once(&["2", "g", "h", "j", "y"]);
    let selected = story.model.list.selection().unwrap().0.listed.fingerprint;
    assert_eq!(story.copied, [selected.hex()]);
}

#[test]
fn a_field_that_does_not_exist_is_told_while_it_is_typed() {
    let mut story = Story::demo(80, 24);
    story.press("/").type_text("stat:valid").expect("there is no field 'stat:'");
    story.press("Ctrl-u").type_text("state:foo").expect("there is no state 'foo'");
    story.press("Ctrl-u").type_text("state:val").expect_not("there is no state");
    story.press("Ctrl-u").type_text("valid").expect_not("there is no field");
    // Another word narrows further.
    story.press("Enter /").type_text("okafor").expect("filter: valid okafor");
}

#[test]
fn a_match_of_a_revoked_key_says_what_it_does_not_mean() {
    let mut story = Story::demo(80, 24);
    story.press("/").type_text("state:revoked").press("Enter g");
    let ours = story.model.target_fingerprint().unwrap().grouped();
    story.press("v Enter").type_text(&ours).press("Enter");
    story.expect("MATCH: every digit is equal.").expect("The primary key is revoked");
}

#[test]
fn dates_can_be_shown_in_full() {
    let mut story = Story::demo(100, 30);
    story.press("t").expect("2026-12-02T00:00:00Z");
    story.press("t").expect("2026-12-02 (12 d)");
}
