//! `dashboards`: the Grafana dashboards as files, for those who have the program and not its repository.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use super::output;
use crate::{config::base_url, dashboard, web_links::BaseUrl};

#[derive(Clone, Debug, Args)]
pub(super) struct Options {
    /// An existing folder; files of the same names in it are replaced
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Where your copy of the folder `alerts/runbooks` is read, for the links from alerts, such as
    /// https://wiki.example.com/runbooks; otherwise as the running exporter says
    #[arg(long, value_name = "URL", value_parser = base_url)]
    runbook_url: Option<BaseUrl>,
}

pub(super) fn run(options: &Options) -> ExitCode {
    let boards = dashboard::boards(options.runbook_url.as_ref()).into_iter();
    let files = boards.map(|board| (board.file_name(), board.json()));
    output::write_files("dashboard", &options.folder, files)
}
