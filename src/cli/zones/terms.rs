//! What the record of a zone asks, in one form: an image is of use only to the
//! record that it was compiled for.

use crate::config::ZoneConfig;
use crate::outcome::Qualifier;

/// The terms that ask the zone, with their qualifiers, however the record writes
/// them.
pub(super) fn asked(zone: &ZoneConfig) -> String {
    let spec = zone.layout.domain_spec();
    let name = zone.layout.zone().to_string();
    let address = spec.strip_suffix(&name).unwrap_or(&spec);
    let domain = if zone.by_domain { "%{d}." } else { "" };
    let mut terms: Vec<String> = zone
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
            let mechanism = zone.mechanism.as_str();
            format!("{qualifier}{mechanism}:{address}{before}{domain}{name}")
        })
        .collect();
    terms.sort();
    terms.join(" ")
}
