use std::{
    ffi::OsString,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::Sender,
    },
};

use super::*;

fn desk() -> &'static Desk {
    Box::leak(Box::default())
}

/// Work that hangs until the sender is dropped.
fn hanging() -> (
    Sender<()>,
    impl FnOnce(&Path) -> Result<(), FileError> + Send + 'static,
) {
    let (release, wait) = mpsc::channel::<()>();
    let work = move |_: &Path| {
        let _ = wait.recv();
        Ok(())
    };
    (release, work)
}

fn told<T>(outcome: Result<T, FileError>) -> String {
    match outcome {
        Ok(_) => "done".to_owned(),
        Err(error) => error.to_string(),
    }
}

const HANGS: &str =
    "it does not answer within 5 seconds; check the mount or the disk that it is on";

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
        let work = move |_: &Path| {
            attempts.fetch_add(1, Ordering::Relaxed);
            Ok(())
        };
        assert_eq!(told(desk.ask(path, work)), HANGS);
    }
    assert!(again.elapsed() < DEADLINE, "each of them waits");
    assert_eq!(attempts.load(Ordering::Relaxed), 0, "it is tried again");
    assert_eq!(told(desk.ask(Path::new("/etc/other"), |_| Ok(()))), "done");

    drop(release);
    while !desk.busy.lock().is_empty() {
        thread::yield_now();
    }
    assert_eq!(told(desk.ask(path, |_| Ok(()))), "done");
}

#[test]
fn files_that_hang_together_are_given_up_together() {
    let desk = desk();
    let paths: Vec<_> = (0..MOST).map(|n| PathBuf::from(n.to_string())).collect();
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
    let more = "256 other files do not answer; check the mount or the disk that they are on";
    assert_eq!(told(desk.ask(Path::new("more"), |_| Ok(()))), more);
    assert!(began.elapsed() < 2 * DEADLINE);
    drop(releases);
}

#[test]
fn those_who_ask_for_one_file_at_a_time_all_get_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shared");
    fs::write(&path, "s3cret").unwrap();
    thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| assert_eq!(read_text(&path).unwrap(), "s3cret"));
        }
    });
}

/// Kinds of files that block for ever, that never end, and that are what they should be.
#[test]
fn only_a_regular_file_of_a_decent_size_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let made = Command::new("mkfifo").arg(at("pipe")).status().unwrap();
    assert!(made.success());
    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    let large = usize::try_from(Allowed::SMALL.bytes).unwrap();
    fs::write(at("largest"), vec![b'x'; large]).unwrap();
    fs::write(at("larger"), vec![b'x'; large + 1]).unwrap();
    fs::File::create(at("sparse"))
        .and_then(|file| file.set_len(1 << 40))
        .unwrap();
    std::os::unix::fs::symlink("largest", at("link")).unwrap();
    std::os::unix::fs::symlink("pipe", at("link to a pipe")).unwrap();
    fs::write(at("utf-16"), [0xff, 0xfe, b'a', 0]).unwrap();

    let cases: [(OsString, &str); 10] = [
        (at("largest").into(), "done"),
        (at("link").into(), "done"),
        (at("pipe").into(), "it is a pipe and no regular file"),
        (
            at("link to a pipe").into(),
            "it is a pipe and no regular file",
        ),
        (at("socket").into(), "it is a socket and no regular file"),
        ("/dev/zero".into(), "it is a device and no regular file"),
        (at("larger").into(), "it is larger than 1 MiB"),
        (at("sparse").into(), "it is larger than 1 MiB"),
        (
            at("utf-16").into(),
            "it is not UTF-8; save it as plain text",
        ),
        (folder.path().into(), "it is a folder and no regular file"),
    ];
    for (path, expected) in cases {
        let path = PathBuf::from(path);
        assert_eq!(told(read_text(&path)), expected, "{}", path.display());
    }
}

#[test]
fn a_pipe_is_read_where_a_shell_may_give_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&path)
            .status()
            .unwrap()
            .success()
    );
    thread::scope(|scope| {
        scope.spawn(|| fs::write(&path, "clusters: []").unwrap());
        let bytes = read_as(&path, Allowed::CONFIGURATION).unwrap();
        assert_eq!(bytes, b"clusters: []");
    });
}
