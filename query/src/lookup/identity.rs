//! Who a customer is: masked for everyone, in the clear for few.

use headroom_store::Store;
use headroom_store::schema::PERSONAL_KEYS;

use super::{CustomerCard, Revealed, keys};
use crate::error::{QueryError, Result};
use crate::events::Event;

/// The event that carries a customer's personal data.
const REGISTERED: &str = "customer.registered";

/// The masked card of a customer; only the id when no registration is stored.
pub(super) async fn card(store: &Store, tenant: &str, customer_id: &str) -> Result<CustomerCard> {
    let registered = keys::last_event_of(store, tenant, "customer.id", customer_id, REGISTERED).await?;
    let attribute = |key: &str| registered.as_ref().and_then(|event| event.attribute(key));
    Ok(CustomerCard {
        customer_id: customer_id.to_owned(),
        email_masked: attribute("customer.email").map(mask_email),
        name_masked: attribute("customer.name").map(mask_name),
        country: attribute("customer.country").map(str::to_owned),
    })
}

/// A customer's personal data in the clear. Two reads by key. Nothing here checks a role
/// or leaves a trace: the caller does both, before it calls.
pub async fn reveal(store: &Store, tenant: &str, customer_id: &str) -> Result<Revealed> {
    let registered = keys::last_event_of(store, tenant, "customer.id", customer_id, REGISTERED)
        .await?
        .ok_or_else(|| {
            QueryError::not_found(
                format!("no registration of customer `{customer_id}` is stored"),
                "the customer may have registered before events were kept: ask the customer service system",
            )
        })?;
    let attribute = |event: &Event, key: &str| event.attribute(key).map(str::to_owned);
    Ok(Revealed {
        customer_id: customer_id.to_owned(),
        email: attribute(&registered, "customer.email"),
        name: attribute(&registered, "customer.name"),
        country: attribute(&registered, "customer.country"),
    })
}

/// What may be shown of an attribute: its text, or a mask when the key is personal.
pub fn shown(key: &str, text: String) -> String {
    match key {
        _ if !PERSONAL_KEYS.contains(&key) => text,
        _ if key.ends_with(".email") => mask_email(&text),
        _ if key.ends_with("name") => mask_name(&text),
        _ => "***".to_owned(),
    }
}

/// `jane@doe.com` becomes `j***@d***.com`; what is no address becomes `***`.
pub fn mask_email(email: &str) -> String {
    let Some((user, domain)) = email.rsplit_once('@') else {
        return "***".to_owned();
    };
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    match domain.rsplit_once('.') {
        Some((host, top)) => format!("{}***@{}***.{top}", first(user), first(host)),
        None => format!("{}***@{}***", first(user), first(domain)),
    }
}

/// A text with the e-mail addresses in it masked.
pub fn mask_addresses(text: &str) -> String {
    if !text.contains('@') {
        return text.to_owned();
    }
    let within = |c: char| c.is_alphanumeric() || matches!(c, '@' | '.' | '_' | '-' | '+' | '%');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(within) {
        out.push_str(&rest[..start]);
        let word = &rest[start..];
        let end = word.find(|c| !within(c)).unwrap_or(word.len());
        let (word, after) = word.split_at(end);
        match word.split_once('@') {
            Some((user, host)) if !user.is_empty() && !host.is_empty() => out.push_str(&mask_email(word)),
            _ => out.push_str(word),
        }
        rest = after;
    }
    out + rest
}

/// `Jane Doe` becomes `J. D.`
pub fn mask_name(name: &str) -> String {
    let initials = name.split_whitespace().filter_map(|part| part.chars().next());
    initials.take(4).map(|first| format!("{}.", first.to_uppercase())).collect::<Vec<_>>().join(" ")
}
