//! The `spfc` command.

fn main() {}
