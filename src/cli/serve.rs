//! No command: serve.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use clap::Args;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

use super::{ConfigFile, address::address};
use crate::{
    app, config::Config, document::Problems, file, http::WebConfig, model::Shard, status,
    telemetry::systemd::ServiceManager, web_links::RUNBOOKS,
};

pub(super) const LISTEN_ADDRESS_FLAG: &str = "--web.listen-address";

/// The flags of the serving side.
#[derive(Debug, Args)]
#[command(next_help_heading = "Serving")]
pub(super) struct Options {
    /// Address to listen on; a port alone means every interface [default: :10191; `demo`: 127.0.0.1:10191; `simulate`:
    /// 127.0.0.1:8090]
    #[arg(long = "web.listen-address", value_name = "ADDRESS", global = true, value_parser = address)]
    listen_address: Option<String>,
    /// Path of the metrics
    #[arg(long = "web.telemetry-path", value_name = "PATH", default_value = "/metrics", global = true,
        value_parser = telemetry_path)]
    pub(super) telemetry_path: String,
    /// TLS, users and headers of the served pages: a web configuration file as Prometheus' exporters read it
    #[arg(long = "web.config.file", value_name = "FILE", global = true)]
    config_file: Option<PathBuf>,
    /// Log alerts instead of sending them
    #[arg(long = "alerting.dry-run", global = true)]
    pub(super) dry_run: bool,
    /// Permit `POST /-/reload`; SIGHUP reloads in any case
    #[arg(long = "web.enable-lifecycle", global = true)]
    lifecycle: bool,
    /// Poll only the clusters that fall to shard INDEX of TOTAL, counted from 0; each cluster falls to one, by its name
    #[arg(long, value_name = "INDEX/TOTAL")]
    pub(super) shard: Option<Shard>,
}

impl Options {
    const LISTEN_ADDRESS: &str = ":10191";

    pub(super) fn listen_address(&self) -> &str {
        self.listen_address
            .as_deref()
            .unwrap_or(Self::LISTEN_ADDRESS)
    }

    /// Reads the web configuration file; on problems prints them all.
    pub(super) fn web_config(&self) -> Result<WebConfig, ExitCode> {
        let problems = match read(self.config_file.as_deref()) {
            Ok(config) => return Ok(config),
            Err(problems) => problems,
        };
        super::complain(problems);
        Err(ExitCode::from(2))
    }

    /// The serving side as it was asked for.
    pub(super) fn web(&self, listener: TcpListener, config: WebConfig) -> app::Web {
        app::Web {
            listener,
            telemetry_path: self.telemetry_path.clone(),
            config,
            lifecycle: self.lifecycle,
            shard: self.shard,
        }
    }

    /// The address of a demo, which is nobody's business but this machine's.
    pub(super) fn demo_address(&self) -> &str {
        self.listen_address.as_deref().unwrap_or("127.0.0.1:10191")
    }

    /// The address of a simulated API: the port of Confluent Platform's REST server.
    pub(super) fn simulator_address(&self) -> &str {
        self.listen_address.as_deref().unwrap_or("127.0.0.1:8090")
    }
}

fn telemetry_path(path: &str) -> Result<String, &'static str> {
    let taken = ["/", "/-/healthy", "/-/ready", "/-/reload", RUNBOOKS];
    let is_runbook = path
        .strip_prefix(RUNBOOKS)
        .is_some_and(|rest| rest.starts_with('/'));
    if !path.starts_with('/')
        || taken.contains(&path)
        || is_runbook
        || path.starts_with(status::ROOT)
    {
        return Err("write a path of its own that begins with `/`, such as `/metrics`");
    }
    if path.starts_with("//") {
        return Err(
            "a browser takes it for the name of another host: begin it with one `/`, such as `/metrics`",
        );
    }
    // What a path holds as it is (RFC 3986, 3.3). Anything else arrives in another spelling, or not at all.
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-._~!$&'()*+,;=:@".contains(c);
    let is_walked = |step: &str| step == "." || step == "..";
    if !path.chars().all(plain) || path.split('/').any(is_walked) {
        return Err(
            "nobody could ask for it: write letters, digits, `-`, `_` and `.`, such as `/metrics`",
        );
    }
    Ok(path.to_owned())
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

fn read(file: Option<&Path>) -> Result<WebConfig, Problems> {
    file.map_or_else(|| Ok(WebConfig::default()), WebConfig::load)
}

pub(super) fn run(source: ConfigFile, options: &Options) -> ExitCode {
    super::block_on(serve(source, options))
}

async fn serve(source: ConfigFile, options: &Options) -> ExitCode {
    // Before anything takes its time: until then a SIGHUP ends the process.
    let hangup = app::hangup();
    let (own, web, shard) = (source.clone(), options.config_file.clone(), options.shard);
    // Files that do not answer are waited for together, and both are read before either is refused: all problems at once.
    let (config, web_config) = tokio::join!(
        file::unblocked(move || read_own(&own, shard)),
        file::unblocked(move || read(web.as_deref()))
    );
    let config = config.map_err(super::complain);
    let web_config = web_config.map_err(super::complain);
    let (Ok(config), Ok(web_config)) = (config, web_config) else {
        return ExitCode::from(2);
    };
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    match listen(options.listen_address(), LISTEN_ADDRESS_FLAG).await {
        Ok(listener) => {
            let web = options.web(listener, web_config);
            run_until_stopped(app::Start {
                config,
                hangup,
                load: Arc::new(move || read_own(&source, shard)),
                web,
                dry_run: options.dry_run,
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

/// Binds the address that `flag` gave; on failure says why and what to do.
pub(super) async fn listen(address: &str, flag: &str) -> Result<TcpListener, ExitCode> {
    let refused = |error: std::io::Error| {
        super::complain(format_args!(
            "cannot listen on `{address}`: {error}; choose another with `{flag}`"
        ));
        ExitCode::FAILURE
    };
    match address.strip_prefix(':') {
        // Both families where the machine has IPv6, else IPv4 alone.
        Some(port) => match TcpListener::bind(format!("[::]:{port}")).await {
            Err(error) if error.kind() != std::io::ErrorKind::AddrInUse => {
                TcpListener::bind(format!("0.0.0.0:{port}"))
                    .await
                    .map_err(refused)
            }
            bound => bound.map_err(refused),
        },
        None => TcpListener::bind(address).await.map_err(refused),
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
