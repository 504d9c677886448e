//! The words in which links are judged.

use cluster_link_exporter::{
    intent::{FEATURES, PAIR_SETTINGS, PAIR_TASKS},
    model::{Blocker, Check, Expectation, Finding, Gap, TableWord, Unknown},
};

use super::{code, page, table};

const INTRODUCTION: &str = "\
The words in which the exporter judges links, as they are in labels, on the page and in `dr-check`. What the judgements are
for is in [Failover](../failover.md).";

#[test]
fn the_page_has_every_word_of_judgement() {
    let parts = [
        INTRODUCTION.to_owned(),
        "## Expectations\n\nLabel `expectation` of `clusterlink_expectation_met`.".to_owned(),
        words("expectation", "rests on", Expectation::TABLE),
        "## Findings\n\nLabel `finding` of `clusterlink_link_config_finding`.".to_owned(),
        words("finding", "rests on", Finding::TABLE),
        "The settings that switch a task on, and its filters:".to_owned(),
        features(),
        "## Checks of a pair\n\nLabel `check` of `clusterlink_pair_consistent`.".to_owned(),
        words("check", "because", Check::TABLE),
        pair(),
        "## Reasons against a failover\n\nLabel `reason` of `clusterlink_failover_blocker`."
            .to_owned(),
        words("reason", "because", Blocker::TABLE),
        "## Not known in `dr-check`\n\nWhy `dr-check` cannot judge a link.".to_owned(),
        words("not known", "because", Gap::TABLE),
        "## Reasons why something is not known\n\nLabel `reason` of `clusterlink_judgement_unknown`."
            .to_owned(),
        reasons(),
    ];
    let parts = parts.map(|part| part.trim_end().to_owned());
    page(
        "judgements.md",
        "Words of judgement",
        &(parts.join("\n\n") + "\n"),
    );
}

fn words(what: &str, because: &str, words: &[TableWord]) -> String {
    let rows = words.iter().map(|word| {
        let texts = [word.meaning, word.because, word.remedy].map(str::to_owned);
        let [meaning, because, remedy] = texts;
        [code(word.name), meaning, because, remedy]
    });
    table([what, "meaning", because, "what to do"], rows)
}

fn features() -> String {
    let rows = FEATURES.map(|feature| [feature.task, feature.switch, feature.filters].map(code));
    table(["task", "switched on by", "filters"], rows)
}

fn pair() -> String {
    let settings = PAIR_SETTINGS.map(|setting| code(setting.key)).join(", ");
    let tasks = PAIR_TASKS.map(code).join(", ");
    format!("`pair_settings_differ` compares {settings}; `tasks_agree` compares {tasks}.")
}

/// What nobody asks for is not missed, so that it is the reason of no series.
fn reasons() -> String {
    let asked = Unknown::ALL.iter().filter(|why| **why != Unknown::NotAsked);
    let rows = asked.map(|why| [code(why.label()), why.to_string()]);
    table(["reason", "meaning"], rows)
}
