//! Secrets as targets: the certificates that verifying workers read.

use std::path::Path;
use std::time::Duration;

use keyrite::adapters::slots::{Access, ClusterAccess};
use keyrite::adapters::targets::{self, Reach};
use keyrite::domain::workspace::TargetKind;
use keyrite::engine::place::PlaceError;
use keyrite::engine::target::Target;
use sequoia_openpgp::Cert;
use sequoia_openpgp::cert::CertParser;
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::serialize::SerializeInto as _;

use crate::support::cluster::{Cluster, UID};
use crate::support::gpg::Gpg;
use crate::support::moto::{ACCOUNT, Moto, REGION};
use crate::support::targets::{Made, cert, is_right, promises, target};

fn in_aws(moto: &Moto) -> Box<dyn Target> {
    let access = Access { aws: Some(moto.config()), ..Access::default() };
    let reach = Reach { access, ..Reach::of(std::path::PathBuf::new()) };
    let place = format!("aws:{ACCOUNT}/{REGION}/verify/keys");
    targets::open(&target(TargetKind::SecretManager, &place, &[]), &reach).unwrap()
}

fn in_cluster(cluster: &Cluster, folder: &Path) -> Box<dyn Target> {
    let ca = cluster.ca();
    let settings = [("entry", "trusted.asc"), ("ca", ca.as_str())];
    let place = format!("k8s:{UID}/pipeline/trusted-keys");
    let access = Access {
        cluster: ClusterAccess {
            kubeconfig: Some(cluster.kubeconfig(folder)),
            answer: Duration::from_secs(5),
            pause: Duration::from_millis(1),
        },
        ..Access::default()
    };
    let reach = Reach { access, ..Reach::of(folder.to_owned()) };
    targets::open(&target(TargetKind::SecretManager, &place, &settings), &reach).unwrap()
}

fn names(text: &str) -> Vec<String> {
    let all: Result<Vec<Cert>, _> = CertParser::from_bytes(text.as_bytes()).unwrap().collect();
    all.unwrap().iter().map(|cert| cert.fingerprint().to_hex()).collect()
}

const SECRET: [&str; 7] = [
    "secretsmanager",
    "get-secret-value",
    "--query",
    "SecretString",
    "--output",
    "text",
    "--secret-id",
];

#[test]
fn every_promise_holds_in_aws_and_the_certificates_of_others_stay() {
    let moto = Moto::start();
    promises(&|| in_aws(&moto), &|| ());
    let read = [&SECRET[..], &["verify/keys", "--version-stage", "AWSCURRENT"]].concat();
    let text = moto.aws(&read);
    assert_eq!(names(&text).len(), 2);
    // A worker takes all of them in.
    let gpg = Gpg::new();
    let file = gpg.file("keys.asc", text.as_bytes());
    gpg.run(&["--import", &file]);
    let listed = gpg.lines(&["--with-colons", "--list-keys"]);
    for name in ["release TEST", "institution TEST"] {
        assert!(listed.iter().any(|line| line.contains(name)), "{listed:?}");
    }
}

#[test]
fn a_secret_with_something_else_in_it_is_left_alone() {
    let moto = Moto::start();
    let release = cert("release", &[]);
    let made = Made::of(&release);
    let secret = String::from_utf8(release.as_tsk().armored().to_vec().unwrap()).unwrap();
    let words = ["secretsmanager", "create-secret", "--name", "verify/keys", "--secret-string"];
    moto.aws(&[&words[..], &[&secret]].concat());
    let error = made.publish(in_aws(&moto).as_ref()).unwrap_err();
    assert!(matches!(&error, PlaceError::Unfit { .. }), "{error}");
    assert!(error.to_string().contains("it holds a secret key; it is not written over"), "{error}");
    let put = ["secretsmanager", "put-secret-value", "--secret-id", "verify/keys"];
    for (text, words) in [("hunter2", "text in it"), ("{\"a\": 1}", "text in it")] {
        moto.aws(&[&put[..], &["--secret-string", text]].concat());
        let error = made.publish(in_aws(&moto).as_ref()).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        assert_eq!(moto.aws(&[&SECRET[..], &["verify/keys"]].concat()), text);
    }
    // Somebody writes between the look and the write.
    let other = String::from_utf8(Made::of(&cert("other", &[])).armored).unwrap();
    moto.aws(&[&put[..], &["--secret-string", &other]].concat());
    let guard = made.look(in_aws(&moto).as_ref()).guard;
    let third = String::from_utf8(Made::of(&cert("third", &[])).armored).unwrap();
    moto.aws(&[&put[..], &["--secret-string", &third]].concat());
    let changed = made.publish_seen(in_aws(&moto).as_ref(), &guard);
    assert!(matches!(changed, Err(PlaceError::Changed { .. })), "{changed:?}");
    made.publish(in_aws(&moto).as_ref()).unwrap();
    is_right(in_aws(&moto).as_ref(), &made);
}

#[test]
fn every_promise_holds_in_a_cluster_and_other_entries_stay() {
    let cluster = Cluster::start();
    let folder = tempfile::tempdir().unwrap();
    promises(&|| in_cluster(&cluster, folder.path()), &|| ());
    let text = cluster.entry("trusted-keys", "trusted.asc").unwrap();
    assert_eq!(names(&text).len(), 2);
    let made = Made::of(&cert("third", &[]));
    cluster.with(|state| {
        let key = ("secrets".to_owned(), "pipeline".to_owned(), "trusted-keys".to_owned());
        let object = state.objects.get_mut(&key).unwrap();
        object.json["data"]["others.asc"] = "VEVTVA==".into();
    });
    made.publish(in_cluster(&cluster, folder.path()).as_ref()).unwrap();
    assert_eq!(cluster.entry("trusted-keys", "others.asc").as_deref(), Some("TEST"));
    is_right(in_cluster(&cluster, folder.path()).as_ref(), &made);
}
