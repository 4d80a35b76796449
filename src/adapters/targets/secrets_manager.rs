//! A secret in AWS Secrets Manager that holds certificates: workers that
//! verify read it as they read everything else.

use std::sync::OnceLock;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::Builder;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata as _;

use super::store::{Change, Store, Stored, Task};
use crate::adapters::slots::Account;
use crate::engine::chain::Digest;
use crate::engine::place::PlaceError;

/// The stage of what its users get.
const CURRENT: &str = "AWSCURRENT";
/// The stage of what is not yet current.
const WAITING: &str = "KEYRITE-PUBLICATION";
/// The largest secret, in bytes, as AWS publishes it.
const LIMIT: usize = 65_536;

/// A secret.
pub(super) struct ManagedSecret {
    account: Account,
    name: String,
    kms_key: Option<String>,
    client: OnceLock<Client>,
}

impl ManagedSecret {
    /// Nothing is asked yet.
    pub(super) fn new(account: Account, name: String, kms_key: Option<String>) -> Self {
        Self { account, name, kms_key, client: OnceLock::new() }
    }

    async fn client(&self) -> Result<&Client, PlaceError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let config = self.account.config().await;
        self.account.recognise(&config).await?;
        let settings = Builder::from(&config).interceptor(self.account.retries()).build();
        Ok(self.client.get_or_init(|| Client::from_conf(settings)))
    }

    async fn current(&self) -> Result<Option<Stored>, PlaceError> {
        let get = self.client().await?.get_secret_value().secret_id(&self.name);
        let found = match get.version_stage(CURRENT).send().await {
            Ok(found) => found,
            Err(error) if error.code() == Some("ResourceNotFoundException") => return Ok(None),
            Err(error) => return Err(self.account.trouble(error, false)),
        };
        let binary = found.secret_binary().map(|blob| blob.as_ref().to_vec());
        let text = found.secret_string().map(|text| text.as_bytes().to_vec());
        let tag = found.version_id().unwrap_or_default().to_owned();
        Ok(Some(Stored { bytes: text.or(binary).unwrap_or_default(), tag }))
    }

    /// Writes a version that nobody gets yet, and makes it current in place of
    /// the one that was looked at.
    async fn write_one(&self, change: &Change) -> Result<(), PlaceError> {
        let client = self.client().await?;
        let bytes = &change.file.bytes;
        let text = String::from_utf8_lossy(bytes).into_owned();
        // The same once more is the same version.
        let token = Digest::of(&[self.name.as_bytes(), b"\n", bytes].concat()).hex();
        let Some(old) = &change.old else {
            let made = client.create_secret().name(&self.name).client_request_token(&token);
            let made = made.set_kms_key_id(self.kms_key.clone()).secret_string(text).send().await;
            return made.map(|_| ()).map_err(|error| self.account.trouble(error, true));
        };
        let put = client.put_secret_value().secret_id(&self.name).client_request_token(&token);
        let put = put.version_stages(WAITING).secret_string(text).send().await;
        put.map_err(|error| self.account.trouble(error, true))?;
        let moved = client.update_secret_version_stage().secret_id(&self.name);
        let moved = moved.version_stage(CURRENT).remove_from_version_id(&old.tag);
        let Err(error) = moved.move_to_version_id(&token).send().await else { return Ok(()) };
        let error = self.account.trouble(error, true);
        match self.current().await? {
            Some(now) if now.bytes == *bytes => Ok(()),
            Some(now) if now.tag == old.tag => Err(error),
            Some(_) | None => Err(PlaceError::Changed { place: self.account.place.clone() }),
        }
    }

    async fn write_all(&self, task: &Task<'_>) -> Result<Vec<String>, PlaceError> {
        for change in &task.changes {
            self.write_one(change).await?;
        }
        Ok(task.changes.iter().map(|_| self.name.clone()).collect())
    }
}

impl Store for ManagedSecret {
    fn is_guarded(&self) -> bool {
        true
    }

    fn limit(&self) -> usize {
        LIMIT
    }

    fn get(&self, _: &str) -> Result<Option<Stored>, PlaceError> {
        self.account.wait(self.current())
    }

    fn write(&self, task: &Task<'_>) -> Result<Vec<String>, PlaceError> {
        self.account.wait(self.write_all(task))
    }
}
