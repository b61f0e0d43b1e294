//! The bench's pages.

use crate::web::Routes;

pub(crate) fn routes() -> Routes {
    Routes::new()
}
