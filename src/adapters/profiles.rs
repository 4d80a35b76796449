//! Policy presets, which are part of the program.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::domain::finding::FindingId;
use crate::domain::period::Period;
use crate::domain::policy::{CurveName, Policy};
use crate::domain::schedule::Windows;
use crate::domain::text::VisibleText;

/// The presets by name, in the order in which they are offered.
const PRESETS: [(&str, &str); 8] = [
    ("small-team", include_str!("../../assets/profiles/small-team.toml")),
    ("strict", include_str!("../../assets/profiles/strict.toml")),
    ("slurm-factory", include_str!("../../assets/profiles/slurm-factory.toml")),
    ("eic-containers", include_str!("../../assets/profiles/eic-containers.toml")),
    ("spack-intermediate", include_str!("../../assets/profiles/spack-intermediate.toml")),
    ("spack-reputational", include_str!("../../assets/profiles/spack-reputational.toml")),
    ("openstack-cycle", include_str!("../../assets/profiles/openstack-cycle.toml")),
    ("apx", include_str!("../../assets/profiles/apx.toml")),
];

/// Why a preset cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Nothing is called so.
    #[error("no profile is called '{name}'; there are {}", names().join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// It is not TOML of the right form.
    #[error("the profile '{name}' cannot be read")]
    Toml {
        /// Which one.
        name: String,
        /// Why.
        source: toml::de::Error,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Preset {
    about: String,
    /// Whose rules these are and what was changed: the text of its page.
    #[serde(rename = "story")]
    _story: IgnoredAny,
    algorithms: Algorithms,
    primary: Primary,
    subkeys: Subkeys,
    user_ids: UserIds,
    people: People,
    host: Host,
    windows: WindowDays,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Algorithms {
    rsa_bits: u16,
    curves: Vec<CurveWord>,
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct CurveWord(CurveName);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Primary {
    certifies_only: bool,
    lives: Option<PeriodWord>,
    extensions: Option<usize>,
    max_age: Option<PeriodWord>,
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct PeriodWord(Period);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Subkeys {
    lives: Option<PeriodWord>,
    margin: u32,
    live_signers: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserIds {
    comments: bool,
    certifications: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct People {
    quorum: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Host {
    blocks: Vec<HostWord>,
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct HostWord(FindingId);

/// Days of a window.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "u32")]
struct Days(u32);

/// No window of a rotation is longer than ten years.
const MOST_DAYS: u32 = 3650;

impl TryFrom<u32> for Days {
    type Error = String;

    fn try_from(days: u32) -> Result<Self, Self::Error> {
        if days > MOST_DAYS {
            return Err(format!(
                "{days} days are more than the {MOST_DAYS} that can be planned for"
            ));
        }
        Ok(Self(days))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WindowDays {
    publish_lead: Days,
    reach: Days,
    overlap: Days,
    slack: Days,
    canary: Days,
    ceremony_buffer: Days,
    attest: Days,
}

impl TryFrom<String> for CurveWord {
    type Error = String;

    fn try_from(word: String) -> Result<Self, Self::Error> {
        let known = || CurveName::ALL.map(CurveName::word).join(", ");
        let curve = CurveName::from_word(&word);
        curve.map(Self).ok_or_else(|| format!("no curve is called '{word}'; there are {}", known()))
    }
}

impl TryFrom<String> for HostWord {
    type Error = String;

    fn try_from(word: String) -> Result<Self, Self::Error> {
        let known = || FindingId::HOST.map(FindingId::word).join(", ");
        let id = FindingId::from_word(&word).filter(|id| FindingId::HOST.contains(id));
        id.map(Self)
            .ok_or_else(|| format!("'{word}' is no finding on the machine; there are {}", known()))
    }
}

impl TryFrom<String> for PeriodWord {
    type Error = String;

    fn try_from(word: String) -> Result<Self, Self::Error> {
        Period::parse(&word).map(Self).map_err(|error| error.to_string())
    }
}

/// The names of all presets.
#[must_use]
pub fn names() -> [&'static str; 8] {
    PRESETS.map(|(name, _)| name)
}

/// The policy of a preset.
pub fn load(name: &str) -> Result<Policy, ProfileError> {
    load_with(name, None)
}

/// The policy of a preset in which some values are changed; `changes` has the
/// form of a preset.
pub fn load_with(name: &str, changes: Option<&toml::Table>) -> Result<Policy, ProfileError> {
    let known = PRESETS.into_iter().find(|(known, _)| *known == name);
    let unknown = || ProfileError::Unknown { name: name.to_owned() };
    let (_, text) = known.ok_or_else(unknown)?;
    let unreadable = |source| ProfileError::Toml { name: name.to_owned(), source };
    let mut table: toml::Table = toml::from_str(text).map_err(unreadable)?;
    for (place, value) in changes.into_iter().flatten() {
        change(&mut table, place, value);
    }
    let preset: Preset = table.try_into().map_err(unreadable)?;
    let mut told = Vec::new();
    for (place, value) in changes.into_iter().flatten() {
        tell(&mut told, place, value);
    }
    let w = preset.windows;
    Ok(Policy {
        profile: name.to_owned(),
        about: preset.about,
        changes: told,
        rsa_bits: preset.algorithms.rsa_bits,
        curves: preset.algorithms.curves.into_iter().map(|word| word.0).collect(),
        primary_certifies_only: preset.primary.certifies_only,
        primary_lives: preset.primary.lives.map(|word| word.0),
        extensions: preset.primary.extensions,
        max_age: preset.primary.max_age.map(|word| word.0),
        subkey_lives: preset.subkeys.lives.map(|word| word.0),
        margin: preset.subkeys.margin,
        live_signers: preset.subkeys.live_signers,
        comments: preset.user_ids.comments,
        certifications: preset.user_ids.certifications,
        quorum: preset.people.quorum,
        host_blocks: preset.host.blocks.into_iter().map(|word| word.0).collect(),
        windows: Windows {
            publish_lead: w.publish_lead.0,
            reach: w.reach.0,
            overlap: w.overlap.0,
            slack: w.slack.0,
            canary: w.canary.0,
            ceremony_buffer: w.ceremony_buffer.0,
            attest: w.attest.0,
        },
    })
}

/// The values that a change names, each with its place.
fn tell(told: &mut Vec<String>, place: &str, value: &toml::Value) {
    if let toml::Value::Table(table) = value {
        for (name, value) in table {
            tell(told, &format!("{place}.{name}"), value);
        }
    } else {
        let text = format!("{place} = {value}");
        told.push(VisibleText::from_text(&text).into_string());
    }
}

/// Puts a value into a table; tables are changed value by value.
fn change(table: &mut toml::Table, place: &str, value: &toml::Value) {
    match (table.get_mut(place), value) {
        (Some(toml::Value::Table(old)), toml::Value::Table(new)) => {
            for (place, value) in new {
                change(old, place, value);
            }
        }
        _ => {
            table.insert(place.to_owned(), value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::schedule::{Rule, Term};

    #[test]
    fn every_profile_loads_and_its_rotations_fit() {
        for name in names() {
            let policy = load(name).unwrap();
            assert_eq!(policy.profile, name);
            let term = Term::Calendar(policy.subkey_lives.unwrap());
            let rule = Rule {
                term,
                windows: policy.windows,
                blackouts: Vec::new(),
                margin: policy.margin,
            };
            assert_eq!(rule.check(), Ok(()), "{name}");
        }
    }

    #[test]
    fn every_value_of_a_profile_has_its_source() {
        for (name, text) in PRESETS {
            let [head, _, values] = text.split("\"\"\"").collect::<Vec<_>>()[..] else {
                panic!("{name}: no story between three quotation marks");
            };
            assert!(head.trim_end().ends_with("story ="), "{name}");
            let mut before = "";
            for line in values.lines().filter(|line| !line.is_empty() && !line.starts_with('[')) {
                if !line.starts_with('#') {
                    assert!(
                        before.starts_with('#') && before.contains("Source: "),
                        "{name}: {line}"
                    );
                }
                before = line;
            }
        }
    }

    #[test]
    fn an_unknown_profile_is_answered_with_those_that_there_are() {
        let error = load("slurm").unwrap_err().to_string();
        assert!(error.contains("'slurm'") && error.contains("slurm-factory, eic"), "{error}");
    }
}
