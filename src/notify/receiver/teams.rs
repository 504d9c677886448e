//! Microsoft Teams: the webhook of a workflow, which posts an adaptive card.

use serde_json::{Value, json};

use super::{Envelope, RenderError, chat::ChatMessage, webhook::destination};
use crate::{alert::Alert, client::Message, secret::Secret};

/// The published limit of a message is 28 KB.
const MAX_MESSAGE: usize = 28_000;
/// What a text may have; with the shorter every message keeps to the limit: a character has four bytes at the most, and four
/// texts, the title and three links are what has a length of its own.
const MAX_TEXT: usize = 3000;
const SHORTER_TEXT: usize = 1400;

/// A channel or a chat of Teams.
#[derive(Clone, Debug, PartialEq)]
pub struct Teams {
    /// `url`, `url_file` or `url_env`: whoever knows it may post, so it never prints.
    pub url: Secret,
}

impl Teams {
    /// The message of one alert.
    pub(super) fn render(
        &self,
        envelope: &Envelope,
        alert: &Alert,
    ) -> Result<Message, RenderError> {
        let (url, secrets) = destination(&self.url)?;
        let written = |max_text| {
            let card = card(&ChatMessage::of(alert, envelope, max_text));
            serde_json::to_vec(&posted(&card)).expect("texts are JSON")
        };
        let body = Some(written(MAX_TEXT)).filter(|body| body.len() <= MAX_MESSAGE);
        Ok(Message {
            url,
            body: body.unwrap_or_else(|| written(SHORTER_TEXT)),
            secrets,
        })
    }
}

fn posted(card: &Value) -> Value {
    json!({
        "type": "message",
        "attachments": [{ "contentType": "application/vnd.microsoft.card.adaptive", "content": card }],
    })
}

fn card(message: &ChatMessage) -> Value {
    let ChatMessage {
        is_resolved,
        title,
        when,
        what,
        remedies,
        next,
        links,
    } = message;
    let colour = if *is_resolved { "Good" } else { "Attention" };
    let title = paragraph(&json!({
        "type": "TextRun", "text": title, "weight": "Bolder", "size": "Medium", "color": colour,
    }));
    let texts = [Some(when), what.as_ref(), remedies.as_ref()];
    let texts = texts.into_iter().flatten();
    let texts = texts.map(|text| paragraph(&json!({ "type": "TextRun", "text": text })));
    let next = next.iter().map(|next| {
        paragraph(&json!({ "type": "TextRun", "text": next, "fontType": "Monospace" }))
    });
    let body: Vec<_> = [title].into_iter().chain(texts).chain(next).collect();
    let actions = links
        .iter()
        .map(|(name, url)| json!({ "type": "Action.OpenUrl", "title": name, "url": url }));
    json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": { "width": "Full" },
        "body": body,
        "actions": actions.collect::<Vec<_>>(),
    })
}

/// Of rich text nothing is Markdown, unlike that of a `TextBlock`: what stands in it is neither a link nor a mention.
fn paragraph(run: &Value) -> Value {
    json!({ "type": "RichTextBlock", "inlines": [run] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        notify::testing::{ENVELOPE, alert, exporter, in_error, monstrous, resolved},
        secret::ExposeSecret,
    };

    fn rendered(alert: &Alert) -> (Value, usize) {
        let external = exporter();
        let envelope = Envelope {
            external_url: Some(&external),
            ..ENVELOPE
        };
        let teams = Teams {
            url: Secret::Literal(
                "https://flows.example/triggers/manual/paths/invoke?sig=canary".into(),
            ),
        };
        let message = teams.render(&envelope, alert).unwrap();
        let secrets: Vec<_> = message
            .secrets
            .iter()
            .map(ExposeSecret::expose_secret)
            .collect();
        assert!(secrets.contains(&"canary"), "{secrets:?}");
        (
            serde_json::from_slice(&message.body).unwrap(),
            message.body.len(),
        )
    }

    fn text_of(text: &str) -> Value {
        json!({ "type": "RichTextBlock", "inlines": [{ "type": "TextRun", "text": text }] })
    }

    fn title_of(text: &str, colour: &str) -> Value {
        json!({ "type": "RichTextBlock", "inlines": [{
            "type": "TextRun", "text": text, "weight": "Bolder", "size": "Medium", "color": colour,
        }] })
    }

    #[test]
    fn a_firing_alert_is_a_card_with_remedy_command_and_links() {
        let (body, _) = rendered(&in_error("orders"));
        let next = "Next: `confluent kafka link task list orders --cluster lkc-1`";
        let expected = json!({
            "type": "message",
            "attachments": [{
                "contentType": "application/vnd.microsoft.card.adaptive",
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "msteams": { "width": "Full" },
                    "body": [
                        title_of("FIRING: Link `orders` failed.", "Attention"),
                        text_of("ClusterLinkFailed, critical. Fires since 2025-06-15 15:06:40 UTC."),
                        text_of("Nothing is mirrored.\nIn its present state since 2025-06-15 15:00:00 +0000 UTC."),
                        text_of("Error code A: Do this. The server says: <!channel> & <https://evil.example|here>"),
                        { "type": "RichTextBlock", "inlines": [{ "type": "TextRun", "text": next, "fontType": "Monospace" }] },
                    ],
                    "actions": [
                        { "type": "Action.OpenUrl", "title": "Exporter", "url": "https://exporter.example/prefix/#dr/orders" },
                        { "type": "Action.OpenUrl", "title": "Runbook", "url": "https://wiki.example/runbook" },
                        { "type": "Action.OpenUrl", "title": "Dashboard", "url": "https://grafana.example/d/link" },
                    ],
                },
            }],
        });
        assert_eq!(body, expected);
    }

    #[test]
    fn a_resolved_alert_names_the_time_of_the_first_message() {
        let (body, _) = rendered(&resolved(&alert("orders")));
        let when = "ClusterLinkFailed, critical. Resolved at 2025-06-15 15:16:40 UTC; it fired since 2025-06-15 15:06:40 UTC.";
        let card = &body["attachments"][0]["content"]["body"];
        assert_eq!(
            *card,
            json!([
                title_of("RESOLVED: Link `orders` failed.", "Good"),
                text_of(when)
            ])
        );
    }

    #[test]
    fn every_message_keeps_to_the_limit_and_keeps_remedy_and_command() {
        for name in ["\u{1f600}".repeat(50_000), "\"\u{ad}\n".repeat(20_000)] {
            let (body, size) = rendered(&monstrous(&name));
            assert!(size <= MAX_MESSAGE, "{size}");
            let said = body.to_string();
            for kept in [
                "Error code A: Do this.",
                " more\"",
                "Next: `confluent kafka link task list",
                " --cluster lkc-1`",
            ] {
                assert!(said.contains(kept), "{kept}: {said}");
            }
        }
    }
}
