//! The one shape in which the API says no.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use headroom_query::QueryError;
use serde::Serialize;
use utoipa::ToSchema;

/// A refusal: what was wrong and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    hint: String,
}

/// Body of every answer that is not a success.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorBody {
    error: ErrorDetail,
}

/// What was wrong, for programs (`code`) and for people (`message`, `hint`).
#[derive(Debug, Serialize, ToSchema)]
struct ErrorDetail {
    /// Stable name of the kind of error.
    #[schema(example = "bad_request")]
    code: &'static str,
    /// What was wrong, and where.
    message: String,
    /// What to do.
    hint: String,
}

impl ApiError {
    fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { status, code, message: message.into(), hint: hint.into() }
    }

    /// 400: the request cannot be understood.
    pub fn bad_request(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message, hint)
    }

    /// A body that cannot be taken: 413 when it is too large, 415 when it is no JSON, else 400.
    pub(crate) fn bad_body(status: StatusCode, message: impl Into<String>) -> Self {
        match status {
            StatusCode::PAYLOAD_TOO_LARGE => {
                Self::new(status, "too_large", message, "send less at once: a body may have 1 MiB")
            }
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::new(
                status,
                "unsupported_media_type",
                message,
                "send a JSON body with Content-Type: application/json",
            ),
            _ => Self::bad_request(message, "send a JSON body with Content-Type: application/json"),
        }
    }

    /// 401: nobody is signed in, or the token is not known.
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            message,
            "sign in, or send `Authorization: Bearer TOKEN` with a token from `headroom token create`",
        )
    }

    /// 403: the role may not do this.
    pub fn forbidden(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message, hint)
    }

    /// 404: there is no such thing.
    pub fn not_found(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message, hint)
    }

    /// 405: the path exists, with other methods.
    pub(crate) fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "this path does not answer that method",
            "/openapi.json lists the methods of each path",
        )
    }

    /// 429: too many attempts.
    pub fn too_many(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message, hint)
    }

    /// 503: a part that this answer needs does not answer now.
    pub fn unavailable(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message, hint)
    }

    /// 500: a fault of ours. The cause goes to the log and not to the caller.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the answer could not be made",
            "the log of this node has the cause",
        )
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::BadRequest { message, hint } => Self::bad_request(message, hint),
            QueryError::NotFound { message, hint } => Self::not_found(message, hint),
            QueryError::Unavailable { message, hint } => Self::unavailable(message, hint),
            QueryError::Store(cause) if cause.is_transient() => {
                tracing::warn!(%cause, "the store does not answer");
                Self::unavailable(
                    "the store does not answer right now",
                    "try again in a few seconds; `headroom doctor` says more",
                )
            }
            QueryError::Store(cause) => Self::internal(&cause),
        }
    }
}

impl From<headroom_models::ModelsError> for ApiError {
    fn from(error: headroom_models::ModelsError) -> Self {
        match error {
            headroom_models::ModelsError::Query(cause) => cause.into(),
            headroom_models::ModelsError::Store(cause) => QueryError::Store(cause).into(),
            headroom_models::ModelsError::Range(message) => {
                Self::bad_request(message, "give from and to as days, such as 2026-12-09")
            }
            other => Self::internal(&other),
        }
    }
}

impl From<headroom_capacity::CapacityError> for ApiError {
    fn from(error: headroom_capacity::CapacityError) -> Self {
        match error {
            headroom_capacity::CapacityError::Query(cause) => cause.into(),
            headroom_capacity::CapacityError::Models(cause) => cause.into(),
            headroom_capacity::CapacityError::Store(cause) => QueryError::Store(cause).into(),
            headroom_capacity::CapacityError::Money(message) => {
                Self::unavailable(message, "correct the file that capacity.bills or capacity.prices names")
            }
            other => Self::internal(&other),
        }
    }
}

impl From<headroom_monthly::MonthlyError> for ApiError {
    fn from(error: headroom_monthly::MonthlyError) -> Self {
        match error {
            headroom_monthly::MonthlyError::Asked(why) => {
                Self::bad_request(why, "docs/reports.md shows what can be asked")
            }
            headroom_monthly::MonthlyError::Query(cause) => cause.into(),
            headroom_monthly::MonthlyError::Control(cause) => cause.into(),
            headroom_monthly::MonthlyError::Broken(cause) => Self::internal(&cause),
        }
    }
}

impl From<headroom_alerts::AlertsError> for ApiError {
    fn from(error: headroom_alerts::AlertsError) -> Self {
        match error {
            headroom_alerts::AlertsError::Query(cause) => cause.into(),
            headroom_alerts::AlertsError::Control(cause) => cause.into(),
            headroom_alerts::AlertsError::Refused(why) => {
                Self::bad_request(why, "docs/alerting.md shows what is allowed")
            }
            other => Self::internal(&other),
        }
    }
}

impl From<headroom_control::ControlError> for ApiError {
    fn from(error: headroom_control::ControlError) -> Self {
        if error.is_passing() {
            tracing::warn!(%error, "the control database does not answer");
            return Self::unavailable(
                "accounts and alerts cannot be reached right now",
                "try again in a few seconds; `headroom doctor` says more",
            );
        }
        match error {
            headroom_control::ControlError::Invalid(why) => {
                Self::bad_request(why, "correct it and send it again")
            }
            taken @ headroom_control::ControlError::Exists { .. } => {
                Self::bad_request(taken.to_string(), "names are taken once, in all tenants together")
            }
            none @ headroom_control::ControlError::Unknown { .. } => {
                Self::not_found(none.to_string(), "ask for the list: it may have changed meanwhile")
            }
            other => Self::internal(&other),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        metrics::counter!("headroom_http_refused_total", "code" => self.code).increment(1);
        let retry = matches!(self.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
        let body =
            ErrorBody { error: ErrorDetail { code: self.code, message: self.message, hint: self.hint } };
        let mut response = (self.status, Json(body)).into_response();
        if retry {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
