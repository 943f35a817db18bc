//! Chunks filled one by one, each as full as the terms that are left can make
//! it: a subset sum, the longest term first. Where terms are many and short
//! there is nearly always one that fills a chunk to the octet, so that what is
//! left over is what has no room in any packing.

use super::bins::{Bin, capacity};
use super::search::{Packed, Problem};

/// Steps of one subset sum: terms by octets.
const MOST_STEPS: usize = 20_000_000;
/// Octets that a chunk is left short of where strings break badly.
const MOST_SHORT: usize = 4;

/// A packing into at most `count` chunks; with `stay` what is left over stays in
/// the own record.
pub(super) fn fullest(problem: &Problem<'_>, count: usize, stay: bool) -> Option<Packed> {
    let each = capacity(problem.room(count)).max(1);
    let groups = groups(problem);
    let octets = |group: &Vec<usize>| -> usize {
        group.iter().map(|item| problem.items[*item].unit.chunk_octets()).sum()
    };
    let full: Vec<usize> = groups.iter().map(|group| octets(group) / each).collect();
    // A group has its full chunks, and where that is chosen one for the rest.
    (0..1usize << groups.len()).find_map(|choice| {
        let chunks = |group: usize| full[group] + (choice >> group & 1);
        let all: usize = (0..groups.len()).map(chunks).sum();
        if all > count {
            return None;
        }
        let mut packed = Packed::default();
        for (group, items) in groups.iter().enumerate() {
            fill(problem, count, items.clone(), chunks(group), &mut packed)?;
        }
        packed.staying.sort_unstable();
        if !stay && !packed.staying.is_empty() {
            return None;
        }
        problem.checked(packed)
    })
}

/// The items of each group, the longest first.
fn groups(problem: &Problem<'_>) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (index, item) in problem.items.iter().enumerate() {
        if groups.len() <= item.group {
            groups.resize(item.group + 1, Vec::new());
        }
        groups[item.group].push(index);
    }
    for group in &mut groups {
        group.sort_by_key(|item| std::cmp::Reverse(problem.items[*item].unit.chunk_octets()));
    }
    groups
}

/// Fills chunks of one group; what is left over stays.
fn fill(
    problem: &Problem<'_>,
    count: usize,
    mut items: Vec<usize>,
    chunks: usize,
    packed: &mut Packed,
) -> Option<()> {
    let room = problem.room(count);
    for _ in 0..chunks {
        let Some(first) = items.first() else { break };
        let group = problem.items[*first].group;
        let filled = (0..=MOST_SHORT).find_map(|short| {
            let chosen = subset(problem, &items, capacity(room).saturating_sub(short))?;
            let mut bin = Bin::new(packed.bins.len() + 1, group);
            chosen.iter().for_each(|place| bin.put(items[*place], problem.items));
            (bin.record(problem.items).rdata_octets() <= room).then_some(bin)
        })?;
        items.retain(|item| !filled.items.contains(item));
        packed.bins.push(filled);
    }
    packed.staying.extend(items);
    Some(())
}

/// Places of items, the first among them, that together have as many of `most`
/// octets as any such choice.
fn subset(problem: &Problem<'_>, items: &[usize], most: usize) -> Option<Vec<usize>> {
    let octets = |place: usize| problem.items[items[place]].unit.chunk_octets();
    let first = octets(0);
    if first > most || items.len().saturating_mul(most) > MOST_STEPS {
        return None;
    }
    // For each sum that can be had the place of the last item that it took.
    let mut last: Vec<Option<usize>> = vec![None; most + 1];
    last[first] = Some(0);
    for place in 1..items.len() {
        if last[most].is_some() {
            break;
        }
        let own = octets(place);
        for sum in (first + own..=most).rev() {
            if last[sum].is_none() && last[sum - own].is_some() {
                last[sum] = Some(place);
            }
        }
    }
    let mut sum = (first..=most).rev().find(|sum| last[*sum].is_some())?;
    let mut chosen = Vec::new();
    while let Some(place) = last[sum] {
        chosen.push(place);
        if place == 0 {
            break;
        }
        sum -= octets(place);
    }
    Some(chosen)
}
