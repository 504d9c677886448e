//! What a message to a chat says of an alert: what it is, since when, what to do, what to type next and where to look. The
//! kinds of chats write it in their own form, in which no text from elsewhere is markup.

use super::{Envelope, one_line};
use crate::{
    alert::{Alert, Status, WITHOUT_CODE},
    text::{excerpt, printable_lines},
};

/// The lines of a description that say what to do.
const REMEDIES: [&str; 4] = ["Error code ", WITHOUT_CODE, "Violated: ", "Found: "];
/// How the line with the next command begins.
const NEXT: &str = "Next: ";

/// The annotations that are links, and what they are called.
const LINKED: [(&str, &str); 2] = [("runbook_url", "Runbook"), ("dashboard_url", "Dashboard")];
/// A link that is longer is left out: cut it would lead nowhere.
const MAX_LINK: usize = 900;

/// How many characters a title may have: what Slack takes for a header.
pub(super) const MAX_TITLE: usize = 150;

/// A message before it is written.
pub(super) struct ChatMessage {
    pub(super) is_resolved: bool,
    pub(super) title: String,
    /// How bad it is and since when, or when it ended and since when it had fired.
    pub(super) when: String,
    /// What it means and what was seen; `None` when it has ended, as what follows.
    pub(super) what: Option<String>,
    /// A line for each error code or judgement, the remedy before what the server says.
    pub(super) remedies: Option<String>,
    /// What to type next.
    pub(super) next: Option<String>,
    pub(super) links: Vec<(&'static str, String)>,
}

impl ChatMessage {
    /// The message with a title of [`MAX_TITLE`] characters and other parts of `max_text` each, at the most. The limit is
    /// that of a part, not of its lines.
    pub(super) fn of(alert: &Alert, envelope: &Envelope, max_text: usize) -> Self {
        let label = |name: &str| alert.labels.get(name).map(String::as_str);
        let name = label("alertname").unwrap_or_default();
        let summary = alert.annotations.get("summary");
        let summary = one_line(summary.map_or(name, String::as_str));
        let is_resolved = alert.status == Status::Resolved;
        let began = alert.starts_at.strftime("%F %T UTC");
        let severity = label("severity").unwrap_or_default();
        let (word, when) = if is_resolved {
            let ended = alert.ends_at.max(alert.starts_at).strftime("%F %T UTC");
            let when = format!("{name}, {severity}. Resolved at {ended}; it fired since {began}.");
            ("RESOLVED", when)
        } else {
            (
                "FIRING",
                format!("{name}, {severity}. Fires since {began}."),
            )
        };
        let mut message = Self {
            is_resolved,
            title: excerpt(&format!("{word}: {summary}"), MAX_TITLE).into_owned(),
            when: excerpt(&one_line(&when), max_text).into_owned(),
            what: None,
            remedies: None,
            next: None,
            links: links(alert, envelope),
        };
        if !is_resolved {
            message.describe(alert, max_text);
        }
        message
    }

    /// Sorts the lines of the description. Each part is cut by itself, so that a long one takes nothing from another.
    fn describe(&mut self, alert: &Alert, limit: usize) {
        let description = alert.annotations.get("description");
        let description = printable_lines(description.map_or("", String::as_str));
        let (next, others): (Vec<_>, Vec<_>) =
            description.lines().partition(|line| line.starts_with(NEXT));
        let (remedies, what): (Vec<_>, Vec<_>) = others
            .into_iter()
            .partition(|line| REMEDIES.iter().any(|word| line.starts_with(word)));
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        self.what = some(excerpt(&what.join("\n"), limit).into_owned());
        self.remedies = some(few(&remedies, limit));
        self.next = next.last().map(|line| ends_of(line, limit));
    }
}

/// As many lines as there is room for, each cut at its end, where it says what the server says, and how many are left out.
fn few(lines: &[&str], limit: usize) -> String {
    const OF_MORE: usize = 30;
    let each = limit * 2 / 3;
    let mut text = String::new();
    for (place, line) in lines.iter().enumerate() {
        let line = excerpt(line, each);
        let length = text.chars().count() + line.chars().count() + 1;
        if length + OF_MORE > limit {
            return format!("{text}\nand {} more", lines.len() - place);
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text += &line;
    }
    text
}

/// A command that is too long keeps both ends: what it does, and on which cluster.
fn ends_of(line: &str, limit: usize) -> String {
    let count = line.chars().count();
    if count <= limit {
        return line.to_owned();
    }
    let half = limit.saturating_sub(1) / 2;
    let begin: String = line.chars().take(half).collect();
    let end: String = line.chars().skip(count - half).collect();
    format!("{begin}…{end}")
}

/// The place on the exporter's page and the links of the annotations, as far as they are absolute.
fn links(alert: &Alert, envelope: &Envelope) -> Vec<(&'static str, String)> {
    let page = envelope.page_of(alert).map(|url| ("Exporter", url));
    let of_alert = LINKED.into_iter().filter_map(|(annotation, name)| {
        let url = alert.annotations.get(annotation)?;
        Some((name, url.clone()))
    });
    let is_link = |(_, url): &(&str, String)| {
        url.len() <= MAX_LINK && (url.starts_with("https://") || url.starts_with("http://"))
    };
    page.into_iter().chain(of_alert).filter(is_link).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::RuleFile;

    #[test]
    fn the_lines_are_those_of_the_rules() {
        let file = RuleFile::default().yaml();
        for beginning in ["Error code ", "Violated: ", "Found: ", NEXT] {
            assert!(file.contains(beginning), "{beginning}");
        }
    }

    #[test]
    fn what_is_too_long_loses_what_matters_least() {
        let remedies = ["Error code A: do this. The server says: xxxx"; 9];
        assert_eq!(few(&remedies, 100), format!("{0}\nand 8 more", remedies[0]));
        assert_eq!(few(&remedies[..2], 200), remedies[..2].join("\n"));
        assert_eq!(
            ends_of("Next: `list name --cluster id`", 21),
            "Next: `lis…luster id`"
        );
    }
}
