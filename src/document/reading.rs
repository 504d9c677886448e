//! What the reading of one document carries along from section to section.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{origins::Origins, problem::Problem};

/// There is no value because a problem with it was reported.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AlreadyReported;

/// A value, or the knowledge that its problem was reported.
pub(crate) type Parsed<T> = Result<T, AlreadyReported>;

/// The environment variables of a document that may name none.
static NO_VARIABLES: BTreeMap<String, String> = BTreeMap::new();

/// What a path begins with that leads to the credentials of a service of systemd, and the variable that says where they are.
const CREDENTIALS: (&str, &str) = ("${CREDENTIALS_DIRECTORY}/", "CREDENTIALS_DIRECTORY");

/// Where the values stand, what relative paths and names of variables mean, and what was found so far.
pub(crate) struct Reading<'a> {
    /// What relative paths are relative to.
    pub(crate) folder: PathBuf,
    origins: Arc<Origins>,
    variables: &'a BTreeMap<String, String>,
    secrets: Secrets,
    problems: RefCell<Vec<Problem>>,
    named: RefCell<BTreeSet<String>>,
    warnings: RefCell<Vec<String>>,
}

/// What becomes of files and variables that hold secrets and certificates.
enum Secrets {
    /// They are tried.
    Tried,
    /// They are named only: who uses them finds out.
    Named,
    /// They may be elsewhere, and are counted.
    LeftAlone(RefCell<Unread>),
}

/// The files and variables with secrets and certificates that were not read, each once.
#[derive(Debug, Default)]
pub struct Unread {
    files: BTreeSet<PathBuf>,
    variables: BTreeSet<String>,
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |count: usize, what| match count {
            1 => format!("1 {what}"),
            _ => format!("{count} {what}s"),
        };
        let files = count(self.files.len(), "file");
        let variables = count(self.variables.len(), "variable");
        write!(f, "{files} and {variables}")
    }
}

/// What the reading found.
pub(crate) struct Findings {
    pub(crate) problems: Vec<Problem>,
    /// The variables that the document names.
    pub(crate) named: BTreeSet<String>,
    /// What is no problem but should be known.
    pub(crate) warnings: Vec<String>,
    /// What was left alone.
    pub(crate) unread: Unread,
}

impl<'a> Reading<'a> {
    /// Nothing read yet, with the problems that are known before.
    pub(crate) fn new(
        folder: &Path,
        origins: impl Into<Arc<Origins>>,
        problems: Vec<Problem>,
    ) -> Self {
        Self {
            folder: folder.to_path_buf(),
            origins: origins.into(),
            variables: &NO_VARIABLES,
            secrets: Secrets::Tried,
            problems: RefCell::new(problems),
            named: RefCell::default(),
            warnings: RefCell::default(),
        }
    }

    /// Leaves files and variables with secrets and certificates alone: they may be elsewhere.
    pub(crate) fn without_secrets(mut self) -> Self {
        self.secrets = Secrets::LeftAlone(RefCell::default());
        self
    }

    /// Whether files and variables with secrets and certificates are left alone.
    pub(crate) fn leaves_secrets(&self) -> bool {
        matches!(self.secrets, Secrets::LeftAlone(_))
    }

    /// Whether this file is left alone; it is counted where it may be elsewhere.
    pub(crate) fn leaves_file(&self, path: &Path) -> bool {
        self.leaves(|unread| _ = unread.files.insert(path.to_path_buf()))
    }

    /// Whether this variable is left alone; it is counted where it may be elsewhere.
    pub(crate) fn leaves_variable(&self, name: &str) -> bool {
        self.leaves(|unread| _ = unread.variables.insert(name.to_owned()))
    }

    fn leaves(&self, count: impl FnOnce(&mut Unread)) -> bool {
        match &self.secrets {
            Secrets::Tried => false,
            Secrets::Named => true,
            Secrets::LeftAlone(unread) => {
                count(&mut unread.borrow_mut());
                true
            }
        }
    }

    /// The document may name these environment variables.
    pub(crate) fn with_variables(mut self, variables: &'a BTreeMap<String, String>) -> Self {
        self.variables = variables;
        self
    }

    /// Files and variables that hold secrets and certificates are named and not tried: who uses them finds out.
    pub(crate) fn without_trying_secrets(mut self) -> Self {
        self.secrets = Secrets::Named;
        self
    }

    /// Where the values of the document stand.
    pub(crate) fn origins(&self) -> Arc<Origins> {
        self.origins.clone()
    }

    /// The environment variables that the document may name.
    pub(crate) fn variables(&self) -> &'a BTreeMap<String, String> {
        self.variables
    }

    /// Takes over what was found by reading a part in another way.
    pub(crate) fn absorb(&self, findings: Findings) {
        let Findings {
            problems,
            named,
            warnings,
            unread,
        } = findings;
        self.leaves(|all| {
            all.files.extend(unread.files);
            all.variables.extend(unread.variables);
        });
        self.problems.borrow_mut().extend(problems);
        self.named.borrow_mut().extend(named);
        self.warnings.borrow_mut().extend(warnings);
    }

    /// The variable that the document names, where it is set to something.
    pub(crate) fn variable(&self, name: &str) -> Option<&'a str> {
        self.named.borrow_mut().insert(name.to_owned());
        self.variables.get(name).map(String::as_str)
    }

    /// The file that a path of the document names; `None` where it begins with systemd's credentials and there are none.
    ///
    /// Nothing else of a path is replaced: a name may hold any character.
    pub(crate) fn file(&self, path: &str) -> Option<PathBuf> {
        let (prefix, variable) = CREDENTIALS;
        match path.strip_prefix(prefix) {
            // Which folder it is matters to nobody who does not read from it.
            Some(_) if self.leaves_secrets() => Some(PathBuf::from(path)),
            Some(name) => Some(Path::new(self.variables.get(variable)?).join(name)),
            None => Some(self.folder.join(path)),
        }
    }

    /// Reports a problem with the value at `path`, or with its absence.
    pub(crate) fn report(
        &self,
        path: &str,
        found: impl Into<String>,
        instead: impl Into<String>,
    ) -> AlreadyReported {
        self.report_as(path, path, found.into(), instead.into())
    }

    /// Reports a problem with the value at `path`, whose key path is told as `shown`.
    pub(crate) fn report_as(
        &self,
        path: &str,
        shown: &str,
        found: String,
        instead: String,
    ) -> AlreadyReported {
        let mut problem = self.origins.problem(path, found, instead);
        if shown != path {
            problem.key = Some(shown.to_owned());
        }
        self.problems.borrow_mut().push(problem);
        AlreadyReported
    }

    /// Warns about the value at `path`, which is allowed. `what` follows the key path.
    pub(crate) fn warn(&self, path: &str, what: &str) {
        let warning = format!("`{path}` {what}");
        self.warnings.borrow_mut().push(warning);
    }

    /// What was found.
    pub(crate) fn finish(self) -> Findings {
        Findings {
            problems: self.problems.into_inner(),
            named: self.named.into_inner(),
            warnings: self.warnings.into_inner(),
            unread: match self.secrets {
                Secrets::LeftAlone(unread) => unread.into_inner(),
                Secrets::Tried | Secrets::Named => Unread::default(),
            },
        }
    }
}
