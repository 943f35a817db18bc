//! The pages for people with a browser: a policy looked at, and how the sources do.
//!
//! All of it is there without a script; the one that there is copies texts. Whatever came
//! from DNS or from the request is written out by the template.

mod findings;
mod frame;
mod home;
mod look;
mod records;
mod sources;
mod tree;

use axum::http::{HeaderName, header};

pub(super) use home::home;
pub(super) use sources::domain;

/// How long a browser may keep what is the same as long as the program is.
const KEPT: &str = "max-age=3600";

type Asset = ([(HeaderName, &'static str); 2], &'static str);

/// How the pages look.
pub(super) async fn style() -> Asset {
    asset("text/css; charset=utf-8", include_str!("style.css"))
}

/// The picture of the pages in a list of them.
pub(super) async fn icon() -> Asset {
    asset("image/svg+xml", include_str!("icon.svg"))
}

/// What copies texts.
pub(super) async fn script() -> Asset {
    asset("text/javascript; charset=utf-8", include_str!("page.js"))
}

fn asset(kind: &'static str, text: &'static str) -> Asset {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, KEPT)], text)
}
