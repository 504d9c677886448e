//! Names as label values: `src/labels.rs` says what must hold.

#![no_main]

use cluster_link_exporter_fuzz::labels;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| labels::check(data));
