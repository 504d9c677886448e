//! `man`: the manual page, written from the same declarations as `--help`.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Arg, Args, Command};
use clap_mangen::Man;

use super::output;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Write one page per command into this existing folder instead, and print their paths; files of the same names are
    /// replaced
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
}

/// What follows the flags: the rest of what a service is asked.
const CLOSING: &str = r#".SH "EXIT STATUS"
0: it did what was asked. 1: it failed, or what was asked about is not well. 2: it was asked wrong, or could not find out.
.SH SIGNALS
SIGHUP reads the configuration again. SIGTERM and SIGINT stop.
.SH ENVIRONMENT
CLUSTERLINK_ENDPOINT, CLUSTERLINK_CLUSTER_ID, CLUSTERLINK_API_KEY and CLUSTERLINK_API_SECRET describe a single cluster where no file is named; CLUSTERLINK_API_KEY_FILE and CLUSTERLINK_API_SECRET_FILE name files that hold the last two. CLUSTERLINK_GLOBAL__POLL_INTERVAL and its like override scalars of `global`. NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID come from systemd.
"#;

pub(super) fn run(options: &Options) -> ExitCode {
    match &options.to {
        Some(folder) => write(folder),
        None => output::status(super::say(text(one_page).trim_end())),
    }
}

fn write(folder: &Path) -> ExitCode {
    let mut command = documented();
    command.build();
    let own = text(|page| {
        Man::new(documented()).render(page)?;
        page.write_all(CLOSING.as_bytes())
    });
    let commands = command.get_subcommands().map(|command| {
        let man = Man::new(command.clone());
        (man.get_filename(), text(|page| man.render(page)))
    });
    let name = Man::new(documented()).get_filename();
    output::write_files(
        "manual page",
        folder,
        [(name, own)].into_iter().chain(commands),
    )
}

/// The command line as manual pages show it: without the revision, so that one version has one text.
fn documented() -> Command {
    super::command()
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_subcommand(true)
        .subcommand_value_name("COMMAND")
        .subcommand_help_heading("COMMANDS")
}

fn text(render: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> String {
    let mut page = Vec::new();
    render(&mut page).expect("memory takes what is written to it");
    String::from_utf8_lossy(&page).into_owned()
}

/// The program's own page, and in it all that its commands have beside the flags that serving has as well.
fn one_page(page: &mut dyn Write) -> io::Result<()> {
    let mut program = documented();
    program.build();
    let man = Man::new(program.clone());
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    writeln!(page, ".SH COMMANDS")?;
    for command in program.get_subcommands() {
        let is_help = |flag: &Arg| flag.get_id() == "help";
        let man = Man::new(hiding(command, is_help));
        writeln!(page, ".SS \"{}\"", command.get_name())?;
        body(page, |section| man.render_synopsis_section(section))?;
        writeln!(page, ".PP")?;
        body(page, |section| man.render_description_section(section))?;
        let own = hiding(command, |flag| {
            is_help(flag) || stands_above(flag, &program)
        });
        if own.get_arguments().any(|flag| !flag.is_hide_set()) {
            body(page, |section| {
                Man::new(own).render_options_section(section)
            })?;
        }
    }
    page.write_all(CLOSING.as_bytes())
}

fn hiding(command: &Command, is_hidden: impl Fn(&Arg) -> bool) -> Command {
    command.clone().mut_args(|flag| {
        let is_hidden = is_hidden(&flag);
        flag.hide(is_hidden)
    })
}

/// Whether the program itself has the same flag, with the same text and default.
fn stands_above(flag: &Arg, program: &Command) -> bool {
    let text = |flag: &Arg| flag.get_help().map(ToString::to_string);
    program.get_arguments().any(|above| {
        flag.get_id() == above.get_id()
            && text(flag) == text(above)
            && flag.get_default_values() == above.get_default_values()
    })
}

/// A section without its headings, which are those of the whole page.
fn body(
    page: &mut dyn Write,
    render: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    // What makes quotes and hyphens portable stands at the top of the page, once.
    let is_heading =
        |line: &&str| line.starts_with(".SH") || line.starts_with(".ie") || line.starts_with(".el");
    let section = text(render);
    let mut lines = section.lines().filter(|line| !is_heading(line));
    lines.try_for_each(|line| writeln!(page, "{line}"))
}
