create view if not exists articles_text as
    select sort_key, title, summary, body, captions, byline, title as title_toned, summary as summary_toned,
    body as body_toned, captions as captions_toned, byline as byline_toned from articles;
create virtual table if not exists articles_fts using fts5(
    title, summary, body, captions, byline,
    title_toned, summary_toned, body_toned, captions_toned, byline_toned,
    content='articles_text', content_rowid='sort_key', tokenize='unicode61 remove_diacritics 0');
create table if not exists search_meta (key text primary key, value text not null);
