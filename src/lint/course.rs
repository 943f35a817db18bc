//! The course that evaluation takes through a policy, for all clients at once:
//! which terms some client reaches, in which order, and what it has cost then.
//!
//! Sets of clients go from term to term as `check_host()` goes (RFC 7208
//! sections 4.6 and 5.2). They go on behind a term that is an error, so that
//! what stands there is linted too; where DNS failed they stop, for nobody can
//! say how they would go on.

use std::collections::HashSet;

use crate::addr::{Address, Prefix, RangeSet};
use crate::limits::{LOOKUP_TERMS, VOID_LOOKUPS};
use crate::outcome::Qualifier;
use crate::policy::{AddressTerm, FoundRecord, Graph, GraphTerm, Meaning, NodeId, NodeState};
use crate::syntax::DomainTarget;

use super::clients::{Clients, Spent, first_match};
use super::terms::domain_spec;

/// A term that some client reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Visit {
    /// The record.
    pub(super) node: NodeId,
    /// The term, an index into the record's terms in the graph.
    pub(super) term: usize,
    /// The term of the policy's own record that leads there.
    pub(super) via: usize,
    /// The record is the policy's own or the target of its redirect.
    pub(super) own: bool,
    /// What a match decides for the policy; `None` where an include on the way
    /// makes it no match.
    pub(super) decides: Option<Qualifier>,
    /// The term leads back to a record that it is part of.
    pub(super) loops: bool,
}

/// What decides for clients that no other term of the policy matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DefaultResult {
    /// An `all`: this visit.
    All(Visit),
    /// Nothing: the record at the end of the redirects has no `all`.
    Missing(NodeId),
}

/// The whole course.
#[derive(Clone, Debug, Default)]
pub(super) struct Course {
    /// The terms reached, in the order in which they first are; a term is there
    /// again where it decides something else. `ip4` and `ip6` terms are left out.
    pub(super) visits: Vec<Visit>,
    /// Where the limit on lookup terms is first exceeded.
    pub(super) terms_over: Option<Visit>,
    /// Where an IPv4 client first meets too many void lookups.
    pub(super) void_over_ip4: Option<Visit>,
    /// Where an IPv6 client first meets too many void lookups.
    pub(super) void_over_ip6: Option<Visit>,
    /// Where they are too many if lookups of dynamic terms are void.
    pub(super) perhaps_void_over: Option<Visit>,
    /// The clients that pass without a dynamic term's help.
    pub(super) passes: Clients,
    /// Some term is one that only the message can decide.
    pub(super) dynamic: bool,
    /// What decides for the rest; `None` where an error or a dynamic redirect
    /// does, or where there is no rest.
    pub(super) default: Option<DefaultResult>,
}

/// Follows all clients through the policy of `graph`.
pub(super) fn course(graph: &Graph) -> Course {
    let mut walker = Walker::new(graph);
    let frame = Frame { own: true, via: None, passing: None };
    let decided = walker.record(Graph::ROOT, Clients::everyone(), frame);
    Course { passes: decided.pass, ..walker.course }
}

/// The clients that the policy of one record of the graph passes, whoever comes.
pub(super) fn passed_by(graph: &Graph, node: NodeId) -> Clients {
    let frame = Frame { own: false, via: None, passing: None };
    Walker::new(graph).record(node, Clients::everyone(), frame).pass
}

/// Where a record stands in the policy.
#[derive(Clone, Copy)]
struct Frame {
    own: bool,
    via: Option<usize>,
    /// In an included record: what passing there decides for the policy.
    passing: Option<Qualifier>,
}

impl Frame {
    fn decides(self, qualifier: Qualifier) -> Option<Qualifier> {
        match (self.own, qualifier) {
            (true, _) => Some(qualifier),
            (false, Qualifier::Pass) => self.passing,
            (false, _) => None,
        }
    }
}

/// The clients of a record by what it decides for them.
#[derive(Default)]
struct Decided {
    pass: Clients,
    other: Clients,
}

impl Decided {
    fn add(&mut self, qualifier: Qualifier, clients: Clients) {
        match qualifier {
            Qualifier::Pass => self.pass.join(clients),
            _ => self.other.join(clients),
        }
    }
}

struct Walker<'a> {
    graph: &'a Graph,
    course: Course,
    noted: HashSet<Visit>,
    /// The records that are being evaluated, the outermost first.
    open: Vec<NodeId>,
    /// Records that clients have seen who were over the limit already: one
    /// look is enough, and it bounds the work.
    tired: HashSet<NodeId>,
}

impl<'a> Walker<'a> {
    fn new(graph: &'a Graph) -> Self {
        let (noted, tired) = (HashSet::new(), HashSet::new());
        Walker { graph, course: Course::default(), noted, open: Vec::new(), tired }
    }

    /// Evaluates one record. The recursion is as deep as the lookup limit, and
    /// beyond it as the chain of distinct records, which the graph bounds.
    fn record(&mut self, id: NodeId, mut open: Clients, frame: Frame) -> Decided {
        let graph = self.graph;
        let mut decided = Decided::default();
        let Some(found) = graph.node(id).record() else { return decided };
        self.open.push(id);
        let mut index = 0;
        while index < found.terms.len() && !open.is_empty() {
            let run = literal_run(&found.terms[index..]);
            if run.is_empty() {
                self.term(id, found, index, frame, &mut open, &mut decided);
                index += 1;
            } else {
                let (ip4_pass, ip4_other) =
                    first_match(&run.iter().filter_map(ip4).collect::<Vec<_>>());
                let (ip6_pass, ip6_other) =
                    first_match(&run.iter().filter_map(ip6).collect::<Vec<_>>());
                let ip4 = open.ip4.take(&ip4_pass);
                decided.pass.join(Clients { ip4, ip6: open.ip6.take(&ip6_pass) });
                let ip4 = open.ip4.take(&ip4_other);
                decided.other.join(Clients { ip4, ip6: open.ip6.take(&ip6_other) });
                index += run.len();
            }
        }
        self.open.pop();
        if frame.own && !open.is_empty() {
            self.course.default = Some(DefaultResult::Missing(id));
        }
        decided.other.join(open);
        decided
    }

    fn term(
        &mut self,
        id: NodeId,
        found: &FoundRecord,
        index: usize,
        frame: Frame,
        open: &mut Clients,
        decided: &mut Decided,
    ) {
        let term = &found.terms[index];
        let via = frame.via.unwrap_or(index);
        let mut visit = Visit {
            node: id,
            term: index,
            via,
            own: frame.own,
            decides: frame.decides(term.qualifier),
            loops: false,
        };
        match &term.meaning {
            Meaning::Unreached | Meaning::Ip4(_) | Meaning::Ip6(_) => return,
            Meaning::All => {}
            _ => self.spend(open, Spent::TERM, Spent::TERM, visit),
        }
        match &term.meaning {
            Meaning::All => {
                if frame.own {
                    self.course.default = Some(DefaultResult::All(visit));
                }
                decided.add(term.qualifier, std::mem::take(open));
            }
            Meaning::Addresses(addresses) => {
                self.addresses(term.qualifier, addresses, open, decided, visit);
            }
            Meaning::Exists(Ok(true)) => decided.add(term.qualifier, std::mem::take(open)),
            Meaning::Exists(Ok(false)) if !self.names_nothing(id, found, term) => {
                self.spend(open, Spent::void(1), Spent::void(1), visit);
            }
            Meaning::Exists(Ok(false)) => {}
            Meaning::Exists(Err(error)) | Meaning::Broken(error) => {
                let ends = error.is_temporary() || is_redirect(term);
                if ends {
                    *open = Clients::default();
                }
            }
            Meaning::Include(child) | Meaning::Redirect(child) => {
                visit.loops = self.open.contains(child);
                // A record that the redirect leads to has the visit behind this one.
                self.note(visit);
                self.target(*child, term, Frame { via: Some(via), ..frame }, visit, open, decided);
            }
            Meaning::Dynamic(kind) => {
                self.course.dynamic = true;
                if is_redirect(term) {
                    decided.other.join(std::mem::take(open));
                } else if kind.kept.is_none() && !kind.text.starts_with("include:") {
                    let perhaps = Spent { perhaps_void: 1, ..Spent::default() };
                    self.spend(open, perhaps, perhaps, visit);
                }
            }
            Meaning::Unreached | Meaning::Ip4(_) | Meaning::Ip6(_) => {}
        }
        self.note(visit);
    }

    fn addresses(
        &mut self,
        qualifier: Qualifier,
        addresses: &AddressTerm,
        open: &mut Clients,
        decided: &mut Decided,
        visit: Visit,
    ) {
        let ip4 = open.ip4.take(&ranges(&addresses.ip4));
        let ip6 = open.ip6.take(&ranges(&addresses.ip6));
        decided.add(qualifier, Clients { ip4, ip6 });
        self.spend(open, Spent::void(addresses.void_ip4), Spent::void(addresses.void_ip6), visit);
        if addresses.ip4_error.is_some() {
            open.ip4 = Default::default();
        }
        if addresses.ip6_error.is_some() {
            open.ip6 = Default::default();
        }
    }

    /// An `include` or a `redirect`: those whom it does not decide stay open.
    fn target(
        &mut self,
        child: NodeId,
        term: &GraphTerm,
        frame: Frame,
        visit: Visit,
        open: &mut Clients,
        decided: &mut Decided,
    ) {
        let redirect = is_redirect(term);
        if let NodeState::Broken { fault, .. } = &self.graph.node(child).state {
            if redirect || matches!(fault, crate::policy::Fault::Dns { .. }) {
                *open = Clients::default();
            }
            return;
        }
        let tired = open.all_over() && !self.tired.insert(child);
        if visit.loops || tired {
            if redirect || visit.loops {
                *open = Clients::default();
            }
            return;
        }
        let clients = std::mem::take(open);
        if redirect {
            let result = self.record(child, clients, frame);
            decided.pass.join(result.pass);
            decided.other.join(result.other);
        } else {
            let inner = Frame { own: false, passing: frame.decides(term.qualifier), ..frame };
            let result = self.record(child, clients, inner);
            decided.add(term.qualifier, result.pass);
            *open = result.other;
        }
    }

    fn spend(&mut self, open: &mut Clients, ip4: Spent, ip6: Spent, visit: Visit) {
        open.spend(ip4, ip6);
        let terms = |spent: &Spent| spent.terms > LOOKUP_TERMS;
        let void = |spent: &Spent| spent.void > VOID_LOOKUPS;
        let perhaps = |spent: &Spent| spent.void + spent.perhaps_void > VOID_LOOKUPS;
        let course = &mut self.course;
        let first = |place: &mut Option<Visit>, over: bool| {
            if over && place.is_none() {
                *place = Some(visit);
            }
        };
        first(&mut course.terms_over, open.ip4.any(terms) || open.ip6.any(terms));
        first(&mut course.void_over_ip4, open.ip4.any(void));
        first(&mut course.void_over_ip6, open.ip6.any(void));
        first(&mut course.perhaps_void_over, open.ip4.any(perhaps) || open.ip6.any(perhaps));
    }

    fn note(&mut self, visit: Visit) {
        if self.noted.insert(visit) {
            self.course.visits.push(visit);
        }
    }

    /// Whether the term's target is no DNS name, so that nothing is asked.
    fn names_nothing(&self, id: NodeId, found: &FoundRecord, term: &GraphTerm) -> bool {
        let domain = &self.graph.node(id).domain;
        domain_spec(&term.term).is_some_and(|spec| {
            matches!(found.record.domain_target(spec, domain), DomainTarget::Invalid(..))
        })
    }
}

/// The `ip4` and `ip6` terms that `terms` begins with.
fn literal_run(terms: &[GraphTerm]) -> &[GraphTerm] {
    let literal = |term: &GraphTerm| matches!(term.meaning, Meaning::Ip4(_) | Meaning::Ip6(_));
    let end = terms.iter().position(|term| !literal(term));
    &terms[..end.unwrap_or(terms.len())]
}

/// The prefix of an `ip4` term, and whether it passes.
fn ip4(term: &GraphTerm) -> Option<(Prefix<u32>, bool)> {
    match term.meaning {
        Meaning::Ip4(prefix) => Some((prefix, term.qualifier == Qualifier::Pass)),
        _ => None,
    }
}

/// The prefix of an `ip6` term, and whether it passes.
fn ip6(term: &GraphTerm) -> Option<(Prefix<u128>, bool)> {
    match term.meaning {
        Meaning::Ip6(prefix) => Some((prefix, term.qualifier == Qualifier::Pass)),
        _ => None,
    }
}

fn ranges<A: Address>(prefixes: &[Prefix<A>]) -> RangeSet<A> {
    prefixes.iter().map(|prefix| prefix.range()).collect()
}

fn is_redirect(term: &GraphTerm) -> bool {
    matches!(term.term.kind, crate::syntax::TermKind::Modifier(_))
}

#[cfg(test)]
mod tests;
