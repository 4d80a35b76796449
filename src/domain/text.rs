//! Untrusted text, made harmless.
//!
//! User IDs, notations, reasons for revocation, file names and error texts of
//! other programs come from strangers. They reach a screen, a pipe or a JSON
//! document only as [`VisibleText`]: what would move a cursor, reorder, hide
//! or merge letters is spelled out instead.

use std::fmt::{self, Write as _};

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Marks that may follow one base letter; real names need two at the most.
const MARKS_IN_A_ROW: usize = 2;

/// Text in which every character stands for itself and takes space.
///
/// Control, format, bidirectional, zero-width, private and unassigned
/// characters appear as `\u{202e}`, bytes that are not UTF-8 as `\x{ff}`, and
/// a backslash as `\\`, so that no two inputs look the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VisibleText(Box<str>);

impl VisibleText {
    /// Spells out what is not plainly visible in `bytes`.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut out = String::with_capacity(bytes.len());
        let mut marks = 0;
        for chunk in bytes.utf8_chunks() {
            for c in chunk.valid().chars() {
                push_visible(&mut out, c, &mut marks);
            }
            for byte in chunk.invalid() {
                let _ = write!(out, "\\x{{{byte:02x}}}");
                marks = MARKS_IN_A_ROW;
            }
        }
        Self(out.into_boxed_str())
    }

    /// Spells out what is not plainly visible in `text`.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self::from_bytes(text.as_bytes())
    }

    /// Text that was spelled out before, and kept as a string since.
    #[must_use]
    pub(crate) fn again(visible: &str) -> Self {
        Self(visible.into())
    }

    /// The harmless text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The harmless text, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0.into_string()
    }
}

impl fmt::Display for VisibleText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn push_visible(out: &mut String, c: char, marks: &mut usize) {
    if c == '\\' {
        out.push_str("\\\\");
        *marks = 0;
        return;
    }
    if c.is_ascii_graphic() || c == ' ' {
        out.push(c);
        *marks = 0;
        return;
    }
    match kind(c) {
        Kind::Plain => {
            out.push(c);
            *marks = 0;
        }
        // A mark needs a letter to stand on.
        Kind::Mark if *marks < MARKS_IN_A_ROW && !out.is_empty() => {
            out.push(c);
            *marks += 1;
        }
        Kind::Mark | Kind::Hidden => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            *marks = MARKS_IN_A_ROW;
        }
    }
}

enum Kind {
    Plain,
    Mark,
    Hidden,
}

fn kind(c: char) -> Kind {
    use GeneralCategory as G;
    match c.general_category() {
        G::Control
        | G::Format
        | G::Surrogate
        | G::PrivateUse
        | G::Unassigned
        | G::LineSeparator
        | G::ParagraphSeparator
        | G::SpaceSeparator => Kind::Hidden,
        G::NonspacingMark | G::EnclosingMark | G::SpacingMark => {
            if ignorable_mark(c) {
                Kind::Hidden
            } else {
                Kind::Mark
            }
        }
        G::UppercaseLetter
        | G::LowercaseLetter
        | G::TitlecaseLetter
        | G::ModifierLetter
        | G::OtherLetter
        | G::DecimalNumber
        | G::LetterNumber
        | G::OtherNumber
        | G::ConnectorPunctuation
        | G::DashPunctuation
        | G::OpenPunctuation
        | G::ClosePunctuation
        | G::InitialPunctuation
        | G::FinalPunctuation
        | G::OtherPunctuation
        | G::MathSymbol
        | G::CurrencySymbol
        | G::ModifierSymbol
        | G::OtherSymbol => {
            // Hangul fillers and braille blank are letters that show nothing.
            let blank = matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{2800}');
            if blank || c.width() == Some(0) { Kind::Hidden } else { Kind::Plain }
        }
    }
}

/// Marks of Unicode's `Default_Ignorable_Code_Point`: they change nothing a
/// reader sees, or only which glyph is chosen.
fn ignorable_mark(c: char) -> bool {
    matches!(c,
        '\u{034f}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{e0100}'..='\u{e01ef}')
}

/// A number with its noun: `1 certificate`, `2 certificates`.
#[must_use]
pub fn counted(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

/// Columns that `text` takes on a terminal.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// `text` cut to `columns`, by graphemes, with `ellipsis` where it was cut.
#[must_use]
pub fn clip(text: &str, columns: usize, ellipsis: &str) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(width(ellipsis));
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let w = width(grapheme);
        if used + w > room {
            break;
        }
        out.push_str(grapheme);
        used += w;
    }
    if columns >= width(ellipsis) {
        out.push_str(ellipsis);
    }
    out
}

/// `text` in lines of at most `columns`, broken at spaces where there are any.
/// What is indented stays so in all its lines.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let content = text.trim_start_matches(' ');
    let indent = " ".repeat((text.len() - content.len()).min(columns / 2));
    let columns = (columns - indent.len()).max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in content.split(' ') {
        let gap = usize::from(!line.is_empty());
        if width(&line) + gap + width(word) > columns && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        if width(word) <= columns {
            line.push_str(word);
            continue;
        }
        for grapheme in word.graphemes(true) {
            if width(&line) + width(grapheme) > columns {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(grapheme);
        }
    }
    lines.push(line);
    lines.into_iter().map(|line| format!("{indent}{line}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn visible(text: &str) -> String {
        VisibleText::from_text(text).into_string()
    }

    #[test]
    fn names_of_people_stay_as_they_are() {
        for name in ["Željko Đorđević", "山田 太郎", "ناصر", "José", "Mü\u{308}ller", "O'Neil-Šmíd"]
        {
            assert_eq!(visible(name), name);
        }
    }

    #[test]
    fn terminal_and_bidi_tricks_are_spelled_out() {
        assert_eq!(visible("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(visible("a\u{202e}b"), "a\\u{202e}b");
        assert_eq!(visible("a\u{200b}b\u{feff}"), "a\\u{200b}b\\u{feff}");
        assert_eq!(visible("a\nb\u{2028}c\u{85}"), "a\\u{a}b\\u{2028}c\\u{85}");
        assert_eq!(visible("a\u{3164}b\u{e0041}"), "a\\u{3164}b\\u{e0041}");
        assert_eq!(VisibleText::from_bytes(b"a\xffb").as_str(), "a\\x{ff}b");
    }

    #[test]
    fn an_escape_cannot_be_forged() {
        assert_eq!(visible("\\u{1b}"), "\\\\u{1b}");
        assert_ne!(visible("\\u{1b}"), visible("\u{1b}"));
    }

    #[test]
    fn towers_of_marks_are_cut_down() {
        assert_eq!(visible("e\u{301}\u{302}\u{303}"), "e\u{301}\u{302}\\u{303}");
        assert_eq!(visible("\u{301}x"), "\\u{301}x");
    }

    #[test]
    fn clipping_keeps_graphemes_whole_and_says_so() {
        assert_eq!(clip("release", 7, "…"), "release");
        assert_eq!(clip("releases", 7, "…"), "releas…");
        assert_eq!(clip("山田太郎", 5, "…"), "山田…");
        assert_eq!(clip("abc", 0, "…"), "");
    }

    #[test]
    fn wrapping_breaks_at_spaces_and_long_words() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(wrap("  one two", 6), ["  one", "  two"]);
        assert_eq!(wrap("a  b", 9), ["a  b"]);
    }

    proptest! {
        #[test]
        fn no_hostile_character_survives(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let text = VisibleText::from_bytes(&bytes);
            for c in text.as_str().chars() {
                prop_assert!(!c.is_control());
                prop_assert!(!matches!(c.general_category(),
                    GeneralCategory::Format | GeneralCategory::LineSeparator));
            }
        }

        #[test]
        fn different_inputs_look_different(a in any::<String>(), b in any::<String>()) {
            prop_assert_eq!(a == b, visible(&a) == visible(&b));
        }

        #[test]
        fn clipped_text_fits(text in any::<String>(), columns in 0usize..40) {
            prop_assert!(width(&clip(&visible(&text), columns, "…")) <= columns);
        }

        #[test]
        fn wrapped_lines_fit(text in "[a-z ]{0,80}", columns in 1usize..40) {
            for line in wrap(&text, columns) {
                prop_assert!(width(&line) <= columns);
            }
        }
    }
}
