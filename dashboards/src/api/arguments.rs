//! Query strings and bodies, refused with a sentence when they do not fit.

use crate::error::ApiError;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use headroom_query::range::TimeRange;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

/// A query string as a `T`.
#[derive(Debug)]
pub(crate) struct Args<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Args<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(value) =
            Query::<T>::from_request_parts(parts, state).await.map_err(|rejection: QueryRejection| {
                ApiError::bad_request(rejection.body_text(), "/openapi.json lists the arguments of each path")
            })?;
        Ok(Self(value))
    }
}

/// A JSON body as a `T`.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let axum::Json(value) =
            axum::Json::<T>::from_request(request, state).await.map_err(|rejection: JsonRejection| {
                ApiError::bad_body(rejection.status(), rejection.body_text())
            })?;
        Ok(Self(value))
    }
}

/// A body as text, for formats that are read elsewhere.
#[derive(Debug)]
pub(crate) struct Text(pub(crate) String);

impl<S: Send + Sync> FromRequest<S> for Text {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let text = String::from_request(request, state).await;
        text.map(Self).map_err(|rejection| ApiError::bad_body(rejection.status(), rejection.body_text()))
    }
}

/// The time range of a question.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RangeArgs {
    /// Start: `now-1h`, RFC 3339, or milliseconds since 1970. Default: one hour before `to`.
    pub(crate) from: Option<String>,
    /// End, exclusive. Default: now.
    pub(crate) to: Option<String>,
}

impl RangeArgs {
    pub(crate) fn range(&self, now: DateTime<Utc>) -> Result<TimeRange, ApiError> {
        Ok(TimeRange::parse(self.from.as_deref(), self.to.as_deref(), now)?)
    }

    /// The range, where one end of it is given at least.
    pub(crate) fn range_if_given(&self, now: DateTime<Utc>) -> Result<Option<TimeRange>, ApiError> {
        (self.from.is_some() || self.to.is_some()).then(|| self.range(now)).transpose()
    }
}
