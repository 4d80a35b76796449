//! With what people sign in to places: files without an end, and programs that
//! never end or say too much.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use aws_config::credential_process::CredentialProcessProvider;
use aws_sdk_sts::config::SharedCredentialsProvider;
use keyrite::adapters::slots::{self, Access};
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::workspace::SlotKind;
use keyrite::engine::place::PlaceError;
use keyrite::engine::slot::Observation;
use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::slot_directory::declared;
use crate::slot_faults::config;
use crate::slot_kubernetes::{House, NAME, access, slot};
use crate::support::cluster::{TOKEN, UID};
use crate::support::moto::{ACCOUNT, Moto, REGION};
use crate::support::proxy::{Mishap, Proxy};

fn fifo(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    path
}

fn program(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("sign-in");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// The slot as it is seen with that kubeconfig.
fn seen_with(house: &House, kubeconfig: &Path) -> Result<Observation, PlaceError> {
    let mut access = access(&house.cluster, house.folder.path(), 500);
    access.cluster.kubeconfig = Some(kubeconfig.to_owned());
    let slot = slot(&format!("{UID}/pipeline/{NAME}"), &[("ca", &house.cluster.ca())]);
    slots::open(&slot, &access, Timestamp::from_unix(1)).unwrap().observe()
}

/// The same with a kubeconfig in which something is put for something else.
fn seen_as(house: &House, from: &str, to: &str) -> Result<Observation, PlaceError> {
    let text = fs::read_to_string(house.cluster.kubeconfig(house.folder.path())).unwrap();
    assert!(text.contains(from), "{text}");
    let path = house.folder.path().join("other-kubeconfig");
    fs::write(&path, text.replace(from, to)).unwrap();
    seen_with(house, &path)
}

#[test]
fn a_file_of_a_kubeconfig_that_has_no_end_keeps_nobody_waiting() {
    let house = House::new();
    let folder = house.folder.path();
    let large = folder.join("large");
    fs::File::create(&large).unwrap().set_len(5 * 1024 * 1024).unwrap();
    let odd = [
        (fifo(folder, "fifo"), "it is no plain file"),
        (PathBuf::from("/dev/zero"), "it is no plain file"),
        (large, "it is larger than 4 MiB"),
    ];
    let text = fs::read_to_string(house.cluster.kubeconfig(folder)).unwrap();
    let authority = text.lines().find(|line| line.contains("certificate-authority-data")).unwrap();
    for (path, why) in odd {
        let at = path.to_str().unwrap();
        for result in [
            seen_with(&house, &path),
            seen_as(&house, &format!("token: {TOKEN}"), &format!("tokenFile: {at}")),
            seen_as(&house, authority, &format!("    certificate-authority: {at}")),
            seen_as(&house, &format!("token: {TOKEN}"), &format!("client-key: {at}")),
        ] {
            let error = result.unwrap_err();
            assert!(matches!(error, PlaceError::Unreachable { .. }), "{error:?}");
            assert!(error.to_string().contains(&format!("{at}: {why}")), "{error}");
        }
    }
    assert!(house.cluster.with(|state| state.log.is_empty()), "somebody was asked");
    // One that ends is read.
    let token = folder.join("token");
    fs::write(&token, TOKEN).unwrap();
    let to = format!("tokenFile: {}", token.to_str().unwrap());
    seen_as(&house, &format!("token: {TOKEN}"), &to).unwrap();
}

#[test]
fn a_program_that_signs_in_has_little_time_and_no_terminal() {
    let house = House::new();
    let folder = house.folder.path();
    let with = |text: &str| {
        let path = program(folder, text);
        let exec = format!(
            "exec: {{apiVersion: client.authentication.k8s.io/v1, command: {}, args: [one], env: \
             [{{name: OF_TEST, value: two}}], interactiveMode: IfAvailable}}",
            path.to_str().unwrap()
        );
        seen_as(&house, &format!("token: {TOKEN}"), &exec)
    };
    let answer =
        format!("echo '{{\"kind\": \"ExecCredential\", \"status\": {{\"token\": \"{TOKEN}\"}}}}'");
    let told = folder.join("told");
    let tell = format!(
        "(echo x > /dev/tty) 2>/dev/null && echo terminal > {0}\necho \"$1 $OF_TEST \
         $KUBERNETES_EXEC_INFO\" >> {0}\necho of no matter >&2\n{answer}",
        told.to_str().unwrap()
    );
    with(&tell).unwrap();
    let told = fs::read_to_string(&told).unwrap();
    let info = "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\
                \"spec\":{\"interactive\":false}}";
    assert_eq!(told, format!("one two {info}\n"));
    let asked = house.cluster.with(|state| state.log.len());
    for (text, why) in [
        ("exec sleep 600".to_owned(), "its program took more than 1 seconds"),
        (format!("echo {TOKEN} >&2; exit 3"), "its program failed (exit status: 3)"),
        (format!("echo {TOKEN}"), "its program said nothing that can be used"),
        ("exec /nowhere/at/all".to_owned(), "its program cannot be started"),
    ] {
        let error = with(&text).unwrap_err();
        assert!(matches!(error, PlaceError::Refused { .. }), "{error:?}");
        let error = error.to_string();
        assert!(error.contains(why) && !error.contains(TOKEN), "{error}");
    }
    assert_eq!(house.cluster.with(|state| state.log.len()), asked, "somebody was asked");
}

#[test]
fn an_answer_of_aws_without_an_end_is_not_kept() {
    let moto = Moto::start();
    let proxy = Proxy::before(&moto.url, "DescribeSecret", Mishap::Endless, 99);
    let access = Access { aws: Some(config(&proxy)), ..Access::default() };
    let place = format!("aws:{ACCOUNT}/{REGION}/key");
    let slot = declared(SlotKind::AwsSecretsManager, &place);
    let error =
        slots::open(&slot, &access, Timestamp::from_unix(1)).unwrap().observe().unwrap_err();
    assert!(matches!(error, PlaceError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains("its answer cannot be understood"), "{error}");
    assert!(proxy.met.load(Ordering::SeqCst) <= 4);
}

#[test]
fn why_a_program_gives_no_credentials_for_aws_is_told_without_its_words() {
    let moto = Moto::start();
    for (program, why) in [
        ("echo SECRET >&2; exit 3", "exited with code exit status: 3; run its credential_process"),
        ("echo SECRET", "external process; run its credential_process by hand to see why"),
    ] {
        let provider = CredentialProcessProvider::new(program.to_owned());
        let config = moto.config().into_builder();
        let config = config.credentials_provider(SharedCredentialsProvider::new(provider)).build();
        let access = Access { aws: Some(config), ..Access::default() };
        let slot = declared(SlotKind::AwsSecretsManager, &format!("aws:{ACCOUNT}/{REGION}/key"));
        let slot = slots::open(&slot, &access, Timestamp::from_unix(1)).unwrap();
        let error = slot.observe().unwrap_err().to_string();
        assert!(error.contains("nobody is signed in here for"), "{error}");
        assert!(error.contains(why) && !error.contains("SECRET"), "{error}");
    }
}
