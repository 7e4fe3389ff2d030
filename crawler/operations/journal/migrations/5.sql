-- The operator's subscriptions: what each asks, since when, and what kept its last message from being sent. The one
-- without a name is the file itself. Times are ISO 8601 in UTC with Z.
create table subscriptions (
    name text primary key, question text not null, since text not null, sent_at text, failed_since text, fault text
);
-- What each was sent: an event of an article, by kind, article and time.
create table subscription_items (
    subscription text not null, item text not null, sent_at text not null, primary key (subscription, item)
) without rowid
