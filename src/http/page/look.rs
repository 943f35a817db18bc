//! All that is looked at of a policy, in one program over DNS.

use std::net::IpAddr;

use crate::compile::{
    CompileError, FlattenOptions, Halt, MacroOptions, MacroStyle, Publication, SourceOptions,
    compile_macro, flatten,
};
use crate::dns::{Lookup, Question, Step};
use crate::documents::{CheckDocument, TreeDocument};
use crate::eval::{Message, Options, RecordStore, check_host};
use crate::image::Order;
use crate::lint::render::diagnostics;
use crate::lint::{LintOptions, Subject, lint};
use crate::name::DomainName;
use crate::policy::{WalkOptions, walk};
use crate::target::OutputRecord;

/// What was found.
pub(super) struct Look {
    pub(super) tree: TreeDocument,
    /// The findings as documents have them.
    pub(super) findings: serde_json::Value,
    pub(super) flat: Result<Vec<Published>, CompileError>,
    pub(super) exists: Result<Vec<Published>, CompileError>,
    /// What is decided for the client that was asked about.
    pub(super) check: Option<CheckDocument>,
}

/// A record to be published.
pub(super) struct Published {
    pub(super) name: String,
    pub(super) text: String,
}

/// Looks at a policy.
pub(super) fn look(
    lookup: &dyn Lookup,
    options: &SourceOptions,
    zone: &DomainName,
    client: Option<IpAddr>,
) -> Step<Look> {
    all(lookup, options, zone, client).into()
}

fn all(
    lookup: &dyn Lookup,
    options: &SourceOptions,
    zone: &DomainName,
    client: Option<IpAddr>,
) -> Result<Look, Vec<Question>> {
    let view = options.view(lookup);
    let graph = walk(&*view, &options.domain, &WalkOptions::default())?;
    let subject = match &options.record {
        Some(record) => Subject::record(record.clone(), Some(options.domain.clone())),
        None => Subject::domain(options.domain.clone()),
    };
    let report = lint(&*view, &subject, &LintOptions::default())?;
    Ok(Look {
        tree: TreeDocument::new(&graph),
        findings: diagnostics(&report),
        flat: flat(lookup, options)?,
        exists: exists(lookup, options, zone)?,
        check: client.map(|client| check(&*view, &options.domain, client)).transpose()?.flatten(),
    })
}

type Compiled = Result<Result<Vec<Published>, CompileError>, Vec<Question>>;

fn flat(lookup: &dyn Lookup, options: &SourceOptions) -> Compiled {
    let options = FlattenOptions {
        source: options.clone(),
        publication: Publication::UNCHECKED,
        ..FlattenOptions::new(options.domain.clone())
    };
    let flat = compiled(Halt::step(flatten(lookup, &options)))?;
    Ok(flat.map(|flat| published(&flat.compiled.records)))
}

fn exists(lookup: &dyn Lookup, options: &SourceOptions, zone: &DomainName) -> Compiled {
    let style = MacroStyle::Exists { order: Order::Reversed, version: true };
    let options = MacroOptions {
        source: options.clone(),
        publication: Publication::UNCHECKED,
        ..MacroOptions::new(options.domain.clone(), zone.clone(), style)
    };
    let output = compiled(Halt::step(compile_macro(lookup, &options)))?;
    Ok(output.map(|output| published(&output.compiled.records)))
}

fn compiled<T>(
    step: Step<Result<T, CompileError>>,
) -> Result<Result<T, CompileError>, Vec<Question>> {
    match step {
        Step::Done(result) => Ok(result),
        Step::Need(questions) => Err(questions),
    }
}

fn published(records: &[OutputRecord]) -> Vec<Published> {
    let record = |record: &OutputRecord| Published {
        name: record.name.to_string(),
        text: record.text.clone(),
    };
    records.iter().map(record).collect()
}

fn check(
    lookup: &dyn Lookup,
    domain: &DomainName,
    client: IpAddr,
) -> Result<Option<CheckDocument>, Vec<Question>> {
    let Some(message) = Message::of_parts(client, Some(domain), None, None) else {
        return Ok(None);
    };
    let options = Options { trace: true, ..Options::default() };
    match check_host(lookup, &mut RecordStore::default(), &message, &options) {
        Step::Done(evaluation) => Ok(Some(CheckDocument::new(&message, &evaluation))),
        Step::Need(questions) => Err(questions),
    }
}
