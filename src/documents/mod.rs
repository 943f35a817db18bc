//! What commands and the HTTP side say, as JSON documents: types of their own, whose keys
//! are a contract that no change inside the library may change.
//!
//! What is said is decided elsewhere; nothing here is for people to read.

mod change;
mod check;
mod compiled;
mod diff;
mod differences;
mod history;
mod image;
mod lookups;
mod map;
mod tree;
mod verify;

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter};

use crate::escape;

pub(crate) use change::{AppliedShape, ChangeDocument, NameChangeShape};
pub(crate) use check::{BatchLine, CheckDocument, MessageLine};
pub(crate) use compiled::{
    CompiledDocument, FlattenDocument, InlinedShape, MacroDocument, ProofShape,
};
pub(crate) use diff::{
    AnswerShape, DeciderShape, DiffDocument, DomainShape, DriftLookupsShape, FailedShape,
    PartShape, PassingShape, PassingsShape, ProviderShape, RecordShape,
};
pub(crate) use differences::RangeShape;
pub(crate) use history::{
    ChangedRangeShape, EventShape, HistoryDocument, OrderDocument, VersionDocument, VersionShape,
    VersionSide, VersionsDocument, Which,
};
pub(crate) use image::{
    DecidingShape, ImageShape, ImagesDocument, NameAnswerShape, QueryDocument, WhyShape,
};
pub(crate) use lookups::LookupsShape;
pub(crate) use map::{ChangeMapShape, MapDocument, map_providers};
pub(crate) use tree::{
    Addresses, AddressesShape, Cut, PolicyShape, Reach, TermShape, TreeDocument, TreeLine, lines,
};
pub(crate) use verify::{OPEN, VerifyDocument};

/// The number of the documents' schema.
pub(crate) const SCHEMA: u32 = 1;

/// A document for one line.
pub(crate) fn line(document: &impl Serialize) -> io::Result<String> {
    write(document, Escaping(serde_json::ser::CompactFormatter))
}

/// A document on lines of its own.
pub(crate) fn pretty(document: &impl Serialize) -> io::Result<String> {
    write(document, Escaping(PrettyFormatter::new()))
}

fn write(document: &impl Serialize, formatter: impl Formatter) -> io::Result<String> {
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, formatter);
    document.serialize(&mut serializer)?;
    text.push(b'\n');
    String::from_utf8(text).map_err(io::Error::other)
}

/// Escapes what a terminal would obey, on top of what JSON escapes itself.
struct Escaping<F>(F);

macro_rules! delegate {
    ($($name:ident($($argument:ident: $type:ty),*);)*) => {
        $(fn $name<W: ?Sized + io::Write>(&mut self, writer: &mut W $(, $argument: $type)*) -> io::Result<()> {
            self.0.$name(writer $(, $argument)*)
        })*
    };
}

impl<F: Formatter> Formatter for Escaping<F> {
    delegate! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        end_object_key();
        begin_object_value();
        end_object_value();
    }

    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if !fragment.chars().any(escape::is_hostile) {
            return writer.write_all(fragment.as_bytes());
        }
        let mut units = [0; 2];
        let mut buffer = [0; 4];
        for character in fragment.chars() {
            if escape::is_hostile(character) {
                for unit in character.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            } else {
                writer.write_all(character.encode_utf8(&mut buffer).as_bytes())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn reads_back_the_same_and_holds_nothing_hostile(text in any::<String>()) {
            let written = line(&text).unwrap();
            prop_assert!(!written.trim_end_matches('\n').chars().any(escape::is_hostile));
            prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
        }
    }
}
