//! What several integration tests need.

pub(crate) mod alertmanager;
pub(crate) mod alone;
pub(crate) mod answers;
pub(crate) mod endpoint;
pub(crate) mod exporter;
pub(crate) mod golden;
pub(crate) mod installed;
pub(crate) mod node;
pub(crate) mod program;
pub(crate) mod prometheus;
pub(crate) mod promql;
pub(crate) mod python;
pub(crate) mod watcher;

use std::{env, fs::OpenOptions, io::Write as _};

/// Says that `test` did not run: why, and what to do so that it does.
///
/// The line goes to standard error and, because test runners hide the output of a passing test, also to the end of
/// the file that `SKIPPED_LOG` names; `tests/run.sh` shows that file at the end.
pub(crate) fn skip(test: &str, why: &str) {
    let line = format!("SKIPPED: {test}: {why}\n");
    eprint!("{line}");
    let Some(log) = env::var_os("SKIPPED_LOG") else {
        return;
    };
    // One write of one whole line: tests that skip at the same time do not mix theirs.
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(&log)
        .and_then(|mut file| file.write_all(line.as_bytes()))
        .unwrap_or_else(|error| {
            panic!(
                "cannot append to the file of `SKIPPED_LOG`: {}: {error}",
                log.display()
            )
        });
}
