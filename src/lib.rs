//! keyrite
pub mod adapters;
pub mod app;
pub mod cli;
pub mod domain;
pub mod engine;
pub mod startup;
pub mod tui;
