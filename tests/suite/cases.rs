//! Suites in the openspf form: scenarios of a zone and cases, one YAML
//! document each.

use std::net::IpAddr;

use serde_json::Value;
use spfc::outcome::SpfResult;

use super::zone::Zone;

/// A zone and the cases over it.
pub(crate) struct Scenario {
    /// What the scenario is about.
    pub(crate) description: String,
    /// The answers to all questions.
    pub(crate) zone: Zone,
    /// The cases, in the order of their names.
    pub(crate) cases: Vec<Case>,
}

/// One message and what `check_host()` has to give for it.
pub(crate) struct Case {
    /// The name of the case.
    pub(crate) name: String,
    /// The client's address.
    pub(crate) host: IpAddr,
    /// The HELO name.
    pub(crate) helo: Vec<u8>,
    /// The reverse-path.
    pub(crate) mail_from: Vec<u8>,
    /// Each of these results is right.
    pub(crate) results: Vec<SpfResult>,
    /// The explanation, where the case has one; `Some(None)` is the receiver's own.
    pub(crate) explanation: Option<Option<String>>,
}

/// Reads all documents of a suite.
pub(crate) fn read_suite(text: &str) -> Vec<Scenario> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).unwrap();
    documents.iter().filter(|document| document.get("tests").is_some()).map(scenario).collect()
}

fn scenario(document: &Value) -> Scenario {
    let cases = document["tests"].as_object().unwrap();
    let description = document.get("description").or(document.get("comment"));
    Scenario {
        description: description.map(plain).unwrap_or_default().trim().to_owned(),
        zone: Zone::read(document.get("zonedata").unwrap_or(&Value::Null)),
        cases: cases.iter().map(|(name, case)| read_case(name, case)).collect(),
    }
}

fn read_case(name: &str, case: &Value) -> Case {
    let results = match &case["result"] {
        Value::Array(results) => results.iter().map(result).collect(),
        one => vec![result(one)],
    };
    let explanation = case.get("explanation").map(plain).map(|text| match text.as_str() {
        "DEFAULT" => None,
        _ => Some(text),
    });
    Case {
        name: name.to_owned(),
        host: plain(&case["host"]).parse().unwrap(),
        helo: octets(&case["helo"]),
        mail_from: octets(&case["mailfrom"]),
        results,
        explanation,
    }
}

fn result(value: &Value) -> SpfResult {
    let word = plain(value);
    SpfResult::from_word(&word).unwrap_or_else(|| panic!("{word} is no result"))
}

/// A scalar as text.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A scalar as octets: a character below U+0100 stands for the octet.
pub(crate) fn octets(value: &Value) -> Vec<u8> {
    let text = plain(value);
    let octets: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
    octets.unwrap_or_else(|_| text.into_bytes())
}
