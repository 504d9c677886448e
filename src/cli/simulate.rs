//! `simulate`: a Cluster Linking REST API to point things at: a first configuration, a fire drill, a test.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{Log, Output, output, serve, table::PIPE_WIDTH, web::Listen, wrap::wrapped};
use crate::{
    clock::Clock,
    simulator::{self, Entry, SCENARIOS, Scenario, Simulator},
};

#[derive(Debug, Args)]
// The port of Confluent Platform's REST server.
#[command(mut_args(Listen::by_default("127.0.0.1:8090")))]
pub(super) struct Options {
    /// What happens; `--list` says what there is
    #[arg(value_name = "SCENARIO", default_value = "demo", value_parser = scenario)]
    scenario: Scenario,
    /// Print the scenarios and stop
    #[arg(long)]
    list: bool,
    /// Shape of the list
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "table",
        requires = "list"
    )]
    output: Output,
    /// Makes ids, lags and latencies differ from run to run, and the same seed the same again
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Ask for HTTP Basic authentication; without it everybody is let in
    #[arg(long, value_name = "KEY:SECRET")]
    basic_auth: Option<String>,
    #[command(flatten)]
    listen: Listen,
    #[command(flatten)]
    pub(super) log: Log,
}

fn scenario(name: &str) -> Result<Scenario, String> {
    Scenario::named(name).ok_or_else(|| {
        let names: Vec<_> = SCENARIOS.iter().map(|entry| entry.name).collect();
        format!("there is no such scenario, only: {}", names.join(", "))
    })
}

/// Not a value parser: clap prints what a parser refuses, and this may be a secret.
fn credentials(text: &str) -> Option<(String, String)> {
    let (key, secret) = text.split_once(':')?;
    Some((key.to_owned(), secret.to_owned()))
}

pub(super) fn run(options: &Options) -> ExitCode {
    if options.list {
        return output::status(match options.output {
            Output::Table => super::say(list(super::terminal_width().unwrap_or(PIPE_WIDTH))),
            Output::Json => super::say_json(&json!({ "scenarios": SCENARIOS.iter().map(|entry| {
                json!({ "name": entry.name, "description": entry.description })
            }).collect::<Vec<_>>() })),
        });
    }
    let credentials = options.basic_auth.as_deref().map(credentials);
    if credentials == Some(None) {
        super::complain(
            "error: invalid value for '--basic-auth': it holds no colon, write `KEY:SECRET`; try `--help`",
        );
        return ExitCode::from(2);
    }
    let simulator = Simulator::new(options.scenario.clone(), options.seed);
    simulator.update(|world| {
        world.began_ms = Some(Clock::system().now().as_millisecond());
        world.credentials = credentials.flatten();
    });
    super::block_on(simulate(simulator, &options.listen))
}

/// A line for each scenario, or several where it is too long for one.
fn list(width: u16) -> String {
    let longest = SCENARIOS.iter().map(|entry| entry.name.len()).max();
    let column = longest.unwrap_or_default() + 2;
    let line = |entry: &Entry| {
        let name = format!("{:column$}", entry.name);
        wrapped(&name, entry.description, width.into())
    };
    SCENARIOS.iter().map(line).collect::<Vec<_>>().join("\n")
}

async fn simulate(simulator: Simulator, listen: &Listen) -> ExitCode {
    let listener = match listen.bind().await {
        Ok(listener) => listener,
        Err(status) => return status,
    };
    let address = listener
        .local_addr()
        .expect("a bound socket has an address");
    let mut ids = simulator.cluster_ids().into_iter();
    let said = ids.try_for_each(|id| {
        super::say(format_args!(
            "http://{address}/kafka/v3/clusters/{id}/links"
        ))
    });
    if said.is_err() {
        return ExitCode::FAILURE;
    }
    let shutdown = CancellationToken::new();
    tokio::spawn(serve::stop_on_signal(shutdown.clone()));
    simulator::serve(listener, simulator, shutdown).await;
    ExitCode::SUCCESS
}
