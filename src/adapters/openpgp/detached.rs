//! Detached signatures by people of the roster.

use std::time::{Duration, UNIX_EPOCH};

use sequoia_openpgp::armor::Kind;
use sequoia_openpgp::parse::stream::{
    DetachedVerifierBuilder, MessageLayer, MessageStructure, VerificationHelper,
};
use sequoia_openpgp::parse::{PacketParser, PacketParserResult, Parse as _};
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::serialize::Serialize as _;
use sequoia_openpgp::{Cert, KeyHandle, Packet, Result, armor};

use super::error::ReadError;
use super::merge::Merged;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;

/// Why a detached signature is not taken.
#[derive(Debug, thiserror::Error)]
pub enum DetachedError {
    /// The certificate cannot be used.
    #[error("the certificate: {0}")]
    Certificate(ReadError),
    /// It is none.
    #[error("it is no detached signature")]
    NotASignature,
    /// It does not verify.
    #[error("{0}")]
    Bad(VisibleText),
}

/// The fingerprint of the certificate, if a key of it has signed `data`: with
/// an algorithm that is accepted at `now`, and by a key that could sign when
/// the signature was made.
pub fn verify_detached(
    certificate: &[u8],
    signature: &[u8],
    data: &[u8],
    now: Timestamp,
) -> std::result::Result<Fingerprint, DetachedError> {
    let cert = Merged::of(&[certificate], 0).and_then(|merged| merged.cert());
    let cert = cert.map_err(DetachedError::Certificate)?;
    let fingerprint = Fingerprint::from_bytes(cert.fingerprint().as_bytes());
    let fingerprint = fingerprint.map_err(|error| DetachedError::Certificate(error.into()))?;
    let seconds = u64::try_from(now.unix()).unwrap_or_default();
    let time = UNIX_EPOCH + Duration::from_secs(seconds);
    let policy = StandardPolicy::at(time);
    let verify = || -> Result<()> {
        DetachedVerifierBuilder::from_bytes(signature)?
            .with_policy(&policy, time, One(cert))?
            .verify_bytes(data)
    };
    verify().map_err(|error| bad(&error)).map(|()| fingerprint)
}

/// A detached signature in ASCII armor, and nothing else.
pub fn armor_signature(bytes: &[u8]) -> std::result::Result<Vec<u8>, DetachedError> {
    let write = || -> Result<Vec<u8>> {
        let mut writer = armor::Writer::new(Vec::new(), Kind::Signature)?;
        let mut parser = PacketParser::from_bytes(bytes)?;
        while let PacketParserResult::Some(packet) = parser {
            let (packet, next) = packet.next()?;
            let Packet::Signature(_) = packet else {
                return Err(DetachedError::NotASignature.into());
            };
            packet.serialize(&mut writer)?;
            parser = next;
        }
        Ok(writer.finalize()?)
    };
    write().map_err(|_| DetachedError::NotASignature)
}

fn bad(error: &sequoia_openpgp::anyhow::Error) -> DetachedError {
    DetachedError::Bad(VisibleText::from_text(&error.root_cause().to_string()))
}

/// Accepts a signature by one certificate.
struct One(Cert);

impl VerificationHelper for One {
    fn get_certs(&mut self, _: &[KeyHandle]) -> Result<Vec<Cert>> {
        Ok(vec![self.0.clone()])
    }

    fn check(&mut self, structure: MessageStructure<'_>) -> Result<()> {
        let mut why = "nobody has signed it".to_owned();
        for layer in structure {
            let MessageLayer::SignatureGroup { results } = layer else { continue };
            for result in results {
                match result {
                    Ok(_) => return Ok(()),
                    Err(error) => why = error.to_string(),
                }
            }
        }
        Err(sequoia_openpgp::anyhow::anyhow!(why))
    }
}
