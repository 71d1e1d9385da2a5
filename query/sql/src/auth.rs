//! Who may come in over Postgres. The program implements [`Authenticator`] over its users.

/// What a SCRAM-SHA-256 server needs to check a proof (RFC 5802).
#[derive(Clone)]
pub struct Scram {
    /// Random, at least 16 bytes.
    pub salt: Vec<u8>,
    /// PBKDF2 rounds, at least 4096.
    pub iterations: u32,
    /// `Hi(password, salt, iterations)`. As secret as the password.
    pub salted_password: Vec<u8>,
}

/// Somebody who has shown who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// User name.
    pub name: String,
    /// Role, in lower case.
    pub role: String,
    /// Whose data they may see.
    pub tenant: String,
}

impl Principal {
    /// Whether the role may ask in SQL.
    pub fn may_ask(&self) -> bool {
        matches!(self.role.as_str(), "analyst" | "admin" | "sre")
    }
}

/// Users, as the Postgres front needs them. Calls should take microseconds.
pub trait Authenticator: Send + Sync {
    /// The verifier of a user who may try to log in; `None` for everybody else.
    fn scram(&self, user: &str) -> Option<Scram>;

    /// Who the user is; asked after the password was right.
    fn principal(&self, user: &str) -> Option<Principal>;

    /// Told of a wrong password, towards a lock-out.
    fn login_failed(&self, _user: &str) {}

    /// Told of a right one.
    fn login_succeeded(&self, _user: &str) {}
}
