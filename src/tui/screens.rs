//! The screens, one file each.

pub mod audit;
pub mod ceremonies;
pub mod custody;
pub mod dashboard;
pub mod detail;
pub mod findings;
pub mod keys;
pub mod later;
pub mod publications;
pub mod run;
pub mod settings;
pub mod timeline;
pub mod too_small;
pub mod welcome;
