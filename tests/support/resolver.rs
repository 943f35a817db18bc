//! Unbound, with strict QNAME minimisation, in front of a server.

// Each test uses its own part.
#![allow(dead_code)]

use std::net::SocketAddr;
use std::path::Path;

use crate::running::Running;

/// A resolver that asks `server` for these zones, label by label, and nobody for
/// anything else.
pub(crate) fn strict_resolver(
    program: &Path,
    folder: &Path,
    server: SocketAddr,
    zones: &[&str],
) -> Running {
    strict_resolver_with(program, folder, server, zones, &[])
}

/// The same, which also knows the texts that these domains publish.
pub(crate) fn strict_resolver_with(
    program: &Path,
    folder: &Path,
    server: SocketAddr,
    zones: &[&str],
    texts: &[(&str, &str)],
) -> Running {
    let place = folder.display();
    let stubs: String = zones
        .iter()
        .map(|zone| {
            let server = format!("{}@{}", server.ip(), server.port());
            format!("stub-zone:\n name: \"{zone}\"\n stub-addr: {server}\n stub-no-cache: no\n")
        })
        .collect();
    let texts: String = texts
        .iter()
        .map(|(domain, text)| format!(" local-data: '{domain}. 300 IN TXT \"{text}\"'\n"))
        .collect();
    Running::start(program, folder, zones[0], |port| {
        let file = folder.join("unbound.conf");
        let text = format!(
            "server:\n interface: 127.0.0.1@{port}\n do-ip6: no\n do-daemonize: no\n chroot: \"\"\n \
             username: \"\"\n directory: \"{place}\"\n pidfile: \"{place}/unbound.pid\"\n \
             use-syslog: no\n logfile: \"\"\n num-threads: 1\n access-control: 127.0.0.0/8 allow\n \
             module-config: \"iterator\"\n qname-minimisation: yes\n \
             qname-minimisation-strict: yes\n do-not-query-localhost: no\n \
             local-zone: \"example.\" nodefault\n{texts}\
             remote-control:\n control-enable: no\n{stubs}"
        );
        std::fs::write(&file, text).unwrap();
        vec![String::from("-d"), String::from("-c"), file.to_str().unwrap().to_owned()]
    })
}
