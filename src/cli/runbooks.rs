//! `runbooks`: what to do about an alert, for those who have the program and not its repository.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;

use super::output;
use crate::{
    alert::{Rule, rules},
    runbook::{self, runbooks},
};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The alert, such as ClusterLinkTaskInError; without one, all of them are listed
    #[arg(value_name = "ALERT")]
    alert: Option<String>,
    /// Write all runbooks into this existing folder instead, and print their paths; files of the same names are replaced
    #[arg(long, value_name = "FOLDER", conflicts_with = "alert")]
    to: Option<PathBuf>,
}

pub(super) fn run(options: &Options) -> ExitCode {
    match options {
        Options {
            to: Some(folder), ..
        } => write(folder),
        Options {
            alert: Some(alert), ..
        } => print(alert),
        _ => output::status(super::say(list())),
    }
}

fn print(alert: &str) -> ExitCode {
    let Some(page) = runbook::find(alert) else {
        super::complain(unknown(alert));
        return ExitCode::from(2);
    };
    output::status(super::say(page.markdown.trim_end()))
}

fn unknown(alert: &str) -> String {
    let instead = match runbook::nearest(alert) {
        Some(meant) => format!("`runbooks {meant}` is there"),
        None => "`runbooks` lists those that are".to_owned(),
    };
    format!(
        "`{}` is none of the shipped alerts; {instead}",
        alert.escape_debug()
    )
}

/// Each alert with what it says, in the order of the rules.
fn list() -> String {
    let names = rules().map(|Rule { name, .. }| name.len());
    let width = names.max().unwrap_or_default();
    let rows =
        rules().map(|Rule { name, severity, .. }| format!("{name:width$}  {}", severity.label()));
    rows.collect::<Vec<_>>().join("\n")
}

fn write(folder: &Path) -> ExitCode {
    let files = runbooks()
        .iter()
        .map(|page| (page.file_name, page.markdown));
    output::write_files("runbook", folder, files)
}
