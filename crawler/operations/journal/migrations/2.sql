-- Until this version the scheduler read `ended_for` out of the sentences of `note`.
alter table runs add column ended_for text;
update runs set ended_for = 'stop' where note like '%ended with the scheduler%';
update runs set ended_for = 'watchdog' where note like '%ended by the watchdog%';
create table job_events (
    id integer primary key, at text not null, job text not null, event text not null, exit_code integer, message text
);
