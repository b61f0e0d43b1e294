//! Requests over JSON.

use axum::extract::State;
use entities::enums::{RequestStatus, Role};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::input::{DecisionInput, ExchangeInput, RequestInput};
use super::store::{self, Filter};
use super::view::{self, RequestLine, RequestView, Status};
use super::{actions, actions::Filed};
use crate::access::{Actor, Permission};
use crate::app::App;
use crate::error::Error;
use crate::web::{Access, ApiResult, Created, Json, Limit, Path, Query, Routes, ValidJson};

/// Routes of the API.
pub(crate) fn routes() -> Routes {
    let sees = Access::Needs(Permission::SeeRequests);
    let files = Access::Needs(Permission::FileRequests);
    let decides = Access::Needs(Permission::Allocate);
    Routes::new()
        .post("/api/v1/requests", files, file)
        .says("File a household's need: decided at once by the policy")
        .refuses(&["id-reused", "not-found", "stale"])
        .takes::<RequestInput>()
        .answers::<RequestView>(201)
        .answers::<RequestView>(200)
        .get("/api/v1/requests", sees, list)
        .says("One's own requests; for a coordinator those that stand in a queue")
        .queries::<ListQuery>()
        .answers::<ListView>(200)
        .get("/api/v1/requests/{reference}", sees, show)
        .says("A request of one's own service, or from a queue; each opening is recorded")
        .answers::<RequestView>(200)
        .post("/api/v1/requests/{reference}/decision", decides, decide)
        .says("Decide a request that needs somebody: a coordinator other than the filer")
        .refuses(&[
            "already-decided",
            "one-person-two-steps",
            "file-not-opened",
            "stale",
        ])
        .takes::<DecisionInput>()
        .answers::<RequestView>(200)
        .post("/api/v1/requests/{reference}/exchange", files, exchange)
        .says("Ask for another device in exchange of the one handed over")
        .refuses(&["not-served", "already-exchanged", "id-reused", "stale"])
        .takes::<ExchangeInput>()
        .answers::<RequestView>(201)
        .answers::<RequestView>(200)
}

#[derive(Debug, Deserialize, JsonSchema)]
struct ListQuery {
    /// Only these.
    status: Option<Status>,
    /// How many at most: 50 when left out, 500 at most.
    #[serde(default)]
    limit: Limit,
    /// `next_cursor` of the page before.
    #[schemars(regex(pattern = r"^R-[0-9]{4}-[0-9]{6}$"))]
    cursor: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RequestList")]
struct ListView {
    items: Vec<RequestLine>,
    next_cursor: Option<String>,
}

fn created(filed: Filed) -> Created<RequestView> {
    Created {
        body: filed.view,
        replayed: filed.replayed,
    }
}

async fn file(
    State(app): State<App>,
    actor: Actor,
    ValidJson(input): ValidJson<RequestInput>,
) -> ApiResult<Created<RequestView>> {
    Ok(created(actions::file(&app, &actor, input).await?))
}

async fn show(
    State(app): State<App>,
    actor: Actor,
    Path(reference): Path<String>,
) -> ApiResult<Json<RequestView>> {
    Ok(Json(actions::show(&app, &actor, &reference).await?))
}

async fn decide(
    State(app): State<App>,
    actor: Actor,
    Path(reference): Path<String>,
    ValidJson(input): ValidJson<DecisionInput>,
) -> ApiResult<Json<RequestView>> {
    Ok(Json(
        actions::decide(&app, &actor, &reference, &input).await?,
    ))
}

async fn exchange(
    State(app): State<App>,
    actor: Actor,
    Path(reference): Path<String>,
    ValidJson(input): ValidJson<ExchangeInput>,
) -> ApiResult<Created<RequestView>> {
    Ok(created(
        actions::exchange(&app, &actor, &reference, input).await?,
    ))
}

async fn list(
    State(app): State<App>,
    actor: Actor,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<ListView>> {
    let after = actions::position(&app, &actor, query.cursor.as_deref()).await?;
    let filter = if actor.role == Role::Coordinator {
        let status = query.status.unwrap_or(Status::NeedsReview);
        if !matches!(
            status.kept(),
            RequestStatus::NeedsReview | RequestStatus::Waiting
        ) {
            return Err(Error::field(
                "#/status",
                "La coordination ne voit que ce qui est dans une file\u{a0}: needs_review, waiting, held, booked.",
            )
            .into());
        }
        Filter {
            status: Some(status),
            after,
            ..Filter::default()
        }
    } else {
        Filter {
            filed_by: Some(actor.account),
            status: query.status,
            after,
            ..Filter::default()
        }
    };
    let mut found = store::list(app.db.read(), &filter, query.limit.and_one()).await?;
    let more = query.limit.cut(&mut found);
    let next_cursor = more
        .then(|| found.last().map(|one| one.reference.clone()))
        .flatten();
    Ok(Json(ListView {
        items: view::lines(app.db.read(), &found).await?,
        next_cursor,
    }))
}
