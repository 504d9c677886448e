use std::time::Duration;

use super::*;

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

fn row(key: &str) -> (Table, String) {
    (Table::Links, key.to_owned())
}

fn written(path: &Path) -> Rows {
    let Opened { file, .. } = StateFile::open(path, NOW).unwrap();
    file.write(Changes::from([
        (row("gone"), Some(b"1".to_vec())),
        (row("kept"), Some(b"1".to_vec())),
    ]));
    file.write(Changes::from([
        (row("gone"), None),
        (row("kept"), Some(vec![7; 5000])),
    ]));
    Rows::from([(row("kept"), vec![7; 5000])])
}

#[test]
fn what_was_written_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let expected = written(&path);
    let opened = StateFile::open(&path, NOW).unwrap();
    assert_eq!((opened.rows, opened.set_aside), (expected, None));
}

#[test]
fn a_file_in_use_or_out_of_reach_is_told_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let first = StateFile::open(&path, NOW).unwrap();
    let error = StateFile::open(&path, NOW).unwrap_err().to_string();
    let name = path.display();
    assert_eq!(
        error,
        format!(
            "the state file `{name}` is in use by another process; give each exporter a file of its own"
        )
    );
    drop(first);
    let error = StateFile::open(Path::new("/nowhere/state"), NOW).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the state file `/nowhere/state` cannot be opened: No such file or directory (os error 2); name a file \
         in a folder that this user may write"
    );
}

/// Each damage must be seen at once, or do no harm: a wrong row would be a lie.
#[test]
fn a_damaged_or_foreign_file_is_set_aside_and_a_new_one_begun() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let expected = written(&path);
    let whole = fs::read(&path).unwrap();
    let mut set_aside = 0;
    let mut damages: Vec<Vec<u8>> = vec![
        b"poll_interval: 30s\n".to_vec(),
        vec![0; 100_000],
        whole[..whole.len() / 2].to_vec(),
        whole[..100].to_vec(),
    ];
    for place in (0..whole.len()).step_by(whole.len() / 200) {
        let mut flipped = whole.clone();
        flipped[place] ^= 0xff;
        damages.push(flipped);
    }
    for damaged in damages {
        fs::write(&path, &damaged).unwrap();
        let opened = StateFile::open(&path, NOW).unwrap();
        match opened.set_aside {
            None => assert_eq!(opened.rows, expected),
            Some(aside) => {
                set_aside += 1;
                let name = format!("{}.damaged-1800000000", path.display());
                assert_eq!(aside, PathBuf::from(name));
                assert_eq!(fs::read(aside).unwrap(), damaged);
                assert_eq!(opened.rows, Rows::new());
            }
        }
    }
    assert!(set_aside > 4, "only {set_aside} damages were seen");
}

/// Waits until the file holds these rows; they are read from a copy, for the file itself is in use.
fn until(path: &Path, expected: &Rows) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    let copy = path.with_extension("copy");
    loop {
        let held = fs::copy(path, &copy).ok().and_then(|_| open(&copy).ok());
        if held.is_some_and(|(_, rows)| rows == *expected) {
            return;
        }
        assert!(
            tokio::time::Instant::now() < deadline,
            "{} does not hold what it should",
            path.display()
        );
        thread::yield_now();
    }
}

/// Ways to lose a file while it is in use.
#[test]
fn a_file_that_is_deleted_or_replaced_is_written_anew_with_all_that_is_known() {
    type Harm = fn(&Path);
    let harms: [Harm; 5] = [
        |path| fs::remove_file(path).unwrap(),
        |path| fs::rename(path, path.with_extension("moved")).unwrap(),
        |path| {
            fs::remove_file(path).unwrap();
            fs::write(path, "none of ours").unwrap();
        },
        |path| fs::write(path, "copied over it").unwrap(),
        |path| {
            // Another good one, with rows that nobody here knows.
            let other = path.with_extension("other");
            let Opened { file, .. } = StateFile::open(&other, NOW).unwrap();
            file.write(Changes::from([(row("foreign"), Some(b"1".to_vec()))]));
            drop(file);
            fs::rename(other, path).unwrap();
        },
    ];
    for (number, harm) in harms.into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let mut expected = written(&path);
        let Opened { file, rows, .. } = StateFile::open(&path, NOW).unwrap();
        assert_eq!(rows, expected);
        file.write(Changes::from([(row("early"), Some(b"2".to_vec()))]));
        expected.insert(row("early"), b"2".to_vec());
        until(&path, &expected);

        harm(&path);
        file.write(Changes::from([(row("late"), Some(b"3".to_vec()))]));
        expected.insert(row("late"), b"3".to_vec());
        until(&path, &expected);
        drop(file);
        let opened = StateFile::open(&path, NOW).unwrap();
        assert_eq!(
            (opened.rows, opened.set_aside),
            (expected, None),
            "{number}"
        );
    }
}

#[test]
fn a_file_that_is_deleted_in_a_quiet_time_is_there_after_the_stop() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let expected = written(&path);
    let opened = StateFile::open(&path, NOW).unwrap();
    fs::remove_file(&path).unwrap();
    drop(opened);
    assert_eq!(StateFile::open(&path, NOW).unwrap().rows, expected);
}
