//! What front ends can ask about the operator's own keys and their
//! passphrases. All of it may take as long as a person takes.

use std::io::{self, Write};

use super::App;
use crate::adapters::credential_store::{self, CredentialError};
use crate::adapters::openpgp;
use crate::adapters::own_keys::{self, OwnKey, OwnKeyError, OwnKeys, SigningRequest};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::timestamp::Timestamp;
use crate::engine::secret::Secret;

impl App {
    /// The way to the operator's own keys; nothing is started yet.
    #[must_use]
    pub fn own_keys(&self) -> OwnKeys {
        OwnKeys::new(self.environment.executable.clone())
    }

    /// The operator's own keys that could sign now.
    pub fn list_own_keys(&self) -> Result<Vec<OwnKey>, OwnKeyError> {
        self.own_keys().list(self.now())
    }

    /// A detached signature in ASCII armor over `data`, by a signing key of
    /// the person whose certificate that is.
    ///
    /// Without a passphrase, a locked key of gpg-agent lets pinentry ask; in a
    /// console, ask first, and give one.
    pub fn sign_with_own_key(
        &self,
        certificate: Fingerprint,
        data: &[u8],
        passphrase: Option<&Secret>,
        at: Timestamp,
    ) -> Result<String, OwnKeyError> {
        let public = self.public(&certificate);
        let public = public.as_bytes();
        self.own_keys().sign(&SigningRequest { certificate, public, data, passphrase, at })
    }

    /// Puts the public certificate into the person's certificate folder, which
    /// is what [`OwnKeyError::NotInFolder`] asks for. Only after a yes.
    pub fn offer_certificate(&self, certificate: Fingerprint) -> Result<(), OwnKeyError> {
        match self.public(&certificate) {
            public if public.is_empty() => Err(OwnKeyError::NoCertificate(certificate.hex())),
            public => self.own_keys().offer_certificate(public.as_bytes()),
        }
    }

    /// What was read of a certificate, in ASCII armor, or nothing.
    fn public(&self, certificate: &Fingerprint) -> String {
        let copies = self.shelf.copies(certificate);
        if copies.is_empty() { String::new() } else { openpgp::armor(&copies).unwrap_or_default() }
    }

    /// Whether the system's credential store can keep a passphrase.
    pub fn can_keep_passphrases(&self) -> Result<(), CredentialError> {
        credential_store::probe()
    }

    /// Keeps the passphrase of that person's signing key. Only when asked.
    pub fn keep_passphrase(
        &self,
        certificate: &Fingerprint,
        passphrase: Secret,
    ) -> Result<(), CredentialError> {
        credential_store::keep(certificate, passphrase)
    }

    /// The passphrase that is kept.
    pub fn kept_passphrase(
        &self,
        certificate: &Fingerprint,
    ) -> Result<Option<Secret>, CredentialError> {
        credential_store::fetch(certificate)
    }

    /// Forgets it; says whether one was kept.
    pub fn forget_passphrase(&self, certificate: &Fingerprint) -> Result<bool, CredentialError> {
        credential_store::forget(certificate)
    }

    /// Is the other side of [`OwnKeys`], once: reads a request from standard
    /// input.
    pub fn answer_for_own_keys(&self, out: &mut dyn Write) -> io::Result<()> {
        own_keys::serve(out)
    }
}
