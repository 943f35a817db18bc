//! Questions to DNS and their answers, wherever they come from.
//!
//! [`Lookup`] is the one face that the rest of the program sees: an answer, or
//! the question that has to be asked first. Programs that need DNS are written
//! as pure functions over it, and [`gather`] runs them again as answers come
//! in, with all questions that are known asked at once; [`gather_each`] runs
//! many that share their answers.

mod alias;
mod answer;
mod asker;
mod closed;
mod dns_file;
mod fresh;
mod gather;
mod gather_each;
mod hickory;
mod json;
mod kept;
mod noted;
mod overlay;
mod presentation;
mod question;
mod quorum;
mod recording;
mod server_address;
mod source;
mod zone_file;
mod zone_map;

use std::sync::Arc;

pub use answer::{Answer, Failure, MailExchange, Records, Reply, Txt};
pub use asker::{AskerOptions, open_asker};
pub use closed::{Alias, Owner, RecordSet};
pub use dns_file::{DnsFile, DnsFileError};
pub use fresh::{FreshAnswers, Freshness};
pub use gather::{AnswerFuture, Ask, Cache, Step, gather};
pub use gather_each::{Bounds, gather_each};
pub use hickory::{
    Delegation, DelegationError, DnssecMode, Hickory, QUESTIONS_AT_ONCE, ServersError,
    TrustAnchors, TrustAnchorsError, UDP_PAYLOAD_OCTETS,
};
pub use noted::Noted;
pub use overlay::{Published, Repaired, Replaced, SourceAs};
pub use presentation::PresentationError;
pub use question::{Question, RecordType};
pub use quorum::{Quorum, QuorumError};
pub use recording::{LOCK_FORMAT, Recording, RecordingError};
pub use server_address::{DNS_PORT, ServerAddressError, read_server_address};
pub use source::{Source, SourceError};
pub use zone_file::{
    IncludeFault, Includes, NoIncludes, OctodnsFault, Place, ScanFault, Writing, YamlFault,
    ZoneFile, ZoneFileError, ZoneFileFault, ZoneText,
};
pub use zone_map::{ZoneMap, ZoneMapError};

/// Something that knows answers.
pub trait Lookup {
    /// The answer to `question`, with aliases followed.
    ///
    /// # Errors
    ///
    /// The question that has to be asked before this one can be answered: most
    /// often the same, another one where an overlay reads elsewhere.
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question>;
}

impl<L: Lookup + ?Sized> Lookup for &L {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        (**self).lookup(question)
    }
}

impl<L: Lookup + ?Sized> Lookup for Box<L> {
    fn lookup(&self, question: &Question) -> Result<Arc<Answer>, Question> {
        (**self).lookup(question)
    }
}
