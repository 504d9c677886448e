//! What a minute of a history is as the report of a poll.

use std::{sync::Arc, time::Duration};

use cluster_link_exporter::model::{
    Cluster, Detail, Endpoint, Expect, Failure, Intent, Limits, Link, LinkConfigs, LinkPatterns,
    LinkReport, LinkState, Listing, MirrorDetail, MirrorPartition, MirrorReport, MirrorStatus,
    MirrorTopic, Reason, Report, Request, Task, TaskState,
};
use jiff::Timestamp;

use super::history::{History, LinkHistory};

impl History {
    pub(crate) fn unpolled(&self) -> Cluster {
        let limits = Limits {
            poll_interval: self.interval,
            stale_after: self.stale_after,
        };
        let id = self.has_id.then(|| self.id.as_str().into());
        let endpoints = [Endpoint::Links, Endpoint::Link];
        let mut cluster = Cluster::unpolled(self.name.as_str().into(), id, limits, &endpoints);
        if self.expects {
            cluster.intent = Arc::new(expectations());
        }
        cluster
    }

    /// The report of the poll of this minute; `expiry` is that of the token in use.
    pub(crate) fn report(
        &self,
        minute: usize,
        at: Timestamp,
        expiry: &mut Option<Timestamp>,
    ) -> Option<Report> {
        let (outcome, statuses): (_, &[_]) = match self.polls[minute] {
            '_' => return None,
            'x' => (Err(Reason::Timeout), &[None]),
            '4' => (Err(Reason::Auth), &[Some(401)]),
            '3' => (Err(Reason::Forbidden), &[Some(403)]),
            '9' => (Err(Reason::Throttled), &[Some(429), Some(429)]),
            't' => (Ok(self.listing(minute, at)), &[Some(429), Some(200)]),
            _ => (Ok(self.listing(minute, at)), &[Some(200)]),
        };
        let in_minutes = |minutes: u64| Some(at + Duration::from_secs(60 * minutes));
        match self.token[minute] {
            '-' => *expiry = None,
            'n' => *expiry = in_minutes(30),
            'm' => *expiry = in_minutes(8),
            _ => {}
        }
        let knows_id = self.has_id || outcome.is_ok();
        let stretched = if self.polls[minute] == '9' { 8 } else { 1 };
        let request = |status: &Option<u16>| Request {
            endpoint: Endpoint::Links,
            status: *status,
            took: Duration::from_millis(40),
        };
        Some(Report {
            at,
            took: Duration::from_millis(40),
            cluster_id: knows_id.then(|| self.id.as_str().into()),
            outcome: outcome.map_err(failure),
            interval: stretched * self.interval,
            retry_after: None,
            requests: statuses.iter().map(request).collect(),
            credential_expiry: *expiry,
        })
    }

    fn listing(&self, minute: usize, at: Timestamp) -> Listing {
        let links = self.links.iter().enumerate();
        let links: Vec<_> = links
            .filter(|(_, link)| link.marks[minute] != '-')
            .map(|(number, link)| {
                let mut report = link.report(number, minute, &self.remote_id);
                report.configs = configs(link.configs[minute]);
                report.mirrors = mirrors(&link.mirrors[..=minute], at);
                report
            })
            .collect();
        Listing::of(links)
    }
}

impl LinkHistory {
    fn report(&self, number: usize, minute: usize, remote_id: &str) -> LinkReport {
        let mark = self.marks[minute];
        // Each time that it is created it has another id.
        let created = self.marks[..=minute]
            .iter()
            .filter(|mark| **mark == 'R')
            .count();
        let link = Link {
            cluster_link_id: format!("id-{created}"),
            remote_cluster_id: Some(remote_id.into()),
            link_state: link_state(mark),
            ..Link::named(format!("link-{number}"))
        };
        if mark == '!' {
            return LinkReport::undescribed(link, failure(Reason::ServerError));
        }
        let tasks = self.tasks.iter().enumerate();
        let tasks = tasks.filter_map(|(number, marks)| task(number, marks[minute]));
        LinkReport::described(Link {
            tasks: (mark != 'n').then(|| tasks.collect()),
            ..link
        })
    }
}

/// What the first link should be.
fn expectations() -> Intent {
    let links = LinkPatterns::new(&["link-0".to_owned()]).unwrap();
    let expect = Expect {
        links,
        states: vec![LinkState::Active, LinkState::Paused],
        tasks: [("Task0".into(), vec![TaskState::Active])].into(),
        rpo: Some(Duration::from_secs(180)),
    };
    Intent {
        expect: vec![expect],
        ..Intent::default()
    }
}

fn configs(mark: char) -> Detail<Arc<LinkConfigs>> {
    let with = |entries: &[(&str, &str)]| {
        let mut configs = LinkConfigs::default();
        for (key, value) in entries {
            configs.set(key, Some(value));
        }
        Detail::Read(configs.into())
    };
    let mode = ("link.mode", "BIDIRECTIONAL");
    match mark {
        'p' => with(&[mode, ("connection.mode", "OUTBOUND")]),
        'i' => with(&[mode, ("connection.mode", "INBOUND")]),
        '0' => with(&[]),
        'f' => with(&[mode, ("acl.sync.enable", "true"), ("acl.filters", "")]),
        other => lacking(other),
    }
}

/// What the last of these marks says of the mirror topic, whose source is given a message each second.
fn mirrors(marks: &[char], at: Timestamp) -> Detail<MirrorReport> {
    let mark = marks[marks.len() - 1];
    let status = match mark {
        'A' | 'L' | 'l' | '0' | 'G' => MirrorStatus::Active,
        's' => MirrorStatus::parse(""),
        'F' => MirrorStatus::Failed,
        'S' => MirrorStatus::SourceUnavailable,
        'P' => MirrorStatus::PendingStopped,
        other => return lacking(other),
    };
    let kept_up = marks.iter().rposition(|mark| *mark == 'A');
    let [end, fetched] =
        [marks.len(), kept_up.map_or(0, |minute| minute + 1)].map(|minute| 60 * minute as u64);
    let partition = MirrorPartition {
        partition: 0,
        lag: end - fetched,
        fetched: Some(fetched),
    };
    let topic = MirrorTopic {
        is_lag_whole: mark != 'l',
        is_counted: true,
        topic_name: "topic".into(),
        status,
        error: None,
        status_since: None,
        partitions: (mark != 'l').then_some(partition).into_iter().collect(),
    };
    let topics = if ['0', 'G'].contains(&mark) {
        Vec::new()
    } else {
        vec![topic]
    };
    Detail::Read(MirrorReport {
        nameless: usize::from(mark == '0'),
        ..MirrorReport::new(at, MirrorDetail::Summary, topics)
    })
}

fn lacking<T>(mark: char) -> Detail<T> {
    match mark {
        '!' => Detail::Failed,
        'x' => Detail::Forbidden,
        '-' => Detail::Off,
        _ => Detail::NotDue,
    }
}

fn link_state(mark: char) -> Option<LinkState> {
    let state = match mark {
        '?' => return None,
        'F' => LinkState::Failed,
        'U' => LinkState::Unavailable,
        'P' => LinkState::Paused,
        'K' => LinkState::Unknown,
        'D' => LinkState::parse("DREAMING"),
        _ => LinkState::Active,
    };
    Some(state)
}

fn task(number: usize, mark: char) -> Option<Task> {
    let state = match mark {
        '-' => return None,
        'E' => TaskState::InError,
        'N' => TaskState::NotConfigured,
        'F' => TaskState::LinkFailed,
        'U' => TaskState::LinkUnavailable,
        'P' => TaskState::LinkPaused,
        'K' => TaskState::Unknown,
        'D' => TaskState::parse("DREAMING"),
        _ => TaskState::Active,
    };
    Some(Task {
        task_name: format!("Task{number}").into(),
        state,
        errors: Vec::new(),
    })
}

fn failure(reason: Reason) -> Failure {
    Failure {
        reason,
        message: "invented".to_owned(),
    }
}
