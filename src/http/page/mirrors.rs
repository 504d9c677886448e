//! What the page says of a link's mirror topics: one row.

use maud::{Markup, html};

use super::{
    badges::{errors, hint, name},
    part::Part,
};
use crate::{
    catalogue::{self, Scope},
    model::{HangingTopic, MirrorStatus, Mirrors},
};

/// How many codes and how many hanging topics of a link the page explains.
const MOST: usize = 10;

pub(super) fn part(mirrors: &Mirrors) -> Part<'_> {
    let counts = MirrorStatus::TABLE.iter().zip(mirrors.statuses);
    let counts = counts.filter(|(_, count)| *count > 0);
    let badges = counts.map(|(row, count)| (row.health, format!("{count} {}", row.name)));
    Part::new("mirror topics", badges.collect(), details(mirrors))
}

fn details(mirrors: &Mirrors) -> Markup {
    html! {
        p { (lag(mirrors)) }
        @if mirrors.stalled > 0 { p { (mirrors.stalled) " stalled: they lag and have not fetched for 15 minutes" } }
        @for (code, count) in mirrors.errors.iter().take(MOST) {
            p { b { (code) } " " (count) @if *count == 1 { " topic" } @else { " topics" } }
            @if let Some(text) = catalogue::hint(code, Scope::Mirror) { (hint(text)) }
        }
        @for topic in mirrors.hanging.iter().take(MOST) { (hanging(topic)) }
        @let more = mirrors.hanging.len().saturating_sub(MOST);
        @if more > 0 { p { "and " (more) " more that hang" } }
    }
}

fn lag(mirrors: &Mirrors) -> String {
    let lag = mirrors.lag;
    if let Err(why) = mirrors.known_lag() {
        return format!(
            "the lag of some of them is not known: {why}; the others lack {} messages",
            lag.messages
        );
    }
    if lag.messages == 0 {
        return "no lag".to_owned();
    }
    let about = if lag.is_lower_bound { "" } else { "about " };
    let (messages, most, age) = (lag.messages, lag.max_messages, lag.in_words());
    format!(
        "lag {messages} messages, {most} in the worst partition; the worst is {about}{age} behind its source"
    )
}

fn hanging(topic: &HangingTopic) -> Markup {
    html! {
        p { (name(&topic.topic_name)) " is still " (topic.status.raw()) ":" }
        (errors(&topic.errors, Scope::Transition))
    }
}
