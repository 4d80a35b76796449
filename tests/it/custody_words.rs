//! What the ceremonies of custody say: of what was written, of what was looked
//! at, and of the time that a subkey has been published.

use keyrite::domain::finding::FindingId;
use keyrite::engine::catalog::find;
use keyrite::engine::event::{Event, Weight};
use keyrite::engine::runner::Runner;

use crate::support::pilot::{Stage, plainly, until};

fn begin(stage: &Stage, id: &str) -> Runner {
    stage.begin(find(id).unwrap(), &plainly).unwrap()
}

fn issued() -> Stage {
    let stage = Stage::new();
    stage.hold("root-generation");
    stage.hold("subkey-issuance");
    stage
}

#[test]
fn giving_up_says_pending_only_where_something_was_written() {
    let stage = issued();
    let mut runner = begin(&stage, "custody-upload");
    until(&stage, &mut runner, "look@slot-passphrase");
    // What only a program compares is not shown to people.
    let results = runner.view(None).results.join("\n");
    assert!(results.contains("there: nothing") && !results.contains("guard"), "{results}");
    until(&stage, &mut runner, "put@slot-key");
    assert!(!runner.run().given_up().contains("pending"), "{}", runner.run().given_up());
    assert!(runner.run().plan().iter().all(|one| one.reversible), "custody-retire takes it away");
    stage.fly(&mut runner).unwrap();
    assert!(runner.run().given_up().contains("is pending"), "{}", runner.run().given_up());
}

#[test]
fn exp_004_too_short_a_time_in_public_is_on_record() {
    let mut stage = issued();
    stage.hold("custody-upload");
    stage.otherwise.insert("published.since", "no".to_owned());
    let mut runner = begin(&stage, "custody-promote");
    until(&stage, &mut runner, "look@slot-key");
    let mut told = runner.journal().entries().iter().filter_map(|entry| match &entry.event {
        Event::Observed { at, remarks } if at.step() == "lead" => Some(remarks),
        _ => None,
    });
    // In a rehearsal it stops nothing: its keys are of today.
    let told = told.next().unwrap();
    let [remark] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((remark.id, remark.weight), (FindingId::Exp004, Weight::Told));
    assert!(runner.run().fact("lead.proof", None).unwrap().text().contains("not published"));
}
