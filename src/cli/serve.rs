//! No command: serve.

use std::{process::ExitCode, sync::Arc, time::Duration};

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{ConfigFile, Log, web::Web};
use crate::{
    app,
    config::Config,
    document::{Location, Problem, Problems},
    file,
    model::Shard,
    telemetry::systemd::ServiceManager,
};

/// What is read without a command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Serving")]
pub(super) struct Options {
    #[command(flatten)]
    web: Web,
    /// Poll only the clusters that fall to shard INDEX of TOTAL, counted from 0; each cluster falls to one, by its name
    #[arg(long, value_name = "INDEX/TOTAL")]
    shard: Option<Shard>,
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    auto_reload: AutoReload,
    #[command(flatten)]
    pub(super) log: Log,
}

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Configuration")]
struct AutoReload {
    /// Reload when the configuration file holds something else, once that was found twice in a row
    #[arg(id = "auto_reload", long = "config.auto-reload", requires = "file")]
    is_wanted: bool,
    /// How often to look at the file: 1s to 1day
    #[arg(
        long = "config.auto-reload-interval",
        value_name = "DURATION",
        default_value = "30s",
        requires = "auto_reload",
        value_parser = duration
    )]
    interval: Duration,
}

impl AutoReload {
    const SHORTEST: Duration = Duration::from_secs(1);
    const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

    /// Looks at the file for the first time, or says why it cannot be watched.
    fn begin(&self, config: &ConfigFile) -> Result<Option<app::AutoReload>, Problems> {
        let Some(file) = config.file.as_ref().filter(|_| self.is_wanted) else {
            return Ok(None);
        };
        let watched = app::AutoReload::new(file, self.interval);
        watched.map(Some).map_err(|error| {
            let instead =
                "name a regular file with `--config.file`, or leave `--config.auto-reload` out";
            Problems::new(vec![Problem {
                location: Location::File {
                    path: file.clone(),
                    position: None,
                },
                key: None,
                found: format!("a file that cannot be watched ({error})"),
                instead: instead.to_owned(),
            }])
        })
    }
}

fn duration(text: &str) -> Result<Duration, &'static str> {
    let duration = humantime::parse_duration(text)
        .map_err(|_| "write a number and a unit, such as `30s` or `2m`")?;
    if (AutoReload::SHORTEST..=AutoReload::LONGEST).contains(&duration) {
        Ok(duration)
    } else {
        Err("write a duration from `1s` to `1day`, such as `30s`")
    }
}

/// Reads the configuration without the clusters that fall to other shards.
fn read_own(source: &ConfigFile, shard: Option<Shard>) -> Result<Config, Problems> {
    let mut config = source.read()?;
    if let Some(shard) = shard {
        let configured = config.clusters.len();
        config.clusters.retain(|cluster| shard.has(&cluster.name));
        let clusters = config.clusters.len();
        if clusters == 0 && config.discovery.items.is_empty() {
            tracing::warn!(%shard, configured, "no cluster falls to this shard: it polls nothing");
        } else {
            tracing::info!(%shard, clusters, configured, "only the clusters of this shard are polled");
        }
    }
    Ok(config)
}

/// Who started this process and wants to hear how it goes.
pub(super) fn service_manager() -> Option<ServiceManager> {
    let found = ServiceManager::of_environment();
    found.unwrap_or_else(|no_socket| {
        tracing::warn!("{no_socket}");
        None
    })
}

pub(super) fn run(options: &Options) -> ExitCode {
    super::block_on(serve(options))
}

async fn serve(options: &Options) -> ExitCode {
    // Before anything takes its time: until then a SIGHUP ends the process.
    let hangup = app::hangup();
    let (source, shard) = (options.config.clone(), options.shard);
    let (own, web_file) = (source.clone(), options.web.config.clone());
    let auto_reload = options.auto_reload.clone();
    // Files that do not answer are waited for together, and both are read before either is refused: all problems at once.
    let (config, web_config) = tokio::join!(
        file::unblocked(move || {
            let watched = auto_reload.begin(&own)?;
            Ok((read_own(&own, shard)?, watched))
        }),
        file::unblocked(move || web_file.read())
    );
    let config = config.map_err(|problems: Problems| super::complain(problems));
    let web_config = web_config.map_err(super::complain);
    let (Ok((config, auto_reload)), Ok(web_config)) = (config, web_config) else {
        return ExitCode::from(2);
    };
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    match options.web.listen.bind().await {
        Ok(listener) => {
            let web = options.web.serving(listener, web_config, shard);
            run_until_stopped(app::Start {
                config,
                hangup,
                load: Arc::new(move || read_own(&source, shard)),
                auto_reload,
                web,
                dry_run: options.web.dry_run,
                service_manager: service_manager(),
            })
            .await
        }
        Err(status) => status,
    }
}

/// Runs the exporter until SIGTERM or SIGINT.
pub(super) async fn run_until_stopped(start: app::Start) -> ExitCode {
    let shutdown = CancellationToken::new();
    tokio::spawn(stop_on_signal(shutdown.clone()));
    match app::start(start).await {
        Ok(running) => {
            running.until(shutdown).await;
            ExitCode::SUCCESS
        }
        Err(error) => {
            super::complain(error);
            ExitCode::FAILURE
        }
    }
}

/// Cancels on SIGTERM or SIGINT.
pub(super) async fn stop_on_signal(shutdown: CancellationToken) {
    let mut terminate = signal(SignalKind::terminate()).expect("a process may listen for SIGTERM");
    let mut interrupt = signal(SignalKind::interrupt()).expect("a process may listen for SIGINT");
    let name = tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    };
    tracing::info!(signal = name, "stopping");
    shutdown.cancel();
}
