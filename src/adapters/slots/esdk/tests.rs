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
