//! A secret in AWS Secrets Manager. Versions have stages there: `AWSCURRENT`
//! is what its user gets, `AWSPENDING` what nobody gets who does not ask.

mod versions;

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::Builder as Settings;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata as _;
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::types::Tag;
use zeroize::Zeroizing;

use self::versions::{frozen, made_for, observation, stages, token_of};
use super::aws::{Account, Bounded};
use super::screen;
use crate::domain::text::VisibleText;
use crate::domain::timestamp::Timestamp;
use crate::engine::place::PlaceError;
use crate::engine::slot::{
    Abilities, Found, Observation, Promote, Promotion, Put, ReadBack, Slot, SlotValue,
};

const CURRENT: &str = "AWSCURRENT";
const PENDING: &str = "AWSPENDING";
const PREVIOUS: &str = "AWSPREVIOUS";
/// AWS makes the first version of a secret current, whatever is asked: this
/// one stands there so that the first key can be pending.
const NOTHING: &str = "nothing is current here yet";
/// The tag that names the effect which made the secret with that version.
const NOTHING_TAG: &str = "keyrite-nothing";
/// The statement by which nobody reads the secret for a while.
const FREEZE: &str = "KeyriteFreeze";
/// The largest secret, in bytes, as AWS publishes it.
const LIMIT: usize = 65_536;
/// What helps where a secret has too many versions.
const QUOTA: &str = "(AWS keeps 100 versions of a secret, and takes those without a stage away once \
                     they are older than a day: wait for that, and look again)";

/// A secret.
pub(super) struct SecretsManagerSlot {
    account: Account,
    name: String,
    kms_key: Option<String>,
    tags: BTreeMap<String, String>,
}

impl SecretsManagerSlot {
    /// Nothing is asked yet.
    pub(super) fn new(
        account: Account,
        name: String,
        kms_key: Option<String>,
        tags: BTreeMap<String, String>,
    ) -> Self {
        Self { account, name, kms_key, tags }
    }

    fn place(&self) -> String {
        self.account.place.clone()
    }

    /// A client of the account that is declared, and as whom it asks.
    async fn client(&self) -> Result<(Client, SdkConfig, String), PlaceError> {
        let config = self.account.config().await;
        let who = self.account.recognise(&config).await?;
        let settings = Settings::from(&config)
            .interceptor(self.account.retries())
            .interceptor(Bounded)
            .build();
        Ok((Client::from_conf(settings), config, who))
    }

    /// What is known of the secret; absent where there is none.
    async fn describe(&self, client: &Client) -> Result<Option<DescribeSecretOutput>, PlaceError> {
        match client.describe_secret().secret_id(&self.name).send().await {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(self.account.trouble(error, false)),
        }
    }

    async fn look(&self, client: &Client) -> Result<(Observation, Option<String>), PlaceError> {
        let Some(found) = self.describe(client).await? else {
            let guard = "absent".to_owned();
            return Ok((Observation { guard, ..Observation::default() }, None));
        };
        self.fits(&found)?;
        let mut observation = observation(&found);
        match self.policy(client).await? {
            Some(policy) => observation.is_frozen = policy.contains(FREEZE),
            None => observation.facts.push(
                "whether it is frozen could not be read: GetResourcePolicy is refused".to_owned(),
            ),
        }
        Ok((observation, made_for(&found)))
    }

    /// Whether the secret can be used as it is.
    fn fits(&self, found: &DescribeSecretOutput) -> Result<(), PlaceError> {
        let unfit = |why: &str| PlaceError::Unfit { place: self.place(), why: why.to_owned() };
        if let Some(deleted) = found.deleted_date() {
            let day = Timestamp::from_unix(deleted.secs()).date();
            return Err(unfit(&format!(
                "it is to be deleted on {day}: restore it (aws secretsmanager restore-secret)"
            )));
        }
        if found.rotation_enabled() == Some(true) {
            return Err(unfit("AWS rotates it by itself: switch that off (cancel-rotate-secret)"));
        }
        if found.kms_key_id().is_some() && self.kms_key.as_deref() != found.kms_key_id() {
            let found = format!("it is encrypted with {}", found.kms_key_id().unwrap_or_default());
            let found = VisibleText::from_text(&found);
            return Err(PlaceError::OtherPlace { place: self.place(), found });
        }
        Ok(())
    }

    /// Its resource policy; empty where it has none, absent where we may not
    /// read it.
    async fn policy(&self, client: &Client) -> Result<Option<String>, PlaceError> {
        match client.get_resource_policy().secret_id(&self.name).send().await {
            Ok(found) => Ok(Some(found.resource_policy().unwrap_or_default().to_owned())),
            Err(error) => {
                let trouble = self.account.trouble(error, false);
                let is_denied = matches!(trouble, PlaceError::Refused { .. });
                if is_denied { Ok(None) } else { Err(trouble) }
            }
        }
    }

    /// Makes the secret, with something in it that is none.
    async fn create(&self, client: &Client, effect: &str) -> Result<(), PlaceError> {
        let tag = |(key, value): (&str, &str)| Tag::builder().key(key).value(value).build();
        let tags = self.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let tags = tags.chain([(NOTHING_TAG, effect)]).map(tag).collect();
        let made = client
            .create_secret()
            .name(&self.name)
            .client_request_token(token_of(effect))
            .secret_string(NOTHING)
            .set_kms_key_id(self.kms_key.clone())
            .set_tags(Some(tags))
            .send()
            .await;
        made.map(|_| ()).map_err(|error| self.account.trouble(error, true))
    }

    async fn move_stage(
        &self,
        client: &Client,
        stage: &str,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<(), PlaceError> {
        let moved = client
            .update_secret_version_stage()
            .secret_id(&self.name)
            .version_stage(stage)
            .set_remove_from_version_id(from.map(str::to_owned))
            .set_move_to_version_id(to.map(str::to_owned))
            .send()
            .await;
        moved.map(|_| ()).map_err(|error| self.account.trouble(error, true))
    }

    async fn put(&self, put: &Put<'_>, text: &str) -> Result<String, PlaceError> {
        let (client, _, _) = self.client().await?;
        let (seen, made_for) = self.look(&client).await?;
        if seen.version(put.name).is_some() {
            return Ok(put.name.to_owned());
        }
        // A secret that this effect has made before it was cut off is not a
        // change by somebody else.
        let is_ours = made_for.as_deref() == Some(put.name) && seen.versions.is_empty();
        if seen.guard != put.guard && !is_ours {
            return Err(PlaceError::Changed { place: self.place() });
        }
        if seen.guard == "absent" {
            self.create(&client, put.name).await?;
        }
        let written = client
            .put_secret_value()
            .secret_id(&self.name)
            .client_request_token(put.name)
            .secret_string(text)
            .version_stages(PENDING)
            .send()
            .await;
        match written {
            Ok(_) => Ok(put.name.to_owned()),
            Err(error) if error.code() == Some("LimitExceededException") => {
                let said = error.message().unwrap_or_default();
                let why =
                    VisibleText::from_text(&format!("LimitExceededException: {said} {QUOTA}"));
                let refused = PlaceError::Refused { place: self.place(), why };
                Err(screen::without(refused, text.as_bytes()))
            }
            Err(error) => Err(screen::without(self.account.trouble(error, true), text.as_bytes())),
        }
    }

    async fn make_current(&self, promotion: &Promotion<'_>) -> Result<String, PlaceError> {
        let (client, _, _) = self.client().await?;
        let found = self.describe(&client).await?;
        let found = found.ok_or_else(|| self.unknown(promotion.version))?;
        self.fits(&found)?;
        let stages = stages(&found);
        let version = promotion.version.to_owned();
        let of_version = stages.get(&version).ok_or_else(|| self.unknown(&version))?;
        let has = |stages: &[String], stage: &str| stages.iter().any(|one| one == stage);
        if !has(of_version, CURRENT) {
            if self.policy(&client).await?.is_some_and(|policy| policy.contains(FREEZE)) {
                return Err(PlaceError::Changed { place: self.place() });
            }
            if observation(&found).guard != promotion.guard {
                return Err(PlaceError::Changed { place: self.place() });
            }
            let current = stages.iter().find(|(_, stages)| has(stages, CURRENT));
            let current = current.map(|(version, _)| version.as_str());
            self.move_stage(&client, CURRENT, current, Some(&version)).await?;
        }
        if has(of_version, PENDING) {
            self.move_stage(&client, PENDING, Some(&version), None).await?;
        }
        Ok(version)
    }

    async fn take_away(&self, version: &str) -> Result<(), PlaceError> {
        let (client, _, _) = self.client().await?;
        let Some(found) = self.describe(&client).await? else { return Ok(()) };
        let stages = stages(&found);
        let Some(stages) = stages.get(version) else { return Ok(()) };
        if stages.iter().any(|stage| stage == CURRENT) {
            let why = "this version is current: its user would have none".to_owned();
            return Err(PlaceError::Unfit { place: self.place(), why });
        }
        let is_ours = |stage: &&String| [PENDING, PREVIOUS].contains(&stage.as_str());
        if let Some(theirs) = stages.iter().find(|stage| !is_ours(stage)) {
            let theirs = VisibleText::from_text(theirs);
            let why = format!(
                "somebody has put the stage '{theirs}' on this version, and may read it by that: \
                 find out who, and take it off (aws secretsmanager update-secret-version-stage \
                 --version-stage '{theirs}' --remove-from-version-id {version})"
            );
            return Err(PlaceError::Unfit { place: self.place(), why });
        }
        for stage in stages {
            self.move_stage(&client, stage, Some(version), None).await?;
        }
        Ok(())
    }

    async fn set_frozen(&self, is_frozen: bool) -> Result<(), PlaceError> {
        let (client, _, _) = self.client().await?;
        let before = self.policy(&client).await?;
        // What cannot be read would be written over.
        let before = before.ok_or_else(|| PlaceError::Refused {
            place: self.place(),
            why: VisibleText::from_text("its resource policy cannot be read: GetResourcePolicy"),
        })?;
        let policy = frozen(&before, is_frozen).map_err(|why| PlaceError::Unfit {
            place: self.place(),
            why: format!("its resource policy cannot be read: {why}"),
        })?;
        if let Some(policy) = policy {
            let put = client.put_resource_policy().secret_id(&self.name);
            let put = put.resource_policy(policy).send().await;
            put.map(|_| ()).map_err(|error| self.account.trouble(error, true))
        } else {
            let deleted = client.delete_resource_policy().secret_id(&self.name).send().await;
            deleted.map(|_| ()).map_err(|error| self.account.trouble(error, true))
        }
    }

    fn unknown(&self, version: &str) -> PlaceError {
        let version = VisibleText::from_text(version);
        PlaceError::Unfit { place: self.place(), why: format!("it has no version '{version}'") }
    }

    fn text<'a>(&self, value: &'a SlotValue) -> Result<&'a str, PlaceError> {
        let unfit = |why: String| PlaceError::Unfit { place: self.place(), why };
        let text = value.single().and_then(|bytes| std::str::from_utf8(bytes).ok());
        let text = text.ok_or_else(|| unfit("it takes one text".to_owned()))?;
        if text.len() > LIMIT {
            let length = text.len();
            return Err(unfit(format!("it has {length} bytes, and it takes {LIMIT}")));
        }
        Ok(text)
    }
}

impl Slot for SecretsManagerSlot {
    fn abilities(&self) -> Abilities {
        Abilities {
            observe: true,
            pending: true,
            read_back: ReadBack::Bytes,
            promote: Promote::AtOnce,
            freeze: true,
            retire: true,
        }
    }

    fn limit(&self) -> usize {
        LIMIT
    }

    fn observe(&self) -> Result<Observation, PlaceError> {
        self.account.wait(async {
            let (client, config, who) = self.client().await?;
            let (mut seen, _) = self.look(&client).await?;
            seen.facts.push(format!("as {}", VisibleText::from_text(&who)));
            let key = self.kms_key.as_ref().map_or_else(
                || "the key that AWS has for the account".to_owned(),
                |key| VisibleText::from_text(key).into_string(),
            );
            let is_there = seen.guard != "absent";
            let is = if is_there { "encrypted with" } else { "it will be encrypted with" };
            seen.facts.push(format!("{is} {key}"));
            seen.facts.extend(self.account.facts(&config, "SECRETS_MANAGER"));
            Ok(seen)
        })
    }

    fn put_pending(&self, put: &Put<'_>) -> Result<String, PlaceError> {
        let text = self.text(put.value)?;
        self.account.wait(self.put(put, text))
    }

    fn find(&self, name: &str) -> Result<Found, PlaceError> {
        self.account.wait(async {
            let (client, _, _) = self.client().await?;
            let found = self.describe(&client).await?;
            let is_there = found.is_some_and(|found| stages(&found).contains_key(name));
            Ok(if is_there { Found::There(name.to_owned()) } else { Found::Nothing })
        })
    }

    fn read_back(&self, version: &str) -> Result<SlotValue, PlaceError> {
        self.account.wait(async {
            let (client, _, _) = self.client().await?;
            let get = client.get_secret_value().secret_id(&self.name).version_id(version);
            let mut found = get.send().await.map_err(|error| self.account.trouble(error, false))?;
            let text = found.secret_string.take();
            let text = text.ok_or_else(|| self.unknown(version))?;
            Ok(SlotValue::of(Zeroizing::new(text.into_bytes())))
        })
    }

    fn promote(&self, promotion: &Promotion<'_>) -> Result<String, PlaceError> {
        self.account.wait(self.make_current(promotion))
    }

    fn freeze(&self, is_frozen: bool) -> Result<(), PlaceError> {
        self.account.wait(self.set_frozen(is_frozen))
    }

    fn absence(&self) -> &'static str {
        "nothing leads to it any more; who may read the secret and knows this version's id gets it \
         until AWS deletes it"
    }

    fn retire(&self, version: &str) -> Result<(), PlaceError> {
        self.account.wait(self.take_away(version))
    }
}
