-- Hosts whose certificates a run did not verify (`tls.verify = false`), with the key that each showed.
create table unverified_hosts (
  crawl_id integer not null references crawls (id),
  host text not null,
  at text not null,
  pin text,
  problem text,
  primary key (crawl_id, host)
) strict;
