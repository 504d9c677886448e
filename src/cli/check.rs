//! `check-config`: what a start would say of a configuration, without starting anything.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use super::{ConfigFile, output};
use crate::alert::{Overrides, rules};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The file to check; without one, what a start without a command would load
    #[arg(id = "checked", value_name = "FILE", conflicts_with = "file")]
    file: Option<PathBuf>,
    /// Show the alert rules as this configuration has them
    #[arg(long)]
    rules: bool,
}

pub(super) fn run(config: &ConfigFile, options: &Options) -> ExitCode {
    let file = options.file.as_ref().or(config.file.as_ref()).cloned();
    let name = file
        .as_ref()
        .map_or("environment".to_owned(), |file| file.display().to_string());
    match (ConfigFile { file }).load() {
        Ok(config) => {
            for warning in &config.warnings {
                super::complain(warning);
            }
            let count = config.clusters.len();
            let clusters = if count == 1 { "cluster" } else { "clusters" };
            let discoveries = match config.discovery.items.len() {
                0 => String::new(),
                1 => " and 1 discovery".to_owned(),
                more => format!(" and {more} discoveries"),
            };
            let valid = format!("{name}: valid, {count} {clusters}{discoveries}");
            let valid = super::say(valid);
            output::status(match valid {
                Ok(()) if options.rules => super::say(shown(&config.rules)),
                valid => valid,
            })
        }
        Err(status) => status,
    }
}

/// One line a rule of the table, in its order.
fn shown(overrides: &Overrides) -> String {
    let applied = overrides.applied();
    let width = rules().map(|rule| rule.name.len()).max().unwrap_or(0);
    let lines = rules().map(|rule| {
        let name = rule.name;
        let Some(own) = applied.iter().find(|own| own.name == name) else {
            return format!("{name:width$}  disabled");
        };
        let severity = own.severity.label();
        let wait = humantime::format_duration(own.hold_duration);
        let keep = humantime::format_duration(own.keep_firing_for);
        let evaluated = if own.condition.is_some() {
            ""
        } else {
            "  in Prometheus only"
        };
        let text = format!("{severity:8}  for {wait}, keeps firing for {keep}{evaluated}");
        format!("{name:width$}  {text}")
    });
    lines.collect::<Vec<_>>().join("\n")
}
