//! A place where `spfc serve` runs: a folder with its configuration, its state and
//! its log, and commands that are given there.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use spfc::refresh::StateDirectory;
use tempfile::TempDir;

/// How long anything may take to happen.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is looked whether it has happened.
const LOOK: Duration = Duration::from_millis(20);

/// The zone that most tests serve.
pub(crate) const ZONE: &str = "z.example";

/// A zone with one source, `mail`, which is the policy of example.com.
pub(crate) const ONE_SOURCE: &str = "
[source.mail]
domain = \"example.com\"
[[zone]]
record = \"v=spf1 exists:%{ir}.%{v}.z.example -all\"
ns = [\"ns.example.net\"]
source = \"mail\"
";

/// How a command has ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A folder for a server.
pub(crate) struct Site {
    folder: TempDir,
    /// Words before the program, which start it as somebody else.
    before: Vec<String>,
    program: PathBuf,
}

impl Site {
    /// A site whose server asks this name server, often, and has these tables beside
    /// `[serve]` and `[refresh]`.
    pub(crate) fn new(dns: SocketAddr, tables: &str) -> Site {
        let site = Site {
            folder: tempfile::tempdir().unwrap(),
            before: Vec::new(),
            program: env!("CARGO_BIN_EXE_spfc").into(),
        };
        site.configure(dns, "state", tables);
        site
    }

    /// Writes the configuration, with this state directory.
    pub(crate) fn configure(&self, dns: SocketAddr, state: &str, tables: &str) {
        let config = format!(
            "[serve]\nresolvers = [\"{dns}\"]\nstate = \"{state}\"\n\
             [refresh]\nleast = 1\nretry = 1\njitter = 0\n{tables}"
        );
        std::fs::write(self.path("spfc.toml"), config).unwrap();
    }

    /// Lets commands be run as the user `nobody` from now on, who may read the folder
    /// and not the state; what was run before stays. Only root can.
    pub(crate) fn become_nobody(&mut self) {
        let program = self.path("spfc");
        if !program.exists() {
            std::fs::copy(env!("CARGO_BIN_EXE_spfc"), &program).unwrap();
        }
        let all = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(self.folder.path(), all).unwrap();
        let words = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"];
        (self.program, self.before) = (program, words.map(str::to_owned).to_vec());
    }

    /// Lets commands be run as who runs the tests again.
    pub(crate) fn become_oneself(&mut self) {
        self.before.clear();
    }

    /// A file of the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The state directory, where nothing else was configured.
    pub(crate) fn state(&self) -> StateDirectory {
        StateDirectory::at(self.path("state"))
    }

    /// What the servers have logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap()
    }

    /// How often the log has these words.
    pub(crate) fn logged(&self, words: &str) -> usize {
        self.log().matches(words).count()
    }

    /// The program, to be run with more arguments.
    pub(crate) fn program(&self) -> Command {
        let mut words = self.before.iter().map(Path::new).chain([self.program.as_path()]);
        let mut command = Command::new(words.next().unwrap());
        command.args(words).stdin(Stdio::null());
        command
    }

    /// Runs a subcommand with this site's configuration.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        let mut command = self.program();
        command.args(args).arg("--config").arg(self.path("spfc.toml"));
        let output = command.output().unwrap();
        let text = |octets: Vec<u8>| String::from_utf8(octets).unwrap();
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        Ran { status: output.status.code(), stdout, stderr }
    }

    /// Waits until `spfc status` ends like this, and returns what it says.
    pub(crate) fn wait_for_status(&self, status: i32) -> String {
        let begun = Instant::now();
        loop {
            let ran = self.run(&["status"]);
            if ran.status == Some(status) {
                return ran.stdout;
            }
            assert!(begun.elapsed() < PATIENCE, "not {status}: {ran:?}\n{}", self.log());
            sleep(5 * LOOK);
        }
    }

    /// Waits until the log has these words: it is written behind what happens.
    pub(crate) fn wait_for_log(&self, words: &str) {
        self.wait_until(words, || self.logged(words) > 0);
    }

    /// Waits until it is so.
    pub(crate) fn wait_until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !is_so() {
            assert!(begun.elapsed() < PATIENCE, "{what}\n{}", self.log());
            sleep(LOOK);
        }
    }
}

/// Whether commands can be run as somebody else, which only root can; says so where
/// they cannot. Continuous integration has to.
pub(crate) fn can_become_nobody() -> bool {
    let is_root = nix::unistd::geteuid().is_root();
    assert!(is_root || std::env::var_os("CI").is_none(), "CI needs root to be somebody else");
    if !is_root {
        eprintln!("not run: only root can be somebody else");
    }
    is_root
}
