//! The name that a term asks DNS for: its domain-spec after macro expansion
//! (RFC 7208 sections 4.8 and 7).

use super::evaluator::{Evaluator, Stopped};
use super::frame::Site;
use super::problem::TargetError;
use crate::dns::Lookup;
use crate::name::DomainName;
use crate::syntax::{
    DomainSpec, MacroExpand, MacroLetter, MacroPart, MacroValues, Record, target_name,
};

/// What a domain-spec names.
#[derive(Debug)]
pub(super) enum Target {
    /// A name.
    Name(DomainName),
    /// Nothing that DNS could be asked for.
    NotAName(TargetError),
    /// An answer is missing that `%{p}` needs.
    Unknown,
}

impl<L: Lookup + ?Sized> Evaluator<'_, L> {
    /// The target of a domain-spec of `record`.
    pub(super) fn target(
        &mut self,
        record: &Record,
        spec: &DomainSpec,
        site: Site<'_>,
    ) -> Stopped<Target> {
        let parts = record.parts(&spec.0);
        if let [MacroPart::Literal(span)] = parts {
            return Ok(named(span.of(record.text())));
        }
        let letters = || parts.iter().filter_map(expanded).map(|expand| expand.letter);
        if !self.message.local_part().is_ascii()
            && letters()
                .any(|letter| matches!(letter, MacroLetter::Sender | MacroLetter::LocalPart))
        {
            return Ok(Target::NotAName(TargetError::LocalPart));
        }
        let missing = self.missing();
        let mut out = Vec::with_capacity(64);
        self.expand(record.text(), parts, site, &mut out)?;
        Ok(if self.missing() > missing { Target::Unknown } else { named(&out) })
    }

    /// Appends the expansion of `parts` of `text` in the record that `site` is in.
    pub(super) fn expand(
        &mut self,
        text: &[u8],
        parts: &[MacroPart],
        site: Site<'_>,
        out: &mut Vec<u8>,
    ) -> Stopped<()> {
        let wants = |wanted| {
            parts.iter().filter_map(expanded).any(|expand: &MacroExpand| expand.letter == wanted)
        };
        let validated_name = match wants(MacroLetter::ValidatedName) {
            true => self.validated_name(site)?,
            false => Vec::new(),
        };
        let domain = match wants(MacroLetter::Domain) {
            true => site.domain.to_text_octets(),
            false => Vec::new(),
        };
        let values = MacroValues {
            local_part: self.message.local_part(),
            sender_domain: self.message.sender_domain(),
            domain: &domain,
            ip: self.message.ip(),
            helo: self.message.helo(),
            validated_name: &validated_name,
            receiver: self.message.receiver(),
            time: self.message.time(),
        };
        values.expand(text, parts, out);
        Ok(())
    }
}

fn expanded(part: &MacroPart) -> Option<&MacroExpand> {
    match part {
        MacroPart::Expand(expand) => Some(expand),
        _ => None,
    }
}

fn named(text: &[u8]) -> Target {
    match target_name(text) {
        Ok(name) if name.is_root() => Target::NotAName(TargetError::Empty),
        Ok(name) => Target::Name(name),
        Err(error) => Target::NotAName(TargetError::Name(error)),
    }
}
