//! What a minute of a history is as the report of a poll.

use std::time::Duration;

use cluster_link_exporter::model::{
    Cluster, Endpoint, Failure, Limits, Link, LinkReport, LinkState, Listing, Reason, Report,
    Request, Task, TaskState,
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
        Cluster::unpolled(self.name.as_str().into(), id, limits, &endpoints)
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
            't' => (Ok(self.listing(minute)), &[Some(429), Some(200)]),
            _ => (Ok(self.listing(minute)), &[Some(200)]),
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
            hold: None,
            requests: statuses.iter().map(request).collect(),
            credential_expiry: *expiry,
        })
    }

    fn listing(&self, minute: usize) -> Listing {
        let links = self.links.iter().enumerate();
        let links: Vec<_> = links
            .filter(|(_, link)| link.marks[minute] != '-')
            .map(|(number, link)| link.report(number, minute))
            .collect();
        Listing {
            listed: links.len(),
            links,
            ..Listing::default()
        }
    }
}

impl LinkHistory {
    fn report(&self, number: usize, minute: usize) -> LinkReport {
        let mark = self.marks[minute];
        // Each time that it is created it has another id.
        let created = self.marks[..=minute]
            .iter()
            .filter(|mark| **mark == 'R')
            .count();
        let link = Link {
            link_name: format!("link-{number}").into(),
            cluster_link_id: format!("id-{created}"),
            remote_cluster_id: None,
            link_state: link_state(mark),
            link_error: None,
            tasks: None,
            mirror_partitions: None,
        };
        let tasks = self.tasks.iter().enumerate();
        let tasks = tasks.filter_map(|(number, marks)| task(number, marks[minute]));
        let described = Link {
            tasks: (mark != 'n').then(|| tasks.collect()),
            ..link.clone()
        };
        let described = if mark == '!' {
            Err(failure(Reason::ServerError))
        } else {
            Ok(described)
        };
        LinkReport::new(link, described)
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
