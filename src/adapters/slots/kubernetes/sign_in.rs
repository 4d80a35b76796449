//! With what a person gets into a cluster: a kubeconfig, the files that it
//! names, and a program that signs in. None of them keeps anybody waiting for
//! ever, and nothing of them is repeated: it may be a token.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kube::config::{AuthInfo, ExecAuthCluster, ExecConfig, Kubeconfig, KubeconfigError};
use serde::{Deserialize, Serialize};

use crate::adapters::environment;
use crate::adapters::process::{self, Bounds};

/// The largest of such files, in bytes.
const LONGEST: u64 = 4 * 1024 * 1024;
/// More than any program says that signs in, in bytes.
const ROOM: usize = 1024 * 1024;
/// What setsid and shells answer with where a program cannot be started.
const NOT_STARTED: [Option<i32>; 2] = [Some(126), Some(127)];

/// The kubeconfig at that path, or the one that kubectl finds; or why there
/// is none.
pub(super) fn kubeconfig(own: Option<&Path>) -> Result<Kubeconfig, String> {
    for path in own.map_or_else(usual, |path| vec![path.to_owned()]) {
        plain(&path)?;
    }
    let read = own.map_or_else(Kubeconfig::read, Kubeconfig::read_from);
    let read = read.map_err(|error| unread(&error))?;
    for path in named(&read) {
        plain(Path::new(path))?;
    }
    Ok(read)
}

/// Where kubectl looks.
fn usual() -> Vec<PathBuf> {
    let names = ["KUBECONFIG", "HOME"].map(str::to_owned);
    let found = environment::variables(&names);
    let of = |name: &str| found.iter().find(|(one, _)| *one == name).map(|(_, text)| text.clone());
    let listed = of("KUBECONFIG").unwrap_or_default();
    let listed = std::env::split_paths(&listed).filter(|path| !path.as_os_str().is_empty());
    let listed: Vec<_> = listed.collect();
    if listed.is_empty() {
        return of("HOME").map(|home| Path::new(&home).join(".kube/config")).into_iter().collect();
    }
    listed
}

/// The files that a kubeconfig names.
fn named(config: &Kubeconfig) -> impl Iterator<Item = &str> {
    let clusters = config.clusters.iter().filter_map(|one| one.cluster.as_ref());
    let authorities = clusters.filter_map(|one| one.certificate_authority.as_ref());
    let people = config.auth_infos.iter().filter_map(|one| one.auth_info.as_ref());
    let files = people.flat_map(|one| {
        [&one.token_file, &one.client_certificate, &one.client_key].into_iter().flatten()
    });
    authorities.chain(files).map(String::as_str)
}

/// Whether it can be read to its end. What is not there tells who reads it.
fn plain(path: &Path) -> Result<(), String> {
    let Ok(found) = std::fs::metadata(path) else { return Ok(()) };
    let told = |why: &str| Err(unfit(&format!("{}: {why}", path.display())));
    match found.len() {
        _ if !found.is_file() => told("it is no plain file"),
        LONGEST.. => told("it is larger than 4 MiB"),
        _ => Ok(()),
    }
}

fn unfit(why: &str) -> String {
    format!("the kubeconfig leads to no cluster: {why}")
}

/// Why a kubeconfig leads to no cluster. Its own text is not repeated: it has
/// secrets in it.
#[expect(clippy::wildcard_enum_match_arm, reason = "what else there is says nothing more")]
pub(super) fn unread(error: &KubeconfigError) -> String {
    let why = match error {
        KubeconfigError::CurrentContextNotSet => "it has no current context".to_owned(),
        KubeconfigError::LoadContext(name) => format!("it has no context '{name}'"),
        KubeconfigError::LoadClusterOfContext(name) => format!("it has no cluster '{name}'"),
        KubeconfigError::FindPath => "there is none: set KUBECONFIG".to_owned(),
        KubeconfigError::ReadConfig(error, path) => format!("{}: {error}", path.display()),
        KubeconfigError::MissingClusterUrl => "its cluster has no server".to_owned(),
        _ => "it cannot be understood; kubectl config view says where".to_owned(),
    };
    unfit(&why)
}

/// What is told to the program, as Kubernetes defines it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Wanted<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    api_version: Option<&'a str>,
    kind: &'static str,
    spec: Spec<'a>,
}

#[derive(Serialize)]
struct Spec<'a> {
    interactive: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<&'a ExecAuthCluster>,
}

/// What it answers.
#[derive(Deserialize)]
struct Answer {
    status: Status,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

/// Lets the program of a kubeconfig sign in, if it has one. It has no
/// terminal, and so much time; what it says besides is not repeated.
pub(super) fn sign_in(person: &mut AuthInfo, time: Duration) -> Result<(), String> {
    let Some(exec) = person.exec.take() else { return Ok(()) };
    let program = exec.command.as_deref().ok_or("it names a program without a name")?;
    let spec = Spec { interactive: false, cluster: exec.cluster.as_ref() };
    let api_version = exec.api_version.as_deref();
    let wanted = Wanted { api_version, kind: "ExecCredential", spec };
    let wanted = serde_json::to_string(&wanted).map_err(|_| "its cluster cannot be told")?;
    let set = |command: &mut std::process::Command| {
        command.args(exec.args.iter().flatten()).envs(variables(&exec));
        command.env("KUBERNETES_EXEC_INFO", OsStr::new(&wanted));
    };
    let ran = process::run_without_terminal(program, set, Bounds { time, room: ROOM });
    let ran = ran.map_err(|error| format!("its program cannot be started: {error}"))?;
    let Some(status) = ran.status else {
        return Err(format!("its program took more than {} seconds", time.as_secs()));
    };
    if NOT_STARTED.contains(&status.code()) {
        return Err("its program cannot be started".to_owned());
    }
    if !status.success() {
        return Err(format!("its program failed ({status})"));
    }
    let answer = serde_json::from_slice::<Answer>(&ran.stdout);
    let Ok(Answer { status }) = answer else {
        return Err("its program said nothing that can be used".to_owned());
    };
    let Status { token, client_certificate_data, client_key_data } = status;
    let as_base64 = |pem: String| STANDARD.encode(pem);
    person.token = token.map(Into::into).or(person.token.take());
    person.client_certificate_data =
        client_certificate_data.map(as_base64).or(person.client_certificate_data.take());
    person.client_key_data =
        client_key_data.map(as_base64).map(Into::into).or(person.client_key_data.take());
    Ok(())
}

fn variables(exec: &ExecConfig) -> impl Iterator<Item = (&String, &String)> {
    exec.env.iter().flatten().filter_map(|one| Some((one.get("name")?, one.get("value")?)))
}
