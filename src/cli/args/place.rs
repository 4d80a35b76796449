//! Where a ceremony is to take place.

use clap::Args;

use crate::domain::host::Locality;

/// Where a ceremony is to take place.
#[derive(Clone, Copy, Debug, Args)]
pub struct Place {
    /// On a machine without a network, where roots are made; this is the default
    #[arg(long, conflicts_with = "online")]
    pub offline: bool,
    /// On a machine with a network
    #[arg(long)]
    pub online: bool,
}

impl Place {
    /// The place.
    #[must_use]
    pub fn locality(self) -> Locality {
        if self.online { Locality::Online } else { Locality::Offline }
    }
}
