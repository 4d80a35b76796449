//! How the console looks, as a person chose it.

/// What was chosen; the environment decides the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The colours.
    pub theme: Option<ThemeName>,
    /// The characters.
    pub glyphs: Option<GlyphSet>,
}

/// What the terminal can show.
#[expect(clippy::struct_excessive_bools, reason = "each is an independent ability")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// Colours are wanted.
    pub colours: bool,
    /// Colours of 24 bits.
    pub true_colour: bool,
    /// Box characters, one column wide.
    pub boxes: bool,
    /// Letters beyond ASCII.
    pub utf8: bool,
}

impl Abilities {
    /// A terminal that can do everything.
    pub const ALL: Self = Self { colours: true, true_colour: true, boxes: true, utf8: true };
}

/// A set of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThemeName {
    /// Light text on a dark ground.
    Dark,
    /// Dark text on a light ground.
    Light,
    /// No colours: bold, underlined and reversed text only.
    None,
}

impl ThemeName {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Dark, Self::Light, Self::None];

    /// The word of the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::None => "none",
        }
    }

    /// The theme of that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.word() == word)
    }
}

/// A set of characters for lines and marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlyphSet {
    /// Lines and marks of Unicode.
    Unicode,
    /// ASCII only.
    Ascii,
}

impl GlyphSet {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Unicode, Self::Ascii];

    /// The word of the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unicode => "unicode",
            Self::Ascii => "ascii",
        }
    }

    /// The set of that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.word() == word)
    }
}
