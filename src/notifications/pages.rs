//! Letters to print, by the service of their household; and the demo's mail, by its administrator.

use askama::Template;
use axum::extract::State;
use entities::enums::Channel;
use entities::ids::MessageId;
use uuid::Uuid;

use super::delivery::open;
use super::message::Content;
use super::render::{Rendered, written};
use super::store;
use super::translations::language;
use crate::access::pages::Empty;
use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::config::Transport;
use crate::error::{Error, Result};
use crate::papers::{self, Block, Paper};
use crate::web::page::see_other_saying;
use crate::web::{
    Access, Flash, Form, FormState, Frame, PageResult, Path, Routes, Visit, download, page,
};
use crate::{french, notifications};

/// Letters and mails shown at once.
const MOST: u64 = 100;

/// Routes of the outbox.
pub(crate) fn routes() -> Routes {
    let files = Access::Needs(Permission::FileRequests);
    let administers = Access::Needs(Permission::Administer);
    Routes::new()
        .get("/letters", files, letters)
        .get("/letters/{id}", files, letter)
        .post("/letters/{id}", files, printed)
        .get("/mail", administers, mails)
        .get("/mail/{name}", administers, mail)
}

struct Waiting {
    id: String,
    what: &'static str,
    since: String,
    late: bool,
    opened: Option<String>,
}

#[derive(Template)]
#[template(path = "notifications/pages/letters.html")]
struct LettersPage {
    frame: Frame,
    form: FormState,
    letters: Vec<Waiting>,
}

async fn letters(State(app): State<App>, visit: Visit, actor: Actor) -> PageResult {
    let rows = store::letters(app.db.read(), actor.organisation, MOST).await?;
    let now = app.clock.now();
    let letters = rows
        .into_iter()
        .map(|row| Waiting {
            id: row.id.to_string(),
            what: what(&row.kind),
            since: french::ago(row.created_at, now),
            late: row.attempts > 0,
            opened: row.opened_at.map(|at| french::ago(at, now)),
        })
        .collect();
    page(&LettersPage {
        frame: access::frame(&app, &actor, &visit).await?,
        form: FormState::new(&visit),
        letters,
    })
}

/// What a letter is about, without naming anybody.
fn what(kind: &str) -> &'static str {
    match kind {
        "received" => "Accusé de réception",
        "decided" => "Réponse à une demande",
        "held" => "Équipement réservé : lien personnel",
        "booked" => "Rendez-vous et code de retrait",
        "moved" => "Rendez-vous déplacé",
        "cancelled" => "Rendez-vous annulé",
        "hold_lost" => "Équipement plus réservé",
        "new_link" => "Nouveau lien personnel",
        "new_pickup_code" => "Nouveau code de retrait",
        "onboarding" => "Prise en main",
        "reminder" => "Rappel de rendez-vous",
        "handed_over" => "Équipement remis",
        _ => "Courrier",
    }
}

/// Shows the letter; looking prints nothing and forgets nothing, so that a jammed printer loses no code. That it was
/// looked at, and by whom, is written first: an address, a link and a code stand in it.
async fn letter(State(app): State<App>, actor: Actor, Path(id): Path<Uuid>) -> PageResult {
    let row = store::letter(app.db.read(), actor.organisation, MessageId(id)).await?;
    let tx = app.db.write().await?;
    store::opened(&tx, &row, actor.account, app.clock.now()).await?;
    tx.commit().await?;
    let (to, content) = open(&app, &row)?;
    let Content::Household { told } = content else {
        return Err(Error::NotFound("letter").into());
    };
    let organisation = access::store::organisation(app.db.read(), actor.organisation).await?;
    let language = language(&to.language);
    let rendered = written(
        &app.config.server.base_url,
        Channel::Letter,
        language,
        &told,
    );
    let address = to
        .postal_address
        .unwrap_or_else(|| "Remise en main propre".to_owned());
    let issuer = [
        Some(organisation.name),
        organisation.postal_address,
        organisation.contact_phone,
        organisation.contact_email,
    ];
    let day = french::date(french::local_date(row.created_at));
    let paper = paper(
        language,
        rendered,
        &address,
        issuer.into_iter().flatten().collect(),
        day,
    );
    let bytes = tokio::task::spawn_blocking(move || papers::pdf(&paper))
        .await
        .map_err(Error::internal)?
        .map_err(Error::internal)?;
    Ok(download::inline(bytes, "application/pdf", "lettre.pdf"))
}

fn paper(
    language: &str,
    rendered: Rendered,
    address: &str,
    issuer: Vec<String>,
    day: String,
) -> Paper {
    let mut blocks = vec![
        Block::AddressWindow(address.lines().map(str::to_owned).collect()),
        Block::Dateline(day),
    ];
    blocks.extend(
        rendered
            .text
            .split("\n\n")
            .map(|paragraph| Block::Paragraph(paragraph.to_owned())),
    );
    if let Some(code) = rendered.code {
        let caption = if language == "en" {
            "Your pickup code"
        } else {
            "Votre code de retrait"
        };
        blocks.push(Block::Code {
            caption: caption.to_owned(),
            value: code,
        });
    }
    if let Some(link) = rendered.link {
        blocks.push(Block::Qr {
            caption: format!("\n{link}"),
            data: link,
        });
    }
    Paper {
        title: rendered.subject,
        lang: language.to_owned(),
        issuer,
        blocks,
        ..Paper::default()
    }
}

async fn printed(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<Uuid>,
    form: Form<Empty>,
) -> PageResult {
    form.read().0?;
    let row = store::letter(app.db.read(), actor.organisation, MessageId(id)).await?;
    let tx = app.db.write().await?;
    store::printed(&tx, row.id, app.clock.now()).await?;
    tx.commit().await?;
    Ok(see_other_saying(
        "/letters",
        &Flash::done("Lettre imprimée : son contenu est oublié."),
        visit.secure,
    ))
}

#[derive(Template)]
#[template(path = "notifications/pages/mail.html")]
struct MailPage {
    frame: Frame,
    names: Vec<String>,
    shown: Option<(String, String)>,
}

/// The demo keeps its mail in a folder and shows it to its administrator alone; anywhere else there is no such page.
async fn folder(app: &App) -> Result<std::path::PathBuf> {
    if !access::store::has_demo_accounts(app.db.read()).await?
        || app.config.mail.transport != Transport::Folder
    {
        return Err(Error::NotFound("page"));
    }
    Ok(app.config.data.dir.join(notifications::delivery::FOLDER))
}

async fn names(app: &App) -> Result<Vec<String>> {
    let folder = folder(app).await?;
    let mut names = Vec::new();
    if let Ok(mut entries) = tokio::fs::read_dir(folder).await {
        while let Some(entry) = entries.next_entry().await.map_err(Error::internal)? {
            names.extend(entry.file_name().into_string());
        }
    }
    names.sort_by(|a, b| b.cmp(a));
    names.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
    Ok(names)
}

async fn mails(State(app): State<App>, visit: Visit, actor: Actor) -> PageResult {
    let names = names(&app).await?;
    page(&MailPage {
        frame: access::frame(&app, &actor, &visit).await?,
        names,
        shown: None,
    })
}

async fn mail(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(name): Path<String>,
) -> PageResult {
    let names = names(&app).await?;
    // Only what the list names is read: no path comes from the address.
    let known = names
        .iter()
        .find(|n| **n == name)
        .cloned()
        .ok_or(Error::NotFound("mail"))?;
    let bytes = tokio::fs::read(folder(&app).await?.join(&known))
        .await
        .map_err(Error::internal)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    page(&MailPage {
        frame: access::frame(&app, &actor, &visit).await?,
        names,
        shown: Some((known, text)),
    })
}
