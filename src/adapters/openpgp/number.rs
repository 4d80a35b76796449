//! What tells a public key from all others, in any format.

use sequoia_openpgp::cert::raw::RawCert;
use sequoia_openpgp::crypto::mpi::PublicKey;
use sequoia_openpgp::packet::Packet;
use sequoia_openpgp::parse::Parse as _;

/// In front of the public numbers of `EdDSA` keys of version 4.
const NATIVE_POINT: u8 = 0x40;

/// The modulus or the point of the primary key, without what stands in front
/// of it; absent where its algorithm is not known. `copies` are those of one
/// certificate.
pub fn public_number<B: AsRef<[u8]>>(copies: &[B]) -> Option<Vec<u8>> {
    let raw = RawCert::from_bytes(copies.first()?.as_ref()).ok()?;
    let Ok(Packet::PublicKey(key)) = Packet::from_bytes(raw.packets().next()?.as_bytes()) else {
        return None;
    };
    let number = match key.mpis() {
        PublicKey::RSA { n, .. } => n.value().to_vec(),
        PublicKey::DSA { y, .. } | PublicKey::ElGamal { y, .. } => y.value().to_vec(),
        PublicKey::EdDSA { q, .. } | PublicKey::ECDSA { q, .. } | PublicKey::ECDH { q, .. } => {
            let point = q.value();
            point.strip_prefix(&[NATIVE_POINT]).unwrap_or(point).to_vec()
        }
        PublicKey::Ed25519 { a } => a.to_vec(),
        PublicKey::Ed448 { a } => a.to_vec(),
        _ => return None,
    };
    // A shorter one could stand anywhere.
    (number.len() >= 28).then_some(number)
}
