//! Programs of others as the user's own tool: they encrypt what keyrite hands
//! them, and what they decrypt is that, byte for byte.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::slot_command::{program, run, sha256, try_open};
use crate::support::{peers, program::finish};

/// As a key in armor is, with letters that need two bytes, and long.
fn value() -> String {
    let lines = "zwölf \"quoted\" \\ lines: [x]\n".repeat(40);
    format!("-----BEGIN TEST-----\n\n{lines}=abcd\n-----END TEST-----\n")
}

/// The script of the page with that word in it.
fn script(word: &str) -> String {
    let page = fs::read_to_string("docs/slots/command.md").unwrap();
    let blocks = page.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap());
    let mut found = blocks.filter(|block| block.contains(word)).map(str::to_owned);
    found.next().unwrap_or_else(|| panic!("the page has no script with '{word}'"))
}

fn done(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Lets the slot run a script; its user is told nothing of the value.
fn put(folder: &tempfile::TempDir, script: &str, value: &str) {
    let tool = program(folder, script);
    let slot = try_open(&[tool.to_str().unwrap()], &sha256(&tool), &["PATH"]).unwrap();
    let guard = slot.observe().unwrap().guard;
    run(slot.as_ref(), value, &guard).unwrap();
}

#[test]
fn hiera_eyaml_takes_it_and_gives_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let (keys, at) = (folder.path().join("keys"), folder.path().to_str().unwrap());
    fs::create_dir(&keys).unwrap();
    let key = |which: &str| {
        let path = keys.join(format!("{which}_key.pkcs7.pem"));
        format!("--pkcs7-{which}-key={}", path.to_str().unwrap())
    };
    done(Command::new("eyaml").arg("createkeys").args([key("private"), key("public")]));
    put(&folder, &script("eyaml encrypt").replace("/srv/hiera", at), &value());
    let sealed = fs::read_to_string(folder.path().join("signing-key.yaml")).unwrap();
    assert!(sealed.starts_with("signing_key: ENC[PKCS7,"), "{sealed}");
    let decrypt = script("eyaml decrypt").replace("gpg --batch --import", "cat");
    let mut shell = Command::new("sh");
    shell.args(["-c", &decrypt]).current_dir(folder.path());
    let opened = finish(shell, b"", Duration::from_mins(1)).expect("it hangs");
    assert_eq!((opened.code, opened.out.as_str()), (Some(0), value().as_str()), "{}", opened.err);
}

#[test]
fn zuul_takes_it_and_gives_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let (private, public) = (folder.path().join("zuul.key"), folder.path().join("zuul.pub"));
    done(Command::new("openssl").args(["genrsa", "-out"]).arg(&private).arg("2048"));
    let words = ["rsa", "-pubout", "-in"];
    done(Command::new("openssl").args(words).arg(&private).arg("-out").arg(&public));
    let client = peers::program("zuul-client");
    let script = script("zuul-client --zuul-url")
        .replace("/srv/project-config", folder.path().to_str().unwrap())
        .replace("/usr/local/bin/zuul-client", client.to_str().unwrap());
    // It cuts texts by letters, and armor has none of two bytes.
    let value = value().replace('ö', "oe");
    put(&folder, &script, &value);
    let sealed = fs::read_to_string(folder.path().join("signing-key.yaml")).unwrap();
    assert!(sealed.contains("key: !encrypted/pkcs1-oaep"), "{sealed}");
    // Each item of the list is a part, as long as the key lets it be.
    let parts = sealed.split("\n        - ").skip(1);
    let opened: Vec<u8> = parts.flat_map(|part| opened(&private, part)).collect();
    assert_eq!(String::from_utf8(opened).unwrap(), value);
}

fn opened(private: &Path, part: &str) -> Vec<u8> {
    let part: String = part.split_whitespace().collect();
    let file = private.with_extension("part");
    fs::write(&file, STANDARD.decode(part).unwrap()).unwrap();
    let words = ["pkeyutl", "-decrypt", "-pkeyopt", "rsa_padding_mode:oaep", "-inkey"];
    done(Command::new("openssl").args(words).arg(private).arg("-in").arg(&file))
}
