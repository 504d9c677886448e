//! What stands of settings and mirror topics after which reports.

use super::*;
use crate::model::{
    Detail, ErrorCode, HangingTopic, LinkConfigs, LinkMode, MirrorDetail, MirrorPartition,
    MirrorReport, MirrorStatus, MirrorTopic, Mirrors,
};

fn topic(name: &str, status: &str, lag: u64) -> MirrorTopic {
    MirrorTopic {
        is_lag_whole: true,
        is_counted: true,
        topic_name: name.into(),
        status: MirrorStatus::parse(status),
        error: None,
        status_since: Some(at(0)),
        partitions: vec![MirrorPartition {
            partition: 0,
            lag,
            fetched: Some(100),
        }],
    }
}

fn read(second: i64, topics: &[MirrorTopic]) -> Detail<MirrorReport> {
    Detail::Read(MirrorReport {
        nameless: 0,
        at: at(second),
        detail: MirrorDetail::Unhealthy,
        topics: topics.to_vec(),
        transition_errors: Vec::new(),
    })
}

fn configs() -> Detail<Arc<LinkConfigs>> {
    Detail::Read(Arc::new(LinkConfigs {
        link_mode: Some(LinkMode::Source),
        ..LinkConfigs::default()
    }))
}

impl Store {
    /// A good poll of one link with these details.
    fn detailed(
        &self,
        second: i64,
        configs: Detail<Arc<LinkConfigs>>,
        mirrors: Detail<MirrorReport>,
    ) -> Vec<Event> {
        let link = LinkReport {
            configs,
            mirrors,
            ..described(link("a", "ACTIVE", &[]))
        };
        self.report(&"dr".into(), report(second, Ok(vec![link])))
    }

    fn mirrors(&self) -> Option<Mirrors> {
        let snapshot = self.snapshot();
        let mut links = snapshot.clusters[0].shown_links();
        links.next()?.shown_mirrors().ok().cloned()
    }

    fn link_mode(&self) -> Option<LinkMode> {
        let snapshot = self.snapshot();
        let configs = snapshot.clusters[0].links[0].known_configs().ok()?;
        configs.link_mode
    }
}

#[test]
fn settings_stand_until_they_are_read_again_forbidden_or_not_wanted() {
    let store = store();
    let after = |second, configs| {
        store.detailed(second, configs, Detail::Off);
        store.link_mode()
    };
    let source = Some(LinkMode::Source);
    assert_eq!(after(0, Detail::NotDue), None);
    assert_eq!(after(30, configs()), source);
    assert_eq!(after(60, Detail::NotDue), source);
    assert_eq!(after(90, Detail::Failed), source);
    assert_eq!(after(120, Detail::Forbidden), None);
    assert_eq!(after(150, configs()), source);
    assert_eq!(after(180, Detail::Off), None);
}

#[test]
fn mirror_topics_are_summed_up_and_what_is_stopped_or_failed_lags_no_more() {
    let store = store();
    let mut failed = topic("c", "FAILED", 70);
    failed.error = Some(ErrorCode::from("UNKNOWN"));
    let topics = [
        topic("a", "ACTIVE", 3),
        topic("b", "PAUSED", 5),
        failed,
        topic("d", "STOPPED", 9),
    ];
    store.detailed(0, Detail::Off, read(0, &topics));
    store.detailed(960, Detail::Off, read(960, &topics));
    let mirrors = store.mirrors().unwrap();
    let counts = ["ACTIVE", "PAUSED", "FAILED", "STOPPED", "UNKNOWN"]
        .map(|status| mirrors.count(&MirrorStatus::parse(status)));
    assert_eq!(counts, [1, 1, 1, 1, 0]);
    assert_eq!((mirrors.lag.messages, mirrors.lag.max_messages), (8, 5));
    assert_eq!(mirrors.lag.age.as_secs(), 960);
    // `b` has not fetched either, because somebody paused it.
    assert_eq!(mirrors.stalled, 1);
    assert_eq!(mirrors.errors, [(ErrorCode::from("UNKNOWN"), 1)].into());
    let shown: Vec<_> = mirrors
        .topics
        .iter()
        .map(|topic| (topic.topic_name.as_str(), topic.lag.is_some()))
        .collect();
    assert_eq!(shown, [("a", true), ("b", true), ("c", false)]);
}

#[test]
fn mirror_topics_that_do_not_come_age_apart_from_their_link() {
    let store = store();
    let topics = [topic("a", "ACTIVE", 3)];
    store.detailed(10, Detail::Off, read(10, &topics));
    for second in [40, 70, 100] {
        store.detailed(second, Detail::Off, Detail::Failed);
        assert_eq!(store.mirrors().unwrap().lag.messages, 3, "at {second}");
    }
    assert_eq!(Expiries::default().next(&store.snapshot()), Some(at(130)));
    store.expire(at(130));
    assert_eq!((store.mirrors(), store.shown().len()), (None, 1));
    // Its history outlives our blindness: the source stood there at second 10.
    store.detailed(160, Detail::Off, read(160, &topics));
    assert_eq!(store.mirrors().unwrap().lag.age.as_secs(), 150);
}

#[test]
fn mirror_topics_that_are_forbidden_or_not_wanted_are_gone_at_once() {
    let store = store();
    for gone in [Detail::Forbidden, Detail::Off] {
        store.detailed(10, Detail::Off, read(10, &[topic("a", "ACTIVE", 3)]));
        assert!(store.mirrors().is_some());
        store.detailed(40, Detail::Off, gone);
        assert_eq!(store.mirrors(), None);
    }
}

#[test]
fn a_link_that_cannot_be_described_still_shows_fresh_mirror_topics() {
    let store = store();
    store.detailed(10, configs(), read(10, &[]));
    let undescribed = LinkReport {
        configs: Detail::NotDue,
        mirrors: read(40, &[topic("a", "ACTIVE", 3)]),
        ..undescribed(link("a", "ACTIVE", &[]))
    };
    store.report(&"dr".into(), report(40, Ok(vec![undescribed])));
    assert_eq!(store.mirrors().unwrap().observed_at, at(40));
    assert_eq!(store.link_mode(), Some(LinkMode::Source));
}

#[test]
fn a_link_created_again_under_its_name_has_neither_settings_nor_history() {
    let store = store();
    store.detailed(10, configs(), read(10, &[topic("a", "ACTIVE", 3)]));
    let again = Link {
        cluster_link_id: "another".into(),
        ..link("a", "ACTIVE", &[])
    };
    let again = LinkReport {
        configs: Detail::NotDue,
        mirrors: read(40, &[topic("a", "ACTIVE", 3)]),
        ..described(again)
    };
    store.report(&"dr".into(), report(40, Ok(vec![again])));
    assert_eq!(store.link_mode(), None);
    assert_eq!(store.mirrors().unwrap().lag.age.as_secs(), 0);
}

fn hanging(second: i64, errors: Option<&[&str]>) -> Detail<MirrorReport> {
    let error = |code: &&str| ReportedError {
        error_code: ErrorCode::from(*code),
        error_message: String::new(),
    };
    let errors = errors.map(|errors| ("a".into(), errors.iter().map(error).collect()));
    Detail::Read(MirrorReport {
        nameless: 0,
        at: at(second),
        detail: MirrorDetail::Summary,
        topics: vec![topic("a", "PENDING_STOPPED", 3)],
        transition_errors: errors.into_iter().collect(),
    })
}

#[test]
fn why_a_change_hangs_stands_while_it_hangs_and_is_told_when_it_is_news() {
    let store = store();
    let told = |events: Vec<Event>| -> Vec<String> {
        let codes = |topic: HangingTopic| {
            let codes = topic.errors.iter().map(|error| error.error_code.as_str());
            codes.collect::<Vec<_>>().join(" ")
        };
        let hangs = events.into_iter().filter_map(|event| match event {
            Event::TransitionHangs { topic, .. } => Some(codes(topic)),
            _ => None,
        });
        hangs.collect()
    };
    let after = |second, report| {
        let told = told(store.detailed(second, Detail::Off, report));
        (told, store.mirrors().unwrap().hanging.len())
    };
    let news = |codes: &str| vec![codes.to_owned()];
    assert_eq!(
        after(0, hanging(0, Some(&["TIMEOUT_ERROR"]))),
        (news("TIMEOUT_ERROR"), 1)
    );
    assert_eq!(after(30, hanging(30, None)), (vec![], 1));
    assert_eq!(
        after(60, hanging(60, Some(&["TIMEOUT_ERROR"]))),
        (vec![], 1)
    );
    assert_eq!(after(90, hanging(90, Some(&["A", "B"]))), (news("A B"), 1));
    assert_eq!(after(120, hanging(120, Some(&[]))), (vec![], 0));
    after(150, hanging(150, Some(&["A"])));
    let stopped = read(180, &[topic("a", "STOPPED", 3)]);
    assert_eq!(after(180, stopped), (vec![], 0));
}

#[test]
fn what_does_not_come_is_told_once_and_fails_no_poll() {
    let store = store();
    let poll = |second, failure: Option<Failure>| {
        let mut report = report(second, Ok(vec![described(link("a", "ACTIVE", &[]))]));
        let listing = report.outcome.as_mut().unwrap();
        listing.details = [(Endpoint::Mirrors, failure)].into();
        let events = store.report(&"dr".into(), report).into_iter();
        let told = events.map(|event| match event {
            Event::DetailFailed { failure, .. } => failure.reason.label().to_owned(),
            Event::DetailRecovered { endpoint, .. } => format!("{} again", endpoint.label()),
            other => format!("{other:?}"),
        });
        let told: Vec<_> = told.collect();
        assert!(store.snapshot().clusters[0].poll_succeeded());
        told.join(", ")
    };
    let forbidden = Failure {
        reason: Reason::Forbidden,
        message: "no".into(),
    };
    let told = [
        poll(0, None),
        poll(30, Some(timeout())),
        poll(60, Some(timeout())),
        poll(90, Some(forbidden)),
        poll(120, None),
        poll(150, None),
    ];
    assert_eq!(told, ["", "timeout", "", "forbidden", "mirrors again", ""]);
}

#[test]
fn a_429_for_a_detail_is_a_reason_to_ask_less() {
    let mut report = report(0, Ok(Vec::new()));
    assert!(!report.is_throttled());
    let throttled = Failure {
        reason: Reason::Throttled,
        message: "slow down".into(),
    };
    report.outcome.as_mut().unwrap().details = [(Endpoint::Mirrors, Some(throttled))].into();
    assert!(report.is_throttled());
}

#[test]
fn unheard_of_words_of_mirror_topics_are_counted() {
    let store = store();
    let mut odd = topic("a", "DREAMING", 0);
    odd.error = Some(ErrorCode::from("MOON_PHASE_ERROR"));
    store.detailed(0, Detail::Off, read(0, &[odd.clone(), odd]));
    let unrecognized = store.snapshot().clusters[0].polls.unrecognized;
    assert_eq!(unrecognized, [0, 0, 2, 2, 0]);
    assert_eq!(store.mirrors().unwrap().count(&MirrorStatus::Unknown), 2);
}

/// What was told of names and of what was not understood, in words.
fn told(events: Vec<Event>) -> Vec<String> {
    let line = |event| match event {
        Event::Nameless {
            link_name, item, ..
        } => {
            let link = link_name.map_or_else(String::new, |name| format!(" of {name}"));
            Some(format!("nameless {}{link}", item.in_words()))
        }
        Event::NotUnderstood {
            endpoint,
            link_name,
            ..
        } => Some(format!("{} of {link_name} odd", endpoint.label())),
        Event::Understood { endpoint, .. } => Some(format!("{} again", endpoint.label())),
        _ => None,
    };
    events.into_iter().filter_map(line).collect()
}

#[test]
fn what_has_no_name_is_counted_at_every_sight_and_told_once() {
    let store = store();
    let poll = |second| {
        let tasks = [("", "IN_ERROR"), ("AclSync", "ACTIVE")];
        let mut nameless = LinkReport {
            configs: Detail::Read(Arc::new(LinkConfigs {
                link_mode: Some(LinkMode::Source),
                nameless: 2,
                ..LinkConfigs::default()
            })),
            mirrors: read(second, &[]),
            ..described(link("a", "ACTIVE", &tasks))
        };
        if let Detail::Read(report) = &mut nameless.mirrors {
            report.nameless = 3;
        }
        let mut report = report(second, Ok(vec![nameless]));
        let listing = report.outcome.as_mut().unwrap();
        (listing.nameless, listing.without_link) = (4, 5);
        let events = told(store.report(&"dr".into(), report));
        (events, store.snapshot().clusters[0].polls.unrecognized)
    };
    let first = [
        "configs of a odd",
        "mirrors of a odd",
        "nameless link",
        "nameless link of a mirror topic",
        "nameless task of a",
        "nameless mirror topic of a",
        "nameless setting of a",
    ];
    assert_eq!(poll(0), (first.map(str::to_owned).into(), [0, 0, 0, 0, 15]));
    assert_eq!(poll(30), (Vec::new(), [0, 0, 0, 0, 30]));
    // The task is shown all the same: it may be the one in error.
    assert_eq!(
        store.shown(),
        ["a: ACTIVE 0/0 [: IN_ERROR 0/0] [AclSync: ACTIVE 0/0]"]
    );
}

#[test]
fn a_lag_that_names_fewer_partitions_than_before_is_not_understood() {
    let store = store();
    let mut fewer = topic("a", "ACTIVE", 0);
    let mut whole = fewer.clone();
    whole.partitions.push(MirrorPartition {
        partition: 1,
        ..whole.partitions[0]
    });
    fewer.is_counted = false;
    let poll = |second, topic| told(store.detailed(second, Detail::NotDue, read(second, &[topic])));
    assert_eq!(poll(0, whole.clone()), [""; 0]);
    assert_eq!(poll(30, fewer), ["mirrors of a odd"]);
    assert_eq!(poll(60, whole), ["mirrors again"]);
}

#[test]
fn that_answers_are_not_understood_is_told_when_it_begins_and_ends_and_a_failure_does_neither() {
    let store = store();
    let partial = |second| {
        let mut odd = topic("a", "ACTIVE", 1);
        odd.is_lag_whole = false;
        read(second, &[odd])
    };
    let whole = |second| read(second, &[topic("a", "ACTIVE", 1)]);
    let poll = |second, mirrors| told(store.detailed(second, Detail::NotDue, mirrors));
    assert_eq!(poll(0, whole(0)), [""; 0]);
    assert_eq!(poll(30, partial(30)), ["mirrors of a odd"]);
    assert_eq!(poll(60, partial(60)), [""; 0]);
    assert_eq!(poll(90, Detail::Failed), [""; 0]);
    assert_eq!(poll(120, partial(120)), [""; 0]);
    assert_eq!(poll(150, whole(150)), ["mirrors again"]);
    assert_eq!(poll(180, whole(180)), [""; 0]);
}
