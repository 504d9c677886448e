//! How a cluster is signed in to: one kind of authentication, and one source for each secret.

use super::section::{Read, Section};
use crate::{
    api::Credential,
    secret::{Secret, SecretError},
};

/// The kinds of authentication, by their keys.
const KINDS: [&str; 2] = ["basic_auth", "authorization"];

/// The three sources of a secret, by their keys.
type Sources = [&'static str; 3];

const USERNAME: Sources = ["username", "username_file", "username_env"];
const PASSWORD: Sources = ["password", "password_file", "password_env"];
const CREDENTIALS: Sources = ["credentials", "credentials_file", "credentials_env"];

/// Whether the cluster has any authentication, right or wrong.
pub(super) fn is_given(cluster: &Section) -> bool {
    KINDS.iter().any(|kind| cluster.has(kind))
}

/// Reads the cluster's authentication; none at all is allowed.
pub(super) fn read(cluster: &mut Section) -> Read<Credential> {
    if KINDS.iter().all(|kind| cluster.has(kind)) {
        let [first, second] = KINDS;
        let found = format!("a second kind of authentication beside `{first}`");
        cluster.report(second, &found, "keep one of them");
    }
    let [basic_auth, authorization] = KINDS.map(|kind| cluster.section(kind));
    let basic = basic_auth.and_then(|section| section.map(basic).transpose());
    let header = authorization.and_then(|section| section.map(header).transpose());
    Ok(basic?.or(header?).unwrap_or(Credential::None))
}

fn basic(mut section: Section) -> Read<Credential> {
    let username = secret(&mut section, USERNAME);
    let password = secret(&mut section, PASSWORD);
    section.finish(&[]);
    Ok(Credential::Basic {
        username: username?,
        password: password?,
    })
}

fn header(mut section: Section) -> Read<Credential> {
    let scheme = scheme(&mut section);
    let credentials = secret(&mut section, CREDENTIALS);
    section.finish(&[]);
    Ok(Credential::Header {
        scheme: scheme?,
        credentials: credentials?,
    })
}

fn scheme(section: &mut Section) -> Read<String> {
    let Some(scheme) = section.text("type", "a scheme such as `Bearer`")? else {
        return Ok("Bearer".to_owned());
    };
    if scheme.eq_ignore_ascii_case("Basic") {
        return Err(section.report("type", "the scheme of `basic_auth`", "use `basic_auth`"));
    }
    // The characters of a token in RFC 9110, 5.6.2. A space means that the token itself was written here.
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if !scheme.chars().all(token) {
        let instead = "write one word such as `Bearer`, and the token as `credentials`";
        return Err(section.report("type", "a text that is no scheme", instead));
    }
    Ok(scheme)
}

fn secret(section: &mut Section, sources: Sources) -> Read<Secret> {
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

/// The path is never shown: where it does not exist, it may be the secret itself.
fn from_file(section: &Section, key: &str, path: &str) -> Read<Secret> {
    let secret = Secret::File(section.reading.folder.join(path));
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
fn from_variable(section: &Section, key: &str, name: String) -> Read<Secret> {
    section.reading.name_variable(&name);
    if section.reading.environment.get(&name).is_none() {
        let found = "the name of a variable that is not set";
        let instead = "set that variable to the secret, or name another";
        return Err(section.report(key, found, instead));
    }
    Ok(Secret::Env(name))
}
