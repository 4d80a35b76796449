//! Screens as text, at all sizes; each theme and glyph set once with styles.

use keyrite::app::look::{GlyphSet, ThemeName};
use keyrite::app::{Input, Opening};
use keyrite::domain::text::width;

use crate::support::story::Story;

const SIZES: [(u16, u16); 4] = [(60, 16), (80, 24), (100, 30), (160, 50)];

#[test]
fn the_dashboard_at_all_sizes() {
    for (columns, rows) in SIZES {
        insta::assert_snapshot!(
            format!("dashboard_{columns}x{rows}"),
            Story::demo(columns, rows).screen()
        );
    }
}

#[test]
fn the_page_of_a_key_at_all_sizes() {
    for (columns, rows) in SIZES {
        let mut story = Story::demo(columns, rows);
        story.press("Enter");
        insta::assert_snapshot!(format!("detail_{columns}x{rows}"), story.screen());
    }
}

#[test]
fn other_screens_at_one_size() {
    for (name, keys) in [
        ("keys", "2"),
        ("later", "5"),
        ("findings", "7"),
        ("settings", "0"),
        ("help", "?"),
        ("palette", ":"),
        ("actions", "."),
        ("compare_key", "v"),
        ("compare_channel", "v Enter"),
        ("compare_value", "v Enter Enter"),
        ("qr", "o"),
        ("commands", "x"),
        ("quit", "Q"),
    ] {
        let mut story = Story::demo(80, 24);
        story.press(keys);
        insta::assert_snapshot!(name, story.screen());
    }
    let story = Story::open(&Opening::Welcome, (80, 24), ThemeName::None, GlyphSet::Unicode);
    insta::assert_snapshot!("welcome", story.screen());
}

#[test]
fn the_tabs_of_a_key() {
    let mut story = Story::demo(100, 30);
    story.press("/").type_text("mirror").press("Enter g Enter");
    for tab in ["identity", "user_ids", "subkeys", "certifications", "policy", "packets"] {
        insta::assert_snapshot!(format!("tab_{tab}"), story.screen());
        story.press("]");
    }
}

#[test]
fn each_theme_and_glyph_set_with_its_styles() {
    for theme in ThemeName::ALL {
        let story = Story::open(&Opening::Demo, (80, 24), theme, GlyphSet::Unicode);
        insta::assert_snapshot!(format!("theme_{}", theme.word()), story.styled());
    }
    let story = Story::open(&Opening::Demo, (80, 24), ThemeName::None, GlyphSet::Ascii);
    insta::assert_snapshot!("glyphs_ascii", story.screen());
    assert!(story.screen().is_ascii());
}

#[test]
fn no_line_is_wider_than_the_window_on_any_screen_at_any_size() {
    for (columns, rows) in [(60, 16), (61, 17), (79, 23), (80, 24), (93, 25), (120, 40)] {
        let mut story = Story::demo(columns, rows);
        for keys in
            ["1", "2", "3", "4", "5", "6", "7", "0", "1 Enter", "]", "]", "]", "]", "]", "q ?"]
        {
            story.press(keys);
            for line in story.screen().lines() {
                assert!(width(line) <= usize::from(columns), "{columns}: {line}");
            }
        }
    }
}

#[test]
fn the_qr_code_says_the_fingerprint_and_has_a_quiet_zone() {
    let mut story = Story::demo(80, 26);
    story.press("o");
    let uri = story.model.target_fingerprint().unwrap().uri();
    let code = qrcode::QrCode::with_error_correction_level(&uri, qrcode::EcLevel::M).unwrap();
    let size = code.width();
    // Two modules share a character: the upper and the lower half.
    let screen = story.screen();
    let rows: Vec<Vec<char>> = screen
        .lines()
        .filter(|line| line.contains('│') && !line.contains("keyrite"))
        .map(|line| line.split('│').nth(1).unwrap().chars().collect())
        .collect();
    let dark = |x: usize, y: usize| -> bool {
        let row = 1 + y / 2;
        match rows[row].get(x + 3).copied().unwrap_or(' ') {
            '█' => true,
            '▀' => y.is_multiple_of(2),
            '▄' => !y.is_multiple_of(2),
            _ => false,
        }
    };
    for y in 0..size {
        for x in 0..size {
            let wanted = code[(x, y)] == qrcode::Color::Dark;
            assert_eq!(dark(x, y), wanted, "module {x},{y} of\n{screen}");
        }
    }
    assert!(rows[0].iter().all(|c| *c == ' '), "{screen}");
}

#[test]
fn hostile_names_reach_the_screen_spelled_out() {
    let mut story = Story::demo(100, 30);
    story.press("/").type_text("mirror").press("Enter g Enter ]");
    story.expect(r"Mirror \u{202e}TSET\u{202c} \u{1b}[31mOperator\u{200b}");
    assert!(story.screen().chars().all(|c| c == '\n' || !c.is_control()));
}

#[test]
fn a_reading_without_result_says_what_would_be_here() {
    let mut story = Story::view(vec![Input::Path("/nowhere".into())], 80, 24);
    story.expect("No certificate was found in the input");
    story.press("7").expect("there is no such file or folder");
}
