//! The keys that DNSSEC's chains of trust begin with.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use hickory_proto::dnssec;
use thiserror::Error;

/// Keys of the root zone, and of other zones where a file names them, that are
/// trusted without anybody's word (RFC 4033 section 2). By default those of
/// IANA's root that this version was built with.
///
/// Keys are not followed as they roll (RFC 5011): when the root's change, another
/// version or another file has to name the new ones.
#[derive(Clone, Default)]
pub struct TrustAnchors {
    pub(super) keys: Arc<dnssec::TrustAnchors>,
}

/// Why a text holds no trust anchors. The fault lies with who wrote it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrustAnchorsError {
    /// Something else than DNSKEY records.
    #[error("expected DNSKEY records, one a line: {0}")]
    Records(#[source] Box<dyn Error + Send + Sync>),
    /// No chain could begin.
    #[error("there is no DNSKEY record of the root zone")]
    NoRootKey,
}

impl TrustAnchors {
    /// Reads DNSKEY records in the form of zone files, each with all its fields
    /// (`. IN DNSKEY 257 3 13 …`). At least one has to be of the root zone. A key
    /// of another zone is trusted beside that zone's DS records, and spares no
    /// question for them where it is not the zone's only key.
    ///
    /// # Errors
    ///
    /// [`TrustAnchorsError`], for DS records too.
    pub fn read(text: &str) -> Result<TrustAnchors, TrustAnchorsError> {
        let keys: dnssec::TrustAnchors =
            text.parse().map_err(|error| TrustAnchorsError::Records(Box::new(error)))?;
        if keys.is_empty() {
            return Err(TrustAnchorsError::NoRootKey);
        }
        Ok(TrustAnchors { keys: Arc::new(keys) })
    }
}

impl fmt::Debug for TrustAnchors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrustAnchors {{ {} of the root }}", self.keys.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 6605 section 6.1, at another name.
    const KEY: &str =
        "GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==";

    #[test]
    fn reads_keys_of_the_root() {
        for text in [
            format!(". IN DNSKEY 257 3 13 {KEY}"),
            format!("; comment\n.\t172800\tIN\tDNSKEY\t257 3 13 {KEY} ;;state=2\n\n"),
            format!("test. IN DNSKEY 257 3 13 {KEY}\n. IN DNSKEY 257 3 13 {KEY}\n"),
        ] {
            let read = TrustAnchors::read(&text).unwrap();
            assert_eq!(format!("{read:?}"), "TrustAnchors { 1 of the root }", "{text}");
        }
        assert_eq!(format!("{:?}", TrustAnchors::default()), "TrustAnchors { 2 of the root }");
    }

    #[test]
    fn refuses_the_rest() {
        let refused = |text: &str| TrustAnchors::read(text).unwrap_err();
        for text in ["", "; nothing\n", "x", &format!("test. IN DNSKEY 257 3 13 {KEY}")] {
            assert!(matches!(refused(text), TrustAnchorsError::NoRootKey), "{text}");
        }
        let ds =
            ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D";
        for text in [ds, ". IN A 192.0.2.1", ". IN DNSKEY 257 3", ". IN DNSKEY 257 3 13 !"] {
            assert!(matches!(refused(text), TrustAnchorsError::Records(_)), "{text}");
        }
    }
}
