//! The whole router with a site in memory.
