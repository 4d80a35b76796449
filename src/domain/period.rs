//! Civil lengths of time: `2y`, `18m`, `26w`, `90d`.

use std::fmt;

use chrono::{DateTime, Days, Months, Utc};

use super::timestamp::{DAY, Timestamp};

/// A length on the calendar: so many months, or so many days.
///
/// Months are those of the calendar: a year after 29 February is 28 February.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Period {
    /// Months; twelve of them are a year.
    Months(u32),
    /// Days of 86 400 seconds in UTC.
    Days(u32),
}

/// A text that is no length.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a length of time: write 2y, 18m, 26w or 90d")]
pub struct NotAPeriod(String);

/// Longer lengths than a century are a mistake.
const MAX_YEARS: u32 = 100;

impl Period {
    /// No time at all.
    pub const ZERO: Self = Self::Days(0);

    /// Reads `2y`, `18m`, `26w` or `90d`.
    pub fn parse(text: &str) -> Result<Self, NotAPeriod> {
        let wrong = || NotAPeriod(super::text::VisibleText::from_text(text).into_string());
        let text = text.trim();
        let unit = text.chars().last().ok_or_else(wrong)?;
        let digits = text.get(..text.len() - unit.len_utf8()).ok_or_else(wrong)?;
        let number: u32 = digits.parse().map_err(|_| wrong())?;
        let period = match unit {
            'y' => number.checked_mul(12).map(Self::Months),
            'm' => Some(Self::Months(number)),
            'w' => number.checked_mul(7).map(Self::Days),
            'd' => Some(Self::Days(number)),
            _ => None,
        };
        period
            .filter(|period| period.longest_days() <= i64::from(MAX_YEARS) * 366)
            .ok_or_else(wrong)
    }

    /// Days that it has at the least.
    #[must_use]
    pub fn shortest_days(self) -> i64 {
        match self {
            Self::Days(days) => i64::from(days),
            Self::Months(months) => {
                // No twelve months are shorter than 365 days, no month than 28.
                let (years, rest) = (i64::from(months / 12), i64::from(months % 12));
                years * 365 + rest * 28
            }
        }
    }

    /// Days that it has at the most.
    #[must_use]
    pub fn longest_days(self) -> i64 {
        match self {
            Self::Days(days) => i64::from(days),
            Self::Months(months) => i64::from(months / 12) * 366 + i64::from(months % 12) * 31,
        }
    }
}

impl Timestamp {
    /// The instant a length later. Where the month has no such day, its last.
    #[must_use]
    pub fn after(self, period: Period) -> Self {
        self.civil_step(period, true)
    }

    /// The instant a length earlier. Where the month has no such day, its
    /// last.
    #[must_use]
    pub fn before(self, period: Period) -> Self {
        self.civil_step(period, false)
    }

    fn civil_step(self, period: Period, forward: bool) -> Self {
        let step = |instant: DateTime<Utc>| match (period, forward) {
            (Period::Months(n), true) => instant.checked_add_months(Months::new(n)),
            (Period::Months(n), false) => instant.checked_sub_months(Months::new(n)),
            (Period::Days(n), true) => instant.checked_add_days(Days::new(n.into())),
            (Period::Days(n), false) => instant.checked_sub_days(Days::new(n.into())),
        };
        let moved = DateTime::from_timestamp(self.unix(), 0).and_then(step);
        let days = if forward { period.longest_days() } else { -period.longest_days() };
        // Beyond the calendar there is nothing to be exact about.
        moved.map_or_else(|| self.plus(days * DAY), |m| Self::from_unix(m.timestamp()))
    }

    /// Midnight (UTC) of its day.
    #[must_use]
    pub fn midnight(self) -> Self {
        Self::from_unix(self.unix().div_euclid(DAY) * DAY)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Months(months) if *months > 0 && months.is_multiple_of(12) => {
                write!(f, "{}y", months / 12)
            }
            Self::Months(months) => write!(f, "{months}m"),
            Self::Days(days) => write!(f, "{days}d"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn period(text: &str) -> Period {
        Period::parse(text).unwrap()
    }

    #[test]
    fn lengths_are_read_and_written() {
        for (text, written) in
            [("2y", "2y"), ("18m", "18m"), ("24m", "2y"), ("26w", "182d"), (" 0d ", "0d")]
        {
            assert_eq!(period(text).to_string(), written);
        }
        for text in ["", "y", "2", "-1d", "1.5y", "2 y", "2h", "101y", "99999999999d", "2\u{661}d"]
        {
            let error = Period::parse(text).unwrap_err().to_string();
            assert!(error.contains("write 2y"), "{text}: {error}");
        }
    }

    #[test]
    fn the_calendar_is_kept() {
        assert_eq!(day("2024-02-29").after(period("1y")), day("2025-02-28"));
        assert_eq!(day("2024-02-29").after(period("4y")), day("2028-02-29"));
        assert_eq!(day("2026-01-31").after(period("1m")), day("2026-02-28"));
        assert_eq!(day("2026-03-31").before(period("1m")), day("2026-02-28"));
        assert_eq!(day("2026-12-02").before(period("30d")), day("2026-11-02"));
    }

    #[test]
    fn beyond_2106_and_beyond_the_calendar_nothing_overflows() {
        let last = Timestamp::from_unix(i64::from(u32::MAX));
        assert_eq!(last.after(period("2y")).date(), "2108-02-07");
        for instant in [Timestamp::from_unix(i64::MAX), Timestamp::from_unix(i64::MIN)] {
            let _ = (instant.after(period("100y")), instant.before(period("100y")));
        }
    }

    #[test]
    fn the_bounds_hold_on_every_day_of_a_leap_cycle() {
        for offset in 0..1461 {
            let start = day("2023-03-01").plus(offset * DAY);
            for text in ["1m", "5m", "1y", "18m", "7y", "90d"] {
                let period = period(text);
                let days = (start.after(period).unix() - start.unix()) / DAY;
                let bounds = period.shortest_days()..=period.longest_days();
                assert!(bounds.contains(&days), "{} + {text}: {days}", start.date());
            }
        }
    }
}
