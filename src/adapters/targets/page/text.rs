//! A page as Markdown and as HTML. Texts of strangers are in it: nothing of
//! them is taken for markup.

use std::fmt::Write as _;

/// A part of a page.
pub(super) enum Block {
    /// Of that level.
    Heading(usize, String),
    Text(String),
    Fingerprint(String),
    List(Vec<String>),
    /// The head, and the rows.
    Table(Vec<String>, Vec<Vec<String>>),
    /// Lines to type.
    Code(Vec<String>),
}

/// What a character is in HTML, where that is something else.
fn entity(c: char) -> Option<&'static str> {
    match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&#39;"),
        _ => None,
    }
}

fn plain(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match entity(c) {
            Some(entity) => escaped.push_str(entity),
            None => escaped.push(c),
        }
    }
    escaped
}

/// As text of Markdown, in which HTML would be HTML.
fn literal(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if let Some(entity) = entity(c) {
            escaped.push_str(entity);
            continue;
        }
        if "\\`*_{}[]()#+-.!|~:".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

fn cells(cells: &[String]) -> String {
    let cells: Vec<_> = cells.iter().map(|cell| literal(cell)).collect();
    format!("| {} |", cells.join(" | "))
}

/// As Markdown.
pub(super) fn markdown(blocks: &[Block]) -> String {
    let mut page = String::new();
    for block in blocks {
        let part = match block {
            Block::Heading(level, text) => format!("{} {}", "#".repeat(*level), literal(text)),
            Block::Text(text) => literal(text),
            Block::Fingerprint(text) => format!("    {text}"),
            Block::Code(lines) => format!("    {}", lines.join("\n    ")),
            Block::List(items) => {
                let items: Vec<_> =
                    items.iter().map(|item| format!("- {}", literal(item))).collect();
                items.join("\n")
            }
            Block::Table(head, rows) => {
                let rule = format!("|{}", "---|".repeat(head.len()));
                let rows = rows.iter().map(|row| cells(row));
                let lines: Vec<_> = [cells(head), rule].into_iter().chain(rows).collect();
                lines.join("\n")
            }
        };
        let _ = writeln!(page, "{part}\n");
    }
    page.truncate(page.trim_end().len() + 1);
    page
}

fn row(tag: &str, cells: &[String]) -> String {
    let cell = |cell: &String| format!("<{tag}>{}</{tag}>", plain(cell));
    format!("<tr>{}</tr>", cells.iter().map(cell).collect::<String>())
}

/// As a fragment of HTML.
pub(super) fn html(blocks: &[Block]) -> String {
    let mut page = "<section class=\"openpgp-key\">\n".to_owned();
    for block in blocks {
        let part = match block {
            Block::Heading(level, text) => format!("<h{level}>{}</h{level}>", plain(text)),
            Block::Text(text) => format!("<p>{}</p>", plain(text)),
            Block::Fingerprint(text) => format!("<pre><code>{}</code></pre>", plain(text)),
            Block::Code(lines) => format!("<pre><code>{}</code></pre>", plain(&lines.join("\n"))),
            Block::List(items) => {
                let item = |item: &String| format!("<li>{}</li>", plain(item));
                format!("<ul>{}</ul>", items.iter().map(item).collect::<String>())
            }
            Block::Table(head, rows) => {
                let rows: String = rows.iter().map(|cells| row("td", cells)).collect();
                format!("<table>{}{rows}</table>", row("th", head))
            }
        };
        let _ = writeln!(page, "{part}");
    }
    page.push_str("</section>\n");
    page
}

/// What people read of a page, with one blank where there are several. Tags,
/// comments, and what is a script or a style, are not read by anybody.
pub(super) fn words_of(page: &str) -> String {
    let (mut text, mut rest) = (String::new(), page);
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        let lower = tag.get(..8).unwrap_or(tag).to_ascii_lowercase();
        let end = match () {
            () if tag.starts_with("!--") => "-->",
            () if lower.starts_with("script") => "</script>",
            () if lower.starts_with("style") => "</style>",
            () => ">",
        };
        rest = tag.split_once(end).map_or("", |(_, behind)| behind);
    }
    text.push_str(rest);
    let text = text.replace("&nbsp;", " ").replace("&#160;", " ").replace('\\', "");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_strangers_are_no_markup() {
        let blocks = [
            Block::Heading(1, "<script>alert('1')</script> & \"TEST\"".to_owned()),
            Block::List(vec!["[x](javascript:1) | *a*".to_owned()]),
            Block::Table(vec!["a|b".to_owned()], vec![vec!["<b>".to_owned()]]),
        ];
        let page = html(&blocks);
        let title = "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;TEST&quot;";
        assert!(page.contains(title), "{page}");
        assert!(!page.contains("<script") && !page.contains("<b>"), "{page}");
        let page = markdown(&blocks);
        assert!(page.contains("\\[x\\]\\(javascript\\:1\\) \\| \\*a\\*"), "{page}");
        assert!(page.contains("| a\\|b |\n|---|\n| &lt;b&gt; |"), "{page}");
        assert!(!page.contains("<script"), "{page}");
    }

    #[test]
    fn only_what_people_see_is_read() {
        let page =
            "<!-- AAAA --><p>One&nbsp;<b>two</b>\n three<script>BBBB</script><style>C</style>";
        assert_eq!(words_of(page), "One two three");
        assert_eq!(words_of("plain \\- text <"), "plain - text");
    }
}
