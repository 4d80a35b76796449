//! Colours and characters. State is never told by colour alone: each has a
//! mark and a word, too.

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

use super::message::Level;
use crate::app::look::{Abilities, GlyphSet, Look, ThemeName};
use crate::domain::outlook::Standing;

/// The styles of one theme, by role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the theme files")]
pub struct Theme {
    pub text: Style,
    pub muted: Style,
    pub focus: Style,
    pub selected: Style,
    pub title: Style,
    pub bar: Style,
    pub bar_current: Style,
    pub ok: Style,
    pub warn: Style,
    pub error: Style,
    pub planned: Style,
    pub key: Style,
    pub frame: Style,
    pub frame_text: Style,
    pub demo: Style,
    pub view: Style,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ThemeFile {
    text: Paint,
    muted: Paint,
    focus: Paint,
    selected: Paint,
    title: Paint,
    bar: Paint,
    bar_current: Paint,
    ok: Paint,
    warn: Paint,
    error: Paint,
    planned: Paint,
    key: Paint,
    r#box: Paint,
    box_text: Paint,
    demo: Paint,
    view: Paint,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Paint {
    fg: Option<String>,
    bg: Option<String>,
    bold: bool,
    underline: bool,
    reverse: bool,
}

impl Paint {
    fn style(&self, true_color: bool) -> Style {
        let mut style = Style::new();
        if let Some(color) = self.fg.as_deref().and_then(|text| color(text, true_color)) {
            style = style.fg(color);
        }
        if let Some(color) = self.bg.as_deref().and_then(|text| color(text, true_color)) {
            style = style.bg(color);
        }
        for (wanted, modifier) in [
            (self.bold, Modifier::BOLD),
            (self.underline, Modifier::UNDERLINED),
            (self.reverse, Modifier::REVERSED),
        ] {
            if wanted {
                style = style.add_modifier(modifier);
            }
        }
        style
    }
}

/// `#RRGGBB`, or the nearest of 256 colours where the terminal has no more.
fn color(text: &str, true_color: bool) -> Option<Color> {
    let value = u32::from_str_radix(text.strip_prefix('#')?, 16).ok()?;
    let [_, r, g, b] = value.to_be_bytes();
    Some(if true_color { Color::Rgb(r, g, b) } else { Color::Indexed(nearest(r, g, b)) })
}

/// The nearest colour of the 6x6x6 cube or the grey ramp of 256 colours.
fn nearest(r: u8, g: u8, b: u8) -> u8 {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let step = |value: u8| {
        (0u8..)
            .zip(STEPS)
            .min_by_key(|(_, step)| step.abs_diff(value))
            .map_or((0, 0), |found| found)
    };
    let distance = |x: [u8; 3]| -> u32 {
        [r, g, b].iter().zip(x).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
    };
    let ((ri, rs), (gi, gs), (bi, bs)) = (step(r), step(g), step(b));
    let cube = (16 + 36 * ri + 6 * gi + bi, distance([rs, gs, bs]));
    let grey = (0..24u8).map(|i| (232 + i, distance([8 + 10 * i; 3]))).min_by_key(|(_, d)| *d);
    match grey {
        Some(grey) if grey.1 < cube.1 => grey.0,
        _ => cube.0,
    }
}

impl Theme {
    fn load(name: ThemeName, true_color: bool) -> Result<Self, toml::de::Error> {
        let text = match name {
            ThemeName::Dark => include_str!("../../assets/themes/dark.toml"),
            ThemeName::Light => include_str!("../../assets/themes/light.toml"),
            ThemeName::None => include_str!("../../assets/themes/none.toml"),
        };
        let file: ThemeFile = toml::from_str(text)?;
        let style = |paint: &Paint| paint.style(true_color);
        Ok(Self {
            text: style(&file.text),
            muted: style(&file.muted),
            focus: style(&file.focus),
            selected: style(&file.selected),
            title: style(&file.title),
            bar: style(&file.bar),
            bar_current: style(&file.bar_current),
            ok: style(&file.ok),
            warn: style(&file.warn),
            error: style(&file.error),
            planned: style(&file.planned),
            key: style(&file.key),
            frame: style(&file.r#box),
            frame_text: style(&file.box_text),
            demo: style(&file.demo),
            view: style(&file.view),
        })
    }
}

/// The characters for lines and marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say where each is drawn")]
pub struct Glyphs {
    pub ellipsis: &'static str,
    pub separator: &'static str,
    pub rule: &'static str,
    pub cursor: &'static str,
    pub open: &'static str,
    pub closed: &'static str,
    pub branch: &'static str,
    pub last_branch: &'static str,
    pub bar_full: &'static str,
    pub bar_empty: &'static str,
    pub ok: &'static str,
    pub warn: &'static str,
    pub error: &'static str,
    pub past: &'static str,
    pub planned: &'static str,
    pub wait: &'static str,
    pub dot: &'static str,
    pub corners: [&'static str; 4],
    pub horizontal: &'static str,
    pub vertical: &'static str,
}

const UNICODE: Glyphs = Glyphs {
    ellipsis: "…",
    separator: "│",
    rule: "─",
    cursor: "»",
    open: "▾",
    closed: "▸",
    branch: "├─",
    last_branch: "└─",
    bar_full: "█",
    bar_empty: "░",
    ok: "✓",
    warn: "▲",
    error: "✗",
    past: "–",
    planned: "○",
    wait: "…",
    dot: "•",
    corners: ["┌", "┐", "└", "┘"],
    horizontal: "─",
    vertical: "│",
};

const ASCII: Glyphs = Glyphs {
    ellipsis: "~",
    separator: "|",
    rule: "-",
    cursor: ">",
    open: "-",
    closed: "+",
    branch: "|-",
    last_branch: "`-",
    bar_full: "#",
    bar_empty: ".",
    ok: "+",
    warn: "!",
    error: "X",
    past: "-",
    planned: "o",
    wait: ".",
    dot: "*",
    corners: ["+", "+", "+", "+"],
    horizontal: "-",
    vertical: "|",
};

/// Colours and characters together.
#[derive(Clone, Copy, Debug)]
pub struct Skin {
    /// Which colours.
    pub theme_name: ThemeName,
    /// Which characters.
    pub glyph_set: GlyphSet,
    /// The colours.
    pub theme: Theme,
    /// The characters.
    pub glyphs: Glyphs,
    abilities: Abilities,
}

impl Skin {
    /// Whether the terminal shows letters beyond ASCII. To one that does not,
    /// the second byte of many a letter is a control character.
    #[must_use]
    pub fn is_ascii_only(&self) -> bool {
        !self.abilities.utf8
    }

    /// The skin that was chosen, or that fits the terminal.
    pub fn new(look: Look, abilities: Abilities) -> Result<Self, toml::de::Error> {
        let default = if abilities.colours { ThemeName::Dark } else { ThemeName::None };
        let theme_name = look.theme.unwrap_or(default);
        let default = if abilities.boxes { GlyphSet::Unicode } else { GlyphSet::Ascii };
        let glyph_set = look.glyphs.unwrap_or(default);
        let theme = Theme::load(theme_name, abilities.true_colour)?;
        Ok(Self { theme_name, glyph_set, theme, glyphs: glyphs(glyph_set), abilities })
    }

    /// Takes the next theme.
    pub fn next_theme(&mut self) -> Result<(), toml::de::Error> {
        self.theme_name = match self.theme_name {
            ThemeName::Dark => ThemeName::Light,
            ThemeName::Light => ThemeName::None,
            ThemeName::None => ThemeName::Dark,
        };
        self.theme = Theme::load(self.theme_name, self.abilities.true_colour)?;
        Ok(())
    }

    /// Takes the other set of characters.
    pub fn next_glyphs(&mut self) {
        self.glyph_set = match self.glyph_set {
            GlyphSet::Unicode => GlyphSet::Ascii,
            GlyphSet::Ascii => GlyphSet::Unicode,
        };
        self.glyphs = glyphs(self.glyph_set);
    }

    /// The mark and the style of what is said.
    #[must_use]
    pub fn level(&self, level: Level) -> (&'static str, Style) {
        match level {
            Level::Info => (self.glyphs.ok, self.theme.ok),
            Level::Warning => (self.glyphs.warn, self.theme.warn),
            Level::Error => (self.glyphs.error, self.theme.error),
        }
    }

    /// The mark and the style of a standing.
    #[must_use]
    pub fn standing(&self, standing: Standing) -> (&'static str, Style) {
        let (glyphs, theme) = (&self.glyphs, &self.theme);
        match standing {
            Standing::Valid => (glyphs.ok, theme.ok),
            Standing::Expiring => (glyphs.warn, theme.warn),
            Standing::CannotSign | Standing::Invalid | Standing::Revoked => {
                (glyphs.error, theme.error)
            }
            Standing::NotYetValid => (glyphs.planned, theme.planned),
            Standing::Expired => (glyphs.past, theme.muted),
            Standing::Checking => (glyphs.wait, theme.muted),
        }
    }
}

const fn glyphs(set: GlyphSet) -> Glyphs {
    match set {
        GlyphSet::Unicode => UNICODE,
        GlyphSet::Ascii => ASCII,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_theme_loads_with_and_without_true_colour() {
        for name in ThemeName::ALL {
            for true_color in [false, true] {
                Theme::load(name, true_color).unwrap();
            }
        }
    }

    #[test]
    fn the_theme_without_colours_has_none() {
        let theme = Theme::load(ThemeName::None, true).unwrap();
        for style in [theme.text, theme.selected, theme.error, theme.demo, theme.frame] {
            assert_eq!((style.fg, style.bg), (None, None));
        }
    }

    #[test]
    fn the_nearest_of_256_colours_is_taken() {
        assert_eq!(nearest(0, 0, 0), 16);
        assert_eq!(nearest(255, 255, 255), 231);
        assert_eq!(nearest(0x12, 0x12, 0x12), 233);
        assert_eq!(nearest(255, 0, 0), 196);
    }

    #[test]
    fn ascii_glyphs_are_ascii() {
        let g = ASCII;
        for glyph in [g.ellipsis, g.rule, g.cursor, g.branch, g.bar_full, g.ok, g.planned, g.dot] {
            assert!(glyph.is_ascii());
        }
    }
}
