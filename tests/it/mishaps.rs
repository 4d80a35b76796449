//! What goes wrong with media and with people while the real binary holds a
//! ceremony: it is refused in words, mended, and gone on with.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::support::hall::{Answer, Hall, Prompt, Sat, names};
use crate::support::invariants::hold_at_the_end;
use crate::support::pilot::PASSPHRASE;

/// What somebody does to the media or the workspace.
type Change<'a> = &'a dyn Fn(&Hall);

/// Something that goes wrong.
struct Mishap<'a> {
    ceremony: &'static str,
    /// The title of the step right before which it happens.
    before: &'static str,
    harm: Change<'a>,
    /// What has to be said.
    words: &'a [&'a str],
    mend: Change<'a>,
}

impl Mishap<'_> {
    /// Lets it happen; it is refused, mended, and the ceremony held to its end.
    fn happen(&self, hall: &Hall) -> Sat {
        let (mut is_harmed, mut told) = (false, String::new());
        let sitting = hall.start(&[], self.ceremony);
        let sat = hall.pilot_with(sitting, &mut |prompt: &Prompt| {
            if !is_harmed && prompt.is_at(self.before) {
                is_harmed = true;
                (self.harm)(hall);
                return Answer::Usual;
            }
            let is_refused = ["STOPPED", "last time:", "not taken:"];
            if is_harmed && told.is_empty() && is_refused.iter().any(|w| prompt.said.contains(w)) {
                told.clone_from(&prompt.said);
                (self.mend)(hall);
                if prompt.label.starts_with("mend it") {
                    return Answer::Say(String::new());
                }
            }
            Answer::Usual
        });
        assert!(is_harmed, "there is no step '{}': {sat:#?}", self.before);
        assert!(!told.is_empty(), "nobody has noticed it: {}", sat.out);
        let told: Vec<_> = told.split_whitespace().collect();
        let told = told.join(" ");
        for word in self.words {
            assert!(told.contains(word), "'{word}' is not said: {told}");
        }
        assert!(sat.status.success(), "{sat:#?}");
        assert!(!sat.out.contains('\u{1b}'), "{sat:#?}");
        hold_at_the_end(hall, self.ceremony);
        sat
    }
}

/// The only set of keys on a medium.
fn set_on(hall: &Hall, medium: &str) -> PathBuf {
    let folder = hall.medium(medium).join("keyrite");
    let mut sets = names(&folder);
    sets.retain(|name| name != "medium.json");
    folder.join(&sets[0])
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_byte_that_flips_on_a_medium_stops_the_run_until_it_is_whole_again() {
    const CHANGED: &[&str] = &["STOPPED", "safe: ", "mend it"];
    for (medium, file, before) in [
        ("root-a", "root.pgp", "Read medium A again"),
        ("root-a", "cert.asc", "Read medium A again"),
        ("root-b", "manifest.json", "Read medium B again"),
        ("root-b", "root.pgp", "Read medium B again"),
        ("holder-witness", "revocation-witness.txt", "Read the medium of a holder again"),
    ] {
        let hall = Hall::new();
        let turn = |hall: &Hall| flip(&set_on(hall, medium).join(file));
        let ceremony = "root-generation";
        Mishap { ceremony, before, harm: &turn, words: CHANGED, mend: &turn }.happen(&hall);
    }
}

#[test]
fn what_is_no_plain_file_of_ours_is_refused_and_never_opened() {
    let root = |hall: &Hall| set_on(hall, "root-a").join("root.pgp");
    let aside = |hall: &Hall| hall.path("aside");
    let put_back = |hall: &Hall| {
        fs::remove_file(root(hall)).unwrap();
        fs::rename(aside(hall), root(hall)).unwrap();
    };
    let link = |hall: &Hall| {
        fs::rename(root(hall), aside(hall)).unwrap();
        symlink(aside(hall), root(hall)).unwrap();
    };
    let fifo = |hall: &Hall| {
        fs::rename(root(hall), aside(hall)).unwrap();
        let made = std::process::Command::new("mkfifo").arg(root(hall)).status().unwrap();
        assert!(made.success());
    };
    let second_name = |hall: &Hall| fs::hard_link(root(hall), aside(hall)).unwrap();
    let one_name = |hall: &Hall| fs::remove_file(aside(hall)).unwrap();
    let stranger =
        |hall: &Hall| fs::write(set_on(hall, "root-a").join("x\n\u{1b}[31m"), "").unwrap();
    let no_stranger =
        |hall: &Hall| fs::remove_file(set_on(hall, "root-a").join("x\n\u{1b}[31m")).unwrap();
    let cases: [(Change<'_>, Change<'_>, &str); 4] = [
        (&link, &put_back, "it is a link"),
        (&fifo, &put_back, "it is no plain file"),
        (&second_name, &one_name, "it is no plain file"),
        (&stranger, &no_stranger, "nobody wrote down that it is there"),
    ];
    for (harm, mend, word) in cases {
        let hall = Hall::new();
        let (ceremony, before) = ("root-generation", "Read medium A again");
        let words = &["MED-001", word, "safe: "];
        Mishap { ceremony, before, harm, words, mend }.happen(&hall);
    }
}

#[test]
fn a_medium_on_which_something_else_lies_is_stopped_at() {
    for name in ["autorun.inf", "odd\nname \u{1b}]0;x\u{7}"] {
        let hall = Hall::new();
        let put = |hall: &Hall| fs::write(hall.medium("root-a").join(name), "x").unwrap();
        let take = |hall: &Hall| fs::remove_file(hall.medium("root-a").join(name)).unwrap();
        Mishap {
            ceremony: "root-generation",
            before: "Name medium A",
            harm: &put,
            words: &["MED-001", "entries beside what belongs there: 1, among them", ":except"],
            mend: &take,
        }
        .happen(&hall);
    }
}

#[test]
fn another_medium_at_the_place_is_told_and_the_right_one_is_waited_for() {
    let hall = Hall::new();
    // While A is away, B stands in its place.
    let swap = |hall: &Hall| {
        fs::rename(hall.medium("root-a"), hall.path("a")).unwrap_or_default();
        fs::rename(hall.medium("root-a.away"), hall.path("a")).unwrap_or_default();
        fs::rename(hall.medium("root-b"), hall.medium("root-a")).unwrap();
    };
    let right = |hall: &Hall| {
        fs::rename(hall.medium("root-a"), hall.medium("root-b")).unwrap();
        fs::rename(hall.path("a"), hall.medium("root-a")).unwrap();
    };
    Mishap {
        ceremony: "root-generation",
        before: "Put medium A back",
        harm: &swap,
        words: &["not taken: another medium is there: put the right one in"],
        mend: &right,
    }
    .happen(&hall);
}

#[test]
fn one_folder_is_not_two_media() {
    let hall = Hall::new();
    let a = hall.medium("root-a").to_str().unwrap().to_owned();
    let (mut is_given, mut goes_back) = (false, false);
    let sat = hall.pilot_with(hall.start(&[], "root-generation"), &mut |prompt| {
        let field = prompt.label.split(' ').next().unwrap();
        if field == "b" && !is_given {
            is_given = true;
            return Answer::Say(a.clone());
        }
        // Back through the questions, up to the one about the media.
        goes_back = field != "a" && (goes_back || prompt.label.starts_with("mend it"));
        if goes_back { Answer::Say(":back".to_owned()) } else { Answer::Usual }
    });
    assert!(sat.out.contains("MED-002: it is the same device as another one"), "{sat:#?}");
    assert!(sat.status.success(), "{sat:#?}");
    hold_at_the_end(&hall, "root-generation");
}

#[test]
fn another_key_under_the_name_of_the_certificate_stops_an_issuance() {
    let hall = Hall::after("root-generation");
    let other = Hall::after("root-generation");
    let name = hall.certificates()[0].clone();
    let path = hall.path("team/certs").join(format!("{name}.asc"));
    let right = fs::read(&path).unwrap();
    let foreign =
        fs::read(other.path("team/certs").join(format!("{}.asc", other.certificates()[0])));
    let foreign = foreign.unwrap();
    let harm = |_: &Hall| fs::write(&path, &foreign).unwrap();
    let mend = |_: &Hall| fs::write(&path, &right).unwrap();
    Mishap {
        ceremony: "subkey-issuance",
        before: "Compare the certificates",
        harm: &harm,
        words: &["CER-005", "this is the certificate", "safe:", "bring the right one back"],
        mend: &mend,
    }
    .happen(&hall);
}

#[test]
fn a_passphrase_that_is_wrong_three_times_pauses_the_run() {
    let hall = Hall::after("root-generation");
    let sitting = hall.sit(&[], &["start", "subkey-issuance"], &["TEST not the right one"; 9]);
    let sat = hall.pilot(sitting);
    assert_eq!(sat.status.code(), Some(9), "{sat:#?}");
    let wrong = "the passphrase does not open it; nothing was changed";
    assert!(
        sat.out.contains(wrong) && sat.out.contains("go on: keyrite ceremony resume"),
        "{sat:#?}"
    );
    let run = hall.folder_of(&hall.run_of("subkey-issuance"));
    let journal = fs::read_to_string(run.join("journal.jsonl")).unwrap();
    assert_eq!(journal.matches(wrong).count(), 3, "{journal}");
    assert!(hall.go_on("subkey-issuance").status.success());
    hold_at_the_end(&hall, "subkey-issuance");
    assert!(!journal.contains("not the right one") && !sat.out.contains(PASSPHRASE));
}

#[test]
fn a_confirmation_that_is_mistyped_does_nothing() {
    let hall = Hall::new();
    let mut typed = 0;
    let sat = hall.pilot_with(hall.start(&[], "root-generation"), &mut |prompt| {
        if !prompt.label.contains(", by ") {
            return Answer::Usual;
        }
        typed += 1;
        match typed {
            1 => Answer::Say("00000000".to_owned()),
            2 => Answer::Say(String::new()),
            _ => Answer::Usual,
        }
    });
    assert!(sat.status.success(), "{sat:#?}");
    let refused = "not taken: that is not its last eight digits; nothing was done";
    assert_eq!(sat.out.matches(refused).count(), 2, "{sat:#?}");
    hold_at_the_end(&hall, "root-generation");
}
