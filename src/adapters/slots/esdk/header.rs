//! What stands before the frames of a message, in the clear.

use std::collections::BTreeMap;

use openssl::error::ErrorStack;

const VERSION: u8 = 2;
/// Content in frames; the other kind is no longer written by anybody.
const FRAMED: u8 = 2;
/// More keys than a message of ours or of a team's tool is sealed to.
const MAX_DATA_KEYS: u16 = 8;
/// More than any file of a subkey, in bytes.
pub(in crate::adapters::slots) const MAX_BYTES: usize = 2 * 1024 * 1024;
/// Names that the format keeps for itself begin so.
pub(in crate::adapters::slots) const RESERVED: &str = "aws-crypto-";

/// Why a message cannot be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::adapters::slots) enum EsdkError {
    /// Its first bytes are something else.
    #[error("it is no message of the AWS Encryption SDK, version 2")]
    NotOne,
    /// It is sealed in a way that is not read here.
    #[error("its algorithm suite {0:#06x} is not one that commits to its key (0x0478, 0x0578)")]
    Suite(u16),
    /// It is not in frames.
    #[error("it is not in frames")]
    Unframed,
    /// It ends too early.
    #[error("it is cut off")]
    CutOff,
    /// Something is behind its end.
    #[error("there is something behind its end")]
    Trailing,
    /// It is sealed to too many keys, or to none.
    #[error("it is sealed to {0} keys; 1 to {max} are read", max = MAX_DATA_KEYS)]
    DataKeys(u16),
    /// It is too large.
    #[error("it is too large")]
    TooLarge,
    /// Its context is not as the format wants it.
    #[error("its encryption context is malformed")]
    Context,
    /// The data key is not the one that it commits to.
    #[error("it is sealed with another data key")]
    OtherKey,
    /// A tag or the signature does not hold.
    #[error("it was changed or damaged: {0}")]
    Tampered(&'static str),
    /// The library fails.
    #[error("OpenSSL fails")]
    Library,
}

impl From<ErrorStack> for EsdkError {
    fn from(_: ErrorStack) -> Self {
        Self::Library
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Suite {
    Committing = 0x0478,
    Signed = 0x0578,
}

/// A data key as it stands in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::adapters::slots) struct WrappedKey {
    /// Who unwraps it: `aws-kms`.
    pub(in crate::adapters::slots) provider: String,
    /// With which key.
    pub(in crate::adapters::slots) key: String,
    /// The wrapped data key.
    pub(in crate::adapters::slots) blob: Vec<u8>,
}

/// What a message says before it is opened. Nobody vouches for it until then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::adapters::slots) struct Header {
    pub(super) suite: Suite,
    /// The random number of the message.
    pub(in crate::adapters::slots) message_id: [u8; 32],
    /// The public words that are bound to it.
    pub(in crate::adapters::slots) context: BTreeMap<String, String>,
    /// The keys that open it.
    pub(in crate::adapters::slots) data_keys: Vec<WrappedKey>,
    pub(super) frame: usize,
    pub(super) commitment: [u8; 32],
    /// How many bytes it has, its tag not among them.
    pub(super) length: usize,
}

/// The rest of a message.
pub(super) struct Rest<'a>(pub(super) &'a [u8]);

impl<'a> Rest<'a> {
    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], EsdkError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(EsdkError::CutOff)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], EsdkError> {
        self.take(N)?.try_into().map_err(|_| EsdkError::CutOff)
    }

    pub(super) fn short(&mut self) -> Result<u16, EsdkError> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn long(&mut self) -> Result<u32, EsdkError> {
        self.array().map(u32::from_be_bytes)
    }

    /// Bytes behind their number.
    pub(super) fn counted(&mut self) -> Result<&'a [u8], EsdkError> {
        let length = self.short()?;
        self.take(usize::from(length))
    }

    fn text(&mut self) -> Result<String, EsdkError> {
        String::from_utf8(self.counted()?.to_vec()).map_err(|_| EsdkError::Context)
    }
}

impl Header {
    /// Reads the header of a message.
    pub(in crate::adapters::slots) fn read(message: &[u8]) -> Result<Self, EsdkError> {
        if message.len() > MAX_BYTES {
            return Err(EsdkError::TooLarge);
        }
        let mut rest = Rest(message);
        if rest.array() != Ok([VERSION]) {
            return Err(EsdkError::NotOne);
        }
        let suite = match rest.short()? {
            0x0478 => Suite::Committing,
            0x0578 => Suite::Signed,
            other => return Err(EsdkError::Suite(other)),
        };
        let message_id = rest.array()?;
        let context = read_context(rest.counted()?)?;
        let count = rest.short()?;
        if count == 0 || count > MAX_DATA_KEYS {
            return Err(EsdkError::DataKeys(count));
        }
        let mut data_keys = Vec::new();
        for _ in 0..count {
            let (provider, key) = (rest.text()?, rest.text()?);
            data_keys.push(WrappedKey { provider, key, blob: rest.counted()?.to_vec() });
        }
        let [content] = rest.array()?;
        let frame = usize::try_from(rest.long()?).unwrap_or_default();
        if content != FRAMED || frame == 0 {
            return Err(EsdkError::Unframed);
        }
        let commitment = rest.array()?;
        let length = message.len() - rest.0.len();
        Ok(Self { suite, message_id, context, data_keys, frame, commitment, length })
    }

    pub(super) fn bytes(&self) -> Result<Vec<u8>, EsdkError> {
        let mut bytes = vec![VERSION];
        bytes.extend((self.suite as u16).to_be_bytes());
        bytes.extend(self.message_id);
        counted(&mut bytes, &context_bytes(&self.context)?)?;
        let count = u16::try_from(self.data_keys.len()).unwrap_or(u16::MAX);
        bytes.extend(count.to_be_bytes());
        for key in &self.data_keys {
            counted(&mut bytes, key.provider.as_bytes())?;
            counted(&mut bytes, key.key.as_bytes())?;
            counted(&mut bytes, &key.blob)?;
        }
        bytes.push(FRAMED);
        bytes.extend(u32::try_from(self.frame).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend(self.commitment);
        Ok(bytes)
    }

    /// What is bound to a frame besides its bytes.
    pub(super) fn bound(&self, is_last: bool, number: u32, length: usize) -> Vec<u8> {
        let what: &[u8] = if is_last {
            b"AWSKMSEncryptionClient Final Frame"
        } else {
            b"AWSKMSEncryptionClient Frame"
        };
        let number = number.to_be_bytes();
        let length = u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes();
        [&self.message_id, what, &number, &length].concat()
    }
}

fn counted(bytes: &mut Vec<u8>, part: &[u8]) -> Result<(), EsdkError> {
    let length = u16::try_from(part.len()).map_err(|_| EsdkError::TooLarge)?;
    bytes.extend(length.to_be_bytes());
    bytes.extend(part);
    Ok(())
}

/// In the order of the names; nothing at all where there are none.
fn context_bytes(context: &BTreeMap<String, String>) -> Result<Vec<u8>, EsdkError> {
    let mut bytes = Vec::new();
    if !context.is_empty() {
        let count = u16::try_from(context.len()).map_err(|_| EsdkError::TooLarge)?;
        bytes.extend(count.to_be_bytes());
    }
    for (name, value) in context {
        counted(&mut bytes, name.as_bytes())?;
        counted(&mut bytes, value.as_bytes())?;
    }
    Ok(bytes)
}

fn read_context(bytes: &[u8]) -> Result<BTreeMap<String, String>, EsdkError> {
    let mut context = BTreeMap::new();
    if bytes.is_empty() {
        return Ok(context);
    }
    let mut rest = Rest(bytes);
    let whole = |error| if error == EsdkError::CutOff { EsdkError::Context } else { error };
    for _ in 0..rest.short().map_err(whole)? {
        let (name, value) = (rest.text().map_err(whole)?, rest.text().map_err(whole)?);
        if context.insert(name, value).is_some() {
            return Err(EsdkError::Context);
        }
    }
    rest.0.is_empty().then_some(context).ok_or(EsdkError::Context)
}
