//! Writing a reply over the question that it answers.
//!
//! An answer comes in as data, part by part, so that a part can be looked at
//! before it is written. What does not fit is left out and the reply marked as
//! truncated (RFC 2181 section 9).

use std::fmt::Write as _;
use std::net::IpAddr;

use super::answer::{Answer, CLASS_IN, Content, ExtendedError, matches_type};
use super::edns::{UDP_PAYLOAD_OCTETS, option};
use super::name::QuestionName;
use super::question::HEADER_OCTETS;
use super::record::{Record, rtype};
use super::zone::{Host, Zone};

/// Octets that a buffer for a reply has to have at least.
pub const BUFFER_OCTETS: usize = 2048;

/// What the OPT record of a reply says.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReplyEdns<'s> {
    /// Whether the question had the DO bit (RFC 3225).
    pub dnssec_ok: bool,
    /// The cookie: the client's part and the server's.
    pub cookie: Option<([u8; 8], [u8; 16])>,
    /// The server's name, where it was asked for.
    pub nsid: Option<&'s [u8]>,
}

/// How a reply is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReplyForm<'s> {
    /// The octet behind the question; that behind the header where none is sent
    /// back.
    pub question_end: usize,
    /// The type that was asked for.
    pub qtype: u16,
    /// The OPT record.
    pub edns: Option<ReplyEdns<'s>>,
    /// The most octets of the whole reply.
    pub most: usize,
    /// Whether all records are left out, and the client is asked to come again
    /// over TCP.
    pub truncated: bool,
}

/// Writes the reply to the message at the start of `buffer` and gives its octets.
/// `buffer` has at least [`BUFFER_OCTETS`].
#[inline]
pub(super) fn write(buffer: &mut [u8], answer: &Answer<'_>, form: &ReplyForm<'_>) -> usize {
    let opt = form.edns.map_or(0, |edns| opt_octets(&edns, answer.extended));
    let most = form.most.min(buffer.len()).saturating_sub(opt);
    let mut writer = Writer { buffer, at: form.question_end, most, fits: true };
    let mut counts = [0_u16; 3];
    if !form.truncated {
        sections(&mut writer, answer, form.qtype, &mut counts);
    }
    let truncated = form.truncated || !writer.fits;
    if !writer.fits {
        (writer.at, counts) = (form.question_end, [0; 3]);
    }
    writer.most = usize::MAX;
    if let Some(edns) = &form.edns {
        writer.opt(edns, answer);
        counts[2] += 1;
    }
    let length = writer.at;
    header(buffer, answer, form, truncated, counts);
    length
}

/// The header: what the client sent of ID, opcode, RD and CD stays.
fn header(
    buffer: &mut [u8],
    answer: &Answer<'_>,
    form: &ReplyForm<'_>,
    truncated: bool,
    counts: [u16; 3],
) {
    let Some(header) = buffer.first_chunk_mut::<HEADER_OCTETS>() else { return };
    let authoritative = if answer.zone.is_some() { 0x04 } else { 0 };
    let truncated = if truncated { 0x02 } else { 0 };
    header[2] = 0x80 | header[2] & 0x79 | authoritative | truncated;
    header[3] = header[3] & 0x10 | answer.rcode as u8 & 0x0f;
    let questions = u16::from(form.question_end > HEADER_OCTETS);
    let [answers, authority, additional] = counts;
    for (at, count) in [questions, answers, authority, additional].into_iter().enumerate() {
        header[4 + 2 * at..6 + 2 * at].copy_from_slice(&count.to_be_bytes());
    }
}

/// Who a record belongs to.
#[derive(Clone, Copy)]
enum Owner<'z> {
    /// The name that was asked for.
    Question,
    /// The zone's name.
    Zone,
    /// A name below the zone's: its labels before those.
    Below(&'z [u8]),
}

#[inline]
fn sections(writer: &mut Writer<'_>, answer: &Answer<'_>, qtype: u16, counts: &mut [u16; 3]) {
    let Some((zone, zone_at)) = answer.zone else { return };
    let zone_at = HEADER_OCTETS + zone_at;
    let ttls = zone.ttls();
    match answer.content {
        Content::Nothing => {}
        Content::Address => {
            writer.head(Owner::Question, zone_at, rtype::A, ttls.hit);
            writer.octets(&[0, 4]);
            writer.octets(&zone.address());
            counts[0] = 1;
        }
        Content::Policy { client, passes } => {
            let ttl = if passes { ttls.hit } else { ttls.miss };
            writer.head(Owner::Question, zone_at, rtype::TXT, ttl);
            writer.policy(client, passes);
            counts[0] = 1;
        }
        Content::Negative(ttl) => {
            writer.record(Owner::Zone, zone_at, zone.soa(), ttl);
            counts[1] = 1;
        }
        Content::Apex(records) => {
            for record in records {
                writer.record(Owner::Question, zone_at, record, ttls.apex);
                counts[0] += 1;
            }
            if qtype == rtype::NS {
                counts[2] += hosts(writer, zone, zone_at);
            }
        }
        Content::Host(host) => {
            let asked = host.addresses.iter().filter(|record| matches_type(record, qtype));
            for record in asked {
                writer.record(Owner::Question, zone_at, record, ttls.apex);
                counts[0] += 1;
            }
        }
    }
}

/// The addresses of servers that lie in the zone, for who asks for the servers.
/// They are left out where they do not fit: nobody depends on them.
fn hosts(writer: &mut Writer<'_>, zone: &Zone, zone_at: usize) -> u16 {
    let (before, fitted) = (writer.at, writer.fits);
    let mut count = 0;
    for Host { below, addresses } in zone.hosts() {
        for record in addresses {
            writer.record(Owner::Below(below), zone_at, record, zone.ttls().apex);
            count += 1;
        }
    }
    if fitted && !writer.fits {
        (writer.at, writer.fits, count) = (before, true, 0);
    }
    count
}

struct Writer<'b> {
    buffer: &'b mut [u8],
    at: usize,
    most: usize,
    fits: bool,
}

impl Writer<'_> {
    #[inline]
    fn octets(&mut self, octets: &[u8]) {
        let end = self.at + octets.len();
        match self.buffer.get_mut(self.at..end).filter(|_| end <= self.most) {
            Some(room) => {
                room.copy_from_slice(octets);
                self.at = end;
            }
            None => self.fits = false,
        }
    }

    /// Owner, type, class and time to live.
    #[inline]
    fn head(&mut self, owner: Owner<'_>, zone_at: usize, rtype: u16, ttl: u32) {
        let pointer = match owner {
            Owner::Question => HEADER_OCTETS,
            Owner::Zone => zone_at,
            Owner::Below(labels) => {
                self.octets(labels);
                zone_at
            }
        };
        let [rtype_high, rtype_low] = rtype.to_be_bytes();
        let [high, low] = (0xc000 | pointer as u16).to_be_bytes();
        let [class_high, class_low] = CLASS_IN.to_be_bytes();
        let [ttl_0, ttl_1, ttl_2, ttl_3] = ttl.to_be_bytes();
        self.octets(&[
            high, low, rtype_high, rtype_low, class_high, class_low, ttl_0, ttl_1, ttl_2, ttl_3,
        ]);
    }

    #[inline]
    fn record(&mut self, owner: Owner<'_>, zone_at: usize, record: &Record, ttl: u32) {
        self.head(owner, zone_at, record.rtype, ttl);
        let rdata = record.rdata();
        self.octets(&(rdata.len() as u16).to_be_bytes());
        let begin = self.at;
        self.octets(rdata);
        for (at, to) in record.pointers() {
            let pointer = 0xc000 | (zone_at + usize::from(*to)) as u16;
            let place = begin + usize::from(*at);
            if let Some(room) = self.buffer.get_mut(place..place + 2).filter(|_| self.fits) {
                room.copy_from_slice(&pointer.to_be_bytes());
            }
        }
    }

    /// The data of the TXT record of one client: its own address passes, or
    /// nothing does.
    fn policy(&mut self, client: IpAddr, passes: bool) {
        let mut text = Text { octets: [0; 64], length: 0 };
        // The longest, of a full IPv6 address, has 56 octets.
        let written = match (passes, client) {
            (false, _) => text.write_str("v=spf1 -all"),
            (true, IpAddr::V4(ip)) => write!(text, "v=spf1 ip4:{ip} -all"),
            (true, IpAddr::V6(ip)) => write!(text, "v=spf1 ip6:{ip} -all"),
        };
        self.fits &= written.is_ok();
        let text = text.octets.get(..text.length).unwrap_or_default();
        self.octets(&[0, text.len() as u8 + 1, text.len() as u8]);
        self.octets(text);
    }

    fn opt(&mut self, edns: &ReplyEdns<'_>, answer: &Answer<'_>) {
        let flags = if edns.dnssec_ok { 0x80 } else { 0 };
        let [high, low] = UDP_PAYLOAD_OCTETS.to_be_bytes();
        let extended_rcode = answer.rcode as u8 >> 4;
        let options = opt_octets(edns, answer.extended) - OPT_OCTETS;
        let [options_high, options_low] = (options as u16).to_be_bytes();
        self.octets(&[0, 0, 41, high, low, extended_rcode, 0, flags, 0, options_high, options_low]);
        if let Some((client, server)) = &edns.cookie {
            self.octets(&[0, option::COOKIE as u8, 0, 24]);
            self.octets(client);
            self.octets(server);
        }
        if let Some(nsid) = edns.nsid {
            self.octets(&[0, option::NSID as u8, 0, nsid.len() as u8]);
            self.octets(nsid);
        }
        if let Some(error) = answer.extended {
            self.octets(&[0, option::EXTENDED_ERROR as u8, 0, 2, 0, error as u8]);
        }
    }
}

/// Octets of an OPT record without options.
const OPT_OCTETS: usize = 11;

/// Octets of the OPT record of a reply.
fn opt_octets(edns: &ReplyEdns<'_>, extended: Option<ExtendedError>) -> usize {
    let cookie = edns.cookie.map_or(0, |(client, server)| 4 + client.len() + server.len());
    let nsid = edns.nsid.map_or(0, |nsid| 4 + nsid.len());
    OPT_OCTETS + cookie + nsid + extended.map_or(0, |_| 6)
}

/// Text of at most 64 octets.
struct Text {
    octets: [u8; 64],
    length: usize,
}

impl std::fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.length + text.len();
        self.octets
            .get_mut(self.length..end)
            .ok_or(std::fmt::Error)?
            .copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// Sets the question of a message: what is sent back for one that was written
/// otherwise. Gives the octet behind it.
pub(super) fn write_question(
    buffer: &mut [u8],
    wire: &[u8],
    name: &mut QuestionName,
    qtype: u16,
    qclass: u16,
) -> Option<usize> {
    let octets = name.read(wire)?;
    let end = HEADER_OCTETS + octets;
    buffer.get_mut(HEADER_OCTETS..end)?.copy_from_slice(wire.get(..octets)?);
    let fields = buffer.get_mut(end..end + 4)?;
    fields[..2].copy_from_slice(&qtype.to_be_bytes());
    fields[2..].copy_from_slice(&qclass.to_be_bytes());
    Some(end + 4)
}
