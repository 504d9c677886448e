//! Scripts that need `prometheus_client`, the client library of another language with parsers of its own.

use std::{path::PathBuf, process::Command, sync::OnceLock};

/// The release whose parsers are asked.
const LIBRARY: &str = "prometheus_client==0.26.0";

/// A command that runs Python with the library, which is installed below `target` if it is not there yet; or why there is
/// none and what to do.
pub(crate) fn with_library() -> Result<Command, String> {
    static INSTALLED: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    INSTALLED.get_or_init(install).clone().map(Command::new)
}

fn install() -> Result<PathBuf, String> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(LIBRARY);
    let python = folder.join("bin/python");
    let has_library = |python: &PathBuf| {
        let import = ["-c", "import prometheus_client.openmetrics"];
        let imported = Command::new(python).args(import).output();
        imported.is_ok_and(|output| output.status.success())
    };
    if has_library(&python) {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder)).map_err(|why| {
        format!("`python3 -m venv` does not work ({why}); install the Debian packages python3 and python3-venv")
    })?;
    let install = ["-m", "pip", "install", "--quiet", "--no-deps", LIBRARY];
    run(Command::new(&python).args(install)).map_err(|why| {
        format!("`pip install {LIBRARY}` does not work ({why}); let it reach a registry of Python packages")
    })?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said.lines().last().unwrap_or("it says nothing").to_owned())
}
