//! Walking along packet headers: where a certificate ends, and where reading
//! can go on after damage.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::armor;
use super::framing::{Header, big_endian};
use super::issuer;
use super::rejection::Rejection;
use super::shape;

/// A larger key packet than any algorithm needs, by far.
const MAX_KEY_PACKET: usize = 256 * 1024;

/// Packets that are looked at in one file, again and again after damage; many
/// times more than any keyring has.
const MAX_STEPS: usize = 20_000_000;

/// Bytes up to which looking ahead is not worth remembering.
const SHORT: usize = 4096;

/// What a walk along the packets of a certificate met.
pub(super) struct Walk {
    /// Where it ended.
    pub(super) end: usize,
    pub(super) ending: Ending,
}

pub(super) enum Ending {
    /// At the end of the input, or where something else begins.
    Clean,
    /// At the end of the input, inside a packet.
    CutOff { missing: usize },
    /// Where no packet of a certificate can be.
    Damaged,
}

/// Walks along certificates, and tires of input that is made to be slow.
#[derive(Default)]
pub(super) struct Walker {
    steps: usize,
}

impl Walker {
    pub(super) fn is_tired(&self) -> bool {
        self.steps >= MAX_STEPS
    }

    /// Walks along the packets of the certificate at `start`.
    pub(super) fn walk(&mut self, search: &Search<'_>, start: usize) -> Walk {
        let data = search.data;
        let mut at = start;
        loop {
            self.steps += 1;
            let rest = data.get(at..).unwrap_or_default();
            let ending = match next_packet(search, at, start) {
                _ if rest.is_empty() => Ending::Clean,
                _ if self.is_tired() => Ending::Damaged,
                Next::Belongs { total } if total <= rest.len() => {
                    at += total;
                    continue;
                }
                Next::Belongs { total } => Ending::CutOff { missing: total - rest.len() },
                Next::Other => Ending::Clean,
                Next::Nonsense => Ending::Damaged,
            };
            return Walk { end: at, ending };
        }
    }
}

enum Next {
    /// A packet of this certificate.
    Belongs {
        total: usize,
    },
    /// Something that is not part of it: another certificate, armor, text.
    Other,
    Nonsense,
}

fn next_packet(search: &Search<'_>, at: usize, start: usize) -> Next {
    let data = search.data;
    let rest = data.get(at..).unwrap_or_default();
    if at != start && starts_another(data, at) {
        return Next::Other;
    }
    let Some(header) = Header::read(rest) else {
        // The cut-off header of another key says nothing of this one.
        if rest.len() < 6 && matches!(rest.first(), Some(0x94..=0x96 | 0x98..=0x9a | 0xc5 | 0xc6)) {
            return Next::Other;
        }
        let gap = data.get(at..search.key_or_armor(at)).unwrap_or_default();
        return if is_separate_text(gap) { Next::Other } else { Next::Nonsense };
    };
    if is_message(header.tag) {
        return match Stray::look(search, at) {
            Some(Stray::Message { end }) if is_border(search, end) => Next::Other,
            _ => Next::Nonsense,
        };
    }
    let Some(total) = header.total() else {
        return Next::Nonsense;
    };
    let first = rest.get(header.length).copied();
    let belongs = match header.tag {
        5 | 6 => at == start,
        2 => matches!(first, Some(2..=6) | None),
        7 | 14 => matches!(first, Some(2..=6) | None) && total <= MAX_KEY_PACKET,
        // User ID, user attribute, trust, marker, padding; packets of the
        // future that may be ignored (RFC 9580, 4.3.1) and private ones.
        10 | 12 | 13 | 17 | 21 | 40..=63 => true,
        _ => false,
    };
    match () {
        () if belongs && swallows_a_key(search, at, header) => Next::Nonsense,
        () if belongs => Next::Belongs { total },
        () => Next::Nonsense,
    }
}

/// Whether a packet is so long only because its length is damaged: it does
/// not have the shape of its type, and another certificate starts inside it.
fn swallows_a_key(search: &Search<'_>, at: usize, header: Header) -> bool {
    let start = at + header.length;
    let end = header.total().and_then(|total| at.checked_add(total));
    let Some((end, body)) = end.and_then(|end| Some((end, search.data.get(start..end)?))) else {
        return false;
    };
    let fits = match header.tag {
        2 => shape::signature_fits(body),
        5 | 7 => shape::key_fits(body, true),
        6 | 14 => shape::key_fits(body, false),
        _ => false,
    };
    !fits && !search.is_clear(start + 1, end)
}

fn is_message(tag: u8) -> bool {
    matches!(tag, 1 | 3 | 4 | 8 | 9 | 11 | 18 | 19 | 20)
}

/// The start of a certificate.
pub(super) enum KeyStart {
    /// A version 4 or 6 primary key.
    Current,
    /// One of a version that is not supported.
    Outdated(Rejection),
}

impl KeyStart {
    pub(super) fn look(data: &[u8], at: usize) -> Option<Self> {
        let rest = data.get(at..)?;
        let header = Header::read(rest).filter(|header| matches!(header.tag, 5 | 6))?;
        let length = header.body.filter(|length| (6..=MAX_KEY_PACKET).contains(length))?;
        let body = rest.get(header.length..)?;
        // Version 3 has two bytes of validity before the algorithm.
        let algorithm =
            |place: usize| matches!(body.get(place), Some(1..=3 | 16..=36 | 99..=110) | None);
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

/// What stands between certificates.
pub(super) enum Stray {
    /// A whole signature packet.
    Signature { end: usize },
    /// The packets of an encrypted or signed message, with its signatures.
    Message { end: usize },
}

impl Stray {
    pub(super) fn look(search: &Search<'_>, at: usize) -> Option<Self> {
        let data = search.data;
        // A revocation may be damaged itself; whether it can be read decides
        // the library.
        if let Some(end) = signature_at(data, at, |_| true)
            .or_else(|| revocation_at(data, at).filter(|end| search.is_clear(at + 1, *end)))
        {
            return Some(Self::Signature { end });
        }
        let part_of_message = |at: usize| {
            let header = Header::read(data.get(at..)?)?;
            is_message(header.tag).then(|| packet_end(data, at))?
        };
        let mut end = part_of_message(at)?;
        while let Some(next) = part_of_message(end)
            .or_else(|| signature_at(data, end, |body| !issuer::is_revocation(body)))
        {
            end = next;
        }
        // Damage can look like the header of a message that swallows keys.
        search.is_clear(at + 1, end).then_some(Self::Message { end })
    }
}

/// Where the packet at `at` ends, in parts or not, if all of it is there.
fn packet_end(data: &[u8], at: usize) -> Option<usize> {
    let header = Header::read(data.get(at..)?)?;
    let mut place = at + header.length;
    if let Some(body) = header.body {
        return place.checked_add(body).filter(|end| *end <= data.len());
    }
    // Parts (RFC 9580, 4.2.1.4): each but the last has a power of two.
    place -= 1;
    while let Some(part @ 224..=254) = data.get(place) {
        place = place.checked_add(1 + (1 << (part & 0x1f)))?;
    }
    // The last one has a length like that of a packet.
    let last: Vec<u8> =
        [0xcb].into_iter().chain(data.get(place..)?.iter().take(5).copied()).collect();
    let last = Header::read(&last)?;
    place.checked_add(last.total()?.checked_sub(1)?).filter(|end| *end <= data.len())
}

/// Where the packet at `at` ends, if it wants to be a revocation.
fn revocation_at(data: &[u8], at: usize) -> Option<usize> {
    let rest = data.get(at..)?;
    let header = Header::read(rest).filter(|header| header.tag == 2)?;
    let total = header.total()?;
    let body = rest.get(header.length..total)?;
    let is_known = matches!(body.first(), Some(3..=6));
    (is_known && body.len() >= 16 && issuer::is_revocation(body)).then_some(at + total)
}

/// Where the signature packet at `at` ends, if there is one of exact shape.
fn signature_at(data: &[u8], at: usize, wanted: impl Fn(&[u8]) -> bool) -> Option<usize> {
    let rest = data.get(at..)?;
    let header = Header::read(rest).filter(|header| header.tag == 2)?;
    let total = header.total()?;
    let body = rest.get(header.length..total)?;
    (wanted(body) && shape::signature_fits(body)).then_some(at + total)
}

/// Looks ahead in one stretch of bytes, and looks at no byte again and again.
pub(super) struct Search<'a> {
    pub(super) data: &'a [u8],
    /// From where was looked, and what was found first.
    known: RefCell<BTreeMap<usize, usize>>,
}

impl<'a> Search<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { data, known: RefCell::default() }
    }

    /// The next place at or behind `at` where reading can go on: at a key, at
    /// armor, or at a revocation.
    pub(super) fn resume(&self, at: usize) -> usize {
        let next = self.key_or_armor(at);
        let is_revocation = |place: &usize| {
            matches!(self.data.get(*place), Some(0x88..=0x8a | 0xc2))
                && signature_at(self.data, *place, issuer::is_revocation).is_some()
        };
        (at..next).find(is_revocation).unwrap_or(next)
    }

    /// Whether no key and no armor begins between `at` and `end`.
    fn is_clear(&self, at: usize, end: usize) -> bool {
        // A short stretch is looked at as fast as remembered.
        if end.saturating_sub(at) <= SHORT {
            return self.scan(at, end) == end;
        }
        self.key_or_armor(at) >= end
    }

    /// The next armor at or behind `at`, or primary key that is followed by
    /// something that can follow it.
    fn key_or_armor(&self, at: usize) -> usize {
        let mut known = self.known.borrow_mut();
        if let Some((_, found)) = known.range(..=at).next_back()
            && *found >= at
        {
            return *found;
        }
        let found = self.scan(at, self.data.len());
        known.insert(at, found);
        found
    }

    fn scan(&self, at: usize, end: usize) -> usize {
        let candidates = self.data.get(at..end).unwrap_or_default().iter().enumerate();
        for (distance, byte) in candidates {
            let place = at + distance;
            let found = match byte {
                b'-' => armor::starts_at(self.data, place),
                0x94..=0x96 | 0x98..=0x9a | 0xc5 | 0xc6 => is_convincing_key(self.data, place),
                _ => false,
            };
            if found {
                return place;
            }
        }
        end
    }
}

/// Whether what ends here can be followed by something else than the rest of a
/// certificate.
fn is_border(search: &Search<'_>, at: usize) -> bool {
    let data = search.data;
    let gap = data.get(at..search.key_or_armor(at)).unwrap_or_default();
    at == data.len()
        || starts_another(data, at)
        || armor::starts_at(data, at)
        || is_separate_text(gap)
}

/// Whether another certificate begins here, be it damaged or cut off itself:
/// that says nothing of the one before it.
fn starts_another(data: &[u8], at: usize) -> bool {
    let rest = data.get(at..).unwrap_or_default();
    let Some(header) = Header::read(rest).filter(|header| matches!(header.tag, 5 | 6)) else {
        return false;
    };
    let version = rest.get(header.length);
    matches!(version, None | Some(2..=6)) || is_followed_by_component(rest)
}

fn is_convincing_key(data: &[u8], at: usize) -> bool {
    let rest = data.get(at..).unwrap_or_default();
    let Some(header) = Header::read(rest) else { return false };
    let Some(body) = header.total().and_then(|total| rest.get(header.length..total)) else {
        return false;
    };
    let fits = match KeyStart::look(data, at) {
        Some(KeyStart::Current) => shape::key_fits(body, header.tag == 5),
        // An old key has too little shape to be told from garbage.
        Some(KeyStart::Outdated(_)) | None => false,
    };
    fits && is_followed_by_component(rest)
}

/// Whether behind the first packet of `rest` there is one that can follow a
/// primary key, or nothing.
fn is_followed_by_component(rest: &[u8]) -> bool {
    let Some(total) = Header::read(rest).and_then(Header::total) else {
        return false;
    };
    let Some(behind) = rest.get(total..) else {
        return false;
    };
    behind.is_empty()
        || Header::read(behind)
            .is_some_and(|next| matches!(next.tag, 2 | 5 | 6 | 7 | 12 | 13 | 14 | 17))
}

/// Why a gap is reported; blank space and text around armor are not.
pub(super) fn judge_gap(gap: &[u8]) -> Option<Rejection> {
    if is_text(gap) {
        return None;
    }
    match Header::read(gap) {
        Some(header) if header.tag == 2 && header.body.is_some() => {
            let body = gap.get(header.length..).unwrap_or_default();
            let issuers = || issuer::issuers(body).iter().map(ToString::to_string).collect();
            Some(if issuer::is_revocation(body) {
                Rejection::UnreadableRevocation { issuers: issuers() }
            } else {
                Rejection::LoneSignature
            })
        }
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
