//! `test-alert`: one alert that says it is a test, and its resolve, to one receiver.

use std::{collections::BTreeMap, process::ExitCode, sync::Arc, time::Duration};

use clap::Args;

use super::{ConfigFile, Log, output};
use crate::{
    alert::{Alert, Severity, Status},
    clock::Clock,
    config::Alerting,
    notify::{ReceiverClient, Settings},
    telemetry::Outcome,
};

const NAME: &str = "ClusterLinkTestAlert";

/// How long the alert would fire where its resolve does not arrive.
const FIRES_FOR: Duration = Duration::from_secs(4 * 60);

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The receiver's `name`; of an Alertmanager host and port. Without one, they are listed
    #[arg(value_name = "RECEIVER")]
    receiver: Option<String>,
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    pub(super) log: Log,
}

pub(super) fn run(options: &Options) -> ExitCode {
    let alerting = match options.config.load() {
        Ok(config) => config.alerting,
        Err(status) => return status,
    };
    match chosen(&alerting, options.receiver.as_deref()) {
        Ok(receiver) => super::block_on(test(receiver, &alerting.external_labels)),
        Err(problem) => {
            super::complain(problem);
            ExitCode::from(2)
        }
    }
}

/// The receiver that was asked for, or what to ask instead.
fn chosen<'a>(alerting: &'a Alerting, wanted: Option<&str>) -> Result<&'a Settings, String> {
    let receivers = &alerting.receivers;
    if receivers.is_empty() {
        let instead = "write one under `alerting` of the configuration file";
        return Err(format!("there is no receiver; {instead}"));
    }
    let found = receivers
        .iter()
        .find(|receiver| Some(receiver.name.as_str()) == wanted);
    found.ok_or_else(|| {
        let names: Vec<_> = receivers
            .iter()
            .map(|receiver| receiver.name.as_str())
            .collect();
        let problem = match wanted {
            Some(name) => format!("there is no receiver `{name}`"),
            None => "no receiver is named".to_owned(),
        };
        format!("{problem}; name one of `{}`", names.join("`, `"))
    })
}

/// Sends both, the resolve only where the alert was taken. Nothing is tried again.
async fn test(receiver: &Settings, labels: &BTreeMap<String, String>) -> ExitCode {
    let client = match ReceiverClient::new(receiver.clone()) {
        Ok(client) => client,
        Err(error) => {
            super::complain(error);
            return ExitCode::FAILURE;
        }
    };
    let (name, clock) = (&receiver.name, Clock::system());
    let firing = test_alert(&clock, labels);
    let mut said = Ok(());
    for (what, status) in [
        (format!("the alert `{NAME}`"), Status::Firing),
        ("its resolve".to_owned(), Status::Resolved),
    ] {
        let now = clock.now();
        let ends_at = match status {
            Status::Firing => firing.ends_at,
            Status::Resolved => now,
        };
        let alert = Alert {
            ends_at,
            status,
            ..firing.clone()
        };
        let attempt = client.send(&[Arc::new(alert)], now).await;
        if attempt.outcome != Outcome::Delivered {
            let problem = attempt.problem();
            super::complain(format_args!("`{name}` did not take {what}: {problem}"));
            return ExitCode::FAILURE;
        }
        // An alert that was sent is resolved, whoever hears of it.
        said =
            said.and_then(|()| super::say(format_args!("`{name}` took {what}: {}", attempt.said)));
    }
    output::status(said)
}

/// The alert while it fires, with the labels that every alert of this deployment has.
fn test_alert(clock: &Clock, labels: &BTreeMap<String, String>) -> Alert {
    let own = [
        ("alertname", NAME),
        ("severity", Severity::Info.label()),
        ("component", "cluster-link"),
        ("scope", "exporter"),
    ];
    let texts = [
        (
            "summary",
            "This is a test of `cluster-link-exporter test-alert`.",
        ),
        (
            "description",
            "Nothing is wrong and nothing is to be done: somebody tries whether alerts arrive here.",
        ),
    ];
    let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let now = clock.now();
    Alert {
        labels: labels.clone().into_iter().chain(own.map(pair)).collect(),
        annotations: texts.map(pair).into(),
        starts_at: now,
        ends_at: now + FIRES_FOR,
        status: Status::Firing,
    }
}
