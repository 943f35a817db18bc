//! Any text as the file of a key for updates: it is read or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use spfc::update::UpdateKey;

fuzz_target!(|text: &str| {
    let _ = UpdateKey::read(text);
});
