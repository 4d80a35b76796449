//! Copies of a certificate are joined by their packets: in whatever order,
//! with the same bytes, and without a loss.

use std::collections::BTreeSet;
use std::io::Read as _;

use keyrite::adapters::openpgp::{self, PacketSet};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sequoia_openpgp::armor;
use sequoia_openpgp::cert::raw::RawCert;
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::serialize::SerializeInto as _;

use crate::support::corpus::debian_keyrings;
use crate::support::forge::{KeySpec, certificate, certify};
use crate::support::gpg::Gpg;

/// A packet: its type and its body.
type Raw = (u8, Vec<u8>);

fn packets(bytes: &[u8]) -> Vec<Raw> {
    let raw = RawCert::from_bytes(bytes).unwrap();
    raw.packets().map(|packet| (packet.tag().into(), packet.body().to_vec())).collect()
}

/// A certificate with something of everything, by components: the primary
/// key, user IDs, subkeys, each with its signatures.
fn components() -> Vec<Vec<Raw>> {
    let cert = certificate(
        &["One TEST <1@example.org>", "Two TEST <2@example.org>", "Three TEST"],
        &KeySpec::new("C", "2025-01-01", Some("2030-01-01")),
        &[
            KeySpec::new("S", "2025-02-01", Some("2026-01-01")),
            KeySpec::new("S", "2025-03-01", Some("2027-01-01")).revoked(
                sequoia_openpgp::types::ReasonForRevocation::KeyRetired,
                "2026-02-01",
                "TEST",
            ),
            KeySpec::new("E", "2025-04-01", None),
        ],
    );
    let other = KeySpec::new("C", "2025-01-01", None);
    let certifier = certificate(&["Certifier TEST"], &other, &[]);
    let cert = certify(&certifier, &certify(&certifier, &cert, "2025-06-01"), "2025-07-01");
    let mut components: Vec<Vec<Raw>> = Vec::new();
    for packet in packets(&cert.strip_secret_key_material().to_vec().unwrap()) {
        if packet.0 == 2 {
            components.last_mut().unwrap().push(packet);
        } else {
            components.push(vec![packet]);
        }
    }
    // A signature whose subpackets make no sense, so that the library leaves
    // it out without a word: it could revoke the key.
    let body = vec![4, 0x20, 22, 10, 0, 2, 5, 2, 0, 0, 0xab, 0xcd, 0, 1, 1, 0, 1, 1];
    components[0].push((2, body));
    let whole = encoded(&components.concat(), false);
    let kept = packets(&sequoia_openpgp::Cert::from_bytes(&whole).unwrap().to_vec().unwrap());
    assert_eq!(kept.len() + 1, components.concat().len());
    components
}

/// Which parts of it a copy has, and how it spells them.
#[derive(Clone, Copy, Debug)]
struct Copy {
    components: u32,
    signatures: u64,
    backwards: bool,
    legacy: bool,
}

fn any_copy() -> impl Strategy<Value = Copy> {
    (any::<u32>(), any::<u64>(), any::<bool>(), any::<bool>()).prop_map(
        |(components, signatures, backwards, legacy)| Copy {
            components,
            signatures,
            backwards,
            legacy,
        },
    )
}

/// The packets of the copy.
fn chosen(all: &[Vec<Raw>], copy: Copy) -> Vec<Raw> {
    let mut signature = 0;
    let mut parts: Vec<Vec<Raw>> = Vec::new();
    for (index, component) in all.iter().enumerate() {
        let mut part = vec![component[0].clone()];
        for packet in &component[1..] {
            if copy.signatures >> signature & 1 == 1 {
                part.push(packet.clone());
            }
            signature += 1;
        }
        if index == 0 || copy.components >> index & 1 == 1 {
            parts.push(part);
        }
    }
    if copy.backwards {
        parts[1..].reverse();
    }
    parts.concat()
}

/// These packets with headers of one of the two formats (RFC 9580, 4.2).
fn encoded(packets: &[Raw], legacy: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (tag, body) in packets {
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        bytes.extend(if legacy { [0x82 | tag << 2].to_vec() } else { vec![0xc0 | tag, 255] });
        bytes.extend(length);
        bytes.extend(body);
    }
    bytes
}

/// What is in the armor.
fn decoded(armored: &str) -> Vec<u8> {
    let mut reader = armor::Reader::from_bytes(armored.as_bytes(), armor::ReaderMode::VeryTolerant);
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).unwrap();
    bytes
}

const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

#[test]
fn three_copies_in_every_order_are_the_same_bytes_and_nothing_is_lost() {
    let all = components();
    let mut runner = TestRunner::new(Config {
        cases: 100 * std::env::var("KEYRITE_CASES").map_or(1, |n| n.parse().unwrap()),
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&[any_copy(), any_copy(), any_copy()], |copies| {
            let bytes = copies.map(|copy| encoded(&chosen(&all, copy), copy.legacy));
            let sets = bytes.each_ref().map(|bytes| PacketSet::read(bytes).unwrap());
            let in_order = |[one, two, three]: [usize; 3]| {
                let set = |index: usize| sets[index].clone();
                set(one).union(set(two)).union(set(three)).armored().unwrap()
            };
            let joined = in_order([0, 1, 2]);
            for order in ORDERS {
                prop_assert_eq!(&in_order(order), &joined);
                let [first, second, third] = order.map(|index| sets[index].clone());
                prop_assert_eq!(&first.union(second.union(third)).armored().unwrap(), &joined);
            }
            // What is joined is read again as it was written.
            let again = PacketSet::read(joined.as_bytes()).unwrap();
            prop_assert_eq!(&again.armored().unwrap(), &joined);
            prop_assert_eq!(&again.clone().union(again.clone()).armored().unwrap(), &joined);
            prop_assert_eq!(&again.union(sets[1].clone()).armored().unwrap(), &joined);
            // Each packet of each copy is there, and no other one.
            let known: BTreeSet<Raw> = copies.into_iter().flat_map(|c| chosen(&all, c)).collect();
            let written = packets(&decoded(&joined));
            prop_assert_eq!(written.len(), known.len(), "each once");
            prop_assert_eq!(written.into_iter().collect::<BTreeSet<_>>(), known);
            Ok(())
        })
        .unwrap();
}

/// The certificates of a keyring, as their bytes are.
fn certificates(path: &std::path::Path) -> Vec<Vec<u8>> {
    let keyring = std::fs::read(path).unwrap();
    let parser = sequoia_openpgp::cert::raw::RawCertParser::from_bytes(&keyring).unwrap();
    parser.filter_map(Result::ok).map(|raw| raw.as_bytes().to_vec()).collect()
}

#[test]
fn real_certificates_say_the_same_after_they_were_joined() {
    let secrets = openpgp::Secrets::default();
    let gpg = Gpg::new();
    let mut count = 0;
    for path in debian_keyrings() {
        // Of the largest one, a part is as good as the whole.
        let every = if path.ends_with("debian-keyring.gpg") { 40 } else { 1 };
        let mut joined = String::new();
        let mut plain = Vec::new();
        for bytes in certificates(&path).iter().step_by(every) {
            let before = openpgp::read(&[bytes], &secrets);
            let Ok(set) = PacketSet::read(bytes) else {
                assert!(before.is_err(), "{}", path.display());
                continue;
            };
            let armored = set.clone().union(set).armored().unwrap();
            let again = PacketSet::read(armored.as_bytes()).unwrap();
            assert_eq!(again.armored().unwrap(), armored);
            let binary = decoded(&armored);
            let after = openpgp::read(&[binary], &secrets).unwrap();
            assert_eq!(format!("{after:?}"), format!("{:?}", before.unwrap()));
            joined.push_str(&armored);
            plain.extend_from_slice(bytes);
            count += 1;
        }
        let told = |name: &str, bytes: &[u8]| {
            let file = gpg.home().join(name);
            std::fs::write(&file, bytes).unwrap();
            let arguments = ["--show-keys", "--with-colons", file.to_str().unwrap()];
            let mut lines = gpg.lines(&arguments);
            lines.sort();
            lines
        };
        let (before, after) = (told("plain", &plain), told("joined", joined.as_bytes()));
        assert_eq!(before, after, "{}", path.display());
    }
    assert!(count > 300, "{count}");
}
