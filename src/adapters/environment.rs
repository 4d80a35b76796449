//! The environment of the process, read once.

use std::ffi::OsString;
use std::path::PathBuf;

use directories::BaseDirs;

/// What this program is called.
const NAME: &str = "keyrite";

/// Variables that programs set in the terminals that they share.
const MULTIPLEXERS: [(&str, &str); 3] = [("STY", "screen"), ("TMUX", "tmux"), ("ZELLIJ", "zellij")];

/// What keyrite takes from the environment.
#[expect(clippy::struct_excessive_bools, reason = "each is an independent variable")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// `NO_COLOR` is set and not empty (no-color.org).
    pub no_color: bool,
    /// `COLORTERM` promises 24 bit colours.
    pub true_color: bool,
    /// `TERM` is `dumb`, empty or missing.
    pub dumb_terminal: bool,
    /// `ACCESSIBLE` asks for line-by-line output.
    pub accessible: bool,
    /// The locale's character set is UTF-8.
    pub utf8: bool,
    /// The same, and its language is not one whose terminals draw box
    /// characters two columns wide.
    pub unicode: bool,
    /// The present folder.
    pub folder: PathBuf,
    /// How other programs start this one: its name, where `PATH` finds it, or
    /// else where it is.
    pub program: OsString,
    /// This program's file, to start it once more.
    pub executable: PathBuf,
    /// The user's home folder.
    pub home: Option<PathBuf>,
    /// `GNUPGHOME`, or `~/.gnupg`.
    pub gnupg_home: Option<PathBuf>,
    /// The folder for what belongs to this machine and this user, and is in
    /// no workspace: `XDG_STATE_HOME`, or `~/.local/state`, and in it our own.
    pub state: Option<PathBuf>,
    /// `XDG_RUNTIME_DIR`: the user's folder for as long as he is logged in.
    pub runtime: Option<PathBuf>,
    /// The program that shares the terminal, by a variable that it sets.
    pub multiplexer: Option<&'static str>,
}

/// Those of the named variables that are set: what a program of the user's
/// choice may see.
pub(super) fn variables(names: &[String]) -> Vec<(&str, OsString)> {
    #[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
    let found = |name: &String| std::env::var_os(name);
    names.iter().filter_map(|name| Some((name.as_str(), found(name)?))).collect()
}

impl Environment {
    /// Reads it.
    #[must_use]
    pub fn read() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
        let variable = |name: &str| std::env::var_os(name);
        let dirs = BaseDirs::new();
        let home = dirs.as_ref().map(|dirs| dirs.home_dir().to_owned());
        let state = dirs.and_then(|dirs| Some(dirs.state_dir()?.join(NAME)));
        let folder = std::env::current_dir().unwrap_or_default();
        let path = variable("PATH").unwrap_or_default();
        let is_found = std::env::split_paths(&path).any(|one| one.join(NAME).is_file());
        let executable = std::env::current_exe().unwrap_or_default();
        let is_nowhere = is_found || executable.as_os_str().is_empty();
        let program = if is_nowhere { NAME.into() } else { executable.clone().into_os_string() };
        Self { folder, program, executable, state, ..Self::from_variables(&variable, home) }
    }

    fn from_variables(variable: &dyn Fn(&str) -> Option<OsString>, home: Option<PathBuf>) -> Self {
        let text = |name: &str| {
            variable(name).map(|value| value.to_string_lossy().into_owned()).unwrap_or_default()
        };
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .map(text)
            .find(|value| !value.is_empty())
            .unwrap_or_default()
            .to_lowercase();
        let utf8 = locale.contains("utf-8") || locale.contains("utf8");
        let wide = ["zh", "ja", "ko"].iter().any(|language| locale.starts_with(language));
        let term = text("TERM");
        Self {
            no_color: !text("NO_COLOR").is_empty(),
            true_color: matches!(text("COLORTERM").as_str(), "truecolor" | "24bit"),
            dumb_terminal: term.is_empty() || term == "dumb",
            accessible: !matches!(text("ACCESSIBLE").as_str(), "" | "0"),
            utf8,
            unicode: utf8 && !wide,
            gnupg_home: variable("GNUPGHOME")
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
                .or_else(|| home.as_ref().map(|home| home.join(".gnupg"))),
            home,
            // A relative one has no meaning (XDG Base Directory Specification).
            runtime: variable("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|p| p.is_absolute()),
            multiplexer: MULTIPLEXERS
                .into_iter()
                .find(|(name, _)| variable(name).is_some())
                .map(|(_, program)| program),
            folder: PathBuf::new(),
            executable: PathBuf::new(),
            program: NAME.into(),
            state: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        let variables: HashMap<_, _> = variables.iter().copied().collect();
        Environment::from_variables(
            &|name| variables.get(name).map(OsString::from),
            Some(PathBuf::from("/home/test")),
        )
    }

    #[test]
    fn an_empty_environment_is_plain() {
        let e = environment(&[]);
        assert!(e.dumb_terminal && !e.unicode && !e.no_color && !e.true_color);
        assert_eq!(e.gnupg_home, Some(PathBuf::from("/home/test/.gnupg")));
    }

    #[test]
    fn the_locale_decides_about_glyphs() {
        assert!(environment(&[("LANG", "en_US.UTF-8")]).unicode);
        assert!(environment(&[("LANG", "C"), ("LC_CTYPE", "C.utf8")]).unicode);
        assert!(!environment(&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")]).unicode);
        let japanese = environment(&[("LANG", "ja_JP.UTF-8")]);
        assert!(japanese.utf8 && !japanese.unicode);
    }

    #[test]
    fn an_empty_no_color_means_nothing() {
        assert!(!environment(&[("NO_COLOR", "")]).no_color);
        assert!(environment(&[("NO_COLOR", "0")]).no_color);
    }

    #[test]
    fn a_shared_terminal_is_told_by_its_variable() {
        assert_eq!(environment(&[]).multiplexer, None);
        assert_eq!(environment(&[("STY", "1234.pts-0")]).multiplexer, Some("screen"));
        assert_eq!(environment(&[("TMUX", "/tmp/tmux-0/default,1,0")]).multiplexer, Some("tmux"));
    }

    #[test]
    fn a_relative_runtime_folder_means_nothing() {
        assert_eq!(environment(&[("XDG_RUNTIME_DIR", "run")]).runtime, None);
        let e = environment(&[("XDG_RUNTIME_DIR", "/run/user/1")]);
        assert_eq!(e.runtime, Some(PathBuf::from("/run/user/1")));
    }

    #[test]
    fn gnupg_home_can_be_moved() {
        let e = environment(&[("GNUPGHOME", "/k")]);
        assert_eq!(e.gnupg_home, Some(PathBuf::from("/k")));
    }
}
