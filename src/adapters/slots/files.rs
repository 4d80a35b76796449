//! What the slots that are files have in common.

use std::io;

use crate::domain::text::VisibleText;
use crate::engine::slot::SlotError;

/// Why a file of a place was not read or written.
pub(super) fn trouble(place: &str, error: &io::Error) -> SlotError {
    let (place, why) = (place.to_owned(), VisibleText::from_text(&error.to_string()));
    let refusals = [io::ErrorKind::PermissionDenied, io::ErrorKind::ReadOnlyFilesystem];
    if refusals.contains(&error.kind()) {
        SlotError::Refused { place, why }
    } else {
        SlotError::Unreachable { place, why }
    }
}

/// Whether that can be the name of a version: the random name of an effect.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
