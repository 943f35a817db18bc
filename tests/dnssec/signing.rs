//! Zones signed with BIND's tools.

use std::path::{Path, PathBuf};

use crate::programs::programs;
use crate::running::said;

/// BIND's tools, and a folder for keys and zones.
pub(crate) struct Signer {
    keygen: PathBuf,
    signzone: PathBuf,
    folder: PathBuf,
}

/// A zone as it is served, with what its parent has to know.
pub(crate) struct SignedZone {
    pub(crate) text: String,
    /// The zone's DS records.
    pub(crate) ds: String,
    /// Its key signing key, as a DNSKEY record.
    pub(crate) key: String,
}

impl Signer {
    /// `None`, and a word on stderr, where a tool is missing.
    pub(crate) fn installed(folder: &Path) -> Option<Signer> {
        let [keygen, signzone] = programs(["dnssec-keygen", "dnssec-signzone"])?;
        Some(Signer { keygen, signzone, folder: folder.to_owned() })
    }

    /// Signs a zone with new keys of an algorithm. `options` are those of `dnssec-signzone`: the
    /// time of the signatures, NSEC3.
    pub(crate) fn sign(
        &self,
        zone: &str,
        text: &str,
        algorithm: &str,
        options: &[&str],
    ) -> SignedZone {
        let folder = self.folder.to_str().unwrap();
        let key = |flags: &[&str]| {
            let common = ["-q", "-a", algorithm, "-K", folder];
            let args = [&common[..], flags, &[zone]].concat();
            let (good, said) = said(&self.keygen, &args);
            assert!(good, "{said}");
            said.trim().to_owned()
        };
        let _zone_key = key(&[]);
        let signing_key = key(&["-f", "KSK"]);
        let label = if zone == "." { "root" } else { zone.trim_end_matches('.') };
        let (plain, signed) =
            (self.folder.join(label), self.folder.join(format!("{label}.signed")));
        std::fs::write(&plain, text).unwrap();
        let (plain, output) = (plain.to_str().unwrap(), signed.to_str().unwrap());
        // `-P`: expired signatures are wanted too. `-O full`: one record a line.
        let common = ["-q", "-P", "-S", "-O", "full", "-K", folder, "-d", folder, "-o", zone];
        let args = [&common[..], options, &["-f", output, plain]].concat();
        let (good, said) = said(&self.signzone, &args);
        assert!(good, "{said}");
        let read = |path: PathBuf| {
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
        };
        let key = read(self.folder.join(format!("{signing_key}.key")));
        SignedZone {
            text: read(signed),
            ds: read(self.folder.join(format!("dsset-{zone}"))),
            key: key.lines().filter(|line| !line.starts_with(';')).collect(),
        }
    }
}
