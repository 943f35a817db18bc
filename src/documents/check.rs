//! The documents of `spfc check`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{LookupsShape, SCHEMA};
use crate::eval::{Evaluation, Message, authentication_results, received_spf};

/// One evaluation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckDocument {
    schema: u32,
    pub(crate) result: &'static str,
    pub(crate) explanation: Option<String>,
    pub(crate) matched: Option<MatchedShape>,
    pub(crate) problem: Option<String>,
    pub(crate) lookups: LookupsShape,
    received_spf: String,
    authentication_results: String,
    pub(crate) trace: Vec<TraceShape>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MatchedShape {
    pub(crate) domain: String,
    pub(crate) term: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TraceShape {
    pub(crate) domain: String,
    pub(crate) term: String,
    pub(crate) outcome: &'static str,
    pub(crate) depth: usize,
}

impl CheckDocument {
    /// The document of an evaluated message.
    pub(crate) fn new(message: &Message, evaluation: &Evaluation) -> CheckDocument {
        let trace = evaluation.trace.iter().map(|entry| TraceShape {
            domain: entry.domain.to_string(),
            term: entry.term.clone(),
            outcome: entry.outcome.as_str(),
            depth: entry.depth,
        });
        CheckDocument {
            schema: SCHEMA,
            result: evaluation.result.as_str(),
            explanation: evaluation.explanation.clone(),
            matched: evaluation.matched().map(|matched| MatchedShape {
                domain: matched.domain().to_string(),
                term: matched.term(),
            }),
            problem: evaluation.problem.as_ref().map(ToString::to_string),
            lookups: evaluation.lookups.into(),
            received_spf: received_spf(message, evaluation),
            authentication_results: authentication_results(message, evaluation),
            trace: trace.collect(),
        }
    }
}

/// One line of a batch: a message.
#[derive(Debug, Deserialize)]
pub(crate) struct MessageLine {
    pub(crate) ip: String,
    pub(crate) sender: Option<String>,
    pub(crate) helo: Option<String>,
    pub(crate) domain: Option<String>,
}

/// One line of a batch's results.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum BatchLine {
    /// The message's evaluation.
    Checked(Box<CheckDocument>),
    /// The line was no message.
    Bad {
        /// The number of the schema.
        schema: u32,
        /// There is none.
        result: Option<&'static str>,
        /// Why.
        error: String,
    },
}
