//! The machine on which a ceremony runs: what is wrong with it, and what of
//! that stops a ceremony.

use keyrite::adapters::environment::Environment as Variables;
use keyrite::adapters::profiles;
use keyrite::domain::finding::{FindingId, Severity};
use keyrite::domain::host::{
    Asked, Hold, HostFacts, Locality, Probe, Verdict, blocking, judge, newest_signature, probe,
};
use keyrite::domain::text::VisibleText;
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::workspace::Environment;

use crate::support::forge::{KeySpec, certificate};
use crate::support::inputs::public;
use crate::support::program::Program;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn visible(text: &str) -> VisibleText {
    VisibleText::from_text(text)
}

fn names(texts: &[&str]) -> Vec<VisibleText> {
    texts.iter().map(|text| visible(text)).collect()
}

fn now() -> Timestamp {
    at("2027-01-10T12:00:00Z")
}

/// A machine with which nothing is wrong.
fn good() -> HostFacts {
    HostFacts {
        links: Ok(Vec::new()),
        routes: Ok(Vec::new()),
        swaps: Ok(Vec::new()),
        core_limit: Some(0),
        core_pattern: Ok(visible("core")),
        is_open: Ok(false),
        gives_rights: Ok(false),
        memory_folder: Some(visible("/dev/shm")),
        folders: names(&["/dev/shm", "/tmp"]),
        hardware_clock: Ok(now()),
        kernel_clock: now(),
        built: at("2026-11-21"),
        watchers: Ok(Vec::new()),
    }
}

fn asked() -> Asked {
    Asked {
        now: now(),
        newest_signature: Some(at("2027-01-09")),
        last_record: Some(at("2027-01-08")),
        locality: Locality::Offline,
    }
}

/// The probe of that id.
#[track_caller]
fn look(id: FindingId, facts: &HostFacts, asked: &Asked) -> Probe {
    let probes = probe(facts, asked);
    let ids: Vec<_> = probes.iter().map(|probe| probe.id).collect();
    assert_eq!(ids, FindingId::HOST, "one look for each id, in their order");
    for probe in &probes {
        assert_eq!(probe.finding.is_some(), probe.verdict != Verdict::Ok, "{probe:?}");
    }
    probes.into_iter().find(|probe| probe.id == id).unwrap()
}

type Case = (FindingId, fn(&mut HostFacts), Severity, &'static str, &'static str);

/// A machine that breaks one rule, the words of the list, and the evidence.
const BROKEN: &[Case] = &[
    (
        FindingId::Hst001,
        |f| f.links = Ok(names(&["eth0", "wlan0"])),
        Severity::Error,
        "network up: eth0, wlan0",
        "a network is up: eth0, wlan0",
    ),
    (
        FindingId::Hst002,
        |f| f.routes = Ok(names(&["eth0 (IPv6)"])),
        Severity::Error,
        "default route: eth0 (IPv6)",
        "there is a default route: eth0 (IPv6)",
    ),
    (
        FindingId::Hst003,
        |f| f.swaps = Ok(names(&["/dev/sda2"])),
        Severity::Warning,
        "swap on: /dev/sda2",
        "memory may be written to /dev/sda2",
    ),
    (
        FindingId::Hst004,
        |f| f.core_limit = None,
        Severity::Error,
        "core dumps on",
        "a crash may leave a core file of keyrite; its limit is: no limit",
    ),
    (
        FindingId::Hst004,
        |f| {
            f.is_open = Ok(true);
            f.core_pattern = Ok(visible("|/usr/lib/apport %p"));
        },
        Severity::Error,
        "core dumps on",
        "a crash hands the memory of keyrite to: |/usr/lib/apport %p",
    ),
    (
        FindingId::Hst005,
        |f| f.is_open = Ok(true),
        Severity::Error,
        "memory open",
        "other programs of the same user can read the memory of keyrite",
    ),
    (
        FindingId::Hst005,
        |f| f.gives_rights = Ok(true),
        Severity::Error,
        "rights open",
        "programs that keyrite starts can get more rights than it has",
    ),
    (
        FindingId::Hst006,
        |f| f.memory_folder = None,
        Severity::Warning,
        "no folder in memory",
        "none of these is in memory and can be written: /dev/shm, /tmp",
    ),
    (
        FindingId::Hst007,
        |f| f.hardware_clock = Ok(now().plus(121)),
        Severity::Error,
        "clocks differ by 2 min",
        "the clock says 2027-01-10T12:00:00Z and the hardware's clock 2027-01-10T12:02:01Z, which \
         is 2 min apart",
    ),
    (
        FindingId::Hst007,
        |f| f.kernel_clock = now().plus(-400 * 86_400),
        Severity::Error,
        "clocks differ by 400 d",
        "the clock says 2027-01-10T12:00:00Z and the kernel's clock 2025-12-06T12:00:00Z, which is \
         400 d apart",
    ),
    (
        FindingId::Hst008,
        |f| f.built = now().plus(1),
        Severity::Error,
        "clock is slow",
        "the clock says 2027-01-10T12:00:00Z, but this program was built at 2027-01-10T12:00:01Z",
    ),
    (
        FindingId::Hst009,
        |f| f.watchers = Ok(names(&["tmux"])),
        Severity::Warning,
        "terminal watched: tmux",
        "the terminal may be recorded or shared by tmux",
    ),
];

#[test]
fn a_machine_with_which_nothing_is_wrong_has_no_finding() {
    assert_eq!(judge(&good(), &asked()), []);
    for id in FindingId::HOST {
        assert_eq!(look(id, &good(), &asked()).verdict, Verdict::Ok);
    }
}

#[test]
fn each_rule_of_the_machine_refuses_and_says_what_it_saw() {
    for (id, spoil, severity, word, message) in BROKEN {
        let mut facts = good();
        spoil(&mut facts);
        let probe = look(*id, &facts, &asked());
        assert_eq!((probe.verdict, probe.word.as_str()), (Verdict::Found, *word));
        let finding = judge(&facts, &asked()).into_iter().find(|one| one.id == *id).unwrap();
        assert_eq!((finding.severity, finding.message.as_str()), (*severity, *message));
        assert!(finding.remedy.len() > 20, "{id}");
    }
    let broken: std::collections::BTreeSet<_> = BROKEN.iter().map(|case| case.0).collect();
    assert_eq!(broken.into_iter().collect::<Vec<_>>(), FindingId::HOST);
}

/// Takes something out of sight, with the reason.
type Hide = fn(&mut HostFacts, VisibleText);

#[test]
fn what_cannot_be_seen_is_told_and_is_not_well() {
    let hidden = || visible("/proc/x: cannot be read");
    let cases: [(FindingId, Hide); 8] = [
        (FindingId::Hst001, |f, why| f.links = Err(why)),
        (FindingId::Hst002, |f, why| f.routes = Err(why)),
        (FindingId::Hst003, |f, why| f.swaps = Err(why)),
        (FindingId::Hst004, |f, why| {
            f.is_open = Err(why.clone());
            f.core_pattern = Err(why);
        }),
        (FindingId::Hst005, |f, why| f.is_open = Err(why)),
        (FindingId::Hst005, |f, why| f.gives_rights = Err(why)),
        (FindingId::Hst007, |f, why| f.hardware_clock = Err(why)),
        (FindingId::Hst009, |f, why| f.watchers = Err(why)),
    ];
    for (id, hide) in cases {
        let mut facts = good();
        hide(&mut facts, hidden());
        let probe = look(id, &facts, &asked());
        assert_eq!(probe.verdict, Verdict::Unknown, "{id}");
        let message = probe.finding.unwrap().message;
        assert!(message.ends_with("/proc/x: cannot be read"), "{message}");
    }
}

#[test]
fn clocks_may_differ_by_two_minutes_and_the_bound_itself_is_not_before() {
    for apart in [-120, 120] {
        let facts = HostFacts { hardware_clock: Ok(now().plus(apart)), ..good() };
        assert_eq!(look(FindingId::Hst007, &facts, &asked()).verdict, Verdict::Ok);
    }
    let early = HostFacts { hardware_clock: Ok(now().plus(-121)), ..good() };
    assert_eq!(look(FindingId::Hst007, &early, &asked()).verdict, Verdict::Found);
    let same = Asked { newest_signature: Some(now()), ..asked() };
    assert_eq!(look(FindingId::Hst008, &good(), &same).verdict, Verdict::Ok);
}

#[test]
fn the_clock_is_held_against_the_latest_of_what_is_past() {
    let later = Some(now().plus(1));
    let cases = [
        (
            Asked { newest_signature: later, ..asked() },
            "the newest signature of the input was made",
        ),
        (Asked { last_record: later, ..asked() }, "the last record of the log was made"),
    ];
    for (asked, what) in cases {
        assert_eq!(asked.bound(&good()).what, what);
        let message = look(FindingId::Hst008, &good(), &asked).finding.unwrap().message;
        assert!(message.contains(what), "{message}");
    }
    let nothing = Asked { newest_signature: None, last_record: None, ..asked() };
    assert_eq!(nothing.bound(&good()).what, "this program was built");
}

#[test]
fn the_newest_signature_is_the_certificates_own() {
    let text = public(&certificate(
        &["Release TEST <release@example.org>"],
        &KeySpec::new("C", "2025-06-01", None),
        &[KeySpec::new("S", "2026-12-01", None)],
    ));
    let program = Program::new();
    let input = keyrite::app::Input::Path(program.file("a.pgp", text));
    let reading = keyrite::app::App::new(Variables::default()).read(&[input]);
    let read: Vec<_> = reading.inventory.entries().filter_map(|e| e.certificate.clone()).collect();
    assert_eq!(newest_signature(read.iter().map(|one| &**one)), Some(at("2026-12-01")));
    assert_eq!(newest_signature([]), None);
}

/// The holds of a machine that breaks all rules.
fn holds(profile: &str, environment: Environment, locality: Locality) -> Vec<(FindingId, Hold)> {
    let mut facts = good();
    for (_, spoil, ..) in BROKEN {
        spoil(&mut facts);
    }
    let policy = profiles::load(profile).unwrap();
    let probes = probe(&facts, &Asked { locality, ..asked() });
    let blocks = blocking(&policy, environment, locality, &probes);
    blocks.into_iter().map(|block| (block.probe.id, block.hold)).collect()
}

#[test]
fn the_policy_decides_what_stops_a_ceremony_and_some_always_does() {
    use FindingId as I;
    let clocks = [(I::Hst007, Hold::Exception), (I::Hst008, Hold::Refused)];
    for place in [Locality::Offline, Locality::Online] {
        for calm in [Environment::Rehearsal, Environment::Demo] {
            assert_eq!(holds("strict", calm, place), clocks, "{calm:?} {place:?}");
        }
    }
    let refused = |id| (id, Hold::Refused);
    let excepted = |id| (id, Hold::Exception);
    let own = [I::Hst003, I::Hst004, I::Hst005].map(excepted);
    let small = |place, environment| holds("small-team", environment, place);
    let production = [[I::Hst001, I::Hst002].map(refused).as_slice(), &own, &clocks].concat();
    assert_eq!(small(Locality::Offline, Environment::Production), production);
    let staging = [[I::Hst001, I::Hst002].map(excepted).as_slice(), &own, &clocks].concat();
    assert_eq!(small(Locality::Offline, Environment::Staging), staging);
    // Online there is a network.
    let online = [own.as_slice(), &clocks].concat();
    assert_eq!(small(Locality::Online, Environment::Production), online);
    let strict = holds("strict", Environment::Production, Locality::Offline);
    assert_eq!(strict.iter().map(|hold| hold.0).collect::<Vec<_>>(), FindingId::HOST);
}

#[test]
fn what_cannot_be_seen_stops_what_it_would_stop_but_a_missing_clock_by_policy_only() {
    let hidden = visible("hidden");
    let facts = HostFacts { links: Err(hidden.clone()), hardware_clock: Err(hidden), ..good() };
    let probes = probe(&facts, &asked());
    let holds = |profile: &str| {
        let policy = profiles::load(profile).unwrap();
        let blocks = blocking(&policy, Environment::Production, Locality::Offline, &probes);
        blocks.into_iter().map(|block| (block.probe.id, block.hold)).collect::<Vec<_>>()
    };
    let network = (FindingId::Hst001, Hold::Refused);
    assert_eq!(holds("small-team"), [network]);
    assert_eq!(holds("strict"), [network, (FindingId::Hst007, Hold::Exception)]);
}
