//! The scripts of `tools/preview`, run by Node.js.

use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    process::{self, Command},
};

use serde_json::Value;

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

/// The JSON schema of the types in this file of `schema`, of which each is a definition; or why there is none and what to
/// do.
pub(crate) fn schema(types: &str) -> Result<Value, &'static str> {
    let file = made(types, script("schema/generate.mjs")?);
    let schema = fs::read_to_string(file).expect("the script has written it");
    Ok(serde_json::from_str(&schema).expect("a schema in JSON"))
}

/// Makes the schema, unless it is there from the same sources.
fn made(types: &str, mut generate: Command) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    // Another one of these is another schema.
    let source = format!("schema/{types}");
    for source in ["package-lock.json", &source, "schema/generate.mjs"] {
        let text = fs::read(folder().join(source)).expect("a file of the repository");
        text.hash(&mut hasher);
    }
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = target.join(format!("{types}-{:016x}.json", hasher.finish()));
    if !file.exists() {
        // Under a name of its own first: tests run side by side.
        let thread = std::thread::current().id();
        let fresh = target.join(format!("{types}-{}-{thread:?}.json", process::id()));
        let output = generate.arg(types).arg(&fresh).output();
        let output = output.expect("`node` runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "`tools/preview/schema/generate.mjs {types}` fails:\n{errors}"
        );
        fs::rename(&fresh, &file).expect("a file of ours");
    }
    file
}
