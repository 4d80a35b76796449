//! The pages of the profiles: each says what its TOML file says, and works a
//! rotation out as an example.

use std::fmt::Write as _;
use std::fs;

use keyrite::adapters::profiles;
use keyrite::domain::period::Period;
use keyrite::domain::policy::Policy;
use keyrite::domain::schedule::{ActionKind, Line, Rule, Term, Turn, Windows, next_actions};
use keyrite::domain::timestamp::{DAY, Timestamp};

use super::{GENERATED, check_fresh, docs};
use crate::support::program::Program;
use crate::support::tree::{files, root};

/// The end of the key of the example.
const EXAMPLE: &str = "2027-12-31";

/// The file of a profile.
struct Preset {
    text: String,
    table: toml::Table,
}

impl Preset {
    fn read(name: &str) -> Self {
        let path = root().join(format!("assets/profiles/{name}.toml"));
        let text = fs::read_to_string(path).unwrap();
        let table = text.parse().unwrap();
        Self { text, table }
    }

    fn words(&self, key: &str) -> &str {
        self.table[key].as_str().unwrap()
    }

    /// All values, whatever they are called, table by table: as they are
    /// written, what they mean, and their source.
    fn values(&self) -> Vec<(String, Vec<[String; 3]>)> {
        let values = self.text.split("\"\"\"").nth(2).unwrap();
        let mut tables: Vec<(String, Vec<[String; 3]>)> = Vec::new();
        let mut comment: Vec<&str> = Vec::new();
        // An empty line ends a comment that stands for a value that is not set.
        for line in values.lines().chain([""]) {
            if let Some(words) = line.strip_prefix('#') {
                comment.push(words.trim());
                continue;
            }
            if let Some(rest) = line.strip_prefix('[') {
                tables.push((rest.trim_end_matches(']').to_owned(), Vec::new()));
            }
            if comment.is_empty() {
                assert!(!line.contains(" = "), "without a comment: {line}");
                continue;
            }
            let words = comment.join(" ");
            let (meaning, source) = words.split_once(" Source: ").unwrap();
            let value = if line.is_empty() { "not set".to_owned() } else { format!("`{line}`") };
            let row = [value, capital(meaning), source.to_owned()];
            tables.last_mut().unwrap().1.push(row);
            comment.clear();
        }
        tables
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// How keys follow each other by a policy, as a workspace has it.
fn rule(policy: &Policy) -> Rule {
    Rule {
        term: Term::Calendar(policy.subkey_lives.unwrap()),
        windows: policy.windows,
        blackouts: Vec::new(),
        margin: policy.margin,
    }
}

fn example() -> Timestamp {
    Timestamp::parse(EXAMPLE).unwrap()
}

/// Days before the end of the example's key.
fn before(at: Timestamp) -> i64 {
    (example().unix() - at.unix()) / DAY
}

/// Generate, publish, activate and retire, in days before the end.
fn days(turn: &Turn) -> [i64; 4] {
    [turn.generate, turn.publish, turn.activate, turn.retire].map(before)
}

fn write_rotation(page: &mut String, rule: &Rule) {
    let line = Line { ends: Some(example()), ..Line::new("example", rule.clone()) };
    writeln!(
        page,
        "## A rotation as an example\n\nWhat `keyrite schedule` plans for a signing key that ends \
         on {EXAMPLE}:\n\n| Step | Planned | Days before the end | Overdue after | How that day \
         was worked out |\n|---|---|---|---|---|"
    )
    .unwrap();
    let mut actions = next_actions(example().plus(-4 * 366 * DAY), &[line]);
    actions.sort_by_key(|action| action.planned);
    assert_eq!(actions.len(), 4);
    for action in actions {
        writeln!(
            page,
            "| {} | {} | {} | {} | {} |",
            action.kind.word(),
            action.planned.date(),
            before(action.planned),
            action.latest_safe.date(),
            action.why
        )
        .unwrap();
    }
    let ends = rule.turn(example(), None).new_ends;
    let margin = match rule.margin {
        0 => "no later than its primary key".to_owned(),
        days => format!("at least {days} days before its primary key"),
    };
    writeln!(page, "\nThe successor ends on {}, and {margin}.\n", ends.date()).unwrap();
}

/// What the plan of Slurm Factory comes to if it is read literally: made and
/// published 30 days before the end, used when those are over.
fn write_literally(page: &mut String, profile: &Rule) {
    let literal = Rule {
        term: Term::Calendar(Period::parse("2y").unwrap()),
        windows: Windows {
            publish_lead: 30,
            reach: 0,
            overlap: 0,
            slack: 0,
            canary: 0,
            ceremony_buffer: 0,
            attest: 0,
        },
        blackouts: Vec::new(),
        margin: 0,
    };
    let refusal = literal.check().unwrap_err();
    let nearest = literal.nearest();
    assert_eq!(nearest.check(), Ok(()));
    writeln!(
        page,
        "## The plan, read literally\n\n\"Generate new key 30 days before expiration\" and \
         \"continue signing with old key during transition\nfor 30 days\" leave nothing over. \
         keyrite refuses such windows, with their numbers:\n\n> {refusal}\n\nand names the nearest \
         that fit. In days before the end of the old key:\n\n| Step | Literally | The nearest that \
         fits | This profile |\n|---|---|---|---|"
    )
    .unwrap();
    let plans = [&literal, &nearest, profile].map(|rule| days(&rule.turn(example(), None)));
    let steps =
        [ActionKind::Generate, ActionKind::Publish, ActionKind::Activate, ActionKind::Retire];
    for (index, step) in steps.into_iter().enumerate() {
        let [a, b, c] = plans.map(|days| days[index]);
        writeln!(page, "| {} | {a} | {b} | {c} |", step.word()).unwrap();
    }
    writeln!(
        page,
        "\nThe nearest plan adds a week of slack and nothing else: on the day on which the new key signs \
         for the\nfirst time the old secret is taken away, because the plan names no time of \
         watching. There is no way\nback. The profile keeps the 30 days from publication to first \
         use, and lets the old key live for four\nmore weeks: two in which the new key is watched \
         and the old one can take over again, and two of slack.\n"
    )
    .unwrap();
}

fn page(name: &str) -> String {
    let (preset, policy) = (Preset::read(name), profiles::load(name).unwrap());
    let rule = rule(&policy);
    let mut page = format!(
        "# The profile {name}\n\n{GENERATED}{}.\n\n```sh\nkeyrite init DIR --profile {name}\n\
         keyrite lint PATH --profile {name}\n```\n\nThe first makes a workspace with these rules, \
         the second holds certificates against them.\n\n{}\n",
        preset.words("about"),
        preset.words("story")
    );
    write_rotation(&mut page, &rule);
    if name == "slurm-factory" {
        write_literally(&mut page, &rule);
    }
    page.push_str("## All values\n\nA source that begins with \"keyrite\" is a choice of this program, and nobody else's word.\n");
    for (table, rows) in preset.values() {
        writeln!(page, "\n### `[{table}]`\n\n| Value | Meaning | Source |\n|---|---|---|").unwrap();
        for [value, meaning, source] in rows {
            writeln!(page, "| {value} | {} | {source}. |", meaning.trim_end_matches('.')).unwrap();
        }
    }
    page
}

#[test]
fn the_pages_of_the_profiles_are_fresh() {
    let mut index = format!(
        "# All profiles\n\n{GENERATED}A profile is a named set of rules: what keys must be like, \
         and the windows of their rotations.\n`keyrite init DIR --profile P` makes a workspace with \
         one. The days are those before the end of the\nkey that hands over.\n\n| Profile | For \
         whom | A signing key is used for | Generate | Publish | Activate | Retire \
         |\n|---|---|---|---|---|---|---|\n"
    );
    for name in profiles::names() {
        check_fresh(&docs().join(format!("reference/profiles/{name}.md")), &page(name));
        let policy = profiles::load(name).unwrap();
        let [generate, publish, activate, retire] = days(&rule(&policy).turn(example(), None));
        writeln!(
            index,
            "| [{name}](profiles/{name}.md) | {} | {} | {generate} | {publish} | {activate} | {retire} |",
            policy.about,
            policy.subkey_lives.unwrap()
        )
        .unwrap();
    }
    check_fresh(&docs().join("reference/profiles.md"), &index);
    assert_eq!(files(&docs().join("reference/profiles")).len(), profiles::names().len());
}

#[test]
fn a_page_leaves_out_no_value_of_its_profile() {
    for name in profiles::names() {
        let preset = Preset::read(name);
        let page = page(name);
        let mut values = 0;
        for (table, keys) in preset.table.iter().filter_map(|(k, v)| Some((k, v.as_table()?))) {
            assert!(page.contains(&format!("### `[{table}]`")), "{name}: {table}");
            for key in keys.keys() {
                assert!(page.contains(&format!("| `{key} = ")), "{name}: {table}.{key}");
                values += 1;
            }
        }
        assert!(values >= 12, "{name}: {values}");
        for part in ["## Whose rules these are", "## What keyrite changes, and why"] {
            assert!(preset.words("story").contains(part), "{name}: no '{part}'");
        }
    }
}

#[test]
fn the_command_of_each_profile_page_makes_a_workspace() {
    let program = Program::new();
    for name in profiles::names() {
        let page =
            fs::read_to_string(docs().join(format!("reference/profiles/{name}.md"))).unwrap();
        let command = page.lines().find(|line| line.starts_with("keyrite init ")).unwrap();
        let arguments: Vec<_> =
            command.split(' ').skip(1).map(|word| word.replace("DIR", name)).collect();
        let outcome = program.run(&arguments);
        assert_eq!(outcome.code, Some(0), "{name}: {outcome:?}");
        let file = fs::read_to_string(program.folder().join(name).join("keyrite.toml")).unwrap();
        assert!(file.contains(&format!("profile = \"{name}\"")), "{file}");
    }
}
