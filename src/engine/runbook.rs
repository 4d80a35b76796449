//! The runbook of a ceremony in Markdown, written from the catalog: what is
//! printed is what is run.

use std::fmt::Write as _;

use super::definition::{Ceremony, Class, Kind, Step};
use crate::domain::worded::Worded as _;

/// The whole page.
#[must_use]
pub fn runbook(ceremony: &Ceremony) -> String {
    let mut page = String::new();
    let _ = write!(page, "# {}\n\n{}\n\n", ceremony.title, ceremony.purpose);
    let roles: Vec<_> = ceremony.roles.iter().map(|role| role.word()).collect();
    let _ = write!(
        page,
        "Ceremony `{}`, version {}. People: {}.\n\n## What you need\n\n",
        ceremony.id,
        ceremony.version,
        roles.join(", ")
    );
    for need in ceremony.needs {
        let _ = writeln!(page, "- {need}");
    }
    let _ = write!(page, "\n## What it changes\n\n{}\n", ceremony.changes);
    let undo = match ceremony.point_of_no_return() {
        Some(step) => format!("Until step {step} it can be given up. "),
        None => String::new(),
    };
    let _ = write!(page, "\n## If it is given up\n\n{undo}{}\n\n## Steps\n", ceremony.given_up);
    for (index, step) in ceremony.steps.iter().enumerate() {
        write_step(&mut page, index + 1, step);
    }
    let _ = write!(page, "\n## What comes next\n\n{}\n", ceremony.next);
    page
}

fn write_step(page: &mut String, number: usize, step: &Step) {
    let _ = write!(page, "\n### {number}. {}\n\n{}\n\n", step.title, step.why);
    let undo = if step.reversible { "can be undone" } else { "**cannot be undone**" };
    let _ = writeln!(page, "- {}; {}; {undo}", what(step), place(step));
    if let Some(list) = step.each {
        let of = list.split('.').next().unwrap_or_default();
        let _ = writeln!(page, "- for each of those who were named in the step `{of}`");
    }
    if let Some((fact, value)) = step.only_if {
        let _ = writeln!(page, "- only if `{fact}` is `{value}`");
    }
    for field in step.fields() {
        let _ = writeln!(page, "- {}: {}", field.label, field.help);
    }
    if let Some(effect) = step.effect() {
        for secret in effect.secrets() {
            let new = if secret.is_new { ", made here and written down" } else { "" };
            let _ = writeln!(page, "- asks for the {}{new}", secret.label);
        }
    }
    if !step.command.is_empty() {
        let _ = writeln!(page, "- without keyrite: `{}`", step.command);
    }
    let _ = writeln!(page, "- initials ________  time ________");
}

fn place(step: &Step) -> String {
    match step.locality {
        Some(locality) => format!("{} only", locality.word()),
        None => "any machine".to_owned(),
    }
}

fn what(step: &Step) -> String {
    match step.kind {
        Kind::Check => "a look at the machine".to_owned(),
        Kind::Ask(_) => "questions".to_owned(),
        Kind::Plan => "the plan is shown and sealed".to_owned(),
        Kind::Confirm(class, _) => format!("confirmation {}: {}", class.word(), typed(class)),
        Kind::Perform(effect, _) => format!("does `{}`", effect.word()),
        Kind::Verify(effect, _) => format!("proves by `{}`", effect.word()),
        Kind::Attest(_) => "somebody states it".to_owned(),
        Kind::Wait(_) => "waits until it is so".to_owned(),
    }
}

const fn typed(class: Class) -> &'static str {
    match class {
        Class::C0 => "one key",
        Class::C1 => "a word is typed",
        Class::C2 => "the last eight digits are typed",
        Class::C3 => "both halves are typed, by two people where the rules want two",
        Class::C4 => "both halves and the name of the place are typed",
    }
}
