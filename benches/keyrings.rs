//! All Debian keyrings: `keyrite keys --json` beside `gpg --show-keys`, in
//! turn, in one run; and the time to the first frame and to the first rows of
//! the console in a pseudo-terminal. Medians; ratios count.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark looks at the clock and prints"
)]

use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

const ROUNDS: usize = 7;
const BINARY: &str = env!("CARGO_BIN_EXE_keyrite");

fn keyrings() -> Vec<PathBuf> {
    let mut keyrings: Vec<_> = std::fs::read_dir("/usr/share/keyrings")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().contains("/debian-"))
        .collect();
    keyrings.sort();
    keyrings
}

/// Wall time, processor time and peak memory of a command.
struct Cost {
    wall: Duration,
    cpu: Duration,
    peak_kib: u64,
}

/// Runs a command below `time`, whose report is on its standard error.
fn cost(command: &[&str], paths: &[PathBuf]) -> Cost {
    let start = Instant::now();
    let mut child = Command::new("/usr/bin/env")
        .args([
            "bash",
            "-c",
            "TIMEFORMAT='%U %S'; time \"$@\" 2>/dev/null; grep VmHWM /proc/self/status >&2",
            "bash",
        ])
        .args(command)
        .args(paths)
        .env("RUST_LIB_BACKTRACE", "0")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = child.stdout.take().unwrap();
    let mut sink = Vec::new();
    out.read_to_end(&mut sink).unwrap();
    let mut report = String::new();
    child.stderr.take().unwrap().read_to_string(&mut report).unwrap();
    child.wait().unwrap();
    let wall = start.elapsed();
    let mut seconds =
        report.lines().next().unwrap().split(' ').map(|text| text.parse::<f64>().unwrap());
    let cpu = seconds.next().unwrap() + seconds.next().unwrap();
    Cost { wall, cpu: Duration::from_secs_f64(cpu), peak_kib: peak(command, paths) }
}

/// The largest resident size that was seen while the command ran.
fn peak(command: &[&str], paths: &[PathBuf]) -> u64 {
    let (program, arguments) = command.split_first().unwrap();
    let mut child = Command::new(program)
        .args(arguments)
        .args(paths)
        .env("RUST_LIB_BACKTRACE", "0")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        if let Ok(text) = std::fs::read_to_string(&status) {
            let line = text.lines().find(|line| line.starts_with("VmHWM"));
            let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
            peak = peak.max(kib.unwrap_or(0));
        }
    }
    peak
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Times from the start to the first frame, and to the first rows.
fn console(paths: &[PathBuf]) -> (Duration, Duration) {
    let pair = native_pty_system()
        .openpty(PtySize { rows: 30, cols: 100, pixel_width: 0, pixel_height: 0 })
        .unwrap();
    let mut command = CommandBuilder::new(BINARY);
    command.args(["view", "--theme", "none", "--glyphs", "ascii"]);
    command.args(paths);
    command.env("TERM", "xterm-256color");
    let mut reader = pair.master.try_clone_reader().unwrap();
    let start = Instant::now();
    let mut child = pair.slave.spawn_command(command).unwrap();
    let mut seen = String::new();
    let mut buffer = vec![0; 65_536];
    let (mut frame, mut rows) = (None, None);
    while rows.is_none() {
        let length = reader.read(&mut buffer).unwrap();
        seen.push_str(&String::from_utf8_lossy(&buffer[..length]));
        if frame.is_none() && seen.contains("SUBKEY") {
            frame = Some(start.elapsed());
        }
        if seen.contains("checking") && seen.contains('@') {
            rows = Some(start.elapsed());
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    (frame.unwrap(), rows.unwrap())
}

fn main() {
    let keyrings = keyrings();
    let ours = [BINARY, "keys", "--json"];
    let theirs = ["gpg", "--batch", "--with-colons", "--show-keys"];
    let (mut wall, mut cpu, mut peaks, mut our_wall) = (vec![], vec![], vec![], vec![]);
    for round in 0..=ROUNDS {
        let (a, b) = (cost(&ours, &keyrings), cost(&theirs, &keyrings));
        if round == 0 {
            continue; // to warm the file cache
        }
        wall.push(a.wall.as_secs_f64() / b.wall.as_secs_f64());
        cpu.push(a.cpu.as_secs_f64() / b.cpu.as_secs_f64());
        our_wall.push(a.wall.as_secs_f64() * 1e3);
        #[expect(clippy::cast_precision_loss, reason = "mebibytes for people")]
        peaks.push(a.peak_kib as f64 / 1024.0);
    }
    println!("keys --json on all Debian keyrings, {ROUNDS} rounds in turn with gpg --show-keys");
    println!("  wall, ours over gpg's   {:.2}   (at most 0.45)", median(wall));
    println!("  CPU, ours over gpg's    {:.2}   (at most 0.75)", median(cpu));
    println!("  peak memory             {:.0} MiB (under 200)", median(peaks));
    println!("  wall, ours              {:.0} ms", median(our_wall));
    let (mut frames, mut rows) = (vec![], vec![]);
    for _ in 0..ROUNDS {
        let (frame, row) = console(&keyrings);
        frames.push(frame.as_secs_f64() * 1e3);
        rows.push(row.as_secs_f64() * 1e3);
    }
    println!("console on all Debian keyrings");
    println!("  first frame             {:.0} ms  (under 50)", median(frames));
    println!("  rows on the screen      {:.0} ms  (within 150)", median(rows));
    let mut versions = Vec::new();
    for _ in 0..21 {
        let start = Instant::now();
        Command::new(BINARY).arg("--version").stdout(Stdio::null()).status().unwrap();
        versions.push(start.elapsed().as_secs_f64() * 1e3);
    }
    println!("--version                 {:.1} ms (under 10)", median(versions));
}
