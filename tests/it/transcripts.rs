//! Transcripts of the real binary: they follow from the journal, whatever
//! stands in the folder of the run.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::support::gpg::Gpg;
use crate::support::hall::{Answer, Hall, Sat};
use crate::support::program::{BINARY, finish};
use crate::support::tree::root;

const ROOT: &str = "root-generation";

/// A root generation that was left when the witness was named.
fn begun() -> (Hall, String) {
    let hall = Hall::new();
    let mut is_named = false;
    let sat: Sat = hall.pilot_with(hall.start(&[], ROOT), &mut |prompt| {
        if is_named {
            return Answer::Leave;
        }
        is_named = prompt.label.starts_with("witness");
        Answer::Usual
    });
    assert_eq!(sat.status.code(), Some(9), "{sat:#?}");
    let run = hall.run_of(ROOT);
    (hall, run)
}

/// What keyrite says to `ceremony` and these words.
fn say(hall: &Hall, words: &[&str]) -> (i32, String) {
    let said = hall.run(&[&["ceremony"], words, &["--in", "team"]].concat());
    (said.code.unwrap(), said.out + &said.err)
}

#[test]
fn a_transcript_that_could_not_be_written_is_written_on_the_next_occasion() {
    let (hall, run) = begun();
    let folder = hall.folder_of(&run);
    let (code, said) = say(&hall, &["transcript", &run]);
    assert!(code == 1 && said.contains("has not ended"), "{said}");
    // Something is in its way.
    fs::create_dir(folder.join("transcript.json")).unwrap();
    let (code, said) = say(&hall, &["abandon", &run, "--reason", "TEST full disk"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("the run is given up, and that is written down"), "{said}");
    assert!(said.contains(&format!("keyrite ceremony transcript {run}")), "{said}");
    // It can be read all the same.
    let (code, said) = say(&hall, &["transcript", &run]);
    assert!(code == 1 && said.contains("given up by driver: TEST full disk"), "{said}");
    fs::remove_dir(folder.join("transcript.json")).unwrap();
    let mut made = Vec::new();
    for words in [
        &["transcript", &run, "--json"][..],
        &["abandon", &run, "--reason", "once more"],
        &["resume", &run],
    ] {
        assert!(!folder.join("transcript.json").exists());
        let (_, said) = say(&hall, words);
        made.push(fs::read(folder.join("transcript.json")).unwrap_or_else(|_| panic!("{said}")));
        fs::remove_file(folder.join("transcript.json")).unwrap();
    }
    assert!(made.iter().all(|one| *one == made[0] && !one.is_empty()));
    // The name of the workspace of today is none of it.
    let file = hall.path("team/keyrite.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("name = \"", "name = \"TEST other ", 1)).unwrap();
    let (code, said) = say(&hall, &["transcript", &run, "--json"]);
    assert_eq!((code, said.into_bytes()), (0, made[0].clone()));
}

#[test]
fn a_run_that_has_ended_says_when_and_how() {
    let (hall, run) = begun();
    let (code, said) = say(&hall, &["abandon", &run, "--reason", "TEST no time"]);
    assert_eq!(code, 0, "{said}");
    let (code, said) = say(&hall, &["abandon", &run, "--reason", "again"]);
    assert_eq!(code, 1, "{said}");
    let day = fs::read_to_string(hall.folder_of(&run).join("transcript.md")).unwrap();
    let day = day.split_once("Ended: ").unwrap().1[..10].to_owned();
    assert!(said.contains(&format!("the run was given up by driver, on {day} ")), "{said}");
    assert!(said.contains(": TEST no time"), "{said}");
    assert!(!said.contains("where the ceremony does not have it"), "{said}");
}

#[test]
fn what_somebody_puts_into_the_transcript_reaches_no_terminal() {
    let (hall, run) = begun();
    say(&hall, &["abandon", &run, "--reason", "TEST"]);
    let folder = hall.folder_of(&run);
    let (text, json) = (folder.join("transcript.md"), folder.join("transcript.json"));
    let whole = fs::read_to_string(&text).unwrap();
    fs::write(&text, whole.replacen("Witness", "\u{1b}]0;x\u{7}Signed", 1)).unwrap();
    let (code, said) = say(&hall, &["transcript", &run]);
    assert_eq!(code, 0, "{said}");
    assert!(!said.contains('\u{1b}') && !said.contains("Signed"), "{said}");
    assert_eq!(fs::read_to_string(&text).unwrap(), whole, "it follows from the journal");
    // What people sign is left as evidence, and is not read out.
    fs::write(&json, "\u{1b}[31m{}").unwrap();
    let (code, said) = say(&hall, &["transcript", &run, "--json"]);
    assert!(code == 1 && said.contains("is not what the journal says"), "{said}");
    assert!(!said.contains('\u{1b}'), "{said}");
    let (code, said) = say(&hall, &["runs"]);
    assert!(code == 0 && said.contains("is not what the journal says"), "{said}");
    assert_eq!(fs::read_to_string(&json).unwrap(), "\u{1b}[31m{}");
}

/// The lines of the shell in the guide's section about signing, up to remarks.
fn lines_of_the_guide() -> Vec<String> {
    let guide = fs::read_to_string(root().join("docs/guides/ceremonies.md")).unwrap();
    let (_, section) = guide.split_once("### How a witness signs").unwrap();
    let blocks = section.split("```sh\n").skip(1);
    let lines = blocks.flat_map(|block| block.split("```").next().unwrap_or_default().lines());
    lines.map(|line| line.split("  #").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_witness_signs_as_the_guide_says() {
    let (hall, run) = begun();
    assert_eq!(say(&hall, &["abandon", &run, "--reason", "TEST"]).0, 0);
    // Without a certificate it is said what there has to be, and where.
    let transcript = hall.folder_of(&run).join("transcript.json");
    let (code, said) = say(&hall, &["sign", &run, "--as", "witness"]);
    assert_eq!(code, 2, "{said}");
    for words in ["people/FPR.asc", transcript.to_str().unwrap(), "--signature FILE"] {
        assert!(said.contains(words), "'{words}': {said}");
    }
    let gpg = Gpg::new();
    let settings = "batch\npinentry-mode loopback\npassphrase TEST\n";
    fs::write(gpg.home().join("gpg.conf"), settings).unwrap();
    let bin = Path::new(BINARY).parent().unwrap().display().to_string();
    let mut fingerprint = String::new();
    let mut out = String::new();
    for line in lines_of_the_guide() {
        let line = line.replace("FPR", &fingerprint).replace("RUN", &run);
        let mut command = Command::new("sh");
        command.args(["-e", "-c", &line]).current_dir(hall.path("team"));
        command.env_clear().env("HOME", hall.path("")).env("LANG", "C.UTF-8");
        command.env("GNUPGHOME", gpg.home()).env("PATH", format!("{bin}:/usr/bin:/bin"));
        let outcome = finish(command, b"", Duration::from_mins(1)).expect("it hangs");
        assert_eq!(outcome.code, Some(0), "{line}: {outcome:?}");
        out = outcome.out;
        if let Some(told) = out.lines().find_map(|line| line.strip_prefix("fpr:")) {
            fingerprint.push_str(told.trim_matches(':'));
            let file = hall.path("team/keyrite.toml");
            let text = fs::read_to_string(&file).unwrap();
            let id = "id = \"witness\"\n";
            let with = format!("{id}fingerprint = \"{fingerprint}\"\n");
            fs::write(&file, text.replacen(id, &with, 1)).unwrap();
        }
    }
    assert!(out.contains("Witness: witness (signed)\n"), "{out}");
    let (_, listed) = say(&hall, &["runs"]);
    assert!(!listed.contains("UNWITNESSED") && listed.contains("; signed by witness"), "{listed}");
    let verified = hall.run(&["audit", "verify", "--in", "team"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    // What was signed is named in the log by its digest.
    fs::write(&transcript, "{}").unwrap();
    assert_eq!(hall.run(&["audit", "verify", "--in", "team"]).code, Some(10));
}
