//! Tells the program which sources and which compiler made it, for `--version` and `clusterlink_exporter_build_info`.

use std::{env, path::Path, process::Command};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=GIT_REVISION");
    // The log of HEAD grows with every commit. A path that does not exist would make cargo run this every time.
    if let Some(log) = output("git", &["rev-parse", "--git-path", "logs/HEAD"])
        && Path::new(&log).exists()
    {
        println!("cargo::rerun-if-changed={log}");
    }
    println!("cargo::rustc-env=BUILD_REVISION={}", revision());
    println!("cargo::rustc-env=BUILD_RUSTVERSION={}", rustversion());
    let target = env::var("TARGET").expect("cargo says which target it builds for");
    println!("cargo::rustc-env=BUILD_TARGET={target}");
}

/// The commit: as the packager says, else as git says, else `unknown`.
fn revision() -> String {
    env::var("GIT_REVISION")
        .ok()
        .filter(|revision| !revision.is_empty())
        .or_else(|| output("git", &["rev-parse", "--short=12", "HEAD"]))
        .unwrap_or_else(|| "unknown".to_owned())
}

/// The number in `rustc 1.95.0 (59807616e 2026-04-14)`.
fn rustversion() -> String {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    output(&rustc, &["--version"])
        .and_then(|line| line.split(' ').nth(1).map(str::to_owned))
        .unwrap_or_else(|| "unknown".to_owned())
}

/// The trimmed standard output of a command that worked and said something.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let text = text.trim();
    (output.status.success() && !text.is_empty()).then(|| text.to_owned())
}
