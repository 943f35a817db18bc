//! Why a stage did not end: answers are missing, or the policy cannot be compiled.

use std::fmt;

use thiserror::Error;

use crate::dns::{Question, Step};

use super::CompileError;

/// Why a stage did not end.
#[derive(Clone, Debug, Error)]
pub enum Halt {
    /// These questions have to be asked first.
    #[error("{}", Missing(.0))]
    Need(Vec<Question>),
    /// The policy cannot be compiled.
    #[error(transparent)]
    Refuse(Box<CompileError>),
}

/// Missing answers in words.
struct Missing<'a>(&'a [Question]);

impl fmt::Display for Missing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [] => f.write_str("an answer of DNS is missing"),
            [only] => write!(f, "the answer to {only} is missing"),
            [first, rest @ ..] => {
                write!(f, "the answers to {first} and {} more are missing", rest.len())
            }
        }
    }
}

impl From<Vec<Question>> for Halt {
    fn from(questions: Vec<Question>) -> Halt {
        Halt::Need(questions)
    }
}

impl From<CompileError> for Halt {
    fn from(error: CompileError) -> Halt {
        Halt::Refuse(Box::new(error))
    }
}

impl Halt {
    /// The result of a program as [`crate::dns::gather()`] wants it.
    pub fn step<T>(result: Result<T, Halt>) -> Step<Result<T, CompileError>> {
        match result {
            Ok(value) => Step::Done(Ok(value)),
            Err(Halt::Refuse(error)) => Step::Done(Err(*error)),
            Err(Halt::Need(questions)) => Step::Need(questions),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::RecordType;
    use crate::name::DomainName;

    #[test]
    fn says_what_is_missing() {
        let question =
            |text: &str| Question::new(DomainName::parse(text).unwrap(), RecordType::Txt);
        let said = |names: &[&str]| {
            Halt::Need(names.iter().map(|name| question(name)).collect()).to_string()
        };
        assert_eq!(said(&["a.test"]), "the answer to a.test TXT is missing");
        let three = "the answers to a.test TXT and 2 more are missing";
        assert_eq!(said(&["a.test", "b.test", "c.test"]), three);
        assert_eq!(said(&[]), "an answer of DNS is missing");
        let refused = CompileError::SingleLabel(DomainName::parse("test").unwrap());
        assert_eq!(Halt::from(refused.clone()).to_string(), refused.to_string());
    }
}
