//! Why somebody does not answer, in a few words: libraries tell it as a chain of
//! errors, of which the innermost says what happened.

use std::error::Error;
use std::io::{self, ErrorKind};

/// What a failure to ask `whom` comes down to.
pub(super) fn cause(error: &(dyn Error + 'static), whom: &str) -> String {
    let mut innermost = error.to_string();
    let mut next = Some(error);
    while let Some(one) = next {
        innermost = one.to_string();
        if innermost.contains("credential") {
            return format!("nobody is signed in here for {whom}: {}", unsigned(one));
        }
        if let Some(io) = one.downcast_ref::<io::Error>() {
            return told(io, whom);
        }
        next = one.source();
    }
    format!("{innermost}, at {whom}")
}

/// Why there are no credentials. Of what a program said nothing is repeated:
/// it may be a part of them.
fn unsigned(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(next) = innermost.source() {
        innermost = next;
    }
    let text = innermost.to_string();
    let ends = ["Stderr:", "could not parse response", "could not decode output"];
    let end = ends.iter().filter_map(|end| text.find(end)).min();
    match (end, text.get(..end.unwrap_or(text.len()))) {
        (Some(_), Some(before)) => {
            let before = before.trim_end_matches([' ', '.', ',', ':']);
            format!("{before}; run its credential_process by hand to see why")
        }
        (None, _) | (_, None) => text,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the system's errors are open")]
fn told(error: &io::Error, whom: &str) -> String {
    let text = error.to_string();
    match error.kind() {
        ErrorKind::ConnectionRefused => format!("connection refused at {whom}"),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::UnexpectedEof => {
            format!("the connection was closed by {whom}")
        }
        ErrorKind::TimedOut => format!("no answer in time from {whom}"),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            format!("there is no way to {whom} from this network")
        }
        _ if text.contains("lookup address") => format!("no address is known for {whom}"),
        _ => format!("{text}, at {whom}"),
    }
}
