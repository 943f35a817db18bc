//! From the include graph to the choice: which targets there are, what each
//! costs a receiver while it stays, and what stands in their way.

use std::collections::{HashMap, HashSet};

use crate::dns::Lookup;
use crate::limits::{MX_NAMES, VOID_LOOKUPS};
use crate::name::DomainName;
use crate::outcome::Qualifier;
use crate::policy::{
    End, FoundRecord, Graph, GraphTerm, LookupCount, Meaning, NodeId, count_lookups, term_lookups,
};
use crate::syntax::{
    DomainSpec, DomainTarget, Mechanism, Modifier, Record, TermKind, absolute_term,
};

use super::problem::{Load, Octets, Problem, Room, Target, Text, Use};
use super::weight::{Figures, Weights};

/// What decides which targets may stay, and what they cost.
pub(super) struct Terms<'a> {
    /// The whole policy, nothing of it kept.
    pub(super) graph: &'a Graph,
    /// DNS as the policy was read.
    pub(super) view: &'a dyn Lookup,
    /// Targets that are never inlined.
    pub(super) pinned: &'a HashSet<DomainName>,
    /// Records that have to be inlined, with all that lead to them.
    pub(super) required: &'a HashSet<NodeId>,
    /// What is decided behind all directives.
    pub(super) end: End,
    pub(super) max_lookups: u32,
    pub(super) room: Room,
    /// Whether the terms never overlap: exclusions take fewer octets than the
    /// least that is known without them.
    pub(super) disjoint: bool,
}

/// The choice, with the names and terms behind its numbers.
pub(super) struct Tree {
    pub(super) problem: Problem,
    /// The name of each target; none for a term that only the message decides.
    pub(super) names: Vec<Option<DomainName>>,
    /// What inlining each target brings.
    pub(super) figures: Vec<Figures>,
    /// Every term with a target, in the order of the records.
    pub(super) terms: Vec<TargetTerm>,
    /// Terms and addresses of the whole policy.
    pub(super) size: usize,
}

/// A term that leads to a target.
pub(super) struct TargetTerm {
    pub(super) target: usize,
    /// The target of the record that it stands in; none for the policy's own.
    pub(super) parent: Option<usize>,
    pub(super) domain: DomainName,
    pub(super) text: String,
    /// Lookups of the term itself.
    pub(super) lookups: LookupCount,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Name(DomainName),
    Dynamic(String),
}

/// The one name that a term leads to, whatever it asks there.
pub(super) fn fixed_target(
    record: &Record,
    term: &GraphTerm,
    domain: &DomainName,
) -> Option<DomainName> {
    let named = |spec: &DomainSpec| match record.domain_target(spec, domain) {
        DomainTarget::Static(name) => Some(name),
        _ => None,
    };
    match &term.term.kind {
        TermKind::Directive(directive) => match &directive.mechanism {
            Mechanism::Include(spec) | Mechanism::Exists(spec) => named(spec),
            Mechanism::A(spec, _) | Mechanism::Mx(spec, _) => match spec {
                Some(spec) => named(spec),
                None => Some(domain.clone()),
            },
            _ => None,
        },
        TermKind::Modifier(Modifier::Redirect(spec)) => named(spec),
        TermKind::Modifier(_) => None,
    }
}

impl Tree {
    pub(super) fn new(terms: &Terms) -> Tree {
        let mut builder = Builder::new(terms);
        let root = builder.record(Graph::ROOT);
        // Targets come up while their parents' records are looked at.
        let mut done = 0;
        while done < builder.keys.len() {
            let node = match &builder.keys[done] {
                Key::Name(name) => builder.nodes.get(name).copied(),
                Key::Dynamic(_) => None,
            };
            // What only an address mechanism names is no record of the policy.
            if let Some(node) = node.filter(|node| *node != Graph::ROOT) {
                builder.targets[done].uses = builder.record(node);
            }
            done += 1;
        }
        builder.finish(root)
    }
}

struct Builder<'a> {
    terms: &'a Terms<'a>,
    nodes: HashMap<DomainName, NodeId>,
    counts: HashMap<NodeId, LookupCount>,
    /// Records from the policy's own along its redirects.
    chain: HashSet<NodeId>,
    /// Records that are only reached by terms that pass.
    plain: HashSet<NodeId>,
    keys: Vec<Key>,
    places: HashMap<Key, usize>,
    targets: Vec<Target>,
    texts: Vec<Text>,
    text_places: HashMap<String, usize>,
    found: Vec<TargetTerm>,
}

impl<'a> Builder<'a> {
    fn new(terms: &'a Terms<'a>) -> Builder<'a> {
        let graph = terms.graph;
        Builder {
            terms,
            nodes: graph.iter().map(|(id, node)| (node.domain.clone(), id)).collect(),
            counts: count_lookups(graph),
            chain: redirect_chain(graph),
            plain: plain(graph),
            keys: Vec::new(),
            places: HashMap::new(),
            targets: Vec::new(),
            texts: Vec::new(),
            text_places: HashMap::new(),
            found: Vec::new(),
        }
    }

    fn names(&self) -> Vec<Option<DomainName>> {
        let name = |key: &Key| match key {
            Key::Name(name) => Some(name.clone()),
            Key::Dynamic(_) => None,
        };
        self.keys.iter().map(name).collect()
    }

    /// What the terms of a record lead to, target by target.
    fn record(&mut self, id: NodeId) -> Vec<Use> {
        let graph = self.terms.graph;
        let (domain, mut uses) = (&graph.node(id).domain, Vec::<Use>::new());
        let Some(found) = graph.node(id).record() else { return uses };
        for term in &found.terms {
            let Some((key, text)) = self.key(id, domain, found, term) else { continue };
            let target = self.target(key);
            let text_place = self.text(id, term, &text);
            match uses.iter_mut().find(|it| it.target == target) {
                Some(it) if it.texts.contains(&text_place) => {}
                Some(it) => it.texts.push(text_place),
                None => uses.push(Use { target, texts: vec![text_place] }),
            }
            let count = self.count(term);
            if count.mx_names > MX_NAMES && self.targets[target].may_inline {
                self.targets[target].may_stay = false;
            }
            let parent = self.places.get(&Key::Name(domain.clone())).copied();
            let parent = parent.filter(|_| id != Graph::ROOT);
            let (domain, lookups) = (domain.clone(), term_lookups(term));
            self.found.push(TargetTerm { target, parent, domain, text, lookups });
        }
        uses
    }

    /// What a term leads to and how it reads in the output; nothing for a term
    /// that costs no lookup once its record is inlined.
    fn key(
        &self,
        id: NodeId,
        domain: &DomainName,
        found: &FoundRecord,
        term: &GraphTerm,
    ) -> Option<(Key, String)> {
        let mut text = absolute_term(&found.record, &term.term, domain);
        if !self.chain.contains(&id)
            && let Some(target) = text.strip_prefix("redirect=")
        {
            text = format!("include:{target}");
        }
        match &term.meaning {
            Meaning::All | Meaning::Ip4(_) | Meaning::Ip6(_) => None,
            Meaning::Unreached | Meaning::Broken(_) => None,
            Meaning::Dynamic(_) => Some((Key::Dynamic(text.clone()), text)),
            Meaning::Addresses(_)
            | Meaning::Exists(_)
            | Meaning::Include(_)
            | Meaning::Redirect(_) => {
                let name = fixed_target(&found.record, term, domain)?;
                // With its record a target is inlined as a host too.
                let own = id != Graph::ROOT && name == *domain;
                (!own).then_some((Key::Name(name), text))
            }
        }
    }

    fn target(&mut self, key: Key) -> usize {
        if let Some(place) = self.places.get(&key) {
            return *place;
        }
        let (may_stay, may_inline) = match &key {
            Key::Dynamic(_) => (true, false),
            Key::Name(name) => {
                // The policy's own name is only a host here.
                let node = self.nodes.get(name).filter(|id| **id != Graph::ROOT);
                let required = node.is_some_and(|id| self.terms.required.contains(id));
                let pinned = self.terms.pinned.contains(name);
                (!required || pinned, !pinned)
            }
        };
        let place = self.targets.len();
        self.targets.push(Target { may_stay, may_inline, weight: 0, octets: 0, uses: Vec::new() });
        self.places.insert(key.clone(), place);
        self.keys.push(key);
        place
    }

    /// The lookups of a term with all that it leads to.
    fn count(&self, term: &GraphTerm) -> LookupCount {
        let mut count = term_lookups(term);
        if let Meaning::Include(child) | Meaning::Redirect(child) = term.meaning {
            let below = self.counts.get(&child).copied().unwrap_or_default();
            count.terms = count.terms.saturating_add(below.terms);
            count.void_ip4 = count.void_ip4.saturating_add(below.void_ip4);
            count.void_ip6 = count.void_ip6.saturating_add(below.void_ip6);
            count.mx_names = count.mx_names.max(below.mx_names);
        }
        count
    }

    fn text(&mut self, id: NodeId, term: &GraphTerm, text: &str) -> usize {
        let (mut load, mut octets) = (Load::default(), 0);
        if self.surely_costs(id, term) {
            let LookupCount { terms, void_ip4, void_ip6, .. } = self.count(term);
            load = Load { terms, void_ip4, void_ip6 };
            octets = 1 + text.len();
        }
        if let Some(place) = self.text_places.get(text) {
            let known = &mut self.texts[*place];
            if load.terms == 0 {
                (known.load, known.octets) = (load, octets);
            }
            return *place;
        }
        let place = self.texts.len();
        self.texts.push(Text { load, octets });
        self.text_places.insert(text.to_owned(), place);
        place
    }

    /// Whether the term stands in the output as long as it stays: one that does
    /// not pass is left out where nothing behind it decides otherwise.
    fn surely_costs(&self, id: NodeId, term: &GraphTerm) -> bool {
        let passes = term.qualifier == Qualifier::Pass;
        let to_the_end = self.terms.end == End::Outcome(term.qualifier)
            && !matches!(term.meaning, Meaning::Redirect(_));
        match self.chain.contains(&id) {
            true => !to_the_end,
            false => passes && self.plain.contains(&id) && !to_the_end,
        }
    }

    fn finish(mut self, root: Vec<Use>) -> Tree {
        let names = self.names();
        let places = names.iter().enumerate();
        let owners: HashMap<&DomainName, usize> =
            places.filter_map(|(place, name)| Some((name.as_ref()?, place))).collect();
        let all_plain = self.terms.disjoint
            && self.plain.len() == self.terms.graph.nodes.len()
            && self.terms.end != End::Outcome(Qualifier::Pass);
        let Weights { figures, alone, own } =
            Weights::new(self.terms.graph, self.terms.view, &owners, names.len(), all_plain);
        for (place, target) in self.targets.iter_mut().enumerate() {
            target.weight = figures[place].weight();
            target.octets = alone[place];
        }
        let budget =
            Load { terms: self.terms.max_lookups, void_ip4: VOID_LOOKUPS, void_ip6: VOID_LOOKUPS };
        let own = Octets { fixed: own, all: own };
        let (targets, texts, room) = (self.targets, self.texts, self.terms.room);
        let problem = Problem { targets, texts, root, own, budget, room };
        drop(owners);
        let size = size(self.terms.graph);
        Tree { problem, names, figures, terms: self.found, size }
    }
}

fn size(graph: &Graph) -> usize {
    let terms = graph.nodes.iter().filter_map(|node| node.record()).flat_map(|found| &found.terms);
    let of_term = |term: &GraphTerm| match &term.meaning {
        Meaning::Addresses(found) => 1 + found.ip4.len() + found.ip6.len(),
        _ => 1,
    };
    terms.map(of_term).sum()
}

/// The policy's own record and those that it redirects to.
pub(super) fn redirect_chain(graph: &Graph) -> HashSet<NodeId> {
    let mut chain = HashSet::new();
    let mut at = Some(Graph::ROOT);
    while let Some(id) = at.take().filter(|id| chain.insert(*id)) {
        let terms = graph.node(id).record().map_or(&[][..], |found| &found.terms);
        at = terms.last().and_then(|term| match term.meaning {
            Meaning::Redirect(child) => Some(child),
            _ => None,
        });
    }
    chain
}

/// The records that all paths reach through terms that pass.
fn plain(graph: &Graph) -> HashSet<NodeId> {
    let children = |id: NodeId, all: bool| {
        let terms = graph.node(id).record().map_or(&[][..], |found| &found.terms);
        let wanted = move |term: &&GraphTerm| all || term.qualifier != Qualifier::Pass;
        terms.iter().filter(wanted).filter_map(|term| match term.meaning {
            Meaning::Include(child) | Meaning::Redirect(child) => Some(child),
            _ => None,
        })
    };
    let mut queue: Vec<NodeId> = graph.iter().flat_map(|(id, _)| children(id, false)).collect();
    let mut others: HashSet<NodeId> = HashSet::new();
    while let Some(id) = queue.pop() {
        if others.insert(id) {
            queue.extend(children(id, true));
        }
    }
    graph.iter().map(|(id, _)| id).filter(|id| !others.contains(id)).collect()
}
