//! Random sentences of the grammar, and texts that are nearly sentences.
//!
//! The same seed always gives the same texts.

use super::recogniser::LONGEST;
use super::rules::{Grammar, Part, Place};

/// A small generator of random numbers (Steele, Lea and Flood's SplitMix64).
pub(crate) struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// True once in `times`.
    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of `choices`.
    pub(crate) fn choose<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}

/// Pieces that records go wrong at: prefix lengths at their bounds, macros of
/// all kinds, labels at theirs, addresses, and octets that no term may hold.
const PIECES: &[&str] = &[
    "/",
    "//",
    "/0",
    "/00",
    "/08",
    "/32",
    "/33",
    "/99",
    "/128",
    "/129",
    "/256",
    "//0",
    "//64",
    "//128",
    "//129",
    "/24//64",
    "/24/64",
    "/-1",
    "/+8",
    ":",
    "::",
    ":/24",
    "=",
    ".",
    "..",
    "-",
    "%",
    "%%",
    "%_",
    "%-",
    "%{",
    "}",
    "%{}",
    "%{d}",
    "%{D}",
    "%{d0}",
    "%{d00}",
    "%{d01}",
    "%{dr}",
    "%{dR}",
    "%{d1r.-+,/_=}",
    "%{ir}",
    "%{c}",
    "%{R}",
    "%{t1}",
    "%{x}",
    "%{dr1}",
    "%{d/}",
    "%{d4294967296}",
    "%{d.com",
    "com",
    ".com",
    ".com.",
    ".c-m",
    ".-om",
    ".co-",
    ".c_m",
    ".123",
    ".1a",
    ".1-2",
    "a.b",
    "a.b..",
    " ",
    "  ",
    "\t",
    "\r\n",
    "\0",
    "\u{a0}",
    "\u{2013}all",
    "+",
    "~",
    "?",
    "-all",
    "all",
    "ALL",
    " all",
    "a",
    " a:b.c/24//64",
    " mx/0",
    " ptr:",
    " exists:",
    "include:",
    "ip4:",
    "ip6:",
    " redirect=a.b",
    " ReDirect=%{d}",
    "redirect=",
    " exp=a.b",
    "exp=",
    " EXP=%{c}",
    " x=",
    " x=%{c}",
    " x=%{t0}",
    " 1=",
    " _=",
    " -x=y",
    "192.0.2.1",
    "256.0.0.1",
    "01.2.3.4",
    "1.2.3",
    "1.2.3.4.5",
    "::1",
    "::",
    "1::2::3",
    "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7:8:9",
    "12345::",
    "::ffff:192.0.2.1",
    "::192.0.2.256",
    "::1.2.3.4:5",
    "fe80::1%eth0",
    "[::1]",
    "v=spf1",
    "v=spf10",
];

/// Makes sentences and spoils them.
pub(crate) struct Author<'a> {
    grammar: &'a Grammar,
    pub(crate) random: Random,
}

impl<'a> Author<'a> {
    pub(crate) fn new(grammar: &'a Grammar, seed: u64) -> Self {
        Author { grammar, random: Random(seed) }
    }

    /// A sentence of the production, cut to what the recogniser takes.
    pub(crate) fn sentence(&mut self, production: &str) -> Vec<u8> {
        let mut text = Vec::new();
        self.write(self.grammar.rule(production), &mut text);
        text.truncate(LONGEST);
        text
    }

    fn write(&mut self, place: Place, out: &mut Vec<u8>) {
        let grammar = self.grammar;
        match &grammar.parts[place] {
            Part::Prose => {}
            Part::Octet(first, last) => {
                let span = usize::from(last - first) + 1;
                out.push(first + self.random.below(span) as u8);
            }
            Part::Text(text) => out.extend(text.iter().map(|octet| {
                if self.random.one_in(8) { octet.to_ascii_uppercase() } else { *octet }
            })),
            Part::All(places) => places.iter().for_each(|place| self.write(*place, out)),
            Part::Any(places) => {
                let place = *self.random.choose(places);
                self.write(place, out);
            }
            Part::Times(least, most, place) => {
                let mut times = 0;
                while times < *least
                    || most.is_none_or(|most| times < most) && !self.random.one_in(3)
                {
                    self.write(*place, out);
                    times += 1;
                }
            }
        }
    }

    /// The text with one to three mistakes, which may be none.
    pub(crate) fn spoiled(&mut self, text: &[u8]) -> Vec<u8> {
        let mut text = text.to_vec();
        for _ in 0..=self.random.below(3) {
            self.spoil(&mut text);
        }
        text.truncate(LONGEST);
        text
    }

    fn spoil(&mut self, text: &mut Vec<u8>) {
        let at = self.random.below(text.len() + 1);
        let end = (at + 1 + self.random.below(6)).min(text.len());
        let octet = match self.random.below(3) {
            0 => self.random.below(256) as u8,
            _ => 0x20 + self.random.below(0x5f) as u8,
        };
        match self.random.below(6) {
            0 => text.insert(at, octet),
            1 if at < text.len() => text[at] = octet,
            2 => drop(text.drain(at..end)),
            3 => {
                let twice = text[at..end].to_vec();
                text.splice(at..at, twice);
            }
            4 => text[at..end].iter_mut().for_each(|octet| {
                *octet = if octet.is_ascii_lowercase() {
                    octet.to_ascii_uppercase()
                } else {
                    octet.to_ascii_lowercase()
                };
            }),
            _ => {
                let piece = *self.random.choose(PIECES);
                let end = if self.random.one_in(2) { at } else { end };
                text.splice(at..end, piece.bytes());
            }
        }
    }
}
