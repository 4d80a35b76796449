//! How long it takes to look at fifty targets that take their time, against
//! one of them; and what ten targets cost.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures and prints"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use keyrite::adapters::drift::{Subject, look_at_all};
use keyrite::adapters::targets::Reach;
use keyrite::domain::fingerprint::Fingerprint;
use keyrite::domain::publication::{Memory, Verdict};
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::workspace::Target;
use rustix::time::{ClockId, clock_gettime};
use sequoia_openpgp::cert::CertBuilder;
use sequoia_openpgp::serialize::SerializeInto as _;

const TARGETS: usize = 50;
const FEW: usize = 10;
const ANSWER: Duration = Duration::from_millis(200);
const ROUNDS: usize = 5;

/// A keyserver that has one certificate, and answers after a while.
fn server(armored: &'static str, wait: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = format!("hkp://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || while serve(&client, armored, wait).is_some() {});
        }
    });
    place
}

fn serve(mut client: &TcpStream, armored: &str, wait: Duration) -> Option<()> {
    let mut reader = BufReader::new(client);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    std::thread::sleep(wait);
    let body = if head.contains("op=get") { armored } else { "info:1:1\n" };
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    client.write_all(answer.as_bytes()).ok()
}

fn targets(place: &str, number: usize) -> Vec<Target> {
    (1..=number).map(|one| Target::of_place(place, one).unwrap()).collect()
}

/// Seconds, and seconds of this process's own work.
fn measure(targets: &[Target], subject: &Subject) -> (f64, f64) {
    let work = || {
        let spent = clock_gettime(ClockId::ProcessCPUTime);
        Duration::new(spent.tv_sec.unsigned_abs(), u32::try_from(spent.tv_nsec).unwrap())
    };
    let asked: Vec<_> = targets.iter().map(|target| (target, subject, Memory::default())).collect();
    let (begun, before) = (Instant::now(), work());
    let rows = look_at_all(&asked, &Reach::of(PathBuf::new()));
    let spent = (begun.elapsed().as_secs_f64(), work().saturating_sub(before).as_secs_f64());
    let is_there = |verdict| matches!(verdict, Verdict::Match | Verdict::Stale);
    assert!(rows.iter().all(|row| is_there(row.verdict())), "{rows:?}");
    spent
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(ROUNDS / 2).copied().unwrap_or_default()
}

fn main() {
    let made = CertBuilder::general_purpose(Some("TEST <release@example.org>")).generate();
    let cert = made.unwrap().0.strip_secret_key_material();
    let armored = String::from_utf8(cert.armored().to_vec().unwrap()).unwrap();
    let fingerprint = Fingerprint::from_hex(&cert.fingerprint().to_hex()).unwrap();
    let now = Timestamp::from_unix(2_000_000_000);
    let subject = Subject::of(fingerprint, armored.as_bytes(), now).unwrap();
    let armored: &'static str = armored.leak();
    let slow = targets(&server(armored, ANSWER), TARGETS);
    let quick = targets(&server(armored, Duration::ZERO), FEW);
    let (mut ratios, mut work) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (one, _) = measure(slow.get(..1).unwrap_or_default(), &subject);
        let (all, _) = measure(&slow, &subject);
        let (_, few) = measure(&quick, &subject);
        println!("one {one:.3} s, {TARGETS} targets {all:.3} s; {FEW} targets: {few:.3} s of work");
        ratios.push(all / one);
        work.push(few * 1000.0);
    }
    println!("{TARGETS} targets at 200 ms an answer: {:.2} of one (limit 1.5)", median(ratios));
    println!("{FEW} targets: {:.0} ms of work, the server's in it (limit 50)", median(work));
}
