//! Opens menus and texts over the screen.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::domain::comparison::Settled;
use crate::domain::text::counted;
use crate::tui::action::Action;
use crate::tui::event::Request;
use crate::tui::keymap::Scope;
use crate::tui::layer::{Choice, Effect, Entry, Layer, Menu, Palette, Reader};
use crate::tui::message::Level;
use crate::tui::model::Model;

/// Opens the command palette.
pub(super) fn palette(model: &mut Model) -> Vec<Request> {
    let mut palette = Palette::default();
    search(model, &mut palette);
    model.layers.push(Layer::Palette(palette));
    Vec::new()
}

/// Finds the commands that fit what was typed.
pub(super) fn search(model: &Model, palette: &mut Palette) {
    let entries = entries(model);
    let pattern = Pattern::parse(palette.line.value(), CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, Entry)> = entries
        .into_iter()
        .filter_map(|entry| {
            let text = Utf32Str::new(&entry.label, &mut buffer);
            Some((pattern.score(text, &mut matcher)?, entry))
        })
        .collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    palette.found = scored.into_iter().map(|(_, entry)| entry).collect();
    palette.selected = 0;
}

/// The commands of the screen below all layers, without moving about.
fn entries(model: &Model) -> Vec<Entry> {
    let scopes = model.screen_scopes();
    let mut entries: Vec<Entry> = Vec::new();
    for binding in scopes.iter().flat_map(|scope| model.keymap.of_scope(*scope)) {
        let moves = matches!(
            binding.action,
            Action::Up
                | Action::Down
                | Action::Left
                | Action::Right
                | Action::First
                | Action::Last
                | Action::PageUp
                | Action::PageDown
                | Action::HalfUp
                | Action::HalfDown
                | Action::Palette
        );
        if moves || entries.iter().any(|entry| entry.action == binding.action) {
            continue;
        }
        entries.push(Entry {
            action: binding.action,
            label: binding.label.clone(),
            chord: binding.chords.first().map(ToString::to_string).unwrap_or_default(),
        });
    }
    entries
}

/// Opens the list of what can be done with the selection.
pub(super) fn actions(model: &mut Model) -> Vec<Request> {
    const OF_SELECTION: [Action; 8] = [
        Action::Open,
        Action::Compare,
        Action::Qr,
        Action::Armored,
        Action::Copy,
        Action::CopyAs,
        Action::Commands,
        Action::Reload,
    ];
    let choices = entries(model)
        .into_iter()
        .filter(|entry| OF_SELECTION.contains(&entry.action))
        .map(|entry| Choice {
            label: entry.label,
            note: entry.chord,
            effect: Effect::Do(entry.action),
        })
        .collect();
    open_menu(model, "What can be done with the selection", choices)
}

pub(super) fn open_menu(model: &mut Model, title: &str, choices: Vec<Choice>) -> Vec<Request> {
    let title = title.to_owned();
    model.layers.push(Layer::Menu(Menu { title, choices, selected: 0 }));
    Vec::new()
}

pub(super) fn open_reader(
    model: &mut Model,
    title: &str,
    lines: Vec<String>,
    copy: Option<String>,
) {
    let title = title.to_owned();
    model.layers.push(Layer::Reader(Reader { title, lines, top: 0, copy }));
}

/// Opens the choice of one state.
pub(super) fn facets(model: &mut Model) -> Vec<Request> {
    let all = Choice {
        label: "all".to_owned(),
        note: model.list.items().len().to_string(),
        effect: Effect::Facet(None),
    };
    let states = model.list.counts().into_iter().map(|(standing, count)| Choice {
        label: standing.words().to_owned(),
        note: count.to_string(),
        effect: Effect::Facet(Some(standing)),
    });
    let choices = std::iter::once(all).chain(states).collect();
    open_menu(model, "Show only", choices)
}

/// Opens the choice of forms to copy.
pub(super) fn copy_as(model: &mut Model) -> Vec<Request> {
    let Some(fingerprint) = model.target_fingerprint() else {
        return super::no_key(model);
    };
    let mut choices: Vec<_> = [
        ("fingerprint, digits only", fingerprint.hex()),
        ("fingerprint in groups", fingerprint.grouped()),
        ("fingerprint as URI", fingerprint.uri()),
        ("fingerprint in PGP words", fingerprint.words().join(" ")),
        ("fingerprint in numbers", fingerprint.numbers().join(" ")),
    ]
    .into_iter()
    .map(|(what, text)| Choice {
        label: what.to_owned(),
        note: String::new(),
        effect: Effect::Copy { what, text },
    })
    .collect();
    let look = model.look.as_ref().and_then(|look| look.result.as_ref()?.as_ref().ok());
    if let Some(inspection) = look {
        choices.push(Choice {
            label: "certificate in ASCII armor".to_owned(),
            note: format!("{} bytes", inspection.armored.len()),
            effect: Effect::Copy { what: "certificate", text: inspection.armored.clone() },
        });
    }
    open_menu(model, "Copy as", choices)
}

/// Shows the QR code of the fingerprint.
pub(super) fn qr(model: &mut Model) -> Vec<Request> {
    match model.target_fingerprint() {
        Some(fingerprint) => model.layers.push(Layer::Qr(fingerprint)),
        None => return super::no_key(model),
    }
    Vec::new()
}

/// Shows the armored certificate of the closer look.
pub(super) fn show_armor(model: &mut Model) {
    let Some(result) = model.look.as_ref().and_then(|look| look.result.clone()) else {
        return;
    };
    match result {
        Ok(inspection) => {
            let lines = inspection.armored.lines().map(str::to_owned).collect();
            let copy = Some(inspection.armored);
            open_reader(model, "Certificate, public parts only", lines, copy);
        }
        Err(error) => model.say(Level::Warning, error),
    }
}

/// Shows all messages of this session.
pub(super) fn messages(model: &mut Model) -> Vec<Request> {
    let mut lines: Vec<_> = model
        .messages
        .iter()
        .map(|message| format!("{}  {}", message.at.minute(), message.text))
        .collect();
    if lines.is_empty() {
        lines.push("No messages yet. What the last line but one said is kept here.".to_owned());
    }
    open_reader(model, "Messages", lines, None);
    Vec::new()
}

/// Shows all comparisons of this session.
pub(super) fn comparisons(model: &mut Model) -> Vec<Request> {
    let mut lines = Vec::new();
    for record in model.comparisons.all() {
        let result = match record.settled {
            Settled::Match => "MATCH",
            Settled::Mismatch => "MISMATCH",
        };
        let how = if record.pasted { "pasted" } else { "typed" };
        lines.push(format!("{}  {result}  {}", record.at.minute(), record.name));
        lines.push(format!(
            "    {}, {how}, {}; {}",
            record.channel.word(),
            counted(usize::from(record.tries), "attempt"),
            record.fingerprint.grouped()
        ));
    }
    if lines.is_empty() {
        lines.push("No comparisons yet. v compares the fingerprint of a key.".to_owned());
    } else {
        lines.push(String::new());
        lines.push("They are kept until you quit: there is no workspace here.".to_owned());
    }
    open_reader(model, "Comparisons of this session", lines, None);
    Vec::new()
}

/// Shows the keys that work here.
pub(super) fn help(model: &mut Model) -> Vec<Request> {
    let mut lines = Vec::new();
    for scope in model.scopes().into_iter().chain([Scope::Always]) {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(scope.title().to_uppercase());
        for binding in model.keymap.of_scope(scope).filter(|b| !b.chords.is_empty()) {
            let keys: Vec<_> = binding.chords.iter().map(ToString::to_string).collect();
            lines.push(format!("  {:<18} {}", keys.join(" "), binding.label));
        }
    }
    lines.push(String::new());
    lines.push("STATES".to_owned());
    for standing in crate::domain::outlook::Standing::ALL {
        let (mark, _) = model.skin.standing(standing);
        let meaning = super::super::tips::meaning(standing);
        lines.push(format!("  {mark} {:<16} {meaning}", standing.words()));
    }
    lines.push(String::new());
    lines.push("COLUMNS".to_owned());
    lines.push(
        "  MAY   what the key may do: C certify, S sign, E encrypt, A authenticate".to_owned(),
    );
    lines.push("  LEFT  how much of its life is left, from its creation to its expiry".to_owned());
    open_reader(model, "Help: the keys that work here", lines, None);
    Vec::new()
}
