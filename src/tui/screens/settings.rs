//! The rules that hold, and how the console looks.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::widgets::Paragraph;

use crate::domain::period::Period;
use crate::domain::text::{VisibleText, counted};
use crate::domain::worded::Worded as _;
use crate::tui::model::{Dates, Managed, Model, Place};
use crate::tui::widgets::lines::Lines;
use crate::tui::widgets::rule::{draw_rule, part};

/// Draws the settings.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &mut Model) {
    let mut lines = Lines::new(&model.skin, usize::from(area.width));
    session(model, &mut lines);
    if let Some(managed) = &model.managed {
        lines.blank();
        workspace(model, managed, &mut lines);
        rules(managed, &mut lines, model.skin.theme.warn);
    }
    let lines = lines.finish();
    let [rule, area] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(area);
    let high = usize::from(area.height);
    model.settings_top = model.settings_top.min(lines.len().saturating_sub(high));
    draw_rule(frame, rule, &model.skin, &part("lines", model.settings_top, high, lines.len()));
    let shown: Vec<_> = lines.into_iter().skip(model.settings_top).take(high).collect();
    frame.render_widget(Paragraph::new(shown), area);
}

fn workspace(model: &Model, managed: &Managed, lines: &mut Lines<'_>) {
    let workspace = &managed.team.workspace;
    lines.title("Workspace");
    match (&managed.folder, model.place == Place::Demo) {
        (Some(folder), _) => {
            let folder = VisibleText::from_bytes(folder.as_os_str().as_encoded_bytes());
            lines.field("Folder", folder.as_str());
        }
        (None, true) => lines.field("Folder", "none: the demo keeps nothing"),
        (None, false) => {
            lines
                .field("Folder", "none: the keys are looked at only; w on the Dashboard makes one");
            lines.blank();
            return;
        }
    }
    lines.field("Name", &workspace.name);
    lines.field("Environment", workspace.environment.word());
    let people: Vec<_> = workspace.people.iter().map(|person| person.id.as_str()).collect();
    lines.field(
        "People",
        &if people.is_empty() { "none yet".to_owned() } else { people.join(", ") },
    );
    let declared = [
        (workspace.consumers.len(), "consumer"),
        (workspace.slots.len(), "slot"),
        (workspace.targets.len(), "target"),
        (workspace.cycles.len(), "cycle"),
        (workspace.blackouts.len(), "blackout"),
        (workspace.waivers.len(), "waiver"),
    ];
    let declared: Vec<_> =
        declared.into_iter().map(|(number, noun)| counted(number, noun)).collect();
    lines.field("Declared", &declared.join(", "));
    lines.text(
        "All of it stands in keyrite.toml; change it there, then press r.",
        model.skin.theme.muted,
    );
    lines.blank();
}

fn rules(managed: &Managed, lines: &mut Lines<'_>, warn: Style) {
    let policy = &managed.team.policy;
    let windows = &policy.windows;
    let lives =
        |period: Option<Period>| period.map_or("need not end".to_owned(), |p| p.to_string());
    let days = |days: u32| counted(usize::try_from(days).unwrap_or(0), "day");
    lines.title(&format!("Rules: {} ({})", policy.profile, policy.about));
    if !policy.changes.is_empty() {
        let changes = policy.changes.join(", ");
        lines.styled_field("Changed", &changes, warn);
    }
    lines.field("RSA", &format!("{} bits at the least", policy.rsa_bits));
    let curves: Vec<_> = policy.curves.iter().map(|curve| curve.word()).collect();
    lines.field("Curves", &curves.join(", "));
    lines.field(
        "Primary keys",
        &format!(
            "live {}{}",
            lives(policy.primary_lives),
            if policy.primary_certifies_only { ", certify only" } else { "" }
        ),
    );
    lines.field(
        "Subkeys",
        &format!(
            "live {}, end {} before the primary key, {} valid at once at the most",
            lives(policy.subkey_lives),
            days(policy.margin),
            policy.live_signers
        ),
    );
    lines.field(
        "People",
        &format!(
            "a ceremony needs {}; {} by others",
            match policy.quorum {
                1 => "one person".to_owned(),
                people => format!("{people} people"),
            },
            counted(policy.certifications, "certification")
        ),
    );
    lines.field("Rotation", &format!(
        "made {} before it is published (and {} for certifications), published {} before it signs, \
         overlap {}, slack {}, the old one retired after {}",
        days(windows.ceremony_buffer),
        days(windows.attest),
        days(windows.lead()),
        days(windows.overlap),
        days(windows.slack),
        days(windows.canary)
    ));
    lines.blank();
}

fn session(model: &Model, lines: &mut Lines<'_>) {
    let theme = &model.skin.theme;
    lines.title("Settings of this session");
    let dates = match model.dates {
        Dates::WithDistance => "with distance, 2026-12-02 (12 d)",
        Dates::Full => "in full, 2026-12-02T14:00:00Z",
    };
    lines.field("Colours", model.skin.theme_name.word());
    lines.field("Characters", model.skin.glyph_set.word());
    lines.field("Dates", dates);
    lines.field("Window", &format!("{}x{}", model.size.0, model.size.1));
    lines.field("Network", "by steps of ceremonies that say so, and by nothing else");
    lines.text(
        "Change them here with the command palette (: then 'colours' or 'characters') and t; for \
         good with --theme and --glyphs. NO_COLOR is honoured.",
        theme.muted,
    );
    lines.blank();
    lines.text(
        "The console writes waivers, new workspaces and runs of ceremonies, and nothing else; each is \
         asked for first.",
        theme.muted,
    );
}
