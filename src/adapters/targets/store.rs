//! What keeps files that are published, and which files those are.

use crate::adapters::web::LONGEST;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::engine::place::PlaceError;
use crate::engine::target::{Door, Found, Publication};

/// A file as it is there.
#[derive(Clone)]
pub(super) struct Stored {
    pub(super) bytes: Vec<u8>,
    /// Another one as soon as somebody writes it.
    pub(super) tag: String,
}

/// A file that is to be there.
pub(super) struct File {
    pub(super) path: String,
    pub(super) bytes: Vec<u8>,
    /// Its media type.
    pub(super) media: &'static str,
    /// Whether its name says what is in it, so that it never changes.
    pub(super) is_fixed: bool,
}

/// A file that is to be written, and what is there.
pub(super) struct Change {
    pub(super) file: File,
    pub(super) old: Option<Stored>,
}

/// What is to be done.
pub(super) struct Task<'a> {
    pub(super) publication: &'a Publication<'a>,
    /// All files that are to be as they are wanted, written now or not.
    pub(super) paths: Vec<String>,
    /// The files that are not yet as they are wanted, in the order in which
    /// they are written.
    pub(super) changes: Vec<Change>,
    /// Whether an attempt before has written something and was cut off.
    pub(super) is_resumed: bool,
}

/// What there is to know of a store besides its files.
#[derive(Default)]
pub(super) struct Standing {
    pub(super) facts: Vec<String>,
    /// What is waited for, where users do not get yet what is there.
    pub(super) awaits: Option<String>,
}

/// What users get of a path.
pub(super) type Read<'a> = Box<dyn Fn(&str) -> Result<Option<Vec<u8>>, PlaceError> + 'a>;

/// Something that keeps files by their paths.
pub(super) trait Store: Send + Sync {
    /// Whether it notices what somebody writes in between.
    fn is_guarded(&self) -> bool;

    /// The largest file, in bytes, that it takes.
    fn limit(&self) -> usize {
        LONGEST
    }

    /// A file; absent where there is none.
    fn get(&self, path: &str) -> Result<Option<Stored>, PlaceError>;

    /// How its users read, where that is not what `get` tells.
    fn public(&self) -> Result<Option<Read<'_>>, PlaceError> {
        Ok(None)
    }

    /// What there is to know of it.
    fn standing(&self) -> Standing {
        Standing::default()
    }

    /// Writes files over what was there, or where nothing was, and lets users
    /// have them; tells what was done. With no changes it finishes what was
    /// cut off.
    fn write(&self, task: &Task<'_>) -> Result<Vec<String>, PlaceError>;
}

/// What a user gets who asks for a path.
pub(super) struct Asked {
    /// What they ask for: an address, a path.
    pub(super) name: String,
    /// The media type, where one is told.
    pub(super) media: Option<String>,
    /// For how many seconds a cache has had it.
    pub(super) age: Option<u32>,
    /// What they get; nothing where nothing is there.
    pub(super) got: Result<Option<Vec<u8>>, VisibleText>,
}

impl Asked {
    /// A certificate, or several.
    pub(super) fn packets(self, is_collection: bool) -> Door {
        self.made(|bytes| Found::Packets { bytes, is_collection })
    }

    /// What is made of a file that is needed besides.
    pub(super) fn beside(self, look: impl FnOnce(Vec<u8>) -> Found) -> Door {
        Door { has_certificate: false, ..self.made(look) }
    }

    /// What is made of the file.
    pub(super) fn made(self, look: impl FnOnce(Vec<u8>) -> Found) -> Door {
        let found = match self.got {
            Ok(Some(bytes)) => look(bytes),
            Ok(None) => Found::Nothing,
            Err(why) => Found::Unreachable(why),
        };
        Door { age: self.age, ..Door::new(self.name, found) }
    }
}

/// Asks as users do.
pub(super) type Ask<'a> = &'a dyn Fn(&str) -> Asked;
/// What the store has.
pub(super) type Kept<'a> = &'a dyn Fn(&str) -> Result<Option<Vec<u8>>, PlaceError>;
/// The files that are to be there, in the order in which they are written; or
/// why what is there cannot be added to.
pub(super) type Files = Result<Result<Vec<File>, String>, PlaceError>;

/// Which files there are, and what is in them.
pub(super) trait Layout: Send + Sync {
    /// The paths that are written over: whoever changes one of them has
    /// changed the place.
    fn moving(&self, certificate: &Fingerprint, addresses: &[String]) -> Vec<String>;

    /// What users of that certificate get.
    fn doors(&self, certificate: &Fingerprint, addresses: &[String], ask: Ask<'_>) -> Vec<Door>;

    /// The files that are to be there.
    fn files(&self, publication: &Publication<'_>, kept: Kept<'_>) -> Files;

    /// Whether people read it, so that it is a page of the web.
    fn is_page(&self) -> bool {
        false
    }
}
