//! How tokens, roles and secrets are shown, to their owner and to the administrator alike.

use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use entities::api_token;
use entities::ids::AccountRoleId;

use crate::access::assignments::Assigned;
use crate::access::{self, Actor, Permission, Scope, rules};
use crate::app::App;
use crate::error::{Error, Result};
use crate::french;
use crate::web::frame::{Choice, Tone};
use crate::web::{Frame, PageResult, Visit, page};

/// A secret that is shown once, on the page itself, never in an address or a cookie.
#[derive(Template)]
#[template(path = "access/pages/account_secret.html")]
pub(super) struct SecretPage {
    pub(super) frame: Frame,
    pub(super) title: &'static str,
    pub(super) what: &'static str,
    pub(super) why: String,
    pub(super) secrets: Vec<String>,
    /// The same as a symbol, to be scanned.
    pub(super) symbol: Option<Symbol>,
    pub(super) back: String,
}

/// Shows one secret.
pub(super) async fn told(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    (title, what): (&'static str, &'static str),
    why: String,
    secret: String,
    back: &str,
) -> PageResult {
    page(&SecretPage {
        frame: access::frame(app, actor, visit).await?,
        title,
        what,
        why,
        secrets: vec![secret],
        symbol: None,
        back: back.to_owned(),
    })
}

/// A QR symbol as one path.
#[derive(Debug)]
pub(super) struct Symbol {
    /// Side, quiet zone included.
    pub(super) side: u16,
    /// The dark modules.
    pub(super) path: String,
}

impl Symbol {
    /// The symbol of a text.
    pub(super) fn of(text: &str) -> Result<Self> {
        use std::fmt::Write;
        const QUIET: u16 = 4;
        let qr = labels::symbol::qr(text, labels::symbol::Correction::Medium)
            .map_err(Error::internal)?;
        let mut path = String::new();
        for (row, runs) in (QUIET..).zip(&qr.rows) {
            for run in runs {
                let (x, width) = (run.start + QUIET, run.end - run.start);
                write!(path, "M{x} {row}h{width}v1h-{width}z").map_err(Error::internal)?;
            }
        }
        Ok(Self {
            side: qr.size + 2 * QUIET,
            path,
        })
    }
}

/// A token in a list.
pub(super) struct TokenLine {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) detail: String,
}

/// Tokens as a list shows them, each with the role it acts in.
pub(super) fn token_lines(tokens: Vec<api_token::Model>, roles: &[Assigned]) -> Vec<TokenLine> {
    let day = |at| french::short_date(french::local_date(at));
    tokens
        .into_iter()
        .map(|t| {
            let role = roles
                .iter()
                .find(|r| r.row.id == t.assignment_id)
                .map_or("", |r| rules::word(r.row.role));
            let used = t.used_at.map_or_else(
                || "jamais utilisé".to_owned(),
                |at| format!("utilisé le {}", day(at)),
            );
            let scope = match Scope::parse(&t.scope) {
                Scope::All => "tout ce que permet le rôle".to_owned(),
                Scope::Read => "lecture seule".to_owned(),
                Scope::Only(some) => {
                    let words: Vec<_> = some.iter().map(|p| word(*p)).collect();
                    words.join(", ")
                }
            };
            TokenLine {
                id: t.id.to_string(),
                detail: format!("{role}, {scope}, jusqu’au {}, {used}", day(t.expires_at)),
                label: t.label,
            }
        })
        .collect()
}

/// A role in a list.
pub(super) struct RoleLine {
    pub(super) id: String,
    pub(super) word: &'static str,
    pub(super) place: String,
    pub(super) days: String,
    pub(super) tone: Tone,
    pub(super) state: &'static str,
    /// It counts, or will.
    pub(super) open: bool,
    /// The one the reader acts in.
    pub(super) current: bool,
}

/// Roles as a list shows them.
pub(super) fn role_lines(
    roles: &[Assigned],
    now: DateTime<Utc>,
    current: AccountRoleId,
) -> Vec<RoleLine> {
    let today = french::local_date(now);
    roles
        .iter()
        .map(|one| {
            let row = &one.row;
            let over = row.ended_at.is_some() || row.ends_on.is_some_and(|end| end < today);
            let (tone, state) = if over {
                (Tone::Plain, "terminé")
            } else if row.starts_on > today {
                (Tone::Queued, "à venir")
            } else {
                (Tone::Done, "en cours")
            };
            RoleLine {
                id: row.id.to_string(),
                word: rules::word(row.role),
                place: place(one),
                days: days(
                    row.starts_on,
                    row.ended_at.map(french::local_date).or(row.ends_on),
                ),
                tone,
                state,
                open: !over,
                current: row.id == current,
            }
        })
        .collect()
}

/// « Atelier solidaire, Atelier de Montpellier ».
pub(super) fn place(one: &Assigned) -> String {
    match &one.site {
        Some(site) => format!("{}, {site}", one.organisation),
        None => one.organisation.clone(),
    }
}

fn days(from: NaiveDate, to: Option<NaiveDate>) -> String {
    let from = french::short_date(from);
    match to {
        Some(to) => format!("du {from} au {}", french::short_date(to)),
        None => format!("depuis le {from}"),
    }
}

/// What a token may be limited to.
pub(super) fn scopes() -> Vec<Choice> {
    vec![
        Choice::new("all", "Tout ce que permet le rôle"),
        Choice::new("read", "Lire seulement"),
        Choice::new("chosen", "Les permissions cochées"),
    ]
}

/// The permissions of a role, as a token may be limited to them.
pub(super) fn permissions(role: entities::enums::Role) -> Vec<Choice> {
    Permission::ALL
        .iter()
        .filter(|p| rules::may(role, **p))
        .map(|p| Choice::new(p.code(), word(*p)))
        .collect()
}

/// A permission's words on the screen.
const fn word(permission: Permission) -> &'static str {
    match permission {
        Permission::SeeDevices => "voir les équipements",
        Permission::Scan => "scanner",
        Permission::TakeDonations => "recevoir des dons",
        Permission::SeeDonations => "voir les dons",
        Permission::PrintLabels => "imprimer des étiquettes",
        Permission::Refurbish => "remettre en état",
        Permission::FileRequests => "déposer des demandes",
        Permission::SeeRequests => "voir les demandes",
        Permission::Allocate => "décider et attribuer",
        Permission::Book => "prendre des rendez-vous",
        Permission::HandOver => "remettre",
        Permission::TakeBack => "reprendre",
        Permission::SetOpenings => "régler les horaires",
        Permission::Recycle => "tenir les lots de déchets",
        Permission::Audit => "lire les preuves",
        Permission::SettleBreaches => "clore les incidents de données",
        Permission::IssueBadges => "faire des badges",
        Permission::Administer => "administrer",
    }
}
