//! Random bytes, and examples that were damaged: whatever reads them refuses them or keeps its promises, panics never and
//! takes no longer than a moment.
//!
//! The few cases here are the same in every run. `slow::mutations` has as many as one has patience for, and others each
//! time.

mod damage;
mod rows;
mod web_config;

use std::{cell::Cell, fs, path::Path, time::Duration};

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use tokio::time::Instant;

use crate::targets::{labels, wire};

/// Longer than any of these inputs takes on a busy machine without optimization.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many cases, and which.
#[derive(Clone, Copy)]
pub(crate) enum Cases {
    /// The same every time.
    Same(u32),
    /// Others every time; what fails is shown, made small.
    Other(u32),
}

impl Cases {
    fn runner(self) -> TestRunner {
        let (Self::Same(cases) | Self::Other(cases)) = self;
        let config = Config {
            cases,
            failure_persistence: None,
            ..Config::default()
        };
        match self {
            Self::Same(_) => {
                let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
                TestRunner::new_with_rng(config, rng)
            }
            Self::Other(_) => TestRunner::new(config),
        }
    }

    /// Checks random bytes and damaged seeds, each within its time. Prints the slowest.
    fn check(self, what: &str, seeds: &[Vec<u8>], check: impl Fn(&[u8])) {
        let slowest = Cell::new(Duration::ZERO);
        let outcome = self.runner().run(&damage::of(seeds), |bytes| {
            let start = Instant::now();
            check(&bytes);
            let took = start.elapsed();
            slowest.set(slowest.get().max(took));
            let too_slow = || TestCaseError::fail(format!("it took {took:?}"));
            (took < PATIENCE).then_some(()).ok_or_else(too_slow)
        });
        println!("{what}: the slowest took {:?}", slowest.get());
        outcome.unwrap_or_else(|error| panic!("{what}: {error}"));
    }
}

pub(crate) fn answers(cases: Cases) {
    cases.check("answers", &corpus("wire"), wire::check);
}

pub(crate) fn names(cases: Cases) {
    cases.check("names", &corpus("labels"), labels::check);
}

pub(crate) fn web_configs(cases: Cases) {
    cases.check(
        "web configurations",
        &web_config::seeds(),
        web_config::check,
    );
}

pub(crate) fn rows(cases: Cases) {
    let rows = rows::seeds();
    rows::check(&rows);
    for (place, seed) in &rows {
        let what = format!("rows of {place:?}");
        cases.check(&what, std::slice::from_ref(seed), |bytes| {
            let mut rows = rows.clone();
            rows.insert(place.clone(), bytes.to_vec());
            rows::check(&rows);
        });
    }
}

pub(crate) fn state_files(cases: Cases) {
    let seed = rows::state_file(&rows::seeds());
    cases.check("state files", &[seed], rows::check_file);
}

#[test]
fn a_damaged_answer_is_refused_or_becomes_sound_series() {
    answers(Cases::Same(150));
}

#[test]
fn any_bytes_survive_as_names() {
    names(Cases::Same(150));
}

#[test]
fn a_damaged_web_configuration_is_refused_in_lines_of_its_own() {
    web_configs(Cases::Same(150));
}

#[test]
fn a_damaged_row_is_forgotten_or_restored_soundly() {
    rows(Cases::Same(6));
}

#[test]
fn a_damaged_state_file_is_set_aside_or_read() {
    state_files(Cases::Same(20));
}

/// The examples of a fuzz target.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let entries = fs::read_dir(folder).expect("the folder is part of the repository");
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}
