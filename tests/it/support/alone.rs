//! For a test that measures its process: memory and open files are of all tests that run there.

use std::{env, process::Command};

/// Says to the process that it runs one test.
const ALONE: &str = "TEST_RUNS_ALONE";

/// Whether this process runs no other test. Where it does, as under plain `cargo test`, runs this one in a process of
/// its own, fails if it fails there, and leaves nothing to do here.
///
/// `module` is the caller's `module_path!()`.
pub(crate) fn is_alone(module: &str, test: &str) -> bool {
    if env::var_os(ALONE).is_some()
        || env::var("NEXTEST_EXECUTION_MODE").is_ok_and(|mode| mode == "process-per-test")
    {
        return true;
    }
    let (_, module) = module.split_once("::").expect("a module of this program");
    let name = format!("{module}::{test}");
    let program = env::current_exe().expect("the running program has a path");
    let output = Command::new(program)
        .args(["--exact", &name])
        .env(ALONE, "1")
        .output()
        .expect("the running program starts again");
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it));
    assert!(
        output.status.success() && stdout.contains("test result: ok. 1 passed"),
        "{name} in a process of its own:\n{stdout}{stderr}"
    );
    false
}
