-- What the archive is made of: its runs and acts in order, each with the ledger record before it (its parent).
-- With `…_above` the ids jump: all later ones are higher.
create table history (
  id integer primary key,
  record_id text not null unique,
  parent text,
  archive text not null,
  history text not null,
  records integer not null,
  last_record_id text not null,
  article_above integer,
  capture_above integer,
  crawl_above integer,
  serial_above integer,
  withholding_above integer
) strict;
create index history_jumps on history (id) where article_above is not null;
