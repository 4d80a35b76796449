//! The key table, read from `assets/keymap.toml`.

use std::collections::HashMap;
use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use serde::Deserialize;

use super::action::Action;

const TABLE: &str = include_str!("../../assets/keymap.toml");

/// Reached by the palette of debug builds only.
const DEBUG: &str = r#"
[[binding]]
scope = "everywhere"
keys = []
action = "debug-panic"
label = "debug: panic"

[[binding]]
scope = "everywhere"
keys = []
action = "debug-fail"
label = "debug: fail"
"#;

/// Where a key works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// In every part of the console, dialogs included.
    Always,
    /// On every screen.
    Everywhere,
    /// On every screen but the first, where keys are shown.
    Screens,
    /// On the welcome screen.
    Welcome,
    /// In lists of keys.
    List,
    /// On the page of one key.
    Detail,
    /// On the timeline.
    Timeline,
    /// In the list of ceremonies and runs.
    Ceremonies,
    /// In a run of a ceremony.
    Run,
    /// In a line that is typed in a run.
    RunField,
    /// In a run that waits for something to be typed in a box of its own:
    /// letters do nothing.
    RunTyping,
    /// In something that is confirmed, or said for the record.
    Confirm,
    /// Where a secret is typed or shown.
    Secret,
    /// In the list of what users of targets get.
    Publications,
    /// In the list of what lies where.
    Custody,
    /// In the log of what was done.
    Audit,
    /// In the list of findings.
    Findings,
    /// In the list of keys that a new workspace adopts.
    Form,
    /// In a list of choices.
    Menu,
    /// In a text that is read.
    Reader,
    /// In a question.
    Dialog,
    /// In a line that is typed.
    Text,
}

impl Scope {
    /// All scopes, in the order of the documentation.
    pub const ALL: [Self; 22] = [
        Self::Everywhere,
        Self::Screens,
        Self::Welcome,
        Self::List,
        Self::Detail,
        Self::Timeline,
        Self::Ceremonies,
        Self::Run,
        Self::RunField,
        Self::RunTyping,
        Self::Confirm,
        Self::Secret,
        Self::Publications,
        Self::Custody,
        Self::Findings,
        Self::Audit,
        Self::Form,
        Self::Menu,
        Self::Reader,
        Self::Dialog,
        Self::Text,
        Self::Always,
    ];

    /// What the scope is called in help and documentation.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Always => "Always",
            Self::Everywhere => "On every screen",
            Self::Screens => "Screens",
            Self::Welcome => "Welcome",
            Self::List => "Lists of keys",
            Self::Detail => "Page of one key",
            Self::Timeline => "Timeline",
            Self::Ceremonies => "Ceremonies",
            Self::Run => "Run of a ceremony",
            Self::RunField => "Fields of a run",
            Self::RunTyping => "A run that waits for typing in a box",
            Self::Confirm => "Confirmations, and words for the record",
            Self::Secret => "Passphrases",
            Self::Publications => "Publications",
            Self::Custody => "Custody",
            Self::Audit => "Audit log",
            Self::Findings => "Findings",
            Self::Form => "Keys of a new workspace",
            Self::Menu => "Choices",
            Self::Reader => "Text to read",
            Self::Dialog => "Questions",
            Self::Text => "Text fields",
        }
    }
}

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Where it works.
    pub scope: Scope,
    /// The keys.
    pub chords: Vec<Chord>,
    /// What happens.
    pub action: Action,
    /// What help says.
    pub label: String,
    /// What the last line says.
    pub hint: Option<String>,
}

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// Why the table cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyMapError {
    /// It is not TOML of the right form.
    #[error("the key table cannot be read")]
    Toml(#[from] toml::de::Error),
    /// A key has a name that no key has.
    #[error("'{0}' is not the name of a key")]
    UnknownKey(String),
    /// A key has two meanings in one scope.
    #[error("'{chord}' is bound twice in the scope '{scope}'")]
    Conflict {
        /// The key.
        chord: Chord,
        /// The scope's title.
        scope: &'static str,
    },
}

/// All bindings.
#[derive(Clone, Debug)]
pub struct KeyMap {
    bindings: Vec<Binding>,
    lookup: HashMap<(Scope, Chord), Action>,
}

#[derive(Deserialize)]
struct Table {
    binding: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    scope: Scope,
    keys: Vec<String>,
    action: Action,
    label: String,
    hint: Option<String>,
}

impl KeyMap {
    /// The table that is part of the program.
    pub fn built_in() -> Result<Self, KeyMapError> {
        Self::parse(TABLE)
    }

    /// The same; in debug builds with what tests of the terminal need.
    pub fn of_console() -> Result<Self, KeyMapError> {
        if cfg!(debug_assertions) {
            Self::parse(&format!("{TABLE}\n{DEBUG}"))
        } else {
            Self::built_in()
        }
    }

    /// Reads a table and refuses conflicts.
    pub fn parse(text: &str) -> Result<Self, KeyMapError> {
        let table: Table = toml::from_str(text)?;
        let mut lookup = HashMap::new();
        let mut bindings = Vec::with_capacity(table.binding.len());
        for row in table.binding {
            let chords: Vec<_> =
                row.keys.iter().map(|name| Chord::parse(name)).collect::<Result<_, _>>()?;
            for chord in &chords {
                if lookup.insert((row.scope, *chord), row.action).is_some() {
                    return Err(KeyMapError::Conflict { chord: *chord, scope: row.scope.title() });
                }
            }
            bindings.push(Binding {
                scope: row.scope,
                chords,
                action: row.action,
                label: row.label,
                hint: row.hint,
            });
        }
        Ok(Self { bindings, lookup })
    }

    /// The rows of a scope, in their order.
    pub fn of_scope(&self, scope: Scope) -> impl Iterator<Item = &Binding> {
        self.bindings.iter().filter(move |binding| binding.scope == scope)
    }

    /// What `key` does where these scopes are live, the innermost first.
    #[must_use]
    pub fn action(&self, scopes: &[Scope], key: KeyEvent) -> Option<Action> {
        let chord = Chord::of(key);
        scopes
            .iter()
            .chain([&Scope::Always])
            .find_map(|scope| self.lookup.get(&(*scope, chord)).copied())
    }

    /// The key to press for `action` where these scopes are live.
    #[must_use]
    pub fn chord(&self, scopes: &[Scope], action: Action) -> Option<Chord> {
        scopes.iter().find_map(|scope| {
            self.of_scope(*scope)
                .find(|binding| binding.action == action)
                .and_then(|binding| binding.chords.first().copied())
        })
    }
}

impl Chord {
    /// The chord of a key event; an upper-case letter needs no Shift.
    #[must_use]
    pub fn of(key: KeyEvent) -> Self {
        let mut modifiers =
            key.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        if matches!(key.code, KeyCode::Char(_) | KeyCode::BackTab) {
            modifiers -= KeyModifiers::SHIFT;
        }
        Self { code: key.code, modifiers }
    }

    /// The key event of the chord.
    #[must_use]
    pub fn event(self) -> KeyEvent {
        KeyEvent::new(self.code, self.modifiers)
    }

    /// Reads `Ctrl-u`, `Shift-Tab`, `PgUp`, `F5`, `Space`, `k`.
    pub fn parse(name: &str) -> Result<Self, KeyMapError> {
        let unknown = || KeyMapError::UnknownKey(name.to_owned());
        let (modifiers, rest) = match name.split_once('-') {
            Some(("Ctrl", rest)) => (KeyModifiers::CONTROL, rest),
            Some(("Alt", rest)) => (KeyModifiers::ALT, rest),
            Some(("Shift", "Tab")) => (KeyModifiers::NONE, "BackTab"),
            _ => (KeyModifiers::NONE, name),
        };
        if let Some((_, code)) = NAMED.iter().find(|(known, _)| *known == rest) {
            return Ok(Self { code: *code, modifiers });
        }
        if let Some(number) = rest.strip_prefix('F').and_then(|n| n.parse::<u8>().ok()) {
            return Ok(Self { code: KeyCode::F(number), modifiers });
        }
        let mut characters = rest.chars();
        match (characters.next(), characters.next()) {
            (Some(character), None) => Ok(Self { code: KeyCode::Char(character), modifiers }),
            _ => Err(unknown()),
        }
    }
}

const NAMED: [(&str, KeyCode); 15] = [
    ("Up", KeyCode::Up),
    ("Down", KeyCode::Down),
    ("Left", KeyCode::Left),
    ("Right", KeyCode::Right),
    ("Home", KeyCode::Home),
    ("End", KeyCode::End),
    ("PgUp", KeyCode::PageUp),
    ("PgDn", KeyCode::PageDown),
    ("Enter", KeyCode::Enter),
    ("Esc", KeyCode::Esc),
    ("Tab", KeyCode::Tab),
    ("BackTab", KeyCode::BackTab),
    ("Backspace", KeyCode::Backspace),
    ("Delete", KeyCode::Delete),
    ("Space", KeyCode::Char(' ')),
];

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.modifiers.contains(KeyModifiers::CONTROL) {
            f.write_str("Ctrl-")?;
        }
        if self.modifiers.contains(KeyModifiers::ALT) {
            f.write_str("Alt-")?;
        }
        if self.code == KeyCode::BackTab {
            return f.write_str("Shift-Tab");
        }
        if let Some((name, _)) = NAMED.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        if let KeyCode::F(number) = self.code {
            return write!(f, "F{number}");
        }
        write!(f, "{}", self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_table_has_no_conflicts_and_all_labels() {
        let map = KeyMap::built_in().unwrap();
        assert!(map.bindings.iter().all(|binding| !binding.label.is_empty()));
        assert!(map.bindings.len() > 80);
    }

    #[test]
    fn a_key_with_two_meanings_is_refused_by_name() {
        let table = r#"
            [[binding]]
            scope = "list"
            keys = ["v"]
            action = "compare"
            label = "a"
            [[binding]]
            scope = "list"
            keys = ["x", "v"]
            action = "copy"
            label = "b"
        "#;
        let error = KeyMap::parse(table).unwrap_err().to_string();
        assert_eq!(error, "'v' is bound twice in the scope 'Lists of keys'");
    }

    #[test]
    fn names_of_keys_are_read_and_written_alike() {
        for name in ["Ctrl-u", "Shift-Tab", "PgUp", "F5", "Space", "k", "G", "?", "-", "Alt-1"] {
            assert_eq!(Chord::parse(name).unwrap().to_string(), name);
        }
        for name in ["", "Ctrl-", "Foo", "kk"] {
            assert!(Chord::parse(name).is_err(), "{name}");
        }
    }

    #[test]
    fn an_upper_case_letter_needs_no_shift() {
        let key = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(Chord::of(key), Chord::parse("G").unwrap());
    }

    #[test]
    fn the_prefixes_of_tmux_and_screen_stay_free_outside_text_fields() {
        let map = KeyMap::built_in().unwrap();
        for scope in Scope::ALL.into_iter().filter(|scope| *scope != Scope::Text) {
            for name in ["Ctrl-a", "Ctrl-b"] {
                let key = Chord::parse(name).unwrap().event();
                assert_eq!(map.action(&[scope], key), None, "{name} in {scope:?}");
            }
        }
    }
}
