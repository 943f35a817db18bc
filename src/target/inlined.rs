//! Address terms that stand in the record before the macro term which passes the
//! same addresses, for receivers that fail on macros.
//!
//! Texts only: which terms, and whether they have room, is for others to say.

use crate::image::Layout;
use crate::optimize::rdata_octets;

use super::OutputRecord;

/// The records with `terms` before the term that asks for names of this layout.
/// `None` where no record has such a term.
pub fn inlined(
    records: &[OutputRecord],
    layout: &Layout,
    terms: &[String],
) -> Option<Vec<OutputRecord>> {
    let asks = format!(":{}", layout.domain_spec());
    let with_terms = |record: &OutputRecord| {
        let words: Vec<&str> = record.text.split(' ').collect();
        let at = words.iter().position(|word| word.ends_with(&asks))?;
        let terms = terms.iter().map(String::as_str);
        let text: Vec<&str> =
            words[..at].iter().copied().chain(terms).chain(words[at..].iter().copied()).collect();
        let text = text.join(" ");
        let besides = record.message_octets - rdata_octets(&record.text);
        let message_octets = besides + rdata_octets(&text);
        Some(OutputRecord { text, message_octets, ..record.clone() })
    };
    let (holder, written) = records
        .iter()
        .enumerate()
        .find_map(|(holder, record)| Some((holder, with_terms(record)?)))?;
    let mut records = records.to_vec();
    records[holder] = written;
    Some(records)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Order;
    use crate::message::MessageSize;
    use crate::name::DomainName;

    #[test]
    fn terms_stand_before_the_term_of_their_own_zone() {
        let name = |text: &str| DomainName::parse(text).unwrap();
        let layout = |zone: &str| Layout::new(&name(zone), Order::Reversed, true).unwrap();
        let (domain, moved) = (name("example.com"), name("_spf.example.com"));
        let record = |owner: &DomainName, text: &str| {
            OutputRecord::new(owner.clone(), 60, text.to_owned(), MessageSize::new(owner, &[]))
        };
        let text = "v=spf1 -exists:%{ir}.%{v}.fail0.z.example exists:%{ir}.%{v}.z.example ~all";
        let records = [record(&domain, "v=spf1 redirect=_spf.example.com"), record(&moved, text)];
        let terms = vec![String::from("ip4:192.0.2.1"); 20];
        let written = inlined(&records, &layout("z.example"), &terms).unwrap();
        let expected = text.replace(" exists", &format!(" {} exists", terms.join(" ")));
        assert_eq!(written, [records[0].clone(), record(&moved, &expected)]);
        assert_eq!(inlined(&records, &layout("other.example"), &terms), None);
    }
}
