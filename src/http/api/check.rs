//! What a receiver decides for a message.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::input::{Body, domain};
use crate::compile::SourceOptions;
use crate::dns::{Lookup, Step};
use crate::documents::CheckDocument;
use crate::eval::{Message, Options, RecordStore, check_host};
use crate::http::overseer::ServedPolicy;
use crate::http::problem::Problem;
use crate::http::server::Shared;
use crate::name::DomainName;
use crate::refresh::{Clock, SystemClock};

/// A message, and the policy that it is checked against.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct CheckInput {
    /// The address of the client.
    #[schema(example = "192.0.2.1")]
    ip: String,
    /// The domain whose policy it is; without it the sender's, then the HELO name.
    #[schema(example = "example.com")]
    domain: Option<String>,
    /// The reverse-path; an empty one checks the HELO identity.
    sender: Option<String>,
    /// The name of the client in HELO or EHLO.
    helo: Option<String>,
    /// A record that is taken as the one published at the domain.
    record: Option<String>,
    /// The name at which the policy is read as that of the domain.
    source: Option<String>,
    /// A source of this server: its policy as it is served, without a question to DNS.
    served: Option<String>,
}

/// The verdict with its trace.
#[utoipa::path(
    post, path = "/api/v1/check", tag = "policies", request_body = CheckInput,
    responses(
        (status = 200, description = "The verdict, as `spfc check --format json` prints it", body = CheckDocument),
        (status = "4XX", description = "A request that makes no sense, or too many of them", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("token" = []))
)]
pub(in crate::http) async fn check(
    State(shared): State<Arc<Shared>>,
    Body(input): Body<CheckInput>,
) -> Result<Json<CheckDocument>, Problem> {
    let served = match &input.served {
        Some(_) if input.record.is_some() || input.source.is_some() => {
            return Err(Problem::request("'served' excludes 'record' and 'source'"));
        }
        Some(name) => Some(served(&shared, name)?),
        None => None,
    };
    let message = message(&input, served.as_ref().map(|served| &served.policy.domain))?;
    if let Some(ServedPolicy { policy, answers, .. }) = served {
        // Nothing is asked, and a policy that is served is not large: done at once.
        return match program(
            &*answers,
            Some(&policy.options()),
            &message,
            &mut RecordStore::default(),
        ) {
            Step::Done(document) => Ok(Json(document)),
            Step::Need(_) => Err(Problem::conflict(
                "this message needs answers that the policy is not made of: terms that only a message decides",
            )),
        };
    }
    let options = options(&input, &message)?;
    let mut records = RecordStore::default();
    let run = move |lookup: &dyn Lookup| program(lookup, options.as_ref(), &message, &mut records);
    shared.compute.run(run).await.map(Json)
}

fn served(shared: &Shared, name: &str) -> Result<ServedPolicy, Problem> {
    let found = shared.site.overseer.policy(name);
    found.ok_or_else(|| Problem::missing("no source of this name serves a policy"))
}

/// How the policy of the message's domain is read; `None` as it is published.
fn options(input: &CheckInput, message: &Message) -> Result<Option<SourceOptions>, Problem> {
    let own = message.domain().filter(|_| input.record.is_some() || input.source.is_some());
    let Some(own) = own else { return Ok(None) };
    let mut options = SourceOptions::new(own.clone());
    options.record = input.record.as_ref().map(|text| text.trim().as_bytes().to_vec());
    options.source = input.source.as_deref().map(domain).transpose()?;
    Ok(Some(options))
}

fn program(
    lookup: &dyn Lookup,
    reading: Option<&SourceOptions>,
    message: &Message,
    records: &mut RecordStore,
) -> Step<CheckDocument> {
    let options = Options { trace: true, ..Options::default() };
    let step = match reading {
        None => check_host(lookup, records, message, &options),
        Some(reading) => check_host(&*reading.view(lookup), records, message, &options),
    };
    match step {
        Step::Done(evaluation) => Step::Done(CheckDocument::new(message, &evaluation)),
        Step::Need(questions) => Step::Need(questions),
    }
}

/// The message, with what was not given derived from the rest.
fn message(input: &CheckInput, served: Option<&DomainName>) -> Result<Message, Problem> {
    let ip: IpAddr = input
        .ip
        .parse()
        .map_err(|_| Problem::request(format!("'{}' is no IP address", input.ip.escape_debug())))?;
    let given = input.domain.as_deref().map(domain).transpose()?.or_else(|| served.cloned());
    let now = SystemClock.unix_seconds();
    let sender = input.sender.as_deref().map(str::as_bytes);
    let helo = input.helo.as_deref().map(str::as_bytes);
    let message = Message::of_parts(ip, given.as_ref(), sender, helo);
    let message =
        message.ok_or_else(|| Problem::request("'domain', 'sender' or 'helo' has to be there"))?;
    Ok(message.with_time(now.cast_unsigned()))
}
