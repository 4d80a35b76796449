//! Messages in the format of the AWS Encryption SDK, version 2: bytes in,
//! bytes out. The data key comes from elsewhere, and so do the random bytes.
//!
//! Written is suite 0x0478 (AES-256-GCM, a key of its own that commits); read
//! is 0x0578 as well, which an ECDSA signature over all of it ends.
//! Source: AWS Encryption SDK developer guide, "message format reference".

mod header;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::bn::BigNumContext;
use openssl::cipher::Cipher;
use openssl::cipher_ctx::CipherCtx;
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::md::Md;
use openssl::nid::Nid;
use openssl::pkey::Id;
use openssl::pkey_ctx::PkeyCtx;
use zeroize::Zeroizing;

pub(super) use self::header::{EsdkError, Header, MAX_BYTES, RESERVED, WrappedKey};
use self::header::{Rest, Suite};

/// The bytes of one frame, as every implementation writes them.
const FRAME: usize = 4096;
const LAST: u32 = u32::MAX;
const TAG: usize = 16;
/// The entry of the context with the key that checks the signature.
const PUBLIC_KEY: &str = "aws-crypto-public-key";

/// The key that a message is sealed with.
pub(super) type DataKey = Zeroizing<Vec<u8>>;

/// The key that seals the frames, and what the message commits to.
fn keys(suite: Suite, id: &[u8; 32], data_key: &DataKey) -> Result<[DataKey; 2], ErrorStack> {
    let info = [&(suite as u16).to_be_bytes(), b"DERIVEKEY".as_slice()].concat();
    Ok([derive(data_key, id, &info)?, derive(data_key, id, b"COMMITKEY")?])
}

/// HKDF with SHA-512, 32 bytes.
fn derive(data_key: &DataKey, salt: &[u8], info: &[u8]) -> Result<DataKey, ErrorStack> {
    let mut hkdf = PkeyCtx::new_id(Id::HKDF)?;
    hkdf.derive_init()?;
    hkdf.set_hkdf_md(Md::sha512())?;
    hkdf.set_hkdf_key(data_key)?;
    hkdf.set_hkdf_salt(salt)?;
    hkdf.add_hkdf_info(info)?;
    let mut key = Zeroizing::new(vec![0; 32]);
    hkdf.derive(Some(&mut key))?;
    Ok(key)
}

/// The number of a frame is its IV, too; the header's is 0.
fn iv(number: u32) -> [u8; 12] {
    u128::from(number).to_be_bytes().last_chunk().copied().unwrap_or_default()
}

fn encrypt(key: &DataKey, number: u32, bound: &[u8], plain: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let cipher = openssl::symm::Cipher::aes_256_gcm();
    let mut tag = [0; TAG];
    let iv = iv(number);
    let mut sealed = openssl::symm::encrypt_aead(cipher, key, Some(&iv), bound, plain, &mut tag)?;
    sealed.extend(tag);
    Ok(sealed)
}

/// Decrypts into `plain`, which is as long as `sealed`. What is there may be
/// used only where this succeeds.
fn decrypt(
    key: &DataKey,
    number: u32,
    bound: &[u8],
    (sealed, tag): (&[u8], &[u8]),
    plain: &mut [u8],
) -> Result<(), ErrorStack> {
    let mut context = CipherCtx::new()?;
    context.decrypt_init(Some(Cipher::aes_256_gcm()), Some(key), Some(&iv(number)))?;
    context.cipher_update(bound, None)?;
    if !sealed.is_empty() {
        context.cipher_update(sealed, Some(plain))?;
    }
    context.set_tag(tag)?;
    context.cipher_final(&mut []).map(|_| ())
}

/// Seals `plain`, of which at most half of [`MAX_BYTES`] is taken.
///
/// `message_id` is random, and never used twice.
pub(super) fn seal(
    plain: &[u8],
    data_key: &DataKey,
    wrapped: WrappedKey,
    context: BTreeMap<String, String>,
    message_id: [u8; 32],
) -> Result<Vec<u8>, EsdkError> {
    if plain.len() > MAX_BYTES / 2 {
        return Err(EsdkError::TooLarge);
    }
    let suite = Suite::Committing;
    let [key, commitment] = keys(suite, &message_id, data_key)?;
    let commitment = commitment.as_slice().try_into().map_err(|_| EsdkError::Library)?;
    let data_keys = vec![wrapped];
    let header =
        Header { suite, message_id, context, data_keys, frame: FRAME, commitment, length: 0 };
    let mut message = header.bytes()?;
    message.extend(encrypt(&key, 0, &message, b"")?);
    let mut rest = plain;
    let mut number = 1_u32;
    while let Some((frame, behind)) = rest.split_at_checked(FRAME).filter(|(_, b)| !b.is_empty()) {
        message.extend(number.to_be_bytes());
        message.extend(iv(number));
        let bound = header.bound(false, number, frame.len());
        message.extend(encrypt(&key, number, &bound, frame)?);
        rest = behind;
        number += 1;
    }
    message.extend(LAST.to_be_bytes());
    message.extend(number.to_be_bytes());
    message.extend(iv(number));
    message.extend(u32::try_from(rest.len()).unwrap_or(LAST).to_be_bytes());
    message.extend(encrypt(&key, number, &header.bound(true, number, rest.len()), rest)?);
    Ok(message)
}

/// Opens a message. Nothing of it is given away before the commitment, all
/// tags and, where it has one, the signature were found to hold.
pub(super) fn open(message: &[u8], data_key: &DataKey) -> Result<Zeroizing<Vec<u8>>, EsdkError> {
    let header = Header::read(message)?;
    let [key, commitment] = keys(header.suite, &header.message_id, data_key)?;
    if !openssl::memcmp::eq(&commitment, &header.commitment) {
        return Err(EsdkError::OtherKey);
    }
    let mut rest = Rest(message);
    let bytes = rest.take(header.length)?;
    let tag = rest.take(TAG)?;
    decrypt(&key, 0, bytes, (b"", tag), &mut [])
        .map_err(|_| EsdkError::Tampered("the tag of its header is wrong"))?;
    let mut plain = Zeroizing::new(vec![0; rest.0.len()]);
    let mut length = 0;
    for number in 1.. {
        let (is_last, sealed, tag) = frame(&mut rest, &header, number)?;
        let room = plain.get_mut(length..length + sealed.len()).ok_or(EsdkError::TooLarge)?;
        let bound = header.bound(is_last, number, sealed.len());
        decrypt(&key, number, &bound, (sealed, tag), room)
            .map_err(|_| EsdkError::Tampered("the tag of a frame is wrong"))?;
        length += sealed.len();
        if is_last {
            break;
        }
    }
    plain.truncate(length);
    let signed = message.len() - rest.0.len();
    if header.suite == Suite::Signed {
        let signed = message.get(..signed).unwrap_or_default();
        if !is_signed(signed, rest.counted()?, &header)? {
            return Err(EsdkError::Tampered("its signature is wrong"));
        }
    }
    rest.0.is_empty().then_some(plain).ok_or(EsdkError::Trailing)
}

/// The next frame: whether it is the last one, its bytes, its tag.
fn frame<'a>(
    rest: &mut Rest<'a>,
    header: &Header,
    number: u32,
) -> Result<(bool, &'a [u8], &'a [u8]), EsdkError> {
    let mut found = rest.long()?;
    let is_last = found == LAST;
    if is_last {
        found = rest.long()?;
    }
    if found != number || rest.array() != Ok(iv(number)) {
        return Err(EsdkError::Tampered("its frames are out of order"));
    }
    let length =
        if is_last { usize::try_from(rest.long()?).unwrap_or(usize::MAX) } else { header.frame };
    if length > header.frame {
        return Err(EsdkError::Tampered("its last frame is too long"));
    }
    Ok((is_last, rest.take(length)?, rest.take(TAG)?))
}

/// Whether the signature at the end is by the key of the context.
fn is_signed(signed: &[u8], signature: &[u8], header: &Header) -> Result<bool, EsdkError> {
    let point = header.context.get(PUBLIC_KEY).ok_or(EsdkError::Context)?;
    let point = STANDARD.decode(point).map_err(|_| EsdkError::Context)?;
    let group = EcGroup::from_curve_name(Nid::SECP384R1)?;
    let mut numbers = BigNumContext::new()?;
    let point =
        EcPoint::from_bytes(&group, &point, &mut numbers).map_err(|_| EsdkError::Context)?;
    let key = EcKey::from_public_key(&group, &point)?;
    let Ok(found) = EcdsaSig::from_der(signature) else { return Ok(false) };
    // Spelled in the one way that there is.
    let is_plain = found.to_der()? == signature;
    Ok(is_plain && found.verify(&openssl::sha::sha384(signed), &key).unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn data_key() -> DataKey {
        Zeroizing::new(vec![7; 32])
    }

    fn wrapped() -> WrappedKey {
        WrappedKey { provider: "aws-kms".to_owned(), key: "arn".to_owned(), blob: vec![1, 2, 3] }
    }

    fn context() -> BTreeMap<String, String> {
        [("purpose", "TEST"), ("keyrite-effect", "x")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    fn sealed(plain: &[u8]) -> Vec<u8> {
        seal(plain, &data_key(), wrapped(), context(), [9; 32]).unwrap()
    }

    /// A message with a signature, as the SDK writes one by default.
    fn signed(plain: &[u8]) -> Vec<u8> {
        let group = EcGroup::from_curve_name(Nid::SECP384R1).unwrap();
        let signer = EcKey::generate(&group).unwrap();
        let mut numbers = BigNumContext::new().unwrap();
        let form = openssl::ec::PointConversionForm::COMPRESSED;
        let point = signer.public_key().to_bytes(&group, form, &mut numbers).unwrap();
        let mut context = context();
        context.insert(PUBLIC_KEY.to_owned(), STANDARD.encode(point));
        let id = [9; 32];
        let [key, commitment] = keys(Suite::Signed, &id, &data_key()).unwrap();
        let header = Header {
            suite: Suite::Signed,
            message_id: id,
            context,
            data_keys: vec![wrapped()],
            frame: FRAME,
            commitment: commitment.as_slice().try_into().unwrap(),
            length: 0,
        };
        let mut message = header.bytes().unwrap();
        message.extend(encrypt(&key, 0, &message, b"").unwrap());
        message.extend([LAST.to_be_bytes(), 1_u32.to_be_bytes()].concat());
        message.extend(iv(1));
        message.extend(u32::try_from(plain.len()).unwrap().to_be_bytes());
        message.extend(encrypt(&key, 1, &header.bound(true, 1, plain.len()), plain).unwrap());
        let signature = EcdsaSig::sign(&openssl::sha::sha384(&message), &signer).unwrap();
        let signature = signature.to_der().unwrap();
        message.extend(u16::try_from(signature.len()).unwrap().to_be_bytes());
        message.extend(signature);
        message
    }

    #[test]
    fn what_is_sealed_is_opened_at_every_length_around_a_frame() {
        for length in [0, 1, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME, 2 * FRAME + 1, 20_000] {
            let plain: Vec<_> = (0_u8..=250).cycle().take(length).collect();
            let message = sealed(&plain);
            assert_eq!(*open(&message, &data_key()).unwrap(), plain);
            let header = Header::read(&message).unwrap();
            assert_eq!((header.context, header.data_keys), (context(), vec![wrapped()]));
        }
        assert_eq!(*open(&signed(b"TEST"), &data_key()).unwrap(), b"TEST");
    }

    #[test]
    fn no_message_opens_with_any_bit_of_any_byte_changed() {
        for message in [sealed(&[5; 5000]), signed(b"TEST plain")] {
            for at in 0..message.len() {
                let mut changed = message.clone();
                // Every bit of the small parts, one of the long ones.
                for bit in if at < 250 || at + 250 > message.len() { 0..8 } else { 0..1 } {
                    changed[at] ^= 1 << bit;
                    assert!(open(&changed, &data_key()).is_err(), "byte {at}, bit {bit}");
                    changed[at] ^= 1 << bit;
                }
            }
        }
    }

    #[test]
    fn no_message_opens_that_is_cut_off_or_goes_on() {
        for message in [sealed(&[5; 5000]), signed(b"TEST plain")] {
            for length in 0..message.len() {
                assert!(open(&message[..length], &data_key()).is_err(), "{length}");
            }
            let longer = [message.as_slice(), b"x"].concat();
            assert_eq!(open(&longer, &data_key()), Err(EsdkError::Trailing));
        }
    }

    #[test]
    fn frames_in_another_order_or_of_another_message_are_found() {
        let message = sealed(&[5; 3 * FRAME]);
        let start = Header::read(&message).unwrap().length + TAG;
        let one = 4 + 12 + FRAME + TAG;
        let (first, second) = (start..start + one, start + one..start + 2 * one);
        let swapped =
            [&message[..start], &message[second], &message[first], &message[start + 2 * one..]]
                .concat();
        assert!(matches!(open(&swapped, &data_key()), Err(EsdkError::Tampered(_))));
        let left_out = [&message[..start], &message[start + one..]].concat();
        assert!(matches!(open(&left_out, &data_key()), Err(EsdkError::Tampered(_))));
    }

    #[test]
    fn each_fault_is_named() {
        let message = sealed(b"TEST");
        assert_eq!(open(&message, &Zeroizing::new(vec![8; 32])), Err(EsdkError::OtherKey));
        assert_eq!(Header::read(b"-----BEGIN PGP").unwrap_err(), EsdkError::NotOne);
        let mut old = message.clone();
        old[1..3].copy_from_slice(&[0x01, 0x78]);
        assert_eq!(Header::read(&old).unwrap_err(), EsdkError::Suite(0x0178));
        assert_eq!(Header::read(&vec![2; MAX_BYTES + 1]).unwrap_err(), EsdkError::TooLarge);
        let large = vec![0; MAX_BYTES / 2 + 1];
        let refused = seal(&large, &data_key(), wrapped(), context(), [9; 32]);
        assert_eq!(refused, Err(EsdkError::TooLarge));
        let many = Header { data_keys: vec![wrapped(); 9], ..Header::read(&message).unwrap() };
        let many = many.bytes().unwrap();
        assert_eq!(Header::read(&many).unwrap_err(), EsdkError::DataKeys(9));
        let none = Header { data_keys: Vec::new(), ..Header::read(&message).unwrap() };
        assert_eq!(Header::read(&none.bytes().unwrap()).unwrap_err(), EsdkError::DataKeys(0));
        let mut unframed = Header::read(&message).unwrap();
        unframed.frame = 0;
        assert_eq!(Header::read(&unframed.bytes().unwrap()).unwrap_err(), EsdkError::Unframed);
        // One entry twice.
        let mut twice = vec![2, 0x04, 0x78];
        twice.extend([9; 32]);
        twice.extend([0, 14, 0, 2, 0, 1, b'a', 0, 1, b'b', 0, 1, b'a', 0, 1, b'c']);
        assert_eq!(Header::read(&twice).unwrap_err(), EsdkError::Context);
    }

    proptest! {
        #[test]
        fn no_bytes_are_taken_for_a_message_and_none_are_too_strange(
            bytes in proptest::collection::vec(any::<u8>(), 0..400),
            kept in 0..300_usize,
        ) {
            prop_assert!(open(&bytes, &data_key()).is_err());
            // A good beginning, and then anything.
            let message = sealed(b"TEST");
            let kept = kept.min(message.len() - 1);
            let mixed = [&message[..kept], &bytes].concat();
            let opened = open(&mixed, &data_key());
            prop_assert!(opened.is_err() || mixed == message);
        }
    }
}
