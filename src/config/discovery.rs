//! `discovery`: clusters that nobody lists by hand.

use super::{
    Discovery, authentication,
    endpoint::{self, Insecure, Sent, Shape},
    pattern,
    schedule::Schedule,
    template::Template,
    transport,
};
use crate::{
    discovery,
    document::{AlreadyReported, NO_KEY, Parsed, Section},
    model::LinkPatterns,
};

const URL: Shape = Shape {
    key: "url",
    wanted: "scheme and host of the organisation API, such as `https://api.confluent.cloud`",
    user: "move them to `basic_auth`",
    path: None,
    query: Some("remove the `?` and what follows it"),
};

/// Reads the items that are right, and reports what is wrong with the others.
pub(super) fn read(root: &Section, schedule: &Schedule) -> Vec<Discovery> {
    let sections = root.sections("discovery");
    let sections = sections.into_iter().flatten().flatten();
    sections
        .filter_map(|section| item(&section, schedule).ok())
        .collect()
}

fn item(section: &Section, schedule: &Schedule) -> Parsed<Discovery> {
    let settings = match section.section("confluent_cloud") {
        Ok(Some(cloud)) => settings(&cloud, schedule),
        Ok(None) => {
            let instead = "write `confluent_cloud:` with a Cloud API key as `basic_auth:` under it";
            Err(section.report("confluent_cloud", NO_KEY, instead))
        }
        Err(reported) => Err(reported),
    };
    let template = match section.section("template") {
        Ok(Some(template)) => Template::read(&template, schedule),
        Ok(None) => {
            let instead = "write `template:` with at least `name:` under it, such as `\"{environment}/{display_name}\"`";
            Err(section.report("template", NO_KEY, instead))
        }
        Err(reported) => Err(reported),
    };
    Ok(Discovery {
        settings: settings?,
        template: template?,
    })
}

fn settings(section: &Section, schedule: &Schedule) -> Parsed<discovery::Settings> {
    let url = endpoint::optional_url(section, &URL);
    let url = url.map(|url| url.unwrap_or_else(default_url));
    let insecure = Insecure {
        is_allowed: section.flag("allow_insecure_http").unwrap_or(true),
        location: "`confluent_cloud`",
    };
    let credential = authentication::read(section, insecure);
    let transport = transport::read(section);
    if let (Ok(url), true) = (&url, authentication::is_given(section)) {
        let sent = Sent::to("url", url, transport.as_ref().ok());
        endpoint::check_credentials_are_safe(section, sent, insecure);
    }
    let environments = patterns(section, "environments", &[".*"]);
    let clusters = clusters(section);
    let access_points = access_points(section);
    let refresh_interval = section.duration("refresh_interval");
    let request_timeout = schedule.timing().map(|timing| timing.request_timeout);
    let (include, exclude) = clusters?;
    Ok(discovery::Settings {
        url: url?,
        environments: environments?,
        include,
        exclude,
        access_points: access_points?,
        refresh_interval: refresh_interval?.unwrap_or(discovery::Settings::REFRESH_INTERVAL),
        credential: credential?,
        transport: transport?,
        request_timeout: request_timeout?,
    })
}

fn default_url() -> url::Url {
    let url = discovery::Settings::URL.parse();
    url.expect("the default is a URL")
}

fn clusters(section: &Section) -> Parsed<(LinkPatterns, LinkPatterns)> {
    let none = || LinkPatterns::new(&[]).expect("no pattern is one that compiles");
    let Some(section) = section.section("clusters")? else {
        let all = LinkPatterns::new(&[".*".to_owned()]);
        return Ok((all.expect("`.*` is a regular expression"), none()));
    };
    let include = patterns(&section, "include", &[".*"]);
    let exclude = patterns(&section, "exclude", &[]);
    Ok((include?, exclude?))
}

/// The patterns of a list, or the default where it is absent. An empty list, where there is a default, would want nothing.
fn patterns(section: &Section, key: &'static str, default: &[&str]) -> Parsed<LinkPatterns> {
    let read = pattern::list(section, key)?;
    if read.as_ref().is_some_and(Vec::is_empty) && !default.is_empty() {
        let instead = "write at least one pattern, or remove the key for all of them";
        return Err(section.report(key, "an empty list", instead));
    }
    let texts = read.unwrap_or_else(|| default.iter().map(|it| (*it).to_owned()).collect());
    LinkPatterns::new(&texts).map_err(|error| {
        section.report(key, &pattern::found(&error), "write fewer or shorter ones")
    })
}

fn access_points(section: &Section) -> Parsed<Vec<String>> {
    let wanted = "`PUBLIC` or the id of an access point, such as `ap-a1b2`";
    let points = section.texts("access_points", wanted)?;
    if points.as_ref().is_some_and(Vec::is_empty) {
        let instead = "write `[PUBLIC]`, or remove the key";
        section.report("access_points", "an empty list", instead);
        return Err(AlreadyReported);
    }
    Ok(points.unwrap_or_else(|| vec![discovery::Settings::PUBLIC.to_owned()]))
}
