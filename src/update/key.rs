//! TSIG keys as `tsig-keygen` and `keymgr` write them.
//!
//! Reading only; a secret never shows in a message or a debug form.

use std::str::FromStr;

use domain::tsig::{Algorithm, Key, KeyName};
use domain::utils::base64;
use thiserror::Error;

/// A key that updates are signed with.
#[derive(Clone, Debug)]
pub struct UpdateKey(pub(super) Key);

/// Why a text is no key. The fault is that of the file's author; the text is
/// not repeated, for it holds a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Neither of the two forms.
    #[error(
        "expected 'key \"NAME\" {{ algorithm hmac-sha256; secret \"BASE64\"; }};' as tsig-keygen writes it, \
         or 'hmac-sha256:NAME:BASE64'"
    )]
    Form,
    /// An algorithm other than HMAC with SHA-1 or SHA-2.
    #[error("the algorithm is none of hmac-sha1, hmac-sha256, hmac-sha384, hmac-sha512")]
    Algorithm,
    /// The name is no domain name.
    #[error("the name of the key is no domain name")]
    Name,
    /// The secret is no base64 text.
    #[error("the secret is no base64 text")]
    Secret,
}

impl UpdateKey {
    /// Reads a key: a `key` statement of BIND, or `ALGORITHM:NAME:SECRET` in
    /// one line.
    ///
    /// # Errors
    ///
    /// What is wrong with the text.
    pub fn read(text: &str) -> Result<UpdateKey, KeyError> {
        let words = words(text).ok_or(KeyError::Form)?;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (name, algorithm, secret) = match words.as_slice() {
            ["key", name, "{", "algorithm", algorithm, ";", "secret", secret, ";", "}", ";"]
            | ["key", name, "{", "secret", secret, ";", "algorithm", algorithm, ";", "}", ";"] => {
                (*name, *algorithm, *secret)
            }
            [line] => {
                let mut parts = line.splitn(3, ':');
                match (parts.next(), parts.next(), parts.next()) {
                    (Some(algorithm), Some(name), Some(secret)) => (name, algorithm, secret),
                    _ => return Err(KeyError::Form),
                }
            }
            _ => return Err(KeyError::Form),
        };
        let algorithm = algorithm_named(algorithm).ok_or(KeyError::Algorithm)?;
        let name = KeyName::from_str(name).map_err(|_| KeyError::Name)?;
        let secret: Vec<u8> = base64::decode(secret).map_err(|_| KeyError::Secret)?;
        if secret.is_empty() {
            return Err(KeyError::Secret);
        }
        Key::new(algorithm, &secret, name, None, None).map(UpdateKey).map_err(|_| KeyError::Secret)
    }
}

fn algorithm_named(name: &str) -> Option<Algorithm> {
    match name.trim_end_matches('.').to_ascii_lowercase().as_str() {
        "hmac-sha1" => Some(Algorithm::Sha1),
        "hmac-sha256" => Some(Algorithm::Sha256),
        "hmac-sha384" => Some(Algorithm::Sha384),
        "hmac-sha512" => Some(Algorithm::Sha512),
        _ => None,
    }
}

/// The words of a configuration file; `{`, `}` and `;` are words, quotation
/// marks hold one together, and comments are left out. `None` where a quotation
/// mark or a comment does not end.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = text.trim_start_matches('\u{feff}');
    loop {
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else { return Some(words) };
        if let Some(line) = rest.strip_prefix('#').or_else(|| rest.strip_prefix("//")) {
            rest = line.split_once('\n').map_or("", |(_, behind)| behind);
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/")?.1;
        } else if let Some(quoted) = rest.strip_prefix('"') {
            let (word, behind) = quoted.split_once('"')?;
            words.push(word.to_owned());
            rest = behind;
        } else if matches!(first, '{' | '}' | ';') {
            words.push(first.to_string());
            rest = &rest[1..];
        } else {
            let ends = |c: char| c.is_whitespace() || matches!(c, '{' | '}' | ';' | '"');
            let end = rest.find(ends).unwrap_or(rest.len());
            words.push(rest[..end].to_owned());
            rest = &rest[end..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_keygens_write() {
        for text in [
            "key \"spfc.example\" {\n\talgorithm hmac-sha256;\n\tsecret \"c2VjcmV0\";\n};\n",
            "# a comment\nkey spfc.example { secret c2VjcmV0; /* and */ algorithm HMAC-SHA256; }; // end",
            "hmac-sha256:spfc.example:c2VjcmV0\n",
            "# hmac-sha256:old:b2xk\nhmac-sha256:spfc.example.:c2VjcmV0",
        ] {
            let UpdateKey(key) = UpdateKey::read(text).unwrap();
            assert_eq!(key.name().to_string(), "spfc.example", "{text}");
            assert_eq!(key.algorithm(), Algorithm::Sha256);
            assert!(!format!("{key:?}").contains("secret"), "{key:?}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let read = |text: &str| UpdateKey::read(text).unwrap_err();
        assert_eq!(read(""), KeyError::Form);
        assert_eq!(read("key a { algorithm hmac-sha256; };"), KeyError::Form);
        assert_eq!(read("key \"a { algorithm"), KeyError::Form);
        assert_eq!(read("hmac-md5:a:c2VjcmV0"), KeyError::Algorithm);
        assert_eq!(read("hmac-sha256:a..b:c2VjcmV0"), KeyError::Name);
        assert_eq!(read("hmac-sha256:a:c2V%"), KeyError::Secret);
        assert_eq!(read("hmac-sha256:a:"), KeyError::Secret);
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*", pieces in proptest::collection::vec("[\"/#*{};:a \n]{0,4}", 0..20)) {
            let _ = UpdateKey::read(&text);
            let _ = UpdateKey::read(&pieces.concat());
        }
    }
}
