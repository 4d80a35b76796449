//! What stands above a confirmation.

use crate::domain::text::VisibleText;
use crate::domain::worded::Worded as _;
use crate::engine::run::{Confirmation, grouped};

/// The subject in full, and what has to be typed.
pub(super) fn lines(confirmation: &Confirmation) -> Vec<String> {
    let subject = confirmation.subject.trim_start_matches("sha256:");
    let is_hex = subject.len() >= 40 && subject.bytes().all(|byte| byte.is_ascii_hexdigit());
    let shown = if is_hex { grouped(subject) } else { subject.to_owned() };
    let mut lines = vec![
        format!("confirm ({}): {shown}", confirmation.class.word()),
        "nothing is done before all of it is typed; an empty line refuses".to_owned(),
    ];
    lines.extend(confirmation.place.as_ref().map(|place| format!("place: {place}")));
    let facts = confirmation.facts.iter();
    lines.extend(facts.map(|fact| format!("there: {}", VisibleText::from_text(fact))));
    lines
}
