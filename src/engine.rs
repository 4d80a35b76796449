//! What happens, as events: the reading of inputs, the ceremonies with their
//! runs, journals and transcripts, and the audit log over all of them.

pub mod audit;
pub mod carry;
pub mod catalog;
pub mod chain;
pub mod custody;
pub mod definition;
pub mod effect;
pub mod event;
pub mod journal;
pub mod notice;
pub mod passphrase;
pub mod place;
pub mod ports;
pub mod question;
pub mod reading;
pub mod run;
pub mod runbook;
pub mod runner;
pub mod secret;
pub mod slot;
pub mod target;
pub mod transcript;
