//! Programs and libraries of Python, each in a virtual environment of its own below `target`.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What is installed, and how to see that it is.
pub(crate) struct Packages {
    /// Each with its version, the first one being what they are for. All of them: nothing else is installed.
    pinned: &'static [&'static str],
    import: &'static str,
}

/// The client library of another language, with parsers of its own.
pub(crate) const PROMETHEUS_CLIENT: Packages = Packages {
    pinned: &["prometheus_client==0.26.0"],
    import: "prometheus_client.openmetrics",
};

/// The schemas of Kubernetes' own kinds, for several of its versions.
pub(crate) const KUBERNETES_VALIDATE: Packages = Packages {
    pinned: &[
        "kubernetes-validate==1.37.0",
        "attrs==26.1.0",
        "importlib_resources==7.1.0",
        "jsonschema==4.26.0",
        "jsonschema-specifications==2025.9.1",
        "packaging==26.4",
        "PyYAML==6.0.4",
        "referencing==0.37.0",
        "rpds-py==2026.9.1",
        "typing_extensions==4.16.0",
    ],
    import: "kubernetes_validate",
};

/// Checks YAML files against a JSON Schema, as pre-commit hooks and pipelines do.
pub(crate) const CHECK_JSONSCHEMA: Packages = Packages {
    pinned: &[
        "check-jsonschema==0.39.0",
        "attrs==26.1.0",
        "certifi==2026.10.19.post1",
        "charset-normalizer==3.5.3",
        "click==8.5.1",
        "idna==3.20",
        "jsonschema==4.26.0",
        "jsonschema-specifications==2025.9.1",
        "referencing==0.37.0",
        "regress==2026.9.1",
        "requests==2.34.2",
        "rpds-py==2026.9.1",
        "ruamel.yaml==0.19.1",
        "typing_extensions==4.16.0",
        "urllib3==2.8.0",
    ],
    import: "check_jsonschema",
};

/// Helm itself, as a library.
pub(crate) const HELM: Packages = Packages {
    pinned: &["helm-python-sdk==0.2.2"],
    import: "helm_python",
};

impl Packages {
    /// A command that runs Python with the packages, which are installed if they are not there yet; or why there is none
    /// and what to do.
    pub(crate) fn python(&self) -> Result<Command, String> {
        let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let folder = target.join(self.pinned[0]);
        // Tests run side by side, in processes of their own.
        let lock =
            File::create(folder.with_extension("lock")).map_err(|error| error.to_string())?;
        lock.lock().map_err(|error| error.to_string())?;
        let python = folder.join("bin/python");
        if !self.are_in(&folder) {
            self.install(&folder)?;
        }
        Ok(Command::new(python))
    }

    /// Whether these very versions were installed, and work.
    fn are_in(&self, folder: &Path) -> bool {
        let installed = fs::read_to_string(folder.join(INSTALLED)).unwrap_or_default();
        let import = ["-c", &format!("import {}", self.import)];
        let imported = || {
            Command::new(folder.join("bin/python"))
                .args(import)
                .output()
        };
        installed == self.pinned.join("\n")
            && imported().is_ok_and(|output| output.status.success())
    }

    fn install(&self, folder: &Path) -> Result<(), String> {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder)).map_err(|why| {
            format!("`python3 -m venv` does not work ({why}); install the Debian packages python3 and python3-venv")
        })?;
        let mut install = Command::new(folder.join("bin/python"));
        install.args(["-m", "pip", "install", "--quiet", "--no-deps"]);
        run(install.args(self.pinned)).map_err(|why| {
            let wanted = self.pinned[0];
            format!("`pip install {wanted}` does not work ({why}); let it reach a registry of Python packages")
        })?;
        fs::write(folder.join(INSTALLED), self.pinned.join("\n")).map_err(|error| error.to_string())
    }
}

/// What a script prints that is given this text.
#[track_caller]
pub(crate) fn fed(script: &mut Command, text: &str) -> String {
    let piped = script
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = piped.spawn().expect("Python ran a moment ago");
    let mut input = child.stdin.take().expect("it is piped");
    input
        .write_all(text.as_bytes())
        .expect("the script reads it all first");
    drop(input);
    let output = child.wait_with_output().expect("the script ends");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script:?}: {errors}");
    String::from_utf8(output.stdout).expect("the script prints UTF-8")
}

/// Written last: what is installed in a folder.
const INSTALLED: &str = "installed.txt";

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said.lines().last().unwrap_or("it says nothing").to_owned())
}
