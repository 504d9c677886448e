//! What is kept takes no more memory than it needs.

use super::*;

#[test]
fn links_whose_tasks_are_alike_share_them_and_the_list_has_no_room_to_spare() {
    let store = store();
    let healthy = [("AclSync", "ACTIVE"), ("ConsumerOffsetSync", "ACTIVE")];
    let broken = [("AclSync", "IN_ERROR"), ("ConsumerOffsetSync", "ACTIVE")];
    let links = |of_b| {
        let tasks = [
            ("a", &healthy),
            ("b", of_b),
            ("c", &healthy),
            ("d", &healthy),
        ];
        tasks.map(|(name, tasks)| link(name, "ACTIVE", tasks))
    };
    let shared = |second, of_b| {
        store.good(second, &links(of_b));
        let links = &store.snapshot().clusters[0].links;
        assert_eq!(links.capacity(), links.len());
        let tasks: Vec<_> = links.iter().filter_map(|it| it.tasks.as_ref()).collect();
        let pairs = tasks.windows(2).map(|two| Arc::ptr_eq(two[0], two[1]));
        pairs.collect::<Vec<_>>()
    };
    assert_eq!(shared(0, &healthy), [true, true, true]);
    assert_eq!(
        shared(30, &broken),
        [false, false, true],
        "those that are as they were stay where they are"
    );
}
