//! Whether edits may be made in a record: what declared and equivalent fixes
//! have to hold.

use crate::lint::{Consequence, Diagnostic, Edited, LintOptions, Report, Severity};
use crate::syntax::{Span, is_spf_record, parse_record};

use super::same::{explanation, same_in_dns, same_whatever_dns_says};
use super::{Judged, Refused, World};

impl World<'_> {
    /// Whether edits keep what the policy means.
    pub(super) fn keeps(&self, before: &[u8], edited: &Edited) -> Judged {
        let after = edited.octets.as_slice();
        if explanation(before) != explanation(after) {
            return Ok(Err(Refused::Explanation));
        }
        let ceilings = self.options.ceilings;
        if same_whatever_dns_says(&self.domain, before, after, ceilings) {
            return Ok(Ok(()));
        }
        if self.options.offline {
            return Ok(Err(self.open(before)));
        }
        let (before, after) = (self.view(before), self.view(after));
        let has_domain = self.subject.domain.is_some();
        same_in_dns(&self.domain, has_domain, &*before, &*after, ceilings)
    }

    /// Why nothing is proven without DNS.
    fn open(&self, before: &[u8]) -> Refused {
        let parse = parse_record(before);
        match parse.errors.first() {
            Some(error) => Refused::InError(error.describe(before)),
            None => Refused::WithoutDns,
        }
    }

    /// Whether edits mend a record that is in error, and do no harm.
    pub(super) fn mends(&self, before: &[u8], edited: &Edited) -> Judged {
        let after = edited.octets.as_slice();
        if mistakes(before) == 0 {
            return Ok(Err(Refused::NotInError));
        }
        if mistakes(after) >= mistakes(before) {
            return Ok(Err(Refused::NothingMended));
        }
        // The user's word on rules has no part in what is safe.
        let options = LintOptions { levels: Default::default(), ..self.options.clone() };
        let known = self.find(before, &options)?;
        let report = self.find(after, &options)?;
        let new = report.diagnostics.iter().find(|diagnostic| {
            let place = &diagnostic.place;
            let own = place.domain == self.subject.domain;
            let span = place.span.filter(|_| own && place.record.as_deref() == Some(after));
            let hidden = diagnostic.rule.consequence == Consequence::Permerror
                && (!own || place.span.is_some());
            is_error(diagnostic)
                && match span {
                    Some(span) if touches(&edited.written, span) => true,
                    // What stands elsewhere was in error before, if not seen.
                    _ if hidden => false,
                    _ => !has_error(&known, diagnostic.rule.code),
                }
        });
        Ok(match new {
            None => Ok(()),
            Some(diagnostic) => Err(Refused::NewError {
                code: diagnostic.rule.code,
                message: diagnostic.message.clone(),
            }),
        })
    }
}

/// Mistakes of a text by itself; a text that is no record is worse than any.
fn mistakes(text: &[u8]) -> usize {
    match is_spf_record(text) {
        true => parse_record(text).errors.len(),
        false => usize::MAX,
    }
}

/// Failures of DNS are none of the record's.
fn is_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity == Severity::Error && diagnostic.rule.consequence != Consequence::Temperror
}

fn has_error(report: &Report, code: &str) -> bool {
    report.diagnostics.iter().any(|known| known.rule.code == code && is_error(known))
}

/// Whether a finding lies in, over or at what was written.
fn touches(written: &[Span], span: Span) -> bool {
    written.iter().any(|written| span.start <= written.end && written.start <= span.end)
}
