//! The Authentication-Results header field (RFC 8601), with the one result
//! that SPF gives (section 2.7.2).

use super::header::{is_dot_atom, quoted_string, visible};
use super::message::{Identity, Message};
use super::verdict::Evaluation;

/// The Authentication-Results field of an evaluated message: one line without
/// its line end, not folded, whatever the client and DNS said. The receiver's
/// name is the authserv-id.
pub fn authentication_results(message: &Message, evaluation: &Evaluation) -> String {
    let (property, value) = match message.identity() {
        Identity::MailFrom => ("mailfrom", mailbox(message)),
        Identity::Helo => ("helo", pvalue(message.helo(), is_domain_name(message.helo()))),
    };
    let reason = match &evaluation.problem {
        Some(problem) => format!(" reason={}", quoted_string(problem.to_string().as_bytes())),
        None => String::new(),
    };
    format!(
        "Authentication-Results: {}; spf={}{reason} smtp.{property}={value}",
        pvalue(message.receiver(), is_token(message.receiver())),
        evaluation.result,
    )
}

/// `pvalue = [CFWS] ( ( value / [ [ local-part ] "@" ] domain-name ) ) [CFWS]`
/// for a sender
fn mailbox(message: &Message) -> String {
    let plain = is_dot_atom(message.local_part()) && is_domain_name(message.sender_domain());
    pvalue(&message.sender(), plain)
}

fn pvalue(octets: &[u8], plain: bool) -> String {
    if plain { octets.iter().copied().map(visible).collect() } else { quoted_string(octets) }
}

/// Labels of letters, digits and inner hyphens, as `domain-name` wants
/// (RFC 6376 section 3.5); underscores too, which senders have.
fn is_domain_name(octets: &[u8]) -> bool {
    let in_label = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
    octets.split(|octet| *octet == b'.').all(|label| {
        !label.is_empty()
            && label.iter().all(in_label)
            && label.first() != Some(&b'-')
            && label.last() != Some(&b'-')
    })
}

/// A token (RFC 2045 section 5.1): visible ASCII without the tspecials.
fn is_token(octets: &[u8]) -> bool {
    let in_token = |octet: &u8| octet.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(octet);
    !octets.is_empty() && octets.iter().all(in_token)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::header::tests::{read_delimited, shown};
    use super::*;
    use crate::eval::Lookups;
    use crate::outcome::SpfResult;

    fn field(helo: &[u8], sender: &[u8], receiver: &[u8]) -> String {
        let message =
            Message::mail_from("192.0.2.1".parse().unwrap(), helo, sender).with_receiver(receiver);
        let evaluation = Evaluation {
            result: SpfResult::Fail,
            explanation: None,
            path: Vec::new(),
            problem: None,
            lookups: Lookups::default(),
            trace: Vec::new(),
        };
        authentication_results(&message, &evaluation)
    }

    /// Reads one value, quoted or up to a semicolon or a blank.
    fn read_value(text: &str) -> Option<(String, &str)> {
        if text.starts_with('"') {
            return read_delimited(text, '"', '"');
        }
        let end = text.find([';', ' ', '"', '(']).unwrap_or(text.len());
        (end > 0).then(|| (text[..end].to_owned(), &text[end..]))
    }

    #[test]
    fn names_the_identity_that_was_checked() {
        assert_eq!(
            field(b"mx.example.com", b"a.b@example.com", b"mail.example.net"),
            "Authentication-Results: mail.example.net; spf=fail smtp.mailfrom=a.b@example.com"
        );
        assert_eq!(
            field(b"mx.example.com", b"", b"mail.example.net"),
            "Authentication-Results: mail.example.net; spf=fail smtp.helo=mx.example.com"
        );
        assert_eq!(
            field(b"h", b"a b;spf=pass@example.com", b"r"),
            "Authentication-Results: r; spf=fail smtp.mailfrom=\"a b;spf=pass@example.com\""
        );
    }

    proptest! {
        #[test]
        fn reads_back_whatever_the_client_says(
            helo in proptest::collection::vec(any::<u8>(), 0..40),
            sender in proptest::collection::vec(any::<u8>(), 1..40),
            receiver in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            let message = Message::mail_from("192.0.2.1".parse().unwrap(), &helo, &sender);
            let field = field(&helo, &sender, &receiver);
            prop_assert!(field.chars().all(|character| character == ' ' || character.is_ascii_graphic()));
            let rest = field.strip_prefix("Authentication-Results: ").unwrap();
            let (id, rest) = read_value(rest).unwrap();
            prop_assert_eq!(id, shown(&receiver));
            let rest = rest.strip_prefix("; spf=fail smtp.mailfrom=").unwrap();
            let (value, rest) = read_value(rest).unwrap();
            prop_assert_eq!(value, shown(&message.sender()));
            prop_assert_eq!(rest, "");
        }
    }
}
