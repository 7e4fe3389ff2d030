-- The sums of money that the revisions of articles say, each place; and the value of sums in attachments in đồng.
create table revision_sums (
    article_id integer not null, number integer not null, position integer not null, place text not null,
    offset integer not null, dong integer, value text, per text, said text not null, around text not null,
    primary key (article_id, number, position), foreign key (article_id, number) references revisions(article_id, number)
) without rowid;
create index revision_sums_dong on revision_sums(dong, article_id, number, position) where dong is not null;
alter table attachment_facts add column dong integer;
alter table attachment_facts add column per text;
alter table attachment_facts add column around text;
create index attachment_facts_dong on attachment_facts(dong, attachment_sha256, offset) where dong is not null;
create view sums as
    select article_id, number, null as attachment_sha256, place, offset, null as page, dong, value, per, said, around
    from revision_sums
    union all
    select null, null, attachment_sha256, 'attachment', offset, page, dong, value, per, said, around
    from attachment_facts where kind = 'sum';
