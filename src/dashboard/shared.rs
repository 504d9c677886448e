//! Panels that more than one board has, each with its own words.

use super::{
    mapping::{self, BLUE_GREY, GREEN, Mappings, ORANGE, RED},
    panel::{self, NONE_KNOWN, Panel, lines, stat, steps},
    promql::{LINK, StateSet, known, largest_gauge},
    queries::{self, LINK_STATE, by_link},
    table::{Column, table},
    unknown,
};
use crate::model::{Blocker, Check, Expectation, Finding, LinkState, TaskState};

/// From which part of an objective on a lag is near it, and above it.
const OF_RPO: [(Option<f64>, &str); 3] = [(None, GREEN), (Some(0.75), ORANGE), (Some(1.0), RED)];

/// The state of each link, as a column.
pub(super) fn link_state(title: &'static str) -> Column {
    Column::value(title, &by_link("", &LINK_STATE.number()))
        .badge(mapping::states(LinkState::TABLE))
        .width(125)
}

/// The state of the task that copies the consumers' offsets, as a column.
pub(super) fn offset_sync() -> Column {
    let states = mapping::states(TaskState::TABLE);
    Column::value("Offset sync", &queries::offset_sync())
        .badge(mapping::not_judged(states, "NOT REPORTED"))
}

/// How much of each link's objective its lag is, as a column.
pub(super) fn of_rpo(width: u32) -> Column {
    Column::value("Of RPO", &queries::shown_lag_of_rpo())
        .may_be_unknown()
        .unit("percentunit")
        .decimals(0)
        .width(width)
        .coloured(&OF_RPO)
}

/// What an empty table of single topics says.
pub(super) const ONE_BY_ONE: &str =
    "None known; topics are watched one by one only with collect.mirrors unhealthy or all";

/// What a tile shows where there is nothing but a value to show.
pub(super) fn no_data() -> Mappings {
    Mappings::default().nothing(mapping::NO_DATA, RED)
}

/// How many tasks are in error; the scope is a mark of PromQL.
pub(super) fn tasks_in_error(scope: &str, description: &str) -> Panel {
    let in_error = TaskState::InError.label();
    let expression = format!("sum(once(clusterlink_task_state{{{scope},state=\"{in_error}\"}}))");
    panel::count(
        "Tasks in error",
        description,
        &expression,
        &unknown::no_tasks(),
    )
    .mappings(mapping::tile("NO TASKS"))
}

/// The worst lag, and how much of its link's objective the worst of those is.
pub(super) fn worst_lag(title: &'static str, description: &str) -> Panel {
    let of_rpo = [
        ("unit", "percentunit".into()),
        ("decimals", 0.into()),
        ("mappings", mapping::tile("NO RPO").json()),
        ("thresholds", steps(&OF_RPO)),
    ];
    stat(title, description)
        .now(
            &known(
                "max(once(clusterlink_mirror_lag_seconds{link}))",
                0,
                &unknown::unknown_lag(),
            ),
            "lag",
        )
        .now(
            &known(
                &format!("max({})", queries::lag_of_rpo()),
                1,
                &unknown::unknown_rpo(),
            ),
            "of RPO",
        )
        .unit("s")
        .mappings(mapping::tile("NOT READ"))
        .thresholds(&[(None, BLUE_GREY)])
        .of_query('B', &of_rpo)
}

/// How many links there are whose consumers would start at wrong offsets.
pub(super) fn wrong_offsets(title: &'static str, description: &str) -> Panel {
    let reason = Blocker::OffsetSync.label();
    let expression = format!(
        "count(once(clusterlink_failover_blocker{{link,reason=\"{reason}\"}}))\n\
         or 0 * count(least(clusterlink_failover_ready{{link}}))"
    );
    let unknown = format!("({} or {})", unknown::not_judged(), unknown::no_tasks());
    panel::count(title, description, &expression, &unknown).mappings(mapping::tile("NOT JUDGED"))
}

/// What cannot be judged of the links, and why.
pub(super) fn what_is_not_known() -> Panel {
    let words = [Expectation::TABLE, Finding::TABLE, Check::TABLE];
    let words = words.into_iter().flatten();
    let words = words.map(|word| (word.name, word.meaning));
    let meanings = words.chain(unknown::OWN_WORDS);
    let meanings = meanings.map(|(word, meaning)| (word, meaning.to_owned(), None));
    let query = queries::repeated("judgement", &["meaning"], &unknown::all_unknown());
    table(
        "What is not known",
        "What was asked for and cannot be judged now, and why: it is neither well nor broken, and an alert about it stands as it \
         was last known. `not_sent` and `not_understood` are answers that do not say it; `refused` is missing rights; `failed` \
         is on the board Exporter; `too_early` ends by itself.",
        vec![
            Column::label("cluster_name", "Cluster").of(&query).width(120),
            Column::label("link_name", "Link").width(200).opens_its_link(),
            Column::label("judgement", "What").width(230),
            Column::label("meaning", "What it is about").words(Mappings::default().values(meanings)),
            Column::label("task_name", "Task").width(160),
            Column::label("reason", "Why").width(260).words(mapping::reasons()),
        ],
    )
    .no_value(NONE_KNOWN)
}

/// A timeline of a state set.
pub(super) fn states_over_time(
    title: &'static str,
    description: &str,
    set: StateSet<'_>,
    legend: &str,
) -> Panel {
    let panel = panel::timeline(title, description, mapping::timeline(set.table));
    let queries = set.worst_first().into_iter();
    queries.fold(panel, |panel, query| panel.over_time(&query, legend))
}

/// Links that are down and tasks that need somebody, with codes and remedies; which of them, say the columns of their own.
pub(super) fn needs_somebody(
    title: &'static str,
    description: &str,
    tasks: StateSet<'_>,
    own: Vec<Column>,
) -> Panel {
    let state = Column::value("State", &queries::needs_attention(tasks))
        .badge(mapping::links_and_tasks())
        .width(160)
        .descending();
    let mut columns = vec![state];
    columns.extend(own);
    columns.extend([
        Column::label("cluster_name", "Cluster").width(95),
        Column::value("For", &queries::needs_attention_for(tasks))
            .unit("s")
            .width(85),
        Column::label("task_name", "Task").width(160),
        Column::label("error_code", "Error code").width(340),
        Column::label("remedy", "What to do").words(mapping::remedies()),
    ]);
    table(title, description, columns).no_value(NONE_KNOWN)
}

/// How long the mirror topics of each link lagged, beside the links' objectives.
pub(super) fn lag_over_time(title: &'static str, description: &str) -> Panel {
    lines(title, description, "s")
        .over_time(
            &largest_gauge(LINK, "clusterlink_mirror_lag_seconds{link}"),
            "{{cluster_name}} / {{link_name}}",
        )
        .over_time(
            "once(clusterlink_mirror_rpo_objective_seconds{link})",
            "RPO of {{cluster_name}} / {{link_name}}",
        )
        .limit('B')
}
