//! Why an address is in a set: the policy, or the file of addresses, that the set
//! was compiled from is read again.

use std::net::IpAddr;

use crate::cli::error::CliError;
use crate::cli::zones::{Origin, Provenance};
use crate::compile::SourceOptions;
use crate::dns::{Recording, Source};
use crate::documents::{DecidingShape, WhyShape};
use crate::eval::{Message, Options, RecordStore, check_host};
use crate::image::read_cidrs;
use crate::limits::Limits;

/// Why the address is, or is not, in a set of this provenance.
pub(super) fn why(from: &Provenance, client: IpAddr) -> WhyShape {
    let mut why = WhyShape {
        source: from.source.clone(),
        kind: "policy",
        domain: None,
        taken: None,
        result: None,
        path: Vec::new(),
        file: None,
        line: None,
        problem: None,
    };
    match (&from.origin, from.origin.reading()) {
        (Origin::Cidrs { file }, _) => of_file(&mut why, file, client),
        (_, Some(Ok((options, recording)))) => of_policy(&mut why, options, recording, client),
        (_, Some(Err(error))) => why.problem = Some(error.to_string()),
        (_, None) => why.problem = Some("what is kept of the policy names no domain".to_owned()),
    }
    why
}

/// What `check_host()` makes of the policy, with the answers of its time.
fn of_policy(why: &mut WhyShape, options: SourceOptions, answers: Recording, client: IpAddr) {
    let domain = options.domain.to_text_octets();
    why.domain = Some(options.domain.to_string());
    why.taken = Some(answers.taken().to_owned()).filter(|taken| !taken.is_empty());
    let sender = [b"postmaster@", domain.as_slice()].concat();
    let message = Message::mail_from(client, &domain, sender);
    let mut records = RecordStore::default();
    // That the policy is over the limits of receivers is why it is compiled.
    let unlimited = Options { limits: Limits::UNLIMITED, ..Options::default() };
    let evaluated = Source::closed(answers).run(|lookup| {
        let view = options.view(lookup);
        check_host(&*view, &mut records, &message, &unlimited)
    });
    match evaluated {
        Ok(evaluation) => {
            why.result = Some(evaluation.result.as_str());
            why.problem = evaluation.problem.as_ref().map(ToString::to_string);
            why.path = evaluation
                .path
                .iter()
                .map(|term| DecidingShape { domain: term.domain().to_string(), term: term.term() })
                .collect();
        }
        // A term that only a message decides is asked for nothing when compiled.
        Err(error) => why.problem = Some(format!("a message decides: {error}")),
    }
}

/// Where the address stands in the file, as it is now.
fn of_file(why: &mut WhyShape, file: &str, client: IpAddr) {
    why.kind = "cidrs";
    why.file = Some(file.to_owned());
    let text = match std::fs::read(file) {
        Ok(text) => text,
        Err(error) => {
            let path = std::path::Path::new(file);
            why.problem = Some(CliError::read(path, error).to_string());
            return;
        }
    };
    let has = |line: &[u8]| read_cidrs(line).is_ok_and(|set| set.contains(client));
    let mut lines = text.split(|octet| *octet == b'\n').enumerate();
    if let Some((index, line)) = lines.find(|(_, line)| has(line)) {
        why.line = Some(index + 1);
        let term = String::from_utf8_lossy(line.trim_ascii()).into_owned();
        why.path = vec![DecidingShape { domain: file.to_owned(), term }];
    }
}
