//! A file that only a key of the AWS Key Management Service opens, in the
//! format of the AWS Encryption SDK.
//!
//! Beside the file that its user opens stand `.next`, which is pending, and
//! `.previous`. Whose secret it is and which effect wrote it stand in its
//! encryption context: public, and bound to the rest.

use std::collections::BTreeMap;
use std::path::PathBuf;

use aws_sdk_kms::Client;
use aws_sdk_kms::config::http::HttpResponse;
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::primitives::Blob;
use zeroize::Zeroizing;

use super::aws::{Account, Bounded};
use super::esdk::{self, EsdkError, Header, RESERVED, WrappedKey};
use super::files::{is_name, trouble};
use crate::adapters::{durable, medium};
use crate::domain::custody::Stage;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::engine::chain::Digest;
use crate::engine::place::PlaceError;
use crate::engine::slot::{
    Abilities, Found, Observation, Promote, Promotion, Put, ReadBack, Seen, Slot, SlotValue,
};

const NEXT: &str = ".next";
const PREVIOUS: &str = ".previous";
/// What is current, on its way to be the previous one.
const LEAVING: &str = ".leaving";
/// The entries of the encryption context that are ours.
const SUBKEY: &str = "keyrite-subkey";
const EFFECT: &str = "keyrite-effect";
const PROVIDER: &str = "aws-kms";
/// More than any subkey with its certificate, in bytes.
const LIMIT: usize = 1024 * 1024;

/// A file.
pub(super) struct KmsFileSlot {
    path: PathBuf,
    account: Account,
    key: String,
    context: BTreeMap<String, String>,
}

/// A file as it lies there, closed.
struct Kept {
    bytes: Vec<u8>,
    header: Header,
}

impl Kept {
    fn version(&self) -> String {
        let named = self.header.context.get(EFFECT).filter(|name| is_name(name)).cloned();
        named.unwrap_or_else(|| {
            let id = Digest::of(&self.header.message_id).hex();
            format!("message-{}", id.get(..16).unwrap_or_default())
        })
    }

    fn seen(&self, stage: Stage) -> Seen {
        let subkey = self.header.context.get(SUBKEY).and_then(|hex| Fingerprint::from_hex(hex));
        let body = Some(Digest::of(&self.bytes).to_string());
        Seen { version: self.version(), stage, subkey, written: None, body }
    }
}

/// All files of a place.
struct Files {
    current: Option<Kept>,
    next: Option<Kept>,
    previous: Option<Kept>,
    leaving: Option<Kept>,
}

impl KmsFileSlot {
    /// Nothing is asked yet.
    pub(super) fn new(
        path: PathBuf,
        account: Account,
        key: String,
        context: BTreeMap<String, String>,
    ) -> Result<Self, PlaceError> {
        let is_ours = |name: &String| name.starts_with(RESERVED) || name.starts_with("keyrite-");
        if let Some(name) = context.keys().find(|name| is_ours(name)) {
            let name = VisibleText::from_text(name);
            let why = format!("its context has the entry '{name}', a name that is taken");
            return Err(PlaceError::Unfit { place: account.place.clone(), why });
        }
        Ok(Self { path, account, key, context })
    }

    fn place(&self) -> String {
        self.account.place.clone()
    }

    fn unfit(&self, why: String) -> PlaceError {
        PlaceError::Unfit { place: self.place(), why }
    }

    fn other(&self, found: &str) -> PlaceError {
        PlaceError::OtherPlace { place: self.place(), found: VisibleText::from_text(found) }
    }

    fn unknown(&self, version: &str) -> PlaceError {
        self.unfit(format!("it has no version '{}'", VisibleText::from_text(version)))
    }

    fn io(&self, error: &std::io::Error) -> PlaceError {
        trouble(&self.account.place, error)
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(ending);
        path.into()
    }

    fn kept(&self, ending: &str) -> Result<Option<Kept>, PlaceError> {
        let bytes =
            medium::read(&self.beside(ending)).map_err(|error| PlaceError::Unreachable {
                place: self.place(),
                why: VisibleText::from_text(&error.to_string()),
            })?;
        let Some(bytes) = bytes else { return Ok(None) };
        let header = Header::read(&bytes)
            .map_err(|error| self.other(&format!("the file{ending}: {error}")))?;
        Ok(Some(Kept { bytes, header }))
    }

    fn files(&self) -> Result<Files, PlaceError> {
        let folder = self.path.parent().unwrap_or(&self.path);
        let found = std::fs::metadata(folder).map_err(|error| self.io(&error))?;
        if !found.is_dir() {
            return Err(self.other("it is in no folder"));
        }
        Ok(Files {
            current: self.kept("")?,
            next: self.kept(NEXT)?,
            previous: self.kept(PREVIOUS)?,
            leaving: self.kept(LEAVING)?,
        })
    }

    fn remove(&self, ending: &str) -> Result<(), PlaceError> {
        durable::remove_file(&self.beside(ending)).map_err(|error| self.io(&error))
    }

    /// A client of the account that is declared.
    async fn client(&self) -> Result<Client, PlaceError> {
        let config = self.account.config().await;
        self.account.recognise(&config).await?;
        let settings = aws_sdk_kms::config::Builder::from(&config)
            .interceptor(self.account.retries())
            .interceptor(Bounded);
        Ok(Client::from_conf(settings.build()))
    }

    /// What a refusal of the key means; nothing that is asked of it changes
    /// anything.
    fn refusal<E>(&self, error: SdkError<E, HttpResponse>) -> PlaceError
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let code = error.code().unwrap_or_default().to_owned();
        let message = error.message().unwrap_or_default();
        let why = format!("{code}: {message}");
        match code.as_str() {
            "DisabledException" | "KMSInvalidStateException" | "InvalidGrantTokenException" => {
                PlaceError::Refused { place: self.place(), why: VisibleText::from_text(&why) }
            }
            "NotFoundException" | "IncorrectKeyException" | "InvalidCiphertextException" => {
                self.other(&format!("the key does not open it: {why}"))
            }
            _ => self.account.trouble(error, false),
        }
    }

    /// The value, sealed with a data key of its own.
    async fn sealed(&self, put: &Put<'_>, plain: &[u8]) -> Result<Vec<u8>, PlaceError> {
        let mut context = self.context.clone();
        context.insert(SUBKEY.to_owned(), put.subkey.hex());
        context.insert(EFFECT.to_owned(), put.name.to_owned());
        let client = self.client().await?;
        let ask = client.generate_data_key().key_id(&self.key).number_of_bytes(32);
        let ask = ask.set_encryption_context(Some(context.clone().into_iter().collect()));
        let mut made = ask.send().await.map_err(|error| self.refusal(error))?;
        if made.key_id() != Some(self.key.as_str()) {
            return Err(self.other(&format!("the key is {}", made.key_id().unwrap_or_default())));
        }
        let data_key = made.plaintext.take().map(Blob::into_inner).map(Zeroizing::new);
        let blob = made.ciphertext_blob.take().map(Blob::into_inner);
        let (Some(data_key), Some(blob)) = (data_key.filter(|key| key.len() == 32), blob) else {
            return Err(self.other("the key gives no data key of 32 bytes"));
        };
        let mut id = [0; 32];
        let wrapped = WrappedKey { provider: PROVIDER.to_owned(), key: self.key.clone(), blob };
        openssl::rand::rand_bytes(&mut id)
            .map_err(EsdkError::from)
            .and_then(|()| esdk::seal(plain, &data_key, wrapped, context, id))
            .map_err(|error| self.unfit(error.to_string()))
    }

    /// The value of a file, once all of it was found to be whole.
    async fn opened(&self, kept: &Kept) -> Result<SlotValue, PlaceError> {
        let header = &kept.header;
        let differs = |(name, value): &(&String, &String)| header.context.get(*name) != Some(value);
        if let Some((name, _)) = self.context.iter().find(differs) {
            return Err(self.other(&format!("its context has not the declared '{name}'")));
        }
        let is_ours = |one: &&WrappedKey| one.provider == PROVIDER && one.key == self.key;
        let Some(wrapped) = header.data_keys.iter().find(is_ours) else {
            let keys: Vec<_> = header.data_keys.iter().map(|one| one.key.as_str()).collect();
            return Err(self.other(&format!("it is encrypted with {}", keys.join(", "))));
        };
        let client = self.client().await?;
        let ask = client.decrypt().key_id(&self.key);
        let ask = ask.ciphertext_blob(Blob::new(wrapped.blob.clone()));
        let context = header.context.clone().into_iter().collect();
        let ask = ask.set_encryption_context(Some(context));
        let mut found = ask.send().await.map_err(|error| self.refusal(error))?;
        let data_key = found.plaintext.take().map(Blob::into_inner).unwrap_or_default();
        let opened = esdk::open(&kept.bytes, &Zeroizing::new(data_key));
        opened.map(SlotValue::of).map_err(|error| self.other(&error.to_string()))
    }
}

impl Files {
    /// By their version, each once: what is current is not pending as well,
    /// wherever something was cut off.
    fn all(&self) -> Vec<(&'static str, Stage, &Kept)> {
        let mut all: Vec<(&'static str, Stage, &Kept)> = Vec::new();
        let known = [
            ("", Stage::Current, &self.current),
            (NEXT, Stage::Pending, &self.next),
            (PREVIOUS, Stage::Previous, &self.previous),
            (LEAVING, Stage::Left, &self.leaving),
        ];
        for (ending, stage, kept) in known {
            let Some(kept) = kept else { continue };
            if all.iter().all(|(_, _, other)| other.version() != kept.version()) {
                all.push((ending, stage, kept));
            }
        }
        all
    }

    fn version(&self, version: &str) -> Option<(&'static str, Stage, &Kept)> {
        self.all().into_iter().find(|(_, _, kept)| kept.version() == version)
    }

    /// Files that are aside while something is made current do not count, or
    /// that could not be done once more.
    fn observation(&self) -> Observation {
        let all = self.all();
        let told = all.iter().filter(|(ending, _, _)| *ending != LEAVING);
        let told: Vec<_> =
            told.map(|(ending, _, kept)| format!("{ending}={}", Digest::of(&kept.bytes))).collect();
        let mut keys: Vec<_> = all.iter().flat_map(|(_, _, kept)| &kept.header.data_keys).collect();
        keys.dedup_by(|one, other| one.key == other.key);
        let fact =
            |one: &WrappedKey| format!("encrypted with {}", VisibleText::from_text(&one.key));
        Observation {
            versions: all.iter().map(|(_, stage, kept)| kept.seen(*stage)).collect(),
            facts: keys.into_iter().map(fact).collect(),
            guard: Digest::of(told.join(",").as_bytes()).to_string(),
            is_frozen: false,
        }
    }
}

impl Slot for KmsFileSlot {
    fn abilities(&self) -> Abilities {
        Abilities {
            observe: true,
            pending: true,
            read_back: ReadBack::Bytes,
            promote: Promote::AtOnce,
            freeze: false,
            retire: true,
        }
    }

    fn limit(&self) -> usize {
        LIMIT
    }

    fn observe(&self) -> Result<Observation, PlaceError> {
        let mut seen = self.files()?.observation();
        let config = self.account.wait(self.account.config());
        seen.facts.push(format!("encrypts with {}", VisibleText::from_text(&self.key)));
        seen.facts.extend(self.account.facts(&config, "KMS"));
        Ok(seen)
    }

    fn put_pending(&self, put: &Put<'_>) -> Result<String, PlaceError> {
        let files = self.files()?;
        if files.version(put.name).is_some() {
            return Ok(put.name.to_owned());
        }
        if files.observation().guard != put.guard {
            return Err(PlaceError::Changed { place: self.place() });
        }
        if !is_name(put.name) {
            return Err(self.unknown(put.name));
        }
        let plain = put.value.single();
        let plain = plain.ok_or_else(|| self.unfit("it takes one value".to_owned()))?;
        if plain.len() > LIMIT {
            return Err(self.unfit(format!("{} bytes are too many", plain.len())));
        }
        let sealed = self.account.wait(self.sealed(put, plain))?;
        durable::write(&self.beside(NEXT), &sealed).map_err(|error| self.io(&error))?;
        Ok(put.name.to_owned())
    }

    fn find(&self, name: &str) -> Result<Found, PlaceError> {
        let is_there = self.files()?.version(name).is_some();
        Ok(if is_there { Found::There(name.to_owned()) } else { Found::Nothing })
    }

    fn read_back(&self, version: &str) -> Result<SlotValue, PlaceError> {
        let files = self.files()?;
        let (_, _, kept) = files.version(version).ok_or_else(|| self.unknown(version))?;
        self.account.wait(self.opened(kept))
    }

    fn promote(&self, promotion: &Promotion<'_>) -> Result<String, PlaceError> {
        let files = self.files()?;
        let version = promotion.version;
        let found = files.version(version).ok_or_else(|| self.unknown(version))?;
        let (_, stage, kept) = found;
        let mut is_leaving = files.leaving.is_some();
        if stage != Stage::Current {
            if files.observation().guard != promotion.guard {
                return Err(PlaceError::Changed { place: self.place() });
            }
            // First a copy of what leaves, then the change that its user
            // sees, then the names that only we know.
            if let Some(current) = &files.current {
                let path = self.beside(LEAVING);
                durable::write(&path, &current.bytes).map_err(|error| self.io(&error))?;
                is_leaving = true;
            } else {
                self.remove(LEAVING)?;
                is_leaving = false;
            }
            durable::write(&self.path, &kept.bytes).map_err(|error| self.io(&error))?;
        }
        if is_leaving {
            let (from, to) = (self.beside(LEAVING), self.beside(PREVIOUS));
            durable::move_file(&from, &to).map_err(|error| self.io(&error))?;
        }
        if files.next.is_some_and(|next| next.version() == version) {
            self.remove(NEXT)?;
        }
        Ok(version.to_owned())
    }

    fn freeze(&self, _: bool) -> Result<(), PlaceError> {
        let what = "freeze it: disable the grant of its user on the KMS key instead";
        Err(PlaceError::Unable { place: self.place(), what })
    }

    fn retire(&self, version: &str) -> Result<(), PlaceError> {
        let files = self.files()?;
        let Files { current, next, previous, leaving } = &files;
        let is_it = |kept: &Option<Kept>| kept.as_ref().is_some_and(|one| one.version() == version);
        if is_it(current) {
            let why = "this version is current: its user would have none";
            return Err(self.unfit(why.to_owned()));
        }
        for (ending, kept) in [(NEXT, next), (PREVIOUS, previous), (LEAVING, leaving)] {
            if is_it(kept) {
                self.remove(ending)?;
            }
        }
        Ok(())
    }
}
