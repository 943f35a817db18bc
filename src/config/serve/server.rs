//! The table `[serve]`: how the server is run.
//!
//! A new key is a field, a line of `SERVE_KEYS`, an arm of `set`, and a paragraph
//! of `examples/spfc.toml`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use toml::de::DeTable;

use crate::config::value::{Value, array, number, string, word};
use crate::config::{Misplaced, in_order, unknown_key};

use super::address::{read_network, read_socket_address};
use super::{ServeConfig, ServeFault};

/// The keys of the table.
pub const SERVE_KEYS: &[&str] = &[
    "listen",
    "user",
    "threads",
    "receive-buffer",
    "rate-limit",
    "rate-allow",
    "tcp-connections",
    "tcp-per-client",
    "tcp-idle",
    "tcp-total",
    "nsid",
    "cookie-secret",
    "cookie-secret-file",
    "log-format",
    "log-one-in",
    "resolvers",
    "state",
];

/// Threads at most: more than any machine has cores.
const MOST_THREADS: u32 = 1024;
/// The least and the most octets of a receive buffer.
const RECEIVE_BUFFER: (u32, u32) = (4096, 1 << 30);
/// Connections at most: no system has more descriptors for a process.
const MOST_CONNECTIONS: u32 = 1 << 20;
/// Seconds that a connection may last at most: a day.
const MOST_SECONDS: u32 = 86_400;
/// Octets of a name server identifier at most; it comes with every answer to
/// those who ask for it.
const NSID_OCTETS: usize = 128;
/// Octets of a user's name at most.
const USER_OCTETS: usize = 256;

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// A line of text for each event.
    Text,
    /// A JSON object for each event, in a line.
    Json,
}

/// Reads the secret of DNS cookies, 32 hexadecimal digits (RFC 9018 section 4).
/// Blanks and line ends around it are left out.
pub fn read_cookie_secret(text: &[u8]) -> Option<[u8; 16]> {
    let digits = text.trim_ascii();
    if digits.len() != 32 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let text = std::str::from_utf8(digits).ok()?;
    u128::from_str_radix(text, 16).ok().map(u128::to_be_bytes)
}

pub(super) fn read(config: &mut ServeConfig, table: &DeTable<'_>) -> Result<(), Misplaced> {
    for (key, value) in in_order(table) {
        let name = key.get_ref().as_ref();
        if !(set(config, name, value)? || set_limit(config, name, value)?) {
            return Err(unknown_key("serve", key, SERVE_KEYS));
        }
        let at = |fault: ServeFault| (key.span().start, fault.into());
        if config.server.cookie_secret.is_some() && config.cookie_secret_file.is_some() {
            return Err(at(ServeFault::Excluded("cookie-secret", "cookie-secret-file")));
        }
    }
    let tcp = &config.server.tcp;
    if tcp.total < tcp.idle {
        let key = in_order(table).into_iter().find(|(key, _)| key.get_ref().starts_with("tcp-"));
        return Err((key.map_or(0, |(key, _)| key.span().start), ServeFault::TcpTimes.into()));
    }
    Ok(())
}

/// Takes the value of a key; `false` for a key that is none of these.
fn set(config: &mut ServeConfig, key: &str, value: &Value<'_>) -> Result<bool, Misplaced> {
    let server = &mut config.server;
    match key {
        "listen" => server.listen = addresses(value, 0)?,
        "user" => config.user = Some(short(value, USER_OCTETS)?.to_owned()),
        "threads" => server.udp.threads = number(value, 1, MOST_THREADS)? as usize,
        "receive-buffer" => {
            let (least, most) = RECEIVE_BUFFER;
            server.udp.receive_buffer = number(value, least, most)? as usize;
        }
        "nsid" => server.nsid = Some(short(value, NSID_OCTETS)?.as_bytes().to_vec()),
        "cookie-secret" => {
            let secret = read_cookie_secret(string(value)?.as_bytes());
            let secret =
                secret.ok_or_else(|| (value.span().start, ServeFault::CookieSecret.into()));
            server.cookie_secret = Some(secret?);
        }
        "cookie-secret-file" => config.cookie_secret_file = Some(path(value)?),
        "log-format" => {
            let meanings = [LogFormat::Text, LogFormat::Json];
            config.log_format = word(value, &["text", "json"], &meanings)?;
        }
        "log-one-in" => server.log_one_in = number(value, 0, u32::MAX)?,
        "resolvers" => config.resolvers = addresses(value, 1)?,
        "state" => config.state = Some(path(value)?),
        _ => return Ok(false),
    }
    Ok(true)
}

/// The same for the keys of limits.
fn set_limit(config: &mut ServeConfig, key: &str, value: &Value<'_>) -> Result<bool, Misplaced> {
    let (rate, tcp) = (&mut config.server.rate, &mut config.server.tcp);
    let seconds = |value| number(value, 1, MOST_SECONDS).map(|it| Duration::from_secs(it.into()));
    match key {
        "rate-limit" => rate.per_second = number(value, 0, u32::MAX)?,
        "rate-allow" => rate.allow = networks(value)?,
        "tcp-connections" => tcp.connections = number(value, 1, MOST_CONNECTIONS)? as usize,
        "tcp-per-client" => tcp.per_client = number(value, 1, MOST_CONNECTIONS)? as usize,
        "tcp-idle" => tcp.idle = seconds(value)?,
        "tcp-total" => tcp.total = seconds(value)?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// Text of at least one octet.
pub(super) fn short<'t>(value: &'t Value<'_>, most: usize) -> Result<&'t str, Misplaced> {
    let text = string(value)?;
    match text.len() {
        octets if octets == 0 || octets > most => {
            Err((value.span().start, ServeFault::Octets { octets, most }.into()))
        }
        _ => Ok(text),
    }
}

/// The path of a file.
pub(super) fn path(value: &Value<'_>) -> Result<PathBuf, Misplaced> {
    /// The longest path that Linux takes.
    const PATH_OCTETS: usize = 4095;
    short(value, PATH_OCTETS).map(PathBuf::from)
}

/// Addresses with ports, none twice and no port below `least_port`.
fn addresses(value: &Value<'_>, least_port: u16) -> Result<Vec<SocketAddr>, Misplaced> {
    let mut list = Vec::new();
    for value in array(value, "an array of strings")? {
        let text = string(value)?;
        let at = |fault: ServeFault| (value.span().start, fault.into());
        let address = read_socket_address(text).filter(|address| address.port() >= least_port);
        let address = address.ok_or_else(|| at(ServeFault::SocketAddress(text.to_owned())))?;
        if list.contains(&address) {
            return Err(at(ServeFault::Twice(address.to_string())));
        }
        list.push(address);
    }
    Ok(list)
}

fn networks(value: &Value<'_>) -> Result<Vec<(std::net::IpAddr, u8)>, Misplaced> {
    let read = |value| {
        let text = string(value)?;
        let fault = || ServeFault::Network(text.to_owned());
        read_network(text).ok_or_else(|| (value.span().start, fault().into()))
    };
    array(value, "an array of strings")?.iter().map(read).collect()
}
