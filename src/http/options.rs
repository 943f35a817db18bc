//! How the HTTP side is run.

use std::net::SocketAddr;

use subtle::ConstantTimeEq;
use thiserror::Error;

/// Octets of a token at least: what a stranger cannot guess.
const LEAST_TOKEN_OCTETS: usize = 16;
/// Octets of a token at most.
const MOST_TOKEN_OCTETS: usize = 512;

/// How the HTTP side is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpOptions {
    /// The addresses that it listens at.
    pub listen: Vec<SocketAddr>,
    /// Names that it is asked by, beside addresses and `localhost`: others are those of
    /// pages that a browser was led to.
    pub hosts: Vec<String>,
    /// Whether who comes was let in by a proxy before it, so that reading needs no token.
    pub behind_proxy: bool,
}

impl HttpOptions {
    /// Whether all who come may read without a token: they are on this machine, or a
    /// proxy has let them in.
    pub fn reads_are_open(&self) -> bool {
        self.behind_proxy || self.listen.iter().all(|address| address.ip().is_loopback())
    }
}

/// The secret of those who may change something.
#[derive(Clone)]
pub struct Token(Vec<u8>);

/// Why a text is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
    /// Too short or too long.
    #[error("a token has {LEAST_TOKEN_OCTETS} to {MOST_TOKEN_OCTETS} octets, and this one has {0}")]
    Length(usize),
    /// Octets that no header can have.
    #[error("a token has visible ASCII characters alone, in one line")]
    Characters,
}

impl Token {
    /// Reads a token; blanks and line ends around it are left out.
    ///
    /// # Errors
    ///
    /// Not of the length, or of other characters.
    pub fn read(text: &[u8]) -> Result<Token, TokenError> {
        let token = text.trim_ascii();
        if !(LEAST_TOKEN_OCTETS..=MOST_TOKEN_OCTETS).contains(&token.len()) {
            return Err(TokenError::Length(token.len()));
        }
        if !token.iter().all(u8::is_ascii_graphic) {
            return Err(TokenError::Characters);
        }
        Ok(Token(token.to_vec()))
    }

    /// Whether this is it. How long that takes says nothing of the token.
    pub fn is(&self, other: &[u8]) -> bool {
        self.0.ct_eq(other).into()
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_and_visible() {
        let token = Token::read(b" 0123456789abcdef\n").unwrap();
        assert!(token.is(b"0123456789abcdef"));
        assert!(
            !token.is(b"0123456789abcdeg") && !token.is(b"0123456789abcdef0") && !token.is(b"")
        );
        assert_eq!(Token::read(b"0123456789abcde").unwrap_err(), TokenError::Length(15));
        assert_eq!(Token::read(b"0123456789 abcdef").unwrap_err(), TokenError::Characters);
        assert_eq!(format!("{token:?}"), "Token");
    }

    #[test]
    fn reading_is_open_on_the_machine_and_behind_a_proxy() {
        let options = |listen: &str, behind_proxy| HttpOptions {
            listen: vec![listen.parse().unwrap()],
            hosts: Vec::new(),
            behind_proxy,
        };
        assert!(options("127.0.0.1:80", false).reads_are_open());
        assert!(options("[::1]:80", false).reads_are_open());
        assert!(!options("192.0.2.1:80", false).reads_are_open());
        assert!(options("192.0.2.1:80", true).reads_are_open());
    }
}
