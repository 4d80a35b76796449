//! What the places of the demo would give, if there were any.

mod custody;

pub use custody::demo_custody;

use crate::domain::publication::{
    Component, ComponentKind, DoorRow, DriftRow, Judgement, Memory, Verdict,
};
use crate::domain::text::VisibleText;
use crate::domain::workspace::Target;

/// The subkey with which the demo's release key signs.
const SUBKEY: &str = "482743B58E73E1D6F41EF36C9B67CB57286D464E";
/// The one with which it signed before.
const OLD_SUBKEY: &str = "7D12059E87CF71D5F81CADA4BEA4CBB51FA701CC";
/// A key that nobody of the team has made.
const STRANGER: &str = "5E0C1A7D93B24F68A1D7C3E9504B8F2266AD719E";

/// What users of a target of the demo get, made up: each verdict stands for
/// what happens to real teams.
#[must_use]
pub fn demo_drift(target: &Target) -> Option<DriftRow> {
    let certificate = *target.certificates.first()?;
    let base = target.text("read").unwrap_or(&target.place).trim_end_matches('/');
    let door = |path: &str, judgement| {
        let name = if path.is_empty() { base.to_owned() } else { format!("{base}/{path}") };
        DoorRow { name, judgement }
    };
    let hex = certificate.hex();
    let file = format!("{hex}.asc");
    let part = |kind, of: &str| Component { kind, of: of.to_owned(), created: None };
    let row = DriftRow::begin(target, certificate, &Memory::default());
    let doors = match target.id.as_str() {
        "downloads" => {
            let kinds = [ComponentKind::Subkey, ComponentKind::SelfSignature];
            let lacking = kinds.map(|kind| part(kind, SUBKEY)).into();
            let facts = vec!["it comes from a cache, which has had it for 14 h".to_owned()];
            let stale = Judgement { lacking, facts, ..Judgement::of(Verdict::Stale) };
            vec![door(&file, stale)]
        }
        "directory" => {
            let facts = vec![VisibleText::from_text("HTTP 503").into_string()];
            let silent = Judgement { facts, ..Judgement::of(Verdict::Unreachable) };
            vec![door(".well-known/openpgpkey/halyard.example/policy", silent)]
        }
        "keys-file" => {
            let lost = vec![part(ComponentKind::Subkey, OLD_SUBKEY)];
            vec![door("", Judgement { lost, ..Judgement::of(Verdict::Rollback) })]
        }
        "mirror" => vec![door(&format!("_pgp/{file}"), Judgement::of(Verdict::Missing))],
        "workers" => {
            let facts = vec![format!("another certificate is there: {STRANGER}")];
            vec![door("", Judgement { facts, ..Judgement::of(Verdict::Foreign) })]
        }
        _ => vec![door(&file, Judgement::of(Verdict::Match))],
    };
    Some(DriftRow { doors, ..row })
}
