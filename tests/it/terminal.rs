//! The terminal is given back, however the console ends.

use rustix::process::Signal;
use sequoia_openpgp::serialize::SerializeInto as _;

use crate::support::forge::{KeySpec, certificate};
use crate::support::program::{BINARY, Program};
use crate::support::pty::{Pty, send_signal};

fn demo(program: &Program) -> Pty {
    let mut pty = Pty::start(BINARY, &["demo"], program.folder(), (80, 24));
    pty.wait_for("BREAKS FIRST");
    assert!(!pty.is_restored(), "the console has taken the terminal");
    pty
}

#[track_caller]
fn assert_restored(pty: &Pty, modes: &str) {
    assert!(pty.is_restored(), "{}", pty.screen());
    assert_eq!(pty.modes(), modes);
}

/// The modes of a terminal in which nothing has run yet.
fn fresh_modes(program: &Program) -> String {
    Pty::start("/bin/cat", &[], program.folder(), (80, 24)).modes()
}

#[test]
fn quitting_restores_the_terminal() {
    let program = Program::new();
    let modes = fresh_modes(&program);
    let mut pty = demo(&program);
    assert_ne!(pty.modes(), modes);
    pty.send(b"q");
    assert_eq!(pty.wait_for_end().exit_code(), 0);
    assert_restored(&pty, &modes);
}

#[test]
fn an_error_restores_the_terminal_before_it_is_told() {
    let program = Program::new();
    let modes = fresh_modes(&program);
    let mut pty = demo(&program);
    pty.send(b":debug: fail\r");
    assert_eq!(pty.wait_for_end().exit_code(), 1);
    assert_restored(&pty, &modes);
    assert!(pty.screen().contains("error: the terminal cannot be used: as asked for"));
    assert!(pty.screen().contains("hint: "), "{}", pty.screen());
}

#[test]
fn a_panic_restores_the_terminal_before_it_is_told() {
    let program = Program::new();
    let modes = fresh_modes(&program);
    let mut pty = demo(&program);
    pty.send(b":debug: panic\r");
    assert_eq!(pty.wait_for_end().exit_code(), 101);
    assert_restored(&pty, &modes);
    assert!(pty.screen().contains("as asked for"), "{}", pty.screen());
}

#[test]
fn sigterm_and_sighup_restore_the_terminal() {
    let program = Program::new();
    let modes = fresh_modes(&program);
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129)] {
        let mut pty = demo(&program);
        pty.signal(signal);
        assert_eq!(pty.wait_for_end().exit_code(), code);
        assert_restored(&pty, &modes);
    }
}

/// A shell with job control whose prompt counts its commands; the console
/// runs in it as the first one.
fn demo_in_a_shell(program: &Program) -> Pty {
    let arguments = ["--norc", "--noprofile", "-i"];
    let mut pty = Pty::start("/bin/bash", &arguments, program.folder(), (80, 24));
    pty.send(format!("PS1='ready \\#> '; '{BINARY}' demo\n").as_bytes());
    pty.wait_for("BREAKS FIRST");
    pty
}

/// The shell has the terminal, line by line and echoing; `fg` brings the
/// console back and `q` ends it.
fn come_back(mut pty: Pty) {
    pty.wait_until(|screen| {
        let text = screen.contents();
        !screen.alternate_screen() && text.contains("Stopped") && text.contains("ready 2>")
    });
    pty.send(b"stty -a | tr ' ' '\\n' | grep -x -e echo -e icanon | tr '\\n' '+'; echo done\n");
    pty.wait_until(|screen| {
        screen.contents().contains("icanon+echo+done") && screen.contents().contains("ready 3>")
    });
    pty.send(b"fg\n");
    pty.wait_until(|screen| {
        screen.alternate_screen() && screen.contents().contains("BREAKS FIRST")
    });
    pty.send(b"q");
    pty.wait_until(|screen| screen.contents().contains("ready 4>"));
    pty.send(b"exit\n");
    pty.wait_for_end();
}

#[test]
fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_brings_the_console_back() {
    let program = Program::new();
    let mut pty = demo_in_a_shell(&program);
    pty.send(b"\x1a");
    come_back(pty);
}

#[test]
fn a_stop_signal_from_outside_gives_the_terminal_back_too() {
    let program = Program::new();
    let pty = demo_in_a_shell(&program);
    let shell = pty.child.process_id().unwrap();
    let children = std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).unwrap();
    send_signal(children.trim().parse().unwrap(), Signal::TSTP);
    come_back(pty);
}

#[test]
fn resizing_redraws_for_the_new_size() {
    let program = Program::new();
    let mut pty = demo(&program);
    pty.resize(40, 10);
    pty.wait_for("This window is 40x10.");
    pty.resize(100, 30);
    pty.wait_for("ALGORITHM");
    pty.send(b"q");
    pty.wait_for_end();
}

#[test]
fn pasted_text_reaches_no_key() {
    let program = Program::new();
    let mut pty = demo(&program);
    pty.send(b"\x1b[200~qqq\r\x1b[201~");
    pty.wait_for("text fields only");
    pty.send(b"q");
    pty.wait_for_end();
}

#[test]
fn without_colours_bold_and_reverse_stay() {
    let program = Program::new();
    let mut pty = Pty::start(BINARY, &["demo", "--theme", "none"], program.folder(), (80, 24));
    pty.wait_for("BREAKS FIRST");
    pty.send(b"q");
    pty.wait_for_end();
    let text = String::from_utf8_lossy(&pty.written);
    assert!(text.contains("\x1b[1m") && text.contains("\x1b[7m"));
    // An empty colour code would be a full reset and lose them again.
    assert!(!text.contains("\x1b[;m"));
    for colour in ["\x1b[38;", "\x1b[48;", "\x1b[31m", "\x1b[32m"] {
        assert!(!text.contains(colour), "{colour:?}");
    }
}

#[test]
fn no_color_turns_colours_off() {
    let program = Program::new();
    let mut pty =
        Pty::start("/usr/bin/env", &["NO_COLOR=1", BINARY, "demo"], program.folder(), (80, 24));
    pty.wait_for("BREAKS FIRST");
    pty.send(b"q");
    pty.wait_for_end();
    assert!(!String::from_utf8_lossy(&pty.written).contains("\x1b[38;"));
}

#[test]
fn a_vanished_terminal_ends_the_console() {
    let program = Program::new();
    assert_eq!(demo(&program).vanish().exit_code(), 129);
}

#[test]
fn a_run_pauses_however_its_console_ends() {
    for (signal, code) in [(Some(Signal::TERM), 143), (Some(Signal::HUP), 129), (None, 129)] {
        let program = Program::new();
        let made = program.command(&["ceremony", "rehearse", "team"]).output().unwrap();
        assert!(made.status.success(), "{made:?}");
        let folder = program.folder().join("team");
        let mut pty = Pty::start(BINARY, &[], &folder, (80, 24));
        pty.wait_for("REHEARSAL");
        for (keys, shown) in [("4", "STATE"), ("\r", "who drives?"), ("\r", "begins root-gen")] {
            pty.send(keys.as_bytes());
            pty.wait_for(shown);
        }
        let status = match signal {
            Some(signal) => {
                pty.signal(signal);
                pty.wait_for_end()
            }
            None => pty.vanish(),
        };
        assert_eq!(status.exit_code(), code);
        let run = std::fs::read_dir(folder.join("runs")).unwrap().next().unwrap().unwrap();
        let journal = std::fs::read_to_string(run.path().join("journal.jsonl")).unwrap();
        assert!(journal.lines().last().unwrap().contains("\"paused\""), "{signal:?} {journal}");
    }
}

#[test]
fn what_was_typed_before_a_question_is_no_answer_to_it() {
    let program = Program::new();
    let made = program.command(&["ceremony", "rehearse", "team"]).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let arguments = ["ceremony", "start", "root-generation", "--in", "team"];
    let mut pty = Pty::start(BINARY, &arguments, program.folder(), (80, 40));
    for prompt in ["witness", "Enter looks"] {
        pty.wait_for(prompt);
        let keys: &[u8] = if prompt == "witness" { b"\n" } else { b"\nrsa4096\n:abandon TEST\n" };
        pty.send(keys);
    }
    pty.wait_for("not taken: what was typed before this was asked");
    pty.wait_for("algorithm");
    pty.send(b":pause\n");
    pty.wait_for("go on: keyrite ceremony resume");
    pty.wait_for_end();
    assert!(!pty.screen().contains("given up"), "{}", pty.screen());
}

#[test]
fn copying_is_the_only_use_of_the_clipboard() {
    let program = Program::new();
    let mut pty = demo(&program);
    assert!(!String::from_utf8_lossy(&pty.written).contains("\x1b]52"));
    pty.send(b"y");
    pty.wait_for("sent to the terminal");
    pty.send(b"q");
    pty.wait_for_end();
    assert!(String::from_utf8_lossy(&pty.written).contains("\x1b]52;c;"));
}

#[test]
fn a_terminal_without_utf_8_gets_no_byte_beyond_ascii() {
    let program = Program::new();
    let cert = certificate(
        &["J\u{fc}rg \u{db}2J\u{db}8m (TEST)"],
        &KeySpec::new("CS", "2025-01-01", None),
        &[],
    );
    program.file("a.pgp", cert.strip_secret_key_material().to_vec().unwrap());
    for (arguments, shown) in [
        (&["keys", "a.pgp"][..], "J\\u{fc}rg \\u{db}2J\\u{db}8m"),
        (&["view", "a.pgp"], "J?rg ?2J?8m"),
    ] {
        let all = [&["LC_ALL=C", BINARY], arguments].concat();
        let mut pty = Pty::start("/usr/bin/env", &all, program.folder(), (80, 24));
        pty.wait_for(shown);
        if arguments[0] == "view" {
            pty.send(b"q");
        }
        pty.wait_for_end();
        assert!(pty.written.is_ascii(), "{arguments:?}");
    }
}
