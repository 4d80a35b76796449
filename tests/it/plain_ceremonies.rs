//! Ceremonies line by line: what is taken, what is asked again, and what is
//! said on the way.

use crate::support::hall::{Answer, Hall, Sat};

/// Says `text` the first time that the prompt begins with `label`, and closes
/// the input at the prompt that begins with `until`.
fn once(hall: &Hall, label: &str, text: &str, until: &str) -> Sat {
    let mut is_said = false;
    hall.pilot_with(hall.start(&[], "root-generation"), &mut |prompt| {
        if prompt.label.starts_with(label) && !is_said {
            is_said = true;
            return Answer::Say(text.to_owned());
        }
        if prompt.label.starts_with(until) { Answer::Leave } else { Answer::Usual }
    })
}

#[test]
fn a_wrong_answer_is_asked_again_at_once_and_those_before_it_are_kept() {
    let hall = Hall::new();
    let sat = once(&hall, "ends", "yesterday", "a [");
    let told = "not taken: ends: 'yesterday' is neither a period (2y, 90d) nor a day";
    assert!(sat.out.contains(told), "{sat:#?}");
    assert_eq!(sat.out.matches("User IDs: the team").count(), 1, "{sat:#?}");
    assert_eq!(sat.out.matches("ends [").count(), 2, "{sat:#?}");
}

#[test]
fn a_line_that_is_too_long_is_passed_over_whole() {
    let hall = Hall::new();
    let long = "x".repeat(200_000);
    let sat = once(&hall, "user_ids", &long, "a ");
    assert!(sat.out.contains("not taken: a line of more than 64 KiB"), "{sat:#?}");
    assert_eq!(sat.out.matches("not taken").count(), 1, "{sat:#?}");
    assert!(!sat.out.contains("xxxx"), "{sat:#?}");
}

#[test]
fn words_where_only_enter_is_wanted_do_nothing() {
    let hall = Hall::new();
    let sat = once(&hall, "Enter looks", "yes, do it", "algorithm");
    assert!(sat.out.contains("nothing is asked here: Enter alone goes on"), "{sat:#?}");
}

#[test]
fn what_is_found_and_stops_nothing_is_said() {
    let hall = Hall::new();
    let sat = once(&hall, "Enter looks", "", "algorithm");
    let run = hall.folder_of(&hall.run_of("root-generation"));
    let journal = std::fs::read_to_string(run.join("journal.jsonl")).unwrap();
    let found = journal.matches("\"severity\"").count();
    assert_eq!(sat.out.matches("on record, stops nothing here: ").count(), found, "{sat:#?}");
}

#[test]
fn the_plan_is_shown_again_where_its_digest_is_confirmed() {
    let hall = Hall::new();
    let sat = once(&hall, "nobody says this", "", "its last eight digits");
    let (_, agree) = sat.out.split_once("Agree to the plan").unwrap();
    assert!(agree.contains("1  Make the primary key"), "{agree}");
}

#[test]
fn what_a_ceremony_does_not_ask_for_cannot_be_given() {
    let hall = Hall::new();
    let words = ["ceremony", "start", "root-generation", "--in", "team", "--with", "colour=red"];
    let refused = hall.run(&words);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.err.contains("does not ask for 'colour'"), "{refused:?}");
    assert!(hall.runs().is_empty());
}

#[test]
fn a_passphrase_that_nobody_can_type_is_not_chosen() {
    let hall = Hall::new();
    let lines = ["\u{1}\u{2}\u{3}\u{4}\u{1}\u{2}\u{3}\u{4}\u{1}\u{2}\u{3}\u{4}\u{1}\u{2}\u{3}\u{4}\u{1}";
        2];
    let sitting = hall.sit(&[], &["start", "root-generation"], &lines);
    let sat = hall.pilot(sitting);
    assert_eq!(sat.status.code(), Some(9), "{sat:#?}");
    assert!(sat.out.contains("it has characters that nobody can type"), "{sat:#?}");
}
