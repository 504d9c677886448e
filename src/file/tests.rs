use std::{ffi::OsString, path::PathBuf, process::Command, thread};

use super::{desk::now, *};

pub(super) fn told<T>(outcome: Result<T, FileError>) -> String {
    match outcome {
        Ok(_) => "done".to_owned(),
        Err(error) => error.to_string(),
    }
}

pub(super) const HANGS: &str =
    "it does not answer within 5 seconds; check the mount or the disk that it is on";

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

fn fifos(paths: &[PathBuf]) {
    let made = Command::new("mkfifo").args(paths).status().unwrap();
    assert!(made.success());
}

#[test]
fn a_path_is_read_as_soon_as_it_leads_elsewhere_than_to_the_file_that_hangs() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let replace = |name: &str, target: &str| {
        std::os::unix::fs::symlink(target, at("new")).unwrap();
        fs::rename(at("new"), at(name)).unwrap();
    };
    fifos(&[at("hanging")]);
    fs::write(at("good"), "s3cret").unwrap();
    fs::hard_link(at("hanging"), at("file")).unwrap();
    replace("link", "hanging");
    let ask = |name: &str| {
        read_as(&at(name), Allowed::CONFIGURATION).map(|bytes| assert_eq!(bytes, b"s3cret"))
    };
    for name in ["file", "link"] {
        assert_eq!(told(ask(name)), HANGS, "{name}");
    }

    // Three times there and back: the file that hangs costs no more than its first attempt.
    for _ in 0..3 {
        fs::remove_file(at("file")).unwrap();
        fs::hard_link(at("good"), at("file")).unwrap();
        replace("link", "good");
        for name in ["file", "link"] {
            assert_eq!(told(metadata(&at(name))), "done", "{name}");
            assert_eq!(told(ask(name)), "done", "{name}");
        }
        fs::remove_file(at("file")).unwrap();
        fs::hard_link(at("hanging"), at("file")).unwrap();
        replace("link", "hanging");
        let again = now();
        for name in ["file", "link"] {
            assert_eq!(told(ask(name)), HANGS, "{name}");
            assert_eq!(told(metadata(&at(name))), HANGS, "{name}");
        }
        assert!(again.elapsed() < DEADLINE, "it is waited for again");
    }
}

#[test]
fn however_many_files_hang_another_one_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let hanging: Vec<_> = (0..300)
        .map(|n| folder.path().join(format!("hanging-{n}")))
        .collect();
    fifos(&hanging);
    let good = folder.path().join("good");
    fs::write(&good, "s3cret").unwrap();
    thread::scope(|scope| {
        for path in &hanging {
            scope.spawn(|| assert_eq!(told(read_as(path, Allowed::CONFIGURATION)), HANGS));
        }
        for _ in 0..10 {
            assert_eq!(read_text(&good).unwrap(), "s3cret");
            thread::sleep(Duration::from_millis(10));
        }
    });
    assert_eq!(read_text(&good).unwrap(), "s3cret");
}
