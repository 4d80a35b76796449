//! Slots: the places where consumers find their subkeys' secrets.

#[cfg(feature = "network")]
mod aws;
#[cfg(feature = "network")]
mod cause;
mod command;
#[cfg(feature = "keystore")]
mod credential_store;
mod directory;
#[cfg(feature = "network")]
mod esdk;
mod files;
#[cfg(feature = "network")]
mod github;
mod gnupg;
#[cfg(feature = "network")]
mod jitter;
#[cfg(feature = "network")]
mod kms_file;
#[cfg(feature = "network")]
mod kubernetes;
mod observe;
mod screen;
#[cfg(feature = "network")]
mod secrets_manager;
mod signature;
mod value;

use std::path::PathBuf;

#[cfg(feature = "network")]
pub(super) use self::aws::Account;
use self::directory::DirectorySlot;
#[cfg(feature = "network")]
pub use self::github::{GithubAccess, Patience};
#[cfg(feature = "network")]
pub use self::kubernetes::ClusterAccess;
#[cfg(feature = "network")]
pub(super) use self::kubernetes::{Cluster, Pins};
pub use self::observe::observe_all;
pub use self::signature::is_signed_by;
pub(crate) use self::value::{Opened, key_in, value};
use crate::domain::timestamp::Timestamp;
use crate::domain::workspace::{Slot as Declared, SlotKind, SlotPlace};
use crate::engine::notice::Notices;
use crate::engine::place::PlaceError;
use crate::engine::slot::Slot;

/// With what places are asked, where that is not what the machine is set up
/// with.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// The workspace: paths that are not whole are within it.
    pub workspace: PathBuf,
    /// Where it is told that a place is asked once more.
    pub notices: Notices,
    /// The configuration for AWS.
    #[cfg(feature = "network")]
    pub aws: Option<aws_config::SdkConfig>,
    /// How GitHub is asked.
    #[cfg(feature = "network")]
    pub github: GithubAccess,
    /// How clusters are asked.
    #[cfg(feature = "network")]
    pub cluster: ClusterAccess,
}

/// The place that is declared. Nothing is sent to it yet.
pub fn open(slot: &Declared, access: &Access, now: Timestamp) -> Result<Box<dyn Slot>, PlaceError> {
    let unfit = |why: String| PlaceError::Unfit { place: slot.place.clone(), why };
    let place = slot.parsed_place().map_err(unfit)?;
    match (slot.kind, place) {
        (SlotKind::Directory, SlotPlace::Path(path)) => {
            Ok(Box::new(DirectorySlot::new(access.workspace.join(path), &slot.place, now)))
        }
        #[cfg(feature = "network")]
        (SlotKind::AwsSecretsManager, SlotPlace::Aws { partition, account, region, name }) => {
            let profile = slot.text("profile").map(str::to_owned);
            let owner = (partition, account, region);
            let account = aws::Account::new(&slot.place, owner, profile, access)?;
            let key = slot.text("kms_key").map(str::to_owned);
            let tags = slot.map("tags");
            Ok(Box::new(secrets_manager::SecretsManagerSlot::new(account, name, key, tags)))
        }
        #[cfg(feature = "network")]
        (SlotKind::KmsFile, SlotPlace::Path(path)) => {
            let key = slot.text("kms_key").unwrap_or_default().to_owned();
            let owner = aws::owner(&slot.place, &key)?;
            let profile = slot.text("profile").map(str::to_owned);
            let account = aws::Account::new(&slot.place, owner, profile, access)?;
            let (path, context) = (access.workspace.join(path), slot.map("context"));
            Ok(Box::new(kms_file::KmsFileSlot::new(path, account, key, context)?))
        }
        #[cfg(feature = "keystore")]
        (SlotKind::CredentialStore, SlotPlace::Credential { service, user }) => {
            Ok(Box::new(credential_store::CredentialSlot::new(&slot.place, service, user)))
        }
        (SlotKind::GnupgHome, SlotPlace::Path(path)) => {
            let contents: Vec<_> = slot.contents.values().copied().collect();
            Ok(Box::new(gnupg::GnupgSlot::new(path.into(), &slot.place, &contents)?))
        }
        (SlotKind::Command, SlotPlace::Named(_)) => {
            let digest = slot.text("digest").unwrap_or_default();
            let (argv, variables) = (slot.list("argv"), slot.list("variables"));
            Ok(Box::new(command::CommandSlot::new(&slot.place, argv, digest, variables)?))
        }
        #[cfg(feature = "network")]
        (SlotKind::GithubActions, SlotPlace::Github { owner, repository, environment, name }) => {
            let text = |name| slot.text(name).map(str::to_owned);
            let (api, token) = (slot.text("api"), slot.text("token"));
            let api = github::Api::new(&slot.place, api, token, access)?;
            let number = if repository.is_some() { "repository_id" } else { "organisation_id" };
            let (number, visibility) = (text(number), text("visibility"));
            let place = github::GithubPlace { owner, repository, environment, number, visibility };
            let (variable, workflow) = (text("variable"), text("workflow"));
            Ok(Box::new(github::GithubSlot { api, place, name, variable, workflow }))
        }
        #[cfg(feature = "network")]
        (SlotKind::Kubernetes, SlotPlace::Kubernetes { cluster, namespace, name }) => {
            let text = |name| slot.text(name).map(str::to_owned);
            let (context, ca) = (text("context"), text("ca"));
            let pins = kubernetes::Pins { uid: cluster, context, ca };
            let cluster = kubernetes::Cluster::new(&slot.place, pins, access)?;
            let entries = slot.contents.keys().cloned().collect();
            let (labels, is_pointer) = (slot.map("labels"), slot.text("immutable") == Some("true"));
            Ok(Box::new(kubernetes::KubernetesSlot {
                cluster,
                namespace,
                name,
                entries,
                labels,
                is_pointer,
            }))
        }
        _ => {
            Err(PlaceError::Unable { place: slot.place.clone(), what: "be reached by this build" })
        }
    }
}
