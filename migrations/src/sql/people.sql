create table household (
  id {uuid} not null primary key, -- [HouseholdId] identity
  data_key {bytes}, -- the household's own key, sealed by the vault's; destroyed by erasure
  commune text not null, -- INSEE code
  language text not null, -- language of its letters and pages
  channel text not null constraint household_channel_known check (channel in ('email', 'text', 'letter')), -- [Channel] how it is written to
  phone {bytes}, -- sealed telephone
  email {bytes}, -- sealed address of mail
  postal_address {bytes}, -- sealed address
  created_at {time} not null, -- first request
  last_act_at {time} not null, -- retention counts from here
  erased_at {time}, -- personal columns emptied, key destroyed
  version bigint not null default 1, -- guards concurrent changes
  constraint household_erased_is_empty check (erased_at is null or (data_key is null and phone is null and email is null and postal_address is null))
);

create table person (
  id {uuid} not null primary key, -- [PersonId] identity
  household_id {uuid} not null references household (id), -- [HouseholdId] whose
  relation text not null constraint person_relation_known check (relation in ('applicant', 'partner', 'child', 'other')), -- [FamilyTie] to the applicant
  family_name {bytes}, -- sealed
  given_name {bytes}, -- sealed
  birth_date {bytes}, -- sealed
  blind_index {bytes} -- keyed hash of name and birth date: finds candidates, tells nothing
);
create index person_by_household on person (household_id);
create index person_by_blind_index on person (blind_index);

create table household_link (
  id {uuid} not null primary key, -- [HouseholdLinkId] identity
  household_id {uuid} not null references household (id), -- [HouseholdId] one file
  other_id {uuid} not null references household (id), -- [HouseholdId] another
  verdict text not null constraint household_link_verdict_known check (verdict in ('candidate', 'same', 'different')), -- [LinkVerdict] reviewed by a coordinator
  reviewed_by {uuid} references account (id), -- [AccountId] coordinator
  at {time} not null, -- found or reviewed
  constraint household_link_two check (household_id <> other_id)
);
create unique index household_link_key on household_link (household_id, other_id, (1));

create table household_access (
  id {uuid} not null primary key, -- [HouseholdAccessId] identity
  household_id {uuid} not null references household (id), -- [HouseholdId] whose pages it opens
  token_hash {bytes} not null, -- keyed hash of the link or letter code (80 bits)
  created_at {time} not null, -- made
  expires_at {time} not null, -- end
  failures integer not null default 0, -- wrong second factors since the household's last right one
  locked_until {time}, -- no try before
  revoked_at {time} -- replaced: from when it opens nothing
);
create unique index household_access_key on household_access (token_hash, (1));
create index household_access_by_household on household_access (household_id);

create table read_record (
  id {uuid} not null primary key, -- [ReadRecordId] identity
  household_id {uuid} not null references household (id), -- [HouseholdId] whose data were read
  account_id {uuid}, -- [AccountId] by whom, none for the household itself
  purpose text not null, -- serve, decide, duplicate, complaint, data_request, letter, hand_over, break_glass
  reason text, -- code given when breaking the glass
  at {time} not null -- when
);
create index read_record_by_household on read_record (household_id, at);

create table request (
  id {uuid} not null primary key, -- [RequestId] random (v4), shown nowhere: the journal's name for it
  client_id {uuid}, -- client-made id
  body_hash {bytes} not null, -- SHA-256 of the request that made it, keyed
  reference text not null, -- `R-2026-000045`
  household_id {uuid} not null references household (id), -- [HouseholdId] who needs, never changes
  filed_by {uuid} not null references account (id), -- [AccountId] who filed it
  organisation_id {uuid} not null references organisation (id), -- [OrganisationId] the service whose file it is
  kind text not null constraint request_kind_known check (kind in ('laptop', 'desktop', 'all_in_one', 'tablet', 'smartphone', 'monitor', 'other')), -- [DeviceKind] kind of device needed
  "use" text not null, -- [NeedUse] what for
  status text not null constraint request_status_known check (status in ('needs_review', 'waiting', 'not_eligible', 'withdrawn', 'served', 'closed')), -- [RequestStatus] held and booked are derived
  priority integer not null, -- weight by policy
  contribution_cents bigint not null constraint request_contribution_positive check (contribution_cents >= 0), -- as decided, before the cap of the device
  replaces {uuid} references request (id), -- [RequestId] an exchange
  companion_of {uuid} references request (id), -- [RequestId] the desktop this screen goes with
  no_shows integer not null default 0, -- missed pickups
  filed_at {time} not null, -- filed
  waits_since {time}, -- approved and waiting since
  served_at {time}, -- device handed over
  closed_at {time}, -- withdrawn, refused or closed
  version bigint not null default 1, -- guards concurrent changes
  constraint request_household_key unique (id, household_id)
);
create unique index request_client_id_key on request (client_id, (1)) where client_id is not null;
create unique index request_reference_key on request (reference, (1));
create index request_by_household on request (household_id);
create index request_queue on request (kind, priority, waits_since, id) where status = 'waiting';
create index request_review on request (filed_at) where status = 'needs_review';
create index request_by_filer on request (filed_by, filed_at);
create index request_by_organisation on request (organisation_id, filed_at);

create table need_evidence (
  id {uuid} not null primary key, -- [NeedEvidenceId] identity
  request_id {uuid} not null references request (id), -- [RequestId] the request
  kind text not null, -- low_income_status, quotient_familial, resources, schooling
  seen_on {date} not null, -- the proof was seen
  valid_until {date} not null, -- it holds until
  seen_by {uuid} not null references account (id) -- [AccountId] who saw it
);
create index need_evidence_by_request on need_evidence (request_id);

create table decision (
  id {uuid} not null primary key, -- [DecisionId] identity
  request_id {uuid} not null references request (id), -- [RequestId] the request
  n integer not null, -- first, second, ...
  outcome text not null constraint decision_outcome_known check (outcome in ('eligible', 'not_eligible', 'needs_review')), -- [Outcome] answer
  reasons {bytes}, -- sealed JSON: codes and sentences with the person's figures
  reason_codes text not null, -- JSON list of codes
  missing text not null, -- JSON list: proofs missing
  bands text not null, -- JSON: banded inputs, no exact figure
  policy_version text not null, -- which policy
  contribution_cents bigint, -- contribution
  proposed_by_policy boolean not null, -- the algorithm took part
  decided_by {uuid} references account (id), -- [AccountId] the named human; none when policy approves
  at {time} not null, -- when
  constraint decision_n_key unique (request_id, n),
  constraint decision_refusal_has_a_name check (outcome <> 'not_eligible' or decided_by is not null)
);

create table policy_text (
  version text not null primary key, -- version of the policy
  body text not null, -- the file as it was loaded
  loaded_at {time} not null -- first use
);

create table allocation_run (
  id {uuid} not null primary key, -- [RunId] identity
  by_account {uuid} not null references account (id), -- [AccountId] who
  at {time} not null, -- when
  applied boolean not null, -- previewed or applied
  policy_version text not null, -- which policy
  inputs text not null, -- JSON: frozen inputs, no personal datum
  result text not null -- JSON: pairs and unserved with reasons
);

create table allocation (
  id {uuid} not null primary key, -- [AllocationId] identity
  device_id {uuid} not null references device (id), -- [DeviceId] the device
  request_id {uuid} not null references request (id), -- [RequestId] the request
  run_id {uuid} references allocation_run (id), -- [RunId] the run that made it; none when a coordinator did
  allocated_by {uuid} not null references account (id), -- [AccountId] who
  reason text not null, -- code
  reasons text not null, -- JSON list: why this device
  at {time} not null, -- when
  ends_at {time} not null, -- the hold's end
  ended_at {time}, -- over
  end_reason text constraint allocation_end_reason_known check (end_reason is null or end_reason in ('no_show', 'cancelled', 'expired', 'wrong_device', 'missing', 'medium_found', 'withdrawn', 'returned', 'lost')), -- [ReleaseReason] why
  kept boolean, -- null on hold, true for good once handed over, false released
  constraint allocation_triple_key unique (id, device_id, request_id),
  constraint allocation_kept_key unique (id, device_id, request_id, kept),
  constraint allocation_ended_is_decided check (ended_at is null or kept is not null),
  constraint allocation_end_has_reason check ((ended_at is null) = (end_reason is null))
);
create unique index allocation_one_live_per_device on allocation (device_id, (ended_at is null)) where ended_at is null;
create unique index allocation_one_live_per_request on allocation (request_id, (ended_at is null)) where ended_at is null;
create index allocation_ending on allocation (ends_at) where ended_at is null and kept is null;

create table opening (
  id {uuid} not null primary key, -- [OpeningId] identity
  venue_id {uuid} not null references venue (id), -- [VenueId] where
  capacity integer not null constraint opening_capacity_positive check (capacity > 0), -- seats a slot
  format text not null constraint opening_format_known check (format in ('individual', 'group', 'drop_in')), -- [Format] kind of session
  pickup boolean not null, -- devices are handed out
  onboarding boolean not null, -- first use is accompanied
  weekdays text not null, -- days of the week, 1 is Monday: `2,4`
  local_start text not null, -- `09:00`, Europe/Paris
  local_end text not null, -- `12:00`, Europe/Paris
  slot_minutes integer not null constraint opening_slot_positive check (slot_minutes > 0), -- length of a slot
  on_holidays boolean not null default false, -- open on public holidays
  valid_from {date} not null, -- first day
  valid_until {date}, -- last day
  closed_days text not null default '[]', -- JSON list of dates without slots
  version bigint not null default 1, -- guards concurrent changes
  constraint opening_capacity_key unique (id, capacity),
  constraint opening_serves check (pickup or onboarding)
);
create index opening_by_venue on opening (venue_id);

create table appointment (
  id {uuid} not null primary key, -- [AppointmentId] identity
  client_id {uuid}, -- client-made id
  body_hash {bytes} not null, -- SHA-256 of the request that made it
  household_id {uuid} not null references household (id), -- [HouseholdId] who comes
  venue_id {uuid} not null references venue (id), -- [VenueId] where the device is picked up
  opening_id {uuid} not null references opening (id), -- [OpeningId] pickup slot's opening
  starts_at bigint not null, -- pickup slot, UTC epoch seconds
  ends_at bigint not null, -- pickup slot's end, UTC epoch seconds
  state text not null constraint appointment_state_known check (state in ('booked', 'attended', 'no_show', 'cancelled')), -- [AppointmentState] of the pickup
  booked_by {uuid} references account (id), -- [AccountId] who booked, none for the household itself
  pickup_code_hash {bytes}, -- keyed hash of the six digits
  pickup_code_failures integer not null default 0, -- misses since the last code
  pickup_code_misses integer not null default 0, -- misses in all, never reset
  pickup_code_renewals integer not null default 0, -- times five misses spent a code
  pickup_code_sent_at {time}, -- last code
  created_at {time} not null, -- booked
  ended_at {time}, -- attended, missed or cancelled
  version bigint not null default 1, -- guards concurrent changes
  constraint appointment_household_key unique (id, household_id)
);
create unique index appointment_client_id_key on appointment (client_id, (1)) where client_id is not null;
create index appointment_agenda on appointment (venue_id, starts_at);
create index appointment_by_household on appointment (household_id);

create table onboarding (
  id {uuid} not null primary key, -- [OnboardingId] identity
  household_id {uuid} not null references household (id), -- [HouseholdId] who learns
  venue_id {uuid} not null references venue (id), -- [VenueId] where
  opening_id {uuid} not null references opening (id), -- [OpeningId] slot's opening
  starts_at bigint not null, -- slot, UTC epoch seconds
  ends_at bigint not null, -- slot's end, UTC epoch seconds
  state text not null constraint onboarding_state_known check (state in ('booked', 'attended', 'no_show', 'cancelled')), -- [OnboardingState] where it stands
  topics text not null default '[]', -- JSON list: what was practised, by the Coop's words
  minutes integer, -- length, once held
  version bigint not null default 1, -- guards concurrent changes
  constraint onboarding_household_key unique (id, household_id)
);
create index onboarding_agenda on onboarding (venue_id, starts_at);
create index onboarding_by_household on onboarding (household_id);

create table appointment_request (
  appointment_id {uuid} not null, -- [AppointmentId] the appointment
  request_id {uuid} not null, -- [RequestId] a request it serves
  onboarding_id {uuid} not null, -- [OnboardingId] the household's own onboarding
  household_id {uuid} not null, -- [HouseholdId] the same for all three
  live boolean not null default true, -- false once the appointment is cancelled or missed
  primary key (appointment_id, request_id),
  foreign key (appointment_id, household_id) references appointment (id, household_id),
  foreign key (request_id, household_id) references request (id, household_id),
  foreign key (onboarding_id, household_id) references onboarding (id, household_id)
);
create unique index appointment_request_one_live on appointment_request (request_id, (live)) where live;

create table seat (
  opening_id {uuid} not null, -- [OpeningId] the opening
  starts_at bigint not null, -- slot, UTC epoch seconds
  n integer not null, -- seat, from 1
  capacity integer not null, -- seats of the slot
  appointment_id {uuid} not null references appointment (id), -- [AppointmentId] who has it
  primary key (opening_id, starts_at, n),
  constraint seat_one_each unique (opening_id, starts_at, appointment_id),
  constraint seat_within_capacity check (n between 1 and capacity),
  foreign key (opening_id, capacity) references opening (id, capacity) on update cascade
);
create index seat_by_appointment on seat (appointment_id);

create table claim (
  resource_id {uuid} not null, -- a person or a room
  quantum bigint not null, -- UTC epoch seconds / 300
  appointment_id {uuid} not null references appointment (id), -- [AppointmentId] who has it
  primary key (resource_id, quantum)
);
create index claim_by_appointment on claim (appointment_id);

create table handover (
  allocation_id {uuid} not null primary key, -- [AllocationId] the allocation kept
  device_id {uuid} not null, -- [DeviceId] the device
  request_id {uuid} not null, -- [RequestId] the request
  appointment_id {uuid} not null, -- [AppointmentId] the appointment
  kept boolean not null constraint handover_is_kept check (kept), -- always true: a key to `allocation.kept`
  contribution_cents bigint not null, -- what the household pays
  cap_cents bigint not null, -- cap of the kind
  public_donor boolean not null, -- given by a public body
  seller_may_sell boolean not null, -- the handing organisation may sell such devices
  means text constraint handover_means_known check (means is null or means in ('cash', 'card', 'cheque', 'transfer', 'waived')), -- [PaymentMeans] how it was paid
  payment_reference text, -- reference of the payment
  receipt_number text, -- number of the receipt when something was paid
  checklist text not null, -- JSON: what was handed with it
  mediator_id {uuid} not null references account (id), -- [AccountId] who handed over
  witness_id {uuid} references account (id), -- [AccountId] second person of an exception
  exception text constraint handover_exception_known check (exception is null or exception in ('lost_code')), -- why the code was not given
  organisation_id {uuid} not null references organisation (id), -- [OrganisationId] who hands over
  at {time} not null, -- when
  constraint handover_contribution_capped check (contribution_cents between 0 and cap_cents),
  constraint handover_lawful_sale check (not public_donor or contribution_cents = 0 or seller_may_sell),
  constraint handover_paid_by_some_means check (contribution_cents = 0 or means is not null),
  constraint handover_exception_has_witness check ((exception is null) = (witness_id is null)),
  constraint handover_witness_is_another check (witness_id is null or witness_id <> mediator_id),
  foreign key (allocation_id, device_id, request_id, kept) references allocation (id, device_id, request_id, kept),
  foreign key (appointment_id, request_id) references appointment_request (appointment_id, request_id)
);
create index handover_by_day on handover (at);
create index handover_by_request on handover (request_id);
