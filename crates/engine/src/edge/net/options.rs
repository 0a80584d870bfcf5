//! What differs between systems: numbers of errors, and what can be asked of a socket.
use socket2::{SockRef, TcpKeepalive};
use std::time::Duration;
use tokio::net::TcpStream;

#[cfg(windows)]
pub(super) const MESSAGE_TOO_LONG: i32 = 10040;
#[cfg(any(target_os = "macos", target_os = "ios"))]
pub(super) const MESSAGE_TOO_LONG: i32 = 40;
#[cfg(not(any(windows, target_os = "macos", target_os = "ios")))]
pub(super) const MESSAGE_TOO_LONG: i32 = 90;

/// Bytes that nobody confirms for so long are the end of a connection, where the system can be told so.
#[cfg(any(target_os = "linux", target_os = "android"))]
const UNCONFIRMED: Duration = Duration::from_secs(20);

/// Makes a dead far end noticed: by probes on a silent connection, and by time on what is not confirmed.
pub(super) fn notice_death(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    let socket = SockRef::from(stream);
    let probes = TcpKeepalive::new()
        .with_time(Duration::from_secs(30))
        .with_interval(Duration::from_secs(10));
    let _ = socket.set_tcp_keepalive(&probes);
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = socket.set_tcp_user_timeout(Some(UNCONFIRMED));
}
