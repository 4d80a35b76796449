//! Damaged keyrings: nothing panics, hangs or hides what is not damaged.

use keyrite::adapters::openpgp::{Secrets, What, carve, list, read};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// The Debian archive keyring: nine release keys in real life.
fn keyring() -> Vec<u8> {
    std::fs::read("/usr/share/keyrings/debian-archive-keyring.gpg").unwrap()
}

/// The fingerprints of the certificates that are found and readable.
fn readable(data: &[u8]) -> Vec<String> {
    carve(data)
        .into_iter()
        .filter_map(|found| match found.what {
            What::Certificate(bytes) => {
                let listing = list(&bytes).ok()?;
                read(&[&bytes], &Secrets::new()).ok()?;
                Some(listing.fingerprint.hex())
            }
            What::Signature(_) | What::Rejected(_) => None,
        })
        .collect()
}

fn rejected(data: &[u8]) -> usize {
    carve(data).iter().filter(|found| matches!(found.what, What::Rejected(_))).count()
}

/// Where each certificate of the undamaged keyring starts.
fn starts(data: &[u8]) -> Vec<usize> {
    carve(data).into_iter().map(|found| found.offset).collect()
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases: cases * std::env::var("KEYRITE_CASES").map_or(1, |n| n.parse().unwrap()),
        failure_persistence: None,
        ..Config::default()
    })
}

#[test]
fn one_flipped_bit_costs_at_most_the_certificate_it_is_in() {
    let data = keyring();
    let all = readable(&data);
    let starts = starts(&data);
    runner(300)
        .run(&(0..data.len(), 0u8..8), |(at, bit)| {
            let mut damaged = data.clone();
            damaged[at] ^= 1 << bit;
            let found = readable(&damaged);
            let hit = starts.iter().rposition(|start| *start <= at).unwrap();
            // A damaged first byte can glue a certificate to the one before.
            for (index, fingerprint) in all.iter().enumerate() {
                let near = index == hit || (starts[hit] + 3 >= at && index + 1 == hit);
                prop_assert!(near || found.contains(fingerprint), "byte {at}, bit {bit}: {index}");
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_keyring_cut_anywhere_keeps_what_is_whole_and_tells_the_rest() {
    let data = keyring();
    let all = readable(&data);
    let starts = starts(&data);
    runner(200)
        .run(&(1..data.len()), |at| {
            let cut = &data[..at];
            let whole =
                starts.iter().skip(1).chain([&data.len()]).filter(|end| **end <= at).count();
            let found = readable(cut);
            prop_assert!(found.len() >= whole, "cut at {at}");
            prop_assert_eq!(&found[..whole], &all[..whole]);
            // Cut between two packets, the rest looks like a smaller
            // certificate; anywhere else it is told.
            prop_assert!(carve(cut).len() > whole || starts.contains(&at));
            Ok(())
        })
        .unwrap();
}

#[test]
fn garbage_between_certificates_is_told_and_hides_nothing() {
    let data = keyring();
    let all = readable(&data);
    let starts = starts(&data);
    let strategy =
        (1..starts.len(), proptest::collection::vec(any::<u8>(), 16..400), any::<bool>());
    runner(200)
        .run(&strategy, |(place, garbage, text)| {
            let garbage: Vec<u8> = if text {
                garbage.iter().map(|byte| b'a' + byte % 26).collect()
            } else {
                [&[0u8][..], &garbage].concat()
            };
            let at = starts[place];
            let mixed = [&data[..at], &garbage, &data[at..]].concat();
            let found = readable(&mixed);
            // Binary garbage could be the rest of the certificate before it.
            for (index, fingerprint) in all.iter().enumerate() {
                prop_assert!(index + 1 == place || found.contains(fingerprint), "{place} {index}");
            }
            if text {
                prop_assert_eq!(found, all.clone());
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn arbitrary_bytes_never_panic() {
    runner(2_000)
        .run(&proptest::collection::vec(any::<u8>(), 0..300), |bytes| {
            let _ = readable(&bytes);
            Ok(())
        })
        .unwrap();
}

#[test]
fn packets_with_arbitrary_bodies_never_panic() {
    let packet = (
        prop_oneof![Just(6u8), Just(14), Just(13), Just(2), Just(17), Just(5), 0u8..64],
        proptest::collection::vec(any::<u8>(), 0..120),
    );
    runner(2_000)
        .run(&proptest::collection::vec(packet, 1..6), |packets| {
            let mut bytes = Vec::new();
            for (tag, mut body) in packets {
                if matches!(tag, 5 | 6 | 14) && body.len() > 6 {
                    body[0] = 4;
                    body[5] = [1, 17, 22, 19, 27][usize::from(body[5]) % 5];
                }
                bytes.extend([0xc0 | tag, u8::try_from(body.len()).unwrap()]);
                bytes.extend(body);
            }
            let _ = readable(&bytes);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_damaged_line_of_armor_costs_at_most_two_certificates() {
    use sequoia_openpgp::armor;
    let data = keyring();
    let all = readable(&data);
    let mut writer = armor::Writer::new(Vec::new(), armor::Kind::PublicKey).unwrap();
    std::io::Write::write_all(&mut writer, &data).unwrap();
    let text = String::from_utf8(writer.finalize().unwrap()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    runner(60)
        .run(&(3..lines.len() - 3), |damaged| {
            let mut lines = lines.clone();
            lines[damaged] = "**** this line was damaged by a mail program ****";
            let text = lines.join("\n") + "\n";
            let found = readable(text.as_bytes());
            prop_assert!(
                found.len() + 2 >= all.len(),
                "line {damaged}: {} of {}",
                found.len(),
                all.len()
            );
            prop_assert!(rejected(text.as_bytes()) >= 1);
            Ok(())
        })
        .unwrap();
}
