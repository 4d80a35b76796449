//! Ten thousand certificates at the console: the time of one frame while a
//! person scrolls, filters and sorts. Keys go through the real key table, the
//! real update and the real drawing.
//!
//! A frame has 16 ms; the 99th percentile counts.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a benchmark looks at the clock and prints"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use keyrite::app::Opening;
use keyrite::app::look::{Abilities, Look};
use keyrite::domain::algorithm::{Algorithm, Hash};
use keyrite::domain::certificate::{
    Certificate, Key, KeyFlags, SecretMaterial, SelfSignature, SignatureFrame, UserId,
};
use keyrite::domain::cutoff::Cutoffs;
use keyrite::domain::fingerprint::Fingerprint;
use keyrite::domain::inventory::Listed;
use keyrite::domain::text::VisibleText;
use keyrite::domain::timestamp::Timestamp;
use keyrite::engine::reading::ReadingEvent;
use keyrite::tui::event::Event;
use keyrite::tui::keymap::{Chord, KeyMap};
use keyrite::tui::model::{Model, Setting};
use keyrite::tui::skin::Skin;
use keyrite::tui::{update, view};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

const CERTIFICATES: u32 = 10_000;
const NOW: Timestamp = Timestamp::from_unix(1_795_183_320);

fn key(number: u32, role: u8, flags: KeyFlags) -> Key {
    let mut bytes = [role; 20];
    for (byte, value) in bytes.iter_mut().zip(number.wrapping_mul(2_654_435_761).to_be_bytes()) {
        *byte = value;
    }
    let frame = SignatureFrame {
        version: 4,
        created: Timestamp::from_unix(1_700_000_000),
        validity: None,
        hash: Hash(10),
        critical: Box::new([]),
        critical_notation: None,
    };
    Key {
        fingerprint: Fingerprint::V4(bytes),
        algorithm: Algorithm::Rsa { bits: 4096 },
        created: Timestamp::from_unix(1_700_000_000),
        secret: SecretMaterial::Absent,
        self_signatures: vec![SelfSignature {
            frame: frame.clone(),
            key_validity: Some(80_000_000 + (number % 5_000) * 20_000),
            flags: Some(flags),
            primary_user_id: true,
            back_signatures: vec![frame],
        }],
        revocations: Vec::new(),
        foreign_revocations: 0,
    }
}

fn certificate(number: u32) -> Certificate {
    let certify = KeyFlags { certify: true, ..KeyFlags::default() };
    let sign = KeyFlags { sign: true, ..KeyFlags::default() };
    let mut primary = key(number, 1, certify);
    let name =
        format!("Maintainer {number} of Package {} (TEST) <m{number}@example.org>", number % 97);
    Certificate {
        user_ids: vec![UserId {
            value: name.as_bytes().into(),
            text: VisibleText::from_text(&name),
            self_signatures: std::mem::take(&mut primary.self_signatures),
            revocations: Vec::new(),
            certifications: 3,
        }],
        primary,
        subkeys: vec![key(number, 2, sign), key(number, 3, sign)],
        user_attributes: 0,
        bad_signatures: Vec::new(),
        unreadable_components: 0,
    }
}

fn console() -> Model {
    let setting = Setting {
        now: NOW,
        clock_runs: false,
        cutoffs: Cutoffs::as_of(NOW),
        gnupg_home: None,
        here: std::path::PathBuf::from("."),
        home: None,
    };
    let skin = Skin::new(Look::default(), Abilities::ALL).unwrap();
    let mut model =
        Model::new(setting, skin, KeyMap::built_in().unwrap(), &Opening::View(Vec::new()));
    for number in 0..CERTIFICATES {
        let certificate = certificate(number);
        model.apply(ReadingEvent::Listed(Listed {
            fingerprint: certificate.fingerprint(),
            user_id: Some(certificate.user_ids[0].text.clone()),
            algorithm: certificate.primary.algorithm,
            created: certificate.primary.created,
            sources: vec![VisibleText::from_text("bench")],
        }));
        model.apply(ReadingEvent::Verified(Arc::new(certificate)));
    }
    model.apply(ReadingEvent::Finished);
    model
}

/// Presses each key and draws a frame; the times, sorted.
fn frames(model: &mut Model, keys: &[&str]) -> Vec<Duration> {
    let mut terminal = Terminal::new(TestBackend::new(100, 30)).unwrap();
    let mut times: Vec<_> = keys
        .iter()
        .map(|key| {
            let event = Event::Key(Chord::parse(key).unwrap().event());
            let start = Instant::now();
            let _ = update::update(model, event);
            terminal.draw(|frame| view::draw(frame, model)).unwrap();
            start.elapsed()
        })
        .collect();
    times.sort();
    times
}

fn main() {
    let scroll: Vec<&str> =
        ["j"; 400].into_iter().chain(["PgDn"; 200]).chain(["G", "g"].repeat(50)).collect();
    let filter: Vec<&str> =
        ["/", "p", "a", "c", "k", "a", "g", "e", "Space", "9", "Ctrl-u", "Esc"].repeat(30);
    let sort: Vec<&str> = ["s"; 120].to_vec();
    let fold: Vec<&str> = ["l", "j", "h", "b"].repeat(60);
    let findings: Vec<&str> = ["7", "j", "j", "PgDn", "G", "k", "g", "Enter", "q"].repeat(30);
    let timeline: Vec<&str> = ["3", "j", "PgDn", "+", "-", "-", "l", "T", "G", "g"].repeat(30);
    println!("{CERTIFICATES} certificates, 100x30; milliseconds a frame");
    println!("{:<10} {:>8} {:>8} {:>8}", "", "median", "p99", "worst");
    let mut worst_p99 = Duration::ZERO;
    for (name, keys) in [
        ("scroll", scroll),
        ("filter", filter),
        ("sort", sort),
        ("fold", fold),
        ("findings", findings),
        ("timeline", timeline),
    ] {
        let mut model = console();
        let _ = frames(&mut model, &["2"]);
        let times = frames(&mut model, &keys);
        let at = |percent: usize| times[(times.len() - 1) * percent / 100];
        let p99 = at(99);
        worst_p99 = worst_p99.max(p99);
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        println!("{name:<10} {:>8.2} {:>8.2} {:>8.2}", ms(at(50)), ms(p99), ms(at(100)));
    }
    let mut model = console();
    let start = Instant::now();
    model.replan();
    println!("{:<10} {:>8.2}", "all rules", start.elapsed().as_secs_f64() * 1e3);
    let verdict = if worst_p99 < Duration::from_millis(16) { "within" } else { "BEYOND" };
    println!("{verdict} 16 ms at the 99th percentile");
}
