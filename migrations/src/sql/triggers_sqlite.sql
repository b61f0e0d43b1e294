create trigger custody_event_no_update before update on custody_event
begin select raise(abort, 'custody_event_append_only'); end;
create trigger custody_event_no_delete before delete on custody_event
begin select raise(abort, 'custody_event_append_only'); end;
create trigger custody_event_in_order before insert on custody_event
when new.n <> coalesce((select max(n) from custody_event where item_id = new.item_id), 0) + 1
  or new.previous <> coalesce((select hash from custody_event where item_id = new.item_id and n = new.n - 1), '0000000000000000000000000000000000000000000000000000000000000000')
  or exists (select 1 from custody_event where seq = new.seq)
begin select raise(abort, 'custody_event_in_order'); end;
