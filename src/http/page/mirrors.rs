//! What the page says of a link's mirror topics: one row.

use maud::html;

use super::{
    badges::{Line, errors, name},
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

fn details(mirrors: &Mirrors) -> Vec<Line> {
    let mut lines = vec![Line::Text(html! {
        p { (lag(mirrors)) }
        @if mirrors.stalled > 0 { p { (mirrors.stalled) " stalled: they lag and have not fetched for 15 minutes" } }
    })];
    for (code, count) in mirrors.errors.iter().take(MOST) {
        let topics = if *count == 1 { "topic" } else { "topics" };
        lines.push(Line::Text(
            html! { p { b { (code) } " " (count) " " (topics) } },
        ));
        lines.extend(catalogue::hint(code, Scope::Mirror).map(Line::hint));
    }
    lines.extend(mirrors.hanging.iter().take(MOST).flat_map(hanging));
    let more = mirrors.hanging.len().saturating_sub(MOST);
    if more > 0 {
        lines.push(Line::Text(html! { p { "and " (more) " more that hang" } }));
    }
    lines
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

fn hanging(topic: &HangingTopic) -> impl Iterator<Item = Line> {
    let said = html! { p { (name(&topic.topic_name)) " is still " (topic.status.raw()) ":" } };
    [Line::Text(said)]
        .into_iter()
        .chain(errors(&topic.errors, Scope::Transition))
}
