//! What a file may change by itself, and what it must ask.

use std::collections::BTreeSet;

use chrono::DateTime;
use entities::enums::{
    Condition, CustodyKind, DeviceKind, MediumCustody, MediumKind, OpenedBecause, Stage,
};
use entities::ids::{DeviceId, DonationId, MediumId};
use entities::{device, medium};
use uuid::Uuid;

use super::*;
use crate::workshop::evidence::read;

const SNAPSHOT: &str = include_str!("../../../tests/fixtures/evidence/ereuse-11-inventory.json");
const LOG: &str = include_str!("../../../tests/fixtures/evidence/nwipe-0.42-clear.txt");

fn laptop() -> device::Model {
    device::Model {
        id: DeviceId(Uuid::from_u128(1)),
        code: "7KD3BX0R".to_owned(),
        kind: DeviceKind::Laptop,
        make: None,
        model: None,
        serial: None,
        asset_tag: None,
        condition: Condition::Unknown,
        donation_id: DonationId(Uuid::from_u128(2)),
        processor: None,
        memory_bytes: None,
        weight_grams: None,
        stage: Stage::Intake,
        custody: CustodyKind::Site,
        site_id: None,
        shipment_id: None,
        held_for: None,
        allocation_id: None,
        handed_over_by: None,
        pack_id: None,
        frozen: false,
        media_known: false,
        open_media: 0,
        wipe_refused: false,
        grade: None,
        locks_checked: false,
        open_locks: 0,
        stage_since: DateTime::UNIX_EPOCH,
        registered_at: DateTime::UNIX_EPOCH,
        version: 1,
        head: String::new(),
    }
}

fn disk(serial: &str) -> medium::Model {
    medium::Model {
        id: MediumId(Uuid::from_u128(3)),
        code: None,
        device_id: Some(laptop().id),
        kind: MediumKind::Other,
        make: None,
        model: None,
        serial: Some(serial.to_owned()),
        capacity_bytes: None,
        open: true,
        opened_because: OpenedBecause::Donated,
        closed_by: None,
        destroyed_at: None,
        custody: MediumCustody::Device,
        site_id: None,
        shipment_id: None,
        bound_for: None,
        version: 1,
        head: String::new(),
        body_hash: None,
    }
}

fn proposed(file: &str, device: &device::Model, media: &[medium::Model], yes: &[&str]) -> Proposal {
    let reading = read(file.as_bytes()).unwrap();
    let yes: BTreeSet<String> = yes.iter().map(|code| (*code).to_owned()).collect();
    propose(&reading, device, media, &yes)
}

fn asked(proposal: &Proposal) -> Vec<&str> {
    proposal.questions.iter().map(|q| q.code.as_str()).collect()
}

#[test]
fn a_device_nobody_described_takes_everything_over() {
    let proposal = proposed(SNAPSHOT, &laptop(), &[], &[]);
    assert!(proposal.facts.contains(&Fact::Serial("CND4TEST12".into())));
    assert!(proposal.facts.contains(&Fact::Model("ProBook".into())));
    assert_eq!(proposal.inventory.add.len(), 1);
    assert!(proposal.inventory.complete);
    assert_eq!(asked(&proposal), ["look-here"]);
}

#[test]
fn what_was_known_is_never_replaced_without_an_answer() {
    let known = device::Model {
        make: Some("Dell".into()),
        serial: Some("CND4TEST12".into()),
        memory_bytes: Some(8 << 30),
        ..laptop()
    };
    let proposal = proposed(SNAPSHOT, &known, &[], &[]);
    assert!(asked(&proposal).contains(&"make") && asked(&proposal).contains(&"memory_bytes"));
    assert!(
        !proposal
            .facts
            .iter()
            .any(|f| matches!(f, Fact::Make(_) | Fact::Memory(_)))
    );
    let answered = proposed(SNAPSHOT, &known, &[], &["make", "memory_bytes"]);
    assert!(answered.facts.contains(&Fact::Memory(4 << 30)));
}

#[test]
fn another_computers_file_changes_nothing() {
    let other = device::Model {
        serial: Some("PF0OTHER1".into()),
        ..laptop()
    };
    let proposal = proposed(SNAPSHOT, &other, &[], &[]);
    assert_eq!(asked(&proposal), ["machine"]);
    assert!(proposal.facts.is_empty() && proposal.inventory == Inventory::default());
}

#[test]
fn a_log_of_a_wiping_bench_does_not_lend_its_name_nor_its_disks() {
    let proposal = proposed(LOG, &laptop(), &[], &[]);
    assert!(proposal.facts.is_empty());
    assert!(proposal.inventory.add.is_empty() && !proposal.inventory.complete);
    assert_eq!(asked(&proposal), ["inventory"]);
    let answered = proposed(LOG, &laptop(), &[], &["inventory"]);
    assert_eq!(answered.inventory.add.len(), 1);
    assert!(
        !answered.inventory.complete,
        "a log does not see every place"
    );
}

#[test]
fn an_inventory_is_not_done_while_a_disk_on_record_is_unseen() {
    let proposal = proposed(SNAPSHOT, &laptop(), &[disk("GONE123")], &[]);
    assert!(asked(&proposal).contains(&"medium-unseen"));
    assert!(!proposal.inventory.complete);
}

#[test]
fn a_disk_seen_after_the_inventory_is_for_a_person_to_report() {
    let known = device::Model {
        media_known: true,
        ..laptop()
    };
    let proposal = proposed(SNAPSHOT, &known, &[], &[]);
    assert!(asked(&proposal).contains(&"medium-unlisted"));
    assert!(proposal.inventory.add.is_empty());
}

#[test]
fn what_is_known_of_a_disk_grows() {
    let proposal = proposed(SNAPSHOT, &laptop(), &[disk("6rx7test")], &[]);
    assert!(proposal.inventory.add.is_empty() && proposal.inventory.complete);
    let learned = &proposal.inventory.learn[0];
    assert_eq!(learned.kind, Some(MediumKind::Hdd));
    assert_eq!(learned.capacity_bytes, Some(160_041_885_696));
}
