//! The tables of the words in which links are judged. Label values, the reference and `dr-check` are written from them.

/// One row of a table.
#[derive(Debug, PartialEq, Eq)]
pub struct TableWord {
    /// The value of the label.
    pub name: &'static str,
    /// What it says, in one line without a full stop.
    pub meaning: &'static str,
    /// What that rests on: Confluent's documentation, the configuration, or why it matters.
    pub because: &'static str,
    /// What to do about it, in one line without a full stop.
    pub remedy: &'static str,
}

/// A closed set of words with a table.
macro_rules! words {
    (
        $(#[$doc:meta])*
        $name:ident {
            $($variant:ident $text:literal $meaning:literal because $because:literal remedy $remedy:literal;)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $(#[doc = $meaning] $variant,)*
        }

        impl $name {
            /// All of them, in the order of the contract.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Their rows, in the same order.
            pub const TABLE: &[TableWord] = &[$(TableWord {
                name: $text,
                meaning: $meaning,
                because: $because,
                remedy: $remedy,
            },)*];

            /// Its row.
            pub fn row(self) -> &'static TableWord {
                &Self::TABLE[self as usize]
            }

            /// The value of the label.
            pub fn label(self) -> &'static str {
                self.row().name
            }
        }
    };
}

words! {
    /// What the audit of a link's settings can find; label `finding`. What it rests on is documented by Confluent, except
    /// where it says that it is our reading.
    Finding {
        AclSyncWithoutFilters "acl_sync_without_filters"
            "ACL sync is switched on and `acl.filters` is empty"
            because "switching a feature off clears its filters, so one that was off and on again runs with none; without \
                filters the task fails with MISCONFIGURATION_ERROR while the link stays ACTIVE"
            remedy "set `acl.filters`, or set `acl.sync.enable` to false";
        OffsetSyncWithoutFilters "offset_sync_without_filters"
            "consumer offset sync is switched on and `consumer.offset.group.filters` is empty"
            because "switching a feature off clears its filters; without filters the offsets of no group are copied \
                (our reading)"
            remedy "set `consumer.offset.group.filters`, or set `consumer.offset.sync.enable` to false";
        AutoCreateWithoutFilters "auto_create_without_filters"
            "mirror topics are created by themselves and `auto.create.mirror.topics.filters` is empty"
            because "switching the feature off clears its filters; without filters the task fails with \
                MISCONFIGURATION_ERROR while the link stays ACTIVE"
            remedy "set `auto.create.mirror.topics.filters`, or set `auto.create.mirror.topics.enable` to false";
        TaskEnabledNotRunning "task_enabled_not_running"
            "a feature is switched on and its task is NOT_CONFIGURED"
            because "NOT_CONFIGURED is the state of a task whose feature is switched off"
            remedy "write the setting once more; if the task stays as it is, look into the broker logs, or ask Confluent \
                support on Confluent Cloud";
        TaskRunningNotEnabled "task_running_not_enabled"
            "a feature is switched off and its task runs"
            because "NOT_CONFIGURED is the state of a task whose feature is switched off"
            remedy "set the switch to what is wanted; a setting that was changed a moment ago takes effect soon";
        GroupPrefixOnBidirectional "group_prefix_on_bidirectional"
            "`consumer.group.prefix.enable` is true on a bidirectional link"
            because "consumer groups cannot have a prefix on a bidirectional link: the configuration is invalid"
            remedy "set `consumer.group.prefix.enable` to false";
        GroupPrefixWithoutPrefix "group_prefix_without_prefix"
            "`consumer.group.prefix.enable` is true and the link has no `cluster.link.prefix`"
            because "the prefix of consumer groups is `cluster.link.prefix`: without one there is nothing to put before \
                their names"
            remedy "give the link a `cluster.link.prefix`, or set `consumer.group.prefix.enable` to false";
        AclSyncIntervalTooShort "acl_sync_interval_too_short"
            "`acl.sync.ms` is less than 1000"
            because "1000 is the least value of `acl.sync.ms`"
            remedy "set `acl.sync.ms` to 1000 or more; 5000 is its default";
        InboundWithoutOutbound "inbound_without_outbound"
            "the link waits for connections (`connection.mode` INBOUND), and the other cluster has no link of its name that \
                opens them; judged where that cluster is polled too"
            because "a link that is INBOUND on one cluster needs a link of the same name that is OUTBOUND on the other"
            remedy "create the link of this name with `connection.mode` OUTBOUND on the other cluster";
        PairSettingsDiffer "pair_settings_differ"
            "the halves of a bidirectional link differ in a setting in which they should agree; found on both"
            because "a bidirectional link is two links of one name, each with settings of its own, and offset sync reads \
                those of the other half (our reading)"
            remedy "give both halves the same value";
    }
}

words! {
    /// What must hold between the halves of a bidirectional link; label `check`.
    Check {
        RemoteLinkExists "remote_link_exists"
            "the other cluster has a link of the same name that leads back here, and neither half reports \
                REMOTE_LINK_NOT_FOUND_ERROR"
            because "a bidirectional link is two links of one name, one on each cluster"
            remedy "create the other half under exactly the same link name on the remote cluster, or delete this half";
        StatesAgree "states_agree"
            "both halves report the same `link_state`"
            because "one half that is paused, failed or cut off carries nothing while the other looks well"
            remedy "resume, mend or replace the half that is not ACTIVE";
        ConnectionModes "connection_modes"
            "at least one half opens the connections: OUTBOUND with OUTBOUND or with INBOUND, never INBOUND with INBOUND"
            because "a half that is INBOUND waits for the other one to connect"
            remedy "create one half anew with `connection.mode` OUTBOUND";
        TasksAgree "tasks_agree"
            "ConsumerOffsetSync is switched on in both halves, or off in both"
            because "consumers that move to the other cluster and back need their offsets on both"
            remedy "switch `consumer.offset.sync.enable` on in both halves, with the same filters, or off in both";
    }
}

words! {
    /// What `expect` can expect; label `expectation`.
    Expectation {
        Exists "exists"
            "each pattern of `links` matches a link"
            because "`clusters[].expect[].links`"
            remedy "create the link, or correct the pattern";
        State "state"
            "the link is in the state that is expected"
            because "`clusters[].expect[].state`"
            remedy "read the link's error with `tasks`, and what it means with `explain CODE`";
        TaskState "task_state"
            "the task is in one of the states that are expected"
            because "`clusters[].expect[].tasks`"
            remedy "read the task's errors with `tasks`, and what they mean with `explain CODE`";
        Rpo "rpo"
            "no mirror topic of the link lags longer than is allowed"
            because "`clusters[].expect[].rpo`"
            remedy "look for what slows the mirror topics: the network, a quota, or more traffic than the link can carry";
    }
}

words! {
    /// What is against a failover; label `reason`.
    Blocker {
        LinkFailed "link_failed"
            "the link has failed, or the server does not know its state"
            because "what the source was given since then was not mirrored"
            remedy "read the link's error with `tasks`, and what it means with `explain CODE`; mend or replace the link";
        LinkPaused "link_paused"
            "an operator paused the link"
            because "nothing is mirrored over a paused link, and what is missing grows"
            remedy "set `cluster.link.paused` to false, and wait until the mirror topics caught up";
        OffsetSync "offset_sync"
            "ConsumerOffsetSync is in error, wanted and not at work, or switched on for no group"
            because "consumers would start at wrong offsets"
            remedy "read the task's errors with `tasks`, and what they mean with `explain CODE`; where it is switched off or has \
                no filters, set `consumer.offset.sync.enable` to true and `consumer.offset.group.filters`";
        TaskExpectation "task_expectation"
            "another task is in a state that `expect` does not allow"
            because "the configuration says that the task must work"
            remedy "read the task's errors with `tasks`, and what they mean with `explain CODE`";
        MirrorsFailed "mirrors_failed"
            "mirror topics have failed"
            because "a failed mirror topic no longer follows its source, and what it lacks would be lost"
            remedy "look at their `mirror_topic_error` with `confluent kafka mirror list --link <link>`; fail over what \
                should keep what it has, delete and mirror anew what should follow its source again (our reading)";
        MirrorsSourceUnavailable "mirrors_source_unavailable"
            "sources of mirror topics are unavailable though the link is not"
            because "the source cluster answers, so the topics are gone or the link may not read them"
            remedy "see that the source topics exist and that the link's principal may read them";
        MirrorsPending "mirrors_pending"
            "a promote, failover or restore of mirror topics is not finished"
            because "while it is under way nobody can say where it ends"
            remedy "wait until it is finished; if it lasts, ask why with `confluent kafka mirror describe <topic> --link <link>`";
        MirrorsStalled "mirrors_stalled"
            "mirror topics lag and have fetched nothing for a quarter of an hour"
            because "they do not catch up, and what they lack would be lost"
            remedy "look for errors of the link and its tasks, then at the source brokers and the link's quota";
        LagAboveRpo "lag_above_rpo"
            "the mirror topics lag longer than the `rpo` of `expect` allows"
            because "a failover now would lose more than the configuration allows"
            remedy "wait until the mirror topics caught up; stop the producers where the failover is planned";
        PairBroken "pair_broken"
            "the halves of the bidirectional link do not fit together"
            because "there is no way back without the other half, and what it takes offsets from is not there"
            remedy "see `clusterlink_pair_consistent` for the check that does not hold, and mend that";
        DataStale "data_stale"
            "the last poll did not read this link"
            because "what is known may no longer be true"
            remedy "mend what the failed poll says, then ask again";
    }
}

words! {
    /// What is not known and would have to be, before one relies on a failover.
    Gap {
        State "link_state"
            "the server sends no state of the link"
            because "servers of 2022 know none"
            remedy "ask Kafka's own tools, such as `kafka-cluster-links --list`";
        Tasks "tasks"
            "the server names no task of the link"
            because "it knows none, or the link could not be described"
            remedy "ask the server why with `tasks`; servers of 2022 know no tasks";
        Settings "settings"
            "the link's settings are not known, so nobody can say whether offsets are copied for any group"
            because "they could not be read, or the answer lacks them"
            remedy "let the exporter's credentials DESCRIBE_CONFIGS the cluster, or set `collect.configs` to false";
        Mirrors "mirrors"
            "the mirror topics were not read, or the status of some is not known"
            because "they were not asked for, the answer was an error, or it does not say the status of each"
            remedy "set `collect.mirrors` to `summary`, and let the exporter's credentials DESCRIBE the mirror topics";
        Stalled "mirrors_stalled"
            "mirror topics lag, and nobody has watched for long enough to say whether they fetch"
            because "one answer tells where they stand, only a second one whether they move"
            remedy "watch them for longer: `--wait`, or the running exporter's page; with `global.state_file` a restart forgets \
                nothing";
        Lag "lag"
            "the lag is not known, or only a lower bound of it that is within the `rpo`"
            because "the server does not send the lag of each partition, or a mirror topic lagged already when it was first \
                seen, and has not caught up with that since"
            remedy "watch it for longer: `--wait` with a duration above the `rpo`, or the running exporter's page";
        Pair "pair"
            "the other half of the bidirectional link is not known well enough to say whether the two fit together"
            because "the other cluster cannot be read, or its answer does not say"
            remedy "see that the exporter can poll the other cluster, and what its page says of the other half";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_where_its_word_is_and_its_texts_are_single_lines_without_a_full_stop() {
        fn check<K: Copy>(all: &[K], table: &[TableWord], row: fn(K) -> &'static TableWord) {
            assert_eq!(all.len(), table.len());
            for (word, expected) in all.iter().zip(table) {
                let TableWord {
                    name,
                    meaning,
                    because,
                    remedy,
                } = row(*word);
                assert_eq!(*name, expected.name);
                for text in [meaning, because, remedy] {
                    let is_line = !text.is_empty() && !text.contains(['\n', '|']);
                    assert!(
                        is_line && !text.contains("  ") && !text.ends_with('.'),
                        "{name}: {text}"
                    );
                }
            }
        }
        check(Finding::ALL, Finding::TABLE, Finding::row);
        check(Check::ALL, Check::TABLE, Check::row);
        check(Expectation::ALL, Expectation::TABLE, Expectation::row);
        check(Blocker::ALL, Blocker::TABLE, Blocker::row);
        check(Gap::ALL, Gap::TABLE, Gap::row);
    }
}
