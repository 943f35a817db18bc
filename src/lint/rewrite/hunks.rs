//! What differs between two records, term by term.

use std::ops::Range;

/// Pairs of terms that are compared at most; beyond that everything between the
/// first and the last difference counts as one.
const MOST_PAIRS: usize = 4_000_000;

/// Octets of the old record with those that take their place in the new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hunk {
    pub(super) old: Range<usize>,
    pub(super) new: Range<usize>,
}

/// The differences, in rising order, with something the same between them.
pub(super) fn hunks(old: &[u8], new: &[u8]) -> Vec<Hunk> {
    let (old_terms, new_terms) = (terms(old), terms(new));
    let mut found = match old_terms.len().saturating_mul(new_terms.len()) <= MOST_PAIRS {
        true => unlike(old, &old_terms, new, &new_terms),
        false => vec![Hunk { old: 0..old.len(), new: 0..new.len() }],
    };
    found.iter_mut().for_each(|hunk| trim(hunk, old, new));
    found.retain(|hunk| !hunk.old.is_empty() || !hunk.new.is_empty());
    found
}

/// Each term with the blanks before it; blanks at the end by themselves.
fn terms(record: &[u8]) -> Vec<Range<usize>> {
    let mut terms = Vec::new();
    let mut start = 0;
    let mut in_term = false;
    for (at, octet) in record.iter().enumerate() {
        if *octet == b' ' && in_term {
            terms.push(start..at);
            start = at;
        }
        in_term = *octet != b' ';
    }
    if start < record.len() {
        terms.push(start..record.len());
    }
    terms
}

/// The gaps between the terms of a longest common subsequence.
fn unlike(
    old: &[u8],
    old_terms: &[Range<usize>],
    new: &[u8],
    new_terms: &[Range<usize>],
) -> Vec<Hunk> {
    let same = |a: usize, b: usize| {
        let (a, b) = (old_terms.get(a), new_terms.get(b));
        a.and_then(|a| old.get(a.clone())) == b.and_then(|b| new.get(b.clone()))
    };
    let (rows, columns) = (old_terms.len(), new_terms.len());
    let at = |row: usize, column: usize| row * (columns + 1) + column;
    // The length of the longest common subsequence of the terms from here on.
    let mut longest = vec![0u32; (rows + 1) * (columns + 1)];
    let length = |longest: &[u32], row, column| longest.get(at(row, column)).copied().unwrap_or(0);
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            let here = match same(row, column) {
                true => 1 + length(&longest, row + 1, column + 1),
                false => length(&longest, row + 1, column).max(length(&longest, row, column + 1)),
            };
            if let Some(cell) = longest.get_mut(at(row, column)) {
                *cell = here;
            }
        }
    }
    let begin = |terms: &[Range<usize>], index: usize, end: usize| {
        terms.get(index).map_or(end, |term| term.start)
    };
    let place = |row: usize, column: usize| {
        (begin(old_terms, row, old.len()), begin(new_terms, column, new.len()))
    };
    let (mut row, mut column) = (0, 0);
    let mut found = Vec::new();
    let mut from = (0, 0);
    while row < rows && column < columns {
        if same(row, column) {
            let to = place(row, column);
            found.push(Hunk { old: from.0..to.0, new: from.1..to.1 });
            (row, column) = (row + 1, column + 1);
            from = place(row, column);
        } else if length(&longest, row + 1, column) >= length(&longest, row, column + 1) {
            row += 1;
        } else {
            column += 1;
        }
    }
    found.push(Hunk { old: from.0..old.len(), new: from.1..new.len() });
    found
}

/// Leaves out what is the same at both ends.
fn trim(hunk: &mut Hunk, old: &[u8], new: &[u8]) {
    let slices = |hunk: &Hunk| {
        let old = old.get(hunk.old.clone()).unwrap_or_default();
        (old, new.get(hunk.new.clone()).unwrap_or_default())
    };
    let (a, b) = slices(hunk);
    let before = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    hunk.old.start += before;
    hunk.new.start += before;
    let (a, b) = slices(hunk);
    let behind = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    hunk.old.end -= behind;
    hunk.new.end -= behind;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown<'a>(old: &'a str, new: &'a str) -> Vec<(&'a str, &'a str)> {
        let found = hunks(old.as_bytes(), new.as_bytes());
        found.into_iter().map(|hunk| (&old[hunk.old], &new[hunk.new])).collect()
    }

    #[test]
    fn only_what_differs_is_told() {
        assert_eq!(shown("v=spf1 a b a -all", "v=spf1 a b -all"), [(" a", "")]);
        assert_eq!(
            shown("v=spf1 ip4:192.0.2.1/24 mx ~al", "v=spf1 ip4:192.0.2.0/24 mx ~all"),
            [("1", "0"), ("", "l")]
        );
        assert_eq!(shown("v=spf1  ", "v=spf1"), [("  ", "")]);
        assert_eq!(shown("", "v=spf1"), [("", "v=spf1")]);
        assert!(shown("v=spf1 a", "v=spf1 a").is_empty());
    }

    proptest! {
        #[test]
        fn they_turn_the_old_record_into_the_new(old in "[ab ]{0,30}", new in "[ab ]{0,30}") {
            let mut text = old.clone().into_bytes();
            for hunk in hunks(old.as_bytes(), new.as_bytes()).into_iter().rev() {
                text.splice(hunk.old, new.as_bytes()[hunk.new].iter().copied());
            }
            prop_assert_eq!(text, new.into_bytes());
        }
    }
}
