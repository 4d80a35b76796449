//! Whether a packet's body has the shape that its type wants, without
//! understanding what is in it. Damaged lengths give themselves away here.

use super::framing::big_endian;

/// Whether the public key at the start of `body` has the shape of its
/// algorithm (RFC 9580, 5.5.5); behind it there may be a secret part.
pub(super) fn key_fits(body: &[u8], may_have_more: bool) -> bool {
    public_length(body).is_some_and(|length| {
        if may_have_more { length <= body.len() } else { length == body.len() }
    })
}

/// Bytes of the public part at the start of a key packet's body; absent where
/// its shape is not that of a known algorithm.
pub(super) fn public_length(body: &[u8]) -> Option<usize> {
    let version = *body.first()?;
    let algorithm = *body.get(5)?;
    // Version 6 states the length of the material.
    let (start, stated) = match version {
        4 => (6, None),
        6 => (10, Some(10 + big_endian(body.get(6..10)?))),
        _ => return None,
    };
    let material = body.get(start..)?;
    let length = match algorithm {
        1..=3 => mpis(material, 2)?,
        16 => mpis(material, 3)?,
        17 => mpis(material, 4)?,
        18 => {
            let point = curve(material)?;
            let point = point + mpis(material.get(point..)?, 1)?;
            point + 1 + usize::from(*material.get(point)?)
        }
        19 | 22 => {
            let point = curve(material)?;
            point + mpis(material.get(point..)?, 1)?
        }
        25 | 27 => 32,
        26 => 56,
        28 => 57,
        // Algorithms of the future state their length in version 6 only.
        _ => return stated,
    };
    match stated {
        Some(stated) if stated != start + length => None,
        _ => Some(start + length),
    }
}

/// Bytes of a curve's object identifier with its length.
fn curve(material: &[u8]) -> Option<usize> {
    let length = usize::from(*material.first()?);
    let identifier = material.get(1..=length)?;
    // All curves in use are below 1.2, 1.3 or 2.16.
    matches!(identifier.first(), Some(0x2a | 0x2b | 0x60)).then_some(1 + length)
}

/// Bytes of that many integers (RFC 9580, 3.2).
fn mpis(material: &[u8], count: usize) -> Option<usize> {
    let mut at = 0;
    for _ in 0..count {
        let bits = big_endian(material.get(at..at + 2)?);
        let top = *material.get(at + 2)?;
        let used = usize::try_from(u8::BITS - top.leading_zeros()).ok()?;
        // The topmost byte says whether the count of bits is honest.
        if bits == 0 || used != (bits - 1) % 8 + 1 {
            return None;
        }
        at += 2 + bits.div_ceil(8);
    }
    Some(at)
}

/// Whether a signature's parts (RFC 9580, 5.2.3) fill its body exactly.
pub(super) fn signature_fits(body: &[u8]) -> bool {
    signature_length(body).is_some_and(|length| length == body.len())
}

fn signature_length(body: &[u8]) -> Option<usize> {
    let (algorithm, material) = match *body.first()? {
        3 => (*body.get(15)?, 19),
        version @ (4 | 6) => {
            let width = if version == 4 { 2 } else { 4 };
            let hashed = 4 + width + big_endian(body.get(4..4 + width)?);
            let unhashed = hashed + width + big_endian(body.get(hashed..hashed + width)?);
            let mut material = unhashed + 2;
            if version == 6 {
                material += 1 + usize::from(*body.get(material)?);
            }
            (*body.get(2)?, material)
        }
        _ => return None,
    };
    let rest = body.get(material..)?;
    let length = match algorithm {
        1 | 3 => mpis(rest, 1)?,
        16 | 17 | 19 | 22 => mpis(rest, 2)?,
        27 => 64,
        28 => 114,
        _ => return None,
    };
    Some(material + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A version 4 Ed25519 key of its exact length.
    fn ed25519() -> Vec<u8> {
        let mut body = vec![4, 0, 0, 0, 1, 22, 9, 0x2b, 6, 1, 4, 1, 0xda, 0x47, 0x0f, 1];
        body.extend([1, 7, 0x40]);
        body.extend([7; 32]);
        body
    }

    #[test]
    fn a_key_fits_its_own_length_only() {
        let mut body = ed25519();
        assert!(key_fits(&body, false));
        body.push(0);
        assert!(!key_fits(&body, false));
        assert!(key_fits(&body, true));
        body.truncate(40);
        assert!(!key_fits(&body, true));
    }

    #[test]
    fn dishonest_integers_do_not_fit() {
        let mut body = ed25519();
        body[18] = 0x80;
        assert!(!key_fits(&body, false));
    }

    #[test]
    fn a_signature_fits_its_own_length_only() {
        // Version 4, EdDSA, both areas empty, two integers of one bit.
        let mut body = vec![4, 0x13, 22, 10, 0, 0, 0, 0, 0xab, 0xcd, 0, 1, 1, 0, 1, 1];
        assert!(signature_fits(&body));
        body.push(0);
        assert!(!signature_fits(&body));
        assert!(!signature_fits(&body[..15]));
    }

    #[test]
    fn nothing_fits_nothing() {
        assert!(!key_fits(&[], true) && !signature_fits(&[]));
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_bodies_never_panic(body in proptest::collection::vec(0u8.., 0..80)) {
            let _ = (key_fits(&body, true), signature_fits(&body));
        }
    }
}
