//! In which form a certificate is published.

use crate::domain::worded::worded;

worded! {
    /// Which certifications by others go out with a certificate.
    pub enum CertificateForm: "form of a certificate" {
        /// None: some readers refuse a certificate with many of them.
        Minimal = "minimal",
        /// Those that its primary key has approved.
        Attested = "attested",
    }
}
