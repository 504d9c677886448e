//! Who may ask: HTTP basic authentication against bcrypt hashes.
//!
//! It keeps no password, and never says whether it was the user or the password that was wrong, nor by how long it
//! takes.

use std::{
    collections::{BTreeMap, HashMap},
    hint::black_box,
    ops::RangeInclusive,
    sync::Arc,
};

use aws_lc_rs::{hmac, rand::SystemRandom};
use base64::{Engine, prelude::BASE64_STANDARD};
use hyper::header::HeaderValue;
use parking_lot::Mutex;
use tokio::{sync::Semaphore, task::spawn_blocking};

/// bcrypt is made to use a processor up; guessing passwords must not take them all from polling and rendering.
const CHECKS_AT_ONCE: usize = 1;

/// The users of one reading of the file. Nobody configured: everybody may ask.
pub(super) struct Users {
    /// bcrypt hashes by user.
    hashes: BTreeMap<String, String>,
    /// The password that was right before, under a key that only this value knows; at most one a user.
    proven: Mutex<HashMap<String, hmac::Tag>>,
    key: hmac::Key,
    checks: Arc<Semaphore>,
}

impl Users {
    /// Users by name, each with a hash, that [`check`] accepts.
    pub(super) fn new(hashes: BTreeMap<String, String>) -> Self {
        Self {
            hashes,
            proven: Mutex::default(),
            key: hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
                .expect("the system gives random numbers"),
            checks: Arc::new(Semaphore::new(CHECKS_AT_ONCE)),
        }
    }

    /// Keeps who proved to know a password that did not change, and goes on with the checks under way: whoever asks with
    /// wrong passwords just after a reading keeps nobody waiting who is known.
    pub(super) fn follow(&mut self, before: &Self) {
        let proven = before.proven.lock();
        let is_same = |user: &String| self.hashes.get(user) == before.hashes.get(user);
        let kept = proven.iter().filter(|(user, _)| is_same(user));
        self.proven = Mutex::new(kept.map(|(user, tag)| (user.clone(), *tag)).collect());
        self.key = before.key.clone();
        self.checks = before.checks.clone();
    }

    /// Whether nobody is configured.
    pub(super) fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Whether a request with this `Authorization` header may be answered.
    pub(super) async fn admit(&self, authorization: Option<&HeaderValue>) -> bool {
        // Any user's hash keeps an unknown one as long as a wrong password; the dearest leaves the least to measure.
        let Some(dearest) = self.hashes.values().max_by_key(|hash| cost(hash)) else {
            return true;
        };
        let Some((user, password)) = authorization.and_then(credentials) else {
            return false;
        };
        let known = self.hashes.get(&user);
        if known.is_some() && self.is_proven(&user, &password) {
            return true;
        }
        let hash = known.unwrap_or(dearest).clone();
        let most = cost(dearest).unwrap_or_default();
        let right = self.verify(hash, password.clone(), most).await && known.is_some();
        if right {
            let tag = hmac::sign(&self.key, password.as_bytes());
            self.proven.lock().insert(user, tag);
        }
        right
    }

    fn is_proven(&self, user: &str, password: &str) -> bool {
        let proven = self.proven.lock();
        let verified = |tag: &hmac::Tag| hmac::verify(&self.key, password.as_bytes(), tag.as_ref());
        proven.get(user).is_some_and(|tag| verified(tag).is_ok())
    }

    /// Takes as long as the cost `most` does, whatever the hash's own is.
    async fn verify(&self, hash: String, password: String, most: u32) -> bool {
        let permit = self
            .checks
            .clone()
            .acquire_owned()
            .await
            .expect("the semaphore is never closed");
        // The permit goes with the work: a client that leaves does not end what it started.
        let work = move || {
            let _permit = permit;
            let right = bcrypt::verify(&password, &hash).unwrap_or(false);
            // As bcrypt takes a password: with its end, and no more than 72 bytes.
            let mut key = [password.as_bytes(), &[0]].concat();
            key.truncate(72);
            for cost in padding(cost(&hash).unwrap_or(most), most) {
                black_box(bcrypt::bcrypt(cost, [0; 16], &key));
            }
            right
        };
        spawn_blocking(work).await.unwrap_or(false)
    }
}

/// The costs of hashes that are accepted. Below them is no bcrypt. Each step doubles the time of a check, and one check at
/// a time keeps all others waiting whose password is not known yet: one of 14 takes about a second, one of 16 four.
pub(super) const COSTS: RangeInclusive<u32> = 4..=14;

/// Why a user cannot sign in as written, or would keep others from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// A client that sends no user at all would be one.
    NoName,
    /// A client's first colon ends the name.
    ColonInName,
    /// It is no bcrypt hash.
    NoHash,
    /// Its cost is not one of [`COSTS`].
    Cost(u32),
}

/// Whether a user of this name and hash may be one of [`Users`].
pub(super) fn check(name: &str, hash: &str) -> Result<(), Unfit> {
    if name.is_empty() {
        return Err(Unfit::NoName);
    }
    if name.contains(':') {
        return Err(Unfit::ColonInName);
    }
    match cost(hash) {
        None => Err(Unfit::NoHash),
        Some(cost) if !COSTS.contains(&cost) => Err(Unfit::Cost(cost)),
        Some(_) => Ok(()),
    }
}

fn cost(hash: &str) -> Option<u32> {
    let parts: bcrypt::HashParts = hash.parse().ok()?;
    Some(parts.get_cost())
}

/// The costs that, after one of `own`, add up to the work of one of `most`: each step of the cost doubles the work.
fn padding(own: u32, most: u32) -> std::ops::Range<u32> {
    own..most
}

/// User and password of an `Authorization: Basic` header (RFC 7617).
fn credentials(header: &HeaderValue) -> Option<(String, String)> {
    let (scheme, encoded) = header.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = BASE64_STANDARD.decode(encoded.trim()).ok()?;
    let (user, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(text: &str) -> HeaderValue {
        format!("Basic {}", BASE64_STANDARD.encode(text))
            .parse()
            .unwrap()
    }

    #[tokio::test]
    async fn only_the_right_password_of_a_known_user_is_admitted_first_and_again() {
        let hash = bcrypt::hash("right: \u{fc}", 4).unwrap();
        let users = Users::new(BTreeMap::from([("alice".to_owned(), hash)]));
        let mut admitted = Vec::new();
        for _ in 0..2 {
            for tried in [
                "alice:right: \u{fc}",
                "alice:wrong",
                "alice:",
                "bob:right: \u{fc}",
                ":",
            ] {
                admitted.push(users.admit(Some(&basic(tried))).await);
            }
        }
        let once = [true, false, false, false, false];
        assert_eq!(admitted, [once, once].concat());
        assert!(!users.admit(None).await);
        assert!(
            !users
                .admit(Some(&HeaderValue::from_static("Bearer x")))
                .await
        );
        assert!(
            !users
                .admit(Some(&HeaderValue::from_static("Basic ?")))
                .await
        );
    }

    #[test]
    fn every_check_is_as_much_work_as_that_of_the_dearest_hash() {
        let work = |cost: u32| 1_u64 << cost;
        for (own, most) in [(4, 4), (4, 5), (4, 12), (10, 14), (12, 31)] {
            let padded = work(own) + padding(own, most).map(work).sum::<u64>();
            assert_eq!(padded, work(most), "{own} of {most}");
        }
    }

    #[tokio::test]
    async fn who_is_known_stays_known_unless_the_password_changed() {
        let hash = |password: &str| bcrypt::hash(password, 4).unwrap();
        let [alice, bob] = ["alice", "bob"].map(|name| (name.to_owned(), hash("right")));
        let before = Users::new(BTreeMap::from([alice.clone(), bob]));
        for user in ["alice:right", "bob:right"] {
            assert!(before.admit(Some(&basic(user))).await);
        }
        let mut after = Users::new(BTreeMap::from([alice, ("bob".to_owned(), hash("new"))]));
        after.follow(&before);
        // Somebody's check takes the only permit, and never ends.
        let _busy = after.checks.clone().acquire_owned().await;
        assert!(after.admit(Some(&basic("alice:right"))).await);
        for waiting in ["alice:wrong", "bob:right", "bob:new"] {
            let header = basic(waiting);
            let mut answer = std::pin::pin!(after.admit(Some(&header)));
            let polled = futures_util::poll!(answer.as_mut());
            assert!(polled.is_pending(), "{waiting} needs a check");
        }
    }

    #[tokio::test]
    async fn without_users_everybody_is_admitted() {
        assert!(Users::new(BTreeMap::new()).admit(None).await);
    }

    #[test]
    fn a_hash_of_any_bcrypt_variant_is_one() {
        let hash = bcrypt::hash("x", 4).unwrap();
        let variant = |version: &str| hash.replacen("$2b$", version, 1);
        for version in ["$2a$", "$2b$", "$2y$"] {
            assert_eq!(check("alice", &variant(version)), Ok(()), "{version}");
        }
        for bad in [
            "",
            "secret",
            "$2y$10$short",
            &variant("$5$"),
            &hash.replacen("$04$", "$xx$", 1),
            &format!("{}!", &hash[..59]),
            &format!(" {hash}"),
            &format!("{hash}\u{fc}"),
        ] {
            assert_eq!(check("alice", bad), Err(Unfit::NoHash), "{bad}");
        }
    }

    #[test]
    fn a_hash_is_neither_cheaper_than_bcrypt_nor_so_dear_that_it_stops_others() {
        let hash = bcrypt::hash("x", 4).unwrap();
        let of_cost = |cost: u32| hash.replacen("$04$", &format!("${cost:02}$"), 1);
        for cost in 0..=99 {
            let expected = if (4..=14).contains(&cost) {
                Ok(())
            } else {
                Err(Unfit::Cost(cost))
            };
            assert_eq!(check("alice", &of_cost(cost)), expected);
        }
    }

    #[test]
    fn a_name_is_what_a_client_can_send_before_its_password() {
        let hash = bcrypt::hash("x", 4).unwrap();
        for (name, expected) in [
            ("", Err(Unfit::NoName)),
            (":", Err(Unfit::ColonInName)),
            ("team:alice", Err(Unfit::ColonInName)),
            ("alice", Ok(())),
            ("J\u{fc}rgen M. @example.com", Ok(())),
        ] {
            assert_eq!(check(name, &hash), expected, "{name}");
        }
    }
}
