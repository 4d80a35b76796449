//! A page that people compare a fingerprint with.

use super::component::{Component, ComponentKind, Components};
use super::judgement::{Expected, Judgement, Served, Verdict, judge};
use crate::domain::fingerprint::Fingerprint;

/// How far behind a fingerprint a page says what became of the key, in bytes.
const NEAR: usize = 200;

/// Judges what people read on a page, and tells what of the certificate it
/// shows. It must show the fingerprint in full, in groups, and of each key that
/// it shows whether that is revoked.
#[must_use]
pub fn judge_page(expected: &Expected, text: &str) -> (Judgement, Components) {
    let of = &expected.certificate;
    if text.contains(&grouped(of)) {
        let all = || expected.wanted.0.iter().chain(&expected.high_water.0);
        let keys: Vec<_> =
            std::iter::once(*of).chain(all().filter_map(|(_, one)| key(one))).collect();
        let shown = all().filter(|(_, one)| is_shown(one, text, &keys));
        let shown = Components(shown.map(|(digest, one)| (digest.clone(), one.clone())).collect());
        return (judge(expected, &Served::Certificate(shown.clone())), shown);
    }
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (verdict, why) = match others(text).first() {
        _ if digits.to_uppercase().contains(&of.hex()) => {
            (Verdict::Stale, "it shows the fingerprint, but not in groups".to_owned())
        }
        Some(other) => (Verdict::Foreign, format!("it shows another fingerprint: {other}")),
        None => (Verdict::Stale, "it does not show the fingerprint".to_owned()),
    };
    (Judgement { facts: vec![why], ..Judgement::of(verdict) }, Components::default())
}

fn grouped(of: &Fingerprint) -> String {
    of.groups().join(" ")
}

/// The key that a part is.
fn key(one: &Component) -> Option<Fingerprint> {
    Fingerprint::from_hex(&one.of).filter(|_| one.kind == ComponentKind::Subkey)
}

/// Whether the page shows that part, as far as a page does: of what it does not
/// name it says nothing wrong.
fn is_shown(one: &Component, text: &str, keys: &[Fingerprint]) -> bool {
    let revoked = Fingerprint::from_hex(&one.of);
    let Some(revoked) = revoked.filter(|_| one.kind == ComponentKind::Revocation) else {
        return true;
    };
    let shown = grouped(&revoked);
    let mut places = text.split(&shown).skip(1);
    // What is said of the next key is not said of this one.
    let ends = |behind: &str| {
        let others = keys.iter().filter(|key| **key != revoked);
        let next = others.filter_map(|key| behind.find(&grouped(key))).min();
        next.unwrap_or(NEAR).min(NEAR).min(behind.len())
    };
    places.all(|behind| {
        let near = behind.char_indices().take_while(|(at, _)| *at < ends(behind));
        let near: String = near.map(|(_, c)| c.to_ascii_lowercase()).collect();
        near.contains("revoked")
    })
}

/// What looks like a fingerprint in groups: ten of four digits or more.
fn others(text: &str) -> Vec<String> {
    let is_group = |word: &&str| word.len() == 4 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let words: Vec<_> = text.split_whitespace().collect();
    let runs = words.split(|word| !is_group(word)).filter(|run| run.len() >= 10);
    runs.map(|run| run.join(" ").to_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBKEY: &str = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";

    fn expected() -> Expected {
        let part = |kind, of: &str| {
            (format!("{kind:?} {of}"), Component { kind, of: of.to_owned(), created: None })
        };
        let wanted = [
            part(ComponentKind::UserId, "TEST"),
            part(ComponentKind::Subkey, SUBKEY),
            part(ComponentKind::Revocation, SUBKEY),
        ];
        let wanted = Components(wanted.into());
        Expected {
            certificate: Fingerprint::from_hex(&"A".repeat(40)).unwrap(),
            own: wanted.clone(),
            wanted,
            high_water: Components::default(),
            is_open: false,
            others: None,
        }
    }

    #[test]
    fn a_page_shows_the_fingerprint_in_groups_and_says_what_is_revoked() {
        let [ours, subkey] = ["AAAA", "BBBB"].map(|group| [group; 10].join(" "));
        let verdict = |text: &str| judge_page(&expected(), text).0.verdict;
        assert_eq!(verdict(&format!("The key is {ours}.")), Verdict::Match);
        assert_eq!(verdict(&format!("{ours} {subkey} Ed25519 Revoked")), Verdict::Match);
        assert_eq!(verdict(&format!("{ours} {subkey} Ed25519 valid")), Verdict::Stale);
        // The one behind it is revoked, and not this one.
        assert_eq!(verdict(&format!("{ours} {subkey} valid {ours} revoked")), Verdict::Stale);
        assert_eq!(verdict(&"A".repeat(40)), Verdict::Stale);
        assert_eq!(verdict("nothing"), Verdict::Stale);
        let (told, shown) = judge_page(&expected(), &format!("Key {}", ["CCCC"; 10].join(" ")));
        assert_eq!((told.verdict, shown), (Verdict::Foreign, Components::default()));
        assert!(told.facts[0].contains("CCCC CCCC"), "{told:?}");
    }
}
