//! `a+` is the trigger of alert `a`, `a-` its resolve, `a5+` and `a5-` those of when it fires again 5 minutes later.

use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::notify::testing::{START, alert, later, resolved};

const NO_LIMIT: usize = 64;

/// Reads what the head of this file explains.
fn item(text: &str) -> Item {
    let (name, sign) = text.split_at(text.len() - 1);
    let digits = name
        .find(|c: char| c.is_ascii_digit())
        .unwrap_or(name.len());
    let (name, minutes) = name.split_at(digits);
    let alert = later(&alert(name), minutes.parse().unwrap_or(0));
    Item {
        key: Key::of_subject(&alert.labels),
        group: Group::default(),
        alert: if sign == "-" { resolved(&alert) } else { alert },
    }
}

/// Writes it.
fn text(item: &Item) -> String {
    let Alert {
        labels,
        starts_at,
        status,
        ..
    } = &*item.alert;
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

fn texts<'a>(items: impl IntoIterator<Item = &'a Waiting>) -> String {
    let texts = items.into_iter().map(|waiting| text(&waiting.item));
    texts.collect::<Vec<_>>().join(" ")
}

impl Queue {
    fn of(wants: Wants, capacity: usize) -> Self {
        Self::new(wants, capacity, BTreeMap::new())
    }

    /// Hands these in and says what became of each.
    fn hand_in(&mut self, items: &str) -> Vec<Entered> {
        items
            .split(' ')
            .map(|text| self.enter(item(text)))
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
            self.settle(&taken, Settled::Delivered);
        }
        sent
    }
}

#[test]
fn a_resolve_neither_overtakes_nor_erases_its_trigger() {
    let mut queue = Queue::of(Wants::Changes, 10);
    queue.hand_in("a+ b+ a- a5+");
    assert_eq!(queue.shown(), "a+ b+ a- a5+");
    assert_eq!(queue.sent(NO_LIMIT), ["a+ b+", "a-", "a5+"]);
}

#[test]
fn of_a_receiver_of_states_only_the_newest_waits_in_the_place_of_the_first() {
    let mut queue = Queue::of(Wants::States, 10);
    queue.hand_in("a+ b+ a- b+");
    assert_eq!(queue.shown(), "a- b+");
    queue.hand_in("a5+");
    assert_eq!(queue.sent(NO_LIMIT), ["a5+ b+"]);
}

#[test]
fn a_repetition_takes_the_place_of_what_waits() {
    for wants in [Wants::States, Wants::Changes] {
        let mut queue = Queue::of(wants, 10);
        queue.hand_in("a+ b+");
        assert_eq!(queue.hand_in("a+"), [Entered::Replaced]);
        assert_eq!(queue.shown(), "a+ b+");
    }
}

#[test]
fn when_it_is_full_the_newest_trigger_is_dropped_and_no_resolve_of_what_is_or_will_be_told() {
    use Entered::{Needless, NoRoom, Queued};
    let mut queue = Queue::of(Wants::Changes, 2);
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

    let mut queue = Queue::of(Wants::States, 2);
    queue.hand_in("a+");
    queue.sent(NO_LIMIT);
    assert_eq!(
        queue.hand_in("b+ c+ d+ a- d-"),
        [Queued, Queued, NoRoom, Queued, NoRoom]
    );
}

#[test]
fn a_change_is_told_once_and_a_state_whenever_it_is_repeated() {
    let mut changes = Queue::of(Wants::Changes, 10);
    let mut states = Queue::of(Wants::States, 10);
    for queue in [&mut changes, &mut states] {
        queue.hand_in("a+");
        queue.sent(NO_LIMIT);
    }
    assert_eq!(changes.hand_in("a+"), [Entered::Needless]);
    assert_eq!(states.hand_in("a+"), [Entered::Queued]);
    assert_eq!(
        changes.hand_in("a5+ a5-"),
        [Entered::Queued; 2],
        "it fires anew"
    );
    assert_eq!(changes.sent(NO_LIMIT), ["a5+", "a5-"]);
    assert_eq!(changes.hand_in("a5-"), [Entered::Needless]);
}

#[test]
fn a_straggler_about_an_earlier_time_changes_nothing() {
    for wants in [Wants::States, Wants::Changes] {
        let mut queue = Queue::of(wants, 10);
        queue.hand_in("a5+");
        assert_eq!(queue.hand_in("a-"), [Entered::Needless]);
        queue.sent(NO_LIMIT);
        assert_eq!(queue.hand_in("a-"), [Entered::Needless]);
    }
}

#[test]
fn what_was_told_before_a_restart_is_not_told_again_and_what_was_not_is() {
    let mut before = Queue::of(Wants::Changes, 10);
    before.hand_in("a+ c+");
    before.sent(NO_LIMIT);
    before.hand_in("b+");
    let mut queue = Queue::new(Wants::Changes, 10, before.told());
    queue.hand_in("a+ b+ c-");
    assert_eq!(queue.sent(NO_LIMIT), ["b+ c-"]);
    assert_eq!(queue.told().len(), 2);
}

#[test]
fn what_comes_while_its_alert_is_under_way_is_sent_after_it() {
    let mut changes = Queue::of(Wants::Changes, 10);
    changes.hand_in("a+");
    let taken = changes.take(NO_LIMIT);
    changes.hand_in("a+ a-");
    assert_eq!(changes.shown(), "a+ a-");
    changes.settle(&taken, Settled::Delivered);
    assert_eq!(changes.shown(), "a-");

    let mut states = Queue::of(Wants::States, 10);
    for settled in [Settled::Delivered, Settled::Failed, Settled::Refused] {
        states.hand_in("a+");
        let taken = states.take(NO_LIMIT);
        states.hand_in("a-");
        states.settle(&taken, settled);
        assert_eq!(states.sent(NO_LIMIT), ["a-"], "{settled:?}");
    }
}

#[test]
fn an_alert_that_always_fails_holds_up_no_other() {
    let mut queue = Queue::of(Wants::Changes, 10);
    queue.hand_in("a+ a- b+ c+");
    let mut order = Vec::new();
    for _ in 0..5 {
        let taken = queue.take(1);
        order.push(texts(&taken));
        let settled = if order.last().unwrap() == "a+" {
            Settled::Failed
        } else {
            Settled::Delivered
        };
        queue.settle(&taken, settled);
    }
    assert_eq!(order, ["a+", "b+", "c+", "a+", "a+"]);
}

#[test]
fn a_message_that_is_refused_is_taken_apart_and_only_the_refused_alert_is_lost() {
    let mut queue = Queue::of(Wants::Changes, 10);
    queue.hand_in("a+ b+ c+ b-");
    let together = queue.take(NO_LIMIT);
    assert_eq!(texts(&together), "a+ b+ c+");
    queue.settle(&together, Settled::Apart);
    let mut alone = Vec::new();
    while queue.len() > 0 {
        let taken = queue.take(NO_LIMIT);
        alone.push(texts(&taken));
        let settled = if alone.last().unwrap() == "b+" {
            Settled::Refused
        } else {
            Settled::Delivered
        };
        queue.settle(&taken, settled);
    }
    assert_eq!(
        alone,
        ["a+", "b+", "c+"],
        "whoever refused the trigger is spared the resolve"
    );

    queue.hand_in("b5+");
    let refused = queue.take(NO_LIMIT);
    queue.settle(&refused, Settled::Refused);
    assert_eq!(queue.hand_in("b5+ b5-"), [Entered::Needless; 2]);
    assert_eq!(queue.hand_in("b9+"), [Entered::Queued], "it fires anew");
}

#[test]
fn only_alerts_of_one_group_travel_together() {
    let mut queue = Queue::of(Wants::Changes, 10);
    for text in ["a+", "b+", "c+", "d+"] {
        let group = if "ac".contains(&text[..1]) {
            "left"
        } else {
            "right"
        };
        let group = Group::of("link_name", group);
        queue.enter(Item {
            group,
            ..item(text)
        });
    }
    assert_eq!(queue.sent(NO_LIMIT), ["a+ c+", "b+ d+"]);
}

#[test]
fn a_firing_alert_whose_end_has_passed_is_not_told_to_a_receiver_of_states() {
    let end = START + SignedDuration::from_mins(4);
    let mut states = Queue::of(Wants::States, 10);
    states.hand_in("a+ b- c1+");
    let before = end - SignedDuration::from_secs(1);
    assert_eq!([before, end].map(|now| states.expire(now)), [0, 1]);
    assert_eq!(states.shown(), "b- c1+");

    let mut changes = Queue::of(Wants::Changes, 10);
    changes.hand_in("a+");
    assert_eq!(changes.expire(end), 0);
}

/// What can happen to a queue of a few alerts.
#[derive(Clone, Debug)]
enum Happening {
    Fires(usize),
    Ends(usize),
    IsRepeated(usize),
    Sends(usize, Settled),
}

fn happening() -> impl Strategy<Value = Happening> {
    let settled = prop_oneof![
        Just(Settled::Delivered),
        Just(Settled::Failed),
        Just(Settled::Apart)
    ];
    prop_oneof![
        (0..4usize).prop_map(Happening::Fires),
        (0..4usize).prop_map(Happening::Ends),
        (0..4usize).prop_map(Happening::IsRepeated),
        (1..4usize, settled).prop_map(|(limit, settled)| Happening::Sends(limit, settled)),
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
                self.tell(number);
            }
            Happening::Ends(number) if self.truth[number].ends_with('+') => {
                self.truth[number] = self.truth[number].replace('+', "-");
                self.tell(number);
            }
            Happening::IsRepeated(number) => self.tell(number),
            Happening::Sends(limit, settled) => self.send(limit, settled),
            Happening::Fires(_) | Happening::Ends(_) => {}
        }
    }

    fn tell(&mut self, number: usize) {
        if !self.truth[number].is_empty() {
            self.queue.enter(item(&self.truth[number]));
        }
    }

    fn send(&mut self, limit: usize, settled: Settled) {
        let taken = self.queue.take(limit);
        self.queue.settle(&taken, settled);
        if settled == Settled::Delivered {
            for Waiting { item, .. } in &taken {
                let text = text(item);
                self.heard[usize::from(text.as_bytes()[0] - b'a')].push(text);
            }
        }
    }

    /// Sends what is left, and repeats everything once.
    fn settles(&mut self) {
        for number in 0..4 {
            while self.queue.len() > 0 {
                self.send(NO_LIMIT, Settled::Delivered);
            }
            self.tell(number);
        }
        self.send(NO_LIMIT, Settled::Delivered);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_receiver_hears_in_order_and_in_the_end_knows_the_truth(
        happenings in prop::collection::vec(happening(), 0..60),
        capacity in 1..5usize,
        is_states in any::<bool>(),
    ) {
        let wants = if is_states { Wants::States } else { Wants::Changes };
        let mut world = World { queue: Queue::of(wants, capacity), truth: Default::default(), heard: Default::default(), minutes: 0 };
        for happening in &happenings {
            world.happens(happening);
            prop_assert!(world.queue.len() <= 2 * capacity + 4);
        }
        world.settles();
        for (truth, heard) in world.truth.iter().zip(&world.heard) {
            let knows = heard.last().map_or("", String::as_str);
            let is_over = truth.ends_with('-') || truth.is_empty();
            prop_assert!(knows == truth || is_over && !knows.ends_with('+'), "{truth} but heard {heard:?}");
            if wants == Wants::Changes {
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
