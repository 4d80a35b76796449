//! Runs that were given up: what they leave, and what the next run makes of it.

use std::fs;
use std::sync::{Arc, Mutex};

use keyrite::domain::finding::FindingId;
use keyrite::engine::catalog::find;
use keyrite::engine::definition::Ceremony;
use keyrite::engine::event::{Event, Remark, Weight};
use keyrite::engine::ports::{Hands, Record};
use keyrite::engine::runner::{Reply, Runner};
use sequoia_openpgp::Cert;
use sequoia_openpgp::parse::Parse as _;

use crate::support::faults::{Counts, Fault, FaultyHands};
use crate::support::pilot::{Stage, plainly, stopped, until};

const ISSUANCE: &str = "subkey-issuance";

fn begin(stage: &Stage) -> Runner {
    stage.begin(find(ISSUANCE).unwrap(), &plainly).unwrap()
}

fn give_up(runner: &mut Runner) {
    runner.reply(Reply::Abandon { reason: "TEST nobody wants it".into() }).unwrap();
}

/// An issuance that is given up right before that step; its subkey.
fn given_up(stage: &Stage, ceremony: &'static Ceremony, step: &str) -> String {
    let mut runner = stage.begin(ceremony, &plainly).unwrap();
    until(stage, &mut runner, step);
    give_up(&mut runner);
    runner.run().fact("issue.subkey", None).unwrap().text()
}

/// An issuance that renews the media before the workspace, as one of another
/// machine may have done.
fn media_first() -> &'static Ceremony {
    let ceremony = find(ISSUANCE).unwrap();
    let mut steps = ceremony.steps.to_vec();
    let (mut renewals, mut rest): (Vec<_>, Vec<_>) =
        steps.drain(..).partition(|step| step.id.starts_with("renew-"));
    let at = rest.iter().position(|step| step.id == "fingerprint").unwrap();
    renewals.extend(rest.split_off(at));
    rest.extend(renewals);
    Box::leak(Box::new(Ceremony { steps: rest.leak(), ..*ceremony }))
}

/// The subkeys of the certificate of the workspace.
fn subkeys(stage: &Stage) -> Vec<String> {
    let world = stage.app.world(&stage.folder).unwrap();
    world.certificates[0].certificate.subkeys.iter().map(|key| key.fingerprint.hex()).collect()
}

/// Those of the certificate on a medium.
fn subkeys_on(stage: &Stage, medium: &str) -> Vec<String> {
    let certificate = stage.certificate();
    let path = stage.medium(medium).join("keyrite").join(certificate).join("cert.asc");
    let bytes = fs::read(path).unwrap();
    let cert = Cert::from_bytes(&bytes).unwrap();
    cert.keys().subkeys().map(|key| key.key().fingerprint().to_hex()).collect()
}

/// It is explained by the run that was given up, and nobody is accused.
#[track_caller]
fn is_explained(remarks: &[Remark], subkey: &str) {
    let squeezed = |text: &str| text.replace(' ', "");
    assert!(!remarks.is_empty());
    for one in remarks {
        assert_eq!((one.id, one.weight), (FindingId::Cer005, Weight::Stops), "{one:?}");
        assert!(one.message.contains("given up"), "{one:?}");
        assert!(!one.remedy.contains("somebody else"), "{one:?}");
    }
    assert!(remarks.iter().any(|one| squeezed(&one.message).contains(subkey)), "{remarks:?}");
}

fn except(runner: &mut Runner) {
    let (text, by) = ("TEST its parcel is destroyed".into(), "witness".into());
    runner.reply(Reply::Exception { text, by }).unwrap();
}

#[test]
fn a_subkey_that_was_given_up_before_the_workspace_knew_it_is_nowhere() {
    let stage = Stage::new();
    stage.hold("root-generation");
    let void = given_up(&stage, find(ISSUANCE).unwrap(), "adopt");
    for medium in ["root-a", "root-b"] {
        assert!(!subkeys_on(&stage, medium).contains(&void), "{medium}");
    }
    // Nothing stops the next one, and the void subkey is not in what it makes.
    let mut runner = begin(&stage);
    stage.land(&mut runner).unwrap();
    let subkey = runner.run().fact("issue.subkey", None).unwrap().text();
    for there in [subkeys(&stage), subkeys_on(&stage, "root-a"), subkeys_on(&stage, "root-b")] {
        assert_eq!(there, std::slice::from_ref(&subkey));
    }
}

#[test]
fn a_subkey_that_the_workspace_knew_is_real_though_the_media_were_not_renewed() {
    let stage = Stage::new();
    stage.hold("root-generation");
    for step in ["renew-root", "renew-second"] {
        let real = given_up(&stage, find(ISSUANCE).unwrap(), step);
        assert!(subkeys(&stage).contains(&real));
    }
    let mut runner = begin(&stage);
    stage.land(&mut runner).unwrap();
    assert_eq!(subkeys(&stage).len(), 3);
    for medium in ["root-a", "root-b"] {
        assert_eq!(subkeys_on(&stage, medium).len(), 3, "{medium}");
    }
}

#[test]
fn a_void_subkey_on_a_medium_of_the_root_is_explained_and_left_out() {
    for (step, second) in [("renew-second", false), ("fingerprint", true)] {
        let stage = Stage::new();
        stage.hold("root-generation");
        let void = given_up(&stage, media_first(), step);
        assert_eq!(subkeys_on(&stage, "root-a"), std::slice::from_ref(&void));
        assert_eq!(subkeys_on(&stage, "root-b").len(), usize::from(second));
        let mut runner = begin(&stage);
        is_explained(&stopped(&stage, &mut runner), &void);
        except(&mut runner);
        stage.land(&mut runner).unwrap();
        let subkey = runner.run().fact("issue.subkey", None).unwrap().text();
        for there in [subkeys(&stage), subkeys_on(&stage, "root-a"), subkeys_on(&stage, "root-b")] {
            assert_eq!(there, std::slice::from_ref(&subkey));
        }
    }
}

#[test]
fn a_void_subkey_that_somebody_brought_into_the_workspace_is_explained() {
    // Whether or not the media have it, too.
    for (ceremony, step) in [(find(ISSUANCE).unwrap(), "adopt"), (media_first(), "fingerprint")] {
        brought_by_hand(ceremony, step);
    }
}

fn brought_by_hand(ceremony: &'static Ceremony, step: &str) {
    let stage = Stage::new();
    stage.hold("root-generation");
    let mut runner = stage.begin(ceremony, &plainly).unwrap();
    until(&stage, &mut runner, step);
    give_up(&mut runner);
    let fact = |name: &str| runner.run().fact(name, None).unwrap().text();
    let (void, digest) = (fact("issue.subkey"), fact("issue.certificate"));
    let run = stage.folder.join("runs").join(runner.journal().run());
    let artifact = run.join("artifacts").join(digest.trim_start_matches("sha256:"));
    fs::copy(artifact, stage.folder.join(format!("certs/{}.asc", stage.certificate()))).unwrap();
    drop(runner);
    let mut runner = begin(&stage);
    is_explained(&stopped(&stage, &mut runner), &void);
    // Whoever takes it on themselves has it in the certificate: it was published.
    except(&mut runner);
    stage.land(&mut runner).unwrap();
    assert_eq!(subkeys(&stage).len(), 2);
}

#[test]
fn a_run_that_is_not_finished_is_no_stranger_either() {
    let stage = Stage::new();
    stage.hold("root-generation");
    let mut first = begin(&stage);
    until(&stage, &mut first, "adopt");
    let id = first.journal().run().to_owned();
    drop(first);
    let mut second = begin(&stage);
    stage.land(&mut second).unwrap();
    drop(second);
    assert_eq!(subkeys(&stage).len(), 1);
    // Both go on to their ends.
    let mut first = stage.resume(find(ISSUANCE).unwrap(), &id, &plainly).unwrap();
    stage.land(&mut first).unwrap();
    drop(first);
    assert_eq!(subkeys(&stage).len(), 2);
    let mut third = begin(&stage);
    stage.land(&mut third).unwrap();
}

/// Hands that lose their answer once, at the first effect of that kind.
fn in_doubt(stage: &Stage, ceremony: &str, step: &str, was_done: bool) -> Runner {
    let ceremony = find(ceremony).unwrap();
    let mut runner = stage.begin(ceremony, &plainly).unwrap();
    until(stage, &mut runner, step);
    let id = runner.journal().run().to_owned();
    drop(runner);
    let fault = if was_done { Fault::UnknownDone(1) } else { Fault::UnknownNotDone(1) };
    // What was unknown at first can be found out.
    let counts = Arc::new(Mutex::new(Counts::default()));
    counts.lock().unwrap().told_unknown = true;
    let wrap = |record: Box<dyn Record>, hands: Box<dyn Hands>| {
        let hands: Box<dyn Hands> =
            Box::new(FaultyHands { inner: hands, fault, counts: counts.clone() });
        (record, hands)
    };
    let mut runner = stage.resume(ceremony, &id, &wrap).unwrap();
    while runner.run().pending().is_none() {
        stage.fly(&mut runner).unwrap();
    }
    runner
}

#[test]
fn whoever_gives_up_first_finds_out_what_became_of_the_last_effect() {
    for (step, was_done) in
        [("issue", true), ("issue", false), ("adopt", true), ("adopt", false), ("renew-root", true)]
    {
        let stage = Stage::new();
        stage.hold("root-generation");
        let mut runner = in_doubt(&stage, ISSUANCE, step, was_done);
        give_up(&mut runner);
        let entries = runner.journal().entries();
        let [.., settled, last] = entries else { panic!() };
        assert!(matches!(last.event, Event::Abandoned { .. }));
        let is_done = matches!(settled.event, Event::Completed { recovered: true, .. });
        let is_not = matches!(settled.event, Event::Failed { .. });
        assert_eq!((is_done, is_not), (was_done, !was_done), "{step}: {:?}", settled.event);
        let is_real = step == "renew-root" || (step == "adopt" && was_done);
        assert_eq!(subkeys(&stage).len(), usize::from(is_real), "{step}");
        drop(runner);
        stage.land(&mut begin(&stage)).unwrap();
        assert_eq!(subkeys(&stage).len(), 1 + usize::from(is_real), "{step}");
    }
}

#[test]
fn giving_up_says_what_is_void_and_what_is_not() {
    let words = find(ISSUANCE).unwrap().given_up;
    for part in ["void", "destroy the parcel", "revocation certificate", "subkey-revocation"] {
        assert!(words.contains(part), "{words}");
    }
}
