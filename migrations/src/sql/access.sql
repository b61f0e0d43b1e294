create table organisation (
  id {uuid} not null primary key, -- [OrganisationId] identity
  slug text not null, -- short name used in the API
  name text not null, -- name shown to people
  kind text not null constraint organisation_kind_known check (kind in ('state', 'department', 'epci', 'commune', 'association', 'company', 'public_body')), -- [OrganisationKind] what it is
  siret text, -- SIRET, 14 digits, when known
  may_sell boolean not null default false, -- may sell devices given by public bodies to approved households (CG3P L3212-3)
  resale_status text, -- the ground of `may_sell`, in words
  may_issue_tax_receipts boolean not null default false, -- of general interest (CGI 200, 238 bis)
  certified_destruction boolean not null default false, -- operator flagged for certified destruction of media
  deciding_body text not null default 'public' constraint organisation_deciding_body_known check (deciding_body in ('public', 'private')), -- [DecidingBody] whether its refusals are administrative acts
  contact_email text, -- contact printed on its letters
  contact_phone text, -- contact printed on its letters
  postal_address text, -- address printed on its letters
  remedies text, -- remedies printed on its refusals
  vat_mention text, -- VAT mention of its receipts, empty by default
  data_protection_contact text, -- controller and DPO contact
  created_at {time} not null -- when it was created
);
create unique index organisation_slug_key on organisation (slug, (1));

create table site (
  id {uuid} not null primary key, -- [SiteId] identity
  organisation_id {uuid} not null references organisation (id), -- [OrganisationId] who runs it
  slug text not null, -- short name used in the API
  name text not null, -- name shown to people
  kind text not null constraint site_kind_known check (kind in ('collection_point', 'workshop', 'warehouse', 'vehicle', 'office')), -- [SiteKind] what is done there
  postal_address text, -- where it is
  commune text, -- INSEE code
  active boolean not null default true, -- still in use
  created_at {time} not null -- when it was created
);
create unique index site_slug_key on site (slug, (1));
create index site_by_organisation on site (organisation_id);

create table venue (
  id {uuid} not null primary key, -- [VenueId] identity
  organisation_id {uuid} not null references organisation (id), -- [OrganisationId] who receives there
  site_id {uuid} not null references site (id), -- [SiteId] the site it hands devices out from
  slug text not null, -- short name used in the API
  name text not null, -- name shown to people
  postal_address text not null, -- where people come
  commune text not null, -- INSEE code
  directions text, -- how to come: bus stop, entrance, lift
  transfer_lead_hours integer not null default 0 constraint venue_transfer_lead_positive check (transfer_lead_hours >= 0), -- hours a device needs to be there
  active boolean not null default true, -- still in use
  created_at {time} not null -- when it was created
);
create unique index venue_slug_key on venue (slug, (1));

create table account (
  id {uuid} not null primary key, -- [AccountId] identity
  organisation_id {uuid} not null references organisation (id), -- [OrganisationId] employer
  site_id {uuid} references site (id), -- [SiteId] where the person usually works
  email text not null, -- sign-in name, lower case
  display_name text not null, -- name shown to colleagues
  role text not null constraint account_role_known check (role in ('collection_agent', 'driver', 'storekeeper', 'refurbisher', 'workshop_lead', 'social_worker', 'mediator', 'recycler', 'coordinator', 'auditor', 'administrator')), -- [Role] what the person does
  password_hash text not null, -- argon2id, PHC string
  password_until {time}, -- the password was given by somebody else: until when it holds, if it is not changed before
  demo boolean not null default false, -- made by `rebond demo`: refused by `rebond serve`
  failures integer not null default 0, -- wrong passwords since the last right one
  locked_until {time}, -- no sign-in before
  disabled_at {time}, -- left
  created_at {time} not null, -- when it was created
  version bigint not null default 1 -- guards concurrent changes
);
create unique index account_email_key on account (email, (1));
create index account_by_organisation on account (organisation_id);

create table session (
  id {uuid} not null primary key, -- [SessionId] identity
  account_id {uuid} not null references account (id), -- [AccountId] whose
  token_hash {bytes} not null, -- SHA-256 of the cookie's token
  site_id {uuid} references site (id), -- [SiteId] the site or bench one stands at
  created_at {time} not null, -- sign-in
  seen_at {time} not null, -- last use, to the minute
  expires_at {time} not null, -- end
  revoked_at {time} -- signed out or revoked
);
create unique index session_token_key on session (token_hash, (1));
create index session_by_account on session (account_id);

create table api_token (
  id {uuid} not null primary key, -- [TokenId] identity
  account_id {uuid} not null references account (id), -- [AccountId] whose
  token_hash {bytes} not null, -- SHA-256 of the token
  label text not null, -- what it is for
  created_at {time} not null, -- when it was made
  used_at {time}, -- last use, to the hour
  revoked_at {time} -- no longer valid
);
create unique index api_token_key on api_token (token_hash, (1));
create index api_token_by_account on api_token (account_id);

create table witness_code (
  id {uuid} not null primary key, -- [WitnessCodeId] identity
  account_id {uuid} not null references account (id), -- [AccountId] who witnesses
  code_hash {bytes} not null, -- keyed hash of the eight letters
  created_at {time} not null, -- when it was made
  expires_at {time} not null, -- end
  used_at {time} -- it witnessed one act: it is spent
);
create unique index witness_code_key on witness_code (code_hash, (1));
create index witness_code_by_account on witness_code (account_id);

create table reference_counter (
  series text not null primary key, -- `D-2026`, `R-2026`, ...
  last bigint not null -- last number given
);

create table job (
  id {uuid} not null primary key, -- [JobId] identity
  kind text not null, -- which job
  payload text not null, -- JSON arguments, no personal datum
  run_at {time} not null, -- not before
  attempts integer not null default 0, -- tries so far
  claimed_until {time}, -- a worker has it until then
  last_error text, -- why the last try failed
  done_at {time}, -- finished
  gave_up_at {time}, -- will not be tried again
  created_at {time} not null -- when it was queued
);
create index job_due on job (run_at) where done_at is null and gave_up_at is null;
create index job_given_up on job (gave_up_at) where gave_up_at is not null;

create table message (
  id {uuid} not null primary key, -- [MessageId] identity
  kind text not null, -- which message
  channel text not null constraint message_channel_known check (channel in ('email', 'text', 'letter')), -- [Channel] how it goes
  recipient {bytes}, -- sealed address, forgotten once delivered or given up
  content {bytes}, -- sealed JSON: subject, text, attachments by name; forgotten once delivered or given up
  household_id {uuid}, -- [HouseholdId] the household it is for, so that its service can print a letter
  created_at {time} not null, -- when it was queued
  next_at {time} not null, -- not before
  attempts integer not null default 0, -- tries so far
  last_error text, -- why the last try failed, no address in it
  opened_at {time}, -- a letter: last looked at by its service
  delivered_at {time}, -- handed to the carrier, or printed
  gave_up_at {time}, -- will not be tried again
  constraint message_forgotten check ((delivered_at is null and gave_up_at is null) or (content is null and recipient is null))
);
create index message_due on message (next_at) where delivered_at is null and gave_up_at is null;
create index message_given_up on message (gave_up_at) where gave_up_at is not null;

create table stored_file (
  sha256 text not null primary key, -- name of the file: SHA-256 of its bytes, in hexadecimal
  size_bytes bigint not null, -- length
  media_type text not null, -- as sniffed by us, never as sent
  stored_at {time} not null -- first seen
);

create table verification (
  id {uuid} not null primary key, -- [VerificationId] identity
  at {time} not null, -- when it ended
  items bigint not null, -- devices and media whose journals were replayed
  lines bigint not null, -- journal lines read
  breaches integer not null, -- laws broken, 0 when all is well
  report text not null -- JSON: each check with what it found
);
create index verification_newest on verification (at);
