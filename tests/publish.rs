//! Changes of DNS as DNS hosts take them: what is written, word for word, and
//! what the tools that it is written for read in it.

// What the tests prepare is there; a text that cannot be read is a failed test.
#![allow(clippy::unwrap_used)]

#[path = "support/bind.rs"]
mod bind;
#[path = "support/programs.rs"]
mod programs;
#[path = "support/running.rs"]
mod running;

#[path = "publish/dnscontrol.rs"]
mod dnscontrol;
#[path = "publish/errors.rs"]
mod errors;
#[path = "publish/golden.rs"]
mod golden;
#[path = "publish/model.rs"]
mod model;
#[path = "publish/named.rs"]
mod named;
#[path = "publish/nsupdate.rs"]
mod nsupdate;
#[path = "publish/octodns.rs"]
mod octodns;
#[path = "publish/plans.rs"]
mod plans;
#[path = "publish/route53.rs"]
mod route53;
#[path = "publish/terraform.rs"]
mod terraform;
