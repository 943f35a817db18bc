//! DNS cookies: none is valid yet.
use std::net::IpAddr;
/// K.
#[derive(Clone, Debug)]
pub struct CookieKeys;
impl CookieKeys {
    /// n
    pub fn new(_s: [u8; 16]) -> Self {
        CookieKeys
    }
    /// r
    pub fn random() -> std::io::Result<Self> {
        Ok(CookieKeys)
    }
    /// s
    pub fn server_cookie(&self, _c: &[u8; 8], _ip: IpAddr, _now: u32) -> [u8; 16] {
        [0; 16]
    }
    /// v
    pub fn is_valid(&self, _c: &[u8; 8], _s: &[u8], _ip: IpAddr, _now: u32) -> bool {
        false
    }
}
