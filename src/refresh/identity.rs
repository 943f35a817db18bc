//! What a source is, as it is kept: whether a version was found for what is configured
//! now.

use serde::{Deserialize, Serialize};

use crate::dns::Recording;
use crate::history;
use crate::name::DomainName;

use super::{AddressSource, PolicySource};

/// What makes a source another one, whatever its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct Identity {
    /// The domain whose policy it is; none for a file of addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The name at which the policy is read, where that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_at: Option<String>,
    /// What is taken as the domain's record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// The file of addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

impl Identity {
    /// That of a configured source.
    pub fn of(source: &AddressSource) -> Identity {
        let text = |name: &DomainName| {
            String::from_utf8_lossy(&name.to_lowercase().to_text_octets()).into_owned()
        };
        match source {
            AddressSource::Policy(policy) => Identity {
                domain: Some(text(&policy.domain)),
                read_at: policy.source.as_ref().map(text),
                record: policy.record.clone(),
                file: None,
            },
            AddressSource::Cidrs(path) => {
                Identity { file: Some(path.to_string_lossy().into_owned()), ..Identity::default() }
            }
        }
    }

    /// That of a version of a policy, as the history has it with its answers; none for a
    /// file of addresses.
    pub fn of_version(version: &history::Version, answers: &Recording) -> Option<Identity> {
        let domain = DomainName::parse(&version.domain).ok()?;
        let (source, record) = (answers.source(&domain).cloned(), version.record.clone());
        let policy = PolicySource { domain, source, recording: None, record };
        Some(Identity::of(&AddressSource::Policy(policy)))
    }

    /// The policy that it is of, answered by nobody; none for a file of addresses.
    pub fn policy(&self) -> Option<PolicySource> {
        let name = |text: &String| DomainName::parse(text).ok();
        Some(PolicySource {
            domain: name(self.domain.as_ref()?)?,
            source: self.read_at.as_ref().and_then(name),
            recording: None,
            record: self.record.clone(),
        })
    }
}
