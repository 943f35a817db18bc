//! The search against all choices there are, on random trees and on records
//! that share targets.

mod compiled;

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::problem::{Cost, Load, Octets, Problem, Room, Target, Text, Use};
use super::search::Search;

/// A target as it is drawn: what it costs, and which targets lead to it.
#[derive(Clone, Debug)]
struct Drawn {
    load: (u32, u32, u32),
    weight: u64,
    octets: usize,
    text_octets: usize,
    may_stay: bool,
    may_inline: bool,
    parents: Vec<usize>,
}

fn drawn(parents: impl Strategy<Value = Vec<usize>>) -> impl Strategy<Value = Drawn> {
    let flags = (proptest::bool::weighted(0.9), proptest::bool::weighted(0.85));
    let octets = (0_u64..30, 0_usize..60, 5_usize..30);
    ((0_u32..5, 0_u32..2, 0_u32..2), octets, flags, parents).prop_map(
        |(load, (weight, octets, text_octets), (may_stay, may_inline), parents)| Drawn {
            load,
            weight,
            octets,
            text_octets,
            may_stay,
            may_inline: may_inline || !may_stay,
            parents,
        },
    )
}

/// Each target has one parent, or up to three.
fn problem(most_parents: usize) -> impl Strategy<Value = Problem> {
    let targets = proptest::collection::vec(
        drawn(proptest::collection::vec(0_usize..100, 1..=most_parents)),
        1..9,
    );
    (targets, 0_u32..8, 0_usize..200).prop_map(|(drawn, terms, own)| {
        let mut uses: Vec<Vec<Use>> = vec![Vec::new(); drawn.len() + 1];
        for (target, it) in drawn.iter().enumerate() {
            // The policy's own record or an earlier target.
            let parents: BTreeSet<usize> =
                it.parents.iter().map(|parent| parent % (target + 1)).collect();
            for parent in parents {
                uses[parent].push(Use { target, texts: vec![target] });
            }
        }
        let root = uses.remove(0);
        let text = |it: &Drawn| Text {
            load: Load { terms: it.load.0, void_ip4: it.load.1, void_ip6: it.load.2 },
            octets: it.text_octets,
        };
        let texts = drawn.iter().map(text).collect();
        let targets = drawn.into_iter().zip(uses).map(|(it, uses)| Target {
            may_stay: it.may_stay,
            may_inline: it.may_inline,
            weight: it.weight,
            octets: it.octets,
            uses,
        });
        Problem {
            targets: targets.collect(),
            texts,
            root,
            own: Octets::default(),
            budget: Load { terms, void_ip4: 2, void_ip6: 2 },
            room: Room { own, chunk: 60, include: 15 },
        }
    })
}

/// The cost of a choice, if it is closed upwards and within the budget.
fn judge(problem: &Problem, inlined: &[usize]) -> Option<Cost> {
    // Each inlined target hangs on inlined ones up to the policy's own record.
    let mut read: Vec<&Vec<Use>> = vec![&problem.root];
    let mut found = BTreeSet::new();
    let mut staying = BTreeSet::new();
    let mut texts = BTreeSet::new();
    while let Some(uses) = read.pop() {
        for it in uses {
            match inlined.contains(&it.target) {
                true if found.insert(it.target) => read.push(&problem.targets[it.target].uses),
                true => {}
                false => {
                    staying.insert(it.target);
                    texts.extend(it.texts.iter().copied());
                }
            }
        }
    }
    let allowed = inlined.iter().all(|it| problem.targets[*it].may_inline)
        && staying.iter().all(|it| problem.targets[*it].may_stay);
    if found.len() != inlined.len() || !allowed {
        return None;
    }
    let load = texts.iter().fold(Load::default(), |load, it| load.and(problem.texts[*it].load));
    let fixed: usize = inlined.iter().map(|it| problem.targets[*it].octets).sum();
    let text_octets: usize = texts.iter().map(|it| problem.texts[*it].octets).sum();
    let octets = Octets { fixed, all: fixed + text_octets };
    let fits = load.is_within(problem.budget)
        && problem.room.holds(octets, problem.budget.terms - load.terms);
    let weight = inlined.iter().map(|it| problem.targets[*it].weight).sum();
    fits.then_some(Cost { targets: inlined.len() as u32, weight })
}

/// Every choice within the budget, in rising cost.
fn all_choices(problem: &Problem) -> Vec<(Cost, Vec<usize>)> {
    let count = problem.targets.len();
    let choice = |bits: u32| (0..count).filter(|it| bits >> it & 1 == 1).collect::<Vec<usize>>();
    let judged = (0..1_u32 << count).map(choice);
    let mut all: Vec<_> = judged.filter_map(|it| Some((judge(problem, &it)?, it))).collect();
    all.sort();
    all
}

/// What inlining the lightest target there is, one after the other, costs.
fn greedy(problem: &Problem) -> Option<Cost> {
    let mut inlined = Vec::new();
    loop {
        if let Some(cost) = judge(problem, &inlined) {
            return Some(cost);
        }
        let reached = problem.reached(&inlined).into_iter();
        let next = reached.filter(|it| problem.targets[*it].may_inline);
        inlined.push(next.min_by_key(|it| problem.targets[*it].weight)?);
        inlined.sort_unstable();
    }
}

proptest! {
    #[test]
    fn choices_come_in_rising_cost_and_none_is_missing(problem in prop_oneof![problem(1), problem(3)]) {
        let mut found: Vec<(Cost, Vec<usize>)> = Search::new(&problem).collect();
        prop_assert!(found.is_sorted_by_key(|(cost, _)| *cost), "{found:?}");
        found.sort();
        prop_assert_eq!(found, all_choices(&problem));
    }

    #[test]
    fn the_first_choice_is_never_worse_than_a_greedy_one(problem in prop_oneof![problem(1), problem(3)]) {
        let first = Search::new(&problem).next().map(|(cost, _)| cost);
        if let Some(greedy) = greedy(&problem) {
            prop_assert!(first.is_some_and(|first| first <= greedy), "{first:?} {greedy:?}");
        }
    }
}
