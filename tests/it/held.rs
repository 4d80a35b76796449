//! Ceremonies that are held in the console: keys in, screens out, with
//! folders as media.

use std::fs;
use std::path::Path;
use std::time::Duration;

use keyrite::app::conduct::RunReport;
use keyrite::app::look::{GlyphSet, ThemeName};
use keyrite::app::{Opening, RunState};
use keyrite::domain::text::VisibleText;
use keyrite::engine::definition::FieldKind;
use keyrite::engine::run::Confirmation;
use keyrite::engine::runner::{Prompt, RunView, Runner};
use keyrite::tui::event::{Event, Signal};
use keyrite::tui::layer::Layer;
use keyrite::tui::model::{Said, Screen};

use crate::support::dry_run::{self, Weather};
use crate::support::pilot::{PASSPHRASE, Stage, typed};
use crate::support::story::Story;

/// Longer than a confirmation stays locked.
const LONG: Duration = Duration::from_secs(4);

pub(crate) fn open(stage: &Stage) -> Story {
    let declaration = Box::new(stage.app.workspace(&stage.folder).unwrap());
    let opening = Opening::Workspace { folder: stage.folder.clone(), declaration };
    Story::with(stage.app.clone(), &opening, (100, 30), ThemeName::None, GlyphSet::Unicode)
}

pub(crate) fn view(story: &Story) -> RunView {
    story.model.held.as_ref().unwrap().view.clone().unwrap()
}

/// Begins the first ceremony of the list.
pub(crate) fn begin(story: &mut Story) {
    story.press("4 Enter").expect("who drives?").press("Enter").expect("REHEARSAL");
}

/// Answers the questions that are asked, field by field.
fn answer(story: &mut Story, stage: &Stage, view: &RunView) {
    let place = view.place.clone().unwrap();
    let Prompt::Ask(asked) = &view.prompt else { panic!("nothing is asked") };
    for one in asked {
        let wanted = stage.answer(view.ceremony.id, place.as_str(), one.field.id, &one.offer);
        let held = story.model.held.as_ref().unwrap();
        match held.answers[held.focus].said.clone() {
            Said::Typed(_) => {
                story.press("Ctrl-u").type_text(&wanted);
            }
            Said::One(_) => {
                for _ in 0..20 {
                    let held = story.model.held.as_ref().unwrap();
                    if held.answers[held.focus].text() == wanted {
                        break;
                    }
                    story.press("Down");
                }
            }
            Said::Several(..) => {
                assert!(matches!(one.field.kind, FieldKind::People(_) | FieldKind::Recipients));
                for choice in &one.choices {
                    if wanted.contains(&choice.value) {
                        story.press("Space");
                    }
                    story.press("Down");
                }
            }
        }
        story.press("Tab");
    }
    story.press("Enter");
}

/// Types what is to be typed, waits as long as it takes, and presses.
fn confirm(story: &mut Story, confirmation: &Confirmation) {
    story.press("Enter").expect("CONFIRM").expect("[ Cancel ]").expect("locked 3 s");
    for text in typed(confirmation) {
        story.press("Tab").type_text(&text);
    }
    story.press("Tab").pass(LONG).press("Enter");
}

/// Does what the run wants next.
pub(crate) fn go_on(story: &mut Story, stage: &Stage) {
    let view = view(story);
    match &view.prompt {
        Prompt::Ask(_) => answer(story, stage, &view),
        Prompt::Confirm(confirmation) => confirm(story, confirmation),
        Prompt::Secret { secret, is_offered: false } if secret.is_new => {
            story.press("Tab Enter").type_text(PASSPHRASE).press("Enter");
            story.type_text(PASSPHRASE).press("Enter");
        }
        Prompt::Secret { .. } => {
            story.press("Enter").type_text(PASSPHRASE).expect_not(PASSPHRASE);
            assert!(!format!("{:?}", story.model).contains(PASSPHRASE));
            story.press("Enter");
        }
        Prompt::Wait { path, comes_back } => {
            let away = format!("{path}.away");
            let (from, to) = if *comes_back { (&away, path) } else { (path, &away) };
            fs::rename(Path::new(from), Path::new(to)).unwrap();
            story.press("Enter");
        }
        // What cannot be undone is not what the focus starts on.
        Prompt::Perform(_) if !view.step.unwrap().reversible => {
            story.expect("[ Pause ]").press("Shift-Tab Enter");
        }
        // A plan that is longer than the window is read to its end first.
        Prompt::Plan { .. } => {
            while !story.screen().contains("[ Seal the plan ]") {
                story.expect("[ Read on ]").press("Enter");
            }
            story.press("Enter");
        }
        Prompt::Check | Prompt::Perform(_) | Prompt::Close => {
            story.press("Enter");
        }
        other => panic!("{other:?}\n{}", story.screen()),
    }
}

/// Goes on until a step of that name is shown.
pub(crate) fn until(story: &mut Story, stage: &Stage, step: &str) {
    for _ in 0..100 {
        if view(story).place.is_some_and(|at| at.step() == step) {
            return;
        }
        go_on(story, stage);
    }
    panic!("{step} is not come to\n{}", story.screen());
}

#[test]
fn a_root_is_made_in_the_console_from_the_first_question_to_the_transcript() {
    let stage = Stage::new();
    let mut story = open(&stage);
    begin(&mut story);
    for _ in 0..100 {
        if matches!(view(&story).prompt, Prompt::Ended(_)) {
            break;
        }
        go_on(&mut story, &stage);
    }
    story.expect("is done").expect("The run is over").expect_not("p pause").press("Enter");
    assert_eq!(story.model.screen, Screen::Ceremonies);
    let run = stage.app.runs(&stage.folder).unwrap().remove(0);
    assert_eq!(run.state, RunState::Closed);
    story.press("G").expect("Read: Make an offline root").press("Enter");
    story.expect("Environment: REHEARSAL").press("Esc 8");
    story.expect("LOG sound").expect("closed");
    let folder = stage.folder.join("runs").join(&run.id);
    for name in ["journal.jsonl", "transcript.md", "transcript.json"] {
        assert!(!fs::read_to_string(folder.join(name)).unwrap().contains(PASSPHRASE));
    }
}

#[test]
fn quitting_a_run_pauses_it_and_enter_takes_it_up_where_it_was() {
    for key in ["q", "Ctrl-c", "Esc", "p"] {
        let stage = Stage::new();
        let mut story = open(&stage);
        begin(&mut story);
        until(&mut story, &stage, "machine");
        story.press(key).expect("paused, all is kept").expect("Resume: Make an offline root");
        assert!(!story.left && story.model.screen == Screen::Ceremonies);
        story.expect("paused 1").press("Enter").expect("Look at the machine");
        assert_eq!(view(&story).place.unwrap().step(), "machine");
        story.expect("taken up again by driver");
    }
}

#[test]
fn a_run_whose_console_is_gone_has_paused() {
    let stage = Stage::new();
    let mut story = open(&stage);
    begin(&mut story);
    let id = view(&story).id;
    story.hang_up();
    let journal = stage.folder.join("runs").join(id).join("journal.jsonl");
    let journal = fs::read_to_string(journal).unwrap();
    assert!(journal.lines().last().unwrap().contains("\"paused\""), "{journal}");
}

#[test]
fn a_confirmation_takes_no_paste_no_mistyping_and_no_held_enter() {
    let stage = Stage::new();
    let mut story = open(&stage);
    begin(&mut story);
    until(&mut story, &stage, "agree");
    let Prompt::Confirm(confirmation) = view(&story).prompt else { panic!() };
    let right = typed(&confirmation).remove(0);
    let journal = stage.folder.join("runs").join(view(&story).id).join("journal.jsonl");
    let is_confirmed = || fs::read_to_string(&journal).unwrap().contains("\"confirmed\"");
    // The focus starts on Cancel.
    story.press("Enter").pass(LONG).press("Enter").expect("nothing was confirmed");
    // Pasting is refused.
    story.press("Enter Tab").event(Event::Paste(right.clone()));
    story.expect("pasting is refused here");
    // Mistyping is told, and what was typed is taken away.
    story.type_text("00000000").press("Tab").pass(LONG).press("Enter");
    story.expect("that is not its last eight digits; nothing was done");
    // Enter in the field confirms nothing, however often.
    story.type_text(&right).pass(LONG);
    for _ in 0..50 {
        story.press("Enter").pass(Duration::from_secs(1));
    }
    story.expect("Enter confirms nothing in a field");
    // A key that is held down on the button confirms nothing.
    story.press("Tab");
    for _ in 0..200 {
        story.press("Enter").pass(Duration::from_millis(33));
    }
    story.expect("too early: locked 3 s at first, 0.5 s after each key");
    assert!(!is_confirmed());
    story.pass(Duration::from_millis(600)).press("Enter").expect("Make the primary key");
    assert!(is_confirmed());
}

#[test]
fn a_passphrase_is_made_shown_once_and_typed_back() {
    let stage = Stage::new();
    let mut story = open(&stage);
    begin(&mut story);
    until(&mut story, &stage, "make-root");
    story.expect("[ Make one ]").press("Enter").expect("shown once");
    let Some(Layer::Offered(secret)) = story.model.layers.last() else { panic!() };
    let made = std::str::from_utf8(secret.expose()).unwrap().to_owned();
    // Two words of it: one alone may be a word of the model, too.
    let first = made.split('-').take(2).collect::<Vec<_>>().join("-");
    assert!(!format!("{:?}", story.model).contains(&first));
    story.expect(&format!("{first}-")).press("Enter").expect_not(&first);
    // The field stays open: what is typed next goes into it, and nowhere else.
    story.type_text("wrong").press("Enter").expect("not the passphrase that was shown");
    story.type_text("inquiry-quota").press("Enter").expect("not the passphrase that was shown");
    // Where no field is open, letters do nothing.
    story.press("Esc").type_text("inquiry-quota").expect("letters do nothing here");
    assert!(!story.screen().contains("quota"), "{}", story.screen());
    assert!(matches!(view(&story).prompt, Prompt::Secret { .. }));
    story.press("Enter").event(Event::Paste(format!("{made}\n")));
    story.expect_not(&first).expect("••••••").press("Enter").expect("Do it");
    assert!(!format!("{:?}", story.model).contains(&first));
    assert!(!story.model.messages.iter().any(|message| message.text.contains(&first)));
}

#[test]
fn wrong_answers_are_told_beside_their_fields_and_can_be_taken_back() {
    let stage = Stage::new();
    let mut story = open(&stage);
    begin(&mut story);
    until(&mut story, &stage, "spec");
    story.press("Tab").type_text("A;A").press("Tab Tab Tab Enter");
    story.expect("a user ID is there twice").expect("A;A");
    story.press("Ctrl-u").type_text("TEST <test@test.example>").press("Tab Tab Tab Enter");
    story.expect("Put in the media").press("Tab Tab b").expect("What the key is to be");
}

#[test]
fn notes_and_giving_up_are_on_record() {
    let stage = Stage::new();
    let mut story = open(&stage);
    begin(&mut story);
    story.press("i").type_text("the printer is out").press("Enter");
    story.expect("note by driver: the printer is out");
    story.press("A").expect("Give this run up?").press("Enter").expect("say why");
    story.type_text("we begin again").press("Enter").expect("[ Cancel ]");
    story.press("Enter").expect_not("Give this run up?");
    story.press("A").type_text("we begin again").press("Tab Tab Enter");
    story.expect("The run is given up.").press("q");
    story.press("G").expect("Read: Make an offline root");
}

#[test]
fn what_stops_a_run_can_be_taken_on_oneself_and_is_on_record() {
    let stage = Stage::new();
    let world = stage.app.world(&stage.folder).unwrap();
    let mut story = open(&stage);
    story.runs = Some(Box::new(move || {
        let ceremony = keyrite::engine::catalog::find("root-generation").unwrap();
        let mut runner = dry_run::begin(ceremony, world.clone(), Weather::Foul);
        let is_there = |runner: &Runner, _: &Prompt| {
            runner.step().is_some_and(|(_, at)| at.step() == "machine")
        };
        assert!(dry_run::fly(&mut runner, &is_there));
        runner
    }));
    story.press("4 j Enter Enter Enter").expect("HST-001: a network is up").expect("Safe");
    story.press("1").expect("HST-001: a network is up");
    story.press("2").expect("In the words of witness").press("Enter").expect("say why");
    story.type_text("a rehearsal").press("Enter").expect("What the key is to be");
    story.expect("EXCEPTION by witness over HST-001, HST-007: a rehearsal");
}

#[test]
fn what_is_being_done_is_not_cut_off() {
    let stage = Stage::new();
    let mut story = open(&stage);
    begin(&mut story);
    story.model.held.as_mut().unwrap().busy = Some(Duration::ZERO);
    for key in ["q", "Ctrl-c", "Esc", "Enter", "A", "b"] {
        story.press(key).expect("cannot be cut off safely");
        assert!(story.model.layers.is_empty() && story.model.screen == Screen::Run);
    }
    story.press("Ctrl-z").expect("not now").event(Event::Signal(Signal::Suspend));
    assert!(!story.suspended);
    story.pass(Duration::from_millis(250)).expect("/ Who is here ...");
    story.pass(Duration::from_millis(250)).expect("- Who is here ...");
    story.model.held.as_mut().unwrap().busy = None;
    story.press("Ctrl-z");
    assert!(story.suspended);
}

#[test]
fn what_was_typed_before_a_question_was_drawn_does_nothing() {
    let stage = Stage::new();
    let mut story = open(&stage);
    begin(&mut story);
    until(&mut story, &stage, "machine");
    // The machine was looked at; what comes with that key is older than the
    // question that follows.
    story.at_once(&["Enter", "Enter", "x", "q", "Ctrl-c", "A", "Space"]);
    assert!(story.model.layers.is_empty());
    let next = view(&story);
    assert!(matches!(next.prompt, Prompt::Ask(_)), "{}", story.screen());
    let held = story.model.held.as_ref().unwrap();
    assert!(held.answers.iter().all(|one| one.text() == one.asked.offer), "{:?}", held.answers);
    story.expect("typed before this was shown").press("Ctrl-c").expect("paused");
}

#[test]
fn letters_do_nothing_where_a_box_is_typed_into() {
    let stage = Stage::new();
    let mut story = open(&stage);
    begin(&mut story);
    while !matches!(view(&story).prompt, Prompt::Confirm(_)) {
        go_on(&mut story, &stage);
    }
    let at = view(&story).place;
    story.type_text("bAipq17E6A x").expect("letters do nothing here");
    assert!(story.model.layers.is_empty());
    assert_eq!(view(&story).place, at);
    // Giving up has a button instead.
    story.press("Tab Tab").expect("[ Give up ... ]").press("Enter").expect("Give this run up?");
    story.press("Esc");
    // What comes in one go with the key that opens the box confirms nothing.
    story.press("Tab").at_once(&["Enter", "a", "b", "Enter"]).expect("nothing was confirmed");
    assert_eq!(view(&story).place, at);
}

#[test]
fn what_is_asked_again_is_told_while_it_is_waited_for() {
    let stage = Stage::new();
    let mut story = open(&stage);
    begin(&mut story);
    let number = story.model.held.as_ref().unwrap().number;
    let text = VisibleText::from_text("aws:TEST: asked again (2 of 4), it said: \u{1b}[2J; next");
    story.event(Event::Run(number, RunReport::Notice(text)));
    story.expect("aws:TEST: asked again (2 of 4), it said: ");
    assert!(!story.screen().contains('\u{1b}'));
    // What comes next takes its place.
    let shown = view(&story);
    story.event(Event::Run(number, RunReport::View(Box::new(shown)))).expect_not("asked again");
}

#[test]
fn views_say_why_nothing_can_be_begun() {
    let mut story = Story::demo(80, 24);
    story.press("4").expect("no workspace").press("Enter");
    story.expect("keyrite ceremony rehearse DIR");
    assert!(story.model.held.is_none());
    story.press("Esc p").expect("Runbook").press("Esc 8").expect("There is no log here");
}

#[test]
fn c_takes_the_selected_certificate_along() {
    let stage = Stage::new();
    stage.hold("root-generation");
    let mut story = open(&stage);
    let fingerprint = story.model.target_fingerprint().unwrap();
    story.press("c").expect("choose what is to be done");
    story.press("j").expect(&fingerprint.grouped());
}

#[test]
fn a_broken_log_is_told_on_every_screen() {
    let stage = Stage::new();
    stage.hold("root-generation");
    let log = fs::read_dir(stage.folder.join("audit")).unwrap();
    let mut log = log.map(|entry| entry.unwrap().path());
    let log = log.find(|path| path.extension().is_some_and(|e| e == "jsonl")).unwrap();
    let text = fs::read_to_string(&log).unwrap().replacen("answered", "answereD", 1);
    fs::write(&log, text).unwrap();
    let mut story = open(&stage);
    for screen in ["1", "2", "3", "4", "7", "8", "0"] {
        story.press(screen).expect("LOG BROKEN");
    }
    story.press("8 V").expect("broken: audit/").press("/").type_text("nosuchword");
    story.expect("Nothing matches the filter").press("Esc").expect_not("Nothing matches");
}
