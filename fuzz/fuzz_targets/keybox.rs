//! Keyboxes in arbitrary bytes: no panic, no hang, all parts inside the data.

#![no_main]

use keyrite::adapters::keybox::{Part, is_keybox, parts};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = is_keybox(data);
    for part in parts(data) {
        match part {
            Part::Certificate(range) => assert!(data.get(range).is_some()),
            Part::Damaged { at, .. } => assert!(at < data.len()),
            Part::X509 => {}
        }
    }
});
