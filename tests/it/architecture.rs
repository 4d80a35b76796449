//! The rules that the compiler does not know: the ladder of layers, who may
//! name which library, how long a file may be, and that nothing is forgotten.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::tree::{root, rust_files};

/// A layer, the layers it may name, and the libraries it may name.
struct Layer {
    name: &'static str,
    layers: &'static [&'static str],
    libraries: &'static [&'static str],
}

/// From the bottom of the ladder to its top.
const LADDER: [Layer; 7] = [
    Layer {
        name: "domain",
        layers: &["domain"],
        libraries: &[
            "chrono",
            "thiserror",
            "unicode_properties",
            "unicode_segmentation",
            "unicode_width",
        ],
    },
    Layer {
        name: "engine",
        layers: &["domain", "engine"],
        // Locked pages are memory, and digests are arithmetic: neither is I/O.
        libraries: &[
            "region",
            "serde_json",
            "serde_json_canonicalizer",
            "sha2",
            "thiserror",
            "zeroize",
        ],
    },
    Layer {
        name: "adapters",
        layers: &["domain", "engine", "adapters"],
        libraries: &[
            // Slots behind networks.
            "aws_config",
            "aws_sdk_cloudfront",
            "aws_sdk_kms",
            "aws_sdk_s3",
            "aws_sdk_secretsmanager",
            "aws_sdk_sts",
            "aws_smithy_types",
            "base64",
            "crypto_box",
            "directories",
            "http_body_util",
            "k8s_openapi",
            // The credential store of the system.
            "keyring",
            "kube",
            "openpgp_cert_d",
            // Large numbers, to find weak keys.
            "openssl",
            // The sheet to print has the fingerprint as a QR code.
            "qrcode",
            "rayon",
            "reqwest",
            "rustix",
            "sequoia_keystore",
            "sequoia_openpgp",
            "serde",
            // What goes over the pipes of the keystore's process.
            // Facts in the lines of the audit log.
            "serde_json",
            "strsim",
            "thiserror",
            "tokio",
            "tower_http",
            "toml",
            "zeroize",
        ],
    },
    Layer {
        name: "app",
        layers: &["domain", "engine", "adapters", "app"],
        libraries: &["thiserror"],
    },
    Layer {
        name: "cli",
        layers: &["domain", "engine", "app", "cli"],
        libraries: &["clap", "clap_complete", "clap_mangen", "icalendar", "serde", "serde_json"],
    },
    Layer {
        name: "tui",
        layers: &["domain", "engine", "app", "tui"],
        libraries: &[
            "crossterm",
            "nucleo_matcher",
            "qrcode",
            "ratatui",
            "serde",
            "signal_hook",
            "thiserror",
            "toml",
            "tui_input",
            "tui_qrcode",
        ],
    },
    // Limits of the process are set before anything else.
    Layer { name: "startup", layers: &[], libraries: &["rustix"] },
];

/// Lines of a file that a reader can hold in the head.
const MAX_LINES: usize = 400;

/// Longer files, each with its reason.
const LONGER: [(&str, &str); 0] = [];

/// The code of a file, without comments and without its unit tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let code = text.split("\n#[cfg(test)]\nmod tests").next().unwrap();
    code.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n")
}

fn layer_of(path: &Path) -> Option<&'static Layer> {
    let path = path.strip_prefix(root().join("src")).unwrap();
    let first = path.components().next().unwrap().as_os_str().to_str().unwrap();
    let name = first.strip_suffix(".rs").unwrap_or(first);
    LADDER.iter().find(|layer| layer.name == name)
}

/// The words behind each `prefix` in `code`.
fn words_behind<'a>(code: &'a str, prefix: &str) -> Vec<&'a str> {
    code.match_indices(prefix)
        .map(|(at, _)| {
            let rest = &code[at + prefix.len()..];
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            &rest[..end]
        })
        .collect()
}

#[test]
fn imports_point_down_the_ladder_only() {
    let mut wrong = Vec::new();
    for path in rust_files(&root().join("src")) {
        let Some(layer) = layer_of(&path) else { continue };
        for name in words_behind(&code(&path), "crate::") {
            let is_layer = LADDER.iter().any(|layer| layer.name == name);
            if is_layer && !layer.layers.contains(&name) {
                wrong.push(format!("{} names {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_app_names_adapters() {
    for layer in ["cli", "tui", "domain", "engine"] {
        let layer = LADDER.iter().find(|l| l.name == layer).unwrap();
        assert!(!layer.layers.contains(&"adapters"));
    }
    for (one, other) in [("cli", "tui"), ("tui", "cli")] {
        let layer = LADDER.iter().find(|l| l.name == one).unwrap();
        assert!(!layer.layers.contains(&other), "front ends do not know each other");
    }
}

#[test]
fn each_layer_names_its_own_libraries_only() {
    let dependencies = dependencies();
    let mut wrong = Vec::new();
    for path in rust_files(&root().join("src")) {
        let Some(layer) = layer_of(&path) else { continue };
        let code = code(&path);
        for library in dependencies.keys() {
            let library = library.replace('-', "_");
            // `rayon::x` and `use rayon`, but not `crate::rayon` or `my_rayon::x`.
            let named = code.match_indices(&format!("{library}::")).any(|(at, _)| {
                let before = code[..at].chars().next_back().unwrap_or(' ');
                !before.is_alphanumeric() && before != '_' && before != ':'
            });
            if named && !layer.libraries.contains(&library.as_str()) {
                wrong.push(format!("{} names {library}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_openpgp_library_is_named_in_one_place() {
    for path in rust_files(&root().join("src")) {
        let inside = path.starts_with(root().join("src/adapters/openpgp"))
            || path.ends_with("src/adapters/openpgp.rs");
        let named = code(&path).contains("sequoia_openpgp");
        assert!(inside || !named, "{}", path.display());
    }
}

/// The dependencies of the program with the comment above each.
fn dependencies() -> BTreeMap<String, String> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let mut dependencies = BTreeMap::new();
    let mut comment = String::new();
    let mut inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line == "[dependencies]" || line == "[dev-dependencies]";
            comment.clear();
        } else if let Some(text) = line.strip_prefix('#') {
            comment.push_str(text);
        } else if let (true, Some((name, _))) = (inside, line.split_once(" = ")) {
            // A group of neighbours shares the comment above it.
            dependencies.entry(name.to_owned()).or_insert_with(|| comment.clone());
        } else {
            comment.clear();
        }
    }
    dependencies
}

#[test]
fn every_dependency_has_its_reason() {
    let dependencies = dependencies();
    assert!(dependencies.len() > 20);
    for (name, reason) in dependencies {
        assert!(reason.len() > 10, "{name} has no reason in Cargo.toml");
    }
}

#[test]
fn files_are_short_enough_to_be_held_in_the_head() {
    let mut files = rust_files(&root().join("src"));
    files.extend(rust_files(&root().join("tests")));
    for path in files {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        let allowed = LONGER.iter().any(|(name, _)| path.ends_with(name));
        assert!(lines <= MAX_LINES || allowed, "{} has {lines} lines", path.display());
    }
}

#[test]
fn no_test_file_is_forgotten() {
    let folder = root().join("tests/it");
    for path in rust_files(&folder) {
        let parent = path.parent().unwrap();
        let above =
            if parent == folder { folder.join("main.rs") } else { parent.with_extension("rs") };
        let name = path.file_stem().unwrap().to_str().unwrap();
        let declared = fs::read_to_string(&above).unwrap();
        let is_declared = declared.contains(&format!("mod {name};"));
        assert!(path == above || is_declared, "{}", path.display());
    }
}

#[test]
fn unsafe_code_is_in_the_startup_module_only() {
    for path in rust_files(&root().join("src")) {
        let is_startup = path.ends_with("src/startup.rs");
        assert!(is_startup || !code(&path).contains("unsafe {"), "{}", path.display());
    }
}

#[test]
fn no_module_is_called_after_nothing() {
    for path in rust_files(&root().join("src")) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(!["utils", "util", "helpers", "common", "misc", "mod"].contains(&name));
    }
}
