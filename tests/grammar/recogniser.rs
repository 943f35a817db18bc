//! Says where a production that begins at some place of a text can end.
//!
//! The grammar is ambiguous, so the answer is always the set of all ends; it
//! is kept for each place in the grammar and in the text.

use super::rules::{Grammar, Part, Place};

/// The longest text that can be asked about, in octets.
pub(crate) const LONGEST: usize = 447;

/// A set of offsets in a text, the one behind its last octet included.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Ends([u64; (LONGEST + 1) / 64]);

impl Ends {
    fn of(end: usize) -> Ends {
        let mut ends = Ends::default();
        ends.0[end / 64] |= 1 << (end % 64);
        ends
    }

    fn contains(&self, end: usize) -> bool {
        self.0[end / 64] & (1 << (end % 64)) != 0
    }

    fn join(&mut self, other: &Ends) {
        self.0.iter_mut().zip(other.0).for_each(|(word, more)| *word |= more);
    }

    fn without(mut self, other: &Ends) -> Ends {
        self.0.iter_mut().zip(other.0).for_each(|(word, less)| *word &= !less);
        self
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    fn iter(self) -> impl Iterator<Item = usize> {
        self.0.into_iter().enumerate().flat_map(|(index, word)| {
            let rests = std::iter::successors((word != 0).then_some(word), |rest| {
                let rest = rest & (rest - 1);
                (rest != 0).then_some(rest)
            });
            rests.map(move |rest| index * 64 + rest.trailing_zeros() as usize)
        })
    }
}

/// Answers questions about one text.
pub(crate) struct Recogniser<'a> {
    grammar: &'a Grammar,
    text: &'a [u8],
    /// For each place in the grammar and the text, which of `found` is its
    /// answer; 0 where it was not asked for.
    asked: Vec<u32>,
    found: Vec<Ends>,
}

impl<'a> Recogniser<'a> {
    pub(crate) fn new(grammar: &'a Grammar, text: &'a [u8]) -> Self {
        assert!(text.len() <= LONGEST, "the text has over {LONGEST} octets");
        let asked = vec![0; grammar.parts.len() * (text.len() + 1)];
        Recogniser { grammar, text, asked, found: vec![Ends::default()] }
    }

    /// Whether all of the text can be read as the production.
    pub(crate) fn accepts(&mut self, production: &str) -> bool {
        let place = self.grammar.rule(production);
        self.ends(place, 0).contains(self.text.len())
    }

    fn ends(&mut self, place: Place, start: usize) -> Ends {
        let slot = place * (self.text.len() + 1) + start;
        if self.asked[slot] != 0 {
            return self.found[self.asked[slot] as usize];
        }
        let ends = self.find_ends(place, start);
        self.asked[slot] = self.found.len() as u32;
        self.found.push(ends);
        ends
    }

    fn find_ends(&mut self, place: Place, start: usize) -> Ends {
        let rest = &self.text[start..];
        let grammar = self.grammar;
        match &grammar.parts[place] {
            Part::Prose => Ends::default(),
            Part::Octet(first, last) => match rest.first() {
                Some(octet) if (first..=last).contains(&octet) => Ends::of(start + 1),
                _ => Ends::default(),
            },
            Part::Text(text) => match rest.get(..text.len()) {
                Some(found) if found.eq_ignore_ascii_case(text) => Ends::of(start + text.len()),
                _ => Ends::default(),
            },
            Part::All(places) => {
                places.iter().fold(Ends::of(start), |ends, place| self.behind(*place, ends))
            }
            Part::Any(places) => places.iter().fold(Ends::default(), |mut ends, place| {
                ends.join(&self.ends(*place, start));
                ends
            }),
            Part::Times(least, most, place) => self.repeated(*least, *most, *place, start),
        }
    }

    /// Where the place can end when it begins at any of `starts`.
    fn behind(&mut self, place: Place, starts: Ends) -> Ends {
        starts.iter().fold(Ends::default(), |mut ends, start| {
            ends.join(&self.ends(place, start));
            ends
        })
    }

    fn repeated(&mut self, least: usize, most: Option<usize>, place: Place, start: usize) -> Ends {
        let mut last = Ends::of(start);
        for _ in 0..least {
            last = self.behind(place, last);
        }
        let mut all = last;
        let mut times = least;
        while !last.is_empty() && most.is_none_or(|most| times < most) {
            last = self.behind(place, last).without(&all);
            all.join(&last);
            times += 1;
        }
        all
    }
}
