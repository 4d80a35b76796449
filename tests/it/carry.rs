//! The workspace on a medium: runs that are begun on one machine, go on on
//! another, and end on the first.

use std::fs;
use std::path::Path;

use crate::support::courier::{Courier, begin_until, bytes_of, compare, go_until, shown_words};
use crate::support::hall::Hall;

const ROOT: &str = "root-generation";

fn sound(hall: &Hall) {
    let verified = hall.run(&["audit", "verify", "--in", "team"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
}

fn state_of(hall: &Hall, run: &str) -> String {
    let runs = hall.runs();
    let run = runs.iter().find(|one| one["id"] == run).unwrap();
    run["state"].as_str().unwrap().to_owned()
}

#[test]
fn a_run_begins_here_goes_on_there_and_ends_here() {
    let courier = Courier::new();
    let Courier { here, there, .. } = &courier;
    let run = begin_until(here, ROOT, "Prove medium B");
    courier.carry(here, there, &["--hand-over", &run], &[]);
    assert_eq!(state_of(here, &run), "handed over");
    assert_eq!(state_of(there, &run), "paused");
    sound(there);
    // It has one holder.
    let before = bytes_of(&here.path("team"));
    let refused = here.pilot(here.resume(&[], Some(&run)));
    assert_eq!(refused.status.code(), Some(2), "{refused:#?}");
    assert!(refused.err.contains("was handed over by driver"), "{refused:#?}");
    assert!(refused.err.contains("keyrite carry recall"), "{refused:#?}");
    let refused = here.run(&["ceremony", "abandon", &run, "--reason", "TEST", "--in", "team"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert_eq!(before, bytes_of(&here.path("team")), "nothing was changed");
    // It goes on there, and comes back with what was done.
    let sat =
        go_until(there, there.resume(&[], Some(&run)), "Bring the certificate into the workspace");
    assert_eq!(sat.status.code(), Some(9), "{sat:#?}");
    courier.carry(there, here, &["--hand-over", &run], &[]);
    assert_eq!(state_of(there, &run), "handed over");
    let sat = here.pilot(here.resume(&[], Some(&run)));
    assert!(sat.status.success(), "{sat:#?}");
    sound(here);
    let transcript = fs::read_to_string(here.folder_of(&run).join("transcript.md")).unwrap();
    let told = ["handed over to another machine by driver", "taken over on another machine by"];
    for words in told {
        assert_eq!(transcript.matches(words).count(), 2, "{transcript}");
    }
    // The end of it is carried, too.
    let certificate = here.certificates()[0].clone();
    let taken = courier.carry(
        here,
        there,
        &[],
        &["--accept", &format!("certs/{certificate}.asc"), "--accept", "keyrite.toml"],
    );
    assert!(taken.out.contains("taken in"), "{taken:?}");
    assert_eq!(state_of(there, &run), "closed");
    assert_eq!(there.certificates(), [certificate]);
    sound(there);
    // And nothing of it is carried twice.
    let digits = shown_words(&taken.out);
    let again = courier.typed(there, &digits, &[]);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(again.out.contains("it was taken in before"), "{again:?}");
}

/// The commands of the guide, with the machine on which each is given.
fn commands() -> Vec<(String, String)> {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guides/carry.md");
    let guide = fs::read_to_string(guide).unwrap();
    let mut commands = Vec::new();
    for block in guide.split("```sh\n").skip(1) {
        let mut lines = block.split("```").next().unwrap().lines();
        let machine = lines.next().unwrap();
        commands.extend(lines.map(|line| (machine.to_owned(), line.to_owned())));
    }
    assert!(commands.len() >= 7, "{commands:?}");
    commands
}

#[test]
fn the_commands_of_the_guide_do_what_it_says() {
    let courier = Courier::new();
    let run = begin_until(&courier.here, ROOT, "Make the primary key");
    let (mut digits, mut resumed) = (String::new(), 0);
    for (machine, line) in commands() {
        let is_here = machine == "# on the online machine";
        assert!(is_here || machine == "# on the offline machine", "{machine}");
        let hall = if is_here { &courier.here } else { &courier.there };
        let stick = courier.stick().to_str().unwrap();
        let line = line.replace("/media/stick", stick).replace("RUN", &run);
        let line = line.replace("alice", "driver");
        let words: Vec<_> = line.strip_prefix("keyrite ").unwrap().split(' ').collect();
        if words[..2] == ["ceremony", "resume"] {
            let until = if is_here { "none" } else { "Take medium A out" };
            let sat = go_until(hall, hall.resume(&[], Some(&run)), until);
            assert_eq!(sat.status.code(), Some(if is_here { 0 } else { 9 }), "{sat:#?}");
            resumed += 1;
            continue;
        }
        let outcome = compare(hall.spawn(&[], &words), &digits, "yes\nyes\n", &mut || {});
        assert_eq!(outcome.code, Some(0), "{line}: {outcome:?}");
        if words[1] == "out" {
            digits = shown_words(&outcome.out);
        }
    }
    assert_eq!(resumed, 2);
    assert_eq!(state_of(&courier.here, &run), "closed");
}
