//! The scripts of `tools/preview`, run by Node.js.

use std::{path::PathBuf, process::Command};

/// What `npm ci` lays down last.
const INSTALLED: &str = "node_modules/.package-lock.json";

pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tools/preview")
}

/// A command that runs this script of the folder, or why it cannot run and what to do.
pub(crate) fn script(name: &str) -> Result<Command, &'static str> {
    let version = Command::new("node").arg("--version").output();
    if !version.is_ok_and(|output| output.status.success()) {
        return Err("`node` is not on PATH; install the Debian packages nodejs and npm");
    }
    if !folder().join(INSTALLED).exists() {
        return Err("its libraries are missing; run `npm ci --prefix tools/preview`");
    }
    let mut command = Command::new("node");
    command.arg(folder().join(name));
    Ok(command)
}
