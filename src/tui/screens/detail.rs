//! The page of one key.

mod closer;
mod components;
mod identity;
mod policy;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::assessment::Assessment;
use crate::domain::text::clip;
use crate::tui::model::{Detail, Model, Tab};
use crate::tui::widgets::lines::Lines;
use crate::tui::widgets::rule::{draw_rule, part};

/// Draws the page.
pub fn draw(frame: &mut Frame<'_>, area: Rect, model: &mut Model) {
    let [title, tabs, rule, body] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Fill(1),
    ])
    .areas(area);
    let Some(detail) = model.detail.clone() else {
        return;
    };
    let columns = usize::from(area.width);
    let text = match model.list.item(&detail.fingerprint) {
        None => vec![Line::raw("This certificate is no longer among those that were read.")],
        Some(item) => {
            let role = item.assessment.as_ref().map_or("primary key", |a| a.role(detail.key));
            let heading = format!("{role} of {}", item.name());
            let heading = clip(&heading, columns, model.skin.glyphs.ellipsis);
            frame.render_widget(Paragraph::new(heading).style(model.skin.theme.title), title);
            match &item.assessment {
                None => vec![Line::raw("Its signatures are being checked.")],
                Some(assessment) => page(model, &detail, assessment, columns),
            }
        }
    };
    draw_tabs(frame, tabs, model, detail.tab);
    let last = text.len().saturating_sub(usize::from(body.height));
    let top = detail.top.min(last);
    if let Some(detail) = &mut model.detail {
        detail.top = top;
    }
    draw_rule(frame, rule, &model.skin, &part("lines", top, usize::from(body.height), text.len()));
    let text: Vec<_> = text.into_iter().skip(top).take(usize::from(body.height)).collect();
    frame.render_widget(Paragraph::new(text), body);
}

fn draw_tabs(frame: &mut Frame<'_>, area: Rect, model: &Model, current: Tab) {
    let theme = &model.skin.theme;
    let roomy = area.width >= 70;
    let spans = Tab::ALL.into_iter().map(|tab| {
        let title = if roomy { tab.title() } else { tab.short_title() };
        if tab == current {
            Span::styled(format!("[{title}]"), theme.bar_current)
        } else {
            Span::styled(format!(" {title} "), theme.muted)
        }
    });
    frame.render_widget(Paragraph::new(spans.collect::<Line<'_>>()), area);
}

fn page(
    model: &Model,
    detail: &Detail,
    assessment: &Assessment,
    columns: usize,
) -> Vec<Line<'static>> {
    let mut lines = Lines::new(&model.skin, columns);
    match detail.tab {
        Tab::Identity => identity::identity(&mut lines, model, assessment, detail.key, columns),
        Tab::UserIds => components::user_ids(&mut lines, model, assessment),
        Tab::Subkeys => components::subkeys(&mut lines, model, assessment, detail.key),
        Tab::Certifications => closer::looked_at(&mut lines, model, detail, closer::certifications),
        Tab::Policy => policy::policy(&mut lines, model, assessment, detail.key),
        Tab::Packets => closer::looked_at(&mut lines, model, detail, closer::packets),
    }
    lines.finish()
}
