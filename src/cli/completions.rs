//! `completions`: what a shell needs to complete commands, flags and their values.

use std::process::ExitCode;

use clap::Args;
use clap_complete::{Shell, generate};

use super::output;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The shell that will read it
    #[arg(value_name = "SHELL", value_enum)]
    shell: Shell,
}

pub(super) fn run(options: &Options) -> ExitCode {
    let mut command = super::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    generate(options.shell, &mut command, &name, &mut script);
    let script = String::from_utf8_lossy(&script);
    // Of a name with hyphens clap_complete's script for bash has two spellings, so that nothing is completed behind a
    // command (https://github.com/clap-rs/clap/issues/6421).
    let [wrong, right] = ["__subcmd__", "__"].map(|separator| name.replace('-', separator));
    output::status(super::say(script.trim_end().replace(&wrong, &right)))
}
