//! What stands on a parcel, and which parcel is opened.

use std::fs;

use keyrite::domain::finding::FindingId;
use keyrite::engine::event::Weight;
use keyrite::engine::runner::Reply;

use crate::custody_slots::{begin, digests, forge, is, issued};
use crate::support::pilot::{stopped, until};

#[test]
fn cus_012_a_parcel_is_for_the_consumer_that_the_record_knows() {
    let stage = issued();
    let folder = stage.medium("parcel").join(format!("keyrite/parcel-{}", stage.subkey()));
    let card = folder.join("parcel.json");
    let text = fs::read_to_string(&card).unwrap();
    assert!(text.contains("ci-test"), "{text}");
    fs::write(&card, text.replace("ci-test", "ci-other")).unwrap();
    digests(&folder, "parcel.json");
    let mut runner = begin(&stage, "custody-upload");
    let remarks = stopped(&stage, &mut runner);
    is(&remarks, FindingId::Cus012, Weight::Forbids);
    assert!(remarks[0].message.contains("is for 'ci-other', and it is for 'ci-test'"));
    fs::write(&card, text).unwrap();
    digests(&folder, "parcel.json");
    runner.reply(Reply::Go).unwrap();
    stage.land(&mut runner).unwrap();
}

#[test]
fn cus_012_only_the_parcel_that_was_looked_at_is_opened() {
    let stage = issued();
    for step in ["open", "put@slot-passphrase", "prove@slot-key"] {
        let twin = stage.twin();
        let mut runner = begin(&twin, "custody-upload");
        until(&twin, &mut runner, step);
        // The same secrets, sealed anew: another file.
        forge(&twin, "pass", &<[u8]>::to_vec);
        is(&stopped(&twin, &mut runner), FindingId::Cus012, Weight::Forbids);
    }
}
