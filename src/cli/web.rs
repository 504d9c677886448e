//! The flags of what is served: where, how, and what it permits. Each command that serves takes those that it reads.

use std::{path::PathBuf, process::ExitCode};

use clap::{Arg, Args};
use tokio::net::TcpListener;

use super::address::address;
use crate::{app, document::Problems, http::WebConfig, model::Shard, status, web_links::RUNBOOKS};

/// The flags of an exporter that serves.
#[derive(Debug, Args)]
#[command(next_help_heading = "Serving")]
pub(super) struct Web {
    #[command(flatten)]
    pub(super) listen: Listen,
    /// Path of the metrics
    #[arg(long = "web.telemetry-path", value_name = "PATH", default_value = "/metrics", value_parser = telemetry_path)]
    pub(super) telemetry_path: String,
    #[command(flatten)]
    pub(super) config: WebConfigFile,
    /// Log alerts instead of sending them
    #[arg(long = "alerting.dry-run")]
    pub(super) dry_run: bool,
    /// Permit `POST /-/reload`; SIGHUP reloads in any case
    #[arg(long = "web.enable-lifecycle")]
    lifecycle: bool,
}

/// The address of whatever is served. A command that listens elsewhere by default says so with [`Listen::by_default`].
#[derive(Debug, Args)]
#[command(next_help_heading = "Serving")]
pub(super) struct Listen {
    /// Address to listen on; a port alone means every interface
    #[arg(long = "web.listen-address", value_name = "ADDRESS", default_value = ":10191", value_parser = address)]
    pub(super) listen_address: String,
}

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Serving")]
pub(super) struct WebConfigFile {
    /// TLS, users and headers of the served pages: a web configuration file as Prometheus' exporters read it
    #[arg(id = "web_config_file", long = "web.config.file", value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Web {
    /// The serving side as it was asked for.
    pub(super) fn serving(
        &self,
        listener: TcpListener,
        config: WebConfig,
        shard: Option<Shard>,
    ) -> app::Web {
        app::Web {
            listener,
            telemetry_path: self.telemetry_path.clone(),
            config,
            lifecycle: self.lifecycle,
            shard,
        }
    }
}

impl Listen {
    /// For `mut_args`, which leaves the flags in their order: listens there where no address is given.
    pub(super) fn by_default(address: &'static str) -> impl Fn(Arg) -> Arg {
        move |flag| match flag.get_id().as_str() {
            "listen_address" => flag.default_value(address),
            _ => flag,
        }
    }

    /// Binds the address; on failure says why and what to do.
    pub(super) async fn bind(&self) -> Result<TcpListener, ExitCode> {
        bind(&self.listen_address, "--web.listen-address").await
    }
}

impl WebConfigFile {
    /// Reads the file; on problems prints them all.
    pub(super) fn load(&self) -> Result<WebConfig, ExitCode> {
        self.read().map_err(|problems| super::report(&problems))
    }

    pub(super) fn read(&self) -> Result<WebConfig, Problems> {
        let file = self.file.as_deref();
        file.map_or_else(|| Ok(WebConfig::default()), WebConfig::load)
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

/// Binds the address that `flag` gave; on failure says why and what to do.
pub(super) async fn bind(address: &str, flag: &str) -> Result<TcpListener, ExitCode> {
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
