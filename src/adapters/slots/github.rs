//! A secret of GitHub Actions, which nobody can read but a workflow.
//!
//! Where a variable is declared, each subkey has a secret of its own whose
//! name ends in its fingerprint, and the variable holds the fingerprint of the
//! one that is used. Else its user knows one fixed name, and what is pending
//! stands beside it as `NAME_NEXT`.

mod answer;
mod api;
mod looked;
mod place;
mod proof;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_box::PublicKey;
use crypto_box::aead::OsRng;
use reqwest::Method;
use serde_json::{Map, Value as Json, json};

use self::answer::text;
pub(super) use self::api::Api;
pub use self::api::{GithubAccess, Patience};
use self::looked::Looked;
pub(super) use self::place::GithubPlace;
use self::place::Listed;
use crate::domain::custody::Stage;
use crate::domain::fingerprint::Fingerprint;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::engine::place::PlaceError;
use crate::engine::secret::Secret;
use crate::engine::slot::{
    Abilities, Found, Observation, Promote, Promotion, Put, ReadBack, Seen, Signed, Slot, SlotValue,
};

/// The largest secret, in bytes, as GitHub publishes it.
const LIMIT: usize = 48 * 1024;
/// What the name of a pending secret ends in, beside a fixed name.
const NEXT: &str = "_NEXT";

/// A secret.
pub(super) struct GithubSlot {
    pub(super) api: Api,
    pub(super) place: GithubPlace,
    /// Its name, or what the names of all subkeys' secrets begin with.
    pub(super) name: String,
    /// The variable that holds the fingerprint of the one that is used.
    pub(super) variable: Option<String>,
    /// The file of the workflow that signs.
    pub(super) workflow: Option<String>,
}

impl GithubSlot {
    /// The name of a subkey's own secret.
    fn own(&self, subkey: &Fingerprint) -> String {
        format!("{}_{}", self.name, subkey.hex())
    }

    fn next(&self) -> String {
        format!("{}{NEXT}", self.name)
    }

    /// Whose secret has that name, where the name says so.
    fn subkey(&self, name: &str) -> Option<Fingerprint> {
        let end = name.strip_prefix(&self.name)?.strip_prefix('_')?;
        Fingerprint::from_hex(end).filter(|subkey| subkey.hex() == end)
    }

    async fn look(&self) -> Result<Looked, PlaceError> {
        let recognised = self.place.recognise(&self.api).await?;
        let is_ours = |name: &str| match &self.variable {
            Some(_) => self.subkey(name).is_some(),
            None => name == self.name || name == self.next(),
        };
        let secrets = self.place.secrets(&self.api, is_ours).await?;
        let wanted = self.place.visibility.as_deref();
        if self.place.is_organisation()
            && let Some((name, found)) =
                secrets.iter().find(|(_, one)| one.visibility.as_deref() != wanted)
        {
            return Err(self.api.unfit(match (wanted, &found.visibility) {
                (Some(wanted), Some(found)) => {
                    format!("{name} is seen by {found} repositories, and not by {wanted}")
                }
                _ => "it needs visibility = \"all\", \"private\" or \"selected\"".to_owned(),
            }));
        }
        let variable = match &self.variable {
            Some(name) => self.place.variable(&self.api, name).await?,
            None => None,
        };
        Ok(Looked { recognised, secrets, variable })
    }

    /// The name of the secret that is used.
    fn current<'a>(&self, looked: &'a Looked) -> Option<&'a str> {
        let names = |name: &str| match &looked.variable {
            Some((value, _)) => name == value || name == format!("{}_{value}", self.name),
            None => self.variable.is_none() && name == self.name,
        };
        looked.secrets.keys().map(String::as_str).find(|name| names(name))
    }

    fn observation(&self, looked: &Looked) -> Observation {
        let current = self.current(looked);
        let chosen = looked.variable.as_ref().map(|(_, one)| Timestamp::parse(&one.updated));
        let chosen = chosen.and_then(Result::ok);
        let mut versions: Vec<_> = looked
            .secrets
            .iter()
            .map(|(name, one)| {
                let written = Timestamp::parse(&one.updated).ok();
                let stage = match () {
                    () if current == Some(name) => Stage::Current,
                    // What was there when another one was chosen was left.
                    () if chosen.is_some() && written < chosen => Stage::Left,
                    () => Stage::Pending,
                };
                let version = self.version(name, one);
                Seen { version, stage, subkey: self.subkey(name), written, body: None }
            })
            .collect();
        let left = versions.iter_mut().filter(|seen| seen.stage == Stage::Left);
        if let Some(newest) = left.max_by_key(|seen| seen.written) {
            newest.stage = Stage::Previous;
        }
        let mut facts = vec![looked.recognised.fact.clone()];
        facts.extend(self.api.fact());
        if let (Some((value, _)), None) = (&looked.variable, current) {
            let value = VisibleText::from_text(value);
            facts.push(format!("the variable says '{value}', and there is no such secret"));
        }
        Observation { versions, facts, guard: looked.guard(None), is_frozen: false }
    }

    /// How a secret is called that was written then: a fixed name says nothing
    /// of what it holds.
    fn version(&self, name: &str, written: &Listed) -> String {
        match &self.variable {
            Some(_) => name.to_owned(),
            None => format!("{name}@{}", written.updated),
        }
    }

    fn unknown(&self, version: &str) -> PlaceError {
        self.api.unfit(format!("it has no version '{version}'"))
    }

    /// The key that secrets are sealed to, and what it is called.
    async fn public_key(&self) -> Result<(PublicKey, String), PlaceError> {
        let url = self.place.of(&self.api, &["secrets", "public-key"]);
        let found = self.api.good(self.api.get(url).await?)?.json();
        let key = STANDARD.decode(text(&found, "key")).ok();
        let key = key.and_then(|key| PublicKey::from_slice(&key).ok());
        let key = key.ok_or_else(|| self.api.unreachable("it shows no public key"))?;
        Ok((key, text(&found, "key_id").to_owned()))
    }

    /// Seals the bytes and writes them; tells the version.
    async fn write(&self, looked: &Looked, name: &str, bytes: &[u8]) -> Result<String, PlaceError> {
        if bytes.len() > LIMIT {
            return Err(self.api.unfit(format!("it takes {LIMIT} bytes at the most")));
        }
        let mut body = self.seen_by(looked, name).await?;
        let url = self.place.of(&self.api, &["secrets", name]);
        let (mut key, mut key_id) = self.public_key().await?;
        loop {
            let sealed = key.seal(&mut OsRng, bytes);
            let sealed = sealed.map_err(|_| self.api.unfit("it cannot be sealed"))?;
            body.insert("encrypted_value".to_owned(), json!(STANDARD.encode(sealed)));
            body.insert("key_id".to_owned(), json!(key_id));
            match self.api.ask(Method::PUT, url.clone(), Some(&body)).await {
                Ok(answer) if answer.is_good() => break,
                Ok(answer) if answer.status == 422 => {
                    let newest = self.public_key().await?;
                    if newest.1 == key_id {
                        return Err(self.api.trouble(&answer));
                    }
                    // GitHub has another key since.
                    (key, key_id) = newest;
                }
                Ok(answer) => return Err(self.api.trouble(&answer)),
                Err(error @ PlaceError::InDoubt { .. }) => {
                    return self.written_since(looked, name).await?.ok_or(error);
                }
                Err(error) => return Err(error),
            }
        }
        let written = self.place.secret(&self.api, name).await;
        match written {
            Ok(Some(written)) => Ok(self.version(name, &written)),
            Ok(None) => Err(self.api.doubt("it was written, and is not there")),
            Err(error) => Err(self.api.doubt(&format!("it was written, and then: {error}"))),
        }
    }

    /// After a lost answer: the version, if the secret was written since it
    /// was looked at. That it is not seen yet proves nothing.
    async fn written_since(
        &self,
        looked: &Looked,
        name: &str,
    ) -> Result<Option<String>, PlaceError> {
        let Ok(found) = self.place.secret(&self.api, name).await else { return Ok(None) };
        let is_new = found.as_ref() != looked.secrets.get(name);
        Ok(found.filter(|_| is_new).map(|written| self.version(name, &written)))
    }

    /// What says which repositories see something of an organisation: those
    /// that see what is there already.
    async fn seen_by(&self, looked: &Looked, name: &str) -> Result<Map<String, Json>, PlaceError> {
        let mut body = Map::new();
        let (true, Some(visibility)) = (self.place.is_organisation(), &self.place.visibility)
        else {
            return Ok(body);
        };
        body.insert("visibility".to_owned(), json!(visibility));
        if visibility == "selected" {
            let own = looked.secrets.get_key_value(name).map(|(name, _)| name.as_str());
            let chosen = match own.or_else(|| self.current(looked)) {
                Some(like) => self.place.chosen(&self.api, like).await?,
                None => Vec::new(),
            };
            body.insert("selected_repository_ids".to_owned(), json!(chosen));
        }
        Ok(body)
    }

    async fn put(&self, put: &Put<'_>, bytes: &[u8]) -> Result<String, PlaceError> {
        let looked = self.look().await?;
        let name = match &self.variable {
            Some(_) => self.own(&put.subkey),
            None => self.next(),
        };
        if self.current(&looked) == Some(&name) {
            return Err(self.api.unfit("this subkey is current there already"));
        }
        // What this effect has written before it was cut off is not a change
        // by somebody else.
        let guards = [looked.guard(None), looked.guard(Some(&name))];
        if !guards.iter().any(|guard| guard == put.guard) {
            return Err(self.api.changed());
        }
        self.write(&looked, &name, bytes).await
    }

    /// Lets the variable hold the fingerprint of that subkey.
    async fn choose(
        &self,
        variable: &str,
        promotion: &Promotion<'_>,
    ) -> Result<String, PlaceError> {
        let (looked, version) = (self.look().await?, promotion.version.to_owned());
        if !looked.secrets.contains_key(&version) || version != self.own(&promotion.subkey) {
            return Err(self.unknown(&version));
        }
        if self.current(&looked) == Some(&version) {
            return Ok(version);
        }
        if looked.guard(None) != promotion.guard {
            return Err(self.api.changed());
        }
        let value = promotion.subkey.hex();
        let all = self.place.of(&self.api, &["variables"]);
        let one = self.place.of(&self.api, &["variables", variable]);
        let (method, url, mut body) = if looked.variable.is_some() {
            (Method::PATCH, one, Map::new())
        } else {
            (Method::POST, all, self.seen_by(&looked, &version).await?)
        };
        body.insert("name".to_owned(), json!(variable));
        body.insert("value".to_owned(), json!(value));
        match self.api.ask(method, url, Some(&body)).await {
            Ok(answer) => self.api.good(answer).map(|_| version),
            Err(error @ PlaceError::InDoubt { .. }) => {
                let found = self.place.variable(&self.api, variable).await;
                let is_chosen = matches!(found, Ok(Some((found, _))) if found == value);
                if is_chosen { Ok(version) } else { Err(error) }
            }
            Err(error) => Err(error),
        }
    }

    /// Writes what is pending once more, under the name that its user knows.
    async fn rewrite(&self, promotion: &Promotion<'_>) -> Result<String, PlaceError> {
        let looked = self.look().await?;
        let version_of = |name: &str| looked.secrets.get(name).map(|one| self.version(name, one));
        let (version, next) = (promotion.version, self.next());
        if version_of(&self.name).as_deref() == Some(version) {
            return Ok(version.to_owned());
        }
        if looked.guard(None) != promotion.guard {
            return Err(self.api.changed());
        }
        if version_of(&next).as_deref() != Some(version) {
            return Err(self.unknown(version));
        }
        let value = promotion.value.and_then(SlotValue::single);
        let value = value.ok_or_else(|| self.api.unfit("it takes one value"))?;
        let written = self.write(&looked, &self.name, value).await?;
        self.delete(&next).await.map_err(|error| {
            self.api.doubt(&format!("{} was written, and {next} is left: {error}", self.name))
        })?;
        Ok(written)
    }

    async fn delete(&self, name: &str) -> Result<(), PlaceError> {
        let url = self.place.of(&self.api, &["secrets", name]);
        let answer = self.api.ask(Method::DELETE, url, None).await?;
        if answer.status == 404 { Ok(()) } else { self.api.good(answer).map(|_| ()) }
    }

    async fn take_away(&self, version: &str) -> Result<(), PlaceError> {
        let looked = self.look().await?;
        let name = version.split_once('@').map_or(version, |(name, _)| name);
        let is_ours = match &self.variable {
            Some(_) => self.subkey(name).is_some(),
            None => name == self.name || name == self.next(),
        };
        if !is_ours {
            return Err(self.unknown(version));
        }
        let Some(found) = looked.secrets.get(name) else { return Ok(()) };
        if self.current(&looked) == Some(name) {
            return Err(self.api.unfit("this version is current: its user would have none"));
        }
        if self.version(name, found) != version {
            return Err(self.api.changed());
        }
        self.delete(name).await
    }
}

impl Slot for GithubSlot {
    fn abilities(&self) -> Abilities {
        Abilities {
            observe: true,
            pending: true,
            read_back: ReadBack::Signature,
            promote: match &self.variable {
                Some(_) => Promote::AtOnce,
                None => Promote::Rewrite,
            },
            freeze: false,
            retire: true,
        }
    }

    fn limit(&self) -> usize {
        LIMIT
    }

    fn observe(&self) -> Result<Observation, PlaceError> {
        self.api.wait(async { Ok(self.observation(&self.look().await?)) })
    }

    fn put_pending(&self, put: &Put<'_>) -> Result<String, PlaceError> {
        let bytes = put.value.single().ok_or_else(|| self.api.unfit("it takes one value"))?;
        self.api.wait(self.put(put, bytes))
    }

    fn find(&self, _name: &str) -> Result<Found, PlaceError> {
        // A secret does not say who wrote it, and what it holds is the same
        // when it is written twice.
        Ok(Found::Again)
    }

    fn read_back(&self, _version: &str) -> Result<SlotValue, PlaceError> {
        Err(self.api.unable("show a secret"))
    }

    fn promote(&self, promotion: &Promotion<'_>) -> Result<String, PlaceError> {
        match &self.variable {
            Some(variable) => self.api.wait(self.choose(variable, promotion)),
            None => self.api.wait(self.rewrite(promotion)),
        }
    }

    fn freeze(&self, _is_frozen: bool) -> Result<(), PlaceError> {
        Err(self.api.unable("keep its user from reading a secret"))
    }

    fn retire(&self, version: &str) -> Result<(), PlaceError> {
        self.api.wait(self.take_away(version))
    }

    fn ask_for_signature(&self, nonce: &str, version: &str, _: Option<&Secret>) -> Signed {
        self.api.wait(self.signature(nonce, version))
    }
}
