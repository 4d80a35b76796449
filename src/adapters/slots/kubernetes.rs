//! A Secret of a Kubernetes cluster.
//!
//! Each subkey has a Secret of its own that cannot be changed, `NAME-` and its
//! fingerprint. Its user takes the Secret `NAME`, which becomes what one of
//! them is; or, where the slot is declared `immutable`, the one that the
//! `ConfigMap` `NAME` names.

mod applied;
mod cluster;
mod looked;
mod sign_in;

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Client;
use kube::api::{Api, DeleteParams, ListParams, PostParams, Preconditions};
use serde::Serialize;
use zeroize::Zeroizing;

use self::applied::{Applied, Object, encoded};
pub use self::cluster::ClusterAccess;
pub(in crate::adapters) use self::cluster::{Cluster, Pins};
use self::looked::{BEFORE, Chosen, EFFECT, Looked, SUBKEY, VERSION, Version, made, version_name};
use crate::engine::place::PlaceError;
use crate::engine::slot::{
    Abilities, Found, Observation, Promote, Promotion, Put, ReadBack, Slot, SlotValue,
};

/// The largest Secret, in bytes, as Kubernetes publishes it.
const LIMIT: usize = 1024 * 1024;
/// How we are called where it is kept who wrote what.
const MANAGER: &str = "keyrite";
/// How many objects are listed at a time.
const PAGE: u32 = 500;
/// How many such lists there are at the most.
const PAGES: u64 = 20;

/// A Secret.
#[derive(Debug)]
pub(super) struct KubernetesSlot {
    pub(super) cluster: Cluster,
    pub(super) namespace: String,
    pub(super) name: String,
    /// The names of its entries.
    pub(super) entries: Vec<String>,
    pub(super) labels: BTreeMap<String, String>,
    /// Whether its user is told which Secret to take.
    pub(super) is_pointer: bool,
}

impl KubernetesSlot {
    fn secrets(&self, client: &Client) -> Api<Secret> {
        Api::namespaced(client.clone(), &self.namespace)
    }

    fn maps(&self, client: &Client) -> Api<ConfigMap> {
        Api::namespaced(client.clone(), &self.namespace)
    }

    /// The versions, and the Secret with the name of the slot. No secret is
    /// fetched: the cluster gives the metadata alone.
    async fn listed(
        &self,
        client: &Client,
    ) -> Result<(Vec<Version>, Option<ObjectMeta>), PlaceError> {
        let secrets = self.secrets(client);
        let (mut versions, mut own, mut page) =
            (Vec::new(), None, ListParams::default().limit(PAGE));
        for _ in 0..PAGES {
            let listed = self.cluster.again("its Secrets", || secrets.list_metadata(&page)).await?;
            for one in listed.items {
                versions.extend(Version::read(&self.name, &one.metadata));
                if one.metadata.name.as_ref() == Some(&self.name) {
                    own = Some(one.metadata);
                }
            }
            match listed.metadata.continue_ {
                Some(next) if !next.is_empty() => page = page.continue_token(&next),
                Some(_) | None => return Ok((versions, own)),
            }
        }
        let many = u64::from(PAGE) * PAGES;
        Err(self.cluster.unfit(format!(
            "its namespace has more than {many} Secrets: give signing keys one of their own"
        )))
    }

    /// A client, and what is seen.
    async fn look(&self) -> Result<(Client, Looked), PlaceError> {
        let (client, facts) = self.cluster.client().await?;
        let (versions, own) = self.listed(&client).await?;
        if !self.is_pointer {
            let made = own.as_ref().and_then(made);
            let own = own.filter(|_| made.is_none());
            let chosen = own.map(|meta| Chosen::secret(&meta, &self.entries));
            return Ok((client, Looked { facts, made, versions, chosen }));
        }
        let maps = self.maps(&client);
        let found = self.cluster.again("its ConfigMap", || maps.get_opt(&self.name)).await?;
        let made = found.as_ref().and_then(|map| made(&map.metadata));
        let found = found.filter(|_| made.is_none());
        let chosen = found.map(|map| Chosen::pointer(&map.metadata, map.data.as_ref(), &versions));
        Ok((client, Looked { facts, made, versions, chosen }))
    }

    async fn put(&self, put: &Put<'_>) -> Result<String, PlaceError> {
        let (client, looked) = self.look().await?;
        if let Some(found) = looked.of(&put.subkey) {
            // What this effect has written before it was cut off.
            if found.effect == put.name {
                return Ok(found.uid.clone());
            }
            let name = &found.name;
            return Err(self.cluster.unfit(format!(
                "{name} is there already: take it away with custody-retire before"
            )));
        }
        if looked.guard(None) != put.guard {
            return Err(self.cluster.changed());
        }
        let name = version_name(&self.name, &put.subkey);
        let subkey = put.subkey.hex();
        let encoded = encoded(put.value);
        let applied = Applied {
            api_version: "v1",
            kind: "Secret",
            metadata: self.metadata(&name, &[(EFFECT, put.name), (SUBKEY, &subkey)]),
            immutable: Some(true),
            data: encoded.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect(),
        };
        match self.apply(&self.secrets(&client), &applied, false).await {
            Ok(made) => Ok(made.uid.unwrap_or_default()),
            Err(error @ PlaceError::InDoubt { .. }) => {
                let found = self.find_effect(put.name).await;
                found.ok().flatten().map(|one| one.uid).ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Makes the object with the name of the slot, with nothing in it yet:
    /// only what is not there can be made, whoever else is at it.
    async fn make<K>(&self, api: &Api<K>) -> Result<String, PlaceError>
    where
        K: Object + Default + Serialize,
    {
        let mut empty = K::default();
        *empty.meta_mut() = self.metadata(&self.name, &[]);
        let params = PostParams { field_manager: Some(MANAGER.to_owned()), ..Default::default() };
        let made = api.create(&params, &empty).await;
        let made = made.map_err(|error| self.cluster.trouble(error, true))?;
        Ok(made.meta().resource_version.clone().unwrap_or_default())
    }

    async fn find_effect(&self, name: &str) -> Result<Option<Version>, PlaceError> {
        let (_, looked) = self.look().await?;
        Ok(looked.versions.into_iter().find(|one| one.effect == name))
    }

    fn unknown(&self, version: &str) -> PlaceError {
        self.cluster.unfit(format!("it has no version '{version}'"))
    }

    async fn make_current(&self, promotion: &Promotion<'_>) -> Result<String, PlaceError> {
        let (client, looked) = self.look().await?;
        let version = looked.by_uid(promotion.version);
        let version = version.filter(|one| one.subkey == promotion.subkey);
        let version = version.ok_or_else(|| self.unknown(promotion.version))?;
        if looked.current().as_ref() == Some(&version.uid) {
            return Ok(version.uid.clone());
        }
        if looked.guard(None) != promotion.guard {
            return Err(self.cluster.changed());
        }
        if let Some(owner) = looked.chosen.as_ref().and_then(|chosen| chosen.owner.as_ref()) {
            return Err(self.cluster.unfit(format!(
                "{owner} makes {} and would write over it: declare another name, and let its user \
                 take that",
                self.name
            )));
        }
        if let Some(entry) = looked.chosen.iter().flat_map(|chosen| &chosen.undeclared).next() {
            return Err(self.cluster.unfit(format!(
                "{} has the entry '{entry}', which is not declared any more: its user would lose \
                 it. Declare it again, or take it away by hand once nobody reads it",
                self.name
            )));
        }
        let chosen = match self.choose(&client, &looked, version, promotion).await {
            Err(error @ PlaceError::InDoubt { .. }) => {
                let (_, now) = self.look().await.map_err(|_| error.clone())?;
                if now.current().as_ref() == Some(&version.uid) { Ok(()) } else { Err(error) }
            }
            chosen => chosen,
        };
        chosen.map(|()| version.uid.clone())
    }

    /// Lets its user find that version.
    async fn choose(
        &self,
        client: &Client,
        looked: &Looked,
        version: &Version,
        promotion: &Promotion<'_>,
    ) -> Result<(), PlaceError> {
        let subkey = version.subkey.hex();
        let old = looked.chosen.as_ref();
        let last = old.filter(|old| old.is_ours()).map(Chosen::version);
        let before = old.into_iter().flat_map(|old| old.before.clone());
        // Of versions that are gone nothing is to be said any more.
        let before = last.into_iter().chain(before.filter(|one| looked.by_uid(one).is_some()));
        let mut seen = vec![version.uid.clone()];
        for one in before {
            if !seen.contains(&one) {
                seen.push(one);
            }
        }
        let before = seen.split_off(1).join(" ");
        let notes = [(VERSION, version.uid.as_str()), (SUBKEY, &subkey), (BEFORE, &before)];
        // As it was looked at, or nothing is written.
        let changes = match old.map(|old| &old.changes).or(looked.made.as_ref()) {
            Some(changes) => changes.clone(),
            None if self.is_pointer => self.make(&self.maps(client)).await?,
            None => self.make(&self.secrets(client)).await?,
        };
        let resource_version = Some(changes);
        let labels = self.labels_beside(old)?;
        let metadata = ObjectMeta {
            resource_version,
            labels: Some(labels),
            ..self.metadata(&self.name, &notes)
        };
        if self.is_pointer {
            let data = [("secret", version.name.as_str()), ("subkey", &subkey)].into();
            let (api_version, kind) = ("v1", "ConfigMap");
            let applied = Applied { api_version, kind, metadata, immutable: None, data };
            self.apply(&self.maps(client), &applied, true).await?;
            return Ok(());
        }
        let value = promotion.value.ok_or_else(|| self.cluster.unfit("it takes a value"))?;
        let encoded = encoded(value);
        let data = encoded.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let (api_version, kind) = ("v1", "Secret");
        let applied = Applied { api_version, kind, metadata, immutable: None, data };
        self.apply(&self.secrets(client), &applied, true).await?;
        Ok(())
    }

    async fn read(&self, version: &str) -> Result<SlotValue, PlaceError> {
        let (client, looked) = self.look().await?;
        let name = match looked.by_uid(version) {
            Some(found) => &found.name,
            None if !self.is_pointer && looked.current().as_deref() == Some(version) => &self.name,
            None => return Err(self.unknown(version)),
        };
        self.read_secret(&client, name).await
    }

    /// What the user of a fixed name gets.
    async fn read_delivered(&self) -> Result<Option<SlotValue>, PlaceError> {
        if self.is_pointer {
            return Ok(None);
        }
        let (client, _) = self.look().await?;
        self.read_secret(&client, &self.name).await.map(Some)
    }

    async fn read_secret(&self, client: &Client, name: &str) -> Result<SlotValue, PlaceError> {
        let secrets = self.secrets(client);
        let found = self.cluster.again("a Secret", || secrets.get(name)).await?;
        let data = found.data.unwrap_or_default().into_iter();
        let data = data.map(|(entry, bytes)| (entry, Zeroizing::new(bytes.0)));
        // Others may keep more in the Secret that has the name of the slot.
        let is_ours = |entry: &String| name != self.name || self.entries.contains(entry);
        Ok(SlotValue(data.filter(|(entry, _)| is_ours(entry)).collect()))
    }

    async fn take_away(&self, version: &str) -> Result<(), PlaceError> {
        let (client, looked) = self.look().await?;
        if looked.current().as_deref() == Some(version) {
            let why = "this version is current: its user would have none";
            return Err(self.cluster.unfit(why));
        }
        let Some(found) = looked.by_uid(version) else { return Ok(()) };
        let preconditions = Preconditions { uid: Some(found.uid.clone()), resource_version: None };
        let params = DeleteParams::default().preconditions(preconditions);
        match self.secrets(&client).delete(&found.name, &params).await {
            Ok(_) => Ok(()),
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
            Err(error) => Err(self.cluster.trouble(error, true)),
        }
    }
}

impl Slot for KubernetesSlot {
    fn abilities(&self) -> Abilities {
        Abilities {
            observe: true,
            pending: true,
            read_back: ReadBack::Bytes,
            promote: if self.is_pointer { Promote::AtOnce } else { Promote::Rewrite },
            freeze: false,
            retire: true,
        }
    }

    fn limit(&self) -> usize {
        LIMIT
    }

    fn observe(&self) -> Result<Observation, PlaceError> {
        self.cluster.hear(async { Ok(self.look().await?.1.observation()) })
    }

    fn put_pending(&self, put: &Put<'_>) -> Result<String, PlaceError> {
        self.cluster.wait(self.put(put))
    }

    fn find(&self, name: &str) -> Result<Found, PlaceError> {
        let found = self.cluster.hear(self.find_effect(name))?;
        Ok(found.map_or(Found::Nothing, |one| Found::There(one.uid)))
    }

    fn read_back(&self, version: &str) -> Result<SlotValue, PlaceError> {
        self.cluster.hear(self.read(version))
    }

    fn promote(&self, promotion: &Promotion<'_>) -> Result<String, PlaceError> {
        self.cluster.wait(self.make_current(promotion))
    }

    fn delivered(&self) -> Result<Option<SlotValue>, PlaceError> {
        self.cluster.hear(self.read_delivered())
    }

    fn freeze(&self, _: bool) -> Result<(), PlaceError> {
        Err(self.cluster.unable("keep its user from reading it"))
    }

    fn retire(&self, version: &str) -> Result<(), PlaceError> {
        self.cluster.wait(self.take_away(version))
    }
}
