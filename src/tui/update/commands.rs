//! Commands of other programs that show the same: nobody has to trust what
//! only keyrite shows.

use std::path::Path;

use crate::app::Input;
use crate::tui::event::Request;
use crate::tui::model::{Model, Place};

/// Opens the list of commands for the selected certificate.
pub(super) fn show(model: &mut Model) -> Vec<Request> {
    let Some(fingerprint) = model.target_fingerprint() else {
        return super::no_key(model);
    };
    let Some((item, _)) = model.target() else {
        return Vec::new();
    };
    let mut lines = vec!["What you see can be seen without keyrite:".to_owned()];
    let at = if model.clock_runs { String::new() } else { format!(" --at {}", model.now.iso()) };
    if model.place == Place::Demo {
        lines.push(String::new());
        lines.push("keyrite demo --plain".to_owned());
        lines.push("(made-up keys, part of the program; no other program has them)".to_owned());
    } else if model.inputs.contains(&Input::Stdin) {
        lines.push(String::new());
        lines.push("... | gpg --show-keys --with-subkey-fingerprint".to_owned());
        lines.push("... | sq inspect".to_owned());
        lines.push(format!("... | keyrite keys --json{at} -"));
        lines.push("(... stands for what was piped in)".to_owned());
    } else {
        let sources: Vec<_> =
            item.listed.sources.iter().map(|source| quoted(source.as_str())).collect();
        lines.push(String::new());
        lines.push(format!("keyrite keys --json{at} {}", sources.join(" ")));
        for source in &item.listed.sources {
            lines.push(String::new());
            of_file(&mut lines, source.as_str(), &fingerprint.hex());
        }
        lines.push(String::new());
        if sources.len() > 1 {
            lines.push(
                "(gpg and sq look at one file: a revocation in another does not count)".to_owned(),
            );
        }
        if !at.is_empty() {
            lines.push("(gpg and sq speak of today)".to_owned());
        }
    }
    lines.push(String::new());
    lines.push("And the comparison, for a second person on another machine:".to_owned());
    lines.push(String::new());
    lines.push(format!("keyrite compare {fingerprint}"));
    let copy = lines.join("\n");
    super::menus::open_reader(model, "Equivalent commands", lines, Some(copy));
    Vec::new()
}

fn of_file(lines: &mut Vec<String>, source: &str, fingerprint: &str) {
    let path = quoted(source);
    if Path::new(source).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("kbx")) {
        // gpg looks for a keyring without a slash in its own home.
        let ring = if source.contains('/') { path.clone() } else { format!("./{path}") };
        lines.push(format!(
            "gpg --no-default-keyring --keyring {ring} --with-subkey-fingerprint -k {fingerprint}"
        ));
        lines.push("(gpg writes into its home even then)".to_owned());
    } else {
        lines.push(format!("gpg --show-keys --with-subkey-fingerprint {path}"));
        lines.push(format!("sq inspect {path}"));
    }
}

/// A word of a shell command.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+');
    let is_option = text.starts_with('-');
    if !text.is_empty() && !is_option && text.chars().all(plain) {
        text.to_owned()
    } else if is_option {
        quoted(&format!("./{text}"))
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_path_is_one_word_of_a_shell_and_no_option() {
        for (path, word) in [
            ("a/b.asc", "a/b.asc"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("$(x)", "'$(x)'"),
            ("--help", "./--help"),
            ("-a b", "'./-a b'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(path), word);
        }
    }
}
