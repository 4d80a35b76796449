//! What every slot promises, one function for each ability. A slot is opened
//! anew for each call, as another process would.

use keyrite::domain::custody::Stage;
use keyrite::domain::fingerprint::Fingerprint;
use keyrite::engine::place::PlaceError;
use keyrite::engine::slot::{Found, Promotion, Put, Slot, SlotValue};
use zeroize::Zeroizing;

/// Opens the slot.
pub(crate) type Open<'a> = &'a dyn Fn() -> Box<dyn Slot>;

/// What every slot promises.
pub(crate) type Promise = fn(Open<'_>);

/// The random names of effects.
pub(crate) const NAMES: [&str; 3] = [
    "3f2b8c1e-0d47-4c55-9a3e-6f0e2d9b7a11",
    "a9d4e7f0-51c2-4b7a-8f16-0c3d5e7f9b22",
    "c0ffee00-1234-4abc-9def-0123456789ab",
];

pub(crate) fn key(digit: char) -> Fingerprint {
    Fingerprint::from_hex(&digit.to_string().repeat(40)).unwrap()
}

pub(crate) fn value(text: &str) -> SlotValue {
    SlotValue::of(Zeroizing::new(text.as_bytes().to_vec()))
}

pub(crate) fn guard(open: Open<'_>) -> String {
    open().observe().unwrap().guard
}

/// Puts a text there, pending; tells the version.
pub(crate) fn put(
    open: Open<'_>,
    name: &str,
    digit: char,
    text: &str,
) -> Result<String, PlaceError> {
    let (guard, value) = (guard(open), value(text));
    open().put_pending(&Put { name, subkey: key(digit), value: &value, guard: &guard })
}

/// Makes a version current.
pub(crate) fn promote(
    open: Open<'_>,
    name: &str,
    digit: char,
    version: &str,
    text: &str,
) -> Result<String, PlaceError> {
    let (guard, value) = (guard(open), value(text));
    let (subkey, value) = (key(digit), Some(&value));
    open().promote(&Promotion { name, subkey, version, value, guard: &guard })
}

pub(crate) fn stage(open: Open<'_>, version: &str) -> Option<Stage> {
    open().observe().unwrap().version(version).map(|seen| seen.stage)
}

/// Something that is put there is pending, once; and not over what somebody
/// else has changed.
pub(crate) fn pending(open: Open<'_>) {
    let empty = open().observe().unwrap();
    assert!(empty.versions.is_empty(), "{empty:?}");
    let [first, second, third] = NAMES;
    assert_eq!(open().find(first), Ok(Found::Nothing));
    let (old, one) = (empty.guard, value("one"));
    let put_one = |guard: &str| {
        open().put_pending(&Put { name: first, subkey: key('A'), value: &one, guard })
    };
    let version = put_one(&old).unwrap();
    assert_eq!(open().find(first), Ok(Found::There(version.clone())));
    assert_eq!(stage(open, &version), Some(Stage::Pending));
    // After a lost answer the same is asked once more, with what was seen
    // before.
    assert_eq!(put_one(&old), Ok(version.clone()));
    assert_eq!(open().observe().unwrap().versions.len(), 1);
    assert_ne!(guard(open), old);
    let other = value("two");
    let put_two = Put { name: second, subkey: key('B'), value: &other, guard: &old };
    assert!(matches!(open().put_pending(&put_two), Err(PlaceError::Changed { .. })));
    assert_eq!(open().find(second), Ok(Found::Nothing));
    assert_eq!(open().find(third), Ok(Found::Nothing));
    open().retire(&version).unwrap();
}

/// What is read back is what was put there, byte for byte.
pub(crate) fn read_back(open: Open<'_>) {
    let text = "-----BEGIN TEST-----\nzwölf \"quoted\" \\ lines\n\n=abcd\n-----END TEST-----\n";
    let version = put(open, NAMES[0], 'A', text).unwrap();
    assert!(open().read_back(&version).unwrap().is_same(&value(text)));
    assert!(!open().read_back(&version).unwrap().is_same(&value("other")));
    assert!(open().read_back(NAMES[2]).is_err());
    open().retire(&version).unwrap();
}

/// One version is current, what was so comes back, and each step can be
/// repeated.
pub(crate) fn promotion(open: Open<'_>) {
    promoted(open);
}

/// The version that is current then, and the one before.
fn promoted(open: Open<'_>) -> [String; 2] {
    let [first, second, third] = NAMES;
    let one = put(open, first, 'A', "one").unwrap();
    let one = promote(open, third, 'A', &one, "one").unwrap();
    assert_eq!(stage(open, &one), Some(Stage::Current));
    let two = put(open, second, 'B', "two").unwrap();
    assert_eq!(stage(open, &one), Some(Stage::Current));
    assert_eq!(stage(open, &two), Some(Stage::Pending));
    let stale = guard(open);
    assert_eq!(promote(open, third, 'B', &two, "two"), Ok(two.clone()));
    assert_eq!(promote(open, third, 'B', &two, "two"), Ok(two.clone()));
    assert_eq!(stage(open, &two), Some(Stage::Current));
    assert_eq!(stage(open, &one), Some(Stage::Previous));
    let again = value("one");
    let back = Promotion {
        name: third,
        subkey: key('A'),
        version: &one,
        value: Some(&again),
        guard: &stale,
    };
    assert!(matches!(open().promote(&back), Err(PlaceError::Changed { .. })));
    assert_eq!(promote(open, third, 'A', &one, "one"), Ok(one.clone()));
    assert_eq!(stage(open, &one), Some(Stage::Current));
    assert_eq!(stage(open, &two), Some(Stage::Previous));
    assert!(promote(open, third, 'C', "no-such-version", "x").is_err());
    assert!(open().read_back(&one).unwrap().is_same(&value("one")));
    assert!(open().read_back(&two).unwrap().is_same(&value("two")));
    [one, two]
}

/// What is not current can be taken away, once and again; what is current
/// cannot.
pub(crate) fn retirement(open: Open<'_>) {
    let [one, two] = promoted(open);
    assert!(matches!(open().retire(&one), Err(PlaceError::Unfit { .. })));
    assert_eq!(stage(open, &one), Some(Stage::Current));
    open().retire(&two).unwrap();
    open().retire(&two).unwrap();
    assert_eq!(stage(open, &two), None);
    let pending = put(open, NAMES[2], 'C', "three").unwrap();
    open().retire(&pending).unwrap();
    assert_eq!(stage(open, &pending), None);
    assert_eq!(stage(open, &one), Some(Stage::Current));
}

/// Frozen it is seen to be so, and thawed it is as before.
pub(crate) fn freezing(open: Open<'_>) {
    let one = put(open, NAMES[0], 'A', "one").unwrap();
    promote(open, NAMES[1], 'A', &one, "one").unwrap();
    for is_frozen in [true, true, false, false, true] {
        open().freeze(is_frozen).unwrap();
        assert_eq!(open().observe().unwrap().is_frozen, is_frozen);
        assert_eq!(stage(open, &one), Some(Stage::Current));
    }
    open().freeze(false).unwrap();
}
