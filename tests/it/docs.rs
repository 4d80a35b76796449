//! Documents that are generated, checked fresh; and that none is empty or
//! forgotten.
//!
//! `KEYRITE_WRITE_DOCS=1 cargo test docs` writes them anew.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use keyrite::app::exit::Exit;
use keyrite::cli::args::Cli;
use keyrite::tui::keymap::{KeyMap, Scope};

use crate::support::story::Story;
use crate::support::tree::{files, root, rust_files};

mod profiles;

fn docs() -> PathBuf {
    root().join("docs")
}

/// Compares a generated page with the one that is kept.
#[track_caller]
fn check_fresh(path: &Path, wanted: &str) {
    if std::env::var_os("KEYRITE_WRITE_DOCS").is_some() {
        fs::write(path, wanted).unwrap();
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(kept, wanted, "{} is not fresh; KEYRITE_WRITE_DOCS=1 writes it", path.display());
}

const GENERATED: &str = "<!-- Generated from the program; a test checks that it is fresh. -->\n\n";

#[test]
fn the_command_line_page_is_fresh() {
    let mut page = format!("# The command line\n\n{GENERATED}");
    let mut command = Cli::command();
    command.build();
    write_command(&mut page, &mut command);
    for name in [
        "init",
        "schedule",
        "check",
        "metrics",
        "merge",
        "demo",
        "view",
        "keys",
        "lint",
        "compare",
        "preflight",
        "own-keys",
        "completions",
        "man",
    ] {
        write_command(&mut page, command.find_subcommand_mut(name).unwrap());
    }
    let ceremony = command.find_subcommand_mut("ceremony").unwrap();
    for name in [
        "list",
        "show",
        "print",
        "start",
        "resume",
        "abandon",
        "runs",
        "transcript",
        "sign",
        "rehearse",
    ] {
        write_command(&mut page, ceremony.find_subcommand_mut(name).unwrap());
    }
    let audit = command.find_subcommand_mut("audit").unwrap();
    for name in ["verify", "head", "checkpoint", "begin"] {
        write_command(&mut page, audit.find_subcommand_mut(name).unwrap());
    }
    check_fresh(&docs().join("reference/command-line.md"), &page);
}

fn write_command(page: &mut String, command: &mut clap::Command) {
    let name = command.get_bin_name().unwrap_or("keyrite").to_owned();
    let help = command.render_long_help().to_string();
    let help: Vec<_> = help.lines().map(str::trim_end).collect();
    writeln!(page, "## `{name}`\n\n```text\n{}\n```\n", help.join("\n").trim_end()).unwrap();
}

#[test]
fn the_runbooks_are_fresh() {
    for ceremony in keyrite::engine::catalog::CATALOG {
        let runbook = keyrite::cli::ceremony::runbook(ceremony);
        let (title, rest) = runbook.split_once("\n\n").unwrap();
        let page = format!("{title}\n\n{GENERATED}{rest}");
        check_fresh(&docs().join(format!("ceremonies/{}.md", ceremony.id)), &page);
    }
}

#[test]
fn the_key_map_page_is_fresh() {
    let mut page = format!("# The key map\n\n{GENERATED}");
    page.push_str("Inner scopes win over \"On every screen\".\n\n");
    let map = KeyMap::built_in().unwrap();
    for scope in Scope::ALL {
        writeln!(page, "## {}\n\n| Keys | What they do |\n|---|---|", scope.title()).unwrap();
        for binding in map.of_scope(scope) {
            let keys: Vec<_> = binding.chords.iter().map(|chord| format!("`{chord}`")).collect();
            let keys =
                if keys.is_empty() { "by the command palette".to_owned() } else { keys.join(" ") };
            writeln!(page, "| {keys} | {} |", binding.label).unwrap();
        }
        page.push('\n');
    }
    check_fresh(&docs().join("reference/keymap.md"), &page);
}

#[test]
fn the_exit_code_page_is_fresh() {
    let mut page = format!("# Exit codes\n\n{GENERATED}| Code | Meaning |\n|---|---|\n");
    for exit in Exit::ALL {
        writeln!(page, "| {} | {} |", exit.code(), exit.meaning()).unwrap();
    }
    page.push_str("\nOf several codes of `audit` the gravest one counts: ");
    page.push_str(
        "[the audit log](audit-log.md#verdicts). A panic, which is a bug, ends with 101.\n",
    );
    check_fresh(&docs().join("reference/exit-codes.md"), &page);
}

#[test]
fn the_readme_shows_the_dashboard_as_it_is() {
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let screen = Story::demo(80, 24).screen();
    let (before, rest) = readme.split_once("```text\n").unwrap();
    let (_, after) = rest.split_once("```").unwrap();
    check_fresh(&path, &format!("{before}```text\n{screen}```{after}"));
}

#[test]
fn every_document_is_in_the_summary_and_none_is_empty() {
    let summary = fs::read_to_string(docs().join("SUMMARY.md")).unwrap();
    let pages = files(&docs());
    for path in &pages {
        let name = path.strip_prefix(docs()).unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(path).unwrap();
        assert!(text.len() > 200, "{name} says next to nothing");
        // A program among the documents is no page.
        let is_page =
            path.extension().is_some_and(|extension| extension == "md") && name != "SUMMARY.md";
        assert!(!is_page || summary.contains(&format!("({name})")), "{name}");
    }
    assert!(pages.len() > 15);
    for link in summary.split('(').skip(1) {
        let link = link.split(')').next().unwrap();
        assert!(docs().join(link).is_file(), "{link} is in the summary only");
    }
}

#[test]
fn the_assurance_page_names_only_tests_that_exist() {
    let page = fs::read_to_string(docs().join("assurance.md")).unwrap();
    let code: String = ["src", "tests"]
        .iter()
        .flat_map(|folder| rust_files(&root().join(folder)))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let mut named = 0;
    for word in page.split('`').skip(1).step_by(2) {
        if word.contains('_')
            && word.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit())
        {
            named += 1;
            assert!(code.contains(&format!("fn {word}(")), "no test is called {word}");
        }
    }
    assert!(named > 30, "{named}");
}

#[test]
fn the_pages_of_the_rules_are_fresh() {
    use keyrite::domain::finding::FindingId;
    use keyrite::domain::lint::rule_text;
    let mut index = format!("# All rules\n\n{GENERATED}| Id | Rule |\n|---|---|\n");
    for id in FindingId::ALL {
        let word = id.word();
        writeln!(index, "| [{word}](findings/{word}.md) | {} |", id.rule()).unwrap();
        // This one has more to say.
        if *id == FindingId::Cus010 {
            continue;
        }
        let text = rule_text(*id);
        let wrap = |text: &str| keyrite::domain::text::wrap(text, 100).join("\n");
        let page = format!(
            "# {word}: {}\n\n{GENERATED}## Why\n\n{}\n\n## What to do\n\n{}\n\n## Source\n\n{}.\n",
            id.rule().trim_end_matches('.'),
            wrap(text.why),
            wrap(text.fix),
            text.source
        );
        check_fresh(&docs().join(format!("reference/findings/{word}.md")), &page);
    }
    check_fresh(&docs().join("reference/rules.md"), &index);
}

#[test]
fn the_page_of_the_verifiers_is_fresh() {
    use keyrite::domain::verifier::{RULES, Verifier};
    let mut page = format!("# Verifiers\n\n{GENERATED}");
    page.push_str(VERIFIERS);
    for verifier in Verifier::ALL {
        writeln!(
            page,
            "\n## {}\n\n| Rule | What it says | Source |\n|---|---|---|",
            verifier.name()
        )
        .unwrap();
        for entry in RULES.iter().filter(|entry| entry.verifier == verifier) {
            assert!(entry.source.starts_with("https://"));
            writeln!(page, "| `{}` | {} | <{}> |", entry.rule.word(), entry.says, entry.source)
                .unwrap();
        }
    }
    check_fresh(&docs().join("reference/verifiers.md"), &page);
}

const VERIFIERS: &str = "\
`keyrite lint` ends with what each of these says of a certificate: whether it accepts signatures
of it, until when, and why no longer. Of several signing keys the one that is accepted longest
counts. What no source says is not judged: a verifier that accepts here may refuse for a reason
that is not in its table, and Maven Central wants the certificate on a keyserver, which the
certificate does not tell.

Where a table has no rule `ended`, the verifier does not look at the end of a key: rpm leaves it
out on purpose up to Enterprise Linux 9 (<https://github.com/rpm-software-management/rpm/issues/1911>,
and revocations: <https://github.com/rpm-software-management/rpm/issues/1598>), and Maven Central has
published signatures of keys that had ended
(<https://github.com/jknack/handlebars.java/issues/1187>).

The instant is the one before which a signature must be made, and gpg tells of an ended key even
where the signature is older. The dates of algorithms are those of the verifier, and `--at` moves the day on which it is asked.
A verifier falls back to an older self-signature where it refuses the newest one.
";

#[test]
fn the_whole_file_of_the_workspace_page_is_read() {
    let page = fs::read_to_string(docs().join("reference/workspace.md")).unwrap();
    let file = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let program = crate::support::program::Program::new();
    program.file("keyrite.toml", file);
    let outcome = program.run(&["schedule", "--at", "2026-06-01"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(outcome.out.contains("overdue: declare for release-ci by alice"), "{outcome:?}");
}

#[test]
fn every_finding_has_its_page() {
    use keyrite::domain::finding::FindingId;
    for id in FindingId::ALL {
        let page = docs().join(format!("reference/findings/{}.md", id.word()));
        let text = fs::read_to_string(&page).unwrap_or_else(|e| panic!("{}: {e}", page.display()));
        for part in ["# ", "## Why", "## What to do"] {
            assert!(text.contains(part), "{}: no '{part}'", page.display());
        }
    }
}

#[test]
fn every_finding_has_its_cases() {
    use keyrite::domain::finding::FindingId;
    let tests: String = rust_files(&root().join("tests"))
        .into_iter()
        .filter(|path| !path.ends_with("docs.rs"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    for id in FindingId::ALL {
        let named = [format!("FindingId::{id:?}"), format!("\"{}\"", id.word())];
        assert!(named.iter().any(|name| tests.contains(name)), "no test has a case of {id}");
    }
}
