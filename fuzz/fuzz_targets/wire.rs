//! REST answers: `src/wire.rs` says what must hold.

#![no_main]

use cluster_link_exporter_fuzz::wire;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| wire::check(data));
