//! What the page says of a link's mirror topics: one row, below its tasks.

use std::time::Duration;

use maud::{Markup, html};

use super::{badge, errors};
use crate::{
    catalogue::{self, Scope},
    model::{HangingTopic, MirrorStatus, Mirrors},
};

/// How many codes and how many hanging topics of a link the page explains.
const MOST: usize = 10;

pub(super) fn row(mirrors: &Mirrors) -> Markup {
    let counts = MirrorStatus::TABLE.iter().zip(mirrors.statuses);
    let counts = counts.filter(|(_, count)| *count > 0);
    html! {
        tr {
            td {}
            td { "mirror topics" }
            td { @for (row, count) in counts { p { (badge(row.health, &format!("{count} {}", row.name))) } } }
            td {}
            td {
                p { (lag(mirrors)) }
                @if mirrors.stalled > 0 { p { (mirrors.stalled) " stalled: they lag and have not fetched for 15 minutes" } }
                @for (code, count) in mirrors.errors.iter().take(MOST) {
                    p { b { (code) } " " (count) @if *count == 1 { " topic" } @else { " topics" } }
                    @if let Some(hint) = catalogue::hint(code, Scope::Mirror) { p { small { "hint: " (hint) } } }
                }
                @for topic in mirrors.hanging.iter().take(MOST) { (hanging(topic)) }
                @let more = mirrors.hanging.len().saturating_sub(MOST);
                @if more > 0 { p { "and " (more) " more that hang" } }
            }
        }
    }
}

fn lag(mirrors: &Mirrors) -> String {
    let lag = mirrors.lag;
    if lag.messages == 0 {
        return "no lag".to_owned();
    }
    let age = humantime::format_duration(Duration::from_secs(lag.age.as_secs()));
    let (messages, most) = (lag.messages, lag.max_messages);
    format!(
        "lag {messages} messages, {most} in the worst partition; the worst is about {age} behind its source"
    )
}

fn hanging(topic: &HangingTopic) -> Markup {
    html! {
        p { (topic.topic_name) " is still " (topic.status.raw()) ":" }
        (errors(&topic.errors, Scope::Transition))
    }
}
