//! Rules about the exporter's own processes, and the proof that alerting works.

use crate::alert::{
    Condition::{Always, Discovery},
    expression::{by, rising},
    rule::{Rule, Severity, Subject, minutes},
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "ClusterLinkExporterDown",
        expression: || "max by (job@&) (up{job@}) == 0".to_owned(),
        hold_duration: minutes(5),
        keep_firing_for: minutes(0),
        severity: Severity::Critical,
        subject: Subject::Job,
        summary: "No exporter of job `{{ $labels.job }}` can be scraped.",
        meaning: "We are blind about every cluster that this job watches; alerts that fire stay for an hour.",
        condition: None,
    },
    Rule {
        name: "ClusterLinkExporterAbsent",
        expression: || "absent(up{job@})".to_owned(),
        hold_duration: minutes(10),
        keep_firing_for: minutes(0),
        severity: Severity::Critical,
        subject: Subject::Job,
        summary: "Prometheus has no target of the exporter.",
        meaning: "The exporter is gone from the targets of Prometheus: we are blind about every cluster it watches. Where its job has another name, write the rules with `cluster-link-exporter rules --selector`.",
        condition: None,
    },
    Rule {
        name: "ClusterLinkExporterReplicaDown",
        expression: || {
            "max by (job, instance@&) (up{job@}) == 0\nand on (job@&) max by (job@&) (up{job@}) == 1".to_owned()
        },
        hold_duration: minutes(15),
        keep_firing_for: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Job,
        summary: "Replica `{{ $labels.instance }}` of the exporter cannot be scraped.",
        meaning: "Another replica still sees everything; when it goes too, we are blind.",
        condition: None,
    },
    Rule {
        name: "ClusterLinkExporterConfigReloadFailed",
        expression: || {
            "min by (job@&) (clusterlink_exporter_config_last_reload_successful{@}) == 0".to_owned()
        },
        hold_duration: minutes(10),
        keep_firing_for: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Job,
        summary: "The exporter of job `{{ $labels.job }}` runs with an old configuration.",
        meaning: "The last reload failed and the configuration before it is still in use; a restart would not start. The log names every problem, and so does `cluster-link-exporter check-config`.",
        condition: None,
    },
    Rule {
        name: "ClusterLinkDiscoveryFailing",
        expression: || {
            format!(
                "{} == 0",
                by("discovery@&", "clusterlink_discovery_success{@}")
            )
        },
        hold_duration: minutes(30),
        keep_firing_for: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Discovery,
        summary: "The list of clusters at `{{ $labels.discovery }}` cannot be read.",
        meaning: "The clusters of the last good list are polled as before. A cluster that is new since then is watched by nobody, and one that is gone is polled on.",
        condition: Some(Discovery(|discovery| !discovery.succeeded())),
    },
    Rule {
        name: "ClusterLinkNotificationsFailing",
        expression: || {
            // Counters are created with the receiver, so that the first failure is an increase already.
            let rate = |outcomes: &str| {
                let rate = rising(&format!("clusterlink_notifications_total{{{outcomes}@}}"));
                format!("sum by (job, receiver@&) ({rate})")
            };
            format!(
                "{}\n/ {}\n> 0.01",
                rate(r#"outcome!="delivered""#),
                rate("")
            )
        },
        hold_duration: minutes(5),
        keep_firing_for: minutes(0),
        severity: Severity::Critical,
        subject: Subject::Job,
        summary: "The exporter of job `{{ $labels.job }}` cannot tell receiver `{{ $labels.receiver }}` of alerts.",
        meaning: "More than 1 % of the notifications to this receiver fail: an alert that only the exporter sends may reach nobody. Its page and its log say why, and so does `cluster-link-exporter test-alert`.",
        condition: None,
    },
    Rule {
        name: "ClusterLinkExporterRestarting",
        expression: || {
            "max by (job@&) (changes(process_start_time_seconds{job@}[30m30s])) > 3".to_owned()
        },
        hold_duration: minutes(1),
        keep_firing_for: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Job,
        summary: "The exporter of job `{{ $labels.job }}` keeps restarting.",
        meaning: "It started more than 3 times in 30 minutes; between two starts we are blind. Look at its last lines of log and at its limit of memory.",
        condition: None,
    },
    Rule {
        name: "ClusterLinkWatchdog",
        expression: || "vector(1)".to_owned(),
        hold_duration: minutes(0),
        keep_firing_for: minutes(0),
        severity: Severity::None,
        subject: Subject::Everything,
        summary: "Alerting works.",
        meaning: "This alert always fires: route it to something that calls when it stops.",
        condition: Some(Always),
    },
];
