//! The Received-SPF header field (RFC 7208 section 9.1, with erratum 5436).

use super::header::{comment, word};
use super::message::{Identity, Message};
use super::verdict::Evaluation;
use crate::outcome::SpfResult;

/// The Received-SPF field of an evaluated message: one line without its line
/// end, not folded, whatever the client and DNS said.
pub fn received_spf(message: &Message, evaluation: &Evaluation) -> String {
    let mut field = format!(
        "Received-SPF: {} {} client-ip={}; envelope-from={}; helo={}; receiver={}; identity={};",
        evaluation.result,
        comment(summary(message, evaluation).as_bytes()),
        word(message.ip().to_string().as_bytes()),
        word(&message.sender()),
        word(message.helo()),
        word(message.receiver()),
        identity(message.identity()),
    );
    let mut add = |key: &str, value: &str| {
        field.push_str(&format!(" {key}={};", word(value.as_bytes())));
    };
    if let Some(problem) = &evaluation.problem {
        add("problem", &problem.to_string());
    } else if evaluation.result != SpfResult::None {
        let mechanism = evaluation.directive().map(|directive| directive.mechanism());
        add("mechanism", mechanism.as_deref().unwrap_or("default"));
    }
    field
}

fn identity(identity: Identity) -> &'static str {
    match identity {
        Identity::MailFrom => "mailfrom",
        Identity::Helo => "helo",
    }
}

/// The result in words.
fn summary(message: &Message, evaluation: &Evaluation) -> String {
    let ip = message.ip();
    let Some(domain) = message.domain() else {
        return "the identity has no domain that could be checked".to_owned();
    };
    match evaluation.result {
        SpfResult::None => format!("{domain} has no SPF record"),
        SpfResult::Neutral => format!("{domain} says nothing about {ip}"),
        SpfResult::Pass => format!("{domain} authorizes {ip}"),
        SpfResult::Fail => format!("{domain} does not authorize {ip}"),
        SpfResult::Softfail => format!("{domain} probably does not authorize {ip}"),
        SpfResult::Temperror => format!("DNS failed for the policy of {domain}"),
        SpfResult::Permerror => format!("the policy of {domain} is in error"),
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use proptest::prelude::*;

    use super::super::header::tests::{read_delimited, read_word, shown};
    use super::*;
    use crate::eval::Lookups;

    fn evaluation(result: SpfResult) -> Evaluation {
        Evaluation {
            result,
            explanation: None,
            path: Vec::new(),
            problem: None,
            lookups: Lookups::default(),
            trace: Vec::new(),
        }
    }

    type Pairs = Vec<(String, String)>;

    /// The result, the comment and the pairs of a field.
    fn read(field: &str) -> Option<(String, String, Pairs)> {
        let (result, rest) = field.strip_prefix("Received-SPF: ")?.split_once(' ')?;
        let (comment, mut rest) = read_delimited(rest, '(', ')')?;
        let mut pairs = Pairs::new();
        while !rest.is_empty() {
            let (key, value) = rest.strip_prefix(' ')?.split_once('=')?;
            let (value, behind) = read_word(value)?;
            pairs.push((key.to_owned(), value));
            rest = behind.strip_prefix(';')?;
        }
        Some((result.to_owned(), comment, pairs))
    }

    #[test]
    fn writes_the_keys_of_the_rfc() {
        let message =
            Message::mail_from("2001:db8::1".parse().unwrap(), "mx.example.org", "a@example.com")
                .with_receiver("mail.example.net");
        assert_eq!(
            received_spf(&message, &evaluation(SpfResult::Softfail)),
            "Received-SPF: softfail (example.com probably does not authorize 2001:db8::1) \
             client-ip=\"2001:db8::1\"; envelope-from=\"a@example.com\"; helo=mx.example.org; \
             receiver=mail.example.net; identity=mailfrom; mechanism=default;"
        );
    }

    #[test]
    fn a_message_without_a_domain_names_none() {
        let message = Message::helo_identity("192.0.2.1".parse().unwrap(), "[192.0.2.1]");
        assert_eq!(
            received_spf(&message, &evaluation(SpfResult::None)),
            "Received-SPF: none (the identity has no domain that could be checked) \
             client-ip=192.0.2.1; envelope-from=\"postmaster@[192.0.2.1]\"; helo=\"[192.0.2.1]\"; \
             receiver=unknown; identity=helo;"
        );
    }

    proptest! {
        #[test]
        fn reads_back_whatever_the_client_says(
            ip in any::<IpAddr>(),
            helo in proptest::collection::vec(any::<u8>(), 0..40),
            sender in proptest::collection::vec(any::<u8>(), 0..40),
            receiver in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            let message = Message::mail_from(ip, &helo, &sender).with_receiver(&receiver);
            let field = received_spf(&message, &evaluation(SpfResult::Pass));
            prop_assert!(field.chars().all(|character| character == ' ' || character.is_ascii_graphic()));
            let (result, _, pairs) = read(&field).unwrap();
            prop_assert_eq!(result, "pass");
            let value = |wanted: &str| {
                pairs.iter().find(|(key, _)| key == wanted).map(|(_, value)| value.clone())
            };
            prop_assert_eq!(pairs.len(), 6);
            prop_assert_eq!(value("client-ip").unwrap(), message.ip().to_string());
            prop_assert_eq!(value("envelope-from").unwrap(), shown(&message.sender()));
            prop_assert_eq!(value("helo").unwrap(), shown(&helo));
            prop_assert_eq!(value("receiver").unwrap(), shown(&receiver));
        }
    }
}
