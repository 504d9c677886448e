//! The keys of `alerting`.

use super::{
    DURATION, Sources,
    client::{CLIENT, TRANSPORT},
    secret,
};
use crate::{
    alert::{Severity, rules},
    document::{Absent, Group, Key, Keys, Kind, Table},
};

pub(in crate::config) const URL: Sources = ["url", "url_file", "url_env"];
pub(in crate::config) const ROUTING_KEY: Sources =
    ["routing_key", "routing_key_file", "routing_key_env"];

pub(super) const ALERTING: Table = &[Group::own(&[
    Key {
        name: "external_labels",
        kind: Kind::Section(Keys::Own(&Kind::Text)),
        absent: Absent::Optional,
        doc: "On every alert that is sent; no label of ours can be among them.",
        shown: &[("alerting", "{ env: prod }")],
    },
    Key {
        name: "keep_labels",
        kind: Kind::Texts,
        absent: Absent::Default("[]"),
        doc: "Labels of Prometheus' targets that the rules of `cluster-link-exporter rules` keep on alerts, to route by them. \
              This exporter sees none of them: give it those of its own alerts by `external_labels`. Not one that differs \
              from replica to replica, such as `pod` or `node`: each replica would alert for itself.",
        shown: &[("alerting", "[env]")],
    },
    Key {
        name: "external_url",
        kind: Kind::Url,
        absent: Absent::Optional,
        doc: "Where people find this exporter's page: an absolute URL, with the path of a proxy before it where there is one. \
              Notifications, rules and boards link to it; without it they have no such links.",
        shown: &[("alerting", "https://exporter.example.com")],
    },
    Key {
        name: "grafana_url",
        kind: Kind::Url,
        absent: Absent::Optional,
        doc: "Where people find the Grafana that has the dashboards, an absolute URL: it begins the link `dashboard_url` of \
              every alert.",
        shown: &[("alerting", "https://grafana.example.com")],
    },
    Key {
        name: "runbook_url",
        kind: Kind::Url,
        absent: Absent::Otherwise(
            "the runbooks that this exporter serves, `{external_url}/runbooks`",
        ),
        doc: "Where people read your copy of the folder `alerts/runbooks`, an absolute URL: it begins the link `runbook_url` of \
              every alert. By default alerts lead to the runbooks that this exporter serves, `{external_url}/runbooks`.",
        shown: &[("alerting", "https://wiki.example.com/runbooks")],
    },
    Key {
        name: "alertmanagers",
        kind: Kind::Sections(Keys::Known(&[
            Group::own(&[ALERTMANAGER_URL]),
            CLIENT,
            TRANSPORT,
            TIMEOUT,
        ])),
        absent: Absent::Optional,
        doc: "Every one of them, and no balancer before them: they agree among themselves on who notifies. In metrics, logs \
              and `test-alert` each is known by host, port and path. Each may have the client keys of a cluster, and so may \
              every receiver.",
        shown: &[],
    },
    Key {
        name: "receivers",
        kind: Kind::Sections(Keys::Known(&[Group::own(RECEIVER)])),
        absent: Absent::Optional,
        doc: "For those without an Alertmanager: each hears once that an alert fires and once that it ended, and nothing of \
              alerts with the severity `none`. `cluster-link-exporter test-alert NAME` sends a test.",
        shown: &[],
    },
    Key {
        name: "mute",
        kind: Kind::Sections(Keys::Known(&[Group::own(MUTE)])),
        absent: Absent::Optional,
        doc: "Maintenance: `receivers` do not hear that an alert fires while a window here covers it; what still fires when \
              the window is over they are told then. Alertmanagers, the page and the metrics know of it all the time and say \
              that it is muted. What receivers know to fire and is resolved meanwhile they are told at once.",
        shown: &[],
    },
    Key {
        name: "rules",
        kind: Kind::Section(Keys::Named(
            || rules().map(|rule| rule.name).collect(),
            &[Group::own(RULE)],
        )),
        absent: Absent::Optional,
        doc: "What alert rules have otherwise than docs/reference/alerts.md says. `cluster-link-exporter rules --config.file \
              FILE` writes them into the rule file of Prometheus.",
        shown: &[],
    },
])];

const ALERTMANAGER_URL: Key = Key {
    name: "url",
    kind: Kind::Url,
    absent: Absent::Required,
    doc: "Scheme, host and port of one Alertmanager, and its path where it has one.",
    shown: &[
        ("alerting.alertmanagers[0]", "http://alertmanager-0:9093"),
        (
            "alerting.alertmanagers[1]",
            "https://alertmanager-1.example.com/prefix",
        ),
    ],
};

const TIMEOUT: Group = Group::own(&[Key {
    name: "timeout",
    kind: DURATION,
    absent: Absent::Default("10s"),
    doc: "The deadline of one attempt; what failed is tried again after 1s and later, and after 1m at the most, also where \
              the receiver asks for more by `Retry-After`.",
    shown: &[("alerting.alertmanagers[0]", "#10s")],
}]);

const KINDS: &[&str] = &["webhook", "pagerduty", "slack", "teams"];

const RECEIVER: &[Key] = &[
    Key {
        name: "name",
        kind: Kind::Text,
        absent: Absent::Required,
        doc: "A name of its own for each.",
        shown: &[
            ("alerting.receivers[0]", "ops-webhook"),
            ("alerting.receivers[1]", "ops-pager"),
            ("alerting.receivers[2]", "ops-slack"),
            ("alerting.receivers[3]", "ops-teams"),
        ],
    },
    Key {
        name: "webhook",
        kind: Kind::Section(Keys::Known(&[
            Group::own(&URL_KEYS),
            CLIENT,
            TRANSPORT,
            TIMEOUT,
        ])),
        absent: Absent::OneOf(KINDS),
        doc: "The JSON of Alertmanager's webhook, version 4, one message a link.",
        shown: &[],
    },
    Key {
        name: "pagerduty",
        kind: Kind::Section(Keys::Known(&[
            Group::own(&ROUTING_KEYS),
            Group::own(&[PAGERDUTY_URL]),
            CLIENT,
            TRANSPORT,
            TIMEOUT,
        ])),
        absent: Absent::OneOf(KINDS),
        doc: "Events API v2.",
        shown: &[],
    },
    Key {
        name: "slack",
        kind: Kind::Section(Keys::Known(&[
            Group::own(&SLACK_KEYS),
            Group::own(&[CHANNEL]),
            CLIENT,
            TRANSPORT,
            TIMEOUT,
        ])),
        absent: Absent::OneOf(KINDS),
        doc: "An incoming webhook of Slack, one message for each alert that fires and one for each that ended.",
        shown: &[],
    },
    Key {
        name: "teams",
        kind: Kind::Section(Keys::Known(&[
            Group::own(&TEAMS_KEYS),
            CLIENT,
            TRANSPORT,
            TIMEOUT,
        ])),
        absent: Absent::OneOf(KINDS),
        doc: "A workflow of Microsoft Teams that posts what its webhook receives, one adaptive card for each alert that fires \
              and one for each that ended.",
        shown: &[],
    },
];

const SLACK_KEYS: [Key; 3] = secret(
    &URL,
    "The URL of the webhook. It is never shown.",
    [
        &[],
        &[("alerting.receivers[2].slack", "/run/secrets/slack.url")],
    ],
);

const CHANNEL: Key = Key {
    name: "channel",
    kind: Kind::Text,
    absent: Absent::Optional,
    doc: "Another channel than the webhook's own. Webhooks of Slack apps post to their own whatever is written here.",
    shown: &[("alerting.receivers[2].slack", r##""#cluster-links""##)],
};

const TEAMS_KEYS: [Key; 3] = secret(
    &URL,
    "The URL of the workflow's webhook. It is never shown.",
    [
        &[],
        &[("alerting.receivers[3].teams", "/run/secrets/teams.url")],
    ],
);

const URL_KEYS: [Key; 3] = secret(
    &URL,
    "Where messages are posted to. It is never shown.",
    [
        &[],
        &[("alerting.receivers[0].webhook", "/run/secrets/hook.url")],
    ],
);

const ROUTING_KEYS: [Key; 3] = secret(
    &ROUTING_KEY,
    "The integration key of a service.",
    [
        &[],
        &[(
            "alerting.receivers[1].pagerduty",
            "/run/secrets/pagerduty.key",
        )],
    ],
);

const PAGERDUTY_URL: Key = Key {
    name: "url",
    kind: Kind::Url,
    absent: Absent::Default("https://events.pagerduty.com"),
    doc: "Another endpoint, such as `https://events.eu.pagerduty.com`.",
    shown: &[(
        "alerting.receivers[1].pagerduty",
        "#https://events.pagerduty.com",
    )],
};

const MUTE: &[Key] = &[
    Key {
        name: "clusters",
        kind: Kind::Patterns,
        absent: Absent::Default(EVERYTHING),
        doc: "Only alerts about clusters whose `name` one of these matches. An alert about no cluster has an empty one.",
        shown: &[("alerting.mute[0]", r#"["prod-.*"]"#)],
    },
    Key {
        name: "links",
        kind: Kind::Patterns,
        absent: Absent::Default(EVERYTHING),
        doc: "Only alerts about links whose name one of these matches. An alert about a whole cluster has an empty one.",
        shown: &[("alerting.mute[0]", EVERYTHING)],
    },
    Key {
        name: "alerts",
        kind: Kind::Patterns,
        absent: Absent::Default(EVERYTHING),
        doc: "Only alerts whose name one of these matches.",
        shown: &[("alerting.mute[0]", EVERYTHING)],
    },
    Key {
        name: "from",
        kind: Kind::Text,
        absent: Absent::Otherwise("at once"),
        doc: "When it begins: a time as RFC 3339 has it.",
        shown: &[("alerting.mute[0]", "2031-12-01T20:00:00Z")],
    },
    Key {
        name: "until",
        kind: Kind::Text,
        absent: Absent::Required,
        doc: "When it ends. A window that is over is warned of and mutes nothing.",
        shown: &[("alerting.mute[0]", "2031-12-01T22:00:00Z")],
    },
    Key {
        name: "comment",
        kind: Kind::Text,
        absent: Absent::Required,
        doc: "Why, for those who read the page or an alert.",
        shown: &[("alerting.mute[0]", "failover test")],
    },
];

const EVERYTHING: &str = r#"[".*"]"#;

const RULE: &[Key] = &[
    Key {
        name: "for",
        kind: DURATION_OR_ZERO,
        absent: Absent::Otherwise("as the rule has it"),
        doc: "How long its condition holds before it fires; `0s` fires at once.",
        shown: &[("alerting.rules.ClusterLinkTaskInError", "2m")],
    },
    Key {
        name: "keep_firing_for",
        kind: DURATION_OR_ZERO,
        absent: Absent::Otherwise("as the rule has it"),
        doc: "How long it fires on after its condition has ended.",
        shown: &[("alerting.rules.ClusterLinkTaskInError", "10m")],
    },
    Key {
        name: "severity",
        kind: Kind::Word(|| Severity::ALL.iter().map(|it| it.label()).collect()),
        absent: Absent::Otherwise("as the rule has it"),
        doc: "`critical`, `warning`, `info` or `none`.",
        shown: &[("alerting.rules.ClusterLinkTaskInError", "warning")],
    },
    Key {
        name: "disabled",
        kind: Kind::Flag,
        absent: Absent::Default("false"),
        doc: "Neither evaluated nor written into the rule file.",
        shown: &[("alerting.rules.ClusterLinkPaused", "true")],
    },
];

const DURATION_OR_ZERO: Kind = Kind::Duration { least: "0s" };
