//! What is seen of a machine, by its files and by the real binary.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use keyrite::adapters::environment::Environment as Variables;
use keyrite::adapters::host;
use keyrite::domain::finding::FindingId;
use keyrite::domain::host::HostFacts;
use keyrite::domain::text::VisibleText;
use keyrite::domain::timestamp::Timestamp;
use sequoia_openpgp::serialize::SerializeInto as _;

use crate::support::forge::{KeySpec, certificate};
use crate::support::program::Program;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn words(seen: &[VisibleText]) -> Vec<&str> {
    seen.iter().map(VisibleText::as_str).collect()
}

/// A machine as files.
struct Machine(tempfile::TempDir);

impl Machine {
    /// One without a network, with one interface for each of `links`: its
    /// name, flags and state.
    fn new(links: &[(&str, &str, &str)]) -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        machine.file("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n");
        machine.file("proc/net/route", "Iface\tDestination\tGateway\tFlags\n");
        machine.file("proc/sys/kernel/core_pattern", "core\n");
        machine.file("proc/self/stat", "12 (keyrite) S 11 12 12 0 -1");
        machine.file("sys/class/net/bonding_masters", "\n");
        for (name, flags, state) in links {
            machine.file(&format!("sys/class/net/{name}/address"), "02:00:00:00:00:01\n");
            machine.file(&format!("sys/class/net/{name}/flags"), &format!("{flags}\n"));
            machine.file(&format!("sys/class/net/{name}/operstate"), &format!("{state}\n"));
        }
        machine
    }

    fn file(&self, path: &str, content: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn observe(&self) -> HostFacts {
        host::observe(self.0.path(), &Variables::default())
    }
}

#[test]
fn an_interface_is_up_where_it_is_switched_on_and_not_known_to_be_cut_off() {
    let machine = Machine::new(&[
        ("lo", "0x9", "unknown"),
        ("eth0", "0x1003", "up"),
        ("eth1", "0x1003", "down"),
        ("eth2", "0x1002", "down"),
        ("tun0", "0x10d1", "unknown"),
        ("wlan0", "0x1003", "dormant"),
        ("odd0", "what", "down"),
    ]);
    let links = machine.observe().links.unwrap();
    assert_eq!(words(&links), ["eth0", "odd0", "tun0", "wlan0"]);
    let machine = Machine::new(&[("lo", "0x9", "unknown")]);
    assert_eq!(machine.observe().links.unwrap(), []);
}

#[test]
fn default_routes_are_those_that_are_used_and_lead_somewhere() {
    let machine = Machine::new(&[]);
    let head =
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
    let line = |interface: &str, to: &str, flags: &str, mask: &str| {
        format!("{interface}\t{to}\t010200C0\t{flags}\t0\t0\t0\t{mask}\t0\t0\t0\n")
    };
    let table = [
        head.to_owned(),
        line("eth0", "00000000", "0003", "00000000"),
        line("eth0", "000200C0", "0001", "00FFFFFF"),
        line("dead0", "00000000", "0200", "00000000"),
    ];
    machine.file("proc/net/route", &table.concat());
    let zero = "0".repeat(32);
    let six = |length: &str, flags: &str, interface: &str| {
        format!("{zero} {length} {zero} 00 {zero} 00000400 00000001 00000000 {flags} {interface}\n")
    };
    let table = [
        six("00", "00000003", "wlan0"),
        six("00", "00200200", "lo"),
        six("40", "00000001", "eth1"),
    ];
    machine.file("proc/net/ipv6_route", &table.concat());
    let routes = machine.observe().routes.unwrap();
    assert_eq!(words(&routes), ["eth0 (IPv4)", "wlan0 (IPv6)"]);
    assert_eq!(Machine::new(&[]).observe().routes.unwrap(), []);
}

#[test]
fn swap_core_pattern_and_the_hardware_clock_are_read() {
    let machine = Machine::new(&[]);
    let facts = machine.observe();
    assert_eq!(facts.swaps.unwrap(), []);
    assert!(facts.hardware_clock.unwrap_err().as_str().contains("rtc0/since_epoch"));
    machine.file(
        "proc/swaps",
        "Filename\tType\tSize\tUsed\tPriority\n/dev/sda2  partition\t1\t0\t-2\n/swapfile file 1 0 -3\n",
    );
    machine.file("proc/sys/kernel/core_pattern", "|/usr/lib/systemd/systemd-coredump %P\n");
    machine.file("sys/class/rtc/rtc0/since_epoch", "1799582400\n");
    let facts = machine.observe();
    assert_eq!(words(&facts.swaps.unwrap()), ["/dev/sda2", "/swapfile"]);
    assert_eq!(facts.core_pattern.unwrap().as_str(), "|/usr/lib/systemd/systemd-coredump %P");
    assert_eq!(facts.hardware_clock, Ok(at("2027-01-10T12:00:00Z")));
    machine.file("sys/class/rtc/rtc0/since_epoch", "soon\n");
    assert!(machine.observe().hardware_clock.is_err());
}

#[test]
fn a_machine_that_tells_nothing_is_unknown_and_not_well() {
    let machine = Machine(tempfile::tempdir().unwrap());
    let facts = machine.observe();
    let seen = [facts.links.is_err(), facts.routes.is_err(), facts.swaps.is_err()];
    assert_eq!(seen, [true; 3]);
    assert!(facts.core_pattern.is_err() && facts.watchers.is_err());
}

#[test]
fn a_recorder_among_the_parents_is_found_whatever_it_is_called_with() {
    let machine = Machine::new(&[]);
    machine.file("proc/11/stat", "11 (bash) S 10 11 11 0 -1");
    machine.file("proc/10/stat", "10 (tmux: server) S 9 11 11 0 -1");
    machine.file("proc/9/stat", "9 (a) S 1 (b) S 8 9 9 0 -1");
    machine.file("proc/8/stat", "8 (script) S 1 9 9 0 -1");
    assert_eq!(words(&machine.observe().watchers.unwrap()), ["script", "tmux"]);
    let shared = Variables { multiplexer: Some("screen"), ..Variables::default() };
    let facts = host::observe(Machine::new(&[]).0.path(), &shared);
    assert_eq!(words(&facts.watchers.unwrap()), ["screen"]);
    // Their parents may be in a circle by the time they are read.
    let machine = Machine::new(&[]);
    machine.file("proc/11/stat", "11 (bash) S 11 11 11 0 -1");
    assert_eq!(machine.observe().watchers.unwrap(), []);
}

#[test]
fn a_folder_is_in_memory_where_the_system_says_so() {
    let kind = |folder: &Path| {
        let output = Command::new("stat").args(["-f", "-c", "%T"]).arg(folder).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let disk = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut kinds = Vec::new();
    for folder in [disk.path(), Path::new("/dev/shm"), Path::new("/proc")] {
        let variables = Variables { runtime: Some(folder.to_owned()), ..Variables::default() };
        let first = host::memory_folder(Path::new("/"), &variables);
        let is_in_memory = ["tmpfs", "ramfs"].contains(&kind(folder).as_str());
        assert_eq!(first.as_deref() == Some(folder), is_in_memory, "{}", folder.display());
        kinds.push(is_in_memory);
    }
    assert_eq!(kinds, [false, true, false], "this machine has no case of both");
    // Below another root the folders are that machine's.
    let machine = Machine::new(&[]);
    assert_eq!(host::memory_folder(machine.0.path(), &Variables::default()), None::<PathBuf>);
}

#[test]
fn a_certificate_from_the_future_stops_the_preflight_of_its_workspace() {
    let program = Program::new();
    let cert = certificate(
        &["Release TEST <release@example.org>"],
        &KeySpec::new("CS", "2090-01-01", None),
        &[],
    );
    let bytes = cert.clone().strip_secret_key_material().to_vec().unwrap();
    let text = "schema = 1\nname = \"TEST\"\nenvironment = \"rehearsal\"\nprofile = \"strict\"\n";
    program.file("keyrite.toml", text);
    let report = |blocked: &[&str]| {
        let outcome = program.run(&["preflight", "--online", "--json"]);
        let document = outcome.json();
        assert_eq!(document["schema"], "keyrite.preflight/1");
        assert_eq!(document["environment"], "rehearsal");
        assert_eq!(document["locality"], "online");
        let probes = document["probes"].as_array().unwrap().clone();
        assert_eq!(probes.len(), FindingId::HOST.len());
        let refused = probes.iter().filter(|probe| probe["blocks"] == "refused");
        let ids: Vec<_> = refused.map(|probe| probe["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ids, blocked);
        (outcome.code, document)
    };
    let (_, before) = report(&[]);
    assert_eq!(before["not_before"]["because"], "this program was built");
    program.file(&format!("certs/{}.asc", cert.fingerprint().to_hex()), bytes);
    let (code, after) = report(&["HST-008"]);
    assert_eq!(code, Some(8));
    assert_eq!(after["not_before"]["at"], "2090-01-01T00:00:00Z");
    let text = program.run(&["preflight"]).out;
    assert!(text.contains("[!!] clock is slow\n  error: HST-008 "), "{text}");
    assert!(text.contains("it stops: a ceremony, without exception"), "{text}");
}

#[test]
fn a_workspace_may_change_what_stops_its_ceremonies() {
    let file = |blocks: &str| {
        format!(
            "schema = 1\nname = \"TEST\"\nenvironment = \"production\"\nprofile = \"strict\"\n\
             [policy.host]\nblocks = {blocks}\n"
        )
    };
    let program = Program::new();
    program.file("keyrite.toml", file("[]"));
    let outcome = program.run(&["preflight", "--online", "--json"]);
    let document = outcome.json();
    let probes = document["probes"].as_array().unwrap();
    // The clocks of the machine that runs this test are right.
    assert!(probes.iter().all(|probe| probe["blocks"].is_null()), "{document}");
    assert_eq!(outcome.code, Some(0));
    program.file("keyrite.toml", file("[\"ALG-001\"]"));
    let refused = program.run(&["preflight"]);
    assert_eq!(refused.code, Some(2));
    let words = "'ALG-001' is no finding on the machine; there are HST-001, HST-002";
    assert!(refused.err.contains(words), "{refused:?}");
    let both = program.run(&["preflight", "--offline", "--online"]);
    assert_eq!(both.code, Some(2));
}
