//! What must hold for any bytes, one module a fuzz target: `check` panics where it does not.
//!
//! cargo-fuzz calls these functions with bytes of its own making, `tests/corpora.rs` with the files of `corpus`. That
//! test includes this file as a module, so nothing here names its crate.

pub mod config;
pub mod labels;
pub mod wire;

mod exporter;
mod exposition;
