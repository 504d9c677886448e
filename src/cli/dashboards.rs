//! `dashboards`: the Grafana dashboards as files, for those who have the program and not its repository.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use super::output;
use crate::{alert::Runbooks, dashboard};

#[derive(Clone, Debug, Args)]
pub(super) struct Options {
    /// An existing folder; files of the same names in it are replaced
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Where the folder `alerts/runbooks` is read, for the links from alerts, such as https://wiki.example.com/runbooks
    #[arg(long, value_name = "URL")]
    runbook_url: Option<Runbooks>,
}

pub(super) fn run(options: &Options) -> ExitCode {
    let runbooks = options.runbook_url.clone().unwrap_or_default();
    let boards = dashboard::boards().into_iter();
    let files = boards.map(|board| (board.file_name(), board.json(&runbooks)));
    output::write_files("dashboard", &options.folder, files)
}
