//! What the page says of alerts and receivers, in words and with its links.

use std::{sync::Arc, time::Duration};

use super::*;
use crate::{
    alert::{Engine, EngineInstant, Mutes, Override, Overrides, Phase},
    model::{
        Cluster, Expect, Intent, Limits, Link, LinkPatterns, LinkReport, LinkState, Listing,
        Report, ReportedError, Snapshot, Task, TaskState,
    },
    store::Store,
    telemetry::Outcome,
    web_links::WebLinks,
};

/// What a person reads, without the marks around it.
fn words(page: &Markup) -> String {
    let tags = regex::Regex::new("<[^>]*>").expect("a literal pattern is valid");
    let text = tags.replace_all(&page.0, " ").into_owned();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

static NOWHERE: WebLinks = WebLinks {
    external_url: None,
    grafana_url: None,
    runbook_url: None,
};

/// The part of a page of these.
fn shown(alerts: Vec<ActiveAlert>, receivers: Vec<notify::Health>, view: &View) -> Markup {
    section(&content(alerts, receivers, view))
}

fn content(alerts: Vec<ActiveAlert>, receivers: Vec<notify::Health>, view: &View) -> Content<'_> {
    Content {
        snapshot: Arc::default(),
        alerts: alerts.into(),
        receivers,
        transitions: Vec::new(),
        view,
        now: Timestamp::UNIX_EPOCH + Duration::from_secs(90),
        telemetry_path: "/metrics",
        mutes: Arc::default(),
        links: &NOWHERE,
        shard: None,
    }
}

/// A link whose task is in error and expected to be ACTIVE.
fn observed() -> Arc<Snapshot> {
    let limits = Limits {
        poll_interval: Duration::from_secs(30),
        stale_after: Duration::from_secs(120),
    };
    let mut cluster = Cluster::unpolled("dr".into(), None, limits, &[]);
    let expect = Expect {
        links: LinkPatterns::new(&["orders".to_owned()]).expect("it is a pattern"),
        states: Vec::new(),
        tasks: [("AclSync".into(), vec![TaskState::Active])].into(),
        rpo: None,
    };
    cluster.intent = Arc::new(Intent {
        expect: vec![expect],
        ..Intent::default()
    });
    let store = Store::new([cluster]);
    let link = Link {
        cluster_link_id: "an id".into(),
        link_state: Some(LinkState::Active),
        tasks: Some(vec![Task {
            task_name: "AclSync".into(),
            state: TaskState::InError,
            errors: vec![ReportedError {
                error_code: "AUTHORIZATION_ERROR".into(),
                error_message: "not <b>allowed</b>".into(),
            }],
        }]),
        ..Link::named("orders")
    };
    let listing = Listing::of(vec![LinkReport::described(link)]);
    let report = Report {
        cluster_id: Some("lkc-1".into()),
        ..Report::new(Timestamp::UNIX_EPOCH, limits.poll_interval, Ok(listing))
    };
    store.report(&"dr".into(), report);
    store.snapshot()
}

/// What the engine sees of it: two critical alerts that fire, and the Watchdog.
fn active() -> Vec<ActiveAlert> {
    let at_once = Override {
        hold_duration: Some(Duration::ZERO),
        ..Override::default()
    };
    let names = ["ClusterLinkTaskInError", "ClusterLinkExpectationViolated"];
    let overrides = Overrides(names.map(|name| (name, at_once)).into());
    let mut engine = Engine::new(overrides.applied());
    engine.evaluate(&observed(), Timestamp::UNIX_EPOCH);
    let mut active: Vec<_> = engine.active().cloned().collect();
    active.sort_by_key(|active| active.rule.name);
    active
}

#[test]
fn what_fires_is_listed_with_its_reason_and_the_watchdog_is_no_news() {
    let view = View::default();
    let page = section(&Content {
        snapshot: observed(),
        ..content(active(), Vec::new(), &view)
    });
    assert_eq!(
        words(&page),
        "Alerts: 2 firing alert state since of reason ClusterLinkExpectationViolated critical FIRING 1m 30s ago \
         dr / orders / AclSync task_state expected ACTIVE, found IN_ERROR \
         ClusterLinkTaskInError critical FIRING 1m 30s ago \
         dr / orders / AclSync AUTHORIZATION_ERROR not &lt;b&gt;allowed&lt;/b&gt;"
    );
    for link in [
        r#"<a href="./runbooks/ClusterLinkTaskInError">ClusterLinkTaskInError</a>"#,
        r#"<a href="./?cluster=dr&amp;link=orders#dr/orders/AclSync"><bdi>dr / orders / AclSync</bdi></a>"#,
    ] {
        assert!(page.0.contains(link), "{link} is not in {}", page.0);
    }
}

#[test]
fn what_is_not_shown_leads_to_the_next_larger_thing_that_is() {
    let (view, mut snapshot) = (View::default(), observed());
    let limits = snapshot.clusters[0].limits;
    let unlisted = Cluster::unpolled("eu/1".into(), None, limits, &[]);
    Arc::make_mut(&mut snapshot).clusters.push(unlisted.into());
    for (subject, href) in [
        (
            ["dr", "orders", "AclSync"],
            "./?cluster=dr&link=orders#dr/orders/AclSync",
        ),
        (
            ["dr", "orders", "Gone"],
            "./?cluster=dr&link=orders#dr/orders",
        ),
        (["dr", "orders", ""], "./?cluster=dr&link=orders#dr/orders"),
        (["dr", "gone", "AclSync"], "./?cluster=dr#dr"),
        (["dr", "", ""], "./?cluster=dr#dr"),
        // Its links are not known: it may have this one.
        (
            ["eu/1", "a/b", "AclSync"],
            "./?cluster=eu%2F1&link=a%2Fb#eu%2F1",
        ),
        (["gone", "orders", "AclSync"], "./"),
        (["gone", "", ""], "./"),
    ] {
        let [cluster, link, task] = subject;
        let [link, task] = [link, task].map(|name| Some(name).filter(|name| !name.is_empty()));
        assert_eq!(view.href_of(&snapshot, cluster, link, task), href);
    }
}

/// A notification points to its link on the page. Where no section shows the link, the alert itself is that place.
#[test]
fn what_a_notification_points_to_is_one_place_of_the_page() {
    let view = View::default();
    let place = r#" id="dr/orders""#;
    for (snapshot, places) in [(observed(), 0), (Arc::default(), 1)] {
        let page = section(&Content {
            snapshot,
            ..content(active(), Vec::new(), &view)
        });
        assert_eq!(page.0.matches(place).count(), places, "{}", page.0);
    }

    let mut alerts = active();
    alerts[0].state.phase = Phase::Pending {
        since: EngineInstant::default(),
    };
    let page = shown(alerts, Vec::new(), &view.with_pending(true));
    assert_eq!(page.0.matches("<table").count(), 2, "{}", page.0);
    assert_eq!(page.0.matches(place).count(), 1, "{}", page.0);
}

#[test]
fn a_mute_window_is_said_and_so_is_each_firing_alert_that_it_covers() {
    let pattern = |text: &str| LinkPatterns::new(&[text.to_owned()]).unwrap();
    let mute = Mute {
        clusters: pattern("dr"),
        links: pattern(".*"),
        alerts: pattern("ClusterLinkTask.*"),
        from: None,
        until: Timestamp::UNIX_EPOCH + Duration::from_secs(3600),
        comment: "<b>failover</b> test".to_owned(),
    };
    let view = View::default();
    let page = words(&section(&Content {
        mutes: Arc::new(Mutes(vec![mute])),
        ..content(active(), Vec::new(), &view)
    }));
    let until = "until 1970-01-01 01:00:00 UTC : &lt;b&gt;failover&lt;/b&gt; test";
    let window = format!(
        "MUTED {until} ; receivers do not hear of the alerts that it covers Alerts: 2 firing "
    );
    assert!(page.starts_with(&window), "{page}");
    let alert = format!("dr / orders / AclSync muted {until} AUTHORIZATION_ERROR ");
    assert!(page.contains(&alert), "{page}");
    assert_eq!(page.matches(until).count(), 2, "{page}");
}

#[test]
fn what_is_pending_is_one_line_with_a_count_until_it_is_unfolded() {
    let mut alerts = active();
    for active in &mut alerts {
        active.state.phase = Phase::Pending {
            since: EngineInstant::default(),
        };
        active.state.fired_at = None;
    }
    let folded = shown(alerts.clone(), Vec::new(), &View::default());
    assert_eq!(
        folded.0,
        r#"<p class="fold"><a href="./?pending=1">2 pending: ClusterLinkExpectationViolated, ClusterLinkTaskInError</a></p>"#
    );
    let unfolded = shown(alerts, Vec::new(), &View::default().with_pending(true)).0;
    assert!(
        unfolded.starts_with(r#"<p class="fold open"><a href="./">2 pending: "#),
        "{unfolded}"
    );
    assert_eq!(unfolded.matches(">pending</span>").count(), 2, "{unfolded}");
}

#[test]
fn a_filtered_page_says_what_fires_elsewhere() {
    let page = |view: View| words(&shown(active(), Vec::new(), &view));
    let view = View::default();
    assert_eq!(page(view.of_link("dr", "sales")), "2 alerts fire elsewhere");
    assert_eq!(page(view.of_cluster("prod")), "2 alerts fire elsewhere");
    assert!(page(view.of_link("dr", "orders")).starts_with("Alerts: 2 firing"));
}

#[test]
fn a_receiver_that_cannot_be_reached_says_why() {
    let now = Timestamp::UNIX_EPOCH + Duration::from_secs(90);
    let receiver = |failing| notify::Health {
        receiver: "ops".to_owned(),
        kind: notify::Kind::Webhook,
        queued: 3,
        last: Some(notify::Last {
            at: Timestamp::UNIX_EPOCH,
            outcome: Outcome::Failed,
        }),
        failing,
    };
    let failing = notify::Failing {
        since: Timestamp::UNIX_EPOCH,
        problem: "no connection".to_owned(),
    };
    let failing = receiver(Some(failing));
    assert_eq!(
        words(&receivers(std::slice::from_ref(&failing), now)),
        "Receivers receiver kind state waiting last attempt ops webhook FAILING since 1m 30s ago : no connection 3 \
         failed 1m 30s ago"
    );
    assert_eq!(words(&receivers(&[], now)), "");
    assert_eq!(
        words(&shown(
            Vec::new(),
            vec![failing, receiver(None)],
            &View::default()
        )),
        "FAILING receiver ops since 1m 30s ago : no connection"
    );
    assert_eq!(words(&shown(Vec::new(), Vec::new(), &View::default())), "");
}
