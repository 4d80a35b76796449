//! Whole ceremonies, from the first question to the transcript, and what gpg
//! does with what they leave.

use std::fs;
use std::path::PathBuf;

use keyrite::domain::fingerprint::Fingerprint;
use keyrite::domain::timestamp::{DAY, Timestamp};
use keyrite::engine::catalog::find;
use keyrite::engine::chain::Digest;
use keyrite::engine::event::Event;
use keyrite::engine::runner::{Prompt, Refused, Reply};
use sequoia_openpgp::serialize::SerializeInto as _;

use crate::support::forge::{self, KeySpec};
use crate::support::gpg::Gpg;
use crate::support::pilot::{PASSPHRASE, Stage, plainly, typed};

#[test]
fn a_root_a_revocation_set_and_a_subkey_are_made_and_revoked() {
    let stage = Stage::new();
    for id in [
        "root-generation",
        "revocation-set",
        "subkey-issuance",
        "subkey-revocation",
        "certificate-revocation",
    ] {
        let runner = stage.hold(id);
        let folder = stage.folder.join("runs").join(runner.journal().run());
        let transcript = fs::read_to_string(folder.join("transcript.md")).unwrap();
        assert!(transcript.contains("REHEARSAL"), "{transcript}");
        // What the closing line names is what people sign.
        let json = fs::read(folder.join("transcript.json")).unwrap();
        let last = runner.journal().entries().last().unwrap();
        assert_eq!(last.event, Event::Closed { transcript: Digest::of(&json) });
        // Everything that was done is told.
        for entry in runner.journal().entries() {
            let Event::Completed { effect, .. } = &entry.event else { continue };
            assert!(transcript.contains(effect), "{effect} is not in the transcript");
        }
    }
}

/// The one folder of a set on a medium.
fn set(stage: &Stage, medium: &str) -> PathBuf {
    let folder = stage.medium(medium).join("keyrite");
    let mut sets = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    sets.find(|path| path.is_dir()).unwrap()
}

#[test]
fn gpg_opens_the_parcel_signs_with_the_subkey_and_restores_the_root() {
    let stage = Stage::new();
    stage.hold("root-generation");
    let issued = stage.hold("subkey-issuance");
    let subkey = issued.run().fact("issue.subkey", None).unwrap().text();
    let trial = issued.run().fact("issue.trial", None).unwrap().text();
    assert_eq!(trial, "GnuPG imports it and signs with it");
    let now = issued.journal().last().unwrap().plus(DAY);
    let gpg = Gpg::new();
    let parcel = set(&stage, "parcel");
    let open = |name: String| {
        let file = parcel.join(name).to_str().unwrap().to_owned();
        let told = gpg.tell(now, PASSPHRASE, &["--decrypt", &file]);
        assert!(told.said("DECRYPTION_OKAY").is_some(), "{told:?}");
        told.output
    };
    let key = open(format!("{subkey}.key.pgp"));
    let passphrase = String::from_utf8(open(format!("{subkey}.pass.pgp"))).unwrap();
    assert!(passphrase.len() >= 26, "at least 128 bits");
    let file = gpg.file("key.asc", &key);
    let told = gpg.tell(now, &passphrase, &["--import", &file]);
    assert!(told.said("IMPORT_OK").is_some(), "{told:?}");
    let listed = gpg.lines(&["--list-secret-keys", "--with-colons"]);
    let field = |kind: &str| {
        let line = listed.iter().find(|line| line.starts_with(kind)).unwrap();
        line.split(':').nth(14).unwrap().to_owned()
    };
    assert_eq!((field("sec").as_str(), field("ssb").as_str()), ("#", "+"), "{listed:?}");
    let artifact = gpg.file("artifact", b"TEST artifact");
    let selector = format!("{subkey}!");
    let told = gpg.tell(now, &passphrase, &["-u", &selector, "--detach-sign", &artifact]);
    let made = told.said("SIG_CREATED").unwrap();
    assert!(made.ends_with(&subkey), "{told:?}");
    // Somebody else verifies it with the workspace's certificate alone.
    let other = Gpg::new();
    let certificate = format!("{}/certs/{}.asc", stage.folder.display(), stage.certificate());
    other.tell(now, "", &["--import", &certificate]);
    let told = other.tell(now, "", &["--verify", &format!("{artifact}.sig"), &artifact]);
    assert!(told.said("VALIDSIG").is_some_and(|said| said.contains(&subkey)), "{told:?}");
    // The root comes back from its medium.
    let restored = Gpg::new();
    let root = set(&stage, "root-b").join("root.pgp").to_str().unwrap().to_owned();
    let told = restored.tell(now, PASSPHRASE, &["--import", &root]);
    assert!(told.said("IMPORT_OK").is_some(), "{told:?}");
    let listed = restored.lines(&["--list-secret-keys", "--with-colons"]);
    let line = listed.iter().find(|line| line.starts_with("sec")).unwrap();
    assert_eq!(line.split(':').nth(14), Some("+"), "{listed:?}");
    // The kept revocation is not imported by mistake.
    let kept = set(&stage, "holder-witness").join("revocation-witness.txt");
    let kept = kept.to_str().unwrap().to_owned();
    let told = other.tell(now, "", &["--import", &kept]);
    assert!(told.said("IMPORT_OK").is_none(), "{told:?}");
}

#[test]
fn a_trial_in_gpg_that_was_killed_is_cleared_away_by_the_next() {
    let memory = std::path::Path::new("/dev/shm");
    let left = memory.join("keyrite-trial-4194304999-00");
    fs::create_dir_all(&left).unwrap();
    fs::write(left.join("pubring.kbx"), "TEST").unwrap();
    let stage = Stage::new();
    stage.hold("root-generation");
    stage.hold("subkey-issuance");
    assert!(!left.exists());
}

#[test]
fn where_the_rules_want_two_nobody_holds_a_ceremony_alone() {
    let stage = Stage::new();
    let file = stage.folder.join("keyrite.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}\n[policy.people]\nquorum = 2\n")).unwrap();
    let mut runner = stage.begin(find("root-generation").unwrap(), &plainly).unwrap();
    let people = |witness: &str| {
        let witness = ("witness".to_owned(), witness.into());
        Reply::Answers([witness].into_iter().collect())
    };
    for (witness, why) in [("", "CER-001"), ("driver", "somebody else")] {
        let Err(Refused::Answers(wrong)) = runner.reply(people(witness)) else { panic!() };
        assert!(wrong[0].message.contains(why), "{wrong:?}");
    }
    runner.reply(people("witness")).unwrap();
    while runner.step().is_some_and(|(_, at)| at.as_str() != "fingerprint") {
        stage.fly(&mut runner).unwrap();
    }
    let Prompt::Confirm(confirmation) = runner.prompt() else { panic!() };
    let by: Vec<_> = confirmation.typings.iter().map(|typing| typing.by.as_str()).collect();
    assert_eq!(by, ["driver", "witness"]);
    let [first, second] = typed(&confirmation).try_into().unwrap();
    assert!(runner.reply(Reply::Typed(vec![second.clone(), first.clone()])).is_err());
    runner.reply(Reply::Typed(vec![first, second])).unwrap();
    let last = &runner.journal().entries().last().unwrap().event;
    let both = vec!["driver".to_owned(), "witness".to_owned()];
    assert!(matches!(last, Event::Confirmed { by, .. } if *by == both), "{last:?}");
}

#[test]
fn a_witness_counts_with_a_signature_over_the_very_bytes_and_nobody_else_does() {
    let stage = Stage::new();
    let key =
        |name: &str| forge::certificate(&[name], &KeySpec::new("CS", "2026-01-01", None), &[]);
    let (witness, stranger) = (key("TEST Witness"), key("TEST Stranger"));
    let fingerprint = Fingerprint::from_bytes(witness.fingerprint().as_bytes()).unwrap();
    let people = stage.folder.join("people");
    fs::create_dir_all(&people).unwrap();
    let armored = witness.clone().strip_secret_key_material().armored().to_vec().unwrap();
    fs::write(people.join(format!("{}.asc", fingerprint.hex())), armored).unwrap();
    let file = stage.folder.join("keyrite.toml");
    let text = fs::read_to_string(&file).unwrap();
    let named = "name = \"TEST Witness\"\n";
    let with = format!("{named}fingerprint = \"{}\"\n", fingerprint.hex());
    fs::write(&file, text.replace(named, &with)).unwrap();
    let runner = stage.hold("root-generation");
    let run = runner.journal().run().to_owned();
    drop(runner);
    let data = stage.app.transcript_bytes(&stage.folder, &run).unwrap();
    let now = Timestamp::from_unix(stage.app.now().unix()).unix();
    let by = |cert, data: &[u8]| forge::sign(cert, 0, data, now);
    for (wrong, what) in [
        (by(&stranger, &data), "a stranger's"),
        (by(&witness, b"something else"), "one over something else"),
        (b"no signature".to_vec(), "none"),
    ] {
        let refused = stage.app.sign_transcript(&stage.folder, &run, (&wrong, None));
        assert!(refused.is_err(), "{what} was taken");
    }
    let told = || stage.app.transcript(&stage.folder, &run).unwrap();
    let listed = || stage.app.runs(&stage.folder).unwrap().remove(0).signing.unwrap();
    assert!(told().signatures.is_empty());
    assert!(told().text.contains("Witness: witness (until a signature arrives: UNWITNESSED)\n"));
    assert_eq!(listed().words(), "unsigned, UNWITNESSED");
    let sign = |data: &[u8], person| {
        stage.app.sign_transcript(&stage.folder, &run, (&by(&witness, data), person))
    };
    // It is taken as that of the one who is named only if it is.
    let other = sign(&data, Some("driver")).unwrap_err().to_string();
    assert!(other.contains("'driver' has no fingerprint in keyrite.toml"), "{other}");
    assert!(sign(&data, Some("nobody")).unwrap_err().to_string().contains("'nobody'"));
    sign(&data, Some("witness")).unwrap();
    let line = "signed by witness (witness, revocation-holder, reviewer)";
    assert_eq!(told().signatures[0].line(), line);
    assert!(told().text.contains("Witness: witness (signed)\n"), "{}", told().text);
    assert!(told().text.contains("Administrator: driver (unsigned)\n"), "{}", told().text);
    assert_eq!((listed().words().as_str(), listed().is_witnessed), ("signed by witness", true));
    // A transcript that was changed afterwards is not the one that the journal
    // names, and nobody can sign it.
    let path = stage.folder.join("runs").join(&run).join("transcript.json");
    let changed = [&data[..], b" "].concat();
    fs::write(&path, &changed).unwrap();
    let error = told().kept.unwrap_err();
    assert!(listed().words().contains("not what the journal says"), "{}", listed().words());
    assert!(!told().text.contains("witness (signed)"), "{}", told().text);
    assert!(error.to_string().contains("not what the journal says"), "{error}");
    assert!(sign(&changed, None).is_err());
}
