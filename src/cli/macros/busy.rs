//! The file of `--busy`: client addresses, each with how many messages came from
//! there, as they are cut out of mail logs.
//!
//! It only counts. Which ranges are busy is for the compiler to say.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::net::IpAddr;
use std::path::Path;

use thiserror::Error;

use crate::cli::error::{CliError, shown};
use crate::escape;

/// Octets of a line at most: the longest address and a count need 60.
const LINE_OCTETS: u64 = 1_024;
/// Addresses that are counted at most.
const MOST_CLIENTS: usize = 1_000_000;
/// Octets of the whole file at most.
const MOST_OCTETS: u64 = 1 << 30;

/// A line that cannot be counted, with its place.
#[derive(Debug, Error)]
#[error("{path}:{line}: {fault}")]
pub(in crate::cli) struct BusyError {
    path: String,
    line: usize,
    fault: BusyFault,
}

/// What is wrong with a line.
#[derive(Debug, Error)]
enum BusyFault {
    /// No address where one is wanted.
    #[error("'{}' is no IP address", escape::text(.0))]
    Address(String),
    /// No number where one is wanted.
    #[error("'{}' is no count of messages", escape::text(.0))]
    Count(String),
    /// More than an address and a number.
    #[error("'{}' stands behind the count", escape::text(.0))]
    More(String),
    /// A line that is longer than any address.
    #[error("the line is over {LINE_OCTETS} octets")]
    Long,
    /// More addresses than are counted.
    #[error("more than {MOST_CLIENTS} addresses: count them before")]
    ManyClients,
    /// More octets than are read.
    #[error("more than {MOST_OCTETS} octets: count the messages before")]
    Large,
}

/// Messages by client. A line holds an address and how many messages came from
/// there, one where it does not say; lines of one address add up. Empty lines
/// and those that begin with `#` are left out. `-` is standard input.
///
/// # Errors
///
/// A file that cannot be read, and the first line that cannot be counted.
pub(super) fn read(path: &Path) -> Result<BTreeMap<IpAddr, u64>, CliError> {
    let input: Box<dyn Read> = match path == Path::new("-") {
        true => Box::new(io::stdin()),
        false => Box::new(File::open(path).map_err(|error| CliError::read(path, error))?),
    };
    let shown = if path == Path::new("-") { "standard input".to_owned() } else { shown(path) };
    let counted = count(&mut BufReader::new(input)).map_err(|error| CliError::read(path, error))?;
    counted.map_err(|(line, fault)| BusyError { path: shown, line, fault }.into())
}

type Counted = Result<BTreeMap<IpAddr, u64>, (usize, BusyFault)>;

fn count(input: &mut dyn BufRead) -> io::Result<Counted> {
    let mut messages = BTreeMap::new();
    let (mut line, mut octets) = (Vec::new(), 0);
    for number in 1.. {
        line.clear();
        let read = input.take(LINE_OCTETS + 1).read_until(b'\n', &mut line)? as u64;
        if read == 0 {
            break;
        }
        octets += read;
        if let Err(fault) = add(&line, octets, &mut messages) {
            return Ok(Err((number, fault)));
        }
    }
    Ok(Ok(messages))
}

fn add(line: &[u8], octets: u64, messages: &mut BTreeMap<IpAddr, u64>) -> Result<(), BusyFault> {
    if line.len() as u64 > LINE_OCTETS {
        return Err(BusyFault::Long);
    }
    if octets > MOST_OCTETS {
        return Err(BusyFault::Large);
    }
    let text = String::from_utf8_lossy(line);
    let mut words = text.split_ascii_whitespace();
    let Some(address) = words.next().filter(|word| !word.starts_with('#')) else { return Ok(()) };
    let client: IpAddr = address.parse().map_err(|_| BusyFault::Address(address.to_owned()))?;
    let count = match words.next() {
        Some(word) => read_count(word).ok_or_else(|| BusyFault::Count(word.to_owned()))?,
        None => 1,
    };
    if let Some(word) = words.next() {
        return Err(BusyFault::More(word.to_owned()));
    }
    let sum = messages.entry(client.to_canonical()).or_insert(0u64);
    *sum = sum.saturating_add(count);
    match messages.len() > MOST_CLIENTS {
        true => Err(BusyFault::ManyClients),
        false => Ok(()),
    }
}

/// Digits and nothing else.
fn read_count(word: &str) -> Option<u64> {
    word.bytes().all(|octet| octet.is_ascii_digit()).then(|| word.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_text(text: &[u8]) -> Result<Vec<(String, u64)>, String> {
        let counted = count(&mut &*text).unwrap();
        let counted = counted.map_err(|(line, fault)| format!("{line}: {fault}"))?;
        Ok(counted.into_iter().map(|(client, count)| (client.to_string(), count)).collect())
    }

    #[test]
    fn lines_of_one_address_add_up() {
        let text = b"# a log\n192.0.2.1\r\n\n  192.0.2.1\t41  \n::ffff:192.0.2.2 7\n2001:db8::1 0";
        let expected = [("192.0.2.1", 42), ("192.0.2.2", 7), ("2001:db8::1", 0)];
        assert_eq!(read_text(text).unwrap(), expected.map(|(ip, count)| (ip.to_owned(), count)));
        let most = format!("::1 {}\n::1 5\n", u64::MAX);
        assert_eq!(read_text(most.as_bytes()).unwrap(), [("::1".to_owned(), u64::MAX)]);
    }

    #[test]
    fn errors_name_the_line() {
        let error = |text: &[u8]| read_text(text).unwrap_err();
        assert_eq!(error(b"::1\n::2/64"), "2: '::2/64' is no IP address");
        assert_eq!(error(b"\n::1 +5"), "2: '+5' is no count of messages");
        assert_eq!(error(b"::1 5 x\n"), "1: 'x' stands behind the count");
        assert_eq!(error(b"\x1b[2J"), "1: '\\u{1b}[2J' is no IP address");
        assert_eq!(error(format!("::1 {}0", u64::MAX).as_bytes()).split(' ').next(), Some("1:"));
        assert_eq!(error(&[b'1'; 2_000]), "1: the line is over 1024 octets");
        // A file without an end stops at the first line that is none.
        assert!(count(&mut BufReader::new(io::repeat(0))).unwrap().is_err());
    }

    proptest! {
        #[test]
        fn any_octets_are_counted_or_refused(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_text(&text);
        }

        #[test]
        fn what_is_written_is_counted(lines in proptest::collection::vec((any::<IpAddr>(), 0u64..9), 0..40)) {
            let text: String = lines.iter().map(|(ip, count)| format!("{ip} {count}\n")).collect();
            let sum: u64 = lines.iter().map(|(_, count)| count).sum();
            let read = read_text(text.as_bytes()).unwrap();
            prop_assert_eq!(read.iter().map(|(_, count)| count).sum::<u64>(), sum);
        }
    }
}
