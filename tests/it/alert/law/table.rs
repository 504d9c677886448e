//! Plays the table.

use std::collections::BTreeSet;

use cluster_link_exporter::{
    alert::{Condition, rules},
    model::MirrorDetail,
    poll::Collect,
};
use serde_json::json;

use super::{
    facts::{FACTS, Fact},
    scene::{HERE, Scene, THERE},
    ways::Way,
    world::Side,
};

/// A scene in which it is wrong and the rule fires.
async fn firing(fact: &Fact) -> Scene {
    let mut scene = Scene::new().await;
    scene.poll().await;
    assert!(scene.says_ready(), "{}", scene.samples());
    assert!(!scene.fires(fact.rule), "{}: {}", fact.rule, fact.what);
    {
        let (mut here, mut there) = (scene.here.lock().unwrap(), scene.there.lock().unwrap());
        (fact.wrong)(&mut here, &mut there);
        here.settle();
        there.settle();
    }
    scene.poll().await;
    if fact.minutes > 0 {
        scene.pass(60 * fact.minutes);
        scene.poll().await;
    }
    assert!(
        scene.fires(fact.rule),
        "{}: {}\n{}",
        fact.rule,
        fact.what,
        scene.samples()
    );
    scene
}

/// What goes wrong when the answer does not say it any more in this way; `is_here`: that of the cluster here.
async fn unsaid(fact: &Fact, is_here: bool, (name, way): &Way) -> Vec<String> {
    let mut scene = firing(fact).await;
    let was_ready = scene.says_ready();
    let place = if is_here { "here" } else { "there" };
    let row = format!("{} ({}), {place}: {name}", fact.rule, fact.what);
    let mut wrong = Vec::new();
    {
        let side = if is_here { &scene.here } else { &scene.there };
        way(&mut side.lock().unwrap());
    }
    for poll in 1..=3 {
        scene.poll().await;
        if !scene.fires(fact.rule) {
            wrong.push(format!("{row}: it ends with poll {poll}"));
            break;
        }
        if !was_ready && scene.says_ready() {
            wrong.push(format!("{row}: ready with poll {poll}"));
            break;
        }
    }
    if scene.is_held(fact.rule) && !scene.says_why() {
        wrong.push(format!("{row}: nothing says why"));
    }
    scene.restart().await;
    if !scene.fires(fact.rule) {
        wrong.push(format!("{row}: it ends with a restart"));
    }
    scene.poll().await;
    if !scene.fires(fact.rule) {
        wrong.push(format!("{row}: it ends after a restart"));
    }
    // When it is said to be well, it ends at once.
    *scene.here.lock().unwrap() = Side::healthy(THERE);
    *scene.there.lock().unwrap() = Side::healthy(HERE);
    scene.poll().await;
    scene.poll().await;
    if scene.fires(fact.rule) {
        wrong.push(format!("{row}: it does not end when it has healed"));
    }
    wrong
}

#[tokio::test]
async fn nothing_ends_that_nobody_said_to_be_over() {
    let mut wrong = Vec::new();
    for fact in FACTS {
        for way in fact.here.iter().copied().flatten() {
            wrong.extend(unsaid(fact, true, way).await);
        }
        for way in fact.there.iter().copied().flatten() {
            wrong.extend(unsaid(fact, false, way).await);
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn a_plain_restart_ends_nothing_and_calls_nothing_ready() {
    for fact in FACTS {
        let mut scene = firing(fact).await;
        let was_ready = scene.says_ready();
        scene.restart().await;
        assert!(scene.fires(fact.rule), "{}: {}", fact.rule, fact.what);
        assert!(
            was_ready || !scene.says_ready(),
            "{}: {}",
            fact.rule,
            fact.what
        );
        scene.poll().await;
        assert!(scene.fires(fact.rule), "{}: {}", fact.rule, fact.what);
    }
}

#[tokio::test]
async fn what_is_deleted_is_over_at_once() {
    for fact in FACTS {
        let mut scene = firing(fact).await;
        scene.change(|side| {
            side.list = (200, json!({"data": []}));
            side.link = (404, json!({}));
        });
        scene.poll().await;
        assert!(!scene.fires(fact.rule), "{}: {}", fact.rule, fact.what);
    }
}

#[tokio::test]
async fn a_link_that_is_made_anew_begins_anew() {
    for fact in FACTS {
        let mut scene = firing(fact).await;
        scene.change(|side| {
            *side = Side::healthy(THERE);
            side.link.1["cluster_link_id"] = json!("id-2");
            side.settle();
        });
        *scene.there.lock().unwrap() = Side::healthy(HERE);
        scene.poll().await;
        scene.poll().await;
        assert!(!scene.fires(fact.rule), "{}: {}", fact.rule, fact.what);
    }
}

#[tokio::test]
async fn what_nobody_wants_to_know_any_more_is_over_at_once() {
    for fact in FACTS {
        let is_expected = [
            "ClusterLinkExpectationViolated",
            "ClusterLinkMirrorLagAboveRpo",
        ];
        let is_detail = fact.rule.contains("Mirror") || fact.rule.ends_with("Finding");
        if !is_expected.contains(&fact.rule) && !is_detail {
            continue;
        }
        let mut scene = firing(fact).await;
        if is_expected.contains(&fact.rule) {
            scene.expect_nothing();
        } else {
            scene.collect = Collect {
                configs: false,
                mirrors: MirrorDetail::Off,
            };
            scene.poll().await;
        }
        assert!(!scene.fires(fact.rule), "{}: {}", fact.rule, fact.what);
    }
}

#[test]
fn every_rule_on_a_fact_has_rows() {
    // These are about our polling itself, or count what happened.
    let others = [
        "Flapping",
        "TaskFlapping",
        "Disappeared",
        "TaskDisappeared",
        "TasksNotReported",
        "Blind",
        "PollFailing",
        "ApiAuthFailing",
        "ApiThrottled",
        "CredentialExpiring",
        "UnrecognizedValue",
        "DetailsFailing",
        "DiscoveryFailing",
        "Watchdog",
    ];
    let played: BTreeSet<_> = FACTS.iter().map(|fact| fact.rule).collect();
    let is_standing = |condition: &Condition| !matches!(condition, Condition::Always);
    let missing: Vec<_> = rules()
        .filter(|rule| rule.condition.as_ref().is_some_and(is_standing))
        .map(|rule| rule.name)
        .filter(|name| {
            !played.contains(name) && !others.iter().any(|it| *name == format!("ClusterLink{it}"))
        })
        .collect();
    assert_eq!(missing, [""; 0]);
}
