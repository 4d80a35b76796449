//! Fingerprints on pages of the documentation (PUB-005).

use super::{Declared, finding};
use crate::domain::finding::{Finding, FindingId, Severity};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::workspace::Evidence;

/// Hexadecimal digits of fingerprints and of key IDs.
const FINGERPRINTS: [usize; 2] = [40, 64];
const KEY_IDS: [usize; 2] = [8, 16];

/// Problems of one page that are told.
const MANY: usize = 20;

pub(super) fn check(declared: &Declared<'_>, evidence: &Evidence, findings: &mut Vec<Finding>) {
    let own: Vec<Fingerprint> =
        declared.assessments.iter().map(|a| a.certificate.fingerprint()).collect();
    for target in declared.pages() {
        let problems = match evidence.pages.get(&target.id) {
            Some(Ok(text)) => problems(declared, &own, text),
            Some(Err(why)) => vec![why.clone()],
            None => continue,
        };
        for message in problems {
            let id = FindingId::Pub005;
            findings.push(finding(id, Severity::Warning, &target.id, Vec::new(), message));
        }
    }
}

fn problems(declared: &Declared<'_>, own: &[Fingerprint], text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let mut shown = 0;
    for run in runs(text) {
        if problems.len() > MANY {
            problems.push("and more".to_owned());
            return problems;
        }
        let bare = run.strip_prefix("0x").unwrap_or(run);
        let digits: String = bare.chars().filter(char::is_ascii_hexdigit).collect();
        let of_ours = declared
            .assessments
            .iter()
            .flat_map(|a| a.certificate.keys())
            .find(|key| key.fingerprint.hex().eq_ignore_ascii_case(&digits));
        if FINGERPRINTS.contains(&digits.len()) {
            match of_ours {
                None => problems.push(format!(
                    "the fingerprint that begins with {} and ends with {} is of no key of this \
                     workspace",
                    digits.get(..4).unwrap_or_default(),
                    digits.get(digits.len() - 4..).unwrap_or_default()
                )),
                Some(key) => {
                    shown += usize::from(own.contains(&key.fingerprint));
                    if bare.len() == digits.len() {
                        problems.push(format!(
                            "{digits} is not in groups; people compare {}",
                            key.fingerprint.grouped()
                        ));
                    }
                }
            }
        } else if KEY_IDS.contains(&digits.len())
            && own.iter().any(|key| key.hex().ends_with(&digits.to_uppercase()))
        {
            problems.push(format!("the key ID {digits} is no proof; show the whole fingerprint"));
        }
    }
    if shown == 0 && !own.is_empty() {
        problems.push("it shows the whole fingerprint of no certificate".to_owned());
    }
    problems
}

/// Stretches of hexadecimal digits, each as it stands, single blanks and the
/// gap in the middle included.
fn runs(text: &str) -> Vec<&str> {
    let is_word = |word: &str| {
        let word = word.strip_prefix("0x").unwrap_or(word);
        word.len() >= 2 && word.chars().all(|c| c.is_ascii_hexdigit())
    };
    let mut runs = Vec::new();
    for line in text.lines() {
        let mut open: Option<(usize, usize)> = None;
        for word in line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            let start = word.as_ptr() as usize - line.as_ptr() as usize;
            let end = start + word.len();
            let digits = |(from, to): (usize, usize)| {
                line.get(from..to)
                    .unwrap_or_default()
                    .chars()
                    .filter(char::is_ascii_hexdigit)
                    .count()
            };
            open = match open {
                // Groups of four belong together; a whole one stands alone.
                Some((from, to))
                    if is_word(word)
                        && word.len() <= 8
                        && start - to <= 2
                        && digits((from, to)) < 64 =>
                {
                    Some((from, end))
                }
                before => {
                    runs.extend(before.and_then(|(from, to)| line.get(from..to)));
                    is_word(word).then_some((start, end))
                }
            };
        }
        runs.extend(open.and_then(|(from, to)| line.get(from..to)));
    }
    runs
}
