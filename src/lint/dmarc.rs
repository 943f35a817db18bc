//! The domain's DMARC record, as far as SPF's findings depend on it.
//!
//! Only what is asked of forged mail is read; reporting and alignment are not.

use crate::name::DomainName;

/// The most labels that names asked for on the way up have (RFC 9989's tree walk).
const MOST_LABELS: usize = 7;

/// What DMARC asks receivers to do with mail that fails it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Dmarc {
    /// Nobody asked, or DNS gave no answer.
    Unknown,
    /// There is no record at the domain or above it.
    Missing,
    /// There is one.
    Found {
        /// The name that holds it.
        name: DomainName,
        /// Forged mail is to be rejected or put aside.
        enforcing: bool,
    },
}

/// The names that may hold the record, in the order in which they count: the
/// domain's own, then those above it that have at least two labels.
pub(super) fn record_names(domain: &DomainName) -> Vec<DomainName> {
    let mut names = Vec::new();
    let mut at = Some(domain.clone());
    while let Some(name) = at {
        let own = name == *domain;
        let labels = name.label_count();
        if own || (2..=MOST_LABELS).contains(&labels) {
            names.extend(name.child(b"_dmarc").ok());
        }
        at = if labels > 2 { name.parent() } else { None };
    }
    names
}

/// Whether the DMARC record among `texts` is enforced; `None` where there is
/// none, or more than one, which counts as none. `inherited` says that it
/// stands above the domain, where `sp` goes before `p`.
pub(super) fn enforcing(texts: &[Vec<u8>], inherited: bool) -> Option<bool> {
    let mut records = texts.iter().filter_map(|text| tags(text));
    let tags = records.next()?;
    if records.next().is_some() {
        return None;
    }
    let value = |wanted: &str| {
        let tag = tags.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        tag.map(|(_, value)| value.to_ascii_lowercase())
    };
    let policy = if inherited { value("sp").or_else(|| value("p")) } else { value("p") };
    let asked = matches!(policy.as_deref(), Some("quarantine" | "reject"));
    let tested = value("t").as_deref() == Some("y") || value("pct").as_deref() == Some("0");
    Some(asked && !tested)
}

/// The tags of a DMARC record; `None` for any other text.
fn tags(text: &[u8]) -> Option<Vec<(String, String)>> {
    let text = String::from_utf8_lossy(text);
    let mut tags = text.split(';').filter_map(|tag| {
        let (name, value) = tag.split_once('=')?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    });
    let (name, version) = tags.next()?;
    (name.eq_ignore_ascii_case("v") && version == "DMARC1").then(|| tags.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(domain: &str) -> Vec<String> {
        let names = record_names(&DomainName::parse(domain).unwrap());
        names.iter().map(DomainName::to_string).collect()
    }

    fn read(text: &str, inherited: bool) -> Option<bool> {
        enforcing(&[text.as_bytes().to_vec()], inherited)
    }

    #[test]
    fn walks_up_to_two_labels() {
        assert_eq!(names("example.com"), ["_dmarc.example.com"]);
        assert_eq!(names("a.example.com"), ["_dmarc.a.example.com", "_dmarc.example.com"]);
        assert_eq!(names("com"), ["_dmarc.com"]);
        assert_eq!(names("a.b.c.d.e.f.g.h.i.test").len(), 7);
    }

    #[test]
    fn knows_what_is_enforced() {
        assert_eq!(read("v=DMARC1; p=reject", false), Some(true));
        assert_eq!(read("v=DMARC1 ;P = Quarantine;", false), Some(true));
        assert_eq!(read("v=DMARC1; p=none; sp=reject", false), Some(false));
        assert_eq!(read("v=DMARC1; p=none; sp=reject", true), Some(true));
        assert_eq!(read("v=DMARC1; p=reject", true), Some(true));
        assert_eq!(read("v=DMARC1; p=reject; t=y", false), Some(false));
        assert_eq!(read("v=DMARC1; p=reject; pct=0", false), Some(false));
        assert_eq!(read("v=DMARC1", false), Some(false));
    }

    #[test]
    fn other_texts_and_several_records_are_none() {
        assert_eq!(read("v=spf1 -all", false), None);
        assert_eq!(read("v=DMARC12; p=reject", false), None);
        assert_eq!(read("p=reject; v=DMARC1", false), None);
        assert_eq!(enforcing(&[], false), None);
        let twice = vec![b"v=DMARC1; p=reject".to_vec(); 2];
        assert_eq!(enforcing(&twice, false), None);
    }
}
