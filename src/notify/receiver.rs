//! The kinds of receivers there are. They only render alerts and judge answers; a notifier does the rest.

mod alertmanager;
mod chat;
mod pagerduty;
mod slack;
mod teams;
mod webhook;

use std::sync::Arc;

pub use self::{
    alertmanager::Alertmanager, pagerduty::PagerDuty, slack::Slack, teams::Teams, webhook::Webhook,
};
use super::key::Key;
use crate::{
    alert::{Alert, CLUSTER_NAME, LINK_NAME, Severity},
    client::{Message, PROXY_ADVICE},
    secret::SecretError,
    telemetry::Outcome,
    text::printable,
    web_links::BaseUrl,
};
use strum::IntoStaticStr;

/// A kind of receiver, with what it needs to render.
#[derive(Clone, Debug, PartialEq)]
pub enum Receiver {
    /// An Alertmanager, API v2.
    Alertmanager(Alertmanager),
    /// Whoever understands the JSON of Alertmanager's webhook.
    Webhook(Webhook),
    /// PagerDuty, Events API v2.
    PagerDuty(PagerDuty),
    /// Slack, by an incoming webhook.
    Slack(Slack),
    /// Microsoft Teams, by a workflow.
    Teams(Teams),
}

/// The kinds alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Kind {
    /// An Alertmanager.
    Alertmanager,
    /// A webhook.
    Webhook,
    /// PagerDuty.
    PagerDuty,
    /// Slack.
    Slack,
    /// Microsoft Teams.
    Teams,
}

/// What a receiver expects to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// The state of each alert, again and again: the receiver takes an alert that is not repeated for resolved, and decides
    /// itself whom to notify. A state that was not sent yet is outdated by the next one.
    Stateful,
    /// Events, each trigger and each resolve once, none left out: each of them reaches people.
    EventDriven,
}

/// Alerts of one group may be sent together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Group(Vec<(&'static str, String)>);

/// What a message says beside its alerts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Envelope<'a> {
    /// The receiver's name.
    pub(super) receiver: &'a str,
    /// `alerting.external_url`.
    pub(super) external_url: Option<&'a BaseUrl>,
}

impl Envelope<'_> {
    /// The place on the exporter's page of what the alert is about; `None` where nobody knows where the page is.
    fn page_of(&self, alert: &Alert) -> Option<String> {
        let label = |name: &str| alert.labels.get(name).map(String::as_str);
        let base = self.external_url?;
        Some(base.page_of(label(CLUSTER_NAME), label(LINK_NAME)))
    }
}

/// Why a message cannot be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum RenderError {
    /// A secret of the receiver cannot be read.
    #[error("{0}")]
    Secret(#[from] SecretError),
    /// A secret that should be a URL is none.
    #[error("{0} holds no URL; write one that begins with `https://`")]
    Url(String),
}

impl Kind {
    /// The configuration's word for it.
    pub fn label(self) -> &'static str {
        self.into()
    }

    /// What it expects to be sent.
    pub fn protocol(self) -> Protocol {
        match self {
            Self::Alertmanager => Protocol::Stateful,
            Self::Webhook | Self::PagerDuty | Self::Slack | Self::Teams => Protocol::EventDriven,
        }
    }

    /// Whether what was delivered to it has to outlive a restart, in the log.
    pub(super) fn is_logged(self) -> bool {
        self.protocol() == Protocol::EventDriven
    }

    /// Whether it is notified of this alert at all. What has the severity `none` is for machines: it reaches no person.
    pub(super) fn is_notified_of(self, alert: &Alert) -> bool {
        let severity = alert.labels.get("severity").map(String::as_str);
        self.protocol() == Protocol::Stateful || severity != Some(Severity::None.label())
    }

    /// What it goes by when it takes two notifications for one alert.
    pub(super) fn key(self, alert: &Alert) -> Key {
        match self.protocol() {
            Protocol::Stateful => Key::of_labels(&alert.labels),
            Protocol::EventDriven => Key::of_subject(&alert.labels),
        }
    }

    /// With which others the alert may be sent.
    pub(super) fn group(self, alert: &Alert) -> Group {
        match self {
            Self::Webhook => Webhook::group(alert),
            Self::Alertmanager | Self::PagerDuty | Self::Slack | Self::Teams => Group::default(),
        }
    }

    /// How many alerts a message holds at most.
    pub(super) fn batch_size(self) -> usize {
        match self {
            Self::Alertmanager | Self::Webhook => 64,
            Self::PagerDuty | Self::Slack | Self::Teams => 1,
        }
    }

    /// What an answer with this status means for the alerts that were sent. Only what can be nothing but the message's own
    /// fault is final: a wrong credential or URL is put right sooner or later, and then the alerts are still to be sent.
    pub(super) fn judge(self, status: u16) -> Outcome {
        match (self, status) {
            // Another success may be the page of a proxy that wants somebody to sign in.
            (Self::PagerDuty, 202)
            | (Self::Slack, 200)
            // A workflow with an answer of its own may answer with 200.
            | (Self::Teams, 200 | 202)
            | (Self::Alertmanager | Self::Webhook, 200..300) => Outcome::Delivered,
            (_, 400 | 413 | 422) => Outcome::Refused,
            _ => Outcome::Failed,
        }
    }
}

impl Receiver {
    /// What it is, without where and who it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Alertmanager(_) => Kind::Alertmanager,
            Self::Webhook(_) => Kind::Webhook,
            Self::PagerDuty(_) => Kind::PagerDuty,
            Self::Slack(_) => Kind::Slack,
            Self::Teams(_) => Kind::Teams,
        }
    }

    /// Writes the message. Of one group, at least one and at most [`Kind::batch_size`] alerts, no two of one key.
    pub(super) fn render(
        &self,
        envelope: &Envelope,
        alerts: &[Arc<Alert>],
    ) -> Result<Message, RenderError> {
        let first = alerts.first().expect("there is at least one");
        match self {
            Self::Alertmanager(alertmanager) => Ok(alertmanager.render(envelope, alerts)),
            Self::Webhook(webhook) => webhook.render(envelope, alerts),
            Self::PagerDuty(pagerduty) => {
                pagerduty.render(envelope, first, &self.kind().key(first))
            }
            Self::Slack(slack) => slack.render(envelope, first),
            Self::Teams(teams) => teams.render(envelope, first),
        }
    }
}

/// On one line, as lists and phones show it, however a name was written.
fn one_line(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    printable(&words.join(" ")).into_owned()
}

/// What to check when the answer has this status.
pub(super) fn advice(status: u16) -> &'static str {
    match status {
        200..300 => "that is not the receiver's answer: check `url`, and a proxy on the way",
        304 => "nothing was asked conditionally: look at a cache before the receiver",
        300..400 => "redirects are not followed: write the place that this one leads to as `url`",
        400 | 413 | 422 => {
            "the receiver does not take this: check that `url` is of the right kind of receiver, and its key"
        }
        401 | 403 => "check the receiver's credentials",
        407 => PROXY_ADVICE,
        429 => "the receiver wants fewer requests",
        500.. => "the receiver or a proxy before it is in trouble",
        _ => "check `url`",
    }
}

impl Group {
    /// A group by these labels, as far as the alert has them.
    fn by(labels: &[&'static str], alert: &Alert) -> Self {
        let of = |name: &&'static str| Some((*name, alert.labels.get(*name)?.clone()));
        Self(labels.iter().filter_map(of).collect())
    }

    #[cfg(test)]
    pub(super) fn of(label: &'static str, value: &str) -> Self {
        Self(vec![(label, value.to_owned())])
    }

    /// The labels that the group has in common.
    fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_messages_own_fault_is_final() {
        let statuses = [
            200, 202, 204, 301, 400, 401, 403, 404, 413, 422, 429, 500, 503,
        ];
        let judged = |kind: Kind| {
            let letter = |status| match kind.judge(status) {
                Outcome::Delivered => 'd',
                Outcome::Failed => 'f',
                Outcome::Refused => 'r',
                Outcome::Dropped => panic!("what was answered was sent"),
            };
            statuses.map(letter).iter().collect::<String>()
        };
        assert_eq!(
            [Kind::Webhook, Kind::PagerDuty, Kind::Slack, Kind::Teams].map(judged),
            [
                "dddfrfffrrfff",
                "fdffrfffrrfff",
                "dfffrfffrrfff",
                "ddffrfffrrfff"
            ]
        );
    }
}
