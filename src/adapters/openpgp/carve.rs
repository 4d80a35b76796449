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

use super::armor::{self, Label};
use super::rejection::{MAX_DAMAGE, Rejection};
use super::secret;
use super::walk::{Ending, KeyStart, Search, Stray, Walker, judge_gap};

/// Something that was found in a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// Where it starts: the first byte, or that of the armor around it.
    pub offset: usize,
    /// What it is.
    pub what: What<'a>,
    /// Whether secret key packets were met in what was rejected.
    pub holds_secret: bool,
}

/// A certificate's bytes, or what else is there.
#[derive(Debug, PartialEq, Eq)]
pub enum What<'a> {
    /// The binary packets of one certificate.
    Certificate(Cow<'a, [u8]>),
    /// A signature packet that belongs to no certificate around it. It may
    /// revoke one that is somewhere else.
    Signature(Cow<'a, [u8]>),
    /// Bytes that are neither.
    Rejected(Rejection),
}

impl What<'_> {
    fn into_owned(self) -> What<'static> {
        match self {
            What::Certificate(bytes) => What::Certificate(Cow::Owned(bytes.into_owned())),
            What::Signature(bytes) => What::Signature(Cow::Owned(bytes.into_owned())),
            What::Rejected(rejection) => What::Rejected(rejection),
        }
    }
}

/// All certificates and lone signatures in `data`, and what else was met, in
/// order.
#[must_use]
pub fn carve(data: &[u8]) -> Vec<Found<'_>> {
    let mut carver = Carver::default();
    let search = Search::new(data);
    let mut at = 0;
    while at < data.len() && !carver.is_given_up() {
        at = if armor::starts_at(data, at) {
            carver.armored(data, at)
        } else {
            carver.binary(&search, at)
        };
    }
    if carver.walker.is_tired() {
        carver.push(at, What::Rejected(Rejection::TooMuchDamage), false);
    }
    if carver.found.is_empty() {
        let nothing = match data {
            [] => Rejection::Empty,
            _ if armor::is_disabled(data) => Rejection::DisabledRevocation,
            _ => Rejection::NotOpenPgp,
        };
        carver.reject(0, nothing, false);
    }
    carver.found
}

/// Whether `start`, the beginning of a file, has armor in it or begins with
/// what can be a key or a signature.
#[must_use]
pub fn looks_like_keys(start: &[u8]) -> bool {
    KeyStart::look(start, 0).is_some()
        || matches!(Stray::look(&Search::new(start), 0), Some(Stray::Signature { .. }))
        || secret::is_met_in(start.get(..64).unwrap_or(start))
        || (0..start.len()).any(|at| armor::starts_at(start, at))
        || armor::is_disabled(start)
}

#[derive(Default)]
struct Carver<'a> {
    found: Vec<Found<'a>>,
    damage: usize,
    walker: Walker,
}

impl<'a> Carver<'a> {
    fn push(&mut self, offset: usize, what: What<'a>, holds_secret: bool) {
        self.found.push(Found { offset, what, holds_secret });
    }

    fn reject(&mut self, offset: usize, rejection: Rejection, holds_secret: bool) {
        self.set_aside(offset, What::Rejected(rejection), holds_secret);
    }

    /// Notes what is no certificate, up to a bound.
    fn set_aside(&mut self, offset: usize, what: What<'a>, holds_secret: bool) {
        self.damage += 1;
        if self.damage == MAX_DAMAGE {
            self.push(offset, What::Rejected(Rejection::TooMuchDamage), holds_secret);
        } else if self.damage < MAX_DAMAGE {
            self.push(offset, what, holds_secret);
        }
    }

    fn is_given_up(&self) -> bool {
        self.damage >= MAX_DAMAGE || self.walker.is_tired()
    }

    /// Takes one armored block; returns where it ends.
    fn armored(&mut self, data: &'a [u8], at: usize) -> usize {
        let block = armor::block_at(data, at);
        if block.label == Label::SignedText {
            // Its text follows; its signature is armor of its own.
            self.reject(at, Rejection::Message, false);
            return block.range.end;
        }
        // Whatever the label says: a wrong one hides neither a key nor a
        // secret.
        let (bytes, damaged) = armor::decode(data, &block);
        // A carver of its own, because the decoded bytes end with this call.
        let walker = std::mem::take(&mut self.walker);
        let mut inner = Carver { found: Vec::new(), damage: self.damage, walker };
        let search = Search::new(&bytes);
        let mut inside = 0;
        while inside < bytes.len() && !inner.is_given_up() {
            inside = inner.binary(&search, inside);
        }
        self.damage = inner.damage;
        self.walker = inner.walker;
        let is_of_its_kind = matches!(block.label, Label::Keys | Label::Signature);
        let holds_keys = |found: &Found<'_>| !matches!(found.what, What::Rejected(_));
        let holds_secret = inner.found.iter().any(|found| found.holds_secret);
        if block.is_inside_text() && !holds_secret && !inner.found.iter().any(holds_keys) {
            // A text that speaks of armor.
        } else if is_of_its_kind || inner.found.iter().any(holds_keys) {
            let damaged = damaged || inner.found.is_empty();
            for found in inner.found {
                self.push(at, found.what.into_owned(), found.holds_secret);
            }
            if damaged {
                self.reject(at, Rejection::DamagedArmor, holds_secret);
            }
        } else if block.label == Label::Message {
            self.reject(at, Rejection::Message, holds_secret);
        } else {
            self.reject(at, Rejection::OtherArmor, holds_secret);
        }
        block.range.end
    }

    /// Takes one certificate, or passes over what is none; returns where to
    /// go on.
    fn binary(&mut self, search: &Search<'a>, at: usize) -> usize {
        let data = search.data;
        match KeyStart::look(data, at) {
            Some(KeyStart::Current) => return self.certificate(search, at),
            Some(KeyStart::Outdated(rejection)) => {
                // Not behind its packets: it could be garbage that looks like
                // an old key and seems to swallow what follows.
                let next = search.resume(at + 1);
                self.reject(at, rejection, holds_secret(data, at, next));
                return next;
            }
            None => {}
        }
        match Stray::look(search, at) {
            Some(Stray::Signature { end }) => {
                let packet = data.get(at..end).unwrap_or_default();
                self.set_aside(at, What::Signature(packet.into()), false);
                end
            }
            Some(Stray::Message { end }) => {
                self.reject(at, Rejection::Message, holds_secret(data, at, end));
                end
            }
            None => {
                let next = search.resume(at + 1);
                let gap = data.get(at..next).unwrap_or_default();
                if let Some(rejection) = judge_gap(gap) {
                    self.reject(at, rejection, holds_secret(data, at, next));
                }
                next
            }
        }
    }

    fn certificate(&mut self, search: &Search<'a>, at: usize) -> usize {
        let data = search.data;
        let walk = self.walker.walk(search, at);
        let rejection = match walk.ending {
            Ending::Clean => {
                let bytes = data.get(at..walk.end).unwrap_or_default();
                self.push(at, What::Certificate(bytes.into()), false);
                return walk.end;
            }
            Ending::CutOff { missing } => Rejection::CutOff { missing },
            Ending::Damaged => Rejection::Damaged { after: walk.end - at },
        };
        // Any length on the way may be what is damaged: certificates that a
        // packet seems to swallow are looked for inside it.
        let next = search.resume(at + 1);
        self.reject(at, rejection, holds_secret(data, at, next));
        next
    }
}

/// Whether a secret key begins between `at` and `end`; it may be cut off
/// there.
fn holds_secret(data: &[u8], at: usize, end: usize) -> bool {
    data.get(at..end).is_some_and(secret::is_met_in)
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
                What::Signature(_) => (found.offset, Err(Rejection::LoneSignature)),
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
        let data = [certificate(1), b"\n".to_vec(), certificate(2), b"# the end of it\n".to_vec()]
            .concat();
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
        assert_eq!(shape(&data), [(0, Err(Rejection::Damaged { after: 53 })), (59, Ok(59))]);
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
    fn a_message_behind_a_certificate_ends_it_and_hides_nothing() {
        let whole = [0xcb, 6, b'b', 0, 0, 0, 0, 0].to_vec();
        let parts = [&[0xcb, 0xe1, b'b', 0, 0xe0, 0, 3, 0, 0, 0][..]].concat();
        for message in [whole, parts] {
            let end = 59 + message.len();
            let data = [certificate(1), message.clone(), certificate(2)].concat();
            let expected = [(0, Ok(59)), (59, Err(Rejection::Message)), (end, Ok(59))];
            assert_eq!(shape(&data), expected, "{message:02x?}");
            // What comes behind it could be a revocation of the first one.
            let data = [certificate(1), message, user_id(), certificate(2)].concat();
            let found = shape(&data);
            assert!(matches!(found[0], (0, Err(Rejection::Damaged { .. }))), "{found:?}");
            assert_eq!(found.last().unwrap().1, Ok(59), "{found:?}");
        }
    }

    #[test]
    fn a_damaged_header_that_looks_like_a_message_swallows_nothing() {
        let mut data = [certificate(1), certificate(2), certificate(3)].concat();
        data.splice(53..54, [0xcb]); // the user ID became literal data
        data[54] = 4 + 59; // and swallows the second certificate
        let found = shape(&data);
        assert!(matches!(found[0], (0, Err(Rejection::Damaged { .. }))), "{found:?}");
        assert_eq!(found[1..], [(59, Ok(59)), (118, Ok(59))]);
    }

    #[test]
    fn endless_damage_ends() {
        let piece = [&certificate(1)[..], &[0x05, 0xff]].concat();
        let found = carve(&piece.repeat(MAX_DAMAGE)).len();
        assert_eq!(found, MAX_DAMAGE);
    }
}
