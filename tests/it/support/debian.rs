//! The history of Debian's archive keys, written down from public facts: the
//! keys page of Debian's ftp-master team, the announcements of the releases,
//! and the packages `debian-archive-keyring` and `distro-info-data`, against
//! which it is checked.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use keyrite::adapters::openpgp::{Secrets, What, carve, read};
use keyrite::domain::certificate::Certificate;
use keyrite::domain::cutoff::Cutoffs;
use keyrite::domain::period::Period;
use keyrite::domain::schedule::{Rule, Term, Windows};
use keyrite::domain::timestamp::{DAY, Timestamp};
use keyrite::domain::validity::judge;

/// How keys followed each other at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Custom {
    /// A key for each year (2004 to 2006).
    Yearly,
    /// A key for each release; an old release is kept for a year more (etch,
    /// lenny).
    Release,
    /// A key for each release that lives for eight years; an old release is
    /// kept for three years more, two of them by the LTS team (since squeeze).
    EightYears,
}

/// What the plan said the day before the successor was made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Said {
    Later,
    Due,
    /// Overdue, with the reason.
    Late(&'static str),
    /// Nothing: a key without an end has no plan.
    Nothing,
    /// The present key: it has no successor yet.
    Present,
}

/// A key of the archive. The row after it is its successor.
pub(crate) struct Key {
    /// The release that it was made for: as `distro-info-data` calls it, or a
    /// year.
    pub(crate) codename: &'static str,
    pub(crate) fingerprint: &'static str,
    /// The day on which it was made.
    pub(crate) made: &'static str,
    /// The day on which it ends; empty: never.
    pub(crate) ends: &'static str,
    /// The day on which the release came out; empty: it was made for a year.
    pub(crate) released: &'static str,
    /// The day from which on it was needed, where that is not the day of the
    /// release.
    pub(crate) needed: Option<&'static str>,
    /// How it and its successor follow each other.
    pub(crate) custom: Custom,
    /// What the plan said the day before its successor was made.
    pub(crate) said: Said,
}

use Custom::{EightYears, Release, Yearly};

#[rustfmt::skip]
const fn key(
    codename: &'static str, fingerprint: &'static str, [made, ends, released]: [&'static str; 3],
    needed: Option<&'static str>, custom: Custom, said: Said,
) -> Key {
    Key { codename, fingerprint, made, ends, released, needed, custom, said }
}

/// "Debian Archive Automatic Signing Key".
#[rustfmt::skip]
const ARCHIVE: &[Key] = &[
    key("2004", "D051FE3A848DCABD4625787A6FFA8EF91DB114E0", ["2004-01-15", "2005-01-27", ""], Some("2004-01-15"), Yearly,
        Said::Late("the key of 2005 was made four days after the one of 2004 had ended")),
    key("2005", "4C7A8E5E9454FE3FAE1E78ADF1D53D8C4F368D5D", ["2005-01-31", "2006-01-31", ""], Some("2005-01-31"), Yearly,
        Said::Later),
    // Needed when the one before ended, at the latest; so is the next one.
    key("2006", "084750FC01A6D388A643D869010908312D230C5F", ["2006-01-03", "2007-02-07", ""], Some("2006-01-31"), Yearly,
        Said::Later),
    key("etch", "A99951DAF9BB569BDB50AD90A70DAF536070D3A1", ["2006-11-20", "2009-07-01", "2007-04-08"], Some("2007-02-07"), Release,
        Said::Late("etch's key ended seven months before etch's support did, which went on under lenny's")),
    // The keys page of that time: not used before the first update of lenny.
    key("lenny", "150C8614919D8446E01E83AF9AA38DCD55BE302B", ["2009-01-27", "2012-12-31", "2009-02-14"], Some("2009-04-11"), Release,
        Said::Later),
    key("squeeze", "9FED2BCBDCD29CDF762678CBAED4B06F473041FA", ["2010-08-27", "2018-03-05", "2011-02-06"], None, EightYears,
        Said::Due),
    key("wheezy", "A1BD8E9D78F7FE5C3E65D8AF8B48AD6246925553", ["2012-04-27", "2020-04-25", "2013-05-04"], None, EightYears,
        Said::Due),
    key("jessie", "126C0D24BD8A2942CC7DF8AC7638D0442B90D010", ["2014-11-21", "2022-11-19", "2015-04-26"], None, EightYears,
        Said::Due),
    key("stretch", "E1CF20DDFFE4B89E802658F1E0B11894F66AEC98", ["2017-05-22", "2025-05-20", "2017-06-17"], None, EightYears,
        Said::Later),
    key("buster", "80D15823B7FD1561F9F7BCDDDC30D7C23CBBABEE", ["2019-04-14", "2027-04-12", "2019-07-06"], None, EightYears,
        Said::Later),
    key("bullseye", "1F89983E0081FDE018F3CC9673A4F27B8DD47936", ["2021-01-17", "2029-01-15", "2021-08-14"], None, EightYears,
        Said::Due),
    key("bookworm", "B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8", ["2023-01-21", "2031-01-19", "2023-06-10"], None, EightYears,
        Said::Due),
    key("trixie", "04B54C3CDCA79751B16BC6B5225629DF75B188BD", ["2025-03-30", "2035-03-28", "2025-08-09"], None, EightYears,
        Said::Present),
];

/// "Debian Stable Release Key".
#[rustfmt::skip]
const STABLE: &[Key] = &[
    key("etch", "7EA391D72477203B58C04FBCB5D0C804ADB11277", ["2006-09-17", "", "2007-04-08"], None, Release,
        Said::Nothing),
    key("lenny", "7F5A44454C724A65CBCD4FB14D270D06F42584E6", ["2008-04-06", "2012-05-15", "2009-02-14"], None, Release,
        Said::Due),
    key("squeeze", "0E4EDE2C7F3E1FC0D033800E64481591B98321F9", ["2010-08-07", "2017-08-05", "2011-02-06"], None, EightYears,
        Said::Due),
    key("wheezy", "ED6D65271AACF0FF15D123036FB2A1C265FFB764", ["2012-05-08", "2019-05-07", "2013-05-04"], None, EightYears,
        Said::Due),
    key("jessie", "75DDC3C4A499F1A18CB5F3C8CBF8D6FD518E17E1", ["2013-08-17", "2021-08-15", "2015-04-26"], None, EightYears,
        Said::Due),
    key("stretch", "067E3C456BAE240ACEE88F6FEF0F382A1A7B6500", ["2017-05-20", "2025-05-18", "2017-06-17"], None, EightYears,
        Said::Later),
    key("buster", "6D33866EDD8FFA41C0143AEDDCC9EFBF77E11517", ["2019-02-05", "2027-02-03", "2019-07-06"], None, EightYears,
        Said::Due),
    key("bullseye", "A4285295FC7B1A81600062A9605C66F00D6C9793", ["2021-02-13", "2029-02-11", "2021-08-14"], None, EightYears,
        Said::Later),
    key("bookworm", "4D64FEC119C2029067D6E791F8D2585B8783D481", ["2023-01-23", "2031-01-21", "2023-06-10"], None, EightYears,
        Said::Due),
    key("trixie", "41587F7DB8C774BCCF131416762F67A0B2C39DE4", ["2025-03-24", "2033-03-22", "2025-08-09"], None, EightYears,
        Said::Present),
];

/// "Debian Security Archive Automatic Signing Key"; before jessie, the key of
/// the archive signed there, too.
#[rustfmt::skip]
const SECURITY: &[Key] = &[
    key("jessie", "D21169141CECD440F2EB8DDA9D6D8F6BC857C906", ["2014-11-21", "2022-11-19", "2015-04-26"], None, EightYears,
        Said::Due),
    key("stretch", "6ED6F5CB5FA6FB2F460AE88EEDA0D2388AE22BA9", ["2017-05-22", "2025-05-20", "2017-06-17"], None, EightYears,
        Said::Later),
    key("buster", "5E61B217265DA9807A23C5FF4DFAB270CAA96DFA", ["2019-04-14", "2027-04-12", "2019-07-06"], None, EightYears,
        Said::Later),
    key("bullseye", "AC530D520F2F3269F5E98313A48449044AAD5C5D", ["2021-01-17", "2029-01-15", "2021-08-14"], None, EightYears,
        Said::Due),
    key("bookworm", "05AB90340C0C5E797F44A8C8254CF3B5AEC0A8F0", ["2023-01-21", "2031-01-19", "2023-06-10"], None, EightYears,
        Said::Due),
    key("trixie", "5E04A1E3223A19A20706E20F9904613D4CCE68C6", ["2025-03-30", "2035-03-28", "2025-08-09"], None, EightYears,
        Said::Present),
];

pub(crate) const LINES: [(&str, &[Key]); 3] =
    [("archive", ARCHIVE), ("stable", STABLE), ("security", SECURITY)];

/// Keys of the same keyrings that are of no line: of ports and services that
/// had a single key, or two.
pub(crate) const OTHERS: [&str; 3] = [
    // AMD64 before it was part of Debian; volatile for etch and for lenny.
    "C20CA1D9499DECBBD8BDACF9E415B2B4B5F5BBED",
    "6039406A4EDCE124CF087B0AEC61E0B0BBE55AB3",
    "F6CFDE3061333CE2A43FDAF0DFD993306D849617",
];

/// Up to where the table knows what happened.
pub(crate) const KNOWN_UNTIL: &str = "2026-01-01";

pub(crate) fn day(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

pub(crate) fn days(from: Timestamp, to: Timestamp) -> i64 {
    (to.unix() - from.unix()) / DAY
}

impl Key {
    pub(crate) fn needed(&self) -> Timestamp {
        day(self.needed.unwrap_or(self.released))
    }

    pub(crate) fn ends(&self) -> Option<Timestamp> {
        (!self.ends.is_empty()).then(|| day(self.ends))
    }
}

impl Custom {
    pub(crate) const ALL: [Self; 3] = [Yearly, Release, EightYears];

    /// Days that a key lives in all, from its making to its end.
    pub(crate) const fn life(self) -> u32 {
        match self {
            Yearly => 14 + 365 + 14,
            Release => 4 * 365,
            EightYears => 8 * 365,
        }
    }

    /// The rule nearest to what was done. The slack is what is left of a
    /// key's life.
    pub(crate) fn rule(self) -> Rule {
        let (years, publish_lead, overlap, canary, ceremony_buffer, attest) = match self {
            // Two weeks' notice, and a week in which both can sign.
            Yearly => (1, 14, 7, 7, 0, 0),
            // Releases come every two years. Fingerprints are read to each
            // other by phone, certified and announced well in advance; the
            // new key is watched until after the first updates of a release;
            // the old one has to last as long as the old release is kept.
            Release => (2, 30, 366, 90, 14, 14),
            EightYears => (2, 30, 3 * 365 + 1, 90, 14, 14),
        };
        let used = ceremony_buffer + attest + publish_lead + years * 365 + overlap;
        let windows = Windows {
            publish_lead,
            reach: 7,
            overlap,
            slack: self.life() - used,
            canary,
            ceremony_buffer,
            attest,
        };
        let term = Term::Calendar(Period::Months(years * 12));
        Rule { term, windows, blackouts: Vec::new(), margin: 0 }
    }
}

/// When a certificate says that its primary key ends: by its last word, as
/// verifiers of its own time read it.
pub(crate) fn stated_end(certificate: &Certificate) -> Option<Timestamp> {
    let cutoffs = Cutoffs::as_of(certificate.primary.created);
    judge(certificate, day(KNOWN_UNTIL), cutoffs).primary.expires
}

/// The certificates of both keyrings, by fingerprint.
pub(crate) fn keyrings() -> BTreeMap<String, Certificate> {
    let mut found = BTreeMap::new();
    for name in ["debian-archive-keyring.gpg", "debian-archive-removed-keys.gpg"] {
        let path = Path::new("/usr/share/keyrings").join(name);
        let bytes = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        for piece in carve(&bytes) {
            let What::Certificate(bytes) = piece.what else { panic!("{name}: {:?}", piece.what) };
            let certificate = read(&[&bytes], &Secrets::new()).unwrap();
            found.insert(certificate.fingerprint().hex(), certificate);
        }
    }
    found
}

/// Of each release of Debian: the day it came out, and the last day of its
/// support, by `distro-info-data`.
pub(crate) fn releases() -> BTreeMap<String, (String, String)> {
    let path = "/usr/share/distro-info/debian.csv";
    let text = fs::read_to_string(path)
        .unwrap_or_else(|e| panic!("{path}: {e}; apt-get install distro-info-data"));
    let mut lines = text.lines();
    assert!(
        lines.next().unwrap().starts_with("version,codename,series,created,release,eol,eol-lts")
    );
    let of = |line: &str| {
        let fields: Vec<_> = line.split(',').collect();
        let field = |n: usize| fields.get(n).copied().unwrap_or_default().to_owned();
        let lts = Some(field(6)).filter(|day| !day.is_empty());
        (field(2), (field(4), lts.unwrap_or_else(|| field(5))))
    };
    lines.map(of).collect()
}

/// Every hand-over: the line, the key and its successor.
pub(crate) fn handovers() -> impl Iterator<Item = (&'static str, &'static Key, &'static Key)> {
    LINES
        .into_iter()
        .flat_map(|(name, keys)| keys.windows(2).map(move |pair| (name, &pair[0], &pair[1])))
}
