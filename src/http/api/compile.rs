//! A policy compiled to what can be published.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::input::{Body, PolicyInput, domain};
use crate::compile::{
    CompileError, CoverChoice, FlattenOptions, Halt, MacroOptions, MacroStyle, Publication,
    SourceOptions, compile_macro, flatten as flatten_policy,
};
use crate::dns::{Lookup, Step};
use crate::documents::{CompiledDocument, FlattenDocument, MacroDocument};
use crate::http::problem::Problem;
use crate::http::server::Shared;
use crate::image::Order;
use crate::lint::{LintOptions, Report, Subject, lint};

/// A policy to be flattened, and how.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct FlattenInput {
    /// The policy.
    policy: PolicyInput,
    /// Which terms are chosen among those that mean the same.
    #[serde(default)]
    cover: CoverInput,
}

/// Which terms are chosen.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::http) enum CoverInput {
    /// Terms that mean the same in any order.
    #[default]
    Disjoint,
    /// The fewest octets, in an order that has to be kept.
    Ordered,
}

/// A policy to be compiled to a macro record, and how.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct MacroInput {
    /// The policy.
    policy: PolicyInput,
    /// The zone of the names that the record asks for.
    #[schema(example = "_spf.example.com")]
    zone: String,
    /// What the names are asked with.
    #[serde(default)]
    mechanism: MechanismInput,
}

/// What names are asked with.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::http) enum MechanismInput {
    /// `exists:`
    #[default]
    Exists,
    /// `include:`
    Include,
}

/// The policy as flat records that are proven to mean the same.
#[utoipa::path(
    post, path = "/api/v1/flatten", tag = "policies", request_body = FlattenInput,
    responses(
        (status = 200, description = "The records, as `spfc flatten --format json` prints them", body = FlattenDocument),
        (status = "4XX", description = "A request that makes no sense, a policy that cannot be compiled, DNS that fails", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("token" = []))
)]
pub(in crate::http) async fn flatten(
    State(shared): State<Arc<Shared>>,
    Body(input): Body<FlattenInput>,
) -> Result<Json<FlattenDocument>, Problem> {
    let source = input.policy.options()?;
    let options = FlattenOptions {
        cover: match input.cover {
            CoverInput::Disjoint => CoverChoice::Disjoint,
            CoverInput::Ordered => CoverChoice::Ordered,
        },
        publication: Publication::UNCHECKED,
        ..FlattenOptions::new(source.domain.clone())
    };
    let options = FlattenOptions { source, ..options };
    let run = move |lookup: &dyn Lookup| {
        step(
            lookup,
            &options.source,
            |lookup| flatten_policy(lookup, &options),
            |flat, report| {
                let ranges = (flat.ip4_ranges, flat.ip6_ranges);
                let domain = &options.source.domain;
                let compiled = CompiledDocument::new(&flat.compiled, domain, ranges, report);
                FlattenDocument { compiled, inlined: None }
            },
        )
    };
    Ok(Json(shared.compute.run(run).await??))
}

/// The policy as one macro record, and what answers for it.
#[utoipa::path(
    post, path = "/api/v1/macro", tag = "policies", request_body = MacroInput,
    responses(
        (status = 200, description = "The record and its sets, as `spfc macro --format json` prints them", body = MacroDocument),
        (status = "4XX", description = "A request that makes no sense, a policy that cannot be compiled, DNS that fails", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("token" = []))
)]
pub(in crate::http) async fn macros(
    State(shared): State<Arc<Shared>>,
    Body(input): Body<MacroInput>,
) -> Result<Json<MacroDocument>, Problem> {
    let (order, version) = (Order::Reversed, true);
    let style = match input.mechanism {
        MechanismInput::Exists => MacroStyle::Exists { order, version },
        MechanismInput::Include => MacroStyle::Include { order, version },
    };
    let (source, zone) = (input.policy.options()?, domain(&input.zone)?);
    let options = MacroOptions::new(source.domain.clone(), zone, style);
    let options = MacroOptions { source, publication: Publication::UNCHECKED, ..options };
    let run = move |lookup: &dyn Lookup| {
        step(
            lookup,
            &options.source,
            |lookup| compile_macro(lookup, &options),
            |output, report| MacroDocument::new(output, &options, report),
        )
    };
    Ok(Json(shared.compute.run(run).await??))
}

/// Compiles a policy, lints its source, and says both.
fn step<T, D>(
    lookup: &dyn Lookup,
    source: &SourceOptions,
    compile: impl Fn(&dyn Lookup) -> Result<T, Halt>,
    document: impl Fn(&T, &Report) -> D,
) -> Step<Result<D, CompileError>> {
    let compiled = match Halt::step(compile(lookup)) {
        Step::Need(questions) => return Step::Need(questions),
        Step::Done(Err(error)) => return Step::Done(Err(error)),
        Step::Done(Ok(compiled)) => compiled,
    };
    let subject = Subject::domain(source.domain.clone());
    let report = lint(&*source.view(lookup), &subject, &LintOptions::default());
    report.map(|report| Ok(document(&compiled, &report))).into()
}
