//! Which clusters one of several processes polls that share a configuration.
//!
//! The shard of a cluster is `jump(fnv1a(cluster_name), TOTAL)`: the 64-bit FNV-1a hash of the name's UTF-8 bytes, put
//! into one of TOTAL buckets by the jump consistent hash of Lamping and Veach (<https://arxiv.org/abs/1406.2294>), as
//! kube-state-metrics shards. It is a promise: another version, machine or order of the file has the same clusters in the
//! same shards, and one more shard takes clusters from the others and moves none between them.

use std::{fmt, str::FromStr};

use super::ClusterName;

/// One of several processes that share the clusters of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    total: u32,
}

/// Why a text names no shard; completes clap's "invalid value".
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShardError {
    /// Not two numbers.
    #[error("write the number of this shard, from 0, and how many there are, such as `0/3`")]
    Form,
    /// No shard at all.
    #[error(
        "there are no shards of 0; write how many there are, such as `0/3`, or leave the flag out"
    )]
    None,
    /// A number that is none of the shards.
    #[error("there is no shard {index} of {total}: write a number from 0 to {last}, such as `0/{total}`", last = .total - 1)]
    Beyond {
        /// What was written.
        index: u32,
        /// How many there are.
        total: u32,
    },
}

impl Shard {
    /// Which it is, from 0.
    pub fn index(self) -> u32 {
        self.index
    }

    /// How many there are.
    pub fn total(self) -> u32 {
        self.total
    }

    /// Whether the cluster of this name falls to it.
    pub fn has(self, cluster: &ClusterName) -> bool {
        jump(fnv1a(cluster.as_str().as_bytes()), self.total) == u64::from(self.index)
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let number = |text: &str| {
            let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|_| is_plain)
        };
        let parts = text.split_once('/');
        let numbers = parts.and_then(|(index, total)| Some((number(index)?, number(total)?)));
        match numbers.ok_or(ShardError::Form)? {
            (_, 0) => Err(ShardError::None),
            (index, total) if index >= total => Err(ShardError::Beyond { index, total }),
            (index, total) => Ok(Self { index, total }),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.total)
    }
}

fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The bucket of a key. In whole numbers: the same on every machine.
fn jump(mut key: u64, buckets: u32) -> u64 {
    let (mut bucket, mut next) = (0, 0);
    while next < u64::from(buckets) {
        bucket = next;
        key = key.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(1);
        // Below 2^63, as there are less than 2^32 buckets.
        next = ((bucket + 1) << 31) / ((key >> 33) + 1);
    }
    bucket
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shard_of(name: &str, total: u32) -> u32 {
        let name = ClusterName::from(name);
        let mut having = (0..total).filter(|index| {
            let shard = Shard {
                index: *index,
                total,
            };
            shard.has(&name)
        });
        let shard = having.next().expect("a cluster has a shard");
        assert_eq!(having.next(), None, "{name} is polled twice");
        shard
    }

    #[test]
    fn the_hashes_are_those_that_others_publish() {
        let hashes = ["", "a", "foobar"].map(|text| fnv1a(text.as_bytes()));
        let published = [
            0xcbf2_9ce4_8422_2325,
            0xaf63_dc4c_8601_ec8c,
            0x8594_4171_f739_67e8,
        ];
        assert_eq!(hashes, published);
        let buckets = [
            (1, 1),
            (42, 57),
            (0xDEAD_10CC, 1),
            (0xDEAD_10CC, 666),
            (256, 1024),
        ];
        assert_eq!(
            buckets.map(|(key, buckets)| jump(key, buckets)),
            [0, 43, 0, 361, 520]
        );
    }

    #[test]
    fn a_cluster_has_the_same_shard_for_ever() {
        let names = [
            "prod-dr",
            "prod-east",
            "prod-west",
            "staging",
            "lkc-ok51xj",
            "größe",
        ];
        let shards = |total| names.map(|name| shard_of(name, total));
        assert_eq!(shards(1), [0; 6]);
        assert_eq!(shards(2), [1, 0, 1, 0, 1, 0]);
        assert_eq!(shards(3), [2, 0, 1, 0, 1, 0]);
        assert_eq!(shards(16), [15, 5, 10, 12, 11, 0]);
    }

    #[test]
    fn shards_are_alike_and_one_more_moves_clusters_to_itself_alone() {
        let names: Vec<_> = (0..3000)
            .map(|number| format!("prod-{number:04}"))
            .collect();
        let shards = |total| -> Vec<_> { names.iter().map(|name| shard_of(name, total)).collect() };
        let (three, four) = (shards(3), shards(4));
        for shard in 0..3 {
            let count = three.iter().filter(|it| **it == shard).count();
            assert!((900..1100).contains(&count), "shard {shard} has {count}");
        }
        let moved = three
            .iter()
            .zip(&four)
            .filter(|(before, after)| before != after);
        assert!(moved.clone().all(|(_, after)| *after == 3));
        assert!((650..850).contains(&moved.count()));
    }

    #[test]
    fn what_names_no_shard_says_what_to_write() {
        for (text, error) in [
            ("", ShardError::Form),
            ("1", ShardError::Form),
            ("1/", ShardError::Form),
            ("/3", ShardError::Form),
            ("+1/3", ShardError::Form),
            ("-1/3", ShardError::Form),
            ("1/3/5", ShardError::Form),
            ("1 / 3", ShardError::Form),
            ("0/4294967296", ShardError::Form),
            ("0/0", ShardError::None),
            ("3/3", ShardError::Beyond { index: 3, total: 3 }),
            ("1/1", ShardError::Beyond { index: 1, total: 1 }),
        ] {
            assert_eq!(text.parse::<Shard>(), Err(error), "{text}");
        }
        let last: Shard = "4294967294/4294967295".parse().expect("it is the last");
        assert_eq!(last.to_string(), "4294967294/4294967295");
    }
}
