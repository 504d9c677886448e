//! `check-config`: what a start would say of a configuration, without starting anything.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use super::{ConfigFile, Output, connect, output};
use crate::{
    alert::{Overrides, rules},
    config::{self, Config, Environment, Problems, Unread},
};

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct Options {
    /// The file to check; without one, what a start without a command would load
    #[arg(id = "checked", value_name = "FILE", conflicts_with = "file")]
    file: Option<PathBuf>,
    /// Show the alert rules as this configuration has them
    #[arg(long)]
    rules: bool,
    /// Leave alone what is in files and variables with secrets and certificates, and whether they are there: for a check
    /// where they are not, such as that of a pull request. Says how many were not read
    #[arg(long)]
    no_secrets: bool,
    /// Print the JSON Schema of the file instead, for editors
    #[arg(long, conflicts_with_all = ["checked", "file", "rules", "no_secrets"])]
    schema: bool,
    /// Ask each cluster once what the credentials allow, and print the commands that grant what is missing; status 0: all of
    /// it is allowed, 1: something is forbidden, 2: something is not known
    #[arg(long, conflicts_with_all = ["rules", "no_secrets", "schema"])]
    connect: bool,
    /// Shape of what `--connect` prints
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "table",
        requires = "connect"
    )]
    output: Output,
    #[command(flatten)]
    config: ConfigFile,
}

pub(super) fn run(options: &Options) -> ExitCode {
    if options.schema {
        return output::status(super::say(config::schema()));
    }
    let file = options
        .file
        .as_ref()
        .or(options.config.file.as_ref())
        .cloned();
    let name = file
        .as_ref()
        .map_or("environment".to_owned(), |file| file.display().to_string());
    let (config, unread) = match load(&ConfigFile { file }, options.no_secrets) {
        Ok(loaded) => loaded,
        Err(problems) => return super::report(&problems),
    };
    for warning in &config.warnings {
        super::complain(warning);
    }
    if options.connect && matches!(options.output, Output::Json) {
        return connect::run(config, options.output);
    }
    let count = config.clusters.len();
    let clusters = if count == 1 { "cluster" } else { "clusters" };
    let unread = unread.map_or_else(String::new, |unread| {
        format!("; {unread} with secrets or certificates not read")
    });
    let discoveries = match config.discovery.items.len() {
        0 => String::new(),
        1 => " and 1 discovery".to_owned(),
        more => format!(" and {more} discoveries"),
    };
    let valid = super::say(format_args!(
        "{name}: valid, {count} {clusters}{discoveries}{unread}"
    ));
    if options.connect {
        return match valid {
            Ok(()) => connect::run(config, options.output),
            unwritten => output::verdict(unwritten, ExitCode::SUCCESS),
        };
    }
    output::status(match valid {
        Ok(()) if options.rules => super::say(shown(&config.rules)),
        valid => valid,
    })
}

/// Loads the configuration; without secrets, what was not read too.
fn load(file: &ConfigFile, no_secrets: bool) -> Result<(Config, Option<Unread>), Problems> {
    if !no_secrets {
        return file.read().map(|config| (config, None));
    }
    let loaded = Config::load_without_secrets(&file.source(), &Environment::capture());
    loaded.map(|(config, unread)| (config, Some(unread)))
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
