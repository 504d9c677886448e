//! `a+` is the trigger of alert `a`, `a-` its resolve, `a5+` and `a5-` those of when it fires again 5 minutes later.

use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::notify::testing::{START, alert, later, resolved};

const NO_LIMIT: usize = 64;

/// Reads what the head of this file explains.
fn queued(text: &str) -> QueuedAlert {
    let (name, sign) = text.split_at(text.len() - 1);
    let digits = name
        .find(|c: char| c.is_ascii_digit())
        .unwrap_or(name.len());
    let (name, minutes) = name.split_at(digits);
    let alert = later(&alert(name), minutes.parse().unwrap_or(0));
    let alert = if sign == "-" { resolved(&alert) } else { alert };
    let key = Key::of_subject(&alert.labels);
    QueuedAlert::new(alert, key, Group::default())
}

/// Writes it.
fn text(queued: &QueuedAlert) -> String {
    let Alert {
        labels,
        starts_at,
        status,
        ..
    } = &*queued.alert;
    let minutes = starts_at.duration_since(START).as_mins();
    let minutes = Some(minutes)
        .filter(|minutes| *minutes > 0)
        .map(|minutes| minutes.to_string());
    let sign = if *status == Status::Firing { "+" } else { "-" };
    format!(
        "{}{}{sign}",
        labels["link_name"],
        minutes.unwrap_or_default()
    )
}

fn texts<'a>(alerts: impl IntoIterator<Item = &'a QueuedAlert>) -> String {
    let texts = alerts.into_iter().map(text);
    texts.collect::<Vec<_>>().join(" ")
}

impl Queue {
    fn of(protocol: Protocol, capacity: usize) -> Self {
        Self::new(protocol, capacity, BTreeMap::new())
    }

    /// Hands these in and says what became of each.
    fn hand_in(&mut self, alerts: &str) -> Vec<Entered> {
        alerts
            .split(' ')
            .map(|text| self.enter(queued(text)))
            .collect()
    }

    fn shown(&self) -> String {
        texts(&self.waiting)
    }

    /// Sends everything, message by message.
    fn sent(&mut self, limit: usize) -> Vec<String> {
        let mut sent = Vec::new();
        while self.len() > 0 {
            let taken = self.take(limit);
            sent.push(texts(&taken));
            self.settle(&taken, Outcome::Delivered);
        }
        sent
    }
}

#[test]
fn a_resolve_neither_overtakes_nor_erases_its_trigger() {
    let mut queue = Queue::of(Protocol::EventDriven, 10);
    queue.hand_in("a+ b+ a- a5+");
    assert_eq!(queue.shown(), "a+ b+ a- a5+");
    assert_eq!(queue.sent(NO_LIMIT), ["a+ b+", "a-", "a5+"]);
}

#[test]
fn for_a_stateful_receiver_only_the_newest_waits_in_the_place_of_the_first() {
    let mut queue = Queue::of(Protocol::Stateful, 10);
    queue.hand_in("a+ b+ a- b+");
    assert_eq!(queue.shown(), "a- b+");
    queue.hand_in("a5+");
    assert_eq!(queue.sent(NO_LIMIT), ["a5+ b+"]);
}

#[test]
fn a_repetition_takes_the_place_of_what_waits() {
    for protocol in [Protocol::Stateful, Protocol::EventDriven] {
        let mut queue = Queue::of(protocol, 10);
        queue.hand_in("a+ b+");
        assert_eq!(queue.hand_in("a+"), [Entered::Replaced]);
        assert_eq!(queue.shown(), "a+ b+");
    }
}

#[test]
fn when_it_is_full_the_newest_trigger_is_dropped_and_no_resolve_of_what_is_or_will_be_delivered() {
    use Entered::{Needless, NoRoom, Queued};
    let mut queue = Queue::of(Protocol::EventDriven, 2);
    queue.hand_in("a+");
    queue.sent(NO_LIMIT);
    assert_eq!(
        queue.hand_in("b+ c+ d+ a- b- d-"),
        [Queued, Queued, NoRoom, Queued, Queued, Needless]
    );
    assert_eq!(queue.sent(NO_LIMIT), ["b+ c+ a-", "b-"]);
    assert_eq!(
        queue.hand_in("d+"),
        [Queued],
        "the next repetition makes up for it"
    );

    let mut queue = Queue::of(Protocol::Stateful, 2);
    queue.hand_in("a+");
    queue.sent(NO_LIMIT);
    assert_eq!(
        queue.hand_in("b+ c+ d+ a- d-"),
        [Queued, Queued, NoRoom, Queued, NoRoom]
    );
}

#[test]
fn an_event_is_sent_once_and_a_state_whenever_it_is_repeated() {
    let mut event_driven = Queue::of(Protocol::EventDriven, 10);
    let mut stateful = Queue::of(Protocol::Stateful, 10);
    for queue in [&mut event_driven, &mut stateful] {
        queue.hand_in("a+");
        queue.sent(NO_LIMIT);
    }
    assert_eq!(event_driven.hand_in("a+"), [Entered::Needless]);
    assert_eq!(stateful.hand_in("a+"), [Entered::Queued]);
    assert_eq!(
        event_driven.hand_in("a5+ a5-"),
        [Entered::Queued; 2],
        "it fires anew"
    );
    assert_eq!(event_driven.sent(NO_LIMIT), ["a5+", "a5-"]);
    assert_eq!(event_driven.hand_in("a5-"), [Entered::Needless]);
}

#[test]
fn a_straggler_about_an_earlier_time_changes_nothing() {
    for protocol in [Protocol::Stateful, Protocol::EventDriven] {
        let mut queue = Queue::of(protocol, 10);
        queue.hand_in("a5+");
        assert_eq!(queue.hand_in("a-"), [Entered::Needless]);
        queue.sent(NO_LIMIT);
        assert_eq!(queue.hand_in("a-"), [Entered::Needless]);
    }
}

#[test]
fn what_was_delivered_before_a_restart_is_not_sent_again_and_what_was_not_is() {
    let mut before = Queue::of(Protocol::EventDriven, 10);
    before.hand_in("a+ c+");
    before.sent(NO_LIMIT);
    before.hand_in("b+");
    let mut queue = Queue::new(Protocol::EventDriven, 10, before.notified());
    queue.hand_in("a+ b+ c-");
    assert_eq!(queue.sent(NO_LIMIT), ["b+ c-"]);
    assert_eq!(queue.notified().len(), 2);
}

#[test]
fn what_comes_while_its_alert_is_under_way_is_sent_after_it() {
    let mut event_driven = Queue::of(Protocol::EventDriven, 10);
    event_driven.hand_in("a+");
    let taken = event_driven.take(NO_LIMIT);
    event_driven.hand_in("a+ a-");
    assert_eq!(event_driven.shown(), "a+ a-");
    event_driven.settle(&taken, Outcome::Delivered);
    assert_eq!(event_driven.shown(), "a-");

    let mut stateful = Queue::of(Protocol::Stateful, 10);
    for outcome in [Outcome::Delivered, Outcome::Failed, Outcome::Refused] {
        stateful.hand_in("a+");
        let taken = stateful.take(NO_LIMIT);
        stateful.hand_in("a-");
        stateful.settle(&taken, outcome);
        assert_eq!(stateful.sent(NO_LIMIT), ["a-"], "{outcome:?}");
    }
}

#[test]
fn an_alert_that_always_fails_holds_up_no_other() {
    let mut queue = Queue::of(Protocol::EventDriven, 10);
    queue.hand_in("a+ a- b+ c+");
    let mut order = Vec::new();
    for _ in 0..5 {
        let taken = queue.take(1);
        order.push(texts(&taken));
        let outcome = if order.last().unwrap() == "a+" {
            Outcome::Failed
        } else {
            Outcome::Delivered
        };
        queue.settle(&taken, outcome);
    }
    assert_eq!(order, ["a+", "b+", "c+", "a+", "a+"]);
}

#[test]
fn a_message_that_is_refused_is_split_and_only_the_refused_alert_is_lost() {
    let mut queue = Queue::of(Protocol::EventDriven, 10);
    queue.hand_in("a+ b+ c+ b-");
    let together = queue.take(NO_LIMIT);
    assert_eq!(texts(&together), "a+ b+ c+");
    queue.split(&together);
    let mut alone = Vec::new();
    while queue.len() > 0 {
        let taken = queue.take(NO_LIMIT);
        alone.push(texts(&taken));
        let outcome = if alone.last().unwrap() == "b+" {
            Outcome::Refused
        } else {
            Outcome::Delivered
        };
        queue.settle(&taken, outcome);
    }
    assert_eq!(
        alone,
        ["a+", "b+", "c+"],
        "a receiver that refused the trigger is spared the resolve"
    );

    queue.hand_in("b5+");
    let refused = queue.take(NO_LIMIT);
    queue.settle(&refused, Outcome::Refused);
    assert_eq!(queue.hand_in("b5+ b5-"), [Entered::Needless; 2]);
    assert_eq!(queue.hand_in("b9+"), [Entered::Queued], "it fires anew");
}

#[test]
fn only_alerts_of_one_group_are_sent_together() {
    let mut queue = Queue::of(Protocol::EventDriven, 10);
    for text in ["a+", "b+", "c+", "d+"] {
        let group = if "ac".contains(&text[..1]) {
            "left"
        } else {
            "right"
        };
        let group = Group::of("link_name", group);
        queue.enter(QueuedAlert {
            group,
            ..queued(text)
        });
    }
    assert_eq!(queue.sent(NO_LIMIT), ["a+ c+", "b+ d+"]);
}

#[test]
fn a_firing_alert_whose_end_has_passed_is_not_sent_to_a_stateful_receiver() {
    let end = START + SignedDuration::from_mins(4);
    let mut stateful = Queue::of(Protocol::Stateful, 10);
    stateful.hand_in("a+ b- c1+");
    let before = end - SignedDuration::from_secs(1);
    assert_eq!([before, end].map(|now| stateful.expire(now)), [0, 1]);
    assert_eq!(stateful.shown(), "b- c1+");

    let mut event_driven = Queue::of(Protocol::EventDriven, 10);
    event_driven.hand_in("a+");
    assert_eq!(event_driven.expire(end), 0);
}

/// What can happen to a queue of a few alerts.
#[derive(Clone, Debug)]
enum Happening {
    Fires(usize),
    Ends(usize),
    IsRepeated(usize),
    Sends(usize, Outcome),
    IsSplit(usize),
}

fn happening() -> impl Strategy<Value = Happening> {
    let outcome = prop_oneof![Just(Outcome::Delivered), Just(Outcome::Failed)];
    prop_oneof![
        (0..4usize).prop_map(Happening::Fires),
        (0..4usize).prop_map(Happening::Ends),
        (0..4usize).prop_map(Happening::IsRepeated),
        (1..4usize, outcome).prop_map(|(limit, outcome)| Happening::Sends(limit, outcome)),
        (1..4usize).prop_map(Happening::IsSplit),
    ]
}

/// The alerts as they really are, and what the receiver heard of each.
struct World {
    queue: Queue,
    truth: [String; 4],
    heard: [Vec<String>; 4],
    minutes: usize,
}

impl World {
    fn happens(&mut self, happening: &Happening) {
        match *happening {
            Happening::Fires(number) if !self.truth[number].ends_with('+') => {
                self.minutes += 1;
                self.truth[number] = format!("{}{}+", ["a", "b", "c", "d"][number], self.minutes);
                self.notify(number);
            }
            Happening::Ends(number) if self.truth[number].ends_with('+') => {
                self.truth[number] = self.truth[number].replace('+', "-");
                self.notify(number);
            }
            Happening::IsRepeated(number) => self.notify(number),
            Happening::Sends(limit, outcome) => self.send(limit, outcome),
            Happening::IsSplit(limit) => {
                let taken = self.queue.take(limit);
                self.queue.split(&taken);
            }
            Happening::Fires(_) | Happening::Ends(_) => {}
        }
    }

    fn notify(&mut self, number: usize) {
        if !self.truth[number].is_empty() {
            self.queue.enter(queued(&self.truth[number]));
        }
    }

    fn send(&mut self, limit: usize, outcome: Outcome) {
        let taken = self.queue.take(limit);
        self.queue.settle(&taken, outcome);
        if outcome == Outcome::Delivered {
            for text in taken.iter().map(text) {
                self.heard[usize::from(text.as_bytes()[0] - b'a')].push(text);
            }
        }
    }

    /// Sends what is left, and repeats everything once.
    fn settles(&mut self) {
        for number in 0..4 {
            while self.queue.len() > 0 {
                self.send(NO_LIMIT, Outcome::Delivered);
            }
            self.notify(number);
        }
        self.send(NO_LIMIT, Outcome::Delivered);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_receiver_hears_in_order_and_in_the_end_knows_the_truth(
        happenings in prop::collection::vec(happening(), 0..60),
        capacity in 1..5usize,
        is_stateful in any::<bool>(),
    ) {
        let protocol = if is_stateful { Protocol::Stateful } else { Protocol::EventDriven };
        let mut world = World { queue: Queue::of(protocol, capacity), truth: Default::default(), heard: Default::default(), minutes: 0 };
        for happening in &happenings {
            world.happens(happening);
            prop_assert!(world.queue.len() <= 2 * capacity + 4);
        }
        world.settles();
        for (truth, heard) in world.truth.iter().zip(&world.heard) {
            let knows = heard.last().map_or("", String::as_str);
            let is_over = truth.ends_with('-') || truth.is_empty();
            prop_assert!(knows == truth || is_over && !knows.ends_with('+'), "{truth} but heard {heard:?}");
            if protocol == Protocol::EventDriven {
                let mut once = heard.clone();
                once.dedup();
                prop_assert_eq!(&once, heard);
                for pair in heard.windows(2) {
                    let is_resolve = pair[1].ends_with('-');
                    prop_assert!(!is_resolve || pair[0] == pair[1].replace('-', "+"), "{heard:?}");
                }
            }
        }
    }
}
