//! What tells the time beside the clock of the system.

use super::Host;
use crate::domain::host::Seen;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;

/// The day on which this version was made ready, 2026-11-21. Each release
/// sets it anew, and a test holds it against `CHANGELOG.md`.
const RELEASED: Timestamp = Timestamp::from_unix(1_795_219_200);

/// Set while a release is built: the instant of its commit.
const BUILT: Option<&str> = option_env!("SOURCE_DATE_EPOCH");

/// When this program was built, so that the same source makes the same
/// program: the instant of the commit where the build knows it, or else the
/// day of the version.
pub(super) fn built() -> Timestamp {
    let stated = BUILT.and_then(|seconds| seconds.trim().parse().ok()).map(Timestamp::from_unix);
    // Some builds state 1980, for the sake of archives.
    stated.map_or(RELEASED, |stated| stated.max(RELEASED))
}

/// The clock that runs while the machine is off.
pub(super) fn hardware(host: Host<'_>) -> Seen<Timestamp> {
    const FILE: &str = "/sys/class/rtc/rtc0/since_epoch";
    let text = host.read(FILE)?;
    let seconds = text.trim().parse().map_err(|_| {
        VisibleText::from_text(&format!("{FILE}: '{}' is no number of seconds", text.trim()))
    })?;
    Ok(Timestamp::from_unix(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The days of the releases: `## [0.1.0] - 2026-12-01`.
    fn releases(changelog: &str) -> Vec<Timestamp> {
        let headings = changelog.lines().filter(|line| line.starts_with("## ["));
        let days = headings.filter_map(|heading| heading.split_once("] - "));
        days.map(|(_, day)| Timestamp::parse(day).unwrap()).collect()
    }

    #[test]
    fn no_release_is_newer_than_the_day_that_is_built_in() {
        let sample = "## [Unreleased]\n## [0.1.0] - 2026-12-01\ntext\n";
        assert_eq!(releases(sample), [Timestamp::parse("2026-12-01").unwrap()]);
        for release in releases(include_str!("../../../CHANGELOG.md")) {
            assert!(release <= RELEASED, "{release} is not built in");
        }
        assert_eq!(RELEASED, Timestamp::parse("2026-11-21").unwrap());
    }
}
