//! Secrets in an input: a finding, not a possession.

use crate::adapters::openpgp::Secret;
use crate::domain::certificate::SecretMaterial;
use crate::domain::finding::{Finding, FindingId, Severity};
use crate::domain::lint::rule_text;
use crate::domain::text::{VisibleText, counted};

/// What was met of secrets in one source.
#[derive(Default)]
pub(super) struct SecretsMet {
    /// In certificates that could be read.
    pub(super) secrets: Vec<Secret>,
    /// Whether there are more in what was rejected.
    pub(super) in_rejected: bool,
}

impl SecretsMet {
    /// The finding about `source`, if it holds an actual secret.
    pub(super) fn finding(&self, source: &VisibleText) -> Option<Finding> {
        let real: Vec<_> = self.secrets.iter().filter(|secret| secret.material.is_real()).collect();
        if real.is_empty() && !self.in_rejected {
            return None;
        }
        let is_open = |secret: &&&Secret| secret.material == SecretMaterial::Unprotected;
        let open = real.iter().filter(is_open).count();
        let keys = counted(real.len(), "key");
        let held = match (open, real.len()) {
            (_, 0) => "secret key packets in a part that could not be read".to_owned(),
            (0, _) => format!("the secret of {keys}, protected by a passphrase"),
            (open, all) if open == all => format!("the secret of {keys}, without a passphrase"),
            (open, _) => format!("the secret of {keys}, {open} of them without a passphrase"),
        };
        let more = if self.in_rejected && !real.is_empty() {
            ", and more in a part that could not be read"
        } else {
            ""
        };
        Some(Finding {
            id: FindingId::Cus010,
            // What could not be read may be unprotected.
            severity: if open > 0 || self.in_rejected {
                Severity::Error
            } else {
                Severity::Warning
            },
            subject: source.clone(),
            about: Vec::new(),
            message: format!("holds {held}{more}; keyrite did not keep it"),
            remedy: rule_text(FindingId::Cus010).fix.to_owned(),
        })
    }
}
