//! One attempt to notify one receiver: rendered, signed, sent, judged, with nothing secret in what is said of it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{
    Settings,
    receiver::{Envelope, RenderError, advice},
};
use crate::{
    alert::Alert,
    client::{ClientError, Message, Sender},
    file,
    telemetry::Outcome,
};

/// Sends to one receiver. Keeps its connections from message to message.
#[derive(Debug)]
pub struct ReceiverClient {
    settings: Arc<Settings>,
    sender: Sender,
}

/// How an attempt went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What became of the alerts.
    pub outcome: Outcome,
    /// What the receiver said, at most 200 bytes of it, or why it was not reached.
    pub said: String,
    /// What to check, where `said` does not say it.
    pub advice: Option<&'static str>,
    /// How long the receiver wants to be left alone, where it says so.
    pub retry_after: Option<Duration>,
}

/// Why nothing can be sent to a receiver.
#[derive(Debug, thiserror::Error)]
#[error("receiver `{receiver}`: {source}")]
pub struct StartError {
    receiver: String,
    source: ClientError,
}

impl ReceiverClient {
    /// Prepares to send; nothing is sent. Fails only where a file of a `tls_config` cannot be used, and blocks for as long as
    /// that may take.
    pub fn new(settings: Settings) -> Result<Self, StartError> {
        let Settings {
            credential,
            transport,
            timeout,
            ..
        } = &settings;
        match Sender::new(credential, transport, *timeout) {
            Ok(sender) => Ok(Self {
                settings: Arc::new(settings),
                sender,
            }),
            Err(source) => Err(StartError {
                receiver: settings.name,
                source,
            }),
        }
    }

    /// Sends one message of these alerts, which are of one group.
    pub async fn send(&self, alerts: &[Arc<Alert>], now: Timestamp) -> Attempt {
        let (settings, own) = (self.settings.clone(), alerts.to_vec());
        // What it holds may stand in a file.
        let message = match file::unblocked(move || render(&settings, &own)).await {
            Ok(message) => message,
            Err(error) => return Attempt::unsent(error.to_string()),
        };
        match self.sender.post(message, now).await {
            Ok(answer) => {
                let outcome = self.settings.receiver.kind().judge(answer.status);
                let is_odd = outcome != Outcome::Delivered;
                Attempt {
                    outcome,
                    said: answer.to_string(),
                    advice: is_odd.then(|| advice(answer.status)),
                    retry_after: answer.retry_after,
                }
            }
            Err(error) => Attempt::unsent(error.to_string()),
        }
    }
}

fn render(settings: &Settings, alerts: &[Arc<Alert>]) -> Result<Message, RenderError> {
    let envelope = Envelope {
        receiver: &settings.name,
        external_url: settings.external_url.as_ref(),
    };
    settings.receiver.render(&envelope, alerts)
}

impl Attempt {
    fn unsent(said: String) -> Self {
        Self {
            outcome: Outcome::Failed,
            said,
            advice: None,
            retry_after: None,
        }
    }

    /// What went wrong and what to check.
    pub fn problem(&self) -> String {
        match self.advice {
            Some(advice) => format!("{}; {advice}", self.said),
            None => self.said.clone(),
        }
    }
}
