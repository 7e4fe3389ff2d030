-- Indexes for lists by time of changes and removals, which are few among revisions and events, and for lists of the
-- articles that show a picture or a file.
create index revisions_changed on revisions(seen_at, article_id, number, classes) where number > 1;
create index article_events_kind on article_events(kind, at, id) where kind in ('removed', 'returned', 'unlisted');
create index articles_removed_at on articles(removed_at, id) where removed_at is not null;
create index articles_suspect on articles(last_seen_at, id) where state = 'suspect';
drop index revision_images_image;
create index revision_images_image on revision_images(image_sha256, article_id, number);
drop index revision_attachments_attachment;
create index revision_attachments_attachment on revision_attachments(attachment_sha256, article_id, number);
