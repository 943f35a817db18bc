//! All choices within the budget, in rising cost: best first, with the tables
//! of [`knapsack`](super::knapsack) as what is still to come.
//!
//! In a tree the tables are exact, and the search goes straight to each next
//! choice. Where records share targets they say too little, and it looks around
//! more; what comes out is in order all the same.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;

use super::knapsack::{Table, Tables};
use super::problem::{Cost, Load, Octets, Problem, Use};

/// Steps of one search at most, and pairs of choices that it combines: seconds
/// of work.
const MOST_STEPS: usize = 100_000;
const MOST_PAIRS: usize = 20_000_000;

/// A set of small numbers.
#[derive(Clone, Debug)]
struct Bits(Vec<u64>);

impl Bits {
    fn new(size: usize) -> Bits {
        Bits(vec![0; size.div_ceil(64)])
    }

    fn contains(&self, place: usize) -> bool {
        self.0[place / 64] >> (place % 64) & 1 == 1
    }

    /// Whether it was not in yet.
    fn insert(&mut self, place: usize) -> bool {
        let new = !self.contains(place);
        self.0[place / 64] |= 1 << (place % 64);
        new
    }
}

/// What is still to be chosen, the next first.
struct Pending<'a> {
    next: &'a Use,
    rest: Option<Rc<Pending<'a>>>,
    /// The table of all that is pending.
    table: Rc<Table>,
}

#[derive(Clone)]
struct State<'a> {
    cost: Cost,
    load: Load,
    octets: Octets,
    inlined: Bits,
    staying: Bits,
    texts: Bits,
    pending: Option<Rc<Pending<'a>>>,
}

/// Choices in rising cost: for each, the targets to inline. It ends when there
/// are no more, or after too many steps.
pub(super) struct Search<'a> {
    problem: &'a Problem,
    tables: Tables<'a>,
    nothing: Rc<Table>,
    states: Vec<Option<State<'a>>>,
    queue: BinaryHeap<Reverse<(Cost, Reverse<usize>)>>,
    steps: usize,
    pairs: usize,
}

impl<'a> Search<'a> {
    pub(super) fn new(problem: &'a Problem) -> Search<'a> {
        let mut search = Search {
            problem,
            tables: Tables::new(problem),
            nothing: Rc::new(Table::nothing()),
            states: Vec::new(),
            queue: BinaryHeap::new(),
            steps: 0,
            pairs: 0,
        };
        let state = State {
            cost: Cost::default(),
            load: Load::default(),
            octets: problem.own,
            inlined: Bits::new(problem.targets.len()),
            staying: Bits::new(problem.targets.len()),
            texts: Bits::new(problem.texts.len()),
            pending: None,
        };
        let state = search.pending(state, &problem.root);
        search.enter(state);
        search
    }

    /// Adds what a record leads to.
    fn pending(&mut self, mut state: State<'a>, uses: &'a [Use]) -> State<'a> {
        for next in uses.iter().rev() {
            let rest = state.pending.take();
            let behind = rest.as_ref().map_or(&self.nothing, |rest| &rest.table);
            let own = self.tables.of_use(next);
            self.pairs += own.size() * behind.size();
            let table = own.with(behind, self.problem.budget);
            state.pending = Some(Rc::new(Pending { next, rest, table: Rc::new(table) }));
        }
        state
    }

    fn enter(&mut self, state: State<'a>) {
        let table = state.pending.as_ref().map_or(&self.nothing, |pending| &pending.table);
        let State { load, octets, cost, .. } = state;
        if let Some(cost) = table.completion(self.problem, load, octets, cost) {
            self.queue.push(Reverse((cost, Reverse(self.states.len()))));
            self.states.push(Some(state));
        }
    }

    /// Both ways to go on from a state.
    fn step(&mut self, mut state: State<'a>, pending: &Pending<'a>) {
        state.pending = pending.rest.clone();
        let it = pending.next;
        let target = &self.problem.targets[it.target];
        if state.inlined.contains(it.target) {
            return self.enter(state);
        }
        let decided = state.staying.contains(it.target);
        if !decided && target.may_inline {
            let mut inlined = state.clone();
            inlined.inlined.insert(it.target);
            inlined.cost = inlined.cost.and(Cost { targets: 1, weight: target.weight });
            let octets = Octets { fixed: target.octets, all: target.octets };
            inlined.octets = inlined.octets.and(octets);
            let inlined = self.pending(inlined, &target.uses);
            self.enter(inlined);
        }
        if decided || target.may_stay {
            state.staying.insert(it.target);
            for text in it.texts.iter().copied() {
                if state.texts.insert(text) {
                    let text = &self.problem.texts[text];
                    state.load = state.load.and(text.load);
                    state.octets.all = state.octets.all.saturating_add(text.octets);
                }
            }
            self.enter(state);
        }
    }
}

impl Iterator for Search<'_> {
    type Item = (Cost, Vec<usize>);

    fn next(&mut self) -> Option<(Cost, Vec<usize>)> {
        while let Some(Reverse((cost, Reverse(place)))) = self.queue.pop() {
            // Each state is taken from its place once, by its one entry.
            let Some(state) = self.states[place].take() else { continue };
            let Some(pending) = state.pending.clone() else {
                let all = 0..self.problem.targets.len();
                return Some((cost, all.filter(|it| state.inlined.contains(*it)).collect()));
            };
            self.steps += 1;
            if self.steps > MOST_STEPS || self.pairs > MOST_PAIRS {
                return None;
            }
            self.step(state, &pending);
        }
        None
    }
}
