//! Expressions that several panels share.

use super::{
    numbers::{BLIND_AMONG_LINKS, BLIND_NUMBER, LINK_OFFSET, NOT_JUDGED, NOT_KNOWN},
    promql::{LINK, StateSet, TASK, blind_rows},
    unknown::{named_fact, no_state, no_tasks, unknown, unknown_lag, unknown_of, unknown_rpo},
};
use crate::{
    alert::{EXPORTED_ENDPOINT, own_endpoint},
    catalogue::Scope,
    model::{
        Blocker, Check, Endpoint, Expectation, Finding, Health, LinkState, MirrorStatus, TableWord,
        Task, TaskState, Unknown, UnknownJudgement,
    },
};

/// The state of each link.
pub(super) const LINK_STATE: StateSet<'_> = StateSet {
    family: "clusterlink_link_state",
    scope: "link",
    label: "state",
    key: LINK,
    table: LinkState::TABLE,
};

/// The state of each task of the selected links.
pub(super) const TASK_STATE: StateSet<'_> = StateSet {
    family: "clusterlink_task_state",
    scope: "link",
    label: "state",
    key: TASK,
    table: TaskState::TABLE,
};

/// The status of each mirror topic that is watched by itself.
pub(super) const MIRROR_STATE: StateSet<'_> = StateSet {
    family: "clusterlink_mirror_topic_state",
    scope: "link",
    label: "mirror_status",
    key: "cluster_name, cluster_id, link_name, mirror_topic_name",
    table: MirrorStatus::TABLE,
};

/// How many mirror topics of each link have each status.
const MIRROR_COUNTS: StateSet<'_> = StateSet {
    family: "clusterlink_mirror_topics",
    key: LINK,
    ..MIRROR_STATE
};

/// The numbers from which on a person should look.
const TROUBLE: u32 = 10 * Health::Unknown as u32;

/// The numbers from which on a link is down.
const DOWN: u32 = 10 * Health::Unavailable as u32;

/// The number of what somebody expects and is not so.
const UNMET: u32 = 10 * Health::Broken as u32;

/// How bad each link is: itself, its tasks, its mirror topics, what is expected of it, its pair, its consumers' offsets,
/// and whether any of that is not known; blind clusters beside them.
///
/// `or` leaves out what has the labels of something before it: each term has labels of its own.
pub(super) fn link_health() -> String {
    let words = [Expectation::TABLE, Check::TABLE].into_iter().flatten();
    let own = [
        UnknownJudgement::MIRROR_STATUSES,
        UnknownJudgement::MIRRORS_STALLED,
    ];
    let words: Vec<_> = words.map(|word| word.name).chain(own).collect();
    format!(
        "max by ({LINK}) (\n  {link}\n  or {task}\n  or {topics}\n  \
         or {UNMET} * (once(clusterlink_mirror_stalled_topics{{link}}) > bool 0)\n\
         or {UNMET} * (1 - least(clusterlink_expectation_met{{link}}))\n\
         or {UNMET} * (1 - least(clusterlink_pair_consistent{{link}}))\n\
         or {UNMET} * once(clusterlink_failover_blocker{{link,reason=\"{offsets}\"}})\n\
         or {TROUBLE} * once(clusterlink_judgement_unknown{{link,judgement=~\"{words}\",reason!=\"{early}\"}})\n\
         or {TROUBLE} + 0 * {no_tasks}\nor {TROUBLE} + 0 * {no_state}\n)\nor {blind}",
        words = words.join("|"),
        early = Unknown::TooEarly.label(),
        no_tasks = named_fact(&no_tasks(), "tasks"),
        no_state = named_fact(&no_state(), "link_state"),
        link = LINK_STATE.numbers(),
        task = TASK_STATE.numbers(),
        topics = MIRROR_COUNTS.numbers_counted(),
        offsets = Blocker::OffsetSync.label(),
        blind = blind_rows(i64::from(BLIND_NUMBER)),
    )
}

/// For how long each link has been in its state, by the replica that has watched it for longest.
pub(super) fn link_age() -> String {
    format!("time() - min by ({LINK}) (clusterlink_link_state_since_timestamp_seconds{{link}})")
}

/// What needs somebody, the worst first: the numbers of links that are down, from [`LINK_OFFSET`] on, and of tasks, a row
/// for each error code; blind clusters above them. The tasks of a link that is down are left out: they wait for it.
pub(super) fn needs_attention(tasks: StateSet<'_>) -> String {
    let rows = by_code(
        tasks,
        &links_that_need_attention(),
        &tasks_that_need_attention(tasks),
    );
    format!("sort_desc({rows}\nor {})", blind_rows(BLIND_AMONG_LINKS))
}

/// The same rows with the time that it has been so.
pub(super) fn needs_attention_for(tasks: StateSet<'_>) -> String {
    let age = |family: &str, scope: &str, key: &str, rows: &str| {
        format!("(time() - min by ({key}) ({family}{{{scope}}}))\nand on ({key}) ({rows})")
    };
    let links = "clusterlink_link_state_since_timestamp_seconds";
    let of_tasks = "clusterlink_task_state_since_timestamp_seconds";
    by_code(
        tasks,
        &age(links, "link", LINK, &links_that_need_attention()),
        &age(
            of_tasks,
            tasks.scope,
            TASK,
            &tasks_that_need_attention(tasks),
        ),
    )
}

fn links_that_need_attention() -> String {
    let number = LINK_STATE.number();
    format!("{LINK_OFFSET} + (max by ({LINK}) ({number}) >= {TROUBLE})")
}

fn tasks_that_need_attention(tasks: StateSet<'_>) -> String {
    format!(
        "max by ({TASK}) ({}) >= {TROUBLE}\nunless on ({LINK}) (max by ({LINK}) ({}) >= {DOWN})",
        tasks.number(),
        LINK_STATE.number()
    )
}

/// A row for each error code that a link or a task reports, or one where it reports none.
fn by_code(set: StateSet<'_>, links: &str, tasks: &str) -> String {
    let rows = |key: &str, errors: &str, scope: Scope, values: &str| {
        let codes = format!("max by ({key}, error_code) ({errors})");
        let with_code = format!("(0 * {codes} + on ({key}) group_left () (\n{values}\n))");
        with_remedy(scope, &format!("{with_code}\nor on ({key}) (\n{values}\n)"))
    };
    let task_errors = format!("clusterlink_task_errors{{{}}}", set.scope);
    [
        rows(LINK, "clusterlink_link_error{link}", Scope::Link, links),
        rows(TASK, &task_errors, Scope::Task, tasks),
    ]
    .join("\nor ")
}

/// The series with the error code once more as `remedy`, behind who reports it: the same code may mean another thing.
pub(super) fn with_remedy(scope: Scope, series: &str) -> String {
    let scope = scope.label();
    format!("label_replace(\n{series},\n\"remedy\", \"{scope} $1\", \"error_code\", \"(.+)\")")
}

/// Which error codes there are, who reports them, and how many do.
pub(super) fn codes() -> String {
    let kinds = [
        (Scope::Task, "count", "clusterlink_task_errors"),
        (Scope::Link, "count", "clusterlink_link_error"),
        (Scope::Mirror, "sum", "clusterlink_mirror_topic_errors"),
    ];
    let counted = kinds.map(|(scope, count, family)| {
        with_remedy(
            scope,
            &format!("{count} by (error_code) (once({family}{{link}}))"),
        )
    });
    format!("sort_desc({})", counted.join("\nor "))
}

/// How many tasks of each link are in error.
pub(super) fn link_tasks_in_error() -> String {
    let state = TaskState::InError.label();
    format!("sum by ({LINK}) (once(clusterlink_task_state{{link,state=\"{state}\"}}))")
}

/// How many reasons are against a failover over each link.
pub(super) fn link_blockers() -> String {
    format!("count by ({LINK}) (once(clusterlink_failover_blocker{{link}}))")
}

/// How many findings the audit has of each link's settings, and [`NOT_JUDGED`] where it has none and could not look for
/// all.
pub(super) fn link_findings() -> String {
    let unknown = by_link("", &unknown(Finding::TABLE));
    format!(
        "count by ({LINK}) (once(clusterlink_link_config_finding{{link}}))\nor on ({LINK}) 0 * {unknown} + {NOT_JUDGED}"
    )
}

/// One error code of each link, its own before those of its tasks.
pub(super) fn link_code() -> String {
    let of = |family: &str| format!("max by ({LINK}, error_code) ({family}{{link}}) ^ 0");
    format!(
        "topk by ({LINK}) (1, 2 * {} or {})",
        of("clusterlink_link_error"),
        of("clusterlink_task_errors")
    )
}

/// The state of the task that copies the consumers' offsets, and [`NOT_JUDGED`] where no tasks are reported.
pub(super) fn offset_sync() -> String {
    let scope = offset_sync_scope();
    let set = StateSet {
        scope: &scope,
        ..TASK_STATE
    };
    format!(
        "(max by ({LINK}) ({}) or on ({LINK}) 0 * {} + {NOT_JUDGED})",
        set.number(),
        no_tasks()
    )
}

/// The tasks that copy the consumers' offsets.
pub(super) fn offset_sync_scope() -> String {
    format!("link,task_name=\"{}\"", Task::OFFSET_SYNC)
}

/// How long each link's mirror topics lag.
pub(super) fn lag() -> String {
    format!("max by ({LINK}) (clusterlink_mirror_lag_seconds{{link}})")
}

/// How much of the objective that is.
pub(super) fn lag_of_rpo() -> String {
    format!(
        "{} / on ({LINK}) max by ({LINK}) (clusterlink_mirror_rpo_objective_seconds{{link}})",
        lag()
    )
}

/// The lag in a cell: [`NOT_KNOWN`] where mirror topics are asked for and theirs is not known.
pub(super) fn shown_lag(family: &str) -> String {
    format!(
        "once({family}{{link}}) or on ({LINK}) 0 * {} + {NOT_KNOWN}",
        unknown_lag()
    )
}

/// How much of the objective the lag is, in a cell: a lower bound within it says nothing.
pub(super) fn shown_lag_of_rpo() -> String {
    let (value, unknown) = (lag_of_rpo(), by_link("", &unknown_rpo()));
    format!("{value} > 1\nor on ({LINK}) 0 * {unknown} + {NOT_KNOWN}\nor on ({LINK}) {value}")
}

/// 1 where all checks of a pair hold, 0 where one does not, else [`NOT_JUDGED`] where one is not known.
pub(super) fn pair() -> String {
    let holds = format!("min by ({LINK}) (clusterlink_pair_consistent{{link}})");
    let unknown = by_link("", &unknown(Check::TABLE));
    format!("{holds} == 0\nor on ({LINK}) 0 * {unknown} + {NOT_JUDGED}\nor on ({LINK}) {holds}")
}

/// The same of one check.
pub(super) fn check(check: &TableWord) -> String {
    let holds = format!(
        "clusterlink_pair_consistent{{link,check=\"{}\"}}",
        check.name
    );
    format!(
        "min by ({LINK}) ({holds})\nor on ({LINK}) 0 * {} + {NOT_JUDGED}",
        by_link("", &unknown_of(check.name))
    )
}

/// 1, 0 or [`NOT_JUDGED`] of each row of a family about judgements, whose label has the words of a table.
pub(super) fn judged_rows(family: &str, label: &str, table: &[TableWord]) -> String {
    let unknown = format!(
        r#"label_replace({}, "{label}", "$1", "judgement", "(.+)")"#,
        unknown(table)
    );
    let more = format!(", task_name, {label}, reason");
    format!(
        "sort(least({family}{{link}})\nor 0 * {} + {NOT_JUDGED})",
        by_link(&more, &unknown)
    )
}

/// A value of each link, or of each row with more labels.
pub(super) fn by_link(more: &str, series: &str) -> String {
    format!("max by ({LINK}{more}) ({series})")
}

/// The series with the label once more under other names, for columns that show other words for it.
pub(super) fn repeated(label: &str, names: &[&str], series: &str) -> String {
    names.iter().fold(series.to_owned(), |series, name| {
        format!(r#"label_replace({series}, "{name}", "$1", "{label}", "(.*)")"#)
    })
}

/// Topics that lag longer than their link's objective, with how much of it.
pub(super) fn topics_above_rpo() -> String {
    format!(
        "max by ({}) (clusterlink_mirror_topic_lag_seconds{{link}}) / on ({LINK}) group_left () \
         max by ({LINK}) (clusterlink_mirror_rpo_objective_seconds{{link}}) > 1",
        MIRROR_STATE.key
    )
}

/// Whether what is asked for besides links and tasks was got, under either name of the label.
pub(super) fn details(endpoint: Endpoint) -> String {
    let endpoint = endpoint.label();
    let under = |label: &str| format!("clusterlink_details_success{{poll,{label}=\"{endpoint}\"}}");
    format!("{} or {}", under("endpoint"), under(EXPORTED_ENDPOINT))
}

/// A quantile of a histogram, for each value of a label.
pub(super) fn quantile(quantile: f64, histogram: &str, label: &str, scope: &str) -> String {
    let rate = own_endpoint(&format!(
        "rate({histogram}_bucket{{{scope}}}[$__rate_interval])"
    ));
    format!("histogram_quantile({quantile}, sum by ({label}, le) ({rate}))")
}
