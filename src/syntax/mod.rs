//! SPF records as text: the syntax tree with places, its parser and printer,
//! and macro expansion (RFC 7208 sections 4.6.1, 5, 6, 7 and 12).
//!
//! Parsing never fails: a [`Parse`] holds what could be read and every error.
//! Errors are plain data; which of them matter, and how much, is for others to
//! say. Nothing here asks DNS or knows what a record means.

mod absolute;
mod ast;
#[cfg(test)]
mod corpus;
mod error;
mod expand;
mod parse;
mod print;
mod span;

pub use absolute::{DomainTarget, absolute_term};
pub use ast::{
    Delimiters, Directive, DomainSpec, DualCidrLength, Ip4Network, Ip6Network, MacroExpand,
    MacroLetter, MacroPart, MacroString, Mechanism, Modifier, Record, Term, TermKind,
};
pub use error::{SyntaxError, SyntaxErrorKind};
pub use expand::{MacroValues, target_name};
pub use parse::{ExplainString, Parse, is_spf_record, parse_explain_string, parse_record};
pub use span::Span;
