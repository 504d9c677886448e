//! `check-config`: what a start would say of a configuration, without starting anything.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use super::ConfigFile;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The file to check; without one, what a start without a command would load
    #[arg(id = "checked", value_name = "FILE", conflicts_with = "file")]
    file: Option<PathBuf>,
}

pub(super) fn run(config: &ConfigFile, options: &Options) -> ExitCode {
    let file = options.file.as_ref().or(config.file.as_ref()).cloned();
    let name = file
        .as_ref()
        .map_or("environment".to_owned(), |file| file.display().to_string());
    match (ConfigFile { file }).load() {
        Ok(config) => {
            for warning in &config.warnings {
                eprintln!("{warning}");
            }
            let count = config.clusters.len();
            let clusters = if count == 1 { "cluster" } else { "clusters" };
            super::say(format_args!("{name}: valid, {count} {clusters}"));
            ExitCode::SUCCESS
        }
        Err(status) => status,
    }
}
