//! Builds the alert that receivers get from the engine's active alert: the same labels and texts as from Prometheus.
//!
//! The texts are the rule's own. Where a template of Prometheus runs a query, the engine has the answer already; it also has
//! the messages of the API, which no metric carries.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use url::form_urlencoded;

use super::{ActiveAlert, Alert, AlertState, Details, ErrorDetail, Status, Subject, template};
use crate::{
    catalogue::{self, Scope},
    model::Snapshot,
    text::printable,
    web_links::WebLinks,
};

/// The label with the name of the rule.
pub const ALERTNAME: &str = "alertname";

/// A firing alert is repeated before this many intervals have passed.
const VALID_FOR: u32 = 4;

/// What a deployment adds to its alerts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NotificationBuilder {
    /// `alerting.external_labels`; an alert's own labels win over them.
    pub external_labels: BTreeMap<String, String>,
    /// Where the links of alerts lead.
    pub links: WebLinks,
}

impl NotificationBuilder {
    /// The alert in full, with its templates filled in. While it fires it is valid for four poll intervals of its cluster,
    /// and for four minutes at the least: after that, receivers that got no repetition may take it for resolved.
    pub fn alert(&self, active: &ActiveAlert, snapshot: &Snapshot, now: Timestamp) -> Alert {
        let of = active.identity.cluster_name();
        let cluster = snapshot.cluster(of);
        let minute = Duration::from_secs(60);
        let interval = cluster.map_or(minute, |cluster| cluster.limits.poll_interval.max(minute));
        let AlertState {
            active_at,
            fired_at,
            resolved_at,
            ..
        } = active.state;
        Alert {
            labels: self.labels(active),
            annotations: self.annotations(active),
            starts_at: fired_at.unwrap_or(active_at),
            ends_at: resolved_at.unwrap_or(now + interval * VALID_FOR),
            status: match resolved_at {
                Some(_) => Status::Resolved,
                None => Status::Firing,
            },
        }
    }

    fn labels(&self, active: &ActiveAlert) -> BTreeMap<String, String> {
        let rule = &active.rule;
        let own = [
            (ALERTNAME, rule.name),
            ("severity", rule.severity.label()),
            ("component", "cluster-link"),
            ("scope", rule.subject.scope(&active.identity)),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let identity = active.identity.labels().iter();
        let identity = identity.map(|(name, value)| ((*name).to_owned(), value.clone()));
        let mut labels = self.external_labels.clone();
        labels.extend(identity);
        labels.extend(own);
        labels
    }

    fn annotations(&self, active: &ActiveAlert) -> BTreeMap<String, String> {
        let rule = &active.rule;
        let dashboard = filled(&template::dashboard_path(rule.subject), active);
        let texts = [
            ("summary", Some(filled(rule.summary, active))),
            ("description", Some(description(active))),
            ("runbook_url", self.links.runbook(rule.name)),
            ("dashboard_url", self.links.dashboard(&dashboard)),
        ];
        let texts = texts.into_iter();
        let texts = texts.filter_map(|(name, text)| Some((name.to_owned(), text?)));
        texts.collect()
    }
}

/// The template with the alert's labels, whose names are foreign text. Of Prometheus' language our short texts use three
/// phrases.
fn filled(template: &str, active: &ActiveAlert) -> String {
    let mut text = template.to_owned();
    for label in super::identity::LABELS {
        let value = active.identity.label(label);
        let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
        let shown = printable(value);
        text = with(&text, label, &shown)
            .replace(&format!("{{{{ $labels.{label} }}}}"), &shown)
            .replace(&format!("{{{{ $labels.{label} | urlquery }}}}"), &encoded);
    }
    text
}

/// The template with what it says where the label has a value (`{{ with … }}`), or without.
fn with(template: &str, label: &str, value: &str) -> String {
    let phrase = || {
        let (before, rest) = template.split_once(&format!("{{{{ with $labels.{label} }}}}"))?;
        let (inner, after) = rest.split_once("{{ end }}")?;
        let inner = match value {
            "" => String::new(),
            value => inner.replace("{{ . }}", value),
        };
        Some(format!("{before}{inner}{after}"))
    };
    phrase().unwrap_or_else(|| template.to_owned())
}

/// The lines of [`template::description`], answered.
fn description(active: &ActiveAlert) -> String {
    let Details {
        since,
        errors,
        failure,
        found,
    } = &active.details;
    let subject = active.rule.subject;
    let mut lines = vec![filled(active.rule.meaning, active)];
    if active.is_last_known {
        lines.push("Nothing new is known at the moment: this is what was seen last.".to_owned());
    }
    if let Some((table, name)) = subject.label_table().zip(active.word()) {
        let row = table.table.iter().find(|row| row.name == name);
        lines.extend(row.map(|row| table.say(row)));
    }
    lines.extend(found.iter().map(|found| format!("Seen: {found}.")));
    if let Subject::Task | Subject::Link = subject {
        lines.push(since.map_or_else(
            || "Since when is not known now.".to_owned(),
            |since| format!("In its present state since {}.", in_utc(since)),
        ));
    }
    if let Some(scope) = subject.codes() {
        if errors.is_empty() {
            lines.push("No error code is known now.".to_owned());
        }
        lines.extend(errors.iter().map(|error| in_words(error, scope)));
    }
    if let Some(failure) = failure {
        lines.push(format!("The last poll failed: {failure}"));
    }
    lines.push(filled(template::next(subject), active));
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

/// What is said of an error of which only the message came.
pub const WITHOUT_CODE: &str = "An error without a code";

fn in_words(error: &ErrorDetail, scope: Scope) -> String {
    let ErrorDetail { code, message } = error;
    let said = match message.as_str() {
        "" => String::new(),
        message => format!(" The server says: {message}"),
    };
    if code.is_empty() {
        return format!("{WITHOUT_CODE}.{said}");
    }
    match catalogue::hint(&code.as_str().into(), scope) {
        Some(remedy) => format!("Error code {code}: {remedy}{said}"),
        None => format!("Error code {code}: {}{said}", template::NO_REMEDY),
    }
}

/// As Prometheus' `humanizeTimestamp` writes it.
fn in_utc(at: Timestamp) -> String {
    at.strftime("%F %T +0000 UTC").to_string()
}
