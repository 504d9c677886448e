//! The programs of Prometheus and Alertmanager that tests start: those that the environment names, else those on PATH.

use std::{
    env,
    io::ErrorKind,
    process::{Command, Stdio},
};

/// Each program: its variable, what it is called on PATH, and the Debian package that brings it.
const PROGRAMS: [[&str; 3]; 4] = [
    ["PROMETHEUS", "prometheus", "prometheus"],
    ["PROMTOOL", "promtool", "prometheus"],
    [
        "ALERTMANAGER",
        "prometheus-alertmanager",
        "prometheus-alertmanager",
    ],
    ["AMTOOL", "amtool", "prometheus-alertmanager"],
];

/// A command that runs the program of this variable, or why there is none and what to do.
///
/// A test that skips for want of a program that somebody named would pass without having tried it: that is a failure.
pub(crate) fn command(variable: &str) -> Result<Command, String> {
    let [_, name, package] = PROGRAMS
        .into_iter()
        .find(|[known, ..]| *known == variable)
        .unwrap_or_else(|| panic!("no program has the variable `{variable}`"));
    let named = env::var_os(variable).filter(|named| !named.is_empty());
    let program = named.clone().unwrap_or_else(|| name.into());
    let version = Command::new(&program)
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    let problem = match version {
        Ok(output) if output.status.success() => return Ok(Command::new(program)),
        Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => {
            return Err(format!(
                "`{name}` is not on PATH; install the Debian package {package}, or name the program in the variable {variable}"
            ));
        }
        Ok(output) => format!("{}: {output:?}", output.status),
        Err(error) => error.to_string(),
    };
    let (place, remedy) = match named {
        Some(_) => (
            format!(", which the variable {variable} names,"),
            format!("name one that runs, or unset {variable} for `{name}` on PATH"),
        ),
        None => (
            " on PATH".to_owned(),
            format!("install the Debian package {package} anew"),
        ),
    };
    panic!(
        "`{} --version`{place} does not run: {problem}; {remedy}",
        program.display()
    );
}
