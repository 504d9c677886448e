//! Random and damaged inputs, as many as `MUTATIONS` says (20,000 where it says nothing) for each reader, others each time.
//!
//! `cargo test --release --test it -- --ignored --nocapture slow::mutations`

use std::env;

use crate::mutations::{self, Cases};

#[test]
#[ignore = "it takes minutes: cargo test --release --test it -- --ignored --nocapture slow::mutations"]
fn whatever_comes_nothing_panics_and_nothing_takes_long() {
    let wanted = env::var("MUTATIONS").ok();
    let cases = wanted.map_or(20_000, |text| {
        text.parse().expect("`MUTATIONS` is a number")
    });
    mutations::answers(Cases::Other(cases));
    mutations::names(Cases::Other(cases));
    mutations::web_configs(Cases::Other(cases));
    mutations::rows(Cases::Other(cases / 10));
    mutations::state_files(Cases::Other(cases / 100));
}
