//! Slack's incoming webhooks: a message of blocks.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Envelope, RenderError, chat::ChatMessage, webhook::destination};
use crate::{alert::Alert, client::Message, secret::Secret, text::excerpt};

/// The published limit of the text of a section, in characters, escapes included.
const MAX_SECTION: usize = 3000;
/// What a text may have, from the longest to the shortest; with the last it keeps to the limit whatever is escaped in it.
const MAX_TEXTS: [usize; 3] = [MAX_SECTION, MAX_SECTION / 2, MAX_SECTION / LONGEST_ESCAPE];
const LONGEST_ESCAPE: usize = "&amp;".len();

/// That of the text that stands in for the blocks is 40,000; what phones show of it is shorter.
const MAX_FALLBACK: usize = 3000;

/// A channel of Slack.
#[derive(Clone, Debug, PartialEq)]
pub struct Slack {
    /// `url`, `url_file` or `url_env`: whoever knows it may post, so it never prints.
    pub url: Secret,
    /// `channel`: another channel than the webhook's own, where Slack lets it choose.
    pub channel: Option<String>,
}

#[derive(Serialize)]
struct Posted<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'a str>,
    /// For notifications and where blocks are not shown.
    text: String,
    blocks: Vec<Value>,
    unfurl_links: bool,
    unfurl_media: bool,
}

impl Slack {
    /// The message of one alert.
    pub(super) fn render(
        &self,
        envelope: &Envelope,
        alert: &Alert,
    ) -> Result<Message, RenderError> {
        let (url, secrets) = destination(&self.url)?;
        let message = cut(|max_text| ChatMessage::of(alert, envelope, max_text));
        let posted = posted(&message, self.channel.as_deref());
        Ok(Message {
            url,
            body: serde_json::to_vec(&posted).expect("texts are JSON"),
            secrets,
        })
    }
}

/// The message with the longest texts of which each, escaped, is a section.
fn cut(of: impl Fn(usize) -> ChatMessage) -> ChatMessage {
    let [longer @ .., shortest] = MAX_TEXTS;
    let is_section = |text: &&String| escaped(text).chars().count() <= MAX_SECTION;
    let fits = |message: &ChatMessage| texts(message).all(|text| is_section(&text));
    let mut messages = longer.into_iter().map(&of);
    messages.find(fits).unwrap_or_else(|| of(shortest))
}

/// What becomes a section each.
fn texts(message: &ChatMessage) -> impl Iterator<Item = &String> {
    let ChatMessage {
        is_resolved: _,
        title: _,
        when,
        what,
        remedies,
        next,
        links: _,
    } = message;
    let texts = [Some(when), what.as_ref(), remedies.as_ref(), next.as_ref()];
    texts.into_iter().flatten()
}

fn posted<'a>(message: &ChatMessage, channel: Option<&'a str>) -> Posted<'a> {
    let ChatMessage {
        title, when, links, ..
    } = message;
    let header = json!({
        "type": "header",
        "text": { "type": "plain_text", "text": title, "emoji": false },
    });
    let sections = texts(message).map(|text| section(&escaped(text)));
    let mut blocks: Vec<_> = [header].into_iter().chain(sections).collect();
    let links: Vec<_> = links.iter().map(linked).collect();
    if !links.is_empty() {
        blocks.push(section(&links.join("  ")));
    }
    Posted {
        channel,
        text: escaped(&excerpt(
            &format!("{title} {when}"),
            MAX_FALLBACK / LONGEST_ESCAPE,
        )),
        blocks,
        unfurl_links: false,
        unfurl_media: false,
    }
}

/// Slack makes neither links nor mentions of what only looks like one where a text is verbatim.
fn section(text: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text, "verbatim": true } })
}

/// The three characters by which Slack tells its own marks (`<!channel>`, `<https://…|…>`) from text.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn linked((name, url): &(&str, String)) -> String {
    format!("<{}|{name}>", escaped(&url.replace('|', "%7C")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        notify::testing::{ENVELOPE, alert, exporter, in_error, monstrous, resolved},
        secret::ExposeSecret,
    };

    fn rendered(alert: &Alert) -> Value {
        let external = exporter();
        let envelope = Envelope {
            external_url: Some(&external),
            ..ENVELOPE
        };
        let slack = Slack {
            url: Secret::Literal("https://hooks.slack.example/services/T000/B000/canary".into()),
            channel: Some("#links".to_owned()),
        };
        let message = slack.render(&envelope, alert).unwrap();
        let secrets: Vec<_> = message
            .secrets
            .iter()
            .map(ExposeSecret::expose_secret)
            .collect();
        assert!(secrets.contains(&"canary"), "{secrets:?}");
        serde_json::from_slice(&message.body).unwrap()
    }

    fn text_of(text: &str) -> Value {
        json!({ "type": "section", "text": { "type": "mrkdwn", "text": text, "verbatim": true } })
    }

    const LINKS: &str = "<https://exporter.example/prefix/#dr/orders|Exporter>  <https://wiki.example/runbook|Runbook>  \
         <https://grafana.example/d/link|Dashboard>";

    #[test]
    fn a_firing_alert_says_what_to_do_and_what_to_type() {
        let expected = json!({
            "channel": "#links",
            "text": "FIRING: Link `orders` failed. ClusterLinkFailed, critical. Fires since 2025-06-15 15:06:40 UTC.",
            "blocks": [
                { "type": "header", "text": { "type": "plain_text", "text": "FIRING: Link `orders` failed.", "emoji": false } },
                text_of("ClusterLinkFailed, critical. Fires since 2025-06-15 15:06:40 UTC."),
                text_of("Nothing is mirrored.\nIn its present state since 2025-06-15 15:00:00 +0000 UTC."),
                text_of("Error code A: Do this. The server says: &lt;!channel&gt; &amp; &lt;https://evil.example|here&gt;"),
                text_of("Next: `confluent kafka link task list orders --cluster lkc-1`"),
                text_of(LINKS),
            ],
            "unfurl_links": false,
            "unfurl_media": false,
        });
        assert_eq!(rendered(&in_error("orders")), expected);
    }

    #[test]
    fn a_resolved_alert_names_the_time_of_the_first_message() {
        let body = rendered(&resolved(&alert("orders")));
        let when = "ClusterLinkFailed, critical. Resolved at 2025-06-15 15:16:40 UTC; it fired since 2025-06-15 15:06:40 UTC.";
        let blocks = json!([
            { "type": "header", "text": { "type": "plain_text", "text": "RESOLVED: Link `orders` failed.", "emoji": false } },
            text_of(when),
            text_of(LINKS),
        ]);
        assert_eq!(body["blocks"], blocks);
    }

    #[test]
    fn every_message_keeps_to_the_limits_and_keeps_remedy_and_command() {
        for name in ["&".repeat(50_000), "<ü\"\n".repeat(20_000)] {
            let body = rendered(&monstrous(&name));
            let length = |text: &Value| text.as_str().unwrap().chars().count();
            let blocks = body["blocks"].as_array().unwrap();
            assert!(length(&body["text"]) <= 40_000 && blocks.len() <= 50);
            assert!(length(&blocks[0]["text"]["text"]) <= 150);
            for block in &blocks[1..] {
                assert!(length(&block["text"]["text"]) <= 3000);
            }
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
