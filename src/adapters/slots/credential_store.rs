//! An entry of the system's credential store. Its value is plain, so that any
//! program that knows the store reads it; whose it is stands in an entry
//! beside it.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::adapters::credential_store::CredentialError;
use crate::adapters::credential_store::store;
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
const ABOUT: &str = ".about";
/// What was there before keyrite, if something was.
const THEIRS: &str = "theirs";
/// What common stores take, in bytes.
const LIMIT: usize = 64 * 1024;

/// An entry.
pub(super) struct CredentialSlot {
    place: String,
    service: String,
    user: String,
}

/// A value that is in the store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Mark {
    subkey: Option<String>,
    effect: String,
    /// Whether it was written to its end.
    is_whole: bool,
}

/// What is in the store, without the values.
#[derive(Debug, Default, Serialize, Deserialize)]
struct About {
    current: Option<Mark>,
    pending: Option<Mark>,
    previous: Option<Mark>,
    /// What is being made current.
    promoting: Option<String>,
}

impl About {
    fn all(&self) -> Vec<(&'static str, Stage, &Mark)> {
        let known = [
            ("", Stage::Current, &self.current),
            (NEXT, Stage::Pending, &self.pending),
            (PREVIOUS, Stage::Previous, &self.previous),
        ];
        let mut all: Vec<(&'static str, Stage, &Mark)> = Vec::new();
        for (ending, stage, mark) in known {
            let Some(mark) = mark else { continue };
            if all.iter().all(|(_, _, other)| other.effect != mark.effect) {
                all.push((ending, stage, mark));
            }
        }
        all
    }

    fn version(&self, version: &str) -> Option<(&'static str, Stage, &Mark)> {
        self.all().into_iter().find(|(_, _, mark)| mark.effect == version)
    }

    fn observation(&self) -> Observation {
        let seen = |(_, stage, mark): (&str, Stage, &Mark)| Seen {
            version: mark.effect.clone(),
            stage,
            subkey: mark.subkey.as_deref().and_then(Fingerprint::from_hex),
            written: None,
            body: None,
        };
        let cut_off = |version: &String| {
            let version = VisibleText::from_text(version);
            format!("{version} was being made current, and that was cut off: go on with that run")
        };
        Observation {
            versions: self.all().into_iter().map(seen).collect(),
            facts: self.promoting.iter().map(cut_off).collect(),
            guard: Digest::of(&self.bytes()).to_string(),
            is_frozen: false,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        // Into memory it cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

impl CredentialSlot {
    /// Nothing is asked yet.
    pub(super) fn new(place: &str, service: String, user: String) -> Self {
        Self { place: place.to_owned(), service, user }
    }

    fn trouble(&self, error: &CredentialError, changes: bool) -> PlaceError {
        let place = self.place.clone();
        let told = |remedy: &str| VisibleText::from_text(&format!("{error}{remedy}"));
        match error {
            CredentialError::NoStore(_) | CredentialError::NotInThisBuild => {
                let why = told("; start one (gnome-keyring, KeePassXC), or use another slot");
                PlaceError::Unreachable { place, why }
            }
            CredentialError::Locked(_) => {
                PlaceError::Refused { place, why: told("; unlock it, and try again") }
            }
            CredentialError::NoAnswer(_) if changes => PlaceError::InDoubt { place, why: told("") },
            CredentialError::NoAnswer(_) => PlaceError::Unreachable { place, why: told("") },
            CredentialError::Refused(_) => PlaceError::Refused { place, why: told("") },
        }
    }

    fn unfit(&self, why: &str) -> PlaceError {
        PlaceError::Unfit { place: self.place.clone(), why: why.to_owned() }
    }

    fn unknown(&self, version: &str) -> PlaceError {
        self.unfit(&format!("it has no version '{}'", VisibleText::from_text(version)))
    }

    fn user(&self, ending: &str) -> String {
        format!("{}{ending}", self.user)
    }

    fn read(&self, ending: &str) -> Result<Option<Zeroizing<Vec<u8>>>, PlaceError> {
        store::read(&self.service, &self.user(ending)).map_err(|error| self.trouble(&error, false))
    }

    fn write(&self, ending: &str, bytes: &[u8]) -> Result<(), PlaceError> {
        store::write(&self.service, &self.user(ending), bytes)
            .map_err(|error| self.trouble(&error, true))
    }

    fn remove(&self, ending: &str) -> Result<(), PlaceError> {
        store::remove(&self.service, &self.user(ending)).map_err(|error| self.trouble(&error, true))
    }

    fn about(&self) -> Result<About, PlaceError> {
        let Some(bytes) = self.read(ABOUT)? else { return Ok(About::default()) };
        serde_json::from_slice(&bytes).map_err(|_| PlaceError::OtherPlace {
            place: self.place.clone(),
            found: VisibleText::from_text(&format!("{} is not ours", self.user(ABOUT))),
        })
    }

    fn save(&self, about: &About) -> Result<(), PlaceError> {
        self.write(ABOUT, &about.bytes())
    }

    /// Whatever is cut off is done to its end before something else begins.
    fn is_at_rest(&self, about: &About) -> Result<(), PlaceError> {
        match &about.promoting {
            None => Ok(()),
            Some(_) => Err(self.unfit("a promotion was cut off here: go on with that run first")),
        }
    }

    /// Marks the beginning of a promotion, with its version pending.
    fn begin(&self, about: &mut About, version: &str) -> Result<(), PlaceError> {
        let (ending, _, mark) = about.version(version).ok_or_else(|| self.unknown(version))?;
        let mark = mark.clone();
        if ending == PREVIOUS {
            let value = self.read(PREVIOUS)?.ok_or_else(|| self.unknown(version))?;
            // It says that it is there before it is, or nobody would take it
            // away after a break.
            about.pending = Some(Mark { is_whole: false, ..mark.clone() });
            self.save(about)?;
            self.write(NEXT, &value)?;
        }
        about.pending = Some(mark);
        let theirs = Mark { subkey: None, effect: THEIRS.to_owned(), is_whole: true };
        about.current = match self.read("")? {
            Some(_) => about.current.take().or(Some(theirs)),
            None => None,
        };
        about.promoting = Some(version.to_owned());
        self.save(about)
    }
}

impl Slot for CredentialSlot {
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
        Ok(self.about()?.observation())
    }

    fn put_pending(&self, put: &Put<'_>) -> Result<String, PlaceError> {
        let mut about = self.about()?;
        let found = about.version(put.name).map(|(_, _, mark)| mark.is_whole);
        if found == Some(true) {
            return Ok(put.name.to_owned());
        }
        self.is_at_rest(&about)?;
        if found.is_none() && about.observation().guard != put.guard {
            return Err(PlaceError::Changed { place: self.place.clone() });
        }
        let bytes = put.value.single().ok_or_else(|| self.unfit("it takes one value"))?;
        let subkey = Some(put.subkey.hex());
        let mark = Mark { subkey, effect: put.name.to_owned(), is_whole: false };
        about.pending = Some(mark.clone());
        self.save(&about)?;
        self.write(NEXT, bytes)?;
        about.pending = Some(Mark { is_whole: true, ..mark });
        self.save(&about)?;
        Ok(put.name.to_owned())
    }

    fn find(&self, name: &str) -> Result<Found, PlaceError> {
        let about = self.about()?;
        let is_there = about.version(name).is_some_and(|(_, _, mark)| mark.is_whole);
        Ok(if is_there { Found::There(name.to_owned()) } else { Found::Nothing })
    }

    fn read_back(&self, version: &str) -> Result<SlotValue, PlaceError> {
        let about = self.about()?;
        let (ending, _, _) = about.version(version).ok_or_else(|| self.unknown(version))?;
        self.read(ending)?.map(SlotValue::of).ok_or_else(|| self.unknown(version))
    }

    fn promote(&self, promotion: &Promotion<'_>) -> Result<String, PlaceError> {
        let mut about = self.about()?;
        let version = promotion.version;
        let is = |mark: &Option<Mark>| mark.as_ref().is_some_and(|mark| mark.effect == version);
        if about.promoting.as_deref() != Some(version) {
            self.is_at_rest(&about)?;
            if is(&about.current) {
                if about.pending.is_none() {
                    self.remove(NEXT)?;
                }
                return Ok(version.to_owned());
            }
            if about.observation().guard != promotion.guard {
                return Err(PlaceError::Changed { place: self.place.clone() });
            }
            self.begin(&mut about, version)?;
        }
        // What leaves is copied first. Once that is on record it is not done
        // again: then what is current may be the new one already.
        if about.current.is_some() && about.current != about.previous {
            if let Some(value) = self.read("")? {
                self.write(PREVIOUS, &value)?;
            }
            about.previous.clone_from(&about.current);
            self.save(&about)?;
        }
        let value = self.read(NEXT)?.ok_or_else(|| self.unknown(version))?;
        self.write("", &value)?;
        about.current = about.pending.take();
        about.promoting = None;
        self.save(&about)?;
        self.remove(NEXT)?;
        Ok(version.to_owned())
    }

    fn freeze(&self, _: bool) -> Result<(), PlaceError> {
        let what = "freeze it: lock the store instead";
        Err(PlaceError::Unable { place: self.place.clone(), what })
    }

    fn retire(&self, version: &str) -> Result<(), PlaceError> {
        let mut about = self.about()?;
        let Some((ending, stage, _)) = about.version(version) else { return Ok(()) };
        self.is_at_rest(&about)?;
        if stage == Stage::Current {
            return Err(self.unfit("this version is current: its user would have none"));
        }
        self.remove(ending)?;
        if ending == NEXT {
            about.pending = None;
        } else {
            about.previous = None;
        }
        self.save(&about)
    }
}
