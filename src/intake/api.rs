//! Giving and labels over JSON.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use entities::enums::{
    Condition, DeviceKind, DonationStatus, DonorKind, EnteredAs, LineOutcome, Stage,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::{Actor, Permission};
use crate::app::App;
use crate::devices::{State as DeviceState, Status};
use crate::error::Error;
use crate::intake::actions;
use crate::intake::input::DonationInput;
use crate::intake::labelling::{self, Format, LabelsInput, Printed};
use crate::intake::store::{self, Filter, Gift};
use crate::intake::warnings::Warning;
use crate::web::{
    Access, ApiResult, Created, Json, Limit, Path, Query, Routes, ValidJson, download,
};

/// Routes of the API.
pub(crate) fn routes() -> Routes {
    let sees = Access::Needs(Permission::SeeDonations);
    let takes = Access::Needs(Permission::TakeDonations);
    Routes::new()
        .get("/api/v1/donations", sees, list)
        .says("Gifts of one's organisation, the newest first")
        .queries::<ListQuery>()
        .answers::<ListView>(200)
        .post("/api/v1/donations", takes, take)
        .says("Take a gift: its devices get their codes at once")
        .refuses(&[
            "id-reused",
            "code-taken",
            "site-foreign",
            "not-found",
            "unknown-code",
            "wrong-check-character",
            "stale",
        ])
        .takes::<DonationInput>()
        .answers::<DonationView>(201)
        .answers::<DonationView>(200)
        .get("/api/v1/donations/{reference}", sees, show)
        .says("A gift, its lines and devices")
        .answers::<DonationView>(200)
        .post("/api/v1/donations/{reference}/close", takes, close)
        .says("Close a gift: what was announced and did not come is absent")
        .refuses(&["donation-closed", "stale"])
        .answers::<DonationView>(200)
        .get("/api/v1/donations/{reference}/receipt.pdf", sees, receipt)
        .says("The donor's receipt, as PDF; no tax receipt")
        .answers_file(&["application/pdf"])
        .post(
            "/api/v1/labels",
            Access::Needs(Permission::PrintLabels),
            print,
        )
        .says("Labels for codes, or blank ones, as PDF sheets or one SVG")
        .refuses(&["not-found", "unknown-code", "wrong-check-character"])
        .takes::<LabelsInput>()
        .answers_file(&["application/pdf", "image/svg+xml", "application/zpl"])
}

/// A gift as the API shows it.
#[derive(Debug, Serialize, JsonSchema)]
struct DonationView {
    reference: String,
    status: DonationStatus,
    site: String,
    entered_as: EnteredAs,
    donor: Option<DonorView>,
    public_donor: bool,
    legal_basis: Option<String>,
    unit_value_cents: Option<i64>,
    transfer_reference: Option<String>,
    consent_to_erasure: bool,
    received_at: DateTime<Utc>,
    closed_at: Option<DateTime<Utc>>,
    lines: Vec<LineView>,
    devices: Vec<DeviceView>,
    accessories: Vec<AccessoryView>,
    warnings: Vec<Warning>,
    receipt: String,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GiftDonor")]
struct DonorView {
    kind: DonorKind,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    siret: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GiftLine")]
struct LineView {
    n: i32,
    kind: DeviceKind,
    make: Option<String>,
    model: Option<String>,
    serial: Option<String>,
    asset_tag: Option<String>,
    condition: Condition,
    outcome: LineOutcome,
    code: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GiftDevice")]
struct DeviceView {
    code: String,
    kind: DeviceKind,
    make: Option<String>,
    model: Option<String>,
    serial: Option<String>,
    asset_tag: Option<String>,
    condition: Condition,
    status: Status,
    stage: Stage,
}

#[derive(Debug, Serialize, JsonSchema)]
struct AccessoryView {
    kind: String,
    count: i32,
}

impl From<Gift> for DonationView {
    fn from(gift: Gift) -> Self {
        let devices = gift
            .devices()
            .cloned()
            .map(|device| DeviceView {
                status: DeviceState::of(&device).status(),
                stage: device.stage,
                code: device.code,
                kind: device.kind,
                make: device.make,
                model: device.model,
                serial: device.serial,
                asset_tag: device.asset_tag,
                condition: device.condition,
            })
            .collect();
        let lines = gift
            .lines
            .into_iter()
            .map(|line| LineView {
                n: line.line.n,
                kind: line.line.kind,
                make: line.line.make,
                model: line.line.model,
                serial: line.line.serial,
                asset_tag: line.line.asset_tag,
                condition: line.line.condition,
                outcome: line.line.outcome,
                code: line.device.map(|d| d.code),
            })
            .collect();
        let donation = gift.donation;
        Self {
            receipt: format!("/api/v1/donations/{}/receipt.pdf", donation.reference),
            reference: donation.reference,
            status: donation.status,
            site: gift.site.slug,
            entered_as: donation.entered_as,
            donor: gift.donor.map(|donor| DonorView {
                kind: donor.kind,
                name: donor.name,
                email: donor.email,
                phone: donor.phone,
                siret: donor.siret,
            }),
            public_donor: donation.public_donor,
            legal_basis: donation.legal_basis,
            unit_value_cents: donation.unit_value_cents,
            transfer_reference: donation.transfer_reference,
            consent_to_erasure: donation.consent_to_erasure,
            received_at: donation.received_at,
            closed_at: donation.closed_at,
            lines,
            devices,
            accessories: gift
                .accessories
                .into_iter()
                .map(|a| AccessoryView {
                    kind: a.kind,
                    count: a.count,
                })
                .collect(),
            warnings: gift.warnings,
        }
    }
}

async fn take(
    State(app): State<App>,
    actor: Actor,
    ValidJson(input): ValidJson<DonationInput>,
) -> ApiResult<Created<DonationView>> {
    let taken = actions::take(&app, &actor, input).await?;
    Ok(Created {
        body: taken.gift.into(),
        replayed: taken.replayed,
    })
}

async fn show(
    State(app): State<App>,
    actor: Actor,
    Path(reference): Path<String>,
) -> ApiResult<Json<DonationView>> {
    Ok(Json(actions::see(&app, &actor, &reference).await?.into()))
}

async fn close(
    State(app): State<App>,
    actor: Actor,
    Path(reference): Path<String>,
) -> ApiResult<Json<DonationView>> {
    Ok(Json(actions::close(&app, &actor, &reference).await?.into()))
}

async fn receipt(
    State(app): State<App>,
    actor: Actor,
    Path(reference): Path<String>,
) -> ApiResult<Response> {
    let bytes = actions::receipt(&app, &actor, &reference).await?;
    let name = format!("recepisse-{reference}.pdf");
    Ok(download::inline(bytes, "application/pdf", &name))
}

/// What to list.
#[derive(Debug, Deserialize, JsonSchema)]
struct ListQuery {
    /// How many at most: 50 when left out, 500 at most.
    #[serde(default)]
    limit: Limit,
    /// `next_cursor` of the page before.
    #[schemars(regex(pattern = r"^D-[0-9]{4}-[0-9A-Za-z]{6,12}$"))]
    cursor: Option<String>,
    /// Only these.
    status: Option<DonationStatus>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GiftList")]
struct ListView {
    items: Vec<ListedView>,
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ListedView {
    reference: String,
    status: DonationStatus,
    entered_as: EnteredAs,
    donor: Option<ListedDonor>,
    devices: i64,
    received_at: DateTime<Utc>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ListedDonor {
    kind: DonorKind,
    name: Option<String>,
}

async fn list(
    State(app): State<App>,
    actor: Actor,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<ListView>> {
    if query
        .cursor
        .as_deref()
        .is_some_and(|cursor| !store::is_reference(cursor))
    {
        return Err(Error::field("#/cursor", "Ce curseur ne vient pas de cette liste.").into());
    }
    let filter = Filter {
        sites: actions::visible_sites(&app, &actor).await?,
        status: query.status,
        after: query.cursor,
    };
    let mut found = store::list(&app, app.db.read(), filter, query.limit.and_one()).await?;
    let more = query.limit.cut(&mut found);
    let next_cursor = found
        .last()
        .filter(|_| more)
        .map(|last| last.donation.reference.clone());
    let items = found
        .into_iter()
        .map(|listed| ListedView {
            reference: listed.donation.reference,
            status: listed.donation.status,
            entered_as: listed.donation.entered_as,
            donor: listed.donor.map(|donor| ListedDonor {
                kind: donor.kind,
                name: donor.name,
            }),
            devices: listed.devices,
            received_at: listed.donation.received_at,
        })
        .collect();
    Ok(Json(ListView { items, next_cursor }))
}

async fn print(
    State(app): State<App>,
    actor: Actor,
    ValidJson(input): ValidJson<LabelsInput>,
) -> ApiResult<Response> {
    let printed = labelling::print(&app, &actor, &input).await?;
    Ok(printed.answer("etiquettes"))
}

impl Printed {
    /// As an answer over HTTP.
    pub(crate) fn answer(self, name: &str) -> Response {
        let (media_type, ending) = match self.format {
            Format::Pdf => ("application/pdf", "pdf"),
            Format::Svg => ("image/svg+xml", "svg"),
            Format::Zpl => ("application/zpl", "zpl"),
        };
        download::inline(self.bytes, media_type, &format!("{name}.{ending}"))
    }
}
