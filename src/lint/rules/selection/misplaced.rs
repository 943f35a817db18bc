//! SPF105 and SPF106: records where no receiver looks.

use std::sync::Arc;

use crate::lint::facts::Facts;
use crate::lint::finding::{Finding, Place};
use crate::name::DomainName;
use crate::policy::Graph;

pub(super) fn record_in_spf_type(facts: &Facts) -> Vec<Finding> {
    let finding = |record: &Arc<[u8]>| {
        let place = Place { record: Some(record.clone()), ..facts.domain_place() };
        let mut texts = facts.texts.iter().map(|text| &text.octets);
        let help = match texts.any(|text| text == record) {
            true => "delete it: the TXT record beside it says the same",
            false => "delete it, and see that the TXT record says all that is meant",
        };
        let message =
            "the record stands in the obsolete DNS type SPF, which receivers do not ask for";
        Finding::new(place, message).help(help)
    };
    facts.surroundings.obsolete.iter().map(finding).collect()
}

pub(super) fn record_at_wrong_name(facts: &Facts) -> Vec<Finding> {
    if let Some((name, record)) = &facts.surroundings.misplaced {
        let asked = facts.target_name();
        let place =
            Place { domain: Some(name.clone()), record: Some(record.clone()), ..Place::default() };
        let message =
            format!("the record stands at {name}, and receivers ask for {asked}, which has none");
        let help = format!("publish it at {asked}");
        return vec![Finding::new(place, message).help(help)];
    }
    let domain = facts.shown(&facts.domain);
    let (Some(meant), true) = (domain.as_ref().and_then(undoubled), facts.record().is_some())
    else {
        return Vec::new();
    };
    let message = format!(
        "the record stands at {}, a name that nobody asks for: in a zone file, a name without its \
         final dot is taken below the zone",
        facts.target_name()
    );
    let help = format!("write the owner as '{meant}.', with the final dot");
    vec![Finding::new(facts.record_place(Graph::ROOT), message).help(help)]
}

/// The name that was meant where the end of a name, of two labels or more,
/// stands there twice: `_spf.example.com` for `_spf.example.com.example.com`.
pub(in crate::lint::rules) fn undoubled(name: &DomainName) -> Option<DomainName> {
    let labels: Vec<Vec<u8>> = name.labels().map(<[u8]>::to_ascii_lowercase).collect();
    let doubled = (2..=labels.len() / 2).rev().find(|count| {
        let (front, end) = labels.split_at(labels.len() - count);
        front.ends_with(end)
    })?;
    let kept = labels.len() - doubled;
    DomainName::from_labels(name.labels().take(kept)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubled_ends_are_seen() {
        let of =
            |text: &str| undoubled(&DomainName::parse(text).unwrap()).map(|name| name.to_string());
        assert_eq!(of("example.com.Example.com").as_deref(), Some("example.com"));
        assert_eq!(of("_spf.a.b.c.a.b.c").as_deref(), Some("_spf.a.b.c"));
        for name in ["example.com", "com.com", "a.com.com", "a.b.a.c", "."] {
            assert_eq!(of(name), None, "{name}");
        }
    }
}
