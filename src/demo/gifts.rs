//! The story of giving: who gave what where over the past year, and the label each thing got.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use entities::device;
use entities::enums::{Condition, DeviceKind, DonationStatus, DonorKind, EnteredAs, LineOutcome};
use entities::ids::{AccountId, DonationId, DonorId, LineId};
use entities::{donation, donation_accessory, donation_line, donor};

use super::book::Book;
use super::catalogue::{
    ASSOCIATIONS, AUTHORITIES, COMPANIES, FAMILY_NAMES, GIVEN_NAMES, PRODUCTS, Product,
};
use super::dice::Dice;
use super::people::{Counter, Stage};
use crate::clock::id_at;
use crate::devices::record::Newborn;
use crate::error::Result;
use crate::french::local_date;
use crate::seal::KeyRing;

/// A device with what the story knows of it beside its row.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) device: device::Model,
    pub(super) product: Product,
    pub(super) public_donor: bool,
}

/// Gives this many devices between two moments.
pub(super) fn give(
    book: &mut Book,
    dice: &Dice,
    keys: &KeyRing,
    stage: &Stage,
    count: usize,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<Vec<Given>> {
    let sizes = sizes(dice, count);
    let mut given = Vec::with_capacity(count);
    let total = i64::try_from(sizes.len()).unwrap_or(1);
    for (n, (kind, size)) in (0_i64..).zip(sizes) {
        let hours = (until - from).num_hours() * (total - n) / total;
        let drift = TimeDelta::minutes(dice.between(0, 600).into());
        let moment = dice.at_work(until - TimeDelta::hours(hours) + drift);
        let moment = moment.min(until - TimeDelta::minutes(20 + (total - n) * 2));
        gift(
            book,
            dice,
            keys,
            stage,
            (kind, size),
            moment,
            now,
            &mut given,
        )?;
    }
    Ok(given)
}

/// Gifts by donor and size until there are enough devices.
fn sizes(dice: &Dice, count: usize) -> Vec<(DonorKind, usize)> {
    let mut list = Vec::new();
    let mut left = count;
    while left > 0 {
        let kind = dice.weighed(&[
            (58, DonorKind::Individual),
            (22, DonorKind::Company),
            (7, DonorKind::Association),
            (8, DonorKind::LocalAuthority),
            (2, DonorKind::PublicBody),
            (3, DonorKind::State),
        ]);
        let size = match kind {
            DonorKind::Individual => dice.between(1, 2),
            DonorKind::Company => dice.between(3, 26),
            DonorKind::Association => dice.between(2, 6),
            DonorKind::LocalAuthority | DonorKind::PublicBody => dice.between(6, 36),
            DonorKind::State => dice.between(10, 40),
        };
        let size = (size as usize).min(left);
        left -= size;
        list.push((kind, size));
    }
    list
}

#[expect(
    clippy::too_many_arguments,
    reason = "the story's own tools, and one gift"
)]
fn gift(
    book: &mut Book,
    dice: &Dice,
    keys: &KeyRing,
    stage: &Stage,
    (kind, size): (DonorKind, usize),
    moment: DateTime<Utc>,
    now: DateTime<Utc>,
    given: &mut Vec<Given>,
) -> Result<()> {
    let counter = match kind {
        DonorKind::Individual | DonorKind::Association => dice.pick(&stage.counters),
        DonorKind::Company
        | DonorKind::State
        | DonorKind::LocalAuthority
        | DonorKind::PublicBody => &stage.counters[2],
    };
    let public_donor = crate::intake::rules::is_public(kind);
    let donor = donor_of(book, dice, keys, kind, moment)?;
    let settled = now - moment > TimeDelta::days(3) || kind == DonorKind::Individual;
    let id = DonationId(id_at(moment));
    let row = donation::Model {
        id,
        reference: book.reference("D", local_date(moment).year()),
        site_id: counter.site,
        donor_id: donor,
        entered_as: if dice.happens(4) {
            EnteredAs::Waste
        } else {
            EnteredAs::Product
        },
        legal_basis: public_donor.then(|| {
            "Code général de la propriété des personnes publiques, article L3212-2".to_owned()
        }),
        unit_value_cents: public_donor.then(|| i64::from(dice.between(20, 180)) * 100),
        transfer_reference: (kind == DonorKind::State)
            .then(|| format!("CESSION-{}", dice.between(10_000, 99_999))),
        public_donor,
        consent_to_erasure: true,
        status: if settled {
            DonationStatus::Closed
        } else {
            DonationStatus::Open
        },
        received_by: counter.by.account.unwrap_or(AccountId(id.0)),
        received_at: moment,
        closed_at: settled.then_some(moment + TimeDelta::minutes(12)),
        body_hash: keys.keyed_hash("donation-body", id.0.as_bytes()).to_vec(),
        version: if settled { 2 } else { 1 },
    };
    book.donations.push(row);
    let model = dice.weighed(PRODUCTS);
    for n in 0..size {
        // A company gives a fleet of one model, with some others among them.
        let product = if size > 2 && dice.happens(70) {
            model
        } else {
            dice.weighed(PRODUCTS)
        };
        let at = moment + TimeDelta::milliseconds(i64::try_from(n).unwrap_or(0) * 40);
        let device = device(book, dice, counter, id, product, at)?;
        line(book, id, n, &device, at);
        given.push(Given {
            device,
            product,
            public_donor,
        });
    }
    if dice.happens(45) {
        book.accessories.push(donation_accessory::Model {
            donation_id: id,
            kind: "charger".to_owned(),
            count: i32::try_from(size).unwrap_or(1),
        });
    }
    Ok(())
}

fn donor_of(
    book: &mut Book,
    dice: &Dice,
    keys: &KeyRing,
    kind: DonorKind,
    at: DateTime<Utc>,
) -> Result<Option<DonorId>> {
    let name = match kind {
        DonorKind::Individual if dice.happens(35) => return Ok(None),
        DonorKind::Individual => {
            format!("{} {}", dice.pick(&GIVEN_NAMES), dice.pick(&FAMILY_NAMES))
        }
        DonorKind::Company => (*dice.pick(&COMPANIES)).to_owned(),
        DonorKind::Association => (*dice.pick(&ASSOCIATIONS)).to_owned(),
        DonorKind::LocalAuthority => (*dice.pick(&AUTHORITIES)).to_owned(),
        DonorKind::State => "Direction départementale des territoires et de la mer".to_owned(),
        DonorKind::PublicBody => "Lycée de la Tour d’Auvergne".to_owned(),
    };
    let id = DonorId(id_at(at));
    let email = format!("don.{}@exemple.example", dice.between(100, 9_999));
    book.donors.push(donor::Model {
        id,
        kind,
        name: Some(keys.seal("donor.name", id.0, name.as_bytes())?),
        email: Some(keys.seal("donor.email", id.0, email.as_bytes())?),
        phone: None,
        siret: None,
        created_at: at,
        erased_at: None,
    });
    Ok(Some(id))
}

/// A device gets its label at a counter.
pub(super) fn device(
    book: &mut Book,
    dice: &Dice,
    counter: &Counter,
    donation: DonationId,
    product: Product,
    at: DateTime<Utc>,
) -> Result<device::Model> {
    let newborn = Newborn {
        code: book.code(dice),
        kind: product.kind,
        make: Some(product.make.to_owned()),
        model: Some(product.model.to_owned()),
        serial: Some(serial(dice, product.serial)),
        asset_tag: dice
            .happens(20)
            .then(|| format!("INV-{:05}", dice.between(1, 99_999))),
        condition: dice.weighed(&[
            (60, Condition::Working),
            (24, Condition::Faulty),
            (16, Condition::Unknown),
        ]),
        donation,
        site: counter.site,
    };
    let (row, event) = newborn.born(at);
    book.register(row, &event, &counter.by, at)
}

/// The line of the gift that it is.
pub(super) fn line(
    book: &mut Book,
    donation: DonationId,
    n: usize,
    device: &device::Model,
    at: DateTime<Utc>,
) {
    book.lines.push(donation_line::Model {
        id: LineId(id_at(at)),
        donation_id: donation,
        n: i32::try_from(n + 1).unwrap_or(i32::MAX),
        kind: device.kind,
        make: device.make.clone(),
        model: device.model.clone(),
        serial: device.serial.clone(),
        asset_tag: device.asset_tag.clone(),
        condition: device.condition,
        outcome: LineOutcome::New,
        device_id: Some(device.id),
    });
}

/// A serial number as its maker writes them.
pub(super) fn serial(dice: &Dice, begins: &str) -> String {
    const LETTERS: &[u8] = b"0123456789ABCDEFGHJKLMNPRSTVWXYZ";
    let mut text = begins.to_owned();
    while text.len() < 10 {
        text.push(char::from(*dice.pick(LETTERS)));
    }
    text
}

/// Whether a kind is something one can wipe.
pub(super) const fn has_medium(kind: DeviceKind) -> bool {
    crate::devices::state::may_hold_data(kind)
}
