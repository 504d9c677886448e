//! Small clusters for the tests of the tables, and a reader of the text format that knows nothing of the writer.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;

use super::{Exposition, Family, Format, Renderer, families};
use crate::model::{
    Cluster, ClusterId, Endpoint, ErrorCode, Failure, Limits, Link, LinkState, MirrorLag,
    MirrorStatus, Mirrors, ObservedLink, ObservedMirror, ObservedTask, Reason, ReportedError,
    Snapshot, Task, TaskState, Vocabulary,
};

/// When everything in these tests was observed first.
pub(super) const SINCE: Timestamp = Timestamp::constant(1_700_000_000, 0);
/// When everything in these tests was observed last.
pub(super) const NOW: Timestamp = Timestamp::constant(1_700_000_060, 500_000_000);

pub(super) fn unpolled(name: &str) -> Cluster {
    let limits = Limits {
        poll_interval: Duration::from_secs(30),
        stale_after: Duration::from_secs(120),
    };
    Cluster::unpolled(
        name.into(),
        None,
        limits,
        &[Endpoint::Links, Endpoint::Link],
    )
}

/// A cluster `name` with the id `lkc-<name>` whose last list was read and had no links.
pub(super) fn cluster(name: &str) -> Cluster {
    let mut cluster = unpolled(name);
    cluster.id = Some(ClusterId::from(format!("lkc-{name}")));
    cluster.listed_at = Some(NOW);
    cluster.polls.ended_at = Some(NOW);
    cluster
}

pub(super) fn with_links(
    mut cluster: Cluster,
    links: impl IntoIterator<Item = ObservedLink>,
) -> Cluster {
    cluster.links = links.into_iter().map(Arc::new).collect();
    cluster.listed = cluster.links.len();
    cluster
}

/// A link as a describe without tasks brings it.
pub(super) fn link(name: &str, state: &str) -> ObservedLink {
    let link = Link {
        cluster_link_id: "id-1".to_owned(),
        remote_cluster_id: Some("lkc-far".into()),
        link_state: Some(LinkState::parse(state)),
        ..Link::named(name)
    };
    ObservedLink {
        state_since: SINCE,
        state_transitions: 3,
        ..ObservedLink::described(link, NOW)
    }
}

pub(super) fn with_tasks(
    mut link: ObservedLink,
    tasks: impl IntoIterator<Item = Task>,
) -> ObservedLink {
    let observed = |task| ObservedTask::new(task, SINCE, 1);
    link.tasks = Some(tasks.into_iter().map(observed).collect());
    link
}

/// A link with these mirror topics, each shown.
pub(super) fn with_mirrors(
    mut link: ObservedLink,
    topics: impl IntoIterator<Item = ObservedMirror>,
) -> ObservedLink {
    let mut mirrors = Mirrors::none(NOW);
    for topic in topics {
        mirrors.statuses[topic.status.index()] += 1;
        if let Some(error) = &topic.error {
            *mirrors.errors.entry(error.clone()).or_default() += 1;
        }
        mirrors.lag = mirrors.lag.and(topic.lag.unwrap_or_default());
        mirrors.stalled += usize::from(topic.stalled == Ok(true));
        mirrors.topics.push(topic);
    }
    link.mirrors = Ok(mirrors.into());
    link
}

/// A topic of one partition, which is `seconds` behind.
pub(super) fn mirror(name: &str, status: &str, messages: u64, seconds: u64) -> ObservedMirror {
    let status = MirrorStatus::parse(status);
    let lag = MirrorLag {
        messages,
        max_messages: messages,
        age: Duration::from_secs(seconds),
        is_lower_bound: false,
        is_partial: false,
    };
    ObservedMirror {
        topic_name: name.into(),
        lag: status.is_mirroring().then_some(lag),
        status,
        error: None,
        stalled: Ok(false),
    }
}

pub(super) fn task(name: &str, state: &str, codes: &[&str]) -> Task {
    Task {
        task_name: name.into(),
        state: TaskState::parse(state),
        errors: codes.iter().map(|code| error(code)).collect(),
    }
}

pub(super) fn error(code: &str) -> ReportedError {
    ReportedError {
        error_code: ErrorCode::from(code),
        error_message: "something is wrong".to_owned(),
    }
}

pub(super) fn failure(reason: Reason) -> Failure {
    Failure {
        reason,
        message: "something is wrong".to_owned(),
    }
}

/// The documentation's example: half of a bidirectional link whose other half does not exist.
pub(super) fn documented() -> Cluster {
    let tasks = [
        task("AclSync", "NOT_CONFIGURED", &[]),
        task(
            "ConsumerOffsetSync",
            "IN_ERROR",
            &["REMOTE_LINK_NOT_FOUND_ERROR"],
        ),
    ];
    with_links(
        cluster("prod"),
        [with_tasks(link("bidirectional-link", "ACTIVE"), tasks)],
    )
}

/// One row of a table, to be rendered alone.
pub(super) fn only(name: &str) -> &'static [Family] {
    let family = families().find(|family| family.name == name);
    std::slice::from_ref(family.expect("a table has this family"))
}

/// A table's samples of one cluster, without the labels every line has. Families are told apart by an empty line.
pub(super) fn samples_of(families: &[Family], cluster: &Cluster) -> String {
    let id = cluster.id.as_ref().map_or("", |id| id.as_str());
    let identity = format!("cluster_name=\"{}\",cluster_id=\"{id}\"", cluster.name);
    let texts: Vec<String> = families
        .iter()
        .map(|family| family.text(Format::Text, cluster, &Vocabulary::default()))
        .filter(|text| !text.is_empty())
        .collect();
    for line in texts.iter().flat_map(|text| text.lines()) {
        assert!(line.contains(&identity), "whose sample is this: {line}");
    }
    texts
        .join("\n")
        .replace(&format!("{identity},"), "")
        .replace(&format!("{{{identity}}}"), "")
        .trim_end()
        .to_owned()
}

pub(super) fn snapshot(clusters: impl IntoIterator<Item = Cluster>) -> Snapshot {
    Snapshot {
        clusters: clusters.into_iter().map(Arc::new).collect(),
        ..Snapshot::default()
    }
}

/// The whole text of a snapshot, rendered for the first time.
pub(super) fn exposition_of(snapshot: &Snapshot) -> String {
    text_of(&Renderer::default().render(snapshot))
}

pub(super) fn text_of(exposition: &Exposition) -> String {
    String::from_utf8(exposition.body(Format::Text, String::new(), false).concat())
        .expect("the text is UTF-8")
}

/// One line of an exposition.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sample {
    pub(super) name: String,
    pub(super) labels: Vec<(String, String)>,
    pub(super) value: f64,
}

impl Sample {
    pub(super) fn label(&self, name: &str) -> Option<&str> {
        let (_, value) = self.labels.iter().find(|(label, _)| label == name)?;
        Some(value)
    }
}

/// Reads a whole exposition; a line that is not well-formed is a panic that shows it.
pub(super) fn parse(text: &str) -> Vec<Sample> {
    assert!(
        text.is_empty() || text.ends_with('\n'),
        "the last line is cut"
    );
    // Not `lines`: a carriage return before the line break belongs to the line.
    text.split_terminator('\n')
        .filter(|line| {
            !["# HELP clusterlink_", "# TYPE clusterlink_"]
                .iter()
                .any(|start| line.starts_with(start))
        })
        .map(|line| parse_sample(line).unwrap_or_else(|| panic!("not well-formed: {line:?}")))
        .collect()
}

fn parse_sample(line: &str) -> Option<Sample> {
    let (name, mut rest) = line.split_once('{')?;
    let mut labels = Vec::new();
    loop {
        let (label, quoted) = rest.split_once("=\"")?;
        let (value, after) = unescape(quoted)?;
        assert!(is_name(name) && is_name(label), "not a name: {line:?}");
        labels.push((label.to_owned(), value));
        match after.split_at_checked(1)? {
            (",", next) => rest = next,
            ("}", end) => {
                return Some(Sample {
                    name: name.to_owned(),
                    labels,
                    value: end.strip_prefix(' ')?.parse().ok()?,
                });
            }
            _ => return None,
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// The value up to the closing quote, and what follows it.
fn unescape(quoted: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next()? {
            '"' => return Some((value, chars.as_str())),
            '\\' => value.push(match chars.next()? {
                'n' => '\n',
                same @ ('\\' | '"') => same,
                _ => return None,
            }),
            plain => value.push(plain),
        }
    }
}
