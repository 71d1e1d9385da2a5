//! Why the server cannot be reached, and what to do.

use tokio_postgres::error::SqlState;

use super::session::told;

/// Why there is no connection.
#[derive(Debug, Clone)]
pub(super) struct Away {
    /// And what to do.
    pub(super) reason: String,
    /// Whether it may pass by itself.
    pub(super) passing: bool,
}

impl Away {
    pub(super) fn for_now(reason: String) -> Self {
        Self { reason, passing: true }
    }

    pub(super) fn of(error: &tokio_postgres::Error) -> Self {
        let said = told(error);
        let (hint, passing) = match error.code().map(SqlState::code) {
            // Wrong password, user not allowed.
            Some("28P01" | "28000") => {
                ("check the user in control.url, control.password and the server's pg_hba.conf", false)
            }
            Some("3D000") => ("make the database: createdb headroom", false),
            Some("53300") => {
                ("raise max_connections of the server, or lower control.connections of the nodes", true)
            }
            // It starts or stops.
            Some(code) => ("see the server's log", code.starts_with("57P0")),
            None if said.contains("TLS") => (
                "its certificate must be valid for the host in control.url; sslrootcert=FILE names an authority of \
                 your own",
                false,
            ),
            None if said.contains("configuration") => ("check control.url and control.password", false),
            None => ("check that the server runs and that control.url names it", true),
        };
        Self { reason: format!("{said}; {hint}"), passing }
    }
}
