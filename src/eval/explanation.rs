//! The explanation of a fail (RFC 7208 section 6.2).
//!
//! Whatever goes wrong here leaves the result alone and gives no explanation.

use super::evaluator::Evaluator;
use super::frame::{Frame, Site};
use super::header::visible;
use super::target::Target;
use crate::dns::{Lookup, Question, RecordType};
use crate::syntax::parse_explain_string;

impl<L: Lookup + ?Sized> Evaluator<'_, L> {
    /// The text that `exp=` of the frame's record leads to, expanded. Its
    /// lookups count against no limit of RFC 7208.
    pub(super) fn explanation(&mut self, frame: &Frame) -> Option<String> {
        let record = &frame.parse.record;
        let (term, spec) = record.explanation()?;
        let site = Site::of_term(&frame.domain, record, term);
        let Ok(Target::Name(target)) = self.target(record, spec, site) else { return None };
        let answer = self.ask_any(Question::new(target, RecordType::Txt), site).ok()??;
        let [text] = answer.texts() else { return None };
        let explanation = parse_explain_string(&text.joined()).ok()?;
        let mut expanded = Vec::new();
        self.expand(&explanation.text, &explanation.parts, site, &mut expanded).ok()?;
        // The author of the text wrote visible ASCII; macros bring in any octet.
        Some(expanded.into_iter().map(visible).collect())
    }
}
