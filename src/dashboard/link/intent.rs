//! What should be true of the link: expectations, its pair, its settings.

use crate::{
    dashboard::{
        mapping::{self, Mappings, ORANGE},
        panel::{NONE_KNOWN, Panel},
        queries,
        table::{Column, table},
    },
    model::{Check, Expectation, Finding},
};

fn why_not_known() -> Column {
    Column::label("reason", "Why not judged")
        .width(160)
        .words(mapping::reasons())
}

pub(super) fn expectations() -> Panel {
    let met = queries::repeated(
        "expectation",
        &["remedy"],
        &queries::judged_rows(
            "clusterlink_expectation_met",
            "expectation",
            Expectation::TABLE,
        ),
    );
    table(
        "Expectations",
        "What the configuration expects of the selected links and whether it is so; a row without a task is about the link. \
         NOT JUDGED: nobody can say, and why not. Empty where nothing is expected.",
        vec![
            Column::value("Is it so?", &met)
                .badge(mapping::judged("MET", "VIOLATED"))
                .width(110)
                .ascending(),
            Column::label("expectation", "Expectation").width(110),
            Column::label("task_name", "Task").width(165),
            Column::label("link_name", "Link").width(200),
            why_not_known(),
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
        &queries::judged_rows("clusterlink_link_config_finding", "finding", Finding::TABLE),
    );
    table(
        "Findings in the settings",
        "Settings that are allowed and do not work, as the audit reads them; needs `collect.configs`. \
         NOT JUDGED: what the audit could not look for, and why not.",
        vec![
            Column::value("Found?", &found)
                .badge(mapping::not_judged(
                    Mappings::default().value(1, "FOUND", ORANGE),
                    "NOT JUDGED",
                ))
                .width(110)
                .descending(),
            Column::label("finding", "Finding").width(250),
            Column::label("link_name", "Link").width(200),
            why_not_known(),
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
        &queries::judged_rows("clusterlink_pair_consistent", "check", Check::TABLE),
    );
    table(
        "Checks with the other half",
        "For a bidirectional link whose other cluster is polled too: what must hold between its halves. NOT \
         JUDGED: nobody can say, and why not. Empty for other links.",
        vec![
            Column::value("Holds?", &holds)
                .badge(mapping::judged("OK", "BROKEN"))
                .width(110)
                .ascending(),
            Column::label("check", "Check").width(150),
            Column::label("remote_cluster_id", "Other cluster").width(110),
            why_not_known(),
            Column::label("remedy", "If not")
                .words(mapping::words(Check::TABLE, |word| word.remedy)),
        ],
    )
    .no_value("No pair, or nothing is known")
}
