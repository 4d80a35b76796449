//! What a person can ask the console to do. Keys are bound to actions by the
//! key table; nothing else in the console knows a key.

use serde::Deserialize;

/// One thing the console can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each is described by its label in the key table")]
pub enum Action {
    Redraw,
    Suspend,
    Up,
    Down,
    Left,
    Right,
    First,
    Last,
    PageUp,
    PageDown,
    HalfUp,
    HalfDown,
    Open,
    Back,
    Yes,
    NextField,
    NextTab,
    PreviousTab,
    Dashboard,
    Keys,
    Timeline,
    Ceremonies,
    Publications,
    Custody,
    Findings,
    Audit,
    People,
    Settings,
    Palette,
    Help,
    Actions,
    Messages,
    Comparisons,
    NextTheme,
    NextGlyphs,
    Dates,
    Reload,
    Quit,
    QuitAll,
    BreaksFirst,
    Compare,
    Filter,
    NextMatch,
    PreviousMatch,
    Facets,
    Sort,
    Commands,
    Copy,
    CopyAs,
    Qr,
    Armored,
    NextTip,
    TextLeft,
    TextRight,
    TextStart,
    TextEnd,
    TextBackspace,
    TextDelete,
    TextDeleteWord,
    TextDeleteRest,
    TextClear,
    /// Panics: in debug builds only, for the tests of the terminal.
    #[cfg(debug_assertions)]
    DebugPanic,
    /// Fails: in debug builds only, for the tests of the terminal.
    #[cfg(debug_assertions)]
    DebugFail,
}
