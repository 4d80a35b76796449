//! Moving about: rows, tabs, screens.

use crate::tui::action::Action;
use crate::tui::event::Request;
use crate::tui::model::{LaterScreen, Model, Screen};
use crate::tui::screens::welcome::CHOICES;

/// How far an action moves, if it moves.
pub(super) fn steps(action: Action, page: isize) -> Option<isize> {
    Some(match action {
        Action::Up => -1,
        Action::Down => 1,
        Action::PageUp => -page,
        Action::PageDown => page,
        Action::HalfUp => -page / 2,
        Action::HalfDown => page / 2,
        Action::First => isize::MIN,
        Action::Last => isize::MAX,
        _ => return None,
    })
}

/// The screen to which an action leads, if it leads to one.
pub(super) fn screen_of(action: Action) -> Option<Screen> {
    Some(match action {
        Action::Dashboard => Screen::Dashboard,
        Action::Keys => Screen::Keys,
        Action::Timeline => Screen::Timeline,
        Action::Ceremonies => Screen::Ceremonies,
        Action::Publications => Screen::Publications,
        Action::Custody => Screen::Custody,
        Action::Findings => Screen::Findings,
        Action::Audit => Screen::Audit,
        Action::People => Screen::Later(LaterScreen::People),
        Action::Settings => Screen::Settings,
        _ => return None,
    })
}

/// Rows of a page, less one that stays in view.
pub(super) fn page(model: &Model) -> isize {
    isize::try_from(model.size.1.saturating_sub(12).max(2)).unwrap_or(10) - 1
}

pub(super) fn move_by(model: &mut Model, rows: isize) -> Vec<Request> {
    match (model.screen, model.detail.as_mut()) {
        (Screen::Welcome, _) => {
            let last = CHOICES.len() - 1;
            model.welcome = model.welcome.saturating_add_signed(rows).min(last);
        }
        (Screen::Detail, Some(detail)) => detail.top = detail.top.saturating_add_signed(rows),
        (Screen::Findings, _) => {
            let last = model.all_told().count().saturating_sub(1);
            model.findings_at = model.findings_at.saturating_add_signed(rows).min(last);
        }
        (Screen::Timeline, _) => {
            model.window.selected = model.window.selected.saturating_add_signed(rows);
        }
        (Screen::Ceremonies, _) => {
            let last = model.offers().len().saturating_sub(1);
            model.ceremonies.at = model.ceremonies.at.saturating_add_signed(rows).min(last);
        }
        (Screen::Publications, _) => {
            let last = model.published().len().saturating_sub(1);
            model.publications.at = model.publications.at.saturating_add_signed(rows).min(last);
        }
        (Screen::Custody, _) => {
            let last = model.kept().len().saturating_sub(1);
            model.custody.at = model.custody.at.saturating_add_signed(rows).min(last);
        }
        (Screen::Audit, _) => {
            let last = model.audit.rows().len().saturating_sub(1);
            model.audit.at = model.audit.at.saturating_add_signed(rows).min(last);
        }
        (Screen::Settings, _) => {
            model.settings_top = model.settings_top.saturating_add_signed(rows);
        }
        (Screen::Dashboard | Screen::Keys, _) => model.list.move_by(rows),
        _ => {}
    }
    Vec::new()
}

pub(super) fn fold(model: &mut Model, open: bool) -> Vec<Request> {
    match model.screen {
        Screen::Dashboard | Screen::Keys => model.list.fold(open),
        Screen::Detail => return turn_tab(model, open),
        Screen::Timeline => model.window.shift(open),
        _ => {}
    }
    Vec::new()
}

pub(super) fn step_key(model: &mut Model, forward: bool) -> Vec<Request> {
    if let (Screen::Detail, Some(detail)) = (model.screen, &mut model.detail) {
        let keys = model
            .list
            .item(&detail.fingerprint)
            .and_then(|item| item.assessment.as_ref())
            .map_or(1, |assessment| 1 + assessment.certificate.subkeys.len());
        detail.key = if forward { detail.key + 1 } else { detail.key + keys - 1 } % keys;
        detail.top = 0;
    } else {
        model.list.move_to_certificate(forward);
    }
    Vec::new()
}

pub(super) fn turn_tab(model: &mut Model, forward: bool) -> Vec<Request> {
    if let Some(detail) = &mut model.detail {
        detail.tab = detail.tab.step(forward);
        detail.top = 0;
    }
    Vec::new()
}
