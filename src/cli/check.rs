//! `check-config`: what a start would say of a file, without starting anything.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use crate::config::{Config, Environment, Source};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The file to check
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(super) fn run(options: &Options) -> ExitCode {
    let file = options.file.display();
    match Config::load(&Source::File(options.file.clone()), &Environment::capture()) {
        Ok(config) => {
            for warning in &config.warnings {
                eprintln!("{warning}");
            }
            let count = config.clusters.len();
            let clusters = if count == 1 { "cluster" } else { "clusters" };
            println!("{file}: valid, {count} {clusters}");
            ExitCode::SUCCESS
        }
        Err(problems) => super::report(&problems),
    }
}
