//! What is seen of a slot at GitHub.

use std::collections::BTreeMap;

use super::place::{Listed, Recognised};
use crate::engine::chain::Digest;

/// What is seen of it.
pub(super) struct Looked {
    pub(super) recognised: Recognised,
    pub(super) secrets: BTreeMap<String, Listed>,
    pub(super) variable: Option<(String, Listed)>,
}

impl Looked {
    /// Another one as soon as anybody changes anything of the slot; as if
    /// there were no secret of that name, where one is given.
    pub(super) fn guard(&self, without: Option<&str>) -> String {
        let secrets = self.secrets.iter().filter(|(name, _)| Some(name.as_str()) != without);
        let secrets = secrets.map(|(name, one)| format!("{name}={}", one.updated));
        let variable = self.variable.iter();
        let variable = variable.map(|(value, one)| format!("variable {value}={}", one.updated));
        let all: Vec<_> = secrets.chain(variable).collect();
        Digest::of(all.join("\n").as_bytes()).to_string()
    }
}
