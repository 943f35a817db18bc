//! What can be inlined, as numbers: targets, what each costs while it stays
//! live, and what inlining it brings.
//!
//! Data only. A *target* is a name that terms of the policy lead to; it stays
//! live or is inlined wherever it occurs. Numbers of lookups and octets are
//! lower bounds: what is over a budget by them is over it in any output.

use std::collections::BTreeSet;

/// Lookups as far as they have limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Load {
    pub(super) terms: u32,
    pub(super) void_ip4: u32,
    pub(super) void_ip6: u32,
}

impl Load {
    pub(super) fn and(self, other: Load) -> Load {
        Load {
            terms: self.terms.saturating_add(other.terms),
            void_ip4: self.void_ip4.saturating_add(other.void_ip4),
            void_ip6: self.void_ip6.saturating_add(other.void_ip6),
        }
    }

    pub(super) fn is_within(self, budget: Load) -> bool {
        self.terms <= budget.terms
            && self.void_ip4 <= budget.void_ip4
            && self.void_ip6 <= budget.void_ip6
    }
}

/// Octets of terms: the static ones, and those that stay with them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Octets {
    /// Of the ranges that are inlined.
    pub(super) fixed: usize,
    /// Of these and of the terms that stay.
    pub(super) all: usize,
}

impl Octets {
    pub(super) fn and(self, other: Octets) -> Octets {
        Octets {
            fixed: self.fixed.saturating_add(other.fixed),
            all: self.all.saturating_add(other.all),
        }
    }
}

/// What "smallest" means: the fewest targets, then the least weight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cost {
    pub(super) targets: u32,
    pub(super) weight: u64,
}

impl Cost {
    pub(super) fn and(self, other: Cost) -> Cost {
        Cost {
            targets: self.targets.saturating_add(other.targets),
            weight: self.weight.saturating_add(other.weight),
        }
    }
}

/// A text that costs lookups as long as its target stays. Two terms of one text
/// are one term of the output.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) load: Load,
    pub(super) octets: usize,
}

/// The terms of one record that lead to one target.
#[derive(Clone, Debug)]
pub(super) struct Use {
    pub(super) target: usize,
    /// Indices into [`Problem::texts`].
    pub(super) texts: Vec<usize>,
}

/// A name that terms lead to.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) may_stay: bool,
    pub(super) may_inline: bool,
    /// What inlining it weighs.
    pub(super) weight: u64,
    /// Octets of the ranges that nothing else brings.
    pub(super) octets: usize,
    /// What its record, once inlined, leads to.
    pub(super) uses: Vec<Use>,
}

/// How many octets there are for terms.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// In the policy's own record.
    pub(super) own: usize,
    /// In a chunk.
    pub(super) chunk: usize,
    /// What the include of a chunk takes from the own record.
    pub(super) include: usize,
}

impl Room {
    /// Whether terms may have room with this many chunks.
    pub(super) fn holds(self, octets: Octets, chunks: u32) -> bool {
        let chunks = chunks as usize;
        let in_chunks = chunks.saturating_mul(self.chunk);
        // A record that is over the size by what stays has no static term.
        octets.fixed <= in_chunks
            || octets.all.saturating_add(chunks.saturating_mul(self.include))
                <= self.own.saturating_add(in_chunks)
    }
}

/// The whole choice.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) targets: Vec<Target>,
    pub(super) texts: Vec<Text>,
    /// What the policy's own record leads to.
    pub(super) root: Vec<Use>,
    /// Octets of the policy's own ranges, at least.
    pub(super) own: Octets,
    pub(super) budget: Load,
    pub(super) room: Room,
}

impl Problem {
    /// The targets that several records lead to.
    pub(super) fn shared(&self) -> Vec<bool> {
        let mut parents = vec![0_usize; self.targets.len()];
        let of_targets = self.targets.iter().map(|target| &target.uses);
        for uses in std::iter::once(&self.root).chain(of_targets) {
            let distinct: BTreeSet<usize> = uses.iter().map(|it| it.target).collect();
            distinct.into_iter().for_each(|target| parents[target] += 1);
        }
        parents.into_iter().map(|count| count > 1).collect()
    }

    /// Everything that can be inlined.
    pub(super) fn inlinable(&self) -> Vec<usize> {
        (0..self.targets.len()).filter(|target| self.targets[*target].may_inline).collect()
    }

    /// The targets that the policy's own record and those of the inlined ones
    /// lead to, without the inlined ones.
    pub(super) fn reached(&self, inlined: &[usize]) -> BTreeSet<usize> {
        let of_inlined = inlined.iter().map(|target| &self.targets[*target].uses);
        let uses = std::iter::once(&self.root).chain(of_inlined).flatten();
        uses.map(|it| it.target).filter(|target| !inlined.contains(target)).collect()
    }
}
