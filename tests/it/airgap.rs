//! The build for a machine without a network has no code for one.

use std::collections::BTreeSet;
use std::process::Command;

use crate::support::hall::Hall;
use crate::support::tree;

/// Packages that open sockets, or exist to talk to something that does.
const NETWORK: [&str; 14] = [
    "async-io",
    "capnp-rpc",
    "hyper",
    "keyring",
    "kube",
    "native-tls",
    "reqwest",
    "rustls",
    "sequoia-ipc",
    "sequoia-keystore",
    "sequoia-net",
    "socket2",
    "tokio",
    "zbus",
];

/// Its packages with their features, one a line.
fn packages(arguments: &[&str]) -> Vec<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["tree", "--locked", "--offline", "--prefix", "none", "--edges", "normal"]);
    cargo.args(["--format", "{p} {f}"]).args(arguments).current_dir(tree::root());
    let out = cargo.output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn of_networks(packages: &[String]) -> BTreeSet<&str> {
    let names = packages.iter().filter_map(|line| line.split(' ').next());
    names.filter(|name| NETWORK.contains(name) || name.starts_with("aws-")).collect()
}

#[test]
fn its_tree_has_no_package_that_talks_to_a_network() {
    let airgap = packages(&["--no-default-features"]);
    assert_eq!(of_networks(&airgap), BTreeSet::new());
    let mut rustix = airgap.iter().filter(|line| line.starts_with("rustix ")).peekable();
    assert!(rustix.peek().is_some() && rustix.all(|line| !line.contains("net")));
    // The same search finds what the whole program has.
    assert!(of_networks(&packages(&[])).len() >= 4);
}

#[test]
fn its_sources_name_no_socket() {
    let words = ["std::net", "TcpStream", "TcpListener", "UdpSocket", "UnixStream", "UnixListener"];
    let root = tree::root();
    let mut named = Vec::new();
    for path in tree::rust_files(&root.join("src")) {
        let text = std::fs::read_to_string(&path).unwrap();
        if words.iter().any(|word| text.contains(word)) {
            named.push(path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned());
        }
    }
    // Built with the feature `keystore` only: it looks whether one is running;
    // and with the feature `network` only.
    let known = ["src/adapters/own_keys/places.rs", "src/adapters/slots/github/api.rs"];
    assert_eq!(named, known);
    let modules = std::fs::read_to_string(root.join("src/adapters/slots.rs")).unwrap();
    assert!(modules.contains("#[cfg(feature = \"network\")]\nmod github;"), "{modules}");
    let modules = std::fs::read_to_string(root.join("src/adapters/own_keys.rs")).unwrap();
    assert!(modules.contains("#[cfg(feature = \"keystore\")]\nmod places;"), "{modules}");
}

#[test]
#[ignore = "make airgap runs it with what it has built"]
fn each_offline_ceremony_is_held_by_the_build() {
    let binary = std::env::var("KEYRITE_AIRGAP").unwrap();
    let hall = Hall::of(&binary);
    let ceremonies = hall.run(&["ceremony", "list", "--json"]).json();
    let all = ceremonies["ceremonies"].as_array().unwrap();
    let is_offline = |one: &&serde_json::Value| {
        one["steps"].as_array().unwrap().iter().any(|step| step["locality"] == "offline")
    };
    let offline = all.iter().filter(is_offline).map(|one| one["id"].as_str().unwrap());
    let offline: Vec<_> = offline.collect();
    assert!(offline.len() >= 4, "{offline:?}");
    for ceremony in offline {
        let hall = Hall::of(&binary);
        match ceremony {
            "root-generation" => {}
            "root-adoption" => {
                hall.old_home();
            }
            _ => {
                hall.hold("root-generation");
            }
        }
        if ["expiry-extension", "subkey-revocation"].contains(&ceremony) {
            hall.hold("subkey-issuance");
        }
        hall.hold(ceremony);
    }
}
