-- Where texts may name an address: the long words of every text with a slash, as numbers, each with its article. The
-- writer adds the words of the articles that wait in `_unsearched`. `_unerased` has a row while words of withheld rows
-- may still stand in old segments of the index.
create table _address_words (
    word integer not null, article_id integer not null, primary key (word, article_id)
) without rowid;
create table _unsearched (article_id integer primary key);
create table _unerased (id integer primary key);
create trigger _articles_new after insert on articles begin insert or ignore into _unsearched values (new.id); end;
create trigger _articles_changed after update of id, body_html on articles begin insert or ignore into _unsearched values (new.id); end;
create trigger _revisions_new after insert on revision_rows when new.body_html is not null begin insert or ignore into _unsearched values (new.article_id); end;
create trigger _revisions_changed after update of article_id, body_html on revision_rows when new.body_html is not null begin insert or ignore into _unsearched values (new.article_id); end;
insert into _unsearched select id from articles;
