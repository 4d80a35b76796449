//! What happens, as events: today the reading of inputs; ceremonies, runs,
//! journal and audit log have their place here.

pub mod reading;
