//! The lookups of a policy or of one message.

use serde::Serialize;
use utoipa::ToSchema;

use crate::eval::Lookups;
use crate::limits::{LOOKUP_TERMS, VOID_LOOKUPS};
use crate::policy::LookupCount;

/// Lookups beside their limits (RFC 7208 section 4.6.4).
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct LookupsShape {
    pub(crate) terms: u32,
    pub(crate) limit: u32,
    pub(crate) void: u32,
    pub(crate) void_ip4: u32,
    pub(crate) void_ip6: u32,
    pub(crate) void_limit: u32,
    pub(crate) queries: u32,
}

impl From<Lookups> for LookupsShape {
    fn from(lookups: Lookups) -> LookupsShape {
        LookupsShape {
            terms: lookups.terms,
            limit: LOOKUP_TERMS,
            void: lookups.void,
            void_ip4: lookups.void_ip4,
            void_ip6: lookups.void_ip6,
            void_limit: VOID_LOOKUPS,
            queries: lookups.queries,
        }
    }
}

impl From<LookupCount> for LookupsShape {
    fn from(count: LookupCount) -> LookupsShape {
        LookupsShape {
            terms: count.terms,
            limit: LOOKUP_TERMS,
            void: count.void(),
            void_ip4: count.void_ip4,
            void_ip6: count.void_ip6,
            void_limit: VOID_LOOKUPS,
            queries: count.queries,
        }
    }
}
