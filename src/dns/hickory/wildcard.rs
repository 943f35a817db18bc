//! Whether a wildcard's records are the answer for a name (RFC 4035 section
//! 5.3.4), where NSEC records say so.
//!
//! The validator refuses this for names right below the wildcard's parent: it
//! wants the wildcard itself denied, which is there. Only what it refuses comes
//! here, with its marks on each record.

use hickory_proto::dnssec::Proof;
use hickory_proto::dnssec::rdata::{DNSSECRData, NSEC, RRSIG};
use hickory_proto::op::{DnsResponse, Query};
use hickory_proto::rr::{Name, RData, Record, RecordType};

/// Whether `own`, the records of the answer at the name, are secure, made from a
/// wildcard, and nothing closer to the name is there.
pub(super) fn answers<'r>(
    query: &Query,
    own: impl Iterator<Item = &'r Record>,
    response: &DnsResponse,
) -> bool {
    let mut covered: Vec<RecordType> = Vec::new();
    for record in own {
        if record.proof != Proof::Secure {
            return false;
        }
        covered.push(record.record_type());
    }
    covered.sort();
    covered.dedup();
    !covered.is_empty()
        && covered.into_iter().all(|record_type| {
            let signature =
                response.answers.iter().find_map(|it| signature(query, record_type, it));
            signature.is_some_and(|signature| nothing_closer(query, signature, response))
        })
}

/// The signature that a record of the answer was found valid by.
fn signature<'r>(query: &Query, record_type: RecordType, record: &'r Record) -> Option<&'r RRSIG> {
    match &record.data {
        RData::DNSSEC(DNSSECRData::RRSIG(signature))
            if record.proof == Proof::Secure
                && record.name == *query.name()
                && signature.input().type_covered == record_type =>
        {
            Some(signature)
        }
        _ => None,
    }
}

/// Whether an NSEC record of the signer's zone denies the name one label longer
/// than the wildcard's parent, and with it all that could come before the
/// wildcard.
fn nothing_closer(query: &Query, signature: &RRSIG, response: &DnsResponse) -> bool {
    let (labels, name) = (signature.input().num_labels, query.name());
    if labels >= name.num_labels() {
        return false;
    }
    let next_closer = name.trim_to(usize::from(labels) + 1);
    response.authorities.iter().any(|record| match &record.data {
        RData::DNSSEC(DNSSECRData::NSEC(nsec)) if record.proof == Proof::Secure => {
            let signer = &signature.input().signer_name;
            signer.zone_of(&record.name)
                && signer.zone_of(nsec.next_domain_name())
                && denies(&next_closer, name, &record.name, nsec)
        }
        _ => false,
    })
}

/// Whether an NSEC record says that `next_closer` is not there, nor anything below
/// it: it spans `name`, which stands there or below, and begins and ends outside.
/// For whatever is there stands side by side with `name` in the order of names.
fn denies(next_closer: &Name, name: &Name, owner: &Name, nsec: &NSEC) -> bool {
    let next = nsec.next_domain_name();
    // The last record of a zone leads back to its apex.
    let spans = owner < name && (name < next || next <= owner);
    // That of a delegation says nothing of names below it (RFC 6840 section 4.1).
    let types = nsec.type_set();
    let delegates = types.contains(RecordType::NS) && !types.contains(RecordType::SOA);
    let hands_on = (delegates || types.contains(RecordType::DNAME)) && owner.zone_of(name);
    spans && !hands_on && !next_closer.zone_of(owner) && !next_closer.zone_of(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn name(text: &str) -> Name {
        Name::from_ascii(text).unwrap()
    }

    fn denied(
        next_closer: &str,
        asked: &str,
        owner: &str,
        next: &str,
        types: &[RecordType],
    ) -> bool {
        let nsec = NSEC::new(name(next), types.iter().copied());
        denies(&name(next_closer), &name(asked), &name(owner), &nsec)
    }

    #[test]
    fn what_is_closer_is_seen() {
        let txt = &[RecordType::TXT];
        assert!(denied("a.w.z.", "a.w.z.", "*.w.z.", "x.z.", txt));
        assert!(denied("b.w.z.", "a.b.w.z.", "*.w.z.", "z.", txt), "the last of its zone");
        assert!(!denied("a.w.z.", "a.w.z.", "a.w.z.", "x.z.", txt), "the name itself");
        assert!(!denied("b.w.z.", "a.b.w.z.", "0.b.w.z.", "x.z.", txt), "something below");
        assert!(!denied("b.w.z.", "a.b.w.z.", "*.w.z.", "c.b.w.z.", txt), "something behind");
        assert!(!denied("a.w.z.", "a.w.z.", "b.w.z.", "x.z.", txt), "another span");
        let ns = &[RecordType::NS];
        assert!(!denied("a.w.z.", "a.w.z.", "w.z.", "x.z.", ns), "a delegation");
        assert!(denied("a.w.z.", "a.w.z.", "w.z.", "x.z.", &[RecordType::NS, RecordType::SOA]));
    }

    fn any_name() -> impl Strategy<Value = Name> {
        proptest::collection::vec(prop_oneof![Just("a"), Just("b"), Just("c")], 0..5).prop_map(
            |labels| {
                name(&format!("{}z.", labels.iter().map(|it| format!("{it}.")).collect::<String>()))
            },
        )
    }

    proptest! {
        /// Over all zones of few names: the span around a name denies its longer
        /// parents exactly when none of them, nor anything below, is there.
        #[test]
        fn denied_is_what_is_not_there(
            names in proptest::collection::btree_set(any_name(), 0..8), asked in any_name(),
            labels in 2u8..6,
        ) {
            let mut names: BTreeSet<Name> = names;
            names.insert(name("z."));
            prop_assume!(!names.contains(&asked) && labels <= asked.num_labels());
            let owner = names.range(..asked.clone()).next_back().unwrap();
            let next = names.range(asked.clone()..).next().cloned().unwrap_or_else(|| name("z."));
            let next_closer = asked.trim_to(usize::from(labels));
            let there = names.iter().any(|it| next_closer.zone_of(it));
            let nsec = NSEC::new(next, [RecordType::TXT]);
            prop_assert_eq!(denies(&next_closer, &asked, owner, &nsec), !there);
        }
    }
}
