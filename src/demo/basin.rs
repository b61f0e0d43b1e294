//! One part of the département as its stories need it: where things are given and repaired, who lives there,
//! who files, holds, welcomes and recycles.

use entities::ids::VenueId;
use entities::{opening, venue};

use super::giving::Welcome;
use super::people::{Cast, Stage};
use super::territory::{ALWAYS_OPEN, Territory};
use super::waste::Dock;
use crate::access::By;
use crate::appointments::rules::OpeningRule;
use crate::appointments::store;
use crate::error::Result;

/// Where a household lives, who files for it and where it goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Home {
    pub(super) commune: &'static str,
    pub(super) files: By,
    pub(super) venue: VenueId,
}

/// An opening with what a booking needs of it.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) row: opening::Model,
    pub(super) rule: OpeningRule,
    pub(super) venue: venue::Model,
}

/// A part of the département.
#[derive(Debug)]
pub(super) struct Basin {
    pub(super) stage: Stage,
    /// Homes with their share of households.
    pub(super) homes: Vec<(u32, Home)>,
    /// Decides what the policy can't settle.
    pub(super) decides: By,
    pub(super) welcome: Welcome,
    pub(super) dock: Dock,
    pub(super) places: Vec<Place>,
}

/// Communes of the demo with their share of households, who files for them and where they go.
const HOMES: &[(u32, &str, &str, &str)] = &[
    (34, "34172", "prescription", MONTPELLIER),
    (20, "34032", "prescription.beziers", BEZIERS),
    (10, "34301", "prescription", "sete-bus"),
    (6, "34142", "prescription", "lodeve-bus"),
    (6, "34003", "prescription.beziers", BEZIERS),
    (6, "34145", "prescription", MONTPELLIER),
    (5, "34108", "prescription", "sete-bus"),
    (4, "34057", "prescription", MONTPELLIER),
    (4, "34129", "prescription", MONTPELLIER),
    (3, "34154", "prescription", MONTPELLIER),
];
const MONTPELLIER: &str = "montpellier-maison-numerique";
const BEZIERS: &str = "beziers-mediatheque";

impl Basin {
    /// The part that the demo shows.
    pub(super) fn of_the_demo(territory: &Territory, cast: &Cast) -> Result<Self> {
        let homes = HOMES
            .iter()
            .map(|&(weight, commune, files, venue)| {
                let home = Home {
                    commune,
                    files: cast.by(files)?,
                    venue: territory.venue(venue)?.id,
                };
                Ok((weight, home))
            })
            .collect::<Result<_>>()?;
        let places = territory
            .openings
            .iter()
            .filter(|(slug, row)| *slug != ALWAYS_OPEN && row.pickup && row.onboarding)
            .map(|(slug, row)| Place::new(row.clone(), territory.venue(slug)?.clone()))
            .collect::<Result<_>>()?;
        Ok(Self {
            stage: Stage::new(territory, cast)?,
            homes,
            decides: cast.by("prefecture")?,
            welcome: Welcome {
                holds: cast.by("coordination")?,
                hands_over: cast.by("mediation")?,
                seller: "herault-en-ligne".to_owned(),
            },
            dock: Dock {
                fills: cast.by("magasin")?,
                hands_out: cast.by("recyclage")?,
            },
            places,
        })
    }
}

impl Place {
    /// An opening of a venue.
    pub(super) fn new(row: opening::Model, venue: venue::Model) -> Result<Self> {
        Ok(Self {
            rule: store::rule(&row)?,
            row,
            venue,
        })
    }
}
