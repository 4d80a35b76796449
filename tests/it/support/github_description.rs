//! Requests to GitHub, held against the description that GitHub publishes of
//! its interface.

use std::process::Command;
use std::time::Duration;

use serde_json::Value as Json;

use super::github::Github;
use super::peers;
use super::program::finish;

const PROGRAM: &str = include_str!("github_description.py");

/// What is wrong with requests.
pub(crate) fn faults(requests: &[Json]) -> Vec<String> {
    let mut command = Command::new(peers::program("python"));
    command.args(["-c", PROGRAM]);
    let input = serde_json::to_vec(requests).unwrap();
    let outcome = finish(command, &input, Duration::from_mins(2)).expect("it hangs");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    outcome.out.lines().map(str::to_owned).collect()
}

/// All that this one was asked is as it is described.
pub(crate) fn is_as_described(github: &Github) {
    let requests = github.with(|state| state.requests.clone());
    assert!(!requests.is_empty(), "nothing was asked");
    assert_eq!(faults(&requests), Vec::<String>::new());
}
