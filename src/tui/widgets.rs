//! Pieces that several screens draw.

mod boxes;
pub mod compare;
pub mod layers;
pub mod lines;
pub mod table;
