//! The edge: how requests come in and answers go out, the same for every domain.
//!
//! A route is declared once in [`routes`] with its permission. JSON answers refusals as RFC 9457
//! problem details (`problem`); pages answer them as a page with a way onward (`page`).

pub(crate) mod advice;
pub(crate) mod assets;
#[cfg(test)]
mod contrast;
pub(crate) mod cookies;
pub(crate) mod csrf;
pub(crate) mod download;
pub(crate) mod extract;
pub(crate) mod flash;
pub(crate) mod form;
pub(crate) mod frame;
pub(crate) mod layers;
pub mod openapi;
pub(crate) mod page;
pub(crate) mod paging;
pub(crate) mod problem;
pub(crate) mod problem_pages;
pub mod problems;
pub(crate) mod reference;
pub mod requests;
pub mod routes;
#[cfg(test)]
mod showcase;
mod strict;
pub(crate) mod upload;

pub(crate) use extract::{Created, Path, Query, ValidJson};
pub(crate) use flash::Flash;
pub(crate) use form::{Form, FormState};
pub(crate) use frame::Frame;
pub(crate) use layers::Visit;
pub(crate) use page::{PageError, PageResult, page, see_other};
pub(crate) use paging::Limit;
pub(crate) use problem::{ApiResult, Json, Problem};
pub(crate) use routes::{Access, Routes};
