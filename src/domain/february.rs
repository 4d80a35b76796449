//! 1 February, 00:00:00Z: the day of the year on which verifiers begin to refuse
//! what has become too weak.

use super::timestamp::Timestamp;

pub(super) const Y1997: Timestamp = Timestamp::from_unix(854_755_200);
pub(super) const Y2004: Timestamp = Timestamp::from_unix(1_075_593_600);
pub(super) const Y2013: Timestamp = Timestamp::from_unix(1_359_676_800);
pub(super) const Y2014: Timestamp = Timestamp::from_unix(1_391_212_800);
pub(super) const Y2023: Timestamp = Timestamp::from_unix(1_675_209_600);
pub(super) const Y2024: Timestamp = Timestamp::from_unix(1_706_745_600);
pub(super) const Y2025: Timestamp = Timestamp::from_unix(1_738_368_000);
pub(super) const Y2026: Timestamp = Timestamp::from_unix(1_769_904_000);
pub(super) const Y2028: Timestamp = Timestamp::from_unix(1_832_976_000);
pub(super) const Y2030: Timestamp = Timestamp::from_unix(1_896_134_400);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_years_begin_in_february() {
        for (instant, date) in [
            (Y1997, "1997-02-01"),
            (Y2004, "2004-02-01"),
            (Y2013, "2013-02-01"),
            (Y2014, "2014-02-01"),
            (Y2023, "2023-02-01"),
            (Y2024, "2024-02-01"),
            (Y2025, "2025-02-01"),
            (Y2026, "2026-02-01"),
            (Y2028, "2028-02-01"),
            (Y2030, "2030-02-01"),
        ] {
            assert_eq!(instant, Timestamp::parse(date).unwrap());
        }
    }
}
