//! A target that is files in a store, in a layout, read by users from the
//! store itself or by an address on the web.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Url;

use super::store::{Asked, Change, File, Layout, Read, Store, Stored, Task};
use crate::adapters::openpgp::{components_of, served};
use crate::adapters::web::Web;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::publication::Served;
use crate::domain::text::VisibleText;
use crate::engine::chain::Digest;
use crate::engine::place::PlaceError;
use crate::engine::target::{Abilities, Found, Publication, Sight, Target};

/// The largest certificate, in bytes: readers of files give up long before.
const LIMIT: usize = 1024 * 1024;

/// A target that is files.
pub(super) struct FileTarget<S, L> {
    place: String,
    store: S,
    layout: L,
    /// Where users read, if not in the store.
    read: Option<(Url, Web)>,
}

/// A store of which each file is read once.
struct Seen<'a, S> {
    store: &'a S,
    files: RefCell<BTreeMap<String, Option<Stored>>>,
}

impl<'a, S: Store> Seen<'a, S> {
    fn of(store: &'a S) -> Self {
        Self { store, files: RefCell::default() }
    }

    fn get(&self, path: &str) -> Result<Option<Stored>, PlaceError> {
        if let Some(found) = self.files.borrow().get(path) {
            return Ok(found.clone());
        }
        let found = self.store.get(path)?;
        self.files.borrow_mut().insert(path.to_owned(), found.clone());
        Ok(found)
    }

    fn bytes(&self, path: &str) -> Result<Option<Vec<u8>>, PlaceError> {
        Ok(self.get(path)?.map(|stored| stored.bytes))
    }

    /// Another one as soon as somebody changes the file.
    fn mark(&self, path: &str) -> Result<String, PlaceError> {
        let tag = self.get(path)?.map(|stored| stored.tag).unwrap_or_default();
        let digest = Digest::of(format!("{path}\n{tag}").as_bytes()).hex();
        Ok(digest.chars().take(32).collect())
    }
}

fn asked(name: &str, got: Result<Option<Vec<u8>>, PlaceError>) -> Asked {
    let got = got.map_err(|error| VisibleText::from_text(&error.to_string()));
    Asked { name: name.to_owned(), media: None, age: None, got }
}

impl<S: Store, L: Layout> FileTarget<S, L> {
    /// Nothing is asked yet.
    pub(super) fn new(
        place: &str,
        store: S,
        layout: L,
        read: Option<&str>,
        patience: Duration,
    ) -> Result<Self, PlaceError> {
        let place = place.to_owned();
        let unfit = |why: String| PlaceError::Unfit { place: place.clone(), why };
        let read = match read {
            None => None,
            Some(read) => {
                // A page has an address of its own.
                let end = if layout.is_page() { "" } else { "/" };
                let base = format!("{}{end}", read.trim_end_matches('/'));
                let url = Url::parse(&base).map_err(|e| unfit(format!("read = '{read}': {e}")))?;
                let web = Web::new(patience);
                Some((
                    url,
                    web.map_err(|why| PlaceError::Unreachable { place: place.clone(), why })?,
                ))
            }
        };
        Ok(Self { place, store, layout, read })
    }

    /// What a user gets by the web who asks for a path.
    fn fetch(&self, base: &Url, web: &Web, path: &str, seen: &Seen<'_, S>) -> Asked {
        let told = |why: &str| Err(VisibleText::from_text(why));
        let Ok(url) = base.join(path) else {
            let got = told("it has no address");
            return Asked { name: path.to_owned(), media: None, age: None, got };
        };
        let (mut media, mut age) = (None, None);
        let got = match web.get(&url) {
            Err(silence) => Err(silence.why()),
            Ok(answer) if answer.status == 403 && matches!(seen.get(path), Ok(Some(_))) => {
                told("HTTP 403: it is there, and its users may not read it")
            }
            // A bucket tells nobody what it does not have.
            Ok(answer) if [403, 404, 410].contains(&answer.status) => Ok(None),
            Ok(answer) if !answer.is_good() => told(&format!("HTTP {}", answer.status)),
            Ok(answer) if answer.is_page() && !self.layout.is_page() => {
                told("a web page answers, and no file")
            }
            Ok(answer) => {
                (media, age) = (Some(answer.media), answer.age);
                Ok(Some(answer.bytes))
            }
        };
        Asked { name: url.to_string(), media, age, got }
    }

    /// What a user gets who asks for a path.
    fn ask(&self, path: &str, seen: &Seen<'_, S>, public: Option<&Read<'_>>) -> Asked {
        match (&self.read, public) {
            // One page shows all.
            (Some((base, web)), _) if self.layout.is_page() => self.fetch(base, web, "", seen),
            (Some((base, web)), _) => self.fetch(base, web, path, seen),
            (None, Some(public)) => asked(path, public(path)),
            (None, None) => asked(path, seen.bytes(path)),
        }
    }

    /// Refuses to write over what is not in the certificate: nobody is ever
    /// given less than he had, and what others have put there is evidence.
    fn holds_no_more(
        &self,
        publication: &Publication<'_>,
        seen: &Seen<'_, S>,
    ) -> Result<(), PlaceError> {
        let new = components_of(publication.armored);
        let new = new.map_err(|error| self.unfit(&error.to_string()))?;
        let of = &publication.certificate;
        let ask = |path: &str| asked(path, seen.bytes(path));
        for door in self.layout.doors(of, publication.addresses, &ask) {
            let (bytes, is_collection) = match door.found {
                Found::Packets { bytes, is_collection } => (bytes, is_collection),
                Found::Unreachable(why) => {
                    return Err(self.unfit(&format!("{}: {why}", door.name)));
                }
                Found::Nothing
                | Found::Index { .. }
                | Found::Page(_)
                | Found::Right
                | Found::Wrong(_) => continue,
            };
            let why = match served(&bytes, of, is_collection) {
                Served::Nothing | Served::Unreachable(_) => continue,
                Served::Certificate(there) => match there.lacking_in(&new).next() {
                    None => continue,
                    Some(part) => format!("has what is not to be published: {}", part.words()),
                },
                Served::Other(found) => format!("has another certificate: {}", found.hex()),
                Served::Unreadable(why) => format!("has something else in it: {why}"),
            };
            return Err(self.unfit(&format!("{} {why}; it is not written over", door.name)));
        }
        Ok(())
    }

    /// Whether somebody has changed a file since it was looked at, that is not
    /// yet as it is to be.
    fn is_changed(
        &self,
        publication: &Publication<'_>,
        seen: &Seen<'_, S>,
        is_same: impl Fn(&str) -> bool,
    ) -> Result<bool, PlaceError> {
        let moving = self.layout.moving(&publication.certificate, publication.addresses);
        let looked: Vec<_> = publication.guard.split_whitespace().collect();
        if looked.len() != moving.len() {
            return Ok(true);
        }
        for (path, looked) in moving.iter().zip(looked) {
            if seen.mark(path)? != looked && !is_same(path) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn guard(
        &self,
        seen: &Seen<'_, S>,
        of: &Fingerprint,
        addresses: &[String],
    ) -> Result<String, PlaceError> {
        let paths = self.layout.moving(of, addresses);
        let marks = paths.iter().map(|path| seen.mark(path));
        Ok(marks.collect::<Result<Vec<_>, _>>()?.join(" "))
    }

    fn unfit(&self, why: &str) -> PlaceError {
        let why = VisibleText::from_text(why).into_string();
        PlaceError::Unfit { place: self.place.clone(), why }
    }

    /// Those that are not as they are to be.
    fn changes(&self, files: Vec<File>, seen: &Seen<'_, S>) -> Result<Vec<Change>, PlaceError> {
        let mut changes = Vec::new();
        for file in files {
            let old = seen.get(&file.path)?;
            let path = &file.path;
            if old.as_ref().is_some_and(|old| old.bytes == file.bytes) {
                continue;
            }
            if file.is_fixed && old.is_some() {
                return Err(self.unfit(&format!("{path} holds something else than its name says")));
            }
            if file.bytes.len() > self.store.limit() {
                let (length, limit) = (file.bytes.len(), self.store.limit());
                return Err(self.unfit(&format!(
                    "{path} would have {length} bytes, and it takes {limit} at the most"
                )));
            }
            changes.push(Change { file, old });
        }
        Ok(changes)
    }
}

impl<S: Store, L: Layout> Target for FileTarget<S, L> {
    fn abilities(&self) -> Abilities {
        let is_guarded = self.store.is_guarded();
        Abilities { is_open: false, is_guarded, withdraws: false, is_late: self.read.is_some() }
    }

    fn limit(&self) -> usize {
        LIMIT.min(self.store.limit())
    }

    fn look(&self, certificate: &Fingerprint, addresses: &[String]) -> Result<Sight, PlaceError> {
        let seen = Seen::of(&self.store);
        let guard = self.guard(&seen, certificate, addresses)?;
        let public = self.store.public()?;
        let ask = |path: &str| self.ask(path, &seen, public.as_ref());
        let doors = self.layout.doors(certificate, addresses, &ask);
        let standing = self.store.standing();
        Ok(Sight { doors, guard, facts: standing.facts, awaits: standing.awaits })
    }

    fn publish(&self, publication: &Publication<'_>) -> Result<Vec<String>, PlaceError> {
        let seen = Seen::of(&self.store);
        let kept = |path: &str| seen.bytes(path);
        let files = self.layout.files(publication, &kept)?.map_err(|why| self.unfit(&why))?;
        let paths = files.iter().map(|file| file.path.clone()).collect();
        let changes = self.changes(files, &seen)?;
        // What was cut off goes on: what is written already is as it is to be.
        let is_same = |path: &str| !changes.iter().any(|change| change.file.path == path);
        if self.is_changed(publication, &seen, is_same)? {
            return Err(PlaceError::Changed { place: self.place.clone() });
        }
        self.holds_no_more(publication, &seen)?;
        let now = self.guard(&seen, &publication.certificate, publication.addresses)?;
        let is_resumed = now != publication.guard;
        self.store.write(&Task { publication, paths, changes, is_resumed })
    }
}
