//! Who may come in. The program implements [`Authenticator`] and [`Bearers`] over its users and tokens.

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
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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
        matches!(self.role.as_str(), "analyst" | "lead" | "admin" | "sre")
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

/// Tokens and accounts, as the Flight SQL front needs them. Calls may block. Their errors are for the log.
pub trait Bearers: Send + Sync {
    /// Who bears this token, with the role and tenant they have today; `None` if it is unknown, revoked or expired.
    ///
    /// # Errors
    /// When tokens cannot be looked up.
    fn bearer(&self, token: &str) -> std::result::Result<Option<Principal>, String>;

    /// Who this is, if the password is right; `None` for a wrong one, an unknown user and one who is locked out. Wrong
    /// ones count towards the same lock-out as in every other door.
    ///
    /// # Errors
    /// When users cannot be looked up.
    fn password(&self, user: &str, password: &str) -> std::result::Result<Option<Principal>, String>;

    /// A token for somebody whose password was right. It expires, and it is void once the password is changed.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn sign_in(&self, who: &Principal) -> std::result::Result<String, String>;
}
