//! Editing of a text line by actions.

use tui_input::{Input as Line, InputRequest};

use crate::tui::action::Action;

/// Edits a line by an action of the key table.
pub(super) fn edit(line: &mut Line, action: Action) {
    let request = match action {
        Action::TextLeft => InputRequest::GoToPrevChar,
        Action::TextRight => InputRequest::GoToNextChar,
        Action::TextStart => InputRequest::GoToStart,
        Action::TextEnd => InputRequest::GoToEnd,
        Action::TextBackspace => InputRequest::DeletePrevChar,
        Action::TextDelete => InputRequest::DeleteNextChar,
        Action::TextDeleteWord => InputRequest::DeletePrevWord,
        Action::TextDeleteRest => InputRequest::DeleteTillEnd,
        Action::TextClear => InputRequest::DeleteLine,
        _ => return,
    };
    line.handle(request);
}
