//! Targets: the places where certificates are published.

mod apache;
mod bundle;
mod cloudfront;
mod cluster_secret;
mod file;
mod folder;
mod git;
mod hkp;
mod page;
mod plain;
mod s3;
mod secrets_manager;
mod served;
mod shared;
mod spack;
mod store;
mod vks;
mod wkd;

use std::path::PathBuf;
use std::time::Duration;

use self::cluster_secret::ClusterSecret;
use self::file::FileTarget;
use self::folder::Folder;
use self::git::Git;
use self::page::Page;
use self::plain::Plain;
use self::s3::Bucket;
use self::secrets_manager::ManagedSecret;
use self::shared::Shared;
use self::spack::{V2, V3};
use self::store::{Layout, Store};
use self::wkd::Wkd;
use super::slots::{Access, Account, Cluster, Pins};
use crate::domain::workspace::{SlotKind, SlotPlace, Target as Declared, TargetKind};
use crate::engine::place::PlaceError;
use crate::engine::target::Target;

/// With what places are asked.
#[derive(Clone, Debug)]
pub struct Reach {
    /// How slots of the same machine are asked; paths that are not whole are
    /// within its workspace.
    pub access: Access,
    /// How long is waited for an answer.
    pub patience: Duration,
}

impl Reach {
    /// From a workspace, with the patience of a person.
    #[must_use]
    pub fn of(workspace: PathBuf) -> Self {
        Self::with(Access { workspace, ..Access::default() })
    }

    /// As slots are asked, with the patience of a person.
    #[must_use]
    pub const fn with(access: Access) -> Self {
        Self { access, patience: Duration::from_secs(20) }
    }
}

/// The place that is declared. Nothing is asked yet.
pub fn open(target: &Declared, reach: &Reach) -> Result<Box<dyn Target>, PlaceError> {
    let place = target.place.as_str();
    let unfit = |why: &str| PlaceError::Unfit { place: place.to_owned(), why: why.to_owned() };
    match target.kind {
        TargetKind::Vks => Ok(Box::new(vks::VksTarget::new(place, reach.patience)?)),
        TargetKind::Hkp => Ok(Box::new(hkp::HkpTarget::new(place, reach.patience)?)),
        TargetKind::S3 if !place.starts_with("s3://") => Err(unfit("it is no s3://BUCKET/PREFIX")),
        TargetKind::Directory | TargetKind::S3 => {
            let plain = Plain::new(target.list("names"), &["FPR.gpg", "FPR.asc"], true);
            stored(target, reach, place, plain.map_err(|why| unfit(&why))?)
        }
        TargetKind::SpackMirror => match target.text("layout") {
            Some("v2") => stored(target, reach, place, V2),
            Some("v3") => stored(target, reach, place, V3),
            _ => Err(unfit("a Spack mirror needs layout = \"v2\" or layout = \"v3\"")),
        },
        TargetKind::ApacheKeys => {
            let (folder, name) = place.rsplit_once('/').unwrap_or((".", place));
            let name = name.to_owned();
            stored(target, reach, folder, Shared { name, joined: apache::appended })
        }
        TargetKind::Wkd => {
            let domain = target.text("domain").ok_or_else(|| unfit("it needs domain = \"...\""))?;
            let is_host = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
            if !domain.chars().all(is_host) || domain.contains("..") || domain.starts_with('.') {
                return Err(unfit("domain is the name of a host"));
            }
            let folder = target.text("to").ok_or_else(|| unfit("it needs to = \"...\""))?;
            let host = place.strip_prefix("https://").unwrap_or_default().trim_end_matches('/');
            let is_advanced = host == format!("openpgpkey.{domain}");
            if !is_advanced && host != domain {
                let why = format!("its place is https://{domain} or https://openpgpkey.{domain}");
                return Err(unfit(&why));
            }
            // Its users have one door, wherever its files are written.
            let read = target.text("read").unwrap_or(place);
            let layout = Wkd { domain: domain.to_owned(), is_advanced };
            stored_read(target, reach, folder, layout, Some(read))
        }
        TargetKind::Git => {
            let store = Git::new(target, place, reach)?;
            // git keeps the ones before.
            let plain = Plain::new(target.list("names"), &["FPR.asc"], false);
            let plain = plain.map_err(|why| unfit(&why))?;
            files(target, reach, store, plain, target.text("read"))
        }
        TargetKind::SecretManager => secret(target, reach),
        TargetKind::Page => {
            let places = target.list("places").to_vec();
            stored(target, reach, place, Page { places })
        }
    }
}

/// Certificates in a secret: the place shows where.
fn secret(target: &Declared, reach: &Reach) -> Result<Box<dyn Target>, PlaceError> {
    let unfit = |why: String| PlaceError::Unfit { place: target.place.clone(), why };
    let text = |name: &str| target.text(name).map(str::to_owned);
    let (kind, place) = match target.place.strip_prefix("k8s:") {
        Some(place) => (SlotKind::Kubernetes, place),
        None => (SlotKind::AwsSecretsManager, target.place.as_str()),
    };
    match SlotPlace::parse(kind, place).map_err(unfit)? {
        SlotPlace::Aws { partition, account, region, name } => {
            let whose = (partition, account, region);
            let account = Account::new(&target.place, whose, text("profile"), &reach.access)?;
            let store = ManagedSecret::new(account, name.clone(), text("kms_key"));
            files(target, reach, store, Shared { name, joined: bundle::joined }, None)
        }
        SlotPlace::Kubernetes { cluster: uid, namespace, name } => {
            let pins = Pins { uid, context: text("context"), ca: text("ca") };
            let cluster = Cluster::new(&target.place, pins, &reach.access)?;
            let entry = text("entry").unwrap_or_else(|| "keys.asc".to_owned());
            let store = ClusterSecret { cluster, namespace, name, entry: entry.clone() };
            let layout = Shared { name: entry, joined: bundle::joined };
            files(target, reach, store, layout, None)
        }
        SlotPlace::Github { .. }
        | SlotPlace::Path(_)
        | SlotPlace::Named(_)
        | SlotPlace::Credential { .. } => {
            Err(unfit("its place is aws:ACCOUNT/REGION/NAME or k8s:UID/NAMESPACE/NAME".to_owned()))
        }
    }
}

/// Files in that layout, in what keeps them: the place shows which.
fn stored<L: Layout + 'static>(
    target: &Declared,
    reach: &Reach,
    folder: &str,
    layout: L,
) -> Result<Box<dyn Target>, PlaceError> {
    stored_read(target, reach, folder, layout, target.text("read"))
}

/// The same, read by that address.
fn stored_read<L: Layout + 'static>(
    target: &Declared,
    reach: &Reach,
    folder: &str,
    layout: L,
    read: Option<&str>,
) -> Result<Box<dyn Target>, PlaceError> {
    if folder.starts_with("s3://") {
        return files(target, reach, Bucket::new(target, folder, reach)?, layout, read);
    }
    if folder.starts_with(git::PREFIX) {
        return files(target, reach, Git::new(target, folder, reach)?, layout, read);
    }
    let store = Folder::new(folder, reach.access.workspace.join(folder));
    files(target, reach, store, layout, read)
}

fn files<S: Store + 'static, L: Layout + 'static>(
    target: &Declared,
    reach: &Reach,
    store: S,
    layout: L,
    read: Option<&str>,
) -> Result<Box<dyn Target>, PlaceError> {
    Ok(Box::new(FileTarget::new(&target.place, store, layout, read, reach.patience)?))
}
