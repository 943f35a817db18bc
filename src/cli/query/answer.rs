//! What the names of one client are answered with.

use std::net::{IpAddr, Ipv4Addr};

use super::why;
use crate::cli::error::CliError;
use crate::cli::zones::{Provenance, ZonesError};
use crate::documents::NameAnswerShape;
use crate::image::{ImageFile, Layout, NameAnswer, ServedZone, Tree, ZoneMechanism};
use crate::name::DomainName;
use crate::outcome::Qualifier;

/// The answers for the names of a client, of the domain where the zone has many.
///
/// # Errors
///
/// A zone of many domains without one that is asked about, or that does not have
/// it.
pub(super) fn answers(
    file: &ImageFile,
    client: IpAddr,
    domain: Option<&DomainName>,
    address: Option<Ipv4Addr>,
) -> Result<Vec<NameAnswerShape>, CliError> {
    let zone = &file.zone;
    let of_one = zone.trees().iter().any(|tree| tree.name.is_root());
    let trees: Vec<&Tree> = match domain {
        Some(domain) => zone.trees().iter().filter(|tree| belongs(tree, domain)).collect(),
        None if of_one => zone.trees().iter().collect(),
        None => return Err(ZonesError::WhichDomain(zone.layout().zone().clone()).into()),
    };
    if let (Some(domain), []) = (domain, trees.as_slice()) {
        return Err(ZonesError::NoDomain(domain.clone()).into());
    }
    Ok(trees.into_iter().filter_map(|tree| answer(file, tree, client, address)).collect())
}

/// Whether a tree is that of a domain, or of another outcome of its policy.
fn belongs(tree: &Tree, domain: &DomainName) -> bool {
    if tree.name == *domain {
        return true;
    }
    let below = tree.name.label_count().checked_sub(domain.label_count());
    below == Some(1) && tree.name.is_at_or_below(domain) && outcome(tree).is_some()
}

/// The outcome that a tree is named after, as the compiler names them: a word
/// and a number, `softfail1`.
fn outcome(tree: &Tree) -> Option<Qualifier> {
    let label = tree.name.labels().next()?;
    Qualifier::ALL.into_iter().find(|outcome| {
        let number = label.strip_prefix(outcome.to_string().as_bytes());
        number.is_some_and(|it| !it.is_empty() && it.iter().all(u8::is_ascii_digit))
    })
}

fn answer(
    file: &ImageFile,
    tree: &Tree,
    client: IpAddr,
    address: Option<Ipv4Addr>,
) -> Option<NameAnswerShape> {
    let (zone, layout) = (&file.zone, file.zone.layout());
    let own = layout.zone().prefixed(&tree.name).ok()?;
    let own = Layout::new(&own, layout.order(), layout.version()).ok()?;
    let set = zone.sets().get(tree.set as usize)?;
    let name = own.owner(client).ok()?;
    let mechanism = zone.mechanism();
    let served = ServedZone { layout: own, mechanism, addresses: set.to_set() };
    let record_type = match mechanism {
        ZoneMechanism::Exists => "A",
        ZoneMechanism::Include => "TXT",
    };
    let (status, data) = match served.answer(&name) {
        NameAnswer::Address => ("answer", address.map(|address| address.to_string())),
        NameAnswer::Policy(text) => ("answer", Some(text)),
        NameAnswer::NoData => ("nodata", None),
        NameAnswer::NoName => ("nxdomain", None),
    };
    let text = file.sources.get(tree.set as usize).and_then(Option::as_deref);
    Some(NameAnswerShape {
        name: name.to_string(),
        record_type,
        status,
        outcome: outcome(tree).unwrap_or(Qualifier::Pass).to_string(),
        data,
        listed: set.contains(client),
        why: text.and_then(Provenance::read).map(|from| why::why(&from, client)),
    })
}
