//! How the two processes talk: over the pipes of the one, once in each
//! direction. Passphrases never pass through a buffer that is not wiped.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{OwnKey, OwnKeyError};

/// Longest frame, in bytes.
const MAX_FRAME: u32 = 64 << 20;

/// The first frame of a request; the others follow in the order that is told.
#[derive(Serialize, Deserialize)]
pub(super) enum Request {
    /// Which keys could sign; nothing follows.
    List {
        /// When, in Unix time.
        at: i64,
    },
    /// The certificate, the data and, if there is one, the passphrase follow.
    Sign {
        /// The certificate's fingerprint in hexadecimal.
        certificate: String,
        /// When, in Unix time.
        at: i64,
        /// Whether a passphrase follows.
        has_passphrase: bool,
    },
    /// The certificate follows.
    Offer,
}

/// What is answered.
#[derive(Serialize, Deserialize)]
pub(super) enum Answer {
    /// The keys that could sign.
    Keys(Vec<OwnKey>),
    /// A signature in ASCII armor.
    Signature(String),
    /// The certificate is in the folder.
    Offered,
}

/// What comes back.
pub(super) type Outcome = Result<Answer, OwnKeyError>;

/// Writes one frame: its length in four bytes, then itself.
pub(super) fn write(to: &mut dyn Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).ok().filter(|length| *length <= MAX_FRAME);
    let length = length.ok_or(io::ErrorKind::FileTooLarge)?;
    to.write_all(&length.to_be_bytes())?;
    to.write_all(bytes)
}

/// Reads one frame.
pub(super) fn read(from: &mut dyn Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length);
    if length > MAX_FRAME {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let length = usize::try_from(length).map_err(io::Error::other)?;
    let mut bytes = Zeroizing::new(vec![0; length]);
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_read_as_it_was_written_and_a_long_one_is_refused() {
        let mut pipe = Vec::new();
        write(&mut pipe, b"TEST").unwrap();
        write(&mut pipe, b"").unwrap();
        let mut from = pipe.as_slice();
        assert_eq!(*read(&mut from).unwrap(), b"TEST");
        assert!(read(&mut from).unwrap().is_empty());
        assert_eq!(read(&mut from).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        let error = read(&mut [0xff; 8].as_slice()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }
}
