//! The home of each role: one sentence, the work in the order in which it should be done, figures after it.

mod bench;
mod counts;
mod field;
mod people;
mod steer;

use askama::Template;
use axum::extract::State;
use entities::enums::Role;

use crate::access::{self, Actor};
use crate::app::App;
use crate::error::Result;
use crate::web::frame::Tone;
use crate::web::{Access, Frame, PageResult, Routes, Visit, page};

pub(super) fn routes() -> Routes {
    Routes::new().get("/", Access::SignedIn, show)
}

/// A way onward.
#[derive(Clone, Debug)]
struct Link {
    href: String,
    word: String,
}

impl Link {
    fn new(href: impl Into<String>, word: impl Into<String>) -> Self {
        Self {
            href: href.into(),
            word: word.into(),
        }
    }
}

/// What a line of work is done with.
#[derive(Clone, Debug)]
enum Do {
    /// A page.
    Go(Link),
    /// A step of the device itself.
    Step {
        code: String,
        action: &'static str,
        word: &'static str,
    },
}

/// One thing to do.
#[derive(Clone, Debug)]
struct Work {
    /// Code of a device and its page.
    code: Option<Link>,
    what: String,
    detail: String,
    todo: Do,
}

/// A number with its word.
#[derive(Clone, Debug)]
struct Figure {
    number: String,
    word: String,
    href: String,
}

impl Figure {
    fn new(number: impl Into<String>, word: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            number: number.into(),
            word: word.into(),
            href: href.into(),
        }
    }
}

/// A row of bars.
#[derive(Clone, Debug)]
struct BarRow {
    word: String,
    number: String,
    percent: i64,
    class: &'static str,
}

/// One week of the flow.
#[derive(Clone, Debug)]
struct Week {
    word: String,
    entered: i64,
    left: i64,
    x: i64,
    entered_y: i64,
    entered_height: i64,
    left_y: i64,
    left_height: i64,
}

/// The flow of the last weeks, drawn.
#[derive(Clone, Debug)]
struct Flow {
    weeks: Vec<Week>,
    /// Highest value of the axis, its middle.
    top: i64,
    middle: i64,
}

/// What a role's home says.
#[derive(Clone, Debug, Default)]
struct Home {
    sentence: String,
    primary: Option<Link>,
    work: Vec<Work>,
    /// When there is nothing to do: what that means.
    idle: &'static str,
    note: Option<(Tone, String, Link)>,
    flow: Option<Flow>,
    bars_title: &'static str,
    bars: Vec<BarRow>,
    figures_title: String,
    figures: Vec<Figure>,
}

impl Home {
    /// Whether the first thing to do is one item, which then carries the primary button.
    fn starts_with_item(&self) -> bool {
        self.work.first().is_some_and(|work| work.code.is_some())
    }
}

#[derive(Template)]
#[template(path = "desk/pages/home.html")]
struct HomePage {
    frame: Frame,
    home: Home,
}

async fn show(State(app): State<App>, actor: Actor, visit: Visit) -> PageResult {
    let home = home(&app, &actor).await?;
    page(&HomePage {
        frame: access::frame(&app, &actor, &visit).await?,
        home,
    })
}

async fn home(app: &App, actor: &Actor) -> Result<Home> {
    match actor.role {
        Role::Refurbisher | Role::WorkshopLead => bench::home(app, actor).await,
        Role::CollectionAgent => field::collection(app, actor).await,
        Role::Driver | Role::Storekeeper => field::store(app, actor).await,
        Role::Recycler => field::recycler(app).await,
        Role::SocialWorker => people::social_worker(app, actor).await,
        Role::Mediator => people::mediator(app, actor).await,
        Role::Coordinator => steer::coordinator(app).await,
        Role::Auditor => steer::auditor(app).await,
        Role::Administrator => steer::administrator(app).await,
    }
}
