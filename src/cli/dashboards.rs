//! `dashboards`: the Grafana dashboards as files, for those who have the program and not its repository.

use std::{fs, path::PathBuf, process::ExitCode};

use clap::Args;

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
    let Options {
        folder,
        runbook_url,
    } = options.clone();
    if !folder.is_dir() {
        eprintln!(
            "{}: found no such folder; make it, or name another",
            folder.display()
        );
        return ExitCode::from(2);
    }
    let runbooks = runbook_url.unwrap_or_default();
    for board in dashboard::boards() {
        let file = folder.join(board.file_name());
        if let Err(error) = fs::write(&file, board.json(&runbooks)) {
            eprintln!("cannot write the dashboard: {}: {error}", file.display());
            return ExitCode::FAILURE;
        }
        super::say(file.display());
    }
    ExitCode::SUCCESS
}
