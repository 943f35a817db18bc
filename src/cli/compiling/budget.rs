//! What to do about an output that is over its budget: the flags that make it
//! fit, each tried before it is named.

use crate::cli::describe::counted;
use crate::cli::dns::Dns;
use crate::cli::error::CliError;
use crate::compile::{Alternative, CompileError, FlattenOptions, Gone, Halt, Price, alternatives};
use crate::limits::VOID_LOOKUPS;

/// The error of a compilation, with what fits instead where it is one of sizes.
pub(in crate::cli) fn explained(
    error: CliError,
    dns: &mut Dns,
    options: &FlattenOptions,
    gone: Gone,
) -> CliError {
    let CliError::Compile(error) = error else { return error };
    if !error.is_over_budget() {
        return CliError::Compile(error);
    }
    match dns.run(|lookup| Halt::step(alternatives(lookup, options, gone))) {
        Ok(Ok(found)) => CliError::OverBudget { remedies: remedies(&error, &found), error },
        // What is wrong is known, whatever keeps a way out from being found.
        _ => CliError::Compile(error),
    }
}

fn remedies(error: &CompileError, found: &[Alternative]) -> Vec<String> {
    if !found.is_empty() {
        return found.iter().map(remedy).collect();
    }
    let staying = match error {
        CompileError::TooManyLookups { spent, limit, .. } => {
            spent.for_staying() > *limit || spent.void() > VOID_LOOKUPS
        }
        CompileError::TooManyVoidLookups { .. } => true,
        _ => false,
    };
    let why = match staying {
        true => {
            "the terms that stay are too many by themselves: --without TERM leaves one out, and shows what that changes"
        }
        false => "give it larger messages or more lookups",
    };
    vec![format!("no other way to compile this policy fits either; {why}")]
}

fn remedy(found: &Alternative) -> String {
    match found {
        Alternative::MaxLookups { lookups, price } => {
            format!("--max-lookups {lookups} does: {}", priced(price))
        }
        Alternative::MaxMessage { octets, price } => {
            format!("--max-message {octets} does, and nothing less: {}", priced(price))
        }
        Alternative::Ordered { price } => {
            format!("`--cover ordered` does, for receivers that keep the order: {}", priced(price))
        }
        Alternative::JustEnough { inlined, price } => {
            let inlined = counted(*inlined, "term");
            format!("`spfc flatten --just-enough` does: {inlined} inlined, {}", priced(price))
        }
        Alternative::Flat { price } => format!("`spfc flatten` does: {}", priced(price)),
        Alternative::KeepNothing { price } => {
            format!("without --keep it does: {}", priced(price))
        }
        Alternative::Macro { style, price } => {
            format!("`spfc macro --style {style}` does: {}", priced(price))
        }
    }
}

fn priced(price: &Price) -> String {
    let lookups = counted(price.lookups.terms as usize, "lookup");
    let records = counted(price.records, "record");
    match price.lookups.void() {
        0 => format!("{records}, {lookups}"),
        void => format!("{records}, {lookups}, {} at worst", counted(void as usize, "void lookup")),
    }
}
