//! Whoever waits is told that a place is asked once more, and why.

use std::fs;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use keyrite::adapters::slots::{self, Access};
use keyrite::app::conduct::{RunReport, Wanted};
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::workspace::SlotKind;
use keyrite::engine::notice::Notices;
use keyrite::engine::runner::Reply;

use crate::slot_directory::declared;
use crate::slot_faults::config;
use crate::slot_github::{REPOSITORY, access, slot};
use crate::slot_kubernetes::{House, NAME, access as in_cluster};
use crate::support::cluster::UID;
use crate::support::github::{Fault, Github};
use crate::support::hall::Hall;
use crate::support::moto::{ACCOUNT, Moto, REGION};
use crate::support::pilot::{Stage, plainly, until};
use crate::support::proxy::{Mishap, Proxy};

type Told = Arc<Mutex<Vec<String>>>;

fn listener() -> (Told, Notices) {
    let told = Told::default();
    let kept = told.clone();
    (told, Notices::to(move |text| kept.lock().unwrap().push(text.into_string())))
}

#[test]
fn what_aws_says_is_told_with_the_number_of_the_attempt() {
    let moto = Moto::start();
    for (mishap, times, words) in [
        (Mishap::Throttled, 2, "ThrottlingException"),
        (Mishap::Broken, 2, "InternalServiceError"),
        (Mishap::Reset, 2, "the connection was lost"),
        (Mishap::Throttled, 99, "ThrottlingException"),
        (Mishap::Expired, 99, ""),
    ] {
        let proxy = Proxy::before(&moto.url, "DescribeSecret", mishap, times);
        let (told, notices) = listener();
        let access = Access { aws: Some(config(&proxy)), notices, ..Access::default() };
        let place = format!("aws:{ACCOUNT}/{REGION}/key");
        let slot = declared(SlotKind::AwsSecretsManager, &place);
        let slot = slots::open(&slot, &access, Timestamp::from_unix(1)).unwrap();
        let seen = slot.observe();
        assert_eq!(seen.is_ok(), times == 2, "{mishap:?}: {seen:?}");
        let told = told.lock().unwrap();
        let again = if mishap == Mishap::Expired { 0 } else { times.min(3) };
        assert_eq!(told.len(), again, "{mishap:?}: {told:?}");
        for (index, line) in told.iter().enumerate() {
            let begin =
                format!("{place}: asked again for DescribeSecret ({} of 4), it said: ", index + 2);
            assert!(line.starts_with(&begin) && line.contains(words), "{line}");
            assert!(line.ends_with("; next in a moment"), "{line}");
        }
    }
}

#[test]
fn what_github_says_is_told_with_the_wait() {
    let github = Github::start();
    github.with(|state| state.faults = vec![("GET", "halyard", Fault::Status(429, Some(0)), 2)]);
    let (told, notices) = listener();
    let access = Access { notices, ..access(1000, 1000) };
    let slot = slot(&github, REPOSITORY, &[]);
    slots::open(&slot, &access, Timestamp::from_unix(1)).unwrap().observe().unwrap();
    let told = told.lock().unwrap();
    let line = |attempt| {
        let what = "/repos/halyard/halyard";
        format!(
            "{REPOSITORY}: asked again for {what} ({attempt} of 4), it said: 429 TEST; next in 0.0 s"
        )
    };
    assert_eq!(*told, [line(2), line(3)]);
}

#[test]
fn what_a_cluster_says_is_told_with_the_wait() {
    let house = House::new();
    let faults = vec![("GET", "secrets", Fault::Status(503, None), 2)];
    house.cluster.with(|state| state.faults = faults);
    let (told, notices) = listener();
    let access = Access { notices, ..in_cluster(&house.cluster, house.folder.path(), 1000) };
    let place = format!("{UID}/pipeline/{NAME}");
    let slot = crate::slot_kubernetes::slot(&place, &[("ca", &house.cluster.ca())]);
    slots::open(&slot, &access, Timestamp::from_unix(1)).unwrap().observe().unwrap();
    let told = told.lock().unwrap();
    let line = |attempt| {
        let what = "its Secrets";
        format!(
            "{place}: asked again for {what} ({attempt} of 4), it said: 503 TEST; next in 0.0 s"
        )
    };
    assert_eq!(*told, [line(2), line(3)]);
}

/// The slots of a folder's workspace are one in AWS.
fn in_aws(file: &std::path::Path) {
    let text = fs::read_to_string(file).unwrap();
    let (before, _) = text.split_once("\n[[slots]]\nid = \"slot-key\"").unwrap();
    let slots = crate::custody_story::block("secrets-manager.md", "toml");
    fs::write(file, format!("{before}\n{slots}")).unwrap();
}

#[test]
fn a_line_is_written_while_it_is_waited_for() {
    let moto = Moto::start();
    let proxy = Proxy::before(&moto.url, "DescribeSecret", Mishap::Throttled, 1);
    let mut hall = Hall::new();
    in_aws(&hall.path("team/keyrite.toml"));
    let variables = moto.variables().into_iter().map(|(name, value)| (name.to_owned(), value));
    hall.variables.extend(variables);
    hall.variables.push(("AWS_ENDPOINT_URL".to_owned(), proxy.url.clone()));
    let told = hall.run(&["custody", "--look", "--in", "team"]);
    assert!(told.err.contains(": asked again for DescribeSecret (2 of 4), it said: "), "{told:?}");
    assert_eq!(told.err.matches("asked again").count(), 1, "{told:?}");
}

#[test]
fn a_run_tells_it_before_it_shows_what_came_of_it() {
    let moto = Moto::start();
    let mut stage = Stage::new();
    in_aws(&stage.folder.join("keyrite.toml"));
    stage.hold("root-generation");
    stage.hold("subkey-issuance");
    stage.access.aws = Some(moto.config());
    let ceremony = keyrite::engine::catalog::find("custody-upload").unwrap();
    stage.otherwise.insert("where.slots", "ci-key, ci-passphrase".to_owned());
    let mut runner = stage.begin(ceremony, &plainly).unwrap();
    until(&stage, &mut runner, "look@ci-key");
    let id = runner.journal().run().to_owned();
    runner.reply(Reply::Pause).unwrap();
    drop(runner);
    let proxy = Proxy::before(&moto.url, "DescribeSecret", Mishap::Throttled, 1);
    let access = Access { aws: Some(config(&proxy)), ..Access::default() };
    let app = stage.app.clone().with_access(access);
    let (sender, reports) = channel();
    let replies = app.start_run(stage.folder.clone(), Wanted::Resume(id), sender, |one| one);
    assert!(matches!(reports.recv().unwrap(), RunReport::View(_)));
    replies.send(Reply::Go).unwrap();
    match reports.recv().unwrap() {
        RunReport::Notice(text) => {
            assert!(text.as_str().contains("asked again for DescribeSecret (2 of 4)"));
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(reports.recv().unwrap(), RunReport::View(_)));
    drop(replies);
    assert!(reports.iter().any(|one| matches!(one, RunReport::Left)));
}
