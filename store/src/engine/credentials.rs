//! Who may speak to the engine: one user, by the token that its parent made up.

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::http::Params;
use super::library::Failure;

/// The only user of the engine; the password is the token.
pub(crate) const USER: &str = "headroom";

/// Checks user and password, from wherever ClickHouse takes them.
pub(super) fn authenticate(
    token: &blake3::Hash,
    headers: &HeaderMap,
    params: &mut Params,
) -> Result<(), Failure> {
    let from_header = |name: &str| headers.get(name)?.to_str().ok().map(str::to_owned);
    let (param_user, param_password) = (params.take("user"), params.take("password"));
    let basic = from_header("authorization").and_then(|value| basic(&value));
    let (user, password) = if let Some(key) = from_header("x-clickhouse-key") {
        (from_header("x-clickhouse-user"), Some(key))
    } else if let Some((user, password)) = basic {
        (Some(user), Some(password))
    } else {
        (param_user, param_password)
    };
    // Comparing hashes takes the same time wherever the first difference is.
    let good = user.as_deref() == Some(USER)
        && password.is_some_and(|password| blake3::hash(password.as_bytes()) == *token);
    if good {
        return Ok(());
    }
    Err(Failure(
        "Code: 516. DB::Exception: Authentication failed: password is incorrect, or there is no user with such name. (AUTHENTICATION_FAILED)"
            .to_owned(),
    ))
}

/// User and password of `Basic` credentials.
fn basic(value: &str) -> Option<(String, String)> {
    let encoded = value.strip_prefix("Basic ")?;
    let text = String::from_utf8(BASE64.decode(encoded.trim()).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_read() {
        assert_eq!(basic("Basic aGVhZHJvb206dG9r"), Some(("headroom".into(), "tok".into())));
        assert_eq!(basic("Basic aGVhZHJvb206dG8="), Some(("headroom".into(), "to".into())));
        assert_eq!(basic("Bearer x"), None);
    }
}
