//! Draws the questions about waivers and new workspaces.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::boxes::{boxed, choice, input};
use super::lines::fit;
use crate::domain::text::{VisibleText, counted, wrap};
use crate::tui::layer::{FoundForm, FoundQuestion, WaiveField, WaiveForm};
use crate::tui::model::Model;
use crate::tui::skin::Skin;

/// Columns of a form.
const WIDE: usize = 72;

/// Lines above the fields, the fields, and what is wrong.
struct Sheet<'a> {
    skin: &'a Skin,
    area: Rect,
    row: u16,
}

impl Sheet<'_> {
    fn text(&mut self, frame: &mut Frame<'_>, text: &str) {
        for line in wrap(text, usize::from(self.area.width)) {
            let line = Line::styled(line, self.skin.theme.frame_text);
            frame.render_widget(Paragraph::new(line), self.next());
        }
    }

    fn problem(&mut self, frame: &mut Frame<'_>, problem: Option<&String>) {
        let Some(problem) = problem else { return };
        for line in wrap(problem, usize::from(self.area.width).saturating_sub(2)) {
            let line = format!("{} {line}", self.skin.glyphs.warn);
            frame.render_widget(
                Paragraph::new(Line::styled(line, self.skin.theme.warn)),
                self.next(),
            );
        }
    }

    /// The next row; none is left where the window is too low.
    fn next(&mut self) -> Rect {
        let row = Rect { y: self.area.y + self.row, height: 1, ..self.area };
        self.row += 1;
        row.intersection(self.area)
    }

    fn rest(&self) -> Rect {
        let row = self.row.min(self.area.height);
        Rect { y: self.area.y + row, height: self.area.height - row, ..self.area }
    }
}

fn sheet<'a>(
    frame: &mut Frame<'_>,
    area: Rect,
    skin: &'a Skin,
    title: &str,
    high: usize,
) -> Sheet<'a> {
    Sheet { skin, area: boxed(frame, area, skin, title, (WIDE, high)), row: 0 }
}

/// Draws the questions of a waiver.
pub(super) fn waive(frame: &mut Frame<'_>, area: Rect, skin: &Skin, form: &mut WaiveForm) {
    let mut sheet = sheet(frame, area, skin, &format!("Live with {} for a time", form.finding), 11);
    sheet.text(frame, &form.subject);
    sheet.text(
        frame,
        "Until its day the finding counts as signed off. It is written to keyrite.toml.",
    );
    sheet.row += 1;
    let people = format!("Signed off by ({}): ", form.people.join(", "));
    let at = form.at;
    for field in WaiveField::ALL {
        let label = match field {
            WaiveField::By => people.as_str(),
            WaiveField::Reason => "Because: ",
            WaiveField::Until => "Until (2027-06-01): ",
        };
        let row = sheet.next();
        let line = form.line(field).clone();
        if field == at {
            input(frame, row, skin, label, &line);
        } else {
            let text = format!("{label}{}", line.value());
            frame.render_widget(Paragraph::new(Line::styled(text, skin.theme.frame_text)), row);
        }
    }
    sheet.row += 1;
    sheet.problem(frame, form.problem.as_ref());
}

/// Draws the questions of a new workspace.
pub(super) fn found(frame: &mut Frame<'_>, area: Rect, model: &Model, form: &FoundForm) {
    let skin = &model.skin;
    let title = match form.question {
        FoundQuestion::Name => "New workspace, 1 of 4: what is it called?",
        FoundQuestion::Profile => "New workspace, 2 of 4: whose rules hold?",
        FoundQuestion::Places => "New workspace, 3 of 4: where do you publish?",
        FoundQuestion::Keys => "New workspace, 4 of 4: which keys are yours?",
        FoundQuestion::Review => "New workspace: make it?",
    };
    let mut sheet = sheet(frame, area, skin, title, 13);
    match form.question {
        FoundQuestion::Name => {
            sheet.text(
                frame,
                "A workspace is a folder that holds the public facts of your team's \
                               keys. Nothing secret is ever in it; it is made to be kept in git.",
            );
            sheet.row += 1;
            let row = sheet.next();
            input(frame, row, skin, "Name: ", &form.name);
            let folder = model.here.join(form.folder_name());
            let folder = VisibleText::from_bytes(folder.as_os_str().as_encoded_bytes());
            sheet.text(frame, &format!("It will be made in {folder}"));
        }
        FoundQuestion::Profile => profiles(frame, &mut sheet, form),
        FoundQuestion::Places => {
            sheet.text(
                frame,
                "Where users find the certificate, with blanks between: a keyserver \
                               (hkps://...), keys.openpgp.org, s3://..., a git URL, a page (.md). \
                               Nothing is sent there now; the line may be empty.",
            );
            sheet.row += 1;
            let row = sheet.next();
            input(frame, row, skin, "Places: ", &form.places);
        }
        FoundQuestion::Keys => keys(frame, &mut sheet, model, form),
        FoundQuestion::Review => review(frame, &mut sheet, model, form),
    }
    sheet.row += 1;
    sheet.problem(frame, form.problem.as_ref());
}

fn profiles(frame: &mut Frame<'_>, sheet: &mut Sheet<'_>, form: &FoundForm) {
    let profiles = form.profiles.iter().enumerate();
    let about = form.profiles.get(form.profile).map(|(_, about)| about.clone());
    for (index, (name, _)) in profiles {
        let line = choice(sheet.skin, name, "", index == form.profile, sheet.area.width);
        let row = sheet.next();
        frame.render_widget(Paragraph::new(line), row);
    }
    sheet.row += 1;
    sheet.text(frame, &about.unwrap_or_default());
}

fn keys(frame: &mut Frame<'_>, sheet: &mut Sheet<'_>, model: &Model, form: &FoundForm) {
    let skin = sheet.skin;
    let items = model.list.items();
    if items.is_empty() {
        sheet.text(
            frame,
            "No key was read, so the workspace begins without one. To begin with \
                           yours: Esc, look at them first (2 or 3 on the welcome screen), then w.",
        );
        return;
    }
    let ticked = counted(form.ticked.len(), "key");
    sheet.text(
        frame,
        &format!(
            "Space adopts a key or leaves it: {ticked} of {} so far. Secrets \
                                stay where they are.",
            items.len()
        ),
    );
    sheet.row += 1;
    let rest = sheet.rest();
    let rows = usize::from(rest.height).saturating_sub(1);
    let top = (form.cursor + 1).saturating_sub(rows);
    for (index, item) in items.iter().enumerate().skip(top).take(rows) {
        let tick = if form.ticked.contains(&item.listed.fingerprint) { "[x]" } else { "[ ]" };
        let (mark, _) = skin.standing(item.standing());
        let groups = item.listed.fingerprint.groups();
        let end: Vec<_> = groups.iter().rev().take(2).rev().cloned().collect();
        let note = format!(
            "{mark} {}  {} {}",
            item.standing().words(),
            skin.glyphs.ellipsis,
            end.join(" ")
        );
        let label = format!("{tick} {}", item.name());
        let line = choice(skin, &label, &note, index == form.cursor, rest.width);
        frame.render_widget(Paragraph::new(line), sheet.next());
    }
}

fn review(frame: &mut Frame<'_>, sheet: &mut Sheet<'_>, model: &Model, form: &FoundForm) {
    let skin = sheet.skin;
    let folder = model.here.join(form.folder_name());
    let folder = VisibleText::from_bytes(folder.as_os_str().as_encoded_bytes());
    let profile = form.profiles.get(form.profile).map_or("", |(name, _)| name);
    let places = match form.places.value().trim() {
        "" => "nowhere yet",
        places => places,
    };
    let adopts = match form.ticked.len() {
        0 => "no key: the workspace begins empty".to_owned(),
        keys => counted(keys, "key"),
    };
    for (label, text) in [
        ("Folder", folder.to_string()),
        ("Rules", profile.to_owned()),
        ("Publishes", places.to_owned()),
        ("Adopts", adopts),
    ] {
        let lines = wrap(&text, usize::from(sheet.area.width).saturating_sub(11));
        for (index, line) in lines.into_iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            sheet.text(frame, &format!("{}{line}", fit(label, 11, "")));
        }
    }
    sheet.row += 1;
    sheet.text(
        frame,
        "keyrite.toml and one file for each certificate are written, public parts \
                       only. No key is changed, nothing is sent anywhere.",
    );
    sheet.row += 1;
    let button = |text: &str, focused: bool| {
        let text = if focused { format!("[ {text} ]") } else { format!("  {text}  ") };
        let style = if focused { skin.theme.selected } else { skin.theme.frame_text };
        Span::styled(text, style)
    };
    let buttons =
        vec![button("Cancel", !form.create), Span::raw("   "), button("Create", form.create)];
    frame.render_widget(Paragraph::new(Line::from(buttons)), sheet.next());
}
