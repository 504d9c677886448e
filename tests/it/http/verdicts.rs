//! What the page says of how links are judged, word by word.

use std::{sync::Arc, time::Duration};

use cluster_link_exporter::{
    model::{
        Cluster, Detail, Endpoint, Expect, Intent, Limits, Link, LinkConfigs, LinkFilter,
        LinkPatterns, LinkReport, LinkState, Listing, MirrorDetail, MirrorPartition, MirrorReport,
        MirrorStatus, MirrorTopic, Report, ReportedError, Task, TaskState,
    },
    store::Store,
};
use jiff::Timestamp;

use super::{
    routes::showing,
    server::{report, unpolled},
};

/// The page's clock stands at the last of these.
const POLLS: [i64; 2] = [1_750_000_000, 1_750_000_090];

fn expecting(links: &[&str]) -> Cluster {
    let links: Vec<_> = links.iter().map(|pattern| (*pattern).to_owned()).collect();
    let expect = Expect {
        links: LinkPatterns::new(&links).unwrap(),
        states: vec![LinkState::Active],
        tasks: [("ConsumerOffsetSync".into(), vec![TaskState::Active])].into(),
        rpo: Some(Duration::from_secs(60)),
    };
    Cluster {
        id: Some("lkc-dr".into()),
        intent: Arc::new(Intent {
            links: LinkFilter::all(),
            expect: vec![expect],
        }),
        ..unpolled()
    }
}

fn other() -> Cluster {
    let limits: Limits = unpolled().limits;
    Cluster::unpolled(
        "prod".into(),
        Some("lkc-prod".into()),
        limits,
        &[Endpoint::Links],
    )
}

fn link(name: &str, state: &str, task: &str) -> Link {
    let is_failing = task == "IN_ERROR";
    let error = ReportedError {
        error_code: "REMOTE_LINK_NOT_FOUND_ERROR".into(),
        error_message: "<i>gone</i>".to_owned(),
    };
    Link {
        cluster_link_id: "id".into(),
        remote_cluster_id: Some("lkc-prod".into()),
        link_state: Some(LinkState::parse(state)),
        tasks: Some(vec![Task {
            task_name: "ConsumerOffsetSync".into(),
            state: TaskState::parse(task),
            errors: if is_failing { vec![error] } else { Vec::new() },
        }]),
        ..Link::named(name)
    }
}

/// The settings of a link with which nothing is wrong.
const SETTINGS: [(&str, &str); 11] = [
    ("link.mode", "DESTINATION"),
    ("connection.mode", "OUTBOUND"),
    ("acl.sync.enable", "false"),
    ("acl.sync.ms", "5000"),
    ("acl.filters", ""),
    ("auto.create.mirror.topics.enable", "false"),
    ("auto.create.mirror.topics.filters", ""),
    ("cluster.link.prefix", ""),
    ("consumer.group.prefix.enable", "false"),
    ("consumer.offset.sync.enable", "true"),
    (
        "consumer.offset.group.filters",
        r#"{"groupFilters": [{"name": "*"}]}"#,
    ),
];

fn described(link: Link, configs: &[(&str, &str)], lag: u64) -> LinkReport {
    let configs: LinkConfigs =
        SETTINGS
            .iter()
            .chain(configs)
            .fold(LinkConfigs::default(), |mut known, (key, value)| {
                known.set(key, Some(value));
                known
            });
    let topic = MirrorTopic {
        is_lag_whole: true,
        is_counted: true,
        topic_name: "orders".into(),
        status: MirrorStatus::Active,
        error: None,
        status_since: None,
        partitions: vec![MirrorPartition {
            partition: 0,
            lag,
            fetched: Some(10),
        }],
    };
    let mirrors = MirrorReport {
        nameless: 0,
        at: Timestamp::UNIX_EPOCH,
        detail: MirrorDetail::Summary,
        topics: vec![topic],
        transition_errors: Vec::new(),
    };
    LinkReport {
        configs: Detail::Read(configs.into()),
        mirrors: Detail::Read(mirrors),
        ..LinkReport::described(link)
    }
}

/// Reports these links in every poll.
fn poll(store: &Store, cluster: &str, links: &[LinkReport]) {
    for second in POLLS {
        let at = Timestamp::from_second(second).unwrap();
        let mut links = links.to_vec();
        for link in &mut links {
            if let Detail::Read(mirrors) = &mut link.mirrors {
                mirrors.at = at;
            }
        }
        let listing = Listing::of(links);
        let report = Report {
            at,
            ..report(Ok(listing))
        };
        store.report(&cluster.into(), report);
    }
}

/// What a person reads on the page between its head and its foot, a line for each row and paragraph. What is folded away
/// is marked.
async fn read(store: &Store, path: &str) -> String {
    let page = showing(store).await.ask(&format!("GET {path}"), "").await;
    let (_, main) = page.text().split_once("<main>").unwrap();
    let (main, _) = main.split_once("</main>").unwrap();
    // The age of the page itself is no part of how links are judged.
    let (before, rest) = main.split_once("<p class=\"more\">").unwrap();
    let (_, after) = rest.split_once("</p>").unwrap();
    let folded =
        format!("{before}{after}").replace("<a class=\"line\"", "(folded) <a class=\"line\"");
    let tags = regex::Regex::new("<[^>]*>").unwrap();
    let ends = [
        "</p>",
        "</tr>",
        "</summary>",
        "</h2>",
        "</div>",
        "</span></a>",
    ];
    let lines = ends
        .iter()
        .fold(folded, |text, end| text.replace(end, "\n"));
    let lines = tags.replace_all(&lines, " ").into_owned();
    let lines = lines
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

#[tokio::test]
async fn a_link_is_told_with_all_that_is_held_against_it_and_the_worst_first() {
    let store = Store::new([expecting(&[".*", "<b>"]), other()]);
    let settings = [
        ("link.mode", "BIDIRECTIONAL"),
        ("acl.sync.ms", "500"),
        ("consumer.group.prefix.enable", "true"),
    ];
    let both_ways = link("both-ways", "ACTIVE", "IN_ERROR");
    let old = Link {
        tasks: None,
        ..link("d-old-server", "ACTIVE", "")
    };
    let links = [
        described(link("a-ready-one", "ACTIVE", "ACTIVE"), &[], 0),
        described(link("b-late", "ACTIVE", "ACTIVE"), &[], 5),
        described(both_ways, &settings, 0),
        described(link("c-cut-off", "UNAVAILABLE", "LINK_UNAVAILABLE"), &[], 0),
        LinkReport::described(old),
        LinkReport {
            configs: Detail::Read(Arc::default()),
            ..described(link("e-silent", "ACTIVE", "ACTIVE"), &[], 0)
        },
    ];
    poll(&store, "prod", &[]);
    poll(&store, "dr", &links);
    insta::assert_snapshot!(read(&store, "/").await, @r"
    1 link needs attention, 2 tasks need attention, 2 links are not ready for a failover, 5 expectations are violated, 1 check of a pair does not hold, 3 findings in the settings, 1 link has no list of tasks.
    dr lkc-dr
    6 links, polled 0s ago
    NOT UNDERSTOOD configs: the answer lacks names, states or values
    violated exists no link has a name that matches &lt;b&gt;
    hint: create the link, or correct the pattern
    link state since failover lag remote
    b-late ACTIVE 1m 30s ago not ready at least 1m 30s of 1m lkc-prod
    failover lag_above_rpo the lag is at least 1m 30s, 1m is allowed
    mirrors_stalled not known: it was not watched for long enough
    expectations 1 violated 3 met rpo the lag is at least 1m 30s, 1m is allowed
    settings 1 not known task_running_not_enabled not known: the server does not say
    ConsumerOffsetSync ACTIVE 1m 30s ago
    mirror topics 1 ACTIVE lag 5 messages, 5 in the worst partition; the worst is at least 1m 30s behind its source
    both-ways ACTIVE 1m 30s ago not ready 0s of 1m lkc-prod
    failover offset_sync ConsumerOffsetSync is IN_ERROR
    pair_broken remote_link_exists: lkc-prod has no link of this name
    ConsumerOffsetSync IN_ERROR 1m 30s ago REMOTE_LINK_NOT_FOUND_ERROR &lt;i&gt;gone&lt;/i&gt;
    hint: Create the other half under exactly the same link name on the remote cluster, or delete this half.
    expectations 1 violated 3 met task_state ConsumerOffsetSync expected ACTIVE, found IN_ERROR
    other half 1 broken remote_link_exists lkc-prod has no link of this name
    settings 3 findings 1 not known group_prefix_on_bidirectional consumer.group.prefix.enable is true, link.mode is BIDIRECTIONAL
    hint: set consumer.group.prefix.enable to false
    group_prefix_without_prefix consumer.group.prefix.enable is true, cluster.link.prefix is empty
    hint: give the link a cluster.link.prefix , or set consumer.group.prefix.enable to false
    acl_sync_interval_too_short acl.sync.ms is 500
    hint: set acl.sync.ms to 1000 or more; 5000 is its default
    task_running_not_enabled not known: the server does not say
    mirror topics 1 ACTIVE no lag
    c-cut-off UNAVAILABLE 1m 30s ago ready 0s of 1m lkc-prod
    failover the source cannot be reached: what was not mirrored before is lost by a failover
    expectations 2 violated 2 met state expected ACTIVE, found UNAVAILABLE
    task_state ConsumerOffsetSync expected ACTIVE, found LINK_UNAVAILABLE
    ConsumerOffsetSync LINK_UNAVAILABLE 1m 30s ago
    settings 1 not known task_running_not_enabled not known: the server does not say
    mirror topics 1 ACTIVE no lag
    d-old-server ACTIVE 1m 30s ago not judged of 1m lkc-prod
    failover tasks not known: the server names no task of the link
    mirrors not known: they were not asked for
    link not read the server names no task of this link
    expectations 2 not known 2 met task_state ConsumerOffsetSync not known: the server does not say
    rpo not known: it was not asked for
    (folded) a-ready-one ACTIVE 1m 30s ago ready 0s of 1m lkc-prod
    (folded) e-silent ACTIVE 1m 30s ago not judged 0s of 1m lkc-prod
    prod lkc-prod
    this cluster has no links, polled 0s ago
    ");
}

#[tokio::test]
async fn where_nothing_needs_a_person_nothing_is_open_and_the_summary_says_so() {
    let store = Store::new([expecting(&[".*"])]);
    poll(
        &store,
        "dr",
        &[described(link("orders", "ACTIVE", "ACTIVE"), &[], 0)],
    );
    insta::assert_snapshot!(read(&store, "/").await, @r"
    Every cluster was polled well; no link and no task needs attention.
    dr lkc-dr
    1 link, polled 0s ago
    link state since failover lag remote
    (folded) orders ACTIVE 1m 30s ago ready 0s of 1m lkc-prod
    ");
}

#[tokio::test]
async fn a_link_that_is_asked_for_is_told_whole_though_it_needs_nobody() {
    let store = Store::new([expecting(&["e-.*"])]);
    let silent = LinkReport {
        configs: Detail::Read(Arc::default()),
        ..described(link("e-silent", "ACTIVE", "ACTIVE"), &[], 0)
    };
    let sales = described(link("sales", "ACTIVE", "ACTIVE"), &[], 0);
    poll(&store, "dr", &[silent, sales]);
    let page = read(&store, "/?link=e-silent").await;
    for line in [
        "Below is only link e-silent ; show everything",
        "e-silent ACTIVE 1m 30s ago not judged 0s of 1m lkc-prod",
        "failover settings not known: the server does not say",
        "ConsumerOffsetSync ACTIVE 1m 30s ago",
        "mirror topics 1 ACTIVE no lag",
        "expectations 4 met",
    ] {
        assert!(
            page.lines().any(|it| it == line),
            "{line} is not in\n{page}"
        );
    }
    assert!(!page.contains("sales"), "{page}");
}
