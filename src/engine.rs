//! What happens, as events: the reading of inputs, and what ceremonies, their
//! journals and the audit log are made of.

pub mod audit;
pub mod chain;
pub mod reading;
pub mod secret;
