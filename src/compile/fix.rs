//! Guarded fixes: the edits that rules propose for a record, made only where
//! they keep what the policy means, or where the record was in error.
//!
//! Rules propose and do not prove; here the proof that guards every output of
//! the compiler guards their edits too. Files are written elsewhere.

mod guard;
mod same;

use std::collections::HashSet;
use std::sync::Arc;

use thiserror::Error;

use crate::dns::{Lookup, Published, Question, Replaced, Txt};
use crate::lint::{Diagnostic, Edited, Fix, FixKind, LintOptions, Mended, Report, Rule, Subject};
use crate::lint::{edit, lint};
use crate::name::DomainName;
use crate::optimize::split_strings;

/// Rounds of linting and fixing at most; a fix can make room for another one.
const ROUNDS: usize = 100;
/// Fixes of a round that are tried one by one, where they fail together.
const MOST_TRIED: usize = 32;
/// Stands for the domain of a record that has none.
const NO_DOMAIN: &[&[u8]] = &[b"record", b"invalid"];

/// A subject with its fixes made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fixed {
    /// What was found before.
    pub found: Report,
    /// What is found in the mended record.
    pub left: Report,
    /// The record that fixes were proposed for, before; `None` where no one
    /// record is meant.
    pub original: Option<Arc<[u8]>>,
    /// What became of the fixes.
    pub mended: Mended,
}

/// Why a fix is not made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refused {
    /// The policy would decide something else.
    #[error("it would change what the policy decides, first for {0}")]
    Different(String),
    /// The policy is in error, so there is no meaning that could stay the same.
    #[error("the policy is in error, so that it stays the same cannot be proven: {0}")]
    InError(String),
    /// Whether the policy stays the same depends on what other names hold.
    #[error("that the policy stays the same cannot be proven without DNS")]
    WithoutDns,
    /// A recording lacks an answer that the proof, or the mended record, needs.
    #[error("the answer to {0} is not recorded")]
    NotRecorded(Question),
    /// No proof for another reason.
    #[error("that the policy stays the same could not be proven: {0}")]
    Unproven(String),
    /// A fail would be explained by another text, or by none (RFC 7208 section 6.2).
    #[error("it would change how a fail is explained")]
    Explanation,
    /// The rule says that the record is in error, and by its text it is not.
    #[error("the record is no error as it stands, so what it means is for its author to change")]
    NotInError,
    /// The record has as many mistakes as before.
    #[error("it would mend nothing")]
    NothingMended,
    /// The mended record has another error.
    #[error("the record would then have another error, {code}: {message}")]
    NewError {
        /// The rule that finds it.
        code: &'static str,
        /// What it finds.
        message: String,
    },
}

/// What finds diagnostics: [`lint()`], or something in its place.
pub type Finder<'f> =
    &'f dyn Fn(&dyn Lookup, &Subject, &LintOptions) -> Result<Report, Vec<Question>>;

/// Lints a subject, makes the fixes that are safe, and lints it again, until
/// nothing is left to fix.
///
/// Declared fixes come first: a record in error has no meaning to keep. They
/// are made where the record's text is in error or no record, has fewer
/// mistakes with them, and no error where they write, none that judges the
/// policy, such as passing everyone. Equivalent fixes are made where the policy
/// is proven to stay the same for every address, by decision maps and by
/// `check_host()`: first whatever DNS says, all targets being unknowns that
/// every client has to meet in the same order, so that even their errors come
/// out alike; then, if that does not decide and DNS is asked, with the answers
/// of DNS. Offered fixes are never made.
///
/// # Errors
///
/// The questions, at least one, that have to be asked first.
pub fn fix(
    lookup: &dyn Lookup,
    subject: &Subject,
    options: &LintOptions,
) -> Result<Fixed, Vec<Question>> {
    fix_with(lookup, subject, options, &lint)
}

/// As [`fix`], for the diagnostics of `find`: whatever it proposes, no fix that
/// is not safe is made.
///
/// # Errors
///
/// As [`fix`].
pub fn fix_with(
    lookup: &dyn Lookup,
    subject: &Subject,
    options: &LintOptions,
    find: Finder<'_>,
) -> Result<Fixed, Vec<Question>> {
    let found = find(lookup, subject, options)?;
    let Some(original) = own_record(&found, subject) else {
        let mended = Mended { record: found.record.clone(), ..Mended::default() };
        return Ok(Fixed { left: found.clone(), found, original: None, mended });
    };
    let no_domain = || DomainName::from_labels(NO_DOMAIN.iter().copied());
    let domain = match &subject.domain {
        Some(domain) => domain.clone(),
        // Two short labels are a name.
        None => no_domain().unwrap_or_else(|_| DomainName::root()),
    };
    let world = World { lookup, subject, domain, original: original.clone(), options, find };
    let mut left = found.clone();
    let mut text = original.clone();
    let mut mended = Mended::default();
    let mut seen = HashSet::from([text.clone()]);
    for _ in 0..ROUNDS {
        let round = world.round(&text, &left)?;
        mended.refused = round.refused;
        // Fixes that undo each other would go on for ever.
        if round.made.is_empty() || !seen.insert(round.text.clone()) {
            break;
        }
        match world.find(&round.text, options) {
            Ok(report) => left = report,
            Err(questions) => {
                let reason = world.unknown(questions)?.to_string();
                let refuse = |rule: &&'static Rule| (*rule, reason.clone());
                mended.refused.extend(round.made.iter().map(refuse));
                break;
            }
        }
        text = round.text;
        mended.applied.extend(round.made);
    }
    mended.record = Some(text);
    Ok(Fixed { found, left, original: Some(original), mended })
}

/// The text that the fixes of a report can be meant for: the subject's record,
/// or, where there is none, the one text that should be it.
fn own_record(report: &Report, subject: &Subject) -> Option<Arc<[u8]>> {
    if let Some(record) = subject.record.as_deref().map(Arc::from).or(report.record.clone()) {
        return Some(record);
    }
    let fixable = report
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.fix.is_some() && diagnostic.place.domain == subject.domain);
    let mut texts = fixable.filter_map(|diagnostic| diagnostic.place.record.clone());
    let first = texts.next()?;
    texts.all(|text| text == first).then_some(first)
}

/// Where fixes are tried: the subject and its DNS, with other octets for its
/// record.
struct World<'a> {
    lookup: &'a dyn Lookup,
    subject: &'a Subject,
    domain: DomainName,
    original: Arc<[u8]>,
    options: &'a LintOptions,
    find: Finder<'a>,
}

/// What a round of fixes made of a record.
#[derive(Default)]
struct Round {
    text: Arc<[u8]>,
    made: Vec<&'static Rule>,
    refused: Vec<(&'static Rule, String)>,
}

/// A fix that a rule proposes.
type Proposal<'r> = (&'static Rule, &'r Fix);

/// Whether edits may be made; questions where that is not known yet.
type Judged = Result<Result<(), Refused>, Vec<Question>>;

impl World<'_> {
    /// DNS in which the record has these octets.
    fn view(&self, text: &[u8]) -> Box<dyn Lookup + '_> {
        if self.subject.record.is_some() {
            return Box::new(Published::new(self.lookup, [(self.domain.clone(), text.to_vec())]));
        }
        if *text == *self.original {
            return Box::new(self.lookup);
        }
        Box::new(Replaced::new(self.lookup, [replacement(&self.domain, &self.original, text)]))
    }

    /// What is found in the record with these octets.
    fn find(&self, text: &[u8], options: &LintOptions) -> Result<Report, Vec<Question>> {
        if self.subject.record.is_none() {
            return (self.find)(&*self.view(text), self.subject, options);
        }
        let subject = Subject { record: Some(text.into()), ..self.subject.clone() };
        (self.find)(self.lookup, &subject, options)
    }

    /// Questions that cannot be asked are a reason.
    fn unknown(&self, questions: Vec<Question>) -> Result<Refused, Vec<Question>> {
        match questions.first() {
            Some(question) if !self.options.beyond_policy => {
                Ok(Refused::NotRecorded(question.clone()))
            }
            _ => Err(questions),
        }
    }

    /// Makes what can be made of the fixes that a report proposes.
    fn round(&self, text: &Arc<[u8]>, report: &Report) -> Result<Round, Vec<Question>> {
        let own = |diagnostic: &&Diagnostic| {
            let place = &diagnostic.place;
            place.domain == self.subject.domain && place.record.as_deref() == Some(&**text)
        };
        let own: Vec<&Diagnostic> = report.diagnostics.iter().filter(own).collect();
        let of_kind = |kind: FixKind| -> Vec<Proposal<'_>> {
            let fixes = own.iter().filter_map(|own| Some((own.rule, own.fix.as_ref()?)));
            fixes.filter(|(_, fix)| fix.kind == kind).collect()
        };
        let declared = of_kind(FixKind::Declared);
        let mut round = self.attempt(text, &declared, |edited| self.mends(text, edited))?;
        if round.made.is_empty() {
            let equivalent = of_kind(FixKind::Equivalent);
            let more = self.attempt(text, &equivalent, |edited| self.keeps(text, edited))?;
            round.refused.extend(more.refused);
            round = Round { refused: round.refused, ..more };
        }
        Ok(round)
    }

    /// Makes these fixes where `judge` lets them pass: all at once, or else one
    /// after the other, each beside those that passed before.
    fn attempt(
        &self,
        text: &Arc<[u8]>,
        proposals: &[Proposal<'_>],
        judge: impl Fn(&Edited) -> Judged,
    ) -> Result<Round, Vec<Question>> {
        let judge = |edited: &Edited| match judge(edited) {
            Ok(judged) => Ok(judged),
            Err(questions) => self.unknown(questions).map(Err),
        };
        let fixes: Vec<&Fix> = proposals.iter().map(|(_, fix)| *fix).collect();
        let all = edit(text, &fixes);
        let rules = |made: &[usize]| -> Vec<&'static Rule> {
            made.iter().filter_map(|index| Some(proposals.get(*index)?.0)).collect()
        };
        let mut round = Round { text: text.clone(), ..Round::default() };
        if all.made.is_empty() {
            return Ok(round);
        }
        let reason = match judge(&all)? {
            Ok(()) => {
                let made = rules(&all.made);
                return Ok(Round { text: all.octets.into(), made, ..round });
            }
            Err(reason) => reason,
        };
        if let [only] = all.made.as_slice() {
            let refuse = |rule| (rule, reason.to_string());
            round.refused = rules(&[*only]).into_iter().map(refuse).collect();
            return Ok(round);
        }
        let mut chosen: Vec<Proposal<'_>> = Vec::new();
        let tried = all.made.iter().filter_map(|index| proposals.get(*index));
        for proposal in tried.take(MOST_TRIED) {
            chosen.push(*proposal);
            let edited = edit(text, &chosen.iter().map(|(_, fix)| *fix).collect::<Vec<_>>());
            match judge(&edited)? {
                Ok(()) => round.text = edited.octets.into(),
                Err(reason) => {
                    chosen.pop();
                    round.refused.push((proposal.0, reason.to_string()));
                }
            }
        }
        round.made = chosen.into_iter().map(|(rule, _)| rule).collect();
        Ok(round)
    }
}

/// A record with other octets, for [`Replaced`]: split as it would be published.
pub fn replacement(domain: &DomainName, old: &[u8], new: &[u8]) -> (DomainName, Txt, Txt) {
    let split = match std::str::from_utf8(new) {
        Ok(text) if text.is_ascii() => Txt::new(split_strings(text)),
        _ => Txt::new([new]),
    };
    (domain.clone(), Txt::new([old]), split)
}

#[cfg(test)]
mod tests;
