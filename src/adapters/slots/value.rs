//! What is put into a slot, byte for byte.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::adapters::openpgp::{self, KeyError};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::workspace::{Content, Slot};
use crate::engine::secret::Secret;
use crate::engine::slot::SlotValue;

/// What came in a parcel, open.
pub(crate) struct Opened {
    /// The export of the subkey, in ASCII armor.
    pub(crate) export: Zeroizing<Vec<u8>>,
    /// The passphrase that protects it.
    pub(crate) passphrase: Secret,
    /// The subkey.
    pub(crate) subkey: Fingerprint,
    /// The newest certificate of the workspace.
    pub(crate) certificate: Vec<u8>,
}

/// How gpg is told to use exactly that subkey.
pub(crate) fn selector(subkey: &Fingerprint) -> String {
    format!("{}!", subkey.hex())
}

#[derive(Serialize)]
struct Joint<'a> {
    key_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    private_key: Option<&'a str>,
    passphrase: &'a str,
}

/// All of what a slot is to hold.
pub(crate) fn value(slot: &Slot, opened: &Opened) -> Result<SlotValue, KeyError> {
    let entry = |(name, content): (&String, &Content)| Ok((name.clone(), bytes(*content, opened)?));
    slot.contents.iter().map(entry).collect::<Result<Vec<_>, _>>().map(SlotValue)
}

fn bytes(content: Content, opened: &Opened) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let selector = selector(&opened.subkey);
    Ok(match content {
        Content::Key => opened.export.clone(),
        Content::KeyBase64 => base64_of(&opened.export),
        Content::OpenKey => openpgp::without_passphrase(&opened.export, &opened.passphrase)?,
        Content::Passphrase => Zeroizing::new(opened.passphrase.expose().to_vec()),
        Content::KeyId => Zeroizing::new(selector.into_bytes()),
        Content::JointKeyFile | Content::JointPrivateKey => {
            let key = std::str::from_utf8(&opened.export).unwrap_or_default();
            let is_file = content == Content::JointKeyFile;
            let joint = Joint {
                key_id: &selector,
                key_file: is_file.then_some(key),
                private_key: (!is_file).then_some(key),
                passphrase: std::str::from_utf8(opened.passphrase.expose()).unwrap_or_default(),
            };
            json(&joint, opened.export.len())
        }
        Content::Certificate => {
            let armor = openpgp::armor(&[&opened.certificate]).map_err(KeyError::from)?;
            Zeroizing::new(armor.into_bytes())
        }
    })
}

/// On one line, as `base64 -w0` writes it.
fn base64_of(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    // All of the room at once, so that no copy stays where a buffer grew.
    let mut encoded = Zeroizing::new(vec![0; bytes.len().div_ceil(3) * 4]);
    let length = STANDARD.encode_slice(bytes, &mut encoded).unwrap_or_default();
    encoded.truncate(length);
    encoded
}

fn json(joint: &Joint<'_>, key: usize) -> Zeroizing<Vec<u8>> {
    // Line ends of the armor take two bytes; the rest is small.
    let mut text = Zeroizing::new(Vec::with_capacity(key * 2 + 8 * 1024));
    // Into memory it cannot fail.
    let _ = serde_json::to_writer(&mut *text, joint);
    text
}

/// The export of the subkey as it is in a value that was read back; absent
/// where the slot has none.
pub(crate) fn key_in(slot: &Slot, value: &SlotValue) -> Option<Zeroizing<Vec<u8>>> {
    let entry = |name: &String| value.0.iter().find(|(found, _)| found == name);
    let (name, content) = slot.contents.iter().find(|(_, content)| content.has_key())?;
    let (_, bytes) = entry(name)?;
    match content {
        Content::Key | Content::OpenKey => Some(bytes.clone()),
        Content::KeyBase64 => {
            let mut key = Zeroizing::new(vec![0; bytes.len()]);
            let length = STANDARD.decode_slice(bytes.as_slice(), &mut key).ok()?;
            key.truncate(length);
            Some(key)
        }
        Content::JointKeyFile | Content::JointPrivateKey => {
            let name = if *content == Content::JointKeyFile { "key_file" } else { "private_key" };
            let joint: BTreeMap<String, String> = serde_json::from_slice(bytes).ok()?;
            let mut joint: BTreeMap<_, _> = joint
                .into_iter()
                .map(|(name, text)| (name, Zeroizing::new(text.into_bytes())))
                .collect();
            joint.remove(name)
        }
        Content::Passphrase | Content::KeyId | Content::Certificate => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_content_is_what_it_says_byte_for_byte() {
        let subkey = Fingerprint::from_hex(&"4827".repeat(10)).unwrap();
        let opened = Opened {
            export: Zeroizing::new(b"-----BEGIN TEST-----\n\n\xff\n".to_vec()),
            passphrase: Secret::take(&mut b"TEST pass".to_vec()).unwrap(),
            subkey,
            certificate: Vec::new(),
        };
        let found = |content| bytes(content, &opened).unwrap().to_vec();
        let id = b"4827482748274827482748274827482748274827!";
        assert_eq!(found(Content::KeyId), id);
        assert_eq!(found(Content::Passphrase), b"TEST pass");
        assert_eq!(found(Content::Key), *opened.export);
        assert_eq!(found(Content::KeyBase64), b"LS0tLS1CRUdJTiBURVNULS0tLS0KCv8K");
    }
}
