//! The scripts that look at a release tell a good one from a bad one: each is
//! tried on a crate that is made up for it.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::files::{project, text};
use crate::programs::programs;

/// A script that ends with this status did not look.
const NOT_RUN: Option<i32> = Some(77);
/// A Rust that there never was, and no later one than any that runs the tests.
const NEVER_RELEASED: &str = "1.70.77";
const SOURCE: &str = "//! Tried.\n\n/// One.\npub fn one() {}\n\n/// Two.\npub fn two() {}\n";

/// A crate in a git repository, with one of the project's scripts.
struct Tried {
    folder: TempDir,
    script: String,
}

impl Tried {
    /// None where there is no git.
    fn new(script: &str) -> Option<Tried> {
        programs(["git", "bash"])?;
        let tried = Tried { folder: tempfile::tempdir().unwrap(), script: format!(".ci/{script}") };
        tried.write(&tried.script, &text(Path::new(&tried.script)));
        tried.write("src/lib.rs", SOURCE);
        tried.manifest("0.1.0");
        let lines = "version = 4\n\n[[package]]\nname = \"tried\"\nversion = \"0.1.0\"\n";
        tried.write("Cargo.lock", lines);
        tried.git(&["init", "--quiet"]);
        tried.commit();
        Some(tried)
    }

    fn manifest(&self, version: &str) {
        let package = format!(
            "[package]\nname = \"tried\"\nversion = \"{version}\"\nedition = \"2021\"\n\
             rust-version = \"{NEVER_RELEASED}\"\ninclude = [\"/src/**\"]\n"
        );
        self.write("Cargo.toml", &package);
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn git(&self, arguments: &[&str]) {
        let settings =
            ["user.name=Tester", "user.email=tester@example.com", "commit.gpgsign=false"];
        let mut command = Command::new("git");
        command
            .args(settings.iter().flat_map(|setting| ["-c", *setting]))
            .args(arguments)
            .current_dir(self.folder.path());
        assert!(command.status().unwrap().success(), "git {arguments:?}");
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "Change"]);
    }

    /// How the script ended, and what it said.
    fn run(&self, variables: &[(&str, &Path)]) -> (Option<i32>, String) {
        let mut command = Command::new("bash");
        command.arg(&self.script).current_dir(self.folder.path());
        // What cargo tells this test is not about the crate that is tried.
        command.env_remove("RUSTUP_TOOLCHAIN").envs(variables.iter().copied());
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&said).into_owned())
    }
}

#[test]
fn without_a_release_nothing_is_compared_and_that_is_said() {
    let Some(tried) = Tried::new("semver") else { return };
    let (status, said) = tried.run(&[]);
    assert_eq!(status, NOT_RUN, "{said}");
    assert!(said.contains("NOT RUN: there is no release to compare with"), "{said}");
    // A clone without tags must not pass for a project without releases.
    let whole = Tried::new("semver").unwrap();
    whole.write("src/more.rs", "//! More.\n");
    whole.commit();
    let url = format!("file://{}", whole.folder.path().display());
    let shallow = TempDir::new().unwrap();
    let path = shallow.path().join("clone");
    whole.git(&["clone", "--quiet", "--depth", "1", &url, path.to_str().unwrap()]);
    let output = Command::new("bash").arg(".ci/semver").current_dir(&path).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
}

/// Runs where the tool has been installed, as it is once there is a release.
#[test]
fn a_breaking_change_needs_a_version_that_says_so() {
    let Some(tried) = Tried::new("semver") else { return };
    let installed = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let installed = project().join(installed).join("tools");
    if !installed.join("bin/cargo-semver-checks").is_file() {
        eprintln!("not run: {} lacks cargo-semver-checks", installed.display());
        return;
    }
    tried.write(".gitignore", "/target\n");
    tried.commit();
    tried.git(&["tag", "v0.1.0"]);
    let target = tried.folder.path().join("target");
    std::fs::create_dir(&target).unwrap();
    std::os::unix::fs::symlink(installed, target.join("tools")).unwrap();
    let variables: &[(&str, &Path)] = &[("CARGO_TARGET_DIR", &target)];
    let released = |version: &str, source: &str| {
        tried.manifest(version);
        tried.write("src/lib.rs", source);
        tried.run(variables)
    };
    let without_two = SOURCE.split("\n/// Two.").next().unwrap();
    let (status, said) = released("0.1.1", without_two);
    assert!(status == Some(100) && said.contains("function_missing"), "{status:?} {said}");
    let (status, said) = released("0.2.0", without_two);
    assert_eq!(status, Some(0), "{said}");
    let (status, said) = released("0.1.1", &format!("{SOURCE}\n/// Three.\npub fn three() {{}}\n"));
    assert_eq!(status, Some(0), "{said}");
}

#[test]
fn a_file_that_lies_about_is_no_part_of_the_package() {
    let Some(tried) = Tried::new("package") else { return };
    tried.write("src/notes.txt", "Not for others.\n");
    let target = tried.folder.path().join("target");
    let (status, said) = tried.run(&[("CARGO_TARGET_DIR", &target)]);
    assert_eq!(status, Some(1), "{said}");
    assert!(
        said.ends_with("not in the repository, and yet in the package:\nsrc/notes.txt\n"),
        "{said}"
    );
}

#[test]
fn a_rust_that_cannot_be_had_is_told() {
    let Some(tried) = Tried::new("oldest") else { return };
    // Nobody answers at the port of the discard protocol.
    let nowhere = Path::new("http://127.0.0.1:9");
    let (status, said) = tried.run(&[("RUSTUP_DIST_SERVER", nowhere)]);
    assert_eq!(status, NOT_RUN, "{said}");
    assert!(said.contains(&format!("NOT RUN: Rust {NEVER_RELEASED} is not here")), "{said}");
}
