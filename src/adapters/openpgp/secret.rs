//! Parts the public of a certificate's packets from the secret, before the
//! library sees any of it.

use std::borrow::Cow;

use sequoia_openpgp::packet::Packet;
use sequoia_openpgp::parse::Parse as _;

use super::facts;
use super::framing::Header;
use super::shape;
use crate::domain::certificate::SecretMaterial;
use crate::domain::fingerprint::Fingerprint;

/// `GnuPG`'s private S2K specifier and its modes (doc/DETAILS of `GnuPG`).
const GNU_EXTENSION: u8 = 101;
const GNU_DUMMY: u8 = 1;
const GNU_DIVERT_TO_CARD: u8 = 2;
/// Bytes of a stub: usage, cipher, specifier, hash, "GNU", mode.
const STUB_LENGTH: usize = 8;

/// What the secret part of a key packet looked like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Secret {
    /// Whose it is; absent where the key itself cannot be read.
    pub of: Option<Fingerprint>,
    /// What is there.
    pub material: SecretMaterial,
}

/// A certificate without its secrets.
pub struct Parted<'a> {
    /// Its packets, with public key packets in place of secret ones.
    pub public: Cow<'a, [u8]>,
    /// What was taken out.
    pub secrets: Vec<Secret>,
}

/// Parts the packets of one certificate.
///
/// A key packet whose public part cannot be told from the rest is left out as
/// a whole.
#[must_use]
pub fn part(bytes: &[u8]) -> Parted<'_> {
    if !packets(bytes).any(|packet| packet.may_hold_secret()) {
        return Parted { public: Cow::Borrowed(bytes), secrets: Vec::new() };
    }
    let mut public = Vec::with_capacity(bytes.len());
    let mut secrets = Vec::new();
    for packet in packets(bytes) {
        if !packet.may_hold_secret() {
            public.extend_from_slice(packet.bytes);
            continue;
        }
        let split = shape::public_length(packet.body)
            .filter(|_| packet.is_secret())
            .and_then(|length| packet.body.split_at_checked(length));
        secrets.push(match split {
            Some((key, secret)) => {
                let start = public.len();
                public.push(if packet.header.tag == 5 { 0xc6 } else { 0xce });
                public.push(0xff);
                public.extend(u32::try_from(key.len()).unwrap_or(0).to_be_bytes());
                public.extend_from_slice(key);
                let of = public.get(start..).and_then(fingerprint);
                Secret { of, material: classify(secret) }
            }
            None => Secret { of: None, material: SecretMaterial::Protected },
        });
    }
    Parted { public: Cow::Owned(public), secrets }
}

/// Whether there is something in `bytes`, at any place, that looks like a
/// secret key packet, whole or cut off.
pub(super) fn is_met_in(bytes: &[u8]) -> bool {
    (0..bytes.len()).any(|at| {
        let rest = bytes.get(at..).unwrap_or_default();
        if !matches!(rest.first(), Some(0x94..=0x97 | 0x9c..=0x9f | 0xc5 | 0xc7)) {
            return false;
        }
        let Some(header) = Header::read(rest).filter(|header| header.body.is_some()) else {
            return false;
        };
        let body = rest.get(header.length..).unwrap_or_default();
        let body = body.get(..header.body.unwrap_or(0)).unwrap_or(body);
        shape::public_length(body).is_some_and(|length| length < body.len())
    })
}

struct RawPacket<'a> {
    header: Header,
    bytes: &'a [u8],
    body: &'a [u8],
}

impl RawPacket<'_> {
    fn is_secret(&self) -> bool {
        matches!(self.header.tag, 5 | 7)
    }

    /// A secret key packet, or a public one with something behind its key.
    fn may_hold_secret(&self) -> bool {
        let longer = || {
            let is_public_key = matches!(self.header.tag, 6 | 14);
            is_public_key
                && shape::public_length(self.body).is_some_and(|length| length < self.body.len())
        };
        self.is_secret() || longer()
    }
}

/// The packets in `bytes`, up to the first that does not fit.
fn packets(bytes: &[u8]) -> impl Iterator<Item = RawPacket<'_>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let header = Header::read(rest)?;
        let (bytes, behind) = rest.split_at_checked(header.total()?)?;
        rest = behind;
        Some(RawPacket { header, bytes, body: bytes.get(header.length..)? })
    })
}

/// The fingerprint of the public key packet.
pub(super) fn fingerprint(packet: &[u8]) -> Option<Fingerprint> {
    let fingerprint = match Packet::from_bytes(packet).ok()? {
        Packet::PublicKey(key) => key.fingerprint(),
        Packet::PublicSubkey(key) => key.fingerprint(),
        _ => return None,
    };
    facts::fingerprint(&fingerprint).ok()
}

/// Reads what follows the public part in a secret key packet
/// (RFC 9580, 5.5.3).
fn classify(secret_part: &[u8]) -> SecretMaterial {
    match secret_part {
        [0, ..] => SecretMaterial::Unprotected,
        [254 | 255, _cipher, GNU_EXTENSION, _hash, b'G', b'N', b'U', GNU_DUMMY]
            if secret_part.len() == STUB_LENGTH =>
        {
            SecretMaterial::Stub
        }
        // Behind it stands the card's serial number with its length.
        [
            254 | 255,
            _cipher,
            GNU_EXTENSION,
            _hash,
            b'G',
            b'N',
            b'U',
            GNU_DIVERT_TO_CARD,
            rest @ ..,
        ] if rest.first().is_none_or(|length| usize::from(*length) + 1 == rest.len()) => {
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
        assert_eq!(classify(b"\xff\x00\x65\x00GNU\x02\x06serial"), SecretMaterial::OnCard);
    }

    #[test]
    fn secrets_are_told_by_their_protection() {
        assert_eq!(classify(&[0, 1, 2]), SecretMaterial::Unprotected);
        assert_eq!(classify(&[254, 9, 3, 8]), SecretMaterial::Protected);
        assert_eq!(classify(&[7, 1, 2]), SecretMaterial::Protected);
        assert_eq!(classify(b"\xff\x00\x65\x00GNU\x09"), SecretMaterial::Protected);
        assert_eq!(classify(b"\xff\x00\x65\x00GNU\x01secret"), SecretMaterial::Protected);
        assert_eq!(classify(b"\xff\x00\x65\x00GNU\x02\x06serial!"), SecretMaterial::Protected);
        assert_eq!(classify(&[]), SecretMaterial::Absent);
    }

    /// A version 4 Ed25519 key packet of that type with `more` behind the key.
    fn key(tag: u8, more: &[u8]) -> Vec<u8> {
        let mut body = vec![4, 0x60, 0, 0, 1, 22, 9, 0x2b, 6, 1, 4, 1, 0xda, 0x47, 0x0f, 1];
        body.extend([1, 7, 0x40]);
        body.extend([7; 32]);
        body.extend(more);
        [&[0xc0 | tag, u8::try_from(body.len()).unwrap()][..], &body].concat()
    }

    #[test]
    fn the_secret_does_not_stay_in_the_public_part() {
        let secret = b"\x00\x01\x00THE SECRET OF A TEST";
        for (primary, subkey, count, is_met) in [
            (key(5, secret), key(7, secret), 2, true),
            (key(6, b""), key(7, secret), 1, true),
            (key(6, b""), key(14, secret), 1, false),
            (key(6, b""), key(14, b""), 0, false),
        ] {
            let bytes = [primary, subkey].concat();
            let parted = part(&bytes);
            assert_eq!(parted.secrets.len(), count);
            assert!(!parted.public.windows(3).any(|window| window == b"TES"));
            assert_eq!(is_met_in(&[b"damage", &bytes[..]].concat()), is_met);
        }
        let bytes = key(5, secret);
        let parted = part(&bytes);
        assert!(parted.secrets[0].of.is_some());
        assert_eq!(parted.public[6..], key(6, b"")[2..]);
    }

    #[test]
    fn a_cut_off_secret_is_met() {
        let bytes = [key(6, b""), key(7, &[0; 40])].concat();
        assert!(is_met_in(&bytes[..bytes.len() - 30]));
        assert!(!is_met_in(&bytes[..40]));
    }
}
