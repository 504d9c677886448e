//! Configuration files: `src/config.rs` says what must hold.

#![no_main]

use cluster_link_exporter_fuzz::config;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| config::check(data));
