//! Secrets that have no place in a workspace, by the forms in which programs
//! keep them.

use zeroize::Zeroizing;

use crate::adapters::openpgp::{PublicFault, walk_public};

/// What a private key of `GnuPG`, as it lies in `private-keys-v1.d`, has in it:
/// in the canonical form, and in the one that people can read. A stub for a
/// card (`shadowed-private-key`) is no secret.
const EXPRESSIONS: [&[u8]; 4] =
    [b"(11:private-key", b"(21:protected-private-key", b"(private-key", b"(protected-private-key"];
/// Bytes of a text in base64 that could hold a key.
const MIN_TEXT: usize = 64;

/// Whether there is a secret key in it: `OpenPGP`, of `GnuPG`'s own form, PEM
/// and OpenSSH; also where all of it is base64 of such.
pub(super) fn holds_secret(bytes: &[u8]) -> bool {
    is_secret(bytes) || decoded(bytes).is_some_and(|bytes| is_secret(&bytes))
}

fn is_secret(bytes: &[u8]) -> bool {
    matches!(walk_public(bytes), Err(PublicFault::Secret))
        || EXPRESSIONS.iter().any(|form| contains(bytes, form))
        || is_pem(bytes)
}

/// Whether a line begins a private key.
fn is_pem(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r'));
    lines.any(|line| {
        let line = line.trim_ascii();
        line.starts_with(b"-----BEGIN ") && contains(line, b"PRIVATE KEY")
    })
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// What is in base64, where all of it is.
fn decoded(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let is_text = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
    let is_all = bytes.iter().all(|byte| is_text(byte) || byte.is_ascii_whitespace());
    if bytes.len() < MIN_TEXT || !is_all {
        return None;
    }
    let text: Vec<u8> = bytes.iter().copied().filter(is_text).collect();
    let text = Zeroizing::new(String::from_utf8(text).ok()?);
    openssl::base64::decode_block(&text).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_other_programs_are_known_and_what_is_public_is_not_one() {
        let text = |inner: &str| format!("-----BEGIN {inner}-----\nTEST\n-----END {inner}-----\n");
        for secret in [
            text("PRIVATE KEY"),
            text("ENCRYPTED PRIVATE KEY"),
            text("OPENSSH PRIVATE KEY"),
            text("RSA PRIVATE KEY"),
            "(21:protected-private-key(3:ecc(5:curve7:Ed25519".to_owned(),
            "(11:private-key(3:rsa(1:n3:".to_owned(),
            "Created: 20261120T140200\nKey: (protected-private-key (ecc (curve Ed25519)".to_owned(),
        ] {
            assert!(holds_secret(secret.as_bytes()), "{secret}");
            let long = format!("{secret}{}", " ".repeat(MIN_TEXT));
            let coded = openssl::base64::encode_block(long.as_bytes());
            let broken: Vec<_> = coded.as_bytes().chunks(64).map(<[u8]>::to_vec).collect();
            assert!(holds_secret(&broken.join(&b'\n')), "{secret}");
        }
        for public in [
            text("PUBLIC KEY"),
            text("PGP PUBLIC KEY BLOCK"),
            "the line -----BEGIN PRIVATE KEY----- in prose".to_owned(),
            "(20:shadowed-private-key(3:ecc".to_owned(),
            "{\"text\":\"(a private-key)\"}".to_owned(),
            "A".repeat(4096),
        ] {
            assert!(!holds_secret(public.as_bytes()), "{public}");
        }
    }
}
