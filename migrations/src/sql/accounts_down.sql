drop table badge;
drop table recovery_code;
drop table account_link;
drop index account_by_name;
alter table account drop column last_assignment_id;
alter table account drop column factor_step;
alter table account drop column factor_since;
alter table account drop column factor_secret;
alter table account drop column service;
alter table account add column organisation_id {uuid} references organisation (id);
alter table account add column site_id {uuid} references site (id);
alter table account add column role text;
update account set
  organisation_id = (select r.organisation_id from account_role r where r.account_id = account.id order by r.created_at limit 1),
  site_id = (select r.site_id from account_role r where r.account_id = account.id order by r.created_at limit 1),
  role = (select r.role from account_role r where r.account_id = account.id order by r.created_at limit 1);
create index account_by_organisation on account (organisation_id);
alter table witness_code drop column assignment_id;
drop table session;
drop table bench;
create table session (
  id {uuid} not null primary key,
  account_id {uuid} not null references account (id),
  token_hash {bytes} not null,
  site_id {uuid} references site (id),
  created_at {time} not null,
  seen_at {time} not null,
  expires_at {time} not null,
  revoked_at {time}
);
create unique index session_token_key on session (token_hash, (1));
create index session_by_account on session (account_id);
drop index api_token_by_account;
drop index api_token_key;
create table api_token_kept (
  id {uuid} not null primary key,
  account_id {uuid} not null references account (id),
  token_hash {bytes} not null,
  label text not null,
  created_at {time} not null,
  used_at {time},
  revoked_at {time}
);
insert into api_token_kept (id, account_id, token_hash, label, created_at, used_at, revoked_at)
  select id, account_id, token_hash, label, created_at, used_at, revoked_at from api_token where scope = 'all';
drop table api_token;
alter table api_token_kept rename to api_token;
create unique index api_token_key on api_token (token_hash, (1));
create index api_token_by_account on api_token (account_id);
drop table account_role;
