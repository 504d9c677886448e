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
    let Options {
        folder,
        runbook_url,
    } = options.clone();
    if !folder.is_dir() {
        super::complain(format_args!(
            "{}: found no such folder; make it, or name another",
            folder.display()
        ));
        return ExitCode::from(2);
    }
    let runbooks = runbook_url.unwrap_or_default();
    let mut said = Ok(());
    for board in dashboard::boards() {
        let file = folder.join(board.file_name());
        if let Err(error) = output::write_file(&file, &board.json(&runbooks)) {
            let file = file.display();
            super::complain(format_args!("cannot write the dashboard: {file}: {error}"));
            return ExitCode::FAILURE;
        }
        // The files are what was asked for: they are written also where nobody hears of them.
        said = said.and_then(|()| super::say(file.display()));
    }
    output::status(said)
}
