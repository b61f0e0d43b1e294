//! The frame of a signed-in page: only what the role may do.

use entities::enums::Role;

use crate::access::{Actor, Permission, assignments, rules, store};
use crate::app::App;
use crate::error::Result;
use crate::web::frame::{Choice, NavEntry, Place};
use crate::web::{Frame, Visit};

/// Where each role goes, most used first.
const fn entries(role: Role) -> &'static [(&'static str, &'static str)] {
    match role {
        Role::CollectionAgent => &[
            ("/", "Accueil"),
            ("/counter", "Recevoir"),
            ("/donations", "Dons"),
            ("/devices", "Équipements"),
            ("/labels", "Étiquettes"),
        ],
        Role::Driver => &[
            ("/", "Accueil"),
            ("/station", "Scanner"),
            ("/devices", "Équipements"),
        ],
        Role::Storekeeper => &[
            ("/", "Accueil"),
            ("/station", "Scanner"),
            ("/counter", "Recevoir"),
            ("/devices", "Équipements"),
            ("/lots", "Lots"),
            ("/donations", "Dons"),
            ("/labels", "Étiquettes"),
        ],
        Role::Refurbisher => &[
            ("/", "Accueil"),
            ("/station", "Scanner"),
            ("/devices", "Équipements"),
            ("/evidence", "Preuves"),
            ("/labels", "Étiquettes"),
        ],
        Role::WorkshopLead => &[
            ("/", "Accueil"),
            ("/station", "Scanner"),
            ("/devices", "Équipements"),
            ("/evidence", "Preuves"),
            ("/lots", "Lots"),
            ("/donations", "Dons"),
            ("/labels", "Étiquettes"),
            ("/badges", "Badges"),
        ],
        Role::SocialWorker => &[
            ("/", "Accueil"),
            ("/requests/new", "Nouvelle demande"),
            ("/requests", "Demandes"),
            ("/letters", "Lettres"),
        ],
        Role::Mediator => &[
            ("/", "Accueil"),
            ("/agenda", "Agenda"),
            ("/returns", "Reprendre"),
            ("/devices", "Équipements"),
            ("/openings", "Horaires"),
        ],
        Role::Recycler => &[
            ("/", "Accueil"),
            ("/lots", "Lots"),
            ("/devices", "Équipements"),
        ],
        Role::Coordinator => &[
            ("/", "Accueil"),
            ("/queue", "File"),
            ("/runs", "Attribuer"),
            ("/devices", "Équipements"),
            ("/donations", "Dons"),
            ("/openings", "Horaires"),
            ("/verify", "Vérification"),
        ],
        Role::Auditor => &[
            ("/", "Accueil"),
            ("/devices", "Équipements"),
            ("/runs", "Attributions"),
            ("/verify", "Vérification"),
        ],
        Role::Administrator => &[
            ("/", "Accueil"),
            ("/accounts", "Comptes"),
            ("/sites", "Sites"),
            ("/mail", "Courriers"),
        ],
    }
}

/// The frame for an actor's page.
pub(crate) async fn frame(app: &App, actor: &Actor, visit: &Visit) -> Result<Frame> {
    let places = match actor.site {
        Some(_) => store::sites_of(app.db.read(), actor.organisation).await?,
        None => Vec::new(),
    };
    let site = places
        .iter()
        .find(|s| Some(s.id) == actor.site)
        .map(|s| s.name.clone());
    let others = places.iter().filter(|s| Some(s.id) != actor.site);
    let mut nav: Vec<NavEntry> = entries(actor.role)
        .iter()
        .map(|(href, word)| NavEntry::new(href, word, &visit.path))
        .collect();
    // The longest entry that the path lies below is the current one, not also its parents.
    if let Some(longest) = nav.iter().filter(|e| e.current).map(|e| e.href.len()).max() {
        for entry in &mut nav {
            entry.current &= entry.href.len() == longest;
        }
    }
    Ok(Frame {
        places: others
            .map(|s| Place {
                slug: s.slug.clone(),
                name: s.name.clone(),
            })
            .collect(),
        person: Some(actor.name.clone()),
        role: Some(rules::word(actor.role).to_owned()),
        site,
        nav,
        has_scan: actor.may(Permission::SeeDevices),
        roles: other_roles(app, actor).await?,
        bench: actor.bench.is_some(),
        ..anonymous(visit)
    })
}

/// The other roles one may go on in.
async fn other_roles(app: &App, actor: &Actor) -> Result<Vec<Choice>> {
    if actor.bench.is_some() {
        return Ok(Vec::new());
    }
    let db = app.db.read();
    let now = app.clock.now();
    let live = assignments::live_of(db, actor.account, now).await?;
    if live.len() < 2 {
        return Ok(Vec::new());
    }
    let all = assignments::assigned(db, vec![actor.account], false).await?;
    let others = all.iter().filter(|one| {
        one.row.id != actor.assignment && live.iter().any(|row| row.id == one.row.id)
    });
    Ok(others
        .map(|one| {
            let place = one.site.as_ref().unwrap_or(&one.organisation);
            let word = format!("{}, {place}", rules::word(one.row.role));
            Choice::new(one.row.id.to_string(), word)
        })
        .collect())
}

/// The frame of a page for somebody who is not signed in.
pub(crate) fn anonymous(visit: &Visit) -> Frame {
    Frame {
        flash: visit.flash.as_ref().map(crate::web::Flash::notice),
        csrf: visit.form_token.as_str().to_owned(),
        ..Frame::anonymous()
    }
}
