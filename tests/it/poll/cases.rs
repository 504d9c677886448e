//! REST answers in, exposition out: a bug report becomes a folder.
//!
//! A folder of `tests/it/poll/cases` holds one folder per poll (`1`, `2`, …), polled 30 s apart, and `metrics.txt`, the
//! exposition after the last one. A poll's folder holds the bodies the API answers with: `_links.json` for the list and
//! `<link name>.json`, percent-encoded, for a link; `_links.again.json` where the list is another one when it is asked for
//! again in the same poll. `name.404.json` and `name.502.html` are answers with that status.
//! Where they are there, settings are read from `<link name>.configs.json` and mirror topics from `_mirrors.json`, or from
//! `<link name>.mirrors.json` where `_mirrors` is refused, every topic shown; `<link name>.mirrors.<topic>.json` says why
//! a change of status hangs.
//! `UPDATE=1 cargo test` writes `metrics.txt` anew.

use std::{fs, path::Path};

use crate::support::{
    self,
    answers::{Answers, Poller},
    golden::golden,
};

#[tokio::test]
async fn every_folder_of_answers_gives_its_exposition() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/poll/cases");
    let mut folders: Vec<_> = fs::read_dir(&cases)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    assert!(!folders.is_empty());
    for folder in folders {
        let mut poller = Poller::new();
        for number in 1.. {
            let answers = folder.join(number.to_string());
            if !answers.is_dir() {
                break;
            }
            poller.poll(Answers::read(&answers)).await;
        }
        golden(&folder.join("metrics.txt"), &poller.exposition());
    }
}

/// Every body that real servers sent, as the answer to either question: none may stop the exporter, and those that are
/// links must come out whole.
#[tokio::test]
async fn every_body_of_the_conformance_fixtures_is_understood() {
    let Some(folder) = std::env::var_os("CONFORMANCE_FIXTURES") else {
        return support::skip(
            "every_body_of_the_conformance_fixtures_is_understood",
            "CONFORMANCE_FIXTURES is not set; set it to a folder of bodies that the API sent",
        );
    };
    let mut understood = 0;
    for entry in fs::read_dir(&folder).expect("CONFORMANCE_FIXTURES is a folder") {
        let path = entry.unwrap().path();
        let body = fs::read(&path).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        let mut poller = Poller::new();
        let text = match json["kind"].as_str() {
            Some("KafkaLinkDataList") => {
                poller.poll(Answers::list(200, body)).await;
                let links = json["data"].as_array().unwrap().len();
                assert!(
                    poller
                        .exposition()
                        .contains(&format!("clusterlink_links{{{IDENTITY}}} {links}\n"))
                );
                poller.exposition()
            }
            Some("KafkaLinkData") => {
                let name = json["link_name"].as_str().unwrap();
                poller.poll(Answers::link(name, 200, body)).await;
                let text = poller.exposition();
                assert!(
                    text.contains(&format!("clusterlink_poll_success{{{IDENTITY}}} 1\n")),
                    "{path:?}: {text}"
                );
                for task in json["tasks"].as_array().into_iter().flatten() {
                    let (task, state) = (
                        task["task_name"].as_str().unwrap(),
                        task["state"].as_str().unwrap(),
                    );
                    let labels =
                        format!(r#"link_name="{name}",task_name="{task}",state="{state}""#);
                    let series = format!("clusterlink_task_state{{{IDENTITY},{labels}}} 1\n");
                    assert!(
                        text.contains(&series),
                        "{path:?}: {series} is not in {text}"
                    );
                }
                text
            }
            Some("KafkaLinkConfigDataList") => {
                let name = json["data"][0]["link_name"].as_str().unwrap();
                let answers = Answers::detail(name, &format!("{name}.configs"), 200, body);
                poller.poll(answers).await;
                assert_read(&poller.exposition(), "configs", &path)
            }
            Some("KafkaMirrorDataList") => {
                let topic = &json["data"][0];
                let [link, name] =
                    ["link_name", "mirror_topic_name"].map(|key| topic[key].as_str().unwrap());
                let answers = Answers::detail(link, "_mirrors", 200, body);
                poller.poll(answers).await;
                let text = assert_read(&poller.exposition(), "mirrors", &path);
                let status = topic["mirror_status"].as_str().unwrap();
                let labels = format!(
                    r#"link_name="{link}",mirror_topic_name="{name}",mirror_status="{status}""#
                );
                let series = format!("clusterlink_mirror_topic_state{{{IDENTITY},{labels}}} 1\n");
                assert!(
                    text.contains(&series),
                    "{path:?}: {series} is not in {text}"
                );
                text
            }
            _ => {
                let status = status_of(&path);
                poller.poll(Answers::list(status, body.clone())).await;
                poller.poll(Answers::link("any", status, body)).await;
                poller.exposition()
            }
        };
        assert!(text.contains("clusterlink_poll_success{"), "{path:?}");
        understood += 1;
    }
    assert!(understood > 0, "CONFORMANCE_FIXTURES names an empty folder");
}

const IDENTITY: &str = r#"cluster_name="dr",cluster_id="lkc-dr0001""#;

/// The exposition, of a poll that read this detail well.
fn assert_read(text: &str, endpoint: &str, path: &Path) -> String {
    let series = format!(
        "clusterlink_api_requests_total{{{IDENTITY},endpoint=\"{endpoint}\",code=\"200\"}} 1\n"
    );
    assert!(
        text.contains(&series),
        "{}: {series} is not in {text}",
        path.display()
    );
    text.to_owned()
}

/// `error_404_link.json` is the body of a 404.
fn status_of(path: &Path) -> u16 {
    let name = path.file_stem().unwrap().to_string_lossy();
    name.split('_')
        .find_map(|part| part.parse().ok())
        .unwrap_or(200)
}
