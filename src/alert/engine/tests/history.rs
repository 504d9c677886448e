//! Plays a history.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;

use crate::{
    alert::{Active, Engine, Key, Reason, Round, Rule, Stage, Value, rules},
    model::{
        Cluster, Endpoint, ErrorCode, Failure, Limits, Link, LinkReport, LinkState, Listing,
        Reason as Why, Report, ReportedError, Request, Task, TaskState,
    },
    store::Store,
};

/// A process, what it leaves behind, and the world that it polls.
pub(super) struct Play {
    pub(super) store: Store,
    pub(super) engine: Engine,
    /// What the rounds left.
    pub(super) rows: BTreeMap<Key, Value>,
    pub(super) minute: i64,
}

/// What the engine says of a rule in each minute of a history.
pub(super) fn played(rule: &str, history: &str) -> String {
    let mut play = Play::new();
    let name = format!("ClusterLink{rule}");
    spread(history)
        .chars()
        .map(|mark| play.mark(mark, &name))
        .collect()
}

/// `x*3 .` is `xxx.`.
pub(super) fn spread(text: &str) -> String {
    let mut spread = String::new();
    let mut rest = text.chars().peekable();
    while let Some(mark) = rest.next() {
        let mut count = String::new();
        if rest.next_if_eq(&'*').is_some() {
            while let Some(digit) = rest.next_if(char::is_ascii_digit) {
                count.push(digit);
            }
            rest.next_if_eq(&' ');
        }
        spread.extend(std::iter::repeat_n(mark, count.parse().unwrap_or(1)));
    }
    spread
}

impl Play {
    pub(super) fn new() -> Self {
        Self {
            store: store(),
            engine: Engine::new(rules().copied().collect()),
            rows: BTreeMap::new(),
            minute: 0,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + 60 * self.minute).expect("a minute of our time")
    }

    /// What the engine says of this rule after a minute that brought this.
    pub(super) fn mark(&mut self, mark: char, rule: &str) -> char {
        let Some(round) = self.minute(mark) else {
            return '_';
        };
        let of_rule = |active: &&Active| active.rule.name == rule;
        let mut told = round
            .tell
            .iter()
            .filter(|tell| tell.active.rule.name == rule);
        if let Some(tell) = told.find(|tell| tell.reason != Reason::Repeat) {
            return if tell.reason == Reason::First {
                'F'
            } else {
                'R'
            };
        }
        let active = self.engine.active().find(of_rule);
        match active.map(|active| (active.course.stage, active.held)) {
            Some((Stage::Pending { .. }, _)) => 'p',
            Some((_, true)) => 'h',
            Some((_, false)) => 'f',
            None => '.',
        }
    }

    /// A minute that brought this; `None` where nobody was there.
    pub(super) fn minute(&mut self, mark: char) -> Option<Round> {
        let now = self.now();
        self.minute += 1;
        match mark {
            '_' => return None,
            '^' => self.restart(rules().copied().collect()),
            mark => {
                self.store.report(&"dr".into(), report(now, mark));
            }
        }
        self.store.expire(now);
        let round = self.engine.round(&self.store.snapshot(), now);
        for (key, value) in round.changes.iter() {
            match value {
                Some(value) => self.rows.insert(key.clone(), value.clone()),
                None => self.rows.remove(key),
            };
        }
        Some(round)
    }

    /// Another process with the rows that are left, after they were written and read.
    pub(super) fn restart(&mut self, rules: Vec<Rule>) {
        let rows: Vec<_> = self.rows.iter().collect();
        let text = serde_json::to_string(&rows).expect("rows can be written");
        let rows: Vec<(Key, Value)> = serde_json::from_str(&text).expect("rows can be read");
        self.store = store();
        self.engine = Engine::restored(rules, rows);
    }
}

fn store() -> Store {
    let limits = Limits {
        poll_interval: Duration::from_secs(30),
        stale_after: Duration::from_secs(120),
    };
    let id = Some("lkc-1".into());
    let endpoints = [Endpoint::Links, Endpoint::Link];
    Store::new([Cluster::unpolled("dr".into(), id, limits, &endpoints)])
}

fn report(at: Timestamp, mark: char) -> Report {
    let failed = |reason| {
        Err(Failure {
            reason,
            message: format!("{mark}"),
        })
    };
    let (outcome, statuses): (_, &[_]) = match mark {
        '!' => (failed(Why::Timeout), &[None]),
        '4' => (failed(Why::Auth), &[Some(401)]),
        '9' => (Ok(listing(mark)), &[Some(429), Some(200)]),
        _ => (Ok(listing(mark)), &[Some(200)]),
    };
    let request = |status: &Option<u16>| Request {
        endpoint: Endpoint::Links,
        status: *status,
        took: Duration::from_millis(40),
    };
    let expiry = Timestamp::from_second(1_700_000_000 + 30 * 60).expect("a minute of our time");
    Report {
        at,
        took: Duration::from_millis(40),
        cluster_id: Some("lkc-1".into()),
        outcome,
        interval: Duration::from_secs(30),
        hold: None,
        requests: statuses.iter().map(request).collect(),
        credential_expiry: (mark == 't').then_some(expiry),
    }
}

fn listing(mark: char) -> Listing {
    let links: Vec<_> = (mark != '-').then(|| link(mark)).into_iter().collect();
    Listing {
        listed: links.len(),
        links: links
            .into_iter()
            .map(|link| LinkReport::new(link.clone(), Ok(link)))
            .collect(),
        ..Listing::default()
    }
}

fn link(mark: char) -> Link {
    let state = match mark {
        'F' | 'B' => LinkState::Failed,
        'U' => LinkState::Unavailable,
        'P' => LinkState::Paused,
        'K' => LinkState::Unknown,
        _ => LinkState::Active,
    };
    let task = match mark {
        'E' => TaskState::InError,
        'N' => TaskState::NotConfigured,
        'L' | 'B' => TaskState::LinkFailed,
        'D' => TaskState::parse("DREAMING"),
        _ => TaskState::Active,
    };
    let error = ReportedError {
        error_code: ErrorCode::from("AUTHORIZATION_ERROR"),
        error_message: "not allowed".to_owned(),
    };
    let errors = if mark == 'E' { vec![error] } else { Vec::new() };
    Link {
        link_name: "orders".into(),
        cluster_link_id: "id-1".into(),
        remote_cluster_id: None,
        link_state: Some(state),
        link_error: None,
        tasks: Some(vec![Task {
            task_name: "AclSync".into(),
            state: task,
            errors,
        }]),
        mirror_partitions: None,
    }
}
