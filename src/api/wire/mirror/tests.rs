use serde_json::{Value, json};

use super::*;

fn read(data: &Value) -> Vec<(LinkName, MirrorTopic)> {
    let body = json!({ "data": data }).to_string();
    unique_topics(mirror_page(body.as_bytes(), None).unwrap().topics)
}

fn partition(partition: i32, lag: u64, fetched: Option<u64>) -> MirrorPartition {
    MirrorPartition {
        partition,
        lag,
        fetched,
    }
}

#[test]
fn a_topic_is_read_with_its_partitions_in_order_and_healthy_sentinels_are_no_error() {
    let topics = read(&json!([{
        "kind": "KafkaMirrorData", "link_name": "dr", "mirror_topic_name": "orders", "source_topic_name": "orders",
        "num_partitions": 3, "mirror_status": "ACTIVE", "mirror_topic_error": "NO_ERROR",
        "state_time_ms": 1_702_536_103_993_i64, "mirror_lags": [
            {"partition": 2, "lag": 7, "last_source_fetch_offset": 90},
            {"partition": 0, "lag": 0, "last_source_fetch_offset": -1},
            {"partition": 1, "lag": -1, "last_source_fetch_offset": 5},
            {"partition": 2, "lag": 9, "last_source_fetch_offset": 88},
            {"partition": 3, "lag": null}, {},
        ],
    }]));
    let expected = MirrorTopic {
        topic_name: "orders".into(),
        status: MirrorStatus::Active,
        error: None,
        status_since: Some("2023-12-14T06:41:43.993Z".parse().unwrap()),
        partitions: vec![partition(0, 0, None), partition(2, 9, Some(88))],
        is_lag_whole: false,
        is_counted: true,
    };
    assert_eq!(topics, [("dr".into(), expected)]);
}

#[test]
fn what_is_absent_or_null_is_not_known() {
    let topics = read(&json!([
        {"link_name": "dr", "mirror_topic_name": "a"},
        {"link_name": "dr", "mirror_topic_name": "b", "mirror_status": null, "mirror_topic_error": null,
         "state_time_ms": null, "mirror_lags": null, "mirror_state_transition_errors": null, "unheard_of": [1]},
        {"link_name": "", "mirror_topic_name": "nameless link"}, {"mirror_topic_name": "no link"},
        {"link_name": "dr"}, {},
    ]));
    let unknown = |name: &str| MirrorTopic {
        topic_name: name.into(),
        status: MirrorStatus::Unrecognized("".into()),
        error: None,
        status_since: None,
        partitions: Vec::new(),
        is_lag_whole: false,
        is_counted: false,
    };
    assert_eq!(
        topics,
        [("dr".into(), unknown("a")), ("dr".into(), unknown("b"))]
    );
}

#[test]
fn a_value_of_another_type_makes_only_itself_unknown() {
    let body = json!({"data": [
        7, null, "a",
        {"link_name": "dr", "mirror_topic_name": 7},
        {"link_name": 7, "mirror_topic_name": "a"},
        {"link_name": "dr", "mirror_topic_name": "a", "mirror_status": 7, "mirror_topic_error": ["X"],
         "state_time_ms": "now", "num_partitions": "2", "mirror_lags": [
            {"partition": 0, "lag": 3, "last_source_fetch_offset": 0.5}, {"partition": "1", "lag": 0},
            {"partition": 4_294_967_296_i64, "lag": 0}, {"partition": 3, "lag": u64::MAX}, 7, null,
         ]},
        {"link_name": "dr", "mirror_topic_name": "b", "mirror_status": "ACTIVE", "mirror_lags": "0"},
    ]});
    let page = mirror_page(body.to_string().as_bytes(), None).unwrap();
    assert_eq!((page.nameless, page.without_link), (vec!["dr".into()], 4));
    let topic = |name: &str, status, error, partitions, is_counted| MirrorTopic {
        topic_name: name.into(),
        status,
        error,
        status_since: None,
        partitions,
        is_lag_whole: false,
        is_counted,
    };
    let expected = [
        topic(
            "a",
            MirrorStatus::Unrecognized("7".into()),
            Some("[…]".into()),
            vec![partition(0, 3, None)],
            true,
        ),
        topic("b", MirrorStatus::Active, None, Vec::new(), false),
    ];
    assert_eq!(page.topics, expected.map(|topic| ("dr".into(), topic)));
}

#[test]
fn what_has_no_name_is_counted_and_the_path_names_the_link() {
    let body = json!({"data": [
        {"mirror_topic_name": "a"}, {"link_name": "", "mirror_topic_name": "b"}, {"link_name": "dr"}, {},
        {"link_name": "dr", "mirror_topic_name": "c"},
    ]});
    let body = body.to_string();
    let counted = |asked: Option<&LinkName>| {
        let page = mirror_page(body.as_bytes(), asked).unwrap();
        (page.topics.len(), page.nameless.len(), page.without_link)
    };
    assert_eq!(counted(None), (1, 1, 3));
    assert_eq!(counted(Some(&"dr".into())), (3, 2, 0));
}

#[test]
fn a_lag_is_whole_where_each_of_the_partitions_has_one() {
    let lag = |partition: i32, lag: Value| json!({"partition": partition, "lag": lag});
    let is_whole = |count: Value, lags: Value| {
        let topic = json!({"link_name": "dr", "mirror_topic_name": "a", "num_partitions": count, "mirror_lags": lags});
        read(&json!([topic]))[0].1.is_lag_whole
    };
    let (zero, one) = (lag(0, json!(3)), lag(1, json!(0)));
    assert!(is_whole(json!(2), json!([zero, one])));
    assert!(is_whole(Value::Null, json!([zero])));
    assert!(is_whole(Value::Null, json!([one, zero])));
    for (count, lags) in [
        (json!(0), json!([])),
        (json!(0), json!([zero])),
        (json!(-1), json!([])),
        (json!(1), json!([zero, one])),
        (json!(1), json!([one])),
        (json!(2), json!([zero, lag(2, json!(0))])),
        (json!(2), json!([zero, lag(-1, json!(0))])),
        (json!(2), json!([zero, one, one])),
        (json!(2), json!([zero, one, lag(-1, json!(0))])),
        (Value::Null, json!([one])),
        (Value::Null, json!([zero, zero])),
        (Value::Null, json!([lag(-1, json!(0))])),
        (json!(2), json!([zero])),
        (json!(2), json!([zero, zero])),
        (json!(2), Value::Null),
        (json!(2), json!([])),
        (Value::Null, json!([])),
        (Value::Null, Value::Null),
        (json!(2), json!([zero, lag(1, Value::Null)])),
        (json!(2), json!([zero, lag(1, json!(-1))])),
        (Value::Null, json!([zero, {"lag": 3}])),
        (json!(1), json!([zero, lag(1, json!(-1))])),
    ] {
        assert!(!is_whole(count.clone(), lags.clone()), "{count} {lags}");
    }
}

#[test]
fn a_topic_sent_twice_is_one_topic_in_the_worse_status() {
    let topic = |link: &str, status: &str| json!({"link_name": link, "mirror_topic_name": "orders", "mirror_status": status});
    let topics = read(&json!([
        topic("b", "ACTIVE"),
        topic("a", "ACTIVE"),
        topic("a", "FAILED"),
    ]));
    let shown: Vec<_> = topics
        .iter()
        .map(|(link, topic)| format!("{link} {}", topic.status))
        .collect();
    assert_eq!(shown, ["a FAILED", "b ACTIVE"]);
}

#[test]
fn of_a_topic_sent_twice_no_error_is_lost_and_lags_that_differ_are_not_known() {
    let topic = |error: Value, lag: u64| {
        json!({"link_name": "dr", "mirror_topic_name": "orders", "mirror_status": "ACTIVE", "num_partitions": 1,
            "mirror_topic_error": error, "mirror_lags": [{"partition": 0, "lag": lag}]})
    };
    let read = |second: Value| read(&json!([topic(Value::Null, 3), second])).remove(0).1;
    assert!(read(topic(Value::Null, 3)).is_lag_whole);
    assert!(!read(topic(Value::Null, 7)).is_lag_whole);
    let failing = read(topic(json!("RECORD_TOO_LARGE_ERROR"), 3));
    assert_eq!(failing.error.unwrap().as_str(), "RECORD_TOO_LARGE_ERROR");
}

#[test]
fn the_errors_of_a_transition_may_be_null_and_belong_to_the_topic_that_was_asked_for() {
    let read = |body: Value| transition_errors(body.to_string().as_bytes(), &"orders".into());
    let named = |errors: Value| json!({"mirror_topic_name": "orders", "mirror_state_transition_errors": errors});
    let error =
        json!({"error_code": "CONSUMER_GROUP_IN_USE_ERROR", "error_message": "Group billing"});
    let shown =
        |errors: Vec<ReportedError>| errors.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        shown(read(named(json!([error, {"error_code": "NO_ERROR"}]))).unwrap()),
        ["CONSUMER_GROUP_IN_USE_ERROR: Group billing"]
    );
    assert_eq!(read(named(Value::Null)).unwrap(), []);
    assert!(read(json!({"mirror_topic_name": "sales"})).is_err());
}
