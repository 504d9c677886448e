//! The keys of `global` and their built-in defaults.

use figment::value::{Dict, Value};

use super::keys::GLOBAL;
use crate::document::{Absent, Key, Kind};

/// All of them; a variable can override each.
pub(super) fn keys() -> impl Iterator<Item = &'static Key> {
    GLOBAL.iter().flat_map(|group| group.keys)
}

/// The lowest layer: what the table of keys says.
pub(super) fn defaults() -> Dict {
    let global = keys().filter_map(|key| {
        let Absent::Default(value) = key.absent else {
            return None;
        };
        let value = match key.kind {
            Kind::Duration { .. } => Value::from(value),
            Kind::Count(_) => Value::from(value.parse::<u64>().ok()?),
            _ => return None,
        };
        Some((key.name.to_owned(), value))
    });
    let global: Dict = global.collect();
    Dict::from([("global".into(), global.into())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Transitions;

    #[test]
    fn as_many_changes_are_kept_as_the_history_keeps_by_default() {
        let key = keys().find(|key| key.name == "transitions_kept").unwrap();
        let Absent::Default(default) = key.absent else {
            panic!("it has a default");
        };
        assert_eq!(default.parse(), Ok(Transitions::KEPT));
    }
}
