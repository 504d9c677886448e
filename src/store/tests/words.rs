//! Which words of the API are counted, told and given a label of their own.

use super::*;

fn with_code(code: &str) -> Link {
    let error = ReportedError {
        error_code: ErrorCode::from(code),
        error_message: "words".into(),
    };
    Link {
        link_error: Some(error),
        ..link("a", "ACTIVE", &[("AclSync", "DREAMING")])
    }
}

#[test]
fn unheard_of_words_are_counted_at_every_sight_and_told_once() {
    let store = store();
    let unrecognized = |events: Vec<Event>| {
        let raw = |event| match event {
            Event::Unrecognized { field, raw, .. } => Some(format!("{} {raw}", field.label())),
            _ => None,
        };
        events.into_iter().filter_map(raw).collect::<Vec<_>>()
    };
    let first = store.good(10, &[with_code("NEVER_HEARD_OF")]);
    let second = store.good(40, &[with_code("NEVER_HEARD_OF")]);
    assert_eq!(
        unrecognized(first),
        ["task_state DREAMING", "error_code NEVER_HEARD_OF"]
    );
    assert_eq!(unrecognized(second), Vec::<String>::new());
    assert_eq!(
        store.snapshot().clusters[0].polls.unrecognized,
        [0, 2, 0, 2, 0]
    );
}

#[test]
fn only_so_many_invented_codes_get_a_label_of_their_own() {
    let store = store();
    for number in 0..100 {
        store.good(number, &[with_code(&format!("INVENTED_{number}"))]);
    }
    store.good(100, &[with_code("not a code")]);
    store.good(130, &[with_code("AUTHENTICATION_ERROR")]);
    let snapshot = store.snapshot();
    assert_eq!(snapshot.vocabulary.codes.len(), Vocabulary::MAX_CODES);
    assert_eq!(snapshot.clusters[0].polls.unrecognized[3], 101);
}
