//! How long it takes to look at fifty slots whose places take their time,
//! against one of them.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures and prints"
)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider};
use keyrite::adapters::slots::{Access, observe_all};
use keyrite::domain::timestamp::Timestamp;
use keyrite::domain::workspace::{Content, Slot, SlotKind};

const SLOTS: usize = 50;
const ANSWER: Duration = Duration::from_millis(200);
const ROUNDS: usize = 5;

/// A server that answers after a while.
fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || while serve(&client).is_some() {});
        }
    });
    url
}

fn serve(mut client: &TcpStream) -> Option<()> {
    let mut reader = BufReader::new(client);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let head = head.to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    std::thread::sleep(ANSWER);
    let (kind, text) = if head.contains("describesecret") {
        let text = r#"{"Name":"k","VersionIdsToStages":{"00000000-0000-4000-8000-000000000000":["AWSCURRENT"]}}"#;
        ("application/x-amz-json-1.1", text)
    } else if head.contains("getresourcepolicy") {
        ("application/x-amz-json-1.1", "{}")
    } else {
        let text = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::\
                    123456789012:user/t</Arn><Account>123456789012</Account>\
                    </GetCallerIdentityResult></GetCallerIdentityResponse>";
        ("text/xml", text)
    };
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{text}",
        text.len()
    );
    client.write_all(answer.as_bytes()).ok()
}

fn config(url: &str) -> SdkConfig {
    let credentials = Credentials::new("TEST", "TEST", None, None, "bench");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .endpoint_url(url)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

fn slot(number: usize) -> Slot {
    Slot {
        id: format!("slot-{number}"),
        kind: SlotKind::AwsSecretsManager,
        place: format!("aws:123456789012/eu-central-1/key-{number}"),
        contents: [(String::new(), Content::Key)].into(),
        environment: None,
        selector: None,
        readers: Vec::new(),
        reason: None,
        settings: BTreeMap::new(),
        line: 1,
    }
}

fn measure(slots: &[Slot], access: &Access) -> f64 {
    let begun = Instant::now();
    let seen = observe_all(slots, access, Timestamp::from_unix(1));
    assert!(seen.values().all(Result::is_ok), "{:?}", seen.values().find(|one| one.is_err()));
    begun.elapsed().as_secs_f64()
}

fn main() {
    let access = Access { aws: Some(config(&server())), ..Access::default() };
    let slots: Vec<_> = (0..SLOTS).map(slot).collect();
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let one = measure(slots.get(..1).unwrap_or_default(), &access);
        let all = measure(&slots, &access);
        println!("one slot {one:.3} s, {SLOTS} slots {all:.3} s");
        ratios.push(all / one);
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios.get(ROUNDS / 2).copied().unwrap_or_default();
    println!("{SLOTS} slots at 200 ms an answer: {median:.2} of one (limit 1.5)");
}
