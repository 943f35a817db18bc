//! Bounds by dynamic programming: for each part of the tree, the least cost of
//! a choice with given lookups and a given number of inlined targets.
//!
//! Tree knapsack: the table of a target is that of leaving it, or that of
//! inlining it combined with those of all that its record leads to. A target
//! with several parents counts for nothing here, so that tables never say more
//! than a choice costs; the search counts it when it meets it.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::problem::{Cost, Load, Octets, Problem, Use};

/// The least that choices of one kind cost: each figure for itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Least {
    pub(super) weight: u64,
    pub(super) octets: Octets,
}

/// For lookups and a number of inlined targets, the least of the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table(BTreeMap<(u32, Load), Least>);

impl Table {
    /// Nothing to choose.
    pub(super) fn nothing() -> Table {
        Table(BTreeMap::from([((0, Load::default()), Least::default())]))
    }

    /// How many kinds of choices there are.
    pub(super) fn size(&self) -> usize {
        self.0.len()
    }

    fn offer(&mut self, key: (u32, Load), least: Least) {
        let known = self.0.entry(key).or_insert(least);
        known.weight = known.weight.min(least.weight);
        known.octets.fixed = known.octets.fixed.min(least.octets.fixed);
        known.octets.all = known.octets.all.min(least.octets.all);
    }

    /// The choices of both, as far as they are within the budget.
    pub(super) fn with(&self, other: &Table, budget: Load) -> Table {
        let mut both = Table(BTreeMap::new());
        for ((targets, load), least) in &self.0 {
            for ((more, more_load), more_least) in &other.0 {
                let load = load.and(*more_load);
                if !load.is_within(budget) {
                    continue;
                }
                let least = Least {
                    weight: least.weight.saturating_add(more_least.weight),
                    octets: least.octets.and(more_least.octets),
                };
                both.offer((targets + more, load), least);
            }
        }
        both
    }

    /// The least cost of completing a choice that has come so far; `None` when
    /// no completion is within the budget.
    pub(super) fn completion(
        &self,
        problem: &Problem,
        load: Load,
        octets: Octets,
        cost: Cost,
    ) -> Option<Cost> {
        let fits = |more: &Load, least: &Least| {
            let load = load.and(*more);
            load.is_within(problem.budget)
                && problem.room.holds(octets.and(least.octets), problem.budget.terms - load.terms)
        };
        let entries = self.0.iter().filter(|((_, more), least)| fits(more, least));
        let costs = entries.map(|((targets, _), it)| Cost { targets: *targets, weight: it.weight });
        costs.min().map(|more| cost.and(more))
    }
}

/// The tables of all targets, and which targets have none of their own.
pub(super) struct Tables<'a> {
    problem: &'a Problem,
    shared: Vec<bool>,
    targets: Vec<Option<Rc<Table>>>,
}

impl<'a> Tables<'a> {
    pub(super) fn new(problem: &'a Problem) -> Tables<'a> {
        let shared = problem.shared();
        Tables { problem, shared, targets: vec![None; problem.targets.len()] }
    }

    /// The table of what one record leads to.
    pub(super) fn of_use(&mut self, it: &Use) -> Rc<Table> {
        if self.shared[it.target] {
            return Rc::new(Table::nothing());
        }
        if let Some(table) = &self.targets[it.target] {
            return Rc::clone(table);
        }
        let (problem, target) = (self.problem, &self.problem.targets[it.target]);
        let mut table = Table(BTreeMap::new());
        if target.may_inline {
            // A target with one parent is not below itself, and as deep as the
            // walk's levels at most: this ends.
            let mut below = Table::nothing();
            for child in &target.uses {
                below = below.with(&self.of_use(child), problem.budget);
            }
            for ((targets, load), least) in below.0 {
                let weight = least.weight.saturating_add(target.weight);
                let octets = least.octets.and(Octets { fixed: target.octets, all: target.octets });
                table.offer((targets + 1, load), Least { weight, octets });
            }
        }
        if target.may_stay {
            let texts = it.texts.iter().map(|text| &problem.texts[*text]);
            let (mut load, mut octets) = (Load::default(), Octets::default());
            for text in texts {
                load = load.and(text.load);
                octets.all = octets.all.saturating_add(text.octets);
            }
            if load.is_within(problem.budget) {
                table.offer((0, load), Least { weight: 0, octets });
            }
        }
        let table = Rc::new(table);
        self.targets[it.target] = Some(Rc::clone(&table));
        table
    }
}
