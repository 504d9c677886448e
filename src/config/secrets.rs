//! Reads a secret from one of its three sources.

use super::keys::Sources;
use crate::{
    document::{Parsed, Section},
    secret::{Secret, SecretError, SecretString},
};

/// Reads a secret from the one source that is given.
pub(super) fn read(section: &Section, sources: Sources) -> Parsed<Secret> {
    let [name, in_file, in_variable] = sources;
    let literal = section.text(name, "the secret itself");
    let file = section.text(in_file, "the path of a file");
    let variable = section.text(in_variable, "the name of an environment variable");
    let mut given = sources.iter().filter(|key| section.has(key));
    if let (Some(first), Some(second)) = (given.next(), given.next()) {
        let found = format!("a second source beside `{first}`");
        return Err(section.report(second, &found, "keep one of them"));
    }
    if let Some(value) = literal? {
        if value.contains(['\n', '\r']) {
            let found = "a text with a line break in it";
            return Err(section.report(name, found, "write it on one line, without `|` or `>`"));
        }
        return Ok(Secret::Literal(value.into()));
    }
    if let Some(path) = file? {
        return from_file(section, in_file, &path);
    }
    if let Some(variable) = variable? {
        return from_variable(section, in_variable, variable);
    }
    let instead = format!("write `{in_file}`, `{in_variable}` or `{name}`");
    Err(section.report(name, "nothing", instead))
}

/// What the secret holds now, for those who check more than that it can be read.
pub(super) fn value(section: &Section, secret: &Secret) -> Option<SecretString> {
    match secret {
        Secret::Env(name) => section.reading.variable(name).map(Into::into),
        Secret::Literal(_) | Secret::File(_) => secret.read().ok(),
    }
}

/// The path is never shown: where it does not exist, it may be the secret itself.
fn from_file(section: &Section, key: &str, path: &str) -> Parsed<Secret> {
    let secret = Secret::File(section.file(key, path)?);
    if !section.reading.tries_secrets() {
        return Ok(secret);
    }
    let found = match secret.read() {
        Ok(_) => return Ok(secret),
        Err(SecretError::File { source, .. }) => {
            format!("the path of a file that cannot be read ({source})")
        }
        Err(SecretError::Empty(_) | SecretError::Env(_)) => "the path of an empty file".to_owned(),
    };
    let instead = "name a file that this user may read and that holds the secret";
    Err(section.report(key, &found, instead))
}

/// The name is never shown: where there is no such variable, it may be the secret itself.
fn from_variable(section: &Section, key: &str, name: String) -> Parsed<Secret> {
    let is_set = section.reading.variable(&name).is_some();
    if !is_set && section.reading.tries_secrets() {
        let found = "the name of a variable that is not set";
        let instead = "set that variable to the secret, or name another";
        return Err(section.report(key, found, instead));
    }
    Ok(Secret::Env(name))
}
