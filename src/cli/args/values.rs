//! Values of the command line, as what they are.

use crate::app::look::{GlyphSet, ThemeName};
use crate::domain::claim::read_claim;
use crate::domain::comparison::Channel;
use crate::domain::finding::FindingId;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::worded::Worded as _;
use crate::domain::workspace::Environment;

pub(super) fn channel(word: &str) -> Result<Channel, String> {
    choice(Channel::from_word(word), Channel::ALL.map(Channel::word).as_slice())
}

pub(super) fn environment(word: &str) -> Result<Environment, String> {
    choice(Environment::from_word(word), &Environment::words())
}

pub(super) fn finding(word: &str) -> Result<FindingId, String> {
    FindingId::from_word(word).ok_or_else(|| "keyrite lint names the ids of findings".to_owned())
}

pub(super) fn fingerprint(word: &str) -> Result<Fingerprint, String> {
    read_claim(word).map(|claim| claim.fingerprint).map_err(|error| error.to_string())
}

pub(super) fn theme(word: &str) -> Result<ThemeName, String> {
    choice(ThemeName::from_word(word), ThemeName::ALL.map(ThemeName::word).as_slice())
}

pub(super) fn glyphs(word: &str) -> Result<GlyphSet, String> {
    choice(GlyphSet::from_word(word), GlyphSet::ALL.map(GlyphSet::word).as_slice())
}

fn choice<T>(found: Option<T>, words: &[&str]) -> Result<T, String> {
    found.ok_or_else(|| format!("choose one of {}", words.join(", ")))
}
