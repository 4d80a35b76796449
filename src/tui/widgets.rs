//! Pieces that several screens draw.

pub mod compare;
pub mod layers;
pub mod lines;
pub mod table;
