//! Certificates in arbitrary bytes: no panic, no hang, and whatever is found
//! can be judged at any instant.

#![no_main]

use keyrite::adapters::openpgp::{Secrets, What, carve, inspect, list, part, read};
use keyrite::domain::assessment::Assessment;
use keyrite::domain::cutoff::Cutoffs;
use keyrite::domain::timestamp::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for found in carve(data) {
        let What::Certificate(bytes) = found.what else { continue };
        let parted = part(&bytes);
        let public = &parted.public;
        let Ok(listing) = list(public) else { continue };
        let _ = inspect(&[public], &|_| Vec::new());
        let Ok(certificate) = read(&[public], &Secrets::new()) else { continue };
        assert_eq!(certificate.fingerprint(), listing.fingerprint);
        let now = Timestamp::from_unix(1_795_000_000);
        let assessment = Assessment::of(certificate.into(), now, Cutoffs::as_of(now));
        let _ = (assessment.outlook_words(), assessment.consequence(), assessment.standing());
        for (_, verdict) in assessment.keys() {
            let valid = verdict.state == keyrite::domain::validity::State::Valid;
            assert_eq!(valid, verdict.reasons.is_empty());
        }
    }
});
