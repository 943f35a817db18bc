//! Whatever the file of a source holds, it is read or refused, and what is read is
//! written as what reads the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use spfc::refresh::SourceFile;

fuzz_target!(|octets: &[u8]| match SourceFile::read(octets) {
    Ok(file) => {
        let text = file.to_text();
        let again = SourceFile::read(text.as_bytes()).expect("what was written is read");
        assert_eq!(again, file);
        assert_eq!(again.to_text(), text);
    }
    Err(error) => drop(error.to_string()),
});
