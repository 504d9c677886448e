//! Markdown as HTML, by a library; what of it is ours are the places that links lead to, the ids of headings, and that raw
//! HTML stays text.

use std::collections::HashSet;

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

/// Where a link leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// To this URL.
    Here(String),
    /// To nothing that can be reached: its text stands alone.
    Nowhere,
}

/// The text as HTML.
pub(super) fn render(markdown: &str, place: impl Fn(&str) -> Place) -> String {
    let mut events: Vec<_> = Parser::new_ext(markdown, Options::ENABLE_TABLES)
        .filter_map(without_raw_html)
        .collect();
    name_headings(&mut events);
    let mut is_dropped = false;
    let linked = events.into_iter().filter_map(|event| match event {
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }) => match place(&dest_url) {
            Place::Here(url) => Some(Event::Start(Tag::Link {
                link_type,
                dest_url: url.into(),
                title,
                id,
            })),
            Place::Nowhere => {
                is_dropped = true;
                None
            }
        },
        // Links do not nest.
        Event::End(TagEnd::Link) if std::mem::take(&mut is_dropped) => None,
        event => Some(event),
    });
    let mut text = String::with_capacity(2 * markdown.len());
    html::push_html(&mut text, linked);
    text
}

/// Raw HTML as the text that it is; comments, which are for those who write, not at all.
fn without_raw_html(event: Event<'_>) -> Option<Event<'_>> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) if text.starts_with("<!--") => None,
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock) => None,
        event => Some(event),
    }
}

/// Gives each heading the id by which pages of Markdown link to it: its text in lower case, with hyphens for spaces and
/// without punctuation. The second of the same text has a number behind it.
fn name_headings(events: &mut [Event<'_>]) {
    let mut taken = HashSet::new();
    for start in 0..events.len() {
        if !matches!(events[start], Event::Start(Tag::Heading { .. })) {
            continue;
        }
        let inside = events[start + 1..].iter();
        let inside = inside.take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
        let words = inside.filter_map(|event| match event {
            Event::Text(text) | Event::Code(text) => Some(text.to_lowercase()),
            _ => None,
        });
        let slug: String = words
            .collect::<String>()
            .chars()
            .filter_map(slugged)
            .collect();
        let mut name = slug.clone();
        let mut number = 0;
        while !taken.insert(name.clone()) {
            number += 1;
            name = format!("{slug}-{number}");
        }
        if let Event::Start(Tag::Heading { id, .. }) = &mut events[start] {
            *id = Some(CowStr::from(name));
        }
    }
}

fn slugged(c: char) -> Option<char> {
    match c {
        ' ' => Some('-'),
        c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(markdown: &str) -> String {
        render(markdown, |link| match link {
            "known.md" => Place::Here("/known".to_owned()),
            _ => Place::Nowhere,
        })
    }

    #[test]
    fn links_lead_where_they_are_told_to_and_headings_have_ids() {
        let markdown =
            "# What `x` is, now\n\n## Impact\n\n[a](known.md), [*b* c](gone.md)\n\n## Impact\n";
        insta::assert_snapshot!(rendered(markdown), @r#"
        <h1 id="what-x-is-now">What <code>x</code> is, now</h1>
        <h2 id="impact">Impact</h2>
        <p><a href="/known">a</a>, <em>b</em> c</p>
        <h2 id="impact-1">Impact</h2>
        "#);
    }

    #[test]
    fn raw_html_stays_text_and_comments_go() {
        let markdown = "<!-- begin -->\n\n<script>alert(1)</script>\n\na <b onclick=x>b</b> <!-- c --> &lt;\n\n```sh\ncurl <url>\n```\n";
        insta::assert_snapshot!(rendered(markdown), @r#"
        &lt;script&gt;alert(1)&lt;/script&gt;
        <p>a &lt;b onclick=x&gt;b&lt;/b&gt;  &lt;</p>
        <pre><code class="language-sh">curl &lt;url&gt;
        </code></pre>
        "#);
    }
}
