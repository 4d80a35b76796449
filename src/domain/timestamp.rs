//! Instants, their ISO 8601 spelling and distances in words.

use std::fmt;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

use super::text::VisibleText;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
/// Seconds in a day.
pub const DAY: i64 = 24 * HOUR;

/// Seconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// OpenPGP stores creation times and validity periods as unsigned 32 bit
/// numbers of seconds (RFC 9580, 3.5); their sum does not fit into 32 bits,
/// so this is wider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A text that is neither a date nor an instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a date: write 2026-12-02 or 2026-12-02T14:00:00Z")]
pub struct NotADate(String);

impl Timestamp {
    /// The instant that many seconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// This instant moved by `seconds`.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Reads `YYYY-MM-DD` (00:00:00Z of that day), `YYYY-MM-DDTHH:MM` (UTC) or
    /// an RFC 3339 instant.
    pub fn parse(text: &str) -> Result<Self, NotADate> {
        let text = text.trim();
        let not_a_date = || NotADate(VisibleText::from_text(text).into_string());
        // The library takes any number of digits for a year.
        if text.find('-') != Some(4) {
            return Err(not_a_date());
        }
        if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            return Ok(Self(day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp()));
        }
        let minute = text.strip_suffix('Z').unwrap_or(text);
        if let Ok(minute) = chrono::NaiveDateTime::parse_from_str(minute, "%Y-%m-%dT%H:%M") {
            return Ok(Self(minute.and_utc().timestamp()));
        }
        DateTime::parse_from_rfc3339(text)
            .map(|instant| Self(instant.timestamp()))
            .map_err(|_| not_a_date())
    }

    /// The same on the civil calendar in UTC; absent beyond what it reaches.
    #[must_use]
    pub fn civil(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(self.0, 0)
    }

    /// `2026-12-02T14:00:00Z`.
    #[must_use]
    pub fn iso(self) -> String {
        self.civil().map_or_else(
            || format!("{} s", self.0),
            |t| t.to_rfc3339_opts(SecondsFormat::Secs, true),
        )
    }

    /// `Wed, 2 Dec 2026 14:00:00 +0000`, as mails have it (RFC 5322, 3.3).
    #[must_use]
    pub fn in_mail(self) -> Option<String> {
        self.civil().map(|at| at.to_rfc2822())
    }

    /// `2026-12-02`, in UTC.
    #[must_use]
    pub fn date(self) -> String {
        self.civil().map_or_else(|| format!("{} s", self.0), |t| t.format("%Y-%m-%d").to_string())
    }

    /// `2026-12-02 14:00Z`, as headers show it.
    #[must_use]
    pub fn minute(self) -> String {
        self.civil()
            .map_or_else(|| format!("{} s", self.0), |t| t.format("%Y-%m-%d %H:%MZ").to_string())
    }

    /// How far away this instant is, seen from `now`: `12 d`, `-19 d`, `13 mo`.
    ///
    /// From a day on, days are counted as on a calendar in UTC.
    #[must_use]
    pub fn distance_from(self, now: Self) -> String {
        let seconds = self.0.saturating_sub(now.0);
        let sign = if seconds < 0 { "-" } else { "" };
        let seconds = seconds.abs();
        let days = (self.0.div_euclid(DAY) - now.0.div_euclid(DAY)).abs();
        match () {
            () if seconds < MINUTE => "now".to_owned(),
            () if seconds < HOUR => format!("{sign}{} min", seconds / MINUTE),
            () if seconds < DAY => format!("{sign}{} h", seconds / HOUR),
            () if days < 100 => format!("{sign}{days} d"),
            // Mean Gregorian month and year: 30.436875 and 365.2425 days.
            () if days < 731 => format!("{sign}{} mo", days * 10_000 / 304_369),
            () => format!("{sign}{} y", days * 10_000 / 3_652_425),
        }
    }

    /// The date with its distance: `2026-12-02 (12 d)`.
    #[must_use]
    pub fn date_with_distance(self, now: Self) -> String {
        format!("{} ({})", self.date(), self.distance_from(now))
    }

    /// The same where there is room for words: `2026-12-02 (12 d)`,
    /// `2026-11-01 (19 d ago)`.
    #[must_use]
    pub fn date_in_words(self, now: Self) -> String {
        let distance = self.distance_from(now);
        match distance.strip_prefix('-') {
            Some(past) => format!("{} ({past} ago)", self.date()),
            None => format!("{} ({distance})", self.date()),
        }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iso())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_date_is_midnight_utc() {
        assert_eq!(Timestamp::parse("1970-01-02").unwrap(), Timestamp::from_unix(DAY));
        assert_eq!(Timestamp::parse(" 2024-02-29 ").unwrap().iso(), "2024-02-29T00:00:00Z");
    }

    #[test]
    fn a_minute_needs_neither_seconds_nor_zone() {
        let minute = Timestamp::parse("2026-12-02T14:00:00Z").unwrap();
        assert_eq!(Timestamp::parse("2026-12-02T14:00").unwrap(), minute);
        assert_eq!(Timestamp::parse("2026-12-02T14:00Z").unwrap(), minute);
    }

    #[test]
    fn an_offset_is_turned_into_utc() {
        let t = Timestamp::parse("2026-12-02T01:30:00+02:00").unwrap();
        assert_eq!(t.iso(), "2026-12-01T23:30:00Z");
    }

    #[test]
    fn nonsense_is_refused_with_the_form_that_is_wanted() {
        for text in ["", "tomorrow", "2025-02-29", "2026-13-01", "20261202", "\u{1b}[2J"] {
            let error = Timestamp::parse(text).unwrap_err().to_string();
            assert!(error.contains("2026-12-02"), "{error}");
            assert!(!error.contains('\u{1b}'));
        }
    }

    #[test]
    fn distances_are_said_in_the_unit_that_fits() {
        let now = Timestamp::from_unix(11_574 * DAY);
        for (seconds, words) in [
            (0, "now"),
            (59, "now"),
            (120, "2 min"),
            (-7200, "-2 h"),
            (12 * DAY, "12 d"),
            (-19 * DAY, "-19 d"),
            (99 * DAY, "99 d"),
            (100 * DAY, "3 mo"),
            (365 * DAY, "11 mo"),
            (366 * DAY, "12 mo"),
            (730 * DAY, "23 mo"),
            (731 * DAY, "2 y"),
        ] {
            assert_eq!(now.plus(seconds).distance_from(now), words, "{seconds}");
        }
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        let now = Timestamp::parse("2026-11-20T14:02:00Z").unwrap();
        let end = Timestamp::parse("2026-12-02").unwrap();
        assert_eq!(end.date_with_distance(now), "2026-12-02 (12 d)");
        assert_eq!(Timestamp::parse("2026-11-21T10:00:00Z").unwrap().distance_from(now), "19 h");
    }

    #[test]
    fn the_largest_openpgp_instant_has_a_date() {
        let end = Timestamp::from_unix(2 * i64::from(u32::MAX));
        assert_eq!(end.date(), "2242-03-16");
    }
}
