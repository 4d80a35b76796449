//! What is applied to a cluster: objects whose fields are ours.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use kube::api::{Api, Patch, PatchParams};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::looked::Chosen;
use super::{KubernetesSlot, MANAGER};
use crate::engine::place::PlaceError;
use crate::engine::slot::SlotValue;

/// What the cluster keeps in namespaces.
pub(super) trait Object:
    Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + DeserializeOwned + fmt::Debug
{
}

impl Object for Secret {}
impl Object for ConfigMap {}

/// An object as it is applied.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Applied<'a> {
    pub(super) api_version: &'static str,
    pub(super) kind: &'static str,
    pub(super) metadata: ObjectMeta,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) immutable: Option<bool>,
    pub(super) data: BTreeMap<&'a str, &'a str>,
}

impl fmt::Debug for Applied<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl KubernetesSlot {
    pub(super) fn metadata(&self, name: &str, notes: &[(&str, &str)]) -> ObjectMeta {
        let note = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        let mut labels = self.labels.clone();
        labels.insert("app.kubernetes.io/managed-by".to_owned(), MANAGER.to_owned());
        ObjectMeta {
            name: Some(name.to_owned()),
            namespace: Some(self.namespace.clone()),
            labels: Some(labels),
            annotations: Some(notes.iter().map(note).collect()),
            ..ObjectMeta::default()
        }
    }

    /// Our labels for what its user takes: what others keep there stays theirs,
    /// or an apply that is forced would take it over.
    pub(super) fn labels_beside(
        &self,
        old: Option<&Chosen>,
    ) -> Result<BTreeMap<String, String>, PlaceError> {
        let mut ours = self.metadata(&self.name, &[]).labels.unwrap_or_default();
        for (name, (owner, value)) in old.into_iter().flat_map(|old| &old.labels) {
            if self.labels.get(name).is_some_and(|wanted| wanted != value) {
                return Err(self.cluster.unfit(format!(
                    "{owner} keeps the label '{name}' of {} as '{value}': leave it out of labels in \
                     keyrite.toml, or let {owner} leave it",
                    self.name
                )));
            }
            ours.remove(name);
        }
        Ok(ours)
    }

    /// Applies an object; the answer has no secret in it.
    pub(super) async fn apply<K>(
        &self,
        api: &Api<K>,
        applied: &Applied<'_>,
        is_forced: bool,
    ) -> Result<ObjectMeta, PlaceError>
    where
        K: Object,
    {
        let params =
            PatchParams { force: is_forced, ..PatchParams::apply(MANAGER).validation_strict() };
        let name = applied.metadata.name.as_deref().unwrap_or_default();
        let patched = api.patch_metadata(name, &params, &Patch::Apply(applied)).await;
        let patched = patched.map_err(|error| self.cluster.trouble(error, true))?;
        Ok(patched.metadata)
    }
}

/// As the interface wants it.
pub(super) fn encoded(value: &SlotValue) -> Vec<(String, Zeroizing<String>)> {
    let entry = |(name, bytes): &(String, Zeroizing<Vec<u8>>)| {
        (name.clone(), Zeroizing::new(STANDARD.encode(bytes.as_slice())))
    };
    value.0.iter().map(entry).collect()
}
