//! The pages of the runbooks.

use std::{collections::HashMap, sync::LazyLock};

use bytes::Bytes;
use maud::{DOCTYPE, PreEscaped, html};

use crate::{
    http::style::STYLE,
    runbook::{Runbook, runbooks},
};

/// The folder in which runbooks are served: each at the name of its alert, and the page about all of them at its root.
pub(in crate::http) const RUNBOOKS: &str = "/runbooks/";

/// The same from one of its pages, also where a proxy serves all of it below a path of its own.
const SAME_FOLDER: &str = "./";

/// The runbook as a page. They never change: all are made when the first is asked for, and shared by all who ask.
pub(in crate::http) fn runbook(page: &Runbook) -> Bytes {
    static PAGES: LazyLock<HashMap<&str, Bytes>> = LazyLock::new(|| {
        let pages = runbooks().iter();
        pages
            .map(|page| (page.file_name, Bytes::from(rendered(page))))
            .collect()
    });
    PAGES[page.file_name].clone()
}

fn rendered(page: &Runbook) -> String {
    let title = page.alert().unwrap_or("Runbooks");
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " - cluster-link-exporter" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header { nav { a href="../" { "cluster-link-exporter" } a href=(SAME_FOLDER) { "runbooks" } } }
                main.prose { (PreEscaped(page.html(SAME_FOLDER))) }
            }
        }
    };
    markup.into_string()
}
