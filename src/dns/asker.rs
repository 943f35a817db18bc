//! The network as a configuration describes it: servers in their order or a
//! quorum of them, with or without validation.
//!
//! What is made here may be asked for weeks: nothing that was answered stays but
//! the keys of zones, which are few and stay for minutes.

use std::net::SocketAddr;
use std::time::Duration;

use super::{Ask, DnssecMode, Hickory, Quorum, ServersError, TrustAnchors};

/// Whom to ask, and what to believe.
#[derive(Clone, Debug)]
pub struct AskerOptions {
    /// The resolvers; those of the system's configuration where there are none.
    pub servers: Vec<SocketAddr>,
    /// For one question, as in [`Hickory::new`].
    pub timeout: Duration,
    /// How many resolvers have to agree, of all that there are, each asked by
    /// itself. Without it they are asked in their order, the next one where one
    /// does not answer.
    pub quorum: Option<usize>,
    /// What is asked of answers, those to a quorum each by itself.
    pub dnssec: DnssecMode,
    /// The trust anchors in place of those built in.
    pub anchors: Option<TrustAnchors>,
}

/// Sets up what [`AskerOptions`] say.
///
/// # Errors
///
/// [`ServersError`]: a quorum of none or of more than there are different
/// resolvers, or no resolver at all.
pub fn open_asker(options: &AskerOptions) -> Result<Box<dyn Ask + Send + Sync>, ServersError> {
    let AskerOptions { servers, timeout, quorum, dnssec, anchors } = options;
    let anchors = anchors.clone().unwrap_or_default();
    let opened = |asker: Hickory| asker.forgetting().validating(*dnssec, &anchors);
    let Some(needed) = quorum else {
        let asker = match servers.as_slice() {
            [] => Hickory::system(*timeout)?,
            servers => Hickory::new(servers, *timeout)?,
        };
        return Ok(Box::new(opened(asker)));
    };
    let each = match servers.as_slice() {
        [] => Hickory::system_each(*timeout)?,
        servers => Hickory::each(servers, *timeout)?,
    };
    let askers = each
        .into_iter()
        .map(|(address, asker)| (address, Box::new(opened(asker)) as Box<dyn Ask + Send + Sync>));
    Ok(Box::new(Quorum::new(askers, *needed)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::QuorumError;

    fn options(servers: &[&str], quorum: Option<usize>) -> AskerOptions {
        AskerOptions {
            servers: servers.iter().map(|server| server.parse().unwrap()).collect(),
            timeout: Duration::from_secs(1),
            quorum,
            dnssec: DnssecMode::Off,
            anchors: None,
        }
    }

    #[test]
    fn a_quorum_is_of_different_resolvers() {
        let refused = |servers: &[&str], needed| match open_asker(&options(servers, Some(needed))) {
            Err(ServersError::Quorum(error)) => error,
            Err(error) => panic!("{error}"),
            Ok(_) => panic!("a quorum of {needed} of {servers:?}"),
        };
        let (one, other) = ("192.0.2.53:53", "[2001:db8::53]:53");
        let too_few = |needed, resolvers| QuorumError::TooFew { needed, resolvers };
        assert_eq!(refused(&[one, other, one], 3), too_few(3, 2));
        assert_eq!(refused(&[one, other], 0), QuorumError::Nobody);
        for servers in [&[one, other][..], &[one, "192.0.2.53:54"]] {
            assert!(open_asker(&options(servers, Some(2))).is_ok());
            assert!(open_asker(&options(servers, None)).is_ok());
        }
    }
}
