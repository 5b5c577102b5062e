//! The command line: the real binary in a scratch folder.

mod compare;
mod data_check;
mod messages;
mod editor;
mod explain;
mod import;
mod looks;
mod models;
mod new;
mod newcomers;
mod nodes;
mod params;
mod runs;
mod snapshots;
mod synth;
mod usage;
mod watch;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A scratch folder with the datasets and the example strategies, and the binary run in it.
struct Desk {
    folder: TempDir,
}

/// What a run said.
struct Told {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        copy(&root.join("datasets"), &folder.path().join("datasets"), &["toml", "parquet"]);
        copy(&root.join("strategies"), &folder.path().join("strategies"), &["rhai"]);
        Self { folder }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, contents: impl AsRef<[u8]>) {
        fs::write(self.path(path), contents).unwrap();
    }

    fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn exists(&self, path: &str) -> bool {
        self.path(path).exists()
    }

    fn text(&self, path: &str) -> String {
        String::from_utf8(self.read(path)).unwrap()
    }

    /// The binary with the arguments of a line, in the scratch folder.
    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_runner"));
        command.current_dir(self.folder.path()).args(line.split_whitespace());
        command
    }

    fn run(&self, line: &str) -> Told {
        Told::of(self.command(line).output().unwrap())
    }

    /// A run that must do what was asked.
    fn done(&self, line: &str) -> Told {
        let told = self.run(line);
        assert_eq!(told.code, Some(0), "runner {line}\n{}", told.stderr);
        told
    }

    /// A run that must refuse, with nothing on stdout.
    fn refused(&self, line: &str, code: i32) -> String {
        let told = self.run(line);
        assert_eq!(told.code, Some(code), "runner {line}\n{}{}", told.stdout, told.stderr);
        assert_eq!(told.stdout, "", "runner {line}");
        told.stderr
    }

    /// Every file below a folder with its bytes.
    fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.path(folder)];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(&next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(self.path(folder)).unwrap().display().to_string();
                    found.insert(name, fs::read(&path).unwrap());
                }
            }
        }
        found
    }
}

impl Told {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// Copies a folder's files with one of some endings.
fn copy(from: &Path, to: &Path, endings: &[&str]) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let beside = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &beside, endings);
        } else if path.extension().is_some_and(|ending| endings.iter().any(|one| *one == ending)) {
            fs::copy(&path, &beside).unwrap();
        }
    }
}

fn names(files: &BTreeMap<String, Vec<u8>>) -> Vec<&str> {
    files.keys().map(String::as_str).collect()
}

fn assert_same(left: &BTreeMap<String, Vec<u8>>, right: &BTreeMap<String, Vec<u8>>) {
    assert_eq!(names(left), names(right));
    for (name, bytes) in left {
        assert!(bytes == &right[name], "{name} differs");
    }
}
