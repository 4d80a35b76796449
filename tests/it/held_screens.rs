//! The screens of ceremonies and of the audit log, at all sizes.

use std::time::Duration;

use keyrite::app::look::{GlyphSet, ThemeName};
use keyrite::app::{DEMO_NOW, Opening};
use keyrite::domain::custody::{Copy, Held, Register};
use keyrite::domain::fingerprint::Fingerprint;
use keyrite::domain::text::VisibleText;
use keyrite::domain::timestamp::DAY;
use keyrite::domain::workspace::Evidence;
use keyrite::engine::audit::{Chain, Head, Problem, Report, Row, Standing, Verdict, Writer};
use keyrite::engine::catalog;
use keyrite::engine::chain::Digest;
use keyrite::engine::question::World;
use keyrite::engine::runner::{Prompt, Runner};
use keyrite::tui::event::{CeremoniesEvent, Event};

use crate::support::dry_run::{self, Weather};
use crate::support::pilot::Stage;
use crate::support::story::Story;

const SIZES: [(u16, u16); 4] = [(60, 16), (80, 24), (100, 30), (160, 50)];

fn open(stage: &Stage, (width, height): (u16, u16)) -> Story {
    let declaration = Box::new(stage.app.workspace(&stage.folder).unwrap());
    let opening = Opening::Workspace { folder: stage.folder.clone(), declaration };
    let app = stage.app.clone().demo();
    Story::with(app, &opening, (width, height), ThemeName::None, GlyphSet::Unicode)
}

fn root(world: World, weather: Weather, until: &dyn Fn(&Runner, &Prompt) -> bool) -> Runner {
    let ceremony = catalog::find("root-generation").unwrap();
    let mut runner = dry_run::begin(ceremony, world, weather);
    assert!(dry_run::fly(&mut runner, until));
    runner
}

/// Snapshots of a run that is where `until` says, after these keys.
fn run(
    name: &str,
    weather: Weather,
    until: &'static (dyn Fn(&Runner, &Prompt) -> bool + Sync),
    keys: &str,
) {
    let stage = Stage::new();
    let world = World { now: DEMO_NOW, ..stage.app.world(&stage.folder).unwrap() };
    for (width, height) in SIZES {
        let mut story = open(&stage, (width, height));
        let world = world.clone();
        story.runs = Some(Box::new(move || root(world.clone(), weather, until)));
        story.press("4 j j Enter Enter").press(keys).pass(Duration::from_secs(1));
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), story.screen());
    }
}

fn at(runner: &Runner, step: &str) -> bool {
    runner.step().is_some_and(|(_, at)| at.step() == step)
}

#[test]
fn the_ceremonies_at_all_sizes() {
    let stage = Stage::new();
    for (width, height) in SIZES {
        let mut story = open(&stage, (width, height));
        story.runs = Some(Box::new(|| unreachable!()));
        story.press("4 j j");
        insta::assert_snapshot!(format!("ceremonies_{width}x{height}"), story.screen());
    }
    let mut story = open(&stage, (80, 24));
    story.runs = Some(Box::new(|| unreachable!()));
    insta::assert_snapshot!("ceremonies_paused", {
        story.press("4");
        story.screen()
    });
    let mut story = Story::demo(80, 24);
    story.press("4");
    insta::assert_snapshot!("ceremonies_demo", story.screen());
}

#[test]
fn a_run_that_asks_at_all_sizes() {
    run("run_ask", Weather::Fine, &|runner, _| at(runner, "spec"), "Tab");
}

#[test]
fn a_run_that_is_halted_at_all_sizes() {
    run("run_halted", Weather::Foul, &|runner, _| at(runner, "machine"), "Enter");
}

#[test]
fn a_plan_at_all_sizes() {
    run("run_plan", Weather::Fine, &|runner, _| at(runner, "plan"), "");
}

#[test]
fn a_run_that_does_something_at_all_sizes() {
    run("run_perform", Weather::Fine, &|runner, _| at(runner, "copy-b"), "");
}

#[test]
fn a_secret_at_all_sizes() {
    run("run_secret", Weather::Fine, &|runner, _| at(runner, "make-root"), "Tab Enter a b c");
}

#[test]
fn a_confirmation_at_all_sizes() {
    run("run_confirm", Weather::Fine, &|runner, _| at(runner, "fingerprint"), "Enter Tab");
}

#[test]
fn a_place_to_agree_to_at_all_sizes() {
    let stage = Stage::new();
    // Keys that are the same each time.
    let demo = Story::demo(80, 24);
    let items = demo.model.list.items().iter().filter_map(|item| item.assessment.clone());
    let certificates = items.filter(|one| !one.certificate.subkeys.is_empty()).collect();
    let world = stage.app.world(&stage.folder).unwrap();
    let world = World { now: DEMO_NOW, certificates, ..world };
    let agreed = |runner: &Runner, prompt: &Prompt| {
        matches!(prompt, Prompt::Confirm(_)) && at(runner, "agree")
    };
    for (width, height) in SIZES {
        let mut story = open(&stage, (width, height));
        let world = world.clone();
        story.runs = Some(Box::new(move || {
            let ceremony = catalog::find("custody-upload").unwrap();
            let mut runner = dry_run::begin(ceremony, world.clone(), Weather::Fine);
            assert!(dry_run::fly(&mut runner, &agreed));
            runner
        }));
        story.press("4 g Enter Enter");
        let mut seen = story.screen();
        insta::assert_snapshot!(format!("run_agree_{width}x{height}"), &seen);
        if height <= 16 {
            // Nobody confirms what nobody has seen.
            story.press("Tab Tab Tab Tab").pass(Duration::from_secs(4)).press("Enter");
            story.expect("nobody has seen all of what is confirmed").press("Tab");
        }
        for _ in 0..12 {
            seen += &story.press("PgDn").screen();
        }
        if height > 16 {
            // There is room for all of it at once.
            assert!(!seen.contains("of what is confirmed"), "{seen}");
            story.press("Tab Tab");
            insta::assert_snapshot!(format!("run_agree_typing_{width}x{height}"), story.screen());
            continue;
        }
        // Whatever the size: all of it can be read.
        let is_text = |c: &char| !c.is_whitespace() && !"│┌┐└┘─".contains(*c);
        let seen: String = seen.chars().filter(is_text).collect();
        let Prompt::Confirm(confirmation) = story.runner().unwrap().prompt() else { panic!() };
        let place = confirmation.place.unwrap();
        for told in [place.as_str(), "Afterthis:Writeit,pending", "Undo:givetherunup(A)"] {
            assert!(seen.contains(told), "{told}\n{seen}");
        }
        story.press("Tab Tab");
        insta::assert_snapshot!(format!("run_agree_typing_{width}x{height}"), story.screen());
    }
}

/// What lies where in the demo, as a year of ceremonies would leave it.
fn register(story: &Story) -> Register {
    let items = story.model.list.items().iter().filter_map(|item| item.assessment.as_ref());
    let one = items.into_iter().find(|one| one.certificate.subkeys.len() > 1).unwrap();
    let primary = one.certificate.fingerprint();
    let subkey = one.certificate.subkeys[0].fingerprint;
    let kept = [
        (Held::Root, primary, "", "0041", "VAULT-7", -700),
        (Held::Root, primary, "", "0042", "VAULT-8", -345),
        (Held::Revocation, primary, "anna", "0043", "HOME-1", -30),
        (Held::Revocation, subkey, "berta", "0044", "HOME-2", -30),
        (Held::Revocation, Fingerprint::from_bytes(&[0xab; 20]).unwrap(), "carl", "", "", -30),
        (Held::Parcel, subkey, "", "0045", "CI", -30),
    ];
    let mut register = story.model.register().unwrap().clone();
    for (at, (held, key, holder, number, location, days)) in kept.into_iter().enumerate() {
        let text = VisibleText::from_text;
        register.add(Copy {
            held,
            key,
            medium: text(&format!("{at:032x}")),
            holder: text(holder),
            number: text(number),
            location: text(location),
            proved: DEMO_NOW.plus(days * DAY),
            again: None,
            run: "20261120T130200Z-testtest".to_owned(),
        });
    }
    register
}

#[test]
fn what_lies_where_at_all_sizes() {
    for (width, height) in SIZES {
        let mut story = Story::demo(width, height);
        let register = register(&story);
        let managed = story.model.managed.as_mut().unwrap();
        managed.evidence = Some(Evidence { register, ..Evidence::default() });
        story.press("6 G k");
        let screen = story.screen();
        // The revocation of the subkey is told from that of the certificate.
        assert!(screen.lines().any(|line| line.contains("subkey revocation")), "{screen}");
        insta::assert_snapshot!(format!("custody_{width}x{height}"), screen);
    }
}

#[test]
fn what_lies_where_in_the_demo() {
    let mut story = Story::demo(80, 24);
    story.press("6");
    insta::assert_snapshot!("custody_demo", story.screen());
    let mut story = Story::demo(160, 50);
    story.press("6 G");
    insta::assert_snapshot!("custody_demo_wide", story.screen());
}

fn chain(verdict: Verdict) -> Chain {
    let writer = Writer::new("driver", 0x0a1b_2c3d).unwrap();
    let rows: Vec<_> = (1..=40u64)
        .rev()
        .map(|seq| Row {
            writer: writer.clone(),
            seq,
            at: DEMO_NOW.plus(i64::try_from(seq).unwrap() * 60 - 3600),
            actor: VisibleText::from_text("driver"),
            kind: VisibleText::from_text(
                ["answered", "effect-completed"][usize::from(seq % 2 == 0)],
            ),
            run: Some(VisibleText::from_text("20261120T130200Z-testtest")),
            summary: VisibleText::from_text("step spec, algorithm ed25519"),
            hash: Digest::of(&seq.to_be_bytes()),
        })
        .collect();
    let file = VisibleText::from_text("audit/driver-0a1b2c3d.jsonl");
    let message = "it does not follow the line before it".to_owned();
    let problem = Problem { verdict, file, line: Some(41), message };
    let standing = Standing {
        writer,
        head: Head { seq: 40, hash: rows[0].hash },
        at: Some(rows[0].at),
        signed: 12,
        unsigned_since: None,
    };
    let problems = if verdict == Verdict::Sound { Vec::new() } else { vec![problem] };
    Chain { rows, left_out: 0, report: Report { chains: vec![standing], problems } }
}

#[test]
fn the_audit_log_at_all_sizes() {
    let stage = Stage::new();
    for (width, height) in SIZES {
        let mut story = open(&stage, (width, height));
        let event = CeremoniesEvent::Audited(Box::new(chain(Verdict::Sound)));
        story.event(Event::Ceremonies(event)).press("8 j");
        insta::assert_snapshot!(format!("audit_{width}x{height}"), story.screen());
    }
    let mut story = open(&stage, (80, 24));
    let event = CeremoniesEvent::Audited(Box::new(chain(Verdict::Broken)));
    story.event(Event::Ceremonies(event)).press("8");
    insta::assert_snapshot!("audit_broken", story.screen());
}
