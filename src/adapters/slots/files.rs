//! What the slots that are files have in common.

use std::io;

use crate::domain::text::VisibleText;
use crate::engine::slot::SlotError;

/// Why a file of a place was not read or written.
pub(super) fn trouble(place: &str, error: &io::Error) -> SlotError {
    let (place, why) = (place.to_owned(), VisibleText::from_text(&error.to_string()));
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            SlotError::Refused { place, why }
        }
        _ => SlotError::Unreachable { place, why },
    }
}
