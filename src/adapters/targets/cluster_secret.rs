//! An entry of a Kubernetes Secret that holds certificates, as workers mount
//! it that verify. What else is in the Secret stays.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Client;
use kube::api::{Api, Patch, PatchParams, PostParams};

use super::store::{Change, Store, Stored, Task};
use crate::adapters::slots::Cluster;
use crate::engine::place::PlaceError;

/// How we are called where it is kept who wrote what: another one than for
/// slots, so that what is in the same Secret for a slot stays.
const MANAGER: &str = "keyrite-publication";
/// The largest Secret, in bytes, as Kubernetes publishes it.
const LIMIT: usize = 1024 * 1024;

/// An entry.
pub(super) struct ClusterSecret {
    pub(super) cluster: Cluster,
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) entry: String,
}

impl ClusterSecret {
    fn secrets(&self, client: &Client) -> Api<Secret> {
        Api::namespaced(client.clone(), &self.namespace)
    }

    /// The Secret, and the entry in it.
    async fn found(
        &self,
        secrets: &Api<Secret>,
    ) -> Result<(Option<Secret>, Option<Stored>), PlaceError> {
        let found = self.cluster.again(&self.name, || secrets.get_opt(&self.name)).await?;
        let Some(secret) = found else { return Ok((None, None)) };
        let entry = secret.data.as_ref().and_then(|data| data.get(&self.entry));
        let tag = secret.metadata.resource_version.clone().unwrap_or_default();
        let stored = entry.map(|bytes| Stored { bytes: bytes.0.clone(), tag });
        Ok((Some(secret), stored))
    }

    async fn write_one(&self, secrets: &Api<Secret>, change: &Change) -> Result<(), PlaceError> {
        let (there, now) = self.found(secrets).await?;
        let tag = |stored: Option<&Stored>| stored.map(|stored| stored.tag.clone());
        if tag(now.as_ref()) != tag(change.old.as_ref()) {
            return Err(self.cluster.changed());
        }
        let owners = there.as_ref().and_then(|one| one.metadata.owner_references.as_ref());
        if let Some(owner) = owners.and_then(|owners| owners.first()) {
            let (kind, name) = (&owner.kind, &self.name);
            return Err(self.cluster.unfit(format!(
                "{kind} {} makes {name} and would write over it: declare another name",
                owner.name
            )));
        }
        let mut metadata = ObjectMeta { name: Some(self.name.clone()), ..ObjectMeta::default() };
        metadata.namespace = Some(self.namespace.clone());
        let bytes = ByteString(change.file.bytes.clone());
        let data = Some(BTreeMap::from([(self.entry.clone(), bytes)]));
        let Some(there) = there else {
            let secret = Secret { metadata, data, ..Secret::default() };
            let field_manager = Some(MANAGER.to_owned());
            let params = PostParams { field_manager, ..PostParams::default() };
            let made = secrets.create(&params, &secret).await;
            return made.map(|_| ()).map_err(|error| self.cluster.trouble(error, true));
        };
        // As it was looked at, or nothing is written.
        metadata.resource_version = there.metadata.resource_version;
        let secret = Secret { metadata, data, ..Secret::default() };
        let params = PatchParams { force: true, ..PatchParams::apply(MANAGER).validation_strict() };
        let patched = secrets.patch_metadata(&self.name, &params, &Patch::Apply(&secret)).await;
        patched.map(|_| ()).map_err(|error| self.cluster.trouble(error, true))
    }
}

impl Store for ClusterSecret {
    fn is_guarded(&self) -> bool {
        true
    }

    fn limit(&self) -> usize {
        LIMIT
    }

    fn get(&self, _: &str) -> Result<Option<Stored>, PlaceError> {
        self.cluster.hear(async {
            let (client, _) = self.cluster.client().await?;
            Ok(self.found(&self.secrets(&client)).await?.1)
        })
    }

    fn write(&self, task: &Task<'_>) -> Result<Vec<String>, PlaceError> {
        self.cluster.wait(async {
            let (client, _) = self.cluster.client().await?;
            for change in &task.changes {
                self.write_one(&self.secrets(&client), change).await?;
            }
            let name = format!("{}/{} ({})", self.namespace, self.name, self.entry);
            Ok(task.changes.iter().map(|_| name.clone()).collect())
        })
    }
}
