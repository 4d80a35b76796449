//! Finds the certificates in a file, whatever else is in it.
//!
//! A file may be armored, binary, a concatenation or a mixture of both, cut
//! off or damaged. Only packet headers are looked at here. Where the packets
//! stop making sense, the search goes on at the next armor header or at the
//! next bytes that look like the start of a certificate; what was passed over
//! is reported.
//!
//! A certificate that runs into damage is rejected as a whole: what is
//! missing could be its revocation.

use std::borrow::Cow;
use std::fmt;

use super::armor::{self, Label};
use super::framing::{Header, big_endian};

/// Damaged places after which the rest of a file is given up.
const MAX_DAMAGE: usize = 10_000;

/// A larger key packet than any algorithm needs, by far.
const MAX_KEY_PACKET: usize = 256 * 1024;

/// Something that was found in a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// Where it starts: the first byte, or that of the armor around it.
    pub offset: usize,
    /// What it is.
    pub what: What<'a>,
}

/// A certificate's bytes, or why there is none.
#[derive(Debug, PartialEq, Eq)]
pub enum What<'a> {
    /// The binary packets of one certificate.
    Certificate(Cow<'a, [u8]>),
    /// Bytes that are no certificate.
    Rejected(Rejection),
}

/// Why bytes are not a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// Nothing of OpenPGP in the whole input.
    NotOpenPgp,
    /// Nothing at all.
    Empty,
    /// The input ends inside a packet.
    CutOff {
        /// Bytes that the packet announces beyond the end.
        missing: usize,
    },
    /// The packets stop making sense.
    Damaged {
        /// Where, counted from the start of the certificate.
        after: usize,
    },
    /// Bytes between certificates that are not OpenPGP.
    Garbage {
        /// How many.
        length: usize,
    },
    /// An encrypted or signed message.
    Message,
    /// A signature without a certificate.
    LoneSignature,
    /// Armor of another kind.
    OtherArmor,
    /// Armor with damaged lines or without an end.
    DamagedArmor,
    /// A version 2 or 3 key.
    Version3,
    /// A version 5 key, which no standard describes.
    Version5,
    /// Blobs of a keybox that make no sense.
    DamagedKeybox,
    /// More damaged places than anybody wants to know of.
    TooMuchDamage,
}

impl Rejection {
    /// Whether the input is no defective key material but something else.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        match self {
            Self::NotOpenPgp
            | Self::Empty
            | Self::Garbage { .. }
            | Self::Message
            | Self::LoneSignature
            | Self::OtherArmor => true,
            Self::CutOff { .. }
            | Self::Damaged { .. }
            | Self::DamagedArmor
            | Self::Version3
            | Self::Version5
            | Self::DamagedKeybox
            | Self::TooMuchDamage => false,
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOpenPgp => f.write_str("no OpenPGP data in it"),
            Self::Empty => f.write_str("empty"),
            Self::CutOff { missing } => write!(
                f,
                "certificate cut off: its last packet wants {missing} more byte(s); rejected as a whole, because a revocation could be missing"
            ),
            Self::Damaged { after } => write!(
                f,
                "certificate damaged {after} byte(s) after its start; rejected as a whole, because a revocation could be missing"
            ),
            Self::Garbage { length } => {
                write!(f, "{length} byte(s) that are not OpenPGP; skipped")
            }
            Self::Message => f.write_str("an encrypted or signed message, not a certificate"),
            Self::LoneSignature => f.write_str(
                "a signature without a certificate (a detached signature or a revocation certificate)",
            ),
            Self::OtherArmor => f.write_str("armor that holds no certificate"),
            Self::DamagedArmor => f.write_str("armor with damaged lines or without an end line"),
            Self::Version3 => f.write_str(
                "a version 3 key: its fingerprint is MD5 and can be forged; not supported",
            ),
            Self::Version5 => f.write_str("a version 5 key: no standard describes it; not supported"),
            Self::DamagedKeybox => f.write_str(
                "the keybox makes no sense from here on; certificates behind it were looked for",
            ),
            Self::TooMuchDamage => {
                write!(f, "more than {MAX_DAMAGE} damaged places; the rest was not read")
            }
        }
    }
}

/// All certificates in `data`, and what else was met, in order.
pub fn carve(data: &[u8]) -> Vec<Found<'_>> {
    let mut carver = Carver { found: Vec::new(), damage: 0 };
    let mut at = 0;
    while at < data.len() && !carver.is_given_up() {
        at = if armor::starts_at(data, at) {
            carver.armored(data, at)
        } else {
            carver.binary(data, at)
        };
    }
    if carver.found.is_empty() {
        carver.reject(0, if data.is_empty() { Rejection::Empty } else { Rejection::NotOpenPgp });
    }
    carver.found
}

struct Carver<'a> {
    found: Vec<Found<'a>>,
    damage: usize,
}

impl<'a> Carver<'a> {
    fn reject(&mut self, offset: usize, rejection: Rejection) {
        self.damage += 1;
        if self.damage == MAX_DAMAGE {
            self.found.push(Found { offset, what: What::Rejected(Rejection::TooMuchDamage) });
        } else if self.damage < MAX_DAMAGE {
            self.found.push(Found { offset, what: What::Rejected(rejection) });
        }
    }

    fn is_given_up(&self) -> bool {
        self.damage >= MAX_DAMAGE
    }

    /// Takes one armored block; returns where it ends.
    fn armored(&mut self, data: &'a [u8], at: usize) -> usize {
        let block = armor::block_at(data, at);
        match block.label {
            Label::Keys => self.armored_keys(data, at, &block),
            Label::Message | Label::SignedText => self.reject(at, Rejection::Message),
            Label::Signature => self.reject(at, Rejection::LoneSignature),
            Label::Other => self.reject(at, Rejection::OtherArmor),
        }
        block.range.end
    }

    fn armored_keys(&mut self, data: &'a [u8], at: usize, block: &armor::Block) {
        let (bytes, damaged) = armor::decode(data, block);
        // A carver of its own, because the decoded bytes end with this call.
        let mut inner = Carver { found: Vec::new(), damage: self.damage };
        let mut inside = 0;
        while inside < bytes.len() && !inner.is_given_up() {
            inside = inner.binary(&bytes, inside);
        }
        let found_something = !inner.found.is_empty();
        self.damage = inner.damage;
        self.found.extend(inner.found.into_iter().map(|found| Found {
            offset: at,
            what: match found.what {
                What::Certificate(bytes) => What::Certificate(Cow::Owned(bytes.into_owned())),
                What::Rejected(rejection) => What::Rejected(rejection),
            },
        }));
        if damaged || !found_something {
            self.reject(at, Rejection::DamagedArmor);
        }
    }

    /// Takes one certificate, or passes over what is none; returns where to
    /// go on.
    fn binary(&mut self, data: &'a [u8], at: usize) -> usize {
        match KeyStart::look(data, at) {
            Some(KeyStart::Current) => self.certificate(data, at),
            Some(KeyStart::Outdated(rejection)) => {
                let end = walk(data, at).end;
                self.reject(at, rejection);
                end
            }
            None => {
                let next = resynchronise(data, at + 1);
                let gap = data.get(at..next).unwrap_or_default();
                if let Some(rejection) = judge_gap(gap) {
                    self.reject(at, rejection);
                }
                next
            }
        }
    }

    fn certificate(&mut self, data: &'a [u8], at: usize) -> usize {
        let walk = walk(data, at);
        match walk.ending {
            Ending::Clean => {
                let bytes = data.get(at..walk.end).unwrap_or_default();
                self.found.push(Found { offset: at, what: What::Certificate(bytes.into()) });
                return walk.end;
            }
            Ending::CutOff { missing } => self.reject(at, Rejection::CutOff { missing }),
            Ending::Damaged => self.reject(at, Rejection::Damaged { after: walk.end - at }),
        }
        // The last packet's length may be what is damaged: certificates that
        // it seems to swallow are looked for inside it.
        resynchronise(data, walk.last + 1)
    }
}

/// What a walk along the packets of a certificate met.
struct Walk {
    /// Where it ended.
    end: usize,
    /// Where its last packet starts.
    last: usize,
    ending: Ending,
}

enum Ending {
    /// At the end of the input, or where something else begins.
    Clean,
    /// At the end of the input, inside a packet.
    CutOff { missing: usize },
    /// Where no packet of a certificate can be.
    Damaged,
}

fn walk(data: &[u8], start: usize) -> Walk {
    let mut at = start;
    let mut last = start;
    loop {
        let rest = data.get(at..).unwrap_or_default();
        let ending = match next_packet(data, at, start) {
            _ if rest.is_empty() => Some(Ending::Clean),
            Next::Belongs { total } if total > rest.len() => {
                Some(Ending::CutOff { missing: total - rest.len() })
            }
            Next::Belongs { total } => {
                last = at;
                at += total;
                None
            }
            Next::Other => Some(Ending::Clean),
            Next::Nonsense => Some(Ending::Damaged),
        };
        if let Some(ending) = ending {
            return Walk { end: at, last: last.max(start), ending };
        }
    }
}

enum Next {
    /// A packet of this certificate.
    Belongs { total: usize },
    /// Something that is not part of it: another certificate, armor, text.
    Other,
    Nonsense,
}

fn next_packet(data: &[u8], at: usize, start: usize) -> Next {
    let rest = data.get(at..).unwrap_or_default();
    if at != start && KeyStart::look(data, at).is_some() {
        return Next::Other;
    }
    let Some(header) = Header::read(rest) else {
        let gap = data.get(at..resynchronise(data, at)).unwrap_or_default();
        return if is_separate_text(gap) { Next::Other } else { Next::Nonsense };
    };
    let Some(total) = header.total() else {
        return if is_message(header.tag) { Next::Other } else { Next::Nonsense };
    };
    let body = rest.get(header.length..).unwrap_or_default();
    let first = body.first().copied();
    let belongs = match header.tag {
        5 | 6 => at == start,
        2 => matches!(first, Some(2..=6) | None),
        7 | 14 => matches!(first, Some(2..=6) | None) && total <= MAX_KEY_PACKET,
        // User ID, user attribute, trust, marker, padding, private use.
        10 | 12 | 13 | 17 | 21 | 60..=63 => true,
        // Packets of the future that may be ignored (RFC 9580, 4.3.1).
        40..=59 => true,
        _ => false,
    };
    match () {
        () if belongs => Next::Belongs { total },
        () if is_message(header.tag) && total <= rest.len() => Next::Other,
        () => Next::Nonsense,
    }
}

fn is_message(tag: u8) -> bool {
    matches!(tag, 1 | 3 | 4 | 8 | 9 | 11 | 18 | 19 | 20)
}

/// The start of a certificate.
enum KeyStart {
    /// A version 4 or 6 primary key.
    Current,
    /// One of a version that is not supported.
    Outdated(Rejection),
}

impl KeyStart {
    fn look(data: &[u8], at: usize) -> Option<Self> {
        let rest = data.get(at..)?;
        let header = Header::read(rest).filter(|header| matches!(header.tag, 5 | 6))?;
        let length = header.body.filter(|length| (6..=MAX_KEY_PACKET).contains(length))?;
        let body = rest.get(header.length..)?;
        // Version 3 has two bytes of validity before the algorithm.
        let algorithm = |place: usize| matches!(body.get(place), Some(1..=3 | 16..=36 | 99..=110) | None);
        match body.first()? {
            2 | 3 if algorithm(7) => Some(Self::Outdated(Rejection::Version3)),
            4 if algorithm(5) => Some(Self::Current),
            5 if algorithm(5) => Some(Self::Outdated(Rejection::Version5)),
            6 if algorithm(5) => {
                let stated = big_endian(body.get(6..10)?);
                (stated + 10 <= length).then_some(Self::Current)
            }
            _ => None,
        }
    }
}

/// The next place at or behind `at` where reading can go on: armor, or a
/// primary key that is followed by something that can follow it.
fn resynchronise(data: &[u8], at: usize) -> usize {
    let candidates = data.get(at..).unwrap_or_default().iter().enumerate();
    for (distance, byte) in candidates {
        let place = at + distance;
        let found = match byte {
            b'-' => armor::starts_at(data, place),
            0x94..=0x96 | 0x98..=0x9a | 0xc5 | 0xc6 => is_convincing_key(data, place),
            _ => false,
        };
        if found {
            return place;
        }
    }
    data.len()
}

fn is_convincing_key(data: &[u8], at: usize) -> bool {
    if KeyStart::look(data, at).is_none() {
        return false;
    }
    let rest = data.get(at..).unwrap_or_default();
    let Some(total) = Header::read(rest).and_then(Header::total) else { return false };
    let Some(behind) = rest.get(total..) else { return false };
    behind.is_empty()
        || Header::read(behind)
            .is_some_and(|next| matches!(next.tag, 2 | 5 | 6 | 7 | 12 | 13 | 14 | 17))
}

/// Why a gap is reported; blank space and text around armor are not.
fn judge_gap(gap: &[u8]) -> Option<Rejection> {
    if is_text(gap) {
        return None;
    }
    match Header::read(gap) {
        Some(Header { tag: 2, body: Some(_), .. }) => Some(Rejection::LoneSignature),
        Some(header) if is_message(header.tag) => Some(Rejection::Message),
        _ => Some(Rejection::Garbage { length: gap.len() }),
    }
}

/// Text behind a certificate, and not the rest of a user ID into which a
/// damaged length has led.
fn is_separate_text(bytes: &[u8]) -> bool {
    let set_off = bytes.first().is_some_and(u8::is_ascii_whitespace);
    is_text(bytes) && (set_off || bytes.len() >= 16)
}

fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| {
        text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{c}'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A version 4 Ed25519 public key packet with a body of plausible shape.
    fn key(seed: u8) -> Vec<u8> {
        let mut packet = vec![0xc6, 51, 4, 0x60, 0, 0, seed, 22, 9];
        packet.extend([0x2b, 6, 1, 4, 1, 0xda, 0x47, 0x0f, 1, 1, 7, 0x40]);
        packet.extend([seed; 32]);
        assert_eq!(packet.len(), 53);
        packet
    }

    fn user_id() -> Vec<u8> {
        [&[0xcd, 4][..], b"TEST"].concat()
    }

    fn certificate(seed: u8) -> Vec<u8> {
        [key(seed), user_id()].concat()
    }

    fn shape(data: &[u8]) -> Vec<(usize, Result<usize, Rejection>)> {
        carve(data)
            .into_iter()
            .map(|found| match found.what {
                What::Certificate(bytes) => (found.offset, Ok(bytes.len())),
                What::Rejected(rejection) => (found.offset, Err(rejection)),
            })
            .collect()
    }

    #[test]
    fn a_concatenation_is_taken_apart() {
        let data = [certificate(1), certificate(2), certificate(3)].concat();
        assert_eq!(shape(&data), [(0, Ok(59)), (59, Ok(59)), (118, Ok(59))]);
    }

    #[test]
    fn blank_space_and_text_between_certificates_are_no_damage() {
        let data = [certificate(1), b"\n".to_vec(), certificate(2), b"# the end of it\n".to_vec()].concat();
        assert_eq!(shape(&data), [(0, Ok(59)), (60, Ok(59))]);
    }

    #[test]
    fn a_cut_off_certificate_is_rejected_and_the_others_are_not() {
        let mut data = [certificate(1), certificate(2)].concat();
        data.truncate(59 + 55);
        assert_eq!(shape(&data), [(0, Ok(59)), (59, Err(Rejection::CutOff { missing: 4 }))]);
    }

    #[test]
    fn a_length_that_swallows_the_next_certificate_does_not_hide_it() {
        let mut data = [certificate(1), certificate(2), certificate(3)].concat();
        data[54] = 60; // the first user ID claims 60 bytes instead of 4
        let found = shape(&data);
        assert!(matches!(found[0], (0, Err(Rejection::Damaged { .. }))), "{found:?}");
        assert_eq!(found[1..], [(59, Ok(59)), (118, Ok(59))]);
    }

    #[test]
    fn a_damaged_header_costs_one_certificate() {
        let mut data = [certificate(1), certificate(2)].concat();
        data[53] = 0x05;
        assert_eq!(
            shape(&data),
            [(0, Err(Rejection::Damaged { after: 53 })), (59, Ok(59))]
        );
    }

    #[test]
    fn garbage_is_reported_with_its_length() {
        let data = [vec![0u8, 1, 2, 3, 0xff], certificate(1)].concat();
        assert_eq!(shape(&data), [(0, Err(Rejection::Garbage { length: 5 })), (5, Ok(59))]);
    }

    #[test]
    fn what_is_no_certificate_is_named() {
        assert_eq!(shape(b""), [(0, Err(Rejection::Empty))]);
        assert_eq!(shape(b"hello\n"), [(0, Err(Rejection::NotOpenPgp))]);
        assert_eq!(shape(&[0xc2, 3, 4, 0, 0]), [(0, Err(Rejection::LoneSignature))]);
        assert_eq!(shape(&[0xd2, 0xff, 0, 0, 0, 1, 1]), [(0, Err(Rejection::Message))]);
        assert_eq!(
            shape(b"-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\n"),
            [(0, Err(Rejection::Message))]
        );
        let version3 = [0x99, 0, 9, 3, 0, 0, 0, 0, 0, 0, 1, 0];
        assert_eq!(shape(&version3), [(0, Err(Rejection::Version3))]);
    }

    #[test]
    fn endless_damage_ends() {
        let piece = [&certificate(1)[..], &[0x05, 0xff]].concat();
        let found = carve(&piece.repeat(MAX_DAMAGE)).len();
        assert_eq!(found, MAX_DAMAGE);
    }
}
