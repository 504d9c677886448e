//! What `check-config --connect` found, for people and for programs.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Tried;
use crate::{
    catalogue::Evidence,
    cli::{
        table::{self, Row, printable},
        wrap::wrapped,
    },
    model::{ClusterId, Endpoint, LinkName, Reason},
    poll::Answer,
    rights::{Grants, ROLE, ROLE_IN_CLUSTER_LINKING, Right},
};

const HEADER: [&str; 4] = ["Cluster", "Question", "Answer", "Details"];

/// Said where the credentials are refused.
const FIRST_SIGN_IN: &str =
    "hint: first see that the credentials are right; what they allow cannot be said before";

/// A table of the answers, below it how to grant what is missing, and last what the commands leave open.
pub(super) fn text(tried: &[Tried<'_>], width: Option<u16>) -> String {
    let rows: Vec<_> = tried.iter().flat_map(rows).collect();
    let mut parts: Vec<_> = table::render(&HEADER, &rows, width).into_iter().collect();
    let width = width.unwrap_or(table::PIPE_WIDTH).into();
    let mut places = BTreeSet::new();
    for tried in tried {
        if let Some(grants) = tried.grants() {
            let name = printable(tried.cluster.name.as_str());
            parts.push(granting(&name, &grants, width));
            places.insert(grants.places());
        }
    }
    if !places.is_empty() {
        let places = places.into_iter().map(|places| wrapped("", places, width));
        let role = format!(
            "the role {ROLE} is called {ROLE_IN_CLUSTER_LINKING} on Confluent's page on the security of Cluster Linking"
        );
        let legend: Vec<_> = places.chain([wrapped("", &role, width)]).collect();
        parts.push(legend.join("\n"));
    }
    parts.join("\n\n")
}

fn rows<'a>(tried: &'a Tried<'_>) -> impl Iterator<Item = Row> + use<'a> {
    let cluster = printable(tried.cluster.name.as_str());
    tried.probe.answers.iter().map(move |(endpoint, answer)| {
        let cells = [&cluster, Right::of(*endpoint).question, word(answer)];
        Row {
            cells: cells.map(str::to_owned).to_vec(),
            notes: notes(tried, *endpoint, answer).join("\n"),
        }
    })
}

fn word(answer: &Answer) -> &'static str {
    match answer {
        Answer::Allowed => "allowed",
        Answer::Forbidden(_) => "forbidden",
        Answer::Failed(_) => "failed",
        Answer::NotTried(_) => "not tried",
    }
}

/// What there is to say of an answer, for a person.
fn detail(answer: &Answer) -> Option<&str> {
    match answer {
        Answer::Allowed => None,
        Answer::Forbidden(text) | Answer::NotTried(text) => Some(text),
        Answer::Failed(failure) => Some(&failure.message),
    }
}

fn notes(tried: &Tried<'_>, endpoint: Endpoint, answer: &Answer) -> Vec<String> {
    let link = tried.probe.link.as_ref();
    let link = link.filter(|_| endpoint == Endpoint::Link);
    let link = link.map(|link| format!("asked about `{}`", printable(link.as_str())));
    let hint = match answer {
        Answer::Failed(failure) if failure.reason == Reason::Auth => Some(FIRST_SIGN_IN.to_owned()),
        _ => None,
    };
    let detail = detail(answer).map(printable);
    link.into_iter().chain(detail).chain(hint).collect()
}

/// How to grant what is missing on a cluster. A wrapped command cannot be pasted, so no command is.
fn granting(name: &str, grants: &Grants, width: usize) -> String {
    let product = grants.product.in_words();
    let head = format!("cluster `{name}`, on {product}: grant the role");
    let commands = |commands: Vec<String>| {
        let lines = commands.into_iter().map(|command| format!("  {command}"));
        lines.collect::<Vec<_>>().join("\n")
    };
    let mut parts = vec![
        wrapped("", &head, width),
        commands(vec![grants.role()]),
        "or the ACLs".to_owned(),
        commands(grants.acls()),
    ];
    let instead = grants.instead();
    parts.extend(instead.map(|instead| wrapped("", &format!("or {instead}"), width)));
    let unpublished = grants.unpublished();
    if !unpublished.is_empty() {
        let what = unpublished.join(", or to ");
        let ours = format!(
            "{} Confluent does not publish which rights it takes to {what}",
            Evidence::OUR_READING
        );
        parts.push(wrapped("", &ours, width));
    }
    parts.join("\n")
}

/// The same as a document.
pub(super) fn json(tried: &[Tried<'_>]) -> Value {
    let clusters = tried.iter().map(|tried| {
        let answers = tried.probe.answers.iter();
        let questions = answers.map(|(endpoint, answer)| {
            json!({
                "endpoint": endpoint.label(),
                "question": Right::of(*endpoint).question,
                "answer": word(answer).replace(' ', "_"),
                "reason": match answer {
                    Answer::Failed(failure) => Some(failure.reason.label()),
                    _ => None,
                },
                "detail": detail(answer),
            })
        });
        json!({
            "cluster_name": tried.cluster.name.as_str(),
            "cluster_id": tried.probe.cluster_id.as_ref().map(ClusterId::as_str),
            "product": tried.product().in_words(),
            "link_name": tried.probe.link.as_ref().map(LinkName::as_str),
            "questions": questions.collect::<Vec<_>>(),
            "grants": tried.grants().map(|grants| json!({
                "role": grants.role(),
                "acls": grants.acls(),
                "instead": grants.instead(),
                "places": grants.places(),
                "our_reading": grants.unpublished(),
            })),
        })
    });
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "clusters": clusters.collect::<Vec<_>>(),
    })
}
