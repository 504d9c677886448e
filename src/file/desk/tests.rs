use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
    mpsc::Sender,
};

use super::{
    super::tests::{HANGS, told},
    *,
};

fn desk() -> &'static Desk {
    Box::leak(Box::default())
}

/// Work that hangs until the sender is dropped.
fn hanging() -> (
    Sender<()>,
    impl FnOnce(&Attempt) -> Result<(), FileError> + Send + 'static,
) {
    let (release, wait) = mpsc::channel::<()>();
    let work = move |_: &Attempt| {
        let _ = wait.recv();
        Ok(())
    };
    (release, work)
}

#[test]
fn what_hangs_is_given_up_once_then_refused_at_once_and_read_again_when_it_answers() {
    let desk = desk();
    let path = Path::new("/mnt/gone/secret");
    let (release, work) = hanging();
    let began = now();
    assert_eq!(told(desk.ask(path, work)), HANGS);
    assert!(began.elapsed() >= DEADLINE);

    let attempts = Arc::new(AtomicUsize::new(0));
    let again = now();
    for _ in 0..1000 {
        let attempts = attempts.clone();
        let work = move |_: &Attempt| {
            attempts.fetch_add(1, Ordering::Relaxed);
            Ok(())
        };
        assert_eq!(told(desk.ask(path, work)), HANGS);
    }
    assert!(again.elapsed() < DEADLINE, "each of them waits");
    assert_eq!(attempts.load(Ordering::Relaxed), 0, "it is tried again");
    assert_eq!(told(desk.ask(Path::new("/etc/other"), |_| Ok(()))), "done");

    drop(release);
    while !desk.busy.lock().paths.is_empty() {
        thread::yield_now();
    }
    assert_eq!(told(desk.ask(path, |_| Ok(()))), "done");
}

#[test]
fn files_that_hang_together_are_given_up_together() {
    let desk = desk();
    let paths: Vec<_> = (0..300).map(|n| PathBuf::from(n.to_string())).collect();
    let mut releases = Vec::new();
    for path in &paths {
        let (release, work) = hanging();
        desk.begin(path, work);
        releases.push(release);
    }
    let began = now();
    for path in &paths {
        assert_eq!(told(desk.ask(path, |_| Ok(()))), HANGS);
    }
    assert_eq!(told(desk.ask(Path::new("more"), |_| Ok(()))), "done");
    assert!(began.elapsed() < 2 * DEADLINE);
    drop(releases);
}

/// Threads that were started so many seconds ago, and whether `stat` has answered them.
fn turn(begun: &[(u64, bool)]) -> Turn {
    let start = now();
    let seconds = |seconds| start + Duration::from_secs(seconds);
    let now = 2_000_000;
    let begun = begun
        .iter()
        .zip(1..)
        .map(|((ago, answered), number)| Begun {
            number,
            since: seconds(now - ago),
            on: answered.then_some((1, number)),
        });
    let paths = [(PathBuf::from("path"), begun.collect())].into();
    Busy { paths, started: 0 }.turn(Path::new("path"), seconds(now))
}

#[test]
fn a_path_whose_stat_hangs_is_tried_again_ever_more_seldom_and_a_few_times() {
    for (left_behind, seconds) in [(1, 20), (2, 80), (3, 320), (4, 1280)] {
        let all = |ago| vec![(ago, false); left_behind];
        assert_eq!(turn(&all(seconds - 1)), Turn::Never, "{left_behind}");
        assert_eq!(turn(&all(seconds)), Turn::Now, "{left_behind}");
    }
    assert_eq!(turn(&[(1_000_000, false); 5]), Turn::Never);
}

#[test]
fn a_path_whose_stat_answers_is_looked_at_again_until_it_has_left_five_threads_behind() {
    assert_eq!(turn(&[(5, true)]), Turn::Now);
    assert_eq!(turn(&[(90, false), (5, true)]), Turn::Now);
    assert_eq!(turn(&[(90, true), (5, false)]), Turn::Never);
    assert_eq!(turn(&[(5, true); 4]), Turn::Now);
    assert_eq!(turn(&[(5, true); 5]), Turn::Never);
}

#[test]
fn whoever_is_at_a_path_is_waited_for_until_the_deadline() {
    for begun in [&[(4, false)][..], &[(4, true)], &[(90, true), (4, false)]] {
        assert!(matches!(turn(begun), Turn::After(_)), "{begun:?}");
    }
}

#[test]
fn work_that_panics_frees_its_path() {
    let desk = desk();
    let path = Path::new("path");
    let panics = |_: &Attempt| -> Result<(), FileError> { panic!("in the work") };
    assert!(desk.ask(path, panics).is_err());
    assert_eq!(told(desk.ask(path, |_| Ok(()))), "done");
}
