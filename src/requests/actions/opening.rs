//! Opening: who may read a request, and the record that each opening leaves.

use entities::enums::{RequestStatus, Role};
use entities::ids::RequestId;
use entities::request;
use serde::Deserialize;

use crate::access::{Actor, Permission};
use crate::app::App;
use crate::error::{Error, Result};
use crate::households;
use crate::households::steps::File;
use crate::requests::store::{self, Filter};
use crate::requests::view::{self, RequestView};
use crate::requests::{steps, view::Status};

/// A request with its household's file, both recorded as read.
#[derive(Debug)]
pub(crate) struct Opened {
    /// The row.
    pub(crate) request: request::Model,
    /// As it stands.
    pub(crate) view: RequestView,
    /// The household.
    pub(crate) file: File,
}

/// Whether an actor serves a request: a social worker of the service whose file it is.
///
/// # Errors
/// Not found: what one may not know of does not exist.
pub(crate) fn may_see(actor: &Actor, request: &request::Model) -> Result<()> {
    if actor.role == Role::SocialWorker && actor.organisation == request.organisation_id {
        Ok(())
    } else {
        Err(Error::NotFound("request"))
    }
}

/// Shows a request to its own service, or to a coordinator from a queue.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "only these are told apart here"
)]
pub(crate) async fn show(app: &App, actor: &Actor, reference: &str) -> Result<RequestView> {
    Ok(match actor.role {
        Role::Coordinator => {
            let looked = queue_file(app, actor, reference).await?;
            // Out of every queue it is the page's alone, which asks why its file is to be opened.
            if looked.file.is_none() && looked.request.status != RequestStatus::Waiting {
                return Err(Error::NotFound("request"));
            }
            looked.view
        }
        _ => open(app, actor, reference).await?.view,
    })
}

/// Opens a file of one's own service.
///
/// # Errors
/// Not found when it is another's.
pub(crate) async fn open(app: &App, actor: &Actor, reference: &str) -> Result<Opened> {
    actor.require(Permission::SeeRequests)?;
    let request = steps::by_reference(app.db.read(), reference).await?;
    may_see(actor, &request)?;
    opened(app, actor, request, "serve").await
}

/// A request as a coordinator looks at it: the household's file only where the queue or a reason asks for it.
#[derive(Debug)]
pub(crate) struct Looked {
    /// The row.
    pub(crate) request: request::Model,
    /// As it stands; without anybody's figures while the file is closed.
    pub(crate) view: RequestView,
    /// The household, when the file was opened, which left its record.
    pub(crate) file: Option<File>,
}

/// Why a coordinator opens a file that stands in no queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Why {
    /// Somebody of the household complains.
    Complaint,
    /// Somebody of the household asks for what is kept of them, to correct it or to have it erased.
    DataRequest,
}

impl Why {
    /// All reasons.
    pub(crate) const ALL: [Self; 2] = [Self::Complaint, Self::DataRequest];

    /// The word of the form, and the purpose that the record names.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Complaint => "complaint",
            Self::DataRequest => "data_request",
        }
    }

    /// The words on the screen.
    pub(crate) const fn french(self) -> &'static str {
        match self {
            Self::Complaint => "Réclamation du foyer",
            Self::DataRequest => "Demande du foyer sur ses données",
        }
    }
}

/// Looks at a request. Its household's file opens with it where it is to decide or looks like another, and stays
/// closed otherwise.
///
/// # Errors
/// Not found.
pub(crate) async fn queue_file(app: &App, actor: &Actor, reference: &str) -> Result<Looked> {
    actor.require(Permission::Allocate)?;
    let db = app.db.read();
    let request = steps::by_reference(db, reference).await?;
    let alike = households::steps::open_candidates(db, request.household_id).await?;
    let purpose = if request.status == RequestStatus::NeedsReview {
        "decide"
    } else if !alike.is_empty() {
        "duplicate"
    } else {
        let view = view::closed(db, &request).await?;
        return Ok(Looked {
            request,
            view,
            file: None,
        });
    };
    Ok(opened(app, actor, request, purpose).await?.into())
}

/// Opens the file of a request for a reason of the list, which is recorded.
///
/// # Errors
/// Not found.
pub(crate) async fn open_file(
    app: &App,
    actor: &Actor,
    reference: &str,
    why: Why,
) -> Result<Looked> {
    actor.require(Permission::Allocate)?;
    let request = steps::by_reference(app.db.read(), reference).await?;
    Ok(opened(app, actor, request, why.as_str()).await?.into())
}

impl From<Opened> for Looked {
    fn from(opened: Opened) -> Self {
        Self {
            request: opened.request,
            view: opened.view,
            file: Some(opened.file),
        }
    }
}

async fn opened(
    app: &App,
    actor: &Actor,
    request: request::Model,
    purpose: &str,
) -> Result<Opened> {
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let who = Some(actor.account);
    let household = request.household_id;
    let file = households::steps::read(app, &tx, who, household, purpose, now).await?;
    let view = view::of(app, &tx, &request).await?;
    tx.commit().await?;
    Ok(Opened {
        request,
        view,
        file,
    })
}

/// One line of a caseload.
#[derive(Debug)]
pub(crate) struct Case {
    /// The row.
    pub(crate) request: request::Model,
    /// Derived.
    pub(crate) status: Status,
    /// Who asks.
    pub(crate) applicant: String,
}

/// One's own caseload, the newest first, with the names that make it usable: each is a read like another.
pub(crate) async fn caseload(
    app: &App,
    actor: &Actor,
    after: Option<&str>,
    limit: u64,
) -> Result<Vec<Case>> {
    actor.require(Permission::FileRequests)?;
    let filter = Filter {
        filed_by: Some(actor.account),
        after: position(app, actor, after).await?,
        ..Filter::default()
    };
    let requests = store::list(app.db.read(), &filter, limit).await?;
    let standings = store::standings(app.db.read(), &requests).await?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let mut cases = Vec::with_capacity(requests.len());
    for (request, standing) in requests.into_iter().zip(standings) {
        let who = Some(actor.account);
        let read = households::steps::read(app, &tx, who, request.household_id, "serve", now).await;
        let applicant = match read {
            Ok(file) => file.applicant().map(households::steps::Person::name),
            Err(Error::NotFound(_)) => None,
            Err(other) => return Err(other),
        };
        cases.push(Case {
            status: Status::of(&request, &standing),
            applicant: applicant.unwrap_or_else(|| String::from("Dossier effacé")),
            request,
        });
    }
    tx.commit().await?;
    Ok(cases)
}

/// Where a page goes on: after the request of this reference.
///
/// # Errors
/// A fault of the cursor when it is none of the actor's.
pub(crate) async fn position(
    app: &App,
    actor: &Actor,
    after: Option<&str>,
) -> Result<Option<(chrono::DateTime<chrono::Utc>, RequestId)>> {
    let Some(reference) = after else {
        return Ok(None);
    };
    let found = match steps::by_reference(app.db.read(), reference).await {
        Ok(row) if actor.role == Role::Coordinator || may_see(actor, &row).is_ok() => row,
        Ok(_) | Err(Error::NotFound(_)) => {
            return Err(Error::field(
                "#/cursor",
                "Ce curseur ne vient pas de cette liste.",
            ));
        }
        Err(other) => return Err(other),
    };
    Ok(Some((found.filed_at, found.id)))
}
