//! The table `[http]`: where and to whom the same is said over HTTP.
//!
//! A new key is a line of `HTTP_KEYS`, an arm of `set`, and a paragraph of
//! `examples/spfc.toml`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use toml::de::DeTable;

use crate::config::value::{Value, array, boolean, string};
use crate::config::{Misplaced, in_order, unknown_key};
use crate::http::HttpOptions;

use super::server::{path, short};
use super::{ServeConfig, ServeFault};

/// The keys of the table.
pub const HTTP_KEYS: &[&str] = &["listen", "token-file", "hosts", "behind-proxy"];

/// Where it listens without a word about that.
const DEFAULT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8380);
/// Octets of a host's name at most.
const HOST_OCTETS: usize = 255;

pub(super) fn read(config: &mut ServeConfig, table: &DeTable<'_>) -> Result<(), Misplaced> {
    let mut options = HttpOptions { listen: vec![DEFAULT], hosts: Vec::new(), behind_proxy: false };
    for (key, value) in in_order(table) {
        match key.get_ref().as_ref() {
            "listen" => options.listen = addresses(value)?,
            "token-file" => config.http_token_file = Some(path(value)?),
            "hosts" => {
                for value in array(value, "an array of strings")? {
                    options.hosts.push(short(value, HOST_OCTETS)?.to_owned());
                }
            }
            "behind-proxy" => options.behind_proxy = boolean(value)?,
            _ => return Err(unknown_key("http", key, HTTP_KEYS)),
        }
    }
    let open = |address: &&SocketAddr| !address.ip().is_loopback();
    if let Some(address) = options.listen.iter().find(open)
        && !options.behind_proxy
        && config.http_token_file.is_none()
    {
        let key = in_order(table).into_iter().find(|(key, _)| key.get_ref() == "listen");
        let at = key.map_or(0, |(key, _)| key.span().start);
        return Err((at, ServeFault::OpenHttp(*address).into()));
    }
    config.http = Some(options);
    Ok(())
}

/// Addresses with their ports.
fn addresses(value: &Value<'_>) -> Result<Vec<SocketAddr>, Misplaced> {
    let mut list: Vec<SocketAddr> = Vec::new();
    for value in array(value, "an array of strings")? {
        let text = string(value)?;
        let at = |fault: ServeFault| (value.span().start, fault.into());
        let address = text.parse().map_err(|_| at(ServeFault::HttpAddress(text.to_owned())))?;
        if list.contains(&address) {
            return Err(at(ServeFault::Twice(text.to_owned())));
        }
        list.push(address);
    }
    if list.is_empty() {
        return Err((value.span().start, ServeFault::HttpAddress(String::new()).into()));
    }
    Ok(list)
}
