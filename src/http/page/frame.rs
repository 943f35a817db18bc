//! What all pages have around them.

use axum::response::Html;
use maud::{DOCTYPE, Markup, html};

use crate::escape;

/// A page.
pub(super) fn frame(title: &str, content: &Markup) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (shown(title)) " · spfc" }
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/style.css";
                script src="/page.js" defer {}
            }
            body {
                a.skip href="#content" { "To the content" }
                header {
                    a.brand href="/" { "spfc" }
                    nav aria-label="Pages" {
                        a href="/" { "Policies" }
                        a href="/#sources" { "Sources" }
                        a href="/openapi.json" { "API" }
                    }
                }
                main #content tabindex="-1" { (content) }
                footer { "Nothing on this page changes anything." }
            }
        }
    };
    Html(page.into_string())
}

/// Text from anywhere, with what would move or hide other text written out.
pub(super) fn shown(text: &str) -> String {
    escape::text(text)
}

/// A text that can be copied.
pub(super) fn copied(id: &str, label: &str, text: &str) -> Markup {
    html! {
        div.copied {
            pre id=(id) tabindex="0" role="region" aria-label=(label) { (shown(text)) }
            button type="button" data-copy=(id) hidden { "Copy" span.unseen { " " (label) } }
        }
    }
}
