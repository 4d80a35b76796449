//! What happens, as events: the reading of inputs, and the ceremonies with
//! their runs, journals and transcripts.

pub mod catalog;
pub mod chain;
pub mod definition;
pub mod effect;
pub mod event;
pub mod journal;
pub mod ports;
pub mod question;
pub mod reading;
pub mod run;
pub mod runner;
pub mod secret;
pub mod transcript;
