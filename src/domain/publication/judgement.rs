//! The verdict over one place: what users get there, held against what they
//! should get and against what they did get before.

use super::component::{Component, ComponentKind, Components};
use super::drift::Since;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::domain::worded::worded;

worded! {
    /// How a place stands; the first that is true is said.
    pub enum Verdict: "verdict of drift" {
        /// Nobody answers there.
        Unreachable = "unreachable",
        /// It serves what the team has not made.
        Foreign = "foreign",
        /// It serves less than it did.
        Rollback = "rollback",
        /// It serves nothing.
        Missing = "missing",
        /// It serves less than it should.
        Stale = "stale",
        /// It serves what it should.
        Match = "match",
    }
}

impl Verdict {
    /// What comes next; nothing where all is well.
    #[must_use]
    pub const fn next(self) -> Option<&'static str> {
        match self {
            Self::Match => None,
            Self::Unreachable => Some("look again later; its users cannot reach it, either"),
            Self::Foreign => {
                Some("an incident (PUB-002): write nothing there, save it, and find out who did it")
            }
            Self::Rollback => Some(
                "an incident (PUB-002): find out who did it; once that is on record, the \
                      ceremony publication puts it back",
            ),
            Self::Missing => Some("the ceremony publication puts it there"),
            Self::Stale => Some(
                "wait, where a cache has the older one; else the ceremony publication brings \
                      the newer one there",
            ),
        }
    }

    /// Whether somebody else may have a hand in it: nothing is written over
    /// that before it is understood.
    #[must_use]
    pub const fn is_incident(self) -> bool {
        matches!(self, Self::Foreign | Self::Rollback)
    }
}

/// How many certificates a sentence names.
const NAMED: usize = 3;

/// What one door of a place gives to its users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Served {
    /// Nobody answers.
    Unreachable(VisibleText),
    /// The certificate is not there.
    Nothing,
    /// A certificate with another primary key.
    Other(Fingerprint),
    /// Something that is no certificate.
    Unreadable(VisibleText),
    /// The certificate, or a part of it.
    Certificate(Components),
}

/// What a place should give to its users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Of which certificate.
    pub certificate: Fingerprint,
    /// What is to be there: all of the form of the certificate that is
    /// published there.
    pub wanted: Components,
    /// What the team has made, published there or not.
    pub own: Components,
    /// What it has been seen to serve.
    pub high_water: Components,
    /// Whether anybody may add something there: what cannot be verified is no
    /// sign of anything then.
    pub is_open: bool,
    /// Which other certificates may stand beside it; absent where nobody has
    /// said.
    pub others: Option<Vec<Fingerprint>>,
}

impl Expected {
    /// What was to be expected at that time: what was first seen later was not
    /// served yet.
    #[must_use]
    pub fn as_of(&self, at: Timestamp, since: &Since) -> Self {
        let is_old = |digest: &String| since.get(digest).is_none_or(|first| *first <= at);
        let before = self.high_water.0.iter().filter(|(digest, _)| is_old(digest));
        let before = before.map(|(digest, one)| (digest.clone(), one.clone()));
        Self { high_water: Components(before.collect()), ..self.clone() }
    }
}

/// How a place stands, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// In one word.
    pub verdict: Verdict,
    /// What the team has not made.
    pub foreign: Vec<Component>,
    /// What is not served any more.
    pub lost: Vec<Component>,
    /// What is not served, and should be.
    pub lacking: Vec<Component>,
    /// More, in words.
    pub facts: Vec<String>,
}

/// Judges what a door of a place gives.
#[must_use]
pub fn judge(expected: &Expected, served: &Served) -> Judgement {
    let told = |verdict, fact: String| Judgement { facts: vec![fact], ..Judgement::of(verdict) };
    match served {
        Served::Unreachable(why) => told(Verdict::Unreachable, why.as_str().to_owned()),
        Served::Other(found) => {
            told(Verdict::Foreign, format!("another certificate is there: {}", found.hex()))
        }
        Served::Unreadable(why) => {
            let text = "what is there cannot be read as a certificate";
            told(Verdict::Foreign, format!("{text}: it is damaged, or something else ({why})"))
        }
        Served::Nothing => {
            let lost = expected.high_water.0.values().cloned().collect::<Vec<_>>();
            let verdict = if lost.is_empty() { Verdict::Missing } else { Verdict::Rollback };
            Judgement { lost, ..Judgement::of(verdict) }
        }
        Served::Certificate(found) => compare(expected, found),
    }
}

fn compare(expected: &Expected, found: &Components) -> Judgement {
    let strange = found.lacking_in(&expected.own).cloned();
    let (noise, foreign): (Vec<_>, Vec<_>) =
        strange.partition(|one| one.kind == ComponentKind::Unverified && expected.is_open);
    let lost: Vec<_> = expected.high_water.lacking_in(found).cloned().collect();
    let lacking: Vec<_> = expected.wanted.lacking_in(found).cloned().collect();
    let verdict = match () {
        () if !foreign.is_empty() => Verdict::Foreign,
        () if !lost.is_empty() => Verdict::Rollback,
        () if !lacking.is_empty() => Verdict::Stale,
        () => Verdict::Match,
    };
    let facts = match noise.len() {
        0 => Vec::new(),
        number => vec![format!("{number} packets that nobody can verify are passed over")],
    };
    Judgement { verdict, foreign, lost, lacking, facts }
}

impl Judgement {
    /// The same of a door that gives other certificates as well: users take all
    /// of them in.
    #[must_use]
    pub fn beside(mut self, others: &[Fingerprint], expected: &Expected) -> Self {
        let list = |some: &[&Fingerprint]| {
            let named: Vec<_> = some.iter().take(NAMED).map(|one| one.hex()).collect();
            let more = some.len().saturating_sub(NAMED);
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            format!("{}{more}", named.join(", "))
        };
        let is_known =
            |one: &&Fingerprint| expected.others.as_ref().is_none_or(|known| known.contains(one));
        let (known, strange): (Vec<_>, Vec<_>) = others.iter().partition(is_known);
        if !strange.is_empty() {
            self.verdict = self.verdict.min(Verdict::Foreign);
            let text = "certificates stand beside it that nobody has declared (others)";
            self.facts.push(format!("{text}: {}", list(&strange)));
        } else if expected.others.is_none() && !known.is_empty() {
            let text = "beside it stand others, and nobody has declared which may (others)";
            self.facts.push(format!("{text}: {}", list(&known)));
        }
        self
    }

    /// With that verdict, and nothing else to say.
    #[must_use]
    pub fn of(verdict: Verdict) -> Self {
        let [foreign, lost, lacking] = [(); 3].map(|()| Vec::new());
        Self { verdict, foreign, lost, lacking, facts: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(kind: ComponentKind, name: &str) -> (String, Component) {
        (format!("{kind:?} {name}"), Component { kind, of: name.to_owned(), created: None })
    }

    fn parts(of: &[(ComponentKind, &str)]) -> Components {
        Components(of.iter().map(|(kind, name)| part(*kind, name)).collect())
    }

    #[test]
    fn the_first_verdict_that_is_true_is_said() {
        use ComponentKind::{Revocation, SelfSignature, Subkey, Unverified, UserId};
        let old = [(UserId, "u"), (SelfSignature, "1")];
        let new = [(UserId, "u"), (SelfSignature, "1"), (Subkey, "s"), (Revocation, "r")];
        let certificate = Fingerprint::from_hex(&"B".repeat(40)).unwrap();
        let expected = |high: &[(ComponentKind, &str)], is_open| Expected {
            certificate,
            wanted: parts(&new),
            own: parts(&new),
            high_water: parts(high),
            is_open,
            others: None,
        };
        let word = |high: &[(ComponentKind, &str)], is_open, served: &Served| {
            judge(&expected(high, is_open), served).verdict
        };
        let copy = |of: &[(ComponentKind, &str)]| Served::Certificate(parts(of));
        let with = |more: (ComponentKind, &str)| copy(&[&new[..], &[more]].concat());
        assert_eq!(word(&[], false, &copy(&new)), Verdict::Match);
        assert_eq!(word(&old, false, &copy(&old)), Verdict::Stale);
        assert_eq!(word(&new, false, &copy(&old)), Verdict::Rollback);
        assert_eq!(word(&[], false, &Served::Nothing), Verdict::Missing);
        assert_eq!(word(&old, false, &Served::Nothing), Verdict::Rollback);
        assert_eq!(word(&new, true, &with((SelfSignature, "x"))), Verdict::Foreign);
        assert_eq!(word(&new, true, &with((Subkey, "x"))), Verdict::Foreign);
        assert_eq!(word(&new, true, &with((Unverified, "x"))), Verdict::Match);
        assert_eq!(word(&new, false, &with((Unverified, "x"))), Verdict::Foreign);
        // Something foreign is said before what was lost.
        let less = copy(&[(UserId, "u"), (SelfSignature, "x")]);
        assert_eq!(word(&new, true, &less), Verdict::Foreign);
        let why = VisibleText::from_text("no route");
        assert_eq!(word(&new, true, &Served::Unreachable(why.clone())), Verdict::Unreachable);
        assert_eq!(word(&new, true, &Served::Unreadable(why)), Verdict::Foreign);
        let other = Fingerprint::from_hex(&"A".repeat(40)).unwrap();
        assert_eq!(word(&new, true, &Served::Other(other)), Verdict::Foreign);
        let mut all = [Verdict::Match, Verdict::Unreachable, Verdict::Missing, Verdict::Foreign];
        all.sort();
        assert_eq!(all[0], Verdict::Unreachable);
    }

    #[test]
    fn what_stands_beside_it_is_named_and_foreign_where_others_are_declared() {
        let [ours, known, strange] =
            ["A", "B", "C"].map(|digit| Fingerprint::from_hex(&digit.repeat(40)).unwrap());
        let expected = |others| Expected {
            certificate: ours,
            wanted: Components::default(),
            own: Components::default(),
            high_water: Components::default(),
            is_open: false,
            others,
        };
        let told = |others, beside: &[Fingerprint]| {
            let told = Judgement::of(Verdict::Match).beside(beside, &expected(others));
            (told.verdict, told.facts.join("; "))
        };
        assert_eq!(told(None, &[]), (Verdict::Match, String::new()));
        assert_eq!(told(Some(vec![known]), &[known]), (Verdict::Match, String::new()));
        let (verdict, words) = told(Some(vec![known]), &[known, strange]);
        assert_eq!(verdict, Verdict::Foreign);
        assert!(words.contains(&strange.hex()) && !words.contains(&known.hex()), "{words}");
        let (verdict, words) = told(None, &[strange; 5]);
        assert_eq!(verdict, Verdict::Match);
        assert!(words.ends_with("and 2 more"), "{words}");
    }

    #[test]
    fn what_lacks_is_named() {
        use ComponentKind::{Revocation, UserId};
        let wanted = parts(&[(UserId, "TEST"), (Revocation, "ABCD")]);
        let served = Served::Certificate(parts(&[(UserId, "TEST")]));
        let expected = Expected {
            certificate: Fingerprint::from_hex(&"B".repeat(40)).unwrap(),
            wanted: wanted.clone(),
            own: wanted,
            high_water: Components::default(),
            is_open: true,
            others: None,
        };
        let told = judge(&expected, &served);
        let words: Vec<_> = told.lacking.iter().map(Component::words).collect();
        assert_eq!((told.verdict, words), (Verdict::Stale, vec!["revocation of ABCD".to_owned()]));
    }
}
