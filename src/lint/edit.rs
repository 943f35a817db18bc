//! Making the edits of fixes in the octets of a record.
//!
//! Which edits are safe to make is not decided here, nor where the record is
//! written back.

use std::sync::Arc;

use crate::syntax::Span;

use super::finding::Fix;
use super::rule::Rule;

/// A record with edits made in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The octets of the record.
    pub octets: Vec<u8>,
    /// Which of the fixes were made, by their places in the list.
    pub made: Vec<usize>,
    /// What they wrote, in the new octets: empty where they only deleted.
    pub written: Vec<Span>,
}

/// What became of the fixes for a record.
#[derive(Clone, Debug, Default)]
pub struct Mended {
    /// The record as it is now, fixed or not; `None` where there is none.
    pub record: Option<Arc<[u8]>>,
    /// The rules whose fixes were made, in the order in which they were made.
    pub applied: Vec<&'static Rule>,
    /// The rules whose fixes were not made, and why.
    pub refused: Vec<(&'static Rule, String)>,
}

/// Makes those of the fixes that do not overlap: by place, of two at the same
/// place the first of the list. The others can be made in another round, after
/// the record was linted again. A fix that reaches out of the record, or
/// changes nothing, is not made.
pub fn edit(record: &[u8], fixes: &[&Fix]) -> Edited {
    let mut order: Vec<(usize, &Fix)> = fixes.iter().copied().enumerate().collect();
    order.sort_by_key(|(_, fix)| (fix.span.start, fix.span.end));
    let mut edited = Edited { octets: Vec::new(), made: Vec::new(), written: Vec::new() };
    let mut done = 0;
    let mut last: Option<Span> = None;
    for (index, fix) in order {
        let (start, end) = (fix.span.start as usize, fix.span.end as usize);
        let Some(replaced) = record.get(start..end) else { continue };
        let overlaps = start < done || last == Some(fix.span);
        if overlaps || replaced == fix.text.as_bytes() {
            continue;
        }
        edited.octets.extend_from_slice(record.get(done..start).unwrap_or_default());
        let begun = edited.octets.len();
        edited.octets.extend_from_slice(fix.text.as_bytes());
        edited.written.push(Span::new(begun, edited.octets.len()));
        edited.made.push(index);
        done = end;
        last = Some(fix.span);
    }
    edited.octets.extend_from_slice(record.get(done..).unwrap_or_default());
    edited.made.sort_unstable();
    edited
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::FixKind;
    use proptest::prelude::*;

    fn fix(start: usize, end: usize, text: &str) -> Fix {
        Fix { span: Span::new(start, end), text: text.to_owned(), kind: FixKind::Equivalent }
    }

    fn edited(record: &str, fixes: &[Fix]) -> (String, Vec<usize>) {
        let edited = edit(record.as_bytes(), &fixes.iter().collect::<Vec<_>>());
        (String::from_utf8(edited.octets).unwrap(), edited.made)
    }

    #[test]
    fn edits_are_made_by_place() {
        let fixes = [fix(8, 10, ""), fix(6, 8, " x"), fix(0, 6, "v=spf1")];
        assert_eq!(edited("v=spf1 a b", &fixes), ("v=spf1 x".to_owned(), vec![0, 1]));
    }

    #[test]
    fn of_edits_that_overlap_the_first_is_made() {
        let fixes = [fix(7, 9, "y"), fix(6, 8, " x"), fix(8, 9, "")];
        assert_eq!(edited("v=spf1 a b", &fixes).1, [1, 2]);
        let insertions = [fix(6, 6, " a"), fix(6, 6, " b")];
        assert_eq!(edited("v=spf1", &insertions), ("v=spf1 a".to_owned(), vec![0]));
    }

    #[test]
    fn edits_outside_of_the_record_are_not_made() {
        let fixes = [fix(3, 90, ""), Fix { span: Span { start: 5, end: 2 }, ..fix(0, 0, "") }];
        assert_eq!(edited("v=spf1", &fixes), ("v=spf1".to_owned(), vec![]));
    }

    proptest! {
        #[test]
        fn what_is_between_edits_stays(
            record in "[a-d ]{0,20}",
            edits in proptest::collection::vec((0usize..24, 0usize..6, "[x-z]{0,3}"), 0..6),
        ) {
            let fixes: Vec<Fix> =
                edits.iter().map(|(start, length, text)| fix(*start, start + length, text)).collect();
            let edited = edit(record.as_bytes(), &fixes.iter().collect::<Vec<_>>());
            let mut kept: Vec<bool> = vec![true; record.len()];
            for index in &edited.made {
                let span = fixes[*index].span;
                for at in span.start..span.end {
                    prop_assert!(std::mem::replace(&mut kept[at as usize], false));
                }
            }
            let kept: Vec<u8> =
                record.bytes().zip(&kept).filter(|(_, kept)| **kept).map(|(octet, _)| octet).collect();
            let mut found = edited.octets.clone();
            for span in edited.written.iter().rev() {
                found.drain(span.start as usize..span.end as usize);
            }
            prop_assert_eq!(found, kept);
        }
    }
}
