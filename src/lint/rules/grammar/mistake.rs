//! The partition of the syntax errors of a record: each belongs to one mistake,
//! and each mistake to one rule. All rules of the family look at this list.
//!
//! Pure: text and errors in, mistakes out. What a mistake looks like is known
//! to the modules beside this one; here is only the order in which they are asked.

use crate::lint::finding::{Fix, FixKind};
use crate::syntax::{Span, SyntaxError, SyntaxErrorKind};

use super::{addresses, bare, blanks, domains, empty, joins, lengths, mechanisms, strays, written};

/// Terms longer than this are not mended: no author wrote them by hand.
pub(super) const MOST_TERM_OCTETS: usize = 512;

/// Mistakes of one record beyond these are told apart by their kind only:
/// nobody mends so many, and hostile records have tens of thousands.
const MOST_MENDED: usize = 200;

/// Which rule a mistake belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::lint) enum Class {
    /// SPF001: what is no other.
    Other,
    /// SPF002: a mechanism that there is none of.
    Mechanism,
    /// SPF003: an address or a host name by itself.
    Bare,
    /// SPF004: a blank inside a term.
    Blank,
    /// SPF005: terms without a blank between them.
    Glued,
    /// SPF006: an address of the other family.
    Family,
    /// SPF007: a prefix length that is none.
    Length,
    /// SPF008: an octet that does not belong there.
    Stray,
    /// SPF012: nothing where an argument has to be.
    Empty,
    /// SPF705: a macro that is none.
    Macro,
}

/// One mistake of a record's author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lint) struct Mistake {
    /// Which rule it belongs to.
    pub(in crate::lint) class: Class,
    /// The smallest place that shows it, in whole characters.
    pub(in crate::lint) span: Span,
    /// What is there.
    pub(in crate::lint) message: String,
    /// What should be.
    pub(in crate::lint) help: String,
    /// The edit that makes it so.
    pub(in crate::lint) fix: Option<Fix>,
}

/// What is wrong with one term, seen by itself. Places count from its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lint::rules) struct Repair {
    pub(in crate::lint::rules) class: Class,
    /// The octets to show; `None` for those of the syntax error.
    pub(in crate::lint::rules) at: Option<(usize, usize)>,
    pub(in crate::lint::rules) message: String,
    /// What should be, where no text can say it.
    pub(in crate::lint::rules) help: Option<String>,
    /// What the whole term should be.
    pub(in crate::lint::rules) text: Option<(String, FixKind)>,
}

impl Repair {
    pub(in crate::lint::rules) fn new(class: Class, message: impl Into<String>) -> Repair {
        Repair { class, at: None, message: message.into(), help: None, text: None }
    }

    pub(in crate::lint::rules) fn at(mut self, start: usize, end: usize) -> Repair {
        self.at = Some((start, end));
        self
    }

    pub(in crate::lint::rules) fn help(mut self, help: impl Into<String>) -> Repair {
        self.help = Some(help.into());
        self
    }

    /// Takes the text for the term where all of it then is what can be meant.
    pub(in crate::lint::rules) fn text(mut self, kind: FixKind, text: impl Into<String>) -> Repair {
        let text = text.into();
        if written::meant(&text) {
            self.text = Some((text, kind));
        }
        self
    }
}

/// All mistakes of a record, in the order of their places. Repeated modifiers
/// are left out: they are a matter of order.
pub(in crate::lint) fn mistakes(text: &[u8], errors: &[SyntaxError]) -> Vec<Mistake> {
    let in_order = |kind| {
        !matches!(kind, SyntaxErrorKind::SecondRedirect | SyntaxErrorKind::SecondExplanation)
    };
    let errors: Vec<SyntaxError> =
        errors.iter().filter(|error| in_order(error.kind)).copied().collect();
    let mut found = Vec::new();
    // Where the last edit ends: no two of them touch the same octets.
    let mut edited = 0;
    let mut rest = &errors[..];
    while let Some((error, behind)) = rest.split_first() {
        let closely = found.len() < MOST_MENDED;
        let blank = closely.then(|| blanks::blank(text, error, behind, edited)).flatten();
        let (mistake, taken) = blank.unwrap_or_else(|| (single(text, error, closely), 0));
        edited = mistake.fix.as_ref().map_or(edited, |fix| fix.span.end);
        found.push(mistake);
        rest = behind.get(taken..).unwrap_or_default();
    }
    found
}

/// The mistake that an error is when the terms around it are left alone.
fn single(text: &[u8], error: &SyntaxError, closely: bool) -> Mistake {
    let term = error.term.of(text);
    let repair = match error.kind {
        _ if term.len() > MOST_TERM_OCTETS || !closely => None,
        SyntaxErrorKind::Octet => None,
        _ => std::str::from_utf8(term).ok().and_then(|term| repair(term, error)),
    };
    let repair = match (repair, error.kind) {
        (Some(repair), _) => repair,
        (None, SyntaxErrorKind::Octet) => strays::octets(text, error),
        (None, kind) => Repair::new(class(kind), error.describe(text)),
    };
    let shown = match repair.at {
        Some((start, end)) => {
            Span { start: error.term.start + start as u32, end: error.term.start + end as u32 }
        }
        None => error.span,
    };
    let fix = repair.text.map(|(mended, kind)| edit(text, error.term, mended, kind));
    let help = repair.help.unwrap_or_else(|| help(fix.as_ref()));
    Mistake {
        class: repair.class,
        span: whole_characters(text, shown),
        message: repair.message,
        help,
        fix,
    }
}

/// What is wrong with a term of visible ASCII characters, and what is meant.
fn repair(term: &str, error: &SyntaxError) -> Option<Repair> {
    if class(error.kind) == Class::Macro {
        return Some(crate::lint::rules::macros::written::bad_macro(term, error));
    }
    empty::empty(term)
        .or_else(|| strays::punctuation(term))
        .or_else(|| addresses::other_family(term))
        .or_else(|| joins::glued(term))
        .or_else(|| lengths::bad_length(term, error.kind))
        .or_else(|| mechanisms::wrong_separator(term))
        .or_else(|| bare::bare(term))
        .or_else(|| mechanisms::unknown(term, error.kind))
        .or_else(|| addresses::bad_address(term))
        .or_else(|| domains::bad_domain(term, error.kind))
}

/// What a term should be, where it can be said: for mistakes inside mistakes.
pub(super) fn mended(term: &str) -> Option<(String, FixKind)> {
    if term.len() > MOST_TERM_OCTETS || !term.bytes().all(|octet| octet.is_ascii_graphic()) {
        return None;
    }
    let error = written::first_error(term)?;
    repair(term, &error)?.text
}

/// The rule for errors that nobody says more of.
fn class(kind: SyntaxErrorKind) -> Class {
    match kind {
        SyntaxErrorKind::UnknownMechanism | SyntaxErrorKind::ModifierName => Class::Mechanism,
        SyntaxErrorKind::MissingDomain | SyntaxErrorKind::EmptyDomain => Class::Empty,
        SyntaxErrorKind::Ip4CidrLength | SyntaxErrorKind::Ip6CidrLength => Class::Length,
        SyntaxErrorKind::Octet => Class::Stray,
        SyntaxErrorKind::Percent
        | SyntaxErrorKind::MacroLetter
        | SyntaxErrorKind::ExplanationMacro
        | SyntaxErrorKind::MacroTransformer => Class::Macro,
        _ => Class::Other,
    }
}

/// The edit that puts a text where a term stands. What could let everyone
/// pass is never made without asking, and an `all` without a qualifier is not
/// even offered: who forgets it does not mean to.
pub(super) fn edit(text: &[u8], term: Span, mended: String, kind: FixKind) -> Fix {
    let (mended, kind) = match written::passes_everyone(&mended) {
        true if mended.eq_ignore_ascii_case("all") => ("~all".to_owned(), FixKind::Offered),
        true => (mended, FixKind::Offered),
        false => (mended, kind),
    };
    // A term that goes takes the blanks before it along.
    let before = text.get(..term.start as usize).unwrap_or_default();
    let blanks = before.iter().rev().take_while(|octet| **octet == b' ').count() as u32;
    let start = if mended.is_empty() { term.start - blanks } else { term.start };
    Fix { span: Span { start, end: term.end }, text: mended, kind }
}

/// The way out in words.
pub(super) fn help(fix: Option<&Fix>) -> String {
    match fix {
        None => "receivers answer permerror for the whole policy, whatever else it says".to_owned(),
        Some(fix) if fix.text.is_empty() => {
            "delete it: until then all mail gets permerror".to_owned()
        }
        Some(Fix { text, kind: FixKind::Offered, .. }) => {
            format!("write '{text}' if that is meant: until then all mail gets permerror")
        }
        Some(Fix { text, .. }) => format!("write '{text}': until then all mail gets permerror"),
    }
}

/// The span with the rest of the UTF-8 characters that it is a part of.
pub(super) fn whole_characters(text: &[u8], span: Span) -> Span {
    if std::str::from_utf8(text).is_err() {
        return span;
    }
    let continues = |at: usize| text.get(at).is_some_and(|octet| octet & 0xc0 == 0x80);
    let (mut start, mut end) = (span.start as usize, span.end as usize);
    while start > 0 && continues(start) {
        start -= 1;
    }
    while continues(end) {
        end += 1;
    }
    Span::new(start, end)
}
