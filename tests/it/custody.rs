//! What lies where: the register follows from the journals, and the rules
//! about it speak in time.

use keyrite::adapters::runs;
use keyrite::domain::assessment::Assessment;
use keyrite::domain::custody::{Copy, Held, Register};
use keyrite::domain::finding::FindingId;
use keyrite::domain::lint::lint_custody;
use keyrite::domain::period::Period;
use keyrite::domain::text::VisibleText;
use keyrite::domain::timestamp::Timestamp;
use keyrite::engine::catalog;
use keyrite::engine::runner::Reply;

use crate::support::hall::Hall;
use crate::support::pilot::{Stage, plainly, until};
use crate::support::program::BINARY;
use crate::support::pty::Pty;

/// A workspace after ceremonies, what lies where, and when it was made.
fn after(ceremonies: &[&str]) -> (Register, Vec<Assessment>, Timestamp) {
    let stage = Stage::after(ceremonies);
    let certificates = stage.app.world(&stage.folder).unwrap().certificates;
    let register = runs::register(&stage.folder);
    let made = register.copies().map(|copy| copy.proved).max().unwrap();
    (register, certificates, made)
}

/// The rules that speak, with what they say.
fn told(register: &Register, all: &[Assessment], now: Timestamp) -> Vec<(FindingId, String)> {
    let all: Vec<_> = all.iter().collect();
    lint_custody(register, &all, now).into_iter().map(|one| (one.id, one.message)).collect()
}

fn ids(told: &[(FindingId, String)]) -> Vec<FindingId> {
    told.iter().map(|(id, _)| *id).collect()
}

/// The register, with each copy changed or left out.
fn changed(register: &Register, change: impl Fn(Copy) -> Option<Copy>) -> Register {
    let mut changed = Register::default();
    register.copies().cloned().filter_map(change).for_each(|copy| changed.add(copy));
    changed
}

#[test]
fn a_root_generation_leaves_two_copies_and_a_revocation_for_each_holder() {
    let (register, all, now) = after(&["root-generation"]);
    let held: Vec<_> = register.copies().map(|copy| copy.held).collect();
    assert_eq!(held, [Held::Root, Held::Root, Held::Revocation, Held::Revocation]);
    for copy in register.copies() {
        assert!(copy.number.as_str() != "" && copy.location.as_str() != "", "{copy:?}");
        assert_eq!(copy.medium.as_str().len(), 32, "{copy:?}");
    }
    let kept = register.copies().filter(|copy| copy.held == Held::Revocation);
    let kept: Vec<_> = kept.collect();
    let mut holders: Vec<_> = kept.iter().map(|copy| copy.holder.as_str()).collect();
    holders.sort_unstable();
    assert_eq!(holders, ["driver", "witness"]);
    assert!(kept.iter().all(|copy| copy.again.is_some()), "{register:?}");
    assert_eq!(told(&register, &all, now), []);
}

#[test]
fn an_issued_subkey_has_a_parcel_and_a_revocation_and_its_root_was_proved() {
    let (register, all, now) = after(&["root-generation", "subkey-issuance"]);
    let primary = all[0].certificate.fingerprint();
    let subkey = all[0].certificate.subkeys[0].fingerprint;
    assert_eq!(register.of(Held::Parcel, &subkey).count(), 1);
    assert_eq!(register.of(Held::Revocation, &subkey).count(), 1);
    // What the root generation said of its medium still stands.
    let newest = register.of(Held::Root, &primary).max_by_key(|copy| copy.proved).unwrap();
    assert!(newest.proved <= now);
    assert!(newest.number.as_str() != "" && newest.location.as_str() != "", "{newest:?}");
}

#[test]
fn a_run_that_was_given_up_leaves_nothing_that_counts() {
    let stage = Stage::new();
    stage.hold("root-generation");
    let before = runs::register(&stage.folder);
    let mut runner = stage.begin(catalog::find("revocation-set").unwrap(), &plainly).unwrap();
    until(&stage, &mut runner, "received@driver");
    let reason = "TEST nobody came".to_owned();
    runner.reply(Reply::Abandon { reason }).unwrap();
    assert_eq!(runs::register(&stage.folder), before);
}

#[test]
fn cus_002_wants_two_copies_at_two_places() {
    let (register, all, now) = after(&["root-generation"]);
    let one = changed(&register, |copy| {
        (copy.held != Held::Root || copy.location.as_str() == "VAULT-7").then_some(copy)
    });
    let said = told(&one, &all, now);
    assert_eq!(ids(&said), [FindingId::Cus002]);
    assert!(said[0].1.contains("1 copy of its primary key at 1 known place"), "{said:?}");
    let same = |copy: Copy| {
        let is_root = copy.held == Held::Root;
        let location = if is_root { VisibleText::from_text("Vault-7") } else { copy.location };
        Some(Copy { location, ..copy })
    };
    assert_eq!(ids(&told(&changed(&register, same), &all, now)), [FindingId::Cus002]);
}

#[test]
fn cus_003_and_cer_004_want_each_copy_opened_within_a_year() {
    let (register, all, now) = after(&["root-generation"]);
    let far = |copy: Copy| {
        let again = None;
        Some(Copy { again, ..copy })
    };
    let register = changed(&register, far);
    assert_eq!(told(&register, &all, now.after(Period::Months(11))), []);
    let later = now.after(Period::Months(13));
    let both = [FindingId::Cus003, FindingId::Cus003, FindingId::Cer004];
    assert_eq!(ids(&told(&register, &all, later)), both);
    // One of the two was opened since.
    let renewed = changed(&register, |copy| {
        let is_first = copy.held == Held::Root && copy.location.as_str() == "VAULT-7";
        Some(if is_first { Copy { proved: later, ..copy } } else { copy })
    });
    assert_eq!(ids(&told(&renewed, &all, later)), [FindingId::Cus003]);
}

#[test]
fn rev_004_wants_holders_who_were_asked() {
    let (register, all, now) = after(&["root-generation"]);
    let nobody = changed(&register, |copy| (copy.held == Held::Root).then_some(copy));
    let said = told(&nobody, &all, now);
    assert_eq!(ids(&said), [FindingId::Rev004]);
    let asked = changed(&register, |copy| {
        let again = Some(now.after(Period::Months(6))).filter(|_| copy.held == Held::Revocation);
        Some(Copy { again, ..copy })
    });
    assert_eq!(told(&asked, &all, now.after(Period::Months(5))), []);
    let said = told(&asked, &all, now.after(Period::Months(7)));
    assert_eq!(ids(&said), [FindingId::Rev004, FindingId::Rev004]);
    let names_one = |(_, text): &(FindingId, String)| text.contains("witness was asked last on");
    assert!(said.iter().any(names_one), "{said:?}");
}

#[test]
fn rev_005_wants_a_revocation_certificate_away_from_the_key() {
    let (register, all, now) = after(&["root-generation"]);
    let beside = changed(&register, |copy| {
        let is_theirs = copy.holder.as_str() == "witness";
        let location = if is_theirs { VisibleText::from_text("vault-8") } else { copy.location };
        Some(Copy { location, ..copy })
    });
    let said = told(&beside, &all, now);
    assert_eq!(ids(&said), [FindingId::Rev005]);
    assert!(said[0].1.contains("that of witness is kept at vault-8"), "{said:?}");
}

#[test]
fn the_screen_shows_what_lies_where_and_lint_tells_the_rest() {
    let hall = Hall::after("root-generation");
    let mut pty = Pty::start(BINARY, &[], &hall.path("team"), (100, 30));
    pty.wait_for("BREAKS FIRST");
    pty.send(b"6");
    for text in ["empty slot", "media/slot-key", "If lost", "primary key", "revocation"] {
        pty.wait_for(text);
    }
    // Below the slots stand the media.
    pty.send(b"jj");
    for text in ["VAULT-7", "prove it again by"] {
        pty.wait_for(text);
    }
    pty.send(b"q");
    let later = Timestamp::from_unix(register_day(&hall)).after(Period::Months(13)).date();
    let lint = hall.run(&["lint", "--in", "team", "--at", &later]);
    assert!(lint.out.contains("CUS-003"), "{lint:?}");
}

#[test]
fn drills_and_holders_stand_in_the_schedule() {
    let hall = Hall::after("root-generation");
    let made = Timestamp::from_unix(register_day(&hall));
    let schedule = |months| {
        let day = made.after(Period::Months(months)).date();
        let out = hall.run(&["schedule", "--in", "team", "--json", "--at", &day]).json();
        let all = out["actions"].as_array().unwrap().clone();
        let of = |kind: &str| all.iter().find(|one| one["kind"] == kind).cloned().unwrap();
        [of("drill"), of("ask-holder")]
    };
    let [drill, holder] = schedule(0);
    assert_eq!((&drill["due"], &holder["due"]), (&"later".into(), &"later".into()));
    assert_eq!(drill["latest_safe"].as_str().unwrap()[..10], made.after(Period::Months(12)).date());
    assert!(drill["why"].as_str().unwrap().contains("was proved last on"), "{drill}");
    let [drill, holder] = schedule(23);
    assert_eq!((&drill["due"], &holder["due"]), (&"overdue".into(), &"overdue".into()));
    assert!(["driver", "witness"].contains(&holder["owner"].as_str().unwrap()), "{holder}");
}

fn register_day(hall: &Hall) -> i64 {
    runs::register(&hall.path("team")).copies().next().unwrap().proved.unix()
}
