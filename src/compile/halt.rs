//! Why a stage did not end: answers are missing, or the policy cannot be compiled.

use crate::dns::{Question, Step};

use super::CompileError;

/// Why a stage did not end.
#[derive(Clone, Debug)]
pub enum Halt {
    /// These questions have to be asked first.
    Need(Vec<Question>),
    /// The policy cannot be compiled.
    Refuse(Box<CompileError>),
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
