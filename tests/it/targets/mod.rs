//! What must hold for any bytes, one module a fuzz target: `check` panics where it does not.
//!
//! cargo-fuzz calls these functions with bytes of its own making, `tests/it/corpora.rs` with the files of `fuzz/corpus`.
//! This file is the library of `fuzz` and a module of the tests, so nothing here names its crate.

pub mod config;
pub mod exposition;
pub mod labels;
pub mod wire;

mod exporter;
