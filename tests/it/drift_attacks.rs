//! What somebody tried who had a target, the network, or a colleague's clone,
//! to have an incident pass, or to have nobody told.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use keyrite::domain::publication::Verdict;
use keyrite::engine::catalog::find;
use sequoia_openpgp::Cert;
use sequoia_openpgp::packet::Packet;
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::serialize::{Marshal as _, SerializeInto as _};
use sequoia_openpgp::types::{ReasonForRevocation, SignatureType};

use crate::drift::{FILES, Team, web};
use crate::support::pilot::{Stage, plainly};
use crate::support::targets::cert;

/// A revocation by the key itself.
fn revocation(cert: &Cert) -> Packet {
    let key = cert.primary_key().key().clone().parts_into_secret().unwrap();
    let mut signer = key.into_keypair().unwrap();
    let builder = SignatureBuilder::new(SignatureType::KeyRevocation)
        .set_reason_for_revocation(ReasonForRevocation::KeyCompromised, b"TEST")
        .unwrap();
    builder.sign_direct_key(&mut signer, cert.primary_key().key()).unwrap().into()
}

fn public(cert: &Cert) -> Vec<u8> {
    cert.clone().strip_secret_key_material().to_vec().unwrap()
}

/// Serves bytes behind the certificate.
fn adds(team: &Team, bytes: &[u8]) {
    let hex = team.cert.fingerprint().to_hex();
    let all = [public(&team.cert), bytes.to_vec()].concat();
    team.program.file(&format!("team/files/{hex}.gpg"), all);
}

#[test]
fn what_cannot_be_read_beside_a_certificate_is_no_match() {
    let team = Team::new(FILES);
    team.serves(&team.cert);
    team.is("match", 0);
    // A revocation that stands alone, as somebody appends it.
    let mut alone = Vec::new();
    revocation(&team.cert).serialize(&mut alone).unwrap();
    let armored = {
        use sequoia_openpgp::armor::{Kind, Writer};
        let mut writer = Writer::new(Vec::new(), Kind::Signature).unwrap();
        std::io::Write::write_all(&mut writer, &alone).unwrap();
        writer.finalize().unwrap()
    };
    let hex = team.cert.fingerprint().to_hex();
    let own = team.cert.clone().strip_secret_key_material().armored().to_vec().unwrap();
    team.program.file(&format!("team/files/{hex}.asc"), [own.clone(), armored].concat());
    team.is("foreign", 17);
    // Another certificate with a broken tail.
    team.serves(&team.cert);
    let strange = public(&cert("stranger", &[]));
    for tail in [&[0xc2, 5, 4][..], &[0xb4, 0x20, b'a'], &[0xcd, 5, b'a']] {
        adds(&team, &[strange.as_slice(), tail].concat());
        team.is("foreign", 17);
    }
    // A block without an end.
    team.serves(&team.cert);
    let open = b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEZZZZ\n";
    team.program.file(&format!("team/files/{hex}.asc"), [own, open.to_vec()].concat());
    team.is("foreign", 17);
}

#[test]
fn a_certificate_that_cannot_be_read_is_told_and_not_left_out() {
    let team = Team::new(FILES);
    let begun = team.program.run(&["audit", "begin", "--as", "anna", "--in", "team"]);
    assert_eq!(begun.code, Some(0), "{begun:?}");
    team.serves(&team.cert);
    team.is("match", 0);
    let name = format!("team/certs/{}.asc", team.cert.fingerprint().to_hex());
    team.program.file(&name, "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDME");
    let told = team.drift(&[]);
    assert!(told.code == Some(1) && told.err.contains("bring it back from git"), "{told:?}");
    fs::remove_file(team.program.folder().join(name)).unwrap();
    assert_eq!(team.drift(&["--json"]).code, Some(1));
}

#[test]
fn a_broken_memory_is_told_and_not_written_over() {
    let team = Team::new(FILES);
    team.program.run(&["audit", "begin", "--as", "anna", "--in", "team"]);
    team.serves(&team.cert);
    team.is("match", 0);
    let writer = fs::read_dir(team.program.folder().join("team/observed")).unwrap().next();
    let file = writer.unwrap().unwrap().path().join("web.json");
    let kept = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("<<<<<<< ours\n{kept}")).unwrap();
    let told = team.drift(&[]);
    let said = format!("{}{}", told.out, told.err);
    assert!(told.code != Some(0) && said.contains("cannot be read"), "{told:?}");
    assert!(fs::read_to_string(&file).unwrap().starts_with("<<<<<<<"));
    // Words of strangers in it do not reach the terminal as they are.
    fs::write(&file, kept.replace("\"of\": \"", "\"of\": \"\\u001b]0;TEST\\u0007")).unwrap();
    let hex = team.cert.fingerprint().to_hex();
    fs::remove_file(team.program.folder().join(format!("team/files/{hex}.gpg"))).unwrap();
    let told = team.drift(&["--parts"]);
    assert!(told.out.contains("not served any more") && !told.out.contains('\u{1b}'), "{told:?}");
}

#[test]
fn a_target_is_no_path_out_of_the_workspace() {
    let team = Team::new(&FILES.replace("\"web\"", "\"../../../victim\""));
    let told = team.drift(&[]);
    assert!(told.code != Some(0) && told.err.contains("its id is no name"), "{told:?}");
}

#[test]
fn a_certificate_is_one_whatever_it_is_called() {
    let strange = cert("stranger", &[]).strip_secret_key_material().armored().to_vec().unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\r\n",
        strange.len()
    );
    let answer: &'static [u8] = [head.into_bytes(), strange].concat().leak();
    let url = web(answer);
    let team = Team::new(&format!("{FILES}settings = {{ read = \"{url}\" }}\n"));
    team.serves(&team.cert);
    team.is("foreign", 17);
}

#[test]
fn what_was_seen_by_one_door_is_remembered_though_another_is_shut() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use crate::support::web::{Answer, Web};
    let team = Team::new(FILES);
    let (served, is_first) = (public(&team.cert), Arc::new(AtomicBool::new(true)));
    let first = is_first.clone();
    // One door is shut; the other gives the certificate, and later nothing.
    let web = Web::start(move |request| match request.path.contains(".gpg") {
        true if first.load(Ordering::SeqCst) => Answer::new(200, "", &served),
        true => Answer::new(404, "", ""),
        false => Answer::new(if first.load(Ordering::SeqCst) { 503 } else { 404 }, "", ""),
    });
    let file = team.program.folder().join("team/keyrite.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}settings = {{ read = \"{}\" }}\n", web.url)).unwrap();
    team.program.run(&["audit", "begin", "--as", "anna", "--in", "team"]);
    team.is("unreachable", 16);
    is_first.store(false, Ordering::SeqCst);
    team.is("rollback", 17);
}

/// A team with a subkey that publishes into folders.
fn team() -> Stage {
    Stage::after(&["root-generation", "subkey-issuance"])
}

#[test]
fn users_can_go_on_reading_what_is_written_over() {
    let stage = team();
    stage.hold("publication");
    let served = stage.folder.join("published").join(format!("{}.asc", stage.certificate()));
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&served) & 0o044, 0o044, "{:o}", mode(&served));
    assert_eq!(mode(&served.with_extension("")) & 0o055, 0o055);
    fs::set_permissions(&served, fs::Permissions::from_mode(0o664)).unwrap();
    stage.hold("subkey-revocation");
    stage.hold("publication");
    assert_eq!(mode(&served), 0o664);
}

#[test]
fn a_revocation_of_the_certificate_reaches_who_asks_by_an_address() {
    let mut stage = team();
    let file = stage.folder.join("keyrite.toml");
    fs::create_dir(stage.folder.join("wkd")).unwrap();
    let web =
        crate::support::web::Web::of_folder(&stage.folder.join("wkd"), "application/octet-stream");
    let table = format!(
        "\n[[targets]]\nid = \"directory\"\nkind = \"wkd\"\nplace = \"https://test.example\"\n\
         settings = {{ domain = \"test.example\", to = \"wkd\", read = \"{}\" }}\n",
        web.url
    );
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text + &table).unwrap();
    stage.hold("publication");
    stage.hold("revocation-set");
    stage.hold("certificate-revocation");
    let served = || {
        let hu = stage.folder.join("wkd/.well-known/openpgpkey/hu");
        fs::read(fs::read_dir(hu).unwrap().next().unwrap().unwrap().path()).unwrap()
    };
    let before = served();
    let runner = stage.hold("publication");
    let prove = runner.run().fact("prove.verdict", Some("directory")).unwrap().text();
    assert_eq!(prove, "match");
    assert_ne!(served(), before, "the revocation is in it");
    drop(runner);
    // And nothing less is chosen before.
    stage.otherwise.clear();
    assert!(stage.begin(find("publication").unwrap(), &plainly).is_ok());
}

/// What is said of the last target of a team, which is its `KEYS` file.
fn told_of_keys(stage: &Stage) -> (Verdict, String) {
    let rows = stage.app.drift(&stage.folder).unwrap();
    let row = rows.iter().find(|row| row.target.id == "keys-file").unwrap();
    (row.verdict(), row.words().join("; "))
}

#[test]
fn a_certificate_beside_ours_is_named_and_is_foreign_where_it_is_said_who_may_be_there() {
    let stage = team();
    stage.hold("publication");
    let others = |list: Option<&str>| {
        let file = stage.folder.join("keyrite.toml");
        let place = "place = \"published/KEYS\"\n";
        let settings = list.map(|list| format!("settings = {{ others = [{list}] }}\n"));
        let text = fs::read_to_string(&file).unwrap();
        let is_other = |line: &&str| !line.starts_with("settings = { others");
        let text: Vec<_> = text.lines().filter(is_other).collect();
        let new = format!("{place}{}", settings.unwrap_or_default());
        fs::write(&file, (text.join("\n") + "\n").replace(place, &new)).unwrap();
    };
    assert_eq!(told_of_keys(&stage).0, Verdict::Match);
    others(Some(""));
    assert_eq!(told_of_keys(&stage).0, Verdict::Match);
    let strange = cert("stranger", &[]).strip_secret_key_material();
    let keys = stage.folder.join("published/KEYS");
    let mut text = fs::read(&keys).unwrap();
    text.extend_from_slice(&strange.armored().to_vec().unwrap());
    fs::write(&keys, text).unwrap();
    let hex = strange.fingerprint().to_hex();
    let (verdict, words) = told_of_keys(&stage);
    assert_eq!(verdict, Verdict::Foreign);
    assert!(words.contains(&format!("nobody has declared (others): {hex}")), "{words}");
    others(Some(&format!("\"{}\"", strange.fingerprint().to_spaced_hex())));
    assert_eq!(told_of_keys(&stage).0, Verdict::Match);
    others(None);
    let (verdict, words) = told_of_keys(&stage);
    assert_eq!(verdict, Verdict::Match);
    assert!(words.contains(&hex), "{words}");
}

#[test]
fn what_was_seen_counts_only_with_a_log_that_vouches_for_it() {
    let stage = team();
    stage.hold("publication");
    let observed = stage.folder.join("observed");
    let writer = fs::read_dir(&observed).unwrap().next().unwrap().unwrap().file_name();
    let digits = writer.to_str().unwrap().rsplit_once('-').unwrap().1;
    let forged = observed.join(format!("mallory-{digits}"));
    fs::create_dir(&forged).unwrap();
    fs::copy(observed.join(writer).join("files.json"), forged.join("files.json")).unwrap();
    let rows = stage.app.drift(&stage.folder).unwrap();
    let row = rows.iter().find(|row| row.target.id == "files").unwrap();
    let words = row.words().join("; ");
    assert!(words.contains("nobody vouches for it"), "{words}");
    assert_eq!(row.verdict(), Verdict::Unreachable);
}
