//! What the slots that are files have in common.

use std::io;

use crate::domain::text::VisibleText;
use crate::engine::place::PlaceError;

/// Why a file of a place was not read or written.
pub(super) fn trouble(place: &str, error: &io::Error) -> PlaceError {
    let (place, why) = (place.to_owned(), VisibleText::from_text(&error.to_string()));
    let refusals = [io::ErrorKind::PermissionDenied, io::ErrorKind::ReadOnlyFilesystem];
    let absences = [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory];
    if refusals.contains(&error.kind()) {
        PlaceError::Refused { place, why }
    } else if absences.contains(&error.kind()) {
        PlaceError::Absent { place, why }
    } else {
        PlaceError::Unreachable { place, why }
    }
}

/// Whether that can be the name of a version: the random name of an effect.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
