//! 0xx: what breaks the grammar of a record (RFC 7208 sections 4.6 and 12).

use crate::lint::facts::Facts;
use crate::lint::finding::{Finding, Place};
use crate::lint::rule::{Check, Consequence, Rule, Severity};
use crate::lint::rules::order::is_repeated_modifier;
use crate::policy::{Fault, Graph, NodeState};
use crate::syntax::{Span, SyntaxError};

pub(super) const RULES: &[Rule] = &[Rule {
    code: "SPF001",
    name: "syntax-error",
    severity: Severity::Error,
    off: false,
    consequence: Consequence::Permerror,
    reference: "RFC 7208 section 4.6",
    page: include_str!("../../../docs/rules/SPF001.md"),
    check: Check::Record(syntax_error),
}];

fn syntax_error(facts: &Facts) -> Vec<Finding> {
    let NodeState::Broken { fault: Fault::Syntax { text, errors }, .. } = &facts.graph.root().state
    else {
        return Vec::new();
    };
    let is_text = std::str::from_utf8(text).is_ok();
    let finding = |error: &SyntaxError| {
        let span = if is_text { whole_characters(text, error.span) } else { error.span };
        let place = Place { span: Some(span), ..facts.record_place(Graph::ROOT) };
        let error = SyntaxError { span, ..*error };
        Finding::new(place, error.describe(text))
            .help("receivers answer permerror for the whole policy, whatever else it says")
    };
    errors.iter().filter(|error| !is_repeated_modifier(error)).map(finding).collect()
}

/// The span with the rest of the UTF-8 characters that it is a part of.
fn whole_characters(text: &[u8], span: Span) -> Span {
    let continues = |at: usize| text.get(at).is_some_and(|octet| octet & 0xc0 == 0x80);
    let (mut start, mut end) = (span.start as usize, span.end as usize);
    while start > 0 && continues(start) {
        start -= 1;
    }
    while continues(end) {
        end += 1;
    }
    Span::new(start, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_cover_whole_characters() {
        let text = "v=spf1 \u{2013}all".as_bytes();
        assert_eq!(whole_characters(text, Span::new(7, 8)), Span::new(7, 10));
        assert_eq!(whole_characters(text, Span::new(8, 9)), Span::new(7, 10));
        assert_eq!(whole_characters(text, Span::new(0, 6)), Span::new(0, 6));
        assert_eq!(whole_characters(text, Span::new(13, 13)), Span::new(13, 13));
    }
}
