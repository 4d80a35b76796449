//! Runs the steps of a workflow of GitHub Actions as a runner does, as far as
//! the workflows here need it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// What expressions see.
#[derive(Default)]
pub(crate) struct Context {
    pub(crate) inputs: BTreeMap<String, String>,
    pub(crate) secrets: BTreeMap<String, String>,
    pub(crate) vars: BTreeMap<String, String>,
}

/// How a job ended.
pub(crate) struct Ended {
    pub(crate) is_success: bool,
    pub(crate) log: String,
}

struct Step {
    env: Vec<(String, String)>,
    script: String,
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The lines that are further right than the one at `at`.
fn block<'a>(lines: &'a [&'a str], at: usize) -> Vec<&'a str> {
    let own = indent(lines[at]);
    let is_in = |line: &&&str| line.trim().is_empty() || indent(line) > own;
    lines[at + 1..].iter().take_while(is_in).copied().collect()
}

fn steps(yaml: &str) -> Vec<Step> {
    let lines: Vec<_> = yaml.lines().collect();
    let mut steps = Vec::new();
    for at in 0..lines.len() {
        let line = lines[at].trim();
        if line.starts_with("- name:") || line.starts_with("- uses:") {
            steps.push(Step { env: Vec::new(), script: String::new() });
        }
        let Some(step) = steps.last_mut() else { continue };
        if line == "env:" {
            let pair = |line: &str| line.trim().split_once(": ").map(|(a, b)| (a.into(), b.into()));
            step.env = block(&lines, at).into_iter().filter_map(pair).collect();
        }
        if line == "run: |" {
            let script = block(&lines, at);
            let left = script.iter().map(|line| indent(line)).min().unwrap();
            let script = script.iter().map(|line| line.get(left..).unwrap_or_default());
            step.script = script.collect::<Vec<_>>().join("\n");
        }
    }
    steps
}

impl Context {
    /// The value of an expression; empty where there is none of that name.
    fn value(&self, expression: &str) -> String {
        let inner = expression.trim();
        let formatted = |rest: &str| {
            let (pattern, argument) = rest.split_once("', ").unwrap();
            pattern.replace("{0}", &self.value(argument))
        };
        if let Some(rest) = inner.strip_prefix("secrets[format('") {
            let name = formatted(rest.strip_suffix(")]").unwrap());
            return self.secrets.get(&name).cloned().unwrap_or_default();
        }
        let (of, name) = inner.split_once('.').unwrap_or_else(|| panic!("{inner}"));
        let of = match of {
            "inputs" => &self.inputs,
            "secrets" => &self.secrets,
            "vars" => &self.vars,
            _ => panic!("unknown: {inner}"),
        };
        of.get(name).cloned().unwrap_or_default()
    }

    fn text(&self, text: &str) -> String {
        let Some((before, rest)) = text.split_once("${{") else { return text.to_owned() };
        let (expression, after) = rest.split_once("}}").unwrap();
        format!("{before}{}{}", self.value(expression), self.text(after))
    }

    /// As the runner hides them: the whole secret, and each line of it.
    fn mask(&self, text: &str) -> String {
        let secrets = self.secrets.values();
        let mut parts: Vec<_> = secrets.flat_map(|one| one.lines().chain([one.as_str()])).collect();
        parts.retain(|part| !part.trim().is_empty());
        parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
        parts.into_iter().fold(text.to_owned(), |text, part| text.replace(part, "***"))
    }

    /// Runs all steps in `folder`.
    pub(crate) fn run(&self, yaml: &str, folder: &Path) -> Ended {
        let file = folder.join("github-env");
        std::fs::write(&file, "").unwrap();
        let (mut is_success, mut log) = (true, String::new());
        for step in steps(yaml).into_iter().filter(|step| !step.script.is_empty()) {
            let kept = std::fs::read_to_string(&file).unwrap();
            let kept = kept.lines().filter_map(|line| line.split_once('='));
            let output = Command::new("bash")
                .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &step.script])
                .current_dir(folder)
                .env_clear()
                .envs([("PATH", "/usr/bin:/bin"), ("LC_ALL", "C.UTF-8")])
                .env("HOME", folder)
                .env("RUNNER_TEMP", folder)
                .env("GITHUB_ENV", &file)
                .envs(kept)
                .envs(step.env.iter().map(|(name, text)| (name, self.text(text))))
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let said =
                [output.stdout, output.stderr].map(|b| String::from_utf8_lossy(&b).into_owned());
            for line in step.script.lines().chain(said.iter().flat_map(|text| text.lines())) {
                let _ = write!(log, "2026-01-05T00:00:00.0000000Z {}\r\n", self.mask(line));
            }
            is_success &= output.status.success();
        }
        Ended { is_success, log }
    }
}
