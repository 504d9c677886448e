//! `healthcheck`: for container images that hold no shell and no curl.

use std::{error::Error, process::ExitCode, time::Duration};

use clap::{Arg, Args};
use reqwest::StatusCode;
use url::Url;

use super::{
    Log,
    address::loopback,
    web::{Listen, WebConfigFile},
};

/// A container runtime asks every half minute and waits as long; an exporter that needs more than this is not well.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Debug, Args)]
#[command(mut_args(of_the_exporter))]
pub(super) struct Options {
    /// Ask this URL instead of the one that `--web.listen-address` says
    #[arg(long, value_name = "URL")]
    url: Option<Url>,
    #[command(flatten)]
    listen: Listen,
    #[command(flatten)]
    web_config: WebConfigFile,
    #[command(flatten)]
    pub(super) log: Log,
}

/// The flags that the exporter was started with, as who asks it reads them.
fn of_the_exporter(flag: Arg) -> Arg {
    match flag.get_long() {
        Some("web.listen-address") => flag.help("Address that the exporter listens on"),
        Some("web.config.file") => flag
            .help("Web configuration file of the exporter, which says whether to ask over HTTPS"),
        _ => flag,
    }
}

pub(super) fn run(options: &Options) -> ExitCode {
    let web_config = match options.web_config.load() {
        Ok(web_config) => web_config,
        Err(status) => return status,
    };
    let at = |scheme: &str| {
        let address = loopback(&options.listen.listen_address);
        format!("{scheme}://{address}/-/healthy")
    };
    let url = options.url.as_ref();
    let url = url.map_or_else(|| at(web_config.scheme()), Url::to_string);
    // The check of an image is not told of the web configuration that its exporter has.
    let encrypted = (options.url.is_none() && !url.starts_with("https:")).then(|| at("https"));
    match super::block_on(ask(&url, encrypted.as_deref())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            let shown = without_user(&url);
            super::complain(format_args!(
                "no health at `{shown}`: {problem}; is cluster-link-exporter running there?"
            ));
            ExitCode::FAILURE
        }
    }
}

/// A user and a password in a URL are not for the log of a container runtime.
fn without_user(url: &str) -> String {
    match Url::parse(url) {
        Ok(mut url) => {
            let _ = url.set_username("");
            let _ = url.set_password(None);
            url.into()
        }
        Err(_) => url.to_owned(),
    }
}

/// Asks there; where somebody answers who does not speak HTTP, asks `encrypted`.
async fn ask(url: &str, encrypted: Option<&str>) -> Result<(), String> {
    let client = reqwest::Client::builder()
        .no_proxy()
        // The certificate bears the name that Prometheus uses, not that of loopback, and nothing secret is sent.
        .tls_danger_accept_invalid_certs(true)
        .timeout(PATIENCE)
        .build()
        .map_err(|error| cause(&error))?;
    let answer = match (client.get(url).send().await, encrypted) {
        // Nobody is there, or somebody who has had the time that there is.
        (Err(error), Some(encrypted)) if !error.is_connect() && !error.is_timeout() => {
            let second = client.get(encrypted).send().await;
            second.map_err(|_| error)
        }
        (answer, _) => answer,
    };
    let answer = answer.map_err(|error| cause(&error))?;
    match answer.status() {
        // Who is asked for a password talks to a process that lives.
        status if status.is_success() || status == StatusCode::UNAUTHORIZED => Ok(()),
        status => Err(format!("HTTP {}", status.as_u16())),
    }
}

/// The innermost cause says what happened; what wraps it says only that something did.
fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
