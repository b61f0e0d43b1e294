create function custody_event_refuse() returns trigger language plpgsql as $$
begin
  raise exception 'custody_event_append_only' using errcode = '23514', constraint = 'custody_event_append_only';
end $$;
create function custody_event_check_order() returns trigger language plpgsql as $$
begin
  if new.n <> coalesce((select max(n) from custody_event where item_id = new.item_id), 0) + 1
    or new.previous <> coalesce((select hash from custody_event where item_id = new.item_id and n = new.n - 1), repeat('0', 64))
  then
    raise exception 'custody_event_in_order' using errcode = '23514', constraint = 'custody_event_in_order';
  end if;
  return new;
end $$;
create trigger custody_event_append_only before update or delete on custody_event
  for each row execute function custody_event_refuse();
create trigger custody_event_no_truncate before truncate on custody_event
  for each statement execute function custody_event_refuse();
create trigger custody_event_in_order before insert on custody_event
  for each row execute function custody_event_check_order();
