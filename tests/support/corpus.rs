//! The corpus of published policies, and how tests compile it.

use spfc::compile::{
    CoverChoice, FlattenOptions, InlineOptions, MacroOptions, MacroStyle, Publication,
    RecordOptions, SourceOptions,
};
use spfc::dns::ZoneMap;
use spfc::name::DomainName;

use super::shared::shared;

/// Published policies, with the names to compile.
pub(crate) struct Corpus {
    pub(crate) zones: ZoneMap,
    pub(crate) domains: Vec<DomainName>,
}

/// The corpus of the shared folder; nothing where that is missing.
pub(crate) fn corpus() -> Option<Corpus> {
    let (zones, domains) = (shared("corpus/zones.json")?, shared("corpus/domains.txt")?);
    let zones = ZoneMap::read(&std::fs::read(zones).unwrap()).unwrap();
    let domains = std::fs::read_to_string(domains).unwrap();
    let domains = domains.lines().map(|line| DomainName::from_user(line).unwrap()).collect();
    Some(Corpus { zones, domains })
}

const PUBLICATION: Publication = Publication { check: true, overwrite: false };

/// Flat records with this cover, and else as nobody asks for more.
pub(crate) fn flat(source: SourceOptions, cover: CoverChoice) -> FlattenOptions {
    let records = RecordOptions::default();
    FlattenOptions { source, records, qualifier: None, cover, publication: PUBLICATION }
}

/// A macro record of this style in a zone of its own.
pub(crate) fn macros(source: SourceOptions, style: MacroStyle) -> MacroOptions {
    MacroOptions {
        inline: InlineOptions::default(),
        zone: DomainName::parse("spf.responder.example").unwrap(),
        source,
        records: RecordOptions::default(),
        qualifier: None,
        publication: PUBLICATION,
        style,
    }
}

/// An ordinary zone of small policies in place of a responder.
pub(crate) fn shard() -> MacroStyle {
    let servers = vec![DomainName::parse("ns.example.net").unwrap()];
    MacroStyle::Shard { servers, serial: 1 }
}

/// An ordinary zone in place of a responder.
pub(crate) fn exists_static() -> MacroStyle {
    let servers = vec![DomainName::parse("ns.example.net").unwrap()];
    MacroStyle::ExistsStatic { servers, serial: 1 }
}
