//! The declaration of a slot: what kind of place it is, which part of a
//! subkey's secret is there, and in which form.

use std::collections::BTreeMap;

use super::Environment;
use super::setting::{Known, Setting, known, setting_problems};
use super::slot_place::SlotPlace;
use crate::domain::timestamp::Timestamp;
use crate::domain::worded::worded;

worded! {
    /// The kinds of places where a subkey's secret lives.
    pub enum SlotKind: "kind of slot" {
        /// A secret in AWS Secrets Manager.
        AwsSecretsManager = "aws-secrets-manager",
        /// A secret of GitHub Actions.
        GithubActions = "github-actions",
        /// A secret of a Kubernetes cluster.
        Kubernetes = "kubernetes",
        /// A file that only a key management service opens.
        KmsFile = "kms-file",
        /// A program that takes it on its standard input.
        Command = "command",
        /// A GnuPG home.
        GnupgHome = "gnupg-home",
        /// A folder or medium.
        Directory = "directory",
        /// The credential store of the operating system.
        CredentialStore = "credential-store",
    }
}

worded! {
    /// What is in a slot, byte for byte.
    pub enum Content: "content of a slot" {
        /// The export of the subkey in ASCII armor.
        Key = "key",
        /// The same in base64 on one line, as `base64 -w0` writes it.
        KeyBase64 = "key-base64",
        /// The export of the subkey in ASCII armor, protected by no
        /// passphrase.
        OpenKey = "open-key",
        /// The passphrase, without a line end.
        Passphrase = "passphrase",
        /// The whole fingerprint with an exclamation mark, as gpg wants it.
        KeyId = "key-id",
        /// JSON of `key_id`, `key_file` and `passphrase`.
        JointKeyFile = "joint-key-file",
        /// JSON of `key_id`, `private_key` and `passphrase`.
        JointPrivateKey = "joint-private-key",
        /// The certificate in ASCII armor; no secret.
        Certificate = "certificate",
    }
}

impl Content {
    /// Whether the secret of the subkey is in it.
    #[must_use]
    pub const fn has_key(self) -> bool {
        match self {
            Self::Key
            | Self::KeyBase64
            | Self::OpenKey
            | Self::JointKeyFile
            | Self::JointPrivateKey => true,
            Self::Passphrase | Self::KeyId | Self::Certificate => false,
        }
    }

    /// Whether the passphrase is in it.
    #[must_use]
    pub const fn has_passphrase(self) -> bool {
        match self {
            Self::Passphrase | Self::JointKeyFile | Self::JointPrivateKey => true,
            Self::Key | Self::KeyBase64 | Self::OpenKey | Self::KeyId | Self::Certificate => false,
        }
    }
}

/// Somebody or something that can read a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotReader {
    /// Who: a role, a workflow, a service account, a person.
    pub who: String,
    /// The day on which somebody looked last whether that is still so.
    pub reviewed: Option<Timestamp>,
}

/// A place where a subkey's secret, or a part of it, lives for a consumer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// A short name.
    pub id: String,
    /// What it is.
    pub kind: SlotKind,
    /// Where it is, as it is typed to confirm it.
    pub place: String,
    /// What is in it, by the name of the entry; a place that holds one value
    /// has one entry without a name.
    pub contents: BTreeMap<String, Content>,
    /// The environment it signs in, if not the workspace's.
    pub environment: Option<Environment>,
    /// How its user names the key to gpg.
    pub selector: Option<String>,
    /// Who can read it.
    pub readers: Vec<SlotReader>,
    /// Why the key may stand there without a passphrase.
    pub reason: Option<String>,
    /// More, in the words of its kind.
    pub settings: BTreeMap<String, Setting>,
    /// The line of the file.
    pub line: usize,
}

known! {
    AWS:
        "profile" Text "the profile of the AWS configuration",
        "kms_key" Text "the key that encrypts the secret, as AWS names it",
        "tags" Map "tags of a secret that is made",;
    GITHUB:
        "repository_id" Text "the number of the repository, which a new name keeps",
        "organisation_id" Text "the number of the organisation, where the secret is one of it",
        "visibility" Text "public, private or internal; of an organisation's secret: all, private, selected",
        "variable" Text "the variable of Actions that holds the fingerprint of the current subkey",
        "workflow" Text "the file of the workflow that signs a nonce, as proof",
        "token" Text "HOST/USER of the token in the credential store, such as api.github.com/keyrite",
        "api" Text "where GitHub's interface is, if not at https://api.github.com",;
    KUBERNETES:
        "context" Text "the context of the kubeconfig",
        "ca" Text "the SHA-256 of the cluster's certificate authority, in hexadecimal",
        "immutable" Text "true: its user takes the Secret of each subkey, which cannot be changed and which a ConfigMap names",
        "labels" Map "labels of the Secret",;
    KMS_FILE:
        "profile" Text "the profile of the AWS configuration",
        "kms_key" Text "the whole name (ARN) of the key",
        "context" Map "the encryption context",;
    COMMAND:
        "argv" List "the program, by its whole path, and its arguments",
        "digest" Text "the SHA-256 of the program, in hexadecimal",
        "variables" List "the variables of the environment that it may see",;
    NONE:;
}

impl SlotKind {
    /// How its place is written.
    #[must_use]
    pub const fn place_form(self) -> &'static str {
        match self {
            Self::AwsSecretsManager => "PARTITION:ACCOUNT/REGION/NAME",
            Self::GithubActions => {
                "OWNER/REPOSITORY:NAME, OWNER/REPOSITORY/ENVIRONMENT:NAME or OWNER:NAME"
            }
            Self::Kubernetes => "UID-OF-KUBE-SYSTEM/NAMESPACE/NAME",
            Self::GnupgHome => "/WHOLE/PATH",
            Self::KmsFile | Self::Directory => "/WHOLE/PATH or PATH/WITHIN/THE/WORKSPACE",
            Self::Command => "a name, such as: zuul project-config",
            Self::CredentialStore => "SERVICE/USER",
        }
    }

    /// The settings that it knows.
    #[must_use]
    pub const fn settings(self) -> &'static [Known] {
        match self {
            Self::AwsSecretsManager => AWS,
            Self::GithubActions => GITHUB,
            Self::Kubernetes => KUBERNETES,
            Self::KmsFile => KMS_FILE,
            Self::Command => COMMAND,
            Self::GnupgHome | Self::Directory | Self::CredentialStore => NONE,
        }
    }

    /// What keeps its user from reading such a place, where keyrite cannot;
    /// absent where it can.
    #[must_use]
    pub const fn freeze_by_hand(self) -> Option<&'static str> {
        match self {
            Self::AwsSecretsManager | Self::Directory => None,
            Self::GithubActions => Some(
                "disable the workflow (gh workflow disable), or let its environment need a reviewer",
            ),
            Self::Kubernetes => {
                Some("scale the deployment to nothing, or take its right to create pods away")
            }
            Self::KmsFile => {
                Some("take kms:Decrypt from the consumer, revoke its grant, or disable the KMS key")
            }
            Self::Command => Some("stop it where the consumer reads: keyrite does not see that"),
            Self::GnupgHome => {
                Some("take the folder away from the account (chown root), or freeze the passphrase")
            }
            Self::CredentialStore => Some("lock the store (loginctl lock-session)"),
        }
    }

    /// Whether what is in such a place is encrypted where it lies.
    #[must_use]
    pub const fn is_encrypted_at_rest(self) -> bool {
        match self {
            Self::AwsSecretsManager
            | Self::GithubActions
            | Self::Kubernetes
            | Self::KmsFile
            | Self::Command
            | Self::CredentialStore => true,
            Self::GnupgHome | Self::Directory => false,
        }
    }
}

impl Slot {
    /// Where it is, in its parts.
    pub fn parsed_place(&self) -> Result<SlotPlace, String> {
        SlotPlace::parse(self.kind, &self.place)
    }

    /// A setting that is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.settings.get(name)?.text()
    }

    /// A setting that is a list; empty where it is not given.
    #[must_use]
    pub fn list(&self, name: &str) -> &[String] {
        match self.settings.get(name) {
            Some(Setting::List(items)) => items,
            Some(Setting::Text(_) | Setting::Map(_)) | None => &[],
        }
    }

    /// A setting that is a map; empty where it is not given.
    #[must_use]
    pub fn map(&self, name: &str) -> BTreeMap<String, String> {
        match self.settings.get(name) {
            Some(Setting::Map(items)) => items.clone(),
            Some(Setting::Text(_) | Setting::List(_)) | None => BTreeMap::new(),
        }
    }

    /// Whether it holds the secret of the subkey.
    #[must_use]
    pub fn has_key(&self) -> bool {
        self.contents.values().any(|content| content.has_key())
    }

    /// Whether it holds the passphrase.
    #[must_use]
    pub fn has_passphrase(&self) -> bool {
        self.contents.values().any(|content| content.has_passphrase())
    }

    /// Whether a key without a passphrase is in it.
    #[must_use]
    pub fn has_open_key(&self) -> bool {
        self.contents.values().any(|content| *content == Content::OpenKey)
    }

    /// What is wrong with it, in words.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let named = |problem: String| format!("the slot '{}': {problem}", self.id);
        problems.extend(self.parsed_place().err().map(named));
        let settings = setting_problems(self.kind.settings(), &self.settings);
        problems.extend(settings.into_iter().map(named));
        problems.extend(self.entry_problems().into_iter().map(named));
        let has_open = self.has_open_key();
        if has_open && !self.kind.is_encrypted_at_rest() {
            problems.push(named(
                "a key without a passphrase may stand only where it is encrypted (CUS-009)"
                    .to_owned(),
            ));
        }
        if has_open && self.reason.as_ref().is_none_or(|reason| reason.trim().is_empty()) {
            problems.push(named(
                "a key without a passphrase needs a reason = \"...\" (CUS-009)".to_owned(),
            ));
        }
        problems
    }

    fn entry_problems(&self) -> Vec<String> {
        if self.kind != SlotKind::Kubernetes {
            let is_one = self.contents.len() == 1 && self.contents.contains_key("");
            let problem = "only a Kubernetes Secret has several entries";
            return if is_one { Vec::new() } else { vec![problem.to_owned()] };
        }
        let may_stand = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let is_name = |name: &String| !name.is_empty() && name.chars().all(may_stand);
        let mut problems = Vec::new();
        if !self.contents.keys().all(is_name) {
            problems.push(
                "a Kubernetes Secret has entries, such as entries = { signing_key = \"key\" }; \
                 their names have letters, digits, '-', '_' and '.'"
                    .to_owned(),
            );
        }
        if self.text("immutable").is_some_and(|text| !["true", "false"].contains(&text)) {
            problems.push("its setting 'immutable' is true or false".to_owned());
        }
        problems
    }
}
