//! Plays a history.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::Timestamp;

use crate::{
    alert::{ActiveAlert, Engine, Evaluation, Key, Phase, Reason, Rule, Value, rules},
    model::{
        Cluster, Detail, DiscoveryState, Endpoint, ErrorCode, Expect, Failure, Intent, Limits,
        Link, LinkConfigs, LinkPatterns, LinkReport, LinkState, Listing, MirrorDetail,
        MirrorPartition, MirrorReport, MirrorStatus, MirrorTopic, Reason as Why, Report,
        ReportedError, Request, Snapshot, Task, TaskState,
    },
    store::Store,
};

/// A process, the rows that it leaves, and the clusters that it polls.
pub(super) struct Play {
    pub(super) store: Store,
    pub(super) engine: Engine,
    /// What the evaluations left.
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
        let Some(evaluation) = self.minute(mark) else {
            return '_';
        };
        let of_rule = |active: &&ActiveAlert| {
            active.rule.name == rule && active.identity.cluster_name() != FAR
        };
        for (reason, _) in evaluation
            .to_notify
            .iter()
            .filter(|(_, active)| of_rule(&active))
        {
            match reason {
                Reason::First => return 'F',
                Reason::Resolved => return 'R',
                Reason::Repeat => {}
            }
        }
        let active = self.engine.active().find(of_rule);
        match active.map(|active| (active.state.phase, active.is_last_known)) {
            Some((Phase::Pending { .. }, _)) => 'p',
            Some((_, true)) => 'h',
            Some((_, false)) => 'f',
            None => '.',
        }
    }

    /// A minute that brought this; `None` where the process is down.
    pub(super) fn minute(&mut self, mark: char) -> Option<Evaluation> {
        let now = self.now();
        self.minute += 1;
        match mark {
            '_' => return None,
            '^' => self.restart(rules().copied().collect()),
            mark => {
                self.store
                    .report(&"dr".into(), report(now, mark, self.minute));
                self.store.report(&FAR.into(), far_report(now, mark));
                self.store.replace(|snapshot| Snapshot {
                    discoveries: [discovery(mark)].into(),
                    ..snapshot.clone()
                });
            }
        }
        self.store.expire(now);
        let evaluation = self.engine.evaluate(&self.store.snapshot(), now);
        for (key, value) in evaluation.changes.iter() {
            match value {
                Some(value) => self.rows.insert(key.clone(), value.clone()),
                None => self.rows.remove(key),
            };
        }
        Some(evaluation)
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

/// The discovery after a refresh.
fn discovery(mark: char) -> DiscoveryState {
    DiscoveryState {
        name: "api.confluent.cloud".into(),
        was_asked: true,
        failure: (mark == 'a').then(|| "HTTP 500".to_owned()),
        last_success: None,
        clusters: BTreeMap::new(),
    }
}

/// The cluster at the other end.
const FAR: &str = "prod";

fn store() -> Store {
    let limits = Limits {
        poll_interval: Duration::from_secs(30),
        stale_after: Duration::from_secs(120),
    };
    let endpoints = [Endpoint::Links, Endpoint::Link];
    let unpolled =
        |name: &str, id: &str| Cluster::unpolled(name.into(), Some(id.into()), limits, &endpoints);
    let mut near = unpolled("dr", "lkc-1");
    near.intent = Arc::new(Intent {
        expect: vec![expectation()],
        ..Intent::default()
    });
    Store::new([near, unpolled(FAR, "lkc-2")])
}

/// The link is there, is not paused, and lags for half a minute at the most.
fn expectation() -> Expect {
    let states = LinkState::TABLE.iter();
    let states = states.map(|row| LinkState::parse(row.name));
    Expect {
        links: LinkPatterns::new(&["orders".to_owned()]).expect("it is a pattern"),
        states: states.filter(|state| *state != LinkState::Paused).collect(),
        tasks: BTreeMap::new(),
        rpo: Some(Duration::from_secs(30)),
    }
}

fn report(at: Timestamp, mark: char, minute: i64) -> Report {
    let failed = |reason| {
        Err(Failure {
            reason,
            message: format!("{mark}"),
        })
    };
    let (outcome, statuses): (_, &[_]) = match mark {
        '!' => (failed(Why::Timeout), &[None]),
        '4' => (failed(Why::Auth), &[Some(401)]),
        '9' => (Ok(listing(at, mark, minute)), &[Some(429), Some(200)]),
        _ => (Ok(listing(at, mark, minute)), &[Some(200)]),
    };
    let request = |status: &Option<u16>| Request {
        endpoint: Endpoint::Links,
        status: *status,
        took: Duration::from_millis(40),
    };
    let expiry = Timestamp::from_second(1_700_000_000 + 30 * 60).expect("a minute of our time");
    Report {
        requests: statuses.iter().map(request).collect(),
        credential_expiry: (mark == 't').then_some(expiry),
        ..polled(at, "lkc-1", outcome)
    }
}

/// What the poll of the other cluster brings: its half of the pair where the mark wants one.
fn far_report(at: Timestamp, mark: char) -> Report {
    let outcome = match mark {
        'o' => Err(Failure {
            reason: Why::Timeout,
            message: "o".to_owned(),
        }),
        'g' => Ok(Listing::of(vec![half(at, "lkc-1")])),
        _ => Ok(Listing::of(Vec::new())),
    };
    polled(at, "lkc-2", outcome)
}

fn polled(at: Timestamp, id: &str, outcome: Result<Listing, Failure>) -> Report {
    Report {
        took: Duration::from_millis(40),
        cluster_id: Some(id.into()),
        ..Report::new(at, Duration::from_secs(30), outcome)
    }
}

fn listing(at: Timestamp, mark: char, minute: i64) -> Listing {
    let mut report = match mark {
        '-' => return Listing::default(),
        'g' | 'h' | 'o' => half(at, "lkc-2"),
        mark => {
            let link = link(mark);
            LinkReport::described(link)
        }
    };
    report.mirrors = mirrors(at, mark, minute);
    match mark {
        's' => report.configs = configs(&[("acl.sync.enable", "true"), ("acl.filters", "")]),
        'c' => report.configs = Detail::Forbidden,
        _ => {}
    }
    Listing::of(vec![report])
}

/// A half of a bidirectional link that leads to this cluster.
fn half(at: Timestamp, remote_id: &str) -> LinkReport {
    let link = Link {
        remote_cluster_id: Some(remote_id.into()),
        ..link('.')
    };
    let mut report = LinkReport::described(link);
    report.configs = configs(&[("link.mode", "BIDIRECTIONAL")]);
    report.mirrors = mirrors(at, '.', 0);
    report
}

fn configs(entries: &[(&str, &str)]) -> Detail<Arc<LinkConfigs>> {
    let mut configs = LinkConfigs::default();
    for (key, value) in entries {
        configs.set(key, Some(value));
    }
    Detail::Read(configs.into())
}

/// The one mirror topic, whose source is given a message each second from the first minute on.
fn mirrors(at: Timestamp, mark: char, minute: i64) -> Detail<MirrorReport> {
    let status = match mark {
        'n' => return Detail::Failed,
        'm' => MirrorStatus::Failed,
        'u' => MirrorStatus::SourceUnavailable,
        'q' => MirrorStatus::PendingStopped,
        'v' => MirrorStatus::parse(""),
        _ => MirrorStatus::Active,
    };
    let lag = if mark == 'l' { 60 * (minute - 1) } else { 0 };
    let lag = u64::try_from(lag).expect("histories begin with a mark of their own");
    let lag_is_said = mark != 'w';
    let partition = MirrorPartition {
        partition: 0,
        lag,
        fetched: u64::try_from(60 * minute).ok().map(|end| end - lag),
    };
    let topic = MirrorTopic {
        is_lag_whole: lag_is_said,
        is_counted: true,
        topic_name: "payments".into(),
        status,
        error: None,
        status_since: None,
        partitions: lag_is_said.then_some(partition).into_iter().collect(),
    };
    Detail::Read(MirrorReport {
        nameless: 0,
        at,
        detail: MirrorDetail::Summary,
        topics: vec![topic],
        transition_errors: Vec::new(),
    })
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
    let acl = Task {
        task_name: "AclSync".into(),
        state: task,
        errors,
    };
    let other = Task {
        task_name: "TopicConfigsSync".into(),
        state: TaskState::Active,
        errors: Vec::new(),
    };
    Link {
        cluster_link_id: "id-1".into(),
        link_state: Some(state).filter(|_| mark != 'S'),
        tasks: match mark {
            'T' => None,
            'W' => Some(vec![other]),
            _ => Some(vec![acl, other]),
        },
        ..Link::named("orders")
    }
}
