//! What makes two notifications speak of one alert.

use std::{collections::BTreeMap, fmt};

use aws_lc_rs::digest::{Context, SHA256};

/// Cannot occur in UTF-8, so no two sets of labels look alike when they are strung together.
const SEPARATOR: u8 = 0xff;

/// Labels that say how an alert is treated, not which it is: an override or a new version may change them while it fires.
const TREATMENT: [&str; 3] = ["severity", "component", "scope"];

/// An alert's identity for one kind of receiver: 64 hexadecimal digits, the same after every restart. It keeps to the 255
/// characters of PagerDuty's `dedup_key`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

impl Key {
    /// Of all labels: what Alertmanager goes by.
    pub(super) fn of_labels(labels: &BTreeMap<String, String>) -> Self {
        Self::of(labels.iter())
    }

    /// Of what the alert is about: its name, its subject and the external labels. Texts, states and codes are not even
    /// labels, so a resolve meets its trigger whatever happened in between.
    pub(super) fn of_subject(labels: &BTreeMap<String, String>) -> Self {
        let is_subject = |(name, _): &(&String, &String)| !TREATMENT.contains(&name.as_str());
        Self::of(labels.iter().filter(is_subject))
    }

    fn of<'a>(labels: impl Iterator<Item = (&'a String, &'a String)>) -> Self {
        let mut hash = Context::new(&SHA256);
        for text in labels.flat_map(|(name, value)| [name, value]) {
            hash.update(text.as_bytes());
            hash.update(&[SEPARATOR]);
        }
        let digest = hash.finish();
        let digits = digest.as_ref().iter().map(|byte| format!("{byte:02x}"));
        Self(digits.collect())
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// As it was written down by [`Key::as_str`].
impl From<String> for Key {
    fn from(digits: String) -> Self {
        Self(digits)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        pairs.collect()
    }

    #[test]
    fn an_alert_keeps_its_key_for_ever() {
        let labels = labels(&[("alertname", "ClusterLinkFailed"), ("link_name", "orders")]);
        // printf 'alertname\377ClusterLinkFailed\377link_name\377orders\377' | sha256sum
        let digits = "51296073533d9be3dec1b715087df1d6df9742c895577e2c042a1204a2f8a594";
        assert_eq!(Key::of_subject(&labels).as_str(), digits);
        assert_eq!(Key::of_labels(&labels).as_str(), digits);
    }

    #[test]
    fn how_an_alert_is_treated_is_no_part_of_what_it_is_about() {
        let alert = |severity, env| {
            labels(&[
                ("alertname", "A"),
                ("severity", severity),
                ("component", "c"),
                ("scope", "s"),
                ("env", env),
            ])
        };
        let (critical, warning, test) = (
            alert("critical", "prod"),
            alert("warning", "prod"),
            alert("critical", "test"),
        );
        assert_eq!(Key::of_subject(&critical), Key::of_subject(&warning));
        assert_ne!(Key::of_labels(&critical), Key::of_labels(&warning));
        assert_ne!(Key::of_subject(&critical), Key::of_subject(&test));
    }

    #[test]
    fn names_and_values_do_not_run_into_one_another() {
        let keys = [[("a", "bc")], [("ab", "c")], [("abc", "")]]
            .map(|pair| Key::of_labels(&labels(&pair)));
        assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2]);
    }
}
