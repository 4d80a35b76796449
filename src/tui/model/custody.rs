//! What lies where, as it is shown.

use super::Model;
use crate::domain::custody::Copy;

impl Model {
    /// All copies that ceremonies have recorded: what is pressing first.
    #[must_use]
    pub fn kept(&self) -> Vec<Copy> {
        let evidence = self.managed.as_ref().and_then(|managed| managed.evidence.as_ref());
        let mut copies: Vec<_> =
            evidence.iter().flat_map(|evidence| evidence.register.copies()).cloned().collect();
        copies.sort_by_key(|copy| copy.standing(self.now));
        copies
    }
}
