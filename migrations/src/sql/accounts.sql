create table account_role (
  id {uuid} not null primary key, -- [AccountRoleId] identity
  account_id {uuid} not null references account (id), -- [AccountId] whose
  role text not null constraint account_role_role_known check (role in ('collection_agent', 'driver', 'storekeeper', 'refurbisher', 'workshop_lead', 'social_worker', 'mediator', 'recycler', 'coordinator', 'auditor', 'administrator')), -- [Role] what the person does
  organisation_id {uuid} not null references organisation (id), -- [OrganisationId] for whom
  site_id {uuid} references site (id), -- [SiteId] where the person usually works
  starts_on {date} not null, -- first day
  ends_on {date} constraint account_role_ends_after_it_starts check (ends_on >= starts_on), -- last day, none for no end
  ended_at {time}, -- ended before its last day
  created_at {time} not null -- when it was given
);
create unique index account_role_key on account_role (account_id, role, organisation_id, coalesce(site_id, account_id), starts_on) where ended_at is null;
create index account_role_by_account on account_role (account_id);
insert into account_role (id, account_id, role, organisation_id, site_id, starts_on, ends_on, ended_at, created_at)
  select id, id, role, organisation_id, site_id, {day:created_at}, null, null, created_at from account;

create table bench (
  id {uuid} not null primary key, -- [BenchId] identity
  secret_hash {bytes} not null, -- SHA-256 of the browser's secret
  site_id {uuid} not null references site (id), -- [SiteId] where it stands
  opened_by {uuid} not null references account_role (id), -- [AccountRoleId] who turned it on, in what role
  created_at {time} not null, -- when it was turned on
  expires_at {time} not null, -- the end of that day
  closed_at {time} -- turned off
);
create unique index bench_secret_key on bench (secret_hash, (1));

drop table session;
create table session (
  id {uuid} not null primary key, -- [SessionId] identity
  account_id {uuid} not null references account (id), -- [AccountId] whose
  assignment_id {uuid} not null references account_role (id), -- [AccountRoleId] the one role one acts in
  bench_id {uuid} references bench (id), -- [BenchId] at a shared bench: idle for minutes, not hours
  token_hash {bytes} not null, -- SHA-256 of the cookie's token
  site_id {uuid} references site (id), -- [SiteId] the site or bench one stands at
  created_at {time} not null, -- sign-in
  seen_at {time} not null, -- last use, to the minute
  expires_at {time} not null, -- end, unless it is used before
  ends_at {time} not null, -- end, whatever happens
  revoked_at {time} -- signed out or revoked
);
create unique index session_token_key on session (token_hash, (1));
create index session_by_account on session (account_id);

create table api_token_kept (
  id {uuid} not null primary key, -- [TokenId] identity
  account_id {uuid} not null references account (id), -- [AccountId] whose
  assignment_id {uuid} not null references account_role (id), -- [AccountRoleId] the role it acts in
  token_hash {bytes} not null, -- SHA-256 of the token
  label text not null, -- what it is for
  scope text not null, -- `all`, `read`, or codes of permissions apart by spaces
  created_by {uuid} not null references account (id), -- [AccountId] who made it
  created_at {time} not null, -- when it was made
  expires_at {time} not null, -- end
  used_at {time}, -- last use, to the hour
  revoked_at {time} -- no longer valid
);
insert into api_token_kept (id, account_id, assignment_id, token_hash, label, scope, created_by, created_at, expires_at, used_at, revoked_at)
  select id, account_id, account_id, token_hash, label, 'all', account_id, created_at, {in_a_year}, used_at, revoked_at from api_token;
drop table api_token;
alter table api_token_kept rename to api_token;
create unique index api_token_key on api_token (token_hash, (1));
create index api_token_by_account on api_token (account_id);

delete from witness_code;
alter table witness_code add column assignment_id {uuid} references account_role (id); -- [AccountRoleId] the role in which one witnesses

drop index account_by_organisation;
alter table account drop column role;
alter table account drop column site_id;
alter table account drop column organisation_id;
alter table account add column service boolean not null default false; -- a program's, not a person's: has no password
alter table account add column factor_secret {bytes}; -- sealed secret of the second factor
alter table account add column factor_since {time}; -- when it was confirmed; before, it is not asked for
alter table account add column factor_step bigint not null default 0; -- last step of time whose code was taken
alter table account add column last_assignment_id {uuid} references account_role (id); -- [AccountRoleId] the role acted in last
create index account_by_name on account (display_name, id);

create table account_link (
  id {uuid} not null primary key, -- [AccountLinkId] identity
  account_id {uuid} not null references account (id), -- [AccountId] whose
  kind text not null constraint account_link_kind_known check (kind in ('invitation', 'reset', 'address', 'second_step')), -- [LinkKind] what it opens
  secret_hash {bytes}, -- SHA-256 of the secret, drawn when the message is written
  address text, -- the new address of mail
  created_by {uuid} references account (id), -- [AccountId] who sent it, none when nobody signed in asked
  failures integer not null default 0, -- wrong tries
  created_at {time} not null, -- when it was asked for
  expires_at {time} not null, -- end
  used_at {time} -- it is spent
);
create unique index account_link_secret_key on account_link (secret_hash, (1));
create index account_link_by_account on account_link (account_id, created_at);

create table recovery_code (
  id {uuid} not null primary key, -- [RecoveryCodeId] identity
  account_id {uuid} not null references account (id), -- [AccountId] whose
  code_hash {bytes} not null, -- keyed hash of its letters
  used_at {time} -- it is spent
);
create unique index recovery_code_key on recovery_code (account_id, code_hash, (1));

create table badge (
  id {uuid} not null primary key, -- [BadgeId] identity
  account_id {uuid} not null references account (id), -- [AccountId] whose
  code_hash {bytes} not null, -- keyed hash of the printed code
  pin_hash text, -- argon2id of its six digits, once the owner has set them
  failures integer not null default 0, -- wrong digits since the last right ones
  locked_at {time}, -- too many wrong digits: the owner sets new ones
  issued_by {uuid} not null references account (id), -- [AccountId] who handed it out
  created_at {time} not null, -- when it was issued
  revoked_at {time} -- lost, or replaced
);
create unique index badge_code_key on badge (code_hash, (1));
create unique index badge_one_per_account on badge (account_id, (1)) where revoked_at is null;
