//! Who the server is and what it may open: it binds as root where it has to, and
//! goes on as an ordinary user.

use std::ffi::CString;

use nix::errno::Errno;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::{Gid, Uid, User, getegid, geteuid, getgid, getuid, initgroups, setgid, setuid};
use thiserror::Error;

/// Descriptors besides those of connections and sockets: files, the log.
const OTHERS: u64 = 256;

/// Why the server cannot become a user.
#[derive(Debug, Error)]
pub(in crate::cli) enum UserError {
    /// No such user.
    #[error("there is no user '{0}' on this machine, as 'user' in [serve] says")]
    Unknown(String),
    /// The system does not let it.
    #[error("cannot become the user '{name}': {}", .error.desc())]
    Refused {
        /// The user.
        name: String,
        /// Why not.
        error: Errno,
    },
    /// What was given up can be had again.
    #[error("became the user '{0}', and could become root again: nothing is served like that")]
    NotForGood(String),
}

/// Becomes the user for good. Gives what is worth knowing.
///
/// # Errors
///
/// A user that is not there, or a way back.
pub(super) fn become_user(name: Option<&str>) -> Result<Option<String>, UserError> {
    let root = geteuid().is_root();
    let Some(name) = name else {
        let remark =
            "runs as root: 'user' in [serve] names the user that it becomes once it is bound";
        return Ok(root.then(|| remark.to_owned()));
    };
    let refused = |error| UserError::Refused { name: name.to_owned(), error };
    let user = User::from_name(name).map_err(refused)?;
    let user = user.ok_or_else(|| UserError::Unknown(name.to_owned()))?;
    if !root {
        let same = user.uid == geteuid();
        return Ok((!same).then(|| format!("was not started as root and cannot become '{name}'")));
    }
    if user.uid.is_root() {
        // Somebody wants it so.
        return Ok(None);
    }
    // Groups first: without the user's rights they could not be changed any more.
    let text = CString::new(name).map_err(|_| UserError::Unknown(name.to_owned()))?;
    initgroups(&text, user.gid).map_err(refused)?;
    setgid(user.gid).map_err(refused)?;
    setuid(user.uid).map_err(refused)?;
    match is_for_good(user.uid, user.gid) {
        true => Ok(None),
        false => Err(UserError::NotForGood(name.to_owned())),
    }
}

fn is_for_good(user: Uid, group: Gid) -> bool {
    let became = getuid() == user && geteuid() == user && getgid() == group && getegid() == group;
    let back = setuid(Uid::from_raw(0)).is_ok()
        || (group != Gid::from_raw(0) && setgid(Gid::from_raw(0)).is_ok());
    became && !back
}

/// Makes room for so many connections beside so many sockets. Gives how many
/// connections there is room for.
pub(super) fn room_for(connections: usize, sockets: usize) -> usize {
    let sockets = sockets as u64;
    let wanted = (connections as u64).saturating_add(sockets).saturating_add(OTHERS);
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return connections };
    if soft >= wanted {
        return connections;
    }
    // Root may go over the hard limit, others up to it.
    let reached =
        [(wanted, hard.max(wanted)), (wanted.min(hard), hard)].into_iter().find(|limit| {
            limit.0 > soft && setrlimit(Resource::RLIMIT_NOFILE, limit.0, limit.1).is_ok()
        });
    let reached = reached.map_or(soft, |limit| limit.0);
    let room = left_of(reached, sockets);
    usize::try_from(room).unwrap_or(connections).min(connections)
}

/// What so many descriptors leave for connections: something, however few they are.
fn left_of(descriptors: u64, sockets: u64) -> u64 {
    let beside = descriptors.saturating_sub(sockets);
    beside.saturating_sub(OTHERS.min(beside / 2)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_have_to_be_there() {
        let error = become_user(Some("nobody-of-this-name")).unwrap_err();
        assert!(matches!(error, UserError::Unknown(_)), "{error}");
    }

    #[test]
    fn nobody_is_asked_to_stay_who_they_are() {
        let root = geteuid().is_root();
        assert_eq!(become_user(None).unwrap().is_some(), root);
    }

    #[test]
    fn few_connections_have_room() {
        assert_eq!(room_for(10, 3), 10);
    }

    #[test]
    fn sockets_take_their_part() {
        assert_eq!(left_of(1_024, 0), 768);
        assert_eq!(left_of(1_024, 129), 639);
        // Half of what is left, where that is not much.
        assert_eq!(left_of(264, 200), 32);
        assert_eq!(left_of(64, 100), 1);
    }
}
