//! The declaration of a target: a place where certificates are published.

use std::collections::BTreeMap;

use super::setting::{Known, Setting, known, setting_problems};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::publication::CertificateForm;
use crate::domain::worded::worded;

worded! {
    /// The kinds of places where a certificate is published.
    pub enum TargetKind: "kind of target" {
        /// A keyserver that speaks HKP.
        Hkp = "hkp",
        /// keys.openpgp.org and its like.
        Vks = "vks",
        /// Objects in S3.
        S3 = "s3",
        /// A Web Key Directory.
        Wkd = "wkd",
        /// A path in a git repository.
        Git = "git",
        /// Apache's `KEYS` file.
        ApacheKeys = "apache-keys",
        /// The key index of a Spack mirror.
        SpackMirror = "spack-mirror",
        /// A folder.
        Directory = "directory",
        /// The public key in a secret manager, for workers that verify.
        SecretManager = "secret-manager",
        /// A page of the documentation that shows the fingerprint.
        Page = "page",
    }
}

/// A place where certificates are published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// A short name.
    pub id: String,
    /// What it is.
    pub kind: TargetKind,
    /// Where it is, in the words of its kind.
    pub place: String,
    /// Whether a rotation waits for it.
    pub blocking: bool,
    /// Whether it goes on serving certificates that are no longer used.
    pub keeps_history: bool,
    /// Which certifications by others are published there; absent for what its
    /// kind wants.
    pub form: Option<CertificateForm>,
    /// Which certificates are published there; all of the team's where none is
    /// named.
    pub certificates: Vec<Fingerprint>,
    /// More, in the words of its kind.
    pub settings: BTreeMap<String, Setting>,
    /// The line of the file.
    pub line: usize,
}

known! {
    STORE:
        "read" Text "the address under which users read what is stored there",
        "names" List "the files that users are told of; FPR stands for the fingerprint",
        "account" Text "the AWS account that owns the bucket",
        "region" Text "the region of the bucket",
        "profile" Text "the profile of the AWS configuration",
        "endpoint" Text "where the interface of S3 is, if not at AWS",
        "distribution" Text "the CloudFront distribution in front of the bucket",
        "branch" Text "the branch of the git repository",
        "sign" Text "true: commits are signed with the operator's own key",
        "push" Text "the remote that commits are pushed to",
        "path" Text "where in the git repository",
        "others" List "fingerprints of the certificates that may stand beside ours; any other one is foreign",
        "layout" Text "of a Spack mirror: v2 (before Spack 1.0) or v3",
        "domain" Text "of a Web Key Directory: the domain of the addresses",
        "to" Text "of a Web Key Directory: where its files are written",;
    SECRET:
        "others" List "fingerprints of the certificates that may stand beside ours; any other one is foreign",
        "entry" Text "of a Kubernetes Secret: the entry that has the certificates",
        "context" Text "of the kubeconfig",
        "ca" Text "the SHA-256 of the certificate authority of the cluster",
        "profile" Text "the profile of the AWS configuration",
        "kms_key" Text "the KMS key of a secret in AWS that is not there yet",;
    PAGE:
        "read" Text "the address of the page on which people see it",
        "places" List "where the certificate is, as the page tells",
        "account" Text "the AWS account that owns the bucket",
        "region" Text "the region of the bucket",
        "profile" Text "the profile of the AWS configuration",
        "endpoint" Text "where the interface of S3 is, if not at AWS",
        "distribution" Text "the CloudFront distribution in front of the bucket",
        "branch" Text "the branch of the git repository",
        "sign" Text "true: commits are signed with the operator's own key",
        "push" Text "the remote that commits are pushed to",
        "path" Text "where in the git repository",;
    NONE:;
}

impl TargetKind {
    /// The settings that it knows.
    #[must_use]
    pub const fn settings(self) -> &'static [Known] {
        match self {
            Self::Hkp | Self::Vks => NONE,
            Self::SecretManager => SECRET,
            Self::Page => PAGE,
            Self::S3
            | Self::Wkd
            | Self::Git
            | Self::ApacheKeys
            | Self::SpackMirror
            | Self::Directory => STORE,
        }
    }

    /// The form in which it takes a certificate, if nothing else is said:
    /// many certifications by others broke readers of files.
    #[must_use]
    pub const fn form(self) -> CertificateForm {
        match self {
            Self::Hkp | Self::Vks => CertificateForm::Attested,
            Self::S3
            | Self::Wkd
            | Self::Git
            | Self::ApacheKeys
            | Self::SpackMirror
            | Self::Directory
            | Self::SecretManager
            | Self::Page => CertificateForm::Minimal,
        }
    }
}

impl Target {
    /// A setting that is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.settings.get(name)?.text()
    }

    /// Whether that certificate is published there.
    #[must_use]
    pub fn takes(&self, certificate: &Fingerprint) -> bool {
        self.certificates.is_empty() || self.certificates.contains(certificate)
    }

    /// A setting that is a list; empty where it is not given.
    #[must_use]
    pub fn list(&self, name: &str) -> &[String] {
        match self.settings.get(name) {
            Some(Setting::List(items)) => items,
            Some(Setting::Text(_) | Setting::Map(_)) | None => &[],
        }
    }

    /// The certificates of others that may stand beside ours; absent where
    /// nothing is said of them. An address has one owner, if nothing else is
    /// said.
    #[must_use]
    pub fn others(&self) -> Option<Vec<Fingerprint>> {
        if self.kind != TargetKind::Wkd {
            self.settings.get("others")?;
        }
        Some(self.list("others").iter().filter_map(|one| fingerprint_of(one)).collect())
    }

    /// The form in which it takes a certificate.
    #[must_use]
    pub fn certificate_form(&self) -> CertificateForm {
        self.form.unwrap_or(self.kind.form())
    }

    /// What is wrong with it, in words.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = setting_problems(self.kind.settings(), &self.settings);
        if !is_name(&self.id) {
            problems.push("its id is no name of letters, digits and -_.".to_owned());
        }
        for other in self.list("others").iter().filter(|one| fingerprint_of(one).is_none()) {
            problems.push(format!("'{other}' of 'others' is no fingerprint"));
        }
        problems.into_iter().map(|problem| format!("the target '{}': {problem}", self.id)).collect()
    }
}

/// A fingerprint as people write it, in groups or not.
fn fingerprint_of(text: &str) -> Option<Fingerprint> {
    Fingerprint::from_hex(&text.split_whitespace().collect::<String>())
}

/// Whether that can be the name of a file.
fn is_name(id: &str) -> bool {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    id.len() <= 64 && id.bytes().all(is_good) && id.starts_with(|c: char| c.is_ascii_alphanumeric())
}
