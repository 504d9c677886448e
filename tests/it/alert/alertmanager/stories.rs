//! What pages, what stays quiet and what heals, as sent by a real Alertmanager behind a real Prometheus.

use cluster_link_exporter::{
    catalogue::{self, Scope},
    simulator::{Effect, Task},
};

use super::chain::Chain;
use crate::support::{self, alertmanager::MISSING};

/// Whose task, whose link and whose API break.
const TASKS: &str = "lkc-tasks";
const LINKS: &str = "lkc-links";
const REFUSED: &str = "lkc-refused";
const DOWN: &str = "lkc-down";

const TASK_CODE: &str = "AUTHORIZATION_ERROR";
const LINK_CODE: &str = "UNRESOLVABLE_BOOTSTRAP_ERROR";

const BROKEN: &str = "firing ClusterLinkTaskInError AclSync";
const MENDED: &str = "resolved ClusterLinkTaskInError AclSync";

/// Each group, and what the pager was sent of it, while the API of two clusters is of no use.
const WHILE_BLIND: &str = "\
lkc-down: firing ClusterLinkBlind
lkc-down orders: firing ClusterLinkTaskInError AclSync
lkc-links orders: firing ClusterLinkFailed; resolved ClusterLinkFailed
lkc-refused: firing ClusterLinkApiAuthFailing
lkc-refused orders: firing ClusterLinkTaskInError AclSync
lkc-tasks orders: firing ClusterLinkTaskInError AclSync; resolved ClusterLinkTaskInError AclSync
";
/// The same when all is well again; refused credentials are remembered for five minutes.
const IN_THE_END: &str = "\
lkc-down: firing ClusterLinkBlind; resolved ClusterLinkBlind
lkc-down orders: firing ClusterLinkTaskInError AclSync; resolved ClusterLinkTaskInError AclSync
lkc-links orders: firing ClusterLinkFailed; resolved ClusterLinkFailed
lkc-refused: firing ClusterLinkApiAuthFailing
lkc-refused orders: firing ClusterLinkTaskInError AclSync; resolved ClusterLinkTaskInError AclSync
lkc-tasks orders: firing ClusterLinkTaskInError AclSync; resolved ClusterLinkTaskInError AclSync
";
/// The same of another fleet, whose exporter is gone.
const WITHOUT_EXPORTER: &str = "\
: firing ClusterLinkExporterDown
lkc-down: firing ClusterLinkBlind
lkc-tasks orders: firing ClusterLinkTaskInError AclSync
";

fn broken(name: &str) -> Task {
    Task::new(name, "IN_ERROR").error(TASK_CODE, "made up")
}

fn healthy(name: &str) -> Task {
    Task::new(name, "ACTIVE")
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_breaks_pages_once_and_resolves_once() {
    let Some(chain) = Chain::watching(&[TASKS, LINKS, REFUSED, DOWN]).await else {
        return support::skip("whatever_breaks_pages_once_and_resolves_once", MISSING);
    };
    let active = r#"sum(clusterlink_task_state{state="ACTIVE"})"#;
    chain.prometheus.until(active, "16").await;
    chain
        .until("dead-man", "", "firing ClusterLinkWatchdog")
        .await;
    assert_eq!([chain.story("pager"), chain.story("chat")], ["", ""]);

    for cluster in [REFUSED, DOWN] {
        chain.task(cluster, broken("AclSync"));
    }
    let (task, link) = (
        a_task_breaks_and_heals(&chain),
        a_link_fails_and_heals(&chain),
    );
    tokio::join!(task, link);
    for link in ["lkc-refused orders", "lkc-down orders"] {
        chain.until("pager", link, BROKEN).await;
    }
    the_api_refuses_and_fails(&chain).await;
    assert_eq!(chain.story("pager"), WHILE_BLIND);

    for cluster in [REFUSED, DOWN] {
        chain.api(cluster, None);
    }
    chain
        .until("pager", DOWN, "resolved ClusterLinkBlind")
        .await;
    for cluster in [REFUSED, DOWN] {
        chain.task(cluster, healthy("AclSync"));
    }
    for link in ["lkc-refused orders", "lkc-down orders"] {
        chain.until("pager", link, MENDED).await;
    }
    assert_eq!(chain.story("pager"), IN_THE_END);
    let paused = "lkc-tasks orders: firing ClusterLinkPaused\n";
    assert_eq!(chain.story("chat"), paused);
}

async fn a_task_breaks_and_heals(chain: &Chain) {
    chain.task(TASKS, broken("AclSync"));
    chain.until("pager", "lkc-tasks orders", BROKEN).await;
    names_the_remedy(chain, TASKS, (TASK_CODE, Scope::Task));
    chain.task(TASKS, healthy("AclSync"));
    chain.until("pager", "lkc-tasks orders", MENDED).await;
}

/// One page about the link, none about its tasks, whatever they say of themselves.
async fn a_link_fails_and_heals(chain: &Chain) {
    let tasks = ["AclSync", "TopicConfigsSync", "AutoCreateMirror"].map(broken);
    let blocked = Task::new("ConsumerOffsetSync", "LINK_FAILED");
    let tasks = tasks.into_iter().chain([blocked]).collect();
    chain.link(LINKS, ("FAILED", Some(LINK_CODE)), tasks);
    chain
        .until("pager", "lkc-links orders", "firing ClusterLinkFailed")
        .await;
    names_the_remedy(chain, LINKS, (LINK_CODE, Scope::Link));
    chain
        .until_muted(&["ClusterLinkTaskInError lkc-links"; 3])
        .await;
    chain.link(LINKS, ("ACTIVE", None), Task::all("ACTIVE"));
    chain
        .until("pager", "lkc-links orders", "resolved ClusterLinkFailed")
        .await;
}

/// Blindness is reported once for each cluster, by its cause where that is known, and what follows from it is not.
async fn the_api_refuses_and_fails(chain: &Chain) {
    chain.api(REFUSED, Some(Effect::Unauthorized));
    chain.api(DOWN, Some(Effect::ServiceUnavailable));
    chain
        .until("pager", REFUSED, "firing ClusterLinkApiAuthFailing")
        .await;
    chain.until("pager", DOWN, "firing ClusterLinkBlind").await;
    let muted = [
        "ClusterLinkBlind lkc-refused",
        "ClusterLinkPollFailing lkc-down",
        "ClusterLinkPollFailing lkc-refused",
    ];
    chain.until_muted(&muted).await;
    // A warning that came later goes through, so whatever else was to be sent has been sent.
    chain.link(TASKS, ("PAUSED", None), Task::all("LINK_PAUSED"));
    chain
        .until("chat", "lkc-tasks orders", "firing ClusterLinkPaused")
        .await;
}

/// The first page about this cluster names the code and what to do about it.
fn names_the_remedy(chain: &Chain, cluster: &str, (code, scope): (&str, Scope)) {
    let pages = chain.receiver.posted("pager");
    let page = pages
        .iter()
        .find(|page| page.body["groupLabels"]["cluster_id"] == cluster);
    let alert = &page.expect("it paged").body["alerts"][0];
    let text = alert["annotations"]["description"]
        .as_str()
        .expect("it has a text");
    let remedy = &catalogue::find(code, scope)
        .expect("the catalogue has it")
        .remedy;
    let line = format!("Error code {code}: {remedy}");
    assert!(text.contains(&line), "`{line}` is not in `{text}`");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_broken_stays_broken_when_the_exporter_is_gone() {
    let Some(mut chain) = Chain::watching(&[TASKS, DOWN]).await else {
        let test = "what_is_broken_stays_broken_when_the_exporter_is_gone";
        return support::skip(test, MISSING);
    };
    chain.task(TASKS, broken("AclSync"));
    chain.api(DOWN, Some(Effect::ServiceUnavailable));
    chain.until("pager", "lkc-tasks orders", BROKEN).await;
    chain.until("pager", DOWN, "firing ClusterLinkBlind").await;
    // The rules remember the state of whole minutes: what is shorter is not old enough to fire by the shipped waits.
    for remembered in [
        r#"clusterlink_task_state{state="IN_ERROR",task_name="AclSync"}[1h:1m]) == 1"#,
        r"clusterlink_poll_success[1h:1m]) == 0",
    ] {
        let query = format!("count(last_over_time({remembered})");
        chain.prometheus.until(&query, "1").await;
    }

    chain.stop_the_exporter();
    chain
        .until("pager", "", "firing ClusterLinkExporterDown")
        .await;
    chain
        .until_muted(&[
            "ClusterLinkBlind lkc-down",
            "ClusterLinkPollFailing lkc-down",
        ])
        .await;
    // Ten seconds are several times what a resolve takes here; the Watchdog that is sent after them was sent last.
    chain.prometheus.until("max_over_time(up[10s])", "0").await;
    let signs = chain.receiver.posted("dead-man").len();
    chain
        .receiver
        .until("dead-man", |posted| posted.len() > signs + 1)
        .await;
    assert_eq!(chain.story("pager"), WITHOUT_EXPORTER);
    assert_eq!(chain.story("chat"), "");
}
