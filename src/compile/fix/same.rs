//! Whether a policy means the same with other octets for its record.

use std::collections::HashSet;
use std::sync::Arc;

use crate::addr::{Address, IP4_MAPPED};
use crate::dns::{Answer, Lookup, Question, RecordType, Records, Reply, Txt};
use crate::limits::Ceilings;
use crate::name::DomainName;
use crate::policy::{Decisions, Space, Verdict};
use crate::proof::{Claim, Generated, Side, Subject, Unproven, independent_half, lowered};
use crate::syntax::parse_record;

use super::{Judged, Refused};
use crate::compile::{CompileError, Halt, VerifySide, verify};

/// The target of a record's `exp=`, as written.
pub(super) fn explanation(text: &[u8]) -> Option<Vec<u8>> {
    let record = parse_record(text).record;
    let (term, _) = record.explanation()?;
    let written = record.slice(term.span);
    written.iter().position(|octet| *octet == b'=').map(|at| written[at..].to_vec())
}

/// Whether two records mean the same whatever other names hold, errors included:
/// every target is an unknown, and each client meets the same ones in the same
/// order, with the same outcomes.
pub(super) fn same_whatever_dns_says(
    domain: &DomainName,
    before: &[u8],
    after: &[u8],
    ceilings: Ceilings,
) -> bool {
    let (before, after) = (TextAlone::new(domain, before), TextAlone::new(domain, after));
    let mut keep = HashSet::new();
    loop {
        let generated = Generated::default();
        let side = |lookup| Subject { domain, lookup, generated: &generated };
        let claim = Claim {
            source: side(&before),
            output: side(&after),
            keep: &keep,
            ceilings,
            within_limits: false,
        };
        let questions = match same_course(&claim) {
            Ok(same) => return same,
            Err(Unproven::Refuted(_)) => return false,
            Err(Unproven::Need(questions)) => questions,
        };
        let kept = keep.len();
        keep.extend(questions.into_iter().map(|question| question.name));
        if keep.len() == kept {
            return false;
        }
    }
}

/// Whether the decisions of both sides are the same for every address, unknowns
/// in order, and `check_host()` agrees.
fn same_course(claim: &Claim<'_>) -> Result<bool, Unproven> {
    let mut decisions = Decisions::default();
    let source = lowered(claim, Side::Source, &mut decisions)?.map;
    let output = lowered(claim, Side::Output, &mut decisions)?.map;
    // No client has an IPv4-mapped address.
    let mapped = |address: u128| IP4_MAPPED.contains(address);
    let same = same_space(&source.ip4, &output.ip4, |_| false, None)
        && same_space(&source.ip6, &output.ip6, mapped, IP4_MAPPED.last.next());
    if !same {
        return Ok(false);
    }
    independent_half(claim).map(|_| true)
}

/// Whether two spaces decide the same at the start of every range, and from
/// `more` on; addresses that are `left_out` do not count.
fn same_space<A: Address>(
    first: &Space<A>,
    second: &Space<A>,
    left_out: impl Fn(A) -> bool,
    more: Option<A>,
) -> bool {
    let starts = first.cuts().iter().chain(second.cuts()).map(|cut| cut.start).chain(more);
    let same = |start: A| first.at(start).decision == second.at(start).decision;
    starts.filter(|start| !left_out(*start)).all(same)
}

/// Whether the policy is the same in two readings of DNS.
pub(super) fn same_in_dns(
    domain: &DomainName,
    has_domain: bool,
    before: &dyn Lookup,
    after: &dyn Lookup,
    ceilings: Ceilings,
) -> Judged {
    let mut keep = HashSet::new();
    let unnamed = |lookup| Unnamed { lookup, domain: (!has_domain).then_some(domain) };
    let (before, after) = (unnamed(before), unnamed(after));
    let side = |lookup| VerifySide::new(domain, lookup);
    loop {
        let questions = match verify(&side(&before), &side(&after), &keep, ceilings) {
            Ok(verified) if verified.comparison.verdict == Verdict::Equal => return Ok(Ok(())),
            Ok(verified) => {
                let ip4 = verified.comparison.ip4.first().map(|found| found.range.to_string());
                let ip6 = verified.comparison.ip6.first().map(|found| found.range.to_string());
                return Ok(Err(Refused::Different(ip4.or(ip6).unwrap_or_default())));
            }
            Err(Halt::Refuse(error)) => {
                return Ok(Err(match *error {
                    CompileError::Policy(errors) => {
                        let first = errors.first().map(ToString::to_string);
                        Refused::InError(first.unwrap_or_default())
                    }
                    other => Refused::Unproven(other.to_string()),
                }));
            }
            Err(Halt::Need(questions)) => questions,
        };
        // What depends on a domain that is not known is an unknown.
        let own = |question: &&Question| !has_domain && question.name.is_at_or_below(domain);
        let kept = keep.len();
        keep.extend(questions.iter().filter(own).map(|question| question.name.clone()));
        if keep.len() == kept {
            return Err(questions);
        }
    }
}

/// A world that holds one record, and does not know what else there is.
struct TextAlone<'a> {
    domain: &'a DomainName,
    answer: Arc<Answer>,
}

impl<'a> TextAlone<'a> {
    fn new(domain: &'a DomainName, text: &[u8]) -> TextAlone<'a> {
        let reply = Reply::Records(Records::Txt(vec![Txt::new([text])]));
        TextAlone { domain, answer: Arc::new(Answer::new(reply)) }
    }
}

impl Lookup for TextAlone<'_> {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        match question.name == *self.domain && question.record_type == RecordType::Txt {
            true => Ok(self.answer.clone()),
            false => Err(question.clone()),
        }
    }
}

/// DNS without the names of a domain that only stands for none.
struct Unnamed<'a> {
    lookup: &'a dyn Lookup,
    domain: Option<&'a DomainName>,
}

impl Lookup for Unnamed<'_> {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        let hidden = self.domain.is_some_and(|domain| {
            let record = question.name == *domain && question.record_type == RecordType::Txt;
            question.name.is_at_or_below(domain) && !record
        });
        if hidden { Err(question.clone()) } else { self.lookup.lookup(question) }
    }
}
