//! Under which names anyone may register, by the Public Suffix List.
//!
//! The list is compiled in, so an old program does not know a new top label;
//! what it does not know counts as a name that nobody can register.

use crate::name::DomainName;

/// Top labels that no registry sells (RFC 6761, RFC 6762, RFC 7686, RFC 9476,
/// and `internal`, which ICANN reserved), and the one of infrastructure.
const NEVER_SOLD: [&[u8]; 9] = [
    b"alt",
    b"arpa",
    b"example",
    b"internal",
    b"invalid",
    b"local",
    b"localhost",
    b"onion",
    b"test",
];

/// The name at or above `name` that one owner registers, directly below a
/// public suffix; `None` where there is none: for public suffixes themselves and
/// below top labels that are not for sale or not known.
pub(super) fn registrable(name: &DomainName) -> Option<DomainName> {
    let name = name.to_lowercase();
    let plain = |label: &[u8]| {
        label.iter().all(|octet| octet.is_ascii_alphanumeric() || b"-_".contains(octet))
    };
    let labels: Vec<&[u8]> = name.labels().collect();
    let top = labels.last()?;
    // The list knows neither escapes nor dots inside of labels.
    if !labels.iter().all(|label| plain(label)) || NEVER_SOLD.contains(top) {
        return None;
    }
    let text = labels.join(&b'.');
    let found = psl::domain(&text).filter(|found| found.suffix().is_known())?;
    let count = found.as_bytes().split(|octet| *octet == b'.').count();
    let first = labels.len().checked_sub(count)?;
    DomainName::from_labels(labels[first..].iter().copied()).ok()
}

/// The domain that the owner of a name has registered; where nobody can register
/// one, its last two labels.
pub(super) fn organisation(name: &DomainName) -> DomainName {
    registrable(name).unwrap_or_else(|| {
        let mut name = name.clone();
        while let Some(parent) = name.parent().filter(|parent| parent.label_count() >= 2) {
            name = parent;
        }
        name.to_lowercase()
    })
}

/// Whether a label is a top label of public DNS.
pub(super) fn is_top_label(label: &[u8]) -> bool {
    let label = label.to_ascii_lowercase();
    !label.contains(&b'.') && psl::suffix(&label).is_some_and(|suffix| suffix.is_known())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<String> {
        registrable(&DomainName::parse(text).unwrap()).map(|name| name.to_string())
    }

    #[test]
    fn names_are_registered_below_public_suffixes() {
        assert_eq!(of("_spf.mail.Example.CO.uk").as_deref(), Some("example.co.uk"));
        assert_eq!(of("example.com").as_deref(), Some("example.com"));
        assert_eq!(of("a.b.github.io").as_deref(), Some("b.github.io"));
        for name in ["com", "co.uk", "a.example", "a.test", "a.unheard-of", ".", "1.in-addr.arpa"] {
            assert_eq!(of(name), None, "{name}");
        }
        let dotted = DomainName::from_labels([&b"a.b"[..], b"com"]).unwrap();
        assert_eq!(registrable(&dotted), None);
    }

    #[test]
    fn every_name_has_an_owner() {
        let of = |text: &str| organisation(&DomainName::parse(text).unwrap()).to_string();
        assert_eq!(of("_spf.Example.co.uk"), "example.co.uk");
        assert_eq!(of("_spf.mail.Z.test"), "z.test");
        assert_eq!((of("z.test"), of("test")), ("z.test".to_owned(), "test".to_owned()));
    }

    #[test]
    fn top_labels_are_known() {
        assert!(is_top_label(b"COM") && is_top_label(b"mx"));
        assert!(!is_top_label(b"comall") && !is_top_label(b"example") && !is_top_label(b"co.uk"));
    }
}
