//! One Alertmanager, webhook, service of PagerDuty or channel of a chat, with the client keys that clusters have too.

use std::{collections::BTreeMap, time::Duration};

use url::{Position, Url};

use crate::{
    client::{Credential, Transport},
    config::{
        authentication,
        endpoint::{self, Insecure, Sent, Shape},
        keys::{ROUTING_KEY, URL},
        secrets, transport,
    },
    document::{AlreadyReported, Parsed, Section},
    notify::{Alertmanager, PagerDuty, Receiver, Settings, Slack, Teams, Webhook},
    secret::{ExposeSecret, Secret},
    web_links::BaseUrl,
};

/// The key paths of the receivers by their names, to find a name given twice.
pub(super) type Names = BTreeMap<String, String>;

/// The kinds of `receivers`, by their keys.
const KINDS: [&str; 4] = ["webhook", "pagerduty", "slack", "teams"];

const ALERTMANAGER: Shape = Shape {
    key: "url",
    wanted: "scheme, host and port of one Alertmanager, such as `http://alertmanager-0:9093`",
    user: "move them to `basic_auth`",
    path: None,
    query: Some("remove the `?` and what follows it"),
};
const WEBHOOK: Shape = Shape {
    key: "url",
    wanted: "the URL that messages are posted to, such as `https://hooks.example.com/alerts`",
    user: "move them to `basic_auth`",
    path: None,
    query: None,
};
const SLACK: Shape = Shape {
    wanted: "the URL of an incoming webhook, which begins with `https://hooks.slack.com/services/`",
    user: "remove them: Slack knows us by the URL",
    ..WEBHOOK
};
const TEAMS: Shape = Shape {
    wanted: "the URL of a workflow's webhook, which Teams shows when the workflow is made",
    user: "remove them: the workflow knows us by the URL",
    ..WEBHOOK
};
const PAGERDUTY: Shape = Shape {
    key: "url",
    wanted: "scheme and host, such as `https://events.eu.pagerduty.com`",
    user: "remove them: PagerDuty knows us by `routing_key`",
    path: None,
    query: Some("remove the `?` and what follows it"),
};

/// The keys that every kind has.
struct Client {
    credential: Credential,
    transport: Transport,
    timeout: Duration,
}

/// Reads an item of `alertmanagers`.
pub(super) fn alertmanager(
    section: &Section,
    external_url: Option<&BaseUrl>,
    names: &mut Names,
) -> Parsed<Settings> {
    let url = endpoint::url(section, &ALERTMANAGER);
    let insecure = insecure(section);
    let client = client(section, insecure);
    if let (Ok(url), true) = (&url, authentication::is_given(section)) {
        let sent = Sent::to("url", url, transport_of(&client));
        endpoint::check_credentials_are_safe(section, sent, insecure);
    }
    let location = url.and_then(|url| {
        let name = name_of(&url);
        if let Some(first) = names.get(&name) {
            let found = format!("the Alertmanager of `{first}`");
            return Err(section.report("url", &found, "write each Alertmanager once"));
        }
        names.insert(name.clone(), section.path().to_owned());
        Ok((name, url))
    });
    let (name, url) = location?;
    let receiver = Receiver::Alertmanager(Alertmanager { url });
    Ok(client?.settings(name, receiver, external_url))
}

/// Host and port, and the path where there is one.
fn name_of(url: &Url) -> String {
    let host = &url[Position::BeforeHost..Position::AfterHost];
    let port = url.port_or_known_default().unwrap_or_default();
    let path = url.path().trim_end_matches('/');
    format!("{host}:{port}{path}")
}

/// Reads an item of `receivers`.
pub(super) fn receiver(
    section: &Section,
    external_url: Option<&BaseUrl>,
    names: &mut Names,
) -> Parsed<Settings> {
    let name = name(section, names);
    let kinds = KINDS.map(|kind| section.section(kind));
    let given: Vec<_> = KINDS.into_iter().filter(|kind| section.has(kind)).collect();
    match given[..] {
        [] => {
            section.report(
                "",
                "no kind of receiver",
                "write `webhook:`, `pagerduty:`, `slack:` or `teams:`",
            );
        }
        [first, second, ..] => {
            let found = format!("a second kind of receiver beside `{first}`");
            section.report(second, &found, "give it a receiver of its own");
        }
        _ => {}
    }
    let mut read = Err(AlreadyReported);
    for (kind, inside) in KINDS.into_iter().zip(kinds) {
        if let Some(inside) = inside? {
            read = match kind {
                "webhook" => webhook(&inside),
                "pagerduty" => pagerduty(&inside),
                "slack" => slack(&inside),
                _ => teams(&inside),
            };
        }
    }
    let (receiver, client) = read?;
    Ok(client.settings(name?, receiver, external_url))
}

fn name(section: &Section, names: &mut Names) -> Parsed<String> {
    let name = section.required_text("name", "a name such as `ops-pager`")?;
    if let Some(first) = names.get(&name) {
        let found = format!("the name of `{first}`");
        return Err(section.report("name", &found, "give each receiver a name of its own"));
    }
    names.insert(name.clone(), section.path().to_owned());
    Ok(name)
}

fn webhook(section: &Section) -> Parsed<(Receiver, Client)> {
    let (url, client) = posted_to(section, &WEBHOOK)?;
    Ok((Receiver::Webhook(Webhook { url }), client))
}

fn slack(section: &Section) -> Parsed<(Receiver, Client)> {
    let channel = section.text("channel", "the name of a channel, such as `#cluster-links`");
    let posted_to = posted_to(section, &SLACK);
    let channel = channel?;
    let (url, client) = posted_to?;
    Ok((Receiver::Slack(Slack { url, channel }), client))
}

fn teams(section: &Section) -> Parsed<(Receiver, Client)> {
    let (url, client) = posted_to(section, &TEAMS)?;
    Ok((Receiver::Teams(Teams { url }), client))
}

/// Reads where messages are posted to, a secret, and how.
fn posted_to(section: &Section, shape: &Shape) -> Parsed<(Secret, Client)> {
    let url = secrets::read(section, URL);
    let insecure = insecure(section);
    let client = client(section, insecure);
    if let Ok(url) = &url {
        check_secret_url(section, shape, (url, transport_of(&client)), insecure);
    }
    Ok((url?, client?))
}

/// Checks what a secret URL holds now; it is read anew for every message.
fn check_secret_url(
    section: &Section,
    shape: &Shape,
    (secret, transport): (&Secret, Option<&Transport>),
    insecure: Insecure,
) {
    let [literal, in_file, in_variable] = URL;
    let (key, holder) = match secret {
        Secret::Literal(_) => (literal, ""),
        Secret::File(_) => (in_file, "the path of a file with "),
        Secret::Env(_) => (in_variable, "the name of a variable with "),
    };
    let Some(text) = secrets::value(section, secret) else {
        return;
    };
    match endpoint::examine(text.expose_secret().trim(), shape) {
        Ok(url) => {
            let sent = Sent::to(key, &url, transport);
            if authentication::is_given(section) {
                endpoint::check_credentials_are_safe(section, sent, insecure);
            } else {
                endpoint::check_secret_is_safe(section, sent, insecure);
            }
        }
        Err(wrong) => {
            for (found, instead) in wrong {
                section.report(key, &format!("{holder}{found}"), instead);
            }
        }
    }
}

fn pagerduty(section: &Section) -> Parsed<(Receiver, Client)> {
    let routing_key = secrets::read(section, ROUTING_KEY);
    let url = endpoint::optional_url(section, &PAGERDUTY);
    let insecure = insecure(section);
    let client = client(section, insecure);
    if let Ok(Some(url)) = &url {
        let sent = Sent::to("url", url, transport_of(&client));
        endpoint::check_credentials_are_safe(section, sent, insecure);
    }
    let default = || PagerDuty::URL.parse().expect("the literal is a URL");
    let url = url.map(|url| url.unwrap_or_else(default));
    if let (Ok(url), Ok(routing_key)) = (&url, &routing_key)
        && url
            .domain()
            .is_some_and(|name| name.ends_with("pagerduty.com"))
    {
        check_length(section, routing_key);
    }
    let receiver = PagerDuty {
        url: url?,
        routing_key: routing_key?,
    };
    Ok((Receiver::PagerDuty(receiver), client?))
}

/// A key of another length is refused with every event, and an event that is refused is lost.
fn check_length(section: &Section, routing_key: &Secret) {
    let [literal, in_file, in_variable] = ROUTING_KEY;
    let key = match routing_key {
        Secret::Literal(_) => literal,
        Secret::File(_) => in_file,
        Secret::Env(_) => in_variable,
    };
    let length = PagerDuty::ROUTING_KEY_LENGTH;
    let value = secrets::value(section, routing_key);
    if value.is_some_and(|value| value.expose_secret().chars().count() != length) {
        let what = format!(
            "does not have the {length} characters of an integration key: PagerDuty will refuse it"
        );
        section.warn(key, &what);
    }
}

fn insecure(section: &Section) -> Insecure {
    Insecure {
        // A wrong value has its own problem; it must not bring a second one.
        is_allowed: section.flag("allow_insecure_http").unwrap_or(true),
        location: "the receiver",
    }
}

fn client(section: &Section, insecure: Insecure) -> Parsed<Client> {
    let credential = authentication::read(section, insecure);
    let transport = transport::read(section);
    let timeout = section.duration("timeout");
    Ok(Client {
        credential: credential?,
        transport: transport?,
        timeout: timeout?.unwrap_or(Settings::TIMEOUT),
    })
}

fn transport_of(client: &Parsed<Client>) -> Option<&Transport> {
    client.as_ref().ok().map(|client| &client.transport)
}

impl Client {
    fn settings(
        self,
        name: String,
        receiver: Receiver,
        external_url: Option<&BaseUrl>,
    ) -> Settings {
        let Self {
            credential,
            transport,
            timeout,
        } = self;
        Settings {
            name,
            receiver,
            credential,
            transport,
            timeout,
            external_url: external_url.cloned(),
        }
    }
}
