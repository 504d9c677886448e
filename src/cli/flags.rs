//! Flags belong to commands: each takes those that it reads. One that stands before the command counts as if it stood
//! behind it, and one that only others take is refused with their names.

use std::ffi::OsString;

use clap::{
    Command,
    error::{ContextKind, ContextValue, ErrorKind},
};

/// Puts the flags before the command behind it: `--config.file FILE tasks` is `tasks --config.file FILE`.
///
/// Only flags that are read without a command too can stand there: of others it is not known whether a value follows.
pub(super) fn behind_the_command(program: &Command, arguments: Vec<OsString>) -> Vec<OsString> {
    let Some(at) = command_at(program, &arguments) else {
        return arguments;
    };
    let mut arranged = arguments;
    if let Some(before) = arranged.get_mut(1..=at) {
        before.rotate_right(1);
    }
    arranged
}

/// The position of the command, where all before it are flags that are read without one.
fn command_at(program: &Command, arguments: &[OsString]) -> Option<usize> {
    let mut at = 1;
    loop {
        let argument = arguments.get(at)?.to_str()?;
        let Some(flag) = argument.strip_prefix("--") else {
            return program.find_subcommand(argument).map(|_| at);
        };
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (flag, None),
        };
        let known = program
            .get_arguments()
            .find(|known| known.get_long() == Some(name))?;
        let follows = known.get_action().takes_values() && value.is_none();
        at += if follows { 2 } else { 1 };
    }
}

/// What to say where the error is a flag that other commands take.
pub(super) fn of_another_command(
    program: &Command,
    error: &clap::Error,
    arguments: &[OsString],
) -> Option<String> {
    let (ErrorKind::UnknownArgument, Some(ContextValue::String(flag))) =
        (error.kind(), error.get(ContextKind::InvalidArg))
    else {
        return None;
    };
    let takers = takers(program, flag.strip_prefix("--")?);
    let (last, others) = takers.split_last()?;
    let takers = match others {
        [] => format!("{last} takes it"),
        _ => format!("{} and {last} take it", others.join(", ")),
    };
    let asked = arguments.get(1).and_then(|asked| asked.to_str());
    Some(
        match asked.and_then(|asked| program.find_subcommand(asked)) {
            Some(command) => {
                let name = command.get_name();
                format!(
                    "error: `{name}` does not read '{flag}', leave it out: {takers}; try `{name} --help`"
                )
            }
            None => format!(
                "error: '{flag}' is not read without a command: {takers}, behind the command; try `--help`"
            ),
        },
    )
}

/// Who takes this flag, in words and in the order of the help.
fn takers(program: &Command, flag: &str) -> Vec<String> {
    let takes = |command: &&Command| {
        let mut known = command.get_arguments();
        known.any(|known| known.get_long() == Some(flag))
    };
    let serving = Some(program).filter(takes);
    let serving = serving.map(|_| "serving (without a command)".to_owned());
    let commands = program.get_subcommands().filter(takes);
    let commands = commands.map(|command| format!("`{}`", command.get_name()));
    serving.into_iter().chain(commands).collect()
}
