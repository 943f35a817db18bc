//! What a macro record asks of the zone that answers for it, and that in one
//! form: an image is of use only to the record that it was compiled for.
//!
//! How this is read from a record is the configuration's matter.

use crate::name::DomainName;
use crate::outcome::Qualifier;

use super::{Layout, ZoneMechanism};

/// What a macro record asks one zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneTerms {
    /// How addresses become names of the zone.
    pub layout: Layout,
    /// How the names are asked for.
    pub mechanism: ZoneMechanism,
    /// Whether `%{d}` stands before the zone: it is one of many domains.
    pub by_domain: bool,
    /// The names below which addresses stand, the shortest first.
    pub outcomes: Vec<ZoneOutcome>,
}

/// Names of addresses, and what the record gives to the clients that it finds
/// there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneOutcome {
    /// What stands between the addresses and the zone: nothing, the root, for the
    /// zone itself; with `%{d}` what stands before it.
    pub name: DomainName,
    /// The result.
    pub qualifier: Qualifier,
}

impl ZoneTerms {
    /// The name of the zone.
    pub fn zone(&self) -> &DomainName {
        self.layout.zone()
    }

    /// The names below which addresses that pass stand.
    pub fn passing(&self) -> Vec<&DomainName> {
        let passes = self.outcomes.iter().filter(|it| it.qualifier == Qualifier::Pass);
        passes.map(|outcome| &outcome.name).collect()
    }

    /// The terms that ask the zone, with their qualifiers, however the record writes
    /// them.
    pub fn asked(&self) -> String {
        let spec = self.layout.domain_spec();
        let name = self.layout.zone().to_string();
        let address = spec.strip_suffix(&name).unwrap_or(&spec);
        let domain = if self.by_domain { "%{d}." } else { "" };
        let mut terms: Vec<String> = self
            .outcomes
            .iter()
            .map(|outcome| {
                let qualifier = match outcome.qualifier {
                    Qualifier::Pass => "",
                    Qualifier::Fail => "-",
                    Qualifier::Softfail => "~",
                    Qualifier::Neutral => "?",
                };
                let before = match outcome.name.is_root() {
                    true => String::new(),
                    false => format!("{}.", outcome.name),
                };
                let mechanism = self.mechanism.as_str();
                format!("{qualifier}{mechanism}:{address}{before}{domain}{name}")
            })
            .collect();
        terms.sort();
        terms.join(" ")
    }
}
