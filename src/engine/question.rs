//! What is asked of people, what can be answered, and whether an answer holds
//! against the rules.

mod choices;
mod lives;
mod slots;

use std::collections::BTreeMap;

use self::choices::{choices, known_medium};
use self::lives::{end, primary_life, putting_off, subkey_life};
use self::slots::{all_of, offered};
use super::definition::{Field, FieldKind, Kind, Step};
use super::effect::{Value, Values};
use super::event::Place;
use super::run::Run;
use crate::domain::assessment::Assessment;
use crate::domain::custody::Register;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::period::Period;
use crate::domain::plan::Team;
use crate::domain::policy::Policy;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;

/// What a run is held against: the rules, the people, the keys, the time.
#[derive(Clone, Debug)]
pub struct World {
    /// Now.
    pub now: Timestamp,
    /// What is declared, and the rules.
    pub team: Team,
    /// The certificates of the workspace.
    pub certificates: Vec<Assessment>,
    /// What lies where, by the record.
    pub register: Register,
    /// Since when every target that a rotation waits for is known to serve a
    /// subkey.
    pub published: BTreeMap<Fingerprint, Timestamp>,
}

impl World {
    /// The rules for the certificate that is named by a fact, or else those of
    /// the workspace.
    #[must_use]
    pub fn policy(&self, certificate: Option<&Fingerprint>) -> &Policy {
        certificate.map_or(&self.team.policy, |one| self.team.policy_of(one))
    }

    /// Whether the rules want two people.
    #[must_use]
    pub fn wants_two(&self) -> bool {
        self.team.policy.quorum >= 2
    }

    fn certificate(&self, hex: &str) -> Option<&Assessment> {
        self.certificates.iter().find(|one| one.certificate.fingerprint().hex() == hex)
    }
}

/// One thing that is asked, with what is offered.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What.
    pub field: &'static Field,
    /// What can be chosen, and how it is called.
    pub choices: Vec<Choice>,
    /// What is offered; empty where nothing is.
    pub offer: String,
}

/// Something that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is answered.
    pub value: String,
    /// How it is called.
    pub label: String,
}

/// An answer that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Of which field.
    pub field: &'static str,
    /// Why not, and what would.
    pub message: String,
}

/// What is asked at a place.
#[must_use]
pub fn ask(run: &Run, at: &Place, world: &World) -> Vec<Asked> {
    let fields = run.step(at).map(Step::fields).unwrap_or_default();
    let is_statement = run.step(at).is_some_and(|step| matches!(step.kind, Kind::Attest(_)));
    fields
        .iter()
        .map(|field| {
            let choices = choices(field, run, at, world);
            let first = choices.first().map(|choice| choice.value.clone()).unwrap_or_default();
            let before = run.answered_before(at, field.id).map(|value| typed(field.kind, value));
            let known = run.fact(&format!("given.{}", field.id), None).map(Value::text);
            let offer = before.or(known).unwrap_or_else(|| match field.kind {
                // Nobody states something by pressing Enter.
                FieldKind::Word(_) if is_statement => String::new(),
                FieldKind::Word(_) | FieldKind::Algorithm | FieldKind::Certificate => first,
                FieldKind::Person(_) | FieldKind::People(_) | FieldKind::Subkey(_)
                    if choices.len() == 1 =>
                {
                    first
                }
                FieldKind::Slots(_) | FieldKind::Targets { .. } => {
                    choices.iter().map(|one| one.value.as_str()).collect::<Vec<_>>().join(", ")
                }
                FieldKind::Signer | FieldKind::Placed(_) if choices.len() == 1 => first,
                FieldKind::Second(_) if world.wants_two() && choices.len() == 1 => first,
                FieldKind::AnySlots(what) => offered(what, run, at, world).join(", "),
                FieldKind::PublishedSince(of) => {
                    let subkey = run.fact(of, at.item()).map(Value::text);
                    let subkey = subkey.and_then(|hex| Fingerprint::from_hex(&hex));
                    let since = subkey.and_then(|subkey| world.published.get(&subkey));
                    since.map(|since| since.date()).unwrap_or_default()
                }
                FieldKind::PrimaryLife => primary_life(world).1,
                FieldKind::SubkeyLife(of) => subkey_life(run, at, of, world).1.date(),
                FieldKind::DayWithin(months) => world.now.after(Period::Months(months)).date(),
                FieldKind::PrimaryEnd(_) | FieldKind::SubkeyEnd { .. } => {
                    let found = putting_off(field.kind, run, at, world).ok();
                    found.and_then(|found| found.latest).map(Timestamp::date).unwrap_or_default()
                }
                FieldKind::Text { .. }
                | FieldKind::OtherPlace(_)
                | FieldKind::UserIds
                | FieldKind::Person(_)
                | FieldKind::Second(_)
                | FieldKind::SecondUnless { .. }
                | FieldKind::People(_)
                | FieldKind::Recipients
                | FieldKind::Subkey(_)
                | FieldKind::KnownMedium(_)
                | FieldKind::Subkeys { .. }
                | FieldKind::Consumer
                | FieldKind::Signer
                | FieldKind::Placed(_)
                | FieldKind::Medium
                | FieldKind::File
                | FieldKind::Paths
                | FieldKind::Fingerprint
                | FieldKind::Day => String::new(),
            });
            Asked { field, choices, offer }
        })
        .collect()
}

/// An answer as it is typed.
fn typed(kind: FieldKind, value: &Value) -> String {
    match (kind, value) {
        (FieldKind::UserIds | FieldKind::Paths, Value::List(items)) => items.join("; "),
        (_, Value::Number(seconds)) => Timestamp::from_unix(*seconds).date(),
        (_, value) => value.text(),
    }
}

/// Holds answers against the rules.
pub fn take(run: &Run, at: &Place, answers: &Values, world: &World) -> Result<Values, Vec<Wrong>> {
    let fields = run.step(at).map(Step::fields).unwrap_or_default();
    let mut values = Values::new();
    let mut wrong = Vec::new();
    for field in fields {
        match hold(run, at, field, answers, world) {
            Ok(value) => {
                values.insert(field.id.to_owned(), value);
            }
            Err(one) => wrong.push(one),
        }
    }
    if wrong.is_empty() { Ok(values) } else { Err(wrong) }
}

/// Holds one of the answers against the rules.
pub fn hold(
    run: &Run,
    at: &Place,
    field: &Field,
    answers: &Values,
    world: &World,
) -> Result<Value, Wrong> {
    let said =
        |name: &str| answers.get(name).map(Value::text).unwrap_or_default().trim().to_owned();
    let wrong = |message: String| Wrong { field: field.id, message };
    let value = value(field, &said(field.id), run, at, world).map_err(wrong)?;
    if let FieldKind::OtherPlace(other) = field.kind
        && said(other).eq_ignore_ascii_case(&said(field.id))
    {
        return Err(wrong("the other one is kept there: another place is wanted".to_owned()));
    }
    Ok(value)
}

fn value(field: &Field, said: &str, run: &Run, at: &Place, world: &World) -> Result<Value, String> {
    if said.chars().any(char::is_control) {
        return Err("it has characters that cannot be seen".to_owned());
    }
    let choices = choices(field, run, at, world);
    let chosen = || one_of(said, &choices);
    match field.kind {
        FieldKind::Text { required: true } | FieldKind::OtherPlace(_) if said.is_empty() => {
            Err("say something: it is on record".to_owned())
        }
        FieldKind::Text { .. } | FieldKind::OtherPlace(_) => Ok(said.into()),
        FieldKind::Second(_) if said.is_empty() && !world.wants_two() => Ok("".into()),
        FieldKind::SecondUnless { fact, value, .. }
            if said.is_empty() && (!world.wants_two() || is_fact(run, at, fact, value)) =>
        {
            Ok("".into())
        }
        FieldKind::Second(_) | FieldKind::SecondUnless { .. } if said.is_empty() => {
            Err(format!("the rules ({}) want two people: CER-001", world.team.policy.words()))
        }
        FieldKind::Second(_) | FieldKind::SecondUnless { .. } if said == run.operator => {
            Err("the witness is somebody else than who drives".to_owned())
        }
        FieldKind::Word(_)
        | FieldKind::Algorithm
        | FieldKind::Person(_)
        | FieldKind::Second(_)
        | FieldKind::SecondUnless { .. }
        | FieldKind::Certificate
        | FieldKind::Signer
        | FieldKind::Placed(_)
        | FieldKind::Subkey(_) => chosen(),
        FieldKind::KnownMedium(_) => known_medium(said, &choices).map_or_else(chosen, Ok),
        FieldKind::Recipients | FieldKind::Subkeys { .. } if said.is_empty() => {
            Ok(Value::List(Vec::new()))
        }
        FieldKind::People(_)
        | FieldKind::Recipients
        | FieldKind::Slots(_)
        | FieldKind::Subkeys { .. } => several(said, &choices),
        FieldKind::AnySlots(_) => several(&all_of(said, world), &choices),
        FieldKind::Targets { all, .. } => {
            let named = several(said, &choices)?;
            let is_partial = named.items().len() < choices.len();
            if is_partial && is_fact(run, at, all, "yes") {
                let why = "a revocation goes to all targets: name every one of them, or take those \
                           that are given up out of keyrite.toml";
                return Err(why.to_owned());
            }
            Ok(named)
        }
        FieldKind::PrimaryLife => {
            let (longest, _) = primary_life(world);
            end(said, world.now, longest, "the rules let a primary key live")
        }
        FieldKind::SubkeyLife(of) => {
            let (_, longest) = subkey_life(run, at, of, world);
            if longest <= world.now {
                return Err("its primary key ends too soon for any subkey: extend it first".into());
            }
            end(said, world.now, Some(longest), "the rules and its primary key let a subkey live")
        }
        FieldKind::PrimaryEnd(_) | FieldKind::SubkeyEnd { .. } => {
            let found = putting_off(field.kind, run, at, world)?;
            let value = end(said, world.now, None, "")?;
            let Value::Number(wanted) = value else { return Ok(value) };
            found.check(Timestamp::from_unix(wanted)).map_err(|error| error.to_string())?;
            Ok(value)
        }
        FieldKind::UserIds => user_ids(said, world.team.policy.comments),
        FieldKind::Consumer => consumer(said),
        FieldKind::Medium | FieldKind::File => path(said),
        FieldKind::Paths => paths(said),
        FieldKind::Fingerprint => fingerprint(said),
        FieldKind::Day => end(said, world.now, None, ""),
        FieldKind::PublishedSince(_) => past_day(said, world.now),
        FieldKind::DayWithin(months) => {
            let longest = world.now.after(Period::Months(months));
            end(said, world.now, Some(longest), "it has to be")
        }
    }
}

fn is_fact(run: &Run, at: &Place, fact: &str, value: &str) -> bool {
    run.fact(fact, at.item()).is_some_and(|known| known.text() == value)
}

/// A day on which something has happened; empty where it has not.
fn past_day(said: &str, now: Timestamp) -> Result<Value, String> {
    if said.eq_ignore_ascii_case("no") {
        return Ok("".into());
    }
    let day = Timestamp::parse(said).map_err(|_| {
        format!("'{}' is no day (2026-01-31), nor no", VisibleText::from_text(said))
    })?;
    if day > now {
        return Err(format!("{} is still to come", day.date()));
    }
    Ok(Value::Number(day.unix()))
}

fn one_of(said: &str, choices: &[Choice]) -> Result<Value, String> {
    let squeezed: String = said.chars().filter(|c| !c.is_whitespace()).collect();
    let is_meant = |choice: &&Choice| {
        choice.value.eq_ignore_ascii_case(said) || choice.value.eq_ignore_ascii_case(&squeezed)
    };
    choices.iter().find(is_meant).map(|choice| choice.value.as_str().into()).ok_or_else(|| {
        let there: Vec<_> = choices.iter().take(12).map(|choice| choice.value.as_str()).collect();
        match there.as_slice() {
            [] => "there is nothing to choose from yet: declare it in keyrite.toml".to_owned(),
            there if said.is_empty() => format!("choose one of {}", there.join(", ")),
            there => {
                format!("'{}' is not among {}", VisibleText::from_text(said), there.join(", "))
            }
        }
    })
}

fn several(said: &str, choices: &[Choice]) -> Result<Value, String> {
    let mut items = Vec::new();
    for word in said.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let item = one_of(word, choices)?.text();
        if items.contains(&item) {
            return Err(format!("'{item}' is named twice"));
        }
        items.push(item);
    }
    if items.is_empty() {
        let there: Vec<_> = choices.iter().map(|choice| choice.value.as_str()).collect();
        return Err(match there.as_slice() {
            [] => "there is nothing to choose from in keyrite.toml".to_owned(),
            there => format!("name at least one of {}", there.join(", ")),
        });
    }
    Ok(Value::List(items))
}

/// What may follow a name in angle brackets or stand alone.
fn user_ids(said: &str, comments: bool) -> Result<Value, String> {
    let ids: Vec<_> = said.split(';').map(str::trim).filter(|id| !id.is_empty()).collect();
    if ids.is_empty() {
        return Err("a key needs a user ID, such as: Example Releases <release@example.org>".into());
    }
    for (index, id) in ids.iter().enumerate() {
        if VisibleText::from_text(id).as_str() != *id {
            return Err("a user ID has characters that cannot be seen".to_owned());
        }
        if id.len() > 200 {
            return Err("a user ID is longer than 200 bytes".to_owned());
        }
        if !comments && id.contains('(') {
            return Err("a user ID has a comment in parentheses: UID-001".to_owned());
        }
        if ids.iter().take(index).any(|other| other == id) {
            return Err("a user ID is there twice".to_owned());
        }
    }
    Ok(Value::List(ids.into_iter().map(str::to_owned).collect()))
}

fn consumer(said: &str) -> Result<Value, String> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if said.is_empty() || said.len() > 60 || !said.chars().all(is_plain) {
        return Err("a name of small letters, digits and hyphens, such as: ci-linux".to_owned());
    }
    Ok(said.into())
}

fn path(said: &str) -> Result<Value, String> {
    let path = said.trim_end_matches('/');
    if !path.starts_with('/') {
        return Err("the whole path, from the root folder: /media/anna/ROOT-A".to_owned());
    }
    Ok(path.into())
}

fn paths(said: &str) -> Result<Value, String> {
    let paths = said.split(';').map(str::trim).filter(|one| !one.is_empty());
    let paths: Result<Vec<_>, _> = paths.map(|one| path(one).map(|path| path.text())).collect();
    Ok(Value::List(paths?))
}

fn fingerprint(said: &str) -> Result<Value, String> {
    let hex: String = said.chars().filter(|c| !c.is_whitespace()).collect();
    let found = Fingerprint::from_hex(&hex.to_uppercase());
    found.map(|one| one.hex().into()).ok_or_else(|| {
        "the whole fingerprint, 40 digits of hexadecimal, as gpg --fingerprint shows it; no key ID"
            .to_owned()
    })
}
