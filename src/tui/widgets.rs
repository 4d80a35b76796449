//! Pieces that several screens draw.

mod boxes;
pub mod compare;
pub mod forms;
pub mod layers;
pub mod lines;
pub mod listing;
pub mod rule;
mod run;
pub mod table;
