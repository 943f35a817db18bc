//! Which module may import which: the table that ARCHITECTURE.md explains.
//!
//! A new edge is a change to this table, with its reason.

/// A module of the library and what it may import.
pub(crate) struct Layer {
    pub(crate) module: &'static str,
    pub(crate) may_import: &'static [&'static str],
}

const fn layer(module: &'static str, may_import: &'static [&'static str]) -> Layer {
    Layer { module, may_import }
}

/// All modules, lowest first: each may import modules that stand before it,
/// never one that stands behind it. Modules that are not there are no error.
pub(crate) const LAYERS: &[Layer] = &[
    layer("escape", &[]),
    layer("name", &[]),
    layer("addr", &[]),
    layer("outcome", &[]),
    layer("limits", &[]),
    layer("metrics", &[]),
    // How numbers are said, in pictures and by the command line.
    layer("counts", &[]),
    layer("whole_file", &[]),
    // Sizes of DNS messages, for those who fill them and those who judge them.
    layer("message", &["name"]),
    layer("syntax", &["name", "addr", "outcome", "limits"]),
    // Overlays leave terms out of SPF records, and zone files tell where theirs
    // stand: both ask `syntax` which TXT records are SPF records, nothing more.
    layer("dns", &["name", "addr", "outcome", "limits", "message", "syntax"]),
    layer("eval", &["name", "addr", "outcome", "limits", "syntax", "dns"]),
    layer("policy", &["name", "addr", "outcome", "limits", "syntax", "dns"]),
    // Draws what `policy` says of addresses; texts in pictures are escaped, and
    // their numbers are said as elsewhere.
    layer("picture", &["escape", "addr", "counts", "policy"]),
    layer("optimize", &["name", "addr", "outcome", "limits", "message", "syntax", "policy"]),
    layer("image", &["name", "addr", "outcome", "limits"]),
    // Keeps texts and numbers of versions; it does not know what makes them.
    layer("history", &[]),
    layer(
        "target",
        &["name", "addr", "outcome", "limits", "message", "syntax", "policy", "optimize", "image"],
    ),
    // Plans of what changes in DNS, and the forms that DNS hosts read them in.
    layer(
        "publish",
        &["name", "addr", "outcome", "limits", "message", "dns", "optimize", "image", "target"],
    ),
    layer(
        "proof",
        &["name", "addr", "outcome", "limits", "syntax", "dns", "eval", "policy", "image"],
    ),
    // Sends what changes to a zone's server.
    layer("update", &["name", "dns", "publish"]),
    layer(
        "lint",
        &["escape", "name", "addr", "outcome", "limits", "message", "syntax", "dns", "policy"],
    ),
    // Knows from sizes of messages which choices cannot fit before it packs them.
    layer(
        "compile",
        &[
            "name", "addr", "outcome", "limits", "message", "syntax", "dns", "eval", "policy",
            "optimize", "image", "target", "publish", "proof", "lint",
        ],
    ),
    layer("responder", &["name", "addr", "outcome", "limits", "metrics", "image"]),
    // Keeps sources up to date. Its engine is not told who answers from its zones.
    layer(
        "refresh",
        &[
            "name",
            "addr",
            "outcome",
            "limits",
            "whole_file",
            "history",
            "syntax",
            "dns",
            "policy",
            "image",
            "compile",
        ],
    ),
    // What is said as JSON, by commands and over HTTP.
    layer(
        "documents",
        &[
            "escape", "name", "addr", "outcome", "limits", "dns", "eval", "policy", "image",
            "target", "history", "lint", "compile", "refresh",
        ],
    ),
    // Says over HTTP what commands say. It does not know who answers DNS.
    layer(
        "http",
        &[
            "escape",
            "counts",
            "documents",
            "name",
            "limits",
            "syntax",
            "image",
            "history",
            "dns",
            "eval",
            "policy",
            "target",
            "lint",
            "compile",
            "refresh",
        ],
    ),
    // Reads spfc.toml into the options of others, which do not know of it. The
    // layout of a zone is read from the macro record that asks for its names.
    layer(
        "config",
        &[
            "name",
            "addr",
            "outcome",
            "syntax",
            "dns",
            "image",
            "lint",
            "responder",
            "refresh",
            "http",
        ],
    ),
    layer(
        "cli",
        &[
            "escape",
            "counts",
            "documents",
            "http",
            "picture",
            "name",
            "addr",
            "outcome",
            "limits",
            "metrics",
            "syntax",
            "dns",
            "eval",
            "policy",
            "optimize",
            "image",
            "target",
            "history",
            "publish",
            "proof",
            "update",
            "lint",
            "compile",
            "config",
            "responder",
            "refresh",
            "history",
            "whole_file",
        ],
    ),
];

/// What must never be, whatever the table comes to say: the oracle without the
/// compiler, the proof without the makers of what it proves, syntax without
/// diagnostics, the responder without the compiler.
pub(crate) const NEVER: &[(&str, &[&str])] = &[
    ("eval", &["policy", "optimize", "image", "target", "proof", "compile", "lint", "cli"]),
    ("proof", &["optimize", "target", "compile", "lint", "cli"]),
    ("syntax", &["dns", "eval", "policy", "lint"]),
    ("policy", &["eval", "optimize", "target", "proof", "lint"]),
    ("responder", &["syntax", "dns", "eval", "policy", "optimize", "target", "proof", "compile"]),
    ("http", &["responder", "cli", "config"]),
];

/// Crates that only some files may name, as the beginning of a crate's name and
/// of the paths where it may stand.
pub(crate) const CRATES: &[(&str, &[&str])] = &[
    ("hickory_", &["src/dns/hickory", "src/responder/general"]),
    ("tokio", &["src/dns/", "src/responder/tcp", "src/refresh/", "src/http/", "src/cli/"]),
    ("axum", &["src/http/"]),
    ("hyper", &["src/http/server"]),
    ("tower", &["src/http/"]),
    ("rustix", &["src/http/server"]),
    ("subtle", &["src/http/options"]),
    ("prometheus_client", &["src/http/metrics"]),
    ("utoipa", &["src/http/", "src/documents/", "src/refresh/"]),
    ("nix", &["src/responder/", "src/refresh/directory", "src/cli/serve", "src/cli/control"]),
    ("arc_swap", &["src/responder/"]),
    ("siphasher", &["src/responder/cookie"]),
    ("getrandom", &["src/responder/cookie"]),
    ("rusqlite", &["src/history/"]),
    ("xxhash_rust", &["src/image/", "src/history/"]),
    ("tracing", &["src/responder/", "src/cli/serve"]),
    ("tracing_appender", &["src/cli/serve"]),
    ("tracing_subscriber", &["src/cli/serve"]),
    ("signal_hook", &["src/cli/serve"]),
    ("sd_notify", &["src/cli/serve"]),
    ("listenfd", &["src/cli/serve"]),
    ("futures_util", &["src/dns/", "src/refresh/engine/tests"]),
    ("granit_parser", &["src/dns/zone_file/octodns"]),
    ("nom", &["src/syntax/parse"]),
    // The Public Suffix List: under which names anyone may register.
    ("psl", &["src/lint/registrable.rs"]),
    ("fast_hilbert", &["src/picture/view"]),
    ("png", &["src/picture/raster"]),
    ("ab_glyph", &["src/picture/raster"]),
    ("epaint_default_fonts", &["src/picture/raster"]),
    ("clap", &["src/cli/"]),
    ("clap_complete", &["src/cli/"]),
    ("clap_mangen", &["src/cli/"]),
    ("anstream", &["src/cli/"]),
    ("anstyle", &["src/cli/"]),
    ("indicatif", &["src/cli/"]),
    ("tempfile", &["src/whole_file"]),
    ("terminal_size", &["src/cli/"]),
    ("toml", &["src/config/"]),
    // The clock: the rest of the product takes the time from its caller.
    ("jiff", &["src/cli/", "src/refresh/clock"]),
];
