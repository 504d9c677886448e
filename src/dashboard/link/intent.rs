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
    let met = queries::repeated(
        "expectation",
        &["remedy"],
        "sort(once(clusterlink_expectation_met{link}))",
    );
    table(
        "Expectations",
        "What the configuration expects of the selected links and whether it is so; a row without a task is about the link. \
         Empty where nothing is expected.",
        vec![
            Column::value("Is it so?", &met)
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
}

pub(super) fn findings() -> Panel {
    let found = queries::repeated(
        "finding",
        &["meaning", "remedy"],
        "once(clusterlink_link_config_finding{link}) == 1",
    );
    table(
        "Findings in the settings",
        "Settings that are allowed and do not work, as the audit reads them; needs `collect.configs`.",
        vec![
            Column::label("finding", "Finding").of(&found).width(250),
            Column::label("link_name", "Link").width(200),
            Column::label("meaning", "Meaning")
                .words(mapping::words(Finding::TABLE, |word| word.meaning)),
            Column::label("remedy", "What to do")
                .words(mapping::words(Finding::TABLE, |word| word.remedy)),
        ],
    )
    .no_value(NONE_KNOWN)
}

pub(super) fn pair_checks() -> Panel {
    let holds = queries::repeated(
        "check",
        &["remedy"],
        "sort(once(clusterlink_pair_consistent{link}))",
    );
    table(
        "Checks with the other half",
        "For a bidirectional link whose other cluster is polled too: what must hold between its halves. Empty for other links \
         and while the last poll of either end failed.",
        vec![
            Column::value("Holds?", &holds)
                .badge(mapping::verdict("OK", "BROKEN"))
                .width(85)
                .ascending(),
            Column::label("check", "Check").width(150),
            Column::label("remote_cluster_id", "Other cluster").width(110),
            Column::label("remedy", "If not")
                .words(mapping::words(Check::TABLE, |word| word.remedy)),
        ],
    )
    .no_value("No pair, or nothing is known")
}
