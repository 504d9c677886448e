//! The kinds of receivers there are. They only render alerts and judge answers; a courier does the rest.

mod alertmanager;
mod pagerduty;
mod webhook;

use std::sync::Arc;

use url::Url;

pub use self::{alertmanager::Alertmanager, pagerduty::PagerDuty, webhook::Webhook};
use super::key::Key;
use crate::{
    alert::{Alert, Severity},
    client::Message,
    secret::SecretError,
};

/// A kind of receiver, with what it needs to render.
#[derive(Clone, Debug, PartialEq)]
pub enum Receiver {
    /// An Alertmanager, API v2.
    Alertmanager(Alertmanager),
    /// Whoever understands the JSON of Alertmanager's webhook.
    Webhook(Webhook),
    /// PagerDuty, Events API v2.
    PagerDuty(PagerDuty),
}

/// The kinds alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An Alertmanager.
    Alertmanager,
    /// A webhook.
    Webhook,
    /// PagerDuty.
    PagerDuty,
}

/// What a receiver is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// States, again and again: it takes an alert for resolved that it does not hear of, and decides itself whom to tell.
    /// What it was not told yet is outdated by what comes next.
    States,
    /// Changes, each once, none left out: what it is told reaches people.
    Changes,
}

/// What an answer means for the alerts that it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The receiver took them.
    Delivered,
    /// They are worth another attempt.
    Again,
    /// The receiver will never take them.
    Refused,
}

/// Alerts of one group may travel together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Group(Vec<(&'static str, String)>);

/// What a message says beside its alerts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Envelope<'a> {
    /// The receiver's name.
    pub(super) receiver: &'a str,
    /// `alerting.external_url`.
    pub(super) external_url: Option<&'a Url>,
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
        match self {
            Self::Alertmanager => "alertmanager",
            Self::Webhook => "webhook",
            Self::PagerDuty => "pagerduty",
        }
    }

    /// What it is to be told.
    pub fn wants(self) -> Wants {
        match self {
            Self::Alertmanager => Wants::States,
            Self::Webhook | Self::PagerDuty => Wants::Changes,
        }
    }

    /// Whether what it was told has to be remembered over a restart.
    pub(super) fn remembers(self) -> bool {
        self.wants() == Wants::Changes
    }

    /// Whether it is told of this alert at all. What has the severity `none` is for machines: it reaches no person.
    pub(super) fn is_told_of(self, alert: &Alert) -> bool {
        let severity = alert.labels.get("severity").map(String::as_str);
        self.wants() == Wants::States || severity != Some(Severity::None.label())
    }

    /// What it goes by when it takes two notifications for one alert.
    pub(super) fn key(self, alert: &Alert) -> Key {
        match self.wants() {
            Wants::States => Key::of_labels(&alert.labels),
            Wants::Changes => Key::of_subject(&alert.labels),
        }
    }

    /// With which others the alert may travel.
    pub(super) fn group(self, alert: &Alert) -> Group {
        match self {
            Self::Webhook => Webhook::group(alert),
            Self::Alertmanager | Self::PagerDuty => Group::default(),
        }
    }

    /// How many alerts a message holds at most.
    pub(super) fn batch_size(self) -> usize {
        match self {
            Self::Alertmanager | Self::Webhook => 64,
            Self::PagerDuty => 1,
        }
    }

    /// What an answer with this status means. Only what can be nothing but the message's own fault is final: a wrong
    /// credential or URL is put right sooner or later, and then the alerts are still to be told.
    pub(super) fn judge(self, status: u16) -> Verdict {
        match (self, status) {
            // Another success may be the page of a proxy that wants somebody to sign in.
            (Self::PagerDuty, 202) | (Self::Alertmanager | Self::Webhook, 200..300) => {
                Verdict::Delivered
            }
            (_, 400 | 413 | 422) => Verdict::Refused,
            _ => Verdict::Again,
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
        }
    }

    /// Writes the message. Of one group, at least one and at most [`Kind::batch_size`] alerts, no two of one key.
    pub(super) fn render(
        &self,
        envelope: &Envelope,
        alerts: &[Arc<Alert>],
    ) -> Result<Message, RenderError> {
        match self {
            Self::Alertmanager(alertmanager) => Ok(alertmanager.render(envelope, alerts)),
            Self::Webhook(webhook) => webhook.render(envelope, alerts),
            Self::PagerDuty(pagerduty) => {
                let alert = alerts.first().expect("there is at least one");
                pagerduty.render(envelope, alert, &self.kind().key(alert))
            }
        }
    }
}

/// What to check when the answer has this status.
pub(super) fn advice(status: u16) -> &'static str {
    match status {
        200..300 => "that is not the receiver's answer: check `url`, and a proxy on the way",
        300..400 => "redirects are not followed: write the place that this one leads to as `url`",
        400 | 413 | 422 => {
            "the receiver does not take this: check that `url` is of the right kind of receiver, and its key"
        }
        401 | 403 => "check the receiver's credentials",
        407 => "the proxy wants a user and password: write them into `proxy_url`",
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
                Verdict::Delivered => 'd',
                Verdict::Again => 'a',
                Verdict::Refused => 'r',
            };
            statuses.map(letter).iter().collect::<String>()
        };
        assert_eq!(
            [judged(Kind::Webhook), judged(Kind::PagerDuty)],
            ["dddaraaarraaa", "adaaraaarraaa"]
        );
    }
}
