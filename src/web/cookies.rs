//! Cookies, all ours: the session, the steps before it, a seed for forms before sign-in, a flash message.

use axum_extra::extract::cookie::{Cookie, SameSite};

/// The session's token.
pub(crate) const SESSION: &str = "rebond";
/// The second step of a sign-in, between password and code.
pub(crate) const STEP: &str = "rebond_step";
/// A browser that is a shared bench for the day.
pub(crate) const BENCH: &str = "rebond_bench";
/// Random seed that binds forms to a browser before sign-in.
pub(crate) const SEED: &str = "rebond_seed";
/// One message for the next page.
pub(crate) const FLASH: &str = "rebond_flash";
/// A household's visit after its second factor.
pub(crate) const HOUSEHOLD: &str = "rebond_foyer";

/// A cookie that scripts can't read and other sites can't send with their posts.
pub(crate) fn cookie(name: &'static str, value: String, secure: bool) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Lax)
        .build()
}

/// A cookie that takes another away.
pub(crate) fn gone(name: &'static str) -> Cookie<'static> {
    let mut cookie = Cookie::build((name, "")).path("/").build();
    cookie.make_removal();
    cookie
}
