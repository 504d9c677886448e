//! What should be true of the link: expectations, its pair, its settings.

use crate::{
    dashboard::{
        mapping,
        panel::{NONE_KNOWN, Panel},
        queries,
        table::{Column, table},
    },
    model::{Check, Expectation, Finding},
};

pub(super) fn expectations() -> Panel {
    table(
        "Expectations",
        "What the configuration expects of the selected links and whether it is so; a row without a task is about the link. \
         Empty where nothing is expected.",
        vec![
            Column::only_value("Is it so?")
                .badge(mapping::verdict("MET", "VIOLATED"))
                .width(105)
                .ascending(),
            Column::label("expectation", "Expectation").width(110),
            Column::label("task_name", "Task").width(165),
            Column::label("link_name", "Link").width(200),
            Column::label("remedy", "If not")
                .words(mapping::words(Expectation::TABLE, |word| word.remedy)),
        ],
    )
    .no_value("No expectations, or nothing is known")
    .rows(&queries::repeated(
        "expectation",
        &["remedy"],
        "sort(once(clusterlink_expectation_met{link}))",
    ))
}

pub(super) fn findings() -> Panel {
    table(
        "Findings in the settings",
        "Settings that are allowed and do not work, as the audit reads them; needs `collect.configs`.",
        vec![
            Column::label("finding", "Finding").width(250),
            Column::label("link_name", "Link").width(200),
            Column::label("meaning", "Meaning")
                .words(mapping::words(Finding::TABLE, |word| word.meaning)),
            Column::label("remedy", "What to do")
                .words(mapping::words(Finding::TABLE, |word| word.remedy)),
        ],
    )
    .no_value(NONE_KNOWN)
    .rows(&queries::repeated(
        "finding",
        &["meaning", "remedy"],
        "once(clusterlink_link_config_finding{link}) == 1",
    ))
}

pub(super) fn pair_checks() -> Panel {
    table(
        "Checks with the other half",
        "For a bidirectional link whose other cluster is polled too: what must hold between its halves. Empty for other links \
         and while the last poll of either end failed.",
        vec![
            Column::only_value("Holds?")
                .badge(mapping::verdict("OK", "BROKEN"))
                .width(85)
                .ascending(),
            Column::label("check", "Check").width(150),
            Column::label("remote_cluster_id", "Other cluster").width(110),
            Column::label("remedy", "If not").words(mapping::words(Check::TABLE, |word| word.remedy)),
        ],
    )
    .no_value("No pair, or nothing is known")
    .rows(&queries::repeated(
        "check",
        &["meaning", "remedy"],
        "sort(once(clusterlink_pair_consistent{link}))",
    ))
}
