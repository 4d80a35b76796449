//! Where a slot is, in its parts. The text of it is the slot's identity: it
//! is typed before anything is written there.

use super::slot::SlotKind;

/// The parts of a slot's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlotPlace {
    /// In AWS.
    Aws {
        /// `aws`, `aws-cn` or `aws-us-gov`.
        partition: String,
        /// Twelve digits.
        account: String,
        /// Such as `eu-central-1`.
        region: String,
        /// The name of the secret.
        name: String,
    },
    /// At GitHub.
    Github {
        /// The user or organisation.
        owner: String,
        /// The repository; absent for a secret of the organisation.
        repository: Option<String>,
        /// The environment; absent for a secret of the repository.
        environment: Option<String>,
        /// The name of the secret.
        name: String,
    },
    /// In a cluster.
    Kubernetes {
        /// The UID of its namespace `kube-system`.
        cluster: String,
        /// The namespace.
        namespace: String,
        /// The name of the Secret.
        name: String,
    },
    /// A file or folder, by its whole path or by that within the workspace.
    Path(String),
    /// Something that has only a name.
    Named(String),
    /// In a credential store.
    Credential {
        /// The service.
        service: String,
        /// The user.
        user: String,
    },
}

impl SlotPlace {
    /// Takes the text apart.
    pub fn parse(kind: SlotKind, place: &str) -> Result<Self, String> {
        let parsed = match kind {
            SlotKind::AwsSecretsManager => aws(place),
            SlotKind::GithubActions => github(place),
            SlotKind::Kubernetes => kubernetes(place),
            SlotKind::KmsFile | SlotKind::GnupgHome | SlotKind::Directory => {
                let path = place.trim_end_matches('/');
                let is_plain = !path.is_empty()
                    && !path
                        .split('/')
                        .skip(usize::from(path.starts_with('/')))
                        .any(|part| ["", ".", ".."].contains(&part));
                // What is read by others than this program is nobody's folder
                // but one.
                let is_whole = path.starts_with('/') || kind != SlotKind::GnupgHome;
                (is_plain && is_whole).then(|| Self::Path(path.to_owned()))
            }
            SlotKind::Command => (!place.trim().is_empty()).then(|| Self::Named(place.to_owned())),
            SlotKind::CredentialStore => place
                .split_once('/')
                .filter(|(service, user)| !service.is_empty() && !user.is_empty())
                .map(|(service, user)| Self::Credential {
                    service: service.to_owned(),
                    user: user.to_owned(),
                }),
        };
        parsed.ok_or_else(|| format!("its place '{place}' is not {}", kind.place_form()))
    }
}

fn aws(place: &str) -> Option<SlotPlace> {
    let mut parts = place.splitn(3, '/');
    let (owner, region, name) = (parts.next()?, parts.next()?, parts.next()?);
    let (partition, account) = owner.split_once(':')?;
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let is_partition = ["aws", "aws-cn", "aws-us-gov"].contains(&partition);
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_region = !region.is_empty() && region.chars().all(is_plain);
    // As Secrets Manager has it.
    let may_stand = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c);
    let is_name = !name.is_empty() && name.len() <= 512 && name.chars().all(may_stand);
    (is_account && is_partition && is_region && is_name).then(|| SlotPlace::Aws {
        partition: partition.to_owned(),
        account: account.to_owned(),
        region: region.to_owned(),
        name: name.to_owned(),
    })
}

fn github(place: &str) -> Option<SlotPlace> {
    let (scope, name) = place.rsplit_once(':')?;
    let mut parts = scope.splitn(3, '/').map(str::to_owned);
    let (owner, repository, environment) = (parts.next()?, parts.next(), parts.next());
    let may_stand = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let is_dots = |part: &String| part.chars().all(|c| c == '.');
    let is_plain = |part: &String| part.chars().all(may_stand) && !is_dots(part);
    let is_secret = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let begins = name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_');
    let is_name = begins && name.chars().all(is_secret) && !name.starts_with("GITHUB_");
    let has_plain_parts = is_plain(&owner) && repository.iter().all(is_plain);
    let has_environment = environment.as_ref().is_none_or(|one| {
        !one.is_empty() && !one.chars().any(|c| c.is_control() || c.is_whitespace())
    });
    (is_name && has_plain_parts && has_environment).then(|| SlotPlace::Github {
        owner,
        repository,
        environment,
        name: name.to_owned(),
    })
}

fn kubernetes(place: &str) -> Option<SlotPlace> {
    let parts: Vec<_> = place.split('/').collect();
    let &[cluster, namespace, name] = parts.as_slice() else { return None };
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_uid = cluster.len() == 36 && cluster.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    let is_space =
        !namespace.is_empty() && namespace.len() <= 63 && namespace.chars().all(is_plain);
    let is_name = !name.is_empty()
        && name.len() <= 253
        && name.chars().all(|c| is_plain(c) || c == '.')
        && name.starts_with(|c: char| c.is_ascii_alphanumeric());
    (is_uid && is_space && is_name).then(|| SlotPlace::Kubernetes {
        cluster: cluster.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_taken_apart_or_refused() {
        let uid = "0b9a1c3e-5f0d-4a6e-9d0a-2f1c7b7f9a10";
        let cluster = format!("{uid}/pipeline/spack-signing-key");
        for (kind, place, is_one) in [
            (SlotKind::AwsSecretsManager, "aws:123456789012/eu-central-1/slurm/key", true),
            (SlotKind::AwsSecretsManager, "aws-cn:123456789012/cn-north-1/key", true),
            (SlotKind::AwsSecretsManager, "123456789012/eu-central-1/key", false),
            (SlotKind::AwsSecretsManager, "aws:12345678901/eu-central-1/key", false),
            (SlotKind::AwsSecretsManager, "aws:123456789012/eu-central-1/", false),
            (SlotKind::AwsSecretsManager, "aws:123456789012/eu-central-1/a b", false),
            (SlotKind::GithubActions, "halyard/halyard:GPG_PRIVATE_KEY", true),
            (SlotKind::GithubActions, "halyard/halyard/release:GPG_PRIVATE_KEY", true),
            (SlotKind::GithubActions, "halyard:GPG_PRIVATE_KEY", true),
            (SlotKind::GithubActions, "halyard/halyard", false),
            (SlotKind::GithubActions, "halyard/halyard:gpg", false),
            (SlotKind::GithubActions, "halyard/halyard:GITHUB_KEY", false),
            (SlotKind::GithubActions, "halyard/../x:KEY", false),
            (SlotKind::GithubActions, "/halyard:KEY", false),
            (SlotKind::Kubernetes, &cluster, true),
            (SlotKind::Kubernetes, "cluster/pipeline/key", false),
            (SlotKind::Directory, "/srv/keys/", true),
            (SlotKind::Directory, "keys", true),
            (SlotKind::Directory, "/", false),
            (SlotKind::Directory, "./keys", false),
            (SlotKind::Directory, "/srv//keys", false),
            (SlotKind::GnupgHome, "home", false),
            (SlotKind::KmsFile, "/srv/../etc/key", false),
            (SlotKind::Command, "zuul", true),
            (SlotKind::Command, " ", false),
            (SlotKind::CredentialStore, "keyrite/ci", true),
            (SlotKind::CredentialStore, "keyrite", false),
        ] {
            assert_eq!(SlotPlace::parse(kind, place).is_ok(), is_one, "{kind:?} {place}");
        }
        assert_eq!(
            SlotPlace::parse(SlotKind::Directory, "/srv/keys/"),
            Ok(SlotPlace::Path("/srv/keys".to_owned()))
        );
        assert_eq!(
            SlotPlace::parse(SlotKind::GithubActions, "o/r/prod:K"),
            Ok(SlotPlace::Github {
                owner: "o".to_owned(),
                repository: Some("r".to_owned()),
                environment: Some("prod".to_owned()),
                name: "K".to_owned(),
            })
        );
    }
}
