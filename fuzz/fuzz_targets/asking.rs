//! Asks a zone whether addresses pass, as a server would be asked.

use std::net::IpAddr;

use spfc::image::{Layout, Tree, ZoneImage, ZoneMechanism};
use spfc::responder::name::QuestionName;
use spfc::responder::{CLASS_IN, Content, Zones, answer, rtype};

/// Whether the address passes below the tree.
pub fn passes(zones: &Zones, image: &ZoneImage, tree: &Tree, client: IpAddr) -> bool {
    let layout = image.layout();
    let below = layout.zone().prefixed(&tree.name).expect("trees of an image fit");
    let own = Layout::new(&below, layout.order(), layout.version()).expect("as do addresses");
    let owner = own.owner(client).expect("names fit");
    let qtype = match image.mechanism() {
        ZoneMechanism::Exists => rtype::A,
        ZoneMechanism::Include => rtype::TXT,
    };
    let mut name = QuestionName::default();
    name.read(&[owner.wire(), b"\0"].concat()).expect("a whole name");
    let answer = answer(zones, &name, qtype, CLASS_IN);
    assert!(answer.zone.is_some(), "{owner} lies in the zone");
    matches!(answer.content, Content::Address | Content::Policy { passes: true, .. })
}
