//! The head that all pages of one device share.

use entities::device;
use entities::enums::Stage;

use crate::devices::{State, Status, words};
use crate::web::frame::Tone;

/// Which device a page is about, and where it stands.
#[derive(Debug)]
pub(super) struct Head {
    /// Code as in addresses.
    pub(super) code: String,
    /// Code as on the label.
    pub(super) grouped: String,
    /// Make and model.
    pub(super) name: String,
    /// Colour of its status.
    pub(super) tone: Tone,
    /// Word of its status.
    pub(super) status: String,
}

impl Head {
    pub(super) fn of(device: &device::Model) -> Self {
        let status = State::of(device).status();
        Self {
            code: device.code.clone(),
            grouped: words::grouped(&device.code),
            name: words::name(device),
            tone: tone(status),
            status: words::capital(words::status(status)),
        }
    }

    /// The device's own page.
    pub(super) fn back(&self) -> String {
        format!("/devices/{}", self.code)
    }

    /// A page below it.
    pub(super) fn below(&self, page: &str) -> String {
        format!("/devices/{}/{page}", self.code)
    }
}

const fn tone(status: Status) -> Tone {
    match status {
        Status::Intake | Status::Recycled => Tone::Plain,
        Status::Sanitising | Status::Refurbishing | Status::Allocated => Tone::Shown,
        Status::Sanitised | Status::Ready | Status::HandedOver => Tone::Done,
        Status::InTransit => Tone::Queued,
        Status::Missing => Tone::Refused,
        Status::EndOfLife => Tone::Already,
    }
}

/// Whether the bench can do anything about a device now, told before somebody fills a form in vain.
pub(super) fn standing(device: &device::Model) -> Option<String> {
    if device.held_for.is_some() {
        return Some("L’équipement est réservé : l’atelier n’y touche plus. Un support oublié se signale quand même.".to_owned());
    }
    (device.stage == Stage::EndOfLife).then(|| {
        "L’équipement est en fin de vie : ses supports restent à effacer ou à détruire.".to_owned()
    })
}
