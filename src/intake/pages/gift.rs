//! One gift: its labels and receipt side by side, its devices, its closing.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use entities::device;
use entities::enums::{DonationStatus, LineOutcome};
use labels::Code;
use serde::Deserialize;

use super::gifts::donor_words;
use super::sheets::{self, SheetForm};
use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::devices::{self, State as DeviceState};
use crate::error::{Error, Result};
use crate::french;
use crate::intake::labelling::{self, Format};
use crate::intake::store::Gift;
use crate::intake::warnings::Warning;
use crate::intake::{actions, words};
use crate::web::frame::{Choice, Tone};
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::{Flash, Form, FormState, Frame, PageResult, Path, Query, Visit, download, page};

#[derive(Debug, Deserialize)]
pub(super) struct ShowQuery {
    #[serde(default)]
    fresh: bool,
}

#[derive(Template)]
#[template(path = "intake/pages/donation.html")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each leaves a part of the page out"
)]
struct GiftPage {
    frame: Frame,
    form: FormState,
    reference: String,
    url: String,
    title: String,
    subtitle: String,
    /// It was just taken: the next thing is to print.
    fresh: bool,
    rows: Vec<DeviceRow>,
    absent: Vec<String>,
    accessories: String,
    warnings: Vec<Warning>,
    facts: Vec<(&'static str, String)>,
    receipt: String,
    stocks: Vec<Choice>,
    print_word: String,
    prints: bool,
    takes: bool,
    open: bool,
    closed_on: String,
}

struct DeviceRow {
    code: String,
    href: String,
    correct: String,
    name: String,
    detail: String,
    condition: String,
    tone: Tone,
    status: &'static str,
}

/// One gift.
pub(super) async fn show(
    State(app): State<App>,
    actor: Actor,
    visit: Visit,
    Path(reference): Path<String>,
    Query(query): Query<ShowQuery>,
) -> PageResult {
    let gift = actions::see(&app, &actor, &reference).await?;
    let form = sheets::usual(&visit);
    page(&gift_page(&app, &actor, &visit, gift, form, query.fresh).await?)
}

async fn gift_page(
    app: &App,
    actor: &Actor,
    visit: &Visit,
    gift: Gift,
    form: FormState,
    fresh: bool,
) -> Result<GiftPage> {
    let count = gift.devices().count();
    let counted = french::counted(
        i64::try_from(count).unwrap_or(i64::MAX),
        "équipement",
        "équipements",
    );
    let reference = gift.donation.reference.clone();
    let title = if fresh {
        format!("Don {reference} enregistré : {counted}.")
    } else {
        format!("Don {reference}")
    };
    let subtitle = format!(
        "{counted}, {} à {}",
        french::date_time(gift.donation.received_at),
        gift.site.name
    );
    let accessories: Vec<String> = gift
        .accessories
        .iter()
        .map(|a| words::accessories(&a.kind, a.count))
        .collect();
    Ok(GiftPage {
        frame: access::frame(app, actor, visit).await?,
        form,
        url: format!("/donations/{reference}"),
        rows: gift
            .devices()
            .map(|device| device_row(&reference, device))
            .collect(),
        absent: gift
            .lines
            .iter()
            .filter(|l| matches!(l.line.outcome, LineOutcome::Absent | LineOutcome::Announced))
            .map(|l| {
                let name =
                    words::name(l.line.make.as_deref(), l.line.model.as_deref(), l.line.kind);
                format!("{name} : {}", words::outcome(l.line.outcome))
            })
            .collect(),
        accessories: accessories.join(", "),
        facts: facts(&gift),
        receipt: receipt_words(&gift),
        stocks: sheets::stocks(),
        print_word: words::print_labels(count),
        prints: actor.may(Permission::PrintLabels) && count > 0,
        takes: actor.may(Permission::TakeDonations),
        open: gift.donation.status == DonationStatus::Open,
        closed_on: gift
            .donation
            .closed_at
            .map(french::date_time)
            .unwrap_or_default(),
        warnings: gift.warnings,
        reference,
        title,
        subtitle,
        fresh,
    })
}

fn device_row(reference: &str, device: &device::Model) -> DeviceRow {
    let status = DeviceState::of(device).status();
    DeviceRow {
        code: words::grouped(&device.code),
        href: format!("/devices/{}", device.code),
        correct: format!("/donations/{reference}/devices/{}", device.code),
        name: words::name(device.make.as_deref(), device.model.as_deref(), device.kind),
        detail: [
            Some(words::capital(devices::words::kind(device.kind))),
            device.serial.as_ref().map(|s| format!("n° {s}")),
            device.asset_tag.as_ref().map(|t| format!("inventaire {t}")),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" · "),
        condition: words::capital(devices::words::condition(device.condition)),
        tone: tone(status),
        status: devices::words::status(status),
    }
}

const fn tone(status: devices::Status) -> Tone {
    use devices::Status as S;
    match status {
        S::Intake | S::Recycled => Tone::Plain,
        S::Sanitising | S::Refurbishing | S::Allocated => Tone::Shown,
        S::Sanitised | S::Ready | S::HandedOver => Tone::Done,
        S::InTransit => Tone::Queued,
        S::EndOfLife => Tone::Already,
        S::Missing => Tone::Refused,
    }
}

fn facts(gift: &Gift) -> Vec<(&'static str, String)> {
    let donation = &gift.donation;
    let donor = gift.donor.as_ref();
    let kind = donor.map(|d| words::donor(d.kind).to_owned());
    [
        ("Donateur", Some(donor_words(donor))),
        ("Qualité", kind),
        ("Adresse électronique", donor.and_then(|d| d.email.clone())),
        ("Téléphone", donor.and_then(|d| d.phone.clone())),
        ("SIRET", donor.and_then(|d| d.siret.clone())),
        ("Fondement", donation.legal_basis.clone()),
        (
            "Valeur d’un équipement",
            donation.unit_value_cents.map(french::euros),
        ),
        ("Référence de cession", donation.transfer_reference.clone()),
        (
            "Pris comme",
            Some(words::entered_as(donation.entered_as).to_owned()),
        ),
        (
            "Effacement",
            Some(
                if donation.consent_to_erasure {
                    "Accepté"
                } else {
                    "Sans objet"
                }
                .to_owned(),
            ),
        ),
    ]
    .into_iter()
    .filter_map(|(word, value)| value.map(|value| (word, value)))
    .collect()
}

fn receipt_words(gift: &Gift) -> String {
    match gift.donor.as_ref().and_then(|d| d.email.as_deref()) {
        Some(email) => format!("Il part par courriel à {email}."),
        None => "Pas d’adresse électronique : imprimez-le.".to_owned(),
    }
}

/// Closes the gift.
pub(super) async fn close(
    State(app): State<App>,
    actor: Actor,
    visit: Visit,
    Path(reference): Path<String>,
    form: Form<crate::access::pages::Empty>,
) -> PageResult {
    form.read().0?;
    actions::close(&app, &actor, &reference).await?;
    let flash = Flash::done(format!("Le don {reference} est clos."));
    Ok(see_other_saying(
        &format!("/donations/{reference}"),
        &flash,
        visit.secure,
    ))
}

/// The receipt.
pub(super) async fn receipt(
    State(app): State<App>,
    actor: Actor,
    Path(reference): Path<String>,
) -> PageResult {
    let bytes = actions::receipt(&app, &actor, &reference).await?;
    Ok(download::inline(
        bytes,
        "application/pdf",
        &format!("recepisse-{reference}.pdf"),
    ))
}

/// The labels of the gift's devices.
pub(super) async fn labels(
    State(app): State<App>,
    actor: Actor,
    visit: Visit,
    Path(reference): Path<String>,
    Query(query): Query<SheetForm>,
) -> PageResult<Response> {
    let codes = actions::codes(&app, &actor, &reference).await?;
    let sheet = match query.sheet() {
        Ok(sheet) => sheet,
        Err(error) => {
            let (status, error) = form_status(error)?;
            let gift = actions::see(&app, &actor, &reference).await?;
            let form = query.state(&visit).refused(&error);
            return page_with(
                status,
                &gift_page(&app, &actor, &visit, gift, form, false).await?,
            );
        }
    };
    let codes = codes
        .iter()
        .map(|c| devices::store::read_code(c))
        .collect::<Result<Vec<Code>>>()?;
    if codes.is_empty() {
        return Err(Error::NotFound("labels").into());
    }
    let printed = labelling::write(&app, codes, sheet, Format::Pdf).await?;
    Ok(printed.answer(&format!("etiquettes-{reference}")))
}
