//! A subkey's secret on its whole way, with the real program, a server that
//! speaks as AWS does, and gpg: issued, carried, put there, made current, used
//! by a consumer, replaced, taken away.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::cluster::Cluster;
use crate::support::gpg::Gpg;
use crate::support::hall::{Answer, Hall};
use crate::support::moto::Moto;
use crate::support::peers;

/// What stands in a page between marks of that language.
pub(crate) fn block(page: &str, language: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/slots").join(page);
    let text = fs::read_to_string(path).unwrap();
    let (_, behind) = text.split_once(&format!("```{language}\n")).unwrap();
    behind.split_once("```").unwrap().0.to_owned()
}

/// A rehearsal whose slots are those of a page.
fn rehearsal(page: &str, variables: &[(&'static str, String)]) -> Hall {
    let mut hall = Hall::new();
    let file = hall.path("team/keyrite.toml");
    let text = fs::read_to_string(&file).unwrap();
    let (before, _) = text.split_once("\n[[slots]]\nid = \"slot-key\"").unwrap();
    fs::write(&file, format!("{before}\n{}", block(page, "toml"))).unwrap();
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    hall.variables.extend(variables);
    hall
}

/// Holds a ceremony with that subkey in both slots of AWS.
fn hold(hall: &Hall, ceremony: &str, subkey: &str) {
    hold_in(hall, ceremony, subkey, "ci-key, ci-passphrase");
}

fn hold_in(hall: &Hall, ceremony: &str, subkey: &str, slots: &str) {
    let sat = hall.pilot_with(hall.start(&[], ceremony), &mut |prompt| match prompt
        .label
        .split(' ')
        .next()
        .unwrap()
    {
        "slots" => Answer::Say(slots.to_owned()),
        "subkey" => Answer::Say(subkey.to_owned()),
        _ => Answer::Usual,
    });
    assert!(sat.status.success(), "{sat:#?}");
    assert!(!sat.out.contains("STOPPED"), "{sat:#?}");
}

/// The subkeys of the parcels, the newest last.
fn issue(hall: &Hall, before: &[String]) -> String {
    let sat = hall.hold("subkey-issuance");
    assert!(sat.status.success(), "{sat:#?}");
    let sets = crate::support::hall::names(&hall.medium("parcel/keyrite"));
    let all = sets.iter().filter_map(|name| name.strip_prefix("parcel-"));
    all.map(str::to_owned).find(|one| !before.contains(one)).unwrap()
}

fn states(hall: &Hall, words: &[&str]) -> Vec<(String, String, String)> {
    let told = hall.run(&[&["custody", "--json", "--in", "team"], words].concat());
    assert_eq!(told.code, Some(0), "{told:?}");
    let document = told.json();
    assert_eq!(document["schema"], "keyrite.custody/1");
    let mut all = Vec::new();
    for slot in document["slots"].as_array().unwrap() {
        for entry in slot["entries"].as_array().unwrap() {
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            all.push((text(&slot["id"]), text(&entry["subkey"]), text(&entry["state"])));
        }
    }
    all
}

#[test]
fn a_subkey_goes_from_the_offline_root_to_a_consumer_by_way_of_secrets_manager() {
    let moto = Moto::start();
    let mut hall = rehearsal("secrets-manager.md", &moto.variables());
    hall.variables.push(("RUST_LOG".to_owned(), "trace".to_owned()));
    assert!(hall.hold("root-generation").status.success());
    let first = issue(&hall, &[]);
    let entry = |slot: &str, subkey: &str, state: &str| {
        (slot.to_owned(), subkey.to_owned(), state.to_owned())
    };
    let both = |subkey: &str, state: &str| {
        ["ci-key", "ci-passphrase"].map(|slot| entry(slot, subkey, state)).to_vec()
    };
    hold(&hall, "custody-upload", &first);
    assert_eq!(states(&hall, &[]), both(&first, "pending"));
    assert_eq!(states(&hall, &["--look"]), both(&first, "pending"));
    hold(&hall, "custody-promote", &first);
    assert_eq!(states(&hall, &["--look"]), both(&first, "current"));
    consumer_signs(&hall, &moto, &first);

    let second = issue(&hall, std::slice::from_ref(&first));
    hold(&hall, "custody-upload", &second);
    // The consumer goes on with the key that it has.
    consumer_signs(&hall, &moto, &first);
    hold(&hall, "custody-promote", &second);
    consumer_signs(&hall, &moto, &second);
    hold(&hall, "custody-retire", &first);
    assert_eq!(states(&hall, &["--look"]), both(&second, "current"));
    consumer_signs(&hall, &moto, &second);
    gitlab_signs(&hall, &moto, &second);
    // Somebody writes there by hand: it is seen, and told by the exit code.
    let words = ["secretsmanager", "put-secret-value", "--secret-string", "x", "--secret-id"];
    moto.aws(&[&words[..], &["slurm-factory/signing-key"]].concat());
    let told = hall.run(&["custody", "--look", "--in", "team"]);
    assert_eq!(told.code, Some(8), "{told:?}");
    assert!(
        told.out.contains("unknown (no run has put it there): a key that is not known"),
        "{told:?}"
    );
}

/// What the resource policy of a secret denies. (moto keeps policies of secrets
/// and does not enforce them; AWS does.)
fn denied(moto: &Moto) -> bool {
    let words = ["secretsmanager", "get-resource-policy", "--secret-id"];
    let told = moto.aws(&[&words[..], &["slurm-factory/signing-key"]].concat());
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let Some(policy) = told["ResourcePolicy"].as_str() else { return false };
    let policy: serde_json::Value = serde_json::from_str(policy).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    statements.iter().any(|one| {
        one["Effect"] == "Deny"
            && one["Principal"] == "*"
            && one["Action"] == "secretsmanager:GetSecretValue"
    })
}

#[test]
fn a_consumer_of_secrets_manager_is_frozen_and_let_again() {
    let moto = Moto::start();
    let hall = rehearsal("secrets-manager.md", &moto.variables());
    assert!(hall.hold("root-generation").status.success());
    let subkey = issue(&hall, &[]);
    hold(&hall, "custody-upload", &subkey);
    hold(&hall, "custody-promote", &subkey);
    let is_frozen = |words: &[&str]| {
        let told = hall.run(&[&["custody", "--json", "--in", "team"], words].concat());
        let slots = told.json()["slots"].as_array().unwrap().clone();
        let frozen: Vec<_> = slots.iter().map(|slot| slot["frozen"] == true).collect();
        assert_eq!(frozen, [frozen[0]; 2], "{told:?}");
        (frozen[0], slots[0]["freeze"]["why"].as_str().map(str::to_owned), told.code)
    };
    let why = Some("TEST a suspicion".to_owned());
    freeze(&hall, "freeze", "ci-key, ci-passphrase");
    assert!(denied(&moto));
    assert_eq!(is_frozen(&["--look"]), (true, why.clone(), Some(0)));
    assert_eq!(is_frozen(&[]), (true, why.clone(), Some(0)));
    let told = hall.run(&["custody", "--in", "team"]);
    assert!(told.out.contains("FROZEN: nobody reads it since"), "{told:?}");
    // Somebody lets them again by hand: it is seen, and told by the exit code.
    let words = ["secretsmanager", "delete-resource-policy", "--secret-id"];
    for name in ["signing-key", "signing-passphrase"] {
        moto.aws(&[&words[..], &[&format!("slurm-factory/{name}")]].concat());
    }
    assert_eq!(is_frozen(&["--look"]), (false, why.clone(), Some(8)));
    let told = hall.run(&["custody", "--look", "--in", "team"]);
    assert!(told.out.contains("NOT SEEN FROZEN, though no run has let it again"), "{told:?}");
    freeze(&hall, "freeze", "ci-key, ci-passphrase");
    assert!(denied(&moto));
    // What is offered is what is frozen.
    freeze(&hall, "let-again", "");
    assert!(!denied(&moto));
    assert_eq!(is_frozen(&["--look"]), (false, None, Some(0)));
    consumer_signs(&hall, &moto, &subkey);
}

fn freeze(hall: &Hall, what: &str, slots: &str) {
    let mut answer =
        |prompt: &crate::support::hall::Prompt| match prompt.label.split(' ').next().unwrap() {
            "what" => Answer::Say(what.to_owned()),
            "slots" => Answer::Say(slots.to_owned()),
            _ => Answer::Usual,
        };
    let sat = hall.pilot_with(hall.start(&[], "custody-freeze"), &mut answer);
    assert!(sat.status.success() && !sat.out.contains("STOPPED"), "{sat:#?}");
}

/// Runs what the page tells the consumer to do; then verifies with nothing but
/// the certificate.
fn consumer_signs(hall: &Hall, moto: &Moto, subkey: &str) {
    let script = block("secrets-manager.md", "bash");
    signs(hall, moto, subkey, &format!("{script}\ngpg --list-secret-keys\n"));
}

/// Runs the lines of the job that the page has for GitLab.
fn gitlab_signs(hall: &Hall, moto: &Moto, subkey: &str) {
    let job = block("secrets-manager.md", "yaml");
    let (_, script) = job.split_once("  script:\n").unwrap();
    let lines = script.lines().map_while(|line| line.strip_prefix("    - "));
    let lines: Vec<_> = lines.collect();
    assert_eq!(lines.len(), 3, "{job}");
    let sign = format!("{}\ngpg --list-secret-keys\n", block("secrets-manager.md", "bash"));
    let made = format!("cat > sign.sh <<'END'\n{sign}END\n{}\n", lines.join("\n"));
    signs(hall, moto, subkey, &made);
}

/// Runs it, and verifies what it has signed.
fn signs(hall: &Hall, moto: &Moto, subkey: &str, script: &str) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("release.tar.gz"), "TEST").unwrap();
    let script = format!("set -euo pipefail\n{script}");
    let peers = peers::program("aws");
    let path = format!("{}:/usr/bin:/bin", peers.parent().unwrap().display());
    let output = Command::new("bash")
        .args(["-c", &script])
        .env("PATH", path)
        .env("AWS_TOKEN", "TEST")
        .envs(moto.variables())
        .current_dir(folder.path())
        .output()
        .unwrap();
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(listed.contains("sec#"), "{listed}");
    verifies(hall, folder.path(), subkey);
}

/// With nothing but the certificate.
fn verifies(hall: &Hall, folder: &Path, subkey: &str) {
    let gpg = Gpg::new();
    let certificate = hall.path("team/certs").join(format!("{}.asc", hall.certificates()[0]));
    gpg.run(&["--import", certificate.to_str().unwrap()]);
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let words =
        ["--status-fd", "1", "--verify", &path("release.tar.gz.asc"), &path("release.tar.gz")];
    let said = String::from_utf8(gpg.run(&words)).unwrap();
    assert!(said.contains(&format!("VALIDSIG {subkey}")), "{said}");
}

#[test]
fn a_subkey_goes_to_a_pod_by_way_of_a_cluster() {
    let (cluster, folder) = (Cluster::start(), tempfile::tempdir().unwrap());
    let kubeconfig = cluster.kubeconfig(folder.path()).to_str().unwrap().to_owned();
    let hall = rehearsal("kubernetes.md", &[("KUBECONFIG", kubeconfig.clone())]);
    let file = hall.path("team/keyrite.toml");
    let text = fs::read_to_string(&file).unwrap();
    let (_, ca) = text.split_once("ca = \"").unwrap();
    let (ca, _) = ca.split_once('"').unwrap();
    let text = text.replace(ca, &cluster.ca());
    fs::write(&file, text.replace("context = \"production\"\n", "")).unwrap();
    let slots = "notary-key, notary-passphrase";
    assert!(hall.hold("root-generation").status.success());
    let first = issue(&hall, &[]);
    hold_in(&hall, "custody-upload", &first, slots);
    hold_in(&hall, "custody-promote", &first, slots);
    let second = issue(&hall, std::slice::from_ref(&first));
    hold_in(&hall, "custody-upload", &second, slots);
    let seen = |wanted: &[(&str, &str)]| {
        let entry = |slot: &'static str| {
            let told = |(subkey, state): &(&str, &str)| {
                (slot.to_owned(), (*subkey).to_owned(), (*state).to_owned())
            };
            wanted.iter().map(told).collect::<Vec<_>>()
        };
        let mut wanted = ["notary-key", "notary-passphrase"].map(entry).concat();
        let mut found = states(&hall, &["--look"]);
        wanted.sort();
        found.sort();
        assert_eq!(found, wanted);
    };
    seen(&[(&first, "current"), (&second, "pending")]);
    hold_in(&hall, "custody-promote", &second, slots);
    hold_in(&hall, "custody-retire", &first, slots);
    seen(&[(&second, "current")]);
    pod_signs(&hall, folder.path(), &kubeconfig, &second);
}

/// Mounts the Secret that the `ConfigMap` names, as the kubelet does, and runs
/// what the page tells the pod to do.
fn pod_signs(hall: &Hall, folder: &Path, kubeconfig: &str, subkey: &str) {
    let kubectl = |words: &[&str]| {
        let ran = Command::new("kubectl")
            .args(["--kubeconfig", kubeconfig, "-n", "notary", "--cache-dir"])
            .arg(folder)
            .args(words)
            .output()
            .unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).unwrap()
    };
    let mount = folder.join("keys");
    fs::create_dir(&mount).unwrap();
    for (map, entry) in [
        ("signing-key", "signing_key"),
        ("signing-key", "key_id"),
        ("signing-passphrase", "passphrase"),
    ] {
        let name = kubectl(&["get", "configmap", map, "-o", "jsonpath={.data.secret}"]);
        assert_eq!(name, format!("{map}-{}", subkey.to_lowercase()));
        let template = format!("go-template={{{{index .data \"{entry}\" | base64decode}}}}");
        fs::write(mount.join(entry), kubectl(&["get", "secret", &name, "-o", &template])).unwrap();
    }
    fs::write(folder.join("release.tar.gz"), "TEST").unwrap();
    let script = block("kubernetes.md", "bash").replace("/keys/", &format!("{}/", mount.display()));
    let script = format!("set -euo pipefail\n{script}\ngpg --list-secret-keys\n");
    let ran = Command::new("bash").args(["-c", &script]).current_dir(folder).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let listed = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(listed.contains("sec#"), "{listed}");
    verifies(hall, folder, subkey);
}

#[test]
fn a_parcel_that_is_sealed_to_a_person_is_opened_with_their_own_key() {
    let mut hall = Hall::new();
    let home = hall.path("own");
    fs::create_dir(&home).unwrap();
    let gpg = |words: &[&str]| {
        let output = Command::new("gpg")
            .env("GNUPGHOME", &home)
            .args(["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase"])
            .arg(crate::support::pilot::PASSPHRASE)
            .args(words)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    gpg(&["--quick-gen-key", "TEST Driver <driver@test.example>", "ed25519", "cert", "1y"]);
    let listed = gpg(&["--list-keys", "--with-colons"]);
    let line = listed.lines().find(|line| line.starts_with("fpr")).unwrap();
    let fingerprint = line.split(':').nth(9).unwrap().to_owned();
    gpg(&["--quick-add-key", &fingerprint, "cv25519", "encr", "1y"]);
    let people = hall.path("team/people");
    fs::create_dir_all(&people).unwrap();
    let armor = gpg(&["--armor", "--export", &fingerprint]);
    fs::write(people.join(format!("{fingerprint}.asc")), armor).unwrap();
    let file = hall.path("team/keyrite.toml");
    let text = fs::read_to_string(&file).unwrap();
    let name = "name = \"TEST Driver\"\n";
    let with_key = format!("{name}fingerprint = \"{fingerprint}\"\n");
    fs::write(&file, text.replacen(name, &with_key, 1)).unwrap();
    hall.variables.push(("GNUPGHOME".to_owned(), home.to_str().unwrap().to_owned()));
    assert!(hall.hold("root-generation").status.success());
    let sat = hall.pilot_with(hall.start(&[], "subkey-issuance"), &mut |prompt| {
        if prompt.label.starts_with("recipients") {
            return Answer::Say("driver".to_owned());
        }
        Answer::Usual
    });
    assert!(sat.status.success(), "{sat:#?}");
    let sat = hall.hold("custody-upload");
    assert!(sat.status.success(), "{sat:#?}");
    // Without the key it says what to do.
    let sat = hall.hold("custody-retire");
    assert!(sat.status.success(), "{sat:#?}");
    hall.variables.push(("GNUPGHOME".to_owned(), hall.path("none").to_str().unwrap().to_owned()));
    let mut is_told = false;
    let sat = hall.pilot_with(hall.start(&[], "custody-upload"), &mut |prompt| {
        let words = prompt.said.split_whitespace().collect::<Vec<_>>().join(" ");
        if words.contains("no GnuPG home here with a key of theirs") {
            is_told = true;
            return Answer::Leave;
        }
        Answer::Usual
    });
    assert!(is_told, "{sat:#?}");
}
