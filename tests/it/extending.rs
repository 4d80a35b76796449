//! The end of a key is put off: what is said again, what is refused, and what
//! two other implementations make of it.

use std::fs;

use keyrite::adapters::openpgp::{
    KeyError, PacketSet, RootSpec, SubkeySpec, apply, ends, extend_primary, extend_subkey, issue,
    joined_copies, make_root, open, open_parcel,
};
use keyrite::domain::keyspec::{KeyAlgorithm, Reason};
use keyrite::domain::worded::Worded as _;
use keyrite::engine::catalog::find;
use keyrite::engine::effect::Value;
use keyrite::engine::event::Event;
use keyrite::engine::runner::{Prompt, Refused, Reply, Runner};
use keyrite::engine::secret::Secret;
use pgp::composed::{Deserializable as _, SignedPublicKey};

use crate::support::gpg::Gpg;
use crate::support::pilot::{Stage, passphrase, plainly, stopped, until};
use crate::support::vault::{
    ROOT_PASSPHRASE, SHARED, SUBKEY_PASSPHRASE, birth, day, opened, quick, secret, user_ids,
};

/// The certificate, until day 1000; its subkey until day 600.
fn extended() -> Vec<u8> {
    let (root, issued) = &*SHARED;
    let mut primary = opened(root);
    let mut owner = open(&issued.export, &issued.fingerprint, &secret(SUBKEY_PASSPHRASE)).unwrap();
    let of_primary = extend_primary(&mut primary, &issued.certificate, day(1000), day(20)).unwrap();
    assert_eq!(of_primary.user_ids.len(), 2);
    assert_eq!(of_primary.ended, Some(day(730)));
    let of_subkey = extend_subkey(
        &mut primary,
        &issued.certificate,
        &issued.fingerprint,
        Some(&mut owner),
        day(600),
        day(20),
    );
    joined_copies(&[of_primary.certificate, of_subkey.unwrap()]).unwrap()
}

#[test]
fn old_and_new_say_the_new_end_in_whatever_order_they_come() {
    let (root, issued) = &*SHARED;
    let new = extended();
    let wanted = vec![(root.fingerprint, day(1000)), (issued.fingerprint, day(600))];
    let orders = [[new.clone(), issued.certificate.clone()], [issued.certificate.clone(), new]];
    for copies in orders {
        assert_eq!(ends(&joined_copies(&copies).unwrap(), day(20)).unwrap(), wanted);
    }
    // Before they were made, the old end stands.
    let old = ends(&extended(), day(19)).unwrap();
    assert_eq!(old, [(root.fingerprint, day(730)), (issued.fingerprint, day(375))]);
}

#[test]
fn nothing_that_was_there_is_lost() {
    let set = |bytes: &[u8]| PacketSet::read(bytes).unwrap();
    assert!(set(&SHARED.1.certificate).is_part_of(&set(&extended())));
}

#[test]
fn gpg_and_the_second_implementation_come_to_the_same_ends() {
    let issued = &SHARED.1;
    for copies in
        [[extended(), issued.certificate.clone()], [issued.certificate.clone(), extended()]]
    {
        let gpg = Gpg::new();
        for copy in copies {
            let file = gpg.file("copy.asc", &copy);
            gpg.tell(day(21), "", &["--import", &file]);
        }
        let told = gpg.tell(day(21), "", &["--with-colons", "--list-keys"]);
        let listing = String::from_utf8(told.output).unwrap();
        let end = |kind: &str| {
            let line = listing.lines().find(|line| line.starts_with(kind)).unwrap();
            line.split(':').nth(6).unwrap().parse::<i64>().unwrap()
        };
        assert_eq!((end("pub:"), end("sub:")), (day(1000).unix(), day(600).unix()), "{listing}");
    }
    let theirs = SignedPublicKey::from_armor_single(&extended()[..]).unwrap().0;
    theirs.verify_bindings().unwrap();
    let newest = theirs.public_subkeys[0]
        .signatures
        .iter()
        .max_by_key(|signature| signature.created().map(pgp::types::Timestamp::as_secs))
        .unwrap();
    let seconds = newest.key_expiration_time().unwrap().as_secs();
    assert_eq!(i64::from(seconds), day(600).unix() - day(10).unix());
    for user in &theirs.details.users {
        let newest =
            user.signatures.iter().max_by_key(|s| s.created().map(pgp::types::Timestamp::as_secs));
        let seconds = newest.unwrap().key_expiration_time().unwrap().as_secs();
        assert_eq!(i64::from(seconds), day(1000).unix() - birth().unix());
    }
}

#[test]
fn a_revoked_user_id_key_or_subkey_is_not_said_again() {
    let (root, issued) = &*SHARED;
    let mut primary = opened(root);
    let whole = primary.revoke_certificate(Reason::Retired, "TEST", day(15)).unwrap();
    let revoked = apply(&issued.certificate, &whole).unwrap();
    let refused = extend_primary(&mut primary, &revoked, day(1000), day(20));
    assert!(matches!(refused, Err(KeyError::NotUsable(_))), "{refused:?}");
    let of = &issued.fingerprint;
    let part = primary
        .revoke_subkey(&issued.certificate, of, Reason::Superseded, "TEST", day(15))
        .unwrap();
    let revoked = apply(&issued.certificate, &part).unwrap();
    let refused = extend_subkey(&mut primary, &revoked, of, None, day(600), day(20));
    assert!(matches!(refused, Err(KeyError::NotUsable(_))), "{refused:?}");
}

#[test]
fn a_signing_subkey_needs_its_own_secret_and_no_other() {
    let (root, issued) = &*SHARED;
    let mut primary = opened(root);
    let of = &issued.fingerprint;
    let without = extend_subkey(&mut primary, &issued.certificate, of, None, day(600), day(20));
    assert!(matches!(without, Err(KeyError::NoSecret(_))), "{without:?}");
    let spec =
        SubkeySpec { algorithm: KeyAlgorithm::Ed25519, created: day(10), expires: Some(day(300)) };
    let passphrase = secret(SUBKEY_PASSPHRASE);
    let other = issue(&mut primary, &root.certificate, &spec, &quick(&passphrase), "TEST").unwrap();
    let mut stranger = open(&other.export, &other.fingerprint, &passphrase).unwrap();
    let with = extend_subkey(
        &mut primary,
        &issued.certificate,
        of,
        Some(&mut stranger),
        day(600),
        day(20),
    );
    assert!(matches!(with, Err(KeyError::NoSuchKey(_))), "{with:?}");
}

#[test]
fn two_signatures_of_one_second_are_not_made_and_none_is_older() {
    let (root, issued) = &*SHARED;
    let mut primary = opened(root);
    let again = extend_primary(&mut primary, &issued.certificate, day(1000), birth());
    assert!(matches!(again, Err(KeyError::SameSecond(_))), "{again:?}");
    let of = &issued.fingerprint;
    let again = extend_subkey(&mut primary, &issued.certificate, of, None, day(600), day(10));
    assert!(matches!(again, Err(KeyError::SameSecond(_))), "{again:?}");
}

#[test]
fn all_algorithms_of_roots_can_be_extended_also_after_their_end() {
    for algorithm in KeyAlgorithm::ALL {
        let ids = user_ids();
        let spec = RootSpec {
            algorithm: *algorithm,
            user_ids: &ids,
            created: birth(),
            expires: Some(day(30)),
        };
        let root = make_root(&spec, &quick(&secret(ROOT_PASSPHRASE))).unwrap();
        let new = extend_primary(&mut opened(&root), &root.certificate, day(90), day(40)).unwrap();
        assert_eq!(ends(&new.certificate, day(40)).unwrap(), [(root.fingerprint, day(90))]);
    }
}

/// A stage on which a subkey was issued, and a run that is at its question.
fn asked(stage: &Stage) -> Runner {
    stage.hold("root-generation");
    stage.hold("subkey-issuance");
    let mut runner = stage.begin(find("expiry-extension").unwrap(), &plainly).unwrap();
    until(stage, &mut runner, "spec");
    runner
}

fn spec(ends: &str, signers: &str) -> Reply {
    let values = [("ends", ends), ("subkeys", ""), ("signers", signers)];
    Reply::Answers(values.map(|(name, said)| (name.to_owned(), Value::from(said))).into())
}

#[test]
fn an_end_that_is_not_later_or_beyond_the_rules_is_refused_where_it_is_asked_for() {
    let stage = Stage::new();
    let mut runner = asked(&stage);
    for (ends, why) in [("1y", "is not later than"), ("4y", "the rules let it live until")] {
        let Err(Refused::Answers(wrong)) = runner.reply(spec(ends, "")) else { panic!("{ends}") };
        assert!(wrong[0].message.contains(why), "{wrong:?}");
    }
    let wrong = runner.reply(spec("30m", "0000"));
    assert!(matches!(wrong, Err(Refused::Answers(_))), "{wrong:?}");
    runner.reply(spec("30m", &stage.subkey())).unwrap();
    // Its primary key outlives it.
    let answer = |ends: &str| {
        let values = [("ends", ends.to_owned()), ("file", stage.parcel(&stage.subkey()))];
        Reply::Answers(values.map(|(name, said)| (name.to_owned(), Value::from(said))).into())
    };
    for (ends, why) in [("30d", "is not later than"), ("29m", "the rules let it live until")] {
        let Err(Refused::Answers(wrong)) = runner.reply(answer(ends)) else { panic!("{ends}") };
        assert!(wrong[0].message.contains(why), "{wrong:?}");
    }
    runner.reply(answer("180d")).unwrap();
    stage.land(&mut runner).unwrap();
    let world = stage.app.world(&stage.folder).unwrap();
    let one = &world.certificates[0];
    let end = |at: usize| one.keys().nth(at).unwrap().1.expires.unwrap();
    assert_eq!(end(0).date(), world.now.after(keyrite::domain::period::Period::Months(30)).date());
    assert_eq!(end(1).date(), world.now.plus(180 * keyrite::domain::timestamp::DAY).date());
}

#[test]
fn rules_that_have_changed_since_the_question_are_held_against_it_again() {
    let stage = Stage::new();
    let mut runner = asked(&stage);
    until(&stage, &mut runner, "extend");
    let path = stage.folder.join("keyrite.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text + "\n[policy.primary]\nlives = \"1m\"\n").unwrap();
    let remarks = stopped(&stage, &mut runner);
    assert_eq!(remarks[0].id.word(), "EXP-008", "{remarks:?}");
}

#[test]
fn the_secret_of_the_subkey_comes_as_a_parcel_or_as_a_key_file_and_nothing_else() {
    let stage = Stage::new();
    let mut runner = asked(&stage);
    runner.reply(spec("30m", &stage.subkey())).unwrap();
    let parcel = stage.parcel(&stage.subkey());
    let sealed = fs::read(&parcel).unwrap();
    let file = stage.medium("transfer").join("opened.key");
    let values = [("ends", "180d".to_owned()), ("file", file.display().to_string())];
    let values = values.map(|(name, said)| (name.to_owned(), Value::from(said)));
    runner.reply(Reply::Answers(values.into())).unwrap();
    until(&stage, &mut runner, &format!("extend-signer@{}", stage.subkey()));
    let failure = |runner: &mut Runner| {
        let lines = runner.journal().entries().len();
        loop {
            stage.fly(runner).unwrap();
            let new = runner.journal().entries().iter().skip(lines);
            let mut failed = new.filter_map(|entry| match &entry.event {
                Event::Failed { error, .. } => Some(error.clone()),
                _ => None,
            });
            if let Some(error) = failed.next_back() {
                return error;
            }
        }
    };
    assert!(failure(&mut runner).contains("is not there"));
    fs::write(&file, &sealed).unwrap();
    assert!(failure(&mut runner).contains("does not end in .key.pgp"));
    // A key file has a passphrase of its own.
    fs::write(&file, open_parcel(&sealed, &passphrase()).unwrap()).unwrap();
    assert!(failure(&mut runner).contains("does not open it"));
    let pass = fs::read(parcel.replace(".key.pgp", ".pass.pgp")).unwrap();
    let pass = open_parcel(&pass, &passphrase()).unwrap();
    while !matches!(runner.prompt(), Prompt::Secret { .. }) {
        stage.fly(&mut runner).unwrap();
    }
    let secret = Secret::take(&mut pass.to_vec()).unwrap();
    runner.reply(Reply::Secret { secret, again: None }).unwrap();
    stage.land(&mut runner).unwrap();
}

#[test]
fn the_day_before_which_it_must_be_published_is_the_old_end_less_the_slowest_channel() {
    let stage = Stage::new();
    let mut runner = asked(&stage);
    let old = stage.app.world(&stage.folder).unwrap().certificates[0].verdict.primary.expires;
    until(&stage, &mut runner, "publish");
    let Prompt::Confirm(confirmation) = runner.prompt() else { panic!() };
    let world = stage.app.world(&stage.folder).unwrap();
    let reach = i64::from(world.team.policy.windows.reach);
    assert!(reach > 0);
    let day = old.unwrap().plus(-reach * keyrite::domain::timestamp::DAY);
    assert_eq!(confirmation.subject, day.date());
}
