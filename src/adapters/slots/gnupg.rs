//! A home of `GnuPG`. Its own program puts the secret there, takes it away
//! and signs with it; which subkey is used stands in gpg.conf.

mod block;
mod listed;
mod program;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use self::block::{Block, Entry};
use self::listed::{Listed, listed};
use self::program::{Home, Said};
use super::files::trouble;
use crate::adapters::{durable, medium};
use crate::domain::custody::Stage;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::workspace::Content;
use crate::engine::chain::Digest;
use crate::engine::place::PlaceError;
use crate::engine::secret::Secret;
use crate::engine::slot::{
    Abilities, Found, Observation, Promote, Promotion, Put, ReadBack, Seen, Signed, Slot, SlotValue,
};

const CONFIG: &str = "gpg.conf";
/// More than any subkey with its certificate, in bytes.
const LIMIT: usize = 1024 * 1024;
/// How long gpg may take.
const TIME: Duration = Duration::from_mins(1);

/// A home.
pub(super) struct GnupgSlot {
    home: Home,
    place: String,
}

/// What is in a home.
struct Kept {
    block: Block,
    /// The other lines of gpg.conf.
    others: String,
    /// The signing subkeys whose secret is there.
    subkeys: Vec<Fingerprint>,
    /// Each of them with its primary key.
    primaries: BTreeMap<Fingerprint, Fingerprint>,
    /// The primary keys whose own secret is there.
    exposed: Vec<Fingerprint>,
}

impl Kept {
    fn observation(&self, without: Option<&Fingerprint>) -> Observation {
        let mut versions = Vec::new();
        for subkey in self.subkeys.iter().filter(|one| Some(*one) != without) {
            let entry = self.block.of(subkey);
            let is = |one: &Option<Entry>| one.is_some() && one.as_ref() == entry;
            let stage = match () {
                () if is(&self.block.current) => Stage::Current,
                () if is(&self.block.pending) => Stage::Pending,
                () if is(&self.block.previous) => Stage::Previous,
                () => Stage::Left,
            };
            let version = entry.map_or_else(|| subkey.hex(), |entry| entry.version.clone());
            versions.push(Seen {
                version,
                stage,
                subkey: Some(*subkey),
                written: None,
                body: None,
            });
        }
        let told: Vec<_> = versions.iter().map(|one| format!("{one:?}")).collect();
        let guard = format!("{}{}{:?}", told.join(","), self.others, self.block);
        let fact = |primary: &Fingerprint| {
            let hex = primary.hex();
            format!("the secret of the primary key {hex} lies there, too (CUS-001)")
        };
        Observation {
            versions,
            facts: self.exposed.iter().map(fact).collect(),
            guard: Digest::of(guard.as_bytes()).to_string(),
            is_frozen: false,
        }
    }

    fn entry(&self, version: &str) -> Option<Entry> {
        let seen = self.observation(None);
        let subkey = seen.version(version)?.subkey?;
        Some(Entry { subkey, version: version.to_owned() })
    }
}

impl GnupgSlot {
    /// Nothing is looked at yet. It takes the export of a subkey, as it is
    /// protected by its passphrase, and nothing else.
    pub(super) fn new(
        home: PathBuf,
        place: &str,
        contents: &[Content],
    ) -> Result<Self, PlaceError> {
        let slot = Self { home: Home { path: home, time: TIME }, place: place.to_owned() };
        if contents != [Content::Key] {
            return Err(slot.unfit("a home of GnuPG takes content = \"key\" alone".to_owned()));
        }
        Ok(slot)
    }

    fn unfit(&self, why: String) -> PlaceError {
        PlaceError::Unfit { place: self.place.clone(), why }
    }

    fn unknown(&self, version: &str) -> PlaceError {
        self.unfit(format!("it has no version '{}'", VisibleText::from_text(version)))
    }

    fn refused(&self, said: &Said, what: &str) -> PlaceError {
        let why = VisibleText::from_text(&format!("gpg does not {what}: {}", said.trouble()));
        PlaceError::Refused { place: self.place.clone(), why }
    }

    fn io(&self, error: &std::io::Error) -> PlaceError {
        trouble(&self.place, error)
    }

    fn run(
        &self,
        words: &[&str],
        passphrase: Option<&Secret>,
        input: &[u8],
    ) -> Result<Said, PlaceError> {
        self.home.run(words, passphrase, input).map_err(|error| self.io(&error))
    }

    /// The same for what changes something: what took too long may be done.
    fn change(&self, words: &[&str], input: &[u8]) -> Result<Said, PlaceError> {
        self.home.run(words, None, input).map_err(|error| {
            if error.kind() != std::io::ErrorKind::TimedOut {
                return self.io(&error);
            }
            let why = VisibleText::from_text(&error.to_string());
            PlaceError::InDoubt { place: self.place.clone(), why }
        })
    }

    fn kept(&self) -> Result<Kept, PlaceError> {
        let found = std::fs::symlink_metadata(&self.home.path).map_err(|error| self.io(&error))?;
        if !found.is_dir() {
            let found = VisibleText::from_text("it is no folder");
            return Err(PlaceError::OtherPlace { place: self.place.clone(), found });
        }
        if found.permissions().mode() & 0o077 != 0 {
            return Err(self.unfit("others can get into it: chmod 700".to_owned()));
        }
        let config = medium::read(&self.home.path.join(CONFIG))
            .map_err(|error| self.unfit(format!("{CONFIG}: {error}")))?;
        let config = String::from_utf8(config.unwrap_or_default())
            .map_err(|_| self.unfit(format!("{CONFIG} is no UTF-8")))?;
        let (block, others) = Block::parse(&config);
        let words = ["--with-colons", "--with-subkey-fingerprint", "--list-secret-keys"];
        let said = self.run(&words, None, b"")?;
        // Nothing may be said to be gone because gpg could not look.
        if !said.is_good {
            let why = VisibleText::from_text(&format!("gpg cannot list its keys: {}", said.status));
            return Err(PlaceError::Unreachable { place: self.place.clone(), why });
        }
        let Listed { primaries, exposed } = listed(&String::from_utf8_lossy(&said.output));
        let subkeys = primaries.iter().map(|(subkey, _)| *subkey).collect();
        let primaries = primaries.into_iter().collect();
        Ok(Kept { block, others, subkeys, primaries, exposed })
    }

    /// Refuses a home that has the secret of this primary key: it belongs to
    /// no consumer.
    fn holds_no_secret_of(&self, primary: &Fingerprint, kept: &Kept) -> Result<(), PlaceError> {
        if !kept.exposed.contains(primary) {
            return Ok(());
        }
        let hex = primary.hex();
        Err(self.unfit(format!(
            "the secret of the primary key {hex} lies in this home, where no primary secret may \
             be: nothing was done; prove its offline copies, take it away from here \
             (gpg --delete-secret-keys {hex}!), and judge who could have read it (CUS-001)"
        )))
    }

    /// The same, for the primary key of a subkey that is there.
    fn holds_no_primary_of(&self, subkey: &Fingerprint, kept: &Kept) -> Result<(), PlaceError> {
        let primary = kept.primaries.get(subkey);
        primary.map_or(Ok(()), |primary| self.holds_no_secret_of(primary, kept))
    }

    /// The primary key of an export, as gpg reads it; nothing is imported.
    fn primary_of(&self, export: &[u8]) -> Result<Fingerprint, PlaceError> {
        let words = ["--with-colons", "--import-options", "show-only", "--import"];
        let said = self.run(&words, None, export)?;
        let lines = String::from_utf8_lossy(&said.output).into_owned();
        let mut lines = lines.lines().filter_map(|line| line.strip_prefix("fpr:"));
        let primary = lines.next().and_then(|line| Fingerprint::from_hex(line.split(':').nth(8)?));
        primary.ok_or_else(|| self.refused(&said, "import it"))
    }

    /// Writes our lines of gpg.conf, in one step.
    fn save(&self, block: &Block, others: &str) -> Result<(), PlaceError> {
        let path = self.home.path.join(CONFIG);
        durable::write(&path, block.write(others).as_bytes()).map_err(|error| self.io(&error))
    }
}

impl Slot for GnupgSlot {
    fn abilities(&self) -> Abilities {
        Abilities {
            observe: true,
            pending: true,
            read_back: ReadBack::Signature,
            promote: Promote::AtOnce,
            freeze: false,
            retire: true,
        }
    }

    fn limit(&self) -> usize {
        LIMIT
    }

    fn observe(&self) -> Result<Observation, PlaceError> {
        Ok(self.kept()?.observation(None))
    }

    fn put_pending(&self, put: &Put<'_>) -> Result<String, PlaceError> {
        let kept = self.kept()?;
        let seen = kept.observation(None);
        if seen.version(put.name).is_some() {
            return Ok(put.name.to_owned());
        }
        // What this effect has imported before it was cut off is no change by
        // somebody else.
        let is_ours = kept.block.of(&put.subkey).is_none()
            && kept.observation(Some(&put.subkey)).guard == put.guard;
        if seen.guard != put.guard && !is_ours {
            return Err(PlaceError::Changed { place: self.place.clone() });
        }
        if kept.block.of(&put.subkey).is_some() {
            return Err(self.unfit("this subkey is there already".to_owned()));
        }
        let export = put.value.single();
        let export = export.ok_or_else(|| self.unfit("it takes one value".to_owned()))?;
        self.holds_no_secret_of(&self.primary_of(export)?, &kept)?;
        let said = self.change(&["--import"], export)?;
        let (subkeys, block) = (self.kept()?.subkeys, kept.block);
        if !subkeys.contains(&put.subkey) {
            return Err(self.refused(&said, "import it"));
        }
        let entry = Entry { subkey: put.subkey, version: put.name.to_owned() };
        self.save(&Block { pending: Some(entry), ..block }, &kept.others)?;
        Ok(put.name.to_owned())
    }

    fn find(&self, name: &str) -> Result<Found, PlaceError> {
        let is_there = self.kept()?.entry(name).is_some();
        Ok(if is_there { Found::There(name.to_owned()) } else { Found::Nothing })
    }

    fn read_back(&self, _: &str) -> Result<SlotValue, PlaceError> {
        let what = "show what was put there: gpg encrypts it anew";
        Err(PlaceError::Unable { place: self.place.clone(), what })
    }

    fn promote(&self, promotion: &Promotion<'_>) -> Result<String, PlaceError> {
        let kept = self.kept()?;
        let version = promotion.version;
        let entry = kept.entry(version).ok_or_else(|| self.unknown(version))?;
        if kept.block.current.as_ref() == Some(&entry) {
            return Ok(version.to_owned());
        }
        if kept.observation(None).guard != promotion.guard {
            return Err(PlaceError::Changed { place: self.place.clone() });
        }
        self.holds_no_primary_of(&entry.subkey, &kept)?;
        let mut block = kept.block.without(&entry.subkey);
        block.previous = block.current.replace(entry).or(block.previous);
        self.save(&block, &kept.others)?;
        Ok(version.to_owned())
    }

    fn freeze(&self, _: bool) -> Result<(), PlaceError> {
        let what = "freeze it: take its folder away from its user";
        Err(PlaceError::Unable { place: self.place.clone(), what })
    }

    fn retire(&self, version: &str) -> Result<(), PlaceError> {
        let kept = self.kept()?;
        let Some(entry) = kept.entry(version) else { return Ok(()) };
        if kept.block.current.as_ref() == Some(&entry) {
            let why = "this version is current: its user would have none";
            return Err(self.unfit(why.to_owned()));
        }
        let selector = format!("{}!", entry.subkey.hex());
        let said = self.change(&["--yes", "--delete-secret-keys", &selector], b"")?;
        if self.kept()?.subkeys.contains(&entry.subkey) {
            return Err(self.refused(&said, "delete it"));
        }
        if kept.block.of(&entry.subkey).is_some() {
            self.save(&kept.block.without(&entry.subkey), &kept.others)?;
        }
        Ok(())
    }

    fn ask_for_signature(&self, nonce: &str, version: &str, passphrase: Option<&Secret>) -> Signed {
        let kept = self.kept()?;
        let entry = kept.entry(version).ok_or_else(|| self.unknown(version))?;
        self.holds_no_primary_of(&entry.subkey, &kept)?;
        let hex = entry.subkey.hex();
        let selector = format!("{hex}!");
        let words = ["--local-user", &selector, "--detach-sign"];
        let said = self.run(&words, passphrase, nonce.as_bytes())?;
        let is_made = said.all("SIG_CREATED").any(|made| made.ends_with(&hex));
        if !is_made || said.output.is_empty() {
            return Err(self.refused(&said, "sign with it"));
        }
        Ok(Some(said.output))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// gpg waits for ever for whoever would write into a FIFO.
    #[test]
    fn a_gpg_that_waits_for_ever_is_ended_and_told() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("home");
        durable::make_folder(&path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        mknodat(CWD, path.join("pubring.kbx"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let home = Home { path, time: Duration::from_secs(1) };
        let slot = GnupgSlot { home, place: "TEST home".to_owned() };
        let error = slot.observe().unwrap_err();
        assert!(matches!(error, PlaceError::Unreachable { .. }), "{error:?}");
        assert!(error.to_string().contains("gpg took more than 1 s"), "{error}");
        let error = slot.change(&["--import"], b"TEST").err().unwrap();
        assert!(matches!(error, PlaceError::InDoubt { .. }), "{error:?}");
    }
}
