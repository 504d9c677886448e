use std::time::Duration;

use redb::ReadableDatabase as _;

use super::*;

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

fn row(key: &str) -> Place {
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
fn what_may_wait_is_written_with_what_may_not_and_when_the_file_is_closed() {
    let pending = Pending::default();
    let change = |key: &str| {
        let packed = Packer::default().pack(b"1");
        PackedChanges::from([(row(key), Some(packed))])
    };
    let keys = |next: Next| -> Vec<_> { next.changes.into_keys().map(|(_, key)| key).collect() };
    pending.add(PackedChanges::new(), true);
    assert!(!pending.state.lock().is_urgent, "there is nothing to write");
    for (key, is_urgent) in [("a", false), ("b", true), ("c", false)] {
        pending.add(change(key), is_urgent);
    }
    assert_eq!(keys(pending.next(false)), ["a", "b", "c"]);

    pending.add(change("d"), false);
    assert!(!pending.state.lock().is_urgent, "what was is written");
    pending.state.lock().closed = true;
    assert_eq!(keys(pending.next(false)), ["d"]);
}

#[test]
fn rows_about_lag_wait_and_are_there_after_the_stop() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let lag = (Table::Lags, "orders".to_owned());
    let Opened { file, .. } = StateFile::open(&path, NOW).unwrap();
    file.write([(lag.clone(), Some(b"1".to_vec()))]);
    let waits = {
        let state = file.pending.state.lock();
        !state.is_urgent && state.changes.contains_key(&lag)
    };
    assert!(waits, "ten seconds, unless something else is written");
    drop(file);
    let expected = Rows::from([(lag, b"1".to_vec())]);
    assert_eq!(StateFile::open(&path, NOW).unwrap().rows, expected);
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
        b"SQLite format 3\0".to_vec(),
        vec![0],
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

#[test]
fn an_empty_file_is_begun_anew_and_told_from_one_that_was_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    assert!(!StateFile::open(&path, NOW).unwrap().was_empty, "no file");
    assert!(!StateFile::open(&path, NOW).unwrap().was_empty, "no rows");
    fs::write(&path, "").unwrap();
    let opened = StateFile::open(&path, NOW).unwrap();
    let found = (opened.was_empty, opened.rows, opened.set_aside);
    assert_eq!(found, (true, Rows::new(), None));
    drop(opened.file);
    let expected = written(&path);
    let opened = StateFile::open(&path, NOW).unwrap();
    assert_eq!((opened.was_empty, opened.rows), (false, expected));
}

#[test]
fn the_database_of_another_program_is_set_aside_and_not_written_into() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let theirs: TableDefinition<&str, u64> = TableDefinition::new("sessions");
    let same_name: TableDefinition<u64, u64> = TableDefinition::new("links");
    for table in ["sessions", "links"] {
        let database = Database::create(&path).unwrap();
        let transaction = database.begin_write().unwrap();
        match table {
            "links" => drop(transaction.open_table(same_name).unwrap().insert(1, 2)),
            _ => drop(transaction.open_table(theirs).unwrap().insert("a", 1)),
        }
        transaction.commit().unwrap();
        drop(database);

        let opened = StateFile::open(&path, NOW).unwrap();
        let aside = opened.set_aside.expect("it is not ours");
        assert_eq!(opened.rows, Rows::new());
        let database = Database::open(&aside).unwrap();
        let transaction = database.begin_read().unwrap();
        let tables = transaction.list_tables().unwrap();
        let names: Vec<_> = tables.map(|table| table.name().to_owned()).collect();
        assert_eq!(names, [table]);
        drop(opened.file);
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn a_file_of_another_version_is_ours_though_it_has_other_tables() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let later: TableDefinition<&str, u64> = TableDefinition::new("topics");
    let database = Database::create(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(later).unwrap();
    transaction.open_table(Table::Alerts.definition()).unwrap();
    transaction.commit().unwrap();
    drop(database);
    let opened = StateFile::open(&path, NOW).unwrap();
    assert_eq!((opened.was_empty, opened.set_aside), (false, None));
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
