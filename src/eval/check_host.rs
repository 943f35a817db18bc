//! `check_host()` itself (RFC 7208 sections 4.3 to 4.7, 5.2 and 6.1): a loop
//! over a stack of records.
//!
//! Where an answer is missing, the loop goes on as if the term did not match,
//! to find the other questions that will be asked then; the evaluation then
//! gives these questions and no result.

use std::sync::Arc;

use super::evaluator::{Evaluator, Stopped, ceiling};
use super::frame::{Cost, Frame, OpenInclude, Site};
use super::mechanism::Found;
use super::message::Message;
use super::problem::{Ceiling, Problem, TargetError};
use super::records::{RecordStore, Selection};
use super::target::Target;
use super::trace::TermOutcome;
use super::verdict::{Evaluation, MatchedTerm};
use crate::dns::{Lookup, RecordType, Step};
use crate::limits::Limits;
use crate::name::DomainName;
use crate::outcome::SpfResult;
use crate::syntax::{Term, TermKind};

/// How an evaluation is run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The limits of section 4.6.4, or none, and the ceilings.
    pub limits: Limits,
    /// Whether the evaluation keeps a trace.
    pub trace: bool,
}

impl Default for Options {
    /// The limits of RFC 7208, no trace.
    fn default() -> Self {
        Options { limits: Limits::RFC7208, trace: false }
    }
}

/// Evaluates the policy of the message's domain for the message.
///
/// With every answer that it needs in `lookup` it is done. Otherwise it names
/// the questions to ask before it is run again: the first is needed in any
/// case, the others are needed unless a term of the policy matches before.
/// `records` keeps what was parsed from one run to the next.
///
/// [`Source`](crate::dns::Source) runs it to its end over a file or the network,
/// [`gather`](crate::dns::gather()) in asynchronous programs:
///
/// ```
/// use spfc::dns::{Source, ZoneMap};
/// use spfc::eval::{Message, Options, RecordStore, check_host};
/// use spfc::outcome::SpfResult;
///
/// let zones = ZoneMap::read(
///     br#"{
///         "example.com": {"TXT": ["v=spf1 include:_spf.example.net -all"]},
///         "_spf.example.net": {"TXT": ["v=spf1 ip4:192.0.2.0/24 ?all"]}
///     }"#,
/// )?;
/// let mut dns = Source::closed(zones);
/// let mut records = RecordStore::new();
/// let mut message =
///     Message::mail_from("192.0.2.25".parse()?, "mx.example.net", "alice@example.com");
/// let options = Options::default();
///
/// let passed = dns.run(|lookup| check_host(lookup, &mut records, &message, &options))?;
/// assert_eq!(passed.result, SpfResult::Pass);
/// assert_eq!(passed.lookups.terms, 1);
/// let matched = passed.matched().expect("a term gave the pass");
/// assert_eq!(matched.term(), "ip4:192.0.2.0/24");
/// assert_eq!(matched.domain().to_string(), "_spf.example.net");
///
/// message.set_ip("2001:db8::1".parse()?);
/// let failed = dns.run(|lookup| check_host(lookup, &mut records, &message, &options))?;
/// assert_eq!(failed.result, SpfResult::Fail);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn check_host<L: Lookup + ?Sized>(
    lookup: &L,
    records: &mut RecordStore,
    message: &Message,
    options: &Options,
) -> Step<Evaluation> {
    let mut evaluator = Evaluator::new(lookup, records, message, options);
    let ended = evaluator.run();
    let lookups = evaluator.lookups();
    let (missing, trace) = evaluator.into_parts();
    if !missing.is_empty() {
        return Step::Need(missing);
    }
    let (verdict, problem) = match ended {
        Ok(verdict) => (verdict, None),
        Err(problem) => (Verdict::of(problem.result()), Some(*problem)),
    };
    let Verdict { result, path, explanation } = verdict;
    Step::Done(Evaluation { result, explanation, path, problem, lookups, trace })
}

/// What the stack of records came to.
#[derive(Debug)]
struct Verdict {
    result: SpfResult,
    path: Vec<MatchedTerm>,
    explanation: Option<String>,
}

impl Verdict {
    fn of(result: SpfResult) -> Verdict {
        Verdict { result, path: Vec::new(), explanation: None }
    }
}

/// What the record at a name is.
enum Entered {
    Record(Frame),
    NoRecord(DomainName),
    /// The answer is missing.
    Unknown,
}

/// How a record goes on.
enum Next {
    /// A directive matched, or, with none, the end of the record was met.
    Decided(Option<Term>),
    /// The record of an `include` comes first.
    Include(Frame),
    /// The record of a `redirect` takes its place.
    Redirect(Frame),
}

impl<L: Lookup + ?Sized> Evaluator<'_, L> {
    fn run(&mut self) -> Stopped<Verdict> {
        let Some(domain) = self.message.domain() else { return Ok(Verdict::of(SpfResult::None)) };
        let site = Site::of_domain(domain);
        let mut frames = Vec::with_capacity(4);
        match self.enter(domain.clone(), 0, site)? {
            Entered::Record(frame) => frames.push(frame),
            Entered::NoRecord(_) | Entered::Unknown => return Ok(Verdict::of(SpfResult::None)),
        }
        while let Some(frame) = frames.last_mut() {
            match self.step(frame)? {
                Next::Include(included) => frames.push(included),
                Next::Redirect(target) => *frame = target,
                Next::Decided(term) => {
                    if let Some(verdict) = self.leave(&mut frames, term) {
                        return Ok(verdict);
                    }
                }
            }
        }
        Ok(Verdict::of(SpfResult::None))
    }

    /// Looks for the record at `name` (sections 4.4 and 4.5).
    fn enter(&mut self, name: DomainName, level: usize, site: Site<'_>) -> Stopped<Entered> {
        let levels = self.options.limits.ceilings.levels;
        if level >= levels {
            return Err(ceiling(Ceiling::Levels(levels), site));
        }
        let Some(answer) = self.ask(name.clone(), RecordType::Txt, site)? else {
            return Ok(Entered::Unknown);
        };
        match self.records.select(&name, &answer) {
            Selection::None => Ok(Entered::NoRecord(name)),
            Selection::Several(count) => {
                Err(Box::new(Problem::SeveralRecords { domain: name, count }))
            }
            Selection::One(parse) if !parse.errors.is_empty() => {
                Err(Box::new(Problem::Syntax { domain: name, parse }))
            }
            Selection::One(parse) => {
                let networks = self.records.networks(&name);
                Ok(Entered::Record(Frame::new(parse, networks, name, level)))
            }
        }
    }

    /// Evaluates the terms of one record until something else is to be done.
    fn step(&mut self, frame: &mut Frame) -> Stopped<Next> {
        let parse = Arc::clone(&frame.parse);
        let record = &parse.record;
        loop {
            if !self.traces() {
                frame.next += self.pass_addresses_by(frame);
            }
            let Some(term) = record.terms().get(frame.next) else { break };
            frame.next += 1;
            let TermKind::Directive(directive) = &term.kind else { continue };
            let site = Site::of_term(&frame.domain, record, term);
            let before = self.cost();
            let entry = self.trace_term(frame.level, site);
            let outcome = match self.mechanism(record, &directive.mechanism, site)? {
                Found::Match => {
                    self.trace_outcome(entry, TermOutcome::Match);
                    return Ok(Next::Decided(Some(*term)));
                }
                Found::NoMatch => TermOutcome::NoMatch,
                Found::NotAName => TermOutcome::NotAName,
                Found::Include(target) => match self.include(target, frame.level, site)? {
                    Some((included, keep_as)) => {
                        frame.open = Some(OpenInclude { term: *term, entry, keep_as, before });
                        return Ok(Next::Include(included));
                    }
                    None => TermOutcome::NoMatch,
                },
            };
            self.trace_outcome(entry, outcome);
        }
        self.redirect(frame)
    }

    /// The record of an `include` (section 5.2), and the name to keep its
    /// result under; `None` where it is known not to pass, or not known at all.
    fn include(
        &mut self,
        target: Target,
        level: usize,
        site: Site<'_>,
    ) -> Stopped<Option<(Frame, Option<DomainName>)>> {
        if let Target::Name(target) = &target
            && let Some(cost) = self.not_passing.get(target).copied()
        {
            // The `include` itself is counted already.
            self.add_cost(Cost { terms: cost.terms.saturating_sub(1), void: cost.void });
            return Ok(None);
        }
        let keeps = self.options.limits.terms.is_none();
        Ok(self.follow(target, level, site)?.map(|frame| {
            let keep_as = keeps.then(|| frame.domain.clone());
            (frame, keep_as)
        }))
    }

    /// The record at the target of an `include` or `redirect`, which has to be
    /// there (sections 5.2 and 6.1); `None` where an answer is missing.
    fn follow(&mut self, target: Target, level: usize, site: Site<'_>) -> Stopped<Option<Frame>> {
        let target = match target {
            Target::Name(target) => target,
            Target::NotAName(error) => return Err(not_a_target(error, site)),
            Target::Unknown => return Ok(None),
        };
        match self.enter(target, level + 1, site)? {
            Entered::Record(frame) => Ok(Some(frame)),
            Entered::Unknown => Ok(None),
            Entered::NoRecord(target) => Err(Box::new(Problem::NoRecord {
                domain: site.domain.clone(),
                term: site.term_text(),
                target,
            })),
        }
    }

    /// The end of a record: `redirect` or the default result (sections 4.7 and
    /// 6.1). Behind an `all` nothing is met.
    fn redirect(&mut self, frame: &Frame) -> Stopped<Next> {
        let record = &frame.parse.record;
        let Some((term, spec)) = record.redirect() else { return Ok(Next::Decided(None)) };
        let site = Site::of_term(&frame.domain, record, term);
        let entry = self.trace_term(frame.level, site);
        self.count_term(site)?;
        let target = self.target(record, spec, site)?;
        let Some(target) = self.follow(target, frame.level, site)? else {
            return Ok(Next::Decided(None));
        };
        self.trace_outcome(entry, TermOutcome::Followed);
        Ok(Next::Redirect(target))
    }

    /// Takes the decided record off the stack, and with it each record whose
    /// `include` it decides. The verdict, once none is left.
    fn leave(&mut self, frames: &mut Vec<Frame>, mut decided: Option<Term>) -> Option<Verdict> {
        let mut path = Vec::new();
        while let Some(frame) = frames.pop() {
            let result = decided.as_ref().map_or(SpfResult::Neutral, result_of);
            let Some(parent) = frames.last_mut() else {
                path.extend(decided.map(|term| frame.matched(term)));
                path.reverse();
                let explanation = match result {
                    SpfResult::Fail => self.explanation(&frame),
                    _ => None,
                };
                return Some(Verdict { result, path, explanation });
            };
            let open = parent.open.take()?;
            if result != SpfResult::Pass {
                self.trace_outcome(open.entry, TermOutcome::NoMatch);
                if let Some(name) = open.keep_as {
                    let cost = self.cost();
                    let terms = cost.terms.saturating_sub(open.before.terms);
                    let void = cost.void.saturating_sub(open.before.void);
                    self.not_passing.insert(name, Cost { terms, void });
                }
                return None;
            }
            self.trace_outcome(open.entry, TermOutcome::Match);
            path.extend(decided.map(|term| frame.matched(term)));
            decided = Some(open.term);
        }
        None
    }
}

fn result_of(term: &Term) -> SpfResult {
    match &term.kind {
        TermKind::Directive(directive) => directive.qualifier.result(),
        TermKind::Modifier(_) => SpfResult::Neutral,
    }
}

fn not_a_target(error: TargetError, site: Site<'_>) -> Box<Problem> {
    Box::new(Problem::Target { domain: site.domain.clone(), term: site.term_text(), error })
}
