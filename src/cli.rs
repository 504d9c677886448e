//! The command line: flags spelled as exporters spell theirs, one file per command.

mod address;
mod check;
mod completions;
mod connect;
mod dashboards;
mod demo;
mod discover;
mod dr_check;
mod explain;
mod flags;
mod health;
mod man;
mod output;
mod rules;
mod runbooks;
mod serve;
mod simulate;
mod table;
mod tasks;
mod test_alert;
mod unanswered;
mod web;
mod wrap;

use std::{
    ffi::OsString,
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use self::output::{complain, say, say_json};
use crate::{
    app,
    config::{Config, Environment, Problems, Source},
    telemetry::logging::{self, LogFormat, LogLevel},
    text::printable,
};

/// Shown by `--version`.
const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (revision ",
    env!("BUILD_REVISION"),
    ", rust ",
    env!("BUILD_RUSTVERSION"),
    ", ",
    env!("BUILD_TARGET"),
    ")"
);

/// Prometheus exporter for the tasks of Confluent Cluster Linking.
///
/// Polls the links of each configured cluster and serves the state and the errors of every task on /metrics. Without a
/// command it serves; `demo` shows it at work without any cluster of yours.
#[derive(Debug, Parser)]
#[command(name = "cluster-link-exporter", version = VERSION, arg_required_else_help = false)]
struct Cli {
    #[command(flatten)]
    serve: serve::Options,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check a configuration file and say every problem of it
    CheckConfig(check::Options),
    /// Ask once and print every link's tasks; status 0: all healthy, 1: a link or a task is not, 2: could not ask
    Tasks(tasks::Options),
    /// Ask twice and judge whether one could fail over each link now; status 0: ready, 1: a link is not, 2: not judged
    DrCheck(dr_check::Options),
    /// Print the clusters that would be polled, discovered ones included; with --url or --cluster, those that a REST API knows;
    /// status 2: could not ask
    Discover(discover::Options),
    /// Explain an error code: what it means, what leads to it, what to do; without a code, list them
    Explain(explain::Options),
    /// Serve four simulated clusters and the exporter that watches them, on this machine
    Demo(demo::Options),
    /// Serve a simulated Cluster Linking REST API
    Simulate(simulate::Options),
    /// Print the alert rules for Prometheus, with the overrides of `--config.file` where one is given
    Rules(rules::Options),
    /// Write the Grafana dashboards into a folder, and print their paths
    Dashboards(dashboards::Options),
    /// Print the runbook of an alert, list them, or write all of them into a folder
    Runbooks(runbooks::Options),
    /// Send a test alert and its resolve to one receiver; status 0: it took both, 1: it did not
    ///
    /// Sends an alert of severity `info` that says it is a test, then its resolve, each once, and prints what the receiver
    /// answers. An Alertmanager that waits before it notifies (`group_wait`) tells nobody of an alert that ended meanwhile.
    TestAlert(test_alert::Options),
    /// Ask a running exporter whether it is healthy; status 0: it is
    Healthcheck(health::Options),
    /// Print what a shell needs to complete commands, flags and their values
    Completions(completions::Options),
    /// Print the manual page, or write one page per command into a folder
    Man(man::Options),
}

/// The shapes of what a command that asks clusters prints.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Output {
    /// For people, wrapped to the terminal
    Table,
    /// For programs
    Json,
}

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Configuration")]
struct ConfigFile {
    /// Configuration file. Without one, CLUSTERLINK_ENDPOINT, CLUSTERLINK_CLUSTER_ID, CLUSTERLINK_API_KEY and
    /// CLUSTERLINK_API_SECRET describe a single cluster; the last two may be in files that CLUSTERLINK_API_KEY_FILE and
    /// CLUSTERLINK_API_SECRET_FILE name
    #[arg(long = "config.file", value_name = "FILE")]
    file: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Logging")]
struct Log {
    /// Log lines of this level and above
    #[arg(
        long = "log.level",
        value_enum,
        value_name = "LEVEL",
        default_value = "info"
    )]
    level: LogLevel,
    /// Shape of a log line
    #[arg(
        long = "log.format",
        value_enum,
        value_name = "FORMAT",
        default_value = "logfmt"
    )]
    format: LogFormat,
}

/// Runs the program with these arguments. The status is API: 0 it did what was asked, 1 it failed, 2 it was asked wrong.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let program = command();
    let arguments = flags::behind_the_command(&program, arguments.into_iter().collect());
    let cli = match program
        .try_get_matches_from(&arguments)
        .and_then(|found| Cli::from_arg_matches(&found))
    {
        Ok(cli) => cli,
        Err(error) => return refuse(&error, &arguments),
    };
    if let Some(log) = cli.log() {
        logging::start(log.format, log.level);
    }
    match cli.command {
        None => serve::run(&cli.serve),
        Some(Command::CheckConfig(options)) => check::run(&options),
        Some(Command::Tasks(options)) => tasks::run(&options),
        Some(Command::DrCheck(options)) => dr_check::run(&options),
        Some(Command::Discover(options)) => discover::run(&options),
        Some(Command::Explain(options)) => explain::run(&options),
        Some(Command::Demo(options)) => demo::run(&options),
        Some(Command::Simulate(options)) => simulate::run(&options),
        Some(Command::Rules(options)) => rules::run(&options),
        Some(Command::Dashboards(options)) => dashboards::run(&options),
        Some(Command::Runbooks(options)) => runbooks::run(&options),
        Some(Command::TestAlert(options)) => test_alert::run(&options),
        Some(Command::Healthcheck(options)) => health::run(&options),
        Some(Command::Completions(options)) => completions::run(&options),
        Some(Command::Man(options)) => man::run(&options),
    }
}

impl Cli {
    /// How to log; commands that have nothing to log have no flags for it.
    fn log(&self) -> Option<&Log> {
        match &self.command {
            None => Some(&self.serve.log),
            Some(Command::Tasks(options)) => Some(&options.log),
            Some(Command::DrCheck(options)) => Some(&options.log),
            Some(Command::Discover(options)) => Some(&options.log),
            Some(Command::Demo(options)) => Some(&options.log),
            Some(Command::Simulate(options)) => Some(&options.log),
            Some(Command::TestAlert(options)) => Some(&options.log),
            Some(Command::Healthcheck(options)) => Some(&options.log),
            Some(
                Command::CheckConfig(_)
                | Command::Explain(_)
                | Command::Rules(_)
                | Command::Dashboards(_)
                | Command::Runbooks(_)
                | Command::Completions(_)
                | Command::Man(_),
            ) => None,
        }
    }
}

/// The command line as it is declared.
fn command() -> clap::Command {
    Cli::command()
}

/// Help and version go to standard output with status 0, a wrong flag is one line on standard error with status 2.
fn refuse(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    if !error.use_stderr() {
        let printed = error.print().and_then(|()| io::stdout().flush());
        return output::status(output::written(printed));
    }
    if let Some(refusal) = flags::of_another_command(&command(), error, arguments) {
        complain(refusal);
        return ExitCode::from(2);
    }
    let text = error.render().to_string();
    // clap's own text continues with tips and the usage; what was wrong is its first paragraph.
    let lines = text
        .lines()
        .take_while(|line| !line.trim().is_empty())
        .map(str::trim);
    // Of the tips, those about a spelling help; others explain `--`.
    let meant = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("tip: "))
        .find(|tip| tip.contains("similar"));
    let tip = meant.map_or_else(String::new, |tip| format!("; {tip}"));
    let lines = lines.collect::<Vec<_>>().join(" ");
    complain(format_args!("{lines}{tip}; try `--help`"));
    ExitCode::from(2)
}

impl ConfigFile {
    /// Loads the configuration; on problems prints them all.
    fn load(&self) -> Result<Config, ExitCode> {
        self.read().map_err(|problems| report(&problems))
    }

    /// The same with the clusters that its discoveries find now, and whether they could all be asked; says what could not.
    fn load_with_discovered(&self) -> Result<(Config, bool), ExitCode> {
        self.load().map(with_discovered)
    }

    /// Loads the configuration; a later call reads the same file anew.
    fn read(&self) -> Result<Config, Problems> {
        Config::load(&self.source(), &Environment::capture())
    }

    /// Where the clusters are described.
    fn source(&self) -> Source {
        self.file.clone().map_or(Source::Environment, Source::File)
    }
}

/// The configuration with the clusters that its discoveries find now, and whether they could all be asked; says what could
/// not.
fn with_discovered(config: Config) -> (Config, bool) {
    let (config, problems) = block_on(app::with_discovered(config));
    for problem in &problems {
        complain(printable(&problem.to_string()));
    }
    (config, problems.is_empty())
}

fn report(problems: &Problems) -> ExitCode {
    complain(problems);
    ExitCode::from(2)
}

/// The width of the terminal that standard output is, if it is one.
fn terminal_width() -> Option<u16> {
    terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0)
}

/// Runs a command's asynchronous part. Few threads: the work is waiting.
fn block_on<T>(work: impl Future<Output = T>) -> T {
    let threads = std::thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 4));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .expect("the system gives a process its threads and its event queue");
    let result = runtime.block_on(work);
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    result
}
