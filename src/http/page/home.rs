//! The first page: a policy to be looked at, and all sources.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Html;
use maud::{Markup, html};
use serde::Deserialize;

use super::findings::findings;
use super::frame::{frame, shown};
use super::look::look;
use super::records::{records, verdict};
use super::sources::table;
use super::tree::tree;
use crate::compile::SourceOptions;
use crate::http::api::domain;
use crate::http::problem::Problem;
use crate::http::server::Shared;
use crate::name::DomainName;
use crate::syntax::is_spf_record;

/// The domain of a record that stands alone.
const NO_DOMAIN: &str = "domain.invalid";

/// What the form says.
#[derive(Clone, Debug, Default, Deserialize)]
pub(in crate::http) struct Asked {
    /// A domain or a record.
    #[serde(default)]
    policy: String,
    /// The domain of a record.
    #[serde(default)]
    domain: String,
    /// The address of a client.
    #[serde(default)]
    ip: String,
}

/// The page.
pub(in crate::http) async fn home(
    State(shared): State<Arc<Shared>>,
    Query(asked): Query<Asked>,
) -> Html<String> {
    let found = match asked.policy.trim().is_empty() {
        true => html! {},
        // The page is there all the same, and says what is wrong.
        false => policy(&shared, &asked).await.unwrap_or_else(|problem| refused(&problem)),
    };
    let title = match asked.policy.trim() {
        "" => "SPF policies",
        policy => policy,
    };
    let content = html! {
        h1 { "Look at an SPF policy" }
        (form(&asked))
        (found)
        (table(shared.site.overseer.status().as_ref()))
    };
    frame(title, &content)
}

fn form(asked: &Asked) -> Markup {
    html! {
        form method="get" action="/" role="search" {
            p.field {
                label for="policy" { "Domain or record" }
                textarea #policy name="policy" rows="2" required autocapitalize="off" spellcheck="false" maxlength="8192" { (asked.policy) }
            }
            p.field {
                label for="domain" { "Domain of the record " span.dim { "(where a record is given)" } }
                input #domain name="domain" value=(asked.domain) autocapitalize="off" spellcheck="false" maxlength="1024";
            }
            p.field {
                label for="ip" { "Client address " span.dim { "(optional)" } }
                input #ip name="ip" value=(asked.ip) autocapitalize="off" spellcheck="false" maxlength="64";
            }
            p { button type="submit" { "Look" } }
        }
    }
}

fn refused(problem: &Problem) -> Markup {
    html! {
        section aria-labelledby="refused" {
            h2 #refused { "This cannot be looked at" }
            p.bad role="alert" { (shown(problem.detail())) }
        }
    }
}

/// All that is found of the policy.
async fn policy(shared: &Shared, asked: &Asked) -> Result<Markup, Problem> {
    let text = asked.policy.trim();
    let given = match asked.domain.trim() {
        "" => None,
        given => Some(domain(given)?),
    };
    let options = if is_spf_record(text.as_bytes()) {
        let mut options = SourceOptions::new(given.map_or_else(|| domain(NO_DOMAIN), Ok)?);
        options.record = Some(text.as_bytes().to_vec());
        options
    } else {
        SourceOptions::new(domain(text)?)
    };
    let client = match asked.ip.trim() {
        "" => None,
        ip => {
            let read: Result<IpAddr, _> = ip.parse();
            Some(read.map_err(|_| {
                Problem::request(format!("'{}' is no IP address", ip.escape_debug()))
            })?)
        }
    };
    let zone = zone(&options.domain)?;
    let found = shared.compute.run(move |lookup| look(lookup, &options, &zone, client)).await?;
    Ok(html! {
        @if let Some(check) = &found.check { (verdict(asked.ip.trim(), check)) }
        (tree(&found.tree))
        (findings(&found.findings))
        (records(&found))
    })
}

/// Where the names of a macro record would stand.
fn zone(domain: &DomainName) -> Result<DomainName, Problem> {
    let below = DomainName::parse("_spf").map(|label| domain.prefixed(&label));
    let zone = below.ok().and_then(Result::ok);
    zone.ok_or_else(|| Problem::request("the domain is too long for a name below it"))
}
