//! NSD on the loopback.

use std::path::Path;

use crate::running::Running;

/// NSD, serving zones with these names and texts from a folder.
pub(crate) fn nsd(program: &Path, folder: &Path, zones: &[(&str, &str)]) -> Running {
    let place = folder.display();
    let mut served = String::new();
    for (number, (name, text)) in zones.iter().enumerate() {
        // The root's name is no file's.
        std::fs::write(folder.join(format!("{number}.zone")), text).unwrap();
        served
            .push_str(&format!("zone:\n name: \"{name}\"\n zonefile: \"{place}/{number}.zone\"\n"));
    }
    Running::start(program, folder, zones[0].0, |port| {
        let file = folder.join("nsd.conf");
        // The limit of answers a second counts those of a wildcard together.
        let text = format!(
            "server:\n ip-address: 127.0.0.1@{port}\n do-ip6: no\n server-count: 1\n \
             username: \"\"\n chroot: \"\"\n zonesdir: \"{place}\"\n database: \"\"\n \
             zonelistfile: \"{place}/zone.list\"\n xfrdfile: \"{place}/xfrd.state\"\n \
             xfrdir: \"{place}\"\n pidfile: \"{place}/nsd.pid\"\n rrl-ratelimit: 0\n \
             rrl-whitelist-ratelimit: 0\n minimal-responses: yes\n hide-version: yes\n\
             remote-control:\n control-enable: no\n{served}"
        );
        std::fs::write(&file, text).unwrap();
        vec![String::from("-d"), String::from("-c"), file.to_str().unwrap().to_owned()]
    })
}
