//! The UPDATE message of some changes (RFC 2136), before it is signed.
//!
//! Its prerequisites hold what stands at each name as it was looked at, other
//! TXT records included, and what the stage before has written or left: a server
//! refuses the update when that has changed since.

use domain::base::iana::{Class, Opcode, Rtype};
use domain::base::message_builder::{AdditionalBuilder, MessageBuilder, PushError};
use domain::base::name::Name;
use domain::base::rdata::{LongRecordData, UnknownRecordData};
use thiserror::Error;

use crate::dns::Txt;
use crate::name::DomainName;
use crate::publish::NameChange;

/// Why there is no message.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MessageError {
    /// A name outside of the zone that is updated. The fault is the caller's.
    #[error("{name} is not in the zone {zone}")]
    Outside {
        /// The name.
        name: DomainName,
        /// The zone.
        zone: DomainName,
    },
    /// More than a message can hold.
    #[error("the update of {0} does not fit a DNS message")]
    TooLong(DomainName),
}

/// A DNS message in the making.
pub(super) type Draft = AdditionalBuilder<Vec<u8>>;

/// The message, in wire form, that makes these changes in `zone`, once those
/// `ahead` are made.
///
/// # Errors
///
/// Names outside of the zone, and messages over 65,535 octets.
pub fn update(
    zone: &DomainName,
    ahead: &[NameChange],
    changes: &[&NameChange],
) -> Result<Vec<u8>, MessageError> {
    draft(zone, ahead, changes, 0).map(AdditionalBuilder::finish)
}

/// The message with this ID, open for a signature.
pub(super) fn draft(
    zone: &DomainName,
    ahead: &[NameChange],
    changes: &[&NameChange],
    id: u16,
) -> Result<Draft, MessageError> {
    let all = || ahead.iter().chain(changes.iter().copied());
    if let Some(change) = all().find(|change| !change.name.is_at_or_below(zone)) {
        let (name, zone) = (change.name.clone(), zone.clone());
        return Err(MessageError::Outside { name, zone });
    }
    composed(zone, ahead, changes, id).map_err(|TooLong| MessageError::TooLong(zone.clone()))
}

/// More than the length fields of a message can say.
struct TooLong;

impl From<PushError> for TooLong {
    fn from(_: PushError) -> TooLong {
        TooLong
    }
}

impl From<LongRecordData> for TooLong {
    fn from(_: LongRecordData) -> TooLong {
        TooLong
    }
}

fn composed(
    zone: &DomainName,
    ahead: &[NameChange],
    changes: &[&NameChange],
    id: u16,
) -> Result<Draft, TooLong> {
    let mut builder = MessageBuilder::new_vec();
    builder.set_push_limit(usize::from(u16::MAX));
    builder.header_mut().set_id(id);
    builder.header_mut().set_opcode(Opcode::UPDATE);
    let mut question = builder.question();
    question.push((wire(zone), Rtype::SOA, Class::IN))?;
    let mut prerequisites = question.answer();
    let ahead = ahead.iter().map(|change| (&change.name, change.standing_after()));
    let here = changes.iter().map(|change| (&change.name, change.standing_before()));
    for (name, standing) in ahead.chain(here) {
        if standing.is_empty() {
            let nothing = UnknownRecordData::from_octets(Rtype::TXT, Vec::new())?;
            prerequisites.push((wire(name), Class::NONE, 0, nothing))?;
        }
        for text in &standing {
            prerequisites.push((wire(name), Class::IN, 0, data(text)?))?;
        }
    }
    let mut updates = prerequisites.authority();
    for change in changes {
        for text in &change.before {
            updates.push((wire(&change.name), Class::NONE, 0, data(text)?))?;
        }
        if let Some(strings) = &change.after {
            let record = data(&Txt::new(strings))?;
            updates.push((wire(&change.name), Class::IN, change.ttl, record))?;
        }
    }
    Ok(updates.additional())
}

/// A name in wire form.
pub(super) fn wire(name: &DomainName) -> Name<Vec<u8>> {
    let mut octets = Vec::with_capacity(name.wire_octets());
    for label in name.labels() {
        octets.push(label.len() as u8);
        octets.extend_from_slice(label);
    }
    octets.push(0);
    // A domain name keeps both limits of the wire form; the root is a name too.
    Name::from_octets(octets).unwrap_or_else(|_| Name::root())
}

fn data(text: &Txt) -> Result<UnknownRecordData<Vec<u8>>, LongRecordData> {
    let mut octets = Vec::with_capacity(text.rdata_octets());
    for string in text.strings() {
        octets.push(string.len() as u8);
        octets.extend_from_slice(string);
    }
    UnknownRecordData::from_octets(Rtype::TXT, octets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::base::Message;
    use domain::base::message::RecordSection;
    use proptest::prelude::*;

    type Shape = (String, Class, u32, Vec<u8>);

    /// The records of a section, read back.
    fn records(section: RecordSection<'_, Vec<u8>>) -> Vec<Shape> {
        let shape = |record: domain::base::ParsedRecord<'_, Vec<u8>>| {
            assert_eq!(record.rtype(), Rtype::TXT);
            let data = record.to_record::<UnknownRecordData<_>>().unwrap().unwrap();
            let octets = data.data().data().to_vec();
            (record.owner().to_string(), record.class(), record.ttl().as_secs(), octets)
        };
        section.map(|record| shape(record.unwrap())).collect()
    }

    fn read(octets: Vec<u8>) -> (Vec<Shape>, Vec<Shape>) {
        let message = Message::from_octets(octets).unwrap();
        assert_eq!(message.header().opcode(), Opcode::UPDATE);
        let zone = message.sole_question().unwrap();
        assert_eq!((zone.qtype(), zone.qclass()), (Rtype::SOA, Class::IN));
        (records(message.answer().unwrap()), records(message.authority().unwrap()))
    }

    fn name(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    fn change(before: &[&str], after: Option<&str>, others: &[&str]) -> NameChange {
        let texts = |texts: &[&str]| texts.iter().map(|text| Txt::new([text])).collect();
        NameChange {
            name: name("_spf1a.example.com"),
            ttl: 300,
            before: texts(before),
            before_ttl: None,
            after: after.map(|text| vec![text.to_owned()]),
            others: texts(others),
        }
    }

    #[test]
    fn an_added_record_wants_the_name_free() {
        let add = change(&[], Some("new"), &[]);
        let (prerequisites, updates) = read(update(&name("example.com"), &[], &[&add]).unwrap());
        let owner = String::from("_spf1a.example.com");
        assert_eq!(prerequisites, [(owner.clone(), Class::NONE, 0, vec![])]);
        assert_eq!(updates, [(owner, Class::IN, 300, b"\x03new".to_vec())]);
    }

    #[test]
    fn a_changed_record_wants_the_others_too() {
        let changed = change(&["old"], Some("new"), &["other"]);
        let (prerequisites, updates) =
            read(update(&name("example.com"), &[], &[&changed]).unwrap());
        let texts: Vec<&[u8]> = prerequisites.iter().map(|record| &record.3[..]).collect();
        assert_eq!(texts, [&b"\x03old"[..], b"\x05other"]);
        assert!(prerequisites.iter().all(|record| record.1 == Class::IN && record.2 == 0));
        let classes: Vec<Class> = updates.iter().map(|record| record.1).collect();
        assert_eq!(classes, [Class::NONE, Class::IN]);
    }

    #[test]
    fn what_is_written_ahead_has_to_stand() {
        let kept = change(&["v=spf1 -all"], Some("v=spf1 -all"), &[]);
        let own = NameChange { name: name("example.com"), ..change(&["old"], Some("new"), &[]) };
        let message = update(&name("example.com"), std::slice::from_ref(&kept), &[&own]).unwrap();
        let (prerequisites, updates) = read(message);
        let wanted: Vec<(&str, &[u8])> =
            prerequisites.iter().map(|record| (&record.0[..], &record.3[..])).collect();
        let expected =
            [("_spf1a.example.com", &b"\x0bv=spf1 -all"[..]), ("example.com", b"\x03old")];
        assert_eq!(wanted, expected);
        assert!(updates.iter().all(|record| record.0 == "example.com"));
    }

    #[test]
    fn names_outside_of_the_zone_are_refused() {
        let add = change(&[], Some("new"), &[]);
        let error = update(&name("example.net"), &[], &[&add]).unwrap_err();
        assert!(matches!(error, MessageError::Outside { .. }));
        let long = change(&[], Some(&"x".repeat(70_000)), &[]);
        assert!(matches!(
            update(&name("example.com"), &[], &[&long]),
            Err(MessageError::TooLong(_))
        ));
    }

    proptest! {
        #[test]
        fn any_text_and_name_is_read_back(
            label in proptest::collection::vec(any::<u8>(), 1..63),
            texts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..600), 0..5),
        ) {
            let texts: Vec<Txt> = texts.iter().map(|text| Txt::new([text])).collect();
            let name = name("example.com").child(&label).unwrap();
            let change = NameChange {
                name: name.clone(), ttl: 5, before: texts.clone(), before_ttl: None, after: None, others: Vec::new(),
            };
            let (prerequisites, updates) = read(update(&name, &[], &[&change]).unwrap());
            prop_assert_eq!(updates.len(), texts.len());
            prop_assert_eq!(prerequisites.len(), texts.len().max(1));
            for (record, text) in updates.iter().zip(&texts) {
                prop_assert_eq!(record.3.len(), text.rdata_octets());
                let mut rest = &record.3[..];
                let mut joined = Vec::new();
                while let Some((length, behind)) = rest.split_first() {
                    joined.extend_from_slice(&behind[..usize::from(*length)]);
                    rest = &behind[usize::from(*length)..];
                }
                prop_assert_eq!(&joined[..], &*text.joined());
            }
        }
    }
}
