//! What is between the person and this program.

use super::Host;
use crate::adapters::environment::Environment;
use crate::domain::host::Seen;
use crate::domain::text::VisibleText;

/// Programs that record terminals, share them, or keep what was shown.
const WATCHERS: [&str; 8] =
    ["abduco", "asciinema", "dtach", "screen", "script", "tmux", "ttyrec", "zellij"];

/// More generations than a process has.
const GENERATIONS: usize = 64;

/// What may record the terminal or share it: by the environment, and by the
/// processes from which this one descends, as far as they can be seen.
pub(super) fn watchers(host: Host<'_>, environment: &Environment) -> Seen<Vec<VisibleText>> {
    let mut found: Vec<_> = environment.multiplexer.iter().map(|name| (*name).to_owned()).collect();
    let mut stat = host.read("/proc/self/stat")?;
    for _ in 0..GENERATIONS {
        let Some((name, parent)) = name_and_parent(&stat) else { break };
        found.extend(watcher(name));
        // Parents of other users may be hidden.
        let Ok(next) = host.read(&format!("/proc/{parent}/stat")) else { break };
        stat = next;
    }
    found.sort();
    found.dedup();
    Ok(found.iter().map(|name| VisibleText::from_text(name)).collect())
}

/// The name of a process, which may hold any characters, and its parent
/// (proc(5)): `1234 (name) S 1233 ...`.
fn name_and_parent(stat: &str) -> Option<(&str, u32)> {
    let (before, after) = stat.rsplit_once(')')?;
    let (_, name) = before.split_once('(')?;
    let parent = after.split_whitespace().nth(1)?.parse().ok()?;
    Some((name, parent))
}

/// The watcher of that name: `tmux: server` is tmux.
fn watcher(process: &str) -> Option<String> {
    let name = process.split(':').next().unwrap_or(process).to_lowercase();
    WATCHERS.contains(&name.as_str()).then_some(name)
}
