//! How long the expansion of a macro-string can be (RFC 7208 sections 7.2 and 7.3).

use crate::name::{DomainName, MAX_LABEL_OCTETS};
use crate::syntax::{MacroExpand, MacroLetter, MacroPart, MacroString, Record};

/// The longest `%{i}`: 32 nibbles with dots between them.
const IP6_OCTETS: usize = 63;
/// The longer value of `%{v}`, `in-addr`.
const VERSION_OCTETS: usize = 7;
/// The longest domain that can be asked for (RFC 1035 section 2.3.4).
const DOMAIN_OCTETS: usize = 253;

/// What an expansion can come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Expansion {
    /// Octets that are there however the sender writes his names.
    pub(super) fixed: usize,
    /// Octets that the sender can add; `None` where nothing bounds them.
    pub(super) chosen: Option<usize>,
    /// Whether the sender chooses a part.
    pub(super) by_sender: bool,
    /// Whether the client's address is a part, and one stands before the first
    /// or after it that the sender chooses.
    pub(super) address: Option<Side>,
}

/// Where the client's address stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// A part that the sender chooses stands right of it: section 7.3 cuts it off.
    BeforeSender,
    /// All that the sender chooses stands left of it.
    BehindSender,
}

impl Expansion {
    /// The most octets; `None` where nothing bounds them.
    pub(super) fn most(&self) -> Option<usize> {
        self.chosen.map(|chosen| self.fixed + chosen)
    }
}

/// Whether the sender of a message writes what a letter stands for.
fn chosen_by_sender(letter: MacroLetter) -> bool {
    matches!(
        letter,
        MacroLetter::Sender
            | MacroLetter::LocalPart
            | MacroLetter::SenderDomain
            | MacroLetter::Helo
    )
}

/// What a macro-string of the record of `domain` can come to. The domain of the
/// sender is the one that the policy is for, where that is given; otherwise the
/// sender chooses it.
pub(super) fn expansion(
    record: &Record,
    string: &MacroString,
    domain: &DomainName,
    sender: Option<&DomainName>,
) -> Expansion {
    let mut found = Expansion { chosen: Some(0), ..Expansion::default() };
    for part in record.parts(string) {
        let expand = match part {
            MacroPart::Literal(span) => {
                found.fixed += span.octets();
                continue;
            }
            MacroPart::Percent(_) | MacroPart::Space(_) => {
                found.fixed += 1;
                continue;
            }
            MacroPart::UrlSpace(_) => {
                found.fixed += 3;
                continue;
            }
            MacroPart::Expand(expand) => expand,
        };
        if let (MacroLetter::SenderDomain, Some(sender)) = (expand.letter, sender) {
            let escaped = if expand.url_escape { 3 } else { 1 };
            found.fixed += escaped * sender.to_text_octets().len();
            continue;
        }
        if chosen_by_sender(expand.letter) {
            found.by_sender = true;
            found.chosen = found.chosen.zip(bound(expand)).map(|(sum, more)| sum + more);
            if found.address.is_some() {
                found.address = Some(Side::BeforeSender);
            }
            continue;
        }
        found.fixed += known(expand, domain);
        if expand.letter == MacroLetter::Ip && found.address.is_none() {
            found.address = Some(Side::BehindSender);
        }
    }
    found
}

/// The most octets that a value which the sender chooses can come to. Labels
/// over 63 octets make no name, so parts that are split at dots are bounded.
fn bound(expand: &MacroExpand) -> Option<usize> {
    let at_dots = expand.delimiters.is_empty() || expand.delimiters.contains(b'.');
    match (expand.keep, expand.letter) {
        (Some(keep), _) if at_dots && !expand.url_escape => {
            Some((keep as usize).saturating_mul(MAX_LABEL_OCTETS + 1).saturating_sub(1))
        }
        (_, MacroLetter::SenderDomain) if !expand.url_escape => Some(DOMAIN_OCTETS),
        _ => None,
    }
}

/// The most octets of a value that the sender does not choose. What is kept of
/// it may be less; a bound need not be tight where it is far from the limit.
fn known(expand: &MacroExpand, domain: &DomainName) -> usize {
    let (whole, labels) = match expand.letter {
        MacroLetter::Ip => (IP6_OCTETS, 32),
        MacroLetter::Version => (VERSION_OCTETS, 1),
        MacroLetter::Domain => (domain.to_text_octets().len(), domain.label_count()),
        _ => (DOMAIN_OCTETS, usize::MAX),
    };
    let at_dots = expand.delimiters.is_empty() || expand.delimiters.contains(b'.');
    let kept = expand.keep.map_or(usize::MAX, |keep| keep as usize).min(labels);
    match expand.letter {
        _ if !at_dots => whole,
        MacroLetter::Ip => (2 * kept).saturating_sub(1).max(kept.min(4) * 4 - 1).min(whole),
        MacroLetter::Domain => {
            let lengths: Vec<usize> = domain.labels().map(<[u8]>::len).collect();
            let chosen: Box<dyn Iterator<Item = &usize>> = match expand.reverse {
                true => Box::new(lengths.iter().take(kept)),
                false => Box::new(lengths.iter().rev().take(kept)),
            };
            (chosen.map(|length| length + 1).sum::<usize>()).saturating_sub(1)
        }
        MacroLetter::ValidatedName => {
            kept.saturating_mul(MAX_LABEL_OCTETS + 1).saturating_sub(1).min(whole)
        }
        _ => whole,
    }
}
