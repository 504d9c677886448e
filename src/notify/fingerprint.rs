//! How Alertmanager names a set of labels, for consumers of its webhook that go by it.

use std::{collections::BTreeMap, fmt::Write as _};

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;
/// Cannot occur in UTF-8.
const SEPARATOR: u8 = 0xff;

/// Alertmanager's fingerprint of these labels: FNV-1a of 64 bits over names and values in order, in 16 hexadecimal digits.
pub(super) fn fingerprint(labels: &BTreeMap<String, String>) -> String {
    let texts = labels.iter().flat_map(|(name, value)| [name, value]);
    let bytes = texts.flat_map(|text| text.bytes().chain([SEPARATOR]));
    let hash = bytes.fold(OFFSET, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    });
    format!("{hash:016x}")
}

/// The labels as Alertmanager writes them into a `groupKey`: `{cluster_id="lkc-1", link_name="orders"}`.
pub(super) fn label_set<'a>(labels: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let pairs = labels.map(|(name, value)| format!("{name}={}", quoted(value)));
    format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
}

/// Like Go's `%q`, as far as names go.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_ascii_control() => {
                let _ = write!(quoted, "\\x{:02x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `tests/it/notify/alertmanager.rs` asks a real Alertmanager for more of them.
    #[test]
    fn a_fingerprint_is_fnv_1a_over_labels_and_separators() {
        let labels = BTreeMap::from([("alertname".to_owned(), "A".to_owned())]);
        // printf 'alertname\377A\377' through any FNV-1a of 64 bits.
        assert_eq!(fingerprint(&labels), "d2c6efc389df0927");
        assert_eq!(fingerprint(&BTreeMap::new()), "cbf29ce484222325");
    }

    #[test]
    fn a_label_set_is_quoted_like_in_go() {
        let pairs = [("cluster_id", "lkc-1"), ("link_name", "a \"b\"\\\n\u{1}ü")];
        assert_eq!(
            label_set(pairs.into_iter()),
            r#"{cluster_id="lkc-1", link_name="a \"b\"\\\n\x01ü"}"#
        );
        assert_eq!(label_set([].into_iter()), "{}");
    }
}
