//! What a service says to systemd over the socket that `NOTIFY_SOCKET` names (`sd_notify(3)`), and how often it must say
//! that it works (`sd_watchdog_enabled(3)`).
//!
//! Written here since the crate `sd-notify` does not know abstract sockets. The variables stay in the environment: this
//! program starts no other that could inherit them.

use std::{
    env,
    ffi::OsStr,
    io,
    os::unix::{
        ffi::OsStrExt as _,
        net::{SocketAddr, UnixDatagram},
    },
    process,
    time::Duration,
};

use rustix::time::{ClockId, clock_gettime};
use tokio::time::timeout;

/// How long systemd may be too busy to take a message.
const PATIENCE: Duration = Duration::from_secs(2);

/// Who started this process and wants to hear how it goes.
#[derive(Debug)]
pub struct ServiceManager {
    address: SocketAddr,
    /// It ends the process when it hears nothing for so long.
    pub watchdog: Option<Duration>,
}

/// `NOTIFY_SOCKET` names no socket.
#[derive(Debug, thiserror::Error)]
#[error(
    "`NOTIFY_SOCKET`: found neither a path from the root nor `@` and a name; nothing is said to the service manager: leave \
     the variable to systemd"
)]
pub struct NoSocket;

impl ServiceManager {
    /// The one that the environment names; `None` where it names none.
    pub fn of_environment() -> Result<Option<Self>, NoSocket> {
        let Some(socket) = env::var_os("NOTIFY_SOCKET").filter(|socket| !socket.is_empty()) else {
            return Ok(None);
        };
        let number = |name| env::var(name).ok()?.parse().ok();
        let is_ours = env::var_os("WATCHDOG_PID").is_none()
            || number("WATCHDOG_PID") == Some(u64::from(process::id()));
        let limit = number("WATCHDOG_USEC").filter(|limit| is_ours && *limit > 0);
        Ok(Some(Self {
            address: address(&socket).ok_or(NoSocket)?,
            watchdog: limit.map(Duration::from_micros),
        }))
    }

    /// Says it: lines of `NAME=value`.
    pub async fn tell(&self, message: &str) -> io::Result<()> {
        // A socket for each message: systemd may have made its own anew meanwhile.
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        socket.connect_addr(&self.address)?;
        let socket = tokio::net::UnixDatagram::from_std(socket)?;
        timeout(PATIENCE, socket.send(message.as_bytes())).await??;
        Ok(())
    }
}

fn address(socket: &OsStr) -> Option<SocketAddr> {
    match socket.as_bytes() {
        [b'/', ..] => SocketAddr::from_pathname(socket).ok(),
        [b'@', name @ ..] => abstract_address(name),
        _ => None,
    }
}

#[cfg(target_os = "linux")]
fn abstract_address(name: &[u8]) -> Option<SocketAddr> {
    use std::os::linux::net::SocketAddrExt as _;
    SocketAddr::from_abstract_name(name).ok()
}

#[cfg(not(target_os = "linux"))]
fn abstract_address(_name: &[u8]) -> Option<SocketAddr> {
    None
}

/// The time by which systemd tells a reload that it asked for from one before, in microseconds.
pub fn monotonic_usec() -> i64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec * 1_000_000 + now.tv_nsec / 1000
}
