//! Keys in messages: which may be shown, and which was probably meant.

/// The key, or `…` where it may be a secret that lost its key: `{ password:s3cret }` is YAML's for the key
/// `password:s3cret` without a value, and generated secrets are long or hold digits.
pub(crate) fn shown(key: &str, has_value: bool) -> &str {
    let word = key
        .chars()
        .all(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '-' | '.'));
    // The one key of ours with a digit in it.
    let word = word || key == "oauth2";
    if word && has_value && !key.is_empty() && key.len() <= 32 {
        key
    } else {
        "…"
    }
}

/// The path of `key` under `parent`, which is empty at the root.
pub(crate) fn join(parent: &str, key: &str) -> String {
    if parent.is_empty() {
        key.to_owned()
    } else {
        format!("{parent}.{key}")
    }
}

/// More known keys than these are no help in a message.
const MOST_SHOWN: usize = 25;

/// What to write instead of an unknown key.
pub(crate) fn correction(unknown: &str, known: &[&str]) -> String {
    if let Some(key) = without_space(unknown, known) {
        return format!("write a space after `{key}:`");
    }
    match closest(unknown, known) {
        Some(key) => format!("did you mean `{key}`?"),
        None if known.len() > MOST_SHOWN => format!(
            "write one of {} keys, such as `{}`, which the pages of docs/reference list, or remove it",
            known.len(),
            known[..3].join("`, `")
        ),
        None => format!("write one of `{}`, or remove it", known.join("`, `")),
    }
}

fn without_space<'a>(unknown: &str, known: &[&'a str]) -> Option<&'a str> {
    let (key, _) = unknown.split_once(':')?;
    known.iter().copied().find(|known| *known == key)
}

/// The known word that a typing error of one or two letters turns into `unknown`.
pub(crate) fn closest<'a>(unknown: &str, known: &[&'a str]) -> Option<&'a str> {
    // Comparing costs the product of the lengths, and no known word is as long.
    if unknown.len() > 64 {
        return None;
    }
    let letters = |word: &str| word.to_ascii_lowercase().replace('-', "_");
    let distance = |known: &str| strsim::damerau_levenshtein(&letters(unknown), &letters(known));
    known
        .iter()
        .copied()
        .map(|known| (distance(known), known))
        .filter(|(distance, known)| *distance <= 2 && distance * 2 < known.len())
        .min()
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_reads_like_a_key_is_shown() {
        let long = "a".repeat(33);
        let keys = [
            ("passwrd", true),
            ("Poll-Interval", true),
            ("oauth2", true),
            ("passwrd", false),
            ("password:s3cret", true),
            ("ABCDEF0123456789", true),
            ("", true),
            (&long, true),
        ];
        assert_eq!(
            keys.map(|(key, has_value)| shown(key, has_value)),
            [
                "passwrd",
                "Poll-Interval",
                "oauth2",
                "…",
                "…",
                "…",
                "…",
                "…"
            ]
        );
    }

    #[test]
    fn the_key_that_was_probably_meant_is_named() {
        let known = ["name", "username", "password", "password_file"];
        let corrections =
            ["passwrd", "Password-File", "password:s3cret", "zone"].map(|k| correction(k, &known));
        assert_eq!(
            corrections,
            [
                "did you mean `password`?",
                "did you mean `password_file`?",
                "write a space after `password:`",
                "write one of `name`, `username`, `password`, `password_file`, or remove it",
            ]
        );
        let many = vec!["name"; MOST_SHOWN + 1];
        assert_eq!(
            correction("zone", &many),
            "write one of 26 keys, such as `name`, `name`, `name`, which the pages of docs/reference list, or remove it"
        );
    }
}
