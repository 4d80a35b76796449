//! What a secret key packet holds: a secret, or one of `GnuPG`'s stubs.

use crate::domain::certificate::SecretMaterial;

/// `GnuPG`'s private S2K specifier and its modes (doc/DETAILS of `GnuPG`).
const GNU_EXTENSION: u8 = 101;
const GNU_DUMMY: u8 = 1;
const GNU_DIVERT_TO_CARD: u8 = 2;

/// Reads what follows the public part in a secret key packet
/// (RFC 9580, 5.5.3).
pub(super) fn classify(secret_part: &[u8]) -> SecretMaterial {
    match secret_part {
        [0, ..] => SecretMaterial::Unprotected,
        [254 | 255, _cipher, GNU_EXTENSION, _hash, b'G', b'N', b'U', GNU_DUMMY, ..] => {
            SecretMaterial::Stub
        }
        [254 | 255, _cipher, GNU_EXTENSION, _hash, b'G', b'N', b'U', GNU_DIVERT_TO_CARD, ..] => {
            SecretMaterial::OnCard
        }
        // An unknown extension might hold a secret, so it counts as one.
        [_, ..] => SecretMaterial::Protected,
        [] => SecretMaterial::Absent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stubs_are_no_secrets() {
        assert_eq!(classify(b"\xfe\x07\x65\x02GNU\x01"), SecretMaterial::Stub);
        assert_eq!(classify(b"\xff\x00\x65\x00GNU\x01"), SecretMaterial::Stub);
        assert_eq!(classify(b"\xff\x00\x65\x00GNU\x02\x10serial"), SecretMaterial::OnCard);
    }

    #[test]
    fn secrets_are_told_by_their_protection() {
        assert_eq!(classify(&[0, 1, 2]), SecretMaterial::Unprotected);
        assert_eq!(classify(&[254, 9, 3, 8]), SecretMaterial::Protected);
        assert_eq!(classify(&[7, 1, 2]), SecretMaterial::Protected);
        assert_eq!(classify(b"\xff\x00\x65\x00GNU\x09"), SecretMaterial::Protected);
        assert_eq!(classify(&[]), SecretMaterial::Absent);
    }
}
