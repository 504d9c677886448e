//! The placeholders of a template, and what is filled in for them: names that people gave to environments and clusters may
//! hold anything, and must not lead a path or a URL elsewhere, nor mean something in a pattern.

use std::{collections::BTreeMap, sync::LazyLock};

use regex::{Captures, Regex};

use crate::{discovery::ListedCluster, document::Kind};

/// Every placeholder, without its braces.
pub(super) const NAMES: [&str; 6] = [
    "environment_id",
    "environment",
    "cluster_id",
    "display_name",
    "cloud",
    "region",
];

/// What reads like a placeholder. In a pattern `\p{…}` and its like are none, and a number of times is none anywhere.
static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?<escape>\\[pPbBxuU])?\{(?<name>[A-Za-z][A-Za-z0-9_ -]*)\}")
        .expect("a literal pattern is valid")
});

/// What is filled in, by placeholder; `None` where the organisation does not say it.
pub(super) struct Values<'a>(BTreeMap<&'static str, Option<&'a str>>);

/// What a text has in the way of placeholders.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// None.
    Nothing,
    /// Some, all of them known.
    Known,
    /// One that is none.
    Unknown(&'a str),
}

/// Why a text cannot be filled in: what was found, and what to do about it.
pub(super) type Unfit = (String, &'static str);

impl<'a> Values<'a> {
    pub(super) fn of(cluster: &'a ListedCluster) -> Self {
        let values = [
            Some(cluster.environment.id.as_str()),
            Some(cluster.environment.display_name.as_str()),
            Some(cluster.id.as_str()),
            Some(cluster.display_name.as_str()),
            cluster.cloud.as_deref(),
            cluster.region.as_deref(),
        ];
        Self(NAMES.into_iter().zip(values).collect())
    }
}

/// Looks for placeholders in a text of this kind.
pub(super) fn find<'a>(text: &'a str, kind: &Kind) -> Found<'a> {
    let mut found = Found::Nothing;
    for captures in PLACEHOLDER.captures_iter(text) {
        let name = captures.name("name").map_or("", |name| name.as_str());
        if is_of_a_pattern(&captures, kind) {
            continue;
        }
        if !NAMES.contains(&name) {
            return Found::Unknown(name);
        }
        found = Found::Known;
    }
    found
}

/// Fills in what is known of the cluster. A placeholder that is none stays as it is.
pub(super) fn fill(text: &str, kind: &Kind, values: &Values) -> Result<String, Unfit> {
    let mut unfit = None;
    let filled = PLACEHOLDER.replace_all(text, |captures: &Captures<'_>| {
        let whole = captures[0].to_owned();
        let known = values.0.get(&captures["name"]);
        let Some(known) = known.filter(|_| !is_of_a_pattern(captures, kind)) else {
            return whole;
        };
        let escape = captures.name("escape").map_or("", |escape| escape.as_str());
        match known.ok_or_else(|| unsaid(&captures["name"])) {
            Ok(value) => match fit(value, kind, &captures["name"]) {
                Ok(value) => format!("{escape}{value}"),
                Err(why) => {
                    unfit = Some(why);
                    whole
                }
            },
            Err(why) => {
                unfit = Some(why);
                whole
            }
        }
    });
    if let Kind::File | Kind::Database = kind
        && leads_elsewhere(text, &filled)
    {
        unfit = Some((
            "a path that a name filled in would lead to another folder".to_owned(),
            "use `{cluster_id}` and `{environment_id}` in paths",
        ));
    }
    match unfit {
        None => Ok(filled.into_owned()),
        Some(unfit) => Err(unfit),
    }
}

fn is_of_a_pattern(captures: &Captures<'_>, kind: &Kind) -> bool {
    matches!(kind, Kind::Patterns) && captures.name("escape").is_some()
}

fn unsaid(name: &str) -> Unfit {
    let found = format!("`{{{name}}}`, which the organisation API does not say of this cluster");
    (found, "use another placeholder")
}

/// The value as it stands in a text of this kind.
fn fit(value: &str, kind: &Kind, name: &str) -> Result<String, Unfit> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    match kind {
        // In a pattern a name means itself.
        Kind::Patterns => Ok(regex::escape(value)),
        Kind::Url | Kind::Variable if !value.chars().all(plain) => {
            let found = format!(
                "`{{{name}}}`, for which more than letters, digits, `-`, `_` and `.` would be filled in"
            );
            Err((found, "use `{cluster_id}` or `{environment_id}` here"))
        }
        _ => Ok(value.to_owned()),
    }
}

/// Whether what was filled in is more than names in the path: a `/`, or a step up.
fn leads_elsewhere(text: &str, filled: &str) -> bool {
    let (template, steps): (Vec<_>, Vec<_>) =
        (text.split('/').collect(), filled.split('/').collect());
    let turns = |(template, step): (&&str, &&str)| {
        template != step && (matches!(*step, "." | ".." | "") || step.contains('\0'))
    };
    template.len() != steps.len() || template.iter().zip(&steps).any(turns)
}
