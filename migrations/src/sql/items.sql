create table donor (
  id {uuid} not null primary key, -- [DonorId] identity
  kind text not null constraint donor_kind_known check (kind in ('individual', 'company', 'association', 'state', 'local_authority', 'public_body')), -- [DonorKind] legal kind
  name {bytes}, -- sealed name
  email {bytes}, -- sealed address of mail
  phone {bytes}, -- sealed telephone
  siret text, -- SIRET of a legal person
  created_at {time} not null, -- first gift
  erased_at {time} -- personal columns emptied
);

create table donation (
  id {uuid} not null primary key, -- [DonationId] identity, client-made or ours
  reference text not null, -- `D-2026-000123`
  site_id {uuid} not null references site (id), -- [SiteId] where it was given
  donor_id {uuid} references donor (id), -- [DonorId] who gave, none when anonymous
  entered_as text not null constraint donation_entered_as_known check (entered_as in ('product', 'waste')), -- [EnteredAs] product keeps réemploi, waste réutilisation
  legal_basis text, -- ground of a public donor's gift
  unit_value_cents bigint constraint donation_unit_value_positive check (unit_value_cents is null or unit_value_cents >= 0), -- value of one unit as the donor states it
  transfer_reference text, -- reference of the State's transfer
  public_donor boolean not null, -- State, local authority or public body
  consent_to_erasure boolean not null, -- the donor agrees that data are erased
  status text not null constraint donation_status_known check (status in ('open', 'closed')), -- [DonationStatus] where it stands
  received_by {uuid} not null references account (id), -- [AccountId] who took it
  received_at {time} not null, -- when it was given
  closed_at {time}, -- lines reconciled
  body_hash {bytes} not null, -- SHA-256 of the request that made it
  version bigint not null default 1, -- guards concurrent changes
  constraint donation_public_has_basis check (not public_donor or legal_basis is not null)
);
create unique index donation_reference_key on donation (reference, (1));
create index donation_by_site on donation (site_id, reference);

create table donation_accessory (
  donation_id {uuid} not null references donation (id), -- [DonationId] the gift
  kind text not null, -- charger, mouse, keyboard, bag, other
  count integer not null constraint donation_accessory_count_positive check (count > 0), -- how many
  primary key (donation_id, kind)
);

create table shipment (
  id {uuid} not null primary key, -- [ShipmentId] identity
  from_site_id {uuid} not null references site (id), -- [SiteId] leaves
  to_site_id {uuid} not null references site (id), -- [SiteId] goes to
  status text not null constraint shipment_status_known check (status in ('open', 'sealed', 'in_transit', 'received')), -- [ShipmentStatus] where it stands
  certified_destruction boolean not null default false, -- sealed, open media, to an operator flagged for it
  created_at {time} not null, -- when it was opened
  version bigint not null default 1 -- guards concurrent changes
);

create table device (
  id {uuid} not null primary key, -- [DeviceId] identity
  code text not null, -- the code its label carries now
  kind text not null constraint device_kind_known check (kind in ('laptop', 'desktop', 'all_in_one', 'tablet', 'smartphone', 'monitor', 'other')), -- [DeviceKind] what it is
  make text, -- manufacturer
  model text, -- model
  serial text, -- serial number as read, not unique
  asset_tag text, -- the donor's own tag
  condition text not null constraint device_condition_known check (condition in ('working', 'faulty', 'unknown')), -- [Condition] as said at the counter
  donation_id {uuid} not null references donation (id), -- [DonationId] the gift that gave ownership
  processor text, -- as a tool reported it
  memory_bytes bigint, -- as a tool reported it
  weight_grams bigint, -- as weighed
  stage text not null constraint device_stage_known check (stage in ('intake', 'sanitising', 'sanitised', 'refurbishing', 'ready', 'end_of_life')), -- [Stage] how far
  custody text not null constraint device_custody_known check (custody in ('site', 'shipment', 'household', 'missing', 'gone')), -- [CustodyKind] where
  site_id {uuid} references site (id), -- [SiteId] the site that has it, or had it last while missing
  shipment_id {uuid} references shipment (id), -- [ShipmentId] the shipment it travels in
  held_for {uuid}, -- [RequestId] for whom, kept while the household keeps it
  allocation_id {uuid}, -- [AllocationId] the allocation behind `held_for`
  handed_over_by {uuid}, -- [AllocationId] the handover that gave it to the household
  pack_id {uuid}, -- leased to a day pack
  frozen boolean not null default false, -- disputed: nothing moves until settled
  media_known boolean not null, -- its media were inventoried
  open_media integer not null constraint device_open_media_positive check (open_media >= 0), -- media whose data are not yet unrecoverable
  wipe_refused boolean not null default false, -- the household that gave it back does not agree to the wiping yet
  grade text constraint device_grade_known check (grade is null or grade in ('A', 'B', 'C', 'D')), -- [Grade] current grade
  locks_checked boolean not null, -- somebody looked for locks
  open_locks integer not null constraint device_open_locks_positive check (open_locks >= 0), -- locks not cleared
  stage_since {time} not null, -- when it came to its stage
  registered_at {time} not null, -- when it got its label
  version bigint not null constraint device_version_positive check (version > 0), -- number of its last event
  head text not null, -- hash of its last event
  constraint device_clean_when_sanitised check (stage not in ('sanitised', 'ready') or (media_known and open_media = 0)),
  constraint device_ready_is_graded check (stage <> 'ready' or (grade is not null and locks_checked and open_locks = 0)),
  constraint device_held_is_ready check (held_for is null or custody = 'household' or (stage = 'ready' and custody in ('site', 'shipment'))),
  constraint device_held_by_allocation check ((held_for is null) = (allocation_id is null)),
  constraint device_household_is_holder check (custody <> 'household' or held_for is not null),
  constraint device_household_by_handover check ((custody = 'household') = (handed_over_by is not null) and (handed_over_by is null or handed_over_by = allocation_id)),
  constraint device_gone_is_clean check (custody <> 'gone' or (stage = 'end_of_life' and media_known and open_media = 0)),
  constraint device_at_a_site check (custody <> 'site' or site_id is not null),
  constraint device_in_a_shipment check ((custody = 'shipment') = (shipment_id is not null))
  {late:device}
);
create unique index device_code_key on device (code, (1));
create unique index device_held_for_key on device (held_for, (1)) where held_for is not null;
create index device_by_stage on device (site_id, stage, stage_since, id);
create index device_by_donation on device (donation_id);
create index device_by_name on device (kind, upper(make), upper(model));
create index device_registered on device (registered_at, id);
create index device_free on device (kind, registered_at, id) where stage = 'ready' and held_for is null;

create table device_code (
  code text not null primary key, -- the 8 characters
  device_id {uuid} references device (id), -- [DeviceId] whose it is or was
  medium_id {uuid}, -- [MediumId] a medium out of a device
  state text not null constraint device_code_state_known check (state in ('blank', 'live', 'retired')), -- [CodeState] blank labels wait for their device
  printed_at {time} not null, -- when it was drawn
  constraint device_code_claimed check (state = 'blank' or device_id is not null or medium_id is not null)
);
create index device_code_by_device on device_code (device_id);

create table device_term (
  term text not null, -- upper case, without accents
  device_id {uuid} not null references device (id), -- [DeviceId] what it finds
  primary key (term, device_id)
);
create index device_term_by_device on device_term (device_id);

create table donation_line (
  id {uuid} not null primary key, -- [LineId] identity
  donation_id {uuid} not null references donation (id), -- [DonationId] the gift
  n integer not null, -- row of the announcement, from 1
  kind text not null, -- [DeviceKind] as announced
  make text, -- as announced
  model text, -- as announced
  serial text, -- as announced
  asset_tag text, -- as announced
  condition text not null, -- [Condition] as announced
  outcome text not null constraint donation_line_outcome_known check (outcome in ('announced', 'new', 'already_known', 'same_as', 'without_serial', 'absent', 'surplus')), -- [LineOutcome] how it was reconciled
  device_id {uuid} references device (id), -- [DeviceId] what really came
  constraint donation_line_device_key unique (donation_id, device_id),
  constraint donation_line_n_key unique (donation_id, n)
);

create table medium (
  id {uuid} not null primary key, -- [MediumId] identity
  code text, -- our code, once out of a device or without a readable serial
  device_id {uuid} references device (id), -- [DeviceId] the device it is in
  kind text not null constraint medium_kind_known check (kind in ('hdd', 'ssd', 'nvme', 'emmc', 'ufs', 'card', 'other')), -- [MediumKind] technology
  make text, -- manufacturer
  model text, -- model
  serial text, -- serial number as read
  capacity_bytes bigint, -- capacity
  open boolean not null, -- data may still be on it
  opened_because text not null constraint medium_opened_because_known check (opened_because in ('donated', 'returned', 'found', 'new_part', 'mistake')), -- [OpenedBecause] whose data
  closed_by {uuid}, -- [SanitisationId] the sanitisation that closed it
  destroyed_at {time}, -- destroyed
  custody text not null constraint medium_custody_known check (custody in ('device', 'site', 'shipment', 'missing', 'gone')), -- [MediumCustody] where it is
  site_id {uuid} references site (id), -- [SiteId] where it is when loose
  shipment_id {uuid} references shipment (id), -- [ShipmentId] what it travels in
  bound_for text constraint medium_bound_for_known check (bound_for is null or bound_for in ('stock', 'destruction')), -- [BoundFor] why it was taken out
  body_hash {bytes}, -- SHA-256 of the request that made it
  version bigint not null constraint medium_version_positive check (version > 0), -- number of its last event
  head text not null, -- hash of its last event
  constraint medium_in_a_device check ((custody = 'device') = (device_id is not null)),
  constraint medium_loose_has_code check (custody = 'device' or code is not null or opened_because = 'mistake'),
  constraint medium_gone_is_closed check (custody <> 'gone' or not open),
  constraint medium_destroyed_is_gone check (destroyed_at is null or (custody = 'gone' and not open))
);
create unique index medium_code_key on medium (code, (1)) where code is not null;
create index medium_by_device on medium (device_id);
create index medium_by_serial on medium (serial);

create table evidence (
  id {uuid} not null primary key, -- [EvidenceId] identity
  sha256 text not null references stored_file (sha256), -- the file as the tool wrote it
  kind text not null, -- `nwipe_log`, `ereuse_snapshot`, ...
  tool text, -- tool and version, as read
  device_id {uuid} references device (id), -- [DeviceId] what it speaks of, none while in the inbox
  site_id {uuid} references site (id), -- [SiteId] where it was handed in
  account_id {uuid} not null references account (id), -- [AccountId] who handed it in
  received_at {time} not null, -- when
  settled_at {time} -- left the inbox
);
create index evidence_by_device on evidence (device_id);
create index evidence_inbox on evidence (received_at) where device_id is null and settled_at is null;

create table sanitisation (
  id {uuid} not null primary key, -- [SanitisationId] identity
  medium_id {uuid} not null references medium (id), -- [MediumId] the medium
  device_id {uuid} references device (id), -- [DeviceId] the device it was in then
  evidence_id {uuid} references evidence (id), -- [EvidenceId] the tool's file; none when declared
  evidence_kind text not null constraint sanitisation_evidence_kind_known check (evidence_kind in ('tool', 'declared')), -- [EvidenceKind] what it rests on
  method text not null, -- overwrite, block_erase, crypto_erase, secure_erase, degauss, destruction
  level text not null constraint sanitisation_level_known check (level in ('clear', 'purge', 'destroy')), -- [Level] NIST SP 800-88
  tool text, -- tool and version
  verification text not null constraint sanitisation_verification_known check (verification in ('none', 'last_pass', 'all_passes', 'each_sector', 'sampling', 'drive_status', 'unknown')), -- [Verification] how it was verified
  result text not null constraint sanitisation_result_known check (result in ('success', 'failure', 'not_evidenced')), -- [SanitisationResult] outcome
  reasons text not null, -- JSON list of codes: why it was not accepted
  account_id {uuid} not null references account (id), -- [AccountId] who
  at {time} not null, -- when it was recorded
  body_hash {bytes}, -- SHA-256 of the request that made it
  constraint sanitisation_tool_has_file check ((evidence_kind = 'tool') = (evidence_id is not null))
);
create index sanitisation_by_medium on sanitisation (medium_id, at);

create table device_lock (
  id {uuid} not null primary key, -- [LockId] identity
  device_id {uuid} not null references device (id), -- [DeviceId] the device
  kind text not null constraint device_lock_kind_known check (kind in ('bios', 'disk_password', 'activation', 'mdm', 'autopilot')), -- [LockKind] what locks
  state text not null constraint device_lock_state_known check (state in ('open', 'cleared')), -- [LockState] still there?
  found_by {uuid} not null references account (id), -- [AccountId] finder
  asked text, -- who was asked to clear it: donor, maker, organisation
  since {time} not null, -- found
  cleared_at {time} -- gone
);
create index device_lock_by_device on device_lock (device_id);

create table device_test (
  device_id {uuid} not null references device (id), -- [DeviceId] the device
  test text not null, -- which function
  outcome text not null constraint device_test_outcome_known check (outcome in ('pass', 'fail', 'repaired', 'not_applicable')), -- [TestOutcome] result
  account_id {uuid} not null references account (id), -- [AccountId] who
  at {time} not null, -- when
  primary key (device_id, test)
);

create table grading (
  id {uuid} not null primary key, -- [GradingId] identity
  device_id {uuid} not null references device (id), -- [DeviceId] the device
  observations text not null, -- JSON: observation to value
  grade text not null, -- [Grade] result
  reasons text not null, -- JSON list of codes
  table_version text not null, -- which table
  account_id {uuid} not null references account (id), -- [AccountId] who
  at {time} not null, -- when
  body_hash {bytes} -- SHA-256 of the request that made it
);
create index grading_by_device on grading (device_id, at);

create table custody_event (
  seq {serial}, -- order of recording
  item_id {uuid} not null, -- the device or medium
  item_kind text not null constraint custody_event_item_kind_known check (item_kind in ('device', 'medium')), -- [ItemKind] which of the two
  n bigint not null, -- number within the item, from 1 without gaps
  event text not null, -- what happened
  version integer not null, -- version of the payload's form
  occurred_at {time} not null, -- when it is said to have happened
  recorded_at {time} not null, -- when it was written
  actor_account {uuid}, -- [AccountId] who, none for the clock and the household
  actor_role text not null, -- in what role
  actor_organisation {uuid}, -- [OrganisationId] for whom
  data text not null, -- JSON payload, no personal datum, no free text
  previous text not null, -- hash of the item's previous line, 64 zeros for the first
  hash text not null -- SHA-256 of the RFC 8785 JSON of the line
);
create {unique_on_postgres} index custody_event_n_key on custody_event (item_id, n);
create index custody_event_recorded on custody_event (recorded_at);

create table scan (
  scan_id {uuid} not null primary key, -- client-made id
  account_id {uuid} not null references account (id), -- [AccountId] who
  code text not null, -- as it was read
  action text, -- what was asked, none to show
  site_id {uuid} references site (id), -- [SiteId] where
  device_id {uuid} references device (id), -- [DeviceId] what was found
  body_hash {bytes} not null, -- SHA-256 of the request
  outcome text not null constraint scan_outcome_known check (outcome in ('recorded', 'shown', 'refused')), -- [ScanOutcome] fate
  answer text not null, -- JSON: event number, or the problem
  occurred_at {time} not null, -- claimed
  recorded_at {time} not null -- written
);
create index scan_by_account on scan (account_id, recorded_at);

create table breach_case (
  id {uuid} not null primary key, -- [BreachCaseId] identity
  item_id {uuid} not null, -- the device or medium
  reason text not null constraint breach_case_reason_known check (reason in ('missing', 'medium_found')), -- [BreachReason] what happened
  opened_at {time} not null, -- clock starts
  due_at {time} not null, -- 72 hours later (GDPR art. 33)
  closed_at {time}, -- settled
  outcome text constraint breach_case_outcome_known check (outcome in ('notified', 'no_risk')), -- [BreachOutcome] how
  closed_by {uuid} references account (id), -- [AccountId] by whom
  constraint breach_case_settled_whole check ((closed_at is null) = (outcome is null) and (closed_at is null) = (closed_by is null))
);
create index breach_case_open on breach_case (due_at) where closed_at is null;

create table lot (
  id {uuid} not null primary key, -- [LotId] identity
  reference text not null, -- `L-2026-000004`
  site_id {uuid} not null references site (id), -- [SiteId] where it stands
  category text not null constraint lot_category_known check (category in ('screens', 'large', 'small', 'small_it', 'batteries', 'media')), -- [WasteCategory] WEEE annex III, batteries and media apart
  status text not null constraint lot_status_known check (status in ('open', 'closed', 'collected', 'accepted', 'partly_refused', 'treated')), -- [LotStatus] where it stands
  weight_grams bigint constraint lot_weight_positive check (weight_grams is null or weight_grams > 0), -- weighed at closing
  carrier text, -- who carries
  operator text, -- who treats
  collection_reference text, -- note or BSD number
  created_by {uuid} not null references account (id), -- [AccountId] who opened it
  created_at {time} not null, -- opened
  closed_at {time}, -- weighed and sealed
  collected_at {time}, -- gone
  body_hash {bytes}, -- SHA-256 of the request that made it
  version bigint not null default 1, -- guards concurrent changes
  constraint lot_closed_is_weighed check (status = 'open' or (weight_grams is not null and closed_at is not null)),
  constraint lot_collected_has_papers check (status in ('open', 'closed') or (carrier is not null and operator is not null and collection_reference is not null and collected_at is not null))
);
create unique index lot_reference_key on lot (reference, (1));
create index lot_by_site on lot (site_id, status);

create table lot_item (
  id {uuid} not null primary key, -- [LotItemId] identity
  lot_id {uuid} not null references lot (id), -- [LotId] the lot
  item_id {uuid}, -- the device or medium, none for bulk
  item_kind text, -- [ItemKind] which of the two
  bulk_category text, -- what a bulk line is
  weight_grams bigint constraint lot_item_weight_positive check (weight_grams is null or weight_grams > 0), -- weight of a bulk line
  added_by {uuid} not null references account (id), -- [AccountId] who put it in
  added_at {time} not null, -- put in
  taken_out_at {time}, -- taken out again
  constraint lot_item_is_something check ((item_id is null) = (bulk_category is not null))
);
create unique index lot_item_one_live on lot_item (item_id, (taken_out_at is null)) where taken_out_at is null and item_id is not null;
create index lot_item_by_lot on lot_item (lot_id);
